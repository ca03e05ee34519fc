"""What happens to portals over a simulated year, and the clocks it happens by: see :mod:`benchmarks.year`."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from crawler.simulator import Country
from crawler.simulator.answers import Answer
from crawler.simulator.stock import Way

HOSTS = ("vsb", "gkmlpt", "lonsun", "epoint0", "hanweb2", "trs-nb", "ucap", "jpaas")
"""The first three are those of the short form; the last two are busy by themselves, which costs time."""
DAY = 86_400.0
SPEED = 60.0
"""Virtual seconds in a second while a crawl lasts."""
ROTATE, PER_DAY, COOLING, HOURS = 8, 40, 24, "00:00-06:30"
LONGEST = 60.0
"""Seconds of the machine's that no crawl lasts; one that does hangs, and is killed."""
PATIENCE = 120
"""Seconds of Retry-After that a crawl waits; a longer one is a block (crawler.context.Policy)."""
RATIO = {True: 0.42, False: 0.25}
"""Unchanged crawls by the first: the short form is nearly all season, in which the newest year is read every time."""
WAYS = (Way(), Way(style="clean", files=("pdf",)), Way(files=("docx",), shown=False), Way(style="nested"))
LONG = {
    "figure": 5, "sentence": 5, "again": 2, "withdraw": 3, "soft": 2, "restore": 3, "flash": 1, "republish": 1, "redesign": 1,
}  # fmt: skip
SHORT = {"figure": 2, "sentence": 2, "again": 1, "withdraw": 1, "soft": 1, "restore": 1, "redesign": 1}
KINDS = {
    "new": ("new",),
    "changed": ("changed",),
    "missing": ("missing", "gone"),
    "back": ("back",),
    "moved": ("moved",),
}


def moment(text: str) -> float:
    """A time in Beijing as seconds since 1970."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=8)).timestamp()


class Clock:
    """Goes while somebody sleeps, and SPEED times as fast as the machine's while a crawl lasts."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.rounds: list[tuple[float, float, float]] = []
        """Of each crawl: when it began and ended by the machine's clock, and when it began by this one."""
        self._begun: tuple[float, float] | None = None

    def __call__(self) -> float:
        if self._begun is None:
            return self.now
        return self._begun[0] + (time.monotonic() - self._begun[1]) * SPEED

    def begin(self) -> tuple[float, float]:
        """A crawl begins: when, by both clocks."""
        self._begun = self.now, time.monotonic()
        return self._begun

    def end(self) -> None:
        """It has ended."""
        assert self._begun is not None
        self.rounds.append((self._begun[1], time.monotonic(), self._begun[0]))
        self.now, self._begun = self(), None

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def at(self, machine: float) -> float:
        """A moment of the machine's clock by this one."""
        first = next(one for one in self.rounds if one[0] <= machine <= one[1])
        return first[2] + (machine - first[0]) * SPEED


class Watched(Country):
    """A country whose hosts note when two requests are under way at once, and that can be busy."""

    def __init__(self, *words: object, **more: object) -> None:
        super().__init__(*words, **more)
        self.busy: dict[str, tuple[int, int]] = {}
        """By host name: how many more answers are 429, and their Retry-After in seconds."""
        self.waits: list[tuple[float, str, int]] = []
        self.together = 0
        self._under_way: Counter[str] = Counter()
        self._mine = threading.Lock()

    def _answer(self, request):
        host = request.host.partition(":")[0]
        with self._mine:
            self.together += self._under_way[host] > 0
            self._under_way[host] += 1
            left, wait = self.busy.get(host, (0, 0))
            if left and request.path != "/robots.txt":
                self.busy[host] = (left - 1, wait)
                self.waits.append((time.monotonic(), host, wait))
        try:
            time.sleep(0.001)
            if left and request.path != "/robots.txt":
                return Answer(429, (("Retry-After", str(wait)),), b"busy")
            return super()._answer(request)
        finally:
            with self._mine:
                self._under_way[host] -= 1


@dataclass
class Planted:
    """Something done to a report, and what was told of it."""

    portal: str
    kind: str
    url: str
    at: float
    until: float = float("inf")
    """When something else was done to it."""
    told: list[dict] = field(default_factory=list)


class Story:
    """What happens to the portals, drawn by seed."""

    def __init__(self, country: Watched, seed: int, begin: float, end: float, kinds: dict[str, int]) -> None:
        self.country, self.chance = country, random.Random(seed)
        self.planted: dict[str, list[Planted]] = defaultdict(list)
        self.names: dict[str, str] = {}
        """Every address of a report, with the one the truth names it by."""
        self.crawls: dict[str, int] = Counter()
        self._last: dict[str, int] = {}
        self.forbidden: list[tuple[str, float, float]] = []
        self.skipped = 0
        self.plans = sorted(self._plans(begin, end, kinds), key=lambda plan: plan[0])
        for name in country.names:
            self._learn(name)
            for url, report in country.truth(name).reports.items():
                if report.state == "live":
                    self._plant(name, "new", url, begin - DAY)

    def _plans(self, begin: float, end: float, kinds: dict[str, int]):
        """(when, portal, what, details) of everything."""
        names = self.country.names
        for name in names:
            for kind, times in kinds.items():
                for _ in range(times):
                    if kind != "restore":
                        yield self.chance.uniform(begin + 4 * DAY, end - 10 * DAY), name, kind, None
                    else:
                        yield self.chance.uniform(begin + (end - begin) / 2, end), name, kind, None
            year = datetime.fromtimestamp(end - 180 * DAY if end - begin > 200 * DAY else end, UTC).year
            for body in range(4):
                yield moment(f"{year}-01-12") + self.chance.uniform(0, 75) * DAY, name, "publish", body
        outages = [("down", 7, None), ("412", 4, None), ("busy", 3, 90), ("busy", 2, 3600), ("robots", 6, None)]
        season = moment(f"{datetime.fromtimestamp(begin, UTC).year + 1}-01-22")
        for number, (how, days, wait) in enumerate(outages * max(1, len(names) // 4)):
            name = names[number % len(names)]
            at = season + (number // len(names)) * 60 * DAY + self.chance.uniform(0, 9) * DAY + number % 2 * 58 * DAY
            if at + days * DAY < end:
                yield at, name, how, wait
                yield at + days * DAY, name, f"{how} over", at

    def happen(self, upto: float, crawls: dict[str, int]) -> None:
        """Do what is planned up to a moment; ``crawls``: how often each portal was crawled to the end."""
        self.crawls = crawls
        while self.plans and self.plans[0][0] <= upto:
            at, name, kind, more = self.plans.pop(0)
            self.country.advance(hours=(at - self.country.clock.timestamp()) / 3600)
            if f"_{kind}" in _OUTAGES:
                getattr(self, f"_{kind}")(name, more)
            elif kind.endswith(" over"):
                self._over(name, kind.split()[0], more, at)
            else:
                self._reports(name, kind, more, at)
        self.country.advance(hours=(upto - self.country.clock.timestamp()) / 3600)

    # -------------------------------------------------------- hosts

    def _down(self, name: str, _: object) -> None:
        self.country.break_(name, "down")

    def _412(self, name: str, _: object) -> None:
        self.country.break_(name, "412")

    def _busy(self, name: str, wait: int) -> None:
        self.country.busy[self._host(name)] = (2 if wait <= PATIENCE else 10**6, wait)

    def _robots(self, name: str, _: object) -> None:
        self.country.robots(name, "User-agent: *\nDisallow: /\n")

    def _over(self, name: str, how: str, begun: float, at: float) -> None:
        if how == "robots":
            self.country.robots(name)
            self.forbidden.append((self._host(name), begun, at))
        self.country.busy.pop(self._host(name), None)
        self.country.mend(name)

    # -------------------------------------------------------- reports

    def _reports(self, name: str, kind: str, more: int | None, at: float) -> None:
        if kind == "redesign":
            self.country.redesign(name)
        elif kind == "publish":
            self._published(name, more, at)
        elif kind in {"figure", "sentence", "again"}:
            self._edited(name, kind, at)
        elif kind == "flash":  # away for a while that may pass unseen
            if url := self._withdrawn(name, "404", at):
                self.plans.append((at + self.chance.uniform(1, 5) * DAY, name, "restore", url))
                self.plans.sort(key=lambda plan: plan[0])
        elif kind in {"withdraw", "soft"}:
            self._withdrawn(name, "soft" if kind == "soft" else "404", at)
        elif kind == "restore":
            self._restored(name, more, at)
        elif kind == "republish":
            self._republished(name, at)

    def _published(self, name: str, body: int, at: float) -> None:
        names = sorted({report.publisher for report in self.country.truth(name).reports.values()})
        url = self.country.publish(name, publisher=names[body], way=self.chance.choice(WAYS))
        self._learn(name)
        self._plant(name, "new", url, at)

    def _edited(self, name: str, kind: str, at: float) -> None:
        """A silent edit; ``again``: of a report edited before, maybe before that was seen."""
        for url in self._pick(name, edited=kind == "again"):
            with suppress(StopIteration):
                self.country.edit(url, sentence=kind == "sentence")
                self._plant(name, "changed", url, at)
                return
        self.skipped += 1

    def _withdrawn(self, name: str, how: str, at: float) -> str | None:
        for url in self._pick(name):
            self.country.withdraw(url, how)
            self._plant(name, "missing", url, at)
            return url
        self.skipped += 1
        return None

    def _restored(self, name: str, url: str | None, at: float) -> None:
        away = [
            u
            for u, done in self.planted.items()
            if done[0].portal == name and done[-1].kind == "missing" and self._is_free(u)
        ]
        chosen = url or next(iter(self.chance.sample(sorted(away), len(away))), None)
        if chosen is None:
            self.skipped += 1
            return
        self.country.restore(chosen)
        self._plant(name, "back", chosen, at)

    def _republished(self, name: str, at: float) -> None:
        for url in self._pick(name):
            fresh = self.country.republish(url)
            self._learn(name)
            self._plant(name, "moved", url, at)
            self._plant(name, "new", fresh, at)
            return
        self.skipped += 1

    def _pick(self, name: str, *, edited: bool = False) -> list[str]:
        """Reports on pages, in a random order, to which nothing was done for long (or that were edited)."""
        found, truth = [], self.country.truth(name)
        for url, report in truth.reports.items():
            done = self.planted[self.names[url]]
            chosen = done[-1].kind == "changed" if edited else self._is_free(url)
            if chosen and report.source == "page" and report.state == "live" and url not in truth.unlisted:
                found.append(url)
        return self.chance.sample(sorted(found), len(found))

    def _is_free(self, url: str) -> bool:
        done = self.planted[self.names[url]]
        return bool(done) and self.crawls[done[-1].portal] - self._last[self.names[url]] > (
            1 if len(done) == 1 else 2 * ROTATE
        )

    def _plant(self, name: str, kind: str, url: str, at: float) -> None:
        url = self.names[url]
        if self.planted[url]:
            self.planted[url][-1].until = at
        self.planted[url].append(Planted(name, kind, url, at))
        self._last[url] = self.crawls[name]

    def _learn(self, name: str) -> None:
        for url, report in self.country.truth(name).reports.items():
            for address in report.urls:
                self.names.setdefault(address, url)

    def _host(self, name: str) -> str:
        return urlsplit(self.country.home(name)).hostname or ""


_OUTAGES = {"_down", "_412", "_busy", "_robots"}
