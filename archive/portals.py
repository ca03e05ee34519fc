"""What the archive knows of each portal: its last crawl, and whether that found anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3

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
