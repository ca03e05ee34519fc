"""Walk a figure back: value → cell → conversion → payload → capture → crawl.

examples:
  nianlun trace 4711
  nianlun trace 4711 --prov > figure.provn.json
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from crawler import output

if TYPE_CHECKING:
    import argparse


_HOSTS = 6
"""Hosts of a crawl's settings that are printed; the register has hundreds."""


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("observation", type=int, metavar="OBSERVATION-ID", help="see `nianlun observations`")
    form = options.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the chain as one JSON object")
    form.add_argument("--prov", action="store_true", help="the chain as W3C PROV-JSON")
    output.archive_option(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the chain."""
    from archive.provenance import prov, trace  # noqa: PLC0415

    chain = trace(output.reading(arguments), arguments.observation)
    if arguments.json or arguments.prov:
        output.emit_one(prov(chain) if arguments.prov else chain)
        return 0
    for name, step in chain.items():
        sys.stdout.write(f"{name}\n")
        for key, value in step.items():
            _line(key, value)
    return 0


def _line(key: str, value: Any) -> None:
    if key.endswith("_headers"):
        value = f"{len(value)} headers (--json prints them)"
    elif key == "settings" and len(value.get("hosts", ())) > _HOSTS:
        value = {**value, "hosts": f"{len(value['hosts'])} hosts (--json prints them)"}
    sys.stdout.write(f"  {key:<16} {output.clean(value)}\n")
