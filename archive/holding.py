"""Which revisions hold a word: asked of the index year by year, or for a handful of revisions."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

from archive import search
from archive.folding import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence

LINKS = 1000
"""Places of a word in a year up to which all are looked up; a word in more is met soon by going through the reports."""
_NEAR = 2000
"""Entries of a revision lie side by side; those farther apart than this are asked for by themselves."""
_FEW = 5
"""So few entries side by side, for each character of the word, are sooner compared as text than found in the index."""
_PIECE = 100
"""Places read at a time."""
_HEAD = 8
"""Paragraphs at the head of a revision where a common character is looked for before all others are: most stand there."""
_SAMPLE = 300
"""Paragraphs in which a single character is looked for, to tell whether it is common."""


def text_holds(text: str, word: str) -> bool:
    """Whether a text holds a folded word; most that do hold it as it is."""
    return word in text or word in fold(text)


class Holding:
    """The answers to one query's questions, from one connection."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql
        self._judged: dict[tuple[str, int], bool] = {}
        self._streams: dict[str, _Stream] = {}
        self._common: dict[str, bool] = {}
        self._many: set[str] = set()
        self._block: tuple[tuple[int, ...], dict[int, list[int]]] = ((), {})

    def in_year(self, word: str, year: int) -> set[int] | None:
        """The revisions of a year that hold a word; None: too many to look up.

        Years are best asked for from the latest on.
        """
        if self._is_common(word):
            return None
        if word not in self._streams:
            self._streams[word] = _Stream(self._sql, word)
        found = self._streams[word].of_year(year)
        if found is None:
            self._many.add(word)
        return found

    def entries(self, word: str, limit: int) -> list[int] | None:
        """The entries that hold a word; None when there are more than ``limit``."""
        if self._is_common(word):
            return None
        rows = self._sql.execute(
            "SELECT rowid FROM paragraph_index WHERE paragraph_index MATCH ? LIMIT ?",
            (search.expression(word), limit + 1),
        ).fetchall()
        return [row[0] for row in rows] if len(rows) <= limit else None

    def texts(self, entries: Iterable[int]) -> dict[int, str]:
        """The texts of entries, as printed."""
        rows = self._sql.execute(
            "SELECT value, text FROM json_each(?) CROSS JOIN paragraph ON paragraph.id=value & ?",
            (json.dumps(list(entries)), search.PARAGRAPH),
        )
        return dict(rows.fetchall())

    def among(self, word: str, revisions: Sequence[int]) -> set[int]:
        """Those of the ``revisions`` that hold a word."""
        found = self._heads(word, revisions) if word in self._many or self._is_common(word) else set()
        holders = self._holders([revision for revision in revisions if revision not in found] if found else revisions)
        return found | {revision for number in self._holding(word, holders) for revision in holders[number]}

    def _heads(self, word: str, revisions: Sequence[int]) -> set[int]:
        """Those of the ``revisions`` that hold a word as it is in one of their first paragraphs."""
        rows = self._sql.execute(
            "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM revision_paragraph CROSS JOIN paragraph"
            " ON paragraph.id=paragraph WHERE revision=value AND position<? AND instr(text, ?)>0)",
            (json.dumps(list(revisions)), _HEAD, word),
        )
        return {row[0] for row in rows}

    def paragraphs(self, words: Sequence[str], revisions: Sequence[int]) -> dict[int, set[int]]:
        """The paragraphs of each of the ``revisions`` that hold one of the words."""
        holders = self._holders(revisions)
        found: dict[int, set[int]] = {revision: set() for revision in revisions}
        for word in words:
            for number in self._holding(word, holders):
                for revision in holders[number]:
                    found[revision].add(search.paragraph_of(number))
        return found

    def _is_common(self, word: str) -> bool:
        """Whether a single character is common: FTS5 puts all its bigrams together before it answers at all."""
        if word not in self._common:
            rows = (
                []
                if len(word) > 1
                else self._sql.execute("SELECT text FROM paragraph ORDER BY id DESC LIMIT ?", (_SAMPLE,))
            )
            self._common[word] = sum(text_holds(row[0], word) for row in rows) > _SAMPLE // 100
        return self._common[word]

    def _holders(self, revisions: Sequence[int]) -> dict[int, list[int]]:
        """The entries that revisions have, each with its revisions; the last such question is remembered."""
        asked = tuple(revisions)
        if self._block[0] == asked:
            return self._block[1]
        holders = self._entries_of(asked)
        self._block = (asked, holders)
        return holders

    def _entries_of(self, revisions: Sequence[int]) -> dict[int, list[int]]:
        holders: dict[int, list[int]] = {}
        rows = self._sql.execute(
            "SELECT year << ? | paragraph, indexed.revision FROM json_each(?) CROSS JOIN indexed"
            " ON indexed.revision=value CROSS JOIN revision_paragraph ON revision_paragraph.revision=indexed.revision",
            (search.SHIFT, json.dumps(list(revisions))),
        )
        rows.row_factory = None
        for number, revision in rows:
            holders.setdefault(number, []).append(revision)
        return holders

    def _holding(self, word: str, entries: Collection[int]) -> Iterator[int]:
        """Those of the entries that hold a word."""
        scattered: list[int] = []
        few = _FEW * len(word) if len(word) > 1 else len(entries)
        for run in _runs(sorted(entries)):
            if len(run) > few:
                yield from (number for number in self._matching(word, run[0], run[-1]) if number in entries)
            else:
                scattered += run
        yield from self._compared(word, scattered)

    def _matching(self, word: str, first: int, last: int) -> Iterator[int]:
        rows = self._sql.execute(
            "SELECT rowid FROM paragraph_index WHERE paragraph_index MATCH ? AND rowid BETWEEN ? AND ?",
            (search.expression(word), first, last),
        )
        return (row[0] for row in rows)

    def _compared(self, word: str, entries: Iterable[int]) -> Iterator[int]:
        """Those of the entries whose text holds a word; what was once compared is remembered."""
        wanted = {number: (word, search.paragraph_of(number)) for number in entries}
        asked = {key[1] for key in wanted.values() if key not in self._judged}
        if asked:
            rows = self._sql.execute(
                "SELECT paragraph.id, text FROM json_each(?) CROSS JOIN paragraph ON paragraph.id=value",
                (json.dumps(sorted(asked)),),
            )
            for number, text in rows:
                self._judged[word, number] = text_holds(text, word)
        return (number for number, key in wanted.items() if self._judged.get(key))


class _Stream:
    """The places of a word, from the newest year on, read little further than is asked for."""

    def __init__(self, sql: sqlite3.Connection, word: str) -> None:
        self._sql = sql
        self._expression = search.expression(word)
        self._rows: sqlite3.Cursor | None = None
        self._ahead: list[tuple[int, int]] = []

    def of_year(self, year: int) -> set[int] | None:
        """The revisions that hold the year's entries of the word; None when there are more than :data:`LINKS`."""
        first, last = search.entries_of(year)
        if self._rows is None or (self._ahead and self._ahead[0][0] > last):
            self._open(last)
        found: set[int] = set()
        many = 0
        while self._ahead and self._ahead[0][0] >= first:
            whole = self._ahead[-1][0] >= first
            here = self._ahead if whole else [row for row in self._ahead if row[0] >= first]
            many += len(here)
            if many > LINKS:
                return None
            found.update(revision for _, revision in here)
            self._ahead = self._read() if whole else self._ahead[len(here) :]
        return found

    def _open(self, last: int) -> None:
        self._rows = self._sql.execute(
            "SELECT paragraph_index.rowid, indexed.revision FROM paragraph_index CROSS JOIN revision_paragraph"
            " ON paragraph=paragraph_index.rowid & ? CROSS JOIN indexed ON indexed.revision=revision_paragraph.revision"
            " AND indexed.year=paragraph_index.rowid >> ? WHERE paragraph_index MATCH ? AND paragraph_index.rowid<=?"
            " ORDER BY paragraph_index.rowid DESC",
            (search.PARAGRAPH, search.SHIFT, self._expression, last),
        )
        self._rows.row_factory = None
        self._ahead = self._read()

    def _read(self) -> list[tuple[int, int]]:
        return [] if self._rows is None else self._rows.fetchmany(min(_PIECE, LINKS + 1))


def _runs(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Sorted numbers in pieces that lie near each other."""
    start = 0
    for at, (left, right) in enumerate(pairwise(numbers), 1):
        if right - left > _NEAR:
            yield numbers[start:at]
            start = at
    if numbers:
        yield numbers[start:]
