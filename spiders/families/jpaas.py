"""Hanweb JPAAS (集约化平台, 2021→): a column is an empty page whose script builds its list from an interface.

History
-------
2021-    ``<script src=".../unitbuild.js" url="…/front/page/build/unit" queryData="{'webId':'…', …}">``: pseudo-JSON in
         single quotes, read per page and sent as it stands, the misspelling ``bulidstatic`` included; parsers
         make it ``querydata``.  The answer is JSON that wraps HTML; the count is an attribute ``count`` of it.
2022-    Some servers read the page number from ``paramJson`` only, others take it bare (field guide, 1.5).
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from archive.model import Expectation
from spiders.addresses import site_of
from spiders.families.fragments import rows_in
from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.families.parameters import loaded

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_SCRIPT = re.compile(r"<script\b[^<>]{0,6000}?unitbuild\.js[^<>]{0,6000}>", re.IGNORECASE)
_URL = re.compile(r"""\burl\s{0,4}=\s{0,4}(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE)
_DATA = re.compile(r"""\bquerydata\s{0,4}=\s{0,4}(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE)
_PAIR = re.compile(r"""(?<![\w$])([\w$]{1,60})['"]?\s{0,4}:\s{0,4}(?:'([^']*)'|"([^"]*)"|([\w.-]+))""")
_LISTING = re.compile(r"列表|list|栏目|板块|信息|内容|文章", re.IGNORECASE)
_COUNT = re.compile(r"""\bcount\s{0,4}=\s{0,4}\\?["'](\d{1,7})""", re.IGNORECASE)
_ARTICLE = re.compile(r"/art/(?:\d{4}/)?art_([0-9a-f]{32})\.html$", re.IGNORECASE)
_SIZE = 15
_UNITS = 4
"""How many units of one page are asked for; the others are banners and links."""


class Jpaas(Generic):
    """Rules of JPAAS."""

    name = "jpaas"

    def fingerprint(self, response: TextResponse) -> float:
        """The script that builds units, or an answer of its interface (field guide, F2)."""
        if "jpaas-publish-server" in urlsplit(response.url).path:
            return 1.0
        return 1.0 if _SCRIPT.search(response.text) and "querydata" in response.text.lower() else 0.0

    def identity(self, url: str) -> str | None:
        """Host and the article's 32 digits."""
        found = _ARTICLE.search(urlsplit(url).path)
        return f"hanweb:{site_of(url)}:{found[1]}" if found else None

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The page's units that are lists, each in the ways a page number is understood."""
        if carry is not None:
            return []
        units = _units(response)
        named = [unit for unit in units if _LISTING.search(unit["data"].get("tagId", ""))]
        return [_readings(unit, 1) for unit in (named or units)[:_UNITS]]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The links of the unit's HTML; of a page that was built on the server its own."""
        return rows_in(_markup(response), carry["at"]) if carry is not None else super().rows(response)

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page, until ``count`` rows were shown; without a count until a page shows nothing new."""
        if carry is None:
            return super().pages(response, page) if not _units(response) else []
        markup = _markup(response)
        shown = carry.get("shown", 0) + len(rows_in(markup, carry["at"]))
        count = _COUNT.search(markup)
        if shown == carry.get("shown", 0) or (count and shown >= int(count[1])):
            return []
        return _readings({**carry, "shown": shown}, page + 1)

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """The attribute ``count``; of a page that was built on the server what it says."""
        if carry is None:
            return super().expectation(response)
        count = _COUNT.search(_markup(response))
        return Expectation(response.url, int(count[1]), "count") if count else None


def _units(response: TextResponse) -> list[Carry]:
    """The interfaces of a page's units, each once."""
    found: dict[str, Carry] = {}
    for script in _SCRIPT.findall(response.text):
        where, data = _URL.search(script), _DATA.search(script)
        if where and data:
            pairs = _PAIR.findall(html.unescape(data[1] or data[2]))
            named = {name: single or double or bare for name, single, double, bare in pairs}
            url = urljoin(response.url, html.unescape(where[1] or where[2]))
            found.setdefault(f"{url} {named}", {"url": url, "data": named})
    return list(found.values())


def _readings(unit: Carry, page: int) -> list[Ask]:
    numbered = {"pageNo": page, "pageSize": _SIZE}
    inside = {"paramJson": json.dumps(numbered, separators=(",", ":"))}
    carry: Carry = {key: unit[key] for key in ("url", "data", "shown") if key in unit}
    return [
        Ask(page, f"{unit['url']}?{urlencode(unit['data'] | sent)}", rule, carry=carry)
        for rule, sent in (("paramJson", inside), ("pageNo", numbered), ("both", inside | numbered))
    ]


def _markup(response: TextResponse) -> str:
    """The HTML an answer wraps; an answer that is HTML already is itself."""
    answer: Any = loaded(response.text)
    data = answer.get("data") if isinstance(answer, dict) else None
    inside = data.get("html") if isinstance(data, dict) else data
    return inside if isinstance(inside, str) else "" if answer is not None else response.text
