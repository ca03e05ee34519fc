"""Print every table of a report as it stands on the page, spans kept, known form or not.

REPORT is an id, an address, or publisher:year.
"""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

from crawler import output

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("report", metavar="REPORT")
    options.add_argument("--revision", type=int, metavar="N", help="this revision (default: the newest)")
    form = options.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON array of grids with their cells")
    form.add_argument("--csv", action="store_true", help="the grids one after the other, a blank line between")
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the tables."""
    from archive.grids import grids  # noqa: PLC0415

    found = grids(output.reading(arguments), arguments.report, n=arguments.revision)
    if arguments.json:
        import json  # noqa: PLC0415

        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    elif arguments.csv:
        writer = csv.writer(sys.stdout)
        for grid in found:
            writer.writerows([[output.safe_cell(text) for text in line] for line in _lines(grid)] + [[]])
    else:
        for number, grid in enumerate(found):
            sys.stdout.write(f"table {number}  {grid['rows']} × {grid['columns']}  {output.clean(grid['source'])}\n")
            names = [str(i) for i in range(grid["columns"])]
            rows = [dict(zip(names, line, strict=True)) for line in _lines(grid)]
            sys.stdout.write(output.table(rows, names) + "\n")
    return 0


def _lines(grid: dict[str, Any]) -> list[list[str]]:
    lines = [[""] * grid["columns"] for _ in range(grid["rows"])]
    for cell in grid["cells"]:
        lines[cell["row"]][cell["column"]] = cell["text"]
    return lines
