"""WACZ: a zip of WARC files with their checksums (specs.webrecorder.net/wacz/1.1.1).

Nothing is unpacked under a name of the zip's: names are data.  A file whose checksum is not the one of
``datapackage.json`` is told and left out; so is one that lies over another in the zip, is a link, is encrypted or opens
to far more than it is.
"""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import tempfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any, cast

from pipelines.convert.bundle import RATIO_CAP, SMALL
from pipelines.importing.sources import PIECE, WARC_NAMES, sha256_of
from pipelines.importing.warc import BODY_CAP, Problem, Record, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEMBERS_CAP = 20_000
PACKAGE_CAP = 16 * 2**20
PACKAGE = "datapackage.json"
_HEAD = struct.Struct("<4s22xHH")
_BROKEN = (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error)


class Wacz:
    """One WACZ file."""

    def __init__(self, path: Path, *, cap: int = BODY_CAP) -> None:
        self._path = path
        self._cap = cap
        self.name = path.name
        with path.open("rb") as file:
            self.digest = sha256_of(file)

    def records(self) -> Iterator[tuple[str, Record | Problem]]:
        """The records of the WARC files under ``archive/``, in the order of their names."""
        with self._path.open("rb") as file:
            try:
                bundle = zipfile.ZipFile(file)
                infos = bundle.infolist()
            except _BROKEN as error:
                yield "", Problem(None, None, f"the file is no zip, or a damaged one ({error})"[:300])
                return
            troubles = _unsafe(infos)
            for name, reason in troubles.items():
                yield "", Problem(None, None, f"{_shown(name)}: {reason}"[:400])
            if "" in troubles:
                return
            sums, found = _sums(bundle, infos)
            yield from (("", problem) for problem in found)
            for info in sorted(infos, key=lambda item: item.filename):
                if info.filename not in troubles and _is_warc(info.filename):
                    yield from self._member(file, bundle, info, sums)

    def _member(
        self, file: IO[bytes], bundle: zipfile.ZipFile, info: zipfile.ZipInfo, sums: dict[str, str] | None
    ) -> Iterator[tuple[str, Record | Problem]]:
        name = info.filename
        try:
            with _content(file, bundle, info) as content:
                if sums is not None:
                    wrong = _compared(content, sums.get(name))
                    if wrong:
                        yield name, Problem(None, None, f"{_shown(name)}: {wrong}; it was left out")
                        return
                    content.seek(0)
                for item in records(content, cap=self._cap):
                    yield name, item
        except _BROKEN as error:
            yield name, Problem(None, None, f"{_shown(name)}: it is damaged in the zip ({error})"[:300])


def _shown(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode()[:100]


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and name.lower().endswith(WARC_NAMES)


def _unsafe(infos: list[zipfile.ZipInfo]) -> dict[str, str]:
    """Why members are not read, by name; the empty name: none is."""
    if len(infos) > MEMBERS_CAP:
        return {"": f"the zip has more than {MEMBERS_CAP} members"}
    found: dict[str, str] = {}
    end = 0
    seen: set[str] = set()
    for info in sorted(infos, key=lambda item: item.header_offset):
        name = info.filename
        if info.header_offset < end:
            found[name] = "it lies over another member of the zip"
        elif name in seen:
            found[name] = "the zip has two members of this name"
        elif stat.S_ISLNK(info.external_attr >> 16):
            found[name] = "it is a link"
        elif name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or "\x00" in name:
            found[name] = "its name leads out of the package"
        elif info.flag_bits & 1:
            found[name] = "it is encrypted"
        elif info.file_size > SMALL and info.file_size > RATIO_CAP * max(info.compress_size, 1):
            found[name] = "it opens to far more than it is: a bomb"
        seen.add(name)
        end = max(end, info.header_offset + info.compress_size)
    return found


def _sums(bundle: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> tuple[dict[str, str] | None, list[Problem]]:
    """The checksums the package states, by name (None: it states none), and what is wrong with them."""
    if not any(info.filename == PACKAGE for info in infos):
        return None, [Problem(None, None, f"the WACZ has no {PACKAGE}: nothing vouches for its files")]
    try:
        data = _small(bundle, PACKAGE)
        package: Any = json.loads(data)
        resources = [item for item in package["resources"] if isinstance(item, dict)]
        sums = {str(item["path"]): str(item["hash"]) for item in resources if "path" in item and "hash" in item}
    except (*_BROKEN, KeyError, TypeError, RecursionError) as error:
        return None, [Problem(None, None, f"{PACKAGE} cannot be read ({type(error).__name__}: {error})"[:300])]
    return sums, _package_digest(bundle, infos, data)


def _package_digest(bundle: zipfile.ZipFile, infos: list[zipfile.ZipInfo], data: bytes) -> list[Problem]:
    name = "datapackage-digest.json"
    if not any(info.filename == name for info in infos):
        return []
    try:
        stated = str(json.loads(_small(bundle, name))["hash"])
    except (*_BROKEN, KeyError, TypeError, RecursionError):
        return [Problem(None, None, f"{name} cannot be read")]
    if stated.lower() != f"sha256:{hashlib.sha256(data).hexdigest()}":
        return [Problem(None, None, f"{PACKAGE} is not the one {name} vouches for")]
    return []


def _small(bundle: zipfile.ZipFile, name: str) -> bytes:
    with bundle.open(name) as member:
        data = member.read(PACKAGE_CAP + 1)
    if len(data) > PACKAGE_CAP:
        raise ValueError("it is too large")
    return data


def _compared(content: IO[bytes], stated: str | None) -> str | None:
    """Why a file is not the one the package vouches for."""
    if stated is None:
        return f"{PACKAGE} does not vouch for it"
    name, _, value = stated.partition(":")
    if name.lower() not in ("sha256", "md5", "sha1", "sha512"):
        return f"its checksum {stated[:40]!r} is of a sort nobody here knows"
    found = hashlib.new(name.lower(), usedforsecurity=False)
    while piece := content.read(PIECE):
        found.update(piece)
    return None if found.hexdigest() == value.lower() else f"its bytes do not match the checksum of {PACKAGE}"


def _content(file: IO[bytes], bundle: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """A member as a file that can seek: where it lies, if it is stored, else unpacked into a nameless temporary file."""
    if info.compress_type == zipfile.ZIP_STORED:
        file.seek(info.header_offset)
        mark, names, extra = _HEAD.unpack(file.read(_HEAD.size))
        if mark != b"PK\x03\x04":
            raise zipfile.BadZipFile("its local header is missing")
        return cast(
            "IO[bytes]", io.BufferedReader(_Slice(file, info.header_offset + 30 + names + extra, info.file_size))
        )
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    with bundle.open(info) as member:
        while piece := member.read(PIECE):
            unpacked.write(piece)
    unpacked.seek(0)
    return unpacked


class _Slice(io.RawIOBase):
    """A part of a file as a file of its own; closing it leaves the file open."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file = file
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset of the part."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """The offset in the part."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next."""
        self._file.seek(self._start + self._at)
        data = self._file.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
