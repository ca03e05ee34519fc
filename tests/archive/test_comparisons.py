"""Findings across years, now and as of a time: the year before as it stood then, whatever was edited since."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from archive import comparisons
from archive.history import show
from archive.model import Finding
from archive.query import Filters, findings, reading_of, reports
from tests.archive.history_maker import next_crawl, revise

NOW = "http://www.test.gov.cn/2023.html"
BEFORE = "http://www.test.gov.cn/2022.html"


def compare(store, *said: str) -> None:
    """Compare what stands side by side and was not compared, as the end of a crawl does; each finds ``said``."""
    for reading, earlier in comparisons.uncompared(store.sql):
        found = [Finding("Y-PEND", "warning", text, ()) for text in said]
        comparisons.keep(store.sql, store.log, reading, earlier, found)


@pytest.fixture
def told(store):
    """2023 is captured, then 2022 in the same crawl; then 2022 is edited; then 2023; then 2022 so that all agrees."""
    store.times = []
    for url, year, value, said in (
        (NOW, 2023, 5, None), (BEFORE, 2022, 3, "first"), (BEFORE, 2022, 4, "second"), (NOW, 2023, 6, "third"),
    ):  # fmt: skip
        revise(store, value, url=url, year=year)
        if said:
            compare(store, said)
            next_crawl(store)
        store.times.append(store.clock())
    revise(store, 8, url=BEFORE, year=2022)
    compare(store)
    next_crawl(store)
    store.times.append(store.clock())
    return store


def across(rows) -> list[str]:
    return [row["message"] for row in rows if row["rule"] == "Y-PEND"]


def test_as_of_a_time_the_year_before_is_as_it_stood_then(told) -> None:
    """The newest comparison of that time counts, also where it found nothing."""
    expected = [[], ["first"], ["second"], ["third"], []]
    for at, said in zip(told.times, expected, strict=True):
        assert across(findings(told.sql, Filters(year=2023, at=at))) == said
        assert across(show(told.sql, "1", at=at)["findings"]) == said
        (row,) = reports(told.sql, Filters(year=2023, at=at))
        assert row["findings"] == 1 + len(said)
    assert across(findings(told.sql, Filters(year=2023))) == []


def test_a_revision_keeps_what_its_crawl_found(told) -> None:
    """The year before was captured after it in that crawl, and edited later; neither takes the finding away."""
    assert across(show(told.sql, "1", n=1)["findings"]) == ["first"]
    assert across(show(told.sql, "1", n=2)["findings"]) == ["third"]
    assert across(show(told.sql, "1")["findings"]) == []


def test_a_revision_of_a_crawl_that_did_not_end_is_of_its_own_time(store) -> None:
    revise(store, 3, url=BEFORE, year=2022)
    revise(store, 5, url=NOW, year=2023)
    compare(store, "open")
    revise(store, 4, url=BEFORE, year=2022)
    compare(store, "later")
    assert across(show(store.sql, "2", n=1)["findings"]) == ["open"]
    assert across(show(store.sql, "2")["findings"]) == ["later"]


def test_what_was_compared_again_counts_as_it_was_compared_last(told) -> None:
    """A reading of the same revision by a newer program stands beside the older one."""
    first, second = reading_of(told.sql, 1, 1), reading_of(told.sql, 2, 1)
    names = [row[1] for row in told.sql.execute("PRAGMA table_info(reading)") if row[1] != "id"]
    columns = ", ".join(names)
    again = told.sql.execute(
        f"INSERT INTO reading ({columns}) SELECT {columns} FROM reading WHERE id=?", (second,)
    ).lastrowid
    found = json.dumps([asdict(Finding("Y-PEND", "warning", "again", ()))])
    told.sql.execute("INSERT INTO compared (reading, earlier, findings) VALUES (?,?,?)", (first, again, found))
    assert across(show(told.sql, "1", at=told.times[1])["findings"]) == ["again"]


def test_a_question_as_of_a_time_reads_by_index(told) -> None:
    asked: list[str] = []
    told.sql.set_trace_callback(asked.append)
    comparisons.found(told.sql, [1, 2], told.times[2])
    told.sql.set_trace_callback(None)
    plan = [row["detail"] for row in told.sql.execute(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    searched = {line.split()[1] for line in plan if line.startswith("SEARCH")}
    scanned = {line.split()[1] for line in plan if line.startswith("SCAN")}
    assert {"compared", "reading", "revision"} <= searched
    assert not {"compared", "reading", "revision"} & scanned
