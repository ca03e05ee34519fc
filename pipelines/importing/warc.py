"""WARC records, read one at a time and checked: ISO 28500:2017 (WARC/1.1), and WARC/1.0 and 0.18 as they are found.

A record that is cut, lies about its length or its digest, or lacks what it must have is told as a :class:`Problem`
and never handed on; the reading goes on at the next place where a record can begin.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipelines.importing.streams import PIECE, Damaged, Stream, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

HEAD_CAP = 256 * 1024
"""Bytes of a record's own header; the longest seen names an address of 8 KB twice."""
LINES_CAP = 500
BODY_CAP = 64 * 2**20
"""Bytes of a record that is taken in: the crawler's own limit for an answer."""
_VERSION = re.compile(rb"WARC/(?:0\.\d\d|1\.[01])\s*$")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?Z?$")
_WEB = datetime(1991, 8, 6, tzinfo=UTC)
"""The first page of the web: no record is older."""
SIZES = {"sha1": 20, "sha256": 32, "sha512": 64, "md5": 16}
"""The digests that are checked, and their sizes in bytes."""
_HEX = re.compile(r"[0-9a-f]+$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be taken in: where in the file (bytes; None: no offset), which address, and why."""

    offset: int | None
    uri: str | None
    reason: str

    def as_dict(self) -> dict[str, object]:
        """The row as ``import --json`` prints it."""
        return {"offset": self.offset, "uri": self.uri, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Record:
    """A record whose header and block are whole, and whose block digest holds."""

    number: int
    """Which record of its file it is, from 0, damaged ones counted."""
    offset: int
    type: str
    fields: dict[str, str]
    """Its header, names in lower case; of a repeated name the first."""
    block: bytes
    concurrent: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its identifier."""
        return self.fields.get("warc-record-id", "")

    @property
    def uri(self) -> str | None:
        """Its address; old programs wrote it in angle brackets."""
        found = self.fields.get("warc-target-uri")
        return found.removeprefix("<").removesuffix(">") if found else None


def records(file: IO[bytes], *, cap: int = BODY_CAP) -> Iterator[Record | Problem]:
    """Every record of a file in order, and what is wrong with it; memory is bounded by ``cap`` bytes."""
    try:
        stream = opened(file)
    except Damaged as error:
        yield Problem(error.offset, None, error.reason)
        return
    reader = _Reader(stream, cap)
    while True:
        start = stream.at()
        try:
            found = reader.next()
        except Damaged as error:
            yield Problem(error.offset, reader.uri, error.reason)
            if not stream.resume_after(max(start, error.offset) if reader.begun else error.offset):
                return
            continue
        if found is None:
            return
        yield found


class _Reader:
    """Reads the records of one stream."""

    def __init__(self, stream: Stream, cap: int) -> None:
        self._stream = stream
        self._cap = cap
        self._number = -1
        self._offset = 0
        self.uri: str | None = None
        self.begun = False
        """Whether the record under way has a header."""

    def next(self) -> Record | Problem | None:
        """The next record; None at the end.  Raises :class:`Damaged` where the stream has to be taken up elsewhere."""
        self.uri, self.begun = None, False
        first = self._first_line()
        if first is None:
            return None
        self._number += 1
        if not _VERSION.match(first):
            raise Damaged(self._offset, "no WARC record begins here: garbage between records")
        pairs = self._header()
        self.begun = True
        fields: dict[str, str] = {}
        for name, value in pairs:
            fields.setdefault(name, value)
        self.uri = fields.get("warc-target-uri")
        length = self._length(fields)
        block = self._block(length)
        self._ending()
        self._stream.settle()
        if block is None:
            return Problem(self._offset, self.uri, f"the record is larger than {self._cap} bytes and was left out")
        record = Record(
            self._number, self._offset, fields.get("warc-type", "").lower(), fields, block,
            tuple(value for name, value in pairs if name == "warc-concurrent-to"),
        )  # fmt: skip
        return self._checked(record)

    def _first_line(self) -> bytes | None:
        for _ in range(64):
            self._offset = self._stream.at()
            line = self._stream.line(4096)
            if not line:
                return None
            self._offset = self._stream.behind(len(line))
            if line.strip(b"\r\n"):
                return line
        raise Damaged(self._offset, "nothing but empty lines where a record should begin")

    def _header(self) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        size = 0
        while True:
            line = self._stream.line(HEAD_CAP)
            size += len(line)
            if not line:
                raise Damaged(self._offset, "the file ends inside the record's header: it is truncated")
            if size > HEAD_CAP or len(pairs) > LINES_CAP:
                raise Damaged(self._offset, f"the record's header is longer than {HEAD_CAP} bytes or {LINES_CAP} lines")
            if not line.strip(b"\r\n"):
                return pairs
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text[0] in " \t" and pairs:
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {text.strip()}")
                continue
            name, colon, value = text.partition(":")
            if not colon:
                raise Damaged(self._offset, "a line of the record's header has no colon")
            pairs.append((name.strip().lower(), value.strip()))

    def _length(self, fields: dict[str, str]) -> int:
        text = fields.get("content-length", "")
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise Damaged(self._offset, "the record has no Content-Length that is a number")
        return int(text)

    def _block(self, length: int) -> bytes | None:
        """The block; None when it is too large to be kept (it is read past all the same)."""
        pieces: list[bytes] = []
        left = length
        while left:
            piece = self._stream.read(min(left, PIECE))
            if not piece:
                raise Damaged(
                    self._offset, f"the record is truncated: {left} of its {length} bytes are missing (Content-Length)"
                )
            left -= len(piece)
            if length <= self._cap:
                pieces.append(piece)
        return b"".join(pieces) if length <= self._cap else None

    def _ending(self) -> None:
        """Two empty lines end a record; at the end of a file old programs leave them out."""
        for _ in range(2):
            line = self._stream.line(4)
            if line and line not in (b"\r\n", b"\n"):
                raise Damaged(self._offset, "the record does not end where its Content-Length says")

    def _checked(self, record: Record) -> Record | Problem:
        if not record.type:
            return Problem(record.offset, record.uri, "the record has no WARC-Type")
        if record.type != "warcinfo" and not record.id:
            return Problem(record.offset, record.uri, "the record has no WARC-Record-ID")
        stated = record.fields.get("warc-block-digest")
        if stated and not holds(stated, record.block):
            return Problem(record.offset, record.uri, "the block does not match its WARC-Block-Digest")
        return record


def holds(stated: str, data: bytes) -> bool:
    """Whether a digest ``algorithm:value`` (sha1, sha256, sha512, md5; hex or base32) is that of the data.

    One of an algorithm nobody here knows proves nothing and is let pass.
    """
    name, value = digest_of(stated)
    return name not in SIZES or value == hashlib.new(name, data, usedforsecurity=False).digest()


def digest_of(stated: str) -> tuple[str, bytes | None]:
    """A stated digest's algorithm and bytes (RFC 4648: hex or base32, told apart by length); None for neither."""
    name, _, value = stated.partition(":")
    name, text = name.strip().lower().replace("-", ""), value.strip()
    if len(text) == 2 * SIZES.get(name, 0) and _HEX.match(text.lower()):
        return name, bytes.fromhex(text)
    try:
        found = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return name, None
    return name, found if len(found) == SIZES.get(name) else None


def moment(text: str | None, now: int) -> int | str:
    """A WARC-Date (a profile of ISO 8601, UTC) in milliseconds since 1970; a sentence when it is none or cannot be."""
    if not text:
        return "the record has no WARC-Date"
    found = _DATE.match(text.strip())
    if found is None:
        return f"its WARC-Date {text[:40]!r} is no date"
    year, month, day, hour, minute, second = (int(found[i] or 0) for i in range(1, 7))
    try:
        when = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return f"its WARC-Date {text[:40]!r} is no date"
    at = (when - _EPOCH) // timedelta(milliseconds=1) + int((found[7] or "0").ljust(3, "0")[:3])
    if when < _WEB:
        return f"its WARC-Date {text[:40]} is older than the web"
    if at > now + 86_400_000:
        return f"its WARC-Date {text[:40]} lies in the future"
    return at


def fields_of(block: bytes) -> dict[str, str]:
    """An ``application/warc-fields`` block: names in lower case; of a repeated name the first."""
    found: dict[str, str] = {}
    for line in block[:HEAD_CAP].decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found
