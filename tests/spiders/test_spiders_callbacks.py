"""The spider's callbacks: what each yields, that requests survive JSON, and that nothing is remembered."""

from __future__ import annotations

import json

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler

from archive.model import Expectation, Known, Part, Portal
from spiders.base import PAGES, PortalSpider
from tests.spiders.spider_driver import first_requests

HOME = "http://www.example.gov.cn/"
COLUMN = HOME + "zwgk/zfxxgknb/"


def spider(**more) -> PortalSpider:
    """A spider of a portal."""
    fields = {"name": "xx-a", "title": "甲", "home": HOME} | more
    known = fields.pop("known", ())
    return PortalSpider(portal=Portal(**fields), known=known)


def page(body: str, url: str = COLUMN, meta=None) -> HtmlResponse:
    """A page as the crawler hands it over."""
    html = f"<html><body>{body}</body></html>".encode()
    return HtmlResponse(url, body=html, encoding="utf-8", request=Request(url, meta=meta or {}))


def rows(*numbers: int) -> str:
    """A TRS list with these documents."""
    lines = "".join(
        f'<li><a href="./202401/t20240101_{n}.html">某局{2000 + n % 30}年政府信息公开工作年度报告</a><span>2024-01-01</span></li>'
        for n in numbers
    )
    return f"<ul>{lines}</ul>"


def split(items):
    """Requests by role, and the rest."""
    found = list(items)
    requests = [item for item in found if isinstance(item, Request)]
    roles = {
        role: [r for r in requests if r.meta["role"] == role] for role in ("home", "listing", "page", "attachment")
    }
    return roles, [item for item in found if not isinstance(item, Request)]


def test_start_at_the_columns_or_the_home_page():
    """Known columns are asked for; without one the home page is; and what the archive knows is asked for again."""
    started = first_requests(spider(start=(COLUMN,)))
    assert [(r.meta["role"], r.callback.__name__) for r in started] == [("listing", "parse_listing")]
    known = (
        Known(COLUMN + "202401/t20240101_7.html", "page", "trs:example.gov.cn:7", "甲"),
        Known(COLUMN + "202401/P020240101000000000001.pdf", "attachment", "trs:example.gov.cn:7", "甲.pdf"),
    )
    started = first_requests(spider(known=known))
    assert [(r.meta["role"], r.callback.__name__) for r in started] == [
        ("home", "parse_home"),
        ("page", "parse_page"),
        ("attachment", "parse_attachment"),
    ]
    assert started[1].meta["key"] == "trs:example.gov.cn:7"
    assert started[2].meta["report"] == "trs:example.gov.cn:7"
    assert started[2].cb_kwargs == {"report": "trs:example.gov.cn:7", "name": "甲.pdf"}


def test_from_crawler_passes_the_portal_on():
    """Scrapy's constructor gives the spider its portal, what is known, and whatever else the crawl hands it."""
    made = PortalSpider.from_crawler(
        get_crawler(PortalSpider), portal=Portal("xx-a", "甲", HOME), known=(), context="c"
    )
    assert (made.name, made.portal.home, made.context) == ("xx-a", HOME, "c")


def test_every_request_survives_json():
    """Arguments and meta are plain data, and the callback is a method of the spider."""
    made = spider()
    body = rows(1, 2) + '<script>createPageHTML(3, 0, "index", "html")</script><a href="./bm/">部门年报</a>'
    for item in [*made.parse_listing(page(body)), *made.parse_home(page('<a href="/gk/">政务公开</a>', HOME))]:
        if isinstance(item, Request):
            meta = {key: item.meta[key] for key in ("role", "row", "report", "key") if key in item.meta}
            json.loads(json.dumps([item.cb_kwargs, meta]))
            assert getattr(made, item.callback.__name__) == item.callback


def test_listing_yields_rows_next_page_and_count():
    """Rows carry their title and date; the next page carries what was seen."""
    body = rows(1, 2) + '<script>createPageHTML(3, 0, "index", "html"); pagebar({recordCount: \'5\'})</script>'
    roles, others = split(spider().parse_listing(page(body)))
    assert [r.meta["row"]["date"] for r in roles["page"]] == ["2024-01-01"] * 2
    assert roles["page"][0].meta["row"]["listing"] == COLUMN
    assert roles["page"][0].meta["key"] == "trs:example.gov.cn:1"
    assert [r.url for r in roles["listing"]] == [COLUMN + "index_1.html"]
    assert len(roles["listing"][0].cb_kwargs["seen"]) == 2
    assert others == [Expectation(COLUMN, 5, "recordCount")]


def test_a_page_that_shows_nothing_new_is_read_the_other_way():
    """A second page that repeats the first makes the spider try the script's other reading, then stop."""
    made = spider()
    first, _ = split(made.parse_listing(page(rows(1, 2) + "<script>createPageHTML(3, 0, 'index', 'html')</script>")))
    second = first["listing"][0]
    repeated, _ = split(made.parse_listing(page(rows(1, 2), second.url), **second.cb_kwargs))
    assert [r.url for r in repeated["listing"]] == [COLUMN + "index_2.html"]
    assert repeated["page"] == []
    third = repeated["listing"][0]
    assert list(made.parse_listing(page(rows(1, 2), third.url), **third.cb_kwargs)) == []


def test_the_reading_that_worked_is_kept():
    """Once page 2 was found by a rule, page 3 follows the same rule and no other."""
    made = spider()
    script = "<script>createPageHTML(4, {}, 'index', 'html')</script>"
    first, _ = split(made.parse_listing(page(rows(1) + script.format(0))))
    second = first["listing"][0]
    found, _ = split(made.parse_listing(page(rows(2) + script.format(1), second.url), **second.cb_kwargs))
    assert [r.url for r in found["listing"]] == [COLUMN + "index_2.html"]
    assert found["listing"][0].cb_kwargs["others"] == []


def test_past_the_end_nothing_is_followed():
    """Past the last page a column answers a refresh to its first; that is the end, not a way on."""
    body = '<meta http-equiv="refresh" content="0;url=./">'
    assert list(spider().parse_listing(page(body, COLUMN + "index_4.html"), page=5, seen=["x"], at=COLUMN)) == []


def test_pages_have_a_cap():
    """An endless listing ends at the cap."""
    body = rows(9) + "<script>createPageHTML(9999, 59, 'index', 'html')</script>"
    roles, _ = split(spider().parse_listing(page(body), page=PAGES, seen=[]))
    assert roles["listing"] == []


def test_a_calendar_of_pages_ends():
    """A listing whose every page links a next one with nothing new on it is left."""
    body = rows(1) + '<a href="./?page=3">下一页</a>'
    made = spider()
    first, _ = split(made.parse_listing(page(body)))
    again = first["listing"][0]
    assert list(made.parse_listing(page(body, again.url), **again.cb_kwargs)) == []


def test_hops_are_counted():
    """A page's own redirections are followed three times, with the count in the arguments."""
    made, url = spider(), COLUMN
    for hop in (1, 2, 3):
        body = f'<meta http-equiv="refresh" content="0;url=/hop{hop}/">'
        (following,) = made.parse_listing(page(body, url), hops=hop - 1)
        assert following.cb_kwargs["hops"] == hop
        url = following.url
    assert not split(made.parse_listing(page('<meta http-equiv="refresh" content="0;url=/hop9/">', url), hops=3))[0][
        "listing"
    ]


def test_home_redirection_keeps_the_depth():
    """A home page that only sends on is followed as the home page."""
    (following,) = spider().parse_home(page("<script>location.href='/web/'</script>", HOME), budget=9)
    assert (following.url, following.cb_kwargs["depth"], following.cb_kwargs["budget"]) == (HOME + "web/", 0, 9)


def test_home_without_links_falls_back():
    """No promising link: frames first, else the site's map and the file by convention."""
    framed, _ = split(spider().parse_home(page('<iframe src="/main.html"></iframe>', HOME), budget=9))
    assert [r.url for r in framed["home"]] == [HOME + "main.html"]
    bare, _ = split(spider().parse_home(page('<a href="/wzdt/">网站地图</a>', HOME), budget=9))
    assert [(r.url, r.callback.__name__) for r in bare["home"]] == [
        (HOME + "wzdt/", "parse_home"),
        (HOME + "sitemap.xml", "parse_sitemap"),
    ]


def test_sitemap_leads_to_columns():
    """A sitemap's column is asked for as a listing; an index only twice in a row."""
    text = b"<urlset><loc>http://www.example.gov.cn/zwgk/zfxxgknb/</loc></urlset>"
    (found,) = spider().parse_sitemap(Response(HOME + "sitemap.xml", body=text))
    assert (found.meta["role"], found.url) == ("listing", COLUMN)
    index = b"<sitemapindex><loc>http://www.example.gov.cn/s.xml</loc></sitemapindex>"
    assert len(list(spider().parse_sitemap(Response(HOME, body=index), level=1))) == 1
    assert list(spider().parse_sitemap(Response(HOME, body=index), level=2)) == []


def test_discovery_stops_at_its_depth():
    """Beyond the fourth link nothing is followed."""
    assert list(spider().parse_home(page('<a href="/zwgk/">政务公开</a>', HOME + "x/"), depth=4, budget=9)) == []


def test_empty_listing_with_a_frame():
    """A column that is only a frame around the real list on the same host is followed into it."""
    roles, _ = split(spider().parse_listing(page('<iframe src="/inner/list.html"></iframe>')))
    assert [r.url for r in roles["listing"]] == [HOME + "inner/list.html"]


def test_page_yields_its_part_and_its_files():
    """An article is a part with its row and the files it names; each file is asked for as the report's."""
    row = {"url": "u", "title": "t", "listing": "l", "date": None, "publisher": None}
    body = '<div class="TRS_Editor"><p>正文正文正文正文正文</p><a href="./P020240101000000000001.pdf">附表</a></div>'
    url = COLUMN + "202401/t20240101_7_zzb.html"
    part, request = spider().parse_page(page(body, url, {"row": row}))
    assert (part.role, part.key, part.report, part.row.title) == (
        "page",
        "trs:example.gov.cn:7",
        "trs:example.gov.cn:7",
        "t",
    )
    assert part.attachments[0].name == "附表"
    assert (request.meta["role"], request.meta["report"]) == ("attachment", "trs:example.gov.cn:7")


@pytest.mark.parametrize("callback", ["parse_home", "parse_listing", "parse_page", "parse_sitemap"])
def test_binary_answers_break_nothing(callback):
    """Any callback may get bytes that are no text; a page that is a file is the report's page."""
    answer = Response(COLUMN + "a.pdf", body=b"%PDF-1.5\x00\xff", request=Request(COLUMN + "a.pdf"))
    found = list(getattr(spider(), callback)(answer))
    assert [item.role for item in found] == (["page"] if callback == "parse_page" else [])


def test_attachment_is_a_part():
    """A file's part names the report it belongs to."""
    answer = Response(COLUMN + "a.pdf", body=b"%PDF")
    assert list(spider().parse_attachment(answer, report="trs:example.gov.cn:7", name="甲.pdf")) == [
        Part(COLUMN + "a.pdf", "attachment", "url:example.gov.cn/zwgk/zfxxgknb/a.pdf", "trs:example.gov.cn:7", "甲.pdf")
    ]


def test_a_column_given_as_the_home_page():
    """A target that is itself a column is read as one."""
    roles, _ = split(spider(home=COLUMN).parse_home(page(rows(1, 2)), budget=9))
    assert len(roles["page"]) == 2


def test_the_register_names_the_family():
    """The family an entry names is used whatever the page looks like."""
    named = spider(family="generic")
    body = rows(1) + "<div class=TRS_Editor>x</div>"
    roles, _ = split(named.parse_listing(page(body)))
    assert roles["page"][0].meta["key"] == "trs:example.gov.cn:1"
