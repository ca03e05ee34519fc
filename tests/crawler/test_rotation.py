"""Which addresses a rotated crawl asks for: everything in its turn, this year's reports in season, nothing twice for nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.rounds import Rounds
from archive.urls import url_key
from crawler.rotation import AUDIT, Rotation, audited, in_season, today

URL = "http://www.a.gov.cn/nb/t20200101_1.html"


def rotation(turn=1, *, day="2024-06-15", every=8, year=None, asked_days=10, changed_days=None, url=URL) -> Rotation:
    now = datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()
    asked = {} if asked_days is None else {url_key(url): int((now - asked_days * 86400) * 1000)}
    changed = 0 if changed_days is None else int((now - changed_days * 86400) * 1000)
    parts = {url_key(url): (year, changed)}
    return Rotation(every, Rounds(turn, ("http://www.a.gov.cn/nb/",), asked, parts), now)


def turns(**more) -> int:
    return sum(rotation(turn, **more).due(URL) for turn in range(8))


@given(
    st.integers(1, 40), st.integers(0, 1000), st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1)
)
def test_every_address_has_its_turn_within_n_crawls(every, start, name) -> None:
    url = f"http://www.a.gov.cn/nb/{name}.html"
    due = [rotation(turn, every=every, url=url).due(url) for turn in range(start, start + every)]
    assert sum(due) >= 1


def test_an_old_report_has_one_turn_of_eight() -> None:
    assert turns(year=2015) == 1


def test_what_was_never_answered_is_asked_for() -> None:
    assert turns(asked_days=None) == 8


def test_the_newest_year_is_asked_for_in_every_crawl_of_the_season() -> None:
    assert turns(year=2023, day="2024-02-15") == 8
    assert turns(year=2022, day="2024-02-15") == 1


def test_outside_the_season_the_newest_year_is_asked_for_once_a_month() -> None:
    assert turns(year=2023, day="2024-06-15", asked_days=10) == 1
    assert turns(year=2023, day="2024-06-15", asked_days=29) == 8


def test_what_changed_lately_has_two_turns() -> None:
    assert turns(year=2015, changed_days=30) == 2
    assert turns(year=2015, changed_days=300) == 1


def test_every_nth_crawl_looks_for_the_columns_anew() -> None:
    assert [rotation(turn).anew for turn in range(1, 10)] == [False] * 7 + [True, False]
    assert Rotation(8, Rounds(3, (), {}, {}), 0.0).anew


@given(st.integers(2, 10_000), st.integers(0, 9999))
def test_every_address_is_audited_once_in_sixteen_crawls(turn, number) -> None:
    url = f"http://www.a.gov.cn/{number}.html"
    assert sum(audited(url, later) for later in range(turn, turn + AUDIT)) == 1


@pytest.mark.parametrize(("day", "dense"), [
    ("01-09", False), ("01-10", True), ("02-29", True), ("04-10", True), ("04-11", False), ("12-31", False),
])  # fmt: skip
def test_the_season(day, dense) -> None:
    assert in_season(datetime.fromisoformat(f"2024-{day}").date()) is dense


def test_the_day_is_beijing_s() -> None:
    evening = datetime(2024, 1, 9, 16, 30, tzinfo=UTC)
    assert today(evening.timestamp()).isoformat() == "2024-01-10"
    assert today((evening - timedelta(hours=1)).timestamp()).isoformat() == "2024-01-09"
