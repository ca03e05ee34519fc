"""A WARC file, or the WARC files of a WACZ, as records in order, each with a name that is its own in the whole file."""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING, Protocol

from pipelines.importing.warc import BODY_CAP, Problem, Record, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WARC_NAMES = (".warc", ".warc.gz", ".warc.zst")
WACZ_NAMES = (".wacz",)
PIECE = 2**20


class Source(Protocol):
    """A file or folder to import."""

    @property
    def name(self) -> str:
        """What it is called in the crawls it becomes."""
        ...

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes, hex: what tells whether it was imported before."""
        ...

    def records(self) -> Iterator[tuple[str, Record | Problem]]:
        """Its records and troubles; with each the name of the file within."""
        ...


def sha256_of(file: IO[bytes]) -> str:
    """The SHA-256 of a file from where it stands to its end, hex."""
    found = hashlib.sha256()
    while piece := file.read(PIECE):
        found.update(piece)
    return found.hexdigest()


class Warc:
    """One WARC file, compressed or not."""

    def __init__(self, path: Path, *, cap: int = BODY_CAP) -> None:
        self._path = path
        self._cap = cap
        self.name = path.name
        with path.open("rb") as file:
            self.digest = sha256_of(file)

    def records(self) -> Iterator[tuple[str, Record | Problem]]:
        """The file's records."""
        with self._path.open("rb") as file:
            for item in records(file, cap=self._cap):
                yield "", item
