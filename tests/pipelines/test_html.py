"""HTML: the report's element, its words in order, its tables as printed."""

import time

import pytest

from archive.model import Link
from pipelines.convert.interface import Context
from pipelines.convert.web import html
from tests.pipelines.building import C, html_table, modern, page, sound_values

TABLES = modern("2021", sound_values("2021", 1))


def read(markup, url="http://a.gov.cn/x/t.html"):
    return html.convert(markup if isinstance(markup, bytes) else markup.encode(), Context(url))


def texts(markup):
    return [block.text for block in read(markup).blocks if block.kind != "table"]


CONTAINERS = [
    '<div class="TRS_Editor">',
    '<div class="trs_editor_view TRS_UEDITOR">',
    '<div id="zoom">',
    "<ucapcontent>",
    '<div id="UCAP-CONTENT">',
    '<div id="BodyLabel">',
    '<div class="xl-cont">',
    '<div id="vsb_content_4">',
    '<div class="v_news_content">',
    '<div id="con_con">',
    '<div class="ivs_content">',
    '<div class="j-fontContent">',
    '<div class="article-content">',
    '<div class="unknown-name">',
    "<section>",
    '<table width="950"><tr><td>',
]


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_report_is_found_in_every_container(container):
    found = read(page(TABLES, open_=container, close=""))
    assert len(found.grids) == 3
    assert any(block.text == "一、总体情况" for block in found.blocks)
    assert not any("首页" in block.text for block in found.blocks)


def test_a_banner_with_a_known_class_is_not_the_report():
    banner = '<div class="TRS_Editor"><p>欢迎访问云川县人民政府门户网站</p></div>'
    found = read(page(TABLES, open_=banner + '<div class="main-text">'))
    assert len(found.grids) == 3


def test_inline_elements_join_with_nothing_and_blocks_stay_apart():
    markup = "<div id=zoom><p><span>20</span><b>1</b><font>6</font>年<em>申请</em>人情<i>况</i></p><p>电话：55501<span>234</span></p><div>完</div>末<br>尾</div>"
    assert texts(markup) == ["2016年申请人情况", "电话：55501234", "完", "末", "尾"]


def test_source_line_breaks_between_chinese_characters_are_none():
    assert texts("<div id=zoom><p>政府信息\n   公开工作</p><p>annual\nreport</p></div>") == [
        "政府信息公开工作",
        "annual report",
    ]


def test_escaped_conditional_comments_and_templates_are_dropped():
    assert texts(
        "<div id=zoom><p>&lt;!--[if !supportLists]--&gt;一、&lt;!--[endif]--&gt;总体<!--[if gte mso 9]><p>x</p><![endif]-->情况{{ title }}</p></div>"
    ) == ["一、总体情况"]


def test_characters_are_kept_as_printed():
    assert texts("<div id=zoom><p>（一）〔2019〕①㈠㎡Ⅳ１２</p></div>") == ["（一）〔2019〕①㈠㎡Ⅳ１２"]


def test_spans_are_kept():
    grid = read(f"<div id=zoom>{html_table([[C('甲', 2, 1), C('乙', 1, 2)], [C('1'), C('2')]])}</div>").grids[0]
    assert [(c.row, c.column, c.rowspan, c.colspan, c.text) for c in grid.cells] == [
        (0, 0, 2, 1, "甲"),
        (0, 1, 1, 2, "乙"),
        (1, 1, 1, 1, "1"),
        (1, 2, 1, 1, "2"),
    ]


def test_unclosed_cells_and_rows_read_the_same():
    closed = read(
        "<div id=zoom><table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>&nbsp;</td></tr></table></div>"
    ).grids[0]
    unclosed = read("<div id=zoom><table><tr><td>甲<td>1<tr><td>乙<td>&nbsp;</table></div>").grids[0]
    assert [c.text for c in closed.cells] == ["甲", "1", "乙", ""] == [c.text for c in unclosed.cells]


def test_a_cell_knows_its_path_in_the_document():
    markup = "<html><body><table class=nav><tr><td>a<td>b</table><div id=zoom><p>文字。</p><table><tr><td>甲<td>1<tr><td>乙<td>2</table></div>"
    assert read(markup).grids[0].cells[3].place.path == "table[2]/tr[2]/td[2]"


def test_layout_tables_are_no_tables():
    inner = html_table([[C("甲"), C("1")], [C("乙"), C("2")]])
    found = read(
        f"<div id=zoom><table><tr><td>&nbsp;</td><td><table><tr><td>正文</td></tr><tr><td><p>第一段。</p>{inner}<p>第二段。</p></td></tr></table></td></tr></table></div>"
    )
    assert [b.text for b in found.blocks] == ["正文", "第一段。", "", "第二段。"]
    assert [c.text for c in found.grids[0].cells] == ["甲", "1", "乙", "2"]


def test_a_frame_around_a_number_is_part_of_its_cell():
    frame = "<table><tr><td align=center><p>7</p></td></tr></table>"
    grid = read(
        f"<div id=zoom><table><tr><td>甲</td><td>{frame}</td></tr><tr><td>乙</td><td>{frame}</td></tr></table></div>"
    ).grids[0]
    assert [c.text for c in grid.cells] == ["甲", "7", "乙", "7"]


def test_span_bombs_are_harmless():
    start = time.perf_counter()
    grid = read("<table>" + "<tr><td rowspan=1000000 colspan=1000000>a<td>b<td>c" * 50 + "</table>").grids[0]
    assert len(grid.cells) <= 150
    assert grid.columns <= 200
    assert time.perf_counter() - start < 2


CARD = """<table class="card"><tr><td>索 引 号</td><td>999999999/2024-00002</td><td>分类</td><td>年报</td></tr>
<tr><td>发布机构：</td><td>云川县林业局</td><td>公开日期</td><td>2024-01-17</td></tr><tr><td>文号</td><td></td><td>名称</td><td>某报告</td></tr></table>"""


def test_the_index_card_is_metadata_and_no_table():
    found = read(page(TABLES, open_=f"{CARD}<div id=zoom>{CARD}"))
    assert len(found.grids) == 3
    assert ("card:索引号", "999999999/2024-00002") in found.meta
    assert ("card:发布机构", "云川县林业局") in found.meta
    assert ("card:公开日期", "2024-01-17") in found.meta


def test_metas_are_named_alike_whatever_their_case():
    found = read(
        "<html><head><meta NAME='pubdate' content='2020-01-01'><META name=ARTICLETITLE content='甲<br>乙&nbsp;'><meta name=ContentSource content=''></head><body><p>x</p>"
    )
    assert ("meta:PubDate", "2020-01-01") in found.meta
    assert ("meta:ArticleTitle", "甲 乙") in found.meta
    assert not any(name == "meta:ContentSource" for name, _ in found.meta)


def test_labelled_lines_outside_the_report():
    found = read(
        "<div class=info>发布时间：2020-01-22 16:20　来源：办公室　字体：[大 中 小]</div><div id=zoom><p>很长的正文，讲的是公开工作。</p></div>"
    )
    assert ("line:发布时间", "2020-01-22 16:20") in found.meta
    assert ("line:来源", "办公室") in found.meta


@pytest.mark.parametrize(
    ("markup", "link"),
    [
        ('<a href="./P02.pdf">年度报告</a>', Link("http://a.gov.cn/x/P02.pdf", "年度报告")),
        (
            '<a href="/down/downfile.jsp?id=3&filename=a">附件下载</a>',
            Link("http://a.gov.cn/down/downfile.jsp?id=3&filename=a", "附件下载"),
        ),
        (
            '<a href="/pdfjs/web/viewer.html?file=%2Ffiles%2Fa.pdf">查看</a>',
            Link("http://a.gov.cn/files/a.pdf", "查看"),
        ),
        (
            '<iframe src="/pdfjs/web/viewer.html?file=/files/b.pdf"></iframe>',
            Link("http://a.gov.cn/files/b.pdf", "b.pdf"),
        ),
        ('<embed src="c.PDF">', Link("http://a.gov.cn/x/c.PDF", "c.PDF")),
        ('<object data="d.pdf"></object>', Link("http://a.gov.cn/x/d.pdf", "d.pdf")),
        ('<div id="pdfshow" data-value="/e.pdf"></div>', Link("http://a.gov.cn/e.pdf", "e.pdf")),
        ('<script>showVsbpdfIframe("/f.pdf","100%");</script>', Link("http://a.gov.cn/f.pdf", "f.pdf")),
    ],
)
def test_attachments_inside_the_report(markup, link):
    assert read(page(TABLES, open_=f'<div id="zoom">{markup}')).links == (link,)


def test_attachments_after_the_report_but_not_among_related_links():
    after = '<div class="fj">附件：<a href="a.docx">报告.docx</a></div><div class="related"><a href="old.pdf">去年的报告</a></div>'
    assert [link.url for link in read(page(TABLES, after=after)).links] == ["http://a.gov.cn/x/a.docx"]


@pytest.mark.parametrize(
    "href", ["javascript:void(0)", "#", "mailto:a@b.cn", "/xxgk/", "data:application/pdf;base64,AA", ""]
)
def test_other_links_are_no_attachments(href):
    assert read(page(TABLES, open_=f'<div id="zoom"><a href="{href}">链接</a>')).links == ()


def test_hidden_text_and_share_bars_are_left_out():
    markup = '<div id=zoom><p>正文在此，共一段。</p><div style="display: none">暗</div><div class="share"><a href="#">微信</a></div><script>var a="<table>"</script></div>'
    assert texts(markup) == ["正文在此，共一段。"]


@pytest.mark.parametrize("markup", [b"", b"   ", b"<html></html>", b"<script>go()</script>"])
def test_nothing_printed_is_empty(markup):
    assert read(markup).state == "empty"


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20000 + "x",
        "<table><tr><td>" * 2000 + "x",
        "<td>1" * 20000,
        "<p>" + "一、" * 200_000,
        "<b>" * 5000 + "x",
    ],
)
def test_hostile_markup_is_survived(markup):
    start = time.perf_counter()
    assert read(markup).state in {"ok", "empty", "refused"}
    assert time.perf_counter() - start < 5


def test_control_characters_are_not_printed():
    markup = "<script>a\x01b</script><div id=zoom><p>政府\x02信息&#3;公开</p><table><tr><td><p>1&#1;</p><td>2<tr><td>3<td>4</table></div>"
    found = read(markup)
    assert found.blocks[0].text == "政府信息公开"
    assert len(found.grids[0].cells) == 4
