"""Bytes by digest: stored once, compressed against what they resemble, checked at every reading.

A payload is a zstd frame whose prefix is the previous payload of the same resource, or for a resource's
first payload the portal's exemplar: another page of the same sort on the same portal.  Chains are at most
:data:`DEPTH` long, so a reading costs at most that many small decompressions.  Measured reasons:
docs/decisions/delta-payloads.md.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from archive.connection import ArchiveError
from archive.model import digest_of, shown

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    import sqlite3

DEPTH = 20
LEVEL = 9
_SMALLEST = 64
"""Bytes a prefix has at least; zstd takes none below 8, and a tiny one gains nothing."""
_KEEP = 24 * 2**20
_PARAMETER = zstd.CompressionParameter


class DamagedPayload(ArchiveError):
    """Raised when stored bytes no longer match their digest, or cannot be decompressed; ``verify`` names them all."""


def compress(data: bytes, prefix: bytes | None = None) -> bytes:
    """Compress ``data`` into one zstd frame, against ``prefix`` if given."""
    options: dict[Any, int] = {_PARAMETER.compression_level: LEVEL, _PARAMETER.content_size_flag: 1}
    if prefix is None:
        return zstd.compress(data, options=options)
    span = max(10, min(27, (len(prefix) + len(data)).bit_length()))
    options[_PARAMETER.window_log] = span
    if span > 20:
        options[_PARAMETER.enable_long_distance_matching] = 1
    return zstd.compress(data, options=options, zstd_dict=zstd.ZstdDict(prefix, is_raw=True).as_prefix)


def expand(frame: bytes, prefix: bytes | None = None) -> bytes:
    """Undo :func:`compress`; raises :class:`DamagedPayload`."""
    try:
        if prefix is None:
            return zstd.decompress(frame)
        return zstd.decompress(
            frame,
            zstd_dict=zstd.ZstdDict(prefix, is_raw=True).as_prefix,
            options={zstd.DecompressionParameter.window_log_max: 27},
        )
    except zstd.ZstdError as error:
        raise DamagedPayload(f"a stored frame cannot be decompressed: {error}") from error


def sort_of(data: bytes) -> str | None:
    """Return the sort of payload that one exemplar serves, or None where a delta gains nothing (zip, images, PDF)."""
    head = data[:512].lstrip()[:64].lower()
    if head.startswith((b"<", b"\xef\xbb\xbf<")):
        return "markup"
    return "json" if head.startswith((b"{", b"[")) else None


class Payloads:
    """The payload table behind one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._held = 0

    def find(self, digest: bytes) -> int | None:
        """Return the id of the payload with this digest."""
        row = self._sql.execute("SELECT id FROM payload WHERE digest=?", (digest,)).fetchone()
        return row[0] if row else None

    def put(self, data: bytes, *, portal: int, previous: int | None = None, sort: str = "") -> tuple[int, bool]:
        """Store ``data`` once and return its id and whether it is new.

        ``previous`` is the resource's last payload; ``sort`` (the request's role) keeps the portal's
        exemplars of listings and of articles apart.
        """
        digest = digest_of(data)
        known = self.find(digest)
        if known is not None:
            return known, False
        base, depth, frame = self._frame(data, portal, previous, sort)
        cursor = self._sql.execute(
            "INSERT INTO payload (digest, size, base, depth, frame) VALUES (?,?,?,?,?)",
            (digest, len(data), base, depth, frame),
        )
        number = int(cursor.lastrowid or 0)
        if base is None and len(data) >= _SMALLEST and (kind := sort_of(data)):
            self._sql.execute("INSERT OR REPLACE INTO exemplar VALUES (?,?,?)", (portal, f"{kind}:{sort}", number))
        self._remember(number, data)
        return number, True

    def _frame(self, data: bytes, portal: int, previous: int | None, sort: str) -> tuple[int | None, int, bytes]:
        kind = sort_of(data)
        base = self._base(portal, previous, f"{kind}:{sort}") if kind or previous else None
        if base is None:
            return None, 0, compress(data)
        number, depth = base
        frame = compress(data, self.get(number))
        if len(frame) * 3 > len(data):
            # A redesign: the old exemplar helps no more, so this payload stands alone and becomes the new one.
            alone = compress(data)
            if len(alone) <= len(frame) * 1.1:
                return None, 0, alone
        return number, depth + 1, frame

    def stand_alone(self, number: int) -> None:
        """Store a payload again as a frame that rests on no other: its chain became too long."""
        self._sql.execute(
            "UPDATE payload SET base=NULL, depth=0, frame=? WHERE id=?", (compress(self.get(number)), number)
        )

    def _base(self, portal: int, previous: int | None, sort: str) -> tuple[int, int] | None:
        if previous is not None:
            depth, size = self._sql.execute("SELECT depth, size FROM payload WHERE id=?", (previous,)).fetchone()
            if depth < DEPTH and size >= _SMALLEST:
                return previous, depth
        row = self._sql.execute(
            "SELECT payload, depth FROM exemplar JOIN payload ON payload.id=exemplar.payload WHERE portal=? AND sort=?",
            (portal, sort),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def get(self, number: int) -> bytes:
        """Return the payload's bytes, checked against its digest; raises :class:`DamagedPayload`."""
        held = self._cache.get(number)
        if held is not None:
            self._cache.move_to_end(number)
            return held
        chain: list[tuple[int, bytes, bytes]] = []
        data: bytes | None = None
        at: int | None = number
        while at is not None and data is None:
            row = self._sql.execute("SELECT base, frame, digest FROM payload WHERE id=?", (at,)).fetchone()
            if row is None or len(chain) > 2 * DEPTH + 2:
                raise DamagedPayload(f"payload {number} rests on {at}, which is missing or goes round in a circle")
            chain.append((at, row[1], row[2]))
            at = row[0]
            data = self._cache.get(at) if at is not None else None
        for _, frame, _ in reversed(chain):
            data = expand(frame, data)
        assert data is not None
        if digest_of(data) != chain[0][2]:
            raise DamagedPayload(f"payload {number} does not match its digest {shown(chain[0][2])}")
        self._remember(number, data)
        return data

    def _remember(self, number: int, data: bytes) -> None:
        if len(data) * 4 > _KEEP:
            return
        self._cache[number] = data
        self._held += len(data)
        while self._held > _KEEP:
            self._held -= len(self._cache.popitem(last=False)[1])
