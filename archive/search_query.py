"""The language of queries: words, "phrases", AND (the default), OR, NOT, brackets.

A word is looked for as it stands, whatever is in it: there are no wild cards, and ``*``, ``-``, ``^``, ``:`` and NEAR
are text.  Words are separated by white space; a phrase holds white space, brackets and operators.  AND, OR and NOT
are operators in capitals only; NOT binds closer than AND, AND closer than OR.  A bracket of half width groups, unless
it stands within a word, as in ``宁政办发(2019)19号``; every other bracket is text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS = 200
"""Words and signs a query may have."""
CHARACTERS = 2000
"""Characters a query may have: longer than any sentence, and short enough that no query is a burden."""
_OPERATORS = ("AND", "OR", "NOT")
_TOKEN = re.compile(
    r'"(?P<phrase>[^"]*)"|(?P<within>(?!(?:AND|OR|NOT)\()[^\s()"]+(?:\([^\s()"]*\)[^\s()"]*)+)'
    r'|(?P<bracket>[()])|(?P<word>[^\s()"]+)'
)


class QueryError(ValueError):
    """A query that cannot be understood; the message says where."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, folded, that some paragraph of a report must hold."""

    text: str


@dataclass(frozen=True, slots=True)
class Both:
    """All of its operands."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any of its operands."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Not its operand."""

    item: Node


Node = Term | Both | Either | Without


def holds(node: Node, known: Callable[[str], bool | None]) -> bool | None:
    """Whether a query holds, by what is known of its words; None while that does not decide it (Kleene's logic)."""
    if isinstance(node, Term):
        return known(node.text)
    if isinstance(node, Without):
        inner = holds(node.item, known)
        return None if inner is None else not inner
    deciding = isinstance(node, Either)
    open_ = False
    for item in node.items:
        found = holds(item, known)
        if found is deciding:
            return deciding
        open_ = open_ or found is None
    return None if open_ else not deciding


def words(node: Node) -> tuple[str, ...]:
    """Every word of a query, each once, in their order."""
    return tuple(dict.fromkeys(word for word, _ in _walk(node)))


def wanted(node: Node) -> tuple[str, ...]:
    """The words a match must or may hold: those not under NOT."""
    return tuple(dict.fromkeys(word for word, negated in _walk(node) if not negated))


def _walk(node: Node, *, negated: bool = False) -> Iterator[tuple[str, bool]]:
    if isinstance(node, Term):
        yield node.text, negated
    elif isinstance(node, Without):
        yield from _walk(node.item, negated=not negated)
    else:
        for item in node.items:
            yield from _walk(item, negated=negated)


def parse(query: str) -> Node:
    """Read a query; raises :class:`QueryError` with a sentence that says what is wrong and what to do."""
    if len(query) > CHARACTERS:
        raise QueryError(
            f"A query has at most {CHARACTERS} characters, this one has {len(query)}; shorten it."
            f" · 检索式最多 {CHARACTERS} 个字符，请缩短。"
        )
    tokens = _tokens(query)
    if len(tokens) > WORDS:
        raise QueryError(
            f"A query has at most {WORDS} words and signs, this one has {len(tokens)}; ask for less at once."
            f" · 检索式最多 {WORDS} 个词和符号，请减少。"
        )
    node, at = _either(tokens, 0)
    if at != len(tokens):
        raise QueryError("A bracket is closed that was never opened; remove it. · 右括号多余，请删去。")
    if not wanted(node):
        raise QueryError(
            "A query needs at least one word to look for, not only NOT; add one. · 检索式不能只有 NOT，请加上要查找的词。"
        )
    return node


def _tokens(query: str) -> list[tuple[str, str]]:
    """Pairs of ``term`` and a folded word, or of a sign and nothing."""
    line = query.replace("“", '"').replace("”", '"').replace("＂", '"')
    if line.count('"') % 2:
        raise QueryError("A quotation mark is not closed; close it or remove it. · 引号没有成对，请补上或删去。")
    found = []
    for match in _TOKEN.finditer(line):
        word = match["phrase"] or match["within"] or match["word"] or ""
        if match["bracket"]:
            found.append((match["bracket"], ""))
        elif match["word"] and unicodedata.normalize("NFKC", word) in _OPERATORS:
            found.append((unicodedata.normalize("NFKC", word), ""))
        elif fold(word):
            found.append(("term", fold(word)))
    return found


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
    while True:
        node, at = _single(tokens, at)
        items.append(node)
        if at < len(tokens) and tokens[at][0] == "AND":
            at += 1
        elif at >= len(tokens) or tokens[at][0] in ("OR", ")"):
            return (items[0] if len(items) == 1 else Both(tuple(items))), at


def _single(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    sign, text = tokens[at] if at < len(tokens) else ("", "")
    if sign == "term":
        return Term(text), at + 1
    if sign == "NOT":
        node, at = _single(tokens, at + 1)
        return Without(node), at
    if sign == "(":
        node, at = _either(tokens, at + 1)
        if at >= len(tokens) or tokens[at][0] != ")":
            raise QueryError("A bracket is not closed; close it or remove it. · 左括号没有成对，请补上或删去。")
        return node, at + 1
    where = f"where {sign} stands" if sign else "at the end"
    raise QueryError(
        f'A word is missing {where}; a query is words, "phrases", AND, OR, NOT and brackets. · 缺少要查找的词。'
    )
