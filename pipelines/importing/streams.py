"""The bytes of a WARC file, compressed or not, read a piece at a time; damage is said and stepped over.

gzip is read member by member (RFC 1952, section 2.2): the end of a member that is cut short is an error here, which
libraries that read the members as one stream pass over.  Nothing is ever inflated beyond what was asked for.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from typing import IO, Protocol

PIECE = 64 * 1024
"""Bytes read, or inflated, at a time."""
RATIO_CAP = 300
"""Text of a portal opens to ten or twenty times its size, a bomb to a thousand times."""
SMALL = 8 * 2**20
"""Below this size a high ratio is harmless."""
_MAGIC = b"\x1f\x8b\x08"
_BEGIN = b"WARC/"


class Damaged(Exception):
    """Raised where the bytes cannot be read on; ``offset`` is where in the file, in bytes."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class Stream(Protocol):
    """A file of records as a stream of bytes."""

    def at(self) -> int:
        """The offset in the file at which the next byte lies (of its gzip member, in a compressed file)."""
        ...

    def behind(self, length: int) -> int:
        """The offset at which the last ``length`` bytes that were read began."""
        ...

    def read(self, most: int) -> bytes:
        """Up to ``most`` bytes, none at the end; raises :class:`Damaged`."""
        ...

    def line(self, most: int) -> bytes:
        """A line with its end, or ``most`` bytes of a longer one; raises :class:`Damaged`."""
        ...

    def settle(self) -> None:
        """At the end of a record: check what vouches for its bytes; raises :class:`Damaged`."""
        ...

    def resume_after(self, offset: int) -> bool:
        """Go to the next place after ``offset`` where a record can begin; False when there is none."""
        ...


def opened(file: IO[bytes]) -> Stream:
    """The stream of a file, which must be able to seek; raises :class:`Damaged` for a compression nobody here reads."""
    head = file.read(8)
    file.seek(0)
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == b"\x2a\x4d\x18" and head[:1] >= b"P"):
        raise Damaged(0, "it is compressed with Zstandard; unpack it with `zstd -d` and import the result")
    return Gzipped(file) if head[:2] == _MAGIC[:2] else Plain(file)


class _Buffered(ABC):
    """What both kinds of stream share: a buffer that :meth:`_fill` fills."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._buffer = b""
        self._used = 0

    @abstractmethod
    def _fill(self) -> bool:
        """Fill the buffer anew; return whether there was anything."""

    def read(self, most: int) -> bytes:
        """Up to ``most`` bytes, none at the end."""
        if self._used >= len(self._buffer) and not self._fill():
            return b""
        found = self._buffer[self._used : self._used + most]
        self._used += len(found)
        return found

    def line(self, most: int) -> bytes:
        """A line with its end, or the first ``most`` bytes of it."""
        found = b""
        while len(found) < most:
            if self._used >= len(self._buffer) and not self._fill():
                break
            end = self._buffer.find(b"\n", self._used, self._used + most - len(found))
            stop = end + 1 if end >= 0 else min(len(self._buffer), self._used + most - len(found))
            found += self._buffer[self._used : stop]
            self._used = stop
            if end >= 0:
                break
        return found


class Plain(_Buffered):
    """An uncompressed file."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._start = 0

    def at(self) -> int:
        """The next byte's offset."""
        return self._start + self._used

    def behind(self, length: int) -> int:
        """Where the last bytes began."""
        return self._start + self._used - length

    def settle(self) -> None:
        """Nothing vouches for the bytes of a plain file."""

    def _fill(self) -> bool:
        self._start += len(self._buffer)
        self._buffer, self._used = self._file.read(PIECE), 0
        return bool(self._buffer)

    def resume_after(self, offset: int) -> bool:
        """Go to the next line that begins like a record."""
        found = _find(self._file, offset + 1, b"\n" + _BEGIN)
        if found is None:
            return False
        self._file.seek(found + 1)
        self._start, self._buffer, self._used = found + 1, b"", 0
        return True


class Gzipped(_Buffered):
    """A file of gzip members, a record each as a rule."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._raw = b""
        self._next = 0
        """Where in the file the first byte of ``_raw`` lies."""
        self._member = 0
        self._open: zlib._Decompress | None = None
        self._inflated = 0

    def at(self) -> int:
        """Where the gzip member of the next byte begins."""
        return self._member if self._open is not None or self._used < len(self._buffer) else self._next

    def behind(self, length: int) -> int:  # noqa: ARG002  the same for all bytes of a member
        """Where the gzip member of the last bytes begins."""
        return self._member

    def _fill(self) -> bool:
        while True:
            if not self._raw:
                self._raw = self._file.read(PIECE)
            if self._open is None:
                if not self._raw:
                    return False
                self._begin()
            if not self._raw:
                raise Damaged(self._member, "the file ends inside this gzip member: it is truncated")
            data = self._inflate()
            if data:
                self._buffer, self._used = data, 0
                return True

    def settle(self) -> None:
        """Read a member whose data are used up to its checksum, so that a record is not believed before it is checked."""
        while self._open is not None and self._used >= len(self._buffer):
            self._raw = self._raw or self._file.read(PIECE)
            if not self._raw:
                raise Damaged(self._member, "the file ends inside this gzip member: it is truncated")
            self._buffer, self._used = self._inflate(), 0

    def _begin(self) -> None:
        if len(self._raw) < len(_MAGIC):
            self._raw += self._file.read(PIECE)
        if not self._raw.startswith(_MAGIC):
            raise Damaged(self._next, "what follows is no gzip member: garbage between records")
        self._open, self._member, self._inflated = zlib.decompressobj(zlib.MAX_WBITS + 16), self._next, 0

    def _inflate(self) -> bytes:
        assert self._open is not None
        try:
            data = self._open.decompress(self._raw, PIECE)
        except zlib.error as error:
            raise Damaged(self._member, f"the gzip member is damaged ({error})") from error
        left = self._open.unused_data if self._open.eof else self._open.unconsumed_tail
        self._next += len(self._raw) - len(left)
        self._raw = left
        self._inflated += len(data)
        if self._inflated > SMALL and self._inflated > RATIO_CAP * max(self._next - self._member, 1):
            raise Damaged(self._member, "the gzip member opens to far more than any page does: a bomb")
        if self._open.eof:
            self._open = None
        return data

    def resume_after(self, offset: int) -> bool:
        """Go to the next gzip member that begins like a record."""
        while True:
            found = _find(self._file, offset + 1, _MAGIC)
            if found is None:
                return False
            self._file.seek(found)
            if self._begins_record(self._file.read(4096)):
                break
            offset = found
        self._file.seek(found)
        self._raw, self._next, self._member, self._open = b"", found, found, None
        self._buffer, self._used = b"", 0
        return True

    @staticmethod
    def _begins_record(data: bytes) -> bool:
        try:
            return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(data, 64).startswith(_BEGIN)
        except zlib.error:
            return False


def _find(file: IO[bytes], offset: int, wanted: bytes) -> int | None:
    """The offset from which on ``wanted`` stands in a file next."""
    file.seek(offset)
    held = b""
    while True:
        piece = file.read(PIECE)
        if not piece:
            return None
        held += piece
        found = held.find(wanted)
        if found >= 0:
            return offset + found
        keep = len(wanted) - 1
        offset += len(held) - keep
        held = held[-keep:]
