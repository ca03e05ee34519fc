"""A service left running over a simulated year: every change told once, the contract with every host kept.

    python benchmarks/year.py [--short] [--seed 7]

Eight portals of the simulated country, each of another family, are crawled by the service itself (crawler/service.py)
under a virtual clock, from 20 December for a year; each round is a real crawl in a process of its own
(benchmarks/clocked.py) under the same clock, which goes a minute a second while it lasts.  By seed, reports are
published in the season, edited in silence (figures, sentences, of any year), withdrawn (404, or a page of status 200
that says so), brought back, published again under another address; portals are put into another layout, are down for a
week, turn us away with 412 for days, are busy (429 with Retry-After, short and long), and forbid everything in
robots.txt for days.  The service is restarted every month, and some crawls are killed.  ``--short`` takes three portals
to 20 April.  Then is checked, and the command ends with 1 otherwise:

- whatever lasted for N finished crawls of its portal (N: what ``rotate`` says, ``gone`` 2 N) was told once, as what it was,
  within N of them, by the archive and by a webhook, and nothing else was told;
- no host was asked more than its budget in any 24 hours, more than once before it had cooled, before its Retry-After,
  outside the hours, for two things at once, or for what its robots.txt forbids;
- every report that stood was read again within N finished crawls, and crawls that found nothing new asked for a quarter
  of what the first one asked for, in the mean;
- the archive is sound.

It does not measure: seconds, delays, live portals.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from archive.connection import open_reading
from archive.verify import verify
from crawler import schedule_file
from crawler.commands import schedule as command
from crawler.manners import Window
from crawler.reporting.publishing import Publisher, channels
from crawler.roster import Roster
from crawler.service import Service

sys.path.insert(0, str(ROOT / "benchmarks"))
from year_story import (
    COOLING,
    DAY,
    HOSTS,
    HOURS,
    KINDS,
    LONG,
    LONGEST,
    PATIENCE,
    PER_DAY,
    RATIO,
    ROTATE,
    SHORT,
    SPEED,
    Clock,
    Planted,
    Story,
    Watched,
    moment,
)  # fmt: skip


class Hook:
    """A receiver of reports on loopback."""

    def __init__(self) -> None:
        self.came = came = []

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def told(self) -> list[tuple[str, str, str]]:
        """(event, address, id) of everything that came."""
        return [
            (event, each["url"], each["id"])
            for report in self.came
            for portal in report["portals"]
            for event in ("new", "changed", "missing", "gone", "back", "moved")
            for each in portal[event]
        ]


class Rounds:
    """Crawls, each a process of its own (benchmarks/clocked.py)."""

    def __init__(self) -> None:
        command_ = [sys.executable, str(ROOT / "benchmarks/clocked.py")]
        self.process = subprocess.Popen(command_, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        assert self.process.stdout.readline() == "ready\n"
        self.hung = 0

    def crawl(self, clock: Clock, until: float | None, **order: object) -> int:
        """Crawl to the end, or to a moment of the clock; the exit code."""
        self.process.stdin.write(json.dumps(order) + "\n")
        number = int(self.process.stdout.readline())
        begun, told = time.monotonic(), False
        while not select.select([self.process.stdout], [], [], 0.05)[0]:
            if until is not None and clock() >= until and not told:
                told = True
                os.kill(number, signal.SIGTERM)
            if time.monotonic() - begun > LONGEST:
                self.hung += 1
                os.kill(number, signal.SIGKILL)
                break
        return int(self.process.stdout.readline())

    def close(self) -> None:
        """No more crawls."""
        self.process.stdin.close()
        self.process.wait()


class Roll:
    """When portals are due; nobody else writes the archive, so that it is read once after each round."""

    def __init__(self, roster: Roster, clock: Clock) -> None:
        self.roster, self.clock, self.known, self.rounds = roster, clock, [], -1

    def dues(self, now: float) -> list:
        """As the roster says them."""
        if self.rounds != len(self.clock.rounds) or any(due.reason == "never" for due in self.known):
            self.known, self.rounds = self.roster.dues(now), len(self.clock.rounds)
        return [replace(due, overdue=due.at <= now) for due in self.known]


class Year:
    """The service, the portals, the clock and the archive."""

    def __init__(self, folder: Path, country: Watched, hook: Hook, seed: int, *, short: bool) -> None:
        self.country, self.archive, self.hook = country, folder / "a.db", hook
        begin = moment("2024-12-20T06:29")
        self.end = moment("2025-04-20" if short else "2025-12-20")
        self.clock = Clock(begin)
        country.advance(hours=(begin - country.clock.timestamp()) / 3600)
        self.story = Story(country, seed, begin, self.end, SHORT if short else LONG)
        self.chance = random.Random(seed + 1)
        self.portals = {country.home(name).split("/")[2]: name for name in country.names}
        self.deaths = 0
        self.rounds = Rounds()
        self.said: list[str] = []
        file = folder / "nianlun.toml"
        file.write_text(
            f"[schedule]\ntargets = {json.dumps([country.home(name) for name in country.names])}\n"
            f'window = "{HOURS}"\nrotate = {ROTATE}\ndelay = 0\nper_day = {PER_DAY}\ncooling = {COOLING}\n'
            f'[report]\nwebhook = "{hook.url}"\natom = "feed.xml"\n'
        )
        self.schedule = schedule_file.read(file)
        options = argparse.ArgumentParser()
        command.configure(options)
        guest = ["--allow-private", "--resolve", "*.gov.test=127.0.0.1", "--allow-host", "*.gov.test"]
        self.words = command.crawl_words(options.parse_args(["run", *guest]), self.schedule)

    def run(self) -> None:
        """Let the year pass; the service is started anew every month."""
        while self.clock.now < self.end:
            stop = min(self.end, self.clock.now + 30 * DAY)
            roster = Roster(self.archive, list(self.schedule.targets), [], cooling=COOLING)
            ways = [way for way in channels(self.schedule.reporting, cooling=COOLING) if way.name != "terminal"]
            publisher = Publisher(self.archive, ways, clock=self.clock, say=self.said.append, cooling=COOLING)
            publisher.begin()
            service = Service(
                dues=Roll(roster, self.clock).dues, crawl=lambda portals, until, roster=roster: self._crawl(roster, portals, until),
                publish=self._once_a_round(publisher.publish), clock=self.clock, sleep=self.clock.sleep, say=self.said.append,
                window=self.schedule.window, stopping=lambda stop=stop: self.clock.now >= stop,
            )  # fmt: skip
            service.run()

    def _once_a_round(self, publish):
        """As often as there can be something to tell, and twice, which tells nothing."""
        looked: Counter[int] = Counter()

        def maybe() -> None:
            looked[len(self.clock.rounds)] += 1
            if looked[len(self.clock.rounds)] <= 2:
                publish()

        return maybe

    def _crawl(self, roster: Roster, portals, until: float | None) -> int:
        self.story.happen(self.clock.now, self.finished())
        for host, (left, wait) in list(self.country.busy.items()):
            self.country.busy[host] = (max(left, 1), wait)
        dies = self.chance.uniform(1.5, 3) if self.chance.random() < 0.05 else 0
        self.deaths += bool(dies)
        words = [*map(roster.target, portals), *self.words, "--archive", str(self.archive)]
        begun, at = self.clock.begin()
        try:
            return self.rounds.crawl(self.clock, until, words=words, begun=begun, at=at, speed=SPEED, dies=dies)
        finally:
            self.clock.end()
            if sys.stderr.isatty():
                sys.stderr.write(
                    f"\r{datetime.fromtimestamp(self.clock.now + 8 * 3600, UTC):%Y-%m-%d} {len(self.clock.rounds)} rounds "
                )

    def crawls(self) -> dict[str, list[dict]]:
        """Each portal's crawls that came to their end, in their order; not those of which robots.txt forbade everything."""
        found: dict[str, list[dict]] = {name: [] for name in self.country.names}
        with suppress(FileNotFoundError), closing(open_reading(self.archive)) as sql:
            rows = sql.execute(
                "SELECT crawl.id, name, started, finished, crawl.settings, (SELECT count(*) FROM capture WHERE crawl=crawl.id) AS asked,"
                " (SELECT count(*) FROM change WHERE crawl=crawl.id AND event<>'cosmetic') AS told FROM crawl"
                " JOIN portal ON portal.id=crawl.portal WHERE crawl.outcome='finished' AND EXISTS (SELECT 1 FROM request WHERE"
                " request.crawl=crawl.id AND role<>'robots' AND capture IS NOT NULL) ORDER BY finished"
            )
            for row in rows.fetchall():
                found[self.portals[row["name"]]].append(dict(row))
        return found

    def finished(self) -> dict[str, int]:
        """How many those are."""
        return {name: len(rows) for name, rows in self.crawls().items()} if self.archive.exists() else Counter()


# ------------------------------------------------------------ what is checked


def events(year: Year) -> list[str]:
    """What was told otherwise than it happened."""
    wrong, crawls, end = [], year.crawls(), year.end
    with closing(open_reading(year.archive)) as sql:
        rows = [dict(row) for row in sql.execute(
            "SELECT change.id, event, url, seen, change.crawl FROM change JOIN resource ON resource.id=change.resource"
            " WHERE event<>'cosmetic' ORDER BY change.id"
        )]  # fmt: skip
    for row in rows:
        done = year.story.planted.get(year.story.names.get(row["url"], row["url"]), [])
        planted = next((one for one in done if one.at * 1000 <= row["seen"] < one.until * 1000), None)
        if planted is None or row["event"] not in KINDS[planted.kind] or _again(planted, row["event"]):
            wrong.append(f"told but not so: {row} {[(one.kind, one.at) for one in done]}")
        if planted is not None:
            planted.told.append(row)
    for done in year.story.planted.values():
        for before, planted in zip([None, *done], done, strict=False):
            since = [row for row in crawls[planted.portal] if row["started"] >= planted.at * 1000]
            lasted = sum(row["finished"] <= min(planted.until, end) * 1000 for row in since)
            for times, event in enumerate(KINDS[planted.kind], 1):
                told = next((row for row in planted.told if row["event"] == event), None)
                unseen = planted.kind == "back" and before is not None and not before.told
                if told is None and lasted >= times * ROTATE and not unseen:
                    wrong.append(f"not told: {event} {planted}, {lasted} crawls")
                if told is not None and sum(row["id"] < told["crawl"] for row in since) >= times * ROTATE:
                    wrong.append(f"told late: {event} {planted}")
    return wrong + _published(year, rows)


def _again(planted: Planted, event: str) -> bool:
    """Whether something was told before, or out of its order."""
    told = [row["event"] for row in planted.told]
    return event in told or (event == "gone" and told != ["missing"])


def _published(year: Year, rows: list[dict]) -> list[str]:
    """What the webhook and the feed had otherwise than the archive."""
    came = year.hook.told()
    had, has = Counter((event, url) for event, url, _ in came), Counter((row["event"], row["url"]) for row in rows)
    wrong = [
        f"published otherwise than the archive has it: {key} {had[key]} for {has[key]}"
        for key in had | has
        if had[key] != has[key]
    ]
    ids = Counter(number for _, _, number in came)
    wrong += [f"published {times} times: {number}" for number, times in ids.items() if times > 1]
    feed = ET.parse(year.archive.parent / "feed.xml")  # our own file
    space = {"a": "http://www.w3.org/2005/Atom"}
    listed = [
        entry.findtext("a:id", namespaces=space)
        for entry in feed.iterfind("a:entry", space)
        if entry.find("a:category", space).get("term") != "trouble"
    ]
    if len(listed) != len(set(listed)) or not set(listed) <= set(ids):
        wrong.append("the feed has an entry twice, or one the webhook never had")
    return wrong


def contract(year: Year) -> list[str]:
    """Where a host was asked otherwise than it was agreed."""
    wrong = [f"{year.country.together} times two requests of a host at once"] if year.country.together else []
    window = Window.read(HOURS)
    asked: dict[str, list] = defaultdict(list)
    for entry in year.country.log:
        asked[entry.host.partition(":")[0]].append((year.clock.at(entry.at), entry))
    for host, entries in asked.items():
        times = [at for at, _ in entries]
        most = max(
            sum(at <= other < at + DAY for other in times[number : number + 4 * PER_DAY])
            for number, at in enumerate(times)
        )
        if most > PER_DAY:
            wrong.append(f"{host}: {most} requests within a day, {PER_DAY} were agreed")
        late = [at for at in times if not window.is_open(at) and not window.is_open(at - SPEED)]
        if late:
            wrong.append(
                f"{host}: {len(late)} requests outside the hours, the first {datetime.fromtimestamp(late[0], UTC)} UTC"
            )
        walls = [at for at, entry in entries if entry.status == 412]
        walls += [year.clock.at(at) for at, name, wait in year.country.waits if name == host and wait > PATIENCE]
        early = max((sum(at < other < at + COOLING * 3600 for other in times) for at in walls), default=0)
        if early > 1:
            wrong.append(f"{host}: asked {early} times before it had cooled")
        wrong += _patience(year, host, times) + _robots(year, host, entries)
    return wrong


def _patience(year: Year, host: str, times: list[float]) -> list[str]:
    """Where a Retry-After was not waited for."""
    found = []
    for at, name, wait in year.country.waits:
        if name == host:
            moment_ = year.clock.at(at)
            following = next((other for other in times if other > moment_ + 1), None)
            if following is not None and following - moment_ < wait - 1:
                found.append(f"{host}: asked again after {following - moment_:.0f} s, Retry-After said {wait}")
    return found


def _robots(year: Year, host: str, entries: list) -> list[str]:
    """What was asked for against a robots.txt."""
    found = []
    for at, entry in entries:
        closed = any(name == host and begun <= at < over for name, begun, over in year.story.forbidden)
        if (closed and entry.path != "/robots.txt") or entry.path.startswith(("/e/data/", "/login.jsp")):
            found.append(f"{host}: {entry.path} against its robots.txt at {datetime.fromtimestamp(at, UTC)}")
    return found


def reread(year: Year) -> tuple[list[str], float]:
    """Reports that were not read again in time, and what crawls that found nothing new asked for, by the first."""
    wrong, ratios = [], []
    asked: dict[str, list[float]] = defaultdict(list)
    for entry in year.country.log:
        asked[f"http://{entry.host}{entry.path}"].append(year.clock.at(entry.at) * 1000)
    for name, crawls in year.crawls().items():
        ratios += [row["asked"] / crawls[0]["asked"] for row in crawls[1:] if not row["told"]]
        for url, done in year.story.planted.items():
            if done[0].portal != name or {one.kind for one in done} & {"missing", "moved"} or not done[0].told:
                continue
            read = sorted(at for address, of in year.story.names.items() if of == url for at in asked[address])
            since = [row for row in crawls if row["id"] >= done[0].told[0]["crawl"]]
            for first, last in zip(since, since[ROTATE - 1 :], strict=False):
                if not any(first["started"] <= at <= last["finished"] for at in read):
                    wrong.append(f"not read again from crawl {first['id']} to {last['id']}: {url}")
                    break
    return wrong, sum(ratios) / max(1, len(ratios))


def measure(seed: int, folder: Path, *, short: bool) -> int:
    """Let it pass, check, print; 0 if all was kept."""
    begun = time.monotonic()
    with Watched(seed=seed, hosts=HOSTS[:3] if short else HOSTS, year=2024) as country:
        year = Year(folder, country, Hook(), seed, short=short)
        year.run()
        year.rounds.close()
        wrong = events(year) + contract(year)
        unread, ratio = reread(year)
        wrong += unread + year.said + ["a crawl hung"] * year.rounds.hung
        if ratio > RATIO[short]:
            wrong.append(f"unchanged crawls asked for {ratio:.3f} of the first, {RATIO[short]} was agreed")
        with closing(open_reading(year.archive)) as sql:
            wrong += [f"verify: {trouble}" for trouble in verify(sql)]
    for line in wrong:
        print(line)
    kinds = Counter(one.kind for done in year.story.planted.values() for one in done)
    told = Counter(event for event, _, _ in year.hook.told())
    print(
        f"{len(year.portals)} portals, {(year.end - moment('2024-12-20')) / DAY:.0f} days, {len(year.clock.rounds)} rounds"
        f" ({year.deaths} killed), {sum(year.finished().values())} crawls finished, {len(country.log)} requests;"
        f" planted: {_counted(kinds)} ({year.story.skipped} had no place); told: {_counted(told)};"
        f" unchanged crawls ask for {ratio:.3f} of the first; {time.monotonic() - begun:.0f} s;"
        f" {len(wrong)} wrong{'' if wrong else ', the archive is sound'}"
    )
    return int(bool(wrong))


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def main() -> int:
    """Read the options, measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--short", action="store_true", help="three portals, four months")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--keep", type=Path, metavar="DIR", help="leave the archive there")
    chosen = options.parse_args()
    os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory() as folder:
        return measure(chosen.seed, chosen.keep or Path(folder), short=chosen.short)


if __name__ == "__main__":
    sys.exit(main())
