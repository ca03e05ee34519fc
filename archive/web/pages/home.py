"""``/``: what is here, what changed lately, what is missing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from archive.coverage import STATES, coverage
from archive.events import Wanted, wanted_changes
from archive.portals import last_crawls
from archive.proofs import head
from archive.query import Filters, count_reports
from archive.times import EVER
from archive.web.render import page

if TYPE_CHECKING:
    import sqlite3

    from archive.web.exchange import Answer, Ask, Routes

LATELY = 12
"""Changes that are shown."""
YEARS = 3
"""The newest years of which is told what is missing."""


def home(ask: Ask) -> Answer:
    """The archive at a glance."""
    sql, at = ask.sql, ask.at
    years = _years(sql, at)
    return page(
        ask,
        "home.html",
        headers={"Link": '</api/openapi.json>; rel="service-desc", </sitemap.xml>; rel="sitemap"'},
        sums=_sums(sql, at),
        years=years,
        most=max((count for _, count in years), default=1),
        changes=wanted_changes(sql, Wanted(until=at), LATELY),
        covered=_covered(sql, [year for year, _ in years[:YEARS]], at),
        states=STATES,
        portals=[] if at is not None else _portals(sql),
        log=head(sql),
    )


def _sums(sql: sqlite3.Connection, at: int | None) -> dict[str, Any]:
    until = EVER if at is None else at
    publishers = sql.execute("SELECT count(DISTINCT publisher) FROM report WHERE first_seen<=?", (until,)).fetchone()[0]
    revisions, captures, crawls, portals, last = sql.execute(
        "SELECT (SELECT count(*) FROM revision WHERE n IS NOT NULL AND at<=:at),"
        " (SELECT count(*) FROM capture WHERE at<=:at), count(*), count(DISTINCT portal), max(started)"
        " FROM crawl WHERE started<=:at",
        {"at": until},
    ).fetchone()
    reports = count_reports(sql, Filters(at=at))
    return {
        "reports": reports, "publishers": publishers, "revisions": revisions, "captures": captures, "crawls": crawls,
        "portals": portals, "last": last,
    }  # fmt: skip


def _years(sql: sqlite3.Connection, at: int | None) -> list[tuple[int, int]]:
    """How many reports there are of each year, the newest year first."""
    rows = sql.execute(
        "SELECT year, count(*) FROM report WHERE year IS NOT NULL AND first_seen<=? GROUP BY year ORDER BY year DESC",
        (EVER if at is None else at,),
    )
    return [(row[0], row[1]) for row in rows]


def _covered(sql: sqlite3.Connection, years: list[int], at: int | None) -> list[dict[str, Any]]:
    """How many reports of each of the years are in each state."""
    counted = Counter((row["year"], row["state"]) for row in coverage(sql, year=years, at=at))
    return [{"year": year, "states": {state: counted[year, state] for state in STATES}} for year in years]


def _portals(sql: sqlite3.Connection) -> list[dict[str, Any]]:
    """Each portal with its last crawl and what is held of it."""
    held = dict(
        sql.execute("SELECT portal.name, count(*) FROM report JOIN portal ON portal.id=report.portal GROUP BY 1")
    )
    return [{"name": name, "held": held.get(name, 0), **row} for name, row in last_crawls(sql).items()]


ROUTES: Routes = ((r"/", home),)
