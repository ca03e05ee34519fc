"""HTML → conversion: the main text in reading order and every table as printed.

lxml finds the element the report lies in (:mod:`pipelines.convert.web.webpage`) and takes its tables out
(:mod:`pipelines.convert.web.pasted`: a report has three hundred cells, and BeautifulSoup builds a node of 15 µs for
each); BeautifulSoup reads the text between them.  Inline elements join with nothing, because editors split numbers
over them (``201`` + ``6``); blocks and cells are kept apart.  A ``.doc`` that is HTML inside comes here too.  What
is read of the content and what not is decided in :mod:`pipelines.convert.web.shown`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from lxml import etree

from archive.model import Block, Conversion, Grid, Software
from pipelines.convert.cells import CELL_CAP, in_prose
from pipelines.convert.decoding import charset_of, decode
from pipelines.convert.interface import Context, failed
from pipelines.convert.web import pasted, webpage
from pipelines.convert.web.shown import clean

SOFTWARE = Software(
    "nianlun.html",
    "3",
    (("beautifulsoup4", version("beautifulsoup4")), ("lxml", version("lxml")), ("cells", str(CELL_CAP))),
)
TAKES = ("text/html",)
TOO_DEEP = "网页嵌套过深，无法完整读取 · The page is nested too deeply to be read whole"
HEADINGS = {f"h{level}": level for level in range(1, 7)}
DEPTH_CAP = 150
FLAT_ABOVE = 100
"""Elements within each other beyond this are made flat before BeautifulSoup parses them: its parser stops at 256."""


@dataclass
class _Walk:
    """What has been read so far: finished blocks, and the line being gathered."""

    blocks: list[Block] = field(default_factory=list)
    line: list[str] = field(default_factory=list)


def convert(payload: bytes, context: Context) -> Conversion:
    """Read an HTML document; ``empty`` when nothing but navigation or script is in it."""
    text, charset = decode(payload, charset_of(context.media_type))
    walk = _Walk()
    try:
        root = webpage.tree_of(text)
        if root is None:
            return failed("empty", "text/html", "页面没有任何元素 · The page holds no element", SOFTWARE)
        content = webpage.content_of(root)
        meta = (*webpage.metadata(root, content), ("charset", charset))
        links = webpage.links_of(root, content, context.url)
        grids: list[Grid] = _read(content, walk) if content is not None else []
    except webpage.TooDeepError:
        return failed("refused", "text/html", TOO_DEEP, SOFTWARE)
    state = "ok" if walk.blocks or links else "empty"
    error = None if state == "ok" else "页面没有正文（可能只有脚本） · The page has no text, perhaps only scripts"
    return Conversion(SOFTWARE, "text/html", state, tuple(walk.blocks), tuple(grids), meta, links, error)  # type: ignore[arg-type]


def _read(content: Any, walk: _Walk) -> list[Grid]:
    clean(content)
    content, grids = pasted.take_tables(content)
    content = _flat(content)
    source = etree.tostring(content, encoding="unicode", method="html", with_tail=False)
    _visit(BeautifulSoup(source, "lxml"), walk, 0)
    _flush(walk)
    return grids


def _flat(content: Any) -> Any:
    """The content with its blocks side by side when they lie too deep in each other; lines and headings stay."""
    depth = deepest = 0
    for event, _ in etree.iterwalk(content, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    if deepest <= FLAT_ABOVE:
        return content
    flat = current = etree.Element("div")
    last: Any = None
    for event, element in etree.iterwalk(content, events=("start", "end")):
        if element.tag == "table" and event == "start":
            current = flat
            last = etree.SubElement(flat, "table", dict(element.attrib))
        elif element.tag in HEADINGS and event == "start":
            current, last = etree.SubElement(flat, element.tag), None
        elif element.tag not in pasted.FLOWING:
            current = flat
            last = etree.SubElement(flat, "br")
        _say(current, last, element.text if event == "start" else element.tail if element is not content else None)
    return flat


def _say(current: Any, last: Any, text: str | None) -> None:
    """Put text into an element, after the last of those it holds."""
    if not text:
        return
    if last is None:
        current.text = (current.text or "") + text
    else:
        last.tail = (last.tail or "") + text


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
    text = in_prose(pasted.tidy("".join(walk.line)))
    walk.line.clear()
    if text:
        walk.blocks.append(Block(text, "heading" if level else "paragraph", level))
