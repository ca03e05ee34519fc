"""The canonical records behind the log's leaves, rebuilt from rows; and headers as they are stored.

The same functions serve the writer and ``verify``: a leaf is what the rows say, nothing else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archive.evidence import READING, canonical
from archive.payloads import compress, expand

if TYPE_CHECKING:
    import sqlite3

    from archive.model import Portal

_COMMON = json.dumps(
    [
        ["Server", "nginx"], ["Date", "Mon, 01 Jan 2024 08:00:00 GMT"], ["Content-Type", "text/html; charset=utf-8"],
        ["Content-Type", "application/pdf"], ["Content-Length", "10240"], ["Connection", "keep-alive"],
        ["Last-Modified", "Mon, 01 Jan 2024 08:00:00 GMT"], ["Vary", "Accept-Encoding"], ["ETag", '"65a0-8000"'],
        ["Cache-Control", "max-age=600"], ["Content-Encoding", "gzip"], ["Accept-Ranges", "bytes"],
        ["Transfer-Encoding", "chunked"], ["Set-Cookie", "JSESSIONID=0; Path=/; HttpOnly"], ["X-Frame-Options", "SAMEORIGIN"],
    ],
    separators=(",", ":"),
).encode()  # fmt: skip
"""The prefix all stored headers are compressed against.  Never edit it: stored rows need it as it is."""


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def sha(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def headers_text(pairs: tuple[tuple[str, str], ...]) -> bytes:
    """Headers as stored, before compression: a JSON list of pairs in their order."""
    return _encode(list(map(list, pairs))).encode("utf-8", "surrogatepass")


def pack_headers(pairs: tuple[tuple[str, str], ...]) -> bytes:
    """Compress headers for a row."""
    return compress(headers_text(pairs), _COMMON)


def unpack_headers(data: bytes | None) -> list[list[str]]:
    """Undo :func:`pack_headers`."""
    if not data:
        return []
    found: list[list[str]] = json.loads(expand(data, _COMMON).decode("utf-8", "surrogatepass"))
    return found


def portal_entry(portal: Portal) -> str:
    """A register entry as JSON."""
    return json.dumps(asdict(portal), ensure_ascii=False, sort_keys=True)


def capture(sql: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record of a capture: everything its row says, by value and not by row number."""
    row = sql.execute(
        "SELECT capture.*, crawl.uid, resource.url, referrer.url AS referrer_url, headers.digest AS sent,"
        " payload.digest AS payload_digest FROM capture JOIN crawl ON crawl.id=capture.crawl"
        " JOIN resource ON resource.id=capture.resource LEFT JOIN resource referrer ON referrer.id=capture.referrer"
        " LEFT JOIN headers ON headers.id=capture.request_headers LEFT JOIN payload ON payload.id=capture.payload"
        " WHERE capture.id=?",
        (number,),
    ).fetchone()
    if row is None:
        raise LookupError(f"capture {number} is missing")
    plain = (
        "at",
        "method",
        "status",
        "outcome",
        "reason",
        "peer",
        "protocol",
        "elapsed",
        "error",
        "truncated",
        "certificate",
    )
    return {
        "type": "capture",
        "crawl": row["uid"],
        "url": row["url"],
        "referrer": row["referrer_url"],
        "request": row["sent"],
        "response": sha(row["response_headers"] or b""),
        "payload": row["payload_digest"],
        **{name: row[name] for name in plain},
    }


def revision(sql: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record of a revision with its parts."""
    row = sql.execute(
        "SELECT revision.*, crawl.uid, portal.name AS portal, report.key, resource.url, capture.at AS captured"
        " FROM revision JOIN crawl ON crawl.id=revision.crawl JOIN report ON report.id=revision.report"
        " JOIN portal ON portal.id=report.portal JOIN capture ON capture.id=revision.capture"
        " JOIN resource ON resource.id=capture.resource WHERE revision.id=?",
        (number,),
    ).fetchone()
    if row is None:
        raise LookupError(f"revision {number} is missing")
    parts = sql.execute(
        "SELECT position, role, url, name, media_type, digest FROM revision_part JOIN resource ON"
        " resource.id=revision_part.resource LEFT JOIN payload ON payload.id=revision_part.payload"
        " WHERE revision=? ORDER BY position",
        (number,),
    )
    return {
        "type": "revision",
        "portal": row["portal"],
        "report": row["key"],
        "n": row["home"],
        "crawl": row["uid"],
        "url": row["url"],
        "captured": row["captured"],
        "at": row["at"],
        "substance": row["substance"],
        "parts": [list(part) for part in parts],
    }


def figures(sql: sqlite3.Connection, reading: int) -> bytes:
    """The canonical bytes of a reading's observations and findings."""
    observations = sql.execute(
        "SELECT code, value, status, raw, unit, part, text FROM observation JOIN indicator ON"
        " indicator.id=observation.indicator JOIN place ON place.id=observation.place WHERE reading=? ORDER BY observation.id",
        (reading,),
    )
    findings = sql.execute(
        "SELECT rule, level, message, indicators FROM finding WHERE reading=? ORDER BY id", (reading,)
    )
    return canonical({"observations": list(map(list, observations)), "findings": list(map(list, findings))})


def reading(sql: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record of a reading: who read which revision when, and digests of the text and of the figures."""
    row = sql.execute(
        "SELECT reading.*, portal.name AS portal, report.key, revision.home, software.name, software.version,"
        " software.parameters FROM reading JOIN revision ON revision.id=reading.revision JOIN report ON"
        " report.id=revision.report JOIN portal ON portal.id=report.portal JOIN software ON"
        " software.id=reading.software WHERE reading.id=?",
        (number,),
    ).fetchone()
    if row is None:
        raise LookupError(f"reading {number} is missing")
    plain = ("title", "publisher", "division", "year", "kind", "form", "published", "written")
    return {
        "type": "reading",
        "portal": row["portal"],
        "report": row["key"],
        "n": row["home"],
        "software": [row["name"], row["version"], row["parameters"]],
        "at": row["at"],
        "digest": row["digest"],
        "figures": sha(figures(sql, number)),
        **{name: row[name] for name in plain},
    }


def change(sql: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record of a change as it was told: what a crawl saw happen to a report."""
    row = sql.execute(
        "SELECT change.*, crawl.uid, portal.name AS portal, report.key, resource.url, other.key AS other_key FROM change"
        " JOIN crawl ON crawl.id=change.crawl JOIN report ON report.id=change.report JOIN portal ON"
        " portal.id=report.portal JOIN resource ON resource.id=change.resource LEFT JOIN report other ON"
        " other.id=change.other WHERE change.id=?",
        (number,),
    ).fetchone()
    if row is None:
        raise LookupError(f"change {number} is missing")
    plain = ("event", "seen", "revision", "summary", "last_seen", "first_gone")
    return {
        "type": "change",
        "crawl": row["uid"],
        "portal": row["portal"],
        "report": row["key"],
        "url": row["url"],
        "other": row["other_key"],
        **{name: row[name] for name in plain},
    }


def shard(sql: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record of a shard that was merged: the head its own log had."""
    row = sql.execute("SELECT * FROM shard WHERE id=?", (number,)).fetchone()
    if row is None:
        raise LookupError(f"shard {number} is missing")
    return {"type": "shard", "size": row["size"], "root": row["root"]}


def compared(sql: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record of a comparison of two years: the leaves of the two readings and what the rules found."""
    row = sql.execute(
        "SELECT findings, this.leaf AS this, before.leaf AS before FROM compared JOIN log this ON this.kind=? AND"
        " this.row=compared.reading JOIN log before ON before.kind=? AND before.row=compared.earlier WHERE compared.id=?",
        (READING, READING, number),
    ).fetchone()
    if row is None:
        raise LookupError(f"comparison {number} is missing")
    return {"type": "compared", "reading": row["this"], "earlier": row["before"], "findings": row["findings"]}
