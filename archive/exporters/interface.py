"""What all exporters share: what is meant, what came of it, one moment of the archive, and a place that appears whole."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from archive.connection import ArchiveError, DiskTrouble
from archive.history import reading_data
from archive.leaves import unpack_headers
from archive.payloads import DamagedPayload, Payloads
from archive.query import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A form of export: the module that writes it, whether DEST is a file, and what it can be narrowed by."""

    module: str
    file: bool
    captures: bool = False
    """Whether it is made of captures (narrowed by portal, crawl and time) and not of reports."""
    revision: Literal["latest", "all"] = "latest"


KINDS: dict[str, Kind] = {
    "warc": Kind("warc", file=True, captures=True, revision="all"),
    "wacz": Kind("wacz", file=True, captures=True, revision="all"),
    "bagit": Kind("bagit", file=False, revision="all"),
    "prov": Kind("prov", file=True, revision="all"),
    "parquet": Kind("parquet", file=False),
    "csv": Kind("tabular", file=False),
    "bundle": Kind("bundle", file=False, revision="all"),
}


class MissingLibrary(ArchiveError):
    """Raised when a form needs a library that is not installed; the message says which extra brings it."""


class DestinationTaken(ArchiveError):
    """Raised for a DEST that exists: nothing is ever overwritten."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the archive is exported: reports by filters, captures by portal, crawl and time."""

    filters: Filters = field(default_factory=Filters)
    crawl: int | None = None
    revision: Literal["latest", "all"] = "all"
    bom: bool = False
    """Whether CSV files begin with a byte order mark, which old spreadsheets need to see UTF-8."""
    observations: bool = False
    """Whether PROV names every figure by itself."""

    def captures(self) -> tuple[str, list[Any]]:
        """A condition over the aliases ``capture``, ``crawl`` and ``portal``, and its values."""
        found: list[tuple[str, Any]] = [
            ("portal.name=?", self.filters.portal),
            ("capture.crawl=?", self.crawl),
            ("capture.at<=?", self.filters.at),
        ]
        used = [(clause, value) for clause, value in found if value is not None]
        return " AND ".join(["1", *(clause for clause, _ in used)]), [value for _, value in used]

    def whole(self) -> bool:
        """Whether everything is meant."""
        return self.filters == Filters() and self.crawl is None


class Job:
    """One export under way: the archive, what is meant, the sums so far and the problems met."""

    def __init__(
        self,
        sql: sqlite3.Connection,
        scope: Scope,
        say: Callable[[str], None] | None = None,
        destination: Path = Path(),
    ) -> None:
        self.sql = sql
        self.scope = scope
        self.destination = destination
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self._payloads = Payloads(sql)
        self._say = say

    def count(self, name: str, number: int = 1) -> None:
        """Add to a sum, and say how far the export is every now and then."""
        before = self.counts[name] // 1000
        self.counts[name] += number
        if self._say and self.counts[name] // 1000 != before:
            self._say(f"{self.counts[name]} {name}")

    def payload(self, number: int) -> bytes | None:
        """A payload's bytes; None when they are damaged, which becomes a problem of the export, once."""
        try:
            return self._payloads.get(number)
        except DamagedPayload as error:
            self.problem(str(error))
            return None

    def reading(self, number: int) -> Row:
        """Everything a reading understood; empty when it is damaged, which becomes a problem of the export."""
        try:
            return reading_data(self.sql, number)
        except (DamagedPayload, ValueError) as error:
            self.problem(f"reading {number}: {error}")
            return {}

    def headers(self, data: bytes | None, of: str) -> list[list[str]]:
        """Stored headers; empty when they are damaged, which becomes a problem of the export."""
        try:
            return unpack_headers(data)
        except (DamagedPayload, ValueError) as error:
            self.problem(f"headers of {of}: {error}")
            return []

    def problem(self, text: str) -> None:
        """Note what could not be exported as it should be, once."""
        if text not in self.problems:
            self.problems.append(text)


def export(
    kind: str, sql: sqlite3.Connection, destination: Path, scope: Scope, say: Callable[[str], None] | None = None
) -> Row:
    """Write one form of the archive to ``destination`` and return ``{file, kind, counts, bytes, problems}``.

    Raises :class:`DestinationTaken`, :class:`MissingLibrary`, :class:`DiskTrouble`; nothing is left then.
    """
    module: Any = importlib.import_module(f"archive.exporters.{KINDS[kind].module}")
    job = Job(sql, scope, say, destination)
    with placed(destination) as partial, snapshot(sql):
        more: Row | None = module.write(job, partial)
    return {
        "file": str(destination),
        "kind": kind,
        "counts": dict(job.counts),
        "bytes": _size(destination),
        **(more or {}),
        "problems": job.problems,
    }


def planned(kind: str, sql: sqlite3.Connection, scope: Scope) -> Row:
    """What an export would hold, without writing it: reports and revisions, or captures and their payloads' bytes."""
    with snapshot(sql):
        if KINDS[kind].captures:
            return _captures_planned(sql, scope)
        from archive.exporters.tables import reports  # noqa: PLC0415  # it imports this module

        job = Job(sql, scope)
        every = scope.revision == "all"
        for row in reports(job):
            job.count("reports")
            job.count("revisions", row["revisions"] if every else 1)
        return {"reports": job.counts["reports"], "revisions": job.counts["revisions"]}


def _captures_planned(sql: sqlite3.Connection, scope: Scope) -> Row:
    clause, values = scope.captures()
    row = sql.execute(
        "SELECT count(*), count(DISTINCT payload) FROM capture JOIN crawl ON crawl.id=capture.crawl"
        f" JOIN portal ON portal.id=crawl.portal WHERE {clause}",
        values,
    ).fetchone()
    size = sql.execute(
        "SELECT coalesce(sum(size), 0) FROM payload WHERE id IN (SELECT payload FROM capture JOIN crawl ON"
        f" crawl.id=capture.crawl JOIN portal ON portal.id=crawl.portal WHERE {clause})",
        values,
    ).fetchone()
    return {"captures": row[0], "payloads": row[1], "payload_bytes": size[0]}


@contextlib.contextmanager
def snapshot(sql: sqlite3.Connection) -> Iterator[None]:
    """Read one moment of the archive, whatever a crawl writes meanwhile."""
    sql.execute("BEGIN")
    try:
        yield
    finally:
        if sql.in_transaction:  # a failing disk ends it before
            sql.execute("ROLLBACK")


@contextlib.contextmanager
def placed(destination: Path, what: str = "export") -> Iterator[Path]:
    """Give a path beside ``destination`` to write a file or folder at; when all went well it gets the name.

    What was written is brought to the disk first.  Whoever finds ``destination`` finds a whole export; a killed
    export leaves only ``.NAME.partial-PID``, which the next one removes.  ``what`` it is, for the sentence of an error.
    Raises :class:`DestinationTaken`, and :class:`DiskTrouble` when the disk does not take it.
    """
    _free(destination)
    partial = destination.absolute().with_name(f".{destination.name[:200]}.partial-{os.getpid()}")
    _sweep(partial)
    try:
        yield partial
        _to_disk(partial)
        _free(destination)
        if destination.is_dir() and not partial.is_dir():
            destination.rmdir()
        partial.replace(destination)
        _sync(destination.absolute().parent)
    except OSError as error:
        raise DiskTrouble(
            f"The {what} could not be written ({error.strerror or error}); make room or name another place, and run it again."
        ) from error
    except sqlite3.OperationalError as error:
        if "disk is full" not in str(error):
            raise
        raise DiskTrouble(f"The {what} could not be written ({error}); make room and run it again.") from error
    finally:
        _remove(partial)


def _free(destination: Path) -> None:
    parent = destination.absolute().parent
    if not parent.is_dir():
        raise DestinationTaken(f"The folder {parent} does not exist; make it first.")
    empty = destination.is_dir() and not destination.is_symlink() and not any(destination.iterdir())
    if (destination.exists() or destination.is_symlink()) and not empty:
        raise DestinationTaken(f"{destination} exists and is not overwritten; name a new one.")


def _sweep(partial: Path) -> None:
    """Remove what exports to this name left when they were killed."""
    stem = partial.name.rpartition("-")[0]
    for old in partial.parent.iterdir():
        left, _, number = old.name.removesuffix("-journal").rpartition("-")  # a copy is a database with a journal
        if left == stem and number.isdecimal() and not _alive(int(number)):
            _remove(old)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return process != os.getpid()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(
            OSError
        ):  # what cannot be written cannot be removed either, and the first error counts
            path.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    if path.is_dir():
        for folder, _, names in os.walk(path):
            for name in names:
                _sync(Path(folder, name))
            _sync(Path(folder))
    else:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(item.stat().st_size for item in path.rglob("*") if item.is_file())


def narrowed(scope: Scope, **more: Any) -> Filters:
    """The scope's filters with some replaced."""
    return replace(scope.filters, **more)
