"""ASP.NET WebForms (field guide, 1.13 and 4, F1): paging by posting the page's hidden state.

A column is ``/zwgk/list.aspx?cid=1019``; its rows stand in a grid whose pager calls
``__doPostBack('ctl00$main$gView','Page$2')``: a POST to the same address with ``__VIEWSTATE``,
``__VIEWSTATEGENERATOR``, ``__EVENTVALIDATION``, ``__EVENTTARGET`` and ``__EVENTARGUMENT``.  A state that is missing,
of another column or from before a change of the column answers page 1, and so does a page that the posted page's
own pager did not show (it shows the neighbours).  Articles are ``/NewsView.aspx?NewsID=…``.

Every page is GB18030, declared gb2312 in header and head.  The state is large and has a meaningless part.
Volatile: counters, the generated-at tag, a token, today's date, the order of the related links, the state itself.
Trap: the form holds a search button, which must not be posted (it answers page 1).
"""

from __future__ import annotations

import base64
import hashlib
import html
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator.portal import COLUMNS, LISTING, Column, Portal, paged, pages
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

GRID = "ctl00$main$gView"
SIZE = 8
GENERATOR = "CA0B0334"
CHARSET = (("Content-Type", "text/html; charset=gb2312"),)


class Aspx(Portal):
    """One portal."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """One program, columns by number."""
        number = rng.randint(900, 1500)
        found = {key: f"/zwgk/list.aspx?cid={number + 7 * index}" for index, (key, _, _) in enumerate(COLUMNS)}
        return found | {"root": "/", "open": "/zwgk/default.aspx", "map": "/sitemap.aspx"}

    def page_path(self, document: Document, _column: str) -> str:
        """By id, in whatever column."""
        return f"/NewsView.aspx?NewsID={document.id}"

    def file_path(self, document: Document, file: Attached) -> str:
        """In the folder of uploads, by a readable name of digits."""
        return f"/UploadFiles/{document.filed:%Y-%m}/{self.token(document, file.file)[:16]}.{file.kind}"

    def answer(self, request: Request, load: Load) -> Answer:
        """Pages leave as GB18030 under the name of GB2312."""
        answer = super().answer(request, load)
        if not answer.headers or not answer.headers[0][1].startswith("text/html"):
            return answer
        try:
            text = answer.body.decode("utf-8")
        except UnicodeDecodeError:
            text = answer.body.decode("gb18030")
        body = text.replace('charset="utf-8"', 'charset="gb2312"').encode("gb18030")
        return replace(answer, headers=(*CHARSET, *answer.headers[1:]), body=body)

    def service(self, request: Request, load: Load) -> Answer | None:
        """A posted form."""
        column = next((c for c in (self.columns[key] for key in LISTING) if request.asks(c.path)), None)
        return self.column(column, request, load) if column and request.method == "POST" else None

    # -------------------------------------------------------- the grid

    def _state(self, column: Column, number: int, salt: str) -> str:
        """The state of a page of the column as it stands now."""
        ids = ",".join(str(document.id) for document in self.rows(column.path))
        key = hashlib.sha256(f"{self.identity.code}:{column.key}:{ids}:{salt}".encode()).digest()
        return base64.b64encode(b"\xff\x01" + number.to_bytes(2, "big") + key * 12).decode()

    def _number(self, column: Column, request: Request) -> int:
        """The page that a posted form asks for; 1 where it does not hold."""
        form, last = request.form, pages(len(self.rows(column.path)), SIZE)
        if request.method != "POST" or form.get("__EVENTTARGET") != GRID or "btnSearch" in form:
            return 1
        for number in range(1, last + 1):
            if form.get("__VIEWSTATE") != self._state(column, number, "view"):
                continue
            held = form.get("__EVENTVALIDATION") == self._state(column, number, "event")
            wanted = {f"Page${n}": n for n in (number - 1, number + 1) if 1 <= n <= last}
            return wanted.get(form.get("__EVENTARGUMENT", ""), 1) if held else 1
        return 1

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """The form with its state, a page's rows and its pager."""
        rows, number = self.rows(column.path), self._number(column, request)
        last = pages(len(rows), SIZE)
        hidden = {"__EVENTTARGET": "", "__EVENTARGUMENT": "", "__VIEWSTATE": self._state(column, number, "view")}
        hidden |= {"__VIEWSTATEGENERATOR": GENERATOR, "__EVENTVALIDATION": self._state(column, number, "event")}
        inputs = "".join(
            f'<input type="hidden" name="{name}" id="{name}" value="{text}"/>' for name, text in hidden.items()
        )
        lines = "\n".join(self._row(document, column.path) for document in paged(rows, number, SIZE))
        cells = "".join(_cell(n, number) for n in (number - 1, number, number + 1) if 1 <= n <= last)
        action = html.escape("./list.aspx?" + column.path.partition("?")[2])
        return (
            f'<form name="form1" method="post" action="{action}" id="form1">{inputs}\n'
            "<script>function __doPostBack(t,a){var f=document.forms['form1'];f.__EVENTTARGET.value=t;"
            "f.__EVENTARGUMENT.value=a;f.submit();}</script>\n"
            '<input type="text" name="txtKey"/><input type="submit" name="btnSearch" value="搜索"/>\n'
            f'<table id="main_gView" class="list">{lines}\n<tr class="pager"><td colspan="2"><table><tr>{cells}</tr></table>'
            f"共{len(rows)}条 第{number}/{last}页</td></tr></table></form>"
        )

    def _row(self, document: Document, path: str) -> str:
        title = html.escape(document.title)
        return (
            f'<tr><td><a href="{self.href(document, path)}" title="{title}" target="_blank">{title}</a></td>'
            f"<td>{document.listed.year}/{document.listed.month}/{document.listed.day}</td></tr>"
        )

    def counts(self) -> dict[str, int]:
        """共N条 in the pager."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def article(self, document: Document, load: Load) -> str:
        """The article."""
        return (
            f'<div class="newsview"><span id="lblTitle">{html.escape(document.title)}</span><div class="newsinfo">'
            f'发布时间：<span id="lblTime">{document.published:%Y-%m-%d %H:%M:%S}</span>　来源：'
            f'<span id="lblSource">{html.escape(document.source)}</span>　点击：<span id="lblHits">{load.serial}</span></div>\n'
            f'<div id="lblContent">{self.substance(document)}</div><div class="files">{self.links(document)}</div></div>'
        )


def _cell(number: int, current: int) -> str:
    if number == current:
        return f"<td><span>{number}</span></td>"
    return f"<td><a href=\"javascript:__doPostBack('{GRID}','Page${number}')\">{number}</a></td>"


HOSTS = {"aspx": Host(Aspx)}
