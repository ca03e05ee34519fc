"""Publisher × year: what is there, what is late, what is missing, and the crawls that say so.

The dates are those of the Regulation on Open Government Information: of 2008 (decree 492, article 31) 31 March
for every body; of 2019 (decree 711, articles 49 and 50) 31 January for departments, 31 March for governments.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

Row = dict[str, Any]


def deadline(publisher: str, year: int) -> date:
    """The last day on which the report of ``year`` may be published."""
    if year < 2019 or publisher.endswith(("人民政府", "政府办公室")):
        return date(year + 1, 3, 31)
    return date(year + 1, 1, 31)


def coverage(sql: sqlite3.Connection, today: date | None = None) -> list[Row]:
    """One row per publisher and year between the publisher's first report and the newest year due."""
    today = today or datetime.now(UTC).date()
    known: dict[str, dict[int, sqlite3.Row]] = {}
    rows = sql.execute(
        "SELECT report.*, revision.id AS rid, revision.crawl AS found_in FROM report JOIN revision ON"
        " revision.report=report.id AND revision.n=report.revisions WHERE publisher IS NOT NULL AND year IS NOT NULL"
        " ORDER BY CASE state WHEN 'present' THEN 1 ELSE 0 END, report.id"
    )
    for row in rows:
        known.setdefault(row["publisher"], {})[row["year"]] = row
    last = max((row["started"] for row in sql.execute("SELECT started FROM crawl")), default=None)
    asked = datetime.fromtimestamp(last / 1000, UTC).date() if last else today
    newest = asked.year - 1
    found = []
    for publisher, years in sorted(known.items()):
        last_year = max(*years, newest)
        found += [_cell(sql, publisher, year, years.get(year), asked) for year in range(min(years), last_year + 1)]
    return found


def _cell(sql: sqlite3.Connection, publisher: str, year: int, row: sqlite3.Row | None, asked: date) -> Row:
    due = deadline(publisher, year)
    if row is None:
        state = "missing" if asked > due else "not-due"
        crawls = [
            number
            for (number,) in sql.execute("SELECT id FROM crawl WHERE finished IS NOT NULL ORDER BY id DESC LIMIT 3")
        ]
        return _row(publisher, year, state, None, due, crawls)
    return _row(publisher, year, _state(sql, row, due), row, due, [row["found_in"], row["last_crawl"]])


def _state(sql: sqlite3.Connection, row: sqlite3.Row, due: date) -> str:
    if row["state"] in ("missing", "gone", "moved"):
        return "gone"
    if row["state"] == "unreachable":
        return "blocked"
    states = {state for (state,) in sql.execute("SELECT state FROM revision_part WHERE revision=?", (row["rid"],))}
    figures = sql.execute(
        "SELECT 1 FROM observation JOIN reading ON reading.id=observation.reading WHERE revision=? LIMIT 1",
        (row["rid"],),
    ).fetchone()
    if not figures and states - {"ok"}:
        return "unreadable"
    published = (row["published"] or "")[:10]
    return "late" if published and published > due.isoformat() else "on-time"


def _row(publisher: str, year: int, state: str, report: sqlite3.Row | None, due: date, crawls: list[int]) -> Row:
    return {
        "publisher": publisher,
        "year": year,
        "state": state,
        "report": report["id"] if report else None,
        "published": report["published"] if report else None,
        "due": due.isoformat(),
        "crawls": sorted(set(crawls)),
    }
