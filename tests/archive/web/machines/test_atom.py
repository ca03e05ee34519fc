"""The feed of what happened to reports, and the digest: valid, filtered, in pages, and safe to show."""

from __future__ import annotations

from datetime import datetime

import pytest
from lxml import etree

from archive.events import position
from archive.web.exchange import BadQuestion
from archive.web.machines import atom
from archive.web.machines.atom import ROUTES
from crawler.reporting.atom import feed
from tests.archive.history_maker import URL, lost, next_crawl, revise
from tests.archive.web.machines.asking import ROOT, ask

A = "{http://www.w3.org/2005/Atom}"
HOSTILE = "a]]> <script>alert(1)</script> \"' &lt; \x00\x1b\u202e\ufffe\r\nSubject: x"


def get(store, query: str = ""):
    answer = ask(store.sql, ROUTES, f"/feeds/changes.atom{query}")
    assert answer.media_type == "application/atom+xml; charset=utf-8"
    return etree.fromstring(answer.data)


def digest(store, query: str = "") -> str:
    answer = ask(store.sql, ROUTES, f"/feeds/digest.txt{query}")
    assert answer.media_type == "text/plain; charset=utf-8"
    return answer.data.decode()


def terms(root) -> list[str]:
    return [one.get("term") for one in root.iter(f"{A}category")]


def links(parent) -> dict[str, str]:
    return {one.get("rel"): one.get("href") for one in parent.findall(f"{A}link")}


@pytest.fixture
def told(store):
    """New, then edited, then missing; and another publisher's report of another year."""
    revise(store, 5)
    next_crawl(store)
    revise(store, 6)
    revise(store, 1, url="http://www.test.gov.cn/other.html", publisher="测试水务局", year=2020)
    next_crawl(store)
    lost(store)
    next_crawl(store)
    return store


def test_the_feed_is_what_rfc_4287_asks_for(told) -> None:
    root = get(told)
    assert terms(root) == ["missing", "new", "changed", "new"]
    for parent in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            (found,) = parent.findall(f"{A}{name}")
            assert found.text
        datetime.fromisoformat(parent.find(f"{A}updated").text)
        assert parent.find(f"{A}id").text.startswith("urn:uuid:")
    assert root.find(f"{A}author/{A}name").text
    assert links(root)["self"] == f"{ROOT}/feeds/changes.atom"
    assert links(root.findall(f"{A}entry")[0]) == {"alternate": f"{ROOT}/report/1", "via": URL}
    assert "applications.received.total: 5 → 6" in root.findall(f"{A}entry")[2].find(f"{A}content").text
    assert root.find(f"{A}updated").text == max(one.find(f"{A}updated").text for one in root.findall(f"{A}entry"))


def test_entries_have_the_ids_of_the_feed_of_crawls(told) -> None:
    def ids(document):
        return [one.find(f"{A}id").text for one in document.findall(f"{A}entry") if "trouble" not in terms(one)]

    both = ids(get(told)), ids(etree.fromstring(feed(told.sql, position(told.sql))))
    assert sorted(both[0]) == sorted(both[1])
    assert len(set(both[0])) == 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?event=changed", ["changed"]),
        ("?year=2020", ["new"]),
        ("?publisher=%E6%B0%B4%E5%8A%A1", ["new"]),
        ("?portal=test-portal", ["missing", "new", "changed", "new"]),
        ("?portal=other", []),
        ("?since=2100", []),
        ("?since=2023-11-13&event=missing", ["missing"]),
    ],
)
def test_filters_narrow_the_feed_and_name_it(told, query, expected) -> None:
    root = get(told, query)
    assert terms(root) == expected
    assert root.find(f"{A}id").text != get(told).find(f"{A}id").text
    assert len(links(root)["self"]) > len(f"{ROOT}/feeds/changes.atom")


@pytest.mark.parametrize("query", ["?event=cosmetic", "?year=x", "?since=yesterday", "?before=-1"])
def test_a_filter_that_cannot_be_read_is_a_bad_question(told, query) -> None:
    with pytest.raises(BadQuestion):
        get(told, query)


def test_a_long_feed_goes_on(told, monkeypatch) -> None:
    monkeypatch.setattr(atom, "PAGE", 2)
    first = get(told, "?portal=test-portal")
    second = get(told, links(first)["next"].removeprefix(f"{ROOT}/feeds/changes.atom"))
    assert terms(first) + terms(second) == ["missing", "new", "changed", "new"]
    assert "next" not in links(second)
    assert links(second)["first"] == links(first)["self"]
    assert first.find(f"{A}id").text == second.find(f"{A}id").text


def test_an_empty_archive_has_a_feed_and_a_digest(store) -> None:
    assert get(store).find(f"{A}updated").text == "1970-01-01T00:00:00.000Z"
    assert "nothing new · 无变动" in digest(store)


def test_what_portals_say_stays_text(store) -> None:
    revise(store, publisher=HOSTILE, url="javascript:alert(1)")
    revise(store, publisher=HOSTILE, url='http://a.gov.cn/"><x>\r\n\x00', year=2020)
    store.sql.execute("UPDATE portal SET name=?", (HOSTILE,))
    root = get(store)
    assert not root.xpath("//*[local-name()='script']")
    assert [links(one).get("via") for one in root.findall(f"{A}entry")] == [
        "http://a.gov.cn/%22%3E%3Cx%3E%0D%0A%00", None,
    ]  # fmt: skip
    text = digest(store)
    assert not set(text) & set("\x00\x1b\u202e\r")
    assert all(line.startswith((" ", "nianlun", "since", "a]]>")) or not line for line in text.splitlines())


def test_the_digest_tells_the_last_day_by_portal_with_addresses(told) -> None:
    text = digest(told)
    assert text.startswith("nianlun 年轮: 2 new · 新发布, 1 changed · 有修改, 1 missing · 缺失\n")
    assert "  changed · 有修改: 测试商务厅 2023\n    applications.received.total: 5 → 6\n" in text
    assert f"    {ROOT}/report/2\n" in text
    assert "missing" not in digest(told, "?event=new")
    assert digest(told, "?since=2100").startswith("nianlun 年轮: nothing new")


def test_a_long_digest_counts_everything_and_says_at_once_that_it_is_cut(told, monkeypatch) -> None:
    """The headline is of all that is meant, whatever is listed below it."""
    monkeypatch.setattr(atom, "DIGEST", 2)
    headline, second, third, *rest = digest(told).splitlines()
    assert headline == "nianlun 年轮: 2 new · 新发布, 1 changed · 有修改, 1 missing · 缺失"
    assert second.startswith("Only the last 2 of 4 are told; ")
    assert second.endswith("共 4 条，仅列最近 2 条。")
    assert third.startswith("since · 自 ")
    assert sum(" · " in line for line in rest) == 2
    assert digest(told, "?event=new").startswith("nianlun 年轮: 2 new · 新发布\nsince")


def test_a_digest_counts_under_its_filters(told, monkeypatch) -> None:
    monkeypatch.setattr(atom, "DIGEST", 1)
    assert digest(told, "?year=2020").startswith("nianlun 年轮: 1 new · 新发布\nsince")
    assert digest(told, "?event=missing&portal=test-portal").startswith("nianlun 年轮: 1 missing · 缺失\nsince")
    text = digest(told, "?since=2023-11-13&publisher=%E5%95%86%E5%8A%A1")
    assert text.startswith("nianlun 年轮: 1 new · 新发布, 1 changed · 有修改, 1 missing · 缺失\nOnly the last 1 of 3")
