"""Real captured pages, read where the folder of samples is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from spiders import discovery
from spiders.families import identity, recognise
from spiders.text import inner, looks_like_report

REAL = Path(__file__).parents[3] / "shared" / "samples" / "real"
pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not REAL.is_dir(), reason="the folder of samples is not here"),
]


def page(name: str, url: str) -> HtmlResponse:
    """A captured page under the address it was captured from."""
    return HtmlResponse(url, body=(REAL / name).read_bytes(), encoding="utf-8")


def test_a_real_column_of_2020():
    """An eco-zone's column: ten rows, four of them reports, dates as listed, paging only in a script."""
    url = "http://egb.ordos.gov.cn/xxgk/xxgknb/"
    response = page("恩格贝-年报栏目-trs.html", url)
    family = recognise(response)
    rows = family.rows(response)
    assert family.name == "trs"
    assert len(rows) == 10
    assert [row.title for row in rows if looks_like_report(row.title)] == [
        "鄂尔多斯市2019年政府信息公开工作年度报告",
        "鄂尔多斯市人民政府办公室2019年政府信息公开工作年度报告",
        "鄂尔多斯市2018年政府信息公开年度报告",
        "内蒙古自治区2018年政府信息公开工作年度报告",
    ]
    assert (rows[0].url, rows[0].date) == (url + "202009/t20200903_2748784.html", "2020-09-03")
    assert (rows[6].url, rows[6].date) == (url + "201811/t20181102_2290635.html", "2018-03-26")
    assert [row.date for row in rows] == sorted((row.date for row in rows), reverse=True)
    assert len({identity(row.url) for row in rows}) == 10
    assert family.pages(response, 1)[0].url == url + "index_1.html"
    assert discovery.is_column(response)
    assert discovery.redirection(response) is None


@pytest.mark.parametrize(
    ("name", "url", "begins"),
    [
        ("山西省政府-文章-trs.html", "http://www.shanxi.gov.cn/yw/sxyw/201909/t20190918_693227.shtml", "山西"),
        ("cmse-文章-trs.html", "http://www.cmse.gov.cn/xwzx/202009/t20200903_1.html", ""),
        ("沭阳县发改局-2023-ucap.html", "http://www.shuyang.gov.cn/sygfj/gknb/202401/0a.shtml", "沭阳"),
        ("山西医大-文章-vsb.html", "https://www.sxmu.edu.cn/info/1331/30031.htm", ""),
    ],
)
def test_real_articles(name, url, begins):
    """Articles of three systems: the text is found, and no menu's or footer's file is taken for an attachment."""
    response = page(name, url)
    family = recognise(response)
    text = inner(family.article(response), 100_000)
    assert begins in text[:400]
    assert len(text) > 300
    assert "网站标识码" not in text
    assert family.attachments(response) == []


def test_real_article_head_leads_to_its_column():
    """From an article's crumbs the column is found, and recognised as one by its words and its path."""
    url = "https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/202403/t20240308_87885.htm"
    found = discovery.candidates(page("平潭-2023-文章头-trs.html", url), "https://www.pingtan.gov.cn/")
    assert (found[0].url, found[0].score, found[0].column) == (
        "https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/",
        15,
        True,
    )


def test_a_list_that_only_a_script_fills():
    """A column whose rows come from an interface gives no rows, and no invented count."""
    url = "http://sthjt.jiangxi.gov.cn/jxssthjt/col/col42150/index.html"
    response = page("江西生态环境厅-列表.html", url)
    family = recognise(response)
    assert family.rows(response) == []
    assert family.expectation(response) is None
