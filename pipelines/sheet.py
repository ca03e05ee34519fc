"""A grid prepared for reading: rows of cells with their keys, and the pieces every form's reader shares."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.model import Cell, FormName, Grid, Observation, Status, Where
from pipelines.forms import Column, Row, code_of
from pipelines.matching import enumerator, key
from pipelines.values import looks_like_value, parse_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


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


@dataclass
class Found:
    """What a form's reader found: observations, which rows they used, the form when the labels tell."""

    observations: list[Observation] = field(default_factory=list)
    used: set[tuple[int, int]] = field(default_factory=set)
    form: FormName | None = None
    notes: list[str] = field(default_factory=list)


def sheet_of(index: int, grid: Grid) -> Sheet:
    """Prepare a grid: each row's cells split into labels on the left and values on the right."""
    rows: list[list[Cell]] = [[] for _ in range(grid.rows)]
    for cell in grid.cells:
        for r in range(cell.row, min(cell.row + cell.rowspan, grid.rows)):
            rows[r].append(cell)
    lines = tuple(_line(index, r, sorted(cells, key=lambda c: c.column)) for r, cells in enumerate(rows))
    return Sheet(index, grid, lines, frozenset(key(cell.text) for cell in grid.cells))


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
    if certain:
        status = "ok" if value.kind == "number" else "ambiguous" if value.kind == "text" else "blank"
    where = Where(grid, cell.row, cell.column, row.label, column.zh, cell.place)
    number = value.number if status == "ok" else None
    return Observation(code_of(row, column), number, status, value.raw, value.unit or _unit(row, column), where)


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


def agree(cells: Iterable[Cell]) -> bool:
    """Whether all cells print the same thing (an unmerged cell that was copied)."""
    return len({cell.text.strip() for cell in cells}) == 1


def numbers(cells: Sequence[Cell]) -> list[float | int | None]:
    """The cells' numbers; None where none is printed."""
    return [parse_value(cell.text).number for cell in cells]
