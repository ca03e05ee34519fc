"""The hosts of the simulated country: one module a content system, each with its ``HOSTS`` by short name.

``PECULIAR`` are those that a plain client cannot read as it reads the others.

A module's docstring says what of its system it reproduces, and what in it is volatile, wrong or a trap
(rules of the field guide, by section).  A new module in this room is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.simulator.site import Host

FIRST = "trs"
"""The host that comes first, and so answers where a client names no host."""


def known() -> dict[str, Host]:
    """Every ordinary host by its short name, :data:`FIRST` first, the others by the alphabet."""
    found = _collected("HOSTS")
    return {name: found[name] for name in sorted(found, key=lambda name: (name != FIRST, name))}


def peculiar() -> dict[str, Host]:
    """The hosts a plain client cannot read as it reads the others: walls, frames, moved names, odd files."""
    return dict(sorted(_collected("PECULIAR").items()))


def _collected(name: str) -> dict[str, Host]:
    found: dict[str, Host] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= getattr(importlib.import_module(f"{__name__}.{module.name}"), name, {})
    return found
