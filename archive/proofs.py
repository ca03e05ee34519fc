"""Proofs that outlive the program: what anyone needs to check, without it, that a capture is in the log as it was made.

The check is RFC 6962's: hash the record to a leaf, fold the path over it, compare with a head kept elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from archive import evidence, leaves
from archive.model import shown
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3


class NoSuchEntry(LookupError):
    """The log holds no entry for what was named; the message says what to do."""


def head(sql: sqlite3.Connection) -> dict[str, Any]:
    """The log's size and root now, and when and by which crawl that state was last written down as a head."""
    log = evidence.Log(sql)
    root = log.root()
    row = sql.execute(
        "SELECT at, crawl, token FROM head WHERE size=? AND root=? ORDER BY id LIMIT 1", (log.size, root)
    ).fetchone()
    return {
        "size": log.size,
        "root": shown(root),
        "at": shown_time(row[0]) if row else None,
        "crawl": row[1] if row else None,
        "stamped": row is not None and row["token"] is not None,
    }


def proof(sql: sqlite3.Connection, capture: int, root: str | None = None) -> dict[str, Any]:
    """Everything that proves a capture: its record as text, its leaf, its entry, the path, and the head it leads to.

    ``root`` (``sha256:…``) is a head kept elsewhere; by default the newest.  Raises :class:`NoSuchEntry` when the
    capture or the head is not in the log, or the capture came after that head.
    """
    row = sql.execute("SELECT seq, leaf FROM log WHERE kind=? AND row=?", (evidence.CAPTURE, capture)).fetchone()
    if row is None:
        raise NoSuchEntry(
            f"There is no capture {capture} in the log; `nianlun history REPORT --json` prints their numbers."
        )
    log = evidence.Log(sql)
    size, wanted = _size_of(sql, log, root)
    if row["seq"] >= size:
        raise NoSuchEntry(
            f"Capture {capture} is entry {row['seq']} of the log and came after that head of {size} entries."
        )
    record = evidence.canonical(leaves.capture(sql, capture))
    return {
        "capture": capture,
        "record": record.decode("utf-8", "surrogatepass"),
        "leaf": shown(row["leaf"]),
        "entry": row["seq"],
        "size": size,
        "path": [shown(step) for step in log.proof(row["seq"], size)],
        "root": shown(wanted),
    }


def _size_of(sql: sqlite3.Connection, log: evidence.Log, root: str | None) -> tuple[int, bytes]:
    if root is None:
        return log.size, log.root()
    digits = root.strip().lower().removeprefix("sha256:")
    if re.fullmatch("[0-9a-f]{64}", digits) is None:
        raise NoSuchEntry(
            f"{root!r} is no head; a head is sha256: and 64 hexadecimal digits, as `nianlun log head` prints it."
        )
    wanted = bytes.fromhex(digits)
    if wanted == log.root():
        return log.size, wanted
    for (size,) in sql.execute("SELECT size FROM head WHERE root=? ORDER BY id", (wanted,)):
        if size <= log.size and log.root(size) == wanted:
            return size, wanted
    raise NoSuchEntry(f"No crawl of this archive ended with the head {root}; `nianlun log head` prints the newest.")
