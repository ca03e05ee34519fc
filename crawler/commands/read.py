"""Read report files without an archive: what they are, whose, of which year, and every figure.

examples:
  nianlun read report.html report.pdf
  nianlun read --json report.docx | jq '.[0].observations[] | select(.value > 0)'
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse

    from archive.model import Conversion, Reading
    from pipelines.convert.sandbox import Cage

COLUMNS = ("file", "kind", "form", "publisher", "year", "observations", "findings", "error")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("files", nargs="+", metavar="FILE", type=Path, help="report files, or folders of them")
    options.add_argument("--url", help="the address the file was fetched from")
    options.add_argument("--media-type", metavar="T", help="what the server called it")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Read every file; exit 1 if one of them could not be read, 2 if none exists."""
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415

    files = [path for given in arguments.files for path in _files(given)]
    if not any(path.is_file() for path in files):
        raise UsageError(f"There is no file {', '.join(map(str, arguments.files))}; name the files to read.")
    cage = Cage()
    try:
        rows = []
        for number, path in enumerate(files, 1):
            if sys.stderr.isatty():
                sys.stderr.write(f"\r\x1b[K{number}/{len(files)} {output.clip(output.clean(path.name), 60)}")
            rows += _read(cage, path, arguments)
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
    finally:
        cage.close()
    shown = rows if arguments.json or arguments.nl else [_brief(row) for row in rows]
    output.emit(shown, arguments, COLUMNS, empty="Nothing to read.")
    return 1 if any(row["error"] for row in rows) else 0


def _files(given: Path) -> list[Path]:
    if given.is_dir():
        return sorted(path for path in given.rglob("*") if path.is_file())
    return [given]


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "observations": len(row["observations"]), "findings": len(row["findings"])}


def _read(cage: Cage, path: Path, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    from archive.model import digest_of, shown  # noqa: PLC0415

    try:
        payload = path.read_bytes()
    except OSError as error:
        return [unread(str(path), f"{path} cannot be read: {error.strerror}.")]
    reading = cage.read(payload, url=arguments.url, media_type=arguments.media_type, name=path.name)
    return [described(str(path), shown(digest_of(payload)), reading)]


def unread(file: str, error: str) -> dict[str, Any]:
    """The entry of a file of which nothing could be had."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("media_type", "digest", "converter", "title", "publisher", "year", "kind", "form", "published", "text")
    )
    empty: dict[str, Any] = {"sections": [], "contacts": {}, "document_numbers": [], "observations": [], "findings": []}
    return {"file": file, **nothing, **empty, "error": error}


def described(file: str, digest: str, reading: Reading) -> dict[str, Any]:
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
    if conversion.state == "ok":
        return None
    return f"{conversion.state}: {conversion.error or 'nothing could be read'}"
