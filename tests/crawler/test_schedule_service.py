"""The service under a virtual clock: what it crawls when, what it holds, and that it tells what happened."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from archive.connection import ArchiveBusy
from crawler.manners import Window
from crawler.schedule import Due, Facts, due
from crawler.service import LOOK, Service
from tests.crawler.test_schedule import DAY, at, shown

HOUR = 3600.0


@dataclass
class World:
    """Portals whose crawls end as they are told to; the clock goes on only while somebody sleeps or crawls."""

    now: float = field(default_factory=lambda: at("2024-06-01 12:00"))
    outcomes: dict[str, list[str]] = field(default_factory=dict)
    window: Window | None = None
    length: float = 600.0
    until: float = field(default_factory=lambda: at("2030-01-01"))
    known: dict[str, Facts] = field(default_factory=dict)
    crawls: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    published: set[int] = field(default_factory=set)
    """How many crawls had ended whenever what is new was told."""
    busy: int = 0
    code: int = 0

    def service(self) -> Service:
        return Service(
            dues=lambda now: [due(facts, now) for facts in self.known.values()],
            crawl=self.crawl,
            publish=lambda: self.published.add(len(self.crawls)),
            clock=lambda: self.now,
            sleep=self.sleep,
            say=self.said.append,
            window=self.window,
            stopping=lambda: self.now >= self.until,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def crawl(self, portals, until) -> int:
        if self.busy:
            self.busy -= 1
            raise ArchiveBusy("a.db is being written by process 7.")
        self.crawls.append((shown(self.now), tuple(portals)))
        self.now = min(self.now + self.length, until or self.now + self.length)
        for portal in portals:
            outcome = (self.outcomes.get(portal) or ["finished"]).pop(0)
            if outcome == "crash":
                continue
            trouble = self.known[portal].troubles + 1 if outcome in ("unreachable", "blocked") else 0
            cools = self.now + DAY if outcome == "blocked" else None
            self.known[portal] = Facts(
                portal, self.now, outcome, outcome != "interrupted", troubles=trouble, blocked_until=cools
            )
        return self.code


def world(*portals: str, **more) -> World:
    found = World(**more)
    found.known = {portal: Facts(portal) for portal in portals}
    return found


def hours(found: World) -> list[str]:
    return [when for when, _ in found.crawls]


def test_what_was_never_crawled_is_crawled_together_at_once_and_then_by_the_calendar() -> None:
    found = world("a", "b", until=at("2024-09-01"))
    assert found.service().run() == 0
    assert found.crawls[0] == ("2024-06-01 12:00", ("a", "b"))
    assert [when[:10] for when in hours(found)] == ["2024-06-01", "2024-07-01", "2024-07-31", "2024-08-30"]
    assert found.published == {0, 1, 2, 3, 4}


def test_a_year_is_dense_in_the_season() -> None:
    found = world("a", now=at("2024-01-01"), until=at("2025-01-01"))
    found.service().run()
    days = [when[:10] for when in hours(found)]
    assert len(days) == len(set(days))
    assert {f"2024-01-{day}" for day in range(25, 32)} <= set(days)
    assert 25 <= sum("2024-01-10" <= day <= "2024-04-10" for day in days) <= 28
    assert 8 <= sum(day > "2024-04-10" for day in days) <= 9


def test_after_the_machine_slept_what_was_missed_is_crawled_once() -> None:
    found = world("a", until=at("2024-12-01"))
    slept = []

    def sleep(seconds: float) -> None:
        found.now += seconds
        if len(found.crawls) == 1 and not slept:
            slept.append(found.now)
            found.now += 100 * DAY

    service = found.service()
    service.sleep = sleep
    service.run()
    assert hours(found)[1] == shown(slept[0] + 100 * DAY)
    assert hours(found)[2][:10] == "2024-10-09"


def test_a_crawl_that_breaks_before_it_begins_is_held_ever_longer() -> None:
    found = world("a", outcomes={"a": ["crash"] * 8}, until=at("2024-06-07"))
    found.service().run()
    moments = [at(when) for when in hours(found)]
    waits = [(later - sooner) / HOUR for sooner, later in zip(moments, moments[1:], strict=False)]
    assert [round(wait) for wait in waits] == [1, 2, 4, 8, 16, 24, 24, 24]


def test_an_interrupted_crawl_goes_on_every_hour_while_it_comes_further() -> None:
    found = world("a", outcomes={"a": ["interrupted"] * 4}, until=at("2024-06-02"))
    found.service().run()
    assert hours(found) == [
        "2024-06-01 12:00", "2024-06-01 13:10", "2024-06-01 14:20", "2024-06-01 15:30", "2024-06-01 16:40",
    ]  # fmt: skip


def test_one_portal_that_is_held_keeps_no_other_waiting() -> None:
    found = world("a", "b", outcomes={"a": ["crash"] * 99}, until=at("2024-07-03"))
    found.service().run()
    assert ("2024-07-01 00:00", ("b",)) in found.crawls


def test_who_cannot_be_reached_and_who_blocks_is_tried_again_as_the_schedule_says() -> None:
    found = world("a", "b", outcomes={"a": ["unreachable"] * 3, "b": ["blocked"]}, until=at("2024-06-04"))
    found.service().run()
    assert [(when, portals) for when, portals in found.crawls if "a" in portals] == [
        ("2024-06-01 12:00", ("a", "b")),
        ("2024-06-01 13:10", ("a",)),
        ("2024-06-01 15:20", ("a",)),
        ("2024-06-01 19:30", ("a",)),
    ]
    assert found.crawls[-1] == ("2024-06-02 12:10", ("b",))


def test_nothing_is_asked_outside_the_window_and_a_crawl_ends_with_it() -> None:
    found = world(
        "a", window=Window.read("00:00-06:30"), length=40 * HOUR, until=at("2024-06-05"),
        outcomes={"a": ["interrupted", "interrupted"]},
    )  # fmt: skip
    found.service().run()
    assert hours(found) == ["2024-06-02 00:00", "2024-06-03 00:00", "2024-06-04 00:00"]


def test_while_somebody_else_writes_the_service_waits_and_says_so_once() -> None:
    found = world("a", busy=3, until=at("2024-06-02"))
    found.service().run()
    assert hours(found) == ["2024-06-01 12:00"]
    assert found.now >= at("2024-06-02")
    assert len(found.said) == 1
    assert "process 7" in found.said[0]


@pytest.mark.parametrize("what", ["dues", "publish"])
def test_an_archive_that_cannot_be_read_for_a_moment_ends_no_service(what) -> None:
    found = world("a", until=at("2024-06-02"))
    service, failures = found.service(), [ArchiveBusy("locked."), ArchiveBusy("locked.")]
    whole = getattr(service, what)

    def fails(*words):
        if failures:
            raise failures.pop()
        return whole(*words)

    setattr(service, what, fails)
    assert service.run() == 0
    assert (hours(found), len(found.said)) == (["2024-06-01 12:00"], 1)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_once_crawls_what_is_due_and_ends_with_the_crawls_exit_code(code) -> None:
    found = world("a", "b", code=code, busy=1)
    assert found.service().run(once=True) == code
    assert len(found.crawls) == 1
    assert found.published == {0, 1}


def test_once_with_nothing_due_or_outside_the_window_ends_at_once() -> None:
    found = world("a")
    found.known["a"] = Facts("a", found.now, "finished")
    assert found.service().run(once=True) == 0
    other = world("a", window=Window.read("00:00-06:30"))
    assert other.service().run(once=True) == 0
    assert found.crawls == other.crawls == []
    assert [*found.said, *other.said] == [
        "Nothing is due.",
        "Outside the hours 00:00-06:30 in Beijing nothing is asked.",
    ]


def test_what_somebody_else_crawled_meanwhile_is_told_before_once_ends() -> None:
    found = world("a", busy=1)
    service = found.service()
    told = []

    def crawl(portals, until) -> int:
        found.known["a"] = Facts("a", found.now, "finished")
        return found.crawl(portals, until)

    service.crawl, service.publish = crawl, lambda: told.append(found.known["a"].outcome)
    assert service.run(once=True) == 0
    assert told == [None, "finished"]
    assert found.crawls == []


def test_who_is_told_to_stop_ends_with_0_and_once_with_4() -> None:
    assert world("a", until=0).service().run() == 0
    assert world("a", until=0).service().run(once=True) == 4
    assert world("a", until=at("2024-06-01 12:05")).service().run(once=True) == 4


def test_what_a_hand_crawled_in_between_is_seen_within_the_hour() -> None:
    found = world("a", until=at("2024-07-20"))
    looks = []
    service = found.service()
    asked = service.dues

    def dues(now: float) -> list[Due]:
        looks.append(now)
        if len(found.crawls) == 1 and now > at("2024-06-30"):
            found.known["a"] = Facts("a", at("2024-06-29"), "finished")
        return asked(now)

    service.dues = dues
    service.run()
    assert hours(found) == ["2024-06-01 12:00"]
    assert max(later - sooner for sooner, later in zip(looks, looks[1:], strict=False)) <= LOOK + 600
