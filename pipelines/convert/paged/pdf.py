"""PDF → conversion, with pdfium: its characters and path segments go to the lattice, the rest is text.

pdfium's own text order is not used: quotation marks set in another font come out of place in it.  Pages that
show text without holding it (scans, outlines, fonts without codes) go to :mod:`pipelines.convert.scans.scan`.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import unicodedata
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.model import Conversion, Software
from pipelines.convert.interface import Context, failed
from pipelines.convert.ruled.lattice import Glyph, Marks, Stroke
from pipelines.convert.ruled.pages import OBLIQUE, flowed, is_known, once
from pipelines.convert.scans import recogniser, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

SOFTWARE = Software("nianlun.pdf", "2", (("pypdfium2", version("pypdfium2")), ("pages", "300"), ("radicals", "folded")))
TAKES = ("application/pdf",)
PAGE_CAP = 300
GLYPH_CAP = 60_000
"""Characters a page; a dense page of a report has 1,200."""
OBJECT_CAP = 60_000
THIN = 2.6
"""A filled rectangle thinner than this is a line."""
FEW, COVER, SHAPES = 20, 0.4, 150
"""A page with fewer characters, and images over more of its area or more paths than this, is a picture of text."""
ERRORS = {raw.FPDF_ERR_PASSWORD: "encrypted", raw.FPDF_ERR_SECURITY: "encrypted"}
HYPHEN = "\x02"


@dataclass(slots=True)
class _Ground:
    """What a page shows besides characters: the area images cover, the finest one's pixels a point, paths."""

    covered: float = 0.0
    finest: float = 0.0
    shapes: int = 0


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One page: its marks, whether it must be recognised, the resolution of its picture in pixels a point."""

    marks: Marks
    is_picture: bool
    is_inked: bool
    """Whether anything but characters is drawn: in a document without a character that may be text."""
    finest: float


@dataclass(frozen=True, slots=True)
class _View:
    """From a page's own space to points from its top left, rotation undone."""

    left: float
    bottom: float
    width: float
    height: float
    rotation: int

    def at(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.left, y - self.bottom
        if self.rotation == 90:
            return y, x
        if self.rotation == 180:
            return self.width - x, y
        if self.rotation == 270:
            return self.width - y, self.height - x
        return x, self.height - y


def convert(payload: bytes, context: Context) -> Conversion:
    """Read a PDF's pages; ``encrypted``, ``unreadable``, ``refused`` (too many pages) or ``needs`` (a scan) else.

    Whether a page must be recognised is decided page by page; with ``context.ocr`` these are, in page order.
    """
    try:
        document = pdfium.PdfDocument(payload)
    except pdfium.PdfiumError as error:
        return _unopened(error)
    try:
        count = len(document)
        if count > PAGE_CAP:
            return failed(
                "refused", TAKES[0], f"页数 {count} 超过上限 {PAGE_CAP} · {count} pages, more than {PAGE_CAP}", SOFTWARE
            )
        if count == 0:
            return failed("unreadable", TAKES[0], "文件没有页面 · The file has no pages", SOFTWARE)
        meta = tuple(
            (f"pdf:{key}", value)
            for key, value in document.get_metadata_dict().items()
            if value and key in {"Title", "CreationDate", "Producer"}
        )
        return _read(document, [_marks(document, index) for index in range(count)], meta, context)
    finally:
        document.close()


def _unopened(error: Exception) -> Conversion:
    code = getattr(error, "err_code", None)
    if code in ERRORS or "password" in str(error).lower():
        return failed(
            "encrypted", TAKES[0], "文件已加密，需要口令 · The file is encrypted and needs a password", SOFTWARE
        )
    return failed("unreadable", TAKES[0], f"不是完整的 PDF · Not a whole PDF: {error}"[:300], SOFTWARE)


def _read(document: Any, pages: list[_Leaf | None], meta: tuple[tuple[str, str], ...], context: Context) -> Conversion:
    read = [page for page in pages if page is not None]
    lost = len(pages) - len(read)
    if not any(page.marks.glyphs for page in read):
        read = [replace(page, is_picture=page.is_inked) for page in read]
    pictured = [page for page in read if page.is_picture]
    if pictured and context.ocr and recogniser.available():
        return scan.recognised([_sheet(document, page) for page in read], TAKES[0], meta, lost)
    printed = [page.marks for page in read if not page.is_picture]
    if pictured and not any(page.glyphs for page in printed):
        return scan.wanting(TAKES[0], len(pictured), meta)
    found = flowed(printed)
    if not found.blocks:
        why = "文档没有文字 · The document holds no text" if read else "没有一页可以读取 · No page can be read"
        return Conversion(SOFTWARE, TAKES[0], "empty" if read else "unreadable", meta=meta, error=why)
    error = f"{lost} 页无法读取 · {lost} pages could not be read" if lost else None
    conversion = Conversion(SOFTWARE, TAKES[0], "ok", found.blocks, found.grids, meta, error=error)
    return scan.partly(conversion, len(pictured)) if pictured else conversion


def _sheet(document: Any, leaf: _Leaf) -> Marks | scan.Sheet:
    """A page with characters as it is; one that is a picture with what draws it when its turn comes."""
    if not leaf.is_picture:
        return leaf.marks
    marks = leaf.marks
    return scan.Sheet(marks.page, marks.width, marks.height, lambda: _drawn(document, marks.page - 1, leaf.finest))


def _drawn(document: Any, index: int, finest: float) -> Any:
    """A page's pixels in its picture's own resolution; seals and notes that lie over it are left out."""
    from pipelines.convert.scans import pictures  # noqa: PLC0415  an extra

    try:
        page = document[index]
        try:
            scale = pictures.page_scale(finest, page.get_size())
            bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False, draw_annots=False)
            try:
                return bitmap.to_numpy().copy()
            finally:
                bitmap.close()
        finally:
            page.close()
    except pdfium.PdfiumError as error:
        raise pictures.PictureError(f"页面无法绘制 · The page cannot be drawn: {error}") from error


# ---------------------------------------------------------------- pdfium


def _marks(document: Any, index: int) -> _Leaf | None:
    """One page's characters and lines; None when pdfium cannot load it."""
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return None
    try:
        width, height = page.get_size()
        left, bottom, _, _ = page.get_cropbox()
        view = _View(left, bottom, width, height, page.get_rotation() % 360)
        ground = _Ground()
        strokes = tuple(_strokes(page, view, ground))
        text = page.get_textpage()
        try:
            glyphs = tuple(_glyphs(text, view, over_picture=ground.covered > COVER * width * height))
        finally:
            text.close()
    except pdfium.PdfiumError:
        return None
    finally:
        page.close()
    marks = Marks(index + 1, width, height, once(glyphs), strokes)
    return _Leaf(marks, _is_picture(marks, ground), ground.shapes > 0 or ground.covered > 0, ground.finest)


def _is_picture(marks: Marks, ground: _Ground) -> bool:
    """Whether a page shows text that it does not hold as characters.

    Hardly a character over a large image or many filled shapes (a scan, text turned into outlines), or characters
    of which a quarter mean nothing (a font without a table of its codes).
    """
    known = sum(is_known(glyph.text) and not glyph.text.isspace() for glyph in marks.glyphs)
    if (len(marks.glyphs) - known) * 4 > len(marks.glyphs) + 3 * sum(g.text.isspace() for g in marks.glyphs):
        return True
    return known < FEW and (ground.covered > COVER * marks.width * marks.height or ground.shapes >= SHAPES)


def _glyphs(text: Any, view: _View, *, over_picture: bool) -> Iterator[Glyph]:
    """The page's characters; spaces pdfium made up are left out, and so are watermarks set obliquely.

    Over a picture of the page unseen characters are what some program recognised before: they are left out too.
    """
    handle = text.raw
    x, y, box = ctypes.c_double(), ctypes.c_double(), raw.FS_RECTF()
    px, py, pbox = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    for i in range(min(raw.FPDFText_CountChars(handle), GLYPH_CAP)):
        code = raw.FPDFText_GetUnicode(handle, i)
        if (
            (code < 32 and chr(code) != HYPHEN)
            or code in {0xFFFE, 0xFFFF}
            or raw.FPDFText_IsGenerated(handle, i) == 1
            or 0xD800 <= code < 0xE000
            or code > 0x10FFFF
            or _is_oblique(raw.FPDFText_GetCharAngle(handle, i))
            or (over_picture and _is_unseen(handle, i))
        ):
            continue
        raw.FPDFText_GetCharOrigin(handle, i, px, py)
        raw.FPDFText_GetLooseCharBox(handle, i, pbox)
        ox, oy = view.at(x.value, y.value)
        ax, ay = view.at(box.left, box.top)
        bx, by = view.at(box.right, box.bottom)
        yield Glyph(_character(code), min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), ox, oy)


def _is_oblique(angle: float) -> bool:
    return angle >= 0 and OBLIQUE < math.degrees(angle) % 90 < 90 - OBLIQUE


def _is_unseen(handle: Any, i: int) -> bool:
    item = raw.FPDFText_GetTextObject(handle, i)
    return bool(item) and raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE


def _character(code: int) -> str:
    """The character meant: some fonts map ideographs to the radicals that look the same."""
    character = chr(code)
    if character == HYPHEN:
        return "-"
    if 0x2E80 <= code <= 0x2FDF:
        return unicodedata.normalize("NFKC", character)
    return character


def _strokes(page: Any, view: _View, ground: _Ground) -> Iterator[Stroke]:
    """Every straight line drawn on the page: stroked segments and thin filled rectangles."""
    budget = [OBJECT_CAP]
    identity = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    yield from _objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, identity, view, budget, 0, ground)


def _objects(
    holder: Any,
    count: Any,
    get: Any,
    outer: tuple[float, ...],
    view: _View,
    budget: list[int],
    depth: int,
    ground: _Ground,
) -> Iterator[Stroke]:
    for i in range(count(holder)):
        budget[0] -= 1
        if budget[0] < 0:
            return
        item = get(holder, i)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            ground.shapes += 1
            yield from _path(item, _times(_matrix(item), outer), view)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            _add_image(item, _times(_matrix(item), outer), ground)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < 8:
            inner = _times(_matrix(item), outer)
            yield from _objects(
                item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, view, budget, depth + 1, ground
            )


def _add_image(item: Any, matrix: tuple[float, ...], ground: _Ground) -> None:
    """An image fills the unit square of its matrix: its area, and its pixels a point."""
    a, b, c, d, _, _ = matrix
    ground.covered += abs(a * d - b * c)
    wide, high = ctypes.c_uint(), ctypes.c_uint()
    side = math.hypot(a, b)
    if side > 1 and raw.FPDFImageObj_GetImagePixelSize(item, ctypes.byref(wide), ctypes.byref(high)):
        ground.finest = max(ground.finest, wide.value / side)


def _matrix(item: Any) -> tuple[float, ...]:
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(m: tuple[float, ...], n: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _path(item: Any, matrix: tuple[float, ...], view: _View) -> Iterator[Stroke]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    for points in _subpaths(item, matrix, view):
        if stroke.value and _is_visible(item):
            yield from (Stroke(*a, *b) for a, b in itertools.pairwise(points))
        elif fill.value:
            yield from _thin(points)


def _is_visible(item: Any) -> bool:
    colour = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetStrokeColor(item, *(ctypes.byref(part) for part in colour)):
        return True
    red, green, blue, alpha = (part.value for part in colour)
    return alpha > 0 and not (red > 250 and green > 250 and blue > 250)


def _subpaths(item: Any, matrix: tuple[float, ...], view: _View) -> list[list[tuple[float, float]]]:
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    paths: list[list[tuple[float, float]]] = []
    for i in range(min(raw.FPDFPath_CountSegments(item), 5000)):
        segment = raw.FPDFPath_GetPathSegment(item, i)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = view.at(a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO or not paths:
            paths.append([point])
        else:
            paths[-1].append(point)
        if raw.FPDFPathSegment_GetClose(segment) and paths[-1][0] != paths[-1][-1]:
            paths[-1].append(paths[-1][0])
    return paths


def _thin(points: list[tuple[float, float]]) -> Iterator[Stroke]:
    """A thin filled rectangle as the line it looks like; a wide one is a background."""
    if len(points) < 4:
        return
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    if bottom - top <= THIN < right - left:
        yield Stroke(left, (top + bottom) / 2, right, (top + bottom) / 2)
    elif right - left <= THIN < bottom - top:
        yield Stroke((left + right) / 2, top, (left + right) / 2, bottom)
