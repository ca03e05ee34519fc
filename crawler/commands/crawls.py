"""List every crawl with its sums: requests, captures, new, changed, gone, blocked, refused, failed, expected, found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = (
    "id", "portal", "started", "outcome", "requests", "captures", "new", "changed", "unchanged", "gone", "back",
    "blocked", "refused", "failed", "expected", "found",
)  # fmt: skip


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the crawls."""
    from archive.query import crawls  # noqa: PLC0415

    output.emit(crawls(output.reading(arguments)), arguments, COLUMNS, empty="No crawl yet. · 尚未采集。")
    return 0
