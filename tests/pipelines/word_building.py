"""Word 97–2003 files for tests, built byte by byte: a compound file around a header, pieces and property pages.

[MS-CFB] for the container, [MS-DOC] for what is in it; every stream is padded beyond the mini stream's limit.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file (version 3) with these streams in its root."""
    padded = {
        name: content.ljust(max(4096, -(-len(content) // SECTOR) * SECTOR), b"\0") for name, content in streams.items()
    }
    directory_sectors = -(-(len(streams) + 1) // 4)
    counts = [len(content) // SECTOR for content in padded.values()]
    fat_sectors = 1
    while fat_sectors * 128 < fat_sectors + directory_sectors + sum(counts):
        fat_sectors += 1
    fat = [FAT] * fat_sectors
    fat += [*range(fat_sectors + 1, fat_sectors + directory_sectors), END]
    starts = []
    for count in counts:
        starts.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + count), END]
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    entries = [_entry("Root Entry", 5, END, 0, 1)]
    for i, (name, content) in enumerate(padded.items()):
        entries.append(_entry(name, 2, starts[i], len(content), FREE, i + 2 if i + 1 < len(padded) else FREE))
    entries += [_entry("", 0, 0, 0, FREE)] * (directory_sectors * 4 - len(entries))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, fat_sectors, 0, 4096, END, 0, END, 0
    )
    header += struct.pack("<109I", *range(fat_sectors), *([FREE] * (109 - fat_sectors)))
    return header + struct.pack(f"<{len(fat)}I", *fat) + b"".join(entries) + b"".join(padded.values())


def _entry(name: str, kind: int, start: int, size: int, child: int, right: int = FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0" if name else b""
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1)
    return head + struct.pack("<III", FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)


def sprm(code: int, operand: int | bytes = 1) -> bytes:
    """A property modifier; a number is written with as many bytes as the code says."""
    size = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}.get(code >> 13)
    body = operand if isinstance(operand, bytes) else (operand & (1 << 8 * size) - 1).to_bytes(size, "little")
    return struct.pack("<H", code) + body


def definition(edges: list[int], flags: list[int] | None = None) -> bytes:
    """sprmTDefTable: the edges of a row's cells and (bits of TC80) how they are merged."""
    count = len(edges) - 1
    cells = b"".join(struct.pack("<H18x", flag) for flag in (flags or [0] * count))
    body = bytes((count,)) + struct.pack(f"<{count + 1}h", *edges) + cells
    return sprm(0xD608, struct.pack("<H", len(body) + 1) + body)


CELL = sprm(0x2416)
ROW_END = CELL + sprm(0x2417)


@dataclass
class P:
    """A paragraph: runs of (text, character properties), its mark, its properties, its style."""

    runs: list[tuple[str, bytes]]
    mark: str = "\r"
    properties: bytes = b""
    style: int = 0
    mark_properties: bytes = b""


def plain(text: str, mark: str = "\r", properties: bytes = b"", style: int = 0) -> P:
    return P([(text, b"")], mark, properties, style)


def cell(text: str) -> P:
    return plain(text, "\x07", CELL)


def row_end(table: bytes) -> P:
    return plain("", "\x07", ROW_END + table)


def doc(
    paragraphs: list[P],
    *,
    compressed: bool = False,
    cuts: tuple[int, ...] = (),
    prms: dict[int, int] | None = None,
    groups: tuple[bytes, ...] = (),
    data: bytes = b"",
    flags: int = 0,
    build: int = 0xC1,
    ident: int = 0xA5EC,
    backwards: bool = False,
) -> bytes:
    """A document; ``cuts`` part its text into pieces, ``backwards`` stores them last to first, as fast saving may."""
    text = "".join("".join(run for run, _ in p.runs) + p.mark for p in paragraphs)
    bounds = [0, *cuts, len(text)]
    spans = list(zip(bounds, bounds[1:], strict=False))
    width = 1 if compressed else 2
    body, offsets = b"", {}
    for first, last in reversed(spans) if backwards else spans:
        offsets[first] = 2048 + len(body)
        body += text[first:last].encode("cp1252" if compressed else "utf-16-le")
    main = bytearray(2048) + body
    main += bytes(-len(main) % SECTOR)

    def position(cp: int) -> int:
        first, _ = next(span for span in spans if span[0] <= cp < span[1])
        return offsets[first] + (cp - first) * width

    papx, chpx = [], []
    cp = 0
    for p in paragraphs:
        begin = cp
        for run, properties in (*p.runs, (p.mark, p.mark_properties)):
            chpx += [(position(at), position(at) + width, properties) for at in range(cp, cp + len(run))]
            cp += len(run)
        papx += [
            (position(at), position(at) + width, struct.pack("<H", p.style) + p.properties) for at in range(begin, cp)
        ]
    clx = b"".join(b"\1" + struct.pack("<H", len(group)) + group for group in groups)
    table = struct.pack(f"<{len(bounds)}I", *bounds)
    for i, (first, _) in enumerate(spans):
        at = offsets[first] * 2 | 0x40000000 if compressed else offsets[first]
        table += struct.pack("<HIH", 0, at, (prms or {}).get(i, 0))
    clx += b"\2" + struct.pack("<I", len(table)) + table
    structures = {0x1A2: clx, 0xFA: _pages(main, chpx, wide=False), 0x102: _pages(main, papx, wide=True)}
    struct.pack_into("<HH", main, 0, ident, build)
    struct.pack_into("<H", main, 0x0A, 0x0200 | flags)
    struct.pack_into("<I", main, 0x4C, len(text))
    stream = b""
    for at, content in structures.items():
        struct.pack_into("<II", main, at, len(stream), len(content))
        stream += content
    return compound({"WordDocument": bytes(main), "1Table": stream} | ({"Data": data} if data else {}))


def _pages(main: bytearray, ranges: list[tuple[int, int, bytes]], *, wide: bool) -> bytes:
    """The ranges in formatted disk pages at the end of ``main``; the bin table that names them."""
    merged: list[tuple[int, int, bytes]] = []
    for first, last, group in sorted(ranges):
        if merged and merged[-1][1] == first and merged[-1][2] == group:
            merged[-1] = (merged[-1][0], last, group)
        else:
            merged.append((first, last, group))
    pages = [merged[i : i + 3] for i in range(0, len(merged), 3)]
    numbers = []
    for page in pages:
        numbers.append(len(main) // SECTOR)
        main += _page(page, wide=wide)
    bounds = [page[0][0] for page in pages] + [merged[-1][1]]
    return struct.pack(f"<{len(bounds)}I", *bounds) + struct.pack(f"<{len(numbers)}I", *numbers)


def _page(page: list[tuple[int, int, bytes]], *, wide: bool) -> bytes:
    content = bytearray(SECTOR)
    struct.pack_into(f"<{len(page) + 1}I", content, 0, *(first for first, _, _ in page), page[-1][1])
    end = 510
    for i, (_, _, group) in enumerate(page):
        if wide:
            odd = len(group) % 2
            stored = bytes(((len(group) + 1) // 2,)) + group if odd else bytes((0, len(group) // 2)) + group
        else:
            stored = bytes((len(group),)) + group
        end -= len(stored) + (len(stored) % 2)
        content[end : end + len(stored)] = stored
        content[4 * (len(page) + 1) + (13 if wide else 1) * i] = end // 2
    content[511] = len(page)
    return bytes(content)
