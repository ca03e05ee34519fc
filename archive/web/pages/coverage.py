"""``/coverage``: publisher × year as a heat map; ``/coverage/cell``: what one cell of it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.coverage import STATES, coverage, publishers
from archive.times import shown_time
from archive.web.asking import choices, offset, one_of
from archive.web.exchange import NotHere
from archive.web.render import page

if TYPE_CHECKING:
    from archive.web.exchange import Answer, Ask, Routes

PAGE = 60
"""Publishers on one page."""
SIGNS = {
    "on-time": "●", "late": "◐", "missing": "×", "gone": "†", "blocked": "?", "unreadable": "□", "not-due": "·",
}  # fmt: skip
"""A cell's sign, so that no state is told by colour alone."""


def heat(ask: Ask) -> Answer:
    """The heat map of the publishers meant, a page at a time."""
    first, state = offset(ask), one_of(ask, "state", STATES)
    portal, year = ask.get("portal") or None, ask.number("year")
    if state or portal or year:
        publisher = ask.get("publisher") or None
        rows = coverage(ask.sql, publisher=publisher, year=year, portal=portal, state=state, at=ask.at)
        names = sorted({row["publisher"] for row in rows})
        shown = set(names[first : first + PAGE])
        rows = [row for row in rows if row["publisher"] in shown]
    else:
        names = [name for name in publishers(ask.sql, ask.at) if ask.get("publisher") in name]
        rows = coverage(ask.sql, only=set(names[first : first + PAGE]), at=ask.at)
    years = sorted({row["year"] for row in rows})
    lines: dict[str, dict[int, dict[str, Any]]] = {}
    for row in rows:
        lines.setdefault(row["publisher"], {})[row["year"]] = row
    return page(
        ask,
        "coverage.html",
        lines=lines,
        shown_years=years,
        total=len(names),
        offset=first,
        limit=PAGE,
        signs=SIGNS,
        states=STATES,
        choices=choices(ask.sql),
    )


def cell(ask: Ask) -> Answer:
    """One cell: the report or its absence, when it was due, and the crawls that say so."""
    publisher, year = ask.get("publisher"), ask.number("year")
    rows = coverage(ask.sql, only={publisher}, year=year, at=ask.at) if publisher and year else []
    if not rows:
        raise NotHere(
            f"Nothing is expected of {publisher or '?'} for {year or '?'}; choose a cell of the coverage map. · 覆盖图中没有此项。"
        )
    crawls = [_crawl(ask, number) for number in rows[0]["crawls"]]
    return page(ask, "coverage_cell.html", row=rows[0], crawls=crawls, sign=SIGNS[rows[0]["state"]])


def _crawl(ask: Ask, number: int) -> dict[str, Any]:
    row = ask.sql.execute(
        "SELECT portal.name AS portal, started, finished, coalesce(outcome,'interrupted') AS outcome,"
        " (SELECT count(*) FROM request WHERE crawl=crawl.id) AS requests,"
        " (SELECT count(*) FROM request WHERE crawl=crawl.id AND outcome IN ('blocked','failed')) AS failed"
        " FROM crawl JOIN portal ON portal.id=crawl.portal WHERE crawl.id=?",
        (number,),
    ).fetchone()
    return {**dict(row), "id": number, "started": shown_time(row["started"]), "finished": shown_time(row["finished"])}


ROUTES: Routes = ((r"/coverage", heat), (r"/coverage/cell", cell))
