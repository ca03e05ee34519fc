"""The tables of an HTML tree, pasted from Word or typed, nested in layout tables or whole: each becomes a grid.

Tables of data are taken out of the tree and leave a mark; tables that only arrange text become plain blocks, index
cards go.  Works on the lxml tree :mod:`pipelines.convert.web.html` has cleaned.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from archive.model import Grid, Place
from pipelines.convert.cells import CELL_CAP, COLUMN_CAP, ROW_CAP, UNSEEN, Raw, in_cell, lay_out, remaining
from pipelines.convert.web import webpage

INLINE = [
    "span",
    "font",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "small",
    "big",
    "a",
    "sub",
    "sup",
    "label",
    "abbr",
    "acronym",
    "code",
    "tt",
    "nobr",
    "ruby",
    "mark",
    "bdo",
    "cite",
    "dfn",
    "kbd",
    "var",
    "samp",
    "o:p",
    "st1:chsdate",
    "st1:chmetcnv",
    "st1:personname",
    "st1:place",
    "st1:city",
    "w:smarttag",
    "publishtime",
]
FLOWING = frozenset(INLINE) | {"area", "map", "wbr"}
CELLS = ("td", "th")
ROW_PARENTS = frozenset({"tbody", "thead", "tfoot"})
PARTS = ("table", "caption", "colgroup", "col", "tbody", "thead", "tfoot", "tr", "td", "th")
CONDITIONAL = re.compile(r"<!(?:--)?\[(?:if|endif)[^\]<>]{0,80}\](?:--)?>|\{\{[^{}]{1,60}\}\}")
LINE_BREAK_IN_SOURCE = re.compile(r"(?<=[　-鿿＀-￯])[ \t]*[\r\n][ \t\r\n]*(?=[　-鿿＀-￯])")
SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
PLAIN = re.compile("[0-9A-Za-z.,、，。（）()：；+%/一-鿿-]*")
"""What :func:`tidy` leaves as it is: most cells of a report, and one match is cheaper than four substitutions."""
MARK = "data-grid"
"""The attribute of the empty table that stands where a table was: the number of its grid."""
HIDDEN = "data-hidden"
"""The attribute of a ``col`` or ``colgroup`` whose columns are not shown."""
CARD_NAMES = frozenset({"索引号", "信息索引号", "发布机构", "发文机关", "公开日期", "发文字号"})
Element = Any


def tidy(text: str) -> str:
    """White space as a browser shows it, conditional comments and unrendered templates gone; nothing else."""
    if PLAIN.fullmatch(text):
        return text
    text = webpage.printable(text)
    text = CONDITIONAL.sub("", text) if "<!" in text or "{{" in text else text
    text = LINE_BREAK_IN_SOURCE.sub("", text)
    return SPACE.sub(" ", text).strip(" 　\ufeff\u200b")


def take_tables(content: Element) -> tuple[Element, list[Grid]]:
    """Take every table of data out of the tree, in document order: what is left of the tree, and the grids.

    Where a table stood is an empty one with :data:`MARK`.  Layout tables become plain blocks, index cards go.
    """
    if content.tag in PARTS:
        content = _wrapped(content)
    for table in [table for table in content.iter("table") if _cells_in(table) == 1]:
        for part in table.iter(*PARTS):
            part.tag = "div"  # a table of one cell is a frame
    grids: list[Grid] = []
    _take_below(content, grids, 0)
    return content, grids


def _wrapped(content: Element) -> Element:
    """The element within a block: a content element that is a table, or a cell of one."""
    block = etree.Element("div")
    if content.tag != "table":
        content.tag = "div"
    content.tail = None
    block.append(content)
    return block


def _take_below(element: Element, grids: list[Grid], depth: int) -> None:
    for table in _outermost(element):
        _take(table, grids, depth)


def _outermost(element: Element) -> list[Element]:
    """The tables below an element that lie in no other table below it, in document order."""
    found, stack = [], list(reversed(element))
    while stack:
        node = stack.pop()
        if node.tag == "table":
            found.append(node)
        else:
            stack += reversed(node)
    return found


def _take(table: Element, grids: list[Grid], depth: int) -> None:
    if depth > 2 * webpage.TABLES_CAP:
        raise webpage.TooDeepError
    rows = [row[:COLUMN_CAP] for row in rows_of(table)[:ROW_CAP]]
    cells = [cell for row in rows for cell in row]
    if _is_card(cells):
        _replace(table, [])
        return
    nests = next(table.iterdescendants("table"), None) is not None
    nested = {cell: _data_tables(cell) if nests else [] for cell in cells}
    texts = [[_own_text(cell, nested[cell]).strip() for cell in row] for row in rows]
    if _is_layout(texts, nests=any(nested.values())):
        for part in (table, *_own_parts(table)):
            part.tag = "div"
        _take_below(table, grids, depth + 1)
        return
    _take_grid(table, rows, [inner for cell in cells for inner in nested[cell]], grids, depth)


def _take_grid(table: Element, rows: list[list[Element]], inner: list[Element], grids: list[Grid], depth: int) -> None:
    """Make the grid; tables of data in its cells follow it as tables of their own."""
    grid = _grid(table, rows, len(grids) + 1, CELL_CAP - sum(len(grid.cells) for grid in grids))
    block = etree.Element("div")
    if grid is not None:
        etree.SubElement(block, "table", {MARK: str(len(grids))})
        grids.append(grid)
    rest = etree.SubElement(block, "div")
    for each in inner:
        each.tail = None
        rest.append(each)
    _replace(table, [block])
    _take_below(rest, grids, depth + 1)


def _replace(element: Element, others: list[Element]) -> None:
    """Put others, or nothing, where an element is; the text after it stays."""
    parent = element.getparent()
    index = parent.index(element)
    tail = element.tail
    parent[index : index + 1] = others
    if not tail:
        return
    if others:
        others[-1].tail = tail
    elif index:
        parent[index - 1].tail = (parent[index - 1].tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail


# ---------------------------------------------------------------- what a table consists of


def _cells_in(table: Element) -> int:
    return sum(1 for _ in table.iter(*CELLS))


def rows_of(table: Element) -> list[list[Element]]:
    """The table's own rows; cells that lost their ``tr`` form a row with their neighbours."""
    rows: list[list[Element]] = []
    stray: list[Element] = []
    parents = [table]
    while parents:
        inner: list[Element] = []
        for child in parents.pop():
            if child.tag in CELLS:
                stray.append(child)
                continue
            if stray:
                rows.append(stray)
                stray = []
            if child.tag == "tr":
                rows.append([cell for cell in child if cell.tag in CELLS])
            elif child.tag in ROW_PARENTS:
                inner.append(child)
        if stray:
            rows.append(stray)
            stray = []
        parents += reversed(inner)
    return rows


def _own_parts(table: Element) -> list[Element]:
    """The rows and cells of a table, not those of the tables in its cells."""
    found, stack = [], list(table)
    while stack:
        node = stack.pop()
        if node.tag in PARTS and node.tag != "table":
            found.append(node)
            if node.tag not in CELLS:
                stack += list(node)
    return found


def _data_tables(cell: Element) -> list[Element]:
    """Outermost tables inside the cell that are tables, not one-cell frames; frames are part of the cell."""
    found, stack = [], list(reversed(cell))
    while stack:
        node = stack.pop()
        if node.tag == "table" and _cells_in(node) > 1:
            found.append(node)
        else:
            stack += reversed(node)
    return found


def _own_text(cell: Element, inner: list[Element]) -> str:
    """The cell's text without that of tables in it; pictures count for nothing."""
    if not inner:
        return "".join(cell.itertext()).replace(UNSEEN, "")
    parts: list[str] = [cell.text or ""]
    stack = list(reversed(cell))
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        stack.append(node.tail or "")
        if node not in inner:
            stack += reversed(node)
            parts.append(node.text or "")
    return "".join(parts).replace(UNSEEN, "")


def _is_card(cells: list[Element]) -> bool:
    names = [re.sub(r"[\s\xa0　:：]+", "", "".join(cell.itertext())) for cell in cells[:40]]
    return sum(name in webpage.CARD_LABELS for name in names) >= 3 and any(name in CARD_NAMES for name in names)


def _is_layout(texts: list[list[str]], *, nests: bool) -> bool:
    """Whether a table only arranges text: one printed cell a row, or a frame around other tables."""
    printed = sum(bool(text) for row in texts for text in row)
    if nests:
        return printed < 6 or max(map(len, texts)) < 3
    if max((sum(map(bool, row)) for row in texts), default=0) <= 1:
        return True
    return printed <= 4 and max((len(text) for row in texts for text in row), default=0) > 400


# ---------------------------------------------------------------- grids


def _grid(table: Element, rows: list[list[Element]], number: int, budget: int) -> Grid | None:
    name = f"table[{table.get('data-table') or number}]"
    raw = [[_raw(cell, f"{name}/tr[{r}]", c) for c, cell in enumerate(row, 1)] for r, row in enumerate(rows, 1)]
    grid = lay_out(raw, Place(path=name), budget)
    hidden = hidden_columns(table)
    if grid is None or not hidden:
        return grid
    cells = remaining(list(grid.cells), (), hidden)
    columns = max((cell.column + cell.colspan for cell in cells), default=0)
    return replace(grid, columns=columns, cells=tuple(cells)) if cells else None


def _raw(cell: Element, path: str, index: int) -> Raw:
    place = Place(path=f"{path}/{cell.tag}[{index}]")
    return Raw(_cell_text(cell), span_of(cell, "rowspan"), span_of(cell, "colspan"), place)


def _cell_text(cell: Element) -> str:
    """The cell's lines; tables nested in it that are grids of their own are left out."""
    if not len(cell):
        return in_cell(tidy(cell.text or ""))
    lines: list[str] = []
    line: list[str] = [cell.text or ""]
    stack: list[Element] = list(reversed(cell))
    while stack:
        node = stack.pop()
        if node is None:
            _end(lines, line)
        elif isinstance(node, str):
            line.append(node)
        elif node.tag != "table" or _cells_in(node) <= 1:
            stack.append(node.tail or "")
            if node.tag not in FLOWING:
                _end(lines, line)
                stack.append(None)
            stack += reversed(node)
            line.append(node.text or "")
        else:
            line.append(node.tail or "")
    _end(lines, line)
    return in_cell("\n".join(lines))


def _end(lines: list[str], line: list[str]) -> None:
    text = tidy("".join(line))
    line.clear()
    if text:
        lines.append(text)


def span_of(cell: Element, name: str) -> int:
    """A count in an attribute, 1 when there is none."""
    match = re.match(r"\s{0,9}(\d{1,9})", cell.get(name) or "1")
    return int(match.group(1)) if match else 1


def hidden_columns(table: Element) -> frozenset[int]:
    """The columns (from 0) that the table's own ``col`` elements hide."""
    hidden: set[int] = set()
    at = 0
    for group in table:
        if group.tag not in {"col", "colgroup"} or at >= COLUMN_CAP:
            continue
        columns = [col for col in group if col.tag == "col"] or [group]
        for col in columns[:COLUMN_CAP]:
            count = span_of(col, "span")
            if group.get(HIDDEN) or col.get(HIDDEN):
                hidden.update(range(at, min(at + count, COLUMN_CAP)))
            at += count
    return frozenset(hidden)
