"""A simulated country: portals of many systems behind one server, told apart by the ``Host`` header.

>>> with Country(seed=5, hosts=("trs", "jpaas")) as country:
...     country.home("jpaas")              # http://www.jpaas.gov.test:PORT/, served on 127.0.0.1:PORT
...     country.truth("jpaas")             # its reports, look-alikes, counts
...     country.break_("jpaas", "412")     # that host answers a challenge, the others go on
...     country.advance(days=30)           # one clock for all

Every host draws from a generator of its own (of the seed and its name) and counts its own requests, so
that neither the choice of hosts nor the order in which they are asked changes what a host shows.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from crawler.simulator import hosts as room
from crawler.simulator.answers import CHALLENGES, Answer, robots, status_page
from crawler.simulator.desk import Desk, Edit
from crawler.simulator.frame import Load
from crawler.simulator.names import BEIJING
from crawler.simulator.server import CUTS, Fault, Logged, Server

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from crawler.simulator.documents import State
    from crawler.simulator.request import Request
    from crawler.simulator.site import Host, Site
    from crawler.simulator.stock import Way
    from crawler.simulator.truth import Truth


@dataclass(slots=True)
class _Standing:
    """A host as it stands: its name, its site, its editors, its robots.txt, and how often it was asked."""

    domain: str
    host: Host
    site: Site
    desk: Desk
    robots: Answer
    serial: int = field(default=0)

    def answer(self, request: Request, now: datetime) -> Answer:
        self.serial += 1
        return self.robots if request.path == "/robots.txt" else self.site.answer(request, Load(now, self.serial))


class Country:
    """Portals on loopback; ``hosts`` names those that stand (None: all), the first answers where Host is an address.

    ``year`` is the year in which the simulated time begins (10 April); the newest reports are of the year before.
    Raises ValueError for a host that is not known.
    """

    def __init__(
        self,
        seed: int = 1,
        hosts: Iterable[str] | None = None,
        year: int = 2024,
        port: int = 0,
        host: str = "127.0.0.1",
    ) -> None:
        self.clock = datetime(year, 4, 10, 9, 0, tzinfo=BEIJING)
        self._lock = threading.RLock()
        self._server = Server(self._answer, self._now, host, port)
        known = room.known() | room.peculiar()
        wanted = tuple(known if hosts is None else hosts)
        if strange := [name for name in wanted if name not in known]:
            raise ValueError(f"no such host: {', '.join(strange)}; known are {', '.join(known)}")
        self._standing = {name: self._stand(name, known[name], seed, year - 1) for name in wanted}
        self._by_domain = {
            domain: standing
            for standing in self._standing.values()
            for domain in (standing.domain, *standing.host.aliases)
        }

    def _stand(self, name: str, host: Host, seed: int, last: int) -> _Standing:
        domain = host.domain or f"www.{name}.gov.test"
        site = host.build(random.Random(f"nianlun:{seed}:{name}"), domain, last)
        desk = Desk(site, lambda path: f"http://{domain}:{self.port}{path}")
        return _Standing(domain, host, site, desk, robots(host.robots, host.robots_status))

    # -------------------------------------------------------- the server

    def __enter__(self) -> Self:
        self._server.open()
        for standing in self._standing.values():
            standing.site.identity = replace(standing.site.identity, domain=f"{standing.domain}:{self.port}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """The server's address: the first host answers there."""
        return f"http://{self._server.host}:{self.port}/"

    @property
    def port(self) -> int:
        """The port it serves on."""
        return self._server.port

    @property
    def names(self) -> tuple[str, ...]:
        """The short names of the hosts that stand."""
        return tuple(self._standing)

    @property
    def domains(self) -> tuple[str, ...]:
        """Every name the server answers at, aliases too."""
        return tuple(self._by_domain)

    @property
    def log(self) -> list[Logged]:
        """Every request so far, in the order of arrival (a copy)."""
        with self._server.lock:
            return list(self._server.log)

    def asked(self, name: str) -> list[Logged]:
        """The requests to one host, its aliases included."""
        standing = self._standing[name]
        own = {standing.domain, *standing.host.aliases}
        return [entry for entry in self.log if entry.host.partition(":")[0] in own]

    def home(self, name: str) -> str:
        """The address at which a visitor of a host begins: its home page, or that of the name it had before."""
        door = self._standing[name].host.door
        return f"http://{door}:{self.port}/" if door else self._standing[name].desk.at("/")

    def site(self, name: str) -> Site:
        """A host's portal itself."""
        return self._standing[name].site

    def _now(self) -> str:
        return self.clock.isoformat()

    def _answer(self, request: Request) -> Answer:
        domain = request.host.partition(":")[0].lower()
        with self._lock:
            standing = self._by_domain.get(domain)
            if standing is None and domain.replace(".", "").isdigit():
                standing = next(iter(self._standing.values()))
            return standing.answer(request, self.clock) if standing else status_page(404)

    # -------------------------------------------------------- what is true, and what happens

    def truth(self, name: str) -> Truth:
        """Every report and every look-alike of one host as they stand now."""
        with self._lock:
            standing = self._standing[name]
            return standing.desk.truth().behind(standing.host.most, closed=standing.host.closed)

    def advance(self, days: float = 0, hours: float = 0) -> datetime:
        """Let simulated time pass, for all hosts."""
        self.clock += timedelta(days=days, hours=hours)
        return self.clock

    def publish(self, name: str, year: int | None = None, publisher: str | None = None, way: Way | None = None) -> str:
        """A new report on a host, as :meth:`crawler.simulator.Simulator.publish`; gives its address."""
        with self._lock:
            return self._standing[name].desk.publish(self.clock, year, publisher, way)

    def edit(
        self,
        where: str,
        *,
        indicator: str | None = None,
        to: str | None = None,
        sentence: tuple[str, str] | bool = False,
        part: str = "page",
    ) -> Edit:
        """Change a report in silence: that at an address, or the newest of a host that prints its tables."""
        with self._lock:
            url = None if where in self._standing else where
            return self._desk(where).edit(url, indicator, to, sentence, part)

    def withdraw(self, url: str, how: State = "404") -> None:
        """Take a report away: ``404``, ``410`` or ``soft`` (a page of status 200 that says it is gone)."""
        with self._lock:
            self._desk(url).withdraw(url, how)

    def restore(self, url: str) -> None:
        """Bring a withdrawn report back, at the address it had."""
        with self._lock:
            self._desk(url).withdraw(url, "live")

    def republish(self, url: str) -> str:
        """Publish the same report again under a new id and today's date; the old address answers 404."""
        with self._lock:
            return self._desk(url).republish(url, self.clock)

    def redesign(self, name: str) -> None:
        """Put a host's articles into the next layout, where its system has several."""
        with self._lock:
            self._standing[name].site.layout += 1

    def _desk(self, where: str) -> Desk:
        if where in self._standing:
            return self._standing[where].desk
        standing = self._by_domain.get(urlsplit(where).hostname or "")
        if standing is None:
            raise KeyError(where)
        return standing.desk

    # -------------------------------------------------------- faults

    def break_(self, where: str, how: str, times: int | None = None, seconds: float = 0.0) -> None:
        """Break a host (its short name), an address, a path on every host (``*`` stands for anything), or all (``*``).

        ``how`` is as in :meth:`crawler.simulator.Simulator.break_`; ValueError if there is no such fault.
        """
        if how not in {*CUTS, *CHALLENGES}:
            raise ValueError(f"no such fault: {how!r}")
        only, target = self._target(where)
        with self._server.lock:
            self._server.faults.append(Fault(target, how, times, seconds, only))

    def mend(self, where: str | None = None) -> None:
        """Take away every fault, or those put on one place."""
        found = self._target(where) if where else None
        with self._server.lock:
            self._server.faults[:] = [f for f in self._server.faults if found and (f.only, f.where) != found]

    def _target(self, where: str) -> tuple[str, str]:
        if where in self._standing:
            return self._standing[where].domain, "*"
        if where == "*" or where.startswith("/"):
            return "", where
        parts = urlsplit(where)
        if parts.hostname not in self._by_domain:
            raise ValueError(f"no such host: {where!r}")
        return parts.hostname, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def robots(self, name: str, text: str | None = None, status: int = 200) -> None:
        """What a host's ``/robots.txt`` answers from now on (None: the usual)."""
        standing = self._standing[name]
        standing.robots = robots(standing.host.robots if text is None else text, status)
