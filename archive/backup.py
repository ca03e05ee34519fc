"""A copy of an archive, whole and checked, made while a crawl may be writing.

``VACUUM INTO`` writes one moment of the archive into a file of another name; that file is checked, brought to the
disk, and only then gets its name: whoever finds a backup finds a whole one.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

from archive import migrations
from archive.connection import DiskTrouble, open_reading
from archive.evidence import Log
from archive.model import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def backup(source: Path, destination: Path, say: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Copy ``source`` to ``destination`` and return the copy's bytes, log size and head.

    Raises :class:`DiskTrouble` when the copy cannot be written or is not what it should be; nothing is left then.
    """
    tell = say or (lambda _: None)
    beside = destination.with_name(f".{destination.name}.partial-{os.getpid()}")
    connection = open_reading(source)
    try:
        tell("copying")
        _vacuum(connection, beside)
        tell("checking")
        found = _checked(beside)
        _to_disk(beside)
        beside.replace(destination)
        _to_disk(destination.absolute().parent)
    except OSError as error:
        raise DiskTrouble(
            f"The copy could not be brought to the disk ({error}); make room or name another place."
        ) from error
    finally:
        connection.close()
        beside.unlink(missing_ok=True)
    return {"file": str(destination), "bytes": destination.stat().st_size, **found}


def before_migration(connection: sqlite3.Connection, path: Path) -> Path:
    """Copy an archive beside itself before a migration changes it, and return the copy's place.

    The name says which migration was the last; a copy that is there already is of the same state and is kept.
    Raises :class:`DiskTrouble` when there is no room; then nothing is migrated.
    """
    copy = path.with_name(f"{path.name}.before-{migrations.pending(connection)[0]}")
    if copy.exists():
        return copy
    beside = copy.with_name(f".{copy.name}.partial-{os.getpid()}")
    try:
        _vacuum(connection, beside)
        _to_disk(beside)
        beside.replace(copy)
        _to_disk(copy.absolute().parent)
    finally:
        beside.unlink(missing_ok=True)
    return copy


def _vacuum(connection: sqlite3.Connection, beside: Path) -> None:
    beside.unlink(missing_ok=True)
    try:
        connection.execute("PRAGMA query_only=OFF")  # the copy is written, the archive is open read-only all the same
        connection.execute("VACUUM INTO ?", (str(beside),))
    except sqlite3.OperationalError as error:
        raise DiskTrouble(
            f"{beside.parent} does not take the copy ({error}); make room or name another place."
        ) from error


def _checked(copy: Path) -> dict[str, Any]:
    """The copy's log: its size and head; raises for a copy that is not whole."""
    sql = open_reading(copy)
    try:
        lines = [row[0] for row in sql.execute("PRAGMA integrity_check(3)")]
        if lines != ["ok"]:
            raise DiskTrouble(
                f"The copy is not whole ({lines[0]}); try another disk. The archive itself was not touched."
            )
        log = Log(sql)
        return {"entries": log.size, "head": shown(log.root())}
    finally:
        sql.close()


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
