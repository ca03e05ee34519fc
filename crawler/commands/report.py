"""Report what crawls saw: new, changed, missing, gone, back, moved; and what stood in their way: blocked, short, failed.

Without --crawl and --since: the crawls that ended within a day before the last one did.

examples:
  nianlun report
  nianlun report --since 2027-01-01 --html > january.html
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    which = options.add_mutually_exclusive_group()
    which.add_argument("--crawl", type=int, metavar="ID", help="only this crawl")
    which.add_argument("--since", metavar="TIME", help="the crawls that ended since then (ISO 8601)")
    form = options.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object on standard output")
    form.add_argument("--html", action="store_true", help="one HTML page")
    form.add_argument("--text", action="store_true", help="plain text (the default)")


def run(arguments: argparse.Namespace) -> int:
    """Print the report; exit 1 when something stood in a crawl's way."""
    from archive.events import crawls_since  # noqa: PLC0415
    from crawler.reporting import report as reports  # noqa: PLC0415
    from crawler.reporting.text import page, text  # noqa: PLC0415

    since = output.moment(arguments.since, "--since")
    with closing(output.reading(arguments)) as sql:
        crawls = [arguments.crawl] if arguments.crawl is not None else crawls_since(sql, since)
        found = reports.of(sql, crawls, round(time.time() * 1000))
    if arguments.crawl is not None and not found.visits:
        raise UsageError(f"There is no crawl {arguments.crawl}; `nianlun crawls` lists them.")
    if arguments.json:
        output.emit_one(found.as_dict())
    else:
        sys.stdout.write(page(found) if arguments.html else text(found))
    return 1 if any(visit.is_trouble for visit in found.visits) else 0
