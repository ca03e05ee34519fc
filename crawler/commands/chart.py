"""Draw indicators over years: a line for each publisher, their spread, or provinces; each with the table behind it.

examples:
  nianlun chart applications.received.total > received.svg
  nianlun chart applications.received.total --publisher 商务厅 --from 2019 -o received.png
  nianlun chart review.total litigation.direct.total --publisher 商务厅 --lang en -o disputes.svg
  nianlun chart applications.received.total --kind distribution --year 2023 -o spread.svg
  nianlun chart applications.received.total --kind regions -o provinces.svg
  nianlun chart disclosure.penalties.decisions --division 64 --at 2024-03-01 -o penalties.csv
  nianlun chart applications.received.total -o received.vl.json      the same as a Vega-Lite specification

Blank is not zero: where no number is printed there is no point, and no line passes.  Where one official form gives way
to the next a dashed rule stands, and no line is drawn across it.  More than 12 publishers: the 8 with the largest newest
number have a line, a band shows the middle half of all.  Of several reports of one publisher on one year different
numbers are all drawn, hollow.  FILE's ending says what is written; it must not exist.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from archive.charts import Question


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument(
        "indicator", nargs="+", metavar="INDICATOR", help="an indicator's code; several: one below the other"
    )
    output.archive_option(options)
    options.add_argument("--kind", choices=("line", "distribution", "regions"), default="line", help="default: line")
    options.add_argument(
        "--publisher",
        action="append",
        default=[],
        metavar="P",
        help="the publisher's name, or a part of it; repeatable",
    )
    options.add_argument("--division", metavar="PREFIX", help="the first digits of a GB/T 2260 code: 64, 6402")
    options.add_argument("--year", type=int, metavar="Y", help="one year reported on")
    options.add_argument("--from", dest="since", type=int, metavar="Y", help="from this year on")
    options.add_argument("--to", dest="until", type=int, metavar="Y", help="up to this year")
    options.add_argument(
        "--at", metavar="TIME", help="as the archive knew it then (ISO 8601; a day means its end, UTC)"
    )
    options.add_argument("--lang", choices=("zh", "en"), default="zh", help="the language of titles and notes")
    options.add_argument("--width", type=int, default=860, metavar="PIXELS", help="320 to 4000; 360 suits a phone")
    options.add_argument(
        "--links", metavar="ADDRESS", help="the reading room each mark links to, such as http://127.0.0.1:8001"
    )
    options.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help=".svg, .png, .csv, .parquet or .vl.json (default: SVG to standard output)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the chart."""
    from archive.charts import charts  # noqa: PLC0415
    from archive.charts.files import FORMATS, format_of, written  # noqa: PLC0415

    form = "svg" if arguments.output is None else format_of(arguments.output.name)
    if form is None:
        endings = ", ".join(one.suffix for one in FORMATS.values())
        raise UsageError(f"{arguments.output} ends like no file a chart can be; end it with one of {endings}.")
    found = charts(output.reading(arguments), _question(arguments))
    data = written(found, form, lang=arguments.lang, width=arguments.width, link=_link(arguments.links))
    if arguments.output is None:
        sys.stdout.write(data.decode() + "\n")
        return 0
    from archive.exporters.interface import placed  # noqa: PLC0415

    with placed(arguments.output, "chart") as partial:
        partial.write_bytes(data)
    output.note(f"{arguments.output} holds {sum(1 for chart in found for _ in chart.points)} values and gaps.")
    return 0


def _question(arguments: argparse.Namespace) -> Question:
    """What is asked; raises :class:`UsageError`."""
    from archive.charts import Question  # noqa: PLC0415

    division = arguments.division
    if division is not None and not (division.isascii() and division.isdecimal() and len(division) <= 6):
        raise UsageError(f"--division {division!r}: write the first digits of a GB/T 2260 code, such as 64 or 640200.")
    if not 320 <= arguments.width <= 4000:
        raise UsageError(f"--width {arguments.width}: write a number from 320 to 4000.")
    return Question(
        indicators=tuple(dict.fromkeys(arguments.indicator)),
        kind=arguments.kind,
        publishers=tuple(arguments.publisher),
        division=division,
        year=arguments.year,
        since=arguments.since,
        until=arguments.until,
        at=output.moment(arguments.at, "--at"),
    )


def _link(links: str | None) -> Callable[[str], str] | None:
    """Makes the addresses marks link to; raises :class:`UsageError` for anything but a web address."""
    if links is None:
        return None
    if not links.startswith(("http://", "https://")):
        raise UsageError(f"--links {links!r} is no web address; write one such as http://127.0.0.1:8001.")
    return links.rstrip("/").__add__
