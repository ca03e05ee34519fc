"""The append-only Merkle log over everything that never changes (RFC 6962 hashing).

Captures, revisions, readings, the changes that were told, the comparisons of years, the seals of finished crawls and the
heads of merged shards each have one entry.

A leaf is ``SHA-256(0x00 || record)`` where the record is the row's canonical JSON; an interior node is
``SHA-256(0x01 || left || right)``.  Complete subtrees of 256 leaves and more are kept in ``log_node``, the
rest is recomputed from leaves: a proof at a million entries reads at most 255 leaves and 20 nodes.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

CAPTURE, REVISION, READING, CHANGE, SEAL, SHARD, COMPARED = 1, 2, 3, 4, 5, 6, 7
KINDS = {
    CAPTURE: "capture",
    REVISION: "revision",
    READING: "reading",
    CHANGE: "change",
    SEAL: "seal",
    SHARD: "shard",
    COMPARED: "compared",
}
"""Which table's rows an entry's kind stands for."""
_STORED = 8
EMPTY = hashlib.sha256(b"").digest()


_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=lambda value: value.hex()
).encode


def canonical(record: dict[str, Any]) -> bytes:
    """The bytes a leaf is made of: JSON with sorted keys, no spaces, UTF-8; bytes as hex."""
    return _encode(record).encode("utf-8", "surrogatepass")


def leaf_hash(record: dict[str, Any]) -> bytes:
    """The leaf of a record (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + canonical(record)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an interior node (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(peaks: list[bytes]) -> bytes:
    """The tree's root from its complete subtrees, largest first."""
    if not peaks:
        return EMPTY
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def check_proof(leaf: bytes, number: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether ``path`` proves that ``leaf`` is entry ``number`` (from 0) of the log of ``size`` with ``root``.

    The algorithm of RFC 9162 section 2.1.3.2.
    """
    if not 0 <= number < size:
        return False
    at, last, found = number, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def roots(leaves: Iterable[bytes]) -> Iterator[bytes]:
    """The root after each leaf: what a head taken at any moment was."""
    peaks: list[tuple[int, bytes]] = []
    for leaf in leaves:
        level, found = 0, bytes(leaf)
        while peaks and peaks[-1][0] == level:
            found, level = node_hash(peaks.pop()[1], found), level + 1
        peaks.append((level, found))
        yield root_of([peak for _, peak in peaks])


class Log:
    """The log behind one connection; :meth:`append` only inside the writer's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self.reload()

    def reload(self) -> None:
        """Read the log's size and its peaks from the archive; after a rollback too."""
        self.size: int = self._sql.execute("SELECT coalesce(max(seq) + 1, 0) FROM log").fetchone()[0]
        self._peaks: list[tuple[int, bytes]] = [
            (level, self._subtree(level, start >> level)) for level, start in _peaks(self.size)
        ]

    def append(self, kind: int, row: int, record: dict[str, Any]) -> bytes:
        """Add one record and return its leaf."""
        leaf = leaf_hash(record)
        self._sql.execute("INSERT INTO log VALUES (?,?,?,?)", (self.size, kind, row, leaf))
        self._grow(leaf)
        return leaf

    def grow(self) -> int:
        """Take in the entries that were written into the table behind the last one; return how many."""
        before = self.size
        rows = self._sql.execute("SELECT leaf FROM log WHERE seq>=? ORDER BY seq", (before,))
        for (leaf,) in rows:
            self._grow(leaf)
        return self.size - before

    def _grow(self, leaf: bytes) -> None:
        level, found, number = 0, leaf, self.size
        while self._peaks and self._peaks[-1][0] == level:
            found = node_hash(self._peaks.pop()[1], found)
            level, number = level + 1, number >> 1
            if level >= _STORED:
                self._sql.execute("INSERT OR REPLACE INTO log_node VALUES (?,?,?)", (level, number, found))
        self._peaks.append((level, found))
        self.size += 1

    def root(self, size: int | None = None) -> bytes:
        """The root of the log, or of its first ``size`` entries."""
        if size is None or size == self.size:
            return root_of([found for _, found in self._peaks])
        return root_of([self._subtree(level, start >> level) for level, start in _peaks(size)])

    def proof(self, number: int, size: int | None = None) -> list[bytes]:
        """The inclusion proof of entry ``number`` in the first ``size`` entries (RFC 6962 section 2.1.1)."""
        size = self.size if size is None else size
        if not 0 <= number < size:
            raise ValueError(f"entry {number} is not among the log's {size}")
        return self._path(number, 0, size)

    def _path(self, number: int, start: int, stop: int) -> list[bytes]:
        if stop - start == 1:
            return []
        middle = start + (1 << ((stop - start - 1).bit_length() - 1))
        if number < middle:
            return [*self._path(number, start, middle), self._range(middle, stop)]
        return [*self._path(number, middle, stop), self._range(start, middle)]

    def _range(self, start: int, stop: int) -> bytes:
        return root_of([self._subtree(level, (start + at) >> level) for level, at in _peaks(stop - start)])

    def _subtree(self, level: int, number: int) -> bytes:
        if level >= _STORED:
            row = self._sql.execute("SELECT hash FROM log_node WHERE level=? AND number=?", (level, number)).fetchone()
            if row:
                return bytes(row[0])
            return node_hash(self._subtree(level - 1, number * 2), self._subtree(level - 1, number * 2 + 1))
        first = number << level
        rows = self._sql.execute(
            "SELECT leaf FROM log WHERE seq>=? AND seq<? ORDER BY seq", (first, first + (1 << level))
        )
        return fold([bytes(row[0]) for row in rows])


def fold(leaves: list[bytes]) -> bytes:
    """The root over leaves that fill a complete subtree."""
    while len(leaves) > 1:
        leaves = [node_hash(leaves[i], leaves[i + 1]) for i in range(0, len(leaves) - 1, 2)]
    return leaves[0] if leaves else EMPTY


def _peaks(size: int) -> list[tuple[int, int]]:
    """The complete subtrees of a log of ``size`` entries: (level, first entry), largest first."""
    found, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, start))
            start += 1 << level
    return found
