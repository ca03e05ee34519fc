"""List every capture of a report, or of any archived address, with what each meant.

REPORT is an id, an address, or publisher:year.

examples:
  nianlun history 12
  nianlun history https://www.example.gov.cn/index.html --json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = ("capture", "at", "crawl", "outcome", "status", "revision", "event", "bytes", "url")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("report", metavar="REPORT|URL")
    output.archive_option(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the captures."""
    from archive.history import history  # noqa: PLC0415

    output.emit(history(output.reading(arguments), arguments.report), arguments, COLUMNS, empty="Nothing captured.")
    return 0
