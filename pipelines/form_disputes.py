"""Table 4 of the 2019 and 2021 forms: review and litigation, one row of fifteen values under three heads of five."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from archive.forms import Column, Row, form
from pipelines.matching import key
from pipelines.sheet import Found, Line, Sheet, choose, doubtful, is_this_year, missing, numbers, observed, unsure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.model import Cell, Observation


LABEL = 12
"""Characters of a word that may stand before the values; more is a sentence, and the line is none of the table."""


@dataclass(frozen=True, slots=True)
class _Half:
    """One row of the form as one grid prints it, and the year over that grid."""

    year: int | None
    observations: list[Observation]


@cache
def columns() -> tuple[Column, ...]:
    """The five results."""
    return form("2021").table("disputes").blocks[0].columns


@cache
def rows() -> tuple[Row, ...]:
    """Review, litigation without review, litigation after review."""
    return form("2021").table("disputes").blocks[0].rows


def read(sheets: Sequence[Sheet], year: int | None = None) -> Found | None:
    """Read table 4, whole or with review and litigation in grids of their own."""
    found = Found()
    seen: dict[str, list[_Half]] = {}
    for sheet in sheets:
        leaves = _leaves(sheet)
        if len(leaves) < 4 or "自然人" in sheet.keys:
            continue
        for code, observations in _read(sheet, leaves, found, year).items():
            seen.setdefault(code, []).append(_Half(sheet.year, observations))
    if not seen:
        return None
    for row in rows():
        copies = seen.get(row.code)
        if not copies:
            found.observations += [missing(row, column) for column in columns()]
            continue
        half, certain = choose(copies, _printed, lambda one: one.year, year)
        found.repeated |= not certain
        found.observations += half.observations if certain else unsure(half.observations)
    return found


def _printed(half: _Half) -> tuple[str, ...]:
    raws = tuple(item.raw or "" for item in half.observations)
    return raws if any(raws) else ()


def _leaves(sheet: Sheet) -> list[Cell]:
    """The head cells that name a result, from left to right."""
    names = {key(column.zh): i for i, column in enumerate(columns())}
    cells = [cell for cell in sheet.grid.cells if key(cell.text) in names]
    return sorted(cells, key=lambda cell: cell.column)


def _read(sheet: Sheet, leaves: list[Cell], found: Found, year: int | None) -> dict[str, list[Observation]]:
    """Each row of the form this grid prints: by the heads its values stand under, or by the form's order."""
    if len({leaf.column for leaf in leaves}) == 1:
        return _upright(sheet, leaves, found)
    bottom = max(leaf.row + leaf.rowspan for leaf in leaves)
    line = _data(sheet.lines[bottom:], year)
    if line is None:
        return {}
    found.used |= {(sheet.index, row) for row in range(bottom)} | {(sheet.index, line.row)}
    named = _by_heads(sheet, leaves, line)
    if named is not None:
        return named
    usual = _in_order(sheet, leaves)
    whole = len(leaves) % 5 == 0
    if not usual or (not whole and not _aligned(leaves, line.values)):
        # a head that was cut or could not be read: which value belongs under which head is anyone's guess
        return {row.code: [doubtful(row, column, line) for column in columns()] for row in rows()}
    groups = _named(sheet, leaves, len(leaves) // 5 if whole else len(line.values) // 5)
    values = _fitting(line.values, groups)
    answer: dict[str, list[Observation]] = {}
    for position, (row, _) in enumerate(groups):
        five = values[5 * position : 5 * position + 5] if values else ()
        answer[row.code] = [
            observed(row, column, five[i], sheet.index) if five else doubtful(row, column, line)
            for i, column in enumerate(columns())
        ]
    return answer


def _upright(sheet: Sheet, leaves: list[Cell], found: Found) -> dict[str, list[Observation]]:
    """A table that stands upright: a result a line, its group on the left, one value on the right."""
    names = {key(column.zh): i for i, column in enumerate(columns())}
    placed: dict[tuple[str, int], Cell] = {}
    for leaf in leaves:
        line = sheet.lines[leaf.row]
        row = _row_named([key(cell.text) for cell in line.labels if cell is not leaf])
        if row is None or len(line.values) != 1 or (row.code, names[key(leaf.text)]) in placed:
            return {}
        placed[row.code, names[key(leaf.text)]] = line.values[0]
    answer = _assembled(sheet, placed)
    found.used |= {(sheet.index, leaf.row) for leaf in leaves} if answer else set()
    return answer or {}


def _assembled(sheet: Sheet, placed: dict[tuple[str, int], Cell]) -> dict[str, list[Observation]] | None:
    """The rows of the form of which all five results have a cell; None when one has only some."""
    codes = {code for code, _ in placed}
    if any((code, i) not in placed for code in codes for i in range(5)):
        return None
    return {
        row.code: [observed(row, column, placed[row.code, i], sheet.index) for i, column in enumerate(columns())]
        for row in rows()
        if row.code in codes
    }


def _by_heads(sheet: Sheet, leaves: list[Cell], line: Line) -> dict[str, list[Observation]] | None:
    """The values by the heads right over them, whatever their order; None unless every value has one of its own."""
    values = _under(leaves, line.values)
    if not values or len(leaves) % 5:
        return None
    names = {key(column.zh): i for i, column in enumerate(columns())}
    placed: dict[tuple[str, int], Cell] = {}
    for leaf in leaves:
        row = _row_named(_above(sheet, leaf))
        cell = next(cell for cell in values if cell.column == leaf.column)
        if row is None or (row.code, names[key(leaf.text)]) in placed:
            return None
        placed[row.code, names[key(leaf.text)]] = cell
    return _assembled(sheet, placed)


def _in_order(sheet: Sheet, leaves: list[Cell]) -> bool:
    """Whether results and groups stand in the form's order, as far as they can be read."""
    names = {key(column.zh): i for i, column in enumerate(columns())}
    order = [names[key(leaf.text)] for leaf in leaves]
    if len(leaves) % 5 == 0 and order != [i % 5 for i in range(len(leaves))]:
        return False
    groups = [rows().index(row) for leaf in leaves if (row := _row_named(_above(sheet, leaf))) is not None]
    return groups == sorted(groups)


def _above(sheet: Sheet, leaf: Cell) -> list[str]:
    """The keys of the labels over a head."""
    return [
        key(c.text)
        for c in sheet.grid.cells
        if c.row < leaf.row and c.column <= leaf.column < c.column + c.colspan and c.text.strip()
    ]


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
        row = _row_named(_above(sheet, first)) if count < 3 else rows()[position]
        found.append((row or rows()[position], position))
    return found


def _row_named(labels: list[str]) -> Row | None:
    joined = "".join(labels)
    for row, word in ((rows()[1], "未经复议"), (rows()[2], "复议后"), (rows()[0], "行政复议")):
        if word in joined:
            return row
    return None


def _data(lines: Sequence[Line], year: int | None) -> Line | None:
    """The line of values: that of the year where lines name years, else the first that prints something.

    A word before the values (件数, 数量, the year) is the line's label.
    """
    plain = []
    for line in lines:
        labels = "".join(cell.text for cell in line.labels)
        if len(labels) <= LABEL and is_this_year(labels, year):
            values = line.cells if not labels.strip() else line.values
            plain.append(Line(line.grid, line.row, line.cells, (), values))
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
