"""Read report files without an archive: what they are, whose, of which year, and every figure.

examples:
  nianlun read report.html report.pdf
  nianlun read folder-of-reports
  nianlun read bureaus.zip --csv > bureaus.csv
  curl -s https://example.gov.cn/report.pdf | nianlun read -
  nianlun read --json report.docx | jq '.[0].observations[] | select(.value > 0)'
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.model import digest_of, shown
from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from concurrent.futures import Future

    from archive.model import Conversion, Reading
    from pipelines.convert.sandbox import Cage

COLUMNS = ("file", "state", "kind", "form", "publisher", "year", "observations", "findings", "error")
INPUT = frozenset({"-", "/dev/stdin"})
"""Names of the standard input."""
AHEAD = 6
"""Files in the readers' hands at once; more would only lie in memory."""


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument(
        "files", nargs="+", metavar="FILE", type=Path, help="report files, or folders of them; - for standard input"
    )
    options.add_argument("--url", help="the address the file was fetched from")
    options.add_argument("--media-type", metavar="T", help="what the server called it")
    output.recognition_option(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Read every file; exit 1 if one of them could not be read, 2 if none exists."""
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415

    files = [path for given in arguments.files for path in _files(given)]
    if not any(_is_input(path) or path.is_file() for path in files):
        raise UsageError(_nothing(arguments.files))
    tally = Tally()
    rows: list[dict[str, Any]] = []
    with Cage(ocr=not arguments.no_ocr) as cage:
        for number, row in _read_all(cage, files, arguments):
            _progress(number, len(files), row["file"])
            tally.add(row)
            if arguments.nl:
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            else:
                rows.append(row if arguments.json else _brief(row))
    _progress(0, 0, "")
    if not arguments.nl:
        output.emit(rows, arguments, COLUMNS, empty="Nothing to read.")
    if tally.files > 1:
        output.note(tally.told())
    return 1 if tally.errors else 0


def _files(given: Path) -> list[Path]:
    """The files a name stands for; what of a folder is neither file nor folder is named, for it is not read."""
    if not given.is_dir():
        return [given]
    found = sorted(path for path in given.rglob("*") if not path.is_dir())
    for path in found:
        if not path.is_file():
            why = "a link that leads nowhere" if path.is_symlink() else "not a regular file"
            output.note(f"{visible(path)} is {why}: not read")
    return [path for path in found if path.is_file()]


def _is_input(path: Path) -> bool:
    return str(path) in INPUT


def _nothing(given: list[Path]) -> str:
    """Why there is nothing to read."""
    names = ", ".join(map(visible, given))
    if all(path.is_dir() for path in given):
        return (
            f"{names}: the folder holds no file to read." if len(given) == 1 else f"The folders {names} hold no file."
        )
    return f"There is no file {names}; name the files to read."


def visible(path: Path) -> str:
    r"""A file's name that can be printed: bytes that are no UTF-8 stand as ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _progress(number: int, total: int, file: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{number}/{total} {output.clip(output.clean(file), 60)}" if total else "\r\x1b[K")


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "observations": len(row["observations"]), "findings": len(row["findings"])}


class Tally:
    """What was read so far, by state, kind and form, for the line at the end."""

    def __init__(self) -> None:
        self.files = 0
        self.errors = 0
        self._states: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._observations = 0

    def add(self, row: dict[str, Any]) -> None:
        """Count one file."""
        self.files += 1
        self.errors += row["error"] is not None
        self._states[row.get("state") or "missing"] += 1
        self._kinds[" ".join(filter(None, (row["kind"] or row.get("rejected") or "—", row["form"])))] += 1
        self._observations += len(row["observations"])

    def told(self) -> str:
        """The summary, two lines."""
        states = ", ".join(f"{name} {count}" for name, count in self._states.most_common())
        kinds = ", ".join(f"{name} {count}" for name, count in self._kinds.most_common())
        return f"{self.files} 份文件 files: {states}; {self._observations} 个数值 figures\n类别 kinds: {kinds}"


def _read_all(cage: Cage, files: list[Path], arguments: argparse.Namespace) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every file's rows in the files' order, some files read ahead at the same time; numbered from 1."""
    waiting: deque[tuple[int, Path, str | None, Future[Reading] | str]] = deque()
    for number, path in enumerate(files, 1):
        try:
            payload = sys.stdin.buffer.read() if _is_input(path) else _bytes_of(path)
        except OSError as error:
            waiting.append((number, path, None, f"{visible(path)} cannot be read: {error.strerror}."))
        else:
            future = cage.submit(
                payload,
                url=arguments.url,
                media_type=arguments.media_type,
                name=None if _is_input(path) else visible(Path(path.name)),
            )
            waiting.append((number, path, shown(digest_of(payload)), future))
        if len(waiting) >= AHEAD:
            yield from _told(*waiting.popleft())
    while waiting:
        yield from _told(*waiting.popleft())


def _bytes_of(path: Path) -> bytes:
    """A file's bytes.  Raises OSError, also for what would never end: a pipe, a device."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file")
    return path.read_bytes()


def _told(
    number: int, path: Path, digest: str | None, found: Future[Reading] | str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """One file's row, or a row for each member of a bundle; the bundle itself too when not all of it was read."""
    if isinstance(found, str):
        yield number, unread(visible(path), found)
        return
    reading = found.result()
    for name, member in reading.members:
        yield number, described(f"{visible(path)}!{name}", member_digest(member), member)
    if not reading.members or reading.conversion.error is not None:
        yield number, described(visible(path), digest, reading)


def member_digest(member: Reading) -> str | None:
    """The digest of a bundle's member; None when its bytes could not be had."""
    return dict(member.conversion.meta).get("bundle:digest")


def unread(file: str, error: str) -> dict[str, Any]:
    """The entry of a file of which nothing could be had."""
    from dataclasses import asdict  # noqa: PLC0415

    from archive.model import Contacts  # noqa: PLC0415

    lacking = (
        "media_type", "digest", "converter", "state", "title", "publisher", "year", "kind", "rejected", "form",
        "published", "written", "text",
    )  # fmt: skip
    empty: dict[str, Any] = {
        "sections": [], "contacts": asdict(Contacts()), "document_numbers": [], "observations": [], "findings": [], "rules": {},
    }  # fmt: skip
    return {"file": file, **dict.fromkeys(lacking), **empty, "error": error}


def described(file: str, digest: str | None, reading: Reading) -> dict[str, Any]:
    """A reading as the interface prints it."""
    from dataclasses import asdict  # noqa: PLC0415

    from archive.figures import place_dict  # noqa: PLC0415

    conversion = reading.conversion
    return {
        "file": file,
        "media_type": conversion.media_type,
        "digest": digest,
        "converter": {"name": conversion.converter.name, "version": conversion.converter.version},
        "state": conversion.state,
        "title": reading.title,
        "publisher": reading.publisher,
        "year": reading.year,
        "kind": reading.kind,
        "rejected": reading.rejected,
        "form": reading.form,
        "published": reading.published,
        "written": reading.written,
        "text": reading.text,
        "sections": [asdict(section) for section in reading.sections],
        "contacts": asdict(reading.contacts),
        "document_numbers": list(reading.document_numbers),
        "observations": [
            {
                "indicator": item.indicator, "value": item.value, "status": item.status, "raw": item.raw,
                "unit": item.unit, "where": place_dict(item.where),
            }
            for item in reading.observations
        ],
        "findings": [
            {"rule": item.rule, "level": item.level, "message": item.message, "indicators": list(item.indicators)}
            for item in reading.findings
        ],
        "rules": dict(reading.rules),
        "error": _error(conversion),
    }  # fmt: skip


def _error(conversion: Conversion) -> str | None:
    """Why a file could not be read, or not all of it; None when it was read whole."""
    if conversion.state == "ok" and conversion.error is None:
        return None
    state = "partly" if conversion.state == "ok" else conversion.state
    return f"{state}: {conversion.error or 'nothing could be read'}"
