"""Search the texts of the reports: words of one character and more, "phrases", AND, OR, NOT, brackets.

Full width and half width, Traditional and Simplified, upper and lower case, and the kinds of brackets and dashes are
alike.  A report is found when the query holds over its whole text; the newest year stands first.  There are no wild
cards, every word is found inside longer ones; AND, OR and NOT are operators in capitals only.

examples:
  nianlun search 信息公开
  nianlun search '"依申请公开" AND (商务 OR 贸易) NOT 收费' --year 2023
  nianlun search '宁政办发〔2019〕19号' --sort rank
  nianlun search 行政复议 --state gone --at 2024-03-01
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
    from archive.query import STATES  # noqa: PLC0415

    options.add_argument("query", metavar="QUERY")
    options.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many reports (default 20)")
    options.add_argument(
        "--sort", choices=("newest", "rank"), default="newest", help="newest first (default), or the best match first"
    )
    options.add_argument("--state", choices=STATES, help="the report's state, now or at --at")
    output.archive_option(options)
    output.filter_options(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the hits."""
    from dataclasses import replace  # noqa: PLC0415

    from archive.hits import found  # noqa: PLC0415
    from archive.search_query import QueryError  # noqa: PLC0415

    wanted = replace(output.filters(arguments), state=arguments.state)
    if not 1 <= arguments.limit < 1 << 31:
        raise UsageError("--limit is a number from 1 on. · --limit 至少为 1。")
    try:
        answer = found(
            output.reading(arguments), arguments.query, wanted, arguments.limit, rank=arguments.sort == "rank"
        )
    except QueryError as error:
        raise UsageError(str(error)) from error
    if arguments.sort == "rank" and not answer.ranked:
        output.note("Too many hits to rank; newest first instead. · 命中过多，无法按相关度排序，改为按时间排序。")
    output.emit(answer.rows, arguments, COLUMNS, empty="Nothing found. · 没有找到。")
    return 0
