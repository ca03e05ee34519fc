"""ZIP containers written byte for byte: the same members give the same bytes; names in UTF-8 or GBK.

APPNOTE.TXT 6.3.3, sections 4.3.7, 4.3.12, 4.3.16; flag bit 11 says that a name is UTF-8 (4.4.4).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DATE = (1980 - 1980) << 9 | 1 << 5 | 1
_UTF8 = 0x800


def package(members: Mapping[str, str | bytes], *, stored: Iterable[str] = (), gbk: bool = False) -> bytes:
    """A ZIP file with these members in this order; those named in ``stored`` are not compressed."""
    out, directory, plain = bytearray(), bytearray(), set(stored)
    for name, content in members.items():
        data = content.encode() if isinstance(content, str) else content
        method = 0 if name in plain else 8
        packed = data if not method else _deflated(data)
        coded = name.encode("gbk" if gbk else "utf-8")
        flags = 0 if gbk or name.isascii() else _UTF8
        common = struct.pack(
            "<HHHHHIIIHH", 20, flags, method, 0, _DATE, zlib.crc32(data), len(packed), len(data), len(coded), 0
        )
        directory += (
            b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + coded
        )
        out += b"PK\x03\x04" + common + coded + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(out), 0)
    return bytes(out + directory) + b"PK\x05\x06" + end


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()
