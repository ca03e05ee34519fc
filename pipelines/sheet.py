"""A grid prepared for reading: rows of cells with their keys, and the pieces every form's reader shares."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from archive.forms import Column, Row, code_of
from archive.model import Cell, FormName, Grid, Observation, Status, Where
from pipelines.matching import enumerator, key
from pipelines.values import Value, looks_like_value, parse_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
COUNTED = frozenset({"件", "条", "次", "篇", "个", "人", "人次"})
MOST = 10**9
"""No body counts a thousand million applications a year; a telephone number has eleven digits."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a grid: where it is, its cells from left to right (spanning ones too), label and value parts."""

    grid: int
    row: int
    cells: tuple[Cell, ...]
    labels: tuple[Cell, ...]
    values: tuple[Cell, ...]

    @property
    def leaf(self) -> str:
        """The last printed label of the row: the one that names it."""
        return next((cell.text for cell in reversed(self.labels) if cell.text.strip()), "")

    @property
    def head(self) -> Cell | None:
        """The cell of :attr:`leaf`."""
        return next((cell for cell in reversed(self.labels) if cell.text.strip()), None)

    @property
    def blank(self) -> bool:
        """Whether no value is printed in the row."""
        return not any(cell.text.strip() for cell in self.values)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid with its lines and the set of its cells' keys."""

    index: int
    grid: Grid
    lines: tuple[Line, ...]
    keys: frozenset[str]
    year: int | None = None
    """The year its caption, or the short line right before it, names."""


@dataclass
class Found:
    """What a form's reader found: observations, which rows they used, the form when the labels tell."""

    observations: list[Observation] = field(default_factory=list)
    used: set[tuple[int, int]] = field(default_factory=set)
    form: FormName | None = None
    repeated: bool = False
    """Whether the table stands there more than once with different figures, and nothing says which is meant."""


def sheet_of(index: int, grid: Grid, hint: str = "") -> Sheet:
    """Prepare a grid: each row's cells split into labels on the left and values on the right.

    ``hint`` is what stands over the grid: its caption, the line before it.
    """
    rows: list[list[Cell]] = [[] for _ in range(grid.rows)]
    for cell in grid.cells:
        for r in range(cell.row, min(cell.row + cell.rowspan, grid.rows)):
            rows[r].append(cell)
    lines = tuple(_line(index, r, sorted(cells, key=lambda c: c.column)) for r, cells in enumerate(rows))
    return Sheet(index, grid, lines, frozenset(key(cell.text) for cell in grid.cells), _year_over(lines, hint))


def _year_over(lines: Sequence[Line], hint: str) -> int | None:
    """The one year named over a table: in the hint, or in a first row that is nothing but a caption."""
    first = [cell.text for line in lines[:1] for cell in line.cells if cell.text.strip()]
    named = set(HINTED.findall(hint)) or (set(HINTED.findall(first[0])) if len(first) == 1 else set())
    return int(named.pop()) if len(named) == 1 else None


def _line(grid: int, row: int, cells: list[Cell]) -> Line:
    """Values are the cells after the last one that holds words."""
    last = max((i for i, cell in enumerate(cells) if not looks_like_value(cell.text)), default=-1)
    return Line(grid, row, tuple(cells), tuple(cells[: last + 1]), tuple(cells[last + 1 :]))


def rejoined(lines: Sequence[Line], name: Callable[[Line], Cell | None], fit: Callable[[str], float]) -> list[Line]:
    """Lines whose label a page break or a clerk cut in two are one again.

    ``name`` is the cell that names a line, ``fit`` how well a key fits a row of the form.  The second half opens
    no number and at most one half prints values; it is joined only when the whole fits better than either half.
    Lines without a name (a head that is repeated) may stand between.
    """
    done: list[Line] = []
    last: int | None = None
    for line in lines:
        if last is not None and _continues(done[last], line, name, fit):
            done[last] = merged(done[last], line, name)
            continue
        if name(line) is not None:
            last = len(done)
        done.append(line)
    return done


def _continues(before: Line, line: Line, name: Callable[[Line], Cell | None], fit: Callable[[str], float]) -> bool:
    first, second = name(before), name(line)
    if first is None or second is None or enumerator(second.text) or not (before.blank or line.blank):
        return False
    if before.grid == line.grid and second.row < line.row:
        return False  # a label that spans both rows
    return fit(key(first.text + second.text)) > max(fit(key(first.text)), fit(key(second.text)))


def merged(before: Line, line: Line, name: Callable[[Line], Cell | None]) -> Line:
    """One line of two whose labels belong together, with the values of whichever prints some."""
    first, second = name(before), name(line)
    assert first is not None
    assert second is not None
    whole = replace(first, text=first.text + second.text)
    values = before.values if not before.blank else line.values
    cells, labels = (tuple(whole if cell is first else cell for cell in held) for held in (before.cells, before.labels))
    return Line(before.grid, before.row, cells, labels, values)


def observed(row: Row, column: Column, cell: Cell, grid: int, *, certain: bool = True) -> Observation:
    """The observation a cell makes: ``ok`` for a number, ``blank`` for nothing, a dash or 无, else ambiguous."""
    value = parse_value(cell.text)
    status: Status = "ambiguous"
    if certain and not _odd(value, row.unit or column.unit):
        status = "ok" if value.kind == "number" else "ambiguous" if value.kind == "text" else "blank"
    where = Where(grid, cell.row, cell.column, row.label, column.zh, cell.place)
    number = value.number if status == "ok" else None
    return Observation(code_of(row, column), number, status, value.raw, value.unit or _unit(row, column), where)


def _odd(value: Value, unit: str) -> bool:
    """A number that cannot be what the cell counts: a percentage, or as many digits as a telephone number."""
    counted = unit in COUNTED
    return value.unit in {"%", "‰"} or (counted and value.number is not None and abs(value.number) >= MOST)


def doubtful(row: Row, column: Column, line: Line) -> Observation:
    """An observation whose row does not say which of its values it is: the whole row is kept as printed."""
    raw = " | ".join(cell.text.replace("\n", " ").strip() for cell in line.values)
    place = line.values[0].place if line.values else None
    where = Where(line.grid, line.row, None, row.label, column.zh, place)
    return Observation(code_of(row, column), None, "ambiguous", raw, _unit(row, column), where)


def missing(row: Row, column: Column) -> Observation:
    """An expected cell the table does not have."""
    where = Where(row_label=row.label, column_label=column.zh)
    return Observation(code_of(row, column), None, "missing", None, _unit(row, column), where)


def _unit(row: Row, column: Column) -> str | None:
    unit = row.unit or column.unit
    return None if unit.startswith("as printed") else unit or None


def prints_number(cell: Cell) -> bool:
    """Whether a cell prints a number and nothing else."""
    return parse_value(cell.text).kind == "number"


def agree(cells: Iterable[Cell]) -> bool:
    """Whether all cells print the same thing (an unmerged cell that was copied)."""
    return len({cell.text.strip() for cell in cells}) == 1


def numbers(cells: Sequence[Cell]) -> list[float | int | None]:
    """The cells' numbers; None where none is printed."""
    return [parse_value(cell.text).number for cell in cells]


HINTED = re.compile(r"((?:19|20)\d{2})\s{0,3}年")
ANOTHER = re.compile(
    r"累计|历年|上年|上一年|去年|往年|同期|增长|增减|增幅|同比|备注|说明|代码|序号|编号|其中|下属|县级|乡镇|街道"
)
"""Heads of columns that are not this year's figure of the whole."""


def is_this_year(head: str, year: int | None) -> bool:
    """Whether a column's head can stand over this year's figures: no other year, no sum over years, no remarks."""
    named = [int(found) for found in HINTED.findall(head)]
    return not ANOTHER.search(head) and (year is None or not named or year in named)


def choose(
    copies: Sequence[T], printed: Callable[[T], tuple[str, ...]], year_of: Callable[[T], int | None], year: int | None
) -> tuple[T, bool]:
    """Which of several copies of a table is the report's own, and whether that is certain.

    Copies that print nothing do not count; one that stands under the report's year goes before one that stands
    under none, and that before one of another year.  Copies that then print different figures are not certain.
    """
    held = [copy for copy in copies if any(printed(copy))] or list(copies)
    own = [copy for copy in held if year is not None and year_of(copy) == year]
    held = own or [copy for copy in held if year_of(copy) is None] or held
    return held[0], len({printed(copy) for copy in held}) == 1


def unsure(observations: Iterable[Observation]) -> list[Observation]:
    """The same observations, none of them claimed: what is printed is kept."""
    return [replace(item, status="ambiguous", value=None) if item.status == "ok" else item for item in observations]


def heads_of(sheet: Sheet) -> dict[int, str]:
    """Grid column → its head: the lowest words above the first row with numbers."""
    first = next(
        (line.row for line in sheet.lines if line.labels and any(prints_number(c) for c in line.values)),
        0,
    )
    heads: dict[int, str] = {}
    for cell in sorted(sheet.grid.cells, key=lambda c: c.row):
        if cell.row < first and cell.text.strip() and cell.colspan < sheet.grid.columns:
            for column in range(cell.column, cell.column + cell.colspan):
                heads[column] = cell.text.replace("\n", "").strip()
    return heads
