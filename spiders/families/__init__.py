"""The families, and how a page is told to be of one: by its fingerprint, never by its province or host.

The order is that of the field guide (1.0); of two fingerprints that are equally sure the first one wins, and where
none is sure the generic rules hold.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from spiders.families.aspnet import AspNet
from spiders.families.epoint import Epoint
from spiders.families.generic import Generic
from spiders.families.gkmlpt import Gkmlpt
from spiders.families.govcn import GovCn
from spiders.families.hanweb import Hanweb
from spiders.families.hanweb_xxgk import HanwebXxgk
from spiders.families.interface import Ask
from spiders.families.jpaas import Jpaas
from spiders.families.lonsun import Lonsun
from spiders.families.nfcms import Nfcms
from spiders.families.trs import Trs
from spiders.families.truecms import TrueCms
from spiders.families.ucap import Ucap
from spiders.families.uuid import Uuid
from spiders.families.vsb import Vsb
from spiders.families.was import Was
from spiders.text import names_report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry, Family

GENERIC = Generic()
SYSTEMS: tuple[Family, ...] = (
    Gkmlpt(), Jpaas(), Hanweb(), HanwebXxgk(), TrueCms(), Lonsun(), Epoint(), Ucap(), Vsb(), Trs(), Was(), Nfcms(),
    AspNet(), GovCn(), Uuid(),
)  # fmt: skip
"""The families of a known system, in the field guide's order."""
FAMILIES: tuple[Family, ...] = (*SYSTEMS, GENERIC)
BY_NAME: dict[str, Family] = {family.name: family for family in FAMILIES}

_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*", re.IGNORECASE)
"""A server's session in an address (field guide, C4), behind which the end of an article's name would not be seen."""
SURE = 0.4
"""A fingerprint below this is chance: one mark of a family can stand in a page copied from another."""


def recognise(response: TextResponse, named: str | None = None) -> Family:
    """The family of a page: the one the register names, else that of its address, else of its surest fingerprint."""
    if named in BY_NAME:
        return BY_NAME[named]
    plain = _SESSION.sub("", response.url)
    by_address = next((family for family in SYSTEMS if family.identity(plain) is not None), None)
    if by_address is not None:
        return by_address
    sure, best = max(((family.fingerprint(response), family) for family in SYSTEMS), key=lambda pair: pair[0])
    return best if sure >= SURE else GENERIC


def lists(response: TextResponse, family: Family, rows: Iterable[Row], carry: Carry | None = None) -> list[list[Ask]]:
    """Where the rows of a listing are that are not on its page; see :meth:`Family.lists`.

    A page of one system may hold another's list: where it shows no report, whoever knows an interface in it is heard.
    """
    own = family.lists(response, carry)
    if own or carry is not None or any(names_report(row.title) for row in rows):
        return own
    others = ((other.name, other.lists(response)) for other in SYSTEMS if other is not family)
    name, found = next(((name, found) for name, found in others if found), ("", []))
    return [[replace(ask, family=name) for ask in readings] for readings in found]


def identity(url: str) -> str:
    """The key of the article an address leads to, by the first family whose address it is."""
    plain = _SESSION.sub("", url)
    keys = (family.identity(plain) for family in FAMILIES)
    return next(key for key in keys if key is not None)


def asked(url: str) -> Ask:
    """How a listing's address is asked for: as its system wants it, by a plain GET where none has a wish."""
    wishes = (family.request(url) for family in FAMILIES)
    return next((wish for wish in wishes if wish is not None), Ask(1, url, "address"))
