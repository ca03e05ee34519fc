"""Glyphs outside tables → lines → paragraphs, and the text of a cell.

A line that was only wrapped belongs to the line before it; Chinese paragraphs open with an indent of two
characters, so in a text that indents, a line at the margin is never a new paragraph.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.convert.ruled.lattice import Box, Glyph

PAGE_NUMBER = re.compile(
    r"^[\s\-—–―－·.]{0,6}(?:第\s{0,2})?\d{1,4}(?:\s{0,2}页)?(?:\s{0,2}[/／共,，]\s{0,2}共?\s{0,2}\d{1,4}\s{0,2}页?)?[\s\-—–―－·.]{0,6}$"
)
LATIN = re.compile(r"[A-Za-z0-9]")
ENDS = re.compile(r"[。！？；：:]$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text on a page, with its box."""

    text: str
    box: Box
    page: int
    size: float


@dataclass(frozen=True, slots=True)
class Margins:
    """The text area of a page: left and right edge, the width of one character, whether paragraphs indent."""

    left: float
    right: float
    em: float
    indents: bool


def lines_of(glyphs: Iterable[Glyph], page: int) -> list[Line]:
    """Glyphs grouped by baseline, from top to bottom, each line from left to right."""
    rows = _rows(sorted(glyphs, key=lambda glyph: (glyph.y, glyph.x)))
    lines = [_line(row, page) for row in rows]
    return [line for line in lines if line.text.strip()]


def _rows(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    rows: list[list[Glyph]] = []
    for glyph in glyphs:
        height = max(glyph.bottom - glyph.top, 1.0)
        if rows and glyph.y - rows[-1][0].y <= 0.4 * height:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return rows


def _line(row: list[Glyph], page: int) -> Line:
    row.sort(key=lambda glyph: glyph.x)
    printed = [glyph for glyph in row if glyph.text.strip()] or row
    box = (printed[0].left, min(g.top for g in printed), max(g.right for g in printed), max(g.bottom for g in printed))
    return Line(_joined(row), box, page, median(g.bottom - g.top for g in printed))


def _joined(row: Sequence[Glyph]) -> str:
    """The line's characters; a space only where one is printed, or where Latin words stand apart."""
    parts: list[str] = []
    before: Glyph | None = None
    for glyph in row:
        if before and LATIN.match(glyph.text) and LATIN.match(before.text):
            gap, size = glyph.left - before.right, glyph.bottom - glyph.top
            if gap > 0.28 * size:
                parts.append(" ")
        parts.append(glyph.text)
        before = glyph
    return re.sub(r" {2,}", " ", "".join(parts)).strip(" \u3000\xa0")


def without_furniture(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Every page's lines without its number and without the running head and foot that most pages repeat."""
    counts = Counter(
        line.text for lines, height in zip(pages, heights, strict=True) for line in lines if _at_edge(line, height)
    )
    running = {text for text, count in counts.items() if count >= 3 and 2 * count > len(pages)}
    return [
        [
            line
            for line in lines
            if not (_at_edge(line, height) and (PAGE_NUMBER.match(line.text) or line.text in running))
        ]
        for lines, height in zip(pages, heights, strict=True)
    ]


def _at_edge(line: Line, height: float) -> bool:
    return line.box[1] < 0.1 * height or line.box[3] > 0.88 * height


# ---------------------------------------------------------------- paragraphs


def margins_of(pages: Sequence[Sequence[Line]]) -> Margins:
    """The text area all pages share, by their long lines."""
    lines = [line for page in pages for line in page]
    if not lines:
        return Margins(0, 0, 10, indents=False)
    widest = max(line.box[2] - line.box[0] for line in lines)
    long = [line for line in lines if line.box[2] - line.box[0] > 0.6 * widest]
    em = median((line.box[2] - line.box[0]) / max(_em_count(line.text), 1) for line in long)
    left = _common([line.box[0] for line in long])
    right = max(_common([line.box[2] for line in long]), median(line.box[2] for line in long))
    indented = sum(1.2 * em < line.box[0] - left < 3.2 * em for line in lines)
    return Margins(left, right, em, indented >= 3)


def _em_count(text: str) -> float:
    """The width of a text in characters: Latin ones are half as wide."""
    return sum(0.5 if ord(char) < 0x2E80 else 1.0 for char in text)


def _common(values: Sequence[float]) -> float:
    """The smallest of the values that several lines share."""
    counts: dict[int, list[float]] = {}
    for value in values:
        counts.setdefault(round(value / 3), []).append(value)
    shared = [group for group in counts.values() if len(group) * 5 >= len(values)] or list(counts.values())
    return min(min(group) for group in shared)


def continues(before: Line, line: Line, margins: Margins) -> bool:
    """Whether ``line`` is the wrapped rest of ``before``."""
    em = margins.em
    if line.box[0] > margins.left + 0.8 * em or abs(line.size - before.size) > 0.35 * max(line.size, before.size):
        return False
    reach = margins.right - before.box[2]
    if before.box[0] > margins.left + 3.5 * em and reach > em:
        return False
    if reach < 2.6 * em:
        return True
    return margins.indents and (
        _is_long_word(line.text) or (reach < 0.4 * (margins.right - margins.left) and not ENDS.search(before.text))
    )


def _is_long_word(text: str) -> bool:
    match = re.match(r"[A-Za-z0-9@.:/_~?=&%-]+", text)
    return bool(match) and len(match.group(0)) > 6  # type: ignore[union-attr]


def joined(before: str, after: str) -> str:
    """Two pieces of one paragraph; a space only between Latin words."""
    space = bool(re.search(r"[A-Za-z]$", before) and re.match(r"[A-Za-z]", after))
    return before + (" " if space else "") + after


# ---------------------------------------------------------------- cells


def cell_text(glyphs: Sequence[Glyph], box: Box) -> str:
    """The text of a cell, its wrapped lines joined.

    Two lines of digits join only when the first fills the cell: two numbers in one cell are never made one.
    """
    lines = lines_of(glyphs, 0)
    if not lines:
        return ""
    text = lines[0].text
    for before, line in itertools.pairwise(lines):
        apart = (
            re.search(r"[0-9]$", text) and re.match(r"[0-9]", line.text) and box[2] - before.box[2] > 1.2 * before.size
        )
        text = f"{text}\n{line.text}" if apart else joined(text, line.text)
    return text
