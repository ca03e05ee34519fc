"""Cells with spans → a grid, whatever format they came from; the caps that make span bombs harmless.

Also what readers of every format do alike: raised and lowered digits are set apart from the number beside them, what
cannot be read leaves a sign in its cell, and hidden rows and columns go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.model import Cell, Grid, Place

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

COLUMN_CAP = 200
ROW_CAP = 5000
CELL_CAP = 100_000
"""Cells of one document that are kept; a report has about 300."""
BLANKS = " \t\u3000\xa0"
"""What stands around a line without being printed."""
UNREAD = "〓"
"""The sign in a cell for what is printed there and cannot be read, so that the cell is never taken for blank."""
UNSEEN = "\ufdd3"
"""In a reader's text: something is shown here that is no text (a picture, a formula without its result)."""
RAISED, LOWERED, LEVEL = "\ufdd0", "\ufdd1", "\ufdd2"
"""In a reader's text: raised text begins, lowered text begins, either ends.  Not characters: no text holds them."""
_MARKS = re.compile(f"[{RAISED}{LOWERED}{LEVEL}]")
_SHIFTED = re.compile(f"([{RAISED}{LOWERED}])([^{RAISED}{LOWERED}{LEVEL}]*)(?:{LEVEL}|(?=[{RAISED}{LOWERED}])|\\Z)")
_UPPER = str.maketrans("0123456789０１２３４５６７８９", "⁰¹²³⁴⁵⁶⁷⁸⁹⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWER = str.maketrans("0123456789０１２３４５６７８９", "₀₁₂₃₄₅₆₇₈₉₀₁₂₃₄₅₆₇₈₉")
OF_NUMBERS = frozenset("0123456789０１２３４５６７８９.,．，⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉")
"""What a number may begin or end with: raised digits beside it are set apart from it."""


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
    printed = [cell for cell in cells if cell.text.strip() and cell.text != UNREAD]
    if nests:
        return len(printed) < 6
    return len(printed) == len({cell.row for cell in printed}) and len({cell.column for cell in printed}) <= 1


def lines_of(text: str) -> list[str]:
    """The printed lines of a paragraph or a cell, the space around them gone."""
    return [line.strip(BLANKS) for line in text.split("\n") if line.strip(BLANKS)]


# ---------------------------------------------------------------- what stands beside a number


def in_prose(text: str) -> str:
    """A line of prose: raised digits beside a number become ⁵ and the like, pictures leave nothing."""
    return _levelled(text).replace(UNSEEN, "")


def in_cell(text: str) -> str:
    """The text of a cell: as :func:`in_prose`, but what cannot be read leaves :data:`UNREAD` unless it stands by words."""
    text = _levelled(text)
    if UNSEEN not in text:
        return text
    rest = text.replace(UNSEEN, "")
    letters = sum(character.isalpha() for character in rest)
    unclear = letters < 2 or (letters < 4 and any(character.isdigit() for character in rest))
    text = re.sub(f"{UNSEEN}+", UNREAD, text) if unclear else rest
    return "\n".join(lines_of(text))


def _levelled(text: str) -> str:
    """Raised (lowered) digits beside a number as ¹ (₁), which no number holds; any other raised text as it is (m2)."""
    if not _MARKS.search(text):
        return text
    text = text.replace(LEVEL + RAISED, "").replace(LEVEL + LOWERED, "")
    parts: list[str] = []
    end = 0
    for match in _SHIFTED.finditer(text):
        parts.append(_MARKS.sub("", text[end : match.start()]))
        before = next((part.rstrip(BLANKS)[-1:] for part in reversed(parts) if part.strip(BLANKS)), "")
        after = _MARKS.sub("", text[match.end() : match.end() + 20]).lstrip(BLANKS)[:1]
        beside = before in OF_NUMBERS or after in OF_NUMBERS
        parts.append(shifted(match[2], match[1]) if beside else match[2])
        end = match.end()
    return "".join([*parts, _MARKS.sub("", text[end:])])


def shifted(text: str, mark: str) -> str:
    """Digits as raised or lowered ones, character for character."""
    return text.translate(_UPPER if mark == RAISED else _LOWER)


# ---------------------------------------------------------------- hidden rows and columns


def remaining(cells: list[Cell], rows: Container[int], columns: Container[int]) -> list[Cell]:
    """The cells without hidden rows and columns, moved together; a merged cell stays while a part of it shows."""
    if not cells:
        return cells
    down = moved(max(cell.row + cell.rowspan for cell in cells), rows)
    across = moved(max(cell.column + cell.colspan for cell in cells), columns)
    found = []
    for cell in cells:
        row, column = down[cell.row], across[cell.column]
        height, width = down[cell.row + cell.rowspan] - row, across[cell.column + cell.colspan] - column
        if height and width:
            found.append(Cell(row, column, cell.text, height, width, cell.place))
    return found


def moved(count: int, hidden: Container[int]) -> list[int]:
    """Where each boundary of rows (0 to ``count``) is when the hidden rows are gone."""
    boundaries = [0]
    for number in range(count):
        boundaries.append(boundaries[-1] + (number not in hidden))
    return boundaries
