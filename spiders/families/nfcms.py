"""NFCMS (南方, Guangdong): columns of static pages, articles ``content/post_{id}.html`` and ``content/mpost_{id}.html``.

History
-------
2018-    Page 2 of a column is ``index_2.html``: counted from 1, the opposite of TRS (field guide, 1.1 and 1.7).
2019-    The same article stands in the disclosure platform as ``/gkmlpt/content/9/9103/post_9103540.html``: one number,
         one document.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spiders.addresses import site_of
from spiders.families.generic import Generic

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from spiders.families.interface import Ask, Carry

ARTICLE = re.compile(r"/content/(?:\d+/\d+/)?m?post_(\d+)\.html$")


def identity(url: str) -> str | None:
    """Host and the article's number, in either of its places."""
    found = ARTICLE.search(urlsplit(url).path)
    return f"nfcms:{site_of(url)}:{found[1]}" if found else None


class Nfcms(Generic):
    """Rules of NFCMS."""

    name = "nfcms"

    def fingerprint(self, response: TextResponse) -> float:
        """The addresses of articles, the site's number, the class of attachments (field guide, F12)."""
        body = response.text
        marks = (
            ARTICLE.search(urlsplit(response.url).path) or re.search(r"/content/m?post_\d+\.html", body),
            "NFCMS_SITE_ID" in body,
            "nfw-cms-attachment" in body,
        )
        return min(1.0, 0.6 * sum(map(bool, marks)))

    def identity(self, url: str) -> str | None:
        """The number the article shares with its copy in the disclosure platform."""
        return identity(url)

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """As anywhere; where only the number of pages is known, page k is ``index_k.html`` first."""
        found = super().pages(response, page)
        return sorted(found, key=lambda ask: ask.rule not in {"stem_{p}", "下一页", "createPageHTML:+1"})
