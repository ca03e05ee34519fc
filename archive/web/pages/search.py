"""``/search``: the reports' texts, with filters, snippets, and counts by year and publisher."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from archive import hits
from archive.query import STATES
from archive.web.asking import KINDS, choices, filters, offset, one_of
from archive.web.render import page

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from archive.web.exchange import Answer, Ask, Routes

PAGE = 20
"""Hits on one page."""
MOST = 5000
"""Hits that are paged through and counted; of a broader question the page says that there are more."""
NAMES = 12
"""Publishers whose hits are counted one by one."""


def search(ask: Ask) -> Answer:
    """The page of a query; without one only the form."""
    query = ask.get("q")
    wanted = replace(filters(ask), state=one_of(ask, "state", STATES))
    ranked = ask.get("sort") == "rank"
    matches = hits.matching(ask.sql, query, wanted, MOST + 1, rank=ranked) if query else None
    numbers = matches.numbers[:MOST] if matches else []
    first = min(offset(ask), max(len(numbers) - 1, 0) // PAGE * PAGE)
    rows = matches.rows(first, min(PAGE, len(numbers) - first)) if matches else []
    by_year, by_publisher = _counted(ask.sql, numbers)
    return page(
        ask,
        "search.html",
        query=query,
        rows=[{**row, "pieces": pieces(row["passage"], row["marks"])} for row in rows],
        total=len(numbers),
        more=matches is not None and len(matches.numbers) > MOST,
        most=f"{MOST:,}",
        offset=first,
        limit=PAGE,
        unranked=ranked and matches is not None and not matches.ranked,
        by_year=by_year,
        by_publisher=by_publisher[:NAMES],
        others=len(by_publisher) - NAMES,
        kinds=KINDS,
        states=STATES,
        choices=choices(ask.sql),
    )


def pieces(passage: str, marks: Sequence[Sequence[int]]) -> list[tuple[str, bool]]:
    """A passage cut where its marked words begin and end: each piece, and whether it is one of them."""
    found: list[tuple[str, bool]] = []
    last = 0
    for start, end in sorted((mark[0], mark[1]) for mark in marks):
        if start < last:
            continue
        found += [(passage[last:start], False), (passage[start:end], True)]
        last = end
    found.append((passage[last:], False))
    return [(text, marked) for text, marked in found if text]


def _counted(
    sql: sqlite3.Connection, numbers: Sequence[int]
) -> tuple[list[tuple[int | None, int]], list[tuple[str | None, int]]]:
    """How many hits each year has, the latest first, and each publisher, the most first; None: not known."""
    years: Counter[int | None] = Counter()
    names: Counter[str | None] = Counter()
    for year, name, count in hits.counted(sql, numbers):
        years[year] += count
        names[name] += count
    return sorted(years.items(), key=lambda item: -(item[0] or 0)), names.most_common()


ROUTES: Routes = ((r"/search", search),)
