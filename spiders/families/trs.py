"""TRS WCM (拓尔思): static columns as directories, articles ``{YYYYMM}/t{YYYYMMDD}_{docid}.html``.

History
-------
2010-    Listings are tables; pages are ``index.html, index_1.html …`` and the links to them stand only in a
         script: ``createPageHTML(total, current from 0, "index", "html")`` or an inline loop over
         ``var countPage = N`` (a captured column of an eco-zone, 2020, has the loop without semicolons).
2014-    Old content area ``div.TRS_Editor``, class unquoted; banners and footers are editors too, so the one
         with the most text is the article's.
2019-    New content area ``div.trs_editor_view.TRS_UEDITOR.trs_paper_default``; attachments also in
         ``<span id="appendix">`` after it.
2022-    ``listModel({… maxStaticIndex: 1, pagebar: {recordCount: '20'}})``: only the first page is a file, the
         list interface gives the rest; the count is kept as what to expect.
2024-    Suffix variants of articles, ``t20240430_4526898_zzb.html``; the number is the document.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spiders.addresses import folder, site_of
from spiders.families.generic import Generic
from spiders.text import inner, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsel import Selector
    from scrapy.http import TextResponse

    from spiders.families.interface import Next

ARTICLE = re.compile(r"/t(20\d{6})_(\d+)(?:_[a-z0-9]+)?\.s?html?$", re.IGNORECASE)
"""An article's address: the day it was entered, the document's number, a variant of the page."""
FILE = re.compile(r"/[PW]0(20\d{6}\d{6,})\.[a-z0-9]+$", re.IGNORECASE)

_STATIC = re.compile(r"maxStaticIndex\s*:\s*(\d+)")
_EDITORS = (
    "//*[contains(concat(' ', @class, ' '), ' TRS_Editor ') or contains(@class, 'trs_editor_view') or "
    "contains(@class, 'TRS_UEDITOR')] | //*[@id='zoom' or @id='BodyLabel'] | //*[contains(@class, 'xl-cont')]"
)


class Trs(Generic):
    """Rules of TRS WCM where they differ from those of any static site."""

    name = "trs"

    def fingerprint(self, response: TextResponse) -> float:
        """Article addresses, editor classes, the paging script (field guide, F10)."""
        body = response.text
        sure = (
            re.search(r"[./\"']t20\d{6}_\d+", body) or ARTICLE.search(urlsplit(response.url).path),
            re.search(r"TRS_Editor|trs_editor_view|TRS_UEDITOR", body),
            re.search(r"createPageHTML\s{0,4}\(\s{0,4}\d|var\s+countPage\s*=", body),
        )
        hints = (re.search(r"""href=["']\./20\d{4}/""", body), re.search(r"CurrChnlCls|maxStaticIndex", body))
        return min(1.0, 0.5 * sum(map(bool, sure)) + 0.2 * sum(map(bool, hints)))

    def identity(self, url: str) -> str | None:
        """Host and document number: the same document stands in several columns, and in variants of a page."""
        found = ARTICLE.search(urlsplit(url).path)
        return f"trs:{site_of(url)}:{found[2]}" if found else None

    def _is_row(self, url: str, listing: str) -> bool:
        path = urlsplit(url).path
        if ARTICLE.search(path) or FILE.search(path):
            return site_of(url) == site_of(listing) and path.startswith(folder(listing))
        return super()._is_row(url, listing)

    def pages(self, response: TextResponse, page: int) -> list[Next]:
        """As anywhere, but never beyond the pages that are files (``maxStaticIndex``): the rest is an interface's."""
        static = _STATIC.search(response.text)
        return [] if static and page >= int(static[1]) else super().pages(response, page)

    def article(self, response: TextResponse) -> Selector | None:
        """The editor's area with the most text, its outermost element; without one the generic rule."""
        found_areas = _outermost(response.xpath(_EDITORS))
        areas = [(len(squeezed(inner(area, 100_000))), area) for area in found_areas]
        most = max((length for length, _ in areas), default=0)
        best = next((area for length, area in areas if length == most), None)
        if most >= 10:
            return best
        found = super().article(response)
        return found if found is not None and len(squeezed(inner(found))) > most else best


def _outermost(nodes: Iterable[Selector]) -> list[Selector]:
    """Those of some elements that lie in none of the others; an editor inside an editor is one area."""
    inside = list(nodes)
    roots = {node.root for node in inside}
    return [node for node in inside if not any(parent in roots for parent in node.root.iterancestors())]
