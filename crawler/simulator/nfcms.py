"""NFCMS, the content system beside the disclosure platform (field guide, 1.7): what its columns and articles look like.

A column is ``…/index.html`` and page 2 ``…/index_2.html``; articles ``…/content/post_{id}.html``, those of odd ids
``mpost_{id}.html``; files ``/attachment/0/{id//10000}/{id//10}/{name}.pdf`` linked by ``a.nfw-cms-attachment``.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from crawler.simulator import markup
from crawler.simulator.portal import LISTING, paged, pages
from crawler.simulator.request import whole

if TYPE_CHECKING:
    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.portal import Column, Portal
    from crawler.simulator.request import Request

SIZE = 8


def page_path(document: Document, column: str) -> str:
    """An article below its column."""
    mark = "mpost" if document.id % 2 else "post"
    return f"{column.rpartition('/')[0]}/content/{mark}_{document.id}.html"


def file_path(document: Document, file: Attached) -> str:
    """By three numbers that say nothing."""
    name = markup.spice(document.id, file.file) % 10**7
    return f"/attachment/0/{document.id // 10**4}/{document.id // 10}/{name}.{file.kind}"


def number(column: Column, request: Request) -> int:
    """Which page of a column a request is for."""
    name = request.path.rpartition("/")[2].removesuffix(".html").removeprefix("index_")
    return whole(name, 1) if request.path != column.path else 1


def listing(portal: Portal, column: Column, request: Request) -> str:
    """A page's rows, and links to the others as numbers."""
    rows, at = portal.rows(column.path), number(column, request)
    last = pages(len(rows), SIZE)
    lines = "".join(_row(portal, document, column.path) for document in paged(rows, at, SIZE))
    others = "".join(
        f'<a href="index{f"_{n}" if n > 1 else ""}.html" class="{"on" if n == at else ""}">{n}</a>'
        for n in range(1, last + 1)
    )
    return f'<script>var NFCMS_SITE_ID="{portal.identity.code}";</script><ul class="news_list">{lines}</ul><div class="page">{others}</div>'


def _row(portal: Portal, document: Document, path: str) -> str:
    title = html.escape(document.title)
    return f'<li><a href="{portal.href(document, path)}" title="{title}">{title}</a><span>{document.listed:%Y-%m-%d}</span></li>'


def further(portal: Portal, request: Request, load: Load) -> Answer | None:
    """A column's page from the second on; None for anything else."""
    folder, _, name = request.path.rpartition("/")
    for column in (portal.columns[key] for key in LISTING):
        if column.path == f"{folder}/index.html" and name.startswith("index_"):
            held = 2 <= number(column, request) <= pages(len(portal.rows(column.path)), SIZE)
            return portal.column(column, request, load) if held else None
    return None


def links(portal: Portal, document: Document) -> str:
    """The attachments' links."""
    return portal.links(document, '<p><a class="nfw-cms-attachment" href="{href}">{name}</a></p>')


def article(portal: Portal, document: Document, load: Load) -> str:
    """An article."""
    return (
        f'<div class="article"><h1 class="article-title">{html.escape(document.title)}</h1>'
        f'<div class="article-info">发布时间：{document.published:%Y-%m-%d %H:%M:%S}　来源：'
        f'{html.escape(document.source)}　浏览：<i class="pv">{load.serial}</i></div>\n'
        f'<div class="article-content">{portal.substance(document)}{links(portal, document)}</div></div>'
    )
