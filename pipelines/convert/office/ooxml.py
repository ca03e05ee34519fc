"""DOCX → conversion, with zipfile and lxml: paragraphs, headings, simple automatic numbers, tables with spans.

Tracked deletions, moved-away, struck-out and hidden text are not read; text boxes are, once, and workbooks and
documents embedded in the text.  ECMA-376 part 1, sections 17.3 and 17.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any, cast

from archive.model import Block, Cell, Conversion, ConversionState, Grid, Place, Software
from pipelines.convert.cells import CELL_CAP, COLUMN_CAP, ROW_CAP, UNSEEN, in_cell, in_prose, is_frame, lines_of
from pipelines.convert.interface import Context, failed
from pipelines.convert.office.numbering import Numbering
from pipelines.convert.office.ooxml_objects import Objects, pictures
from pipelines.convert.office.ooxml_runs import GONE, MC, OFF, Runs, W, alternative
from pipelines.convert.office.story import TOO_LARGE
from pipelines.convert.package import Package, PackageError
from pipelines.convert.sniff import DOCX

SOFTWARE = Software("nianlun.ooxml", "2", (("lxml", version("lxml")), ("cells", str(CELL_CAP))))
TAKES = (DOCX,)
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
DEPTH_CAP = 60


@dataclass
class _Document:
    """What has been read so far, and what numbering and styles say."""

    runs: Runs
    objects: Objects
    numbering: Numbering
    styles: dict[str, int]
    blocks: list[Block] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    tables: int = 0
    cells: int = 0


def convert(payload: bytes, _: Context) -> Conversion:
    """Read a DOCX; ``refused`` for bombs and entities, ``unreadable`` for damaged packages."""
    return converted(payload, 0)


def converted(payload: bytes, level: int) -> Conversion:
    """Read a DOCX that lies ``level`` documents deep in others."""
    try:
        package = Package(payload)
        body = _body(package)
        styles = _optional(package, "word/styles.xml")
        numbering = Numbering(_optional(package, "word/numbering.xml"))
        document = _Document(Runs(styles), Objects(package, level), numbering, _styles(styles))
        _walk(body, document, 0)
        meta = _properties(_optional(package, "docProps/core.xml"))
    except PackageError as error:
        return failed(cast("ConversionState", error.state), DOCX, str(error), SOFTWARE)
    unread = document.objects.unread + pictures(body, document.grids)
    if unread:
        meta = (*meta, ("unread:objects", str(unread)))
    if not document.blocks:
        return Conversion(SOFTWARE, DOCX, "empty", meta=meta, error="文档没有文字 · The document holds no text")
    error_ = f"{unread} 个嵌入对象未读取 · {unread} embedded objects were not read" if unread else None
    return Conversion(SOFTWARE, DOCX, "ok", tuple(document.blocks), tuple(document.grids), meta, error=error_)


def _body(package: Package) -> Any:
    root = package.xml("word/document.xml")
    if root.tag.startswith(STRICT):
        for element in root.iter():
            if isinstance(element.tag, str) and element.tag.startswith(STRICT):
                element.tag = W + element.tag[len(STRICT) :]
    body = root.find(W + "body")
    if body is None:
        raise PackageError("unreadable", "文档没有正文部分 · The document has no body")
    return body


def _optional(package: Package, name: str) -> Any | None:
    return package.xml(name) if name in package.names else None


def _properties(root: Any | None) -> tuple[tuple[str, str], ...]:
    """Title and times of the core properties; the authors' names stay where they are."""
    if root is None:
        return ()
    wanted = ("title", "created", "modified", "subject")
    found = (
        (str(element.tag).rpartition("}")[2], (element.text or "").strip())
        for element in root
        if isinstance(element.tag, str)
    )
    return tuple((f"core:{name}", text) for name, text in found if name in wanted and text)


def _styles(root: Any | None) -> dict[str, int]:
    """Style id → heading level, by the style's outline level or its name (``heading 1``)."""
    levels: dict[str, int] = {}
    for style in root.iter(W + "style") if root is not None else ():
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        name = style.find(W + "name")
        words = (name.get(W + "val") or "").lower().split() if name is not None else []
        if outline is not None and (outline.get(W + "val") or "").isdigit():
            levels[style.get(W + "styleId") or ""] = min(int(outline.get(W + "val")) + 1, 9)
        elif len(words) == 2 and words[0] == "heading" and words[1].isdigit():
            levels[style.get(W + "styleId") or ""] = int(words[1])
    return {key: level for key, level in levels.items() if level <= 6}


# ---------------------------------------------------------------- blocks


def _walk(parent: Any, document: _Document, depth: int) -> None:
    if depth > DEPTH_CAP:
        raise PackageError("refused", "结构嵌套过深 · Nested too deeply")
    for element in parent:
        if element.tag == W + "p":
            _paragraph(element, document)
        elif element.tag == W + "tbl":
            _table(element, document, depth)
        elif element.tag in {W + "sdt", W + "sdtContent", W + "ins", W + "customXml", W + "smartTag", W + "moveTo"}:
            _walk(element, document, depth + 1)
        elif element.tag == MC + "AlternateContent":
            _walk(alternative(element), document, depth + 1)
        elif element.tag == W + "altChunk":
            _insert(document.objects.chunk(element), document)


def _insert(found: Conversion | None, document: _Document) -> None:
    """Put what an embedded file holds where it stands."""
    if found is None:
        return
    first = len(document.grids)
    document.cells += sum(len(grid.cells) for grid in found.grids)
    if document.cells > CELL_CAP:
        raise PackageError("refused", TOO_LARGE)
    document.grids += found.grids
    document.blocks += [
        block if block.grid is None else replace(block, grid=block.grid + first) for block in found.blocks
    ]


def _paragraph(element: Any, document: _Document) -> None:
    boxes: list[Any] = []
    body = in_prose(document.runs.text(element, boxes))
    number = document.numbering.next(element) if body.strip() else ""
    level = _level(element, document)
    for line in lines_of(number + body):
        document.blocks.append(Block(line, "heading" if level else "paragraph", level))
    for found in document.objects.embedded(element):
        _insert(found, document)
    for box in boxes:
        _walk(box, document, DEPTH_CAP // 2)


def _level(element: Any, document: _Document) -> int | None:
    properties = element.find(W + "pPr")
    if properties is None:
        return None
    outline = properties.find(W + "outlineLvl")
    if outline is not None and (outline.get(W + "val") or "").isdigit() and int(outline.get(W + "val")) < 6:
        return int(outline.get(W + "val")) + 1
    style = properties.find(W + "pStyle")
    return document.styles.get(style.get(W + "val") or "") if style is not None else None


# ---------------------------------------------------------------- tables


def _table(table: Any, document: _Document, depth: int) -> None:
    document.tables += 1
    path = f"tbl[{document.tables}]"
    cells, inner = _cells(table, path, document.runs)
    if is_frame(cells, nests=bool(inner)):
        for cell in table.iter(W + "tc"):
            if next(cell.iterancestors(W + "tbl"), None) is table:
                _walk(cell, document, depth + 1)
        return
    document.cells += len(cells)
    if document.cells > CELL_CAP:
        raise PackageError("refused", TOO_LARGE)
    if cells:
        rows = max(cell.row + cell.rowspan for cell in cells)
        columns = max(cell.column + cell.colspan for cell in cells)
        document.blocks.append(Block("", "table", grid=len(document.grids)))
        document.grids.append(Grid(rows, columns, tuple(cells), place=Place(path=path)))
    for nested in inner:
        _table(nested, document, depth + 1)


def _cells(table: Any, path: str, runs: Runs) -> tuple[list[Cell], list[Any]]:
    """The table's cells with spans resolved, and the tables nested in them (one-cell frames are part of the cell)."""
    cells: list[Cell] = []
    open_cells: dict[int, int] = {}
    inner: list[Any] = []
    row = -1
    for element in _rows(table)[:ROW_CAP]:
        if _is_gone(element):
            open_cells.update((column, -1) for column in _starts(element))
            continue
        row += 1
        column = _before(element)
        for index, cell in enumerate(_row_cells(element), 1):
            width = _span(cell)
            text = _cell_text(cell, inner, runs)
            above = open_cells.get(column, -1)
            if _continues(cell) and above >= 0 and cells[above].colspan == width:
                cells[above] = _taller(cells[above], row, text)
            elif column < COLUMN_CAP:
                open_cells[column] = len(cells)
                place = Place(path=f"{path}/tr[{row + 1}]/tc[{index}]")
                cells.append(Cell(row, column, text, 1, width, place))
            column += width
    return cells, inner


def _rows(table: Any) -> list[Any]:
    """The table's own rows, those inside content controls too."""
    return [row for row in table.iter(W + "tr") if next(row.iterancestors(W + "tbl"), None) is table]


def _is_gone(row: Any) -> bool:
    """Whether a row was deleted with its deletion tracked, or is hidden (17.4.20)."""
    if row.find(f"{W}trPr/{W}del") is not None:
        return True
    mark = row.find(f"{W}trPr/{W}hidden")
    return mark is not None and mark.get(W + "val", "true") not in OFF


def _starts(row: Any) -> list[int]:
    """The columns at which a row's cells begin that begin a vertical merge, or are not merged."""
    column, found = _before(row), []
    for cell in _row_cells(row):
        found += [] if _continues(cell) else [column]
        column += _span(cell)
    return found


def _row_cells(row: Any) -> list[Any]:
    return [cell for cell in row.iter(W + "tc") if next(cell.iterancestors(W + "tr"), None) is row]


def _before(row: Any) -> int:
    skipped = row.find(f"{W}trPr/{W}gridBefore")
    return min(_number(skipped), COLUMN_CAP) if skipped is not None else 0


def _span(cell: Any) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    return max(1, min(_number(span), COLUMN_CAP)) if span is not None else 1


def _number(element: Any) -> int:
    value = element.get(W + "val") or "0"
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else 0


def _continues(cell: Any) -> bool:
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(W + "val", "continue") == "continue"


def _taller(cell: Cell, row: int, text: str) -> Cell:
    joined = "\n".join(part for part in (cell.text, text) if part)
    return Cell(cell.row, cell.column, joined, row - cell.row + 1, cell.colspan, cell.place)


def _cell_text(cell: Any, inner: list[Any], runs: Runs) -> str:
    lines: list[str] = []
    stack = list(reversed(cell))
    while stack:
        node = stack.pop()
        if node.tag == W + "p":
            boxes: list[Any] = []
            lines += lines_of(runs.text(node, boxes))
            lines += [line for box in boxes for p in box.iter(W + "p") for line in lines_of(runs.text(p, []))]
        elif node.tag == W + "tbl":
            nested = list(node.iter(W + "tc"))
            stack += list(reversed(nested[0])) if len(nested) == 1 else []
            inner += [node] if len(nested) > 1 else []
        elif node.tag == W + "altChunk":
            lines.append(UNSEEN)
        elif isinstance(node.tag, str) and node.tag not in GONE and node.tag != W + "tcPr":
            stack += list(reversed(node))
    return in_cell("\n".join(lines))
