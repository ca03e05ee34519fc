"""Merge shards, archives that other machines or colleagues filled, into one archive: their union.

Whatever the order and however often, the result is the same: what is there already is left as it is.  Each shard is
checked byte by byte first and goes in whole or not at all; reports that both sides know are told anew from all that
is known of them, and each shard's head is kept as an entry of the log.  The archive is made when there is none.

examples:
  nianlun merge north.db south.db
  nianlun merge --dry-run shards/*.db        what would come in; nothing is written
  nianlun merge --trust big.db               without checking every byte first (`nianlun verify` later)

exit codes: 0 merged, 1 a shard is damaged or contradicts the archive and was left out, 2 a file is no archive,
4 the disk is full.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output

if TYPE_CHECKING:
    import argparse

    from archive.store import Store

COLUMNS = ("shard", "crawls", "captures", "payloads", "reports", "revisions", "readings", "changes", "retold")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("shards", metavar="SHARD", nargs="+", type=Path, help="an archive to merge in")
    output.archive_option(options)
    options.add_argument("--dry-run", action="store_true", help="only say what would come in; write nothing")
    options.add_argument("--trust", action="store_true", help="check only the schema and the log of each shard")
    options.add_argument("--quiet", action="store_true", help="no progress on standard error")
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Merge every shard in turn."""
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.store import writer  # noqa: PLC0415
    from crawler.exceptions import UsageError  # noqa: PLC0415

    path = output.archive_path(arguments)
    for shard in arguments.shards:
        if shard.is_dir():
            raise UsageError(f"{shard} is a folder; name the archives in it, as {shard}/*.db.")
        open_reading(shard).close()  # a wrong name is said before anything is made
        if path.exists() and path.samefile(shard):
            raise UsageError(f"{shard} is the archive itself; name the shards to merge into it.")
    if arguments.dry_run and not path.exists():
        raise UsageError(f"There is no archive at {path} to compare with; a merge without --dry-run makes it.")
    with writer(path) as store:
        rows, failed = _merge_all(store, arguments)
    output.emit(rows, arguments, COLUMNS, empty="Nothing was merged. · 没有合并。")
    return 1 if failed else 0


def _merge_all(store: Store, arguments: argparse.Namespace) -> tuple[list[dict[str, Any]], int]:
    from archive.merging import UnsoundShard, merge  # noqa: PLC0415
    from pipelines.across import compare_years  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    failed = 0
    for shard in arguments.shards:
        try:
            found = merge(
                store, shard, trust=arguments.trust, keep=not arguments.dry_run, say=_progress(shard, arguments)
            )
        except UnsoundShard as error:
            output.note(str(error))
            failed += 1
        else:
            rows.append(found.as_dict())
    if not arguments.dry_run:
        compare_years(store)
        store.commit()
    return rows, failed


def _progress(shard: Path, arguments: argparse.Namespace) -> Any:
    if arguments.quiet or not sys.stderr.isatty():
        return None
    return lambda step: output.note(f"{shard.name}: {step}")
