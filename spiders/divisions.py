"""The administrative divisions of China at province and prefecture level: their GB/T 2260 codes and names.

``divisions.csv`` is the table, its head names the year.  A code has six digits: two for the province, two for the
prefecture (``90``: counties the province administers itself), two for the county; ``00`` stands for "all of it"
(field guide, 2.2).  Counties are not listed, except those that a province administers itself.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "divisions.csv"
CENTRAL = "central"
"""The folder of bodies that belong to no province."""
CENTRAL_SHORT = "cn"
"""How the names of the central bodies' portals begin."""

_DIRECT = "90"


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the table."""

    code: str
    """Six digits."""
    name: str
    """The full name, ``石嘴山市``."""
    folder: str | None
    """A province's folder below ``spiders/portals``, ``ningxia``; None below province level."""
    short: str | None
    """How the names of a province's portals begin, ``nx``: its second-level domain below .cn."""


@cache
def table() -> dict[str, Division]:
    """Every listed division by its code, in the order of the codes."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {
        row["code"]: Division(row["code"], row["name"], row["folder"] or None, row["short"] or None)
        for row in csv.DictReader(lines)
    }


def name_of(code: str) -> str | None:
    """The full name of a listed division; None for a code that is not listed."""
    found = table().get(code)
    return found.name if found else None


def code_of(name: str) -> str | None:
    """The code of a full name, ``吉林省`` or ``吉林市``; None for a name that is not listed or that several bear."""
    codes = [division.code for division in table().values() if division.name == name]
    return codes[0] if len(codes) == 1 else None


def is_known(code: str) -> bool:
    """Whether a code is listed, or a county's whose prefecture is.

    Counties below a prefecture are taken on trust: their list changes every year.
    """
    listed = table()
    if code in listed:
        return True
    shaped = len(code) == 6 and code.isdigit() and code.isascii() and code[4:] != "00"
    return shaped and code[2:4] != _DIRECT and f"{code[:4]}00" in listed


def province_of(code: str) -> Division | None:
    """The province a code lies in; None where the first two digits are no province's."""
    return table().get(f"{code[:2]}0000")


def folders() -> dict[str, Division | None]:
    """The folders of the register: every province's, and ``central``, which is no division."""
    return {division.folder: division for division in table().values() if division.folder} | {CENTRAL: None}
