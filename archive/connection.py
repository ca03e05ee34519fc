"""Opening an archive: read-only for everything that reads, with a lease for the one writer.

An archive is one SQLite file in WAL mode.  Its ``application_id`` is :data:`APPLICATION_ID`, so that a
foreign database is recognised before a query fails on it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from archive import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION_ID = 0x6E6C7531
"""``nlu1`` in SQLite's application_id field."""


class ArchiveError(Exception):
    """An archive cannot be used as asked; the message says what happened and what to do.

    ============================  =====================================================
    :class:`MissingArchive`       there is no file
    :class:`ForeignFile`          the file is no archive of ours, or is damaged at its head
    :class:`NewerArchive`         a newer program wrote it
    :class:`OlderArchive`         it has to be migrated first
    :class:`ArchiveBusy`          another process is writing
    :class:`DiskTrouble`          the disk is full, read-only or failing
    ============================  =====================================================
    """

    exit_code = 2


class MissingArchive(ArchiveError):
    """Raised by every reading command for a path with no file; nothing is created."""


class ForeignFile(ArchiveError):
    """Raised when a file is not one of our archives."""


class NewerArchive(ArchiveError):
    """Raised when the archive holds migrations this program does not know."""


class OlderArchive(ArchiveError):
    """Raised when a reader meets an archive that lacks migrations."""


class ArchiveBusy(ArchiveError):
    """Raised when a second writer asks for the lease."""


class DiskTrouble(ArchiveError):
    """Raised when SQLite cannot write; the crawl stops at the last commit and can be resumed."""

    exit_code = 4


def as_trouble(error: sqlite3.Error) -> ArchiveError | None:
    """The error to tell the user for what SQLite reports of the disk; None for anything else (a fault of ours)."""
    text = str(error)
    disk = ("disk is full", "disk I/O", "readonly", "unable to open", "cannot open")
    if isinstance(error, sqlite3.OperationalError) and any(words in text for words in disk):
        return DiskTrouble(f"The archive could not be written ({text}); make room and run the same command again.")
    return None


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        raise ForeignFile(
            f"{path} is not an archive of nianlun ({error}); name another file with --archive."
        ) from error
    if found != APPLICATION_ID:
        raise ForeignFile(f"{path} is a database, but not an archive of nianlun; name another file with --archive.")
    unknown = migrations.unknown(connection)
    if unknown:
        raise NewerArchive(f"{path} was written by a newer nianlun (it holds {unknown[0]}); upgrade the program.")


def open_reading(path: Path | str) -> sqlite3.Connection:
    """Open an archive read-only; never creates a file and never changes one.

    Raises :class:`MissingArchive`, :class:`ForeignFile`, :class:`NewerArchive`, :class:`OlderArchive`.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingArchive(
            f"There is no archive at {path}; make one with `nianlun crawl`, or name another file with --archive."
        )
    try:
        connection = _connect(f"file:{quote(str(path.absolute()))}?mode=ro")
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError:
        # A WAL archive on a read-only medium cannot make its -shm file; without a WAL it is complete as it is.
        connection = _read_still(path)
    except sqlite3.DatabaseError as error:
        raise ForeignFile(
            f"{path} is not an archive of nianlun ({error}); name another file with --archive."
        ) from error
    connection.execute("PRAGMA query_only=ON")
    _check(connection, path)
    if not migrations.applied(connection):
        connection.close()
        raise ForeignFile(f"{path} is an archive that was begun and never filled; crawl into it again, or remove it.")
    if migrations.pending(connection):
        connection.close()
        raise OlderArchive(f"{path} was written by an older nianlun; run `nianlun migrate --archive {path}` once.")
    return connection


def _read_still(path: Path) -> sqlite3.Connection:
    ahead = Path(f"{path}-wal")
    if ahead.exists() and ahead.stat().st_size:
        raise DiskTrouble(
            f"{path} was not closed cleanly and lies where it cannot be repaired; copy it with {ahead.name} to a"
            " place that can be written, and read it there."
        )
    try:
        connection = _connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1")
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise ForeignFile(
            f"{path} cannot be read as an archive ({error}); name another file with --archive."
        ) from error
    return connection


def open_writing(path: Path | str) -> sqlite3.Connection:
    """Open an archive for its one writer, creating and migrating it as needed; hold :func:`lease` first.

    ``synchronous=FULL``: what was committed survives a power cut.  An archive of an older program is copied beside
    itself before it is migrated (:func:`archive.backup.before_migration`).
    Raises :class:`ForeignFile`, :class:`NewerArchive`, :class:`DiskTrouble`.
    """
    path = Path(path)
    fresh = not path.exists() or path.stat().st_size == 0
    try:
        connection = _connect(f"file:{quote(str(path.absolute()))}")
        if fresh:
            connection.execute("PRAGMA page_size=4096")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        else:
            _check(connection, path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        connection.execute("PRAGMA cache_size=-32000")
        if migrations.applied(connection) and migrations.pending(connection):
            from archive.backup import before_migration  # noqa: PLC0415  # rarely needed, and it opens archives itself

            before_migration(connection, path)
        migrations.apply(connection)
    except sqlite3.OperationalError as error:
        raise DiskTrouble(f"Cannot write {path}: {error}; make room or choose another file with --archive.") from error
    return connection


@contextlib.contextmanager
def lease(path: Path | str) -> Iterator[None]:
    """Hold the archive's writing lease, however the file is named; the kernel gives it back when the process dies, however it dies.

    The lock lies on a file beside the archive: opening and closing the archive itself a second time would
    drop SQLite's own locks.  Raises :class:`ArchiveBusy` at once when another process holds it.
    """
    beside = Path(f"{Path(path).resolve()}.lock")
    try:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DiskTrouble(
            f"Cannot write beside {path}: {error.strerror}; choose another file with --archive."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 64).decode(errors="replace").strip() or "another process"
            raise ArchiveBusy(
                f"{path} is being written by process {holder}; wait until it ends, or use another --archive."
            ) from error
        with contextlib.suppress(OSError):  # the number only helps to say who writes; a full disk is said later
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        yield
        beside.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
