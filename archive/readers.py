"""Which software read a revision, and when: the second of an observation's two times.

What publisher B said of year Y has a time of its own (the capture of the revision); that the archive says so has
another (the reading by named software).  A question can name both: as the report stood on one day, as this software
read it, or as it had been read by another day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3


class NoSuchReader(LookupError):
    """No reading in the archive was made by what was named; the message lists who read."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Which of a revision's readings is meant: the newest of those by ``software`` made not after ``until``."""

    software: tuple[int, ...] | None = None
    until: int | None = None
    """Milliseconds since 1970 UTC."""

    def join(self) -> str:
        """The SQL that joins ``reading`` to ``revision``; without a wish it is the one the revision stands for."""
        if self.software is None and self.until is None:
            return " JOIN reading ON reading.id=revision.reading"
        wanted = ["r.revision=(SELECT held.revision FROM reading held WHERE held.id=revision.reading)"]
        if self.software is not None:
            wanted.append(f"r.software IN ({','.join(map(str, map(int, self.software)))})")
        if self.until is not None:
            wanted.append(f"r.at<={int(self.until)}")
        return (
            f" JOIN reading ON reading.id=(SELECT r.id FROM reading r WHERE {' AND '.join(wanted)}"
            " ORDER BY r.at DESC, r.digest DESC LIMIT 1)"
        )


def label(name: str, version: str, parameters: str) -> str:
    """Software as users name it: ``nianlun-0.1.0-3fa9c2d1``, the last part from its parameters (readers, libraries, caps)."""
    return f"{name}-{version}-{hashlib.sha256(parameters.encode()).hexdigest()[:8]}"


def labels(sql: sqlite3.Connection) -> dict[int, str]:
    """The labels of all software in the archive, by row."""
    rows = sql.execute("SELECT id, name, version, parameters FROM software ORDER BY id")
    return {row[0]: label(row[1], row[2], row[3]) for row in rows}


def named(sql: sqlite3.Connection, text: str) -> tuple[int, ...]:
    """The software that read something and whose label begins with ``text``; raises :class:`NoSuchReader`."""
    read = {row[0] for row in sql.execute("SELECT DISTINCT software FROM reading")}
    found = tuple(number for number, name in labels(sql).items() if number in read and name.startswith(text))
    if found:
        return found
    rows = sql.execute(
        "SELECT name, version, parameters, min(at), max(at) FROM reading JOIN software ON software.id=reading.software"
        " GROUP BY software.id ORDER BY max(at)"
    )
    listed = "; ".join(
        f"{label(row[0], row[1], row[2])} ({(shown_time(row[3]) or '')[:10]} to {(shown_time(row[4]) or '')[:10]})"
        for row in rows
    )
    raise NoSuchReader(f"Nothing was read by {text!r}; the readings are by: {listed or 'nobody yet'}.")
