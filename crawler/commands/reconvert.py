"""Read every stored payload again with the readers of today, keep both readings, and print what differs.

For after an upgrade, or after installing an extra (text recognition, bundles): files that could not be read
before are read now.  Nothing is fetched, and no earlier reading is changed.  A run that was stopped goes on
where it was.

examples:
  nianlun reconvert --dry-run                what would differ; nothing is written
  nianlun reconvert --json > differences.json
  nianlun reconvert --dry-run --again        compare even what these readers have read already

exit codes: 0 nothing differs, 1 differences or reports that cannot be read any more, 2 wrong usage.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from crawler import output

if TYPE_CHECKING:
    import argparse
    import sqlite3

    from archive.store import Store
    from pipelines.reconvert import Again

COLUMNS = ("publisher", "year", "revision", "indicator", "before", "after", "before_raw", "after_raw")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    options.add_argument("--dry-run", action="store_true", help="only print the differences, write nothing")
    options.add_argument("--again", action="store_true", help="with --dry-run: also what these readers read before")
    output.recognition_option(options)
    options.add_argument("--quiet", action="store_true", help="no progress on standard error")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Read again; exit 1 when something differs."""
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.store import writer  # noqa: PLC0415
    from crawler.exceptions import UsageError  # noqa: PLC0415

    if arguments.again and not arguments.dry_run:
        raise UsageError("--again only compares: give it with --dry-run.")
    path = output.archive_path(arguments)
    open_reading(path).close()
    with writer(path) as store:
        rows, lost = _read_again(store, arguments)
    output.emit(rows, arguments, COLUMNS, empty="Nothing differs. · 没有差异。")
    return 1 if rows or lost else 0


def _read_again(store: Store, arguments: argparse.Namespace) -> tuple[list[dict[str, Any]], int]:
    from crawler.run import reading_software  # noqa: PLC0415
    from pipelines.across import compare_years  # noqa: PLC0415
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415
    from pipelines.reconvert import reconvert, waiting  # noqa: PLC0415

    software = store.software_id(reading_software(ocr=not arguments.no_ocr))
    total = waiting(store, software, again=arguments.again)
    portals = portals_of(store.sql)
    store.commit()
    rows: list[dict[str, Any]] = []
    lost = 0
    with Cage(ocr=not arguments.no_ocr) as cage:
        found = reconvert(store, cage, software, portals, keep=not arguments.dry_run, again=arguments.again)
        for number, again in enumerate(found, 1):
            _progress(number, total, arguments)
            rows += again.differences
            lost += _is_lost(again)
    if not arguments.dry_run:
        compare_years(store)
        store.commit()  # before anything is said of it
    if not arguments.quiet:
        verb = "would be read" if arguments.dry_run else "read"
        said = (
            f"{total} revisions {verb} again, {len(rows)} differences. · 重新读取 {total} 个版本，{len(rows)} 处差异。"
        )
        output.note(said)
    return rows, lost


def portals_of(sql: sqlite3.Connection) -> dict[int, Any]:
    """The register's entries as the archive keeps them, by their rows."""
    from pipelines.serial import portal_from_json  # noqa: PLC0415

    return {row["id"]: portal_from_json(row["entry"]) for row in sql.execute("SELECT id, entry FROM portal")}


def _is_lost(again: Again) -> bool:
    if again.lost is None:
        return False
    output.note(
        f"Report {again.report}, revision {again.revision} is no report to these readers ({again.lost});"
        " its earlier reading stands."
    )
    return True


def _progress(number: int, total: int, arguments: argparse.Namespace) -> None:
    if not arguments.quiet and sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{number}/{total}" if number < total else "\r\x1b[K")
