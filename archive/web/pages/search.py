"""``/search``: the reports' texts, with filters, snippets, and counts by year and publisher."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive import hits
from archive.web.pages.listing import KINDS, STATES, choices, filters, offset, one_of
from archive.web.render import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.web.exchange import Answer, Ask, Routes

PAGE = 20
"""Hits on one page."""
MOST = 200
"""Hits that are counted by year and publisher; a broader question is told to be narrowed."""


def search(ask: Ask) -> Answer:
    """The page of a query; without one only the form."""
    query, first = ask.get("q"), min(offset(ask), MOST)
    wanted = replace(filters(ask), state=one_of(ask, "state", STATES))
    ranked = ask.get("sort") == "rank"
    answer = hits.found(ask.sql, query, wanted, MOST + 1, rank=ranked) if query else hits.Answer([], ranked=False)
    rows = answer.rows[:MOST]
    return page(
        ask,
        "search.html",
        query=query,
        rows=[{**row, "pieces": pieces(row["passage"], row["marks"])} for row in rows[first : first + PAGE]],
        total=len(rows),
        more=len(answer.rows) > MOST,
        most=MOST,
        offset=first,
        limit=PAGE,
        unranked=ranked and not answer.ranked,
        by_year=_counted(rows, "year"),
        by_publisher=_counted(rows, "publisher"),
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


def _counted(rows: Sequence[dict[str, Any]], name: str) -> list[tuple[Any, int]]:
    """How many hits of each year or publisher, the most first."""
    return Counter(row[name] for row in rows if row[name] is not None).most_common(12)


ROUTES: Routes = ((r"/search", search),)
