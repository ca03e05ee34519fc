"""The tables of OpenDocument text and spreadsheets: repeated rows and cells, spans, tables that split a cell.

OpenDocument 1.3 part 3, section 9.  A repetition of blank cells beyond what a page can hold is the unused rest
of a sheet; it takes its place and yields no cell.  Columns of a table that splits cells (``is-sub-table``)
come from the union of the cells' edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.convert.cells import CELL_CAP, COLUMN_CAP, ROW_CAP, moved
from pipelines.convert.office.story import TOO_LARGE, DocumentError, Paragraph, Table, TableCell, columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
GROUPS = frozenset(
    TABLE + name
    for name in ("table-header-rows", "table-rows", "table-row-group", "table-columns", "table-header-columns")
)
UNUSED = 50
"""A blank cell or row repeated more often than this is the rest of a sheet."""
UNIT = 10_000
"""The width of a column whose table splits cells."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell element at its row and column (from 0) with its spans; ``index`` counts a row's cells from 1."""

    row: int
    column: int
    element: Any
    rowspan: int
    colspan: int
    index: int


def spots(table: Any) -> Iterator[Spot]:
    """Every cell of a table that is not covered, repetitions unfolded.  Raises DocumentError (``refused``)."""
    number = count = 0
    for row in rows_of(table):
        times = repeated(row, "number-rows-repeated")
        cells = [cell for cell in row if cell.tag in {TABLE + "table-cell", TABLE + "covered-table-cell"}]
        if times > UNUSED and not any(printed(cell) for cell in cells):
            number += times
            continue
        for _ in range(times):
            for spot in _row(cells, number):
                count += 1
                if count > CELL_CAP or number >= ROW_CAP:
                    raise DocumentError("refused", TOO_LARGE)
                yield spot
            number += 1


def _row(cells: list[Any], number: int) -> Iterator[Spot]:
    column = index = 0
    for cell in cells:
        times = repeated(cell, "number-columns-repeated")
        if cell.tag == TABLE + "covered-table-cell" or (times > UNUSED and not printed(cell)):
            column += times
            continue
        for _ in range(times):
            index += 1
            if column >= COLUMN_CAP:
                raise DocumentError("refused", TOO_LARGE)
            down = min(repeated(cell, "number-rows-spanned"), ROW_CAP)
            across = min(repeated(cell, "number-columns-spanned"), COLUMN_CAP)
            yield Spot(number, column, cell, down, across, index)
            column += 1


def rows_of(table: Any) -> Iterator[Any]:
    """The rows of a table in order, those in groups too."""
    for child in table:
        if child.tag == TABLE + "table-row":
            yield child
        elif child.tag in GROUPS:
            yield from rows_of(child)


def hidden_of(table: Any) -> tuple[frozenset[int], frozenset[int]]:
    """The rows and the columns (from 0) that are not shown: collapsed, filtered, or in a folded group (9.1.3, 9.1.6)."""
    return _hidden_lines(table, "row", ROW_CAP), _hidden_lines(table, "column", COLUMN_CAP)


def _hidden_lines(table: Any, kind: str, cap: int) -> frozenset[int]:
    hidden: set[int] = set()
    number = 0
    stack = [(child, False) for child in reversed(table)]
    while stack and number < cap:
        child, folded = stack.pop()
        if child.tag == f"{TABLE}table-{kind}":
            times = repeated(child, f"number-{kind}s-repeated")
            if folded or child.get(TABLE + "visibility") in {"collapse", "filter"}:
                hidden.update(range(number, min(number + times, cap)))
            number += times
        elif child.tag in GROUPS or child.tag == f"{TABLE}table-column-group":
            folded = folded or child.get(TABLE + "display") == "false"
            stack += [(inner, folded) for inner in reversed(child)]
    return frozenset(hidden)


def shown_spots(table: Any) -> list[Spot]:
    """The cells of a table without its hidden rows and columns, moved together.  Raises DocumentError (``refused``)."""
    found = list(spots(table))
    rows, columns = hidden_of(table)
    if not found or not (rows or columns):
        return found
    down = moved(max(spot.row + min(spot.rowspan, ROW_CAP) for spot in found), rows)
    across = moved(max(spot.column + spot.colspan for spot in found), columns)
    kept = []
    for spot in found:
        row, column = down[spot.row], across[spot.column]
        height, width = down[spot.row + spot.rowspan] - row, across[spot.column + spot.colspan] - column
        if height and width:
            kept.append(Spot(row, column, spot.element, height, width, spot.index))
    return kept


def repeated(element: Any, name: str) -> int:
    """A count of the table namespace, 1 when it is missing or no number."""
    value = element.get(TABLE + name) or ""
    return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def printed(cell: Any) -> bool:
    """Whether any text stands in a cell."""
    return any(text.strip() for text in cell.itertext())


def table_of(element: Any, contents: Callable[[Any], list[Paragraph | Table]]) -> Table:
    """A text document's table; ``contents`` reads what stands in a cell."""
    if any(True for inner in element.iter(TABLE + "table") if inner.get(TABLE + "is-sub-table") == "true"):
        return _split_table(element, contents)
    found = shown_spots(element)
    rows = max((spot.row for spot in found), default=0) + 1
    return Table(
        [
            TableCell(
                spot.row,
                spot.column,
                contents(spot.element),
                min(spot.rowspan, rows - spot.row),
                min(spot.colspan, COLUMN_CAP - spot.column),
                spot.index,
            )
            for spot in found
        ]
    )


# ---------------------------------------------------------------- tables that split cells


@dataclass(frozen=True, slots=True)
class _Part:
    """A cell of a table whose cells are split: rows ``top``..``bottom``, edges ``left``..``right``."""

    top: int
    bottom: int
    left: int
    right: int
    element: Any


def _split_table(element: Any, contents: Callable[[Any], list[Paragraph | Table]]) -> Table:
    width = UNIT * max((spot.column + spot.colspan for spot in spots(element)), default=1)
    parts = _parts(element, 0, 0, width, 0)[0]
    columns = columns_of([{part.left, part.right} for part in parts])
    table = Table()
    counts: dict[int, int] = {}
    for part, edges in sorted(zip(parts, columns, strict=True), key=lambda item: (item[0].top, item[0].left)):
        counts[part.top] = counts.get(part.top, 0) + 1
        begin, span = edges[part.left], max(1, edges[part.right] - edges[part.left])
        table.cells.append(
            TableCell(part.top, begin, contents(part.element), part.bottom - part.top, span, counts[part.top])
        )
    return table


def _parts(table: Any, top: int, left: int, right: int, depth: int) -> tuple[list[_Part], int]:
    """The cells of a table that fills ``left``..``right`` from row ``top`` on, and the row after its last."""
    found = shown_spots(table)
    if depth > 8:
        raise DocumentError("refused", "结构嵌套过深 · Nested too deeply")
    columns = max((spot.column + spot.colspan for spot in found), default=1)
    parts: list[_Part] = []
    bottom = top
    for number in dict.fromkeys(spot.row for spot in found):
        height, row = 1, []
        for spot in (spot for spot in found if spot.row == number):
            begin = left + (right - left) * spot.column // columns
            end = left + (right - left) * (spot.column + spot.colspan) // columns
            inner = [child for child in spot.element if child.get(TABLE + "is-sub-table") == "true"]
            if inner:
                split, after = _parts(inner[0], bottom, begin, end, depth + 1)
                parts += split
                height = max(height, after - bottom)
            else:
                row.append((begin, end, spot.element))
        parts += [_Part(bottom, bottom + height, begin, end, cell) for begin, end, cell in row]
        bottom += height
    return parts, bottom
