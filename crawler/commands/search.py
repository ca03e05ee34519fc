"""Search the texts of the reports: words of one character and more, "phrases", AND, OR, NOT, brackets.

examples:
  nianlun search 信息公开
  nianlun search '"依申请公开" AND (商务 OR 贸易) NOT 收费' --year 2023
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse

COLUMNS = ("report", "publisher", "year", "revision", "snippet")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("query", metavar="QUERY")
    options.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many reports (default 20)")
    output.archive_option(options)
    output.filter_options(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the hits."""
    from archive.query import found  # noqa: PLC0415
    from archive.search import QueryError  # noqa: PLC0415

    wanted = output.filters(arguments)
    if arguments.limit < 1:
        raise UsageError("--limit is at least 1.")
    try:
        rows = found(output.reading(arguments), arguments.query, wanted, arguments.limit)
    except QueryError as error:
        raise UsageError(str(error)) from error
    output.emit(rows, arguments, COLUMNS, empty="Nothing found. · 没有找到。")
    return 0
