"""Hanweb JPAAS, the intensive platform since 2021 (field guide, 1.5).

A column's page holds no row: its script ``AuthorizedRead/unitbuild.js`` carries ``url`` and a single-quoted
``queryData``; the rows come from ``GET {url}?{queryData}&paramJson={"pageNo":2,"pageSize":15}`` as JSON that
wraps HTML, with the total in its ``count`` attribute.  Without ``paramJson``, or with another ``tplSetId``,
``pageId`` or ``parseType`` than the page's, the answer is the first page or an error; past the end the HTML
is empty.  Articles are ``{column}art/{year}/art_{32hex}.html``; a document in two columns keeps its 32 digits.

Files come through ``/api-gateway/jpaas-web-server/front/document/download?fileUrl=…&fileName=…``, whose
``fileUrl`` is opaque and whose name is only in the query; it redirects to ``/cms_files/filemanager/…``, and
every sixth request to it answers 429 with ``Retry-After: 2``.  A report that is only a PDF stands in
``#pdfshow[data-value]``.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links, the id of
each answer of the interface.  Wrong: ``bulidstatic`` (copy it as it is); every answer of the interface and
every page is gzipped whether the client accepts it or not.  Trap: ``pageNo`` outside ``paramJson`` is ignored.
"""

from __future__ import annotations

import gzip
import html
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator import files
from crawler.simulator.answers import Answer, status_page
from crawler.simulator.portal import Column, Portal, cut, paged, percent
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
GATEWAY = "/api-gateway/jpaas-web-server/front/document/download"
SIZE = 15
JSON = (("Content-Type", "application/json;charset=UTF-8"),)


class Jpaas(Portal):
    """One portal of the platform."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.web = f"{rng.getrandbits(128):032x}"
        self.template = f"{rng.getrandbits(128):032x}"
        self.ids = {key: f"{rng.getrandbits(128):032x}" for key in ("own", "others", "news")}
        self.downloads = 0
        super().__init__(rng, domain, last)

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Directories by pinyin."""
        root = rng.choice(("/zwgk/", "/xxgk/"))
        section = root + rng.choice(("zfxxgkzl/", "zfxxgk/"))
        own = section + "zfxxgknb/"
        keys = {"guide": "zfxxgkzn/", "rules": "zfxxgkzd/", "statutory": "fdzdgknr/", "website": "wzndbb/"}
        return {
            "root": "/",
            "open": root,
            "section": section,
            **{key: section + slug for key, slug in keys.items()},
            "own": own + "tjg/index.html",
            "others": own + "sxdw/index.html",
            "apply": section + "ysqgk/",
            "news": "/xwzx/gzdt/index.html",
            "service": "/bsfw/",
            "ask": "/hdjl/",
            "map": "/wzdt/",
        }

    def page_path(self, document: Document, column: str) -> str:
        """The article below the column's directory, by year of publication."""
        folder = column.rpartition("/")[0]
        return f"{folder}/art/{document.published.year}/art_{self.token(document)}.html"

    def file_path(self, document: Document, file: Attached) -> str:
        """The gateway's address, or the file's own where the page shows it in a viewer."""
        if _viewed(document, file):
            return self._stored(document, file)
        opaque = self.token(document, f"opaque:{file.file}") + self.token(document, f"more:{file.file}")
        return f"{GATEWAY}?fileUrl={opaque}%3D&fileName={percent(file.name.removeprefix('附件：'))}"

    def file_paths(self, document: Document, file: Attached) -> tuple[str, ...]:
        """The linked address and the file's own."""
        return tuple(dict.fromkeys((self.file_path(document, file), self._stored(document, file))))

    def _stored(self, document: Document, file: Attached) -> str:
        day = f"{document.filed.year}{document.filed.month}"
        name = f"{self.token(document, file.file).upper()}.{file.kind}"
        return f"/cms_files/filemanager/{self.web[:10]}/attach/{day}/{name}"

    def answer(self, request: Request, load: Load) -> Answer:
        """Every page and every answer of an interface is gzipped, asked for or not."""
        answer = super().answer(request, load)
        if answer.status != 200 or not answer.headers[0][1].startswith(("text/", "application/json")):
            return answer
        body = gzip.compress(answer.body, mtime=0)
        return replace(answer, headers=(*answer.headers, ("Content-Encoding", "gzip")), body=body)

    def service(self, request: Request, load: Load) -> Answer | None:
        """The unit's rows, the gateway, and the files behind it."""
        if request.path == UNIT:
            return self._unit(request, load)
        for document in self.documents.values():
            for file in document.attachments:
                if request.asks(self._stored(document, file)):
                    return self.gone(document) or files.download(document, file)
                if request.path == GATEWAY and request.asks(self.file_path(document, file)):
                    return self._gateway(document, file)
        return None

    def _gateway(self, document: Document, file: Attached) -> Answer:
        self.downloads += 1
        if self.downloads % 6 == 0:
            return status_page(429, (("Retry-After", "2"),))
        return self.gone(document) or Answer(302, (("Location", self._stored(document, file)),), b"")

    def _query(self, key: str) -> dict[str, str]:
        return {
            "webId": self.web,
            "pageId": self.ids[key],
            "parseType": "bulidstatic",
            "pageType": "column",
            "tagId": "当前栏目list",
            "tplSetId": self.template,
            "editType": "null",
        }

    def _unit(self, request: Request, load: Load) -> Answer:
        key = next((k for k in self.ids if self._query(k).items() <= request.args.items()), None)
        if key is None:
            return _json({"success": False, "code": "500", "message": "参数错误", "data": None})
        try:
            wanted = json.loads(request.args.get("paramJson") or "{}")
        except ValueError:
            wanted = {}
        number, size = whole(str(wanted.get("pageNo", 1)), 1), min(whole(str(wanted.get("pageSize", SIZE)), SIZE), 50)
        path = self.columns[key].path
        rows = self.rows(path)
        shown = "".join(_row(d, self.href(d, path)) for d in paged(rows, number, size))
        body = f'<div class="list" count="{len(rows)}" pagesize="{size}"><ul>{shown}</ul></div>' if shown else ""
        trace = f"{load.serial * 2654435761 % 2**32:08x}"
        return _json({"success": True, "code": "200", "message": None, "traceId": trace, "data": {"html": body}})

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The script that fetches the rows, as the platform writes it."""
        pairs = ",".join(f"'{name}':'{value}'" for name, value in self._query(column.key).items())
        return (
            '<div class="main-list" id="list"></div>\n<script type="text/javascript" '
            f'src="/script/AuthorizedRead/unitbuild.js" url="{UNIT}" queryData="{{{pairs}}}" pageSize="{SIZE}">'
            "</script>"
        )

    def counts(self) -> dict[str, int]:
        """The ``count`` of the interface."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def article(self, document: Document, load: Load) -> str:
        """The article between its comments, body ``#con_con``."""
        viewer = "".join(
            f'<div id="pdfshow" data-value="{self._stored(document, file)}"></div>'
            for file in document.attachments
            if _viewed(document, file)
        )
        after = "" if viewer else self.links(document, '<p class="fj"><a href="{href}">{name}</a></p>')
        return (
            f'<div class="con_box"><h1 id="con_title">{html.escape(document.title)}</h1>'
            f'<div class="con_time"><span>发布时间：{document.published:%Y-%m-%d %H:%M}</span>'
            f'<span>来源：{html.escape(document.source)}</span><span class="hits">浏览：{load.serial}</span></div>\n'
            f'<div id="con_con" class="ccontent"><!--ZJEG_RSS.content.begin--><meta name="ContentStart"/>'
            f'{viewer or self.substance(document)}<meta name="ContentEnd"/><!--ZJEG_RSS.content.end--></div>{after}</div>'
        )


def _viewed(document: Document, file: Attached) -> bool:
    """Whether the page shows the file in its viewer: a report that is only a PDF."""
    return not document.shown and not document.direct and file.kind == "pdf"


def _row(document: Document, href: str) -> str:
    title = html.escape(document.title)
    return (
        f'<li><p><a href="{href}" title="{title}" target="_blank">{html.escape(cut(document.title))}</a></p>'
        f"<span>{document.listed:%Y-%m-%d}</span></li>"
    )


def _json(value: object) -> Answer:
    return Answer(200, JSON, json.dumps(value, ensure_ascii=False).encode())


HOSTS = {"jpaas": Host(Jpaas)}
