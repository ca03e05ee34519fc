"""TRS with lists half static, half from an interface (field guide, 9: ``listModel``).

A column's page carries its first ten rows and ``listModel({quickMode:"动静结合", maxStaticIndex:1, pagebar:
{prepage:10, recordCount:'23'}})``: only ``index.html`` is a file, ``index_1.html`` answers 404, the further pages
are asked from the list interface.  Its address is invented, for no captured page shows one, and is read from
the page's script: ``listUrl:"/gateway/list/documents?channelId=…&siteId=…"``, to which the script adds
``&pageNo=2&pageSize=10`` (from 1).  It answers ``{"code":"200","data":{"total","pageNo","list":[{"docTitle",
"docPubUrl","docRelTime"}]}}``; ``pageSize`` above 50 counts as 50; past the end ``list`` is empty.

Volatile and wrong: as in :mod:`crawler.simulator.hosts.trs`; a ``traceId`` in each answer of the interface.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer, status_page
from crawler.simulator.portal import LISTING, Column, paged
from crawler.simulator.request import whole
from crawler.simulator.site import Host
from crawler.simulator.wcm import Wcm

if TYPE_CHECKING:
    import random

    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

LIST = "/gateway/list/documents"
SIZE = 10


class TrsApi(Wcm):
    """One portal."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.channel = rng.randint(1000, 90_000)
        super().__init__(rng, domain, last)

    def _channels(self) -> dict[str, str]:
        return {str(self.channel + index): self.columns[key].path for index, key in enumerate(LISTING)}

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The first ten rows and the model of the rest."""
        rows = self.rows(column.path)
        channel = next(number for number, path in self._channels().items() if path == column.path)
        return (
            f'<ul class="gl_list" id="list">{self.lines(rows[:SIZE], column.path)}</ul><div id="pagebar"></div>\n'
            '<script type="text/javascript">\nvar model = listModel({quickMode:"动静结合", maxStaticIndex:1, '
            f"listUrl:\"{LIST}?channelId={channel}&siteId=12\", pagebar:{{prepage:{SIZE}, recordCount:'{len(rows)}'}}}});\n"
            "model.load = function(page){ if(page>this.maxStaticIndex) "
            '$.getJSON(this.listUrl+"&pageNo="+page+"&pageSize="+this.pagebar.prepage, this.show); }\n</script>'
        )

    def counts(self) -> dict[str, int]:
        """The ``recordCount`` of the model."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def service(self, request: Request, load: Load) -> Answer | None:
        """The list interface."""
        if request.path != LIST:
            return super().service(request, load)
        path = self._channels().get(request.args.get("channelId", ""))
        if path is None:
            return status_page(404)
        number = whole(request.args.get("pageNo", ""), 1)
        size = min(whole(request.args.get("pageSize", ""), SIZE), 50)
        rows = self.rows(path)
        shown = [
            {"docTitle": d.title, "docPubUrl": self.href(d, path), "docRelTime": f"{d.listed:%Y-%m-%d} 00:00:00"}
            for d in paged(rows, number, size)
        ]
        data = {"total": len(rows), "pageNo": number, "list": shown}
        body = json.dumps({"code": "200", "traceId": f"{load.serial:08x}", "data": data}, ensure_ascii=False)
        return Answer(200, (("Content-Type", "application/json;charset=utf-8"),), body.encode())


HOSTS = {"trs-api": Host(TrsApi)}
