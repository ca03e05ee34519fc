"""The evidence log: its head, to be kept elsewhere, and the proof that a capture is in it.

A head is one line that stands for everything archived up to it. Whoever keeps it (on paper, in a mail, at a notary)
can later show that nothing up to then was edited, deleted or rolled back: `nianlun verify --head DIGEST`.

examples:
  nianlun log head
  nianlun log head --json >> heads.jsonl
  nianlun log proof 17 > proof.json          checked without this program by docs/verify_proof.py
  nianlun log proof 17 --head sha256:…       against a head that was kept earlier
  nianlun log head --question head.tsq       a question for a time-stamping authority (RFC 3161); nothing is sent
  nianlun log stamp head.tsr                 keep its answer beside the head (needs the extra `timestamps`)

The authority's answer is checked by anyone who has its certificate:
  openssl ts -verify -digest <64 hexadecimal digits of the head> -in head.tsr -CAfile authority.pem
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    verbs = options.add_subparsers(dest="verb", required=True, metavar="head|proof|stamp")
    head = verbs.add_parser("head", help="the log's size and root now")
    head.add_argument("--question", metavar="FILE", type=Path, help="write the question for a time-stamping authority")
    stamp = verbs.add_parser("stamp", help="keep a time-stamping authority's answer beside the head it is about")
    stamp.add_argument("answer", metavar="FILE", type=Path, help="the authority's answer, a .tsr file")
    proof = verbs.add_parser("proof", help="what proves that a capture is in the log")
    proof.add_argument(
        "capture", type=int, metavar="CAPTURE", help="the capture's number, as history and trace print it"
    )
    proof.add_argument("--head", metavar="DIGEST", help="a head that was kept (default: the newest)")
    for verb in (head, proof, stamp):
        output.archive_option(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object (a proof always is one)")


def run(arguments: argparse.Namespace) -> int:
    """Print the head or the proof, or keep a time stamp."""
    from archive import proofs  # noqa: PLC0415

    if arguments.verb == "stamp":
        return _stamp(arguments)
    sql = output.reading(arguments)
    if arguments.verb == "head":
        found = proofs.head(sql)
        if arguments.question is not None:
            _ask(arguments.question, str(found["root"]))
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


def _ask(file: Path, root: str) -> None:
    """Write the question a time-stamping authority answers."""
    from archive.timestamps import question  # noqa: PLC0415

    try:
        with file.open("xb") as out:
            out.write(question(bytes.fromhex(root.removeprefix("sha256:"))))
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}); name a new file.") from error
    output.note(f"{file} asks for a time stamp; send it as application/timestamp-query, then `nianlun log stamp`.")


def _stamp(arguments: argparse.Namespace) -> int:
    """Keep an answer beside its head."""
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.store import writer  # noqa: PLC0415
    from archive.timestamps import keep  # noqa: PLC0415

    try:
        answer = arguments.answer.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{arguments.answer} cannot be read ({error.strerror}); give the authority's answer."
        ) from error
    path = output.archive_path(arguments)
    open_reading(path).close()
    with writer(path) as store:
        found = keep(store, answer)
    if arguments.json:
        output.emit_one(found)
    else:
        sys.stdout.write(f"{found['root']} existed at {found['stamped']} · 该摘要当时已存在\n")
    return 0
