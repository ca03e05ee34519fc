"""The seal of a finished crawl: one log entry that stands for its times, outcome, sums, requests, expectations and sightings.

A request's row changes until the crawl has ended; from then on it never does, and the seal holds its digest.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from archive import evidence

if TYPE_CHECKING:
    import sqlite3

_REQUESTS = (
    "SELECT resource.url, host, role, priority, depth, referrer.url, origin.url, attempts,"
    " request.outcome, request.reason, request.status, capture.at FROM request JOIN resource ON"
    " resource.id=request.resource LEFT JOIN resource referrer ON referrer.id=request.referrer LEFT JOIN resource origin"
    " ON origin.id=request.origin LEFT JOIN capture ON capture.id=request.capture WHERE request.crawl=?"
    " ORDER BY request.key"
)
_EXPECTATIONS = "SELECT url, count, rule FROM expectation JOIN resource ON resource.id=expectation.resource WHERE crawl=? ORDER BY url"
_SIGHTINGS = (
    "SELECT portal.name, report.key, revision.home, made.uid, resource.url, capture.at FROM sighting JOIN capture ON"
    " capture.id=sighting.capture JOIN resource ON resource.id=capture.resource JOIN revision ON"
    " revision.id=sighting.revision JOIN crawl made ON made.id=revision.crawl JOIN report ON report.id=revision.report JOIN"
    " portal ON portal.id=report.portal WHERE sighting.crawl=? ORDER BY report.key, capture.at, revision.home"
)
_PARTS = (("requests", _REQUESTS), ("expectations", _EXPECTATIONS), ("sightings", _SIGHTINGS))


def seal(sql: sqlite3.Connection, log: evidence.Log, crawl: int) -> None:
    """Seal a finished crawl; inside the writer's transaction."""
    cursor = sql.execute(
        "INSERT INTO seal (crawl, requests, expectations, sightings) VALUES (?,?,?,?)", (crawl, *digests(sql, crawl))
    )
    number = int(cursor.lastrowid or 0)
    log.append(evidence.SEAL, number, record(sql, number))


def digests(sql: sqlite3.Connection, crawl: int) -> list[bytes]:
    """The SHA-256 digests of a crawl's requests, expectations and sightings, by value and not by row number."""
    return [_digest(sql, query, crawl) for _, query in _PARTS]


def _digest(sql: sqlite3.Connection, query: str, crawl: int) -> bytes:
    found = hashlib.sha256()
    for row in sql.execute(query, (crawl,)):
        found.update(json.dumps(tuple(row), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    return found.digest()


def record(sql: sqlite3.Connection, number: int) -> dict[str, Any]:
    """The record behind a seal's leaf."""
    row = sql.execute(
        "SELECT seal.*, crawl.*, portal.name AS portal_name, software.name, software.version, software.parameters FROM"
        " seal JOIN crawl ON crawl.id=seal.crawl JOIN portal ON portal.id=crawl.portal JOIN software ON"
        " software.id=crawl.software WHERE seal.id=?",
        (number,),
    ).fetchone()
    if row is None:
        raise LookupError(f"seal {number} is missing")
    sums = json.loads(row["summary"] or "{}")
    sums.pop("id", None)  # the row's number, another one after a merge
    plain = (
        "uid",
        "started",
        "finished",
        "outcome",
        "settings_digest",
        "operator",
        "requests",
        "expectations",
        "sightings",
    )
    return {
        "type": "crawl",
        "portal": row["portal_name"],
        "software": [row["name"], row["version"], row["parameters"]],
        "summary": sums,
        **{name: row[name] for name in plain},
    }


def troubles(sql: sqlite3.Connection) -> list[tuple[int, str]]:
    """The sealed crawls whose requests, expectations or sightings are not what they were, and finished ones without a seal."""
    found = []
    for crawl, *kept in sql.execute("SELECT crawl, requests, expectations, sightings FROM seal").fetchall():
        for (name, _), then, now in zip(_PARTS, kept, digests(sql, crawl), strict=True):
            if then != now:
                found.append((int(crawl), f"its {name} are not those it was sealed with"))
    rows = sql.execute("SELECT id FROM crawl WHERE finished IS NOT NULL AND id NOT IN (SELECT crawl FROM seal)")
    return found + [(int(number), "it is finished and has no seal") for (number,) in rows]
