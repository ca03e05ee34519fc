"""Full text over distinct paragraphs: overlapping bigrams, so that one character and more are found exactly.

A paragraph's text is kept once, and indexed once for each year that reports holding it are about.  The number of an
entry is that year followed by the paragraph's own number, so the index yields the newest years first and stops when
enough was found, however common a word is.

An entry is the folded text (:mod:`archive.folding`) cut into all its bigrams and its last character alone.  A phrase
of successive bigrams is then a substring and nothing else: hits need no second look.  A bigram is written as two
four-digit numbers in base 36, which every tokenizer of every SQLite reads alike: the categories of characters that
``unicode61`` knows differ between versions, and no text can be mistaken for syntax.
Reasons and measurements: docs/decisions/0006-bigram-search.md; the language of queries: :mod:`archive.search_query`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from archive.folding import fold
from archive.leaves import sha

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INDEX = (
    "CREATE VIRTUAL TABLE paragraph_index USING fts5 (grams, content='', tokenize='ascii')",
    "CREATE TABLE indexed (revision INTEGER PRIMARY KEY REFERENCES revision, year INTEGER NOT NULL)",
    "CREATE INDEX indexed_year ON indexed (year, revision)",
)
"""The tables of search.  ``indexed``: under which year a revision's paragraphs stand in the index (0: not known)."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SHIFT = 32
PARAGRAPH = (1 << SHIFT) - 1
_CHUNK = 500


class _Numbers(dict[str, str]):
    """A character as four digits in base 36; 36⁴ is above the last code point."""

    def __missing__(self, char: str) -> str:
        point, found = ord(char), ""
        for _ in range(4):
            point, digit = divmod(point, 36)
            found = _DIGITS[digit] + found
        self[char] = found
        return found


_NUMBERS = _Numbers()


def grams(text: str) -> str:
    """The tokens of a paragraph, as the index is given them."""
    numbers = [_NUMBERS[char] for char in fold(text)]
    return " ".join(map(str.__add__, numbers, [*numbers[1:], ""]))


def expression(word: str) -> str:
    """The FTS5 query that finds exactly the paragraphs whose folded text holds ``word``, itself folded and not empty."""
    numbers = [_NUMBERS[char] for char in word]
    if len(numbers) == 1:
        return f'"{numbers[0]}" *'
    return '"' + " ".join(map(str.__add__, numbers, numbers[1:])) + '"'


def entry(year: int, paragraph: int) -> int:
    """The number of an entry of the index."""
    return year << SHIFT | paragraph


def paragraph_of(number: int) -> int:
    """The paragraph an entry is of."""
    return number & PARAGRAPH


def entries_of(year: int) -> tuple[int, int]:
    """The first and the last number the entries of a year can have."""
    return entry(year, 0), entry(year, PARAGRAPH)


def paragraphs_with(sql: sqlite3.Connection, word: str) -> set[int]:
    """The ids of the paragraphs that hold a folded word, exactly."""
    rows = sql.execute("SELECT rowid FROM paragraph_index WHERE paragraph_index MATCH ?", (expression(word),))
    return {paragraph_of(row[0]) for row in rows}


class Index:
    """The paragraph tables behind the writer's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def add(self, revision: int, paragraphs: Sequence[str], year: int | None = None) -> None:
        """Index a revision's paragraphs instead of those it had; what the archive knows already is only linked.

        ``year`` is the year reported on; without it that of the revision's newest reading is taken, if it has one.
        """
        year = self._year(revision) if year is None else _plausible(year)
        self._sql.execute("INSERT OR REPLACE INTO indexed VALUES (?,?)", (revision, year))
        self._sql.execute("DELETE FROM revision_paragraph WHERE revision=?", (revision,))
        known = [(position, self._paragraph(text), text) for position, text in enumerate(paragraphs) if text.strip()]
        self._sql.executemany(
            "INSERT INTO revision_paragraph VALUES (?,?,?)",
            [(revision, position, number) for position, number, _ in known],
        )
        for number, text in sorted({number: text for _, number, text in known}.items()):
            self._enter(entry(year, number), text)

    def _year(self, revision: int) -> int:
        row = self._sql.execute(
            "SELECT year FROM revision JOIN reading ON reading.id=revision.reading WHERE revision.id=?", (revision,)
        ).fetchone()
        return _plausible(row[0] if row else None)

    def _paragraph(self, text: str) -> int:
        digest = text_digest(text)
        row = self._sql.execute("SELECT id FROM paragraph WHERE digest=?", (digest,)).fetchone()
        if row is None:
            row = self._sql.execute(
                "INSERT INTO paragraph (digest, text) VALUES (?,?) RETURNING id", (digest, text)
            ).fetchone()
        return int(row[0])

    def _enter(self, number: int, text: str) -> None:
        if not self._sql.execute("SELECT 1 FROM paragraph_index_docsize WHERE id=?", (number,)).fetchone():
            self._sql.execute("INSERT INTO paragraph_index (rowid, grams) VALUES (?,?)", (number, grams(text)))


def text_digest(text: str) -> bytes:
    """What a paragraph is known by: the first half of its SHA-256, 16 bytes."""
    return sha(text.encode("utf-8", "surrogatepass"))[:16]


def _plausible(year: int | None) -> int:
    return year if year is not None and 0 < year < 10_000 else 0


def rebuild(connection: sqlite3.Connection) -> None:
    """Drop the index and make it again from the paragraphs, inside the caller's transaction; memory stays flat.

    It also lets go of entries that reports lost when they were read again.
    """
    connection.execute("DROP TABLE IF EXISTS paragraph_index")
    connection.execute("DROP TABLE IF EXISTS indexed")
    for statement in INDEX:
        connection.execute(statement)
    enter(connection, "SELECT id FROM revision")


def enter(connection: sqlite3.Connection, which: str) -> None:
    """Enter the paragraphs of the revisions that the query ``which`` names, and that are linked, into the index."""
    connection.execute(
        "INSERT INTO indexed SELECT revision.id, CASE WHEN year BETWEEN 1 AND 9999 THEN year ELSE 0 END FROM revision"
        f" LEFT JOIN reading ON reading.id=revision.reading WHERE revision.id IN ({which})"
    )
    years = connection.execute(
        f"SELECT DISTINCT year FROM indexed WHERE revision IN ({which}) ORDER BY year"
    ).fetchall()
    for (year,) in years:
        for rows in _texts(connection, year, which):
            connection.executemany(
                "INSERT INTO paragraph_index (rowid, grams) VALUES (?,?)",
                [(entry(year, number), grams(text)) for number, text in rows],
            )


def _texts(connection: sqlite3.Connection, year: int, which: str) -> Iterator[list[tuple[int, str]]]:
    """The paragraphs that reports of a year among ``which`` hold and that have no entry for it, by number, in pieces."""
    cursor = connection.execute(
        "SELECT paragraph.id, text FROM (SELECT DISTINCT paragraph AS held FROM indexed JOIN revision_paragraph ON"
        f" revision_paragraph.revision=indexed.revision WHERE year=? AND indexed.revision IN ({which})) JOIN paragraph ON"
        " paragraph.id=held WHERE NOT EXISTS (SELECT 1 FROM paragraph_index_docsize WHERE id=? | held) ORDER BY held",
        (year, entry(year, 0)),
    )
    cursor.row_factory = None
    while rows := cursor.fetchmany(_CHUNK):
        yield rows


# ---------------------------------------------------------------- checking


def troubles(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """What is wrong with the paragraphs and their index: pairs of a row and a sentence.

    Found are texts that do not match their digest, entries that are missing, that say another thing than their
    paragraph or belong to none, and revisions that stand under another year than their reading's.  It works on a
    connection that only reads, and goes through every token of the index once.
    """
    for number, digest, text in connection.execute("SELECT id, digest, text FROM paragraph"):
        if text_digest(text) != digest:
            yield f"paragraph {number}", "its text does not match its digest"
    yield from _misplaced(connection)
    try:
        found = _entries_found(connection)
        sizes = {row[0] for row in connection.execute("SELECT id FROM paragraph_index_docsize")}
    except sqlite3.DatabaseError as error:
        yield "paragraph_index", f"the index cannot be read ({error}); it can be made again from the paragraphs"
        return
    rows = connection.execute(
        "SELECT DISTINCT year, paragraph.id, text FROM indexed JOIN revision_paragraph ON"
        " revision_paragraph.revision=indexed.revision JOIN paragraph ON paragraph.id=revision_paragraph.paragraph"
    )
    for year, paragraph, text in rows:
        number = entry(year, paragraph)
        there = number in sizes
        sizes.discard(number)
        if found.pop(number, 0) != _fingerprint(grams(text).split()) or not there:
            yield f"paragraph {paragraph}", f"its entry in the index (year {year}) is missing or says something else"
    yield from _left(connection, found, sizes)


def _misplaced(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Revisions that the index does not know, or knows under another year."""
    rows = connection.execute(
        "SELECT revision.id, indexed.year, reading.year FROM revision LEFT JOIN indexed ON indexed.revision=revision.id"
        " LEFT JOIN reading ON reading.id=revision.reading WHERE EXISTS (SELECT 1 FROM revision_paragraph WHERE"
        " revision_paragraph.revision=revision.id) AND (indexed.year IS NULL OR indexed.year NOT IN (0, reading.year))"
    )
    for number, under, year in rows:
        where = "is not in the index" if under is None else f"stands under the year {under} in the index, not {year}"
        yield f"revision {number}", where


def _left(connection: sqlite3.Connection, found: dict[int, int], sizes: set[int]) -> Iterator[tuple[str, str]]:
    """Entries that no revision needs: those a report lost when it was read again are sound, others are not."""
    for number in sorted({*found, *sizes}):
        row = connection.execute("SELECT text FROM paragraph WHERE id=?", (paragraph_of(number),)).fetchone()
        if row is None or number not in sizes or found.get(number, 0) != _fingerprint(grams(row[0]).split()):
            yield f"entry {number}", "the index holds an entry that no paragraph has"


def _entries_found(connection: sqlite3.Connection) -> dict[int, int]:
    """For each entry that the index holds, a number that any change of its tokens or their order changes."""
    found: dict[int, int] = {}
    # The cursor is closed also when it is interrupted: an open one would keep the table.
    with _vocabulary(connection) as table, closing(connection.cursor()) as cursor:
        cursor.row_factory = None
        for term, number, offset in cursor.execute(f"SELECT term, doc, offset FROM {table}"):
            found[number] = found.get(number, 0) + _weight(term, offset)
    return found


def _fingerprint(tokens: Sequence[str]) -> int:
    return sum(_weight(token, offset) for offset, token in enumerate(tokens))


def _weight(token: str, offset: int) -> int:
    return hash((token, offset)) & 0xFFFFFFFFFFFF


@contextmanager
def _vocabulary(connection: sqlite3.Connection) -> Iterator[str]:
    """A table of every token of the index and its place, beside the archive and gone afterwards."""
    before = connection.execute("PRAGMA query_only").fetchone()[0]
    connection.execute("PRAGMA query_only=OFF")  # for a table in memory; the file stays closed to writing
    if not connection.in_transaction:
        connection.execute("PRAGMA temp_store=MEMORY")
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.said USING fts5vocab (main, paragraph_index, instance)")
        yield "temp.said"
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.said")
        connection.execute(f"PRAGMA query_only={before}")
