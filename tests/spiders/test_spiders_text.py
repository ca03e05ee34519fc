"""Titles, dates and addresses of links."""

from __future__ import annotations

import pytest
from parsel import Selector

from spiders.addresses import absolute, belongs, extension, is_file, site_of, unwrapped
from spiders.text import dates, inner, looks_like_report, title_of, undated


def anchor(html: str):
    """The link of a fragment."""
    return Selector(text=html).css("a")[0].root


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (
            '<a title="甲局2019年政府信息公开年度报告">甲局2019年政府信…<span>2020-01-02</span></a>',
            "甲局2019年政府信息公开年度报告",
        ),
        ("<a>甲局2019年政府信息公开年度报告 [2020-01-02]</a>", "甲局2019年政府信息公开年度报告"),
        ("<a>· 2020年1月2日 甲局2019年年报</a>", "甲局2019年年报"),
        ('<a title="">甲局<b>2019</b>年年报</a>', "甲局2019年年报"),
        ('<a title="点击查看">甲局2019年年报</a>', "甲局2019年年报"),
        ('<a title="标题：甲局2019年年报\n发布时间：2020-01-02">甲局2019...</a>', "甲局2019年年报"),
        ('<a><img alt="甲局2019年年报"></a>', "甲局2019年年报"),
        ("<a>甲局\n 2019年\u3000年报<script>x()</script><!-- y --></a>", "甲局 2019年 年报"),
        ("<a>2020-01-02</a>", "2020-01-02"),
    ],
)
def test_title_of_a_row(html, title):
    """The full title without dates: the attribute where the text is cut, else the text."""
    assert title_of(anchor(html)) == title


def test_dates():
    """Days as portals print them, broken over lines and in full width too; impossible ones are none."""
    assert dates("2026-\n01-\n23 ２０２０／３／１ 2019年12月31日 2019.1.5 20190101 2019-13-01") == [
        "2026-01-23",
        "2020-03-01",
        "2019-12-31",
        "2019-01-05",
    ]
    assert undated("（2020-01-02）") == "（2020-01-02）"


def test_inner_leaves_scripts_and_what_follows_the_element():
    """Only what the element shows counts, and only so much of it."""
    node = Selector(text="<p><a>a<style>s</style>b<!--c-->d</a>tail</p>").css("a")[0].root
    assert inner(node) == "abd"
    assert len(inner(Selector(text=f"<a>{'x<b>y</b>' * 5000}</a>").css("a")[0].root, 50)) < 60


@pytest.mark.parametrize(
    ("title", "is_one"),
    [
        ("云岫市商务局2023年政府信息公开工作年度报告", True),
        ("二〇〇九年政府信息公开年报", True),
        ("2019 年度报告（政务公开）", True),
        ("政府信息公开年报", True),
        ("年报", False),
        ("关于做好2023年政府信息公开工作年度报告编制工作的通知", False),
        ("一图读懂2023年政府信息公开年度报告", False),
        ("政府网站2023年年度报告", False),
        ("云岫市商务局召开2023年工作会议", False),
    ],
)
def test_looks_like_report(title, is_one):
    """The hint that discovery uses."""
    assert looks_like_report(title) is is_one


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://a/x.PDF", "pdf"),
        ("http://a/downfile.jsp?filename=ab.doc&x=1", "doc"),
        ("http://a/d?fileName=%E5%B9%B4%E6%8A%A5.pdf", "pdf"),
        ("http://a/x.html", "html"),
        ("http://a/x", None),
    ],
)
def test_extension(url, kind):
    """An extension in the path or in a query that names a file."""
    assert extension(url) == kind


def test_is_file():
    """Files by extension, and endpoints whose address shows none."""
    assert is_file("http://a/system/_content/download.jsp?wbfileid=1")
    assert is_file("http://a/module/download/downfile.jsp?classid=0")
    assert not is_file("http://a/download/index.html")
    assert not is_file("http://a/x.html?from=a.pdf")


def test_absolute():
    """Only web addresses; fragments and line breaks go, nonsense is None."""
    assert absolute("http://a/x/", "../y.html#top") == "http://a/y.html"
    assert absolute("http://a/", " /b\n.html ") == "http://a/b.html"
    for bad in (
        "javascript:void(0)",
        "mailto:a@b",
        "ftp://a/b",
        "http://[",
        "http://a:99999/",
        "file:///etc/passwd",
        "data:x",
    ):
        assert absolute("http://a/", bad) is None


def test_belongs():
    """A site is its host and the hosts below it; a department's site is not its province's."""
    assert belongs("https://shizuishan.gov.cn/x", "http://www.shizuishan.gov.cn/")
    assert belongs("http://sw.shizuishan.gov.cn/", "http://www.shizuishan.gov.cn/")
    assert not belongs("http://www.nx.gov.cn/", "http://dofcom.nx.gov.cn/")
    assert not belongs("http://evilshizuishan.gov.cn/", "http://www.shizuishan.gov.cn/")
    assert belongs("http://files.b.cn/", "http://a.gov.cn/", ["*.b.cn"])
    assert not belongs("http://127.0.0.1:81/", "http://127.0.0.1:80/")


def test_viewer_is_unwrapped():
    """The file behind a viewer is what is fetched."""
    assert unwrapped("http://a/pdfjs/web/viewer.html?file=%2Ff%2Fr.pdf") == "http://a/f/r.pdf"
    assert unwrapped("http://a/viewer.html") == "http://a/viewer.html"
    assert site_of("https://www.a.cn:443/") == "a.cn"
