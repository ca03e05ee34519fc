"""Full text over distinct paragraphs: overlapping bigrams, so that one character and more are found exactly.

A paragraph is indexed once, whatever number of revisions holds it.  Its text is folded for the index and for
the query by the same function (:func:`fold`), and every hit is checked against the folded text, so that a
phrase across punctuation (``〔2019〕19号``) is exact.  Reasons and measurements: docs/decisions/bigram-search.md.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.leaves import sha

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_LONGEST = 200
_RUN = re.compile(r"[^\W_]+")
_TERM = re.compile(r'"([^"]*)"|(\()|(\))|([^\s()"]+)')


class QueryError(ValueError):
    """A query that cannot be understood; the message says where."""


def fold(text: str) -> str:
    """Text as compared: full-width and half-width alike, no case, white space gone."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def grams(text: str) -> str:
    """The tokens of a paragraph: for each run of letters and digits all bigrams, and its last character."""
    found = []
    for run in _RUN.findall(fold(text)):
        found += [run[i : i + 2] for i in range(len(run))]
    return " ".join(found)


class Index:
    """The paragraph tables behind the writer's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def add(self, revision: int, paragraphs: Sequence[str]) -> None:
        """Index a revision's paragraphs instead of those it had; what the archive knows already is only linked."""
        self._sql.execute("DELETE FROM revision_paragraph WHERE revision=?", (revision,))
        rows = []
        for position, text in enumerate(paragraphs):
            if text.strip():
                rows.append((revision, position, self._paragraph(text)))
        self._sql.executemany("INSERT INTO revision_paragraph VALUES (?,?,?)", rows)

    def _paragraph(self, text: str) -> int:
        digest = sha(text.encode("utf-8", "surrogatepass"))[:16]
        row = self._sql.execute("SELECT id FROM paragraph WHERE digest=?", (digest,)).fetchone()
        if row is None:
            row = self._sql.execute(
                "INSERT INTO paragraph (digest, text) VALUES (?,?) RETURNING id", (digest, text)
            ).fetchone()
            self._sql.execute("INSERT INTO paragraph_index (rowid, grams) VALUES (?,?)", (row[0], grams(text)))
        return int(row[0])


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase that a report's text must hold."""

    text: str

    def matches(self, folded: Sequence[str]) -> bool:
        """Whether any folded paragraph holds the term."""
        return any(self.text in paragraph for paragraph in folded)


@dataclass(frozen=True, slots=True)
class Both:
    """All of its operands."""

    items: tuple[Node, ...]

    def matches(self, folded: Sequence[str]) -> bool:
        """Whether every operand matches."""
        return all(item.matches(folded) for item in self.items)


@dataclass(frozen=True, slots=True)
class Either:
    """Any of its operands."""

    items: tuple[Node, ...]

    def matches(self, folded: Sequence[str]) -> bool:
        """Whether some operand matches."""
        return any(item.matches(folded) for item in self.items)


@dataclass(frozen=True, slots=True)
class Without:
    """Not its operand."""

    item: Node

    def matches(self, folded: Sequence[str]) -> bool:
        """Whether the operand does not match."""
        return not self.item.matches(folded)


Node = Term | Both | Either | Without


def parse(query: str) -> Node:
    """Read a query: words, ``"phrases"``, ``AND`` (the default), ``OR``, ``NOT``, brackets; raises :class:`QueryError`."""
    tokens: list[tuple[str, str]] = []
    rest = _TERM.sub(" ", query.replace("“", '"').replace("”", '"')).strip()
    if rest:
        raise QueryError(f"A quotation mark is not closed in: {query}")
    for phrase, opening, closing, word in _TERM.findall(query.replace("“", '"').replace("”", '"')):
        if opening or closing:
            tokens.append((opening or closing, ""))
        elif word in ("AND", "OR", "NOT"):
            tokens.append((word, ""))
        elif fold(phrase or word):
            tokens.append(("term", fold(phrase or word)))
    if len(tokens) > _LONGEST:
        raise QueryError(f"A query has at most {_LONGEST} words and signs; this one has {len(tokens)}.")
    node, at = _either(tokens, 0)
    if at != len(tokens):
        raise QueryError(f"The brackets do not match in: {query}")
    if not list(terms(node)):
        raise QueryError("A query needs at least one word to look for, not only NOT.")
    return node


def _either(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    items = []
    while True:
        node, at = _both(tokens, at)
        items.append(node)
        if at >= len(tokens) or tokens[at][0] != "OR":
            return (items[0] if len(items) == 1 else Either(tuple(items))), at
        at += 1


def _both(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    items: list[Node] = []
    while at < len(tokens) and tokens[at][0] not in ("OR", ")"):
        if tokens[at][0] == "AND":
            at += 1
            continue
        node, at = _single(tokens, at)
        items.append(node)
    if not items:
        raise QueryError("A word is missing in the query (after AND, OR, NOT or a bracket).")
    return (items[0] if len(items) == 1 else Both(tuple(items))), at


def _single(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    if at >= len(tokens):
        raise QueryError("A word is missing at the end of the query.")
    sort, text = tokens[at]
    if sort == "NOT":
        node, at = _single(tokens, at + 1)
        return Without(node), at
    if sort == "(":
        node, at = _either(tokens, at + 1)
        if at >= len(tokens) or tokens[at][0] != ")":
            raise QueryError("A bracket is not closed in the query.")
        return node, at + 1
    if sort == "term":
        return Term(text), at + 1
    raise QueryError(f"{sort} stands where a word was expected.")


def terms(node: Node, *, negated: bool = False) -> Iterator[Term]:
    """The terms a match must or may hold: those not under NOT."""
    if isinstance(node, Term):
        if not negated:
            yield node
    elif isinstance(node, Without):
        yield from terms(node.item, negated=not negated)
    else:
        for item in node.items:
            yield from terms(item, negated=negated)


def match_expression(term: Term) -> str | None:
    """The index expression that every paragraph holding ``term`` satisfies; None: only a scan can tell."""
    parts = []
    for run in _RUN.findall(term.text):
        pieces = [run[i : i + 2] for i in range(len(run) - 1)]
        parts.append('"' + " ".join(pieces) + '"' if pieces else f'"{run}" *')
    return " AND ".join(parts) or None


def paragraphs_with(sql: sqlite3.Connection, term: Term) -> set[int]:
    """The ids of the paragraphs that hold ``term``, exactly."""
    expression = match_expression(term)
    if expression is None:
        rows = sql.execute("SELECT id, text FROM paragraph")
    else:
        rows = sql.execute(
            "SELECT id, text FROM paragraph WHERE id IN (SELECT rowid FROM paragraph_index WHERE paragraph_index MATCH ?)",
            (expression,),
        )
    return {row[0] for row in rows if term.text in fold(row[1])}


def snippet(text: str, wanted: Sequence[str], width: int = 60) -> str:
    """A piece of ``text`` around the first of the ``wanted`` (folded) words, each marked with ``[`` ``]``."""
    folded, origin = [], []
    for position, char in enumerate(text):
        for piece in fold(char):
            folded.append(piece)
            origin.append(position)
    line = "".join(folded)
    marks = sorted({(at, at + len(word)) for word in wanted for at in _places(line, word)})
    if not marks:
        return text[:width]
    first = origin[marks[0][0]]
    start = max(0, first - width // 3)
    stop = min(len(text), start + width)
    opens = {origin[left] for left, _ in marks}
    closes = {origin[right - 1] for _, right in marks}
    body = "".join(("[" if i in opens else "") + text[i] + ("]" if i in closes else "") for i in range(start, stop))
    return ("…" if start else "") + body + ("…" if stop < len(text) else "")


def _places(line: str, word: str) -> list[int]:
    found, at = [], line.find(word)
    while at >= 0 and word:
        found.append(at)
        at = line.find(word, at + len(word))
    return found
