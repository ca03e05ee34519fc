"""The page of a query: all hits are counted and paged through, and where there are more it says so where they stand."""

from __future__ import annotations

import re
from html import unescape

import pytest

from archive import hits
from archive.web.pages import search
from archive.web.pages.search import ROUTES
from tests.archive.history_maker import revise
from tests.archive.web.machines.asking import ask

HITS = 46


@pytest.fixture
def sql(store):
    """Forty-six reports with the word, of three years, the last two by another publisher; and one without it."""
    for number in range(HITS):
        revise(
            store, number, text="一、总体情况\n电话咨询。", url=f"http://www.test.gov.cn/{number}.html", year=2020 + number % 3,
            publisher="测试水务局" if number >= HITS - 2 else "测试商务厅",
        )  # fmt: skip
    revise(store, 1, text="一、总体情况", url="http://www.test.gov.cn/x.html", year=2019)
    return store.sql


def shown(sql, query: str) -> str:
    return unescape(ask(sql, ROUTES, f"/search?q=%E7%94%B5%E8%AF%9D&lang=en{query}").data.decode())


def counts(text: str) -> dict[str, str]:
    """The counts by year and publisher, by name."""
    return dict(re.findall(r'<li><a href="[^"]*">([^<]*)</a> (\d+)</li>', text))


def listed(text: str) -> list[str]:
    return re.findall(r'<li><a href="/report/(\d+)\?', text)


def test_counts_are_of_all_hits_whatever_the_page_shows(sql) -> None:
    expected = {"2022": "15", "2021": "15", "2020": "16", "测试商务厅": "44", "测试水务局": "2"}
    for query in ("", "&offset=40", "&sort=rank"):
        assert counts(shown(sql, query)) == expected
    assert "By year<" in shown(sql, "")


def test_hundreds_of_hits_are_counted_and_paged_through(store, sql) -> None:
    for number in range(200):
        revise(store, number, text="电话", url=f"http://www.test.gov.cn/more/{number}.html", year=2018)
    text = shown(sql, "&offset=240")
    assert counts(text)["2018"] == "200"
    assert len(listed(text)) == 6
    assert "241–246 of 246" in text


def test_every_hit_is_on_one_page(sql) -> None:
    pages = [listed(shown(sql, f"&offset={first}")) for first in (0, 20, 40)]
    assert [len(page) for page in pages] == [20, 20, 6]
    assert len({number for page in pages for number in page}) == HITS
    assert 'rel="next"' not in shown(sql, "&offset=40")
    assert "41–46" in shown(sql, "&offset=40")
    assert listed(shown(sql, "&offset=999999")) == pages[2]


def test_beyond_the_ceiling_pager_and_headings_say_so(sql, monkeypatch) -> None:
    monkeypatch.setattr(search, "MOST", 30)
    text = shown(sql, "&offset=20")
    assert text.count("21–30 of more than 30") == 2
    assert "By year, of the first 30<" in text
    assert "By publisher, of the first 30<" in text
    assert "More than 30 reports match" in text
    assert len(listed(text)) == 10
    assert 'rel="next"' not in text
    assert sum(int(count) for name, count in counts(text).items() if name.isdecimal()) == 30
    monkeypatch.setattr(search, "MOST", HITS)
    assert "more than" not in shown(sql, "").lower().partition("<main")[2]


def test_publishers_beyond_those_counted_are_told(sql, monkeypatch) -> None:
    monkeypatch.setattr(search, "NAMES", 1)
    text = shown(sql, "")
    assert "and 1 more<" in text
    assert "测试水务局" not in counts(text)


def test_a_hit_of_no_known_year_or_publisher_is_counted_as_such(sql) -> None:
    sql.execute("UPDATE reading SET year=NULL, publisher=NULL WHERE year=2022")
    text = shown(sql, "")
    assert text.count("<li>not stated 15</li>") == 2
    assert counts(text) == {"2021": "15", "2020": "16", "测试商务厅": "30", "测试水务局": "1"}


def test_only_the_page_s_rows_are_made(sql, monkeypatch) -> None:
    made: list[int] = []
    row = hits._Question._row

    def watched(self, revision, held):
        made.append(revision)
        return row(self, revision, held)

    monkeypatch.setattr(hits._Question, "_row", watched)
    shown(sql, "&offset=20")
    assert len(made) == 20
