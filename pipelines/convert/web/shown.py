"""What of an HTML content element is read: noise, hidden and struck-out text go, pictures in cells leave a sign.

Inline style is honoured, style sheets are not.  Works on the lxml tree and changes it.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lxml import etree

from pipelines.convert.cells import LEVEL, LOWERED, RAISED, UNSEEN
from pipelines.convert.web import pasted, webpage

DROPPED = [
    "script",
    "style",
    "noscript",
    "button",
    "iframe",
    "del",
    "s",
    "strike",
    "rt",
    "rp",
    "template",
    "head",
    "link",
    "meta",
    "title",
]
"""Elements whose text is not the report's: controls, text that was struck out, how a character is pronounced."""
OPAQUE = ["img", "input", "select", "textarea", "object", "embed", "svg", "canvas"]
"""Elements that show something which is no text: within a cell that must not be lost without a word."""
KEPT = frozenset({"rowspan", "colspan", "data-table", pasted.HIDDEN})
KEPT_HIDDEN = 500
"""Hidden text longer than this is the report itself behind a tab, not a trick."""
HIDING = re.compile(r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse))")
TINY = re.compile(r"(?:^|;)font-size:0(?:\.0{1,9})?(?:px|pt|em|rem|%)?(?:!important)?(?:;|$)")
STRUCK = re.compile(r"(?:^|;)text-decoration(?:-line)?:[a-z ]{0,40}line-through")
SHIFTED = re.compile(r"(?:^|;)vertical-align:(super|sub)(?:;|!|$)")
KEYED = frozenset({"text", "number", "tel", "email", "search", "date", "url", ""})
"""The kinds of input whose value is printed in it."""
SPACER = re.compile(r"(?:spacer|blank|space|pixel|transparent|clear|1x1|dot)[\w-]{0,9}\.\w{3,4}$", re.IGNORECASE)
SIZE = re.compile(r"\s{0,9}(\d{1,6})(?:\.\d{1,9})?\s{0,9}(?:px|pt)?\s{0,9}$")
STYLED_SIZE = re.compile(r"(?:^|;)(?:width|height):(\d{1,6})(?:\.\d{1,9})?(?:px|pt)")
NEAR = 12
"""How far up the cell that an element stands in is looked for."""
Element = Any


def clean(content: Element) -> None:
    """Take inline tags, attributes and what is not shown out: ten times fewer nodes to walk."""
    weights = webpage.weights_of(content)
    for element in [e for e in content.iterdescendants() if e.attrib and e.tag not in DROPPED]:
        _judge(element, *weights.get(element, (0, 0)))
    for element in list(content.iter(*DROPPED)):
        remove(element)
    for element in list(content.iter(*OPAQUE)):
        _show(element)
    for element in content.iter("sup", "sub"):
        _shift(element, RAISED if element.tag == "sup" else LOWERED)
    for element in content.iter():
        if element.attrib:
            kept = [(name, value) for name, value in element.items() if name in KEPT]
            element.attrib.clear()
            element.attrib.update(kept)
    etree.strip_tags(content, *pasted.INLINE)


def _judge(element: Element, text: int, link: int) -> None:
    """Take an element out when its name or its style says that it is noise, hidden or struck out."""
    style = (element.get("style") or "").replace(" ", "").lower()
    hidden = element.get("hidden") is not None or bool(HIDING.search(style))
    if hidden and element.tag in {"col", "colgroup"}:
        element.set(pasted.HIDDEN, "1")
    elif webpage.is_noise(element, text, link) or STRUCK.search(style):
        remove(element)
    elif hidden and text < KEPT_HIDDEN:
        _hide(element, style)
    elif style and TINY.search(style) and text < KEPT_HIDDEN and not _restyled(element):
        _empty(element)
    elif style and element.tag not in {"sup", "sub", "td", "th", "tr"} and (shift := SHIFTED.search(style)):
        _shift(element, RAISED if shift[1] == "super" else LOWERED)


def _hide(element: Element, style: str) -> None:
    """What ``visibility`` hides keeps its place among the cells; everything else is as if it were not there."""
    keeps_place = element.get("hidden") is None and "display:none" not in style
    if not keeps_place or (element.tag == "tr" and "visibility:collapse" in style):
        remove(element)
    elif not any("visibility:visible" in (e.get("style") or "").replace(" ", "") for e in element.iterdescendants()):
        _empty(element)


def _restyled(element: Element) -> bool:
    """Whether anything in an element may give its text another size: nothing is printed at size 0 otherwise."""
    return any(e.get("style") or e.get("class") or e.get("size") for e in element.iterdescendants())


def _empty(element: Element) -> None:
    """Take the text and the elements out of an element that keeps its place."""
    for cell in element.iter(*pasted.CELLS) if element.tag in {"table", "tbody", "thead", "tfoot", "tr"} else [element]:
        tail = cell.tail
        for child in list(cell):
            cell.remove(child)
        cell.text, cell.tail = None, tail


def _shift(element: Element, mark: str) -> None:
    """Mark raised or lowered text, so that it never becomes part of the number beside it."""
    element.text = mark + (element.text or "")
    if len(element):
        element[-1].tail = (element[-1].tail or "") + LEVEL
    else:
        element.text += LEVEL


def _show(element: Element) -> None:
    """What stands for a picture or a control: a filled-in value, the sign of the unread in a cell, or nothing."""
    cell = next((e for e in islice(element.iterancestors(), NEAR) if e.tag in pasted.CELLS), None)
    said = _said(element) if cell is not None else ""
    if not said:
        remove(element)
        return
    for child in list(element):
        element.remove(child)
    element.tag, element.text = "span", said


def _said(element: Element) -> str:
    tag = element.tag
    if tag == "img":
        return UNSEEN if _is_picture(element) else ""
    if tag == "input":
        return (element.get("value") or "") if (element.get("type") or "").lower() in KEYED else ""
    if tag == "textarea":
        return element.text or ""
    if tag == "select":
        options = list(element.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return "".join(option.text or "" for option in chosen[:1])
    return UNSEEN


def _is_picture(element: Element) -> bool:
    """Whether an image shows anything: not a spacer by its size, its name or its few bytes."""
    style = (element.get("style") or "").replace(" ", "").lower()
    sizes = [m[1] for name in ("width", "height") if (m := SIZE.match(element.get(name) or ""))]
    sizes += STYLED_SIZE.findall(style)
    source = (element.get("src") or "").strip()
    if any(int(size) <= 5 for size in sizes) or not source:
        return False
    if source.startswith("data:"):
        return len(source) > 200
    return not SPACER.search(source.partition("?")[0])


def remove(element: Element) -> None:
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
