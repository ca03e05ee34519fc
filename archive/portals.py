"""What the archive knows of each portal and host: its last crawl, what that found, what was asked of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.times import shown_time
from archive.urls import host_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

Row = dict[str, Any]
NEVER = "never"
"""The state of a portal no crawl was ever begun of."""
STATES = ("found", "crawled", "blocked", "unreachable", NEVER)
"""How a portal's last crawl went: ``found`` saw reports, if only until it was interrupted; ``crawled`` saw none."""


def last_crawls(sql: sqlite3.Connection) -> dict[str, Row]:
    """Each crawled portal's last crawl by the portal's name: ``state, crawl, started, outcome, found``.

    The last crawl is the one that began last; numbers say nothing about it where archives were merged.
    ``found`` counts reports, those the crawl's summary says, else those it was the last to see.
    """
    rows = sql.execute(
        "SELECT name, number, started, finished, outcome, summary,"
        " CASE WHEN finished IS NULL OR summary IS NULL"
        " THEN (SELECT count(*) FROM report WHERE last_crawl=number) END AS seen"
        " FROM (SELECT portal.name, crawl.id AS number, started, finished, outcome, summary,"
        " row_number() OVER (PARTITION BY portal ORDER BY started DESC, crawl.id DESC) AS place"
        " FROM crawl JOIN portal ON portal.id=crawl.portal) WHERE place=1 ORDER BY name"
    )
    return {row["name"]: _row(row) for row in rows}


def _row(row: sqlite3.Row) -> Row:
    kept = json.loads(row["summary"]) if row["summary"] and row["finished"] else {}
    found = kept.get("found", row["seen"])
    outcome = row["outcome"] or "interrupted"
    return {
        "state": outcome if outcome in STATES else "found" if found else "crawled",
        "crawl": row["number"],
        "started": shown_time(row["started"]),
        "outcome": outcome,
        "found": found,
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What crawls asked of one host."""

    host: str
    requests: int
    bytes: int
    """Of bodies as they were kept, their codings removed."""
    at: int
    """The last request, milliseconds."""
    first: int
    peer: str | None
    blocked: str | None
    """The kind of the last block, and when it came."""
    blocked_at: int | None


_ORIGIN = "substr(url, 1, 8 + instr(substr(url, 9) || '/', '/'))"
"""Scheme and host of an address, by which the database itself can add up."""


def asked_of_hosts(sql: sqlite3.Connection, crawls: Iterable[int], since: int = 0) -> list[Asked]:
    """What some crawls asked, all of them together, by host.

    Requests and bytes are counted from a moment on (milliseconds); blocks are told whenever they came.
    """
    wanted = json.dumps(list(crawls))
    source = "FROM capture JOIN resource ON resource.id=capture.resource"
    rows = sql.execute(
        f"SELECT {_ORIGIN} AS origin, sum(at>=?) AS n, sum(CASE WHEN at<? OR status=304 THEN 0 ELSE payload.size END) AS size,"
        f" max(at) AS last, min(at) AS first, max(peer) AS peer {source} LEFT JOIN payload ON payload.id=capture.payload"
        " WHERE crawl IN (SELECT value FROM json_each(?)) GROUP BY origin ORDER BY origin",
        (since, since, wanted),
    ).fetchall()
    blocks = sql.execute(
        f"SELECT {_ORIGIN} AS origin, reason, max(at) AS at {source} WHERE crawl IN (SELECT value FROM json_each(?))"
        " AND outcome='blocked' GROUP BY origin",
        (wanted,),
    )
    blocked = {host_of(row["origin"]): row for row in blocks}
    found: dict[str, Asked] = {}
    for row in rows:
        host = host_of(row["origin"])
        one = Asked(
            host, row["n"], row["size"] or 0, row["last"], row["first"], row["peer"], *_block(blocked.get(host))
        )
        found[host] = one if host not in found else _together(found[host], one)
    return list(found.values())


def _block(row: sqlite3.Row | None) -> tuple[str | None, int | None]:
    return (row["reason"], row["at"]) if row is not None else (None, None)


def _together(left: Asked, right: Asked) -> Asked:
    """One host under two schemes."""
    return Asked(
        left.host, left.requests + right.requests, left.bytes + right.bytes, max(left.at, right.at),
        min(left.first, right.first), left.peer or right.peer, left.blocked, left.blocked_at,
    )  # fmt: skip


def crawls_since(sql: sqlite3.Connection, at: int) -> list[int]:
    """The crawls begun after a moment (milliseconds), and those that were interrupted and may have gone on since."""
    rows = sql.execute("SELECT id FROM crawl WHERE started>=? OR finished>=? OR finished IS NULL ORDER BY id", (at, at))
    return [row[0] for row in rows]
