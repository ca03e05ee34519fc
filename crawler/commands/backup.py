"""Copy an archive to one file, whole and checked, also while a crawl is writing it.

The copy appears under its name only when it is complete; a backup that was stopped leaves none.

examples:
  nianlun backup /backups/nianlun-2024-05-01.db
  nianlun backup copy.db --json              with its head, to be kept elsewhere
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("destination", metavar="DEST", type=Path, help="the file to make; it must not exist")
    output.archive_option(options)
    options.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Make the copy."""
    from archive.backup import backup  # noqa: PLC0415

    destination: Path = arguments.destination
    if destination.exists():
        raise UsageError(f"{destination} exists and is not overwritten; name a new file.")
    if not destination.absolute().parent.is_dir():
        raise UsageError(f"The folder {destination.absolute().parent} does not exist; make it first.")
    say = output.note if sys.stderr.isatty() else None
    found = backup(output.archive_path(arguments), destination, say)
    if arguments.json:
        output.emit_one(found)
    else:
        sys.stdout.write(
            f"{found['file']}: {found['bytes']} bytes, {found['entries']} log entries, head {found['head']}\n"
        )
    return 0
