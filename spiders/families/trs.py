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
from urllib.parse import urlencode, urlsplit

from spiders.addresses import folder, same_site, site_of
from spiders.families.fragments import count_in, records_in, rows_in, rows_of
from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.families.parameters import balanced, loaded, number, value
from spiders.links import tree
from spiders.text import weight

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

ARTICLE = re.compile(r"/t(20\d{6})_(\d+)(?:_[a-z0-9]+)?\.s?html?$", re.IGNORECASE)
"""An article's address: the day it was entered, the document's number, a variant of the page."""
FILE = re.compile(r"/[PW]0(20\d{6}\d{6,})\.[a-z0-9]+$", re.IGNORECASE)

_DOCUMENT = re.compile(r"[./\"']t20\d{6}_\d")
_SCRIPT = re.compile(r"createPageHTML\s{0,4}\(\s{0,4}\d|var\s+countPage\s*=")
_FOLDER = re.compile(r"""href=["']\./20\d{4}/""")
_STATIC = re.compile(r"maxStaticIndex\s*:\s*(\d+)")
_MODEL = re.compile(r"listModel\s{0,4}\(\s{0,4}\{")
_ADDRESSES = ("listUrl", "dataUrl", "apiUrl", "ajaxUrl", "url", "api")
_PAGE_NAME = re.compile(r"[?&](page(?:No|Num|Index|Number)?|currentPage|current|p)=['\"]?\s{0,4}\+", re.IGNORECASE)
_URLS, _TITLES = ("url", "URL", "docpuburl", "docPubUrl", "link", "href"), ("title", "TITLE", "docTitle", "doctitle")
_DATES = ("pubDate", "docpubtime", "docPubTime", "publishTime", "pubtime", "date", "docreltime", "time")
_EDITORS = ("TRS_Editor", "trs_editor_view", "TRS_UEDITOR", "xl-cont")
_EDITOR = re.compile("|".join(_EDITORS))


class Trs(Generic):
    """Rules of TRS WCM where they differ from those of any static site."""

    name = "trs"

    def fingerprint(self, response: TextResponse) -> float:
        """Article addresses, editor classes, the paging script (field guide, F10)."""
        if ARTICLE.search(urlsplit(response.url).path):
            return 1.0
        body = response.text
        sure = (
            "t20" in body and _DOCUMENT.search(body),
            any(mark in body for mark in _EDITORS),
            ("createPageHTML" in body or "countPage" in body) and _SCRIPT.search(body),
        )
        hints = ("./20" in body and _FOLDER.search(body), "CurrChnlCls" in body or "maxStaticIndex" in body)
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

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The interface of a list of which only a part is static; its first answer may repeat what the page shows."""
        model = _MODEL.search(response.text) if carry is None else None
        inside = balanced(response.text, model.end() - 1) if model else ""
        where = next((found for name in _ADDRESSES if (found := value(inside, name))), None)
        if not where:
            return []
        named = _PAGE_NAME.search(response.text)
        state = {
            "url": response.urljoin(where),
            "page": named[1] if named else "pageNo",
            "size": [name for name in ("pageSize", "size", "perpage") if f"&{name}=" in response.text][:1],
            "per": number(inside, "prepage") or number(inside, "pageSize") or 10,
        }
        return [[_listed(state, 1)]]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The records of the interface, else the plain list."""
        if carry is None:
            return super().rows(response)
        answer = loaded(response.text)
        if answer is None:
            return rows_in(response.text, carry["at"])
        return rows_of(records_in(answer, _URLS, _TITLES), carry["at"], url=_URLS, title=_TITLES, date=_DATES)

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """As anywhere, but never beyond the pages that are files (``maxStaticIndex``): the rest is an interface's."""
        if carry is not None:
            here, count = len(self.rows(response, carry)), count_in(loaded(response.text))
            shown = carry.get("shown", 0) + here
            more = shown < count if count is not None else here >= carry["per"]
            return [_listed({**carry, "shown": shown}, page + 1)] if here and more else []
        static = _STATIC.search(response.text)
        return [] if static and page >= int(static[1]) else super().pages(response, page, carry)

    def article(self, response: TextResponse) -> Any | None:
        """The editor's area with the most text, its outermost element; without one the generic rule."""
        areas = [(weight(area), area) for area in _outermost(_editors(tree(response)))]
        most = max((length for length, _ in areas), default=0)
        best = next((area for length, area in areas if length == most), None)
        if most >= 10:
            return best
        found = super().article(response)
        return found if found is not None and weight(found) > most else best


def _listed(state: Carry, page: int) -> Ask:
    sent = {state["page"]: page} | dict.fromkeys(state["size"], state["per"])
    url = f"{state['url']}{'&' if '?' in state['url'] else '?'}{urlencode(sent)}"
    return Ask(page, url, "listModel", carry={key: held for key, held in state.items() if key != "at"})


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
