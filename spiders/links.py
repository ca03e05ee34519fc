"""The links of a page, read once: element, absolute address, words.

Every later question about a page's links (rows, next page, columns, sub-columns) is asked of this list: on a
listing of twenty rows reading the links anew for each question was most of the spider's time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml import html

from spiders.addresses import absolute
from spiders.text import inner

if TYPE_CHECKING:
    from scrapy.http import TextResponse

LINKS = 3000
"""How many links of a page are looked at; the longest listing seen has some hundreds."""

_QUOTED = re.compile(r"""[(=]\s{0,9}['"]([^'"]+)['"]""")
_FILE_LIKE = re.compile(r"/|\.(?:s?html?|jhtml|aspx?|jsp|php|hrh)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A link: its element, where it leads, what it says."""

    element: Any
    url: str
    text: str


def tree(response: TextResponse) -> Any:
    """The root element of a page; an empty one for text that is no markup (JSON)."""
    root = response.selector.root
    return root if hasattr(root, "iter") else html.Element("html")


@lru_cache(maxsize=2)
def links(response: TextResponse) -> tuple[Anchor, ...]:
    """Every link of a page with its absolute address, ``onclick`` ones too; comments are not links."""
    found: list[Anchor] = []
    root = tree(response)
    clicked = root.xpath("//*[@onclick][not(self::a) and not(self::area)]") if "onclick" in response.text else ()
    for element in (*root.iter("a", "area"), *clicked):
        href = _target(element)
        if href and (url := absolute(response.url, href)):
            found.append(Anchor(element, url, inner(element) or str(element.get("alt") or "")))
        if len(found) == LINKS:
            break
    return tuple(found)


def _target(element: Any) -> str:
    """What a link leads to: its ``href``, or the address its script is given (``jumpToDetail('./a.html')``)."""
    href = str(element.get("href") or "").strip()
    if href and not href.startswith(("javascript:", "#")):
        return href
    quoted = _QUOTED.search(element.get("onclick") or href)
    return quoted[1] if quoted and _FILE_LIKE.search(quoted[1]) else ""
