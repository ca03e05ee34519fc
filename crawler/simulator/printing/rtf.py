r"""RTF as Word, WPS and LibreOffice save it: row definitions before the cells, after them too, or tall merged cells.

RTF specification 1.9.1: table definitions (\trowd, \cellx, \clmgf, \clmrg, \clvmgf, \clvmrg), Unicode
(\ucN, \uN), code pages (\ansicpg, \fcharset134: GBK).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.simulator.printing.layout import grid, laid_out
from crawler.simulator.sheet import width

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Content, Sheet, Slot

STYLES = ("word", "wps", "libre")
_FONTS = (
    r"{\fonttbl{\f0\froman\fcharset0\fprq2{\*\panose 02020603050405020304}Times New Roman;}"
    r"{\f13\fnil\fcharset134\fprq2{\*\panose 02010600030101010101}\'cb\'ce\'cc\'e5{\*\falt SimSun};}"
    r"{\f20\fmodern\fcharset134 \'b7\'c2\'cb\'ce_GB2312;}{\f38\froman\fcharset238 Times New Roman CE;}}"
)
_COLOURS = r"{\colortbl;\red0\green0\blue0;\red255\green0\blue0;}"
_STYLES = r"{\stylesheet{\ql\fs24 \snext0 Normal;}{\s1\qc\b\fs44 \sbasedon0 \snext0 heading 1;}}"
_BORDER = r"\clbrdrt\brdrs\brdrw10\clbrdrl\brdrs\brdrw10\clbrdrb\brdrs\brdrw10\clbrdrr\brdrs\brdrw10"


def written(content: Content, style: str, seed: int) -> bytes:
    """The report as an ``.rtf`` in one of :data:`STYLES`."""
    rng = random.Random(f"rtf:{style}:{seed}")
    writer = Writer(rng, style)
    head = (
        r"{\rtf1\adeflang1025\ansi\ansicpg936\uc2\adeff0\deff0\deflang1033\deflangfe2052"
        if style != "libre"
        else r"{\rtf1\ansi\deff0\adeflang1025"
    )
    info = (
        r"{\info{\title "
        + writer.text(content.title, 13)
        + r"}{\author "
        + writer.text("办公室", 13)
        + r"}{\creatim\yr2024\mo1\dy20}}"
    )
    generator = r"{\*\generator Msftedit 5.41;}" if style == "wps" else ""
    body = "".join(writer.block(block) for block in laid_out(content, rng, ragged=style == "word").blocks)
    document = (
        head
        + _FONTS
        + _COLOURS
        + _STYLES
        + generator
        + info
        + "\r\n"
        + r"\paperw11906\paperh16838\viewkind1 "
        + body
        + "}"
    )
    return document.encode("ascii")


@dataclass(slots=True)
class Writer:
    """Prints blocks as RTF; what it does by chance it draws from ``rng``."""

    rng: random.Random
    style: str

    def text(self, text: str, font: int) -> str:
        """Characters as bytes of code page 936, as Unicode with a fall-back, or both in turns."""
        out = []
        coded = self.style != "libre"
        for char in text:
            if char == "\n":
                out.append(r"\line ")
            elif char in "\\{}":
                out.append("\\" + char)
            elif char.isascii():
                out.append(char)
            else:
                out.append(self._character(char, coded=coded and font in {13, 20} and self.rng.random() < 0.95))
        return "".join(out)

    def _character(self, char: str, *, coded: bool) -> str:
        try:
            pair = char.encode("gbk")
        except UnicodeEncodeError:
            pair = b"?"
        escaped = "".join(f"\\'{byte:02x}" for byte in pair)
        if coded and len(pair) == 2:
            return escaped
        number = ord(char) - 65536 if ord(char) > 32767 else ord(char)
        if self.style == "libre" or len(pair) == 1:
            return rf"{{\uc1\u{number}\'3f}}"
        return rf"{{\uc{len(pair)}\u{number}{escaped}}}"

    def runs(self, text: str) -> str:
        """Text in groups with fonts by script, cut anywhere."""
        out, rest = [], text
        while rest:
            size = self.rng.randint(1, 18)
            piece, rest = rest[:size], rest[size:]
            out.append(self._run(piece))
        return "".join(out)

    def _run(self, piece: str) -> str:
        font = self.rng.choice((13, 20))
        if self.style == "word":
            return (
                rf"{{\rtlch\fcs1 \af0 \ltrch\fcs0 \f{font}\insrsid{self.rng.randint(1000, 9999)}\loch\af0\hich\af0\dbch\f{font} "
                + self.text(piece, font)
                + "}"
            )
        if self.style == "wps":
            return rf"{{\f{font}\fs21\lang2052 " + self.text(piece, font) + "}"
        return rf"{{\f{font} " + self.text(piece, font) + "}"

    def block(self, block: Block) -> str:
        """One block."""
        if block.kind == "table":
            return self.table(block.sheet)
        look = {"title": r"\s1\qc\b\fs44", "heading": r"\b\fi640", "paragraph": r"\fi640\sl560\slmult0"}[block.kind]
        return rf"\pard\plain{look} {self.runs(block.text)}\par" + "\r\n"

    def table(self, sheet: Sheet) -> str:
        """Row by row; the edges of a row's cells in twips."""
        columns = width(sheet)
        edges = [0]
        for _ in range(columns + 3):
            edges.append(edges[-1] + self.rng.randint(500, 1400))
        wide = self.style == "wps" and self.rng.random() < 0.5
        rows = "".join(self._row(cells, edges, wide=wide) for cells in grid(sheet))
        return rows + r"\pard\plain\par" + "\r\n"

    def _row(self, cells: list[tuple[int, Slot, bool]], edges: list[int], *, wide: bool) -> str:
        """``wide``: merged columns are single wide cells; else they are flagged cells of the grid."""
        flags, texts = [], []
        for column, slot, begins in cells:
            tall = "" if slot.rows == 1 else r"\clvmgf" if begins else r"\clvmrg"
            text = self.runs(slot.text) if begins else ""
            if wide or slot.columns == 1 or self.style != "wps":
                flags.append(
                    rf"{tall}\clvertalc{_BORDER}\cltxlrtb\clftsWidth3\clwWidth900\cellx{edges[column + slot.columns]}"
                )
                texts.append(text)
                continue
            for right in range(slot.columns):
                merge = r"\clmgf" if not right else r"\clmrg"
                flags.append(rf"{merge}{tall}{_BORDER}\cellx{edges[column + right + 1]}")
                texts.append(text if not right else "")
        definition = r"\trowd\trgaph108\trleft-108\trqc" + "".join(flags)
        inner = "".join(rf"{text}\cell" + "\r\n" for text in texts)
        if self.style == "word":
            return rf"{definition}\pard\plain \ltrpar\qc\intbl {inner}\pard\intbl {{{definition}\row}}" + "\r\n"
        return rf"{definition}\pard\intbl {inner}\row" + "\r\n"
