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
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spiders.addresses import folder, same_site, site_of
from spiders.families.generic import Generic
from spiders.links import tree
from spiders.text import weight

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from spiders.families.interface import Next

ARTICLE = re.compile(r"/t(20\d{6})_(\d+)(?:_[a-z0-9]+)?\.s?html?$", re.IGNORECASE)
"""An article's address: the day it was entered, the document's number, a variant of the page."""
FILE = re.compile(r"/[PW]0(20\d{6}\d{6,})\.[a-z0-9]+$", re.IGNORECASE)

_DOCUMENT = re.compile(r"[./\"']t20\d{6}_\d")
_SCRIPT = re.compile(r"createPageHTML\s{0,4}\(\s{0,4}\d|var\s+countPage\s*=")
_FOLDER = re.compile(r"""href=["']\./20\d{4}/""")
_STATIC = re.compile(r"maxStaticIndex\s*:\s*(\d+)")
_EDITOR = re.compile(r"TRS_Editor|trs_editor_view|TRS_UEDITOR|xl-cont")


class Trs(Generic):
    """Rules of TRS WCM where they differ from those of any static site."""

    name = "trs"

    def fingerprint(self, response: TextResponse) -> float:
        """Article addresses, editor classes, the paging script (field guide, F10)."""
        body = response.text
        if ARTICLE.search(urlsplit(response.url).path):
            return 1.0
        body = response.text
        sure = (_DOCUMENT.search(body), _EDITOR.search(body), _SCRIPT.search(body))
        hints = (_FOLDER.search(body), "CurrChnlCls" in body or "maxStaticIndex" in body)
        return min(1.0, 0.5 * sum(map(bool, sure)) + 0.2 * sum(map(bool, hints)))

    def identity(self, url: str) -> str | None:
        """Host and document number: the same document stands in several columns, and in variants of a page."""
        found = ARTICLE.search(urlsplit(url).path)
        return f"trs:{site_of(url)}:{found[2]}" if found else None

    def _is_row(self, url: str, listing: str) -> bool:
        path = urlsplit(url).path
        if ARTICLE.search(path) or FILE.search(path):
            return same_site(url, listing) and path.startswith(folder(listing))
        return super()._is_row(url, listing)

    def pages(self, response: TextResponse, page: int) -> list[Next]:
        """As anywhere, but never beyond the pages that are files (``maxStaticIndex``): the rest is an interface's."""
        static = _STATIC.search(response.text)
        return [] if static and page >= int(static[1]) else super().pages(response, page)

    def article(self, response: TextResponse) -> Any | None:
        """The editor's area with the most text, its outermost element; without one the generic rule."""
        areas = [(weight(area), area) for area in _outermost(_editors(tree(response)))]
        most = max((length for length, _ in areas), default=0)
        best = next((area for length, area in areas if length == most), None)
        if most >= 10:
            return best
        found = super().article(response)
        return found if found is not None and weight(found) > most else best


def _editors(root: Any) -> list[Any]:
    return [
        node
        for node in root.iter("div")
        if node.attrib and (_EDITOR.search(node.get("class") or "") or node.get("id") in {"zoom", "BodyLabel"})
    ]


def _outermost(nodes: list[Any]) -> list[Any]:
    """Those of some elements that lie in none of the others; an editor inside an editor is one area."""
    inside = set(nodes)
    return [node for node in nodes if not any(parent in inside for parent in node.iterancestors())]
