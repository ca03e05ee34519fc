"""A copy of an archive, whole and checked, made while a crawl may be writing.

``VACUUM INTO`` writes one moment of the archive into a file of another name; that file is checked, brought to the
disk, and only then gets its name: whoever finds a backup finds a whole one.
"""

from __future__ import annotations

import itertools
import sqlite3
from typing import TYPE_CHECKING, Any

from archive import migrations
from archive.connection import ArchiveBusy, DiskTrouble, as_trouble, open_reading
from archive.evidence import Log
from archive.exporters.interface import placed
from archive.model import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def backup(source: Path, destination: Path, say: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Copy ``source`` to ``destination`` and return the copy's bytes, log size and head.

    Raises :class:`DiskTrouble` when the copy cannot be written or is not what it should be; nothing is left then.
    What a killed backup to the same name left is removed.
    """
    tell = say or (lambda _: None)
    connection = open_reading(source)
    try:
        with placed(destination, "copy") as beside:
            tell("copying")
            _vacuum(connection, beside)
            tell("checking")
            found = _checked(beside)
    finally:
        connection.close()
    return {"file": str(destination), "bytes": destination.stat().st_size, **found}


def before_migration(connection: sqlite3.Connection, path: Path) -> Path:
    """Copy an archive beside itself before a migration changes it, check the copy, and return its place.

    The name says which migration is the next; a copy of that name and of the same state is kept, one of another
    state (an archive that was put back and written to since) is left alone and the new one gets a number.
    Raises :class:`DiskTrouble` when there is no room; then nothing is migrated.
    """
    name = f"{path.name}.before-{migrations.pending(connection)[0]}"
    for number in itertools.count(1):
        copy = path.with_name(name if number == 1 else f"{name}-{number}")
        if not copy.exists():
            break
        if _state(copy) == _state_of(connection):
            return copy
    with placed(copy, "copy before the migration") as beside:
        _vacuum(connection, beside)
        sql = sqlite3.connect(beside, isolation_level=None)
        try:
            _whole(sql)
        finally:
            sql.close()
    return copy


def _state(copy: Path) -> tuple[Any, ...] | None:
    """What tells two states of an archive apart; None for a file that cannot be read as one."""
    try:
        sql = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
    try:
        return _state_of(sql)
    except sqlite3.Error:
        return None
    finally:
        sql.close()


def _state_of(sql: sqlite3.Connection) -> tuple[Any, ...]:
    log = Log(sql)
    asked = tuple(sql.execute("SELECT count(*), count(outcome) FROM request").fetchone())
    return (log.size, log.root(), asked, migrations.applied(sql))


def _vacuum(connection: sqlite3.Connection, beside: Path) -> None:
    try:
        connection.execute("PRAGMA query_only=OFF")  # the copy is written, the archive is open read-only all the same
        connection.execute("VACUUM INTO ?", (str(beside),))
    except sqlite3.OperationalError as error:
        trouble = as_trouble(error)
        if isinstance(trouble, ArchiveBusy):
            raise trouble from error
        raise DiskTrouble(
            f"{beside.parent} does not take the copy ({error}); make room or name another place."
        ) from error


def _checked(copy: Path) -> dict[str, Any]:
    """The copy's log: its size and head; raises for a copy that is not whole."""
    sql = open_reading(copy)
    try:
        _whole(sql)
        log = Log(sql)
        return {"entries": log.size, "head": shown(log.root())}
    finally:
        sql.close()


def _whole(copy: sqlite3.Connection) -> None:
    lines = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
    if lines != ["ok"]:
        raise DiskTrouble(f"The copy is not whole ({lines[0]}); try another disk. The archive itself was not touched.")
