"""Ruled lines and characters → tables: one engine for PDF, OFD and scans.

It knows no file format: whoever has characters with boxes and straight lines calls :func:`read_page`.  All
coordinates are points with the origin at the page's top left, y downwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

SNAP = 2.5
"""Lines nearer than this are one line drawn twice (the two sides of neighbouring cells)."""
GAP = 3.5
"""Pieces of a line nearer than this are one line (dashes, gaps at crossings)."""
TOUCH = 3.5
"""A line whose end is this near to another touches it."""
SIDE = 8.0
"""Level lines that run further than this beyond the outermost upright one end at an edge that is not drawn."""
RULE_CAP = 20_000
CELL_CAP = 20_000


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character: its box, where its baseline begins, and how sure it is (below 1 when it was recognised)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    x: float
    y: float
    confidence: float = 1.0

    @property
    def middle(self) -> tuple[float, float]:
        """The centre of the box, by which a glyph is in a cell."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line from one point to another; only upright and level ones matter."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Marks:
    """What is drawn on one page (from 1)."""

    page: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One cell of a ruled table: first row and column, spans, box, its glyphs."""

    row: int
    column: int
    rowspan: int
    colspan: int
    box: Box
    glyphs: tuple[Glyph, ...]


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruled table on one page: the x of its upright edges, the y of its level ones, its cells."""

    page: int
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    fields: tuple[Field, ...]

    @property
    def box(self) -> Box:
        """The outer edges."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


@dataclass(frozen=True, slots=True)
class _Line:
    """A merged line: where it lies, from where to where."""

    at: float
    start: float
    end: float


def read_page(marks: Marks) -> tuple[tuple[Ruled, ...], tuple[Glyph, ...]]:
    """The page's tables from top to bottom, and the glyphs that stand in none of them.

    A frame of one cell or one column is prose in a box, not a table: its glyphs stay text.
    """
    levels, uprights = _merged(marks.strokes)
    tables = [table for group in _connected(levels, uprights) if (table := _table(marks, *group))]
    tables.sort(key=lambda table: (table.ys[0], table.xs[0]))
    inside = {id(glyph) for table in tables for cell in table.fields for glyph in cell.glyphs}
    return tuple(tables), tuple(glyph for glyph in marks.glyphs if id(glyph) not in inside)


# ---------------------------------------------------------------- lines


def _merged(strokes: Iterable[Stroke]) -> tuple[list[_Line], list[_Line]]:
    levels: list[_Line] = []
    uprights: list[_Line] = []
    for stroke in list(strokes)[:RULE_CAP]:
        wide, high = abs(stroke.x1 - stroke.x0), abs(stroke.y1 - stroke.y0)
        if high <= 1.5 < wide:
            levels.append(_Line((stroke.y0 + stroke.y1) / 2, min(stroke.x0, stroke.x1), max(stroke.x0, stroke.x1)))
        elif wide <= 1.5 < high:
            uprights.append(_Line((stroke.x0 + stroke.x1) / 2, min(stroke.y0, stroke.y1), max(stroke.y0, stroke.y1)))
    return _united(levels), _united(uprights)


def _united(lines: list[_Line]) -> list[_Line]:
    """Parallel lines that lie together as one position, their pieces joined."""
    united: list[_Line] = []
    for group in _clusters(sorted(lines, key=lambda line: line.at)):
        at = sum(line.at for line in group) / len(group)
        start, end = None, 0.0
        for line in sorted(group, key=lambda line: line.start):
            if start is None:
                start, end = line.start, line.end
            elif line.start <= end + GAP:
                end = max(end, line.end)
            else:
                united.append(_Line(at, start, end))
                start, end = line.start, line.end
        if start is not None:
            united.append(_Line(at, start, end))
    return [line for line in united if line.end - line.start > 4]


def _clusters(lines: list[_Line]) -> list[list[_Line]]:
    groups: list[list[_Line]] = []
    for line in lines:
        if groups and line.at - groups[-1][-1].at <= SNAP and line.at - groups[-1][0].at <= 2 * SNAP:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _connected(levels: list[_Line], uprights: list[_Line]) -> list[tuple[list[_Line], list[_Line]]]:
    """Groups of lines that touch each other: each may be a table."""
    parent = list(range(len(levels) + len(uprights)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, level in enumerate(levels):
        for j, upright in enumerate(uprights):
            if _touch(level, upright):
                parent[root(i)] = root(len(levels) + j)
    groups: dict[int, tuple[list[_Line], list[_Line]]] = defaultdict(lambda: ([], []))
    for i, level in enumerate(levels):
        groups[root(i)][0].append(level)
    for j, upright in enumerate(uprights):
        groups[root(len(levels) + j)][1].append(upright)
    return [group for group in groups.values() if len(group[0]) >= 2 and len(group[1]) >= 2]


def _touch(level: _Line, upright: _Line) -> bool:
    return (
        level.start - TOUCH <= upright.at <= level.end + TOUCH
        and upright.start - TOUCH <= level.at <= upright.end + TOUCH
    )


# ---------------------------------------------------------------- cells


def _table(marks: Marks, levels: list[_Line], uprights: list[_Line]) -> Ruled | None:
    uprights = [*uprights, *_missing_sides(levels, uprights)]
    xs, ys = _positions(uprights), _positions(levels)
    if len(xs) < 3 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > CELL_CAP:
        return None
    regions = _regions(xs, ys, levels, uprights)
    if len(regions) < 2 or len({column for _, column, _, _ in regions}) < 2:
        return None
    glyphs = _sorted_into(marks.glyphs, xs, ys)
    fields = []
    for row, column, height, width in regions:
        box = (xs[column], ys[row], xs[column + width], ys[row + height])
        found = tuple(
            g for r in range(row, row + height) for c in range(column, column + width) for g in glyphs.get((r, c), ())
        )
        fields.append(Field(row, column, height, width, box, found))
    return Ruled(marks.page, tuple(xs), tuple(ys), tuple(fields))


def _missing_sides(levels: list[_Line], uprights: list[_Line]) -> list[_Line]:
    """The outer upright edges that a table leaves out: where its first and its last level line end together.

    Two upright lines at least are drawn within, or the lines would not be a group: underlined prose has none.
    """
    first, last = min(levels, key=lambda line: line.at), max(levels, key=lambda line: line.at)
    found = []
    for edge, tips, drawn in (
        (min(line.start for line in levels), (first.start, last.start), min(line.at for line in uprights)),
        (max(line.end for line in levels), (first.end, last.end), max(line.at for line in uprights)),
    ):
        if all(abs(tip - edge) <= TOUCH for tip in tips) and abs(drawn - edge) > SIDE:
            found.append(_Line(edge, first.at, last.at))
    return found


def _positions(lines: Sequence[_Line]) -> list[float]:
    """The distinct positions of lines; two that almost coincide are one."""
    found: list[float] = []
    for at in sorted(line.at for line in lines):
        if not found or at - found[-1] > SNAP:
            found.append(at)
    return found


def _regions(
    xs: list[float], ys: list[float], levels: list[_Line], uprights: list[_Line]
) -> list[tuple[int, int, int, int]]:
    """The cells as (row, column, rows, columns): elementary ones joined where no line parts them."""
    rows, columns = len(ys) - 1, len(xs) - 1
    right = [[_covers(uprights, xs[c + 1], (ys[r] + ys[r + 1]) / 2) for c in range(columns - 1)] for r in range(rows)]
    below = [[_covers(levels, ys[r + 1], (xs[c] + xs[c + 1]) / 2) for c in range(columns)] for r in range(rows - 1)]
    taken = [[False] * columns for _ in range(rows)]
    regions = []
    for r in range(rows):
        for c in range(columns):
            if taken[r][c]:
                continue
            width, height = _extent(r, c, right, below, taken)
            for i in range(r, r + height):
                for j in range(c, c + width):
                    taken[i][j] = True
            regions.append((r, c, height, width))
    return regions


def _extent(
    r: int, c: int, right: list[list[bool]], below: list[list[bool]], taken: list[list[bool]]
) -> tuple[int, int]:
    """How many columns and rows the cell that starts here has: a rectangle with no line inside."""
    rows, columns = len(taken), len(taken[0])
    width = 1
    while c + width < columns and not right[r][c + width - 1] and not taken[r][c + width]:
        width += 1
    height = 1
    while r + height < rows and _open_below(r + height, c, width, right, below, taken):
        height += 1
    return width, height


def _open_below(
    r: int, c: int, width: int, right: list[list[bool]], below: list[list[bool]], taken: list[list[bool]]
) -> bool:
    if any(below[r - 1][j] or taken[r][j] for j in range(c, c + width)):
        return False
    return not any(right[r][j] for j in range(c, c + width - 1))


def _covers(lines: Sequence[_Line], at: float, point: float) -> bool:
    return any(abs(line.at - at) <= SNAP and line.start - 1 <= point <= line.end + 1 for line in lines)


def _sorted_into(glyphs: Iterable[Glyph], xs: list[float], ys: list[float]) -> dict[tuple[int, int], list[Glyph]]:
    """Glyphs by elementary cell, by the middle of their boxes."""
    found: dict[tuple[int, int], list[Glyph]] = defaultdict(list)
    for glyph in glyphs:
        x, y = glyph.middle
        if xs[0] <= x < xs[-1] and ys[0] <= y < ys[-1]:
            found[bisect_right(ys, y) - 1, bisect_right(xs, x) - 1].append(glyph)
    return found
