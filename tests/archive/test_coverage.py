"""Publisher × year: what is missing because nobody published it, and what because nobody could look."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from archive.coverage import coverage, deadline, publishers
from archive.leaves import portal_entry
from archive.model import Errand, Software
from archive.urls import host_of, url_key
from crawler.cli import run
from crawler.commands.coverage import matrix
from tests.archive.history_maker import lost, revise
from tests.conftest import PORTAL

LISTING = "http://www.test.gov.cn/zwgk/"


def set_clock(store, text: str) -> None:
    store.clock.now = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def crawl_on(store, day: str, portal: int | None = None, outcome: str = "finished", *, listing: str | None = "fetched"):
    """A whole crawl on a day, that asked for one list; return its id."""
    set_clock(store, day)
    number = store.begin_crawl(portal or store.portal, f"uid-{day}-{outcome}", Software("n", "t"), {}, None)
    if listing:
        asked = store.ask(number, Errand(url=LISTING, key=url_key(LISTING), role="listing", host=host_of(LISTING)))
        refused = listing.startswith("robots")
        store.frontier.end(asked, "refused" if refused else listing, listing if refused else None)
    store.end_crawl(number, outcome, finished=outcome != "interrupted", problems=[])
    return number


@pytest.fixture
def held(store):
    """The report of 2021, seen in a finished crawl of March 2022."""
    set_clock(store, "2022-03-01T04:00")
    store.sql.execute("UPDATE crawl SET started=? WHERE id=?", (store.clock(), store.crawl))
    revise(store, year=2021)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    return store


def cell(store, year: int) -> tuple[str, list[int]]:
    (row,) = coverage(store.sql, year=year)
    return row["state"], row["crawls"]


def test_the_dates_of_both_regulations() -> None:
    assert deadline("测试商务厅", 2018) == date(2019, 3, 31)
    assert deadline("测试商务厅", 2019) == date(2020, 1, 31)
    assert deadline("测试市人民政府", 2023) == date(2024, 3, 31)


def test_what_is_there_is_on_time_or_late(held) -> None:
    (row,) = coverage(held.sql)
    assert (row["publisher"], row["year"], row["state"], row["due"]) == ("测试商务厅", 2021, "on-time", "2022-01-31")
    assert (row["crawls"], row["portal"], row["report"]) == ([held.crawl], "test-portal", 1)
    held.sql.execute("UPDATE report SET published='2022-02-01'")
    assert cell(held, 2021)[0] == "late"


def test_missing_needs_a_crawl_after_the_due_date_that_saw_the_lists(held) -> None:
    crawl_on(held, "2023-01-15T00:00")
    assert cell(held, 2022) == ("not-due", [])
    after = crawl_on(held, "2023-02-01T00:00")
    assert cell(held, 2022) == ("missing", [after])


def test_the_due_day_ends_at_midnight_in_beijing(held) -> None:
    crawl_on(held, "2023-01-31T15:59")
    assert cell(held, 2022) == ("not-due", [])
    after = crawl_on(held, "2023-01-31T16:01", outcome="blocked", listing="blocked")
    assert cell(held, 2022) == ("blocked", [after])


@pytest.mark.parametrize(
    ("outcome", "listing"),
    [
        ("blocked", "blocked"),
        ("unreachable", "failed"),
        ("interrupted", "fetched"),
        ("finished", "robots: 403"),
        ("finished", None),
    ],
)
def test_where_nobody_could_look_it_is_blocked_until_somebody_can(held, outcome, listing) -> None:
    away = crawl_on(held, "2023-02-05T00:00", outcome=outcome, listing=listing)
    assert cell(held, 2022) == ("blocked", [away])
    seen = crawl_on(held, "2023-02-07T00:00")
    assert cell(held, 2022) == ("missing", [seen])


def test_who_was_blocked_elsewhere_and_read_every_list_has_looked(held) -> None:
    seen = crawl_on(held, "2023-02-05T00:00", outcome="blocked", listing="fetched")
    assert cell(held, 2022) == ("missing", [seen])


def test_who_found_something_has_looked_though_one_list_failed(held) -> None:
    number = crawl_on(held, "2023-02-05T00:00")
    url = f"{LISTING}2/"
    asked = held.ask(number, Errand(url=url, key=url_key(url), role="listing", host=host_of(url)))
    held.frontier.end(asked, "failed", "timeout")
    assert cell(held, 2022) == ("blocked", [number])
    held.sql.execute("UPDATE crawl SET summary=json_set(summary, '$.found', 1) WHERE id=?", (number,))
    assert cell(held, 2022) == ("missing", [number])


def test_the_crawls_of_other_portals_say_nothing(held) -> None:
    other = held.portal_id(replace(PORTAL, name="other-portal", home="http://other.test/"))
    crawl_on(held, "2023-02-05T00:00", portal=other)
    assert coverage(held.sql, year=2022) == []


def test_a_publisher_the_register_expects_and_nothing_is_known_of(held) -> None:
    entry = replace(PORTAL, name="other-portal", home="http://other.test/", publisher="测试林业局")
    other = held.portal_id(entry)
    away = crawl_on(held, "2023-02-05T00:00", portal=other, outcome="unreachable", listing="failed")
    (row,) = coverage(held.sql, publisher="林业")
    assert (row["year"], row["state"], row["crawls"], row["portal"]) == (2022, "blocked", [away], "other-portal")
    held.sql.execute("UPDATE portal SET entry=? WHERE id=?", (portal_entry(replace(entry, since=2020)), other))
    assert [row["year"] for row in coverage(held.sql, publisher="林业")] == [2020, 2021, 2022]


def test_a_publisher_the_register_calls_by_a_longer_name_is_not_expected_twice(held) -> None:
    held.portal_id(replace(PORTAL, publisher="虚构省测试商务厅", since=2020))
    assert {(row["publisher"], row["year"]) for row in coverage(held.sql)} == {
        ("测试商务厅", 2020),
        ("测试商务厅", 2021),
    }


def test_a_publisher_expected_before_its_day_is_asked_for_the_year_before(store) -> None:
    store.portal_id(replace(PORTAL, publisher="测试林业局"))
    store.sql.execute("DELETE FROM crawl")
    number = crawl_on(store, "2023-01-10T00:00")
    assert [(row["year"], row["state"], row["crawls"]) for row in coverage(store.sql)] == [(2021, "missing", [number])]


def test_what_was_withdrawn_is_gone_and_what_cannot_be_reached_blocked(held) -> None:
    set_clock(held, "2022-05-01T00:00")
    held.crawl = held.begin_crawl(held.portal, "uid-x", Software("n", "t"), {}, None)
    lost(held)
    held.chronicle.teller.absences(held.crawl, held.portal)
    assert cell(held, 2021)[0] == "gone"


def test_reports_of_other_kinds_do_not_stand_in(held) -> None:
    held.sql.execute("UPDATE report SET kind='website'")
    assert coverage(held.sql) == []


def test_the_command_filters_and_draws_a_grid(held, tmp_path, capsys) -> None:
    missing = crawl_on(held, "2023-02-01T00:00")
    held.commit()
    words = ["coverage", "-a", str(tmp_path / "a.db")]
    assert run([*words, "--state", "missing", "--portal", "test-portal", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) == {"publisher", "year", "state", "report", "published", "due", "crawls", "portal"}
    assert (row["year"], row["report"], row["crawls"]) == (2022, None, [missing])
    assert run([*words, "--matrix"]) == 0
    head, _, line, _, legend = capsys.readouterr().out.splitlines()
    assert head.split() == ["publisher", "2021", "2022"]
    assert line.split() == ["测试商务厅", "●", "×"]
    assert "× missing" in legend
    assert run([*words, "--state", "mising"]) == 2
    assert "there are on-time, late" in capsys.readouterr().err
    assert matrix([{"publisher": "甲", "year": 2020, "state": "gone"}]).startswith("publisher  2020")


def test_as_of_a_day_nothing_is_known_that_was_learned_later(held) -> None:
    """The report of 2021 was seen in March 2022; a year later a crawl does not find that of 2022, and 2021 is gone."""
    then = held.clock()
    before = {row["year"]: row["state"] for row in coverage(held.sql, at=then)}
    crawl_on(held, "2023-03-01T04:00")
    lost(held, outcome="gone")
    now = {row["year"]: row["state"] for row in coverage(held.sql)}
    assert before == {row["year"]: row["state"] for row in coverage(held.sql, at=then)}
    assert 2022 not in before
    assert now[2022] == "missing"


def test_as_of_a_day_before_everything_there_is_nothing(held) -> None:
    assert coverage(held.sql, at=0) == []


def test_whole_names_and_several_years(held) -> None:
    (name,) = {row["publisher"] for row in coverage(held.sql)}
    assert [row["year"] for row in coverage(held.sql, only={name}, year=[2021, 2030])] == [2021]
    assert coverage(held.sql, only={name[:-1]}) == []
    assert publishers(held.sql) == [name]
    assert publishers(held.sql, 0) == []
