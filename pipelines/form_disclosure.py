"""Table 2 of the 2019 and 2021 forms: rules and documents, licences, penalties, fees, procurement (article 20)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from archive.forms import Block, Column, Row, form
from pipelines.matching import folded, key, similarity
from pipelines.sheet import Found, Line, Sheet, agree, choose, doubtful, missing, observed, unsure
from pipelines.values import parse_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.model import Cell, FormName, Observation

NAMES: tuple[FormName, ...] = ("2019", "2021")
HEAD = "信息内容"
OF_WHICH = re.compile(r"其中[:：]?")
OTHER_KIND = re.compile(r"党内|党组|内部|解读")
"""Documents of a party committee are none of the administration, however alike their names are."""
LAST_YEAR = re.compile(r"上一?年|去年|往年|同期")


@dataclass(frozen=True, slots=True)
class _Match:
    code: str
    line: Line
    label: int
    """The index of the label among the line's cells."""
    head: tuple[str, ...]
    """The keys of the head above it."""
    alike: float = 1.0
    """How alike the printed label is to the form's."""
    year: int | None = None
    """The year over its table."""


@cache
def _row_keys() -> dict[str, str]:
    """Key of a row's label → the row's code, in both forms."""
    return {
        key(name): row.code
        for f in NAMES
        for block in form(f).table("disclosure").blocks
        for row in block.rows
        for name in (row.label, *row.aliases)
    }


@cache
def _column_keys(name: FormName) -> frozenset[str]:
    return frozenset(key(column.zh) for block in form(name).table("disclosure").blocks for column in block.columns)


def read(sheets: Sequence[Sheet], year: int | None = None) -> Found | None:
    """Read table 2, in one grid or several; None when no grid is one."""
    matches: list[_Match] = []
    used: set[tuple[int, int]] = set()
    for sheet in sheets:
        if _is_part(sheet):
            matches += _matches(sheet, matches[-1].head if matches else (), used)
    if not matches:
        return None
    found = Found(form=_form(matches), used=used)
    for block in form(found.form or "2021").table("disclosure").blocks:
        for row in block.rows:
            match, certain = _own(row, matches, year)
            observations = _row(block, row, match)
            found.observations += observations if certain else unsure(observations)
            found.repeated |= not certain
            used |= {(one.line.grid, one.line.row) for one in matches if match and _values(one) == _values(match)}
    return found


def _own(row: Row, matches: Sequence[_Match], year: int | None) -> tuple[_Match | None, bool]:
    """The line that is a row of the form: of those with its label the one most alike, of copies the report's own."""
    found = [match for match in matches if match.code == row.code]
    if not found:
        return None, True
    best = max(match.alike for match in found)
    return choose([match for match in found if match.alike == best], _values, lambda match: match.year, year)


def _values(match: _Match) -> tuple[str, ...]:
    return tuple(cell.text.strip() for cell in match.line.cells[match.label + 1 :] if cell.text.strip())


def _is_part(sheet: Sheet) -> bool:
    telling = sheet.keys & (_column_keys("2019") | _column_keys("2021"))
    article = any(name.startswith(("第二十条", "二十条第")) for name in sheet.keys)
    rows = sheet.keys & _row_keys().keys()
    return bool(rows) and (bool(telling) or article) and "自然人" not in sheet.keys


def _matches(sheet: Sheet, head: tuple[str, ...], used: set[tuple[int, int]]) -> list[_Match]:
    found: list[_Match] = []
    for line in sheet.lines:
        new = _head(line)
        label = _label(line)
        if new and label is None:
            head = new
            used.add((line.grid, line.row))
        elif label is not None:
            found.append(_Match(label[1], line, label[0], head, label[2], sheet.year))
        elif any(cell_key.startswith(("第二十条", "二十条第")) for cell_key in (key(cell.text) for cell in line.cells)):
            used.add((line.grid, line.row))
    return found


def _head(line: Line) -> tuple[str, ...]:
    """The column keys of a head line, the word 信息内容 and what stands before it left out."""
    names = [key(cell.text) for cell in line.cells]
    known = _column_keys("2019") | _column_keys("2021")
    if HEAD not in names and not any(_near(name, known) for name in names):
        return ()
    names = names[names.index(HEAD) + 1 :] if HEAD in names else [name for name in names if _near(name, known)]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _near(name: str, known: frozenset[str]) -> bool:
    return len(name) >= 4 and any(similarity(name, other) > 0.85 for other in known)


def _label(line: Line) -> tuple[int, str, float] | None:
    """Which cell of the line is a row's label, the row's code, and how alike the label is to the form's."""
    if any(OF_WHICH.match(folded(cell.text)) for cell in line.cells if cell.text.strip()):
        return None
    for i, cell in enumerate(line.cells):
        name = key(cell.text)
        if name in _row_keys():
            return i, _row_keys()[name], 1.0
    for i, cell in enumerate(line.cells):
        name = key(cell.text)
        scores = [(similarity(name, other), code) for other, code in _row_keys().items() if len(other) >= 4]
        alike, code = max(scores, default=(0.0, ""))
        if len(name) >= 4 and alike >= 0.8 and not _near(name, _column_keys("2019")) and not OTHER_KIND.search(name):
            return i, code, alike
    return None


def _form(matches: list[_Match]) -> FormName:
    """The form whose column heads the table prints; rows only 2019 has break a tie."""
    heads = {name for match in matches for name in match.head}
    scores = {
        name: sum(_near(head, _column_keys(name)) + (head in _column_keys(name)) for head in heads) for name in NAMES
    }
    if scores["2019"] == scores["2021"]:
        old = any(match.code in {"disclosure.procurement", "disclosure.other_services"} for match in matches)
        wide = any(
            match.code == "disclosure.licensing" and len(match.line.cells) - match.label - 1 >= 3 for match in matches
        )
        return "2019" if old or wide else "2021"
    return "2019" if scores["2019"] > scores["2021"] else "2021"


def _row(block: Block, row: Row, match: _Match | None) -> list[Observation]:
    if match is None:
        return [missing(row, column) for column in block.columns]
    cells = [cell for cell in match.line.cells[match.label + 1 :] if cell.row == match.line.row]
    chosen = _assigned(block.columns, cells, match.head)
    if chosen is None:
        line = Line(match.line.grid, match.line.row, match.line.cells, (), tuple(cells))
        return [doubtful(row, column, line) for column in block.columns]
    return [
        missing(row, column) if cell is None else observed(row, column, cell, match.line.grid)
        for column, cell in zip(block.columns, chosen, strict=True)
    ]


def _assigned(columns: tuple[Column, ...], cells: list[Cell], head: tuple[str, ...]) -> list[Cell | None] | None:
    """The cell of each column, by the head's order; None when the row has other cells than the head.

    A head over another year's figures is nobody's column.
    """
    meant = [names_column(columns, name) for name in head]
    known = [i for i in meant if i is not None]
    others = all(i is not None or LAST_YEAR.search(name) for i, name in zip(meant, head, strict=True))
    names = head if known and others and len(set(known)) == len(known) else ()
    wanted = len(names) or len(columns)
    while len(cells) > wanted and parse_value(cells[-1].text).kind == "blank":
        cells = cells[:-1]
    if len(cells) > wanted and wanted == 1 and agree(cells):
        cells = cells[:1]
    if len(cells) != wanted:
        return None
    if not names:
        return list(cells)
    placed = {i: cell for i, cell in zip(meant, cells, strict=True) if i is not None}
    return [placed.get(i) for i in range(len(columns))]


def names_column(columns: tuple[Column, ...], name: str) -> int | None:
    """Which column a printed head names, or None."""
    alike = [
        similarity(name, key(column.zh)) if bool(LAST_YEAR.search(name)) == bool(LAST_YEAR.search(column.zh)) else 0.0
        for column in columns
    ]
    best = max(range(len(columns)), key=lambda i: alike[i])
    return best if alike[best] >= 0.8 else None
