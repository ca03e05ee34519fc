"""From the home page to the columns: words, paths, and the bound on what is asked."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from spiders import discovery

HOME = "http://www.example.gov.cn/"


def page(body: str, url: str = HOME) -> HtmlResponse:
    """A page with a body."""
    return HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode(), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("政府信息公开年报", 10),
        (" 政府信息 公开年报 ", 10),
        ("信息公开年报", 10),
        ("云岫市政府信息公开年度报告", 10),
        ("年报", 6),
        ("部门年报", 6),
        ("市县和所属单位年报", 6),
        ("政务公开", 4),
        ("法定主动公开内容", 2),
        ("依申请公开", -8),
        ("政府网站工作年度报表", -8),
        ("企业年报", -8),
        ("云岫市商务局2019年政府信息公开工作年度报告", 0),
        ("领导之窗", 0),
    ],
)
def test_words(text, score):
    """Words of links score as the field guide says; a title with a year is a report, not a column."""
    assert discovery.text_score(text) == score


@pytest.mark.parametrize(
    ("path", "score"),
    [
        ("/zwgk/zfxxgk/zfxxgknb/", 5),
        ("/zwgk/xxgknb_79208/index.html", 5),
        ("/gk/gknb2018/", 5),
        ("/zfxxgknb.htm", 5),
        ("/public/column/1681?type=3&action=list", 5),
        ("/public/column/1681?type=4&action=list", 0),
        ("/zwgk_274/", 2),
        ("/zwgk/zfxxgk/zfxxgkzn/", 0),
        ("/zwgk/zfxxgk/zfxxgknb/202401/t20240101_1.html", 0),
    ],
)
def test_paths(path, score):
    """Only the last directory of an address counts: articles inside a column are not columns."""
    assert discovery.path_score(HOME.rstrip("/") + path) == score


def test_menu_with_breaks_images_and_comments():
    """Text cut by ``<br>``, text in an image, links in comments and in ``onclick``."""
    body = """
    <a href="/a/nb/"><em></em>政府信息<br>公开年报</a>
    <a href="/b/"><img src="x.png" alt="政务公开"></a>
    <!-- <a href="/old/">政府信息公开年报</a> -->
    <a href="javascript:void(0)" onclick="openUrl('/c/gk/')">信息公开</a>
    <a href="http://www.gov.cn/zfxxgk/">政府信息公开</a>
    <a href="/ysq/">依申请公开</a>
    """
    found = {c.url: (c.score, c.column) for c in discovery.candidates(page(body), HOME)}
    assert found == {
        "http://www.example.gov.cn/a/nb/": (10, True),
        "http://www.example.gov.cn/b/": (4, False),
        "http://www.example.gov.cn/c/gk/": (4, False),
    }


def test_an_article_title_is_no_candidate():
    """News that mention public disclosure do not send the crawl astray."""
    assert discovery.candidates(page('<a href="/xw/1.html">我局召开政府信息公开工作推进会议</a>'), HOME) == []


def test_budget_is_shared_and_never_exceeded():
    """However wide the menus are, discovery asks for no more than its budget in all."""
    wide = page("".join(f'<a href="/d{i}/xxgk/">政务公开</a>' for i in range(40)))

    def asked(budget: int, depth: int) -> int:
        if depth > discovery.DEPTH:
            return 0
        picked = discovery.chosen(discovery.candidates(wide, HOME), budget)
        assert len(picked) <= discovery.A_PAGE
        return len(picked) + sum(asked(share, depth + 1) for _, share in picked)

    assert asked(discovery.IN_ALL, 0) <= discovery.IN_ALL


def test_best_road_gets_most():
    """The likeliest link is not starved by the others: four steps along it are always possible."""
    wide = page("".join(f'<a href="/d{i}/xxgk/">政务公开</a>' for i in range(40)))
    budget = discovery.IN_ALL
    for _ in range(discovery.DEPTH - 1):
        budget = discovery.chosen(discovery.candidates(wide, HOME), budget)[0][1]
        assert budget > 0


def test_seen_roads_are_not_taken_again():
    """A menu that stands on every page costs its links once."""
    menu = page('<a href="/zwgk/">政务公开</a><a href="/nb/">年报</a>')
    found = discovery.candidates(menu, HOME)
    seen = [discovery.short(c.url) for c in found]
    assert [c.url for c, _ in discovery.chosen(found, 9, seen)] == ["http://www.example.gov.cn/nb/"]


def test_column_is_known_by_its_reports():
    """Two links that look like reports make a column; on a home page the name must say so too."""
    rows = "".join(f'<a href="/n/{y}.html">某局{y}年政府信息公开工作年度报告</a>' for y in (2020, 2021))
    assert discovery.is_column(page(rows, HOME + "gk/"))
    assert not discovery.is_column(page(rows), home=True)
    assert discovery.is_column(page(rows, HOME + "zfxxgknb/"), home=True)
    assert not discovery.is_column(
        page('<a href="/n/1.html">关于编制2020年政府信息公开年度报告的通知</a>' * 3, HOME + "gk/")
    )


def test_sub_columns_two_levels_down():
    """Directories inside the column, years beside it, years in a select; not articles, not deeper, not the menu."""
    root = HOME + "gk/nb/"
    body = """
    <a href="./bm/">部门</a> <a href="./bm/2019/">2019</a> <a href="./bm/x/y/">深</a> <a href="./202001/t20200101_1.html">文</a>
    <a href="../nb2018/">2018年</a> <a href="../zn/">指南</a> <select><option value="/gk/nb/2017/">2017</option></select>
    """
    found = discovery.below(page(body, root), root)
    assert found == [root + "bm/", root + "bm/2019/", HOME + "gk/nb2018/", root + "2017/"]


@pytest.mark.parametrize(
    "body",
    [
        '<meta http-equiv="refresh" content="0;URL=/new/">',
        '<META HTTP-EQUIV="Refresh" CONTENT="0; url=\'/new/\'">',
        "<script>window.location.href='/new/'</script>",
        "<script>location.replace('/new/');</script>",
    ],
)
def test_redirections_by_a_page(body):
    """Meta refresh and script locations are ways on, on the same site."""
    assert discovery.redirection(page(body)) == HOME + "new/"


def test_no_redirection_to_itself_elsewhere_or_from_a_real_page():
    """A reload, another site, a script in a page full of links are no ways on."""
    assert discovery.redirection(page('<meta http-equiv="refresh" content="30;url=/">')) is None
    assert discovery.redirection(page('<meta http-equiv="refresh" content="0;url=http://evil.example/">')) is None
    full = "".join(f'<a href="/{i}">x</a>' for i in range(5)) + "<script>if(m)location.href='/wap/'</script>"
    assert discovery.redirection(page(full)) is None


def test_frames_of_the_same_host():
    """A frame of the same host may hold the page; widgets and other hosts do not."""
    body = '<iframe src="/list/frame.html"></iframe><iframe src="/login.html"></iframe><iframe src="http://tianqi.example/"></iframe>'
    assert discovery.frames(page(body)) == [HOME + "list/frame.html"]


def test_sitemaps_without_entities():
    """A sitemap's columns are read by pattern; an index leads to its maps; nothing is expanded."""
    text = "<urlset><url><loc>http://www.example.gov.cn/zwgk/zfxxgknb/</loc></url><url><loc>http://www.example.gov.cn/xw/</loc></url></urlset>"
    assert discovery.mapped(text, HOME) == [HOME + "zwgk/zfxxgknb/"]
    index = "<sitemapindex><sitemap><loc>http://www.example.gov.cn/s1.xml</loc></sitemap><sitemap><loc>http://evil.example/s.xml</loc></sitemap></sitemapindex>"
    assert discovery.mapped(index, HOME) == [HOME + "s1.xml"]
    assert discovery.mapped("<loc>" + " " * 300_000, HOME) == []


@pytest.mark.parametrize("menu", [
    '[{name: "首页", url: "/"}, {name: "政府信息公开年报", url: "/zwgk/nb/"}]',
    '[{"url":"\\/zwgk\\/nb\\/","id":7,"title":"政府信息公开年报"}]',
    r'[{"name":"\u653f\u5e9c\u4fe1\u606f\u516c\u5f00\u5e74\u62a5","children":[],"href":"/zwgk/nb/"}]'.replace('"children":[],', ""),
])  # fmt: skip
def test_a_menu_that_a_script_fills(menu) -> None:
    page = HtmlResponse(HOME, body=f"<html><body><script>var MENU = {menu};</script></body></html>", encoding="utf-8")
    found = [(candidate.url, candidate.column) for candidate in discovery.candidates(page, HOME)]
    assert found == [(HOME + "zwgk/nb/", True)]


def test_a_script_s_other_data_are_no_menu() -> None:
    body = '<html><body>信息公开<script>var u = {name: "依申请公开", url: "/ysq/"}; var v = {name: "x", url: "/zwgk/"};</script></body></html>'
    page = HtmlResponse(HOME, body=body, encoding="utf-8")
    assert discovery.candidates(page, HOME) == []


def test_menus_that_are_no_links() -> None:
    body = '<html><body><map><area href="/gk/" alt="政务公开"/></map><div onclick="window.open(\'/nb/\')"><img alt="政府信息公开年报"/></div></body></html>'
    found = {candidate.url: candidate.column for candidate in discovery.candidates(page(body), HOME)}
    assert found == {HOME + "gk/": False, HOME + "nb/": True}


def test_in_a_set_of_frames_the_menu_counts() -> None:
    body = '<html><frameset><frame src="/top.html"/><frame src="/main.html"/></frameset></html>'
    assert discovery.frames(page(body)) == [HOME + "top.html", HOME + "main.html"]
    assert discovery.frames(page('<iframe src="/top.html"></iframe><iframe src="/list.html"></iframe>')) == [
        HOME + "list.html"
    ]
