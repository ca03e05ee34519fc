"""``/capture/ID``: one answer with its evidence; ``/original/ID``: its bytes, sandboxed; ``/crawl/ID``: one crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive import evidence, leaves, proofs
from archive.leaves import unpack_headers
from archive.model import shown
from archive.query import requests
from archive.times import shown_time
from archive.web.asking import offset
from archive.web.exchange import Answer, NotHere, as_json
from archive.web.machines.memento import headers_of
from archive.web.render import page
from archive.web.sending import sent

if TYPE_CHECKING:
    import sqlite3

    from archive.web.exchange import Ask, Routes

PAGE = 200
"""Requests of a crawl on one page."""


def capture(ask: Ask) -> Answer:
    """What was asked and answered at one moment, and the proof that it is in the log."""
    row = _capture(ask.sql, int(ask.groups["id"]))
    _known(row["at"], ask)
    reports = ask.sql.execute(
        "SELECT DISTINCT revision.report, revision.n, report.title FROM revision_part JOIN revision ON"
        " revision.id=revision_part.revision JOIN report ON report.id=revision.report WHERE revision_part.resource=?"
        " AND revision_part.payload=? AND n IS NOT NULL ORDER BY 1, 2 LIMIT 20",
        (row["resource"], row["payload"]),
    ).fetchall()
    return page(
        ask,
        "capture.html",
        row=row,
        sent=unpack_headers(row["sent"]) if row["sent"] else [],
        received=unpack_headers(row["response_headers"]) if row["response_headers"] else [],
        digest=shown(row["digest"]) if row["digest"] else None,
        reports=[dict(item) for item in reports],
        proof=proofs.proof(ask.sql, row["id"]),
    )


def _capture(sql: sqlite3.Connection, number: int) -> sqlite3.Row:
    row: sqlite3.Row | None = sql.execute(
        "SELECT capture.*, resource.url, referrer.url AS referrer_url, payload.digest, payload.size, headers.data AS sent"
        " FROM capture JOIN resource ON resource.id=capture.resource LEFT JOIN resource referrer ON"
        " referrer.id=capture.referrer LEFT JOIN payload ON payload.id=capture.payload LEFT JOIN headers ON"
        " headers.id=capture.request_headers WHERE capture.id=?",
        (number,),
    ).fetchone()
    if row is None:
        raise NotHere(f"There is no capture {number}. · 没有第 {number} 号捕获。")
    return row


def _known(at: int, ask: Ask) -> None:
    if ask.at is not None and at > ask.at:
        raise NotHere(
            "That day came before it; leave the day out, or choose a later one. · 该日尚无此记录，请选择此后的日期。"
        )


def original(ask: Ask) -> Answer:
    """The bytes as they came, checked against their digest: pages in a sandbox, everything else to be saved."""
    row = _capture(ask.sql, int(ask.groups["id"]))
    if row["payload"] is None:
        raise NotHere(
            f"Capture {row['id']} brought no body ({row['outcome']} {row['reason'] or ''}). · 该次捕获没有正文。"
        )
    lasting = {"Cache-Control": "no-cache", "ETag": f'"{row["digest"].hex()}"'}
    return sent(ask.sql, row["id"], row["url"], row["payload"], lasting | headers_of(ask, row["url"], row["id"]))


def proof(ask: Ask) -> Answer:
    """The proof as ``nianlun log proof`` prints it; ``?head=`` is a root kept elsewhere."""
    return as_json(proofs.proof(ask.sql, int(ask.groups["id"]), ask.get("head") or None))


def record(ask: Ask) -> Answer:
    """The capture's record, byte for byte what the log's leaf is the hash of."""
    number = _capture(ask.sql, int(ask.groups["id"]))["id"]
    return Answer(evidence.canonical(leaves.capture(ask.sql, number)), "application/json; charset=utf-8")


def crawl(ask: Ask) -> Answer:
    """One crawl: its sums and every request with its outcome."""
    number = int(ask.groups["id"])
    row = ask.sql.execute(
        "SELECT crawl.*, portal.name AS portal_name, software.name AS tool, software.version FROM crawl JOIN portal ON"
        " portal.id=crawl.portal JOIN software ON software.id=crawl.software WHERE crawl.id=?",
        (number,),
    ).fetchone()
    if row is None:
        raise NotHere(f"There is no crawl {number}. · 没有第 {number} 次采集。")
    _known(row["started"], ask)
    asked = requests(ask.sql, number)
    outcome = ask.get("outcome")
    chosen = [item for item in asked if not outcome or item["outcome"] == outcome]
    first = offset(ask)
    counts: dict[str, int] = {}
    for item in asked:
        counts[item["outcome"] or "open"] = counts.get(item["outcome"] or "open", 0) + 1
    return page(
        ask, "crawl.html", row=row, started=shown_time(row["started"]), finished=shown_time(row["finished"]),
        counts=counts, digest=shown(row["settings_digest"]), rows=chosen[first : first + PAGE], total=len(chosen),
        offset=first, limit=PAGE,
    )  # fmt: skip


def machines(ask: Ask) -> Answer:
    """What programs can ask, in one page."""
    example: dict[str, Any] | None = None
    row = ask.sql.execute(
        "SELECT resource.url, report.id FROM report JOIN resource ON resource.id=report.resource ORDER BY report.id LIMIT 1"
    ).fetchone()
    if row is not None:
        example = dict(row)
    return page(ask, "machines.html", example=example)


ROUTES: Routes = (
    (r"/capture/(?P<id>\d{1,15})", capture),
    (r"/capture/(?P<id>\d{1,15})/proof\.json", proof),
    (r"/capture/(?P<id>\d{1,15})/record\.json", record),
    (r"/original/(?P<id>\d{1,15})", original),
    (r"/crawl/(?P<id>\d{1,15})", crawl),
    (r"/machines", machines),
)
