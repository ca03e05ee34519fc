"""List what happened to reports: published, edited in silence, withdrawn, came back, moved.

examples:
  nianlun changes --since 2024-02-01
  nianlun changes --crawl 2 --json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = ("seen", "event", "report", "revision", "summary", "url")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    options.add_argument("--since", metavar="TIME", help="only what was seen since then (ISO 8601)")
    options.add_argument("--crawl", type=int, metavar="ID", help="only what this crawl saw")
    options.add_argument("--all", action="store_true", help="on a terminal: show cosmetic changes too")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the changes."""
    from archive.query import changes  # noqa: PLC0415

    since = output.moment(arguments.since, "--since")
    rows = changes(output.reading(arguments), since=since, crawl=arguments.crawl)
    if not (arguments.json or arguments.nl or arguments.csv or arguments.all):
        rows = [row for row in rows if row["event"] != "cosmetic"]
    output.emit(rows, arguments, COLUMNS, empty="Nothing changed. · 没有变动。")
    return 0
