"""List figures: one row per indicator, report and source, each with an id for `nianlun trace`.

examples:
  nianlun observations --publisher 商务厅 --year 2023
  nianlun observations --indicator applications.received.total --csv > received.csv
  nianlun observations --indicator applications.received --revision all --nl
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse

COLUMNS = ("id", "publisher", "year", "revision", "indicator", "value", "status", "raw", "unit", "source")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    output.filter_options(options)
    options.add_argument("--indicator", metavar="CODE", help="an indicator's code, or the beginning of codes")
    options.add_argument("--revision", default="latest", metavar="N", help="latest (default), all, or a number")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the observations."""
    from archive.query import observations  # noqa: PLC0415

    if arguments.revision not in ("latest", "all") and not arguments.revision.isdecimal():
        raise UsageError(f"--revision {arguments.revision!r}: write latest, all, or a number.")
    wanted = output.filters(arguments)
    rows = observations(
        output.reading(arguments),
        wanted,
        indicator=arguments.indicator,
        revision=arguments.revision,
    )
    output.emit(rows, arguments, COLUMNS, empty="No figure matches. · 没有符合条件的数值。")
    return 0
