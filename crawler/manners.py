"""What a host is asked for at most, and when: budgets of a day, cooling after a block, hours of asking.

The bounds are the field guide's (5): at most 2,000 requests a host and day, a host that blocked is left alone for a
day, asking at night if the operator wants it so.  What counts against a day's budget is read off the archive, so
that it holds across crawls and restarts.  Hosts on loopback and private addresses are the operator's own: for them
earlier crawls count only where he says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.addresses import is_public

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.portals import Asked

PER_DAY = 2000
"""Requests a host and day."""
BYTES_PER_DAY = 2**30
"""Bytes a host and day."""
COOLING = 24.0
"""Hours for which a host that blocked is left alone."""
_DAY = 86_400
BEIJING = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a day, in Beijing, in which hosts are asked: ``22:00-06:30`` goes over midnight."""

    opens: int
    """Minutes after midnight."""
    closes: int

    @classmethod
    def read(cls, text: str) -> Window:
        """``HH:MM-HH:MM``; raises ValueError for anything else, and for a window without an hour in it."""
        first, sign, last = text.partition("-")
        times = [datetime.strptime(part.strip(), "%H:%M").replace(tzinfo=UTC) for part in (first, last)]
        opens, closes = (at.hour * 60 + at.minute for at in times)
        if not sign or opens == closes:
            raise ValueError(text)
        return cls(opens, closes)

    def is_open(self, now: float) -> bool:
        """Whether it is open at a moment, seconds since 1970."""
        at = datetime.fromtimestamp(now, UTC) + BEIJING
        minute = at.hour * 60 + at.minute
        if self.opens < self.closes:
            return self.opens <= minute < self.closes
        return minute >= self.opens or minute < self.closes

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (self.opens, self.closes))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The contract with every host; ``None`` is the default with its exception for the operator's own hosts."""

    per_day: int | None = None
    bytes_per_day: int | None = None
    cooling: float | None = None
    window: Window | None = None
    total: int | None = None
    """Requests of a run, all portals together."""

    def described(self) -> dict[str, str | int | float]:
        """What a crawl's row keeps of them."""
        return {
            "per_day": PER_DAY if self.per_day is None else self.per_day,
            "bytes_per_day": BYTES_PER_DAY if self.bytes_per_day is None else self.bytes_per_day,
            "cooling": COOLING if self.cooling is None else self.cooling,
            **({"window": str(self.window)} if self.window else {}),
            **({"total": self.total} if self.total is not None else {}),
        }


@dataclass(slots=True)
class Turns:
    """Hosts that several portals of a run lead to: one of them asks at a time, after the pause the last one owes.

    Whoever has the turn may ask again (robots.txt before a page); the others wait until nothing of it is under way.
    """

    holders: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By host: the crawl that has the turn, and how many of its requests are under way."""
    asked: dict[str, tuple[int, float]] = field(default_factory=dict)
    """By host: which crawl asked last, and when (seconds of the loop's clock)."""
    freed: dict[str, asyncio.Event] = field(default_factory=dict)

    async def take(self, host: str, crawl: int, pause: float) -> None:
        """Wait for the turn at a host, and ``pause`` seconds after another crawl's request to it."""
        while self.holders.get(host, (crawl, 0))[0] != crawl:
            await self.freed.setdefault(host, asyncio.Event()).wait()
        self.holders[host] = (crawl, self.holders.get(host, (crawl, 0))[1] + 1)
        last, at = self.asked.get(host, (crawl, 0.0))
        now = asyncio.get_running_loop().time()
        if last != crawl and at + pause > now:
            await asyncio.sleep(at + pause - now)
        self.asked[host] = (crawl, asyncio.get_running_loop().time())

    def give(self, host: str, crawl: int) -> None:
        """Note that a request has ended; the last one frees the host."""
        holder, under_way = self.holders.get(host, (crawl, 0))
        if holder != crawl:
            return
        if under_way > 1:
            self.holders[host] = (crawl, under_way - 1)
            return
        self.holders.pop(host, None)
        self.freed.pop(host, asyncio.Event()).set()

    def leave(self, crawl: int) -> None:
        """Free every host of a crawl that has ended, however it ended."""
        for host in [host for host, (holder, _) in self.holders.items() if holder == crawl]:
            self.holders[host] = (crawl, 1)
            self.give(host, crawl)


@dataclass(slots=True)
class Manners:
    """What was asked of each host within a day; one for a run, shared by its portals."""

    bounds: Bounds = field(default_factory=Bounds)
    requests: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    cooling: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Hosts that blocked: the kind, and until when (seconds since 1970) they are left alone."""
    total: int = 0
    turns: Turns = field(default_factory=Turns)

    @classmethod
    def after(cls, bounds: Bounds, asked: Iterable[Asked], now: float) -> Manners:
        """The state at a run's beginning, from what the archive says was asked lately."""
        found = cls(bounds)
        for each in asked:
            own = each.peer is not None and not is_public(each.peer)
            if each.at / 1000 > now - _DAY and not (own and bounds.per_day is None):
                found.requests[each.host] = found.requests.get(each.host, 0) + each.requests
            if each.at / 1000 > now - _DAY and not (own and bounds.bytes_per_day is None):
                found.bytes[each.host] = found.bytes.get(each.host, 0) + each.bytes
            hours = (0.0 if own else COOLING) if bounds.cooling is None else bounds.cooling
            if each.blocked_at is not None and (until := each.blocked_at / 1000 + hours * 3600) > now:
                found.cooling[each.host] = (each.blocked or "blocked", until)
        return found

    def count(self, host: str, size: int) -> None:
        """Note an exchange."""
        self.requests[host] = self.requests.get(host, 0) + 1
        self.bytes[host] = self.bytes.get(host, 0) + size
        self.total += 1

    def cools(self, host: str, now: float) -> str | None:
        """Why a host is left alone, and until when; None: it may be asked."""
        reason, until = self.cooling.get(host, ("", 0.0))
        if until <= now:
            return None
        return f"{reason}, left alone until {datetime.fromtimestamp(until, UTC):%Y-%m-%dT%H:%MZ}"

    def spent(self, host: str) -> str | None:
        """Which of a host's budgets is used up; None: none."""
        bounds = self.bounds
        requests = PER_DAY if bounds.per_day is None else bounds.per_day
        size = BYTES_PER_DAY if bounds.bytes_per_day is None else bounds.bytes_per_day
        if self.requests.get(host, 0) >= requests:
            return f"{requests} requests a day"
        return f"{size} bytes a day" if self.bytes.get(host, 0) >= size else None

    def closed(self, now: float) -> str | None:
        """Why nothing at all is asked now; None: asking goes on."""
        if self.bounds.window and not self.bounds.window.is_open(now):
            return f"outside the hours {self.bounds.window} in Beijing"
        return "total" if self.bounds.total is not None and self.total >= self.bounds.total else None
