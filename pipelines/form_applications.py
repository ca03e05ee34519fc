"""Table 3 of the 2019 and 2021 forms: requests received and handled, some 25 rows by seven columns.

Seen in real reports: rows of 8 to 10 cells with the seven values right-aligned, rows of six, a phantom eighth
value after a page break, labels cut by the break, the single row （六） of 2019 in a table of 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipelines.forms import Column, Row, form
from pipelines.matching import CLOSE, align, enumerator, key, similarity
from pipelines.sheet import Found, Line, Sheet, doubtful, missing, numbers, observed, rejoined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.model import Cell, FormName, Observation

OTHER = "applications.outcome.other"
ROW_CAP = 400
TELLING = 0.85
"""A label so alike to one of the form says that its row is of this table, whatever was added or cut."""


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


def read(sheets: Sequence[Sheet], two: FormName | None, year: int | None) -> Found | None:
    """Read table 3 wherever it stands; ``two`` (table 2's form) and ``year`` decide only a table without （六）."""
    groups, used = _groups(sheets)
    if not groups:
        return None
    matched = max((_matched(lines) for lines in groups), key=len)
    codes = {match.row.code for match in matched}
    name = _form(codes, two, year)
    found = Found(form=name)
    for row in form(name).table("applications").blocks[0].rows:
        match = next((match for match in matched if match.row.code == row.code), None)
        found.observations += _row(row, match.line if match else None)
    found.used = used
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


def _groups(sheets: Sequence[Sheet]) -> tuple[list[list[Line]], set[tuple[int, int]]]:
    """The lines of each copy of the table, its parts joined (a second copy starts a new group); the rows used."""
    groups: list[list[Line]] = []
    used: set[tuple[int, int]] = set()
    for sheet in sheets:
        lines = [line for line in sheet.lines[:ROW_CAP] if line.values or line.labels]
        reached = _reached(groups[-1]) if groups else -1
        if groups and reached < len(expected()) - 1 and _goes_on(lines, reached):
            data = [line for line in lines if not _is_head(line)]
            groups[-1] = rejoined([*groups[-1], *data], _named, _fit)
        elif _is_part(sheet, lines):
            groups.append(rejoined(lines, _named, _fit))
        else:
            continue
        used |= {(line.grid, line.row) for line in lines}
    return groups, used


def _named(line: Line) -> Cell | None:
    return None if _is_head(line) else line.head


def _reached(lines: list[Line]) -> int:
    """The position of the last row of the form that these lines hold."""
    positions = [p for line in lines for p in (_exact(line),) if p is not None]
    return max(positions, default=-1)


def _goes_on(lines: list[Line], reached: int) -> bool:
    """Whether lines are the rest of a table that was cut: rows of seven values that only come after those before.

    The first may be the rest of a label, its values being above the cut.
    """
    data = [line for line in lines if not _is_head(line) and line.leaf]
    if data and data[0].blank and _exact(data[0]) is None:
        data = data[1:]
    wide = [line for line in data if len(line.values) >= 6]
    if not wide or len(wide) * 2 < len(data):
        return False
    scores = [[_score(line, j) if j > reached else 0.0 for j in range(len(expected()))] for line in wide]
    return None not in align(scores)


def _is_part(sheet: Sheet, lines: list[Line]) -> bool:
    """Whether a grid is the table or a part of it: its head over a row of it, or two rows of it with seven values."""
    rows = sum(len(key(line.leaf)) >= 4 and _fit(key(line.leaf)) >= TELLING for line in lines)
    head = {"自然人", "商业企业"} <= sheet.keys
    return (rows >= 2 and any(len(line.values) >= 6 for line in lines)) or (head and rows >= 1)


def _exact(line: Line) -> int | None:
    name = key(line.leaf)
    return next((i for i, names in enumerate(_keys()) if name in names and len(name) >= 4), None)


def _fit(name: str) -> float:
    return max(similarity(name, expected_name) for names in _keys() for expected_name in names)


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
