"""PDF as different programs write it: stroked or filled rules, cells as boxes, scaled pages, glyph by glyph.

ISO 32000-1: text showing (9.4.3), CID fonts (9.7), ToUnicode CMaps (9.10.3).  Fonts are named, not embedded: the
predefined CMap UniGB-UTF16-H, or glyph numbers (Identity-H) that only the ToUnicode CMap makes into characters.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.simulator.printing.paper import Habit, Page, Rule, Shade, Words, habit, pages

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content

STYLES = ("strokes", "fills", "glyphs")


def written(content: Content, style: str, seed: int) -> bytes:
    """The report as a ``.pdf`` in one of :data:`STYLES`."""
    rng = random.Random(f"pdf:{style}:{seed}")
    form = f"pdf-{style}"
    look = habit(random.Random(f"paper:{form}:{seed}"), content)
    writer = _Writer(style, look, identity=style == "glyphs" and rng.random() < 0.7, flipped=rng.random() < 0.35)
    drawings = [writer.drawing(page) for page in pages(content, seed, form)]
    return _file(drawings, content.title, writer)


@dataclass(slots=True)
class _Writer:
    """Prints pages as content streams."""

    style: str
    look: Habit
    identity: bool
    """Characters are coded by glyph number, in the order in which they first appear."""
    flipped: bool
    """The page is drawn from its top left, as browsers and some word processors do."""
    glyphs: dict[str, int] = field(default_factory=dict)

    def drawing(self, page: Page) -> str:
        """One page: shades below, rules, then text."""
        out = ["q", f"0.75 0 0 -0.75 0 {self.look.page[1]:g} cm"] if self.flipped else ["q"]
        out += [self._shade(item) for item in page if isinstance(item, Shade)]
        out.append("0.5 w 0 G 0 g")
        out += [self._rule(item) for item in page if isinstance(item, Rule)]
        out += [self._words(item) for item in page if isinstance(item, Words) and item.text.strip()]
        return "\n".join([*out, "Q"])

    def _at(self, x: float, y: float) -> str:
        if self.flipped:
            return f"{x / 0.75:.3f} {y / 0.75:.3f}"
        return f"{x:.3f} {self.look.page[1] - y:.3f}"

    def _shade(self, shade: Shade) -> str:
        return f"{shade.grey:g} g {self._at(shade.x0, shade.y0)} m {self._at(shade.x1, shade.y0)} l {self._at(shade.x1, shade.y1)} l {self._at(shade.x0, shade.y1)} l h f"

    def _rule(self, rule: Rule) -> str:
        if self.style != "fills":
            return f"{self._at(rule.x0, rule.y0)} m {self._at(rule.x1, rule.y1)} l S"
        level = rule.y0 == rule.y1
        x0, y0 = (rule.x0, rule.y0) if not self.flipped else (rule.x0 / 0.75, rule.y0 / 0.75)
        scale = 1 / 0.75 if self.flipped else 1.0
        length = (rule.x1 - rule.x0 if level else rule.y1 - rule.y0) * scale
        thick = 0.48 * scale
        across, down = (length + thick, thick) if level else (thick, length)
        top = y0 if self.flipped else self.look.page[1] - y0 - down
        return f"{x0:.3f} {top:.3f} {across:.3f} {down:.3f} re f"

    def _words(self, words: Words) -> str:
        """One line of text; a lone character gets a space after it (pdfium leaves out what it has no font for)."""
        text = words.text if len(words.text) > 1 or words.text.isascii() else f"{words.text} "
        size = words.size / 0.75 if self.flipped else words.size
        matrix = f"1 0 0 {-1 if self.flipped else 1} {self._at(words.x, words.y)} Tm"
        natural = [(0.5 if char < "\x7f" else 1.0) * words.size for char in words.text[:-1]]
        gaps = [
            round((own - advance) / words.size * 1000) for own, advance in zip(natural, words.advances, strict=True)
        ]
        if self.style != "glyphs" and not any(gaps):
            return f"BT /F1 {size:.3f} Tf {matrix} <{self._coded(text)}> Tj ET"
        pieces = " ".join(
            f"<{self._coded(char)}>{f' {gap}' if gap or self.style == 'glyphs' else ''}"
            for char, gap in zip(text, [*gaps, 0, 0], strict=False)
        )
        return f"BT /F1 {size:.3f} Tf {matrix} [{pieces}] TJ ET"

    def _coded(self, text: str) -> str:
        if not self.identity:
            return text.encode("utf-16-be").hex().upper()
        return "".join(f"{self.glyphs.setdefault(char, 3 + 7 * len(self.glyphs)):04X}" for char in text)


def _font(writer: _Writer) -> tuple[bytes, bytes, str]:
    """The font, its descendant, and the ToUnicode CMap."""
    if not writer.identity:
        return (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /W [1 95 500 814 939 500] /FontDescriptor 5 0 R >>",
            _map(["1 beginbfrange", "<0000> <FFFF> <0000>", "endbfrange"]),
        )
    lines = []
    listed = list(writer.glyphs.items())
    for start in range(0, len(listed), 100):
        part = listed[start : start + 100]
        lines += [
            f"{len(part)} beginbfchar",
            *(f"<{number:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, number in part),
            "endbfchar",
        ]
    narrow = " ".join(f"{number} [500]" for char, number in listed if char < "\x7f")
    return (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEE+FangSong /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>",
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEE+FangSong /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /W [{narrow}] /CIDToGIDMap /Identity /FontDescriptor 5 0 R >>".encode(),
        _map(lines),
    )


def _map(lines: list[str]) -> str:
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <FFFF> endcodespacerange",
            *lines,
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    )


def _file(drawings: list[str], title: str, writer: _Writer) -> bytes:
    """Objects, cross-reference table and trailer (7.5)."""
    font, descendant, unicode_map = _font(writer)
    width, height = writer.look.page
    kids = " ".join(f"{8 + 2 * index} 0 R" for index in range(len(drawings)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(drawings)} /MediaBox [0 0 {width:g} {height:g}] >>".encode(),
        font,
        descendant,
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        _stream(unicode_map),
        f"<< /Title <{'FEFF' + title.encode('utf-16-be').hex().upper()}> /Creator (WPS) >>".encode(),
    ]
    for index, drawing in enumerate(drawings):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents {9 + 2 * index} 0 R >>".encode()
        )
        objects.append(_stream(drawing))
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _stream(text: str) -> bytes:
    packed = zlib.compress(text.encode("ascii"), 6)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
