"""TRS with a tree of annual reports (field guide, 1.13 and 3.1): no column lists them all.

The owner's column only links a sub-column for each year, ``gknb2018/``, and the group ``sxdw/`` (the others'
reports); the group links a directory for each body.  The last body's directory is no list but a single article:
its newest report inline, with links to that of each year below it; the newest thus stands at two addresses.
A new year's sub-column appears when the year's first report is published.  Look-alikes and news stand in the
sub-column of the year before their publication, those of the group in its first body's.

Volatile and wrong: as in :mod:`crawler.simulator.hosts.trs`.  Traps: the years' menu is a ``select`` for all
but the newest three; the single article's directory carries an article's tags.
"""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator import articles
from crawler.simulator.answers import Answer
from crawler.simulator.frame import Page
from crawler.simulator.portal import Column
from crawler.simulator.site import Host
from crawler.simulator.wcm import Wcm

if TYPE_CHECKING:
    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

BODIES = ("sjbm/", "qjbm/", "xqrmzfbgs/")
"""The directories of the other bodies; the last is a single article."""
SHOWN = 3
"""How many years are plain links."""


class TrsNb(Wcm):
    """One portal."""

    def place(self, document: Document) -> Document:
        """Into the sub-column of its year or of its body."""
        return replace(document, columns=tuple(dict.fromkeys(self._below(document, c) for c in document.columns)))

    def _below(self, document: Document, column: str) -> str:
        if column not in {self.clerk.own, self.clerk.others}:
            return column
        if column == self.clerk.others:
            names = [body.name for body in self.who.others]
            publisher = document.content.publisher if document.content else names[0]
            return column + BODIES[names.index(publisher)]
        return f"{column}gknb{document.content.year if document.content else document.published.year - 1}/"

    def annual(self) -> tuple[str, ...]:
        """The columns, the years' and the bodies'."""
        bodies = (self.clerk.others + body for body in BODIES)
        return (*super().annual(), *(path for path, _ in self._years()), *bodies)

    def _years(self) -> list[tuple[str, str]]:
        """The years' sub-columns, the newest first: path and year."""
        mark = f"{self.clerk.own}gknb"
        found = {c for d in self.documents.values() for c in d.columns if c.startswith(mark)}
        return [(path, path.removeprefix(mark).rstrip("/")) for path in sorted(found, reverse=True)]

    # -------------------------------------------------------- the single article

    def _single(self) -> list[Document]:
        """The last body's reports, the newest first."""
        found = [d for d in self.rows(self.clerk.others + BODIES[-1]) if d.content]
        return sorted(found, key=lambda d: (d.content.year if d.content else 0, d.id), reverse=True)

    def page_paths(self, document: Document) -> tuple[str, ...]:
        """The newest of the single article's column stands at the column's address, too."""
        newest = next(iter(self._single()), None)
        more = (self.clerk.others + BODIES[-1],) if newest and newest.id == document.id else ()
        return (*super().page_paths(document), *more)

    # -------------------------------------------------------- pages

    def service(self, request: Request, load: Load) -> Answer | None:
        """The sub-columns, which no table of columns holds."""
        path = request.path.removesuffix("index.html")
        year = dict(self._years()).get(path)
        if year:
            return self.column(Column("year", path, f"{year}年", "信息公开年报", "", rows=True), request, load)
        for body, publisher in zip(BODIES, self.who.others, strict=True):
            if path == self.clerk.others + body:
                column = Column("body", path, publisher.name, "信息公开年报", "", rows=True)
                return self._inline(column, load) if body == BODIES[-1] else self.column(column, request, load)
        return super().service(request, load)

    def _inline(self, column: Column, load: Load) -> Answer:
        """The newest report, with links to every year's."""
        found = self._single()
        links = "".join(f'<a href="{d.href(column.path)}">{d.content.year if d.content else ""}年</a>　' for d in found)
        if not found:
            return Answer.page(self.framed(Page(column.name, "<p>暂无信息</p>", up="/"), load))
        newest = found[0]
        middle = articles.article(newest, self.layout, load.serial)
        middle = middle.replace('"./', f'"{newest.directory(column.path)}')
        url = f"http://{self.identity.domain}{column.path}"
        crumbs = (("首页", "/"), (column.name, column.path))
        tags = self.tags(newest, url)
        title = f"{newest.title}_{self.identity.name}"
        page = Page(
            title, f'<div class="nf">历年年报：{links}</div>{middle}', column.name, column.kind, tags, crumbs, "/"
        )
        return Answer.page(self.framed(page, load))

    def listing(self, column: Column, request: Request, load: Load) -> str:
        """The owner's column links years and the group, the group its bodies; a sub-column lists."""
        if column.key == "own":
            years = [(path.removeprefix(column.path), year) for path, year in self._years()]
            plain = "".join(f'<li><a href="./{path}">{year}年</a></li>' for path, year in years[:SHOWN])
            chosen = "".join(f'<option value="./{path}">{year}年</option>' for path, year in years[SHOWN:])
            choice = f'<select onchange="location.href=this.value"><option>更早</option>{chosen}</select>'
            return f'<ul class="nf">{plain}</ul>{choice}'
        if column.key == "others":
            pairs = zip(BODIES, self.who.others, strict=True)
            links = "".join(f'<li><a href="./{slug}">{html.escape(body.name)}</a></li>' for slug, body in pairs)
            return f"<ul>{links}</ul>"
        return super().listing(column, request, load)


HOSTS = {"trs-nb": Host(TrsNb)}
