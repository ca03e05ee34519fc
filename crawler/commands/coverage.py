"""Publisher × year: which reports are on time, late, missing, gone, blocked, unreadable or not yet due.

missing: a crawl after the due date read the portal's lists and the report was not there; blocked: every crawl since
then was turned away (by a block, a dead host, robots.txt), so nobody could look; not-due: nobody has looked since it
was due.  `crawls` are the ids of the crawls that say so (`nianlun crawls`, `nianlun requests ID`).

examples:
  nianlun coverage --state missing
  nianlun coverage --publisher 商务厅 --matrix
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse

COLUMNS = ("publisher", "year", "state", "published", "due", "report", "crawls", "portal")
SIGNS = {
    "on-time": "●", "late": "◐", "missing": "×", "gone": "†", "blocked": "?", "unreadable": "□", "not-due": "·",
}  # fmt: skip
"""What a cell of the grid shows."""


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    options.add_argument("--publisher", metavar="P", help="the publisher's name, or a part of it")
    options.add_argument("--year", type=int, metavar="Y", help="the year reported on")
    options.add_argument("--portal", metavar="N", help="the portal's name in the register")
    options.add_argument("--state", metavar="S", help=", ".join(SIGNS))
    options.add_argument("--matrix", action="store_true", help="a grid of publishers and years")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the matrix, as rows or as a grid."""
    from archive.coverage import coverage  # noqa: PLC0415

    if arguments.state is not None and arguments.state not in SIGNS:
        raise UsageError(f"There is no state {arguments.state!r}; there are {', '.join(SIGNS)}.")
    rows = coverage(
        output.reading(arguments),
        publisher=arguments.publisher,
        year=arguments.year,
        portal=arguments.portal,
        state=arguments.state,
    )
    if arguments.matrix and rows and not (arguments.json or arguments.nl or arguments.csv):
        sys.stdout.write(matrix(rows))
        return 0
    output.emit(rows, arguments, COLUMNS, empty="No such report, and none expected. · 没有相应的年报。")
    return 0


def matrix(rows: list[dict[str, Any]]) -> str:
    """A grid with a sign for each state, and what the signs mean."""
    years = sorted({row["year"] for row in rows})
    lines: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = lines.setdefault(row["publisher"], {"publisher": row["publisher"]})
        line[str(row["year"])] = SIGNS[row["state"]]
    grid = output.table(list(lines.values()), ("publisher", *map(str, years)))
    return grid + "\n" + "  ".join(f"{sign} {state}" for state, sign in SIGNS.items()) + "\n"
