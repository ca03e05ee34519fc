"""Rules of families that a page does not show by itself: readings of scripts, hostile markup, odd addresses."""

from __future__ import annotations

import time

import pytest
from scrapy.http import HtmlResponse

from spiders.families import GENERIC, identity, recognise
from spiders.families.generic import guesses, section
from spiders.families.scripts import following, paging
from spiders.families.trs import Trs

URL = "http://www.example.gov.cn/xxgk/xxgknb/"


def page(body: str, url: str = URL) -> HtmlResponse:
    """A page with a body."""
    return HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode(), encoding="utf-8")


def test_trs_counts_from_nought():
    """``createPageHTML(9, 0, "index", "html")``: page 2 is index_1, page 9 is index_8 and the last."""
    first = paging('createPageHTML(9, 0, "index", "html")')
    assert following(first, URL, 1)[0].url == URL + "index_1.html"
    eighth = paging('createPageHTML(9, 7, "index", "html")', 8)
    assert following(eighth, URL + "index_7.html", 8)[0].url == URL + "index_8.html"
    assert following(paging('createPageHTML(9, 8, "index", "html")', 9), URL + "index_8.html", 9) == []


def test_ucap_counts_from_one():
    """``createPageHTML('page_div',10, 1,'list','shtml',149)``: page 2 is list_2, and there are 149 rows."""
    script = paging("createPageHTML('page_div',10, 1,'list','shtml',149)")
    assert following(script, "http://a.gov.cn/c1/list.shtml", 1)[0].url == "http://a.gov.cn/c1/list_2.shtml"
    assert script.rows == 149
    third = paging("createPageHTML('page_div',10, 3,'list','shtml',149)", 3)
    assert following(third, "http://a.gov.cn/c1/list_3.shtml", 3)[0].url == "http://a.gov.cn/c1/list_4.shtml"


def test_third_call_shape_counts_from_one():
    """``createPageHTML(3, 1, 'index', 'shtml')`` has the total first and counts from 1."""
    script = paging("createPageHTML(3, 1, 'index', 'shtml')")
    assert following(script, "http://a.gov.cn/c1/", 1)[0].url == "http://a.gov.cn/c1/index_2.shtml"


def test_both_readings_are_named_under_rules_that_stay_apart():
    """The second reading is held ready, and page 3 follows the rule that page 2 was found by."""
    first = following(paging('createPageHTML(9, 0, "index", "html")'), URL, 1)
    second = following(paging('createPageHTML(9, 1, "index", "html")', 2), URL + "index_1.html", 2)
    assert [found.url for found in first] == [URL + "index_1.html", URL + "index_2.html"]
    assert first[0].rule == second[0].rule
    assert first[1].rule == second[1].rule != first[0].rule


@pytest.mark.parametrize(
    "definition", ["function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){", ""]
)
def test_a_definition_is_no_call(definition):
    """The function's own definition says nothing of pages."""
    assert paging(definition) is None


def test_same_document_under_three_addresses():
    """One document number is one article: other column, ``_zzb`` and ``_app`` variants, with and without www."""
    keys = {
        identity("http://www.example.gov.cn/xxgk/xxgknb/202404/t20240430_4526898.html"),
        identity("https://example.gov.cn/xxgk/other/202404/t20240430_4526898_zzb.html"),
        identity("http://www.example.gov.cn/xxgk/xxgknb/202404/t20240430_4526898_app.shtml"),
    }
    assert keys == {"trs:example.gov.cn:4526898"}
    assert identity("http://127.0.0.1:8080/a/202404/t20240430_1.html") == "trs:127.0.0.1:8080:1"


def test_index_and_directory_are_one_address():
    """Where no family knows better, the normalised address is the identity."""
    assert identity("http://www.a.gov.cn/x/index.html") == identity("https://a.gov.cn/x/") == "url:a.gov.cn/x/"


def test_banner_is_not_the_article():
    """The editor area with the most text is the article's, not the first, which is the banner."""
    found = Trs().article(
        page('<div class="TRS_Editor"><embed src="a.swf"></div><div class=TRS_Editor>正文很长很长的内容在这里</div>')
    )
    assert "正文" in "".join(found.itertext())


def test_article_without_a_known_area():
    """Without an editor the element with the most paragraph text is taken."""
    body = "<div class='top'><p>短</p></div><div class='mid'><p>本报告由某局编制</p><p>统计期限自一月一日起</p></div>"
    assert recognise(page(body)).article(page(body)).get("class") == "mid"


def test_empty_page_has_nothing():
    """A page without a body's worth of anything gives nothing and breaks nothing."""
    empty = HtmlResponse(URL, body=b"", encoding="utf-8")
    family = recognise(empty)
    assert (family.rows(empty), family.attachments(empty), family.expectation(empty)) == ([], [], None)


def test_guesses_keep_the_query_and_the_stem():
    """Guessed addresses follow the page's own name and keep what the query already says."""
    urls = [url for _, url in guesses("http://a.gov.cn/gk/list_2.html?id=7", 2)]
    assert urls[:2] == ["http://a.gov.cn/gk/list_2.html", "http://a.gov.cn/gk/list_3.html"]
    assert "http://a.gov.cn/gk/list_2.html?id=7&page=3" in urls


def test_section_is_two_segments():
    """Rows lie within the listing's first two path segments."""
    assert section("http://a.gov.cn/zwgk/zfxxgk/nb/index.html") == "/zwgk/zfxxgk/"
    assert section("http://a.gov.cn/") == "/"


HOSTILE = {
    "calls": "createPageHTML(" * 60_000,
    "spaces": "<p>2020" + " " * 500_000,
    "parens": '<a onclick="' + "('" * 100_000 + '">x</a>',
    "divs": "<div>" * 20_000 + "x",
    "editors": '<div class="TRS_Editor">x' * 3_000,
    "tables": "<table><tr><td>" * 5_000,
    "totals": "共" * 200_000 + "<div class=page>共" + "1" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_costs_little(name):
    """A megabyte of markup made to hurt is read in about a second."""
    response = page(HOSTILE[name])
    began = time.process_time()
    family = recognise(response)
    for read in (family.rows, family.article, family.attachments, family.expectation):
        read(response)
    family.pages(response, 1)
    assert time.process_time() - began < 3


def test_generic_is_never_sure():
    """The last resort does not outbid a family."""
    assert GENERIC.fingerprint(page("x")) < 0.4


def test_a_page_of_nothing_but_look_alikes_is_a_list() -> None:
    """Its rows are refused one by one; without them the paging would end there."""
    from scrapy.http import HtmlResponse

    from spiders.families import GENERIC

    rows = "".join(
        f"<li><a href='/info/1/{n}.htm'>某局召开第{n}次工作会议</a><span>2024-03-0{n}</span></li>" for n in range(1, 6)
    )
    body = f"<html><body><div class='menu'><a href='/a/'>首页</a></div><ul class='list'>{rows}</ul></body></html>"
    found = GENERIC.rows(HtmlResponse("http://www.example.gov.cn/gk/nb/", body=body, encoding="utf-8"))
    assert [row.url.rpartition("/")[2] for row in found] == [f"{n}.htm" for n in range(1, 6)]


def test_the_page_for_telephones_is_the_same_article() -> None:
    from spiders.families import identity

    assert identity("http://www.a.gov.cn/nb/7015_app.html") == identity("http://www.a.gov.cn/nb/7015.html")
    assert identity("http://www.a.gov.cn/nb/7015_1.html") != identity("http://www.a.gov.cn/nb/7015.html")
