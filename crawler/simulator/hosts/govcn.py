"""A central portal (field guide, 1.12): the ministries' annual reports on yearly list pages.

The owner's reports stand in ``…/zfxxgknb/home_0.htm``, ``home_1.htm`` … (from 0; the directory itself is page 0),
and again in the feed beside them, ``ZUIXINNIANBAO.json``, an array of ``{TITLE, URL, SUB_TITLE, DOCRELPUBTIME}`` that
begins with a byte order mark.  The others' reports are gathered by year: ``…/bwnb/`` links a page for each year,
``…/bwnb/2023.htm``.  Articles are ``…/content_{id}.htm`` with a table of metadata and the body in ``#UCAP-CONTENT
.trs_editor_view``; files ``./P0….pdf`` beside them.  The portal's code is one of central bodies (``bm`` and 8 digits).

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Wrong: ``firstpublishedtime`` has a form of its own (``2026-09-28-21:50:00``).
Trap: the portal issues none of the reports on the yearly pages; ``home_{N}.htm`` past the end answers 404.
"""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer
from crawler.simulator.plain import Plain
from crawler.simulator.portal import Column, paged, pages, record
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

FEED = "ZUIXINNIANBAO.json"


class GovCn(Plain):
    """One portal."""

    size = 8

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        super().__init__(rng, domain, last)
        self.identity = replace(self.identity, code=f"bm99{rng.randint(1, 999999):06d}")

    def place(self, document: Document) -> Document:
        """The others' into the page of their year."""
        return replace(document, columns=tuple(dict.fromkeys(self._below(document, c) for c in document.columns)))

    def _below(self, document: Document, column: str) -> str:
        if column != self.clerk.others:
            return column
        return f"{column}{document.content.year if document.content else document.published.year - 1}.htm"

    def annual(self) -> tuple[str, ...]:
        """The owner's column, the overview of years and each year's page."""
        return (*super().annual(), *self._years())

    def _years(self) -> list[str]:
        found = {column for document in self.documents.values() for column in document.columns}
        return sorted((c for c in found if c.startswith(self.clerk.others)), reverse=True)

    def page_path(self, document: Document, column: str) -> str:
        """By month and id; what stands on a year's page lies beside it."""
        return f"{column.rpartition('/')[0]}/{document.filed:%Y%m}/content_{document.id}.htm"

    def file_path(self, document: Document, file: Attached) -> str:
        """Beside the article."""
        return f"{self.page_path(document, document.columns[0]).rpartition('/')[0]}/{file.file}"

    def service(self, request: Request, load: Load) -> Answer | None:
        """The pages of the owner's column by number, the years' pages, and the feed."""
        if request.path == self.clerk.own + FEED:
            return self._feed()
        if request.path in self._years():
            year = request.path.rpartition("/")[2].removesuffix(".htm")
            name = f"{year}年各部门政府信息公开工作年度报告汇总"
            return self.column(Column("year", request.path, name, "信息公开年报", rows=True), request, load)
        number = _number(request.path)
        column = next((c for c in self.listed() if c.path == request.path.rpartition("/")[0] + "/"), None)
        if column and request.path.rpartition("/")[2] and 0 <= number < pages(len(self.rows(column.path)), self.size):
            return self.column(column, request, load)
        return None

    def _feed(self) -> Answer:
        rows = [
            {
                "TITLE": document.title,
                "URL": self._absolute(document),
                "SUB_TITLE": "",
                "DOCRELPUBTIME": f"{document.listed:%Y-%m-%d}",
            }
            for document in self.rows(self.clerk.own)
        ]
        body = json.dumps(rows, ensure_ascii=False).encode("utf-8-sig")
        return Answer(200, (("Content-Type", "application/json"),), body)

    def _absolute(self, document: Document) -> str:
        href = self.href(document, self.clerk.own)
        return href if href.startswith("http") else f"http://{self.identity.domain}{href}"

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """A page's rows with a script of the pager; the overview's years."""
        if column.key == "others":
            links = "".join(f'<li><a href="{path}">{path[-8:-4]}年各部门年度报告</a></li>' for path in self._years())
            return f'<ul class="years">{links}</ul>'
        rows = self.rows(column.path)
        number, last = max(0, _number(request.path)), pages(len(rows), self.size)
        shown = paged(rows, number + 1, self.size) if column.key != "year" else rows
        lines = "\n".join(self.line(document, column.path) for document in shown)
        if column.key == "year":
            return f'<div class="list list_1 list_2">{lines}</div>'
        return (
            f'<div class="news_box"><div class="list list_1 list_2">{lines}</div></div>\n<div class="newspage"></div>'
            f"<script>var nPageCount = {last}; var nCurrIndex = {number}; createPage(nPageCount, nCurrIndex, "
            f'"home", "htm"); // home_N.htm\nvar feed="./{FEED}";</script>'
        )

    def line(self, document: Document, path: str) -> str:
        """A row as a heading with its day."""
        title = html.escape(document.title)
        href = self.href(document, path)
        return (
            f'<h4><a href="{href}" target="_blank">{title}</a><span class="date">{document.listed:%Y-%m-%d}</span></h4>'
        )

    def head(self, column: Column | None) -> str:
        """Nothing on columns; the articles' time of first publication stands in their tags."""
        return "" if column else '<meta name="catalog" content="政府信息公开年报"/>'

    def tags(self, document: Document, url: str) -> tuple[tuple[str, str], ...]:
        """With the time in a form of its own."""
        return (*super().tags(document, url), ("firstpublishedtime", f"{document.published:%Y-%m-%d-%H:%M:%S}"))

    def article(self, document: Document, load: Load) -> str:
        """A table of metadata, then the body."""
        card = record(
            (
                ("索 引 号：", f"{document.id:09d}/{document.published.year}-00001"),
                ("主题分类：", "综合政务\\政务公开"),
                ("发文机关：", document.source),
                ("成文日期：", f"{document.published:%Y年%m月%d日}"),
                ("标　　题：", document.title),
                ("发布日期：", f"{document.published:%Y年%m月%d日}"),
            )
        )
        return (
            f'<div class="policyLibraryOverview">{card}</div><h1>{html.escape(document.title)}</h1>'
            f'<div class="pages-date">{document.published:%Y-%m-%d %H:%M}<span>来源：{html.escape(document.source)}</span>'
            f"<i>{load.serial}</i></div>\n"
            f'<div class="pages_content" id="UCAP-CONTENT"><div class="trs_editor_view TRS_UEDITOR trs_paper_default">'
            f"{self.substance(document)}{self.links(document)}</div></div>"
        )


def _number(path: str) -> int:
    """The number of a page ``home_{N}.htm``; 0 for a directory, -1 for another name."""
    name = path.rpartition("/")[2]
    held = name.startswith("home_") and name.endswith(".htm")
    return whole(name[5:-4], -1) if held else -1 if name else 0


PECULIAR = {"govcn": Host(GovCn)}
