"""Hanweb's disclosure module (field guide, 1.4 and 9): two hosts.

``hanweb-xxgk``: a column's page has a script that posts ``infotypeId``, ``jdid``, ``area``, ``divid``, … to
``/module/xxgk/search.jsp?…&currpage=N…`` and puts the fragment that comes back into its ``div``; the fragment
says 共N页.  The owner's column knows its category; the others' reads it from ``tree.jsp?area=``, whose entries
carry the local code in ``onclick``.  Trap: the category is ignored, every search gives the articles of the
whole district (news too), told apart only by the column's number in ``art_<column>_<id>``.  Without
``X-Requested-With`` and a Referer the module answers 404.

``xxgk-annual``: a report's address is ``/module/xxgk/xxgkAnnualReport.jsp?fbtime=2015&area=<code>``; its year
and body stand only in the query and in the text, not in title or tags.  A column's page has two ``select``
(years and bodies) and links for its own bodies, one column with the parameters in this order, the other in the
reverse order: both are the same page.  A pair without a report answers 暂无数据 with status 200.  Look-alikes and
news stand in the column as ordinary articles.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
"""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer, status_page
from crawler.simulator.frame import Page
from crawler.simulator.hanweb import Hanweb
from crawler.simulator.portal import Column, paged, pages
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random

    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

SEARCH = "/module/xxgk/search.jsp"
TREE = "/module/xxgk/tree.jsp"
ANNUAL = "/module/xxgk/xxgkAnnualReport.jsp"
SIZE = 15


class Xxgk(Hanweb):
    """The module as a search."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.area = f"00{rng.randint(1, 9_999_999):07d}"
        self.station = str(rng.randint(20, 400))
        letter, number = rng.choice("ABF"), rng.randint(100, 900)
        self.codes = {"own": f"{letter}{number:05d}", "others": f"{letter}{number + 7:05d}", "news": f"{letter}00001"}
        super().__init__(rng, domain, last)

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The script that searches, and the frame with the tree."""
        div = f"div{self.number(column.path)}"
        code = "" if column.key == "others" else self.codes[column.key]
        query = "texttype=0&fbtime=-1&vc_all=&vc_filenumber=&vc_title=&vc_number=&currpage=1"
        return (
            f'<iframe class="tree" src="{TREE}?area={self.area}&amp;jdid={self.station}&amp;standardXxgk=1"></iframe>\n'
            f'<div id="{div}" class="xxgk_list">正在加载…</div>\n<script type="text/javascript">\n'
            f"$.ajax({{type:'POST',url:'{SEARCH}?{query}&sortfield=,createdatetime:0,orderid:0',"
            f"data:{{infotypeId:'{code}',jdid:'{self.station}',area:'{self.area}',divid:'{div}',vc_title:'',vc_number:'',"
            "sortfield:',createdatetime:0,orderid:0',currpage:'1',vc_filenumber:'',vc_all:'',texttype:'0',fbtime:'-1',"
            f"standardXxgk:'1',isAllList:'1'}},success:function(d){{$('#{div}').html(d);}}}});\n</script>"
        )

    def service(self, request: Request, load: Load) -> Answer | None:
        """The search and the tree."""
        if request.path == TREE and request.args.get("area") == self.area:
            return Answer.page(self._tree())
        if request.path != SEARCH:
            return super().service(request, load)
        if request.method != "POST" or not request.header("Referer") or not request.header("X-Requested-With"):
            return status_page(404)
        if request.said.get("area") != self.area:
            return Answer.page('<div class="none">没有检索到相关信息</div>')
        return Answer.page(self._fragment(whole(request.said.get("currpage", ""), 1), request.form))

    def _tree(self) -> str:
        entries = "".join(
            f'<li><a href="javascript:void(0)" onclick="getInfoList(\'{code}\')">{self.columns[key].name}</a></li>'
            for key, code in self.codes.items()
        )
        return f'<html><head><meta charset="utf-8"></head><body><ul class="tree">{entries}</ul></body></html>'

    def _district(self) -> list[tuple[Document, str]]:
        """Every article, with the column it is shown in, the newest first."""
        held = [(document, path) for path in self.listed().values() for document in self.rows(path)]
        return sorted(held, key=lambda pair: (pair[0].listed, pair[0].id), reverse=True)

    def _fragment(self, number: int, form: dict[str, str]) -> str:
        found = self._district()
        shown = found[(number - 1) * SIZE : number * SIZE] if number > 0 else []
        lines = "".join(
            f'<tr class="tr_main_value_{("odd", "even")[index % 2]}"><td><a class="bt_link" href="{self.href(*pair)}" '
            f'target="_blank" title="{html.escape(pair[0].title)}">{html.escape(pair[0].title)}</a></td>'
            f"<td>{pair[0].listed:%Y-%m-%d}</td></tr>"
            for index, pair in enumerate(shown)
        )
        total = pages(len(found), SIZE)
        return (
            f'<table class="tb_main" width="100%"><tr class="tr_main_title"><td>标题</td><td>发布日期</td></tr>{lines}</table>'
            f'<div class="page">当前第{number}页　共{total}页　<a href="javascript:void(0)" '
            f"onclick=\"goPage('{html.escape(form.get('divid', ''))}',{number + 1})\">下一页</a></div>"
        )


class Annual(Hanweb):
    """The module as one page for each year and body."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        first = rng.randint(1, 900_000)
        self.areas = [f"00{first + 1311 * index:07d}" for index in range(4)]
        super().__init__(rng, domain, last)

    def place(self, document: Document) -> Document:
        """A report loses its title and is a page of its own, never a bare file."""
        if document.content is None:
            return document
        return replace(document, title="政府信息公开年度报告", direct=False, columns=document.columns[:1])

    def _area(self, publisher: str) -> str:
        return self.areas[[body.name for body in self.who.publishers].index(publisher)]

    def page_path(self, document: Document, column: str) -> str:
        """By year and body: in the owner's column the year first."""
        if document.content is None:
            return super().page_path(document, column)
        year, area = f"fbtime={document.content.year}", f"area={self._area(document.content.publisher)}"
        return f"{ANNUAL}?" + "&".join((year, area) if column == self.clerk.own else (area, year))

    def page_paths(self, document: Document) -> tuple[str, ...]:
        """A report's address in either order."""
        if document.content is None:
            return super().page_paths(document)
        path, _, query = self.page_path(document, document.columns[0]).partition("?")
        return f"{path}?{query}", f"{path}?{'&'.join(reversed(query.split('&')))}"

    def tags(self, document: Document, url: str) -> tuple[tuple[str, str], ...]:
        """A report's tags name neither its body nor, in the title, its year."""
        tags = dict(super().tags(document, url))
        return tuple((tags | ({"ContentSource": ""} if document.content else {})).items())

    def service(self, request: Request, load: Load) -> Answer | None:
        """A pair without a report."""
        if request.path != ANNUAL or any(
            request.asks(path) for d in self.documents.values() if d.content for path in self.page_paths(d)
        ):
            return super().service(request, load)
        page = Page("政府信息公开年度报告", '<div class="xxgk_none">暂无数据</div>', up="/")
        return Answer.page(self.framed(page, load))

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The choice of year and body, the links of the column's own bodies, and its ordinary articles."""
        rows = self.rows(column.path)
        plain = "".join(
            f'<li><a href="{self.href(d, column.path)}">{html.escape(d.title)}</a><span>{d.listed:%Y-%m-%d}</span></li>'
            for d in paged([d for d in rows if d.content is None], 1, 100)
        )
        if column.key == "news":
            return f"<ul>{plain}</ul>"
        return f'{self._choice(rows, column)}<ul class="list">{plain}</ul>'

    def _choice(self, rows: list[Document], column: Column) -> str:
        reports = sorted((d for d in rows if d.content), key=lambda d: d.content.year if d.content else 0, reverse=True)
        every = {d.content.year for d in self.documents.values() if d.content}
        years = "".join(f'<option value="{year}">{year}年</option>' for year in sorted(every, reverse=True))
        bodies = "".join(
            f'<option value="{area}">{body.name}</option>'
            for body, area in zip(self.who.publishers, self.areas, strict=True)
        )
        links = "".join(f'<li><a href="{html.escape(self.href(d, column.path))}">{_short(d)}</a></li>' for d in reports)
        return (
            f'<select id="fbtime">{years}</select><select id="area">{bodies}</select>\n<script>function go(){{location.href='
            f"'{ANNUAL}?fbtime='+$('#fbtime').val()+'&area='+$('#area').val();}}</script>\n"
            f'<ul class="years">{links}</ul>'
        )


def _short(document: Document) -> str:
    """How the module names a report in its list."""
    return f"{document.content.year}年度" if document.content else ""


HOSTS = {"hanweb-xxgk": Host(Xxgk), "xxgk-annual": Host(Annual)}
