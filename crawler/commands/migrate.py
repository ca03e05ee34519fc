"""Bring an archive of an older nianlun up to this one; a copy is kept beside it first.

examples:
  nianlun migrate --archive old.db
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Apply what is pending, each migration in a transaction of its own."""
    from archive import migrations  # noqa: PLC0415
    from archive.connection import OlderArchive, lease, open_reading, open_writing  # noqa: PLC0415

    path = output.archive_path(arguments)
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
        connection.close()
    sys.stdout.write(f"{path} now holds {names}; the old file lies beside it as {path.name}.before-….\n")
    return 0
