"""Where an export's files go: a folder or a zip; every file is hashed as it is written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import zipfile
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Sum(NamedTuple):
    """One file that was written: its name below the export, its bytes, its digests in hex."""

    name: str
    size: int
    sha256: str
    sha512: str


class Hashed:
    """A binary file that hashes what is written; not seekable."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self._digests = (hashlib.sha256(), hashlib.sha512())

    def write(self, data: bytes) -> int:
        """Write and hash."""
        for digest in self._digests:
            digest.update(data)
        self._file.write(data)
        found = memoryview(data).nbytes
        self.size += found
        return found

    def tell(self) -> int:
        """How many bytes were written."""
        return self.size

    def flush(self) -> None:
        """Nothing to do: the file beneath is closed before the export gets its name."""

    def sum(self, name: str) -> Sum:
        """What was written, under ``name``."""
        return Sum(name, self.size, *(digest.hexdigest() for digest in self._digests))


class Sink:
    """A folder to fill; the sums of its files are kept outside memory, in the order of writing."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._sums = tempfile.TemporaryFile("w+", dir=place.parent, encoding="utf-8")  # noqa: SIM115  # see close
        self._begin()

    def _begin(self) -> None:
        self._place.mkdir()

    @contextlib.contextmanager
    def file(self, name: str, *, squeeze: bool = True) -> Iterator[Hashed]:
        """Write one file, one at a time; ``name`` has ``/`` between folders.  ``squeeze``: a zip may compress it."""
        with self._opened(name, squeeze) as file:
            hashed = Hashed(file)
            yield hashed
        self._sums.write(json.dumps(hashed.sum(name)) + "\n")

    @contextlib.contextmanager
    def _opened(self, name: str, squeeze: bool) -> Iterator[IO[bytes]]:  # noqa: ARG002  # a folder compresses nothing
        path = self._place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield file

    def put(self, name: str, data: bytes | str, *, squeeze: bool = True) -> None:
        """Write a whole file."""
        with self.file(name, squeeze=squeeze) as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)

    def sums(self) -> Iterator[Sum]:
        """Every file written so far."""
        self._sums.seek(0)
        for line in self._sums:
            yield Sum(*json.loads(line))
        self._sums.seek(0, 2)

    def close(self) -> None:
        """Finish."""
        self._sums.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ZipSink(Sink):
    """The same into a zip; names, order and times are those of the data, so equal exports are equal bytes."""

    def _begin(self) -> None:
        self._zip = zipfile.ZipFile(self._place, "x", zipfile.ZIP_DEFLATED)

    @contextlib.contextmanager
    def _opened(self, name: str, squeeze: bool) -> Iterator[IO[bytes]]:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        info.create_system = 3
        with self._zip.open(info, "w", force_zip64=True) as file:
            yield file

    def close(self) -> None:
        """Write the zip's directory."""
        try:
            self._zip.close()
        finally:
            super().close()


def lines_of(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """Rows as JSON lines; a row with half a surrogate pair is escaped, so that every row comes back as it was."""
    for row in rows:
        try:
            yield json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
        except UnicodeEncodeError:
            yield json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"
