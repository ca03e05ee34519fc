"""Rows of tables that follow no known form: kept with their label word for word, so that no printed figure is lost."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from archive.model import Cell, Observation, Where
from pipelines.forms import crosswalk, indicators
from pipelines.matching import key
from pipelines.values import parse_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.sheet import Line, Sheet

CAP = 2000
"""Local figures of one payload that are kept."""
LABEL_CAP = 120
PERSONAL = re.compile(r"负责人|审核人|填报人|填表人|联系人|电话|填报日期|签发|传真|邮编|手机")
CUMULATIVE = re.compile(r"累计|历年|总累计|上年|上一年|去年|增长|增减|同比|代码|序号|编号")
THIS_YEAR = re.compile(r"本年|本期|年度|当年|统计数|数量|数值|合计|实际")
UNITS = frozenset(["条", "件", "次", "篇", "个", "人", "人次", "万元", "元", "份", "项", "%", "期", "场", "家"])


@cache
def _links() -> dict[str, str]:
    return {key(label): code for label, code in crosswalk()["local"].items()}


def read(sheets: Sequence[Sheet], used: set[tuple[int, int]], codes: set[str]) -> list[Observation]:
    """One observation for every number in rows nobody has read yet.

    ``local:<label>``, with `` / <column>`` where a table has more than one column of numbers.  A label with
    the definition of a 2014 indicator gives that code, this year's column only; ``codes`` are already taken.
    """
    found: list[Observation] = []
    counts: Counter[str] = Counter()
    for sheet in sheets:
        lines = [line for line in sheet.lines if (line.grid, line.row) not in used]
        heads = _heads(sheet)
        several = len({cell.column for line in lines for cell in line.values if _number(cell)}) > 1
        for line in lines:
            for observation in _line(line, heads, several, codes):
                found.append(_unique(observation, counts))
                if len(found) >= CAP:
                    return found
    return found


def _heads(sheet: Sheet) -> dict[int, str]:
    """Grid column → its head: the lowest words above the first row with numbers."""
    first = next((line.row for line in sheet.lines if line.labels and any(_number(c) for c in line.values)), 0)
    heads: dict[int, str] = {}
    for cell in sorted(sheet.grid.cells, key=lambda c: c.row):
        if cell.row < first and cell.text.strip() and cell.colspan < sheet.grid.columns:
            for column in range(cell.column, cell.column + cell.colspan):
                heads[column] = cell.text.replace("\n", "").strip()
    return heads


def _line(line: Line, heads: dict[int, str], several: bool, codes: set[str]) -> list[Observation]:
    label = _label(line)
    if not label or PERSONAL.search(label):
        return []
    cells = [cell for cell in line.values if _number(cell) and cell.row == line.row and not _is_code(cell, heads)]
    code = _links().get(key(label))
    answer = []
    for cell in cells:
        head = heads.get(cell.column, "")
        linked = (
            code and code not in codes and not CUMULATIVE.search(head) and (len(cells) == 1 or THIS_YEAR.search(head))
        )
        name = f"local:{label}" + (f" / {head or cell.column + 1}" if several else "")
        if linked and code:
            codes.add(code)
        answer.append(_observation(code if linked and code else name, label, head, cell, line))
    return answer


def _is_code(cell: Cell, heads: dict[int, str]) -> bool:
    return bool(re.search(r"代码|序号|编号", heads.get(cell.column, "")))


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
    return Observation(code, value.number, "ok", value.raw, unit, where)


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


def _number(cell: Cell) -> bool:
    return parse_value(cell.text).kind == "number"
