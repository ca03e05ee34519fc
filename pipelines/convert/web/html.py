"""HTML → conversion: the main text in reading order and every table as printed.

lxml finds the element the report lies in (:mod:`pipelines.convert.web.webpage`) and takes its tables out
(:mod:`pipelines.convert.web.pasted`: a report has three hundred cells, and BeautifulSoup builds a node of 15 µs for
each); BeautifulSoup reads the text between them.  Inline elements join with nothing, because editors split numbers
over them (``201`` + ``6``); blocks and cells are kept apart.  A ``.doc`` that is HTML inside comes here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from lxml import etree

from archive.model import Block, Conversion, Grid, Software
from pipelines.convert.cells import CELL_CAP
from pipelines.convert.decoding import charset_of, decode
from pipelines.convert.interface import Context, failed
from pipelines.convert.web import pasted, webpage

SOFTWARE = Software(
    "nianlun.html",
    "1",
    (("beautifulsoup4", version("beautifulsoup4")), ("lxml", version("lxml")), ("cells", str(CELL_CAP))),
)
TAKES = ("text/html",)
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
KEPT = frozenset({"rowspan", "colspan", "data-table"})
DEPTH_CAP = 150
KEPT_HIDDEN = 500
"""Hidden text longer than this is the report itself behind a tab, not a trick."""


@dataclass
class _Walk:
    """What has been read so far: finished blocks, and the line being gathered."""

    blocks: list[Block] = field(default_factory=list)
    line: list[str] = field(default_factory=list)


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
    grids: list[Grid] = _read(content, walk) if content is not None else []
    state = "ok" if walk.blocks or links else "empty"
    error = None if state == "ok" else "页面没有正文（可能只有脚本） · The page has no text, perhaps only scripts"
    return Conversion(SOFTWARE, "text/html", state, tuple(walk.blocks), tuple(grids), meta, links, error)  # type: ignore[arg-type]


def _read(content: Any, walk: _Walk) -> list[Grid]:
    _clean(content)
    content, grids = pasted.take_tables(content)
    source = etree.tostring(content, encoding="unicode", method="html", with_tail=False)
    _visit(BeautifulSoup(source, "lxml"), walk, 0)
    _flush(walk)
    return grids


def _clean(content: Any) -> None:
    """Take inline tags, attributes and noise out: ten times fewer nodes to walk."""
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
    etree.strip_tags(content, *pasted.INLINE)


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
        walk.blocks.append(Block("", "table", grid=int(str(tag[pasted.MARK]))))
    elif name in {"br", "hr"}:
        _flush(walk)
    elif name in pasted.FLOWING:
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
    text = pasted.tidy("".join(walk.line))
    walk.line.clear()
    if text:
        walk.blocks.append(Block(text, "heading" if level else "paragraph", level))
