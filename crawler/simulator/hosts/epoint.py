"""Epoint, 新点 (field guide, 1.9): lists by POST of JSON, on two hosts that differ where the guide says.

A column's page ``/dynamic/zwgk/govInfoPub.html?deptcode=…&categorynum=003001003`` holds unrendered templates
(``<?=el.link?>``); ``/js/webBuilderCommon.js`` has ``var siteInfo = {"siteGuid":…,"projectName":"/EWB-FRONT"}``; rows
come by ``POST {projectName}/rest/lightfrontaction/getgovinfolist``.  ``epoint0``: pages from 0, the parameters
wrapped in ``{"params":{…}}``, and ``custom`` in the answer is a JSON *string*.  ``epoint1``: pages from 1, the
parameters bare, ``custom`` an object.  The other shape, a wrong ``siteGuid`` or a GET gets no rows; past the end
``data`` is empty.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Trap: on ``epoint1`` page 0 is page 1 again; on ``epoint0`` who begins with 1 misses the first rows.
"""

from __future__ import annotations

import html
import json
import uuid
from typing import TYPE_CHECKING, Any

from crawler.simulator.answers import Answer, status_page
from crawler.simulator.portal import COLUMNS, LISTING, Column, Portal
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

PROJECT = "/EWB-FRONT"
LIST = f"{PROJECT}/rest/lightfrontaction/getgovinfolist"
COMMON = "/js/webBuilderCommon.js"
SIZE = 8
CATEGORIES = {"statutory": "003001002", "own": "003001003", "others": "003001004", "news": "002001"}


class Epoint0(Portal):
    """A portal that counts pages from 0."""

    first = 0

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.guid = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        self.department = f"{rng.randint(10**7, 10**8 - 1)}"
        super().__init__(rng, domain, last)

    def paths(self, _rng: random.Random) -> Mapping[str, str]:
        """Lists by category; the rest static."""
        found = {key: f"/zwgk/{key}.html" for key, _, _ in COLUMNS}
        found |= {"root": "/", "open": "/zwgk/", "service": "/bsfw/", "ask": "/hdjl/", "map": "/wzdt/"}
        for key, number in CATEGORIES.items():
            found[key] = f"/dynamic/zwgk/govInfoPub.html?deptcode={self.department}&categorynum={number}"
        return found

    def page_path(self, document: Document, column: str) -> str:
        """By category, day and GUID."""
        number = column.rpartition("=")[2]
        return f"/zwgk/{number[:6]}/{number}/{document.filed:%Y%m%d}/{uuid.UUID(self.token(document))}.html"

    def file_path(self, document: Document, file: Attached) -> str:
        """In the project's folder of attachments."""
        return f"{PROJECT}/attachfile/{uuid.UUID(self.token(document, file.file))}.{file.kind}"

    def head(self, column: Column | None) -> str:
        """The system's script."""
        return f'<script src="{COMMON}"></script>' if column else ""

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """A template and the script that would fill it."""
        number = column.path.rpartition("=")[2]
        pairs = f'deptcode:"{self.department}",categorynum:"{number}",pageIndex:index,pageSize:{SIZE},siteGuid:siteInfo.siteGuid'
        sent = f"{{{pairs}}}" if self.first else f"{{params:{{{pairs}}}}}"
        return (
            '<ul class="ewb-info-list" id="list"></ul>\n<script type="text/template" id="tpl"><? for(el of data){ ?>'
            '<li><a href="<?=el.link?>" title="<?=el.title?>"><?=el.title?></a><span><?=el.date?></span></li><? } ?></script>\n'
            f"<script>var index={self.first};$.ajax({{type:'POST',contentType:'application/json',"
            f"url:siteInfo.projectName+'/rest/lightfrontaction/getgovinfolist',data:JSON.stringify({sent})}});</script>"
        )

    def service(self, request: Request, _load: Load) -> Answer | None:
        """The system's script and its interface."""
        if request.path == COMMON:
            info = json.dumps({"siteGuid": self.guid, "projectName": PROJECT, "isVirtual": False})
            script = f"// 系统公共脚本\nvar siteInfo = {info};\n"
            return Answer(200, (("Content-Type", "application/javascript"),), script.encode())
        if request.path != LIST:
            return None
        return self._list(request) if request.method == "POST" else status_page(405)

    def said(self, body: Any) -> Any:
        """The parameters in a body, if they stand where this host looks for them."""
        return body.get("params") if isinstance(body, dict) else None

    def packed(self, found: dict[str, object]) -> object:
        """``custom`` as this host sends it."""
        return json.dumps(found, ensure_ascii=False)

    def _list(self, request: Request) -> Answer:
        try:
            said = self.said(json.loads(request.body or b"null"))
        except ValueError:
            said = None
        paths = {CATEGORIES[key]: self.columns[key].path for key in LISTING}
        if not isinstance(said, dict) or said.get("siteGuid") != self.guid or said.get("categorynum") not in paths:
            return _json(
                {"custom": self.packed({"total": 0, "data": []}), "status": {"code": "500", "text": "参数错误"}}
            )
        path = paths[said["categorynum"]]
        rows = self.rows(path)
        number = max(0, _whole(said.get("pageIndex"), self.first) - self.first)
        size = max(1, min(_whole(said.get("pageSize"), SIZE), 50))
        shown = [self._row(document, path) for document in rows[number * size : (number + 1) * size]]
        return _json({"custom": self.packed({"total": len(rows), "data": shown}), "status": {"code": "200"}})

    def _row(self, document: Document, path: str) -> dict[str, str]:
        title = {"realtitle": document.title} if document.id % 2 else {"title": document.title}
        return {"infourl": self.href(document, path), "infodate": f"{document.listed:%Y-%m-%d}"} | title

    def counts(self) -> dict[str, int]:
        """The ``total`` of the answers."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def article(self, document: Document, load: Load) -> str:
        """The article."""
        return (
            f'<div class="ewb-article"><h2>{html.escape(document.title)}</h2><div class="ewb-article-sources">'
            f"<p>【信息时间： {document.published:%Y-%m-%d %H:%M}　来源：{html.escape(document.source)}　阅读次数："
            f'<span id="infoViewCount">{load.serial}</span>】</p></div>\n'
            f'<div class="ewb-article-info">{self.substance(document)}</div><div class="attach">{self.links(document)}</div></div>'
        )


class Epoint1(Epoint0):
    """A portal that counts pages from 1 and wraps nothing."""

    first = 1

    def said(self, body: Any) -> Any:
        """The body itself."""
        return body

    def packed(self, found: dict[str, object]) -> object:
        """As an object."""
        return found


def _whole(value: object, default: int) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else default


def _json(value: object) -> Answer:
    text = json.dumps(value, ensure_ascii=False)
    return Answer(200, (("Content-Type", "application/json;charset=UTF-8"),), text.encode())


HOSTS = {"epoint0": Host(Epoint0), "epoint1": Host(Epoint1)}
