"""One page's pixels → its characters and lines, as if they had been printed.

The ruled lines give the cells, the ink of each cell its lines of text, and all lines of a page are recognised
together.  A column of figures gets a second look: there a letter that looks like a digit is the digit, and nothing
else is changed; the form's arithmetic is never used.  Needs the extra ``ocr``.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipelines.convert.cells import UNREAD
from pipelines.convert.ruled.lattice import Field, Glyph, Marks, Ruled, read_page
from pipelines.convert.scans import raster, recogniser
from pipelines.convert.scans.scan import DOUBT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.convert.scans.recogniser import Sign

FIGURE = re.compile(r"^[+\-]?\d[\d,.]*%?$")
PAGE_NUMBER = re.compile(r"^[一\-—－_]\s?(\d{1,4})\s?[一\-—－_]$")
WIDE = {"(": "（", ")": "）", ",": "，", ":": "：", ";": "；", "?": "？", "!": "！"}
NARROW = {wide: narrow for narrow, wide in WIDE.items()}
LIKE_DIGITS = frozenset("0123456789").union(*(recogniser.LOOKALIKES[digit] for digit in "01"))
LIKE_VALUES = LIKE_DIGITS.union(*recogniser.LOOKALIKES.values())
"""What may be a figure in a row of figures, and in a column of them: 一 begins many a row."""
DOTS = ".,·•。、．，'`‘’"
DIRT = 1.9
"""Points: ink smaller than this that stands apart from a figure in its cell is dirt."""
BLANK = 0.36
"""Share of a line's height that is blank beside a wide bracket or comma, and not beside a narrow one."""
IDEOGRAPH = re.compile(r"[\u3400-\u9fff\u3001-\u301f\uff01-\uff5e“”]")
WORDS = re.compile(
    "政府|信息|公开|行政|工作|情况|年度|申请|数量|机关|部门|报告|其他|管理|办理|结果|服务|处理|规定|进行|单位|内容|组织|建设|我们|问题|通过|以及|有关"
)
"""Words that no page of an official text lacks: one that holds none stands on its side or on its head."""
SURE = 0.98
"""A figure read with less confidence is looked at again."""
UPRIGHT = 0.8
"""Mean confidence below which a page may stand on its side or on its head."""
PHOTOGRAPH = 0.45
"""Mean confidence below which a picture shows no text, whatever was read into it; bad scans stay above 0.7."""
SAMPLE = 10
LINE_CAP = 3000
"""Lines of text of one page that are recognised; a dense page of a report has 300."""
MOST = 0.9999


@dataclass(frozen=True, slots=True)
class _Line:
    """A piece of a line of text: its box in pixels, the cell it stands in, what was recognised."""

    box: raster.Box
    cell: tuple[int, int] | None = None
    """Table and cell, by their indices."""
    signs: tuple[Sign, ...] = ()
    dirt: bool = False

    @property
    def text(self) -> str:
        """What was recognised."""
        return "".join(sign.text for sign in self.signs)

    @property
    def confidence(self) -> float:
        """The least of its characters."""
        return min((sign.confidence for sign in self.signs), default=0.0)


@dataclass(frozen=True, slots=True)
class _Page:
    """A clean page with its tables and the size of its characters."""

    clean: raster.Clean
    text: Any
    """The page's grey with nothing on it but text."""
    tables: tuple[Ruled, ...]
    em: float


def read(pixels: Any, page: int, width: float, height: float) -> Marks:
    """A page's characters and lines in points; ``width`` and ``height`` are the page's, as its picture lies."""
    if (pixels.shape[1] > pixels.shape[0]) != (width > height):
        width, height = height, width
    found, lines = _read(pixels, width)
    turns = _turns(pixels, width, height, _sense(_widest(lines))) if len(lines) >= 4 else 0
    if turns:
        pixels = np.ascontiguousarray(np.rot90(pixels, turns))
        width, height = (height, width) if turns % 2 else (width, height)
        found, lines = _read(pixels, width)
    if _mean(lines) < PHOTOGRAPH:
        return Marks(page, width, height, (), ())
    shared = Counter(line.cell for line in lines)
    glyphs = tuple(
        glyph for line in lines for glyph in _glyphs(line, found.clean.scale, found.em, is_alone=shared[line.cell] == 1)
    )
    return Marks(page, width, height, glyphs, found.clean.rules)


def _read(pixels: Any, width: float) -> tuple[_Page, list[_Line]]:
    page = _prepared(pixels, width)
    lines = _recognised(page, [*_cell_lines(page), *_free_lines(page)][:LINE_CAP])
    return page, _second_look(page, lines)


def _prepared(pixels: Any, width: float) -> _Page:
    clean = raster.clean(pixels, pixels.shape[1] / width)
    tables, _ = read_page(Marks(1, width, width, (), clean.rules))
    around = cv2.dilate(clean.ink, np.ones((5, 5), np.uint8))
    text = np.where(around > 0, clean.grey, 255).astype(np.uint8)
    return _Page(clean, text, tables, raster.em_of(clean.ink, 10 * clean.scale))


def _turns(pixels: Any, width: float, height: float, upright: tuple[int, float]) -> int:
    """How many quarter turns counter-clockwise make the page upright.

    Decided by a sample of its longest lines: the network reads characters that lie on their side, but only upright
    do they follow each other as words.  ``upright`` is what the page says as it lies.
    """
    if upright[0] >= 2 and upright[1] >= UPRIGHT:
        return 0
    best, said = 0, (upright[0], upright[1] + 0.1)
    for turns in (2, 1, 3):
        page = _prepared(np.ascontiguousarray(np.rot90(pixels, turns)), height if turns % 2 else width)
        found = _sense(_recognised(page, _widest([*_cell_lines(page), *_free_lines(page)])))
        if found > said:
            best, said = turns, found
    return best


def _sense(lines: Sequence[_Line]) -> tuple[int, float]:
    """How many usual words a sample of lines holds, and the mean confidence of its characters."""
    return sum(len(WORDS.findall(line.text)) for line in lines), _mean(lines)


def _widest(lines: Sequence[_Line]) -> list[_Line]:
    return sorted(lines, key=lambda line: line.box[0] - line.box[2])[:SAMPLE]


def _mean(lines: Sequence[_Line]) -> float:
    """The mean confidence of all characters; a line of which nothing was read counts as one."""
    found = [sign.confidence for line in lines for sign in line.signs] + [0.0 for line in lines if not line.signs]
    return sum(found) / len(found) if found else 1.0


# ---------------------------------------------------------------- lines


def _cell_lines(page: _Page) -> Iterable[_Line]:
    scale = page.clean.scale
    for number, table in enumerate(page.tables):
        em = _em_of_table(page, table)
        for index, cell in enumerate(table.fields):
            left, top, right, bottom = (max(0, round(value * scale)) for value in cell.box)
            ink = page.clean.ink[top:bottom, left:right]
            if not ink.any():
                continue
            ink = raster.without_edges(np.ascontiguousarray(ink), scale)
            for a, b, c, d in raster.segments_of(ink, em, most=1.6):
                yield _Line((left + a, top + b, left + c, top + d), (number, index))


def _em_of_table(page: _Page, table: Ruled) -> float:
    """The height of a table's characters, which are smaller than the text's around it."""
    left, top, right, bottom = (max(0, round(value * page.clean.scale)) for value in table.box)
    return raster.em_of(np.ascontiguousarray(page.clean.ink[top:bottom, left:right]), 8 * page.clean.scale, 2.2)


def _free_lines(page: _Page) -> Iterable[_Line]:
    """What stands outside the tables; a lone dot is dirt, and would part a table from its rest on the next page."""
    ink = page.clean.ink.copy()
    scale = page.clean.scale
    for table in page.tables:
        left, top, right, bottom = (round(value * scale) for value in table.box)
        margin = round(scale)
        ink[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin] = 0
    for box in raster.segments_of(ink, page.em):
        if max(box[2] - box[0], box[3] - box[1]) > 0.4 * page.em:
            yield _Line(box)


def _recognised(page: _Page, lines: Sequence[_Line], *, values: bool = False, rim: float = 0.14) -> list[_Line]:
    found = recogniser.shared().read([_crop(page, line, rim) for line in lines], values=values)
    read = [replace(line, signs=_placed(line, _spaced(signs), rim)) for line, signs in zip(lines, found, strict=True)]
    return read if values else [replace(line, signs=_widened(page, line)) for line in read]


def _placed(line: _Line, signs: tuple[Sign, ...], rim: float) -> tuple[Sign, ...]:
    """Signs with their places as shares of the line, not of its picture with the rim."""
    width = line.box[2] - line.box[0]
    side = round((line.box[3] - line.box[1]) * max(rim, 0.25))
    return tuple(replace(sign, at=(sign.at * (width + 2 * side) - side) / width) for sign in signs)


def _widened(page: _Page, line: _Line) -> tuple[Sign, ...]:
    """Brackets and commas as wide as they are printed, which the network does not tell well.

    A wide one has half a character of blank beside it.  At a line's end there is nothing to measure: there it is
    as wide as its neighbour.
    """
    if not any(sign.text in WIDE or sign.text in NARROW for sign in line.signs):
        return line.signs
    left, top, right, bottom = line.box
    inked = (page.clean.ink[top:bottom, left:right] > 0).any(axis=0)
    runs = raster.runs_of(inked)
    signs = list(line.signs)
    for i, sign in enumerate(signs):
        narrow = NARROW.get(sign.text, sign.text)
        if narrow not in WIDE or not runs:
            continue
        at = min(max(sign.at, 0.0), 1.0) * (right - left)
        nearest = min(range(len(runs)), key=lambda j: abs((runs[j][0] + runs[j][1]) / 2 - at))
        beside = nearest - 1 if narrow == "(" else nearest + 1
        if 0 <= beside < len(runs):
            blank = runs[nearest][0] - runs[beside][1] if narrow == "(" else runs[beside][0] - runs[nearest][1]
            is_wide = blank > BLANK * max(bottom - top, 0.8 * page.em)
        else:
            is_wide = _beside(signs, i)
        signs[i] = replace(sign, text=WIDE[narrow] if is_wide else narrow)
    return tuple(signs)


def _crop(page: _Page, line: _Line, rim: float) -> Any:
    """A line's picture with a white rim; flat ink (一, a dash) keeps the height of a line, or it would fill it."""
    left, top, right, bottom = line.box
    high = max(bottom - top, round(0.8 * page.em))
    middle = (top + bottom) / 2
    ink = page.text[top:bottom, left:right]
    above = round(high * rim) + round(middle - (bottom - top) / 2 - (middle - high / 2))
    side = round(high * max(rim, 0.25))
    return cv2.copyMakeBorder(ink, above, above, side, side, cv2.BORDER_CONSTANT, value=255)


def _spaced(signs: tuple[Sign, ...]) -> tuple[Sign, ...]:
    """Signs without spaces beside ideographs, and punctuation beside ideographs as wide as these print it."""
    kept = [s for i, s in enumerate(signs) if s.text != " " or (0 < i < len(signs) - 1 and not _beside(signs, i))]
    return tuple(kept)


def _beside(signs: Sequence[Sign], i: int) -> bool:
    return any(IDEOGRAPH.match(signs[j].text) for j in (i - 1, i + 1) if 0 <= j < len(signs))


# ---------------------------------------------------------------- figures


def _second_look(page: _Page, lines: list[_Line]) -> list[_Line]:
    """Doubtful cells among figures read once more as figures; two pieces in one row of a cell stay in doubt."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        if line.cell is not None:
            cells[line.cell].append(i)
    columns, rows = _among_figures(page, lines, cells)
    again = [
        i
        for cell, indices in cells.items()
        for i in indices
        if (cell in columns and _is_doubtful(lines[i], LIKE_VALUES))
        or (cell in rows and _is_doubtful(lines[i], LIKE_DIGITS))
    ]
    for i, *looks in zip(again, *_looks(page, [lines[i] for i in again]), strict=True):
        lines[i] = _decided(lines[i], looks)
    for cell, indices in cells.items():
        if cell in columns | rows:
            _without_dirt(page, lines, indices)
        if cell in columns | rows and sum(bool(FIGURE.match(lines[i].text)) for i in indices) > 1:
            for i in indices:
                lines[i] = replace(lines[i], signs=tuple(replace(s, confidence=0.0) for s in lines[i].signs))
    return [line for line in lines if not line.dirt]


def _without_dirt(page: _Page, lines: list[_Line], indices: Sequence[int]) -> None:
    """Take dirt from a cell among figures: dots before and behind a figure, and specks that stand apart from one.

    No figure begins or ends with a dot.  A dot inside a figure stays, whatever its size.
    """
    for i in indices:
        kept = [sign for sign in lines[i].signs if sign.text != " "]
        while kept and kept[0].text in DOTS:
            kept = kept[1:]
        while kept and kept[-1].text in DOTS:
            kept = kept[:-1]
        if FIGURE.match("".join(sign.text for sign in kept)):
            lines[i] = replace(lines[i], signs=tuple(kept))
    if not any(FIGURE.match(lines[i].text) for i in indices):
        return
    for i in indices:
        left, top, right, bottom = lines[i].box
        parts = raster.parts_of(np.ascontiguousarray(page.clean.ink[top:bottom, left:right]))
        size = max((max(part[2], part[3]) for part in parts), default=0)
        if size < DIRT * page.clean.scale and not FIGURE.match(lines[i].text):
            lines[i] = replace(lines[i], signs=(), dirt=True)


def _among_figures(
    page: _Page, lines: Sequence[_Line], cells: dict[tuple[int, int], list[int]]
) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """The cells that stand in columns of figures, and those that stand in rows of figures.

    A column: two figures at least, a row: three; and for every figure two cells of words at most.
    """
    columns: dict[tuple[int, ...], list[tuple[tuple[int, int], bool | None]]] = defaultdict(list)
    rows: dict[tuple[int, ...], list[tuple[tuple[int, int], bool | None]]] = defaultdict(list)
    for cell, indices in cells.items():
        field: Field = page.tables[cell[0]].fields[cell[1]]
        text = "".join(lines[i].text for i in indices)
        sure = bool(FIGURE.match(text)) and all(lines[i].confidence > 0.6 for i in indices)
        flag = sure if sure or (len(text) > 2 and not any(c.isdigit() for c in text)) else None
        columns[cell[0], field.column, field.colspan].append((cell, flag))
        rows[cell[0], field.row, field.rowspan].append((cell, flag))
    return _mostly(columns, 2), _mostly(rows, 3)


def _mostly(
    groups: dict[tuple[int, ...], list[tuple[tuple[int, int], bool | None]]], least: int
) -> frozenset[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for group in groups.values():
        figures = sum(flag is True for _, flag in group)
        if figures >= least and 2 * figures >= sum(flag is False for _, flag in group):
            found.update(cell for cell, _ in group)
    return frozenset(found)


def _is_doubtful(line: _Line, alike: frozenset[str]) -> bool:
    """Whether a second look may help: nothing was read, one unsure glyph, or digits and what looks like them."""
    text = line.text
    if FIGURE.match(text):
        return line.confidence < SURE
    if len(text) == 1 and line.confidence < DOUBT:
        return True
    return all(char in alike for char in text)


def _looks(page: _Page, lines: Sequence[_Line]) -> tuple[list[_Line], ...]:
    """The same lines as figures, cut out closely and widely."""
    return tuple(_recognised(page, lines, values=True, rim=rim) for rim in (0.14, 0.3)) if lines else ([], [])


def _decided(line: _Line, looks: Sequence[_Line]) -> _Line:
    """What several looks agree on, as sure as the surest; where they differ the first, in doubt."""
    read = [look for look in looks if look.text]
    texts = {look.text for look in read} | ({line.text} if FIGURE.match(line.text) else set())
    if not read:
        return line
    best = max(read, key=lambda look: look.confidence)
    if len(texts) == 1:
        return best if best.confidence > line.confidence or best.text != line.text else line
    kept = line if FIGURE.match(line.text) and line.confidence >= best.confidence else best
    return replace(
        kept, signs=tuple(replace(sign, confidence=min(sign.confidence, DOUBT - 0.01)) for sign in kept.signs)
    )


# ---------------------------------------------------------------- glyphs


def _glyphs(line: _Line, scale: float, em: float, *, is_alone: bool) -> Iterable[Glyph]:
    """A recognised line's characters side by side over its width.

    Ink of a cell of which nothing was read gets a mark of its own, but for a dot beside other text.
    """
    left, top, right, bottom = (value / scale for value in line.box)
    high = bottom - top
    if bottom - top < 0.8 * em / scale:
        middle = (top + bottom) / 2
        top, bottom = middle - 0.45 * em / scale, middle + 0.45 * em / scale
    signs = line.signs
    if not signs:
        if line.cell is not None and (is_alone or max(high, right - left) > 0.5 * em / scale):
            yield Glyph(UNREAD, left, top, right, bottom, left, bottom, 0.0)
        return
    numbered = PAGE_NUMBER.match(line.text) if line.cell is None else None
    if numbered:
        signs = tuple(replace(sign, text="—") if sign.text in "一-—－_" else sign for sign in signs)
    middles = [left + (right - left) * min(max(sign.at, 0.0), 1.0) for sign in signs]
    edges = [left, *((a + b) / 2 for a, b in itertools.pairwise(middles)), right]
    for i, sign in enumerate(signs):
        yield Glyph(sign.text, edges[i], top, edges[i + 1], bottom, edges[i], bottom, min(sign.confidence, MOST))
