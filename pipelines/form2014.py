"""The national annex of 2014 to 2018 (政府信息公开情况统计表): label, unit, one value."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from archive.forms import Column, Row, form
from pipelines.matching import align, key, similarity
from pipelines.sheet import (
    Found,
    Line,
    Sheet,
    choose,
    doubtful,
    heads_of,
    is_this_year,
    missing,
    observed,
    prints_number,
    rejoined,
    sheet_of,
    unsure,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.model import Cell, Observation

MARKERS = frozenset(
    key(text)
    for text in (
        "申请办结数",
        "按时办结数",
        "主动公开规范性文件数",
        "制发规范性文件总数",
        "政务微博公开政府信息数",
        "回应公众关注热点或重大舆情数",
        "告知作出更改补充数",
        "设置政府信息公开查阅点数",
    )
)
UNITS = frozenset(["条", "件", "次", "篇", "个", "人", "人次", "万元", "元"])
REST = 0.85
"""How alike to rows of the table all labels of a short grid must be that goes on after it."""
HEAD = 3
"""Lines at the top that may be a head: its columns' names, and the first group's."""
ENOUGH = 8
"""So many rows of the national table make a table one; fewer are a local table."""


@cache
def rows() -> tuple[Row, ...]:
    """The 58 rows in their order."""
    return form("2014").table("statistics").blocks[0].rows


@cache
def column() -> Column:
    """The one value column."""
    return form("2014").table("statistics").blocks[0].columns[0]


@cache
def _keys() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(dict.fromkeys(key(name) for name in (row.label, *row.aliases))) for row in rows())


def read(sheets: Sequence[Sheet], year: int | None = None) -> Found | None:
    """Read the national table, in one grid or in the halves a page break made of it."""
    known = {name for names in _keys() for name in names}
    parts = [panel for sheet in _parts(sheets, known) for panel in _panels(sheet)]
    copies = _copies(parts, known)
    if len(copies) > 1:
        parts, certain = choose(copies, _figures, lambda copy: copy[0].year, year)
        found = _read(parts, year) if parts else None
        if found and not certain:
            found.observations, found.repeated = unsure(found.observations), True
        return found
    return _read(parts, year)


def _parts(sheets: Sequence[Sheet], known: set[str]) -> list[Sheet]:
    """The grids that hold three rows of the table, and shorter ones right beside them that hold nothing else."""
    held = {sheet.index for sheet in sheets if len(sheet.keys & known) >= 3}
    found = []
    for sheet in sheets:
        named = [_name(line) for line in sheet.lines if any(prints_number(cell) for cell in line.values)]
        beside = {sheet.index - 1, sheet.index + 1} & held and named and all(_fit(name) >= REST for name in named)
        if sheet.index in held or beside:
            found.append(sheet)
    return found


def _panels(sheet: Sheet) -> list[Sheet]:
    """A table set in two or three panels side by side, one head over each: as many parts, from left to right."""
    head = [cell for line in sheet.lines[:1] for cell in line.cells if cell.text.strip()]
    names = [key(cell.text) for cell in head]
    for count in (2, 3):
        width = len(names) // count
        if width > 1 and names == names[:width] * count:
            edges = [head[i * width].column for i in range(count)] + [sheet.grid.columns]
            return [_panel(sheet, left, right) for left, right in itertools.pairwise(edges)]
    return [sheet]


def _panel(sheet: Sheet, left: int, right: int) -> Sheet:
    held = tuple(cell for cell in sheet.grid.cells if left <= cell.column < right)
    return sheet_of(sheet.index, replace(sheet.grid, cells=held))


def _copies(parts: list[Sheet], known: set[str]) -> list[list[Sheet]]:
    """Grids that hold rows of the table; one that repeats most rows of those before it begins another copy."""
    copies: list[list[Sheet]] = []
    for sheet in parts:
        names = sheet.keys & known
        held = {name for other in (copies[-1] if copies else []) for name in other.keys & known}
        if copies and 2 * len(names & held) < len(names):
            copies[-1].append(sheet)
        else:
            copies.append([sheet])
    return copies


def _figures(copy: list[Sheet]) -> tuple[str, ...]:
    return tuple(
        cell.text.strip() for sheet in copy for line in sheet.lines for cell in line.values if prints_number(cell)
    )


def _read(parts: list[Sheet], year: int | None) -> Found | None:
    known = {name for names in _keys() for name in names}
    names = {name for sheet in parts for name in sheet.keys}
    if len(names & known) < ENOUGH or not any(_has(names, marker) for marker in MARKERS):
        return None
    found = Found(form="2014")
    lines = rejoined([line for line in _lines(parts) if _name(line)], _named, _fit)
    scores = [[_score(_name(line), names) for names in _keys()] for line in lines]
    matched = {rows()[j].code: line for line, j in zip(lines, align(scores), strict=True) if j is not None}
    found.used = {(line.grid, line.row) for line in matched.values()}
    found.used |= {
        (sheet.index, line.row)
        for sheet in parts
        for line in sheet.lines
        if not any(prints_number(c) for c in line.values)
    }
    of_year: dict[int, frozenset[int]] = {}
    for sheet in parts:
        of_year[sheet.index] = of_year.get(sheet.index, frozenset()) | _this_year(sheet, year)
    found.observations = [_observation(row, matched.get(row.code), of_year) for row in rows()]
    return found


def _lines(parts: Sequence[Sheet]) -> list[Line]:
    """The lines of all parts, without the head that later pages repeat, in a grid of their own or within one."""
    lines = [line for sheet in parts for line in sheet.lines]
    heads = [_printed(line) for line in lines[:HEAD] if not any(prints_number(cell) for cell in line.values)]
    return [line for i, line in enumerate(lines) if i < HEAD or _printed(line) not in heads]


def _printed(line: Line) -> list[str]:
    return [key(cell.text) for cell in line.cells if cell.text.strip()]


def _has(names: set[str], marker: str) -> bool:
    return marker in names or any(similarity(name, marker) >= 0.9 for name in names)


def _score(name: str, names: tuple[str, ...]) -> float:
    return max(similarity(name, other) for other in names)


def _name(line: Line) -> str:
    """The key of the line's label: the last words that are not a unit."""
    cell = _named(line)
    return key(cell.text) if cell else ""


def _named(line: Line) -> Cell | None:
    """The cell of the line's label."""
    labels = [cell for cell in line.labels if key(cell.text) and cell.text.strip(" ()（）") not in UNITS]
    return labels[-1] if labels else None


def _fit(name: str) -> float:
    return max(_score(name, names) for names in _keys())


def _values(line: Line) -> list[Cell]:
    """The cells after the unit, or after the label when there is no unit, or when it stands last."""
    units = [i for i, cell in enumerate(line.cells) if cell.text.strip(" ()（）") in UNITS]
    after = list(line.cells[units[-1] + 1 :]) if units else list(line.values)
    if units and not any(cell.text.strip() for cell in after):
        label = line.cells.index(_named(line)) if _named(line) in line.cells else 0
        between = [cell for cell in line.cells[label + 1 : units[-1]] if prints_number(cell)]
        return between or after
    return after


def _this_year(sheet: Sheet, year: int | None) -> frozenset[int]:
    """The columns that may hold this year's figures: by their heads, and of these the one that holds the most."""
    heads = heads_of(sheet)
    counts: Counter[int] = Counter()
    for line in sheet.lines:
        for cell in _values(line):
            if line.labels and prints_number(cell) and is_this_year(heads.get(cell.column, ""), year):
                counts[cell.column] += 1
    if not counts:  # the year's own column prints nothing
        return frozenset(column for column, head in heads.items() if is_this_year(head, year))
    most = max(counts.values())
    return frozenset(column for column, count in counts.items() if 2 * count >= most)


def _observation(row: Row, line: Line | None, of_year: dict[int, frozenset[int]]) -> Observation:
    if line is None:
        return missing(row, column())
    values = _values(line)
    own = [cell for cell in values if cell.column in of_year[line.grid]]
    printed = [cell for cell in own if cell.text.strip()]
    if len({cell.text.strip() for cell in printed}) > 1:
        return doubtful(row, column(), Line(line.grid, line.row, line.cells, (), tuple(values)))
    chosen = printed or own[:1] or (values[:1] if not any(prints_number(cell) for cell in values) else [])
    return observed(row, column(), chosen[0], line.grid) if chosen else missing(row, column())
