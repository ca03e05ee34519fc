"""List the annual reports in the archive.

examples:
  nianlun reports --year 2023
  nianlun reports --publisher 商务厅 --at 2024-03-01 --json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = ("id", "publisher", "year", "kind", "form", "state", "revisions", "findings", "title")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    output.filter_options(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the reports."""
    from archive.query import reports  # noqa: PLC0415

    wanted = output.filters(arguments)
    rows = reports(output.reading(arguments), wanted)
    output.emit(rows, arguments, COLUMNS, empty="No report matches. · 没有符合条件的年报。")
    return 0
