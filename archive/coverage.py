"""Publisher × year: what is there, what is late, what is missing, and the crawls that say so.

The dates are those of the Regulation on Open Government Information: of 2008 (decree 492, article 31) 31 March
for every body; of 2019 (decree 711, articles 49 and 50) 31 January for departments, 31 March for governments.

A report that is not there is ``missing`` only where somebody looked: a crawl of a portal of that publisher, begun after
the due date, that finished and was let read the portal's lists.  Where every crawl since then was turned away, by a
block, a dead host or robots.txt, the report is ``blocked``: whether it was published nobody could see.  Before anybody
looked it is ``not-due``.  Days are Beijing's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.query import state_then
from archive.times import EVER

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

Row = dict[str, Any]
STATES = ("on-time", "late", "missing", "gone", "blocked", "unreadable", "not-due")
EVIDENCE = 3
"""So many crawls, the newest, stand for what was not found."""
_BEIJING = timedelta(hours=8)


def deadline(publisher: str, year: int) -> date:
    """The last day on which the report of ``year`` may be published."""
    if year < 2019 or publisher.endswith(("人民政府", "政府办公室")):
        return date(year + 1, 3, 31)
    return date(year + 1, 1, 31)


@dataclass(frozen=True, slots=True)
class _Look:
    """One crawl of a portal, as it bears on what was not found."""

    crawl: int
    day: date
    saw: bool
    """Whether it finished and was let read the lists."""


@dataclass(slots=True)
class _Known:
    """What is known of one publisher."""

    years: dict[int, sqlite3.Row] = field(default_factory=dict)
    portals: dict[str, None] = field(default_factory=dict)
    """Where its reports were found, or where the register expects them; in that order."""
    since: int | None = None


def coverage(
    sql: sqlite3.Connection,
    today: date | None = None,
    *,
    publisher: str | None = None,
    year: int | Collection[int] | None = None,
    portal: str | None = None,
    state: str | None = None,
    only: Collection[str] | None = None,
    at: int | None = None,
) -> list[Row]:
    """One row per publisher and year between the first that is expected and the newest one due.

    The first year is that of the publisher's first report, or the register's ``since``; of a publisher no report is
    known of, and no ``since``, only the newest year due is expected.  ``publisher`` is a part of the name, ``only``
    are whole names; ``year`` is one or several.  ``at`` (milliseconds since 1970 UTC): as the archive knew it then.
    """
    wanted = {year} if isinstance(year, int) else year
    looks = _Looks(sql, at)
    found: list[Row] = []
    for name, known in sorted(_publishers(sql, at).items()):
        if (publisher is not None and publisher not in name) or (only is not None and name not in only):
            continue
        asked = looks.last(known.portals) or today or (datetime.now(UTC) + _BEIJING).date()
        years = [number for number in _years(name, known, asked) if wanted is None or number in wanted]
        found += [_cell(sql, looks, name, number, known) for number in years]
    return [row for row in found if portal in (None, row["portal"]) and state in (None, row["state"])]


def publishers(sql: sqlite3.Connection, at: int | None = None) -> list[str]:
    """The names that :func:`coverage` knows, in its order."""
    return sorted(_publishers(sql, at))


def _years(name: str, known: _Known, asked: date) -> range:
    """The years a publisher owes a report of, as of the last look."""
    newest = asked.year - 1
    if not known.years and deadline(name, newest) >= asked:
        newest -= 1
    first = min([*known.years, *([known.since] if known.since else [])], default=newest)
    return range(first, max([*known.years, newest], default=newest) + 1)


_REPORTS = (
    "SELECT report.id, report.state, report.last_crawl, report.publisher, report.year, report.published,"
    " revision.id AS rid, revision.crawl AS found_in, portal.name AS portal_name FROM report"
    " JOIN revision ON revision.report=report.id AND revision.n=report.revisions"
    " JOIN portal ON portal.id=report.portal WHERE report.publisher IS NOT NULL AND report.year IS NOT NULL"
    " AND report.kind='disclosure' ORDER BY CASE state WHEN 'present' THEN 1 ELSE 0 END, report.id"
)
_REPORTS_AT = (
    f"SELECT report.id, {state_then('report.id')} AS state, revision.crawl AS last_crawl, reading.publisher, reading.year,"
    " reading.published, revision.id AS rid, revision.crawl AS found_in, portal.name AS portal_name FROM report"
    " JOIN revision ON revision.report=report.id AND revision.n=(SELECT max(n) FROM revision r WHERE r.report=report.id AND"
    " r.at<=:at) JOIN reading ON reading.id=revision.reading JOIN portal ON portal.id=report.portal"
    " WHERE reading.publisher IS NOT NULL AND reading.year IS NOT NULL AND reading.kind='disclosure'"
    " ORDER BY CASE state WHEN 'present' THEN 1 ELSE 0 END, report.id"
)


def _publishers(sql: sqlite3.Connection, at: int | None) -> dict[str, _Known]:
    """Every publisher with its reports and portals, those the register expects included."""
    known: dict[str, _Known] = {}
    rows = sql.execute(_REPORTS) if at is None else sql.execute(_REPORTS_AT, {"at": at})
    for row in rows:
        one = known.setdefault(row["publisher"], _Known())
        one.years[row["year"]] = row
        one.portals[row["portal_name"]] = None
    for name, entry in sql.execute(
        "SELECT name, entry FROM portal WHERE id IN (SELECT portal FROM crawl"
        " WHERE json_extract(settings, '$.import') IS NULL AND started<=?) ORDER BY name",
        (EVER if at is None else at,),
    ):
        said = json.loads(entry)
        if said.get("publisher") and "disclosure" in said.get("kinds", ["disclosure"]):
            one = known.setdefault(_called(said["publisher"], name, known), _Known())
            one.portals[name] = None
            one.since = said.get("since") or one.since
    return known


def _called(expected: str, portal: str, known: dict[str, _Known]) -> str:
    """What the reports of a portal call the publisher the register expects: 自治区商务厅 is 宁夏回族自治区商务厅."""
    if expected in known:
        return expected
    names = [name for name, one in known.items() if portal in one.portals]
    return next((name for name in names if expected.endswith(name) or name.endswith(expected)), expected)


class _Looks:
    """The crawls of each portal, oldest first; asked for a portal, and whether one could see, when it matters."""

    def __init__(self, sql: sqlite3.Connection, at: int | None) -> None:
        self._sql = sql
        self._until = EVER if at is None else at
        self._crawls: dict[str, list[sqlite3.Row]] = {}
        self._known: dict[int, _Look] = {}
        self._last: dict[str, int] = dict(
            sql.execute(
                "SELECT portal.name, max(started) FROM crawl JOIN portal ON portal.id=crawl.portal"
                " WHERE json_extract(settings, '$.import') IS NULL AND started<=? GROUP BY portal.id",
                (self._until,),
            ).fetchall()
        )

    def last(self, portals: dict[str, None]) -> date | None:
        """The day on which one of these portals was last looked at."""
        return max((_day(self._last[name]) for name in portals if name in self._last), default=None)

    def after(self, portals: dict[str, None], day: date) -> list[_Look]:
        """The crawls of these portals that were begun after a day, oldest first."""
        rows = [row for name in portals for row in self._of(name) if _day(row["started"]) > day]
        return [self._look(row) for row in sorted(rows, key=lambda row: (row["started"], row["id"]))]

    def _of(self, portal: str) -> list[sqlite3.Row]:
        if portal not in self._crawls:
            self._crawls[portal] = self._sql.execute(
                "SELECT id, started, CASE WHEN finished<=:at THEN finished END AS finished,"
                " CASE WHEN finished<=:at THEN outcome ELSE 'interrupted' END AS outcome, summary"
                " FROM crawl WHERE portal=(SELECT id FROM portal WHERE name=:portal)"
                " AND json_extract(settings, '$.import') IS NULL AND started<=:at ORDER BY started, id",
                {"at": self._until, "portal": portal},
            ).fetchall()
        return self._crawls[portal]

    def _look(self, row: sqlite3.Row) -> _Look:
        if row["id"] not in self._known:
            self._known[row["id"]] = _Look(row["id"], _day(row["started"]), self._saw(row))
        return self._known[row["id"]]

    def _saw(self, row: sqlite3.Row) -> bool:
        """Whether a crawl read the lists: it finished, and lists answered.

        One that found nothing, or was blocked somewhere (by a host of attachments, say), must have been shut out of none.
        """
        if row["finished"] is None or row["outcome"] not in ("finished", "blocked"):
            return False
        read, shut = self._sql.execute(
            "SELECT coalesce(sum(outcome IN ('fetched','revisit')),0), coalesce(sum(role IN ('home','listing') AND"
            " (outcome IN ('blocked','failed') OR reason LIKE 'robots%' OR reason LIKE 'host-%')),0)"
            " FROM request WHERE crawl=? AND role IN ('home','listing','page')",
            (row["id"],),
        ).fetchone()
        found = row["outcome"] == "finished" and json.loads(row["summary"] or "{}").get("found")
        return bool(read and (found or not shut))


def _day(at: int) -> date:
    return (datetime.fromtimestamp(at / 1000, UTC) + _BEIJING).date()


def _cell(sql: sqlite3.Connection, looks: _Looks, publisher: str, year: int, known: _Known) -> Row:
    due = deadline(publisher, year)
    row = known.years.get(year)
    if row is not None:
        state, crawls = _state(sql, row, due), [row["found_in"], row["last_crawl"]]
        return _row(publisher, year, state, row, due, crawls, row["portal_name"])
    since = looks.after(known.portals, due)
    state, evidence = _absent(since)
    portal = next(iter(known.portals), None)
    return _row(publisher, year, state, None, due, [look.crawl for look in evidence[-EVIDENCE:]], portal)


def _absent(since: list[_Look]) -> tuple[str, list[_Look]]:
    """What the crawls since the due date say of a report that is not known, and those that say so."""
    saw = [look for look in since if look.saw]
    if saw:
        return "missing", saw
    return ("blocked", since) if since else ("not-due", [])


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


def _row(
    publisher: str, year: int, state: str, report: sqlite3.Row | None, due: date, crawls: list[int], portal: str | None
) -> Row:
    return {
        "publisher": publisher,
        "year": year,
        "state": state,
        "report": report["id"] if report else None,
        "published": report["published"] if report else None,
        "due": due.isoformat(),
        "crawls": sorted(set(crawls)),
        "portal": portal,
    }
