"""The container of a Word 97–2003 document: its header, its streams, the text in pieces.

[MS-DOC] 2.5 (FIB), 2.9.38 (Clx), 2.9.177 (Pcd), 2.9.73 (FcCompressed).  Positions in the text (CP) count
16-bit units, so a character beyond the basic plane keeps its two halves until the text is printed.
"""

from __future__ import annotations

import array
import struct
import sys
from bisect import bisect_right
from dataclasses import dataclass

from pipelines.convert.office.ole import open_container, properties, read_stream
from pipelines.convert.office.story import DocumentError

WORD = "application/msword"
IDENT = 0xA5EC
FIRST_WORD_97 = 0xC0
"""The lowest nFib of Word 97; below stand Word 6 and 95 with another layout throughout."""
TEXT_CAP = 20_000_000
PIECES_CAP = 200_000
COUNTS = 0x4C
"""Where ccpText stands; six further counts follow it."""
INDEX = {
    "styles": 0xA2,
    "characters": 0xFA,
    "paragraphs": 0x102,
    "pieces": 0x1A2,
    "shapes": 0x1DA,
    "boxes": 0x25A,
    "lists": 0x2E2,
    "overrides": 0x2EA,
}
"""Where FibRgFcLcb97 keeps offset and length of the structures that are read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that lies in one place: CPs ``first``..``last``, at byte ``offset`` with ``width`` bytes a CP."""

    first: int
    last: int
    offset: int
    width: int
    prm: int


@dataclass(frozen=True, slots=True)
class WordFile:
    """A document's streams, its text (all stories one after the other) and where every piece of it lies."""

    main: bytes
    table: bytes
    data: bytes
    text: str
    pieces: tuple[Piece, ...]
    modifiers: tuple[bytes, ...]
    """The property modifications that pieces refer to (fast-saved files)."""
    counts: tuple[int, ...]
    """CPs of main text, footnotes, headers, macros, comments, endnotes, text boxes, boxes of headers."""
    meta: tuple[tuple[str, str], ...]

    def structure(self, name: str) -> bytes:
        """The bytes of a structure of the table stream, empty when the document has none."""
        offset, length = struct.unpack_from("<II", self.main, INDEX[name])
        return self.table[offset : offset + length] if length else b""

    def after(self, name: str) -> bytes:
        """The table stream from a structure's beginning: list levels lie behind the length given for lists."""
        offset, length = struct.unpack_from("<II", self.main, INDEX[name])
        return self.table[offset:] if length else b""

    def piece_of(self, cp: int) -> Piece:
        """The piece a CP lies in."""
        return self.pieces[max(0, bisect_right(self.pieces, cp, key=lambda piece: piece.first) - 1)]

    def offset_of(self, cp: int) -> int:
        """The byte of the WordDocument stream at which a CP lies."""
        piece = self.piece_of(cp)
        return piece.offset + (cp - piece.first) * piece.width


def open_word(payload: bytes) -> WordFile:
    """Open a document.  Raises DocumentError (``encrypted``, ``refused``, ``unreadable``)."""
    container = open_container(payload)
    main = read_stream(container, "WordDocument")
    if len(main) < 0x1AA:
        raise DocumentError("unreadable", "文件不完整：缺少文件头 · The file is truncated: its header is missing")
    ident, build = struct.unpack_from("<HH", main, 0)
    flags = struct.unpack_from("<H", main, 0x0A)[0]
    if ident != IDENT and ident not in {0xA5DC, 0xA5DB, 0xA697, 0xA699}:
        raise DocumentError("unreadable", "文件头已损坏 · The file's header is damaged")
    if flags & 0x0100:
        raise DocumentError("encrypted", "文档已加密，需要密码 · The document is encrypted and needs a password")
    if ident != IDENT or build < FIRST_WORD_97:
        raise DocumentError(
            "refused",
            "Word 6.0/95 的旧格式不读取，请另存为 DOC 97–2003 或 DOCX · "
            "The old format of Word 6.0/95 is not read; save the file as DOC 97–2003 or DOCX",
        )
    if len(main) < 0x2F2:
        raise DocumentError("unreadable", "文件不完整：缺少文件头 · The file is truncated: its header is missing")
    table = read_stream(container, "1Table" if flags & 0x0200 else "0Table")
    data = read_stream(container, "Data") if container.exists("Data") else b""
    counts = struct.unpack_from("<3i", main, COUNTS) + struct.unpack_from("<5i", main, COUNTS + 12)
    pieces, modifiers = _pieces(main, table)
    text = "".join(_text(main, piece) for piece in pieces)
    wanted = sum(max(count, 0) for count in counts)
    if min(counts) < 0 or counts[0] > len(text) or wanted > len(text) + 16:
        raise DocumentError(
            "unreadable", "文件不完整：正文缺失一部分 · The file is truncated: part of its text is missing"
        )
    return WordFile(main, table, data, text, pieces, modifiers, counts, properties(container))


def _pieces(main: bytes, table: bytes) -> tuple[tuple[Piece, ...], tuple[bytes, ...]]:
    """The piece table, checked: pieces follow each other and lie within the stream."""
    offset, length = struct.unpack_from("<II", main, INDEX["pieces"])
    clx = table[offset : offset + length]
    modifiers: list[bytes] = []
    at = 0
    while at + 3 <= len(clx) and clx[at] == 1:
        size = struct.unpack_from("<H", clx, at + 1)[0]
        modifiers.append(clx[at + 3 : at + 3 + size])
        at += 3 + size
    if at + 5 > len(clx) or clx[at] != 2 or len(clx) < length:
        raise DocumentError("unreadable", "文件已损坏：找不到正文 · The file is damaged: its text cannot be found")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    body = clx[at + 5 : at + 5 + size]
    count = (len(body) - 4) // 12
    if len(body) < size or not 0 < count <= PIECES_CAP:
        raise DocumentError("unreadable", "文件已损坏：找不到正文 · The file is damaged: its text cannot be found")
    bounds = struct.unpack_from(f"<{count + 1}I", body, 0)
    pieces = tuple(
        _piece(bounds[i], bounds[i + 1], *struct.unpack_from("<IH", body, 4 * (count + 1) + 8 * i + 2))
        for i in range(count)
    )
    for piece in pieces:
        end = piece.offset + (piece.last - piece.first) * piece.width
        if piece.last < piece.first or end > len(main) or piece.last > TEXT_CAP:
            raise DocumentError(
                "unreadable", "文件已损坏：正文的位置不对 · The file is damaged: its text is not where it should be"
            )
    return pieces, tuple(modifiers)


def _piece(first: int, last: int, position: int, prm: int) -> Piece:
    if position & 0x40000000:
        return Piece(first, last, (position & 0x3FFFFFFF) // 2, 1, prm)
    return Piece(first, last, position & 0x3FFFFFFF, 2, prm)


def _text(main: bytes, piece: Piece) -> str:
    """A piece's characters, one for each CP."""
    raw = main[piece.offset : piece.offset + (piece.last - piece.first) * piece.width]
    if piece.width == 1:
        return raw.decode("cp1252", "replace")
    text = raw.decode("utf-16-le", "surrogatepass")
    return text if len(text) * 2 == len(raw) else _units(raw)


def _units(raw: bytes) -> str:
    units = array.array("H", raw)
    if sys.byteorder == "big":
        units.byteswap()
    return "".join(map(chr, units))
