"""The simulated world: a portal behind a server, a virtual clock, and everything that can happen to it."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from crawler.simulator import trs
from crawler.simulator.answers import CHALLENGES, Answer, robots
from crawler.simulator.desk import Desk, Edit
from crawler.simulator.frame import Load
from crawler.simulator.names import BEIJING
from crawler.simulator.server import CUTS, Fault, Logged, Server
from crawler.simulator.site import ROBOTS

if TYPE_CHECKING:
    from types import TracebackType

    from crawler.simulator.documents import State
    from crawler.simulator.request import Request
    from crawler.simulator.stock import Way
    from crawler.simulator.truth import Truth


class Simulator:
    """A portal of invented bodies on loopback; the same seed gives the same portal, byte for byte but for its noise.

    ``year`` is the year in which the simulated time begins (10 April); the newest reports are of the year before.
    """

    def __init__(self, seed: int = 1, year: int = 2024, port: int = 0, host: str = "127.0.0.1") -> None:
        self.seed = seed
        self.clock = datetime(year, 4, 10, 9, 0, tzinfo=BEIJING)
        self._serial = 0
        self._lock = threading.RLock()
        self._robots: Answer = robots(ROBOTS)
        self._rng = random.Random(f"nianlun:{seed}")
        self._server = Server(self._answer, self._now, host, port)
        self.site = trs.build(self._rng, host, year - 1)
        self._desk = Desk(self.site, self._at)

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

    def _answer(self, request: Request) -> Answer:
        """One portal answers at every host name; it is of static files."""
        with self._lock:
            self._serial += 1
            if request.path == "/robots.txt":
                return self._robots
            return self.site.answer(request, Load(self.clock, self._serial))

    # -------------------------------------------------------- what is true

    def truth(self) -> Truth:
        """Every report and every look-alike as they stand now."""
        with self._lock:
            return self._desk.truth()

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
            return self._desk.publish(self.clock, year, publisher, way)

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
            return self._desk.edit(url, indicator, to, sentence, part)

    def withdraw(self, url: str, how: State = "404") -> None:
        """Take a report away: ``404``, ``410`` or ``soft`` (a page of status 200 that says it is gone)."""
        with self._lock:
            self._desk.withdraw(url, how)

    def restore(self, url: str) -> None:
        """Bring a withdrawn report back, at the address it had."""
        with self._lock:
            self._desk.withdraw(url, "live")

    def republish(self, url: str) -> str:
        """Publish the same report again under a new id and today's date; the old address answers 404."""
        with self._lock:
            return self._desk.republish(url, self.clock)

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
        self._robots = robots(ROBOTS if text is None else text, status)
