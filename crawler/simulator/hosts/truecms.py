"""TrueCMS (field guide, 1.11): lists by JSONP.

A column's page has ``columnId:'…'`` and ``proxyUrl:'…'`` and no rows; they come from ``GET
{proxyUrl}/messageController/getMessage.do?startrecord=1&endrecord=20&perpage=20&columnId=…&callback=cb`` as
``cb({"result":"<datastore>…"})``.  Traps: without a Referer it answers 404; a window of more than 20 records
answers 404, too.  Articles are ``/col/{a}_{b}/art/{8 digits}/{digits and letters}.html``.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

from crawler.simulator import markup
from crawler.simulator.answers import Answer, status_page
from crawler.simulator.portal import COLUMNS, LISTING, Column, Portal, percent
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

PROXY = "/TrueCMS"
METHOD = "/messageController/getMessage.do"
WINDOW = 20


class TrueCms(Portal):
    """One portal."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Columns by two numbers."""
        group, number = rng.randint(1000, 9000), rng.randint(100_000, 800_000)
        found = {"root": "/"}
        for key, _, _ in COLUMNS[1:]:
            number += rng.randint(1, 40)
            found[key] = f"/col/{group}_{number}/index.html"
        return found

    def page_path(self, document: Document, column: str) -> str:
        """Below the column, by numbers that say nothing."""
        chance = markup.spice(document.id, "article")
        name = f"17{chance % 10**9:09d}{document.id % 1000:03d}ff{self.token(document)[:5].upper()}"
        return f"{column.removesuffix('index.html')}art/17{chance % 10**6:06d}/{name}.html"

    def file_path(self, document: Document, file: Attached) -> str:
        """In the system's folder, with its readable name in the query."""
        name = f"{self.token(document, file.file)}.{file.kind}"
        return f"{PROXY}/upload/{document.filed:%Y%m}/{name}?fText={percent(file.name.removeprefix('附件：'))}"

    def _id(self, path: str) -> str:
        return path.split("/")[2]

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The parameters of the list."""
        return (
            '<ul id="infolist" class="list"></ul><div id="pager"></div>\n<script type="text/javascript">\n'
            f"var listParam={{columnId:'{self._id(column.path)}',proxyUrl:'{PROXY}',perPage:{WINDOW},groupSize:1}};\n"
            f"$.ajax({{url:listParam.proxyUrl+'{METHOD}',dataType:'jsonp',jsonp:'callback',"
            f"data:{{startrecord:1,endrecord:{WINDOW},perpage:{WINDOW},columnId:listParam.columnId}},success:showList}});\n"
            f"// {PROXY}{METHOD}\n</script>"
        )

    def counts(self) -> dict[str, int]:
        """The ``totalrecord`` of the answers."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def service(self, request: Request, _load: Load) -> Answer | None:
        """The list's records."""
        if request.path != PROXY + METHOD:
            return None
        path = next((p for p in self._listed() if self._id(p) == request.args.get("columnId")), None)
        first = max(1, whole(request.args.get("startrecord", ""), 1))
        last = whole(request.args.get("endrecord", ""), first + WINDOW - 1)
        if path is None or not request.header("Referer") or last - first + 1 > WINDOW:
            return status_page(404)
        rows = self.rows(path)
        lines = "".join(f"<record><![CDATA[{self._row(d, path)}]]></record>" for d in rows[first - 1 : last])
        store = f"<datastore><totalrecord>{len(rows)}</totalrecord><recordset>{lines}</recordset></datastore>"
        name = re.sub(r"[^\w.$]", "", request.args.get("callback", "")) or "callback"
        body = f"{name}({json.dumps({'result': store}, ensure_ascii=False)})"
        return Answer(200, (("Content-Type", "text/javascript;charset=UTF-8"),), body.encode())

    def _listed(self) -> list[str]:
        return [self.columns[key].path for key in LISTING]

    def _row(self, document: Document, path: str) -> str:
        title = html.escape(document.title)
        href = self.href(document, path)
        return f'<li><a href="{href}" target="_blank" title="{title}">{title}</a><span>{document.listed:%Y-%m-%d}</span></li>'

    def article(self, document: Document, load: Load) -> str:
        """The article."""
        return (
            f'<div class="main-txt"><h1 class="title">{html.escape(document.title)}</h1><div class="info">'
            f"<span>来源：{html.escape(document.source)}</span><span>发布时间：{document.published:%Y-%m-%d %H:%M}</span>"
            f'<span>浏览次数：<b id="hits">{load.serial}</b></span></div>\n'
            f'<div id="zoom" class="content">{self.substance(document)}</div>'
            f'<div class="attach">{self.links(document)}</div></div>'
        )


HOSTS = {"truecms": Host(TrueCms)}
