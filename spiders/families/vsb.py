"""VSB (博达网站群): columns ``name.htm``, further pages ``name/{N-1}.htm`` … ``name/1.htm``, articles ``info/{tree}/{news}.htm``.

History
-------
2015-    The numbers of pages count down and shift when a page is added, so a page's address is no identity: page 2
         of N is ``name/{N-1}.htm``, the last ``name/1.htm``.
         ``content.jsp?urltype=news.NewsContentUrl&wbtreeid=&wbnewsid=`` is the same article as ``info/…``; both forms
         stand in one list.  Attachments come from ``download.jsp`` without an extension; embedded PDFs are shown as
         images (``vsb_pdf_image_data``, ``showVsbpdfIframe``) (field guide, 1.10).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from archive.model import Link
from spiders.addresses import absolute, site_of
from spiders.families.generic import Generic, page_count
from spiders.families.interface import Ask

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from spiders.families.interface import Carry

_ARTICLE = re.compile(r"/info/\d+/(\d+)\.htm$")
_TWIN = re.compile(r"/content\.jsp$")
_NUMBERED = re.compile(r"/(\d{1,4})\.htm$")
_PDF = re.compile(r"""showVsbpdfIframe\(\s{0,9}["']([^"']{1,500})["']""")
_PICTURES = re.compile(r"vsb_pdf_image_data\s{0,9}=\s{0,9}\[([^\[\]]{1,20000})\]")
_QUOTED = re.compile(r"""["']([^"'<>\s]{1,500})["']""")
_MARKS = (
    ("vsb_content", "v_news_content", "_vsb_"),
    ("urltype=news.NewsContentUrl", "_showDynClicks", "/system/resource/"),
)
_LISTED = re.compile(r"""id=["']line_u\d+_\d+|href=["'][./]*info/\d+/\d+\.htm""")


class Vsb(Generic):
    """Rules of VSB."""

    name = "vsb"

    def fingerprint(self, response: TextResponse) -> float:
        """Its elements, its scripts, its addresses (field guide, F9)."""
        body = response.text
        marks = sum(any(mark in body for mark in marks) for marks in _MARKS)
        listed = ("line_u" in body or "info/" in body) and _LISTED.search(body)
        return min(1.0, 0.5 * (marks + bool(listed)) + (0.5 if _ARTICLE.search(urlsplit(response.url).path) else 0))

    def identity(self, url: str) -> str | None:
        """Host and the article's number, in either form of its address."""
        parts = urlsplit(url)
        found = _ARTICLE.search(parts.path)
        if found:
            return f"vsb:{site_of(url)}:{found[1]}"
        number = dict(parse_qsl(parts.query)).get("wbnewsid") if _TWIN.search(parts.path) else None
        return f"vsb:{site_of(url)}:{number}" if number else None

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The link 下页; where there is none the number that follows by counting down."""
        linked = [ask for ask in super().pages(response, page) if ask.certain]
        if linked:
            return linked
        path = urlsplit(response.url).path
        here, total = _NUMBERED.search(path), page_count(response)
        if here and page > 1:
            number = int(here[1]) - 1
            return [Ask(page + 1, urljoin(response.url, f"{number}.htm"), "down")] if number >= 1 else []
        stem = path.rpartition("/")[2].rpartition(".")[0]
        if total is None or page >= total or not stem:
            return []
        return [Ask(page + 1, urljoin(response.url, f"{stem}/{total - page}.htm"), "down")]

    def attachments(self, response: TextResponse) -> list[Link]:
        """The files the article names, and a PDF that a script shows; its pages as pictures where it is not named."""
        found = {link.url: link for link in super().attachments(response)}
        pictures = _PICTURES.search(response.text)
        shown = _PDF.findall(response.text) or (_QUOTED.findall(pictures[1]) if pictures else [])
        for path in shown:
            if url := absolute(response.url, path):
                found.setdefault(url, Link(url, path.rpartition("/")[2]))
        return list(found.values())
