"""The HTTP messages inside WARC records: header and body apart, transfer and content codings removed under a cap.

RFC 9112 (message format, chunked), RFC 9110 section 8.4 (content codings), RFC 7932 (br), RFC 8878 (zstd).  Writers of
WARC differ in whether they keep the codings: a body that is not coded as its header says has been decoded already.
"""

from __future__ import annotations

import re
import sys
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.model import BODY
from pipelines.importing.warc import holds

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HEAD_CAP = 256 * 1024
LINES_CAP = 1000
VALUE_CAP = 8192
"""Characters of a header's value that are kept: the crawler's own rule."""
PIECE = 64 * 1024
_STATUS = re.compile(rb"HTTP/(\d(?:\.\d)?) +(\d{3})(?: |\r?\n|$)")
_REQUEST = re.compile(rb"([A-Z]{1,20}) +(\S{1,16384})(?: +HTTP/(\d(?:\.\d)?))?\s*$")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


class Unreadable(Exception):
    """Raised for a message that is none, is cut or opens to too much; the message says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, its headers in their order, and its body without codings."""

    status: int
    protocol: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: str | None = None
    """Why the body is not whole, if it is not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its method and headers."""

    method: str
    headers: tuple[tuple[str, str], ...]


def request(block: bytes) -> Asked:
    """A request record's block.  Raises :class:`Unreadable`."""
    first, headers, raw = _parted(block)
    found = _REQUEST.match(first)
    if found is None:
        raise Unreadable("the block of the request is no HTTP request")
    body = ((BODY, raw.decode("utf-8", "replace")),) if raw else ()
    return Asked(found[1].decode(), (*headers, *body))


def answer(block: bytes, *, cap: int, digest: str | None = None) -> Answer:
    """A response record's block, the body decoded.

    ``digest`` is the record's WARC-Payload-Digest: what it is taken of differs between writers, so it may hold of the
    body as sent, without its chunks, or decoded.  Raises :class:`Unreadable`, also when it holds of none of them.
    """
    first, headers, raw = _parted(block)
    found = _STATUS.match(first)
    if found is None:
        raise Unreadable("the block is no HTTP answer: it has no status line")
    names = {name.lower(): value for name, value in headers}
    plain, cut = raw, None
    if "chunked" in names.get("transfer-encoding", "").lower():
        plain, cut = _dechunked(raw)
    elif _is_short(names, raw):
        cut = "the body is shorter than the answer's Content-Length"
    body = decoded(plain, names.get("content-encoding", ""), cap) if cut is None else _as_far(plain, names, cap)
    if digest and not (holds(digest, plain) or holds(digest, raw) or holds(digest, body)):
        raise Unreadable("the payload does not match its WARC-Payload-Digest")
    kept = tuple((name, _short(value)) for name, value in headers)
    return Answer(int(found[2]), f"HTTP/{found[1].decode()}", kept, body, cut)


def headers_alone(block: bytes) -> Answer:
    """A revisit record's block: status and headers, whatever body stands there.  Raises :class:`Unreadable`."""
    first, headers, _ = _parted(block)
    found = _STATUS.match(first)
    if found is None:
        raise Unreadable("the block of the revisit is no HTTP answer")
    return Answer(
        int(found[2]), f"HTTP/{found[1].decode()}", tuple((name, _short(value)) for name, value in headers), b""
    )


def _short(value: str) -> str:
    return value if len(value) <= VALUE_CAP else f"{value[:VALUE_CAP]}…({len(value)} bytes)"


def _parted(block: bytes) -> tuple[bytes, tuple[tuple[str, str], ...], bytes]:
    """First line, headers, and what follows the empty line."""
    pairs: list[tuple[str, str]] = []
    at = block.find(b"\n") + 1
    first, at = (block[:at], at) if at else (block[:HEAD_CAP], len(block))
    while at < len(block):
        end = block.find(b"\n", at, at + HEAD_CAP)
        stop = end + 1 if end >= 0 else len(block)
        line = block[at:stop].rstrip(b"\r\n")
        if stop > HEAD_CAP and line:
            raise Unreadable(f"the HTTP header is longer than {HEAD_CAP} bytes")
        at = stop
        if not line:
            break
        if len(pairs) >= LINES_CAP:
            raise Unreadable(f"the HTTP header has more than {LINES_CAP} lines")
        name, colon, value = line.decode("latin-1").partition(":")
        if line[:1] in b" \t" and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.decode('latin-1').strip()}")
        elif colon:
            pairs.append((name.strip(), value.strip()))
    return first, tuple(pairs), block[at:]


def _is_short(names: dict[str, str], raw: bytes) -> bool:
    """Whether fewer bytes are there than the server announced; nothing of the kind is known of a decoded body."""
    stated = names.get("content-length", "").strip()
    return stated.isascii() and stated.isdigit() and len(stated) < 16 and len(raw) < int(stated) and len(raw) > 0


def _dechunked(raw: bytes) -> tuple[bytes, str | None]:
    """The body without its chunks, and why it is cut; a body that does not begin with a chunk has lost them already."""
    pieces: list[bytes] = []
    at = 0
    while True:
        found = _CHUNK.match(raw, at)
        if found is None:
            return (raw, None) if not pieces and at == 0 else (b"".join(pieces), "a chunk of the body is missing")
        size = int(found[1], 16)
        if size == 0:
            return b"".join(pieces), None
        start, end = found.end(), found.end() + size
        pieces.append(raw[start:end])
        if end > len(raw):
            return (raw, None) if at == 0 and len(pieces) == 1 and _looks_plain(raw) else (
                b"".join(pieces), "a chunk of the body is cut"
            )  # fmt: skip
        at = end + 2 if raw[end : end + 2] == b"\r\n" else end + 1


def _looks_plain(raw: bytes) -> bool:
    return raw.lstrip()[:1] in (b"<", b"{", b"[")


def _as_far(plain: bytes, names: dict[str, str], cap: int) -> bytes:
    """What can be had of a body that is cut."""
    try:
        return decoded(plain, names.get("content-encoding", ""), cap)
    except Unreadable:
        return plain


# ---------------------------------------------------------------- content codings


def decoded(data: bytes, codings: str, cap: int) -> bytes:
    """The data with its content codings removed, the last one first.  Raises :class:`Unreadable`."""
    for coding in reversed([word.strip().lower() for word in codings.split(",")][:8]):
        if coding in ("", "identity") or not data:
            continue
        undo = _CODINGS.get(coding)
        if undo is None:
            raise Unreadable(f"the body has a content coding nobody here knows: {coding[:40]!r}")
        data = undo(data, cap)
    if len(data) > cap:
        raise Unreadable(f"the body opens to more than {cap} bytes")
    return data


def _gunzip(data: bytes, cap: int) -> bytes:
    return _inflate(data, zlib.MAX_WBITS + 16, cap) if data[:2] == b"\x1f\x8b" else data


def _deflate(data: bytes, cap: int) -> bytes:
    """The zlib format as RFC 9110 says, or the bare stream that some servers send."""
    if data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0:
        return _inflate(data, zlib.MAX_WBITS, cap)
    return data if _is_text(data) else _inflate(data, -zlib.MAX_WBITS, cap)


def _is_text(data: bytes) -> bool:
    return data[:512].lstrip()[:1] in (b"<", b"{", b"[", b"%")


def _inflate(data: bytes, bits: int, cap: int) -> bytes:
    opener = zlib.decompressobj(bits)
    pieces, size = [], 0
    try:
        while True:
            piece = opener.decompress(data, PIECE)
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                raise Unreadable(f"the body opens to more than {cap} bytes")
            if opener.eof:
                return b"".join(pieces)
            data = opener.unconsumed_tail
            if not data and not piece:
                raise Unreadable("the coded body is truncated")
    except zlib.error as error:
        raise Unreadable(f"the coded body is damaged ({error})") from error


def _brotli(data: bytes, cap: int) -> bytes:
    try:
        import brotli  # noqa: PLC0415  an extra of the crawler's engine
    except ImportError as error:
        raise Unreadable(
            "the body is coded with br, which needs the package brotli: pip install brotli, then import again"
        ) from error
    if _is_text(data):
        return data
    opener: Any = brotli.Decompressor()
    pieces, size = [], 0
    try:
        while not opener.is_finished():
            piece = opener.process(data, output_buffer_limit=PIECE)
            data = b""
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                raise Unreadable(f"the body opens to more than {cap} bytes")
            if not piece and opener.can_accept_more_data() and not opener.is_finished():
                raise Unreadable("the coded body is truncated")
    except TypeError as error:
        raise Unreadable("the body is coded with br, which needs brotli 1.2 or newer: pip install -U brotli") from error
    except brotli.error as error:
        raise Unreadable(f"the coded body is damaged ({error})") from error
    return b"".join(pieces)


def _zstd(data: bytes, cap: int) -> bytes:
    if data[:4] != b"\x28\xb5\x2f\xfd":
        return data
    opener = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27})
    pieces, size = [], 0
    try:
        while not opener.eof:
            piece = opener.decompress(data, PIECE)
            data = b""
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                raise Unreadable(f"the body opens to more than {cap} bytes")
            if opener.needs_input and not opener.eof:
                raise Unreadable("the coded body is truncated")
    except zstd.ZstdError as error:
        raise Unreadable(f"the coded body is damaged ({error})") from error
    return b"".join(pieces)


_CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
