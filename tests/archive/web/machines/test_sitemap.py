"""The sitemap names every report and revision, and robots.txt what is not for crawlers."""

from __future__ import annotations

from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from archive.web.exchange import NotHere
from archive.web.machines import sitemap
from archive.web.machines.sitemap import ROUTES
from tests.archive.history_maker import next_crawl, revise
from tests.archive.web.machines.asking import ROOT, ask


def get(store, address: str, root: str = ROOT):
    answer = ask(store.sql, ROUTES, address, root)
    assert answer.media_type == "application/xml; charset=utf-8"
    return etree.fromstring(answer.data)


def texts(tree, name: str) -> list[str]:
    return [one.text for one in tree.iter(f"{{http://www.sitemaps.org/schemas/sitemap/0.9}}{name}")]


@pytest.fixture
def three(store):
    """Three reports, the first with two revisions."""
    for number in range(3):
        revise(store, number, url=f"http://www.test.gov.cn/{number}.html", year=2020 + number)
    next_crawl(store)
    revise(store, 9, url="http://www.test.gov.cn/0.html", year=2020)
    return store


PLACES = [
    "/report/1", "/report/1/revision/1", "/report/1/revision/2", "/report/2", "/report/2/revision/1", "/report/3",
    "/report/3/revision/1",
]  # fmt: skip


def test_every_report_and_revision_is_named_with_its_time(three) -> None:
    assert texts(get(three, "/sitemap.xml"), "loc") == [f"{ROOT}/sitemap-1.xml"]
    found = get(three, "/sitemap-1.xml")
    assert texts(found, "loc") == [f"{ROOT}{place}" for place in PLACES]
    times = texts(found, "lastmod")
    assert times[0] == times[2] > times[1]
    assert max(times) == texts(get(three, "/sitemap.xml"), "lastmod")[0]


def test_pages_are_of_a_size_and_hold_all(three, monkeypatch) -> None:
    monkeypatch.setattr(sitemap, "PAGE", 3)
    pages = texts(get(three, "/sitemap.xml"), "loc")
    found = [texts(get(three, place.removeprefix(ROOT)), "loc") for place in pages]
    assert [len(page) for page in found] == [3, 3, 1]
    assert [place for page in found for place in page] == [f"{ROOT}{place}" for place in PLACES]
    with pytest.raises(NotHere):
        get(three, "/sitemap-4.xml")


def test_an_empty_archive_has_an_index(store) -> None:
    assert texts(get(store, "/sitemap.xml"), "loc") == []


def test_a_strange_root_is_escaped(three) -> None:
    assert texts(get(three, "/sitemap-1.xml", 'http://a"<&\x00'), "loc")[0] == 'http://a"<& /report/1'


def test_robots_may_read_pages_but_not_ask_sql_or_take_originals(store) -> None:
    said = ask(store.sql, ROUTES, "/robots.txt").body
    assert f"\nSitemap: {ROOT}/sitemap.xml\n" in said
    robots = RobotFileParser()
    robots.parse([line for line in said.splitlines() if line != "Allow: /"])  # the parser takes the first that fits
    for path, allowed in (
        ("/", True), ("/report/1", True), ("/report/1/revision/2", True), ("/-/databases", False), ("/original/3", False),
        ("/memento/20240101000000/http://a/", False), ("/archive?sql=select+1", False), ("/archive/capture", False),
    ):  # fmt: skip
        assert robots.can_fetch("any", f"{ROOT}{path}") is allowed, path
