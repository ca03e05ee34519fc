"""PDF → conversion, with pdfium: its characters and path segments go to the lattice, the rest is text.

pdfium's own text order is not used: quotation marks set in another font come out of place in it.  Scans have no
characters: they need text recognition, and that is said.
"""

from __future__ import annotations

import ctypes
import itertools
import unicodedata
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from archive.model import Block, Conversion, Place, Software
from pipelines.convert import flow, stitch
from pipelines.convert.interface import Context, failed
from pipelines.convert.lattice import Glyph, Marks, Ruled, Stroke, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator

SOFTWARE = Software("nianlun.pdf", "1", (("pypdfium2", version("pypdfium2")), ("pages", "300"), ("radicals", "folded")))
TAKES = ("application/pdf",)
PAGE_CAP = 300
GLYPH_CAP = 60_000
"""Characters a page; a dense page of a report has 1,200."""
OBJECT_CAP = 60_000
THIN = 2.6
"""A filled rectangle thinner than this is a line."""
ERRORS = {raw.FPDF_ERR_PASSWORD: "encrypted", raw.FPDF_ERR_SECURITY: "encrypted"}
HYPHEN = "\x02"


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


def convert(payload: bytes, _: Context) -> Conversion:
    """Read a PDF's pages; ``encrypted``, ``unreadable``, ``refused`` (too many pages) or ``needs`` (a scan) else."""
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
        pages = [_marks(document, index) for index in range(count)]
    finally:
        document.close()
    return _assembled(pages, meta)


def _unopened(error: Exception) -> Conversion:
    code = getattr(error, "err_code", None)
    if code in ERRORS or "password" in str(error).lower():
        return failed(
            "encrypted", TAKES[0], "文件已加密，需要口令 · The file is encrypted and needs a password", SOFTWARE
        )
    return failed("unreadable", TAKES[0], f"不是完整的 PDF · Not a whole PDF: {error}"[:300], SOFTWARE)


def _assembled(pages: list[Marks | None], meta: tuple[tuple[str, str], ...]) -> Conversion:
    read = [page for page in pages if page is not None]
    printed = sum(len(page.glyphs) for page in read)
    unknown = sum(not _known(glyph.text) for page in read for glyph in page.glyphs)
    if printed < 20 * max(1, len(read) // 4) or unknown * 4 > printed:
        scan = "只有图像没有文字，需要文字识别（OCR），尚未安装 · Images without text need OCR, which is not installed"
        return Conversion(SOFTWARE, TAKES[0], "needs", meta=meta, error=scan)
    blocks, grids = _flowed(read)
    error = (
        None
        if len(read) == len(pages)
        else f"{len(pages) - len(read)} 页无法读取 · {len(pages) - len(read)} pages could not be read"
    )
    return Conversion(SOFTWARE, TAKES[0], "ok", tuple(blocks), tuple(grids), meta, error=error)


def _known(text: str) -> bool:
    return unicodedata.category(text[0]) not in {"Co", "Cn", "Cc"} and text != "\ufffd"


# ---------------------------------------------------------------- blocks


@dataclass
class _Flow:
    """The document so far: blocks, tables in the making, the last line of text."""

    blocks: list[Block]
    pieces: list[stitch.Piece]
    last: flow.Line | None = None
    open_table: bool = False


def _flowed(pages: list[Marks]) -> tuple[list[Block], list[Any]]:
    read = [(page, *read_page(page)) for page in pages]
    rows = [flow.lines_of(rest, page.page) for page, _, rest in read]
    lines = flow.without_furniture(rows, [page.height for page in pages])
    margins = flow.margins_of(lines)
    state = _Flow([], [])
    for (_, tables, _), page_lines in zip(read, lines, strict=True):
        for item in _ordered(tables, page_lines):
            if isinstance(item, Ruled):
                _add_table(item, state)
            else:
                _add_line(item, state, margins)
    return state.blocks, [stitch.grid_of(piece) for piece in state.pieces]


def _ordered(tables: tuple[Ruled, ...], lines: list[flow.Line]) -> list[Ruled | flow.Line]:
    keyed: list[tuple[float, int, Ruled | flow.Line]] = [(table.ys[0], 0, table) for table in tables]
    keyed += [((line.box[1] + line.box[3]) / 2, 1, line) for line in lines]
    return [item for _, _, item in sorted(keyed, key=lambda entry: entry[:2])]


def _add_table(table: Ruled, state: _Flow) -> None:
    """A table directly after a table of the page before is its continuation when the edges agree."""
    piece = stitch.piece_of(table)
    state.last = None
    before = state.pieces[-1] if state.open_table else None
    if (
        before is not None
        and before.cells[-1].place
        and before.cells[-1].place.page != table.page
        and stitch.fits(before, piece)
    ):
        state.pieces[-1] = stitch.stitched(before, piece)
        return
    state.blocks.append(Block("", "table", grid=len(state.pieces), place=piece.place))
    state.pieces.append(piece)
    state.open_table = True


def _add_line(line: flow.Line, state: _Flow, margins: flow.Margins) -> None:
    state.open_table = False
    if state.last is not None and state.blocks and flow.continues(state.last, line, margins):
        block = state.blocks[-1]
        state.blocks[-1] = Block(flow.joined(block.text, line.text), "paragraph", place=block.place)
    else:
        left, top, right, bottom = (round(value, 1) for value in line.box)
        state.blocks.append(Block(line.text, "paragraph", place=Place(line.page, (left, top, right, bottom))))
    state.last = line


# ---------------------------------------------------------------- pdfium


def _marks(document: Any, index: int) -> Marks | None:
    """One page's characters and lines; None when pdfium cannot load it."""
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return None
    try:
        width, height = page.get_size()
        left, bottom, _, _ = page.get_cropbox()
        view = _View(left, bottom, width, height, page.get_rotation() % 360)
        strokes = tuple(_strokes(page, view))
        text = page.get_textpage()
        try:
            glyphs = tuple(_glyphs(text, view))
        finally:
            text.close()
    except pdfium.PdfiumError:
        return None
    finally:
        page.close()
    return Marks(index + 1, width, height, _once(glyphs), strokes)


def _glyphs(text: Any, view: _View) -> Iterator[Glyph]:
    """The page's characters; spaces pdfium made up are left out."""
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
        ):
            continue
        raw.FPDFText_GetCharOrigin(handle, i, px, py)
        raw.FPDFText_GetLooseCharBox(handle, i, pbox)
        ox, oy = view.at(x.value, y.value)
        ax, ay = view.at(box.left, box.top)
        bx, by = view.at(box.right, box.bottom)
        yield Glyph(_character(code), min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), ox, oy)


def _character(code: int) -> str:
    """The character meant: some fonts map ideographs to the radicals that look the same."""
    character = chr(code)
    if character == HYPHEN:
        return "-"
    if 0x2E80 <= code <= 0x2FDF:
        return unicodedata.normalize("NFKC", character)
    return character


def _once(glyphs: tuple[Glyph, ...]) -> tuple[Glyph, ...]:
    """Glyphs drawn twice for boldness, once."""
    seen: dict[tuple[str, int, int], Glyph] = {}
    kept = []
    for glyph in glyphs:
        limit = 0.22 * max(glyph.bottom - glyph.top, 1.0)
        bucket = (glyph.text, round(glyph.x / 3), round(glyph.y / 3))
        near = (seen.get((bucket[0], bucket[1] + dx, bucket[2] + dy)) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        if any(
            other is not None and abs(other.x - glyph.x) < limit and abs(other.y - glyph.y) < limit for other in near
        ):
            continue
        seen[bucket] = glyph
        kept.append(glyph)
    return tuple(kept)


def _strokes(page: Any, view: _View) -> Iterator[Stroke]:
    """Every straight line drawn on the page: stroked segments and thin filled rectangles."""
    budget = [OBJECT_CAP]
    identity = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    yield from _objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, identity, view, budget, 0)


def _objects(
    holder: Any, count: Any, get: Any, outer: tuple[float, ...], view: _View, budget: list[int], depth: int
) -> Iterator[Stroke]:
    for i in range(count(holder)):
        budget[0] -= 1
        if budget[0] < 0:
            return
        item = get(holder, i)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            yield from _path(item, _times(_matrix(item), outer), view)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < 8:
            inner = _times(_matrix(item), outer)
            yield from _objects(
                item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, view, budget, depth + 1
            )


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
