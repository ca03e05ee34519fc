"""UCAP, the system of 开普 (field guide, 1.6): four hosts.

Columns are ``/{site}/c{N}/….shtml``, articles ``/{site}/c{N}/{YYYYMM}/{32hex}.shtml`` (the day stands only in the
page), files ``/{site}/c{N}/{YYYYMM}/{32hex}/files/{32hex}.pdf``; the article is made of custom elements
(``<UCAPTITLE>``, ``<PUBLISHTIME>``, ``<UCAPCONTENT>``).

``ucap``: static pages.  The owner's column calls ``createPageHTML('page_div',3,1,'xxgk_list','shtml',22)``
(container, pages, current from 1, prefix, suffix, rows): page 2 is ``xxgk_list_2.shtml``.  The other column calls
``createPageHTML(3, 1, 'index', 'shtml')`` (pages, current from 1), and its page 2 is ``index_1.shtml``: only the
current number that a page prints tells.  Past the end 404.
``ucap-json``: a column's page is an empty shell with ``channelId='…'`` (or the tag ``channelId``); rows come from
``GET /common/search/{32hex}?page=1&_pageSize=15&_isAgg=true&_isJson=true&_template=index`` with the whole text in
``contentHtml``.  Without ``_isJson=true`` it answers a page; past the end ``results`` is empty.
``ucap-code``: as ``ucap-json``, but a page knows only its code (``c101935``), and ``/getChannelList?channelCode=``
tells the channel.
``ucap-busy``: as ``ucap``; after ten requests within one second of real time it serves the home page, with 200,
in the place of everything.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
"""

from __future__ import annotations

import hashlib
import html
import json
import time
from collections import deque
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer
from crawler.simulator.portal import COLUMNS, LISTING, Column, Portal, cut, paged, pages
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

SIZE = 6
SEARCH = "/common/search/"
CHANNELS = "/getChannelList"
PATTERNS = {"own": ("xxgk_list", 0), "others": ("index", 1), "news": ("list", 0)}
"""A static column's file prefix, and what is taken from a page's number in its file's name."""
BURST = 10


class Ucap(Portal):
    """A portal of static lists."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Columns by number below the site's short name."""
        number = rng.randint(100_000, 120_000)
        found = {"root": "/"}
        for key, _, _ in COLUMNS[1:]:
            number += rng.randint(1, 40)
            found[key] = f"/{self.who.short}/c{number}/{self.stem(key)}.shtml"
        return found

    def stem(self, key: str) -> str:
        """The file name of a column's first page."""
        return PATTERNS[key][0] if key in PATTERNS else "zfxxgk"

    def page_path(self, document: Document, column: str) -> str:
        """By month and 32 digits below the column."""
        return f"{column.rpartition('/')[0]}/{document.filed:%Y%m}/{self.token(document)}.shtml"

    def file_path(self, document: Document, file: Attached) -> str:
        """In the folder of the article's files."""
        folder = self.page_path(document, document.columns[0]).removesuffix(".shtml")
        return f"{folder}/files/{self.token(document, file.file)}.{file.kind}"

    def service(self, request: Request, load: Load) -> Answer | None:
        """The further pages of a static column."""
        return next((self.column(c, request, load) for c in self._listed() if self._number(c, request) > 1), None)

    def _listed(self) -> list[Column]:
        return [self.columns[key] for key in LISTING]

    def _number(self, column: Column, request: Request) -> int:
        """Which page of the column a request is for; 0 for none."""
        prefix, less = PATTERNS[column.key]
        folder = column.path.rpartition("/")[0] + "/"
        last = pages(len(self.rows(column.path)), SIZE)
        names = {f"{folder}{prefix}_{number - less}.shtml": number for number in range(2, last + 1)}
        return (names | {column.path: 1}).get(request.path, 0)

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """A page's rows and the call that links the others."""
        rows = self.rows(column.path)
        number, last = self._number(column, request), pages(len(rows), SIZE)
        prefix = PATTERNS[column.key][0]
        call = f"createPageHTML('page_div',{last}, {number},'{prefix}','shtml',{len(rows)});"
        if column.key == "others":
            call = f"createPageHTML({last}, {number}, '{prefix}', 'shtml');"
        lines = "\n".join(self._row(document, column.path) for document in paged(rows, number, SIZE))
        return f'<ul class="list_con">{lines}</ul>\n<div id="page_div"></div><script>{call}</script>'

    def _row(self, document: Document, path: str) -> str:
        title = html.escape(document.title)
        return (
            f'<li><a href="{self.href(document, path)}" target="_blank" title="{title}">'
            f"{html.escape(cut(document.title))}</a><span>{document.listed:%Y-%m-%d}</span></li>"
        )

    def counts(self) -> dict[str, int]:
        """The rows that the call of the owner's column names."""
        own = self.columns["own"].path
        return {own: len(self.rows(own))}

    def article(self, document: Document, load: Load) -> str:
        """Custom elements."""
        return (
            f'<div class="detail"><h1><UCAPTITLE>{html.escape(document.title)}</UCAPTITLE></h1><div class="info">'
            f"发布时间：<PUBLISHTIME>{document.published:%Y-%m-%d %H:%M}</PUBLISHTIME>　来源：<span>"
            f'{html.escape(document.source)}</span>　阅读量：<b id="hits">{load.serial}</b></div>\n'
            f'<div id="zoomcon" class="article-content"><UCAPCONTENT>{self.substance(document)}</UCAPCONTENT></div>'
            f'<div class="fj">{self.links(document)}</div></div>'
        )


class UcapJson(Ucap):
    """A portal whose lists are JSON; ``coded`` if a page knows only its column's code."""

    coded = False

    def stem(self, key: str) -> str:
        """Every list has one name."""
        return "common_list" if key in PATTERNS else super().stem(key)

    def channel(self, column: Column) -> str:
        """The 32 digits of a column."""
        host = self.identity.domain.partition(":")[0]
        return hashlib.md5(f"{host}:{column.key}".encode(), usedforsecurity=False).hexdigest()

    def head(self, column: Column | None) -> str:
        """The channel as a tag, on the other bodies' column."""
        if column is None or column.key != "others" or self.coded:
            return ""
        return f'<meta name="channelId" content="{self.channel(column)}"/>'

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """An empty list and what its script needs."""
        said = f"var channelId='{self.channel(column)}';" if column.key != "others" else ""
        ask = f"$.getJSON('{SEARCH}'+channelId+'?page='+page+'&_pageSize=15&_isAgg=true&_isJson=true&_template=index',show);"
        if self.coded:
            code = column.path.split("/")[2]
            said = f"var channelCode='{code}';"
            ask = f"$.getJSON('{CHANNELS}?channelCode='+channelCode,function(d){{var channelId=d.results.channelId;{ask}}});"
        return f'<ul id="list" class="list_con"></ul><div id="page_div"></div>\n<script>{said}var page=1;{ask}</script>'

    def service(self, request: Request, load: Load) -> Answer | None:
        """The search, and where codes are used the channels by code."""
        if request.path == CHANNELS and self.coded:
            code = request.args.get("channelCode", "")
            column = next((c for c in self._listed() if c.path.split("/")[2] == code), None)
            found = {"channelId": self.channel(column), "channelName": column.name} if column else {}
            return _json({"code": 200 if found else 404, "results": found})
        if not request.path.startswith(SEARCH):
            return None
        column = next((c for c in self._listed() if request.path == SEARCH + self.channel(c)), None)
        if column is None:
            return _json({"code": 500, "data": None})
        if request.args.get("_isJson") != "true":
            return self.column(column, request, load)
        return _json({"code": 200, "data": self._data(column, request)})

    def _data(self, column: Column, request: Request) -> dict[str, object]:
        number = whole(request.args.get("page", ""), 1)
        size = min(whole(request.args.get("_pageSize", ""), 15), 30)
        rows = self.rows(column.path)
        found = [self._result(document, column.path) for document in paged(rows, number, size)]
        return {"total": len(rows), "page": number, "rows": size, "results": found}

    def _result(self, document: Document, path: str) -> dict[str, object]:
        day = f"{document.published:%Y-%m-%d}"
        values = {
            "indexnumber": f"{document.id}/{day[:4]}-0001",
            "refno": "",
            "pubdate": day,
            "source": document.source,
        }
        text = "" if document.direct or document.elsewhere else self.substance(document)
        return {
            "title": document.title,
            "url": self.href(document, path),
            "content": " ".join(document.paragraphs),
            "contentHtml": text,
            "publishedTimeStr": f"{document.listed:%Y-%m-%d} 00:00:00",
            "subTitle": "",
            "domainMetaList": [{"resultList": [{"key": key, "value": value} for key, value in values.items()]}],
        }

    def counts(self) -> dict[str, int]:
        """The ``total`` of the answers."""
        return {path: len(self.rows(path)) for path in self.annual()}


class UcapCode(UcapJson):
    """A portal whose pages know only codes."""

    coded = True


class UcapBusy(Ucap):
    """A portal that shows the home page to who asks too fast; ``tick`` is its clock, in seconds."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.tick = time.monotonic
        self.seen: deque[float] = deque(maxlen=BURST)
        super().__init__(rng, domain, last)

    def answer(self, request: Request, load: Load) -> Answer:
        """The home page if the tenth request before this one is less than a second old."""
        now = self.tick()
        busy = len(self.seen) == BURST and now - self.seen[0] < 1
        self.seen.append(now)
        return self.column(self.columns["root"], request, load) if busy else super().answer(request, load)


def _json(value: object) -> Answer:
    text = json.dumps(value, ensure_ascii=False)
    return Answer(200, (("Content-Type", "application/json;charset=utf-8"),), text.encode())


HOSTS = {"ucap": Host(Ucap), "ucap-json": Host(UcapJson), "ucap-code": Host(UcapCode)}
PECULIAR = {"ucap-busy": Host(UcapBusy)}
