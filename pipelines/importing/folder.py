"""A folder of files as records: names are data, links are not followed, nothing outside the folder is read.

Where a file came from and when says ``index.csv`` beside the files (columns ``file``, ``url``, ``date``, UTF-8); without
it, a first folder that is named like a host is one (as mirroring programs lay files down), and any other file has the
address ``urn:nianlun:file:<SHA-256>/<name>`` (a namespace of RFC 8141's form): the same bytes have the same address.
A file without a date has the time it was last written, and its capture says so.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from archive.exporters import warc as exported
from archive.times import parse_time, shown_time
from pipelines.importing.sources import WACZ_NAMES, WARC_NAMES, sha256_of
from pipelines.importing.warc import BODY_CAP, Problem, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

INDEX = "index.csv"
INDEX_CAP = 64 * 2**20
DEPTH_CAP = 64
REASON = exported.REASON.lower()
"""The field of a record that says how its time was found; an export writes it."""
_HOST = re.compile(r"(?=.{4,253}(?::\d{1,5})?$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?::\d{1,5})?$")
_WRITTEN = "file: its time is when the file was last written"
_STATED = f"file: its time is that of {INDEX}"


class IndexTrouble(ValueError):
    """Raised for an ``index.csv`` that cannot be used; the message says what to correct."""


class Folder:
    """One folder; its digest covers every file's path, bytes and stated origin."""

    def __init__(self, path: Path, *, cap: int = BODY_CAP) -> None:
        self._path = path
        self._cap = cap
        self.name = path.resolve().name or str(path)
        self._index = _index(path)
        self._troubles: list[Problem] = []
        self._files = sorted(self._walk())
        self._sums: dict[str, str] = {}
        total = hashlib.sha256()
        for name in self._files:
            line = f"{name}\0{self._sum(name)}\0{self._index.get(name)}\0{self._written(name)}\n"
            total.update(line.encode("utf-8", "surrogateescape"))
        self.digest = total.hexdigest()

    def _walk(self) -> Iterator[str]:
        """Every regular file below the folder, by its path in it; archives and the index are not files of the folder."""
        waiting = [("", 0)]
        while waiting:
            inside, depth = waiting.pop()
            try:
                found = list(os.scandir(self._path / inside))
            except OSError as error:
                self._troubles.append(Problem(None, _named(inside), f"the folder cannot be read ({error.strerror})"))
                continue
            for item in found:
                name = f"{inside}/{item.name}" if inside else item.name
                if item.is_symlink():
                    self._troubles.append(Problem(None, _named(name), "it is a link, and links are not followed"))
                elif item.is_dir() and depth < DEPTH_CAP:
                    waiting.append((name, depth + 1))
                elif not item.is_file():
                    self._troubles.append(Problem(None, _named(name), "it is no regular file, or lies too deep"))
                elif name != INDEX and not item.name.lower().endswith(WARC_NAMES + WACZ_NAMES):
                    yield name

    def _open(self, name: str) -> io.BufferedReader:
        """A file of the folder, not through a link that was put there meanwhile.  Raises OSError."""
        descriptor = os.open(self._path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise OSError(0, "it is no regular file")
        return file

    def _sum(self, name: str) -> str:
        if name not in self._sums:
            try:
                with self._open(name) as file:
                    self._sums[name] = sha256_of(file)
            except OSError as error:
                self._sums[name] = f"unreadable: {error.strerror}"
        return self._sums[name]

    def _written(self, name: str) -> int:
        try:
            return (self._path / name).lstat().st_mtime_ns // 1_000_000
        except OSError:
            return 0

    @property
    def has_files(self) -> bool:
        """Whether anything in it is to be imported, or told."""
        return bool(self._files or self._troubles or self._index)

    def records(self) -> Iterator[tuple[str, Record | Problem]]:
        """A record a file, in the order of their names."""
        yield from (("", problem) for problem in self._troubles)
        for name in sorted(self._index.keys() - set(self._files)):
            yield "", Problem(None, _named(name), f"{INDEX} names a file that is not there")
        for number, name in enumerate(self._files):
            try:
                yield "", self._record(number, name)
            except OSError as error:
                yield "", Problem(None, _named(name), f"the file cannot be read ({error.strerror})")

    def _record(self, number: int, name: str) -> Record | Problem:
        with self._open(name) as file:
            block = file.read(self._cap + 1)
        if len(block) > self._cap:
            return Problem(None, _named(name), f"the file is larger than {self._cap} bytes and was left out")
        if not block:
            return Problem(None, _named(name), "the file is empty")
        url, date = self._index.get(name, (None, None))
        fields = {
            "warc-record-id": f"<urn:nianlun:file:{number}>",
            "warc-target-uri": url or address(name, self._sum(name)),
            "warc-date": date or shown_time(self._written(name)) or "",
            REASON: _STATED if date else _WRITTEN,
        }
        return Record(number, number, "resource", fields, block)


def _named(name: str) -> str:
    """A path as it is told: bytes that are no text are escaped."""
    return name.encode("utf-8", "backslashreplace").decode() if name.isprintable() else repr(name)[1:-1]


def address(name: str, digest: str) -> str:
    """The address of a file without a stated one: that of its place in a mirror, else one made of its bytes."""
    first, slash, rest = name.partition("/")
    if slash and _HOST.match(first):
        return f"http://{first}/{_quoted(rest, '/?&=%+~@!$,;:()*')}"
    return f"urn:nianlun:file:{digest}/{_quoted(name.rpartition('/')[2], '')}"


def _quoted(name: str, safe: str) -> str:
    return quote(os.fsencode(name), safe=safe)


def _index(folder: Path) -> dict[str, tuple[str | None, str | None]]:
    """What the folder's index says: path in the folder → address and date.  Raises :class:`IndexTrouble`."""
    place = folder / INDEX
    if not place.is_file() or place.is_symlink():
        return {}
    if place.stat().st_size > INDEX_CAP:
        raise IndexTrouble(f"{place} is too large for an index; is it one of the files? Rename it.")
    try:
        rows = list(csv.DictReader(io.StringIO(place.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise IndexTrouble(f"{place} cannot be read ({error}); write it as UTF-8 CSV with file,url,date.") from error
    found: dict[str, tuple[str | None, str | None]] = {}
    for line, row in enumerate(rows, 2):
        if "file" not in row:
            raise IndexTrouble(f"{place} has no column `file`; its first line must name file,url,date.")
        name = Path(os.path.normpath((row["file"] or "").strip().replace("\\", "/"))).as_posix()
        found[name] = ((row.get("url") or "").strip() or None, _date(place, line, (row.get("date") or "").strip()))
    return found


def _date(place: Path, line: int, text: str) -> str | None:
    if not text:
        return None
    try:
        return shown_time(parse_time(text))
    except (ValueError, OverflowError) as error:
        raise IndexTrouble(
            f"{place}, line {line}: {text!r} is no date; write 2019-03-01 or 2019-03-01T08:00Z."
        ) from error
