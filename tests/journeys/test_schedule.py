"""The service over a simulated year, over a real portal, and killed: every change is told once."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from archive.connection import open_reading, open_writing
from archive.duty import duties
from archive.model import Software
from archive.query import changes
from archive.store import Store
from crawler.reporting.publishing import Channel, Publisher
from crawler.rotation import in_season, today
from crawler.schedule import due, facts
from crawler.service import Service
from tests.archive.history_maker import fetch, judge, lost, reading, revise
from tests.conftest import PORTAL
from tests.crawler.test_schedule import DAY, at
from tests.journeys.conftest import nianlun, start

pytestmark = pytest.mark.journey


# ------------------------------------------------------------ a year under a virtual clock


class Year:
    """An archive, a portal whose reports come out, change and go, and a clock that only sleeping moves."""

    def __init__(self, path) -> None:
        self.path = path
        self.now = at("2024-01-05")
        self.end = at("2025-01-05")
        self.planned = {
            at("2024-01-20"): ("new", 1), at("2024-02-20"): ("new", 2), at("2024-03-28"): ("new", 3),
            at("2024-05-15"): ("changed", 2), at("2024-07-01"): ("gone", 1), at("2024-10-01"): ("changed", 3),
        }  # fmt: skip
        self.portal: dict[int, int] = {}
        self.seen: dict[int, int] = {}
        self.crawled: list[float] = []

    def crawl(self, portals, _until) -> int:
        """What ``nianlun crawl`` would leave in the archive."""
        self.crawled.append(self.now)
        for moment in [moment for moment in self.planned if moment <= self.now]:
            self._happen(*self.planned.pop(moment))
        store = Store(open_writing(self.path), self._tick)
        store.portal = store.portal_id(PORTAL)
        settings = {"entry": "x"}
        store.crawl = store.begin_crawl(store.portal, f"uid-{self.now}", Software("n", "t"), settings, None)
        for number in sorted({*self.portal, *self.seen}):
            self._ask(store, number)
        store.chronicle.teller.absences(store.crawl, store.portal)
        store.end_crawl(store.crawl, "finished", finished=True, problems=[])
        store.close()
        return 0

    def _happen(self, event: str, number: int) -> None:
        if event == "gone":
            del self.portal[number]
        else:
            self.portal[number] = self.portal.get(number, 0) + 1

    def _ask(self, store, number: int) -> None:
        url = f"http://www.test.gov.cn/{number}.html"
        value = self.portal.get(number)
        if value is None:
            lost(store, url)
        elif self.seen.get(number) != value:
            revise(store, value, url=url, year=2020 + number)
            self.seen[number] = value
        else:
            kept = fetch(store, f"<html>{number} {value}</html>".encode(), url)
            report = store.chronicle.report(store.portal, url)
            again = judge(store, kept, reading(value, year=2020 + number), url)
            store.chronicle.seen(report, store.crawl, kept, again.fingerprint)

    def _tick(self) -> int:
        self.now += 1
        return int(self.now * 1000)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def dues(self, now: float):
        if not self.path.exists():
            return [due(facts_of_nobody(), now)]
        sql = open_reading(self.path)
        try:
            return [due(facts(duty), now) for duty in duties(sql)]
        finally:
            sql.close()


def facts_of_nobody():
    from crawler.schedule import Facts

    return Facts("test-portal")


def test_over_a_year_every_change_is_told_once_however_often_the_service_is_restarted(tmp_path) -> None:
    year, told = Year(tmp_path / "a.db"), []
    channel = Channel("taken", lambda report, _: told.extend(report.occurrences))
    while year.now < year.end:
        stop = year.now + 40 * DAY
        publisher = Publisher(year.path, [channel], clock=lambda: year.now)
        publisher.begin()
        service = Service(
            dues=year.dues, crawl=year.crawl, publish=publisher.publish, clock=lambda: year.now, sleep=year.sleep,
            say=pytest.fail, stopping=lambda stop=stop: year.now >= min(stop, year.end),
        )  # fmt: skip
        assert service.run() == 0
    sql = open_reading(year.path)
    happened = [(row["event"], row["url"]) for row in changes(sql) if row["event"] != "cosmetic"]
    sql.close()
    assert [(each.event, each.url) for each in told] == happened
    assert Counter(event for event, _ in happened) == {"new": 3, "changed": 2, "missing": 1, "gone": 1}
    assert len({each.id for each in told}) == len(told)
    gaps = [(sooner, later - sooner) for sooner, later in zip(year.crawled, year.crawled[1:], strict=False)]
    assert all(gap <= 31 * DAY for _, gap in gaps)
    assert all(gap <= 7.1 * DAY for sooner, gap in gaps if in_season(today(sooner)) and in_season(today(sooner + gap)))
    assert len({today(moment) for moment in year.crawled}) == len(year.crawled)


# ------------------------------------------------------------ the command, over a portal on loopback


class Hook:
    """A receiver of reports on loopback."""

    def __init__(self) -> None:
        self.came = came = []

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def events(self) -> list[tuple[str, str]]:
        """Everything that came, (event, address)."""
        names = ("new", "changed", "missing", "gone", "back", "moved")
        return [
            (name, each["url"])
            for report in self.came
            for portal in report["portals"]
            for name in names
            for each in portal[name]
        ]


@pytest.fixture
def hook(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Hook() as found:
        yield found


def configure(journey, hook) -> list[str]:
    """A schedule file beside the archive; the words of one round."""
    text = (
        f'[schedule]\ntargets = ["{journey.world.url}"]\ndelay = 0\n[report]\nwebhook = "{hook.url}"\natom = "f.xml"\n'
    )
    (journey.archive.parent / "nianlun.toml").write_text(text)
    return ["schedule", "run", "-a", str(journey.archive), "--allow-private"]


def test_once_crawls_what_is_due_tells_it_and_then_has_nothing_to_do(journey, hook) -> None:
    words = configure(journey, hook)
    assert nianlun(*words, "--once").code == 0
    assert sorted(hook.events()) == journey.events(1)
    assert len(hook.came) == 1
    (row,) = journey.ask("due")
    assert (row["overdue"], row["last_crawl"], row["last_outcome"]) == (False, 1, "finished")
    again = nianlun(*words, "--once")
    assert (again.code, again.err.strip()) == (0, "Nothing is due.")
    assert len(hook.came) == 1
    edit = journey.world.edit()
    journey.crawl()
    assert nianlun(*words, "--once").code == 0
    assert hook.events()[-1] == ("changed", edit.url)
    assert len(hook.came) == 2
    assert edit.url in (journey.archive.parent / "f.xml").read_text()


def test_a_host_that_blocks_is_said_and_left_alone(journey, hook) -> None:
    words = configure(journey, hook)
    journey.world.break_("*", "412")
    assert nianlun(*words, "--once").code == 3
    (portal,) = hook.came[0]["portals"]
    assert portal["blocked"][0]["until"] > portal["crawls"][0]["started"]
    asked = len(journey.world.log)
    assert nianlun(*words, "--once").err.strip() == "Nothing is due."
    assert len(journey.world.log) == asked
    assert journey.ask("due")[0]["reason"] == "cooling"


def wait_for(condition, what: str) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"never: {what}")


def test_told_to_stop_it_ends_the_crawl_cleanly_with_0_and_goes_on_with_it_later(journey, hook) -> None:
    words = configure(journey, hook)
    journey.world.robots("User-agent: *\nCrawl-delay: 0.3\n")
    service = start(*words)
    wait_for(lambda: len(journey.world.log) > 4, "the crawl is under way")
    other = nianlun(*words)
    assert (other.code, "Another schedule is at work" in other.err) == (2, True)
    assert nianlun(*words, "--once").code == 0
    service.send_signal(signal.SIGTERM)
    _, said = service.communicate(timeout=60)
    assert (service.returncode, "Traceback" in said) == (0, False)
    assert journey.ask("due")[0]["reason"] == "interrupted"
    journey.world.robots()
    assert nianlun(*words, "--once").code == 0
    assert [row["outcome"] for row in journey.ask("crawls")] == ["finished"]
    assert sorted(hook.events()) == journey.events(1)


@pytest.mark.parametrize("together", [False, True])
def test_killed_alone_or_with_its_crawl_it_tells_every_change_once(journey, hook, together) -> None:
    words = configure(journey, hook)
    journey.world.robots("User-agent: *\nCrawl-delay: 0.2\n")
    service = start(*words, start_new_session=True)
    wait_for(lambda: len(journey.world.log) > 12, "the crawl is under way")
    if together:
        os.killpg(service.pid, signal.SIGKILL)
    else:
        service.kill()
    service.wait()
    journey.world.robots()
    assert hook.came == []
    ended = nianlun(*words, "--once")
    assert (ended.code, "waits for it" in ended.err) == (0, not together)
    service.communicate()
    assert [row["outcome"] for row in journey.ask("crawls")] == ["finished"]
    assert sorted(hook.events()) == journey.events(1)
    assert nianlun(*words, "--once").code == 0
    assert sorted(hook.events()) == journey.events(1)
    assert not list(journey.archive.parent.glob("*.lock"))
