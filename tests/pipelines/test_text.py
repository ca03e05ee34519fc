"""The main text's substance, sections, contacts and document numbers."""

import pytest

from archive.model import Block, Contacts
from pipelines.convert.interface import Context
from pipelines.convert.web import html
from pipelines.read import read_payload
from pipelines.text import contacts_of, document_numbers_of, is_noise, paragraphs_of, sections_of
from tests.pipelines.building import OPENING, modern, page, sound_values

TABLES = modern("2021", sound_values("2021", 1))
PLAIN = read_payload(page(TABLES)).paragraphs


def test_the_substance_holds_text_and_table_rows():
    assert "一、总体情况" in PLAIN
    assert "一、本年新收政府信息公开申请数量|8|5|0|0|0|0|13" in PLAIN or any(
        row.startswith("一、本年新收政府信息公开申请数量|") for row in PLAIN
    )


@pytest.mark.parametrize(
    "noise",
    [
        "<p>浏览次数：1234</p>",
        "<p>点击数： 88 次</p>",
        "<p>【阅读量】5</p>",
        "<p>今天是2024年3月8日 星期五</p>",
        "<p>页面生成时间 2023-05-11 18:10:10</p>",
        "<p>分享到：微信 微博 QQ空间</p>",
        "<p>【打印本页】【关闭窗口】</p>",
        "<p>上一篇：某某局2022年政府信息公开工作年度报告</p>",
        "<p>下一篇：没有了</p>",
        "<div>相关链接：省政府 市政府</div>",
        "<p>字体：[大 中 小] 打印</p>",
        "<p>当前位置：首页 &gt; 政务公开</p>",
        '<div class="share"><a>微博</a></div>',
        "<p>您是第 10234 位访客</p>",
        "<p>token=8a7f6c5d</p>",
        "<p>云川县林业局2023年政府信息公开工作年度报告</p>",
        "<p>来源：云川县林业局</p>",
    ],
)
def test_furniture_of_the_page_is_not_substance(noise):
    assert read_payload(page(TABLES, close=f"{noise}</div>")).paragraphs == PLAIN


@pytest.mark.parametrize(
    "container",
    [
        '<div class="article-content">',
        '<div id="zoom"><div class="in">',
        "<section><article>",
        '<ucapcontent class="x">',
        '<div class="brand-new-2026">',
    ],
)
def test_a_redesign_changes_no_substance(container):
    assert read_payload(page(TABLES, open_=container)).paragraphs == PLAIN


def test_other_spacing_and_tags_change_no_substance():
    before = html.convert("<div id=zoom><p>政府 信息<b>公开</b></p></div>".encode(), Context())
    after = html.convert(
        "<div class=TRS_Editor><div>　　政府信息<span>公</span>开&nbsp;</div></div>".encode(), Context()
    )
    assert paragraphs_of(before) == paragraphs_of(after) == ("政府信息公开",)


def test_an_edit_changes_the_substance():
    values = sound_values("2021", 1) | {"disclosure.licensing.decisions": "26"}
    assert read_payload(page(modern("2021", values))).paragraphs != PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "浏览次数和点击量是衡量网站工作的重要指标，我局不断改进。",
        "相关工作有序推进。",
        "今年是建局十周年，全局干部认真学习。",
        "打印设备采购项目3个",
        "分享会共举办三次，参加人数达到二百人次。",
    ],
)
def test_sentences_that_open_alike_are_kept(text):
    assert not is_noise(text) or text.startswith("今天")


def test_sections_by_their_numbers():
    blocks = [
        Block(t)
        for t in (
            "总述。",
            "一、总体情况",
            "甲。",
            "（一）主动公开。我局公开信息。",
            "乙。",
            "二、主动公开政府信息情况",
            "（二）依申请公开情况",
        )
    ]
    found = [(s.heading, s.level, s.text) for s in sections_of(blocks)]
    assert found == [
        ("一、总体情况", 1, "甲。"),
        ("（一）主动公开", 2, "我局公开信息。\n乙。"),
        ("二、主动公开政府信息情况", 1, ""),
        ("（二）依申请公开情况", 2, ""),
    ]


def test_a_sentence_that_opens_with_a_number_is_no_heading():
    long = "一、二、三季度我局分别组织了培训，参加人员覆盖全部科室以及下属单位，取得了良好的效果，受到各方面的一致好评，下一步将继续坚持下去"
    assert sections_of([Block(long)]) == ()


CONTACTS = {
    "address": "云川县平安路8号",
    "postcode": "654321",
    "phone": "0999-1234567",
    "fax": "0999-7654321",
    "email": "lyj@yunchuan.gov.cn",
}


@pytest.mark.parametrize("field", CONTACTS)
def test_contacts_of_the_office(field):
    assert getattr(contacts_of([OPENING.format(year=2023)]), field) == CONTACTS[field]


def test_contacts_one_a_line():
    found = contacts_of(["联系方式", "地址：云川县平安路8号", "邮编：654321", "电话：（0999）1234567"])
    assert (found.address, found.postcode, found.phone) == ("云川县平安路8号", "654321", "（0999）1234567")


@pytest.mark.parametrize(
    ("label", "field", "value"),
    [
        ("E-mail：", "email", "lyj@yunchuan.test"),
        ("Email: ", "email", "lyj@yunchuan.test"),
        ("电子邮件：", "email", "lyj@yunchuan.test"),
        ("电子邮箱：", "email", "lyj@yunchuan.test"),
        ("电子信箱：", "email", "lyj@yunchuan.test"),
        ("邮　箱：", "email", "lyj@yunchuan.test"),
        ("咨询电话：", "phone", "（0999）1234567"),
        ("联系电话：", "phone", "（0999）1234567"),
        ("电　　话（传真）：", "phone", "（0999）1234567"),
        ("联系方式：", "phone", "（0999）1234567"),
        ("传真号码：", "fax", "0999-7654321"),
        ("传真电话：", "fax", "0999-7654321"),
        ("传　　真：", "fax", "0999-7654321"),
        ("通信地址：", "address", "云川县平安路8号（东楼）3层"),
        ("联系地址：", "address", "云川县平安路8号（东楼）3层"),
        ("邮　　编：", "postcode", "654321"),
        ("邮政编码：", "postcode", "654321"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_labels_of_contacts_one_a_line(label, field, value, order):
    other = "邮编：123456" if field != "postcode" else "地址：云川县一号"
    lines = ["二、其他需要报告的事项", "没有其他需要报告的事项。", *[f"{label}{value}", other][::order]]
    assert getattr(contacts_of(lines), field) == value


def test_contacts_in_one_line_of_labels():
    found = contacts_of(
        ["地址：云川县平安路8号 邮编：654321 咨询电话：0999-1234567 传真电话：0999-7654321 Email:lyj@a.test"]
    )
    assert found == Contacts("云川县平安路8号", "654321", "0999-1234567", "0999-7654321", "lyj@a.test")


@pytest.mark.parametrize(
    "lines",
    [
        ["监督电话：0999-1111111", "联系电话：0999-2222222", "举报邮箱：jb@a.test", "邮箱：bg@a.test"],
        ["投诉举报电话：0999-1111111，咨询电话：0999-2222222，电子邮箱：bg@a.test"],
        ["监督电话：0999-1111111 联系电话：0999-2222222 电子邮箱：bg@a.test"],
        ["云川县市场监督管理局电话：0999-2222222，电子邮箱：bg@a.test"],
    ],
)
def test_numbers_for_complaints_are_passed_over(lines):
    found = contacts_of(lines)
    assert (found.phone, found.email) == ("0999-2222222", "bg@a.test")


def test_the_office_named_to_whoever_asks_may_give_one_particular():
    assert contacts_of(["如对本报告有疑问，请与县林业局办公室联系（电话：0999-1234567）。"]).phone == "0999-1234567"
    assert contacts_of(["全县设立热线，其中联系电话0999-1234567由办公室值守。"]).phone is None


LONG = "我局认真贯彻落实政府信息公开条例，" * 8
FOOTER = ["地址：云川县一号", "邮编：111111", "电话：0999-1111111"]


@pytest.mark.parametrize(
    "lines",
    [
        [LONG, "主办单位：云川县人民政府", *FOOTER, "网站标识码：6400000001"],
        [LONG, *FOOTER, "云ICP备05000001号"],
        [LONG, "版权所有：云川县人民政府", "技术支持：某公司", *FOOTER],
    ],
)
def test_the_web_site_s_footer_is_not_the_office(lines):
    assert contacts_of(lines) == Contacts()


def test_contacts_above_the_web_site_s_footer_are_the_office_s():
    office = ["联系方式", "地址：云川县平安路8号", "电话：0999-2222222"]
    found = contacts_of([LONG, *office, "主办单位：云川县人民政府", *FOOTER])
    assert found == Contacts(address="云川县平安路8号", phone="0999-2222222")


@pytest.mark.parametrize(
    "text",
    [
        "本报告由办公室编制。",
        "联系12345热线电话：0999-12345678，监督电话：0999-87654321。",
        "主办单位：县政府 地址：云川县一号 电话：0999-1111111",
    ],
)
def test_hotlines_and_footers_are_not_the_office(text):
    assert contacts_of([text]).phone is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("《通知》（云商办发〔2019〕19号）", ("云商办发〔2019〕19号",)),
        ("云政办发[2021] 3 号", ("云政办发〔2021〕3号",)),
        ("云政发【2020】第5号", ("云政发〔2020〕第5号",)),
        ("根据云林函（2018）12号要求", ("云林函〔2018〕12号",)),
        ("国务院令第711号", ()),
        ("2019年第19号", ()),
        ("（云党发\n〔2017〕33号)", ("云党发〔2017〕33号",)),
        ("国办发〔2014〕32号、国办发〔2014〕32号和云办〔2015〕1号", ("国办发〔2014〕32号", "云办〔2015〕1号")),
    ],
)
def test_document_numbers(text, numbers):
    assert document_numbers_of(text) == numbers
