"""Show one report: as it is, as a revision states it, or as it was on a day.

REPORT is an id, an address, or publisher:year.

examples:
  nianlun show 石嘴山市商务局:2023
  nianlun show 12 --at 2024-03-01 --text
  nianlun show 12 --revision 1 --raw > page.html
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from crawler import output

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("report", metavar="REPORT")
    when = options.add_mutually_exclusive_group()
    when.add_argument("--revision", type=int, metavar="N", help="this revision")
    when.add_argument("--at", metavar="TIME", help="as it was then (ISO 8601)")
    form = options.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything, as one JSON object")
    form.add_argument("--text", action="store_true", help="the text only")
    form.add_argument("--raw", action="store_true", help="the page's bytes as fetched")
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the report."""
    from archive import history  # noqa: PLC0415

    at = output.moment(arguments.at, "--at")
    sql = output.reading(arguments)
    if arguments.raw:
        sys.stdout.buffer.write(history.raw(sql, arguments.report, n=arguments.revision, at=at))
        return 0
    report = history.show(sql, arguments.report, n=arguments.revision, at=at)
    if arguments.json:
        output.emit_one(report)
    elif arguments.text:
        sys.stdout.write("\n".join(map(output.clean, (report["text"] or "").splitlines())) + "\n")
    else:
        _card(report)
    return 0


def _card(report: dict[str, Any]) -> None:
    names = ("id", "title", "publisher", "year", "kind", "form", "published", "written", "state", "url", "captured")
    for name in names:
        sys.stdout.write(f"{name:>12}  {output.clean(report[name])}\n")
    sys.stdout.write(
        f"{'revision':>12}  {report['revision']} of {report['revisions']}  {output.clean(report['summary'])}\n"
    )
    for part in report["parts"]:
        sys.stdout.write(
            f"{part['role']:>12}  {output.clean(part['name'] or part['url'])} {part['state']} {part['digest']}\n"
        )
    for item in report["findings"]:
        sys.stdout.write(f"{item['level']:>12}  {item['rule']} {output.clean(item['message'])}\n")
    figures = [row for row in report["observations"] if row["value"] not in (None, 0)]
    blank = sum(row["status"] != "ok" and row["status"] != "text" for row in report["observations"])
    sys.stdout.write(f"\n{len(report['observations'])} figures, {blank} without a value; those that are not 0:\n")
    if figures:
        sys.stdout.write(output.table(figures, ("id", "indicator", "value", "raw", "unit", "status")))
    sys.stdout.write("\n" + "\n".join(map(output.clean, (report["text"] or "").splitlines()[:12])) + "\n")
    sys.stdout.write(f"\n`nianlun show {report['id']} --text` prints the whole text.\n")
