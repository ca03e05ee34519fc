"""Hosts whose subject is the way in (field guide, 1.0, 1.13, 4: C1, C2, C5): five small portals of static pages.

``frames``: the home page is a frameset; the reports' columns hold only an ``<iframe>`` with the list, beside
iframes for the login and for sharing.
``jump``: the home page is ``window.location.href='/portal/index.html'``, the section
``redirect_firstChannel.shtml`` (``location.replace``), the owner's column a ``<meta http-equiv="refresh">``: three
redirections one after the other, none of HTTP.
``single``: the whole section is one page, ``/zfxxgkml/?gk=1`` to ``?gk=9``: the query selects the column
(``gk=4`` the owner's reports, ``gk=8`` the others'), ``&page=2`` its pages; without ``gk`` it is the guide.
``moved``: the name it had before answers everything with 301 to the new home page, a second name serves the
same pages as the first.
``www``: the bare name answers 301 to the one with www; nothing listens to https.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Traps: the frameset's ``<noframes>`` is empty; an iframe's list has no title of the site; old bookmarks on ``moved`` all
end at its home page, which is no report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator.answers import Answer
from crawler.simulator.plain import Plain
from crawler.simulator.portal import COLUMNS
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load
    from crawler.simulator.portal import Column
    from crawler.simulator.request import Request

OLD, SECOND = "old-moved.gov.test", "zw.moved.gov.test"
BARE, FULL = "zhengwu.gov.test", "www.zhengwu.gov.test"


class Frames(Plain):
    """A portal in frames."""

    def service(self, request: Request, load: Load) -> Answer | None:
        """The frameset and what stands in its frames, and the columns' lists."""
        if request.path in {"/", "/index.html"}:
            return Answer.page(
                f'<html><head><meta charset="utf-8"><title>{self.who.site}</title></head>'
                '<frameset rows="120,*"><frame name="top" src="top.html" scrolling="no"/>'
                '<frame name="main" src="main.html"/><noframes></noframes></frameset></html>'
            )
        if request.path == "/top.html":
            return Answer.page(f"<html><body><h1>{self.who.site}</h1></body></html>")
        if request.path == "/main.html":
            return self.column(self.columns["root"], request, load)
        for column in self.listed()[:2]:
            if request.path.startswith(column.path + "nblist"):
                number = whole(request.path.rpartition("_")[2].removesuffix(".html"), 1)
                rows = self.lines(column.path, number, "nblist_{}.html")
                return Answer.page(f'<html><head><meta charset="utf-8"></head><body>{rows}</body></html>')
        return super().service(request, load)

    def listing(self, column: Column, request: Request, load: Load) -> str:
        """A frame around the list; the news stand in their page."""
        if column.key == "news":
            return super().listing(column, request, load)
        return (
            '<iframe src="/login.jsp" width="0" height="0"></iframe><iframe src="/share/tree.html"></iframe>\n'
            '<iframe src="nblist.html" width="100%" frameborder="0" id="mainlist"></iframe>'
        )


class Jump(Plain):
    """A portal of redirections that are none of HTTP."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """The section is a program's address, the owner's column a directory below another."""
        found = dict(super().paths(rng))
        self.turn = found["own"]
        folder = found["section"]
        return found | {"section": folder + "redirect_firstChannel.shtml", "own": found["own"] + "gknb/"}

    def left(self) -> str:
        """The menu leads to the directory that refreshes."""
        return super().left().replace(f'"{self.columns["own"].path}"', f'"{self.turn}"')

    def service(self, request: Request, load: Load) -> Answer | None:
        """The three redirections."""
        if request.path in {"/", "/index.html"}:
            return Answer.page("<html><head><script>window.location.href='/portal/index.html';</script></head></html>")
        if request.path == "/portal/index.html":
            return self.column(self.columns["root"], request, load)
        if request.path == self.columns["section"].path:
            target = self.columns["guide"].path
            return Answer.page(f'<script type="text/javascript">location.replace("{target}");</script>')
        if request.path == self.turn:
            return Answer.page(
                '<html><head><meta http-equiv="refresh" content="0;URL=./gknb/"></head><body></body></html>'
            )
        return super().service(request, load)


SELECTED = {
    "guide": 1, "rules": 2, "statutory": 3, "own": 4, "apply": 5, "website": 6, "section": 7, "others": 8, "news": 9,
}  # fmt: skip


class Single(Plain):
    """A section that is one page."""

    def paths(self, _rng: random.Random) -> Mapping[str, str]:
        """One address; the query selects."""
        found = {key: f"/zfxxgkml/?gk={number}" for key, number in SELECTED.items()}
        found |= {"root": "/", "open": "/zwgk/", "service": "/bsfw/", "ask": "/hdjl/", "map": "/wzdt/"}
        return {key: found[key] for key, _, _ in COLUMNS}

    def page_path(self, document: Document, _column: str) -> str:
        """By year and id."""
        return f"/zfxxgkml/content/{document.filed.year}/{document.id}.html"

    def service(self, request: Request, load: Load) -> Answer | None:
        """The page with its selection; further pages of it."""
        if request.path != "/zfxxgkml/":
            return None
        number = whole(request.args.get("gk", ""), 1)
        key = next((key for key, at in SELECTED.items() if at == number), "guide")
        return self.column(self.columns[key], request, load)

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """The rows of a page."""
        gk = SELECTED[column.key]
        return self.lines(column.path, whole(request.args.get("page", ""), 1), f"?gk={gk}&amp;page={{}}")


class Moved(Plain):
    """A portal that had another name, and has a second one."""

    def answer(self, request: Request, load: Load) -> Answer:
        """At the name it had: 301 to the home page, whatever was asked."""
        if request.host.partition(":")[0] == OLD:
            return Answer(301, (("Location", f"http://{self.identity.domain}/"),), b"")
        return super().answer(request, load)


class Www(Plain):
    """A portal whose bare name sends one on."""

    def answer(self, request: Request, load: Load) -> Answer:
        """At the bare name: 301 to the same path."""
        if request.host.partition(":")[0] == BARE:
            return Answer(301, (("Location", f"http://{self.identity.domain}{request.target}"),), b"")
        return super().answer(request, load)


PECULIAR = {
    "frames": Host(Frames),
    "jump": Host(Jump),
    "single": Host(Single),
    "moved": Host(Moved, aliases=(OLD, SECOND), door=OLD),
    "www": Host(Www, FULL, aliases=(BARE,), door=BARE),
}
