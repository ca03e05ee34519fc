"""The system of UUIDs (field guide, 1.13, Hebei): nothing in an address says anything.

Columns are ``/columns/{uuid}/index.html``; the page carries its first ten rows, further ones are fragments:
``/columns/{uuid}/templates/{uuid}/blocks/{uuid}?page=N&fix=0`` (N from 1; page 1 is what the page carries; past
the end an empty list with status 200).  Articles are ``/columns/{uuid}/{YYYYMM}/{DD}/{uuid}.html``, files lie
beside them under a UUID with their type.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Trap: the link to the next page goes nowhere (``javascript:void(0)``), its address is in the block's attribute; the row off the site
leads to a TRS portal, whose address shape is not this system's.
"""

from __future__ import annotations

import html
import uuid
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

SIZE = 10


class Hebei(Portal):
    """One portal."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.template, self.block = _uuid(rng), _uuid(rng)
        super().__init__(rng, domain, last)

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """A UUID for each column."""
        return {"root": "/", **{key: f"/columns/{_uuid(rng)}/index.html" for key, _, _ in COLUMNS[1:]}}

    def page_path(self, document: Document, column: str) -> str:
        """By month and day below the column."""
        return f"{self._folder(document, column)}{uuid.UUID(self.token(document))}.html"

    def _folder(self, document: Document, column: str) -> str:
        return f"{column.removesuffix('index.html')}{document.filed:%Y%m/%d}/"

    def file_path(self, document: Document, file: Attached) -> str:
        """Beside the article."""
        name = uuid.UUID(self.token(document, file.file))
        return f"{self._folder(document, document.columns[0])}{name}.{file.kind}"

    def _block(self, path: str) -> str:
        return f"{path.removesuffix('index.html')}templates/{self.template}/blocks/{self.block}"

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """The first rows, and the address of the block that has the others."""
        count = len(self.rows(column.path))
        return (
            f'<div class="block" id="{self.block}" data-url="{self._block(column.path)}?page=1&amp;fix=0" '
            f'data-pages="{pages(count, SIZE)}">{self._rows(column.path, 1)}</div>\n'
            f'<div class="page">共{count}条 <a href="javascript:void(0)" class="next">下一页</a></div>\n'
            f"<script>loadBlock('{self.block}','{self._block(column.path)}?page={{page}}&fix=0');</script>"
        )

    def counts(self) -> dict[str, int]:
        """共N条 below the list."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def service(self, request: Request, _load: Load) -> Answer | None:
        """A block's further pages."""
        path = next((p for p in (self.columns[k].path for k in LISTING) if request.path == self._block(p)), None)
        return Answer.page(self._rows(path, whole(request.args.get("page", ""), 1))) if path else None

    def _rows(self, path: str, number: int) -> str:
        lines = "".join(
            f'<li><a href="{self.href(d, path)}" title="{html.escape(d.title)}">{html.escape(cut(d.title))}</a>'
            f"<em>{d.listed:%Y-%m-%d}</em></li>"
            for d in paged(self.rows(path), number, SIZE)
        )
        return f'<ul class="listul">{lines}</ul>'

    def article(self, document: Document, load: Load) -> str:
        """The article."""
        return (
            f'<div class="detail"><h2 class="detail-title">{html.escape(document.title)}</h2><p class="detail-info">'
            f"发布时间：{document.published:%Y-%m-%d %H:%M:%S}　来源：{html.escape(document.source)}　"
            f"阅读：<span>{load.serial}</span></p>\n"
            f'<div class="detail-content">{self.substance(document)}{self.links(document)}</div></div>'
        )


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


HOSTS = {"uuid": Host(Hebei)}
