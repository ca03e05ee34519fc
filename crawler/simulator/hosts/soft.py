"""Hosts that never say 404 (field guide, 4, D1), and one whose pages are GBK under a UTF-8 label (1.15).

``soft``: an unknown address, and a withdrawn article, answer 200 with 您访问的页面不存在.  ``soft-home``: they answer 200 with
the home page.  ``gbk``: every page is GBK, though header and head say UTF-8.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links; thus two answers
of ``soft-home`` for two unknown addresses differ in their bytes.
Traps: on ``soft`` the menu of every column names a page that does not exist, on ``soft-home``, too; names on
``gbk`` hold characters that GB2312 has not (䶮, 堃, 喆).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer, soft_404
from crawler.simulator.plain import Plain
from crawler.simulator.site import Host

if TYPE_CHECKING:
    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

RARE = "（䶮堃喆科）"


class Soft(Plain):
    """A portal that says with 200 that something is not there."""

    def left(self) -> str:
        """With an entry that leads nowhere."""
        return (
            super()
            .left()
            .replace("</ul>", f'<li><a href="{self.columns["section"].path}xxgknb/">历年年报</a></li></ul>')
        )

    def answer(self, request: Request, load: Load) -> Answer:
        """Nothing is missing."""
        answer = super().answer(request, load)
        return answer if answer.status != 404 else self.missing(request, load)

    def missing(self, _request: Request, _load: Load) -> Answer:
        """What stands in the place of what does not exist."""
        return soft_404()


class SoftHome(Soft):
    """A portal that answers with its home page."""

    def missing(self, request: Request, load: Load) -> Answer:
        """The home page."""
        return self.column(self.columns["root"], request, load)


class Gbk(Plain):
    """A portal in GBK that says it is UTF-8."""

    def place(self, document: Document) -> Document:
        """The sources bear a name of rare characters."""
        return replace(document, source=document.source + RARE if document.content else document.source, gbk=False)

    def answer(self, request: Request, load: Load) -> Answer:
        """Bytes of GB18030 under the same label."""
        answer = super().answer(request, load)
        if not answer.headers or not answer.headers[0][1].startswith("text/html"):
            return answer
        return replace(answer, body=answer.body.decode("utf-8").encode("gb18030"))


HOSTS = {"gbk": Host(Gbk)}
PECULIAR = {"soft": Host(Soft), "soft-home": Host(SoftHome)}
