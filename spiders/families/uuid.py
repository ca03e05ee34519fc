"""Hebei's platform: every address is made of UUIDs, a list's rows are the blocks of a template.

History
-------
2021-    Columns ``/columns/{uuid}/index.html``; rows by ``/columns/{uuid}/templates/{uuid}/blocks/{uuid}?page=N&fix=0``;
         articles ``/columns/{uuid}/{YYYYMM}/{DD}/{uuid}.html`` (field guide, 1.13).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from spiders.addresses import site_of
from spiders.families.fragments import rows_in
from spiders.families.generic import Generic, page_count
from spiders.families.interface import Ask

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_ARTICLE = re.compile(rf"/columns/{_UUID}/\d{{6}}/\d{{2}}/({_UUID})\.html$", re.IGNORECASE)
_COLUMN = re.compile(rf"/columns/{_UUID}(?:/|$)", re.IGNORECASE)
_BLOCK = re.compile(rf"""['"(=]([^'"(=\s<>]{{0,120}}/templates/{_UUID}/blocks/{_UUID})""", re.IGNORECASE)


_PAGES = re.compile(r"""\bdata-(?:total-?)?pages?(?:-?count)?=["'](\d{1,4})["']""", re.IGNORECASE)
"""How many pages a block has, where the element that holds it says so."""


class Uuid(Generic):
    """Rules of Hebei's platform."""

    name = "uuid"

    def fingerprint(self, response: TextResponse) -> float:
        """The addresses of columns and blocks."""
        if _COLUMN.search(urlsplit(response.url).path):
            return 1.0
        return 0.6 if "/blocks/" in response.text and _BLOCK.search(response.text) else 0.0

    def identity(self, url: str) -> str | None:
        """Host and the article's UUID; its column is in the address too."""
        found = _ARTICLE.search(urlsplit(url).path)
        return f"uuid:{site_of(url)}:{found[1].lower()}" if found else None

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The blocks the page's script asks for."""
        if carry is not None or "/blocks/" not in response.text:
            return []
        blocks = dict.fromkeys(urljoin(response.url, found) for found in _BLOCK.findall(response.text))
        count = _PAGES.search(response.text)
        return [[_ask(block, 1, int(count[1]) if count else None)] for block in list(blocks)[:3]]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The links of a block."""
        return rows_in(response.text, carry["at"]) if carry is not None else super().rows(response)

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page of a block, while it speaks of one; without a count until one shows nothing new."""
        if carry is None:
            return super().pages(response, page)
        total = page_count(response) or carry.get("pages")
        if page >= total if total is not None else not self.rows(response, carry):
            return []
        return [_ask(carry["block"], page + 1, carry.get("pages"))]


def _ask(block: str, page: int, pages: int | None) -> Ask:
    return Ask(page, f"{block}?page={page}&fix=0", "page", carry={"block": block, "pages": pages})
