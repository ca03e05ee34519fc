"""The texts of readings: everything software understood of a revision, as JSON, compressed against what it resembles.

A report's readings lean on its first, which differs in a few figures; the first leans on another report's of the same
portal and form, which shares its labels and places.  Chains are three texts long; only a merge that brings what is
there already can make a longer one.  Every text is checked against its digest by ``verify``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.payloads import DamagedPayload, compress, expand

if TYPE_CHECKING:
    import sqlite3

_LONGEST = 64
"""Texts a chain may have; more is damage."""


def text_of(sql: sqlite3.Connection, reading: int) -> bytes:
    """The text of a reading, UTF-8; raises :class:`archive.payloads.DamagedPayload`."""
    frames: list[bytes] = []
    at: int | None = reading
    while at is not None:
        row = sql.execute("SELECT base, data FROM reading WHERE id=?", (at,)).fetchone()
        if row is None or len(frames) > _LONGEST:
            raise DamagedPayload(f"reading {reading} rests on {at}, which is missing or goes round in a circle")
        frames.append(row[1])
        at = row[0]
    text: bytes | None = None
    for frame in reversed(frames):
        text = expand(frame, text)
    assert text is not None
    return text


class Texts:
    """Finds a new text its base; behind the writer's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._held: dict[tuple[int, str | None], tuple[int, bytes]] = {}
        """By portal and form: the text that the first readings of its reports lean on."""

    def pack(self, revision: int, form: str | None, text: bytes) -> tuple[int | None, bytes]:
        """The base and the frame to store a text of a revision with; no base where none helps."""
        base = self._base(revision, form)
        if base is None:
            return None, compress(text)
        frame = compress(text, base[1])
        if len(frame) * 5 > len(text):
            alone = compress(text)
            if len(alone) <= len(frame) * 1.2:
                return None, alone
        return base[0], frame

    def _base(self, revision: int, form: str | None) -> tuple[int, bytes] | None:
        own = self._sql.execute(
            "SELECT reading.id FROM revision this JOIN revision ON revision.report=this.report JOIN reading ON"
            " reading.revision=revision.id WHERE this.id=? ORDER BY reading.id LIMIT 1",
            (revision,),
        ).fetchone()
        if own is not None:
            return int(own[0]), text_of(self._sql, own[0])
        portal = self._sql.execute(
            "SELECT portal FROM report JOIN revision ON revision.report=report.id WHERE revision.id=?", (revision,)
        ).fetchone()[0]
        if (portal, form) not in self._held:
            row = self._sql.execute(
                "SELECT reading.id FROM report JOIN revision ON revision.report=report.id JOIN reading ON"
                " reading.revision=revision.id WHERE portal=? AND reading.form IS ? AND reading.base IS NULL"
                " ORDER BY reading.id LIMIT 1",
                (portal, form),
            ).fetchone()
            if row is None:
                return None
            if len(self._held) > 200:
                self._held.clear()
            self._held[portal, form] = (int(row[0]), text_of(self._sql, row[0]))
        return self._held[portal, form]
