"""List the register of portals: the names `nianlun crawl` knows.

examples:
  nianlun portals
  nianlun portals --json
  nianlun portals --portals my-portals/
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

COLUMNS = ("name", "title", "division", "family", "verified", "home")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("--portals", type=Path, action="append", default=[], metavar="DIR", help="more portal files")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the register."""
    from crawler.targets import register  # noqa: PLC0415

    rows = [asdict(portal) for _, portal in sorted(register(arguments.portals).items())]
    output.emit(rows, arguments, COLUMNS, empty="The register is empty.")
    return 0
