"""Lonsun, 龙讯 (field guide, 1.8): a county's portal with four publishers, each an organ with a number.

``/public/column/{organ}?type=T&action=list&nav=&catId=`` is an organ's column: 1 rules, 2 guide, **3 annual
reports**, 4 catalogue, 5 applications.  Only types 1, 2, 4 and 5 are linked; the menu's entry for type 3 is a
script, so that its address has to be made from a neighbour's.  Rows come as a fragment from ``/site/label/8888``
(GET or POST) with the parameters that the page's script names; ``file`` and ``siteId`` must be the page's own,
else 暂无相关信息.  ``pageCount:N`` stands in the page.  Articles are ``/public/{organ}/{id}.html``, news
``/content/article/{id}``, files ``/group6/M00/…`` of a FastDFS.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links, the random
``_=0.42…`` that the script adds to each request.  Trap: the same document stands under two organs by one id.
"""

from __future__ import annotations

import base64
import html
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer, status_page
from crawler.simulator.portal import COLUMNS, Column, Portal, cut, paged, pages
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

LABEL = "/site/label/8888"
TEMPLATE = "/xxgk/publicInfoList_newest2020"
SIZE = 6
TYPES = {"1": "rules", "2": "guide", "3": "own", "4": "statutory", "5": "apply"}
NOTHING = '<div class="noinfo">暂无相关信息</div>'


class Lonsun(Portal):
    """One county's portal."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.web = str(rng.randint(2_000_000, 7_000_000))
        self.first = rng.randint(1500, 22_000)
        super().__init__(rng, domain, last)

    # -------------------------------------------------------- organs

    def organs(self) -> dict[str, str]:
        """The publishers' numbers: number to name, the owner first."""
        return {str(self.first + 7 * index): body.name for index, body in enumerate(self.who.publishers)}

    def organ(self, column: str) -> str:
        """The organ of a column's path."""
        return column.partition("?")[0].rpartition("/")[2]

    def paths(self, _rng: random.Random) -> Mapping[str, str]:
        """The owner's columns by type; the others' reports at a path that leads to the list of organs."""
        owner = str(self.first)
        typed = {key: _column(owner, kind) for kind, key in TYPES.items()}
        fixed = {"root": "/", "open": "/zwgk/", "section": f"/public/column/{owner}", "others": "/public/organs.html"}
        fixed |= {"website": "/wzgzndbb/", "news": "/xwzx/", "service": "/bsfw/", "ask": "/hdjl/", "map": "/wzdt/"}
        return {key: (fixed | typed)[key] for key, _, _ in COLUMNS}

    def place(self, document: Document) -> Document:
        """Into the column of its publisher's organ; what is no report of the others' into the first one's."""
        return replace(document, columns=tuple(dict.fromkeys(self._below(document, c) for c in document.columns)))

    def _below(self, document: Document, column: str) -> str:
        if column != self.clerk.others:
            return column
        numbers = {name: number for number, name in self.organs().items()}
        publisher = document.content.publisher if document.content else ""
        return _column(numbers.get(publisher, str(self.first + 7)), "3")

    def annual(self) -> tuple[str, ...]:
        """Each organ's column of type 3."""
        return tuple(_column(number, "3") for number in self.organs())

    def page_path(self, document: Document, column: str) -> str:
        """By organ and id, news by id."""
        if column == self.clerk.news:
            return f"/content/article/{document.id}"
        return f"/public/{self.organ(column)}/{document.id}.html"

    def file_path(self, document: Document, file: Attached) -> str:
        """As FastDFS names files."""
        token = self.token(document, file.file)
        name = base64.b64encode(bytes.fromhex(token)[:15], altchars=b"-_").decode()
        return f"/group6/M00/{token[:2].upper()}/{token[2:4].upper()}/{name}.{file.kind}"

    # -------------------------------------------------------- pages

    def service(self, request: Request, load: Load) -> Answer | None:
        """The label, and the organs' columns by type."""
        if request.path == LABEL:
            return self._label(request.said)
        number = request.path.removeprefix("/public/column/")
        if number == request.path:
            return None
        kind = request.args.get("type", "4")
        if number not in self.organs() or kind not in TYPES:
            return status_page(404)
        base = self.columns[TYPES[kind]]
        return self.column(replace(base, path=_column(number, kind), rows=kind == "3"), request, load)

    def head(self, column: Column | None) -> str:
        """The vendor's tag."""
        return f'<meta name="SiteId" content="{self.web}"/>' if column else ""

    def left(self) -> str:
        """Links by type, and a script for the annual reports."""
        owner = str(self.first)
        names = {"2": "政府信息公开指南", "1": "政府信息公开制度", "4": "法定主动公开内容", "5": "依申请公开"}
        links = "".join(f'<li><a href="{_column(owner, kind)}">{name}</a></li>' for kind, name in names.items())
        script = '<li><a href="javascript:void(0)" onclick="toType(3)"><em></em>政府信息<br>公开年报</a></li>'
        table = '<li><a href="/wzgzndbb/">政府网站工作年度报表</a></li>'
        organs = "".join(f'<li><a href="{_column(n, "4")}">{name}</a></li>' for n, name in self.organs().items())
        return (
            f'<div class="left"><ul>{links}{script}{table}</ul><h3>公开单位</h3><ul class="organs">{organs}</ul></div>'
        )

    def tabs(self, _column: Column) -> str:
        """None."""
        return ""

    def _said(self, column: Column) -> dict[str, str]:
        own = column.key == "news"
        return {
            "labelName": "articleList" if own else "publicInfoList",
            "siteId": self.web,
            "pageSize": str(SIZE),
            "pageIndex": "1",
            "action": "list",
            "isDate": "true",
            "dateFormat": "yyyy-MM-dd",
            "length": "50",
            "organId": "0" if own else self.organ(column.path),
            "type": "0" if own else "3",
            "catId": "",
            "result": "暂无相关信息",
            "file": TEMPLATE,
        }

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The script with the label's parameters; the organs' overview lists organs only."""
        if column.key == "others":
            return '<p class="tip">请从左侧选择公开单位。</p>'
        pairs = ",".join(f"{name}:'{value}'" for name, value in self._said(column).items())
        count = pages(len(self.rows(column.path)), SIZE)
        return (
            '<div class="xxgk_list" id="list"></div><div id="page"></div>\n<script type="text/javascript">\n'
            f"var params = {{{pairs}}};\nLs.pagination({{pageCount:{count},pageIndex:1}});\n"
            f"$.get('{LABEL}?IsAjax=1&dataType=html&_='+Math.random(), params, function(d){{$('#list').html(d);}});\n</script>"
        )

    def _label(self, said: Mapping[str, str]) -> Answer:
        columns = [replace(self.columns["own"], path=path) for path in self.annual()] + [self.columns["news"]]
        keys = ("labelName", "siteId", "organId", "type", "file")
        asked = {name: said.get(name, "") for name in keys}
        column = next((c for c in columns if asked.items() <= self._said(c).items()), None)
        rows = self.rows(column.path) if column else []
        shown = paged(rows, whole(said.get("pageIndex", ""), 1), min(whole(said.get("pageSize", ""), SIZE), 50))
        if column is None or not shown:
            return Answer.page(NOTHING)
        lines = "".join(self._row(document, column.path) for document in shown)
        return Answer.page(f'<ul class="clearfix xxgk_nav_list">{lines}</ul>')

    def _row(self, document: Document, path: str) -> str:
        title = html.escape(document.title)
        href = self.href(document, path)
        href = href if href.startswith("http") else f"http://{self.identity.domain}{href}"
        return (
            f'<li><a href="{href}" title="{title}" target="_blank">{html.escape(cut(document.title))}</a>'
            f'<span class="date">{document.listed:%Y-%m-%d}</span></li>'
        )

    def article(self, document: Document, load: Load) -> str:
        """The article."""
        return (
            f'<div class="wztit">{html.escape(document.title)}</div><div class="wzinfo">发布时间：'
            f"{document.published:%Y-%m-%d %H:%M}　信息来源：{html.escape(document.source)}　"
            f'浏览次数：<span id="hits">{load.serial}</span></div>\n'
            f'<div class="wzcon j-fontContent clearfix">{self.substance(document)}{self.links(document)}</div>'
        )


def _column(organ: str, kind: str) -> str:
    return f"/public/column/{organ}?type={kind}&action=list&nav=&catId="


HOSTS = {"lonsun": Host(Lonsun)}
