"""TRS WAS: lists that are searches, ``/was5/web/search?channelid=…``, answered to POST only.

History
-------
2012-    ``/was40/search``, later ``/was5/web/search``: a GET is redirected to an empty shell, ``perpage`` is ignored
         on some channels, and pages beyond the last repeat it; templates of ``templet`` answer JSON that is not
         always well formed (field guide, 1.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from spiders.families.fragments import loose_records, records_in, rows_in, rows_of
from spiders.families.generic import Generic, page_count
from spiders.families.interface import Ask
from spiders.families.parameters import loaded, values
from spiders.links import tree
from spiders.text import names_report

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_SEARCH = re.compile(r"/was(?:5/web|40|)/search$")
_NAMED = re.compile(r"""['"(=]([^'"(=\s<>]{0,120}/was(?:5/web|40|)/search)(\?[^'"<>\s]{0,600})?""")
_NAMES = ("channelid", "perpage", "outlinepage", "searchword", "orderby", "templet", "classsql")
_DEFAULTS = {"page": "1", "perpage": "10", "outlinepage": "10", "searchword": ""}
_URLS, _TITLES = ("url", "docpuburl", "link", "href", "URL"), ("title", "doctitle", "TITLE", "DOCTITLE")
_DATES = ("docreltime", "time", "date", "pubtime", "pubDate", "fwrq", "DOCRELTIME")
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


class Was(Generic):
    """Rules of TRS WAS."""

    name = "was"

    def fingerprint(self, response: TextResponse) -> float:
        """The search's address (field guide, F11)."""
        if _SEARCH.search(urlsplit(response.url).path):
            return 1.0
        return 0.45 if "channelid" in response.text and _NAMED.search(response.text) else 0.0

    def identity(self, url: str) -> str | None:
        """None: articles found by a search are another system's."""
        return None

    def request(self, url: str) -> Ask | None:
        """POST, with the query's parameters as a form too."""
        parts = urlsplit(url)
        return (
            _ask(url, dict(parse_qsl(parts.query, keep_blank_values=True)), 1) if _SEARCH.search(parts.path) else None
        )

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The search a page's form or script makes, where the page shows no rows of its own."""
        named = _NAMED.search(response.text) if carry is None else None
        if named is None or _SEARCH.search(urlsplit(response.url).path):
            return []
        if any(names_report(row.title) for row in super().rows(response)):
            return []
        sent = dict(parse_qsl(named[2][1:], keep_blank_values=True)) if named[2] else {}
        sent = values(response.text, _NAMES) | _hidden(response) | sent
        return [[_ask(response.urljoin(named[1]), sent, 1)]] if sent.get("channelid") else []

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The results of a search, as markup or as JSON of a template's own making, else the plain list."""
        if not _SEARCH.search(urlsplit(response.url).path):
            return super().rows(response)
        at, text = carry["at"] if carry else response.url, response.text.lstrip("\ufeff \t\r\n")
        if not text.startswith(("{", "[")):
            return rows_in(text, at)
        answer = loaded(text)
        records = loose_records(text) if answer is None else records_in(answer, _URLS, _TITLES)
        return rows_of(records, at, url=_URLS, title=_TITLES, date=_DATES)

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page while the answer speaks of one; one that repeats the last shows nothing new."""
        if carry is None and not _SEARCH.search(urlsplit(response.url).path):
            return super().pages(response, page)
        sent = dict((carry or {}).get("sent") or parse_qsl(urlsplit(response.url).query, keep_blank_values=True))
        total = page_count(response)
        if not sent.get("channelid") or (total is not None and page >= total) or not self.rows(response, carry):
            return []
        return [_ask(response.url, sent, page + 1)]


def _ask(url: str, sent: dict[str, str], page: int) -> Ask:
    form = _DEFAULTS | sent | {"page": str(page)}
    plain = f"{url.partition('?')[0]}?{urlencode({'channelid': form.get('channelid', ''), 'page': page})}"
    return Ask(page, plain, "page", method="POST", body=urlencode(form), headers=_FORM, carry={"sent": sent})


def _hidden(response: TextResponse) -> dict[str, str]:
    """The fields of the form that is sent to the search."""
    for form in tree(response).iter("form"):
        if _SEARCH.search((form.get("action") or "").partition("?")[0]):
            return {field.get("name"): field.get("value") or "" for field in form.iter("input") if field.get("name")}
    return {}
