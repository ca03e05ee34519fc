"""The contract with a host: budgets of a day, cooling, hours of asking."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.portals import Asked
from crawler.manners import BYTES_PER_DAY, PER_DAY, Bounds, Manners, Turns, Window

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC).timestamp()  # 20:00 in Beijing
HOUR = 3600.0


def asked(peer="1.1.1.1", *, hours=1.0, requests=10, blocked=None) -> Asked:
    at = int((NOW - hours * HOUR) * 1000)
    return Asked("www.a.gov.cn", requests, 1000, at, at, peer, blocked, at if blocked else None)


@pytest.mark.parametrize(
    ("window", "minute", "is_open"),
    [
        ("00:00-06:30", "00:00", True),
        ("00:00-06:30", "06:29", True),
        ("00:00-06:30", "06:30", False),
        ("22:00-06:30", "23:59", True),
        ("22:00-06:30", "06:30", False),
        ("22:00-06:30", "12:00", False),
    ],
)
def test_a_window_is_hours_in_beijing(window, minute, is_open) -> None:
    hour, rest = map(int, minute.split(":"))
    beijing = datetime(2024, 3, 2, hour, rest, tzinfo=UTC).timestamp() - 8 * HOUR
    assert Window.read(window).is_open(beijing) is is_open


@pytest.mark.parametrize("text", ["", "22:00", "25:00-06:00", "6-7", "06:00-06:00", "aa:bb-cc:dd"])
def test_what_is_no_window(text) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Window.read(text)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 2_000_000_000))
def test_a_window_and_its_complement_never_agree(opens, closes, now) -> None:
    if opens != closes:
        assert Window(opens, closes).is_open(now) is not Window(closes, opens).is_open(now)


def test_a_day_s_budget_counts_earlier_crawls() -> None:
    manners = Manners.after(Bounds(), [asked(requests=PER_DAY - 1)], NOW)
    assert manners.spent("www.a.gov.cn") is None
    manners.count("www.a.gov.cn", 10)
    assert manners.spent("www.a.gov.cn") == f"{PER_DAY} requests a day"
    assert manners.spent("www.b.gov.cn") is None


def test_what_is_older_than_a_day_does_not_count() -> None:
    assert Manners.after(Bounds(), [asked(requests=PER_DAY, hours=25)], NOW).spent("www.a.gov.cn") is None


def test_bytes_are_a_budget_too() -> None:
    manners = Manners(Bounds())
    manners.count("www.a.gov.cn", BYTES_PER_DAY)
    assert manners.spent("www.a.gov.cn") == f"{BYTES_PER_DAY} bytes a day"


@pytest.mark.parametrize(("peer", "bounds", "counts"), [
    ("1.1.1.1", Bounds(), True),
    ("127.0.0.1", Bounds(), False),
    ("127.0.0.1", Bounds(per_day=PER_DAY), True),
])  # fmt: skip
def test_a_host_of_one_s_own_starts_anew_unless_told(peer, bounds, counts) -> None:
    manners = Manners.after(bounds, [asked(peer, requests=PER_DAY)], NOW)
    assert (manners.spent("www.a.gov.cn") is not None) is counts


@pytest.mark.parametrize(("peer", "hours", "cooling", "cools"), [
    ("1.1.1.1", 1, None, True),
    ("1.1.1.1", 23.9, None, True),
    ("1.1.1.1", 24.1, None, False),
    ("1.1.1.1", 1, 0.5, False),
    ("127.0.0.1", 1, None, False),
    ("127.0.0.1", 1, 2.0, True),
])  # fmt: skip
def test_a_host_that_blocked_is_left_alone_for_its_cooling_time(peer, hours, cooling, cools) -> None:
    manners = Manners.after(Bounds(cooling=cooling), [asked(peer, hours=hours, blocked="412")], NOW)
    told = manners.cools("www.a.gov.cn", NOW)
    assert (told is not None) is cools
    assert told is None or told.startswith("412, left alone until 2024-03-")


def test_the_total_and_the_hour_close_a_run() -> None:
    manners = Manners(Bounds(total=2))
    assert manners.closed(NOW) is None
    manners.count("a", 1)
    manners.count("b", 1)
    assert manners.closed(NOW) == "total"
    shut = Manners(Bounds(window=Window.read("00:00-06:30")))
    assert shut.closed(NOW) == "outside the hours 00:00-06:30 in Beijing"


def test_a_host_that_two_crawls_lead_to_is_asked_by_one_at_a_time() -> None:
    async def ask(turns: Turns, crawl: int, seen: list[tuple[int, str]]) -> None:
        for _ in range(3):
            await turns.take("files.gov.cn", crawl, 0.0)
            await turns.take("files.gov.cn", crawl, 0.0)  # robots.txt while the page waits
            seen.append((crawl, "begin"))
            await asyncio.sleep(0)
            turns.give("files.gov.cn", crawl)
            await asyncio.sleep(0)
            seen.append((crawl, "end"))
            turns.give("files.gov.cn", crawl)

    async def both() -> list[tuple[int, str]]:
        turns, seen = Turns(), []
        await asyncio.gather(ask(turns, 1, seen), ask(turns, 2, seen))
        assert turns.holders == {}
        return seen

    seen = asyncio.run(both())
    assert len(seen) == 12
    assert all(
        begin[0] == end[0] and (begin[1], end[1]) == ("begin", "end")
        for begin, end in zip(seen[::2], seen[1::2], strict=True)
    )
    assert {crawl for crawl, _ in seen} == {1, 2}


def test_a_crawl_that_ends_leaves_no_host_behind() -> None:
    async def left() -> None:
        turns = Turns()
        await turns.take("files.gov.cn", 1, 0.0)
        waiting = asyncio.ensure_future(turns.take("files.gov.cn", 2, 0.0))
        await asyncio.sleep(0)
        assert not waiting.done()
        turns.leave(1)
        await asyncio.wait_for(waiting, 5)
        assert turns.holders == {"files.gov.cn": (2, 1)}

    asyncio.run(left())
