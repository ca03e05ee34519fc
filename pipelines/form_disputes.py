"""Table 4 of the 2019 and 2021 forms: review and litigation, one row of fifteen values under three heads of five."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipelines.forms import Column, Row, form
from pipelines.matching import key
from pipelines.sheet import Found, Line, Sheet, doubtful, missing, numbers, observed
from pipelines.values import looks_like_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.model import Cell, Observation


@cache
def columns() -> tuple[Column, ...]:
    """The five results."""
    return form("2021").table("disputes").blocks[0].columns


@cache
def rows() -> tuple[Row, ...]:
    """Review, litigation without review, litigation after review."""
    return form("2021").table("disputes").blocks[0].rows


def read(sheets: Sequence[Sheet]) -> Found | None:
    """Read table 4, whole or with review and litigation in grids of their own."""
    found = Found()
    seen: dict[str, list[Observation]] = {}
    for sheet in sheets:
        leaves = _leaves(sheet)
        if len(leaves) < 4 or "自然人" in sheet.keys:
            continue
        for code, observations in _read(sheet, leaves, found).items():
            seen.setdefault(code, observations)
    if not seen:
        return None
    for row in rows():
        found.observations += seen.get(row.code) or [missing(row, column) for column in columns()]
    return found


def _leaves(sheet: Sheet) -> list[Cell]:
    """The head cells that name a result, from left to right."""
    names = {key(column.zh): i for i, column in enumerate(columns())}
    cells = [cell for cell in sheet.grid.cells if key(cell.text) in names]
    return sorted(cells, key=lambda cell: cell.column)


def _read(sheet: Sheet, leaves: list[Cell], found: Found) -> dict[str, list[Observation]]:
    bottom = max(leaf.row + leaf.rowspan for leaf in leaves)
    found.used |= {(sheet.index, line.row) for line in sheet.lines[:bottom]}
    line = _data(sheet.lines[bottom:])
    whole = len(leaves) % 5 == 0
    if not whole and (line is None or not _aligned(leaves, line.values)):
        # a head that was cut or could not be read: which value belongs under which head is anyone's guess
        found.used |= {(sheet.index, line.row)} if line else set()
        return {row.code: [doubtful(row, c, line) if line else missing(row, c) for c in columns()] for row in rows()}
    groups = _named(sheet, leaves, len(leaves) // 5 if whole or line is None else len(line.values) // 5)
    if line is None:
        return {row.code: [missing(row, column) for column in columns()] for row, _ in groups}
    found.used.add((sheet.index, line.row))
    values = _under(leaves, line.values) if whole else ()
    values = values or _fitting(line.values, groups)
    answer: dict[str, list[Observation]] = {}
    for position, (row, _) in enumerate(groups):
        five = values[5 * position : 5 * position + 5] if values else ()
        answer[row.code] = [
            observed(row, column, five[i], sheet.index) if five else doubtful(row, column, line)
            for i, column in enumerate(columns())
        ]
    return answer


def _aligned(leaves: list[Cell], values: Sequence[Cell]) -> bool:
    """Whether every head that could be read stands over a value that is its own by the form's order."""
    names = {key(column.zh): i for i, column in enumerate(columns())}
    places = {cell.column: i for i, cell in enumerate(values)}
    return len(values) in {5, 10, 15} and all(
        leaf.column in places and places[leaf.column] % 5 == names[key(leaf.text)] for leaf in leaves
    )


def _named(sheet: Sheet, leaves: list[Cell], count: int) -> list[tuple[Row, int]]:
    """Which rows of the form the groups of five are: by the label above them, else by their order."""
    found: list[tuple[Row, int]] = []
    for position in range(min(count, 3)):
        first = leaves[min(position * 5, len(leaves) - 1)]
        above = [
            key(c.text)
            for c in sheet.grid.cells
            if c.row < first.row and c.column <= first.column < c.column + c.colspan
        ]
        row = _row_named(above) if count < 3 else rows()[position]
        found.append((row or rows()[position], position))
    return found


def _row_named(labels: list[str]) -> Row | None:
    joined = "".join(labels)
    for row, word in ((rows()[1], "未经复议"), (rows()[2], "复议后"), (rows()[0], "行政复议")):
        if word in joined:
            return row
    return None


def _data(lines: Sequence[Line]) -> Line | None:
    """The line of values: the first below the heads without words that prints something, else the first without words."""
    plain = [
        Line(line.grid, line.row, line.cells, (), line.cells)
        for line in lines
        if all(looks_like_value(c.text) for c in line.cells)
    ]
    return next((line for line in plain if not line.blank), plain[0] if plain else None)


def _under(leaves: list[Cell], values: Sequence[Cell]) -> Sequence[Cell]:
    """The values that stand right under the heads, one under each, when nothing is printed beside them; else none."""
    columns_of_heads = [leaf.column for leaf in leaves]
    under = [cell for cell in values if cell.column in columns_of_heads and cell.colspan == 1]
    fits = len(set(columns_of_heads)) == len(leaves) == len(under)
    return under if fits and _blank_outside(values, under) else ()


def _fitting(values: Sequence[Cell], groups: list[tuple[Row, int]]) -> Sequence[Cell]:
    """As many values as there are heads; of more, the window whose totals are sums; else none."""
    wanted = 5 * len(groups)
    if len(values) == wanted:
        return values
    if len(values) < wanted:
        return ()
    windows = [values[i : i + wanted] for i in range(len(values) - wanted + 1)]
    clean = [w for w in windows if _blank_outside(values, w)]
    if len(clean) > 1:
        clean = [w for w in clean if _balanced(w)]
    printed = {tuple(cell.text.strip() for cell in w) for w in clean}
    return clean[-1] if len(printed) == 1 else ()


def _blank_outside(values: Sequence[Cell], window: Sequence[Cell]) -> bool:
    inside = {id(cell) for cell in window}
    return not any(cell.text.strip() for cell in values if id(cell) not in inside)


def _balanced(window: Sequence[Cell]) -> bool:
    found = numbers(window)
    fives = [found[i : i + 5] for i in range(0, len(found), 5)]
    return all(five[4] is None or sum(n or 0 for n in five[:4]) == five[4] for five in fives)
