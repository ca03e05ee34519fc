"""List findings: recorded doubts about what reports print (a total that is no sum, a figure the text contradicts).

examples:
  nianlun findings --year 2019
  nianlun findings --publisher 商务厅 --json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = ("report", "publisher", "year", "rule", "level", "message")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    output.filter_options(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings."""
    from archive.query import findings  # noqa: PLC0415

    wanted = output.filters(arguments)
    rows = findings(output.reading(arguments), wanted)
    output.emit(rows, arguments, COLUMNS, empty="No finding matches. · 没有符合条件的疑点。")
    return 0
