"""Long answers in pages: which reports come next is asked first, then what is known of those, until a page is full.

Rows come in the order of the reports' numbers, which never change, so an archive that grows between two pages loses none.
A cursor is the place of the last row told; it is not for making up, but nothing breaks when somebody does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archive.web.exchange import BadQuestion

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from archive.query import Filters, Row

_BLOCK = 100
"""So many reports are looked up at once."""
_RARE = 5_000
"""Observations of indicators up to which it pays to ask for their reports first."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where rows were told: the number of what they are of, and how many of its rows."""

    number: int = 0
    told: int = 0

    def __str__(self) -> str:
        return f"{self.number}.{self.told}"


def read_cursor(text: str) -> Cursor:
    """A cursor as it was given out; raises :class:`BadQuestion`."""
    if not text:
        return Cursor()
    number, dot, told = text.partition(".")
    if not all(part.isascii() and part.isdecimal() and len(part) < 16 for part in (number, told)) or not dot:
        raise BadQuestion(f"cursor={text!r} is none that was given; follow `next`, or leave it out. · cursor 无效。")
    return Cursor(int(number), int(told))


def gather(
    numbers: Iterator[int], rows_of: Callable[[int], list[Row]], cursor: Cursor, limit: int
) -> tuple[list[Row], Cursor | None]:
    """Rows of these numbers beyond a cursor, at most ``limit``, and the cursor to go on with (None: that was all)."""
    found: list[Row] = []
    at = cursor
    for number in numbers:
        rows = rows_of(number)
        start = cursor.told if number == cursor.number else 0
        left = limit - len(found)
        found += rows[start : start + left]
        if len(rows) > start + left:
            return found, (Cursor(number, start + left) if left else at)
        at = Cursor(number, len(rows))
    return found, None


def reports(sql: sqlite3.Connection, filters: Filters, since: int, also: str = "1", values: tuple[Any, ...] = ()) -> Iterator[int]:  # fmt: skip
    """The numbers of the reports meant, from ``since`` on; ``also`` is a further condition (over ``reading`` and ``report``)."""
    clause, given = filters.clause()
    newest, when = "revision.n=report.revisions", []
    if filters.at is not None:
        newest, when = "revision.n=(SELECT max(n) FROM revision r WHERE r.report=report.id AND r.at<=?)", [filters.at]
    while True:
        rows = sql.execute(
            "SELECT report.id FROM report JOIN revision ON revision.report=report.id JOIN reading ON reading.id=revision.reading"
            f" JOIN portal ON portal.id=report.portal WHERE {newest} AND {clause} AND {also} AND report.id>=?"
            " ORDER BY report.id LIMIT ?",
            [*when, *given, *values, since, _BLOCK],
        ).fetchall()
        yield from (row[0] for row in rows)
        if len(rows) < _BLOCK:
            return
        since = rows[-1][0] + 1


def with_indicator(sql: sqlite3.Connection, indicator: str | None) -> tuple[str, tuple[Any, ...]] | None:
    """A condition for :func:`reports` that leaves out most that lack an indicator; None when nothing has it."""
    if not indicator:
        return "1", ()
    rows = sql.execute("SELECT id FROM indicator WHERE substr(code,1,?)=?", (len(indicator), indicator)).fetchall()
    codes = json.dumps([row[0] for row in rows])
    held = sql.execute(
        "SELECT reading FROM observation WHERE indicator IN (SELECT value FROM json_each(?)) LIMIT ?",
        (codes, _RARE + 1),
    ).fetchall()
    if not held:
        return None
    if len(held) > _RARE:
        return "1", ()
    readings = json.dumps(sorted({row[0] for row in held}))
    return (
        "report.id IN (SELECT r.report FROM json_each(?) JOIN reading x ON x.id=value JOIN revision r ON r.id=x.revision)",
        (readings,),
    )


def of_report(filters: Filters, report: int) -> Filters:
    """The same question about one report."""
    return replace(filters, report=report)


def crawls_telling(sql: sqlite3.Connection, since: int, *, seen: int | None, crawl: int | None) -> Iterator[int]:
    """The crawls from a number on that tell a change, since a moment and of one crawl where these are given."""
    while True:
        row = sql.execute(
            "SELECT id FROM crawl WHERE id>=:since AND (:crawl IS NULL OR id=:crawl) AND EXISTS (SELECT 1 FROM told WHERE"
            " told.crawl=crawl.id AND (:seen IS NULL OR seen>=:seen)) ORDER BY id LIMIT 1",
            {"since": since, "crawl": crawl, "seen": seen},
        ).fetchone()
        if row is None:
            return
        yield row[0]
        since = row[0] + 1
