"""Table 3 of the 2019 and 2021 forms: requests received and handled, some 25 rows by seven columns.

Seen in real reports: rows of 8 to 10 cells with the seven values right-aligned, rows of six, a phantom eighth
value after a page break, labels cut by the break, the single row （六） of 2019 in a table of 2021.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from archive.forms import Column, Row, form
from pipelines.matching import CLOSE, align, enumerator, key, similarity
from pipelines.sheet import Found, Line, Sheet, choose, doubtful, missing, numbers, observed, rejoined, unsure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.model import Cell, FormName, Observation

OTHER = "applications.outcome.other"
MISC = "applications.outcome.other.misc"
ROW_CAP = 400
SUBTOTAL = re.compile(r"\S")
TELLING = 0.85
"""A label so alike to one of the form says that its row is of this table, whatever was added or cut."""


@dataclass(frozen=True, slots=True)
class _Match:
    row: Row
    line: Line


@dataclass(frozen=True, slots=True)
class _Heads:
    """Grid column → which of the seven; whether they stand in the form's order with nothing between."""

    placed: dict[int, int]
    usual: bool


@dataclass
class _Group:
    """One copy of the table: its lines with cut labels joined, the year over it, the heads of each of its grids."""

    lines: list[Line]
    year: int | None
    raw: list[Line] = field(default_factory=list)
    heads: dict[int, _Heads | None] = field(default_factory=dict)
    last: _Heads | None = None
    used: set[tuple[int, int]] = field(default_factory=set)
    """Rows that hold no figure: heads, and the rests of labels."""

    def places(self, line: Line) -> set[tuple[int, int]]:
        """The rows a line was made of: its own, and the one that printed its values."""
        held = {id(cell) for cell in line.values}
        rows = {(one.grid, one.row) for one in self.raw if any(id(cell) in held for cell in one.values)}
        return rows | {(line.grid, line.row)}


@dataclass(frozen=True, slots=True)
class _Copy:
    group: _Group
    matches: tuple[_Match, ...]


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
    """Read table 3 wherever it stands; ``two`` (table 2's form) decides only a table without （六）."""
    groups = _groups(sheets)
    if not groups:
        return None
    read_copies = [_Copy(group, tuple(_matched(group.lines))) for group in groups]
    most = max(len(copy.matches) for copy in read_copies)
    copies = [copy for copy in read_copies if 2 * len(copy.matches) > most]
    copy, certain = choose(copies, _printed, lambda one: one.group.year, year)
    name = _form({match.row.code for match in copy.matches}, two, year)
    found = Found(form=name, repeated=not certain)
    for row in form(name).table("applications").blocks[0].rows:
        match = next((match for match in copy.matches if match.row.code == row.code), None)
        found.observations += _row(row, match.line if match else None, copy.group)
    if not certain:
        found.observations = unsure(found.observations)
    for group in groups:
        found.used |= group.used
    for one in read_copies:
        if one is copy or _printed(one) == _printed(copy) or not certain:
            found.used |= {place for match in one.matches for place in one.group.places(match.line)}
    return found


def _printed(copy: _Copy) -> tuple[str, ...]:
    return tuple(cell.text.strip() for match in copy.matches for cell in match.line.values if cell.text.strip())


def _form(codes: set[str], two: FormName | None, year: int | None) -> FormName:
    if any(code.startswith(OTHER + ".") for code in codes):
        return "2021"
    if OTHER in codes:
        return "2019"
    return two or ("2019" if year is not None and year < 2021 else "2021")


# ---------------------------------------------------------------- which rows


def _groups(sheets: Sequence[Sheet]) -> list[_Group]:
    """The lines of each copy of the table; its parts are joined, a second copy starts a new group."""
    groups: list[_Group] = []
    for sheet in sheets:
        lines = [line for line in sheet.lines[:ROW_CAP] if line.values or line.labels]
        reached = _reached(groups[-1].lines) if groups else -1
        if groups and reached < len(expected()) - 1 and _goes_on(lines, reached):
            group = groups[-1]
            group.lines = rejoined([*group.lines, *(line for line in lines if not _is_head(line))], _named, _fit)
        elif _is_part(sheet, lines):
            group = _Group(rejoined(lines, _named, _fit), sheet.year)
            groups.append(group)
        else:
            continue
        group.raw += lines
        group.heads[sheet.index] = _heads(sheet) or group.last
        group.last = group.heads[sheet.index]
        group.used |= {(line.grid, line.row) for line in lines if _is_head(line) or line.blank}
    return groups


def _heads(sheet: Sheet) -> _Heads | None:
    """The columns' heads: which of the seven stands over which column, and whether another stands among them."""
    names = {key(column.zh): i for i, column in enumerate(columns())}
    rows = [line for line in sheet.lines if _is_head(line)]
    if not rows:
        return None
    cells = {(cell.row, cell.column): cell for line in rows for cell in line.cells}.values()
    placed = {cell.column: names[key(cell.text)] for cell in cells if key(cell.text) in names and cell.colspan == 1}
    if len(set(placed.values())) < 7 or len(placed) != 7:
        return None
    low, high = min(placed), max(placed)
    others = [
        cell
        for cell in cells
        if low <= cell.column <= high + 1
        and cell.column not in placed
        and cell.colspan == 1
        and SUBTOTAL.search(cell.text)
    ]
    return _Heads(placed, [placed[column] for column in sorted(placed)] == list(range(7)) and not others)


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
    names = [key(line.leaf) for line in data]
    parts = any(similarity(name, other) >= TELLING for name in names for other in _overdue())
    scores = [[_score(line, j, parts=parts) for j in range(len(expected()))] for line in data]
    chosen = align(scores)
    return [_Match(expected()[j], line) for line, j in zip(data, chosen, strict=True) if j is not None]


def _is_head(line: Line) -> bool:
    names = {key(cell.text) for cell in line.cells}
    return bool(names & {"自然人", "商业企业", "申请人情况", "法人或其他组织"})


@cache
def _overdue() -> tuple[str, ...]:
    """The labels of the rows that only the parts of （六） of 2021 have."""
    return tuple(key(row.label) for row in expected() if row.code.startswith(f"{OTHER}.overdue"))


def _score(line: Line, j: int, *, parts: bool = True) -> float:
    """How well a line fits row j: its label, helped a little by its number and by the group it stands in.

    ``parts``: the table has the parts of （六）; else 其他 alone may as well be what is left of （六）其他处理.
    """
    row = expected()[j]
    best = max(similarity(key(line.leaf), name) for name in _keys()[j])
    if best < CLOSE:
        return 0.0
    same_number = enumerator(line.leaf) == enumerator(row.label)
    grouped = any(key(cell.text) == key(row.group) for cell in line.labels[:-1])
    if row.code == MISC and not (same_number or grouped or parts) and key(line.leaf) == "其他":
        return 0.0
    # A group's own line (（六）其他处理 above its three parts) has a label but no values.
    empty = 0.3 if not line.values else 0.0
    return max(best + 0.1 * same_number + 0.1 * grouped - empty, 0.0)


# ---------------------------------------------------------------- which values


def _row(row: Row, line: Line | None, group: _Group) -> list[Observation]:
    if line is None or not line.values:
        return [missing(row, column) for column in columns()]
    heads = group.heads.get(line.grid)
    values = seven(line.values) if heads is None or heads.usual else None
    if values is None and heads is not None:
        values = _under(line.values, heads)
    if values is None:
        return [doubtful(row, column, line) for column in columns()]
    return [
        observed(row, column, cell, line.grid, certain=cell.rowspan == 1 and cell.row == values[-1].row)
        for column, cell in zip(columns(), values, strict=True)
    ]


def _under(values: Sequence[Cell], heads: _Heads) -> Sequence[Cell] | None:
    """The values by the heads they stand under: heads in an unusual order, others among them, phantom cells beside.

    Under heads in the usual order nothing may be printed beside the seven: there the row itself is out of step.
    """
    under = {heads.placed[cell.column]: cell for cell in values if cell.column in heads.placed and cell.colspan == 1}
    if len(under) < 7 or (heads.usual and not _outside_blank(values, list(under.values()))):
        return None
    return [under[i] for i in range(7)]


def seven(values: Sequence[Cell]) -> Sequence[Cell] | None:
    """The seven values of a row, or None when the row does not say which they are.

    Of more than seven: the one window that leaves only blanks outside; of several such windows the one that
    prints all seven, else the one whose total is its sum and not nothing.  Windows that print the same are one.
    A single further figure at an end is one that a page break left behind, if the seven beside it add up.
    """
    if len(values) <= 7:
        return values if len(values) == 7 else None
    windows = [values[i : i + 7] for i in range(len(values) - 6)]
    clean = [window for window in windows if _outside_blank(values, window)]
    if not clean:
        ends = (windows[0], windows[-1]) if len([cell for cell in values if cell.text.strip()]) == 8 else ()
        return _only(
            window for window in ends if _balanced(window) and numbers(window)[6] and _one_outside(values, window)
        )
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


def _one_outside(values: Sequence[Cell], window: Sequence[Cell]) -> bool:
    inside = {id(cell) for cell in window}
    return sum(1 for cell in values if id(cell) not in inside and cell.text.strip()) == 1


def _balanced(window: Sequence[Cell]) -> bool:
    found = numbers(window)
    if all(number is None for number in found):
        return True
    return found[6] is not None and sum(number or 0 for number in found[:6]) == found[6]
