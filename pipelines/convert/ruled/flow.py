"""Glyphs outside tables → lines → paragraphs, and the text of a cell.

A line that was only wrapped belongs to the line before it; Chinese paragraphs open with an indent of two
characters, so in a text that indents, a line at the margin is never a new paragraph.  Where no line is wrapped there
is no right margin to tell by: only what a line cut short says then joins two.  Lines of larger type set on one middle
are one title, and no title runs on into the text below it.
"""

from __future__ import annotations

import itertools
import re
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
IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
ENDS = re.compile(r"[。！？；：:]$")
ADDRESS = re.compile(r"(?:@|://|www\.)[A-Za-z0-9._%/?=&~-]{0,150}$")
ADDRESS_END = re.compile(r"[A-Za-z0-9._%+-]{1,64}@")
"""An address of mail or of the web that a line's end cuts."""
SECTION = re.compile(r"[一二三四五六七八九十]{1,3}、")
HEADING = re.compile(
    r"[一二三四五六七八九十]{1,3}\s?[、.．]|[（(][一二三四五六七八九十\d]{1,3}[)）]|第[一二三四五六七八九十]{1,3}[章节部]|\d{1,2}\s?[、.．](?!\d)"
)
"""How a heading or a numbered paragraph opens."""
LARGE = 1.15
"""Type this many times as large as that of the text is a title's; headings are set up to 1.1 times as large."""
WHOLE_TITLE = re.compile(r"(?:报告|年报|通知|公报|总结|决算|预算)\s?(?:[（(].{0,20}[）)])?$")
NOT_IN_TITLE = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[)）、.．，]|第[一二三四五六七八九十]{1,3}[章节部]|目\s{0,9}[录次]$"
    r"|[（(]?(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月|[（(]?二[〇○零O0][〇○零O0一二三四五六七八九]{2}\s?年\s?[一二三四五六七八九十]{1,2}\s?月|.{1,12}[〔﹝［\[]\s?(?:19|20)\d{2}\s?[〕﹞］\]]"
)
"""How a line opens that stands by itself under a title: a heading, a date, a document number."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text on a page, with its box."""

    text: str
    box: Box
    page: int
    size: float
    em: float = 0.0
    """The width of its Chinese characters, which is their type size in every font; 0 where it has none."""

    @property
    def middle(self) -> float:
        """Half way from its left to its right end."""
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True, slots=True)
class Margins:
    """The text area of a page: left and right edge, the width of one character, whether paragraphs indent."""

    left: float
    right: float
    em: float
    indents: bool
    body: float = 0.0
    """The type size of the text, by most of its characters."""
    wraps: bool = True
    """Whether lines are seen to run on from a right margin; else ``right`` is only where the longest line ends."""


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
    wide = [glyph.right - glyph.left for glyph in printed if IDEOGRAPH.match(glyph.text)]
    return Line(_joined(row), box, page, median(g.bottom - g.top for g in printed), median(wide) if wide else 0.0)


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


# ---------------------------------------------------------------- paragraphs


def margins_of(pages: Sequence[Sequence[Line]]) -> Margins:
    """The text area all pages share, by their long lines."""
    lines = [line for page in pages for line in page]
    if not lines:
        return Margins(0, 0, 10, indents=False)
    widest = max(line.box[2] - line.box[0] for line in lines)
    long = [line for line in lines if line.box[2] - line.box[0] > 0.6 * widest]
    em = median((line.box[2] - line.box[0]) / max(_em_count(line.text), 1) for line in long)
    left = _outdented(pages, _common([line.box[0] for line in long]), em)
    right = max(_common([line.box[2] for line in long]), median(line.box[2] for line in long))
    indented = sum(1.2 * em < line.box[0] - left < 3.2 * em for line in lines)
    body = body_size(lines)
    text = [[line for line in page if not is_large(line, body)] for page in pages]
    edge = max((line.box[2] for line in itertools.chain.from_iterable(text)), default=right)
    wraps = _wraps(text, edge, em)
    return Margins(left, right if wraps else edge, em, indented >= 3, body, wraps)


def _wraps(pages: Iterable[Sequence[Line]], edge: float, em: float) -> bool:
    """Whether lines that reach the right edge run on below: two characters further left once, or unfinished twice."""
    flush = 0
    for before, line in itertools.chain.from_iterable(itertools.pairwise(page) for page in pages):
        if edge - before.box[2] > 2.6 * em or HEADING.match(line.text) or _is_whole(before.text):
            continue
        if 1.2 * em < before.box[0] - line.box[0] < 3.2 * em:
            return True
        flush += abs(before.box[0] - line.box[0]) <= 0.6 * em
    return flush >= 2


def _outdented(pages: Sequence[Sequence[Line]], left: float, em: float) -> float:
    """The left margin where the long lines that gave ``left`` are all first lines of paragraphs.

    Sentences that run on two characters further left, and not straight below, say so.
    """
    hanging: list[float] = []
    below = 0
    for before, line in itertools.chain.from_iterable(itertools.pairwise(page) for page in pages):
        if abs(before.box[0] - left) > 0.6 * em or len(before.text) < 12 or ENDS.search(before.text):
            continue
        if 1.2 * em < left - line.box[0] < 3.2 * em:
            hanging.append(line.box[0])
        below += abs(line.box[0] - left) <= 0.6 * em
    return _common(hanging) if len(hanging) > below else left


def body_size(lines: Iterable[Line]) -> float:
    """The type size most characters of these lines are set in; 0 without a Chinese character."""
    sized = sorted((line.em, len(line.text)) for line in lines if line.em)
    half = sum(count for _, count in sized) / 2
    for em, count in sized:
        half -= count
        if half <= 0:
            return em
    return 0.0


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
    if _are_one_title(before, line, margins):
        return True
    if line.box[0] > margins.left + 0.8 * em or _differ(before, line, margins):
        return False
    reach = margins.right - before.box[2]
    if _opens(before, line, margins):
        return False
    if before.box[0] > margins.left + 3.5 * em and reach > em:
        return False
    if reach < 2.6 * em:
        return True
    return margins.indents and (
        _is_long_word(line.text) or (reach < 0.4 * (margins.right - margins.left) and not ENDS.search(before.text))
    )


def _opens(before: Line, line: Line, margins: Margins) -> bool:
    """Whether a line opens a paragraph whatever margin it stands at: a heading after a full stop.

    Where nothing wraps, every line does that is a heading, or follows one at its margin, or a title or a full stop.
    """
    if margins.wraps:
        return before.text.endswith("。") and bool(SECTION.match(line.text)) and before.page == line.page
    if _is_whole(before.text) or HEADING.match(line.text):
        return True
    runs_on = 0.8 * margins.em < before.box[0] - line.box[0] < 3.2 * margins.em
    return not runs_on and bool(HEADING.match(before.text))


def _is_whole(text: str) -> bool:
    return bool(re.search(r"[。！？]$", text) or WHOLE_TITLE.search(text))


def _differ(before: Line, line: Line, margins: Margins) -> bool:
    """Whether two lines are set in types too unlike for one paragraph; below a centred line less is enough.

    The boxes of characters differ in height between fonts of one size, so only Chinese characters tell exactly.
    """
    if not (before.em and line.em):
        return abs(line.size - before.size) > 0.35 * max(line.size, before.size)
    ratio = max(before.em, line.em) / min(before.em, line.em)
    centred = abs(before.middle - (margins.left + margins.right) / 2) < 0.5 * margins.em
    return ratio > (1.06 if centred else 1.2)


def is_large(line: Line, body: float) -> bool:
    """Whether a line is set in a title's type, ``body`` being the type size of the text."""
    return body > 0 and line.em >= LARGE * body


def _are_one_title(before: Line, line: Line, margins: Margins) -> bool:
    """Whether two lines are one title: of the same large type, on one middle, close together, nothing complete above."""
    if not (is_large(before, margins.body) and is_large(line, margins.body) and before.page == line.page):
        return False
    return (
        abs(before.em - line.em) < 0.06 * line.em
        and abs(before.middle - line.middle) <= line.em
        and line.box[1] - before.box[3] <= 1.6 * line.em
        and not (ENDS.search(before.text) or WHOLE_TITLE.search(before.text) or NOT_IN_TITLE.match(line.text))
    )


def _is_long_word(text: str) -> bool:
    match = re.match(r"[A-Za-z0-9@.:/_~?=&%-]+", text)
    return bool(match) and len(match.group(0)) > 6  # type: ignore[union-attr]


def joined(before: str, after: str) -> str:
    """Two pieces of one paragraph; a space only between Latin words, and none within an address."""
    is_cut = ADDRESS_END.match(after) and before[-4:].lower() != "mail"
    space = bool(re.match(r"[A-Za-z]", before[-1:]) and re.match(r"[A-Za-z]", after)) and not is_cut
    return before + (" " if space and not ADDRESS.search(before[-200:]) else "") + after


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
