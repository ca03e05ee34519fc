"""Compound files (MS-CFB, version 3): named streams in a root storage, all outside the mini stream."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTOR = 512
_CUTOFF = 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file; streams shorter than 4096 bytes are padded to that (2.2: smaller ones lie in the mini stream)."""
    ordered = sorted(streams.items(), key=lambda item: (len(item[0]), item[0].upper()))
    bodies = [_padded(content) for _, content in ordered]
    directories = -(-(len(ordered) + 1) // 4)
    sectors = [len(body) // SECTOR for body in bodies]
    tables = 1
    while tables * 128 < tables + directories + sum(sectors):
        tables += 1
    chain = [_FAT] * tables
    chain += [*range(tables + 1, tables + directories), _END]
    starts = []
    for count in sectors:
        starts.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + count), _END]
    chain += [_FREE] * (tables * 128 - len(chain))
    entries = [_entry("Root Entry", 5, child=1, start=_END, size=0)]
    for index, ((name, _), body, start) in enumerate(zip(ordered, bodies, starts, strict=True), 1):
        after = index + 1 if index < len(ordered) else _FREE
        entries.append(_entry(name, 2, right=after, start=start, size=len(body)))
    entries += [bytes(68) + b"\xff" * 12 + bytes(48)] * (directories * 4 - len(entries))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables, 0, _CUTOFF, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    return header + struct.pack(f"<{len(chain)}I", *chain) + b"".join(entries) + b"".join(bodies)


def _padded(content: bytes) -> bytes:
    return content.ljust(max(_CUTOFF, -(-len(content) // SECTOR) * SECTOR), b"\0")


def _entry(name: str, kind: int, *, start: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
    """A directory entry of 128 bytes (2.6.1); the siblings form a chain to the right, in order."""
    coded = (name + "\0").encode("utf-16-le")
    head = coded.ljust(64, b"\0") + struct.pack("<HBB", len(coded), kind, 1)
    return head + struct.pack("<3I", _FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)
