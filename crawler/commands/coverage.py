"""Publisher × year: which reports are on time, late, missing, gone, blocked, unreadable or not yet due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = ("publisher", "year", "state", "published", "due", "report", "crawls")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the matrix as rows."""
    from archive.coverage import coverage  # noqa: PLC0415

    output.emit(coverage(output.reading(arguments)), arguments, COLUMNS, empty="No report yet. · 尚无年报。")
    return 0
