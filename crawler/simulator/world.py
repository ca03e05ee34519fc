"""The simulated world: a portal behind a server, a virtual clock, and everything that can happen to it."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from crawler.simulator import content, trs
from crawler.simulator.answers import CHALLENGES, Answer
from crawler.simulator.frame import Load
from crawler.simulator.names import BEIJING
from crawler.simulator.server import CUTS, Fault, Logged, Server
from crawler.simulator.sheet import Content, with_figures, with_sentence
from crawler.simulator.stock import Way
from crawler.simulator.truth import Truth, truth

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from crawler.simulator.documents import Document, State

ROBOTS = "User-agent: *\nDisallow: /e/data/\nDisallow: /login.jsp\n"


@dataclass(frozen=True, slots=True)
class Edit:
    """A silent change: where, of what, from what to what."""

    url: str
    what: str
    """An indicator, or ``sentence``."""
    before: str
    after: str


class Simulator:
    """A portal of invented bodies on loopback; the same seed gives the same portal, byte for byte but for its noise.

    ``year`` is the year in which the simulated time begins (10 April); the newest reports are of the year before.
    """

    def __init__(self, seed: int = 1, year: int = 2024, port: int = 0, host: str = "127.0.0.1") -> None:
        self.seed = seed
        self.clock = datetime(year, 4, 10, 9, 0, tzinfo=BEIJING)
        self._serial = 0
        self._lock = threading.RLock()
        self._robots: Answer = _robots(ROBOTS)
        self._rng = random.Random(f"nianlun:{seed}")
        self._server = Server(self._answer, self._now, host, port)
        self.site = trs.build(self._rng, host, year - 1)

    # -------------------------------------------------------- the server

    def __enter__(self) -> Self:
        self._server.open()
        self.site.identity = replace(self.site.identity, domain=f"{self._server.host}:{self._server.port}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """The home page."""
        return self._at("/")

    @property
    def port(self) -> int:
        """The port it serves on."""
        return self._server.port

    @property
    def log(self) -> list[Logged]:
        """Every request so far, in the order of arrival (a copy)."""
        with self._server.lock:
            return list(self._server.log)

    def _at(self, path: str) -> str:
        return f"http://{self._server.host}:{self._server.port}{path}"

    def _now(self) -> str:
        return self.clock.isoformat()

    def _answer(self, _host: str, path: str) -> Answer:
        """One portal answers at every host name; later families are told apart by it."""
        with self._lock:
            self._serial += 1
            if path == "/robots.txt":
                return self._robots
            return self.site.answer(path, Load(self.clock, self._serial))

    # -------------------------------------------------------- what is true

    def truth(self) -> Truth:
        """Every report and every look-alike as they stand now."""
        with self._lock:
            columns = (self.site.own.path, self.site.others.path)
            return truth(list(self.site.documents.values()), columns, self._at)

    def columns(self) -> tuple[str, ...]:
        """The addresses of the annual-report columns."""
        return self.truth().columns

    # -------------------------------------------------------- time and events

    def advance(self, days: float = 0, hours: float = 0) -> datetime:
        """Let simulated time pass."""
        self.clock += timedelta(days=days, hours=hours)
        return self.clock

    def publish(self, year: int | None = None, publisher: str | None = None, way: Way | None = None) -> str:
        """A new report of ``publisher`` (the owner by default), of the year after its newest; gives its address."""
        with self._lock:
            who = next(p for p in self.site.who.publishers if p.name == (publisher or self.site.who.owner.name))
            years = [d.content.year for d in self._reports() if d.content and d.content.publisher == who.name]
            of = year if year is not None else max(years) + 1
            clerk = self.site.clerk
            before = clerk.ledger[who.name]
            report, clerk.ledger[who.name] = content.write(self._rng, who, of, before)
            column = clerk.own if who is self.site.who.owner else clerk.others
            document = clerk.file(report, way or Way(), (column,), self.clock)
            return self._enter(replace(document, listed=self.clock.date()))

    def edit(
        self,
        url: str | None = None,
        *,
        indicator: str | None = None,
        to: str | None = None,
        sentence: tuple[str, str] | bool = False,
        part: str = "page",
    ) -> Edit:
        """Change one figure, or one sentence, of a report in silence; nothing else on the page changes.

        Without ``url`` it is the newest report that prints its tables on its page.  ``part`` is ``page``,
        ``attachment`` (its first file, under the same address) or ``both``.
        """
        with self._lock:
            document = self._find(url) if url else self._default()
            report = document.content if part != "attachment" else document.attachments[0].content
            assert report is not None
            if sentence:
                edit, changed = _sentence(report, sentence)
            else:
                edit, changed = _figure(report, indicator, to)
            self._replace(_with(document, changed, part))
            return replace(edit, url=self._at(document.path()))

    def withdraw(self, url: str, how: State = "404") -> None:
        """Take a report away: ``404``, ``410`` or ``soft`` (a page of status 200 that says it is gone)."""
        with self._lock:
            self._replace(replace(self._find(url), state=how))

    def restore(self, url: str) -> None:
        """Bring a withdrawn report back, at the address it had."""
        with self._lock:
            self._replace(replace(self._find(url), state="live"))

    def republish(self, url: str) -> str:
        """Publish the same report again under a new id and today's date; the old address answers 404."""
        with self._lock:
            document = self._find(url)
            self._replace(replace(document, state="404"))
            today = self.clock.date()
            fresh = replace(document, id=self.site.clerk.number(), filed=today, listed=today, state="live")
            return self._enter(fresh)

    def redesign(self) -> None:
        """Put every article into the next layout: other containers, other classes, the same substance."""
        with self._lock:
            self.site.layout += 1

    # -------------------------------------------------------- faults

    def break_(self, where: str, how: str, times: int | None = None, seconds: float = 0.0) -> None:
        """Break an address, a path, a prefix (``/zwgk/*``) or a host (``*``: everything).

        ``how``: ``down``, ``reset``, ``hang``, ``slow``, ``half``, ``short-length``, ``loop`` (302 to itself),
        ``cookie-wall`` (302 to itself until its cookie comes back), or the name of an answer:
        ``403 404 405 410 412 429 500 502 503 512 521 cookie-shell edgeone stub login soft-404 empty garbage``.
        """
        if how not in {*CUTS, *CHALLENGES}:
            raise ValueError(f"no such fault: {how!r}")
        target = where.removeprefix(self.url.rstrip("/")) or "*"
        with self._server.lock:
            self._server.faults.append(Fault(target, how, times, seconds))

    def mend(self, where: str | None = None) -> None:
        """Take away every fault, or those on one address."""
        target = where and (where.removeprefix(self.url.rstrip("/")) or "*")
        with self._server.lock:
            self._server.faults[:] = [f for f in self._server.faults if target and f.where != target]

    def robots(self, text: str | None = None, status: int = 200) -> None:
        """What ``/robots.txt`` answers from now on (None: the usual)."""
        self._robots = _robots(ROBOTS if text is None else text, status)

    # -------------------------------------------------------- articles

    def _reports(self) -> list[Document]:
        return [d for d in self.site.documents.values() if d.content]

    def _default(self) -> Document:
        shown = [d for d in self._reports() if d.shown and d.state == "live" and d.content and d.content.observations()]
        return max(shown, key=lambda d: (d.content.year if d.content else 0, d.id))

    def _find(self, url: str) -> Document:
        path = url.removeprefix(self.url.rstrip("/"))
        for document in self.site.documents.values():
            if not document.elsewhere and path in {document.path(column) for column in document.columns}:
                return document
        raise KeyError(url)

    def _enter(self, document: Document) -> str:
        self._replace(document)
        return self._at(document.path())

    def _replace(self, document: Document) -> None:
        self.site.documents[document.id] = document


def _robots(text: str, status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", "text/plain"),), text.encode())


def _figure(report: Content, indicator: str | None, to: str | None) -> tuple[Edit, Content]:
    printed: Mapping[str, str] = {code: found.raw for code, found in report.observations().items()}
    code = indicator or _spare(printed)
    after = to if to is not None else str(int(printed[code] or 0) + 1)
    return Edit("", code, printed[code], after), with_figures(report, {code: after})


def _spare(printed: Mapping[str, str]) -> str:
    """A plain count that no rule of the form ties to another one."""
    free = (c for c in printed if c.endswith((".decisions", "policy_explainers")) and printed[c].isdigit())
    return next(free, next(iter(printed)))


def _sentence(report: Content, sentence: tuple[str, str] | bool) -> tuple[Edit, Content]:
    if isinstance(sentence, tuple):
        before, after = sentence
    else:
        before = next(block.text for block in report.blocks[3:] if block.kind == "paragraph")
        after = before.rstrip("。") + "，并已按期完成整改。"
    return Edit("", "sentence", before, after), with_sentence(report, before, after)


def _with(document: Document, changed: Content, part: str) -> Document:
    files = document.attachments
    if part != "page":
        files = (replace(files[0], content=changed), *files[1:])
    return replace(document, attachments=files, content=document.content if part == "attachment" else changed)
