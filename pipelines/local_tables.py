"""Rows of tables that follow no known form: kept with their label word for word, so that no printed figure is lost."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from archive.forms import crosswalk, indicators
from archive.model import Cell, Observation, Status, Where
from pipelines.matching import enumerator, key
from pipelines.sheet import heads_of, is_this_year, merged, prints_number
from pipelines.values import parse_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.sheet import Line, Sheet

CAP = 2000
"""Local figures of one payload that are kept."""
LABEL_CAP = 120
PERSONAL = re.compile(r"负责人|审核人|填报人|填表人|联系人|电话|填报日期|签发|传真|邮编|手机")
THIS_YEAR = re.compile(r"本年|本期|年度|当年|统计数|数量|数值|合计|实际")
UNITS = frozenset(["条", "件", "次", "篇", "个", "人", "人次", "万元", "元", "份", "项", "%", "期", "场", "家"])


@dataclass(frozen=True, slots=True)
class _Columns:
    """A table's columns: their heads, which of them hold figures, and which hold one in most rows."""

    heads: dict[int, str]
    figures: frozenset[int]
    filled: frozenset[int]


@cache
def _links() -> dict[str, str]:
    return {key(label): code for label, code in crosswalk()["local"].items()}


def read(
    sheets: Sequence[Sheet], used: set[tuple[int, int]], codes: set[str], year: int | None = None
) -> list[Observation]:
    """One observation for every number in rows nobody has read yet.

    ``local:<label>``, with `` / <column>`` where a table has more than one column of numbers.  A label with
    the definition of a 2014 indicator gives that code, this year's column only; ``codes`` are already taken.
    """
    found: list[Observation] = []
    counts: Counter[str] = Counter()
    before: _Columns | None = None
    whole = _whole([line for sheet in sheets for line in sheet.lines if (line.grid, line.row) not in used])
    for sheet in sheets:
        lines = [line for line in whole if line.grid == sheet.index]
        columns = before = _columns(sheet, lines, before)
        for line in lines:
            for observation in _line(line, columns, codes, year):
                found.append(_unique(observation, counts))
                if len(found) >= CAP:
                    return found
    return found


def _whole(lines: list[Line]) -> list[Line]:
    """Lines whose label was cut in two are one: where rows name a unit, one without unit and figure is such a rest.

    A head that is repeated, or the end of one grid and the beginning of the next, may stand between the halves.
    """
    united = {(line.grid, line.row) for line in lines if any(cell.text.strip() in UNITS for cell in line.cells)}
    done: list[Line] = []
    last: int | None = None
    for line in lines:
        worded = [cell for cell in line.cells if cell.text.strip()]
        if last is not None and len(worded) == 1 and _is_rest(line, united):
            done[last] = merged(done[last], line, _first)
            last = None
            continue
        if (line.grid, line.row) in united and _first(line):
            last = len(done) if any(prints_number(cell) for cell in line.values) else last
        elif len(worded) == 1:
            last = None
        done.append(line)
    return done


def _is_rest(line: Line, united: set[tuple[int, int]]) -> bool:
    return line.blank and _first(line) is not None and not enumerator(line.leaf) and (line.grid, line.row) not in united


def _first(line: Line) -> Cell | None:
    """The cell that names a row: its last words that are no unit."""
    return next((cell for cell in reversed(line.labels) if cell.text.strip() and cell.text.strip() not in UNITS), None)


def _columns(sheet: Sheet, lines: Sequence[Line], before: _Columns | None) -> _Columns:
    """The columns that hold figures and their heads.

    A table without a head of its own whose figures stand under heads of the one before it is its lower part.
    """
    heads = heads_of(sheet)
    printed = {cell.column for line in lines for cell in line.values if line.labels and prints_number(cell)}
    if before is not None and printed <= before.heads.keys() and not printed & heads.keys():
        return before
    rows = [line for line in lines if line.labels]
    counts = Counter(cell.column for line in rows for cell in line.values if prints_number(cell))
    codes = {column for column, head in heads.items() if re.search(r"代码|序号|编号", head)}
    figures = frozenset(counts.keys() - codes)
    return _Columns(heads, figures, frozenset(c for c in figures if 2 * counts[c] >= len(rows)))


def _line(line: Line, columns: _Columns, codes: set[str], year: int | None) -> list[Observation]:
    """A row's figures; a cell left blank in a column of figures is told as blank."""
    label = _label(line)
    if not label or PERSONAL.search(label):
        return []
    several = len(columns.figures) > 1
    held = [cell for cell in line.values if cell.row == line.row]
    cells = [c for c in held if (prints_number(c) and c.column in columns.figures) or _is_blank(c, columns)]
    if not any(prints_number(cell) for cell in held):
        cells = []
    code = _links().get(key(label))
    answer = []
    for cell in cells:
        head = columns.heads.get(cell.column, "")
        plain = is_this_year(head, year) and (not several or THIS_YEAR.search(head))
        linked = code and code not in codes and plain
        name = f"local:{label}" + (f" / {head or cell.column + 1}" if several else "")
        if linked and code:
            codes.add(code)
        answer.append(_observation(code if linked and code else name, label, head, cell, line))
    return answer


def _is_blank(cell: Cell, columns: _Columns) -> bool:
    """Whether a cell of a row with figures is left blank where most rows print one."""
    return cell.column in columns.filled and parse_value(cell.text).kind in {"blank", "dash", "none"}


def _label(line: Line) -> str:
    """The row's own words, outer labels before inner ones, units left out."""
    words = [cell.text.replace("\n", "").strip() for cell in line.labels]
    words = [word for word in words if word and word not in UNITS and parse_value(word).kind != "number"]
    return " ".join(dict.fromkeys(words))[:LABEL_CAP].strip()


def _observation(code: str, label: str, head: str, cell: Cell, line: Line) -> Observation:
    value = parse_value(cell.text)
    unit = value.unit or next((c.text.strip() for c in line.cells if c.text.strip() in UNITS), None)
    if unit is None and not code.startswith("local:"):
        unit = indicators("2014")[code].unit
    where = Where(line.grid, cell.row, cell.column, label, head or None, cell.place)
    status: Status = "ok" if value.kind == "number" else "blank"
    return Observation(code, value.number, status, value.raw, unit, where)


def _unique(observation: Observation, counts: Counter[str]) -> Observation:
    """A label printed twice is counted, so that both figures are kept."""
    counts[observation.indicator] += 1
    nth = counts[observation.indicator]
    if nth == 1:
        return observation
    return Observation(
        f"{observation.indicator} ({nth})",
        observation.value,
        observation.status,
        observation.raw,
        observation.unit,
        observation.where,
    )
