"""HTML → conversion: the main text in reading order and every table as printed.

lxml finds the element the report lies in (:mod:`pipelines.convert.webpage`); BeautifulSoup reads it.  Inline
elements join with nothing, because editors split numbers over them (``201`` + ``6``); blocks and cells are
kept apart.  A ``.doc`` that is HTML inside comes here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from lxml import etree

from archive.model import Block, Conversion, Grid, Place, Software
from pipelines.convert import webpage
from pipelines.convert.cells import CELL_CAP, COLUMN_CAP, ROW_CAP, Raw, lay_out
from pipelines.convert.decoding import charset_of, decode
from pipelines.convert.interface import Context, failed

SOFTWARE = Software(
    "nianlun.html",
    "1",
    (("beautifulsoup4", version("beautifulsoup4")), ("lxml", version("lxml")), ("cells", str(CELL_CAP))),
)
TAKES = ("text/html",)
INLINE = [
    "span",
    "font",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
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
DROPPED = [
    "script",
    "style",
    "noscript",
    "select",
    "button",
    "input",
    "textarea",
    "iframe",
    "object",
    "embed",
    "svg",
    "del",
    "template",
    "head",
    "link",
    "meta",
    "title",
]
HEADINGS = {f"h{level}": level for level in range(1, 7)}
FLOWING = frozenset(INLINE) | {"img", "area", "map", "wbr", "input"}
ROW_PARENTS = frozenset({"tbody", "thead", "tfoot"})
CONDITIONAL = re.compile(r"<!(?:--)?\[(?:if|endif)[^\]<>]{0,80}\](?:--)?>|\{\{[^{}]{1,60}\}\}")
LINE_BREAK_IN_SOURCE = re.compile(r"(?<=[　-鿿＀-￯])[ \t]*[\r\n][ \t\r\n]*(?=[　-鿿＀-￯])")
KEPT = frozenset({"rowspan", "colspan", "data-table"})
DEPTH_CAP = 150
KEPT_HIDDEN = 500
"""Hidden text longer than this is the report itself behind a tab, not a trick."""


@dataclass
class _Walk:
    """What has been read so far: finished blocks and grids, and the line being gathered."""

    blocks: list[Block] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    cells: int = 0


def convert(payload: bytes, context: Context) -> Conversion:
    """Read an HTML document; ``empty`` when nothing but navigation or script is in it."""
    text, charset = decode(payload, charset_of(context.media_type))
    root = webpage.tree_of(text)
    if root is None:
        return failed("empty", "text/html", "页面没有任何元素 · The page holds no element", SOFTWARE)
    content = webpage.content_of(root)
    meta = (*webpage.metadata(root, content), ("charset", charset))
    links = webpage.links_of(root, content, context.url)
    walk = _Walk()
    if content is not None:
        _read(content, walk)
    state = "ok" if walk.blocks or links else "empty"
    error = None if state == "ok" else "页面没有正文（可能只有脚本） · The page has no text, perhaps only scripts"
    return Conversion(SOFTWARE, "text/html", state, tuple(walk.blocks), tuple(walk.grids), meta, links, error)  # type: ignore[arg-type]


def _read(content: Any, walk: _Walk) -> None:
    source = _cleaned(content)
    soup = BeautifulSoup(source, "lxml")
    _visit(soup, walk, 0)
    _flush(walk)


def _cleaned(content: Any) -> str:
    """The element as markup without inline tags, attributes and noise: ten times fewer nodes to walk."""
    for element in [e for e in content.iterdescendants() if e.attrib and e.tag not in DROPPED]:
        text, link = webpage.weight_of(element) if webpage.may_be_noise(element) or _is_hidden(element) else (0, 0)
        if webpage.is_noise(element, text, link) or (_is_hidden(element) and text < KEPT_HIDDEN):
            _remove(element)
    for element in list(content.iter(*DROPPED)):
        _remove(element)
    for element in content.iter():
        if element.attrib:
            kept = [(name, value) for name, value in element.items() if name in KEPT]
            element.attrib.clear()
            element.attrib.update(kept)
    _unframe(content)
    etree.strip_tags(content, *INLINE)
    for cell in content.iter("td", "th"):
        if len(cell) == 1 and cell[0].tag == "p" and not len(cell[0]):
            cell.text = webpage.printable(f"{cell.text or ''}{cell[0].text or ''}{cell[0].tail or ''}")
            cell.remove(cell[0])
    return etree.tostring(content, encoding="unicode", method="html", with_tail=False)  # type: ignore[no-any-return]


def _unframe(content: Any) -> None:
    """Tables of one cell within cells are frames, not tables: they become plain blocks."""
    for table in [table for table in content.iter("table") if len(list(table.iter("td", "th"))) == 1]:
        for part in table.iter("table", "tbody", "thead", "tr", "td", "th"):
            part.tag = "div"


def _is_hidden(element: Any) -> bool:
    style = element.get("style")
    return bool(style) and "display:none" in style.replace(" ", "").lower()


def _remove(element: Any) -> None:
    """Take an element out, its tail kept: the tail is the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


# ---------------------------------------------------------------- walking


def _visit(node: Tag, walk: _Walk, depth: int) -> None:
    if depth > DEPTH_CAP:
        walk.line.append(node.get_text(""))
        return
    for child in node.children:
        if isinstance(child, Tag):
            _visit_tag(child, walk, depth)
        elif type(child) is NavigableString:
            walk.line.append(str(child))


def _visit_tag(tag: Tag, walk: _Walk, depth: int) -> None:
    name = tag.name.lower()
    if name == "table":
        _flush(walk)
        _visit_table(tag, walk, depth)
    elif name in {"br", "hr"}:
        _flush(walk)
    elif name in FLOWING:
        _visit(tag, walk, depth + 1)
    elif name in HEADINGS:
        _flush(walk)
        _visit(tag, walk, depth + 1)
        _flush(walk, HEADINGS[name])
    else:
        _flush(walk)
        _visit(tag, walk, depth + 1)
        _flush(walk)


def _flush(walk: _Walk, level: int | None = None) -> None:
    """End the line being gathered; it becomes a block when something is printed in it."""
    text = tidy("".join(walk.line))
    walk.line.clear()
    if text:
        walk.blocks.append(Block(text, "heading" if level else "paragraph", level))


def tidy(text: str) -> str:
    """White space as a browser shows it, conditional comments and unrendered templates gone; nothing else."""
    text = webpage.printable(text)
    text = CONDITIONAL.sub("", text) if "<!" in text or "{{" in text else text
    text = LINE_BREAK_IN_SOURCE.sub("", text)
    return re.sub(r"[ \t\r\n\f\v\xa0]+", " ", text).strip(" 　\ufeff\u200b")


# ---------------------------------------------------------------- tables


def _visit_table(table: Tag, walk: _Walk, depth: int) -> None:
    rows = [row[:COLUMN_CAP] for row in _rows(table)[:ROW_CAP]]
    cells = [cell for row in rows for cell in row]
    if _is_card(cells):
        return
    nests = table.find("table") is not None
    nested = {id(cell): _data_tables(cell) if nests else [] for cell in cells}
    texts = [[_own_text(cell, nested[id(cell)]).strip() for cell in row] for row in rows]
    if _is_layout(texts, nests=any(nested.values())):
        for cell in cells:
            _visit(cell, walk, depth + 1)
            _flush(walk)
        return
    _add_grid(table, rows, walk)
    for inner in (inner for cell in cells for inner in nested[id(cell)]):
        _visit_table(inner, walk, depth + 1)


def _rows(table: Tag) -> list[list[Tag]]:
    """The table's own rows; cells that lost their ``tr`` form a row with their neighbours."""
    rows: list[list[Tag]] = []
    stray: list[Tag] = []
    parents = [table]
    while parents:
        inner: list[Tag] = []
        for child in (c for c in parents.pop().children if isinstance(c, Tag)):
            if child.name in {"td", "th"}:
                stray.append(child)
                continue
            if stray:
                rows.append(stray)
                stray = []
            if child.name == "tr":
                rows.append([c for c in child.children if isinstance(c, Tag) and c.name in {"td", "th"}])
            elif child.name in ROW_PARENTS:
                inner.append(child)
        if stray:
            rows.append(stray)
            stray = []
        parents += reversed(inner)
    return rows


def _data_tables(cell: Tag) -> list[Tag]:
    """Tables inside the cell that are tables, not one-cell frames; frames count as part of the cell."""
    found: list[Tag] = []
    for table in cell.find_all("table"):
        if len(table.find_all(["td", "th"])) > 1 and not any(outer in found for outer in table.find_parents("table")):
            found.append(table)
    return found


def _is_layout(texts: list[list[str]], *, nests: bool) -> bool:
    """Whether a table only arranges text: one printed cell a row, or a frame around other tables."""
    printed = sum(bool(text) for row in texts for text in row)
    if nests:
        return printed < 6 or max(map(len, texts)) < 3
    if max((sum(map(bool, row)) for row in texts), default=0) <= 1:
        return True
    return printed <= 4 and max((len(text) for row in texts for text in row), default=0) > 400


def _own_text(cell: Tag, inner: list[Tag]) -> str:
    if not inner:
        return cell.get_text("")
    inside = {id(node) for table in inner for node in table.descendants}
    return "".join(str(node) for node in cell.descendants if type(node) is NavigableString and id(node) not in inside)


def _is_card(cells: list[Tag]) -> bool:
    names = [re.sub(r"[\s\xa0　:：]+", "", cell.get_text("")) for cell in cells[:40]]
    labels = sum(name in webpage.CARD_LABELS for name in names)
    return labels >= 3 and any(
        name in {"索引号", "信息索引号", "发布机构", "发文机关", "公开日期", "发文字号"} for name in names
    )


def _add_grid(table: Tag, rows: list[list[Tag]], walk: _Walk) -> None:
    number = str(table.get("data-table") or len(walk.grids) + 1)
    raw = [
        [_raw(cell, f"table[{number}]/tr[{r}]", c) for c, cell in enumerate(row, 1)] for r, row in enumerate(rows, 1)
    ]
    grid = lay_out(raw, Place(path=f"table[{number}]"), CELL_CAP - walk.cells)
    if grid is None:
        return
    walk.cells += len(grid.cells)
    walk.blocks.append(Block("", "table", grid=len(walk.grids)))
    walk.grids.append(grid)


def _raw(cell: Tag, path: str, index: int) -> Raw:
    place = Place(path=f"{path}/{cell.name}[{index}]")
    return Raw(_cell_text(cell), _span(cell, "rowspan"), _span(cell, "colspan"), place)


def _cell_text(cell: Tag) -> str:
    """The cell's lines; tables nested in it that are grids of their own are left out."""
    inner = _Walk()
    for child in cell.children:
        if isinstance(child, Tag):
            _visit_inside(child, inner, 0)
        elif type(child) is NavigableString:
            inner.line.append(str(child))
    _flush(inner)
    return "\n".join(block.text for block in inner.blocks)


def _visit_inside(tag: Tag, walk: _Walk, depth: int) -> None:
    if tag.name == "table" and len(tag.find_all(["td", "th"])) > 1:
        return
    if depth > DEPTH_CAP:
        walk.line.append(tag.get_text(""))
        return
    flows = tag.name in FLOWING
    if not flows:
        _flush(walk)
    for child in tag.children:
        if isinstance(child, Tag):
            _visit_inside(child, walk, depth + 1)
        elif type(child) is NavigableString:
            walk.line.append(str(child))
    if not flows:
        _flush(walk)


def _span(cell: Tag, name: str) -> int:
    match = re.match(r"\s{0,9}(\d{1,9})", str(cell.get(name) or "1"))
    return int(match.group(1)) if match else 1
