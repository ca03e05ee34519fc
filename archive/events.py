"""What crawls told since a moment of the archive, once each: for reports that are sent, in the order it was written.

A :class:`Position` says up to where something was told.  It follows the order of writing and not of time, so that a crawl
that was resumed, or a shard that was merged, is told of when it comes in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.query import differences

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where an archive was told: the newest change, the newest seal, and how each open crawl stood."""

    change: int = 0
    seal: int = 0
    open: dict[int, str] = field(default_factory=dict)
    """The outcome of each crawl that can be resumed."""


def position(sql: sqlite3.Connection) -> Position:
    """The archive as it is now."""
    change = sql.execute("SELECT coalesce(max(id),0) FROM change").fetchone()[0]
    seal = sql.execute("SELECT coalesce(max(id),0) FROM seal").fetchone()[0]
    rows = sql.execute("SELECT id, outcome FROM crawl WHERE finished IS NULL AND outcome IS NOT NULL")
    return Position(change, seal, dict(rows.fetchall()))


def identity(sql: sqlite3.Connection) -> str:
    """What tells this archive from any other for as long as it grows: the uid of its first crawl; empty before that."""
    row = sql.execute("SELECT uid FROM crawl ORDER BY id LIMIT 1").fetchone()
    return str(row[0]) if row else ""


_OF_CRAWLS = "json_extract(crawl.settings, '$.import') IS NULL"
_STILL_TOLD = (
    "(NOT EXISTS (SELECT 1 FROM retold WHERE retold.report=change.report) OR EXISTS (SELECT 1 FROM retold WHERE"
    " retold.report=change.report AND retold.crawl=change.crawl AND retold.event=change.event))"
)
_MEANT = (
    " FROM change JOIN crawl ON crawl.id=change.crawl JOIN portal ON portal.id=crawl.portal"
    " JOIN report ON report.id=change.report JOIN resource ON resource.id=change.resource"
    f" WHERE change.event<>'cosmetic' AND {_OF_CRAWLS} AND {_STILL_TOLD}"
)
_CHANGES = (
    "SELECT change.id, change.crawl, crawl.uid, portal.name AS portal, change.report, resource.url, change.event,"
    " change.seen, change.revision, change.summary, change.last_seen, change.first_gone, change.other,"
    f" report.publisher, report.year, report.title{_MEANT}"
)


def changes_after(sql: sqlite3.Connection, after: int, upto: int) -> list[Row]:
    """What crawls told of reports between two positions, cosmetic changes and imports left out."""
    return _changes(sql, f"{_CHANGES} AND change.id>? AND change.id<=? ORDER BY change.id", (after, upto))


def changes_in(sql: sqlite3.Connection, crawls: Sequence[int]) -> list[Row]:
    """What these crawls told."""
    marks = ",".join("?" * len(crawls))
    return _changes(sql, f"{_CHANGES} AND change.crawl IN ({marks}) ORDER BY change.id", tuple(crawls))


def newest_changes(sql: sqlite3.Connection, upto: int, limit: int) -> list[Row]:
    """The last that was told up to a position, the newest first."""
    return _changes(sql, f"{_CHANGES} AND change.id<=? ORDER BY change.id DESC LIMIT ?", (upto, limit))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are meant; None means any.  Times are milliseconds since 1970 UTC, both ends count."""

    event: str | None = None
    portal: str | None = None
    publisher: str | None = None
    """The publisher's name, or a part of it."""
    year: int | None = None
    report: int | None = None
    since: int | None = None
    until: int | None = None

    def clause(self) -> tuple[str, list[Any]]:
        """A condition that goes on from :data:`_CHANGES`, and its values."""
        named = (
            ("change.event=?", self.event),
            ("portal.name=?", self.portal),
            ("instr(report.publisher, ?)>0", self.publisher),
            ("report.year=?", self.year),
            ("change.report=?", self.report),
            ("change.seen>=?", self.since),
            ("change.seen<=?", self.until),
        )
        given = [(text, value) for text, value in named if value is not None]
        return "".join(f" AND {text}" for text, _ in given), [value for _, value in given]


def wanted_changes(sql: sqlite3.Connection, wanted: Wanted, limit: int, before: int | None = None) -> list[Row]:
    """A page of the changes meant, what was written last first; ``before``: those written before the change of that id."""
    clause, values = wanted.clause()
    if before is not None:
        clause, values = f"{clause} AND change.id<?", [*values, before]
    return _changes(sql, f"{_CHANGES}{clause} ORDER BY change.id DESC LIMIT ?", (*values, limit))


def count_changes(sql: sqlite3.Connection, wanted: Wanted) -> dict[str, int]:
    """How many changes are meant, by event; an event that did not happen has no key."""
    clause, values = wanted.clause()
    rows = sql.execute(f"SELECT change.event, count(*){_MEANT}{clause} GROUP BY change.event", values)
    return {row[0]: row[1] for row in rows}


def _changes(sql: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> list[Row]:
    found = [dict(row) for row in sql.execute(query, values)]
    for row in found:
        changed = row["event"] == "changed"
        row["observations"] = differences(sql, row["report"], row["revision"] - 1, row["revision"]) if changed else []
    return found


_CRAWLS = (
    "SELECT crawl.id, crawl.uid, portal.name AS portal, started, finished, coalesce(outcome,'interrupted') AS outcome,"
    " coalesce(summary,'{}') AS summary FROM crawl JOIN portal ON portal.id=crawl.portal"
)


def crawls_after(sql: sqlite3.Connection, told: Position, now: Position) -> list[Row]:
    """The crawls that ended between two positions, or stand otherwise than they did, in the order in which they did."""
    sealed = sql.execute(
        f"{_CRAWLS} JOIN seal ON seal.crawl=crawl.id WHERE seal.id>? AND seal.id<=? AND {_OF_CRAWLS} ORDER BY seal.id",
        (told.seal, now.seal),
    )
    numbers = [number for number, outcome in now.open.items() if told.open.get(number) != outcome]
    marks = ",".join("?" * len(numbers))
    stopped = sql.execute(f"{_CRAWLS} WHERE crawl.id IN ({marks}) AND {_OF_CRAWLS} ORDER BY crawl.id", numbers)
    return [_crawl(sql, row) for row in (*sealed.fetchall(), *stopped.fetchall())]


def crawls_named(sql: sqlite3.Connection, crawls: Sequence[int]) -> list[Row]:
    """These crawls, in the order of their numbers."""
    marks = ",".join("?" * len(crawls))
    return [_crawl(sql, row) for row in sql.execute(f"{_CRAWLS} WHERE crawl.id IN ({marks}) ORDER BY crawl.id", crawls)]


def crawls_since(sql: sqlite3.Connection, since: int | None) -> list[int]:
    """The crawls that ended since a moment, milliseconds; without one, within a day before the last one that ended."""
    ended = "coalesce(finished, (SELECT max(at) FROM capture WHERE capture.crawl=crawl.id), started)"
    if since is None:
        last = sql.execute(f"SELECT max({ended}) FROM crawl WHERE {_OF_CRAWLS}").fetchone()[0]
        since = (last or 0) - 86_400_000
    return [number for (number,) in sql.execute(f"SELECT id FROM crawl WHERE {ended}>=? AND {_OF_CRAWLS}", (since,))]


def _crawl(sql: sqlite3.Connection, row: sqlite3.Row) -> Row:
    """A crawl with its summary, and the hosts that turned it away: ``host, kind, at`` (milliseconds, of the last time)."""
    blocked = sql.execute(
        "SELECT host, min(request.reason) AS kind, max(at) AS at FROM request LEFT JOIN capture ON"
        " capture.id=request.capture WHERE request.crawl=? AND request.outcome='blocked' GROUP BY host ORDER BY host",
        (row["id"],),
    )
    return {**dict(row), "summary": json.loads(row["summary"]), "blocked": [dict(host) for host in blocked]}
