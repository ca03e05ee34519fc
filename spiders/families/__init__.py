"""The families, and how a page is told to be of one: by its fingerprint, never by its province or host.

The order is that of the field guide (1.0): the first family that is sure enough wins, else the generic rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiders.families.generic import Generic
from spiders.families.trs import Trs

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from spiders.families.interface import Family

GENERIC = Generic()
FAMILIES: tuple[Family, ...] = (Trs(), GENERIC)
BY_NAME: dict[str, Family] = {family.name: family for family in FAMILIES}

SURE = 0.4
"""A fingerprint below this is chance: one mark of a family can stand in a page copied from another."""


def recognise(response: TextResponse, named: str | None = None) -> Family:
    """The family of a page: the one the register names, else the first whose fingerprint is sure."""
    if named in BY_NAME:
        return BY_NAME[named]
    return next((family for family in FAMILIES if family.fingerprint(response) >= SURE), GENERIC)


def identity(url: str) -> str:
    """The key of the article an address leads to, by the first family whose address it is."""
    keys = (family.identity(url) for family in FAMILIES)
    return next(key for key in keys if key is not None)
