"""Table 3 of the 2019 and 2021 forms: requests received and handled, some 25 rows by seven columns.

Seen in real reports: rows of 8 to 10 cells with the seven values right-aligned, rows of six, a phantom eighth
value after a page break, labels cut by the break, the single row （六） of 2019 in a table of 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from archive.model import Cell, FormName, Observation
from pipelines.forms import Column, Row, form
from pipelines.matching import CLOSE, align, enumerator, key, similarity
from pipelines.sheet import Found, Line, Sheet, doubtful, missing, numbers, observed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OTHER = "applications.outcome.other"
ROW_CAP = 400


@dataclass(frozen=True, slots=True)
class _Match:
    row: Row
    line: Line


@cache
def expected() -> tuple[Row, ...]:
    """The rows of both forms in their order: （六） of 2019 stands before its three parts of 2021."""
    old, new = (form(name).table("applications").blocks[0].rows for name in ("2019", "2021"))
    position = next(i for i, row in enumerate(new) if row.code.startswith(OTHER))
    single = tuple(row for row in old if row.code == OTHER)
    return (*new[:position], *single, *new[position:])


@cache
def columns() -> tuple[Column, ...]:
    """The seven applicant columns."""
    return form("2021").table("applications").blocks[0].columns


@cache
def _keys() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(dict.fromkeys(key(name) for name in (row.label, *row.aliases))) for row in expected())


@cache
def _telling() -> frozenset[str]:
    """Keys that only table 3 has."""
    return frozenset(name for names in _keys() for name in names if len(name) >= 4)


def read(sheets: Sequence[Sheet], two: FormName | None, year: int | None) -> Found | None:
    """Read table 3 wherever it stands; ``two`` (table 2's form) and ``year`` decide only a table without （六）."""
    groups = _groups(sheets)
    if not groups:
        return None
    matched = max((_matched(lines) for lines in groups), key=len)
    codes = {match.row.code for match in matched}
    name = _form(codes, two, year)
    found = Found(form=name)
    for row in form(name).table("applications").blocks[0].rows:
        match = next((match for match in matched if match.row.code == row.code), None)
        found.observations += _row(row, match.line if match else None)
    found.used = {(line.grid, line.row) for lines in groups for line in lines}
    if len(groups) > 1:
        found.notes.append("applications:repeated")
    return found


def _form(codes: set[str], two: FormName | None, year: int | None) -> FormName:
    if any(code.startswith(OTHER + ".") for code in codes):
        return "2021"
    if OTHER in codes:
        return "2019"
    return two or ("2019" if year is not None and year < 2021 else "2021")


# ---------------------------------------------------------------- which rows


def _groups(sheets: Sequence[Sheet]) -> list[list[Line]]:
    """The lines of each copy of the table; its halves are joined, a second copy starts a new group."""
    groups: list[list[Line]] = []
    reached = -1
    for sheet in sheets:
        lines = [line for line in _joined(sheet.lines[:ROW_CAP]) if line.values or line.labels]
        if not _is_part(sheet, lines):
            continue
        positions = [p for line in lines for p in (_exact(line),) if p is not None]
        if groups and positions and min(positions) >= reached:
            groups[-1] += lines
        else:
            groups.append(lines)
        reached = max(positions, default=reached)
    return groups


def _is_part(sheet: Sheet, lines: list[Line]) -> bool:
    telling = sheet.keys & _telling()
    head = {"自然人", "商业企业"} <= sheet.keys
    wide = any(len(line.values) >= 6 for line in lines)
    return (len(telling) >= 2 and wide) or (head and bool(telling))


def _exact(line: Line) -> int | None:
    name = key(line.leaf)
    return next((i for i, names in enumerate(_keys()) if name in names and len(name) >= 4), None)


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Lines whose label a page break cut in two are one again.

    The second half opens no number and at most one half prints values.  A half is joined only when the whole
    fits a row of the form better than the first half alone.
    """
    done: list[Line] = []
    for line in lines:
        if done and _continues(done[-1], line):
            before = done.pop()
            done.append(_merged(before, line))
        else:
            done.append(line)
    return done


def _continues(before: Line, line: Line) -> bool:
    if not line.leaf or enumerator(line.leaf) or not (before.blank or line.blank) or not before.leaf:
        return False
    if any(cell.row < line.row for cell in line.labels if cell.text == line.leaf):
        return False
    return _fit(key(before.leaf + line.leaf)) > max(_fit(key(before.leaf)), _fit(key(line.leaf)))


def _fit(name: str) -> float:
    return max(similarity(name, expected_name) for names in _keys() for expected_name in names)


def _merged(before: Line, line: Line) -> Line:
    values = before.values if not before.blank else line.values
    head = before.labels[-1]
    whole = Cell(head.row, head.column, before.leaf + line.leaf, head.rowspan, head.colspan, head.place)
    return Line(before.grid, before.row, before.cells, (*before.labels[:-1], whole), values)


def _matched(lines: list[Line]) -> list[_Match]:
    data = [line for line in lines if line.leaf and not _is_head(line)]
    scores = [[_score(line, j) for j in range(len(expected()))] for line in data]
    chosen = align(scores)
    return [_Match(expected()[j], line) for line, j in zip(data, chosen, strict=True) if j is not None]


def _is_head(line: Line) -> bool:
    names = {key(cell.text) for cell in line.cells}
    return bool(names & {"自然人", "商业企业", "申请人情况", "法人或其他组织"})


def _score(line: Line, j: int) -> float:
    """How well a line fits row j: its label, helped a little by its number and by the group it stands in."""
    row = expected()[j]
    best = max(similarity(key(line.leaf), name) for name in _keys()[j])
    if best < CLOSE:
        return 0.0
    same_number = enumerator(line.leaf) == enumerator(row.label)
    grouped = any(key(cell.text) == key(row.group) for cell in line.labels[:-1])
    # A group's own line (（六）其他处理 above its three parts) has a label but no values.
    empty = 0.3 if not line.values else 0.0
    return max(best + 0.1 * same_number + 0.1 * grouped - empty, 0.0)


# ---------------------------------------------------------------- which values


def _row(row: Row, line: Line | None) -> list[Observation]:
    if line is None or not line.values:
        return [missing(row, column) for column in columns()]
    values = seven(line.values)
    if values is None:
        return [doubtful(row, column, line) for column in columns()]
    return [
        observed(row, column, cell, line.grid, certain=cell.rowspan == 1 and cell.row == values[-1].row)
        for column, cell in zip(columns(), values, strict=True)
    ]


def seven(values: Sequence[Cell]) -> Sequence[Cell] | None:
    """The seven values of a row, or None when the row does not say which they are.

    Of more than seven: the one window that leaves only blanks outside; of several such windows the one that
    prints all seven, else the one whose total is its sum and not nothing.  Windows that print the same are one.
    """
    if len(values) <= 7:
        return values if len(values) == 7 else None
    windows = [values[i : i + 7] for i in range(len(values) - 6)]
    clean = [window for window in windows if _outside_blank(values, window)]
    if not clean:
        return _only(window for window in windows if _balanced(window))
    full = (window for window in clean if all(cell.text.strip() for cell in window))
    summed = (window for window in clean if _balanced(window) and numbers(window)[6])
    return _only(clean) or _only(full) or _only(summed)


def _only(windows: Iterable[Sequence[Cell]]) -> Sequence[Cell] | None:
    """The window when there is one, or when all print the same."""
    found = list(windows)
    printed = {tuple(cell.text.strip() for cell in window) for window in found}
    return found[-1] if len(printed) == 1 else None


def _outside_blank(values: Sequence[Cell], window: Sequence[Cell]) -> bool:
    inside = {id(cell) for cell in window}
    return not any(cell.text.strip() for cell in values if id(cell) not in inside)


def _balanced(window: Sequence[Cell]) -> bool:
    found = numbers(window)
    if all(number is None for number in found):
        return True
    return found[6] is not None and sum(number or 0 for number in found[:6]) == found[6]
