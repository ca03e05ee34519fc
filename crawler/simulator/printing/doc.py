"""Word 97–2003 documents: a header, text in pieces, property pages and table definitions in a compound file.

MS-DOC: FIB (2.5), piece table (2.8.35), PAPX and CHPX pages (2.9.175, 2.9.35), TDefTableOperand (2.9.326),
TC80 (2.9.315), STSH (2.9.271).  Left out: fields, pictures, sections, lists.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.simulator.printing.compound import SECTOR, compound
from crawler.simulator.printing.layout import grid, laid_out
from crawler.simulator.sheet import width

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Content, Sheet, Slot

_TEXT_AT = 0x800
_BOLD, _DELETED, _INSERTED = 0x0835, 0x0800, 0x0801
_IN_TABLE, _ROW_END, _DEFINITION, _CENTRED = 0x2416, 0x2417, 0xD608, 0x2403
_TALL, _TALL_FIRST, _WIDE_FIRST, _WIDE_NEXT = 0x20, 0x60, 0x1, 0x2

Range = tuple[int, int, bytes]
"""Characters from … to … (exclusive), and their properties."""


def written(content: Content, seed: int) -> bytes:
    """The report as a binary ``.doc``."""
    rng = random.Random(f"doc:{seed}")
    writer = _Writer(rng, flagged=rng.random() < 0.4, tracked=rng.random() < 0.3)
    for block in laid_out(content, rng, ragged=False).blocks:
        if block.kind == "table":
            writer.table(block.sheet)
        else:
            writer.paragraph(block)
    return _file(writer, pieces=rng.choice((1, 1, rng.randint(2, 30))))


def _flag(code: int, value: int = 1) -> bytes:
    return struct.pack("<HB", code, value)


@dataclass(slots=True)
class _Writer:
    """Collects text with the properties of its characters and paragraphs."""

    rng: random.Random
    flagged: bool
    """Merged columns are flagged cells of the grid; else they are one wide cell."""
    tracked: bool
    """Deletions and insertions are not yet accepted."""
    text: list[str] = field(default_factory=list)
    length: int = 0
    characters: list[Range] = field(default_factory=list)
    paragraphs: list[Range] = field(default_factory=list)

    def put(self, text: str, properties: bytes = b"") -> None:
        """Characters with properties."""
        if text:
            self.characters.append((self.length, self.length + len(text), properties))
            self.text.append(text)
            self.length += len(text)

    def close(self, start: int, properties: bytes, style: int = 0) -> None:
        """A paragraph from ``start`` to here, its mark included."""
        self.paragraphs.append((start, self.length, struct.pack("<H", style) + properties))

    def runs(self, text: str, properties: bytes = b"") -> None:
        """Text; tracked documents hold deleted figures beside inserted ones."""
        rest = text.replace("\n", "\v")
        while rest:
            size = self.rng.randint(1, 30)
            piece, rest = rest[:size], rest[size:]
            if self.tracked and self.rng.random() < 0.06:
                self.put(str(self.rng.randint(2, 99)), properties + _flag(_DELETED))
                self.put(piece, properties + _flag(_INSERTED))
            else:
                self.put(piece, properties)

    def paragraph(self, block: Block) -> None:
        """A paragraph, heading or title."""
        start = self.length
        self.runs(block.text, _flag(_BOLD) if block.kind != "paragraph" else b"")
        self.put("\r")
        self.close(start, _flag(_CENTRED) if block.kind == "title" else b"", style=1 if block.kind == "heading" else 0)

    def table(self, sheet: Sheet) -> None:
        """Rows of cells, each row closed by the paragraph that defines it; an empty paragraph after the table."""
        edges = [-108]
        for _ in range(width(sheet)):
            edges.append(edges[-1] + self.rng.randint(500, 1200))
        for cells in grid(sheet):
            self._row(cells, edges)
        start = self.length
        self.put("\r")
        self.close(start, b"")

    def _row(self, cells: list[tuple[int, Slot, bool]], edges: list[int]) -> None:
        ends, flags = [edges[cells[0][0]] if cells else edges[0]], []
        for column, slot, begins in cells:
            tall = 0 if slot.rows == 1 else _TALL_FIRST if begins else _TALL
            parts = slot.columns if self.flagged else 1
            for part in range(parts):
                wide = 0 if parts == 1 else _WIDE_NEXT if part else _WIDE_FIRST
                flags.append(tall | wide)
                ends.append(edges[column + part + 1] if parts > 1 else edges[column + slot.columns])
                self._cell(slot.text if begins and not part else "")
        start = self.length
        self.put("\a")
        body = struct.pack(f"<B{len(ends)}h", len(flags), *ends) + b"".join(
            struct.pack("<H18x", flag) for flag in flags
        )
        definition = struct.pack("<HH", _DEFINITION, len(body) + 1) + body
        self.close(start, _flag(_IN_TABLE) + _flag(_ROW_END) + definition)

    def _cell(self, text: str) -> None:
        start = self.length
        self.runs(text)
        self.put("\a")
        self.close(start, _flag(_IN_TABLE))


# ---------------------------------------------------------------- the file


def _file(writer: _Writer, pieces: int) -> bytes:
    text = "".join(writer.text)
    cuts = sorted(writer.rng.sample(range(1, len(text)), min(pieces - 1, len(text) - 1)))
    main, spans = bytearray(_TEXT_AT), []
    for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True):
        narrow = text[first:last].isascii() and pieces > 1
        spans.append((first, last, len(main), narrow))
        main += text[first:last].encode("cp1252" if narrow else "utf-16-le")
    end = len(main)
    main += bytes(-len(main) % SECTOR)

    def at(position: int) -> int:
        for first, last, offset, narrow in spans:
            if first <= position < last:
                return offset + (position - first) * (1 if narrow else 2)
        return end

    characters = [(at(first), at(last), group) for first, last, group in writer.characters]
    paragraphs = [(at(first), at(last), group) for first, last, group in writer.paragraphs]
    table = struct.pack(f"<{len(spans) + 1}I", *(span[0] for span in spans), len(text))
    for _, _, offset, narrow in spans:
        table += struct.pack("<HIH", 0, offset * 2 | 0x40000000 if narrow else offset, 0)
    structures = {
        0xA2: _styles(),
        0xFA: _pages(main, characters, wide=False),
        0x102: _pages(main, paragraphs, wide=True),
        0x112: _fonts(),
        0x192: bytes(500),
        0x1A2: b"\2" + struct.pack("<I", len(table)) + table,
    }
    stream = bytearray()
    _header(main, len(text), end)
    for offset, content in structures.items():
        struct.pack_into("<II", main, offset, len(stream), len(content))
        stream += content
    return compound({"WordDocument": bytes(main), "1Table": bytes(stream), "\x05SummaryInformation": b"\xfe\xff"})


def _header(main: bytearray, characters: int, end: int) -> None:
    """The FIB's fixed parts: version, language, which table stream, counts of its parts."""
    struct.pack_into("<HHHHHH", main, 0, 0xA5EC, 0xC1, 0, 0x0804, 0, 0x0200 | 0x1000)
    struct.pack_into("<HI", main, 0x0C, 0xBF, 0)
    struct.pack_into("<II", main, 0x18, _TEXT_AT, end)
    struct.pack_into("<H", main, 0x20, 0x0E)
    struct.pack_into("<H", main, 0x3C, 0x0804)
    struct.pack_into("<HI", main, 0x3E, 0x16, len(main))
    struct.pack_into("<I", main, 0x4C, characters)
    struct.pack_into("<H", main, 0x98, 0x5D)


def _styles() -> bytes:
    """Two styles: Normal and heading 1."""
    out = struct.pack("<H9H", 18, 2, 10, 1, 91, 15, 0, 0, 0, 0)
    for name, identifier, base in (("Normal", 0, 0xFFF), ("heading 1", 1, 0)):
        coded = struct.pack("<H", len(name)) + name.encode("utf-16-le") + b"\0\0"
        own = identifier or 0
        upx = struct.pack("<HH", 2, own) + struct.pack("<H", 0)
        body = struct.pack("<5H", identifier, 1 | base << 4, 2 | own << 4, 10 + len(coded) + len(upx), 0) + coded + upx
        out += struct.pack("<H", len(body)) + body
    return out


def _fonts() -> bytes:
    """The font table: one font (SttbfFfn, 2.9.286)."""
    name = "宋体\0".encode("utf-16-le")
    font = struct.pack("<BhBB", 0x06, 400, 134, 0) + bytes(10) + bytes(24) + name
    return struct.pack("<HH", 1, 0) + bytes((len(font),)) + font


def _pages(main: bytearray, ranges: list[Range], *, wide: bool) -> bytes:
    """Formatted disk pages at the end of ``main`` (as many ranges as fit in each), and the bin table of them."""
    batches: list[list[Range]] = [[]]
    for found in ranges:
        if not _fits([*batches[-1], found], wide=wide):
            batches.append([])
        batches[-1].append(found)
    numbers = []
    for batch in batches:
        numbers.append(len(main) // SECTOR)
        main += _page(batch, wide=wide)
    bounds = [batch[0][0] for batch in batches] + [batches[-1][-1][1]]
    return struct.pack(f"<{len(bounds)}I", *bounds) + struct.pack(f"<{len(numbers)}I", *numbers)


def _stored(group: bytes, *, wide: bool) -> bytes:
    """A group as a page stores it, at an even length."""
    if not wide:
        packed = bytes((len(group),)) + group
    elif len(group) % 2:
        packed = bytes(((len(group) + 1) // 2,)) + group
    else:
        packed = bytes((0, len(group) // 2)) + group
    return packed + bytes(len(packed) % 2)


def _fits(batch: list[Range], *, wide: bool) -> bool:
    kinds = {group for _, _, group in batch if group}
    used = (
        4 * (len(batch) + 1) + (13 if wide else 1) * len(batch) + sum(len(_stored(group, wide=wide)) for group in kinds)
    )
    return used < SECTOR - 4


def _page(batch: list[Range], *, wide: bool) -> bytes:
    """One page; equal groups are stored once."""
    page = bytearray(SECTOR)
    struct.pack_into(f"<{len(batch) + 1}I", page, 0, *(first for first, _, _ in batch), batch[-1][1])
    places: dict[bytes, int] = {b"": 0}
    end = SECTOR - 2
    for index, (_, _, group) in enumerate(batch):
        if group not in places:
            packed = _stored(group, wide=wide)
            end -= len(packed)
            page[end : end + len(packed)] = packed
            places[group] = end // 2
        page[4 * (len(batch) + 1) + (13 if wide else 1) * index] = places[group]
    page[SECTOR - 1] = len(batch)
    return bytes(page)
