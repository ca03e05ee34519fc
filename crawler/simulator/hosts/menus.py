"""Hosts whose subject is how a column is found (field guide, 3.1): three small portals of static pages.

``menu``: the entry to the section is an image with nothing but ``alt``; the annual reports' name is broken by
``<em></em>`` and ``<br>``; the rows of both columns are ``<a href="javascript:void(0)" onclick="jumpToDetail('./2024/1.html')">``;
the whole old menu, with dead addresses, stands in comments.
``search-only``: nothing leads to a column; only the form of the site's search (``/search.html?q=…&page=2``, five rows
a page) finds reports.  It finds titles that share a third of the pairs of characters asked for.
``sitemap-only``: nothing but ``/sitemap.xml`` names the columns.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Traps: on ``menu`` the commented addresses answer 404; ``search-only`` finds look-alikes and news as well, and ignores a
query of less than four characters; the sitemap of ``sitemap-only`` holds articles that are no reports.
"""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator import frame
from crawler.simulator.answers import Answer
from crawler.simulator.plain import Plain
from crawler.simulator.portal import TOP, Column, paged, pages
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load, Page
    from crawler.simulator.request import Request

FOUND = 5
"""Rows on a page of the search."""


class Menu(Plain):
    """A portal whose menus are hard to read."""

    def top(self) -> str:
        """The way to the section is an image, and an old menu stands in a comment."""
        plain = "".join(
            f'<li><a href="{self.columns[k].path}">{self.columns[k].name}</a></li>' for k in ("news", "ask")
        )
        image = f'<li><a href="{self.columns["section"].path}"><img src="/images/m2.png" alt="政府信息公开"/></a></li>'
        old = (
            '<!-- <li><a href="/old/zfxxgknb/">政府信息公开年报</a></li><li><a href="/old/xxgk/">信息公开</a></li> -->'
        )
        return f'<div class="nav"><ul>{old}<li><a href="/">首页</a></li>{image}{plain}</ul></div>'

    def line(self, document: Document, path: str) -> str:
        """A row that a script opens."""
        href = self.href(document, path)
        below = href.startswith(path)
        call = f"jumpToDetail('./{href.removeprefix(path)}')" if below else f"openUrl('{href}')"
        title = html.escape(document.title)
        return (
            f'<li><a href="javascript:void(0)" onclick="{call}">{title}</a><span>{document.listed:%Y-%m-%d}</span></li>'
        )


class Unlinked(Plain):
    """A portal no page of which links a column of reports."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """The columns where nobody would guess them."""
        found = super().paths(rng)
        return {**found, **{key: f"/p{rng.randrange(10**6):06d}/{key[0]}/" for key in ("own", "others")}}

    def _columns(self, paths: Mapping[str, str]) -> dict[str, Column]:
        found = super()._columns(paths)
        texts = {"open": "<p>栏目建设中。</p>", "map": '<p><a href="/bsfw/">办事服务</a></p>'}
        return {key: replace(column, text=texts.get(key, column.text)) for key, column in found.items()}

    def top(self) -> str:
        """Without the open section."""
        keys = [key for key in TOP if key != "open"]
        links = "".join(f'<li><a href="{self.columns[k].path}">{self.columns[k].name}</a></li>' for k in keys)
        return f'<div class="nav"><ul>{links}</ul>{self.search()}</div>'

    def left(self) -> str:
        """None."""
        return ""

    def search(self) -> str:
        """The form of a search; none."""
        return ""

    def tabs(self, _column: Column) -> str:
        """None."""
        return ""

    def framed(self, page: Page, load: Load) -> str:
        """Without the crumbs that would name the column, and with related news only."""
        related = [(d.title, self.page_paths(d)[0]) for d in self.documents.values() if d.columns[0] == self.clerk.news]
        return frame.modern(replace(page, crumbs=()), self.identity, load, self.top(), related)


class SearchOnly(Unlinked):
    """A portal whose search finds what its menus do not."""

    def annual(self) -> tuple[str, ...]:
        """There is no column to be read."""
        return ()

    def search(self) -> str:
        """The form."""
        return (
            '<form action="/search.html" method="get" class="search"><input type="text" name="q" placeholder="请输入关键词"/>'
            '<input type="submit" value="搜索"/></form>'
        )

    def service(self, request: Request, load: Load) -> Answer | None:
        """The search, in the place of the columns."""
        if request.path != "/search.html":
            return super().service(request, load)
        asked, number = request.args.get("q", ""), whole(request.args.get("page", ""), 1)
        hits = self._hits(asked) if len(asked) >= 4 else []
        last = pages(len(hits), FOUND)
        rows = "".join(
            f'<div class="result"><h3><a href="{d.elsewhere or self.page_paths(d)[0]}">{_marked(d.title)}</a></h3>'
            f"<p>{d.listed:%Y-%m-%d}</p></div>"
            for d in paged(hits, number, FOUND)
        )
        query = html.escape(asked)
        following = f'<a href="/search.html?q={query}&amp;page={number + 1}">下一页</a>' if number < last else ""
        shown = f'<div class="results">为您找到相关结果约{len(hits)}个{rows}</div><div class="pager">{following}</div>'
        return self.column(replace(self.columns["root"], text=shown), request, load)

    def _hits(self, asked: str) -> list[Document]:
        wanted = _pairs(asked)
        live = [document for document in self.documents.values() if document.state == "live"]
        shared = {document.id: len(wanted & _pairs(document.title)) for document in live}
        found = [document for document in live if 3 * shared[document.id] >= len(wanted)]
        return sorted(found, key=lambda document: (-shared[document.id], -document.id))

    def answer(self, request: Request, load: Load) -> Answer:
        """The columns' own addresses are those of no page."""
        hidden = {self.columns["own"].path, self.columns["others"].path}
        if any(request.path.startswith(path) and request.path.count("/") < 4 for path in hidden):
            request = replace(request, target="/404.html")
        return super().answer(request, load)


class SitemapOnly(Unlinked):
    """A portal whose sitemap names what its menus do not."""

    def service(self, request: Request, load: Load) -> Answer | None:
        """The sitemap: the columns, the news and two articles."""
        if request.path != "/sitemap.xml":
            return super().service(request, load)
        paths = [column.path for column in self.columns.values()]
        paths += [self.page_paths(d)[0] for d in self.documents.values() if d.look_alike == "news"]
        lines = "".join(f"<url><loc>http://{self.identity.domain}{html.escape(path)}</loc></url>" for path in paths)
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{lines}</urlset>'
        return Answer(200, (("Content-Type", "text/xml"),), text.encode())


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}


def _marked(title: str) -> str:
    """A title with the words found set in red, as searches do."""
    return html.escape(title).replace("信息公开", "<em style='color:red'>信息公开</em>")


PECULIAR = {"menu": Host(Menu), "search-only": Host(SearchOnly), "sitemap-only": Host(SitemapOnly)}
