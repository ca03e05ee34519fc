"""A crawl's sums, counted from the tables as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.expectations import expected
from archive.model import Summary
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


def summary(sql: sqlite3.Connection, crawl: int) -> Summary:
    """Return a crawl's sums, counted from the tables as they are now."""
    row = sql.execute(
        "SELECT crawl.*, portal.name FROM crawl JOIN portal ON portal.id=crawl.portal WHERE crawl.id=?", (crawl,)
    ).fetchone()
    outcomes: dict[str, int] = dict(
        sql.execute(
            "SELECT outcome, count(*) FROM request WHERE crawl=? AND outcome IS NOT NULL GROUP BY outcome", (crawl,)
        ).fetchall()
    )
    events: dict[str, int] = dict(
        sql.execute("SELECT event, count(*) FROM change WHERE crawl=? GROUP BY event", (crawl,)).fetchall()
    )
    seen = sql.execute(
        "SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM change WHERE change.report=report.id AND change.crawl=?"
        " AND event IN ('new','changed'))),0) FROM report WHERE last_crawl=?",
        (crawl, crawl),
    ).fetchone()
    captured = sql.execute(
        "SELECT count(*), coalesce(sum(CASE WHEN outcome<>'revisit' THEN size END),0) FROM capture LEFT JOIN payload ON"
        " payload.id=capture.payload WHERE crawl=?",
        (crawl,),
    ).fetchone()
    counts: Sequence[int] = (events.get("new", 0), events.get("changed", 0), seen[0] - seen[1])
    return Summary(
        id=crawl,
        portal=row["name"],
        started=shown_time(row["started"]) or "",
        finished=shown_time(row["finished"]),
        outcome=row["outcome"] or "interrupted",
        requests=sum(outcomes.values()),
        captures=captured[0],
        bytes=captured[1],
        new=counts[0],
        changed=counts[1],
        unchanged=counts[2],
        gone=events.get("missing", 0) + events.get("gone", 0),
        back=events.get("back", 0),
        blocked=outcomes.get("blocked", 0),
        refused=outcomes.get("refused", 0),
        failed=outcomes.get("failed", 0),
        expected=expected(sql, crawl),
        found=seen[0],
    )
