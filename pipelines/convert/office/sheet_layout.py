"""A worksheet's cells → text and tables in reading order.

A sheet often holds a title, several tables under each other, notes.  Blank rows part them.  Within rows that
follow each other, a row with a single cell as wide as the table beside it is a title above a table, a heading
between two tables of different columns, or a note below one: it becomes text.  A wide row that recurs within
one table (第二十条第（五）项) stays in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from archive.model import Block, Cell, Conversion, Grid, Place, Software
from pipelines.convert.cells import CELL_CAP, COLUMN_CAP, ROW_CAP, is_frame, lines_of
from pipelines.convert.office.story import TOO_LARGE, DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

ENUMERATED = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[)）]")
SECTION = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]")
NOTE = re.compile(
    r"[（(]?(?:注|备注|说明|附注|填表说明|单位负责人|负责人|审核人|填报|联系|制表|报送|邮政?编码?[:：]|(?:办公|通信|咨询)?(?:地址|电话)[:：]|传真[:：]|电子邮[件箱][:：]|E-?mail)"
)
OFFICIAL = re.compile(
    r"\s{0,9}[一二三四五六七八][、.．]\s{0,9}(?:总体情况|主动公开政府信息情况|收到和处理政府信息公开申请情况|.{0,9}行政复议、?行政诉讼情况"
    r"|(?:存在的?)?(?:主要)?问题及改进情况|其他需要报告的事项)\s{0,9}$"
)
"""Headings of the official report's sections (国办公开办函〔2021〕30号): never a row of a table."""
ARTICLE = "第二十条第"
"""The blocks of table 2 begin with these words: always a row of it."""
NEAR = 300
"""Runs of rows that are looked at to see whether a merged row recurs."""
LONG = 60
"""A single cell with more characters than this is prose, whatever its width."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name, and which of its rows and columns (from 0) are shown, as far as its cells reach."""

    name: str
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell of a sheet at its row and column (from 0) with the rectangle it is merged over."""

    row: int
    column: int
    text: str
    rowspan: int = 1
    colspan: int = 1


Rows = dict[int, list[SheetCell]]


def arranged(
    sheets: list[tuple[Sheet, list[SheetCell]]], software: Software, media_type: str, meta: tuple[tuple[str, str], ...]
) -> Conversion:
    """The conversion of a workbook; ``empty`` when nothing is printed.  Raises DocumentError (``refused``)."""
    blocks: list[Block] = []
    grids: list[Grid] = []
    count = 0
    for sheet, cells in sheets:
        for piece in _pieces(cells):
            grid = _grid(piece, sheet) if isinstance(piece, dict) else None
            if grid is None or is_frame(list(grid.cells), nests=False):
                blocks += _text(piece, sheet)
                continue
            count += len(grid.cells)
            if count > CELL_CAP:
                raise DocumentError("refused", TOO_LARGE)
            blocks.append(Block("", "table", grid=len(grids)))
            grids.append(grid)
    if not blocks:
        return Conversion(software, media_type, "empty", meta=meta, error="工作簿没有内容 · The workbook holds nothing")
    return Conversion(software, media_type, "ok", tuple(blocks), tuple(grids), meta)


def place_of(sheet: Sheet, row: int, column: int) -> Place:
    """Where a cell stands: ``sheet[名称]!B7``, hidden rows and columns counted."""
    row = sheet.rows[row] if row < len(sheet.rows) else row
    column = sheet.columns[column] if column < len(sheet.columns) else column
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return Place(path=f"sheet[{sheet.name}]!{letters}{row + 1}")


def _text(piece: Rows | SheetCell, sheet: Sheet) -> Iterator[Block]:
    cells = [piece] if isinstance(piece, SheetCell) else [cell for row in piece.values() for cell in row]
    for cell in cells:
        for line in lines_of(cell.text):
            yield Block(line, place=place_of(sheet, cell.row, cell.column))


def _grid(rows: Rows, sheet: Sheet) -> Grid:
    """A table's rectangle, every cell of it that nothing covers, blank or printed."""
    cells = [cell for row in rows.values() for cell in row]
    top, bottom = min(rows), max(rows)
    left = min(cell.column for cell in cells)
    right = max(cell.column + cell.colspan for cell in cells)
    if bottom - top >= ROW_CAP or right - left > COLUMN_CAP or (bottom - top + 1) * (right - left) > CELL_CAP:
        raise DocumentError("refused", TOO_LARGE)
    begins = {(cell.row, cell.column): cell for cell in cells}
    covered = {
        (cell.row + i, cell.column + j)
        for cell in cells
        for i in range(cell.rowspan)
        for j in range(cell.colspan)
        if i or j
    }
    made = []
    for row in range(top, bottom + 1):
        for column in range(left, right):
            if (row, column) in covered:
                continue
            cell = begins.get((row, column)) or SheetCell(row, column, "")
            text = "\n".join(lines_of(cell.text))
            height = min(cell.rowspan, bottom + 1 - row)
            made.append(Cell(row - top, column - left, text, height, cell.colspan, place_of(sheet, row, column)))
    return Grid(bottom - top + 1, right - left, tuple(made), place=place_of(sheet, top, left))


# ---------------------------------------------------------------- where a table begins and ends


def _pieces(cells: list[SheetCell]) -> Iterator[Rows | SheetCell]:
    """Texts and tables from the top: blank rows part them, then rows of one wide cell."""
    rows: Rows = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    alive = {cell.row + i for cell in cells if cell.text.strip() for i in range(min(cell.rowspan, ROW_CAP))}
    group: Rows = {}
    for row in sorted(alive):
        if group and row - 1 not in alive:
            yield from _parted(group)
            group = {}
        group[row] = rows.get(row, [])
    if group:
        yield from _parted(group)


def _parted(rows: Rows) -> Iterator[Rows | SheetCell]:
    """Rows that follow each other, parted at titles, headings and notes."""
    if len(rows) > ROW_CAP:
        raise DocumentError("refused", TOO_LARGE)
    kinds = _single(rows)
    runs = list(_runs(rows, kinds))
    parting = [kinds[run[0]] is not None and _parts(at, runs, rows, kinds) for at, run in enumerate(runs)]
    table: Rows = {}
    for at, run in enumerate(runs):
        if not parting[at]:
            table |= {row: rows[row] for row in run}
            continue
        if table:
            yield table
        kept = run[-1:] if _recurs(at, runs, parting, kinds) else []
        yield from (cell for row in run[: len(run) - len(kept)] if (cell := kinds[row]) is not None)
        table = {row: rows[row] for row in kept}
    if table:
        yield table


def _runs(rows: Rows, kinds: dict[int, SheetCell | None]) -> Iterator[list[int]]:
    """Rows one after the other that are all text or all not."""
    run: list[int] = []
    for row in sorted(rows):
        if run and (kinds[run[-1]] is None) != (kinds[row] is None):
            yield run
            run = []
        run.append(row)
    yield run


def _single(rows: Rows) -> dict[int, SheetCell | None]:
    """By row the only cell it prints when that may be text; a label whose figures are blank is none.

    A label is shaped like other cells of its table: not merged, or merged as they are.
    """
    lone: dict[int, SheetCell | None] = {}
    under = {cell.row + i for row in rows.values() for cell in row if cell.text.strip() for i in range(1, cell.rowspan)}
    for number, row in rows.items():
        printed = [cell for cell in row if cell.text.strip()]
        fits = len(printed) == 1 and printed[0].rowspan == 1 and number not in under
        fits = fits or (len(printed) == 1 and bool(OFFICIAL.match(printed[0].text)))
        fits = fits and not "".join(printed[0].text.split()).startswith(ARTICLE)
        lone[number] = printed[0] if fits else None
    numbers = sorted(rows)
    shapes = {(cell.column, cell.colspan) for number in numbers if lone[number] is None for cell in rows[number]}
    first = next((at for at, number in enumerate(numbers) if lone[number] is None), len(numbers))
    for at in range(first, len(numbers)):
        cell = lone[numbers[at]]
        if cell is not None and (cell.column, cell.colspan) in shapes | {(cell.column, 1)}:
            above, below = _near(numbers[at - 1 :: -1], rows, lone), _near(numbers[at + 1 :], rows, lone)
            lone[numbers[at]] = cell if _is_text(cell, above, below) else None
    return lone


def _is_text(cell: SheetCell, above: int, below: int) -> bool:
    """Whether a lone cell shaped like a label is text all the same: a note, prose, a heading between two tables."""
    if len(cell.text) > LONG or NOTE.match(cell.text.strip()) or OFFICIAL.match(cell.text):
        return True
    return bool(SECTION.match(cell.text.strip())) and below > 0 and abs(above - below) >= 2


def _near(numbers: list[int], rows: Rows, lone: dict[int, SheetCell | None]) -> int:
    """The width of the next three rows that are not lone cells, 0 when there are none."""
    near = (_end(rows[number]) for number in numbers[:NEAR] if lone[number] is None)
    return max(islice(near, 3), default=0)


def _end(row: list[SheetCell]) -> int:
    return max(cell.column + cell.colspan for cell in row) if row else 0


def _parts(at: int, runs: list[list[int]], rows: Rows, kinds: dict[int, SheetCell | None]) -> bool:
    """Whether a run of single cells is text: above or below all else, prose, or between tables of other columns."""
    if at in {0, len(runs) - 1}:
        return True
    cells = [cell for row in runs[at] if (cell := kinds[row]) is not None]
    upper, lower = runs[at - 1], runs[at + 1]
    differ = abs(_width(upper, rows) - _width(lower, rows)) >= 2
    headed = any(SECTION.match(cell.text.strip()) for cell in cells)
    apart = headed and _starts(upper, rows) != _starts(lower, rows)
    return differ or apart or any(len(cell.text) > LONG for cell in cells)


def _width(numbers: list[int], rows: Rows) -> int:
    return max((_end(rows[number]) for number in numbers), default=0)


def _starts(numbers: list[int], rows: Rows) -> set[int]:
    return {cell.column for number in numbers for cell in rows[number]}


def _recurs(at: int, runs: list[list[int]], parting: list[bool], kinds: dict[int, SheetCell | None]) -> bool:
    """Whether a run's last row is a merged row of the table below it: one like it stands further down in there."""
    cell = kinds[runs[at][-1]]
    if cell is None or cell.colspan < 2:
        return False
    for below in range(at + 1, min(len(runs), at + NEAR)):
        if parting[below]:
            return False
        if any((other := kinds[row]) is not None and _alike(cell, other) for row in runs[below]):
            return True
    return False


def _alike(cell: SheetCell, other: SheetCell) -> bool:
    """Same place and width, and the same kind of words: two enumerated headings, or the same beginning."""
    mine, theirs = cell.text.strip(), other.text.strip()
    same = bool(ENUMERATED.match(mine)) and bool(ENUMERATED.match(theirs))
    return (cell.column, cell.colspan) == (other.column, other.colspan) and (same or mine[:2] == theirs[:2])
