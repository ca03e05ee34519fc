"""Makes WARC files, sound and broken, of pages that are annual reports."""

from __future__ import annotations

import base64
import gzip
import hashlib
import uuid
from datetime import UTC, datetime, timedelta

HOST = "http://www.old.gov.cn"
DAY = datetime(2019, 3, 1, 8, 0, 0, tzinfo=UTC)


def when(days: float = 0) -> str:
    """A WARC-Date some days after the first."""
    return (DAY + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def name() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def sha1(data: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(data).digest()).decode()}"


def record(
    kind: str, block: bytes, *, url: str | None = f"{HOST}/", date: str | None = None, fields=(), **more
) -> bytes:
    """One record; ``more``: ``length`` states another Content-Length, ``id`` its identifier, ``version`` the first line."""
    head = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", more.get("id") or name()),
        ("WARC-Date", date or when()),
        ("WARC-Target-URI", url),
        *fields,
        ("Content-Length", str(more.get("length", len(block)))),
    ]
    lines = "".join(f"{key}: {value}\r\n" for key, value in head if value)
    return f"{more.get('version', 'WARC/1.0')}\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def http(body: bytes, status: int = 200, headers=(("Content-Type", "text/html; charset=utf-8"),)) -> bytes:
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers)
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


def response(
    url: str, body: bytes, *, date: str | None = None, status: int = 200, headers=None, fields=(), **more
) -> bytes:
    pairs = (("Content-Type", "text/html; charset=utf-8"),) if headers is None else headers
    block = http(body, status, pairs)
    sums = (("WARC-Block-Digest", sha1(block)), ("WARC-Payload-Digest", sha1(body)))
    return record("response", block, url=url, date=date, fields=(*sums, *fields), **more)


def request(url: str, *, date: str | None = None, to: str | None = None, headers=(("User-Agent", "old/1"),)) -> bytes:
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers)
    fields = (("WARC-Concurrent-To", to),) if to else ()
    return record("request", f"GET / HTTP/1.1\r\n{lines}\r\n".encode(), url=url, date=date, fields=fields)


def info(**fields: str) -> bytes:
    block = "".join(f"{key}: {value}\r\n" for key, value in {"software": "old/1", **fields}.items()).encode()
    return record("warcinfo", block, url=None)


def packed(*records: bytes) -> bytes:
    """Records as gzip members."""
    return b"".join(gzip.compress(item, mtime=0) for item in records)


def title(year: int) -> str:
    return f"某市商务局{year}年政府信息公开工作年度报告"


def page(year: int = 2018, seed: int = 1, extra: str = "") -> bytes:
    """A page that is a report."""
    law = "<p>根据《中华人民共和国政府信息公开条例》，现公布本机关政府信息公开工作年度报告，统计期限自1月1日至12月31日。</p>"
    return (
        f"<html><head><meta charset='utf-8'><title>{title(year)}</title></head><body><div class='TRS_Editor'>"
        f"<h1>{title(year)}</h1>{law * 4}<p>主动公开政府信息{100 + seed}条，收到申请{seed}件。</p>{extra}</div></body></html>"
    ).encode()


def other(text: str = "天气预报") -> bytes:
    """A page that is no report."""
    return f"<html><head><title>{text}</title></head><body><div class='TRS_Editor'>{f'<p>{text}。</p>' * 20}</div></body></html>".encode()
