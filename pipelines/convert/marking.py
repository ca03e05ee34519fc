"""Where a figure stands, shown in its original: an HTML page with the cell marked, or a picture of a PDF's page.

The cell is found again in the way it was read (:mod:`pipelines.convert.web.pasted`), then marked in the page as it came.
Nothing here is trusted: :meth:`pipelines.convert.sandbox.Cage.mark` runs it in a worker with limits.
"""

from __future__ import annotations

import copy
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipelines.convert import bundle
from pipelines.convert.decoding import charset_of, decode
from pipelines.convert.sniff import sniff
from pipelines.convert.web import pasted, webpage
from pipelines.convert.web.shown import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANCHOR = "nianlun-cell"
"""The id of the marked cell in a page."""
SCALE = 1.6
"""Pixels a point of a page's picture: 115 dots an inch, legible and some 200 kB."""
LARGEST = 12_000_000
"""Pixels a picture has at most; a larger page is drawn smaller."""
_PATH = re.compile(r"table\[(\d{1,6})\]/tr\[(\d{1,6})\]/t[dh]\[(\d{1,6})\]")
_STYLE = "background:#ffe79a !important;outline:3px solid #c0392b !important;color:#000 !important"
_ACTIVE = ("script", "noscript", "object", "embed", "applet", "iframe", "frame", "base", "link", "meta", "form")
_EDGE, _WASH = 3, 0x9A
"""Pixels of the box's border, and the blue that is left within it: yellow over white, the print stays black."""


def mark(payload: bytes, media_type: str | None, cell: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """The original with the cell of an observation marked: its media type and bytes; None where it cannot be shown.

    ``cell`` is the place ``nianlun trace`` prints: a DOM ``path`` for HTML, ``page`` (from 1) and ``box`` (points, from
    the top left) for PDF; ``member`` is the file of a bundle it stands in (``inner.zip!name`` in a bundle within).
    """
    member = cell.get("member")
    if member:
        found = _inside(payload, str(member))
        return mark(found, sniff(found, None, str(member)), {**cell, "member": None}) if found is not None else None
    kind = (media_type or "").partition(";")[0].strip()
    if kind == "text/html" and cell.get("path"):
        page = _page(payload, media_type, str(cell["path"]))
        return ("text/html; charset=utf-8", page) if page is not None else None
    if kind == "application/pdf" and cell.get("page") and cell.get("box"):
        picture = _picture(payload, int(cell["page"]), tuple(cell["box"]))
        return ("image/png", picture) if picture is not None else None
    return None


def _inside(payload: bytes, name: str) -> bytes | None:
    """The file of a bundle that a reading knows by this name, under the caps under which it was read."""
    for member in bundle.members(payload, sniff(payload)):
        if member.payload is not None and member.name == name:
            return member.payload
        if member.payload is not None and member.name and name.startswith(f"{member.name}!"):
            return _inside(member.payload, name[len(member.name) + 1 :])
    return None


# ---------------------------------------------------------------- HTML


def _page(payload: bytes, media_type: str | None, path: str) -> bytes | None:
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    text, _ = decode(payload, charset_of(media_type))
    try:
        root = webpage.tree_of(text)
    except webpage.TooDeepError:
        return None
    if root is None:
        return None
    shown = copy.deepcopy(root)
    cells = list(root.iter("td", "th"))  # held, so that the elements stay these
    found = _found(root, *(int(number) for number in match.groups()))
    if found is None:
        return None
    target = next(twin for one, twin in zip(cells, shown.iter("td", "th"), strict=True) if one is found)
    _quiet(shown)
    target.set("style", _STYLE)
    target.set("id", ANCHOR)
    page: bytes = etree.tostring(shown, encoding="utf-8", method="html", doctype="<!doctype html>")
    return page


def _found(root: Any, table: int, row: int, column: int) -> Any | None:
    """The cell that was read as this one: tables, rows and cells are counted as they were then."""
    content = webpage.content_of(root)
    if content is None:
        return None
    clean(content)
    for one in (content, *content.iterdescendants("table")):
        if one.tag == "table" and one.get("data-table") == str(table):
            rows = pasted.rows_of(one)
            if row <= len(rows) and column <= len(rows[row - 1]):
                return rows[row - 1][column - 1]
    return None


def _quiet(root: Any) -> None:
    """Take out what could run or fetch; the room's sandbox would stop it too."""
    for element in list(root.iter(*_ACTIVE)):
        parent = element.getparent()
        if parent is None:
            continue
        if element.tag == "form":
            element.tag = "div"
            element.attrib.clear()
        else:
            element.text = None
            for child in list(element):
                element.remove(child)
            element.attrib.clear()
            element.tag = "span"
    for element in root.iter(etree.Element):
        for name in list(element.attrib):
            if name.lower().startswith("on") or name == "data-text":
                del element.attrib[name]


# ---------------------------------------------------------------- PDF


def _picture(payload: bytes, number: int, box: Sequence[float]) -> bytes | None:
    import pypdfium2 as pdfium  # noqa: PLC0415  # half the pages that are marked are HTML

    try:
        document = pdfium.PdfDocument(payload)
    except pdfium.PdfiumError:
        return None
    try:
        if not 1 <= number <= len(document):
            return None
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(SCALE, (LARGEST / max(1.0, width * height)) ** 0.5)
        bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False)
        columns, rows, stride, depth = bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels
        pixels = bytes(bitmap.buffer)
        bitmap.close()
        page.close()
    except pdfium.PdfiumError:
        return None
    finally:
        document.close()
    if depth not in (3, 4):
        return None
    lines = [bytearray(_rgb(pixels[at * stride : at * stride + columns * depth], depth)) for at in range(rows)]
    _wash(lines, columns, [round(edge * scale) for edge in box])
    return png(columns, rows, lines)


def _rgb(line: bytes, depth: int) -> bytes:
    if depth == 3:
        return line
    found = bytearray(len(line) // 4 * 3)
    for channel in range(3):
        found[channel::3] = line[channel::4]
    return bytes(found)


def _wash(lines: list[bytearray], columns: int, box: Sequence[int]) -> None:
    """Draw a red border around a box (left, top, right, bottom in pixels), and yellow over what is white in it."""
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(columns, max(box[2], left + 1)), min(len(lines), max(box[3], top + 1))
    if left >= columns or top >= len(lines):
        return
    table = bytes(min(value, _WASH) for value in range(256))
    for at in range(max(0, top - _EDGE), min(len(lines), bottom + _EDGE)):
        line = lines[at]
        if top <= at < bottom:
            line[left * 3 + 2 : right * 3 : 3] = line[left * 3 + 2 : right * 3 : 3].translate(table)
            for start, end in ((max(0, left - _EDGE), left), (right, min(columns, right + _EDGE))):
                line[start * 3 : end * 3] = b"\xc0\x39\x2b" * (end - start)
        else:
            start, end = max(0, left - _EDGE), min(columns, right + _EDGE)
            line[start * 3 : end * 3] = b"\xc0\x39\x2b" * (end - start)


def png(columns: int, rows: int, lines: Sequence[bytes | bytearray]) -> bytes:
    """A picture of eight-bit RGB lines (ISO/IEC 15948)."""
    raw = b"".join(b"\0" + bytes(line) for line in lines)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw, 4)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
