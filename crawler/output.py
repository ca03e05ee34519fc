"""How listings are printed: a table on a terminal, JSON, JSON lines or CSV for programs; and options commands share."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import occurrences
from archive.exporters import cells
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Iterable, Sequence

Row = dict[str, Any]


def archive_option(options: argparse.ArgumentParser) -> None:
    """Add ``--archive``."""
    options.add_argument(
        "-a", "--archive", metavar="FILE", help="the archive file (default: $NIANLUN_ARCHIVE, else ./nianlun.db)"
    )


def archive_path(arguments: argparse.Namespace) -> Path:
    """The archive a command means."""
    return Path(arguments.archive or os.environ.get("NIANLUN_ARCHIVE") or "nianlun.db")


def reading(arguments: argparse.Namespace) -> sqlite3.Connection:
    """Open the archive a command means, read-only."""
    from archive.connection import open_reading  # noqa: PLC0415

    return open_reading(archive_path(arguments))


def recognition_option(options: argparse.ArgumentParser) -> None:
    """Add ``--no-ocr``."""
    options.add_argument(
        "--no-ocr", action="store_true", help="do not recognise the text of scans (2 s a page); reconvert can later"
    )


def format_options(options: argparse.ArgumentParser) -> None:
    """Add ``--json``, ``--nl`` and ``--csv``."""
    group = options.add_mutually_exclusive_group()
    group.add_argument("--json", action="store_true", help="one JSON array on standard output")
    group.add_argument("--nl", action="store_true", help="one JSON object a line")
    group.add_argument("--csv", action="store_true", help="CSV, UTF-8")


def filter_options(options: argparse.ArgumentParser) -> None:
    """Add the filters that all questions about reports share."""
    options.add_argument("--publisher", metavar="P", help="the publisher's name, or a part of it")
    options.add_argument("--year", type=int, metavar="Y", help="the year reported on")
    options.add_argument("--portal", metavar="N", help="the portal's name in the register")
    options.add_argument("--kind", metavar="K", help="disclosure, rule-of-law, website, accounts, other-annual")
    options.add_argument(
        "--at", metavar="TIME", help="as the archive knew it then (ISO 8601; a day means its end, UTC)"
    )


def filters(arguments: argparse.Namespace) -> Any:
    """The filters a command was given; raises :class:`UsageError` for a time that cannot be read."""
    from archive.query import Filters  # noqa: PLC0415

    return Filters(
        publisher=arguments.publisher,
        year=arguments.year,
        portal=arguments.portal,
        kind=arguments.kind,
        at=moment(getattr(arguments, "at", None), "--at"),
    )


def moment(text: str | None, option: str) -> int | None:
    """A time as a user typed it, in milliseconds."""
    if text is None:
        return None
    from archive.times import parse_time  # noqa: PLC0415

    try:
        return parse_time(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option} {text!r} is no date or time; write 2024-01-31 or 2024-01-31T08:00Z.") from error


def emit(rows: Sequence[Row], arguments: argparse.Namespace, columns: Sequence[str], *, empty: str) -> None:
    """Print a listing in the form that was asked for; ``columns`` are those a terminal shows."""
    if arguments.json:
        sys.stdout.write(json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n")
    elif arguments.nl:
        for row in rows:
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    elif arguments.csv:
        _csv(rows, columns)
    elif rows:
        sys.stdout.write(table(rows, columns))
    else:
        sys.stderr.write(f"{empty}\n")


safe_cell = cells.safe_cell
"""A CSV cell that no spreadsheet executes; the rule is the exporters', so listings and exports are safe alike."""


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> None:
    names = list(rows[0]) if rows else list(columns)
    writer = csv.writer(sys.stdout)
    writer.writerow(names)
    for row in rows:
        writer.writerow([safe_cell(row.get(name)) for name in names])


clean = occurrences.clean
"""Text fit for a terminal; the rule is the archive's, so listings, reports, feeds and digests are safe alike."""


def width(text: str) -> int:
    """The columns a text takes on a terminal: wide characters take two."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text
    )


def clip(text: str, room: int) -> str:
    """Text cut to ``room`` columns, with an ellipsis when something was lost."""
    if width(text) <= room:
        return text
    found, used = [], 0
    for char in text:
        used += width(char)
        if used > room - 1:
            break
        found.append(char)
    return "".join(found) + "…"


def table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """A readable table: as wide as the terminal at most, the widest columns give way."""
    total = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else 10_000
    cells = [[clean(row.get(name)) for name in columns] for row in rows]
    rooms = [max([width(name), *(width(line[i]) for line in cells)]) for i, name in enumerate(columns)]
    while sum(rooms) + 2 * len(rooms) > total and max(rooms) > 8:
        rooms[rooms.index(max(rooms))] -= 1
    lines = [_line(list(columns), rooms), _line(["-" * room for room in rooms], rooms)]
    lines += [_line(line, rooms) for line in cells]
    return "\n".join(lines) + "\n"


def _line(texts: Iterable[str], rooms: Sequence[int]) -> str:
    parts = []
    for text, room in zip(texts, rooms, strict=True):
        short = clip(text, room)
        parts.append(short + " " * (room - width(short)))
    return "  ".join(parts).rstrip()


def emit_one(row: Row) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False, indent=1) + "\n")


def note(text: str) -> None:
    """Say something to the person, not to the pipe."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
