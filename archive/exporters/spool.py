"""Lines to be sorted or told apart that need not fit in memory: a temporary SQLite file that vanishes by itself."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator


class Spool:
    """Lines under a group and a key; a key that is there already is not added again."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None)  # a private file in the temporary folder, deleted at once
        self._sql.execute("PRAGMA journal_mode=OFF")
        self._sql.execute("PRAGMA synchronous=OFF")
        self._sql.execute("CREATE TABLE line (part TEXT, key TEXT, text TEXT, PRIMARY KEY (part, key)) WITHOUT ROWID")
        self._sql.execute("BEGIN")

    def add(self, part: str, key: str, text: str) -> bool:
        """Add a line; False when the key was there."""
        return self._sql.execute("INSERT OR IGNORE INTO line VALUES (?,?,?)", (part, key, text)).rowcount > 0

    def parts(self) -> list[str]:
        """The groups that hold lines."""
        return [row[0] for row in self._sql.execute("SELECT DISTINCT part FROM line ORDER BY part")]

    def lines(self, part: str) -> Iterator[tuple[str, str]]:
        """A group's keys and lines, by key in the order of their code points."""
        yield from self._sql.execute("SELECT key, text FROM line WHERE part=? ORDER BY key", (part,))

    def close(self) -> None:
        """Forget everything."""
        self._sql.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
