"""Hosts where a report is not the site's own (field guide, 0.6, 9): ``two-sites`` and ``mirror``.

``two-sites``: the owner's column holds a report of another body, under a title without a name and with the owner
as its source, and only its text says whose it is; the owner was renamed (…局 to …厅), and its reports before
that keep the old name: the truth's publisher is the one a report bears.
``mirror``: the portal links, from its own column, a clone of three of its reports outside ``gov.test``, at
``www.yunjing-gongkai.test``, which this server would answer: the same paths, pinyin in brackets (公(gong)開), the host in
the text replaced.  The clone must be refused: the truth has its rows as ``mirror``, and no request may reach it.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Traps: the clone's pages say the real ``SiteName``, ``SiteIDCode`` and figures, and their own host as ``SiteDomain``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator.plain import Plain
from crawler.simulator.sheet import with_sentence
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random

    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Identity, Load
    from crawler.simulator.request import Request
    from crawler.simulator.sheet import Content

RENAMED = 4
"""How many years before the newest the owner got the name it has."""
CLONE = "www.yunjing-gongkai.test"
CLONED = 3
INJECTED = {"信息公开": "信息公(gong)開(kai)", "人民政府": "人民政(zheng)府", "报告": "報(bao)告"}


class TwoSites(Plain):
    """A portal that carries what others wrote, and what its owner wrote under another name."""

    def place(self, document: Document) -> Document:
        """The first other body's newest plain report into the owner's column; old reports under the old name."""
        report = document.content
        if report is None:
            return document
        if report.publisher == self.who.owner.name and report.year <= self.who.owner.years[-1] - RENAMED:
            return self._under_old_name(document, report)
        guest = self.who.others[2]
        if report.publisher == guest.name and report.year == guest.years[-1]:
            title = f"{report.year}年政府信息公开工作年度报告"
            return replace(document, columns=(self.clerk.own,), title=title, source=self.who.site)
        return document

    @property
    def former(self) -> str:
        """The name the owner had."""
        return self.who.owner.name.removesuffix("厅") + "局"

    def _under_old_name(self, document: Document, report: Content) -> Document:
        old = self.who.owner.name
        changed = with_sentence(report, old, self.former)
        changed = replace(changed, publisher=self.former, title=report.title.replace(old, self.former))
        files = tuple(replace(f, content=changed, name=f.name.replace(old, self.former)) for f in document.attachments)
        title = document.title.replace(old, self.former)
        return replace(document, content=changed, title=title, source=self.former, attachments=files)


class Mirror(Plain):
    """A portal that somebody cloned."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self._identity: Identity | None = None
        super().__init__(rng, domain, last)
        plain = [d for d in self.rows(self.clerk.own) if d.content and d.shown and not d.attachments]
        for document in plain[:CLONED]:
            number = self.clerk.number()
            path = self.page_path(document, self.clerk.own)
            clone = replace(document, id=number, content=None, look_alike="mirror", elsewhere=f"http://{CLONE}{path}")
            self.documents[number] = clone

    @property
    def identity(self) -> Identity:
        """What the site says of itself; with the port it is served at, the clone's rows get theirs."""
        assert self._identity is not None
        return self._identity

    @identity.setter
    def identity(self, said: Identity) -> None:
        self._identity = said
        port = said.domain.partition(":")[2]
        for number, document in list(getattr(self, "documents", {}).items()):
            if document.look_alike == "mirror" and document.elsewhere and port:
                path = "/" + document.elsewhere.partition("://")[2].partition("/")[2]
                self.documents[number] = replace(document, elsewhere=f"http://{CLONE}:{port}{path}")

    def answer(self, request: Request, load: Load) -> Answer:
        """At the clone's name: the same page, tainted."""
        answer = super().answer(request, load)
        if request.host.partition(":")[0] != CLONE or not answer.headers[0][1].startswith("text/html"):
            return answer
        text = answer.body.decode("utf-8", "replace").replace(self.identity.domain.partition(":")[0], CLONE)
        for plain, injected in INJECTED.items():
            text = text.replace(plain, injected)
        return replace(answer, body=text.encode())


PECULIAR = {"two-sites": Host(TwoSites), "mirror": Host(Mirror, aliases=(CLONE,))}
