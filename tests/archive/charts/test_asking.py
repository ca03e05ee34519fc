"""Questions to an archive: which report speaks, what is in doubt, what is said when nothing answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.charts import NoSuchIndicator, NothingToDraw, Question, charts, near_codes
from archive.charts.provinces import PROVINCES, province_of, region_name
from archive.model import Observation
from tests.archive.history_maker import fetch, judge, lost, next_crawl, reading, revise

RECEIVED = "applications.received.total"


def asked(store, **question):
    (found,) = charts(store.sql, Question(**question))
    return found


def said(chart):
    return [(point.year, point.value, point.status) for point in chart.points]


def page(year, place=""):
    return f"http://www.test.gov.cn/{place}{year}.html"


def keep(store, read, url):
    """Keep a reading made by hand."""
    kept = fetch(store, f"<html>{store.clock()}</html>".encode(), url)
    store.chronicle.revise(store.crawl, store.portal, kept, judge(store, kept, read, url))


def test_points_are_the_newest_revisions_with_their_figures(store):
    """Each point carries printed text, revision and the figure's number; an edit is marked."""
    revise(store, 5, url=page(2022), year=2022)
    revise(store, 6, url=page(2023), year=2023)
    next_crawl(store)
    revise(store, 9, url=page(2023), year=2023, raw="9件")
    found = asked(store)
    assert said(found) == [(2022, 5, "ok"), (2023, 9, "ok")]
    first, second = found.points
    assert (second.printed, second.revision, second.revised, second.form) == ("9件", 2, True, "2021")
    assert (first.revised, first.division, found.unit) == (False, "640000", "件")
    row = store.sql.execute("SELECT value FROM observation WHERE id=?", (second.observation,)).fetchone()
    assert row[0] == 9


def test_a_new_revision_that_leaves_the_figure_alone_is_no_revised_value(store):
    revise(store, 5)
    next_crawl(store)
    revise(store, 5, text="一、总体情况。改写了文字。")
    (point,) = asked(store).points
    assert (point.revision, point.revised) == (2, False)


def test_a_later_revision_does_not_make_an_earlier_one_revised(store):
    """As of a time before the figure was edited nothing was edited yet."""
    revise(store, 5)
    next_crawl(store)
    revise(store, 5, text="一、总体情况。改写了文字。")
    then = store.sql.execute("SELECT max(at) FROM revision").fetchone()[0]
    next_crawl(store)
    revise(store, 6)
    (before,) = asked(store, at=then).points
    assert (before.revision, before.revised) == (2, False)
    assert next(asked(store).points).revised


def test_as_of_a_time_the_older_revision_speaks(store):
    """`at` shows the value, and the state, as they were."""
    revise(store, 6)
    then = store.sql.execute("SELECT max(at) FROM revision").fetchone()[0]
    next_crawl(store)
    revise(store, 9)
    next_crawl(store)
    lost(store)
    next_crawl(store)
    (now,) = asked(store).points
    (before,) = asked(store, at=then).points
    assert (before.value, before.state, before.revised) == (6, "present", False)
    assert (now.value, now.state, now.revised) == (9, "missing", True)
    with pytest.raises(NothingToDraw):
        asked(store, at=then - 10**9)


def test_a_blank_is_a_gap_and_no_zero(store):
    revise(store, 0, url=page(2022), year=2022)
    revise(store, 7, url=page(2023), year=2023)
    assert said(asked(store)) == [(2022, 0, "ok"), (2023, 7, "ok")]
    assert said(asked(store, indicators=("applications.carried_in.total",))) == [
        (2022, None, "blank"),
        (2023, None, "blank"),
    ]


def test_a_report_without_the_row_is_a_missing_value_between_others(store):
    """A year whose report says nothing of the indicator is a gap; years before and after all others are left out and told."""
    for year in range(2019, 2025):
        read = reading(year, year=year)
        if year in (2019, 2021, 2024):
            read = replace(read, observations=read.observations[1:])
        keep(store, read, page(year))
    found = asked(store)
    assert said(found) == [(2020, 2020, "ok"), (2021, None, "missing"), (2022, 2022, "ok"), (2023, 2023, "ok")]
    assert found.mute == (2019, 2024)
    assert [point.observation is None for point in found.points] == [False, True, False, False]


def test_two_reports_that_agree_are_one_point_and_two_that_do_not_are_in_doubt(store):
    """A reprint changes nothing; a contradiction shows both numbers, both ambiguous."""
    for place, value in (("a/", 5), ("b/", 5), ("c/", 8)):
        revise(store, value, url=page(2023, place), year=2023)
        if place == "b/":
            assert said(asked(store)) == [(2023, 5, "ok")]
    assert said(asked(store)) == [(2023, 5, "ambiguous"), (2023, 8, "ambiguous")]


def test_a_number_without_a_unit_agrees_with_one_in_the_forms_unit(store):
    """5 and 5件 are the same; 5件 and 5万元 are not."""
    for place, unit in (("a/", "件"), ("b/", None), ("c/", "万元")):
        read = reading(5)
        keep(store, replace(read, observations=(replace(read.observations[0], unit=unit),)), page(2023, place))
        if place == "b/":
            assert said(asked(store)) == [(2023, 5, "ok")]
    assert said(asked(store)) == [(2023, 5, "ambiguous"), (2023, 5, "ambiguous")]


def test_the_table_speaks_before_the_prose(store):
    read = reading(5)
    more = Observation(RECEIVED, 50, "text", "收到申请50件", "件", read.observations[0].where)
    keep(store, replace(read, observations=(more, *read.observations)), page(2023))
    assert said(asked(store)) == [(2023, 5, "ok")]


def test_ambiguous_cells_have_no_number(store):
    read = reading(5)
    doubtful = replace(read.observations[0], value=None, status="ambiguous", raw="5 8")
    keep(store, replace(read, observations=(doubtful,)), page(2023))
    (point,) = asked(store).points
    assert (point.value, point.status, point.printed) == (None, "ambiguous", "5 8")


def test_publishers_by_whole_name_or_part(store):
    """A name that is one publisher's whole name means only that one; any other is a part of names."""
    for number, name in enumerate(("商务厅", "测试商务厅", "测试水利厅")):
        revise(store, number, url=page(2023, f"{number}/"), publisher=name)
    assert [one.name for one in asked(store, publishers=("商务厅",)).series] == ["商务厅"]
    assert [one.name for one in asked(store, publishers=("测试",)).series] == ["测试商务厅", "测试水利厅"]
    assert [one.name for one in asked(store, publishers=("商务厅", "水利"), division="64").series] == [
        "商务厅",
        "测试水利厅",
    ]
    with pytest.raises(NothingToDraw, match="near names are 测试商务厅"):
        asked(store, publishers=("测试商务听",))
    with pytest.raises(NothingToDraw, match="No report matches"):
        asked(store, division="11")


def test_a_name_nothing_is_known_of_yet_is_not_offered_in_its_own_place(store):
    """As of a time before its first report the same name is no help; others that are near are."""
    for number, name in enumerate(("测试商务厅", "测试商务局")):
        revise(store, number, url=page(2023, f"{number}/"), publisher=name)
    with pytest.raises(NothingToDraw, match="near names are 测试商务局\\. ·"):
        asked(store, publishers=("测试商务厅",), at=1)
    with pytest.raises(NothingToDraw, match="`nianlun reports` lists") as told:
        asked(store, publishers=("测试商务厅", "测试商务局"), at=1)
    assert "near" not in str(told.value)


def test_years_narrow(store):
    for year in range(2019, 2024):
        revise(store, year, url=page(year), year=year)
    assert [point.year for point in asked(store, since=2020, until=2022).points] == [2020, 2021, 2022]
    assert [point.year for point in asked(store, year=2021).points] == [2021]


def test_several_indicators_are_several_charts(store):
    revise(store, 3)
    found = charts(store.sql, Question(indicators=(RECEIVED, "applications.carried_in.total")))
    assert [one.indicator for one in found] == [RECEIVED, "applications.carried_in.total"]


def test_an_unknown_indicator_is_told_with_near_ones(store):
    revise(store, 3)
    with pytest.raises(NoSuchIndicator, match=r"near ones are applications\.received\.total, "):
        asked(store, indicators=("applications.recieved.total",))
    with pytest.raises(NothingToDraw, match=r"says anything of review\.total"):
        asked(store, indicators=("review.total",))
    assert near_codes("review.up")[0] == "review.upheld"
    assert near_codes("") == []


def test_provinces_by_division_or_name():
    """The division's digits rule; a publisher named after its province stands in for them; else it is unknown."""
    assert province_of("640200", None) == "64"
    assert province_of(None, "宁夏回族自治区商务厅") == "64"
    assert province_of("990000", "北京市商务局") == "11"
    assert province_of(None, "测试商务厅") == ""
    assert (region_name("", "zh"), region_name("64", "en")) == ("未知", "Ningxia")
    assert len(PROVINCES) == 34
