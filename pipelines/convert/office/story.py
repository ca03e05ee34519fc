"""Paragraphs and tables of an office document in reading order → the blocks and grids of a conversion.

Word, RTF and OpenDocument each describe text in their own way; all of them end as :class:`Paragraph` and
:class:`Table` here, so that a table which only frames text, a table in a table and the caps on size are
treated alike.  Formats that mark the ends of cells and rows in a flow of paragraphs (Word, RTF) gather their
tables with :class:`Flow`; their columns are the union of the rows' cell edges.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.model import Block, Cell, Conversion, ConversionState, Grid, Place, Software
from pipelines.convert.cells import CELL_CAP, COLUMN_CAP, ROW_CAP, in_cell, in_prose, is_frame, lines_of
from pipelines.convert.interface import failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SNAP = 30
"""Edges nearer than this (twentieths of a point) are one edge: editors move them by a few units."""
DEPTH_CAP = 30
"""Tables in tables beyond this depth are read as if they stood at it."""
TABLES_CAP = 5000
UNKNOWN_WIDTH = 1000
"""The width given to cells whose row defines none."""
SYMBOLS = {0xF0A8: "□", 0xF06F: "□", 0xF071: "□", 0xF0FE: "☑", 0xF052: "☑", 0xF0FD: "☒", 0xF0FC: "✓", 0xF0FB: "✗"}
"""The boxes and ticks of Wingdings; every other symbol of a font stays the private character it is."""
DAMAGE = (
    struct.error,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    OSError,
    EOFError,
    RuntimeError,
    AssertionError,
)
"""What libraries and slices raise over bytes that are not what they claim to be."""
TOO_LARGE = "表格过大，超出读取上限 · A table is larger than what is read"


class DocumentError(Exception):
    """A document cannot or must not be read; ``state`` is the conversion's state, the message why."""

    def __init__(self, state: ConversionState, message: str) -> None:
        super().__init__(message)
        self.state = state


@dataclass(frozen=True, slots=True)
class Paragraph:
    r"""A paragraph's text, ``\n`` for a line break in it; ``level`` from 1 when it is a heading.

    Raised text and pictures are marked in it as :mod:`pipelines.convert.cells` says.
    """

    text: str
    level: int | None = None


@dataclass(slots=True)
class TableCell:
    """A cell at its row and column (from 0) with what stands in it; ``index`` counts a row's cells from 1."""

    row: int
    column: int
    content: list[Paragraph | Table]
    rowspan: int = 1
    colspan: int = 1
    index: int = 1


@dataclass(slots=True)
class Table:
    """A table's cells, row by row."""

    cells: list[TableCell] = field(default_factory=list)


# ---------------------------------------------------------------- nodes → conversion


@dataclass
class _Writer:
    blocks: list[Block] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    tables: int = 0
    cells: int = 0


def composed(
    nodes: Iterable[Paragraph | Table], software: Software, media_type: str, meta: tuple[tuple[str, str], ...] = ()
) -> Conversion:
    """The conversion of a document's nodes; ``empty`` when nothing is printed.  Raises DocumentError (``refused``)."""
    writer = _Writer()
    _write(nodes, writer)
    if not writer.blocks:
        empty = failed("empty", media_type, "文档没有文字 · The document holds no text", software)
        return Conversion(software, media_type, "empty", meta=meta, error=empty.error)
    return Conversion(software, media_type, "ok", tuple(writer.blocks), tuple(writer.grids), meta)


def _write(nodes: Iterable[Paragraph | Table], writer: _Writer) -> None:
    for node in nodes:
        if isinstance(node, Table):
            _write_table(node, writer)
            continue
        kind = "heading" if node.level else "paragraph"
        writer.blocks += [Block(line, kind, node.level) for line in lines_of(in_prose(_text(node)))]  # type: ignore[arg-type]


def _text(paragraph: Paragraph) -> str:
    return paragraph.text.translate(SYMBOLS)


def _write_table(table: Table, writer: _Writer) -> None:
    writer.tables += 1
    path = f"tbl[{writer.tables}]"
    inner: list[Table] = []
    cells = [_cell(cell, path, inner) for cell in table.cells]
    writer.cells += len(cells)
    if writer.cells > CELL_CAP:
        raise DocumentError("refused", TOO_LARGE)
    if is_frame(cells, nests=bool(inner)):
        for cell in table.cells:
            _write(cell.content, writer)
        return
    rows = max(cell.row + cell.rowspan for cell in cells)
    columns = max(cell.column + cell.colspan for cell in cells)
    writer.blocks.append(Block("", "table", grid=len(writer.grids)))
    writer.grids.append(Grid(rows, columns, tuple(cells), place=Place(path=path)))
    for nested in inner:
        _write_table(nested, writer)


def _cell(cell: TableCell, path: str, inner: list[Table]) -> Cell:
    lines: list[str] = []
    _gather(cell.content, lines, inner)
    place = Place(path=f"{path}/tr[{cell.row + 1}]/tc[{cell.index}]")
    return Cell(cell.row, cell.column, in_cell("\n".join(lines)), cell.rowspan, cell.colspan, place)


def _gather(content: Iterable[Paragraph | Table], lines: list[str], inner: list[Table]) -> None:
    """The lines of a cell; a nested table of one cell is part of it, a larger one is put aside."""
    for node in content:
        if isinstance(node, Paragraph):
            lines += lines_of(_text(node))
        elif len(node.cells) == 1:
            _gather(node.cells[0].content, lines, inner)
        elif node.cells:
            inner.append(node)


# ---------------------------------------------------------------- a flow of paragraphs and marks → nodes


@dataclass(frozen=True, slots=True)
class Slot:
    """What a row's definition says of one cell: its edges, and whether it continues the cell beside or above."""

    left: int
    right: int
    joins_left: bool = False
    starts: bool = False
    """First of vertically merged cells."""
    continues: bool = False


@dataclass(slots=True)
class _Held:
    """A cell of a row that is complete: its edges and content."""

    slot: Slot
    content: list[Paragraph | Table]
    index: int


@dataclass
class _Level:
    """One depth of tables: rows that are complete, the row and the cell being gathered."""

    rows: list[list[_Held]] = field(default_factory=list)
    cells: list[list[Paragraph | Table]] = field(default_factory=list)
    content: list[Paragraph | Table] = field(default_factory=list)
    slots: tuple[Slot, ...] = ()


class Flow:
    """Gathers paragraphs, the ends of cells and the ends of rows into nodes; depth 0 is text outside tables."""

    def __init__(self) -> None:
        self._levels = [_Level()]
        self._count = self._tables = 0

    def add(self, node: Paragraph | Table, depth: int) -> None:
        """A paragraph (or what stands in its place) at a depth of tables."""
        self._to(depth)
        self._levels[-1].content.append(node)

    def end_cell(self, depth: int) -> None:
        """The content gathered at this depth is a cell."""
        self._to(max(depth, 1))
        level = self._levels[-1]
        level.cells.append(level.content)
        level.content = []
        self._count += 1
        if self._count > CELL_CAP:
            raise DocumentError("refused", TOO_LARGE)

    def end_row(self, depth: int, slots: tuple[Slot, ...], *, gone: bool = False) -> None:
        """The cells gathered at this depth are a row with these cells; ``gone``: a row that was deleted."""
        self._to(max(depth, 1))
        level = self._levels[-1]
        if _printed(level.content):
            level.cells.append(level.content)
        level.slots = slots or level.slots
        if (level.cells or slots) and not gone:
            level.rows.append(_row(level.cells, level.slots))
        level.cells, level.content = [], []

    def finish(self) -> list[Paragraph | Table]:
        """Every node of the text, open tables closed."""
        self._to(0)
        return self._levels[0].content

    def _to(self, depth: int) -> None:
        depth = max(0, min(depth, DEPTH_CAP))
        while len(self._levels) - 1 > depth:
            level = self._levels.pop()
            if level.cells or _printed(level.content):
                cells = [*level.cells, level.content] if _printed(level.content) else level.cells
                level.rows.append(_row(cells, level.slots))
            table = _table(level.rows)
            if table.cells:
                self._levels[-1].content.append(table)
        while len(self._levels) - 1 < depth:
            self._levels.append(_Level())
            self._tables += 1
            if self._tables > TABLES_CAP:
                raise DocumentError("refused", "表格过多，超出读取上限 · There are more tables than are read")


def _printed(content: Sequence[Paragraph | Table]) -> bool:
    return any(isinstance(node, Table) or node.text.strip() for node in content)


def _row(contents: list[list[Paragraph | Table]], slots: tuple[Slot, ...]) -> list[_Held]:
    """A row's cells with their slots; a slot without content is blank.

    Printed content without a slot stands beyond the last; blank content without one is a slip of the writer
    (seen after tables in tables).
    """
    while slots and len(contents) > len(slots) and not _printed(contents[-1]):
        contents = contents[:-1]
    right = slots[-1].right if slots else 0
    more = len(contents) - len(slots)
    slots += tuple(Slot(right + i * UNKNOWN_WIDTH, right + (i + 1) * UNKNOWN_WIDTH) for i in range(more))
    held: list[_Held] = []
    for index, slot in enumerate(slots):
        content = contents[index] if index < len(contents) else []
        if slot.joins_left and held:
            before = held[-1].slot
            held[-1].slot = Slot(before.left, max(before.right, slot.right), False, before.starts, before.continues)
            held[-1].content = [*held[-1].content, *content]
        else:
            held.append(_Held(slot, content, index + 1))
    return held


def _table(rows: list[list[_Held]]) -> Table:
    """Rows → cells with columns and spans: columns by the union of edges, rows by vertical merging."""
    if len(rows) > ROW_CAP:
        raise DocumentError("refused", TOO_LARGE)
    columns = columns_of([{edge for held in row for edge in (held.slot.left, held.slot.right)} for row in rows])
    table = Table()
    open_cells: dict[int, TableCell] = {}
    for number, row in enumerate(rows):
        next_open: dict[int, TableCell] = {}
        free = 0
        for held in row:
            if held.slot.right <= held.slot.left and not _printed(held.content):
                continue
            begin = max(columns[number][held.slot.left], free)
            width = max(1, columns[number][held.slot.right] - begin)
            free = begin + width
            above = open_cells.get(begin) if held.slot.continues else None
            if above is not None and above.colspan == width:
                above.rowspan += 1
                above.content += held.content
                next_open[begin] = above
                continue
            cell = TableCell(number, begin, held.content, 1, width, held.index)
            table.cells.append(cell)
            if held.slot.starts or held.slot.continues:
                next_open[begin] = cell
        open_cells = next_open
    return table


def columns_of(rows: list[set[int]]) -> list[dict[int, int]]:
    """For each row, edge → column boundary (from 0); edges of different rows that nearly coincide are one.

    Two edges of the same row are never one.  When that gives more columns than a grid may have, edges
    farther apart are joined.  Raises DocumentError (``refused``) when even that is too many.
    """
    edges = sorted((edge, number) for number, row in enumerate(rows) for edge in row)
    for snap in (SNAP, 4 * SNAP, 16 * SNAP):
        columns: list[dict[int, int]] = [{} for _ in rows]
        boundary, first = -1, 0
        members: set[int] = set()
        for edge, number in edges:
            if boundary < 0 or edge - first > snap or number in members:
                boundary, first, members = boundary + 1, edge, set()
            members.add(number)
            columns[number][edge] = boundary
        if boundary <= COLUMN_CAP:
            return columns
    raise DocumentError("refused", TOO_LARGE)
