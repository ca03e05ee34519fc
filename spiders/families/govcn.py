"""The central portal (gov.cn): feeds and its library's search are JSON, articles ``content_{id}.htm``.

History
-------
2014-    Lists ``home_0.htm … home_90.htm``, counted from 0.
2023-    ``ZUIXINZHENGCE.json``: an array of ``{TITLE, URL, DOCRELPUBTIME}``; ``sousuo…/search-gov/data`` answers
         ``searchVO.listVO`` (field guide, 1.12).  Ministries' annual reports stand here only in yearly list pages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from archive.model import Expectation
from spiders.addresses import site_of
from spiders.families.fragments import rows_of, whole
from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.families.parameters import loaded

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_ARTICLE = re.compile(r"/content_(\d+)\.html?$")
_LINKED = re.compile(r"/content_\d+\.html?\b")
_FEED = re.compile(r"""['"]([^'"\s<>]{1,200}/[A-Z]{4,}\.json)['"]""")
_HOME = re.compile(r"/home_(\d{1,3})\.htm$")
_PAGES = re.compile(r"(?:nPageCount|totalpage|countPage)['\"]?\s{0,4}[:=]\s{0,4}['\"]?(\d{1,3})", re.IGNORECASE)


class GovCn(Generic):
    """Rules of the central portal."""

    name = "govcn"

    def fingerprint(self, response: TextResponse) -> float:
        """Its feeds, its numbered lists, its library's search."""
        parts = urlsplit(response.url)
        if "/search-gov/data" in parts.path or re.search(r"/[A-Z]{4,}\.json$", parts.path) or _HOME.search(parts.path):
            return 1.0
        central = site_of(response.url).partition(":")[0] == "gov.cn"
        named = ".json" in response.text and _FEED.search(response.text) and _LINKED.search(response.text)
        return 0.6 if central or named else 0.0

    def identity(self, url: str) -> str | None:
        """Host and the article's number."""
        found = _ARTICLE.search(urlsplit(url).path)
        return f"govcn:{site_of(url)}:{found[1]}" if found else None

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The feed a list page is filled from."""
        feed = _FEED.search(response.text) if carry is None and loaded(response.text) is None else None
        if feed is None or super().rows(response):
            return []
        return [[Ask(1, urljoin(response.url, feed[1]), "feed", carry={"feed": True})]]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The records of a feed or of the library's search, else the plain list."""
        answer: Any = loaded(response.text)
        if answer is None:
            return super().rows(response)
        listed = answer.get("searchVO", {}).get("listVO") if isinstance(answer, dict) else answer
        records = listed if isinstance(listed, list) else []
        at = carry["at"] if carry else response.url
        names = {"url": ("URL", "url"), "title": ("TITLE", "title"), "date": ("DOCRELPUBTIME", "pubtime")}
        return rows_of(records, at, **names, publisher=("puborg",))

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page of a search or of a numbered list; a feed is whole."""
        parts = urlsplit(response.url)
        answer: Any = loaded(response.text)
        if isinstance(answer, dict):
            pages = answer.get("searchVO", {}).get("totalpage")
            if not isinstance(pages, int) or page >= pages:
                return []
            query = urlencode(dict(parse_qsl(parts.query)) | {"p": str(page + 1)})
            return [Ask(page + 1, urlunsplit(parts._replace(query=query)), "p", carry={"search": True})]
        if answer is not None:
            return []
        usual = super().pages(response, page)
        numbered, count = _HOME.search(parts.path), _PAGES.search(response.text)
        if usual and usual[0].certain:  # what page 1 was followed by is what page 2 is followed by
            return usual
        if numbered and count and int(numbered[1]) + 1 < int(count[1]):
            return [Ask(page + 1, urljoin(response.url, f"home_{int(numbered[1]) + 1}.htm"), "home_{p}")]
        return [] if numbered and count else usual

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """``totalCount`` of a search, the length of a feed."""
        answer: Any = loaded(response.text)
        if isinstance(answer, list):
            return Expectation(response.url, len(answer), "feed")
        count = whole(answer.get("searchVO", {}).get("totalCount")) if isinstance(answer, dict) else None
        if count is None:
            return super().expectation(response)
        return Expectation(response.url, count, "totalCount")
