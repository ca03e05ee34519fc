"""Say which portals are due for a crawl, since when, and when the rest will be.

Without TARGET: those of the schedule file (`nianlun.toml` beside the archive), else every portal the archive has crawled.
reason: never crawled; interrupted; daily, weekly (10 January to 10 April); monthly; changed (a fortnight after something
happened); sparse (nothing found three times); cooling (it blocked us); unreachable.

examples:
  nianlun due
  nianlun due --from portals.txt --at 2027-01-31 --json
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.times import shown_time
from crawler import output

if TYPE_CHECKING:
    import argparse

    from crawler.roster import Turn

COLUMNS = ("portal", "due", "overdue", "reason", "last_crawl", "last_outcome")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("targets", nargs="*", metavar="TARGET", help="a portal's name, or a home page's address")
    output.archive_option(options)
    options.add_argument("--from", dest="source", type=Path, metavar="FILE", help="more targets, one a line")
    options.add_argument("--config", type=Path, metavar="FILE", help="the schedule file (default: nianlun.toml)")
    options.add_argument("--portals", type=Path, action="append", default=[], metavar="DIR", help="more portal files")
    options.add_argument("--at", metavar="TIME", help="as it will be then (ISO 8601; a day means its end, UTC)")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print each portal's turn."""
    from crawler import schedule_file  # noqa: PLC0415
    from crawler.roster import Roster, names  # noqa: PLC0415

    archive = output.archive_path(arguments)
    at = output.moment(arguments.at, "--at")
    file = schedule_file.find(arguments.config, archive)
    schedule = schedule_file.read(file) if file else schedule_file.Schedule()
    named = names(schedule, arguments.targets, arguments.source)
    roster = Roster(archive, named, arguments.portals, cooling=schedule.cooling)
    rows = [_row(turn) for turn in roster.turns(time.time() if at is None else at / 1000)]
    output.emit(rows, arguments, COLUMNS, empty="No portal was crawled yet; name some. · 尚未采集，请指定门户。")
    return 0


def _row(turn: Turn) -> dict[str, Any]:
    return {
        "portal": turn.due.portal,
        "due": shown_time(round(turn.due.at * 1000)),
        "reason": turn.due.reason,
        "overdue": turn.due.overdue,
        "last_crawl": turn.last.crawl if turn.last else None,
        "last_outcome": turn.last.outcome if turn.last else None,
    }
