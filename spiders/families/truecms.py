"""TrueCMS (Nantong, Huai'an): lists by ``messageController/getMessage.do``, a datastore inside JSONP.

History
-------
2020-    404 without a Referer; the window of records differs by server (50 is answered, 100 is empty; elsewhere 50
         answers 404), so 50, 20 and 10 are tried in that order (field guide, 1.11).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from archive.model import Expectation
from spiders.addresses import site_of
from spiders.families import datastore
from spiders.families.fragments import rows_in
from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.families.parameters import loaded, value

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_METHOD = "messageController/getMessage.do"
_PATH = re.compile(rf"""['"(=]([^'"(=\s<>]{{0,200}}?){re.escape(_METHOD)}""")
_ARTICLE = re.compile(r"/col/[\w]+/art/\d+/(\w+)\.html$")
_WINDOWS = (50, 20, 10)


class TrueCms(Generic):
    """Rules of TrueCMS."""

    name = "truecms"

    def fingerprint(self, response: TextResponse) -> float:
        """The list's method, or its parameters together (field guide, F5)."""
        if _METHOD in response.text or _METHOD in response.url:
            return 1.0
        return 0.5 if "proxyUrl" in response.text and "columnId" in response.text and "/col/" in response.text else 0.0

    def identity(self, url: str) -> str | None:
        """Host and the article's own name; the column before it may change."""
        found = _ARTICLE.search(urlsplit(url).path)
        return f"truecms:{site_of(url)}:{found[1]}" if found else None

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The first window of records, the widest first."""
        column = value(response.text, "columnId") if carry is None else None
        if not column:
            return []
        named = _PATH.search(response.text)
        proxy = (named[1] if named and named[1].strip("/") else None) or value(response.text, "proxyUrl") or "/"
        url = urljoin(response.url, proxy.rstrip("/") + "/" + _METHOD)
        return [[_ask({"url": url, "column": column, "window": window, "shown": 0}, 1) for window in _WINDOWS]]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The records of the store."""
        if carry is None:
            return super().rows(response)
        return rows_in("\n".join(datastore.records(_store(response))), carry["at"])

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next window, while there are records left."""
        if carry is None:
            return super().pages(response, page)
        store = _store(response)
        here, count = len(datastore.records(store)), datastore.total(store)
        shown = carry["shown"] + here
        if not here or (count is not None and shown >= count) or (count is None and here < carry["window"]):
            return []
        smaller = [window for window in _WINDOWS if window <= carry["window"]]
        return [_ask({**carry, "shown": shown, "window": window}, page + 1) for window in smaller]

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """``totalrecord`` of the store; what a page with rows of its own says."""
        if carry is None:
            return super().expectation(response)
        count = datastore.total(_store(response))
        return Expectation(response.url, count, "totalrecord") if count is not None else None


def _ask(state: Carry, page: int) -> Ask:
    asked = {
        "startrecord": state["shown"] + 1,
        "endrecord": state["shown"] + state["window"],
        "perpage": state["window"],
        "columnId": state["column"],
        "callback": "nianlun",
    }
    carry = {key: state[key] for key in ("url", "column", "window", "shown")}
    return Ask(page, f"{state['url']}?{urlencode(asked)}", f"window {state['window']}", carry=carry)


def _store(response: TextResponse) -> str:
    answer: Any = loaded(response.text)
    inside = answer.get("result") if isinstance(answer, dict) else None
    return inside if isinstance(inside, str) else response.text
