"""TRS WAS (field guide, 1.2): the annual-report columns are a search.

A column's page is a shell of seven kilobytes with a form that posts ``channelid``, ``page``, ``perpage``,
``outlinepage`` and ``searchword`` to ``/was5/web/search?channelid=…``.  Rows are ``td.t_l.tdMC > a[name=TITLE]`` with
``<li><b>发文日期：</b>2026年09月16日</li>``; links are absolute.

Traps: a GET of the search answers 302 to the shell; ``perpage`` is ignored (ten rows always); a page past the
end repeats the last one; an unknown channel answers 404 with the whole home page as its body.
Volatile and wrong: as in :mod:`crawler.simulator.hosts.trs`.
"""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer
from crawler.simulator.portal import LISTING, Column, paged, pages
from crawler.simulator.request import whole
from crawler.simulator.site import Host
from crawler.simulator.wcm import Wcm

if TYPE_CHECKING:
    import random

    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

SEARCH = "/was5/web/search"
SIZE = 10
SHELL = 7000
"""Bytes of a column's page, at least."""


class Was(Wcm):
    """One portal."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.channel = rng.randint(200_000, 300_000)
        super().__init__(rng, domain, last)

    def _channels(self) -> dict[str, str]:
        return {str(self.channel + 7 * index): self.columns[key].path for index, key in enumerate(LISTING[:2])}

    def listing(self, column: Column, request: Request, load: Load) -> str:
        """The form of the search; news are static."""
        channel = next((number for number, path in self._channels().items() if path == column.path), None)
        if channel is None:
            return super().listing(column, request, load)
        hidden = {"channelid": channel, "page": "1", "perpage": str(SIZE), "outlinepage": "10", "searchword": ""}
        inputs = "".join(f'<input type="hidden" name="{name}" value="{value}"/>' for name, value in hidden.items())
        filler = "/* 分页与检索 */\n" * (SHELL // 24)
        return (
            f'<form id="searchForm" name="searchForm" method="post" action="{SEARCH}?channelid={channel}">{inputs}</form>\n'
            f'<div id="result"></div>\n<script type="text/javascript">\n{filler}'
            "function toPage(n){document.searchForm.page.value=n;$.post($('#searchForm').attr('action'),"
            "$('#searchForm').serialize(),function(d){$('#result').html(d);});}\ntoPage(1);\n</script>"
        )

    def counts(self) -> dict[str, int]:
        """共N条 in the search's answers."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def service(self, request: Request, load: Load) -> Answer | None:
        """The search."""
        if request.path != SEARCH:
            return super().service(request, load)
        path = self._channels().get(request.said.get("channelid", ""))
        if path is None:
            return replace(self.column(self.columns["root"], request, load), status=404)
        if request.method != "POST":
            return Answer(302, (("Location", path),), b"")
        rows = self.rows(path)
        last = pages(len(rows), SIZE)
        number = min(max(1, whole(request.said.get("page", ""), 1)), last)
        return Answer.page(self._result(paged(rows, number, SIZE), path, number, last))

    def _result(self, rows: list[Document], path: str, number: int, last: int) -> str:
        lines = "\n".join(
            f'<tr><td class="t_l tdMC"><a name="TITLE" href="{self._absolute(self.href(d, path))}" target="_blank">'
            f"{html.escape(d.title)}</a><ul><li><b>发文日期：</b>{d.listed:%Y年%m月%d日}</li>"
            f"<li><b>主办单位：</b>{html.escape(d.source)}</li></ul></td></tr>"
            for d in rows
        )
        return (
            f'<table class="t_list" width="100%"><tbody>{lines}</tbody></table>\n<div class="fy">共{len(self.rows(path))}条 '
            f'第{number}/{last}页 <a href="javascript:toPage({min(number + 1, last)})">下一页</a></div>'
        )

    def _absolute(self, href: str) -> str:
        return href if href.startswith("http") else f"http://{self.identity.domain}{href}"


HOSTS = {"was": Host(Was)}
