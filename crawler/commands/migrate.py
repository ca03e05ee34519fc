"""Bring an archive of an older nianlun up to this one; a copy is kept beside it first.

Each migration is a transaction of its own: one that is stopped leaves the state before it, and the same command
goes on from there.  Without room for the copy nothing is migrated.

examples:
  nianlun migrate --archive old.db

exit codes: 0 up to date, 2 no archive or one of a newer program, 4 stopped early or no room; run it again.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Apply what is pending, each migration in a transaction of its own."""
    from archive import migrations  # noqa: PLC0415
    from archive.connection import OlderArchive, lease, open_reading, open_writing  # noqa: PLC0415
    from archive.store import Store  # noqa: PLC0415

    path = output.archive_path(arguments)
    _recover(path)
    try:
        open_reading(path).close()
    except OlderArchive:
        pass
    else:
        sys.stdout.write(f"{path} is up to date. · 已是最新。\n")
        return 0
    with lease(path):
        output.note(f"Copying {path} before it is changed. · 先备份。")
        connection = open_writing(path)
        names = ", ".join(migrations.applied(connection))
        Store(connection).close()
    sys.stdout.write(f"{path} now holds {names}; the old file lies beside it as {path.name}.before-….\n")
    return 0


def _recover(path: Path) -> None:
    """Repair what a writer who was killed left beside the archive, unless another writes at this moment."""
    from archive.connection import ArchiveBusy, recover  # noqa: PLC0415

    if any(path.with_name(f"{path.name}{suffix}").exists() for suffix in ("-wal", "-journal")):
        with contextlib.suppress(ArchiveBusy):
            recover(path)
