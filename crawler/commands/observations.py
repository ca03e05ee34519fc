"""List figures: one row per indicator, report and source, each with an id for `nianlun trace`.

examples:
  nianlun observations --publisher 商务厅 --year 2023
  nianlun observations --indicator applications.received.total --csv > received.csv
  nianlun observations --indicator applications.received --revision all --nl
  nianlun observations --year 2023 --parquet figures.parquet
  nianlun observations --wide --csv > wide.csv
  nianlun observations --at 2024-03-01       as the reports stood that day
  nianlun observations --read-until 2024-03-01 --software nianlun-0.1.0
                                             as they had been read by then, by that program

--wide prints one row for each report's revision and one column for each indicator: the printed number, else the
one in prose.  A cell without a number is empty, and the columns blank, missing and ambiguous list the indicators that are:
blank is not zero.  An indicator in none of them is not part of that report's form.  Tables that follow no form (local:…)
become columns only with --indicator local:.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Sequence

    from archive.readers import Readings
    from crawler.output import Row

COLUMNS = ("id", "publisher", "year", "revision", "indicator", "value", "status", "raw", "unit", "source")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    output.filter_options(options)
    options.add_argument("--indicator", metavar="CODE", help="an indicator's code, or the beginning of codes")
    options.add_argument("--revision", default="latest", metavar="N", help="latest (default), all, or a number")
    options.add_argument(
        "--software", metavar="LABEL", help="as read by this software (its label, or the beginning of it)"
    )
    options.add_argument("--read-until", metavar="TIME", help="as it had been read by then (ISO 8601)")
    options.add_argument("--wide", action="store_true", help="one row a revision, one column an indicator")
    options.add_argument("--parquet", metavar="FILE", type=Path, help="write a Parquet file; it must not exist")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the observations."""
    from archive.query import observations  # noqa: PLC0415

    if arguments.revision not in ("latest", "all") and not arguments.revision.isdecimal():
        raise UsageError(f"--revision {arguments.revision!r}: write latest, all, or a number.")
    wanted = output.filters(arguments)
    sql = output.reading(arguments)
    rows = observations(
        sql,
        wanted,
        indicator=arguments.indicator,
        revision=arguments.revision,
        readings=_readings(sql, arguments),
    )
    columns: Sequence[str] = COLUMNS
    if arguments.wide:
        from archive.exporters.wide import LOCAL, wide  # noqa: PLC0415

        columns, rows = wide(rows, local=(arguments.indicator or "").startswith(LOCAL))
    if arguments.parquet:
        return _parquet(arguments.parquet, rows, columns, wide_=arguments.wide)
    output.emit(rows, arguments, columns, empty="No figure matches. · 没有符合条件的数值。")
    return 0


def _readings(sql: sqlite3.Connection, arguments: argparse.Namespace) -> Readings:
    """Whose reading is meant, and until when."""
    from archive.readers import NoSuchReader, Readings, named  # noqa: PLC0415

    until = output.moment(arguments.read_until, "--read-until")
    if arguments.software is None:
        return Readings(until=until)
    try:
        return Readings(named(sql, arguments.software), until)
    except NoSuchReader as error:
        raise UsageError(str(error)) from error


def _parquet(file: Path, rows: Sequence[Row], columns: Sequence[str], *, wide_: bool) -> int:
    """Write the rows to a Parquet file that appears when it is whole."""
    from archive.exporters.interface import placed  # noqa: PLC0415
    from archive.exporters.parquet import LONG, library, single, wide_columns  # noqa: PLC0415

    library()
    with placed(file) as partial:
        single(str(partial), wide_columns(columns) if wide_ else LONG, rows)
    output.note(f"{file} holds {len(rows)} rows.")
    return 0
