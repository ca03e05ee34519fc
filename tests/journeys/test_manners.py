"""The contract with every host, over whole crawls: budgets, hours, cooling, what a rotated crawl asks for."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from crawler.simulator import Country
from tests.journeys.conftest import nianlun
from tests.journeys.country import GUEST

pytestmark = pytest.mark.journey


class Guest:
    """One portal of the country and an archive."""

    def __init__(self, country: Country, name: str, archive) -> None:
        self.country, self.name, self.archive = country, name, archive

    def crawl(self, *more: str):
        return nianlun("crawl", self.country.home(self.name), "-a", str(self.archive), "--json", *GUEST, *more)

    def asked(self, act) -> list:
        """What the server saw while ``act`` went on, robots.txt left out."""
        before = len(self.country.log)
        act()
        return [request for request in self.country.log[before:] if request.path != "/robots.txt"]


@pytest.fixture
def guest(tmp_path):
    with Country(seed=5, hosts=("trs",), year=datetime.now(UTC).year) as country:
        yield Guest(country, "trs", tmp_path / "a.db")


def test_a_day_s_budget_stops_a_crawl_and_the_next_one_keeps_it(guest) -> None:
    ended = guest.crawl("--per-day", "10")
    assert ended.code == 4
    assert ended.rows[0]["problems"] == ["stopped early: budget: 10 requests a day"]
    assert len(guest.country.log) == 10
    assert guest.asked(lambda: guest.crawl("--per-day", "10")) == []
    assert guest.crawl().code == 0, "without the bound the same command finishes the crawl"


def test_bytes_are_a_budget_too(guest) -> None:
    ended = guest.crawl("--bytes-per-day", "50000")
    assert ended.code == 4
    assert ended.rows[0]["problems"] == ["stopped early: budget: 50000 bytes a day"]


def test_the_total_of_a_run(guest) -> None:
    assert guest.crawl("--max-total", "5").code == 4
    assert len(guest.country.log) == 5


def test_outside_the_hours_nothing_is_asked(guest) -> None:
    beijing = datetime.now(UTC) + timedelta(hours=8)
    window = f"{beijing + timedelta(hours=2):%H}:00-{beijing + timedelta(hours=3):%H}:00"
    ended = guest.crawl("--window", window)
    assert (ended.code, ended.rows, guest.country.log) == (4, [], [])
    assert "outside the hours" in ended.err


def test_after_a_block_nothing_more_is_asked_until_the_host_has_cooled(guest) -> None:
    guest.crawl()
    guest.country.break_("trs", "412")
    asked = guest.asked(lambda: guest.crawl("--cooling", "1"))
    assert len(asked) <= 1
    guest.country.mend()
    cooled = []
    assert guest.asked(lambda: cooled.append(guest.crawl("--cooling", "1"))) == []
    assert cooled[0].code == 3
    assert "left alone until" in " ".join(cooled[0].rows[0]["problems"])
    assert guest.crawl().code == 0, "a host of one's own is asked again without the option"
    assert not [row for row in json.loads(changes(guest)) if row["event"] in {"missing", "gone"}]


def changes(guest) -> str:
    return nianlun("changes", "-a", str(guest.archive), "--json").out


def test_the_delay_lies_between_two_requests_of_a_host(guest) -> None:
    guest.crawl("--delay", "0.2", "--max-requests", "6")
    times = [request.at for request in guest.country.log]
    assert min(later - earlier for earlier, later in zip(times, times[1:], strict=False)) >= 0.1, "half, by jitter"


def test_rotated_crawls_ask_for_little_and_in_n_of_them_for_everything(guest) -> None:
    first = len(guest.asked(guest.crawl))
    reports = {report.url for report in guest.country.truth("trs").reports.values()}
    edit = guest.country.edit("trs")
    rounds = [guest.asked(lambda: guest.crawl("--rotate", "8")) for _ in range(8)]
    counts = [len(asked) for asked in rounds]
    assert sum(counts) / len(counts) <= 0.25 * first
    seen = {f"http://{request.host}{request.path}" for asked in rounds for request in asked}
    assert {url for url in reports if any(address in seen for address in twins(guest, url))} == reports
    changed = [row["url"] for row in json.loads(changes(guest)) if row["event"] == "changed"]
    assert changed == [edit.url], "found when its turn came"
    assert not [row for row in json.loads(changes(guest)) if row["event"] in {"missing", "gone"}]


def twins(guest, url: str) -> tuple[str, ...]:
    return guest.country.truth("trs").reports[url].urls


def test_a_rotated_crawl_finds_what_is_new_at_once(guest) -> None:
    guest.crawl()
    fresh = guest.country.publish("trs")
    guest.crawl("--rotate", "8")
    assert [row["url"] for row in json.loads(changes(guest)) if row["event"] == "new" and row["crawl"] == 2] == [fresh]


def test_a_portal_is_added_and_crawled_by_its_entry(guest, tmp_path) -> None:
    into = tmp_path / "mine"
    quiet = [word for word in GUEST if word != "--quiet"]
    words = ("portals", "add", guest.country.home("trs"), "--into", str(into), "--name", "xx-mine", *quiet)
    added = nianlun(*words)
    assert added.code == 0, added.err
    (entry,) = into.rglob("xx-mine.toml")
    table = tomllib.loads(entry.read_text(encoding="utf-8"))
    assert table["family"] == "trs"
    assert table["verified"] is False
    assert set(table["start"]) <= set(guest.country.truth("trs").columns)
    assert table["start"]
    crawled = nianlun("crawl", "xx-mine", "--portals", str(into), "-a", str(guest.archive), "--json", *GUEST)
    assert crawled.rows[0]["found"] == len(
        [r for r in guest.country.truth("trs").reports.values() if r.state == "live"]
    )
    again = nianlun(*words)
    assert (again.code, "is there already" in again.err) == (2, True)
