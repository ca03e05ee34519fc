"""List what a crawl asked, and the one outcome of each request.

outcomes: fetched, revisit, redirected, gone, failed, blocked, refused (not asked; the reason says why).

examples:
  nianlun requests 3
  nianlun requests 3 --outcome refused
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = ("outcome", "status", "reason", "depth", "url")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("crawl", type=int, metavar="CRAWL", help="the crawl's id (see `nianlun crawls`)")
    options.add_argument("--outcome", help="only this outcome")
    output.archive_option(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the requests."""
    from archive.query import requests  # noqa: PLC0415

    sql = output.reading(arguments)
    if sql.execute("SELECT 1 FROM crawl WHERE id=?", (arguments.crawl,)).fetchone() is None:
        raise LookupError(f"There is no crawl {arguments.crawl}; `nianlun crawls` lists them.")
    rows = [row for row in requests(sql, arguments.crawl) if arguments.outcome in (None, row["outcome"])]
    output.emit(rows, arguments, COLUMNS, empty="No request matches. · 没有符合条件的请求。")
    return 0
