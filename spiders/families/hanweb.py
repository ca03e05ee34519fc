"""Hanweb (大汉) JCMS with jpage: columns ``/col/colN/index.html``, rows in a script, further pages by ``dataproxy.jsp``.

History
-------
2010-14  First generation: ``var InitData49468=['<li>…</li>', …]`` and ``.jpage({totalRecord, perPage, groupSize,
         proxyUrl, ajaxParam})``; the page carries groupSize × perPage rows.
2014-    Second: ``<script type="text/xml"><datastore>`` with ``<nextgroup>``, the address of the next rows.
2020-    Third: the same with encrypted column and unit ids; deep pages often answer an empty store of 54 bytes,
         which is said as a shortfall.
Servers differ in what they honour: ``page`` or ``startrecord``/``endrecord``.  ``page`` is tried first; where it
shows nothing new the records are asked for by number (field guide, 1.3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from archive.model import Expectation
from spiders.addresses import site_of
from spiders.families import datastore
from spiders.families.fragments import rows_in
from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.families.parameters import number, value, values

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

ARTICLE = re.compile(r"/art_(?:\d+_(\d+)|([0-9a-f]{32}))\.html$", re.IGNORECASE)
"""``art_{column}_{article}.html``, newer ``art_{32 hexadecimal digits}.html``."""
_COLUMN = re.compile(r"/col/col\d+/")
_PROXY = re.compile(r"""['"=]([^'"=\s<>]{0,200}?dataproxy\.jsp)""")
_STORE = re.compile(r"<datastore>|InitData\w*\s{0,9}=\s{0,9}\[|dataproxy\.jsp", re.IGNORECASE)
_PROXY_PATH = "/module/web/jpage/dataproxy.jsp"
_NAMES = (
    "col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype",
)  # fmt: skip


class Hanweb(Generic):
    """Rules of JCMS with jpage where they differ from those of any static site."""

    name = "hanweb"

    def fingerprint(self, response: TextResponse) -> float:
        """The store, the proxy, the addresses of columns and articles (field guide, F3)."""
        path = urlsplit(response.url).path
        if "dataproxy.jsp" in response.text or ("<datastore>" in response.text and "text/xml" in response.text):
            return 1.0
        return 0.7 if ARTICLE.search(path) or _COLUMN.search(path) else 0.0

    def identity(self, url: str) -> str | None:
        """Host and article: the same article stands under several column ids."""
        found = ARTICLE.search(urlsplit(url).path)
        return f"hanweb:{site_of(url)}:{found[1] or found[2]}" if found else None

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The records of the store; on a page without one its plain list."""
        found = rows_in("\n".join(datastore.records(response.text)), carry["at"] if carry else response.url)
        return found if found or carry else super().rows(response)

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """``totalrecord`` of the store, ``totalRecord`` of the script."""
        count = datastore.total(response.text)
        return Expectation(response.url, count, "totalRecord") if count is not None else super().expectation(response)

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The proxy, where a page has the script but no record of its own."""
        if carry is not None or not _STORE.search(response.text) or datastore.records(response.text):
            return []
        state = _state(response)
        return [_readings(state, 1)] if state["parameters"] else []

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next group of records, until as many were shown as there are."""
        if carry is None and not _STORE.search(response.text):
            return super().pages(response, page)
        shown = len(datastore.records(response.text))
        state = dict(carry) if carry else _state(response)
        state["shown"] = state.get("shown", 0) + shown
        state["size"] = max(state.get("size", 0), shown)
        count = state.get("total")
        if not shown or not state["parameters"] or (count is not None and state["shown"] >= count):
            return []
        return _readings(state, page + 1)


def _state(response: TextResponse) -> Carry:
    """What the page's script says of its list: the proxy, its parameters, rows a page, the count."""
    body = response.text
    group = datastore.next_group(body)
    proxy = _PROXY.search(body)
    endpoint = urljoin(response.url, group.partition("?")[0] if group else proxy[1] if proxy else _PROXY_PATH)
    named = dict(parse_qsl(group.partition("?")[2], keep_blank_values=True)) if group else {}
    named.pop("page", None)
    return {
        "endpoint": endpoint,
        "parameters": named or values(body, _NAMES),
        "per": number(body, "perPage") or number(body, "perpage"),
        "total": datastore.total(body),
        "group": value(body, "groupSize"),
    }


def _readings(state: Carry, page: int) -> list[Ask]:
    """How the records after those shown may be asked for: the next page, by number, the page counted in rows a page."""
    shown = state.get("shown", 0)
    per = state.get("per") or state.get("size") or 15
    size = state.get("size") or per * int(state.get("group") or 1)
    by_number = urlencode({"startrecord": shown + 1, "endrecord": shown + size, "perpage": per})
    form = urlencode(state["parameters"])
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    carry = {key: held for key, held in state.items() if key != "at"}
    found = [
        Ask(page, f"{state['endpoint']}?{urlencode({'page': page} | state['parameters'])}", "page", carry=carry),
        Ask(page, f"{state['endpoint']}?{by_number}", "startrecord", True, "POST", form, headers, carry),
    ]
    counted = -(-shown // per) + 1
    if counted != page:
        again = urlencode({"page": counted} | state["parameters"])
        found.append(Ask(page, f"{state['endpoint']}?{again}", "page counted", carry=carry))
    return found
