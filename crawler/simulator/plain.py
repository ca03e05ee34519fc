"""A generic static system (field guide, 1.14): directories, numbered articles, and a link to the next page.

Page k of a column is ``list_{k}.html`` beside it, its link says 下一页; past the end 404.  Articles are
``{column}{YYYY}/{id}.html``, files ``/uploadfile/{YYYY}/{32 hex}.{type}``.  Hosts whose subject is not the
list but the way to it, or what stands before it, are built on this.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from crawler.simulator.portal import COLUMNS, LISTING, Column, Portal, paged, pages
from crawler.simulator.request import whole

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

INNER = {
    "guide": "zfxxgkzn/", "rules": "zfxxgkzd/", "statutory": "fdzdgknr/", "own": "zfxxgknb/", "others": "bmnb/",
    "apply": "ysqgk/", "website": "wzndbb/",
}  # fmt: skip
OUTER = {"root": "/", "news": "/xwzx/", "service": "/bsfw/", "ask": "/hdjl/", "map": "/wzdt/"}


class Plain(Portal):
    """A portal of static pages."""

    size = 12

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Directories by pinyin."""
        root = rng.choice(("/zwgk/", "/xxgk/", "/gongkai/"))
        section = root + rng.choice(("zfxxgk/", "zfxxgkpt/"))
        found = OUTER | {"open": root, "section": section} | {key: section + slug for key, slug in INNER.items()}
        return {key: found[key] for key, _, _ in COLUMNS}

    def page_path(self, document: Document, column: str) -> str:
        """By the year of filing and the id, below the column."""
        return f"{column}{document.filed.year}/{document.id}.html"

    def file_path(self, document: Document, file: Attached) -> str:
        """In the folder of uploads."""
        return f"/uploadfile/{document.filed.year}/{self.token(document, file.file)}.{file.kind}"

    def service(self, request: Request, load: Load) -> Answer | None:
        """The further pages of the columns."""
        folder, _, name = request.path.rpartition("/")
        number = whole(name.removeprefix("list_").removesuffix(".html"), 0) if name.startswith("list_") else 0
        column = next((c for c in self.columns.values() if c.rows and c.path == folder + "/"), None)
        if column is None or not 2 <= number <= pages(len(self.rows(column.path)), self.size):
            return None
        return self.column(column, request, load)

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """The rows of a page, and the links to its neighbours."""
        return self.lines(
            column.path, whole(request.path.rpartition("list_")[2].removesuffix(".html"), 1), "list_{}.html"
        )

    def lines(self, path: str, number: int, pattern: str) -> str:
        """Page ``number`` of the column at ``path``; ``pattern`` makes a number a further page's address."""
        count = len(self.rows(path))
        last = pages(count, self.size)
        rows = "\n".join(self.line(document, path) for document in paged(self.rows(path), number, self.size))
        following = f'<a class="next" href="{pattern.format(number + 1)}">下一页</a>' if number < last else ""
        return f'<ul class="list">{rows}</ul>\n<div class="pager">第{number}/{last}页 {following}</div>'

    def line(self, document: Document, path: str) -> str:
        """A row."""
        title = html.escape(document.title)
        return (
            f'<li><a href="{self.href(document, path)}" title="{title}" target="_blank">{title}</a>'
            f"<span>{document.listed:%Y-%m-%d}</span></li>"
        )

    def article(self, document: Document, load: Load) -> str:
        """The article."""
        return (
            f'<div class="article"><h1>{html.escape(document.title)}</h1><div class="info">'
            f"<span>发布时间：{document.published:%Y-%m-%d %H:%M}</span><span>来源：{html.escape(document.source)}</span>"
            f'<span>点击数：<em id="hits">{load.serial}</em></span></div>\n'
            f'<div class="content">{self.substance(document)}</div><div class="fujian">{self.links(document)}</div></div>'
        )

    def listed(self) -> list[Column]:
        """The columns that list."""
        return [self.columns[key] for key in LISTING]
