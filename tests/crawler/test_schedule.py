"""When a portal is due: the statutory calendar, cooling, what failed, and hours of asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.duty import Duty
from crawler.manners import BEIJING, Window
from crawler.rotation import in_season, today
from crawler.schedule import Facts, closing, due, facts, opening

DAY = 86400.0


def at(text: str) -> float:
    """A moment in Beijing, in seconds since 1970."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - BEIJING).timestamp()


def shown(moment: float) -> str:
    return (datetime.fromtimestamp(moment, UTC) + BEIJING).strftime("%Y-%m-%d %H:%M")


def finished(ended: str, **more) -> Facts:
    return Facts("p", at(ended), "finished", **more)


moments = st.floats(at("2020-01-01"), at("2040-01-01"))
known = st.builds(
    Facts,
    st.just("p"),
    moments,
    st.sampled_from(["finished", "interrupted", "blocked", "unreachable", "failed"]),
    st.booleans(),
    st.integers(0, 5),
    st.integers(0, 8),
    st.integers(0, 12),
    st.none(),
)


@pytest.mark.parametrize(
    ("ended", "when", "reason"),
    [
        ("2024-01-12 15:00", "2024-01-19 00:00", "weekly"),
        ("2024-01-22 09:00", "2024-01-25 00:00", "daily"),
        ("2024-01-30 23:00", "2024-01-31 00:00", "daily"),
        ("2024-01-31 03:00", "2024-02-01 00:00", "daily"),
        ("2024-02-01 03:00", "2024-02-08 00:00", "weekly"),
        ("2024-03-24 03:00", "2024-03-25 00:00", "daily"),
        ("2024-04-08 03:00", "2024-05-08 00:00", "monthly"),
        ("2024-06-01 03:00", "2024-07-01 00:00", "monthly"),
        ("2023-12-20 03:00", "2024-01-10 00:00", "weekly"),
    ],
)
def test_the_calendar(ended, when, reason) -> None:
    found = due(finished(ended), at(ended))
    assert (shown(found.at), found.reason, found.overdue) == (when, reason, False)


def test_what_changed_is_looked_at_sooner_and_what_is_empty_later() -> None:
    assert due(finished("2024-06-01", changes=1), 0).reason == "changed"
    assert shown(due(finished("2024-06-01", changes=1), 0).at) == "2024-06-15 00:00"
    assert shown(due(finished("2024-06-01", empty=3), 0).at) == "2024-07-31 00:00"
    assert due(finished("2024-06-01", empty=2), 0).reason == "monthly"


def test_never_and_interrupted_are_due_at_once() -> None:
    now = at("2024-06-01")
    assert due(Facts("p"), now).overdue
    assert due(Facts("p"), now).reason == "never"
    broken = Facts("p", now - 60, "interrupted", finished=False)
    assert (due(broken, now).at, due(broken, now).reason, due(broken, now).overdue) == (now - 60, "interrupted", True)


def test_who_cannot_be_reached_is_tried_again_ever_later_then_by_the_calendar() -> None:
    ended = at("2024-06-01 12:00")
    waits = [
        (due(Facts("p", ended, "unreachable", troubles=n), ended).at - ended) / 3600 for n in (1, 2, 3, 4, 5, 6, 7)
    ]
    assert waits == [1, 2, 4, 8, 16, 24, 24]
    assert due(Facts("p", ended, "unreachable", troubles=8), ended).reason == "monthly"


def test_who_blocks_again_is_left_alone_for_longer() -> None:
    ended = at("2024-06-01 12:00")
    once = Facts("p", ended, "blocked", troubles=1, blocked_until=ended + DAY)
    assert due(once, ended).at == ended + DAY
    assert due(replace(once, troubles=3), ended).at == ended + 4 * DAY
    assert due(replace(once, troubles=8), ended).reason == "monthly"
    assert due(replace(once, finished=False), ended).reason == "cooling"


def test_the_cooling_is_counted_from_the_block() -> None:
    duty = Duty("p", "http://p.test/", 3, 5_000_000, "blocked", True, 0, 2023, 0, 1, 4_000_000)
    assert facts(duty).blocked_until == 4000 + DAY
    assert facts(duty, cooling=2).blocked_until == 4000 + 7200
    assert facts(replace(duty, blocked=None)).blocked_until is None


@given(known, moments, st.floats(0, 20 * DAY))
def test_nobody_is_due_while_the_host_cools(found: Facts, now: float, cooling: float) -> None:
    until = found.ended + cooling
    answer = due(replace(found, blocked_until=until), now)
    assert answer.at >= until
    assert answer.overdue == (answer.at <= now)


@given(known)
def test_every_portal_is_due_within_62_days_and_within_7_in_the_season(found: Facts) -> None:
    answer = due(found, found.ended)
    assert found.ended <= answer.at <= found.ended + 62 * DAY
    if in_season(today(found.ended)) and in_season(today(found.ended + 7 * DAY)):
        assert answer.at <= found.ended + 7 * DAY


@given(known, st.floats(0, 400 * DAY))
def test_a_later_crawl_is_never_due_sooner(found: Facts, later: float) -> None:
    assert due(found, 0).at <= due(replace(found, ended=found.ended + later), 0).at


@given(moments, st.integers(0, 1439), st.integers(0, 1439))
def test_a_window_opens_and_closes_where_it_says(now: float, opens: int, closes: int) -> None:
    if opens == closes:
        return
    hours = Window(opens, closes)
    begin = opening(hours, now)
    assert now <= begin < now + DAY + 1
    assert hours.is_open(begin + 0.5)
    assert begin == now or not hours.is_open(begin - 0.5)
    end = closing(hours, begin)
    assert hours.is_open(end - 0.5)
    assert not hours.is_open(end + 0.5)


def test_without_a_window_one_may_always_ask() -> None:
    assert opening(None, 5.0) == 5.0
    assert closing(None, 5.0) is None
    assert timedelta(hours=8) == BEIJING
