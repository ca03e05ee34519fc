"""Cells with spans → a grid, whatever format they came from; the caps that make span bombs harmless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.model import Cell, Grid, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMN_CAP = 200
ROW_CAP = 5000
CELL_CAP = 100_000
"""Cells of one document that are kept; a report has about 300."""
BLANKS = " \t\u3000\xa0"
"""What stands around a line without being printed."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A cell as a source gives it: text and spans in its row's order; ``rowspan`` 0 means to the end."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    place: Place | None = None


def lay_out(rows: list[list[Raw]], place: Place | None = None, budget: int = CELL_CAP) -> Grid | None:
    """Give every cell its column, spans clamped to the table; None when no cell is left or the budget is spent."""
    rows = rows[:ROW_CAP]
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for r, row in enumerate(rows):
        column = 0
        for raw in row:
            while (r, column) in taken:
                column += 1
            if column >= COLUMN_CAP or len(taken) > budget:
                break
            height, width = _clamped(raw, len(rows) - r, COLUMN_CAP - column, taken, r, column)
            taken.update((r + i, column + j) for i in range(height) for j in range(width))
            cells.append(Cell(r, column, raw.text, height, width, raw.place))
            column += width
    if not cells:
        return None
    columns = max(cell.column + cell.colspan for cell in cells)
    return Grid(len(rows), columns, tuple(cells), place=place)


def _clamped(raw: Raw, below: int, beside: int, taken: set[tuple[int, int]], row: int, column: int) -> tuple[int, int]:
    height = below if raw.rowspan == 0 else max(1, min(raw.rowspan, below))
    width = max(1, min(raw.colspan, beside))
    if width > 60 or height * width > 3000:
        height, width = min(height, 60), min(width, 1)
    while width > 1 and any((row, column + j) in taken for j in range(1, width)):
        width -= 1
    return height, width


def rows_of(grid: Grid) -> list[list[Cell]]:
    """Every row's cells from left to right, a cell that spans rows standing in each of them."""
    rows: list[list[Cell]] = [[] for _ in range(grid.rows)]
    for cell in grid.cells:
        for r in range(cell.row, min(cell.row + cell.rowspan, grid.rows)):
            rows[r].append(cell)
    for row in rows:
        row.sort(key=lambda cell: cell.column)
    return rows


def is_frame(cells: Sequence[Cell], *, nests: bool) -> bool:
    """Whether a table only frames text: one printed column at most, or hardly any text beside inner tables."""
    printed = [cell for cell in cells if cell.text.strip()]
    if nests:
        return len(printed) < 6
    return len(printed) == len({cell.row for cell in printed}) and len({cell.column for cell in printed}) <= 1


def lines_of(text: str) -> list[str]:
    """The printed lines of a paragraph or a cell, the space around them gone."""
    return [line.strip(BLANKS) for line in text.split("\n") if line.strip(BLANKS)]
