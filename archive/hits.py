"""The answer to a query: reports whose text matches, newest first or best first, each with a snippet.

A report matches when the query holds over all its paragraphs together, as they are in the revision that is listed (or
was, at the time asked for).  Newest first means by year reported on, then by revision, latest written first; the
years are gone through one by one until enough was found.

:func:`matching` finds which revisions match, and makes rows only of those that are shown; :func:`counted` counts them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archive import search, search_query
from archive.holding import Holding
from archive.query import state_at
from archive.ranking import bm25
from archive.snippets import snippet
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from archive.query import Filters, Row
    from archive.search_query import Node

RANKED = 5000
"""Entries of the index up to which answers are ranked: beyond, a word tells too little about a report to be worth it."""
_SCOPE = 3000
"""Reports up to which filters are resolved before the words are looked for."""
_LITTLE = 8
"""Revisions of a year so few that they are gone through rather than narrowed down further."""
_SMALL = 300
"""The same for the reports of all years that the filters let through."""
_BLOCKS = (24, 48, 96, 200)
"""Reports judged together: few at first, since most questions are answered by the first of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of the interface, and whether they are best first (else newest first)."""

    rows: list[Row]
    ranked: bool


@dataclass(frozen=True, slots=True)
class Matches:
    """The revisions that match a query, in the order in which they are listed."""

    numbers: list[int]
    ranked: bool
    """Whether the best stands first (else the newest)."""
    worth: dict[int, float]
    """The relevance of each, when ranked."""
    question: _Question

    def rows(self, first: int = 0, count: int | None = None) -> list[Row]:
        """``count`` of them (None: all) from the ``first`` on, from 0, as rows of the interface."""
        shown = self.numbers[first : None if count is None else first + count]
        rows = self.question.rows(shown)
        if not self.ranked:
            return rows
        return [{**row, "rank": self.worth[number]} for row, number in zip(rows, shown, strict=True)]


def found(sql: sqlite3.Connection, query: str, filters: Filters, limit: int, *, rank: bool = False) -> Answer:
    """Reports that match a query; raises :class:`archive.search_query.QueryError`.

    ``rank`` asks for the best first, as :func:`matching` does.
    In each row ``score`` is the number of paragraphs with a wanted word, ``rank`` (only when ranked) bm25's relevance,
    higher is better, ``passage`` the snippet as printed and ``marks`` where in it the words stand.
    """
    matches = matching(sql, query, filters, limit, rank=rank)
    return Answer(matches.rows(), matches.ranked)


def matching(sql: sqlite3.Connection, query: str, filters: Filters, limit: int, *, rank: bool = False) -> Matches:
    """Up to ``limit`` revisions that match a query, no row made yet; raises :class:`archive.search_query.QueryError`.

    ``rank`` asks for the best first: by bm25 of their best paragraph, over the wanted words that stand in at most
    :data:`RANKED` entries.  Where no such word is needed for a match, the answer is newest first, and says so.
    """
    if not sql.in_transaction:
        sql.execute("PRAGMA temp_store=MEMORY")  # an archive may lie where nothing can be written
        sql.execute("PRAGMA cache_size=-65536")
    question = _Question(sql, search_query.parse(query), filters)
    best = question.ranked(limit) if rank else None
    if best is None:
        return Matches(list(question.newest(limit)), ranked=False, worth={}, question=question)
    return Matches([number for number, _ in best], ranked=True, worth=dict(best), question=question)


def counted(sql: sqlite3.Connection, numbers: Sequence[int]) -> list[tuple[int | None, str | None, int]]:
    """How many of these revisions report on each year by each publisher; None: the reading does not know."""
    rows = sql.execute(
        "SELECT reading.year, reading.publisher, count(*) FROM json_each(?) CROSS JOIN revision ON revision.id=value"
        " CROSS JOIN reading ON reading.id=revision.reading GROUP BY reading.year, reading.publisher",
        (json.dumps(list(numbers)),),
    )
    return [(row[0], row[1], row[2]) for row in rows]


class _Question:
    """One query on its way through the archive."""

    def __init__(self, sql: sqlite3.Connection, node: Node, filters: Filters) -> None:
        self._sql = sql
        self._node = node
        self._filters = filters
        self._holding = Holding(sql)
        self._words = search_query.words(node)
        self._wanted = search_query.wanted(node)
        clause, values = replace(filters, state=None).clause() if filters.at else filters.clause()
        listed = "revision.n=report.revisions"
        if filters.at is not None:
            listed = "revision.n=(SELECT max(n) FROM revision r WHERE r.report=report.id AND r.at<=?)"
            values = [filters.at, *values]
        self._values = values
        self._listed = (
            " CROSS JOIN report ON report.id=revision.report CROSS JOIN reading ON reading.id=revision.reading"
            f" CROSS JOIN portal ON portal.id=report.portal WHERE {listed} AND {clause}"
        )
        self._scope = self._small_scope()
        self._many: list[str] = []  # words too common to look up in the year before: asked last in the next

    # ------------------------------------------------------------ newest first

    def newest(self, limit: int) -> Iterator[int]:
        """The revisions that match, newest first."""
        left = limit
        for year in self._years():
            for revision in self._of_year(year):
                if left <= 0:
                    return
                left -= 1
                yield revision

    def _years(self) -> Iterator[int]:
        """The years the index has, latest first; with a filter the one, and those of no known year."""
        row = self._sql.execute("SELECT max(year) FROM indexed").fetchone()
        while row[0] is not None:
            if self._filters.year in (None, row[0]) or row[0] == 0:
                yield row[0]
            row = self._sql.execute("SELECT max(year) FROM indexed WHERE year<?", (row[0],)).fetchone()

    def _of_year(self, year: int) -> Iterator[int]:
        held, bound = self._looked_up(year)
        for block in self._blocks(self._candidates(year, bound)):
            matching = self._matching(block, held)
            yield from (revision for revision in block if revision in matching)

    def _looked_up(self, year: int) -> tuple[dict[str, set[int]], set[int] | None]:
        """Which revisions of a year hold the rarer words, and a set in which all matches are (None: any may match).

        It stops as soon as there is little left to go through.
        """
        held: dict[str, set[int]] = {}
        asked: dict[str, set[int] | None] = {}
        bound = self._scope
        for word in sorted(self._wanted, key=self._many.count):
            if bound is not None and len(bound) <= (_SMALL if bound is self._scope else _LITTLE):
                break
            asked[word] = found = self._holding.in_year(word, year)
            if found is not None:
                held[word] = found
            elif word not in self._many:
                self._many.append(word)
            now = _bound(self._node, asked)
            if now is not None:
                bound = now if self._scope is None else now & self._scope
        return held, bound

    def _candidates(self, year: int, bound: set[int] | None) -> Iterator[int]:
        """The listed revisions of a year that the filters let through, the latest first; ``bound``: only of these."""
        if bound is not None and not bound:
            return
        within = "" if bound is None else " AND indexed.revision IN (SELECT value FROM json_each(?))"
        rows = self._sql.execute(
            "SELECT revision.id, report.id FROM indexed CROSS JOIN revision ON revision.id=indexed.revision"
            f"{self._listed} AND indexed.year=?{within} ORDER BY indexed.revision DESC",
            [*self._values, year, *([] if bound is None else [json.dumps(sorted(bound))])],
        )
        for revision, report in rows:
            if self._in_state(report):
                yield revision

    def _in_state(self, report: int) -> bool:
        at, state = self._filters.at, self._filters.state
        return at is None or state is None or state_at(self._sql, report, at) == state

    def _small_scope(self) -> set[int] | None:
        """The revisions the filters let through, when they are few."""
        chosen = (self._filters.publisher, self._filters.portal, self._filters.report, self._filters.state)
        if self._filters.at is not None or chosen == (None, None, None, None):
            return None
        parts, values = ["1"], []
        for clause, value in (
            ("instr(publisher, ?)>0", self._filters.publisher),
            ("portal=(SELECT id FROM portal WHERE name=?)", self._filters.portal),
            ("id=?", self._filters.report),
            ("state=?", self._filters.state),
        ):
            if value is not None:
                parts.append(clause)
                values.append(value)
        rows = self._sql.execute(
            "SELECT revision.id FROM (SELECT id, revisions FROM report"
            f" WHERE {' AND '.join(parts)} LIMIT ?) kept JOIN revision ON revision.report=kept.id AND n=kept.revisions",
            [*values, _SCOPE + 1],
        ).fetchall()
        return {row[0] for row in rows} if len(rows) <= _SCOPE else None

    @staticmethod
    def _blocks(revisions: Iterable[int]) -> Iterator[list[int]]:
        block: list[int] = []
        made = 0
        for revision in revisions:
            block.append(revision)
            if len(block) >= _BLOCKS[min(made, len(_BLOCKS) - 1)]:
                yield block
                block, made = [], made + 1
        if block:
            yield block

    def _matching(self, block: Sequence[int], held: dict[str, set[int]]) -> set[int]:
        """The revisions of a block that match, when it is known which revisions hold some of the words."""
        known = dict(held)
        matching = {revision for revision in block if self._holds(revision, known)}
        open_ = [revision for revision in block if self._holds(revision, known) is None]
        for word in self._words:
            if not open_:
                break
            if word in known:
                continue
            known[word] = self._holding.among(word, block if 2 * len(open_) > len(block) else open_)
            matching.update(revision for revision in open_ if self._holds(revision, known))
            open_ = [revision for revision in open_ if self._holds(revision, known) is None]
        return matching

    def _holds(self, revision: int, known: dict[str, set[int]]) -> bool | None:
        return search_query.holds(self._node, lambda word: revision in known[word] if word in known else None)

    # ------------------------------------------------------------ best first

    def ranked(self, limit: int) -> list[tuple[int, float]] | None:
        """The revisions that match with their relevance, the best first; None when there is too much to rank."""
        rare = self._rare()
        if rare is None:
            return None
        entries = {number for numbers in rare.values() for number in numbers}
        known: dict[str, set[int]] = {}
        listed: dict[int, list[int]] | None = None
        if not isinstance(self._node, search_query.Term):
            listed = self._listed_with(entries)
            for word, numbers in rare.items():
                known[word] = {revision for number in numbers for revision in listed.get(number, ())}
            entries = {number for number, held in listed.items() if any(self._may_hold(one, known) for one in held)}
        total = self._sql.execute("SELECT max(id) FROM paragraph").fetchone()[0] or 0
        worth = bm25(rare, self._holding.texts(entries), total)
        order = sorted(worth, key=lambda number: (-worth[number], -number))
        best: dict[int, float] = {}
        start, size = 0, 2 * limit
        while start < len(order) and len(best) < limit:
            some = order[start : start + size]
            start, size = start + size, 2 * size
            held = self._listed_with(some) if listed is None else listed
            first = {revision: number for number in reversed(some) for revision in reversed(held.get(number, ()))}
            block = [one for number in some for one in held.get(number, ()) if first[one] == number and one not in best]
            matching = set(block) if listed is None else self._matching(block, known)
            best.update((revision, worth[first[revision]]) for revision in block if revision in matching)
        return list(best.items())[:limit]

    def _may_hold(self, revision: int, known: dict[str, set[int]]) -> bool:
        return self._holds(revision, known) is not False

    def _rare(self) -> dict[str, list[int]] | None:
        """The entries of the rare words; None when matches need none of them, or there are too many."""
        rare: dict[str, list[int]] = {}
        left = RANKED
        for word in self._wanted:
            numbers = self._holding.entries(word, left)
            if numbers is not None:
                rare[word] = numbers
                left -= len(numbers)
        needed = search_query.holds(self._node, lambda word: False if word in rare else None) is False
        return rare if needed else None

    def _listed_with(self, entries: Iterable[int]) -> dict[int, list[int]]:
        """The listed revisions that hold each of the entries, the latest first."""
        rows = self._sql.execute(
            "SELECT value, revision.id, report.id FROM json_each(?)"
            " CROSS JOIN revision_paragraph ON paragraph=value & ?"
            " CROSS JOIN indexed ON indexed.revision=revision_paragraph.revision AND indexed.year=value >> ?"
            f" CROSS JOIN revision ON revision.id=indexed.revision{self._listed}",
            [json.dumps(list(entries)), search.PARAGRAPH, search.SHIFT, *self._values],
        )
        rows.row_factory = None
        found: dict[int, list[int]] = {}
        for number, revision, report in rows:
            if self._in_state(report):
                found.setdefault(number, []).append(revision)
        return {number: sorted(set(revisions), reverse=True) for number, revisions in found.items()}

    # ------------------------------------------------------------ rows

    def rows(self, revisions: Sequence[int]) -> list[Row]:
        """Hits as the interface shows them."""
        held = self._holding.paragraphs(self._wanted, revisions)
        return [self._row(revision, held[revision]) for revision in revisions]

    def _row(self, revision: int, held: set[int]) -> Row:
        row = self._sql.execute(
            "SELECT report.id AS report, page.url, reading.publisher, reading.year, reading.title, revision.n AS revision,"
            " revision.at FROM revision JOIN report ON report.id=revision.report JOIN reading ON reading.id=revision.reading"
            " JOIN resource page ON page.id=report.resource WHERE revision.id=?",
            (revision,),
        ).fetchone()
        links = self._sql.execute(
            "SELECT position, paragraph FROM revision_paragraph WHERE revision=? ORDER BY position", (revision,)
        ).fetchall()
        places = [(position, paragraph) for position, paragraph in links if paragraph in held]
        shown = next((paragraph for position, paragraph in places or links if position), (places or links)[0][1])
        (text,) = self._sql.execute("SELECT text FROM paragraph WHERE id=?", (shown,)).fetchone()
        piece = snippet(text, self._wanted)
        names = ("report", "url", "publisher", "year", "title", "revision")
        about: dict[str, Any] = {name: row[name] for name in names}
        return {
            **about,
            "snippet": piece.marked,
            "score": len(places),
            "captured": shown_time(row["at"]),
            "passage": piece.passage,
            "marks": [list(mark) for mark in piece.marks],
        }


def _bound(node: Node, holders: dict[str, set[int] | None]) -> set[int] | None:
    """Revisions among which all matches are; None: no such set is known."""
    if isinstance(node, search_query.Term):
        return holders.get(node.text)
    if isinstance(node, search_query.Without):
        return None
    bounds = [_bound(item, holders) for item in node.items]
    if isinstance(node, search_query.Both):
        known = [bound for bound in bounds if bound is not None]
        return set.intersection(*known) if known else None
    return None if None in bounds else set().union(*(bound for bound in bounds if bound is not None))
