"""The evidence log: its head, to be kept elsewhere, and the proof that a capture is in it.

A head is one line that stands for everything archived up to it. Whoever keeps it (on paper, in a mail, at a notary)
can later show that nothing up to then was edited, deleted or rolled back: `nianlun verify --head DIGEST`.

examples:
  nianlun log head
  nianlun log head --json >> heads.jsonl
  nianlun log proof 17 > proof.json          checked without this program by docs/verify_proof.py
  nianlun log proof 17 --head sha256:…       against a head that was kept earlier
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    verbs = options.add_subparsers(dest="verb", required=True, metavar="head|proof")
    head = verbs.add_parser("head", help="the log's size and root now")
    proof = verbs.add_parser("proof", help="what proves that a capture is in the log")
    proof.add_argument(
        "capture", type=int, metavar="CAPTURE", help="the capture's number, as history and trace print it"
    )
    proof.add_argument("--head", metavar="DIGEST", help="a head that was kept (default: the newest)")
    for verb in (head, proof):
        output.archive_option(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object (a proof always is one)")


def run(arguments: argparse.Namespace) -> int:
    """Print the head or the proof."""
    from archive import proofs  # noqa: PLC0415

    sql = output.reading(arguments)
    if arguments.verb == "head":
        found = proofs.head(sql)
        if arguments.json:
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(f"{found['root']}  {found['size']} entries  {found['at'] or ''}\n")
        return 0
    try:
        output.emit_one(proofs.proof(sql, arguments.capture, arguments.head))
    except ValueError as error:
        raise UsageError(f"--head {arguments.head!r} is no digest; write sha256:<64 hexadecimal digits>.") from error
    return 0
