"""A PDF writer: a report's blocks on A4 pages, tables with ruled lines that run over pages (ISO 32000-1).

The Chinese font is named, not embedded (STSong-Light, one of the predefined CID fonts), and the text is
coded in UniGB-UTF16-H, a predefined CMap, with a ToUnicode CMap beside it: every reader gets the characters
and their positions without a font file.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from crawler.simulator.sheet import Block, Content, Sheet, Slot, placed, width

MEDIA_TYPE = "application/pdf"

PAGE = (595.0, 842.0)
MARGIN = 60.0
SIZE = 10.0
LEADING = 14.0
PADDING = 3.0


@dataclass(slots=True)
class _Canvas:
    """The pages drawn so far and how far down the last one is used (from the top, in points)."""

    pages: list[list[str]] = field(default_factory=lambda: [[]])
    used: float = MARGIN

    def text(self, x: float, y: float, text: str, size: float = SIZE) -> None:
        """Draw one line whose baseline lies ``y`` points below the page's top.

        A lone character gets a space after it: pdfium leaves out an object of one glyph it has no font for.
        """
        code = (text if len(text) > 1 or text.isascii() else f"{text} ").encode("utf-16-be").hex().upper()
        self.pages[-1].append(f"BT /F1 {size:g} Tf 1 0 0 1 {x:.2f} {PAGE[1] - y:.2f} Tm <{code}> Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a ruled line; coordinates from the page's top left."""
        self.pages[-1].append(f"{x0:.2f} {PAGE[1] - y0:.2f} m {x1:.2f} {PAGE[1] - y1:.2f} l S")

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append([])
        self.used = MARGIN

    def room(self) -> float:
        """How many points are left on the page."""
        return PAGE[1] - MARGIN - self.used


def write(content: Content, *, whole_heads: bool = True) -> bytes:
    """The report as a PDF; the same report gives the same bytes.

    A page never ends within a table's head unless ``whole_heads`` is False: then it may, as some word processors do.
    """
    canvas = _Canvas()
    for block in content.blocks:
        if block.kind == "table":
            _table(canvas, block.sheet, head=_head(block.sheet) if whole_heads else 0)
        else:
            _paragraph(canvas, block)
    return _file(canvas.pages, content.title)


def measure(text: str, size: float = SIZE) -> float:
    """The width of a line: ASCII is half as wide as Chinese (the font's W array says so)."""
    return sum(0.5 if char < "\x7f" else 1.0 for char in text) * size


def wrapped(text: str, room: float, size: float = SIZE) -> list[str]:
    """Text broken into lines of at most ``room`` points."""
    lines = [""]
    for char in text:
        if lines[-1] and measure(lines[-1] + char, size) > room:
            lines.append("")
        lines[-1] += char
    return lines if text else []


def _paragraph(canvas: _Canvas, block: Block) -> None:
    size = {"title": 16.0, "heading": 12.0}.get(block.kind, SIZE)
    indent = "　　" if block.kind == "paragraph" else ""
    for line in wrapped(indent + block.text, PAGE[0] - 2 * MARGIN, size):
        if canvas.room() < LEADING * 1.5:
            canvas.turn()
        canvas.used += LEADING * size / SIZE
        left = (PAGE[0] - measure(line, size)) / 2 if block.kind == "title" else MARGIN
        canvas.text(left, canvas.used, line, size)
    canvas.used += 4


def _shares(sheet: Sheet) -> list[float]:
    """Where the columns' edges lie: columns of labels are wider than columns of figures."""
    count = width(sheet)
    weight = [1.0] * count
    for _, column, slot in placed(sheet):
        if slot.columns == 1 and not slot.code:
            weight[column] = max(weight[column], min(len(slot.text), 12) / 4)
    total, edge, edges = sum(weight), MARGIN, [MARGIN]
    for share in weight:
        edge += share / total * (PAGE[0] - 2 * MARGIN)
        edges.append(edge)
    return edges


def _heights(sheet: Sheet, edges: list[float]) -> list[float]:
    """How high each row must be for the cells that lie in it alone; a tall merged cell stretches its last row."""
    heights = [LEADING + 2 * PADDING] * len(sheet)
    cells = sorted(placed(sheet), key=lambda cell: cell[2].rows)
    for row, column, slot in cells:
        needed = len(_lines(slot, column, edges)) * LEADING + 2 * PADDING
        missing = needed - sum(heights[row : row + slot.rows])
        if missing > 0:
            heights[row + slot.rows - 1] += missing
    return heights


def _lines(slot: Slot, column: int, edges: list[float]) -> list[str]:
    return wrapped(slot.text, edges[column + slot.columns] - edges[column] - 2 * PADDING)


def _head(sheet: Sheet) -> int:
    """How many rows stand above the first figure, that row included."""
    return next((row + 1 for row, cells in enumerate(sheet) if any(slot.code for slot in cells)), 0)


def _table(canvas: _Canvas, sheet: Sheet, head: int) -> None:
    """Draw a table row by row; a page ends between two rows, and merged cells are ruled again after it."""
    edges = _shares(sheet)
    heights = _heights(sheet, edges)
    cells = placed(sheet)
    canvas.used += 4
    row = 0
    if sum(heights[:head]) > canvas.room():
        canvas.turn()
    while row < len(sheet):
        last = row
        room = canvas.room()
        while last < len(sheet) and sum(heights[row : last + 1]) <= room:
            last += 1
        if last == row:
            canvas.turn()
            continue
        _band(canvas, cells, edges, heights, (row, last))
        canvas.used += sum(heights[row:last])
        row = last
        if row < len(sheet):
            canvas.turn()
    canvas.used += 8


def _band(
    canvas: _Canvas,
    cells: list[tuple[int, int, Slot]],
    edges: list[float],
    heights: list[float],
    band: tuple[int, int],
) -> None:
    """Draw the rows ``band[0]`` to ``band[1]`` (exclusive) of a table on the present page."""
    first, last = band
    tops = {row: canvas.used + sum(heights[first:row]) for row in range(first, last + 1)}
    for row, column, slot in cells:
        top, bottom = max(row, first), min(row + slot.rows, last)
        if top >= bottom:
            continue
        left, right = edges[column], edges[column + slot.columns]
        _box(canvas, left, tops[top], right, tops[bottom])
        if row >= first:
            _words(canvas, _lines(slot, column, edges), left, right, tops[top], centred=bool(slot.code))


def _box(canvas: _Canvas, left: float, top: float, right: float, bottom: float) -> None:
    canvas.line(left, top, right, top)
    canvas.line(left, bottom, right, bottom)
    canvas.line(left, top, left, bottom)
    canvas.line(right, top, right, bottom)


def _words(canvas: _Canvas, lines: list[str], left: float, right: float, top: float, *, centred: bool) -> None:
    for index, line in enumerate(lines):
        at = (left + right - measure(line)) / 2 if centred else left + PADDING
        canvas.text(at, top + PADDING + LEADING * (index + 1) - 3.5, line)


def _file(pages: list[list[str]], title: str) -> bytes:
    """Objects, cross-reference table and trailer."""
    kids = " ".join(f"{8 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H "
            b"/DescendantFonts [4 0 R] /ToUnicode 6 0 R >>"
        ),
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> "
            b"/DW 1000 /W [1 95 500 814 939 500] /FontDescriptor 5 0 R >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] "
            b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
        ),
        _stream(_TO_UNICODE),
        f"<< /Title <{'FEFF' + title.encode('utf-16-be').hex().upper()}> /Producer (simulated portal) >>".encode(),
    ]
    for index, drawing in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE[0]:g} {PAGE[1]:g}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {9 + 2 * index} 0 R >>".encode()
        )
        objects.append(_stream("0.5 w\n" + "\n".join(drawing)))
    return _assembled(objects)


def _stream(text: str) -> bytes:
    packed = zlib.compress(text.encode("ascii"), 6)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)


def _assembled(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


_TO_UNICODE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""
