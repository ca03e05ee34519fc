"""An archive with everything an export meets: revisits, failures, redirects, hostile names, two crawls."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from archive.chronicle import RevisionPart
from archive.connection import open_reading
from archive.exporters.interface import Scope, export
from archive.model import Exchange, Observation, Software, Where
from archive.query import Filters
from archive.revisions import substance
from tests.archive.history_maker import fetch, judge, next_crawl, reading, revise

HOST = "http://www.test.gov.cn"
GZIPPED = f"{HOST}/gzipped.html"
BODY = "<html>年报正文 GB18030 与 UTF-8</html>".encode() * 20
EVIL_NAMES = [
    "../../etc/passwd",
    "/abs.pdf",
    "CON.txt",
    "a\x00b.pdf",
    "-rf.pdf",
    "报告\u202egnp.exe.pdf",
    "长" * 5000 + ".pdf",
    "x\r\nInjected: y.pdf",
    "%2e%2e%2f.pdf",
    "",
]
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "\r=1", "＝1+1"]
PEERS = Path(os.environ.get("NIANLUN_PEERS") or Path(sys.prefix) / "peers") / "bin"
"""Programs of others whose own requirements contradict ours lie in an environment of their own."""


def peer(name: str) -> str:
    """A program of the peers' environment; without it the test skips."""
    found = PEERS / name
    if not found.exists():
        pytest.skip(f"{name} is not installed in {PEERS.parent}")
    return str(found)


def answer(url: str, at: int, status: int | None = 200, body: bytes | None = BODY, headers=(), **more) -> Exchange:
    return Exchange(
        url=url, at=at, request_headers=(("User-Agent", "nianlun/test"),), status=status,
        response_headers=tuple(headers) if status else (), body=body, peer="203.0.113.7" if status else None,
        protocol="HTTP/1.1" if status else None, elapsed=12, referrer=f"{HOST}/", **more,
    )  # fmt: skip


def filled(store) -> Path:
    """Fill a store with two crawls and return the file."""
    first_crawl(store)
    next_crawl(store)
    second_crawl(store)
    next_crawl(store)
    store.commit()
    return Path(store.sql.execute("PRAGMA database_list").fetchone()[2])


def capture(store, exchange: Exchange, outcome="fetched", reason=None) -> int:
    return store.capture(store.crawl, store.portal, exchange, outcome, reason, "page").capture


def first_crawl(store) -> None:
    coded = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    capture(store, answer(GZIPPED, 1_700_000_000_000, headers=coded))
    long = (("Content-Type", "text/html"), ("Content-Length", "9"), ("X-Name", "caf\xe9"), ("X-Bad", "a\r\nEvil: 1"))
    capture(store, answer(f"{HOST}/twin.html", 1_700_000_001_500, headers=long))  # the same bytes elsewhere
    capture(store, answer(f"{HOST}/old", 1_700_000_002_000, 302, None, [("Location", GZIPPED)]), "redirected")
    capture(store, answer(f"{HOST}/none.html", 1_700_000_003_000, 404, b"<p>404</p>"), "gone", "404")
    trouble = "connection lost\r\nWARC-Type: warcinfo\r\n\r\n"
    capture(
        store, answer(f"{HOST}/down?q=年报 1", 1_700_000_004_000, None, None, error=trouble), "failed", "connection"
    )
    capture(
        store,
        answer(f"{HOST}/cut.pdf", 1_700_000_005_000, 200, b"%PDF-1.4 half", truncated=True),
        "failed",
        "too-large",
    )
    revise(store, 5, publisher="甲局", year=2022, url=f"{HOST}/a.html", key="a")
    revise(store, -3, publisher="乙局", year=2023, url=f"{HOST}/b.html", key="b", raw="-3")
    attached(store, f"{HOST}/c.html")


def second_crawl(store) -> None:
    capture(store, answer(GZIPPED, 1_700_100_000_000, 304, None, [("ETag", '"1"')]), "revisit")
    capture(store, answer(GZIPPED, 1_700_100_001_000, headers=[("Content-Type", "text/html")]))
    revise(store, 6, publisher="甲局", year=2022, url=f"{HOST}/a.html", key="a", text="一、总体情况。新的一句。\n=二")


def attached(store, url: str) -> None:
    """A report whose title, figures and attachments' names are what an attacker would choose."""
    page = fetch(store, b"<html>c</html>", url)
    read = replace(
        reading(7, publisher="=丙局", year=2021),
        title=FORMULAS[1],
        year=None,
        observations=tuple(
            Observation(f"local:{text}", None if i else -1.5, "ambiguous" if i else "ok", text, "件", Where(table=0))
            for i, text in enumerate(FORMULAS)
        ),
    )
    judged = judge(store, page, read, "c")
    software = store.software_id(Software("pdf", "1"))
    parts = list(judged.parts)
    for i, name in enumerate(EVIL_NAMES):
        file = fetch(store, b"%PDF-1.4 " + bytes([65 + i // 2]), f"{HOST}/files/{i}.pdf")
        parts.append(
            RevisionPart(
                "attachment",
                file.resource,
                file.url,
                name,
                "application/pdf",
                file.capture,
                file.payload,
                software,
                "ok",
            )
        )
    judged = replace(judged, parts=tuple(parts), substance=substance(read, read, []))
    store.chronicle.revise(store.crawl, store.portal, page, judged)


def made(file: Path, kind: str, destination: Path, **filters):
    """Export an archive's file and return what the exporter says."""
    scope = {name: filters.pop(name) for name in ("crawl", "revision", "bom", "observations") if name in filters}
    sql = open_reading(file)
    try:
        return export(kind, sql, destination, Scope(Filters(**filters), **scope))
    finally:
        sql.close()


def jsonl(text: str):
    return [json.loads(line) for line in text.splitlines()]
