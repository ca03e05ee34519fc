"""What earlier crawls of a portal say of the next one: where its reports were listed, and what was asked for when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.urls import url_key

if TYPE_CHECKING:
    import sqlite3


_CRAWLS = 64
"""How many of a portal's last crawls are looked through; within that many every address has had its turn."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """The crawls of one portal so far."""

    turn: int
    """How many have finished."""
    columns: tuple[str, ...]
    """The listings that led to reports in the last crawl that looked for them from the home page."""
    asked: dict[str, int]
    """When each address last had a definite answer, or was found not worth asking for: milliseconds, by its key."""
    parts: dict[str, tuple[int | None, int]]
    """Of each address a report's part stands at: the report's year, and when it last changed, 0 for never."""


def rounds(sql: sqlite3.Connection, portal: int, *, finished: bool = True) -> Rounds:
    """Read them off the archive; with ``finished`` False columns of a crawl that was stopped count too."""
    turn = sql.execute("SELECT count(*) FROM crawl WHERE portal=? AND finished IS NOT NULL", (portal,)).fetchone()[0]
    asked = sql.execute(
        "SELECT key, started FROM (SELECT resource.key, started, request.outcome, request.reason, max(request.id) FROM request"
        " JOIN crawl ON crawl.id=request.crawl JOIN resource ON resource.id=request.resource WHERE crawl.id IN"
        " (SELECT id FROM crawl WHERE portal=? AND finished IS NOT NULL ORDER BY id DESC LIMIT ?)"
        " AND role IN ('page','attachment') GROUP BY resource.key)"
        " WHERE outcome IN ('fetched','revisit','redirected','gone') OR reason LIKE 'look-alike%' OR reason LIKE 'off-host%'",
        (portal, _CRAWLS),
    )
    parts = sql.execute(
        "SELECT resource.url, report.year, CASE WHEN report.revisions>1 THEN capture.at ELSE 0 END FROM report JOIN revision ON revision.report=report.id"
        " AND revision.n=report.revisions JOIN revision_part ON revision_part.revision=revision.id"
        " JOIN capture ON capture.id=revision_part.capture"
        " JOIN resource ON resource.id=CASE WHEN role='page' THEN report.resource ELSE revision_part.resource END"
        " WHERE report.portal=?",
        (portal,),
    )
    return Rounds(
        turn,
        tuple(_columns(sql, portal, finished=finished)),
        dict(asked.fetchall()),
        {url_key(url): (year, at) for url, year, at in parts},
    )


def _columns(sql: sqlite3.Connection, portal: int, *, finished: bool) -> list[str]:
    """The topmost listings on the ways that led to reports: what they link is found again from them.

    They are those of the last crawl that looked from the home page; which listings lead to reports is known from all.
    """
    crawl = sql.execute(
        "SELECT max(crawl.id) FROM crawl WHERE portal=? AND (finished IS NOT NULL OR NOT ?) AND EXISTS"
        " (SELECT 1 FROM request WHERE request.crawl=crawl.id AND role='home' AND outcome IN ('fetched','revisit'))",
        (portal, finished),
    ).fetchone()[0]
    if crawl is None:
        return []
    leading = {
        row[0]
        for row in sql.execute(
            "SELECT DISTINCT request.referrer FROM request JOIN report ON report.resource=request.resource"
            " WHERE request.crawl IN (SELECT id FROM crawl WHERE portal=? ORDER BY id DESC LIMIT ?) AND role='page'"
            " AND report.portal=?",
            (portal, _CRAWLS, portal),
        )
    }
    listings = sql.execute(
        "SELECT request.resource, request.referrer, method FROM request JOIN capture ON capture.id=request.capture"
        " WHERE request.crawl=? AND role='listing' AND request.outcome IN ('fetched','revisit')",
        (crawl,),
    ).fetchall()
    above = {row["resource"]: row["referrer"] for row in listings}
    plain = {row["resource"] for row in listings if row["method"] == "GET"}
    tops = dict.fromkeys(_topmost(at, above) for at in above if at in leading)
    return [
        str(sql.execute("SELECT url FROM resource WHERE id=?", (top,)).fetchone()[0]) for top in tops if top in plain
    ]


def _topmost(at: int, above: dict[int, int]) -> int:
    """Climb from a listing to the one that led to it, as long as that is a listing; a circle ends the way."""
    seen = {at}
    while (higher := above.get(at)) in above and higher not in seen:
        at = int(higher)
        seen.add(at)
    return at
