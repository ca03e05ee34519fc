"""Hanweb JCMS with the jpage lists, in its three generations (field guide, 1.3): four hosts.

``hanweb1``: ``var InitData{unit}=['<li>…</li>', …]`` and ``$('#{unit}').jpage({totalRecord, perPage, groupSize,
proxyUrl, ajaxParam})``; the page carries groupSize × perPage rows, the rest comes by POST from ``proxyUrl`` by
``startrecord`` and ``endrecord`` with ``ajaxParam`` as the form.
``hanweb2``: ``<script type="text/xml"><datastore><nextgroup>…<recordset>``; the proxy honours ``page`` and ignores
``startrecord``.
``hanweb2b``: the same page, but the proxy honours only ``startrecord``/``endrecord``: ``page=2`` is page 1 again.
``hanweb3``: as ``hanweb2`` with encrypted ``columnid`` and ``unitid``; past the embedded group the proxy answers an
empty body of 54 bytes, so a crawl finds ``totalrecord`` and is short by what lies deeper (the truth's
``unlisted``).  Its articles are ``/col/col{N}/art/{Y}/art_{32hex}.html``.

A record's row: 1 shortened text and no title attribute; 2 single quotes around href and the day split by
newlines; 2b a table's row, the first record of every answer an empty template, ``&nbsp;`` escaped twice; 3 debris of a tag.
Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Wrong: the proxy of ``hanweb1`` sends GBK under ``text/xml`` without a charset; the ``nextgroup`` in a page names
``page=1``, which is the page itself.  Trap: ``?uid=…&pageNum=2`` is linked and always embeds page 1.
"""

from __future__ import annotations

import base64
import hashlib
import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer
from crawler.simulator.hanweb import Hanweb
from crawler.simulator.portal import Column, cut, pages, percent
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random

    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

NOTHING = b"<datastore>\r\n<recordset>\r\n</recordset>\r\n</datastore>\r\n"
"""The 54 bytes of an empty answer."""
MOST = 300
"""More rows than this are cut off."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What one generation does."""

    row: str
    proxy: str = "/module/web/jpage/dataproxy.jsp"
    size: int = 5
    group: int = 3
    by_page: bool = False
    encrypted: bool = False
    xml: bool = True
    """Embedded as XML, not as a script's array."""
    media_type: str = "text/xml;charset=UTF-8"
    encoding: str = "utf-8"


KINDS = {
    "hanweb1": Kind(
        '<li><span class="date">[{day}]</span><a href="{href}" target="_blank">{short}</a></li>',
        "/module/jslib/jquery/jpage/dataproxy.jsp",
        xml=False,
        media_type="text/xml",
        encoding="gb18030",
    ),
    "hanweb2": Kind("<li><a href='{href}' target='_blank'>{short}</a><b>{split}</b></li>", size=15, group=1, by_page=True),
    "hanweb2b": Kind(
        '<tr><td><a href="{href}" title="{title}">{title}&amp;nbsp;</a></td><td>{day}</td></tr>', media_type="text/html"
    ),
    "hanweb3": Kind(
        '<li style=<br/><a href="{href}" title="{title}"><span>{short}</span><i>{day}</i></a></li>', encrypted=True
    ),
}  # fmt: skip
EMPTY_ROW = '<tr><td><a href="" title=""></a></td><td></td></tr>'


class Jpage(Hanweb):
    """One portal of one generation."""

    def __init__(self, kind: Kind, rng: random.Random, domain: str, last: int) -> None:
        self.kind = kind
        self.web = rng.randint(1, 99)
        self.first_unit = rng.randint(30_000, 400_000)
        super().__init__(rng, domain, last)

    def page_path(self, document: Document, column: str) -> str:
        """The newest generation names articles by 32 digits below their column."""
        if not self.kind.encrypted:
            return super().page_path(document, column)
        return f"/col/col{self.number(column)}/art/{document.published.year}/art_{self.token(document)}.html"

    # -------------------------------------------------------- rows

    def _records(self, path: str) -> list[str]:
        return [self._row(document, self.href(document, path)) for document in self.rows(path)]

    def _row(self, document: Document, href: str) -> str:
        day = f"{document.listed:%Y-%m-%d}"
        return self.kind.row.format(
            href=href,
            title=html.escape(document.title),
            short=html.escape(cut(document.title, 20)),
            day=day,
            split=day.replace("-", "-\n"),
        )

    @property
    def embedded(self) -> int:
        """How many records a page carries."""
        return self.kind.size * self.kind.group

    def counts(self) -> dict[str, int]:
        """The lists' ``totalrecord``."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def unlisted(self) -> tuple[Document, ...]:
        """With encrypted ids: the reports past the embedded records of every column they stand in."""
        if not self.kind.encrypted:
            return ()
        shown = {document.id for path in self.annual() for document in self.rows(path)[: self.embedded]}
        return tuple(d for d in self.documents.values() if d.content and d.state == "live" and d.id not in shown)

    # -------------------------------------------------------- the column's page

    def _param(self, path: str) -> dict[str, str]:
        number = self.number(path)
        unit = str(self.first_unit + int(number) % 1000)
        return {
            "col": "1",
            "appid": "1",
            "webid": str(self.web),
            "path": "/",
            "columnid": self._id(number),
            "sourceContentType": "1",
            "unitid": self._id(unit),
            "webname": self.identity.name,
            "permissiontype": "0",
        }

    def _id(self, number: str) -> str:
        """A number, or the blob the newest generation makes of it."""
        if not self.kind.encrypted:
            return number
        return base64.b64encode(hashlib.sha256(f"{self.web}:{number}".encode()).digest()).decode()

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The embedded records and the call that pages through the rest."""
        records = self._records(column.path)
        total = len(self.rows(column.path))
        param = self._param(column.path)
        unit = str(self.first_unit + int(self.number(column.path)) % 1000)
        shown = records[: self.embedded]
        pairs = ",".join(f"{name}:'{value}'" for name, value in param.items())
        call = (
            f"$('#{unit}').jpage({{totalRecord:{total},perPage:{self.kind.size},groupSize:{self.kind.group},"
            f"barPosition:'bottom',proxyUrl:'{self.kind.proxy}',ajaxParam:{{{pairs}}}}});"
        )
        if self.kind.xml:
            data = f'<script type="text/xml">{self._store(shown, total, self._next(param, 1))}</script>\n'
        else:
            quoted = ",".join("'" + row.replace("'", "\\'") + "'" for row in shown)
            data, call = "", f"var InitData{unit}=[{quoted}];\n{call}"
        trap = f'<a class="next" href="{column.path}?uid={unit}&amp;pageNum=2">&gt;&gt;</a>'
        return (
            f'<div id="{unit}" class="default_pgContainer">{data}</div>\n'
            f'<script type="text/javascript">{call}</script><noscript>{trap}</noscript>'
        )

    def _next(self, param: dict[str, str], page: int) -> str:
        pairs = "&".join(f"{name}={percent(value)}" for name, value in param.items() if name not in {"col", "appid"})
        return f"{self.kind.proxy}?page={page}&{pairs}"

    def _store(self, records: list[str], total: int, following: str) -> str:
        shown = [EMPTY_ROW, *records] if "<tr>" in self.kind.row else records
        lines = "\n".join(f"<record><![CDATA[{row}]]></record>" for row in shown)
        return (
            f"<datastore>\n<totalrecord>{total}</totalrecord><totalpage>{pages(total, self.kind.size)}</totalpage>\n"
            f'<nextgroup><![CDATA[<a href="{following}"></a>]]></nextgroup>\n<recordset>\n{lines}\n</recordset></datastore>'
        )

    # -------------------------------------------------------- the proxy

    def service(self, request: Request, load: Load) -> Answer | None:
        """The proxy of the lists."""
        return self._proxy(request) if request.path == self.kind.proxy else super().service(request, load)

    def _proxy(self, request: Request) -> Answer:
        said = request.said
        asked = (said.get("columnid"), said.get("unitid"))
        params = {path: self._param(path) for path in self.listed().values()}
        path = next((p for p, param in params.items() if (param["columnid"], param["unitid"]) == asked), None)
        if path is None:
            return self._answer(NOTHING)
        records, total = self._records(path), len(self.rows(path))
        first, last, page = self._window(said)
        if first > len(records) or (self.kind.encrypted and first > self.embedded):
            return self._answer(NOTHING)
        last = min(last, first + MOST - 1, self.embedded if self.kind.encrypted else last)
        text = self._store(records[first - 1 : last], total, self._next(params[path], page + 1))
        return self._answer(text.encode(self.kind.encoding))

    def _window(self, said: dict[str, str]) -> tuple[int, int, int]:
        """The first and the last record asked for (from 1), and the page."""
        size = max(1, whole(said.get("perpage", ""), self.kind.size))
        page = max(1, whole(said.get("page", ""), 1))
        if self.kind.by_page:
            return (page - 1) * size + 1, page * size, page
        first = max(1, whole(said.get("startrecord", ""), 1))
        return first, whole(said.get("endrecord", ""), first + self.embedded - 1), 1

    def _answer(self, body: bytes) -> Answer:
        return Answer(200, (("Content-Type", self.kind.media_type),), body)


def _host(kind: Kind) -> Host:
    return Host(lambda rng, domain, last: Jpage(kind, rng, domain, last))


HOSTS = {name: _host(kind) for name, kind in KINDS.items()}
