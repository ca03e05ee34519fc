"""Check an archive: every payload against its digest, every row against the log, the log against its heads.

examples:
  nianlun verify
  nianlun verify --head sha256:1f3a…      a head you kept elsewhere: detects any edit, deletion or roll-back
  nianlun verify --rebuild                first write texts, figures, listings and search again from the payloads

--rebuild is the only form that writes: what follows from payloads is restored where it is damaged, and only to what
the log witnesses.  Then everything is checked as ever, and what remains is named.

exit codes: 0 sound, 1 something is not as it was written, 2 wrong usage or no archive.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("--head", metavar="DIGEST", help="a root of the log that was kept elsewhere")
    options.add_argument("--json", action="store_true", help="one JSON object: sound, log, troubles")
    options.add_argument("--rebuild", action="store_true", help="restore what follows from the payloads, then check")
    output.recognition_option(options)
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Print what is wrong; exit 1 if anything is."""
    from archive.verify import state, verify  # noqa: PLC0415

    if arguments.head is not None:
        _checked_head(arguments.head)
    if arguments.rebuild:
        _rebuild(arguments)
    sql = output.reading(arguments)
    say = None if arguments.json or not sys.stderr.isatty() else (lambda name: output.note(f"checking {name}"))
    troubles = verify(sql, head=arguments.head, progress=say)
    log = state(sql)
    if arguments.json:
        output.emit_one({"sound": not troubles, "log": log, "troubles": [item.as_dict() for item in troubles]})
    else:
        for item in troubles:
            sys.stdout.write(f"{item.what} {item.row}: {output.clean(item.message)}\n")
        verdict = "sound · 完好" if not troubles else f"{len(troubles)} troubles · 发现问题"
        sys.stdout.write(f"{verdict}; log of {log['size']} entries, head {log['root']}\n")
    return 1 if troubles else 0


def _checked_head(head: str) -> None:
    from archive.verify import digest_text  # noqa: PLC0415

    try:
        digest_text(head)
    except ValueError as error:
        raise UsageError(f"--head: {error}, as `nianlun log head` printed it.") from error


def _rebuild(arguments: argparse.Namespace) -> None:
    """Restore what follows from the payloads, and say what was restored and what could not be."""
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.store import writer  # noqa: PLC0415
    from crawler.commands.reconvert import portals_of  # noqa: PLC0415
    from crawler.run import reading_software  # noqa: PLC0415
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415
    from pipelines.rebuild import rebuild  # noqa: PLC0415

    path = output.archive_path(arguments)
    open_reading(path).close()
    say = (lambda name: output.note(f"rebuilding {name}")) if sys.stderr.isatty() else None
    with writer(path) as store, Cage(ocr=not arguments.no_ocr) as cage:
        software = store.software_id(reading_software(ocr=not arguments.no_ocr))
        found = rebuild(store, cage, software, portals_of(store.sql), say)
    output.note(f"{found.texts} texts and {found.readings} readings restored. · 已恢复。")
    for number, why in found.lost:
        output.note(f"reading {number} could not be restored: {why}")
