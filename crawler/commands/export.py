"""Export the archive in a form other programs read: warc, wacz, bagit, prov, parquet, csv, bundle.

DEST must not exist; it appears under its name only when it is complete.  The archive may be written meanwhile: an
export holds one moment of it.  Equal archives give equal files.

  warc     DEST.warc.gz   WARC/1.1: requests, responses, revisits, texts
  wacz     DEST.wacz      the same with an index and the reports' pages, to be replayed in a browser
  bagit    DEST/          a bag (RFC 8493) with the files under readable names, texts and tables
  prov     DEST.json      W3C PROV-JSON: what was made from what, by whom and when
  parquet  DEST/          tables for DuckDB, Spark, pandas; observations in one folder a year
  csv      DEST/          the same tables as CSV, with no cell a spreadsheet would execute
  bundle   DEST/ or .zip  evidence, data, data dictionary, and a program that checks them without this one

warc and wacz are narrowed by --portal, --crawl and --at; the others by --publisher, --year, --portal, --kind, --at.

examples:
  nianlun export warc nianlun.warc.gz
  nianlun export parquet figures/ --revision all
  nianlun export bundle shizuishan-2019.zip --publisher 石嘴山市商务局 --year 2019
  nianlun export csv tables/ --year 2023 --dry-run
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    import sqlite3

    from archive.exporters.interface import Kind, Scope
KINDS = ("warc", "wacz", "bagit", "prov", "parquet", "csv", "bundle")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("form", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    options.add_argument("destination", metavar="DEST", type=Path, help="the file or folder to make")
    output.archive_option(options)
    output.filter_options(options)
    options.add_argument("--crawl", type=int, metavar="ID", help="warc, wacz: the captures of one crawl")
    options.add_argument(
        "--revision",
        choices=("latest", "all"),
        help="of each report (default: latest for csv and parquet, all for bagit, prov and bundle)",
    )
    options.add_argument("--bom", action="store_true", help="csv: begin with a byte order mark, for old spreadsheets")
    options.add_argument("--observations", action="store_true", help="prov: name every figure by itself")
    options.add_argument("--dry-run", action="store_true", help="say what would be exported, and write nothing")
    options.add_argument("--json", action="store_true", help="the outcome as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Export, or say what would be exported."""
    from archive.exporters.interface import KINDS as FORMS  # noqa: PLC0415
    from archive.exporters.interface import export, planned  # noqa: PLC0415

    scope = _scope(arguments, FORMS[arguments.form])
    sql = output.reading(arguments)
    _known(sql, arguments)
    if arguments.dry_run:
        found = {"file": str(arguments.destination), "kind": arguments.form, **planned(arguments.form, sql, scope)}
        _tell(found, arguments.json, "would hold")
        return 0
    say = output.note if sys.stderr.isatty() else None
    found = export(arguments.form, sql, arguments.destination, scope, say)
    _tell(found, arguments.json, "holds")
    for problem in found["problems"]:
        output.note(f"{problem}; `nianlun verify` says more. The rest was exported.")
    return 1 if found["problems"] else 0


def _scope(arguments: argparse.Namespace, kind: Kind) -> Scope:
    from archive.exporters.interface import Scope  # noqa: PLC0415

    unfit = {
        "--publisher": kind.captures and arguments.publisher,
        "--year": kind.captures and arguments.year is not None,
        "--kind": kind.captures and arguments.kind,
        "--revision": kind.captures and arguments.revision,
        "--crawl": not kind.captures and arguments.crawl is not None,
        "--bom": arguments.bom and arguments.form not in ("csv", "bundle", "bagit"),
        "--observations": arguments.observations and arguments.form != "prov",
    }
    wrong = [name for name, given in unfit.items() if given]
    if wrong:
        raise UsageError(f"{arguments.form} does not take {wrong[0]}; `nianlun export --help` says which options fit.")
    return Scope(
        filters=output.filters(arguments),
        crawl=arguments.crawl,
        revision=arguments.revision or kind.revision,
        bom=arguments.bom,
        observations=arguments.observations,
    )


def _known(sql: sqlite3.Connection, arguments: argparse.Namespace) -> None:
    """Refuse a crawl or a portal that is not in the archive: an export of nothing would look like one of something."""
    from archive.query import crawls  # noqa: PLC0415

    if arguments.crawl is None and arguments.portal is None:
        return
    found = crawls(sql)
    if arguments.crawl is not None and arguments.crawl not in {row["id"] for row in found}:
        raise UsageError(f"There is no crawl {arguments.crawl} in the archive; `nianlun crawls` lists them.")
    if arguments.portal is not None and arguments.portal not in {row["portal"] for row in found}:
        raise UsageError(f"There is no portal {arguments.portal!r} in the archive; `nianlun crawls` names them.")


def _tell(found: dict[str, Any], as_json: bool, verb: str) -> None:
    if as_json:
        output.emit_one(found)
        return
    counts = found.get("counts") or {name: value for name, value in found.items() if name not in ("file", "kind")}
    listed = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in counts.items()) or "nothing"
    size = f" ({found['bytes']} bytes)" if "bytes" in found else ""
    sys.stdout.write(f"{found['file']} {verb} {listed}{size}\n")
    for name in ("digest", "head"):
        if name in found:
            sys.stdout.write(f"{name} {found[name]}\n")
