"""Tables that a page break cut → one grid.

Two parts are one table when their outer edges agree and nothing stands between them.  Both are mapped on the
union of their upright edges; a repeated head is dropped; a row whose values are all empty and whose label opens
no new number is the rest of the row above; the blank head of a merged label belongs to the label before the break.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.model import Cell, Grid, Place
from pipelines.convert.ruled.flow import cell_text
from pipelines.convert.ruled.lattice import SNAP, Ruled
from pipelines.matching import enumerator, folded
from pipelines.values import looks_like_value

if TYPE_CHECKING:
    from collections.abc import Sequence

EDGE = 4.0
"""Outer edges nearer than this are the same edge."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A table in the making: the x of its upright edges, its rows of cells, where it begins."""

    xs: tuple[float, ...]
    rows: int
    cells: tuple[Cell, ...]
    place: Place


def piece_of(table: Ruled) -> Piece:
    """A page's ruled table as the first piece of a grid."""
    cells = tuple(
        Cell(f.row, f.column, cell_text(f.glyphs, f.box), f.rowspan, f.colspan, place_of(table.page, f.box))
        for f in table.fields
    )
    return Piece(table.xs, len(table.ys) - 1, cells, place_of(table.page, table.box))


def place_of(page: int, box: Sequence[float]) -> Place:
    """The place of a box on a page, to a tenth of a point: the same box gives the same place."""
    left, top, right, bottom = (round(value, 1) for value in box)
    return Place(page, (left, top, right, bottom))


def fits(first: Piece, second: Piece) -> bool:
    """Whether the outer upright edges of two pieces agree."""
    return abs(first.xs[0] - second.xs[0]) <= EDGE and abs(first.xs[-1] - second.xs[-1]) <= EDGE


def stitched(first: Piece, second: Piece) -> Piece:
    """One piece of two, the second standing below the first."""
    xs = _union(first.xs, second.xs)
    upper, lower = _mapped(first, xs), _mapped(second, xs)
    lower = _without_head(upper, lower)
    cells = list(upper.cells)
    offset = upper.rows
    if lower.rows and _is_rest(lower, 0):
        lower = _rest_joined(cells, upper.rows, lower)
    lower = _labels_joined(cells, upper.rows, lower)
    shift = offset
    cells += [replace(cell, row=cell.row + shift) for cell in lower.cells]
    return Piece(xs, upper.rows + lower.rows, tuple(cells), first.place)


def grid_of(piece: Piece) -> Grid:
    """The finished grid: columns that no cell uses alone are kept, their edges are printed."""
    cells = sorted(piece.cells, key=lambda cell: (cell.row, cell.column))
    return Grid(piece.rows, len(piece.xs) - 1, tuple(cells), place=piece.place)


# ---------------------------------------------------------------- columns


def _union(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    found: list[float] = []
    for x in sorted((*a, *b)):
        if not found or x - found[-1] > max(SNAP, EDGE):
            found.append(x)
    return tuple(found)


def _mapped(piece: Piece, xs: Sequence[float]) -> Piece:
    """The piece with its columns counted on the union of edges."""
    index = [min(range(len(xs)), key=lambda i: abs(xs[i] - x)) for x in piece.xs]
    cells = tuple(
        replace(cell, column=index[cell.column], colspan=max(1, index[cell.column + cell.colspan] - index[cell.column]))
        for cell in piece.cells
    )
    return replace(piece, cells=cells)


# ---------------------------------------------------------------- rows


def _row(piece: Piece, row: int) -> list[Cell]:
    return sorted((cell for cell in piece.cells if cell.row == row), key=lambda cell: cell.column)


def _signature(piece: Piece, row: int) -> tuple[str, ...]:
    return tuple(folded(cell.text) for cell in _row(piece, row))


def _without_head(upper: Piece, lower: Piece) -> Piece:
    """The lower piece without the head rows it repeats from the upper one."""
    count = 0
    while count < min(upper.rows, lower.rows, 6) and _signature(upper, count) == _signature(lower, count):
        if not any(_signature(lower, count)) or not _is_head(lower, count):
            break
        count += 1
    return _dropped(lower, count) if count else lower


def _is_head(piece: Piece, row: int) -> bool:
    cells = [cell for cell in _row(piece, row) if cell.text.strip()]
    return not any(cell.text.strip().isdigit() for cell in cells)


def _dropped(piece: Piece, count: int) -> Piece:
    kept = []
    for cell in piece.cells:
        if cell.row >= count:
            kept.append(replace(cell, row=cell.row - count))
        elif cell.row + cell.rowspan > count:
            kept.append(replace(cell, row=0, rowspan=cell.row + cell.rowspan - count, text=""))
    return replace(piece, rows=piece.rows - count, cells=tuple(kept))


def _is_rest(piece: Piece, row: int) -> bool:
    """Whether a row is the rest of the row above: no value printed, and its words open no number."""
    cells = _row(piece, row)
    words = [cell for cell in cells if cell.text.strip() and not looks_like_value(cell.text)]
    values = [cell for cell in cells if cell.text.strip() and looks_like_value(cell.text)]
    if values or any(enumerator(cell.text) for cell in words) or not words:
        return False
    return len(words) <= 2 and len(cells) >= 4 and all(cell.rowspan == 1 for cell in words[-1:])


def _rest_joined(cells: list[Cell], rows: int, lower: Piece) -> Piece:
    """Join the first row of the lower piece to the last row above, cell by cell; answer what remains of it."""
    for cell in _row(lower, 0):
        if not cell.text.strip() or cell.rowspan > 1:
            continue
        for i, above in enumerate(cells):
            if above.row + above.rowspan == rows and above.column == cell.column and above.colspan == cell.colspan:
                cells[i] = replace(above, text=above.text + cell.text)
                break
        else:
            return lower
    return _dropped(lower, 1)


def _labels_joined(cells: list[Cell], rows: int, lower: Piece) -> Piece:
    """Merged labels that the break cut: the part below it is blank or goes on with the words.

    Only cells to the left of the values, and only where the cell above has the same edges and is a label.
    """
    kept = []
    for cell in lower.cells:
        above = (
            next((i for i, c in enumerate(cells) if _is_label_above(c, cell, rows)), None) if cell.row == 0 else None
        )
        if above is None or not _goes_on(cells[above], cell, lower):
            kept.append(cell)
            continue
        cells[above] = replace(
            cells[above], text=cells[above].text + cell.text, rowspan=cells[above].rowspan + cell.rowspan
        )
    return replace(lower, cells=tuple(kept))


def _is_label_above(above: Cell, cell: Cell, rows: int) -> bool:
    return (
        above.row + above.rowspan == rows
        and above.column == cell.column
        and above.colspan == cell.colspan
        and not looks_like_value(above.text)
    )


def _goes_on(above: Cell, cell: Cell, lower: Piece) -> bool:
    if enumerator(cell.text):
        return False
    right = [c for c in lower.cells if c.row == 0 and c.column > cell.column and c.text.strip()]
    labelled = any(not looks_like_value(c.text) for c in right)
    if not cell.text.strip():
        return labelled or cell.rowspan > 1
    return labelled and (cell.rowspan > 1 or above.rowspan > 1)
