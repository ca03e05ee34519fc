"""What becomes of a report: new, changed, cosmetic, missing, gone, back, moved; and how it is asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive import query
from archive.history import NoSuchReport, diff, find, history, show
from archive.model import Software
from archive.parts import KeptPart
from archive.provenance import NoSuchObservation, prov, trace
from archive.query import Filters, changes, findings, observations, reports
from archive.readers import NoSuchReader, Readings, named
from archive.times import parse_time
from archive.verify import verify
from tests.archive.history_maker import URL, fetch, judge, lost, next_crawl, reading, revise


def events(store) -> list[str]:
    return [row["event"] for row in changes(store.sql)]


def test_a_first_sighting_is_new_and_a_second_substance_is_changed(store) -> None:
    assert revise(store, 5) == 1
    next_crawl(store)
    assert revise(store, 6) == 2
    rows = changes(store.sql)
    assert [row["event"] for row in rows] == ["new", "changed"]
    assert rows[1]["observations"] == [
        {"indicator": "applications.received.total", "before": 5, "after": 6, "before_raw": "5", "after_raw": "6"}
    ]
    assert "applications.received.total 5 → 6" in rows[1]["summary"]


def test_another_payload_with_the_same_substance_is_cosmetic_and_no_revision(store) -> None:
    revise(store)
    next_crawl(store)
    page = fetch(store, b"<html>counter 2</html>")
    report = store.chronicle.report(store.portal, URL)
    store.chronicle.seen(report, store.crawl, page, judge(store, page, reading(), URL).fingerprint)
    assert events(store) == ["new", "cosmetic"]
    assert reports(store.sql, Filters())[0]["revisions"] == 1


def test_a_404_is_missing_then_gone_with_the_interval(store) -> None:
    revise(store)
    seen = reports(store.sql, Filters())[0]["last_seen"]
    for state in ("missing", "gone", "gone"):
        next_crawl(store)
        lost(store)
        store.chronicle.teller.absences(store.crawl, store.portal)
        assert reports(store.sql, Filters())[0]["state"] == state
    rows = changes(store.sql)
    assert [row["event"] for row in rows] == ["new", "missing", "gone"]
    assert rows[1]["last_seen"] == seen
    assert rows[2]["first_gone"] == rows[1]["first_gone"] == rows[1]["seen"]


@pytest.mark.parametrize(("outcome", "status"), [("failed", 500), ("blocked", 412)])
def test_a_failure_or_block_makes_nothing_missing(store, outcome, status) -> None:
    revise(store)
    next_crawl(store)
    lost(store, outcome=outcome, status=status)
    store.chronicle.teller.absences(store.crawl, store.portal)
    assert events(store) == ["new"]
    assert reports(store.sql, Filters())[0]["state"] == "unreachable"


def test_judging_absences_twice_says_it_once(store) -> None:
    revise(store)
    next_crawl(store)
    lost(store)
    for _ in range(3):
        store.chronicle.teller.absences(store.crawl, store.portal)
    assert events(store) == ["new", "missing"]
    assert reports(store.sql, Filters())[0]["state"] == "missing"


def test_a_report_that_answers_again_is_back(store) -> None:
    revise(store)
    next_crawl(store)
    lost(store)
    next_crawl(store)
    page = fetch(store, b"<html>again</html>")
    store.chronicle.seen(store.chronicle.report(store.portal, URL), store.crawl, page, b"f")
    assert events(store)[:3] == ["new", "missing", "back"]
    assert reports(store.sql, Filters())[0]["state"] == "present"


def test_republished_under_a_new_id_is_moved(store) -> None:
    revise(store)
    next_crawl(store)
    lost(store)
    revise(store, url="http://www.test.gov.cn/new.html")
    store.chronicle.teller.absences(store.crawl, store.portal)
    rows = {row["url"]: row for row in reports(store.sql, Filters())}
    assert rows[URL]["state"] == "moved"
    assert rows[URL]["moved_to"] == rows["http://www.test.gov.cn/new.html"]["id"]
    assert sorted(events(store)) == ["moved", "new", "new"]


OTHER = "http://www.test.gov.cn/new.html"


def moved(store) -> dict:
    return next(row for row in changes(store.sql) if row["event"] == "moved")


@pytest.mark.parametrize(
    ("value", "outcome", "status", "said"),
    [(5, "gone", 404, "同文换址"), (9, "gone", 404, "内容有变"), (5, "redirected", 302, "转至")],
)
def test_how_a_report_moved_is_told_apart(store, value, outcome, status, said) -> None:
    revise(store, 5)
    next_crawl(store)
    lost(store, outcome=outcome, status=status)
    revise(store, value, url=OTHER)
    next_crawl(store)
    row = moved(store)
    assert said in row["summary"]
    assert row["other"] == 2
    assert row["last_seen"] is not None
    store.commit()
    assert verify(store.sql) == []


def test_the_same_text_that_stood_elsewhere_already_is_moved_other_text_is_missing(store) -> None:
    revise(store, 5)
    next_crawl(store)
    revise(store, 5, url=OTHER)
    again(store)
    next_crawl(store)
    again(store, OTHER)
    lost(store)
    next_crawl(store)
    assert moved(store)["other"] == 2
    revise(store, 7, url="http://www.test.gov.cn/third.html")
    next_crawl(store)
    again(store, "http://www.test.gov.cn/third.html")
    lost(store, OTHER)
    next_crawl(store)
    assert [row["event"] for row in changes(store.sql) if row["url"] == OTHER] == ["new", "cosmetic", "missing"]
    assert verify(store.sql) == []


def test_what_comes_after_a_report_was_gone_says_what_it_stands_in_for(store) -> None:
    revise(store, 5)
    for _ in range(2):
        next_crawl(store)
        lost(store)
    next_crawl(store)
    revise(store, 5, url=OTHER)
    next_crawl(store)
    row = next(row for row in changes(store.sql) if row["event"] == "new" and row["url"] == OTHER)
    assert row["other"] == 1
    assert URL in row["summary"]
    assert verify(store.sql) == []


def again(store, url: str = URL) -> None:
    """A page that answers as it did."""
    page = fetch(store, f"<html>{store.clock()}</html>".encode(), url)
    report = store.chronicle.report(store.portal, url)
    store.chronicle.seen(report, store.crawl, page, b"f")


def test_order_is_by_sequence_and_not_by_a_clock_that_jumped_back(store) -> None:
    revise(store, 5)
    next_crawl(store)
    store.clock.now = 1_000_000
    revise(store, 6)
    next_crawl(store)
    lost(store)
    next_crawl(store)
    assert [row["event"] for row in changes(store.sql)].count("changed") == 1
    row = reports(store.sql, Filters())[0]
    assert (row["revisions"], row["state"]) == (2, "missing")
    assert [row["value"] for row in observations(store.sql, Filters(), indicator="applications.received")] == [6]
    assert verify(store.sql) == []


def test_what_a_page_said_before_the_first_crawl_takes_its_place_by_its_time(store) -> None:
    revise(store, 5)
    first = store.clock.now
    next_crawl(store)
    again(store)
    next_crawl(store)
    for value, at in ((4, first - 90_000), (6, first + 1500)):
        page = fetch(store, f"<html>{value}</html>".encode(), URL, at)
        store.chronicle.revise(store.crawl, store.portal, page, judge(store, page, reading(value), URL), past=True)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    every = observations(store.sql, Filters(), indicator="applications.received", revision="all")
    assert [(row["revision"], row["value"]) for row in every] == [(1, 4), (2, 5), (3, 6), (4, 5)]
    events = [(row["event"], row["revision"]) for row in changes(store.sql)]
    assert events == [("new", 1), ("changed", 2), ("changed", 3), ("changed", 4)]
    assert verify(store.sql) == []
    assert show(store.sql, URL, at=first - 1)["revision"] == 1


def test_as_read_by_whom_and_until_when(store) -> None:
    """The second time of an observation: the same revision as two programs read it, or as it was read by a day."""
    revise(store, 5)
    then = store.clock()
    page = store.chronicle.revision_parts(1)[0]
    kept = KeptPart("page", page.url, page.resource, None, page.capture, page.payload)
    later = replace(judge(store, kept, reading(7), URL), software=store.software_id(Software("nianlun", "t2")))
    store.chronicle.reread(store.chronicle.report(store.portal, URL), store.chronicle.latest(1), later, store.clock())
    wanted = {"indicator": "applications.received"}
    assert [row["value"] for row in observations(store.sql, Filters(), **wanted)] == [7]
    old = observations(store.sql, Filters(), **wanted, readings=Readings(until=then))
    assert [row["value"] for row in old] == [5]
    first = named(store.sql, "nianlun-t-")
    by = observations(store.sql, Filters(), **wanted, readings=Readings(software=first))
    assert [row["value"] for row in by] == [5]
    assert by[0]["software"].startswith("nianlun-t-")
    assert observations(store.sql, Filters(), **wanted, readings=Readings(until=1)) == []
    with pytest.raises(NoSuchReader, match="nianlun-t2-"):
        named(store.sql, "other")


def test_observations_of_the_latest_or_any_revision(store) -> None:
    revise(store, 5)
    next_crawl(store)
    revise(store, 6)
    values = [row["value"] for row in observations(store.sql, Filters(), indicator="applications.received")]
    assert values == [6]
    every = observations(store.sql, Filters(), indicator="applications.received", revision="all")
    assert [(row["revision"], row["value"]) for row in every] == [(1, 5), (2, 6)]
    first = observations(store.sql, Filters(), indicator="applications.received", revision="1")
    assert [row["value"] for row in first] == [5]


def test_blank_is_not_zero(store) -> None:
    revise(store)
    row = observations(store.sql, Filters(), indicator="applications.carried_in")[0]
    assert (row["value"], row["status"], row["raw"]) == (None, "blank", "")


def test_as_of_a_day_the_archive_says_what_it_knew_then(store) -> None:
    revise(store, 5)
    then = store.clock()
    next_crawl(store)
    revise(store, 6)
    assert [row["value"] for row in observations(store.sql, Filters(at=then), indicator="applications.received")] == [5]
    assert show(store.sql, URL, at=then)["revision"] == 1
    assert reports(store.sql, Filters(at=1)) == []
    with pytest.raises(NoSuchReport, match="first seen"):
        show(store.sql, URL, at=1)


def test_as_of_a_day_the_state_is_that_day_s(store) -> None:
    revise(store)
    then = store.clock()
    next_crawl(store)
    lost(store)
    store.chronicle.teller.absences(store.crawl, store.portal)
    assert reports(store.sql, Filters(at=then))[0]["state"] == "present"
    assert reports(store.sql, Filters(at=store.clock()))[0]["state"] == "missing"


@pytest.mark.parametrize("name", ["1", URL, "https://test.gov.cn/2023.html", "测试商务厅:2023", "商务厅：2023"])
def test_a_report_is_found_by_id_address_or_publisher_and_year(store, name) -> None:
    revise(store)
    assert find(store.sql, name)["id"] == 1


@pytest.mark.parametrize("name", ["99", "http://www.test.gov.cn/none", "无此单位:2023", "测试商务厅:1999", "x"])
def test_what_names_no_report_is_said(store, name) -> None:
    revise(store)
    with pytest.raises(NoSuchReport):
        find(store.sql, name)


def test_a_name_for_several_reports_lists_them(store) -> None:
    revise(store)
    revise(store, url="http://www.test.gov.cn/b.html")
    with pytest.raises(NoSuchReport, match="names 2 reports"):
        find(store.sql, "测试商务厅:2023")


def test_filters_narrow_by_publisher_year_portal_and_kind(store) -> None:
    revise(store)
    revise(store, url="http://www.test.gov.cn/b.html", publisher="另一教育局", year=2020)
    assert [row["year"] for row in reports(store.sql, Filters(publisher="商务"))] == [2023]
    assert [row["year"] for row in reports(store.sql, Filters(year=2020))] == [2020]
    assert reports(store.sql, Filters(portal="other")) == []
    assert len(reports(store.sql, Filters(kind="disclosure"))) == 2


def test_history_shows_every_capture_with_its_meaning(store) -> None:
    revise(store, 5)
    next_crawl(store)
    lost(store)
    store.chronicle.teller.absences(store.crawl, store.portal)
    rows = history(store.sql, URL)
    assert [(row["outcome"], row["event"], row["revision"]) for row in rows] == [
        ("fetched", "new", 1),
        ("gone", "missing", None),
    ]


def test_a_diff_marks_words_and_figures(store) -> None:
    revise(store, 5, text="全年收到申请 5 件。\n工作有序。")
    next_crawl(store)
    revise(store, 6, text="全年收到申请 6 件。\n工作有序。")
    found = diff(store.sql, URL)
    assert found["text"] == [{"paragraph": 1, "runs": [["=", "全年收到申请 "], ["-", "5"], ["+", "6"], ["=", " 件。"]]}]
    assert [row["indicator"] for row in found["observations"]] == ["applications.received.total"]


def test_a_trace_walks_back_to_the_crawl(store) -> None:
    revise(store)
    chain = trace(store.sql, 1)
    assert list(chain) == ["observation", "report", "cell", "reading", "conversion", "payload", "capture", "crawl"]
    assert chain["cell"]["path"] == "table[1]/tr[2]/td[3]"
    assert chain["capture"]["url"] == URL
    assert chain["capture"]["response_headers"][0] == ["Content-Type", "text/html"]
    assert chain["crawl"]["operator"] == "tester"
    with pytest.raises(NoSuchObservation):
        trace(store.sql, 999)


def test_prov_names_every_thing_it_relates(store) -> None:
    revise(store)
    record = prov(trace(store.sql, 1))
    known = {**record["entity"], **record["activity"], **record["agent"]}
    for relation in ("wasGeneratedBy", "used", "wasDerivedFrom", "wasAssociatedWith", "wasInformedBy"):
        for edge in record[relation].values():
            assert set(edge.values()) <= known.keys()


def test_search_finds_a_report_by_its_current_text(store) -> None:
    revise(store, 5, text="全年收到申请。")
    next_crawl(store)
    revise(store, 6, text="全年未收到咨询。")
    assert [row["revision"] for row in query.found(store.sql, "咨询", Filters(), 10)] == [2]
    assert query.found(store.sql, "申请", Filters(), 10) == []
    assert query.found(store.sql, "全年 NOT 咨询", Filters(), 10) == []


def test_findings_are_listed_with_their_indicators(store) -> None:
    revise(store)
    row = findings(store.sql, Filters())[0]
    assert (row["rule"], row["level"], row["indicators"]) == ("T3-COL", "error", ["applications.received.total"])


@pytest.mark.parametrize(
    ("text", "end"), [("2024", "2024-12-31T23:59:59.999Z"), ("2024-02", "2024-02-29T23:59:59.999Z")]
)
def test_a_bare_year_or_month_means_its_end(text, end) -> None:
    assert parse_time(text) == parse_time(end)


def test_a_bare_day_means_its_end() -> None:
    assert parse_time("2024-01-31") == parse_time("2024-01-31T23:59:59.999Z")
    assert parse_time("2024-01-31 16:00+08:00") == parse_time("2024-01-31T08:00Z")


def test_of_several_that_stand_in_the_one_with_the_same_text_is_meant(store) -> None:
    """Whatever was read first, and so has the smaller number."""
    revise(store, 5)
    next_crawl(store)
    lost(store)
    revise(store, 9, url=OTHER)
    revise(store, 5, url="http://www.test.gov.cn/same.html")
    next_crawl(store)
    row = moved(store)
    assert "同文换址" in row["summary"]
    assert row["other"] == 3
