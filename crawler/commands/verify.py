"""Check an archive: every payload against its digest, every row against the log, the log against its heads.

examples:
  nianlun verify
  nianlun verify --head sha256:1f3a…      a head you kept elsewhere: detects any edit, deletion or roll-back
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
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Print what is wrong; exit 1 if anything is."""
    from archive.verify import state, verify  # noqa: PLC0415

    if arguments.head is not None and not arguments.head.strip():
        raise UsageError("--head needs the digest that `nianlun verify` printed when you kept it.")
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
