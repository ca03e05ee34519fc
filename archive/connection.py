"""Opening an archive: read-only for everything that reads, with a lease for the one writer.

An archive is one SQLite file in WAL mode.  Its ``application_id`` is :data:`APPLICATION_ID`, so that a
foreign database is recognised before a query fails on it.
"""

from __future__ import annotations

import contextlib
import errno
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
PATIENCE = 30.0
"""Seconds a writer waits for readers to let go of an archive before it gives up."""
_SHORT = 5.0
"""Seconds anyone waits for a lock that is held for a moment only."""


class ArchiveError(Exception):
    """An archive cannot be used as asked; the message says what happened and what to do.

    ============================  =====================================================
    :class:`MissingArchive`       there is no file
    :class:`ForeignFile`          the file is no archive of ours, or is damaged at its head
    :class:`NewerArchive`         a newer program wrote it
    :class:`OlderArchive`         it has to be migrated first
    :class:`ArchiveBusy`          another process is writing, or keeps the writer out
    :class:`DiskTrouble`          the disk is full, read-only or failing
    ============================  =====================================================
    """

    exit_code = 2


class MissingArchive(ArchiveError):
    """Raised by every reading command for a path with no file; nothing is created."""


class ForeignFile(ArchiveError):
    """Raised when a file is not one of our archives."""


class UnfilledArchive(ForeignFile, MissingArchive):
    """Raised when a file is an archive whose first crawl ended before it wrote anything: nothing was ever crawled."""


class NewerArchive(ArchiveError):
    """Raised when the archive holds migrations this program does not know."""


class OlderArchive(ArchiveError):
    """Raised when a reader meets an archive that lacks migrations."""


class ArchiveBusy(ArchiveError):
    """Raised when a second writer asks for the lease, and when another program's lock is not let go."""


class DiskTrouble(ArchiveError):
    """Raised when SQLite cannot write; the crawl stops at the last commit and can be resumed."""

    exit_code = 4


_ADVICE = {
    sqlite3.SQLITE_FULL: "make room and run the same command again",
    sqlite3.SQLITE_IOERR: "make room or have the disk checked, and run the same command again",
    sqlite3.SQLITE_READONLY: "give leave to write the file and its folder, or name another with --archive",
    sqlite3.SQLITE_CANTOPEN: "make room and give leave to write the folder, or name another with --archive",
    sqlite3.SQLITE_PERM: "give leave to write the file and its folder, or name another with --archive",
}
"""What to do about what SQLite reports of the disk, by its primary result codes (sqlite.org/rescode.html)."""


def as_trouble(error: sqlite3.Error, path: Path | str = "The archive") -> ArchiveError | None:
    """The error to tell the user for what SQLite reports of the disk or of a lock; None for anything else (a fault of ours)."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveBusy(
            f"{path} is kept locked by a reader (an export, a backup, another program); run the same command again"
            " when it has ended."
        )
    if code in _ADVICE:
        return DiskTrouble(f"{path} could not be written ({error}); {_ADVICE[code]}.")
    return None


DAMAGED = (
    "The archive is damaged; `nianlun verify` names what, `nianlun backup` copies are put in its place."
    " · 档案库已损坏：nianlun verify 指出何处，请以备份替换。"
)
"""What to say where SQLite finds its file out of order."""


def damaged(error: sqlite3.Error) -> bool:
    """Whether SQLite found the file itself out of order, and not the question (sqlite.org/rescode.html)."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


def lying(path: Path | str) -> tuple[int, int] | None:
    """Which file lies at a path, by device and number; None for none: another one may be put in its place."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(uri: str, patience: float = _SHORT) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=patience)
    connection.row_factory = sqlite3.Row
    return connection


def _unreadable(path: Path, error: sqlite3.DatabaseError) -> ForeignFile:
    """What to say of a file that SQLite cannot read: damaged, if it begins like a database; else no archive at all."""
    try:
        with path.open("rb") as file:
            begins = file.read(16) == b"SQLite format 3\0"
    except OSError:
        begins = False
    if begins:
        return ForeignFile(
            f"{path} is damaged ({error}): it was cut short or overwritten; put the newest `nianlun backup` in its place."
        )
    return ForeignFile(f"{path} is not an archive of nianlun ({error}); name another file with --archive.")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        raise as_trouble(error, path) or _unreadable(path, error) from error
    if found != APPLICATION_ID:
        raise ForeignFile(f"{path} is a database, but not an archive of nianlun; name another file with --archive.")
    unknown = migrations.unknown(connection)
    if unknown:
        raise NewerArchive(f"{path} was written by a newer nianlun (it holds {unknown[0]}); upgrade the program.")


def open_reading(path: Path | str) -> sqlite3.Connection:
    """Open an archive read-only; never creates a file and never changes one.

    Raises :class:`MissingArchive`, :class:`ForeignFile`, :class:`NewerArchive`, :class:`OlderArchive`,
    :class:`ArchiveBusy`.
    """
    path = Path(path)
    if path.is_dir():
        raise MissingArchive(f"{path} is a folder; name the archive in it with --archive, as {path / 'nianlun.db'}.")
    if not path.is_file():
        raise MissingArchive(
            f"There is no archive at {path}; make one with `nianlun crawl`, or name another file with --archive."
        )
    try:
        connection = _connect(f"file:{quote(str(path.absolute()))}?mode=ro")
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        trouble = as_trouble(error, path)
        if isinstance(trouble, ArchiveBusy):
            raise trouble from error
        # A WAL archive on a read-only medium cannot make its -shm file; without a WAL it is complete as it is.
        connection = _read_still(path)
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, error) from error
    connection.execute("PRAGMA query_only=ON")
    _check(connection, path)
    if not migrations.applied(connection):
        connection.close()
        raise UnfilledArchive(
            f"{path} is an archive that was begun and never filled; crawl into it again, or remove it."
        )
    if migrations.pending(connection):
        connection.close()
        raise OlderArchive(f"{path} was written by an older nianlun; run `nianlun migrate --archive {path}` once.")
    return connection


def _read_still(path: Path) -> sqlite3.Connection:
    for beside in (Path(f"{path.resolve()}-wal"), Path(f"{path.resolve()}-journal")):
        if beside.exists() and beside.stat().st_size:
            raise DiskTrouble(
                f"{path} was not closed cleanly and a reader cannot repair it; make room there and run `nianlun migrate`, or"
                f" copy it with {beside.name} to a place that can be written and do it there."
            )
    try:
        connection = _connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1")
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise ForeignFile(
            f"{path} cannot be read as an archive ({error}); name another file with --archive."
        ) from error
    return connection


def open_writing(path: Path | str, *, patience: float = PATIENCE) -> sqlite3.Connection:
    """Open an archive for its one writer, creating and migrating it as needed; hold :func:`lease` first.

    ``synchronous=FULL``: what was committed survives a power cut.  An archive of an older program is copied beside
    itself before it is migrated (:func:`archive.backup.before_migration`).  ``patience``: seconds to wait for a reader
    who began while nobody wrote; one who begins later is in nobody's way.
    Raises :class:`ForeignFile`, :class:`NewerArchive`, :class:`ArchiveBusy`, :class:`DiskTrouble`.
    """
    path = Path(path)
    try:
        connection = _connect(f"file:{quote(str(path.absolute()))}", patience)
    except sqlite3.OperationalError as error:
        raise as_trouble(error, path) or _unwritten(path, error) from error
    try:
        _prepare(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        raise as_trouble(error, path) or _unwritten(path, error) from error
    except BaseException:
        connection.close()
        raise
    connection.execute(f"PRAGMA busy_timeout={int(_SHORT * 1000)}")
    return connection


def _unwritten(path: Path, error: sqlite3.Error) -> DiskTrouble:
    return DiskTrouble(f"Cannot write {path}: {error}; make room or choose another file with --archive.")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    blank = _blank(connection, path)
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        # The next two writes change one page, in its first sector.  A journal would make nothing safer, and one that
        # a killed writer leaves can only be taken back by a writer: until then nobody could read.
        connection.execute("PRAGMA journal_mode=MEMORY")
    if blank:
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


def _blank(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether there is nothing in the file; a writer killed at its very first page leaves bytes that SQLite takes back."""
    try:
        return bool(connection.execute("PRAGMA page_count").fetchone()[0] == 0)
    except sqlite3.DatabaseError as error:
        raise as_trouble(error, path) or _unreadable(path, error) from error


def recover(path: Path | str) -> None:
    """Take back or in what a writer who died left beside the archive; under the :func:`lease`, which this takes.

    Raises :class:`ArchiveBusy` while a writer lives, :class:`DiskTrouble` where nothing can be written.
    """
    with lease(path):
        connection = _connect(f"file:{quote(str(Path(path).absolute()))}?mode=rw", PATIENCE)
        try:
            connection.execute("PRAGMA schema_version").fetchone()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=MEMORY")  # else the next reader would make a log again
        except sqlite3.DatabaseError as error:
            raise as_trouble(error, path) or ForeignFile(f"{path} cannot be repaired ({error}).") from error
        finally:
            connection.close()


@contextlib.contextmanager
def lease(path: Path | str) -> Iterator[None]:
    """Hold the archive's writing lease, however the file is named; the kernel gives it back when the process dies, however it dies.

    The lock lies on a file beside the archive: opening and closing the archive itself a second time would
    drop SQLite's own locks.  A file that a dead process left is locked by nobody, and taken.
    Raises :class:`ArchiveBusy` at once when another process holds it, :class:`MissingArchive` where there is no folder.
    """
    beside = Path(f"{Path(path).resolve()}.lock")
    descriptor = _locked(beside, path)
    try:
        with contextlib.suppress(OSError):  # the number only helps to say who writes; a full disk is said later
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        with contextlib.suppress(OSError):  # it may stay: the next writer takes it
            beside.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(beside: Path, path: Path | str) -> int:
    """A descriptor with the lock on the file that bears the name: a holder who ends unlinks the one that he had."""
    while True:
        try:
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise MissingArchive(f"The folder {beside.parent} does not exist; make it first.") from error
            raise DiskTrouble(
                f"Cannot write beside {path}: {error.strerror}; choose another file with --archive."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same(descriptor, beside):
                return descriptor
        except OSError as error:
            holder = os.read(descriptor, 64).decode(errors="replace").strip()
            os.close(descriptor)
            raise ArchiveBusy(
                f"{path} is being written by {f'process {holder}' if holder else 'another process'}; wait until it ends,"
                " or use another --archive."
            ) from error
        os.close(descriptor)


def _same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
