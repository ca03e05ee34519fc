"""Lonsun (龙讯): ``/public/column/{organ}?type=T``, rows by the label ``/site/label/8888``, articles ``/public/{organ}/{id}.html``.

History
-------
2018-    The type of a column is a number: 1 rules, 2 guide, 3 annual reports, 4 catalogue, 5 applications (the
         vendor's own names for them), so every organ's annual reports are the same address with ``type=3``.
2020-    The label's template (``file=/xxgk/publicInfoList_newest2020``) differs by site and is read from the page;
         ``_`` is a cache-buster and no part of an address's identity (field guide, 1.8).
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from archive.model import Expectation
from spiders.addresses import same_site, site_of
from spiders.families.fragments import rows_in
from spiders.families.generic import Generic
from spiders.families.interface import Ask, Column
from spiders.families.parameters import number, values
from spiders.links import links

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_ARTICLE = re.compile(r"/public/(\d+)/(\d+)\.html$")
_NEWS = re.compile(r"/content/article/(\d+)$")
_COLUMN = re.compile(r"/public/column/(\d+)/?$")
_LABEL = re.compile(r"""['"(=]([^'"(=\s<>]{0,120}site/label/8888)(\?[^'"<>\s]{0,1500})?""")
_NAMES = (
    "labelName", "siteId", "pageSize", "pageIndex", "action", "isDate", "dateFormat", "length", "organId", "type",
    "catId", "catIds", "cId", "result", "file",
)  # fmt: skip
_COUNT = re.compile(r"""pageCount['"]?\s{0,4}[:=]\s{0,4}['"]?(\d{1,5})""")
_TOTAL = re.compile(r"""(?:total|recordCount|totalCount)['"]?\s{0,4}[:=]\s{0,4}['"]?(\d{1,6})""")
_ORGANS = 200
"""How many organs of one portal are asked for their annual reports."""


class Lonsun(Generic):
    """Rules of Lonsun."""

    name = "lonsun"

    def fingerprint(self, response: TextResponse) -> float:
        """The addresses of columns and labels, the label's name, ``SiteId`` (field guide, F6)."""
        path = urlsplit(response.url).path
        if _COLUMN.search(path) or "/site/label/8888" in path:
            return 1.0
        body = response.text
        marks = ("/public/column/", "/site/label/8888", "/site/tpl/", "publicInfoList")
        return min(1.0, 0.5 * sum(mark in body for mark in marks) + (0.4 if _ARTICLE.search(path) else 0))

    def identity(self, url: str) -> str | None:
        """Host and the article's number; its organ is in the address too and may be renamed."""
        path = urlsplit(url).path
        found = _ARTICLE.search(path) or _NEWS.search(path)
        return f"lonsun:{site_of(url)}:{found[found.re.groups]}" if found else None

    def columns(self, response: TextResponse) -> list[Column]:
        """The annual reports of every organ whose column a page links, whatever column of it that is."""
        found: dict[str, Column] = {}
        for anchor in links(response):
            parts = urlsplit(anchor.url)
            organ = _COLUMN.search(parts.path)
            if organ and same_site(anchor.url, response.url) and len(found) < _ORGANS:
                query = urlencode({"type": "3", "action": "list"})
                found.setdefault(organ[1], Column(urlunsplit(parts._replace(query=query)), anchor.text))
        here = _COLUMN.search(urlsplit(response.url).path)
        if here and dict(parse_qsl(urlsplit(response.url).query)).get("type") == "3":
            found.pop(here[1], None)
        return list(found.values())

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The label, where the page asks it for its rows."""
        label = _LABEL.search(html.unescape(response.text)) if carry is None else None
        if label is None:
            return []
        column = _COLUMN.search(urlsplit(response.url).path)
        asked = dict(parse_qsl(urlsplit(response.url).query))
        named = dict(parse_qsl(label[2][1:], keep_blank_values=True)) if label[2] else {}
        given = values(response.text, tuple(name for name in _NAMES if name not in named))
        given = {"IsAjax": "1", "dataType": "html", "labelName": "publicInfoList"} | given | named
        given |= {name: asked[name] for name in ("type", "catId") if name in asked}
        given |= {"organId": column[1]} if column else {}
        given.pop("_", None)
        state = {"url": urljoin(response.url, label[1]), "sent": given, "count": _pages(response)}
        return [[_ask(state, 1)]]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The links of the fragment."""
        return rows_in(response.text, carry["at"]) if carry is not None else super().rows(response)

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page of the label, up to ``pageCount``; without it until one shows nothing new."""
        if carry is None:
            return super().pages(response, page)
        count = _pages(response) or carry.get("count")
        size = int(carry["sent"].get("pageSize") or 15) if str(carry["sent"].get("pageSize", "15")).isdigit() else 15
        full = len(rows_in(response.text, carry["at"])) >= size
        return [_ask(carry | {"count": count}, page + 1)] if (page < count if count else full) else []

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """The total the page's pager is given, else what the page says."""
        found = _TOTAL.search(response.text) if "pageCount" in response.text else None
        return Expectation(response.url, int(found[1]), "total") if found else super().expectation(response)


def _pages(response: TextResponse) -> int | None:
    found = _COUNT.search(response.text)
    return int(found[1]) if found else number(response.text, "pageCount")


def _ask(state: Carry, page: int) -> Ask:
    sent = state["sent"] | {"pageIndex": str(page)}
    carry = {key: state.get(key) for key in ("url", "sent", "count")}
    headers = (("X-Requested-With", "XMLHttpRequest"),)
    return Ask(page, f"{state['url']}?{urlencode(sent)}", "pageIndex", headers=headers, carry=carry)
