"""ODT → conversion: paragraphs, headings, lists with their numbers, tables with spans and tables in tables.

Tracked deletions lie apart from the text in this format and are not read; footnotes, comments, hidden and struck-out
text are not read either; a picture leaves a sign in a table's cell.  Text boxes are, once, after the paragraph they are anchored in.  OpenDocument 1.3
part 3, sections 5 (text), 6 (inline) and 9 (tables).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, cast

from archive.model import Conversion, ConversionState, Software
from pipelines.convert.cells import CELL_CAP, LEVEL, LOWERED, RAISED, UNSEEN
from pipelines.convert.interface import Context, failed
from pipelines.convert.office.odt_tables import TABLE, TEXT, table_of
from pipelines.convert.office.story import DAMAGE, DEPTH_CAP, DocumentError, Paragraph, Table, composed
from pipelines.convert.office.word_lists import number
from pipelines.convert.package import Package, PackageError

ODT = "application/vnd.oasis.opendocument.text"
SOFTWARE = Software("nianlun.odt", "1", (("cells", str(CELL_CAP)), ("lxml", version("lxml"))))
TAKES = (ODT,)
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
GONE = frozenset(
    {
        TEXT + "note",
        TEXT + "tracked-changes",
        TEXT + "ruby-text",
        TEXT + "hidden-text",
        TEXT + "number",
        OFFICE + "annotation",
        OFFICE + "annotation-end",
        OFFICE + "forms",
        DRAW + "object",
        DRAW + "image",
        "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}title",
        "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}desc",
    }
)
SHAPES = frozenset(DRAW + name for name in ("custom-shape", "rect", "g", "ellipse", "line", "polygon", "path"))
KINDS = {"1": 0x00, "一": 0x25, "①": 0x12, "A": 0x03, "a": 0x04, "I": 0x01, "i": 0x02}
"""The first character of a number format → the kind of number, as Word's kinds are coded."""
OUTLINE = "\0outline"
"""The name under which the numbers of headings are kept among the lists."""
SPACE = re.compile(r"[ \t\r\n]+")
SPACES_CAP = 1000
CHAIN = 12
"""Styles based on each other that are followed."""


@dataclass(frozen=True, slots=True)
class _Level:
    """A list level's number: its kind (-1: none), what stands before and after it, how many levels it shows."""

    kind: int
    prefix: str
    suffix: str
    shown: int
    start: int


@dataclass
class _Document:
    """What styles say, and how far each list has counted."""

    hidden: frozenset[str]
    """Styles whose text is not displayed or struck out."""
    shifts: dict[str, str]
    """Style → what its raised or lowered text is marked with."""
    lists: dict[str, dict[int, _Level]]
    unnumbered: frozenset[str] = frozenset()
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    lists_by_id: dict[str, dict[int, int]] = field(default_factory=dict)


def convert(payload: bytes, _: Context) -> Conversion:
    """Read an ODT; ``encrypted`` when its manifest says so, ``refused`` for bombs, ``unreadable`` when damaged."""
    try:
        package = open_package(payload)
        content = package.xml("content.xml")
        styles = package.xml("styles.xml") if "styles.xml" in package.names else None
        document = _Document(*_looks(content, styles), _lists(content, styles), _unnumbered(content, styles))
        return composed(_nodes(_body(content), document, 0), SOFTWARE, ODT, properties(package))
    except PackageError as error:
        return failed(cast("ConversionState", error.state), ODT, str(error), SOFTWARE)
    except DocumentError as error:
        return failed(error.state, ODT, str(error), SOFTWARE)
    except DAMAGE as error:
        name = type(error).__name__
        return failed(
            "unreadable", ODT, f"文件已损坏（{name}） · The file is damaged ({name}: {error})"[:300], SOFTWARE
        )


def _body(content: Any) -> Any:
    body = content.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise PackageError("unreadable", "文档没有正文部分 · The document has no body")
    return body


def open_package(payload: bytes) -> Package:
    """An OpenDocument package.  Raises PackageError, ``encrypted`` when its manifest names encrypted parts."""
    package = Package(payload)
    manifest = "META-INF/manifest.xml"
    if "encrypted-package" in package.names or (
        manifest in package.names and b"encryption-data" in package.read(manifest)
    ):
        raise PackageError("encrypted", "文档已加密，需要密码 · The document is encrypted and needs a password")
    return package


def properties(package: Package) -> tuple[tuple[str, str], ...]:
    """Title and times of ``meta.xml``; the authors' names stay where they are."""
    if "meta.xml" not in package.names:
        return ()
    names = {"title": "title", "creation-date": "created", "date": "modified"}
    found = []
    for element in package.xml("meta.xml").iter():
        name = names.get(str(element.tag).rpartition("}")[2])
        if name and (element.text or "").strip():
            found.append((f"core:{name}", element.text.strip()))
    return tuple(found)


# ---------------------------------------------------------------- styles


def _looks(*roots: Any) -> tuple[frozenset[str], dict[str, str]]:
    """The styles whose text is hidden or struck out, and those whose text is raised or lowered."""
    styles = {
        style.get(STYLE + "name") or "": style
        for root in reversed(roots)
        for style in (root.iter(STYLE + "style") if root is not None else ())
    }
    hidden, shifts = set(), {}
    for name, style in styles.items():
        display = _inherited(style, styles, TEXT + "display")
        lines = [_inherited(style, styles, f"{STYLE}text-line-through-{part}") for part in ("style", "type")]
        position = _inherited(style, styles, STYLE + "text-position")
        if display == "none" or (any(line not in {"", "none"} for line in lines) and "none" not in lines):
            hidden.add(name)
        if position and not position.startswith(("0%", "0 ")):
            shifts[name] = LOWERED if position.startswith(("sub", "-")) else RAISED
    return frozenset(hidden - {""}), shifts


def _inherited(style: Any, styles: dict[str, Any], name: str) -> str:
    """A text property of a style or of the styles it is based on; empty when none says."""
    for _ in range(CHAIN):
        look = style.find(STYLE + "text-properties")
        if look is not None and look.get(name) is not None:
            return look.get(name) or ""
        style = styles.get(style.get(STYLE + "parent-style-name") or "")
        if style is None:
            break
    return ""


def _lists(*roots: Any) -> dict[str, dict[int, _Level]]:
    """List style → level (from 1) → how its number looks."""
    found: dict[str, dict[int, _Level]] = {}
    for root in roots:
        for style in root.iter(TEXT + "list-style", TEXT + "outline-style") if root is not None else ():
            levels = {
                integer(level, TEXT + "level", 1): _Level(
                    KINDS.get((level.get(STYLE + "num-format") or " ")[0], -1),
                    level.get(STYLE + "num-prefix") or "",
                    level.get(STYLE + "num-suffix") or "",
                    integer(level, TEXT + "display-levels", 1),
                    integer(level, TEXT + "start-value", 1),
                )
                for level in style.iter(TEXT + "list-level-style-number", TEXT + "outline-level-style")
            }
            outline = style.tag == TEXT + "outline-style"
            found.setdefault(OUTLINE if outline else style.get(STYLE + "name") or "", levels)
    return found


def _unnumbered(*roots: Any) -> frozenset[str]:
    """The paragraph styles that take their headings out of the outline's numbering: an empty list style."""
    styles = (style for root in roots if root is not None for style in root.iter(STYLE + "style"))
    return frozenset(style.get(STYLE + "name") or "" for style in styles if style.get(STYLE + "list-style-name") == "")


def integer(element: Any, name: str, default: int) -> int:
    """A count in an attribute, or ``default`` when it is missing or no number of up to five digits."""
    value = element.get(name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else default


# ---------------------------------------------------------------- blocks


def _nodes(parent: Any, document: _Document, depth: int) -> list[Paragraph | Table]:
    """The paragraphs and tables that stand in an element."""
    if depth > DEPTH_CAP:
        raise DocumentError("refused", "结构嵌套过深 · Nested too deeply")
    nodes: list[Paragraph | Table] = []
    for element in parent:
        if element.tag in {TEXT + "p", TEXT + "h"}:
            nodes += _paragraph(element, document, _outline(element, document), depth)
        elif element.tag == TEXT + "list":
            nodes += _list(element, document, depth, 1, "")
        elif element.tag == TABLE + "table":
            nodes.append(table_of(element, lambda cell: _nodes(cell, document, depth + 1)))
        elif _is_picture(element):
            nodes.append(Paragraph(UNSEEN))
        elif isinstance(element.tag, str) and element.tag not in GONE and element.get(TEXT + "display") != "none":
            nodes += _nodes(element, document, depth + 1)
    return nodes


def _paragraph(element: Any, document: _Document, label: str, depth: int) -> list[Paragraph | Table]:
    """A paragraph, and after it what stands in its text boxes."""
    parts: list[str] = []
    boxes: list[Any] = []
    if element.get(TEXT + "style-name") not in document.hidden:
        _shifted(element, document, parts, boxes, 0)
    text = "".join(parts)
    level = integer(element, TEXT + "outline-level", 1) if element.tag == TEXT + "h" else None
    nodes: list[Paragraph | Table] = [
        Paragraph(label + text if text.strip() else "", level if (level or 9) < 7 else None)
    ]
    for box in boxes:
        nodes += _nodes(box, document, depth + 1)
    return nodes


def _is_picture(element: Any) -> bool:
    return bool(element.tag == DRAW + "frame") and next(element.iter(DRAW + "text-box"), None) is None


def _shifted(element: Any, document: _Document, parts: list[str], boxes: list[Any], depth: int) -> None:
    """An element's text, marked when its style raises or lowers it."""
    mark = document.shifts.get(element.get(TEXT + "style-name") or "", "")
    parts += [mark] if mark else []
    _inline(element, document, parts, boxes, depth)
    parts += [LEVEL] if mark else []


def _inline(element: Any, document: _Document, parts: list[str], boxes: list[Any], depth: int) -> None:
    """Printed text in order; white space counts as one space, as the format says, unless it is an element."""
    if depth > 4 * DEPTH_CAP:
        raise DocumentError("refused", "结构嵌套过深 · Nested too deeply")
    _append(element.text, parts)
    for child in element:
        tag = child.tag
        if tag == TEXT + "s":
            parts.append(" " * min(integer(child, TEXT + "c", 1), SPACES_CAP))
        elif tag == TEXT + "tab":
            parts.append("\t")
        elif tag == TEXT + "line-break":
            parts.append("\n")
        elif tag == DRAW + "text-box" or tag in SHAPES:
            boxes.append(child)
        elif _is_picture(child):
            parts.append(UNSEEN)
        elif isinstance(tag, str) and tag not in GONE and child.get(TEXT + "style-name") not in document.hidden:
            _shifted(child, document, parts, boxes, depth + 1)
        _append(child.tail, parts)


def _append(text: str | None, parts: list[str]) -> None:
    if not text:
        return
    text = SPACE.sub(" ", text)
    before = next((part[-1] for part in reversed(parts) if part), "\n")
    parts.append(text.lstrip(" ") if before in " \n" else text)


# ---------------------------------------------------------------- lists


def _list(element: Any, document: _Document, depth: int, level: int, inherited: str) -> list[Paragraph | Table]:
    """A list's paragraphs, each item's first with its number; lists within it are the next level."""
    if depth > DEPTH_CAP:
        raise DocumentError("refused", "结构嵌套过深 · Nested too deeply")
    style = element.get(TEXT + "style-name") or inherited
    if level == 1:
        _begin(element, document, style)
    nodes: list[Paragraph | Table] = []
    for item in element:
        labelled = item.tag != TEXT + "list-item"
        for child in item if isinstance(item.tag, str) else ():
            if child.tag == TEXT + "list":
                nodes += _list(child, document, depth + 1, level + 1, style)
            elif child.tag in {TEXT + "p", TEXT + "h"}:
                label = "" if labelled or not _has_text(child) else _label(item, document, style, level)
                labelled = labelled or _has_text(child)
                nodes += _paragraph(child, document, label, depth)
            elif child.tag == TABLE + "table":
                nodes.append(table_of(child, lambda cell: _nodes(cell, document, depth + 1)))
    return nodes


def _has_text(element: Any) -> bool:
    return bool("".join(element.itertext()).strip())


def _begin(element: Any, document: _Document, style: str) -> None:
    """A list counts anew unless it says that it continues another."""
    name = element.get("{http://www.w3.org/XML/1998/namespace}id") or ""
    before = document.lists_by_id.get(element.get(TEXT + "continue-list") or "")
    if before is not None:
        document.counts[style] = before
    elif element.get(TEXT + "continue-numbering") != "true":
        document.counts[style] = {}
    if name:
        document.lists_by_id[name] = document.counts[style]


def _outline(element: Any, document: _Document) -> str:
    """The number of a heading outside lists: the outline's, unless its style or itself refuses one."""
    style = element.get(TEXT + "style-name")
    refused = style in document.unnumbered or element.get(TEXT + "is-list-header") == "true"
    if element.tag != TEXT + "h" or refused or not _has_text(element):
        return ""
    return _label(element, document, OUTLINE, integer(element, TEXT + "outline-level", 1))


def _label(item: Any, document: _Document, style: str, level: int) -> str:
    written = item.find(TEXT + "number")
    looks = document.lists.get(style, {})
    look = looks.get(level)
    if look is None or look.kind < 0:
        return (written.text or "") if written is not None else ""
    counts = document.counts[style]
    counts[level] = integer(item, TEXT + "start-value", counts.get(level, look.start - 1) + 1)
    for deeper in [key for key in counts if key > level]:
        del counts[deeper]
    shown = [at for at in range(max(1, level - look.shown + 1), level + 1) if at in looks]
    numbers = [number(counts.get(at, looks[at].start), looks[at].kind) for at in shown]
    return look.prefix + ".".join(numbers) + look.suffix if all(numbers) else ""
