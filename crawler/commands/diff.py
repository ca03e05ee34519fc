"""Compare two revisions of a report (the last two by default): text by words, and the figures that differ.

examples:
  nianlun diff 12
  nianlun diff 12 1 3 --json
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crawler import output

if TYPE_CHECKING:
    import argparse

_MARKS = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
_COLOURS = {"=": "{}", "-": "\x1b[31m{}\x1b[0m", "+": "\x1b[32m{}\x1b[0m"}


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("report", metavar="REPORT", help="an id, an address, or publisher:year")
    options.add_argument("before", type=int, nargs="?", metavar="A", help="the earlier revision")
    options.add_argument("after", type=int, nargs="?", metavar="B", help="the later revision")
    options.add_argument("--json", action="store_true", help="one JSON object")
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the differences."""
    from archive.history import diff  # noqa: PLC0415

    found = diff(output.reading(arguments), arguments.report, arguments.before, arguments.after)
    if arguments.json:
        output.emit_one(found)
        return 0
    sys.stdout.write(f"{output.clean(found['title'])}: revision {found['before']} → {found['after']}\n")
    if found["observations"]:
        sys.stdout.write(output.table(found["observations"], ("indicator", "before_raw", "after_raw")))
    style = _COLOURS if sys.stdout.isatty() else _MARKS
    for paragraph in found["text"]:
        line = "".join(style[sort].format(output.clean(text)) for sort, text in paragraph["runs"])
        sys.stdout.write(f"§{paragraph['paragraph']} {line}\n")
    if not found["text"] and not found["observations"]:
        sys.stdout.write("No difference. · 无差异。\n")
    return 0
