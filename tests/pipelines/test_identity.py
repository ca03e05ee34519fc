"""A whole payload: title, publisher, year, kind, dates, and which rule gave each."""

import pytest

from pipelines.read import read_payload
from tests.pipelines.building import docx, modern, page, paragraph, sound_values

TABLES = modern("2021", sound_values("2021", 1))
TITLE = "云川县林业局2023年政府信息公开工作年度报告"


def rules(reading):
    return dict(reading.rules)


def test_title_publisher_and_year_come_from_the_article():
    reading = read_payload(page(TABLES))
    assert (reading.title, reading.publisher, reading.year, reading.kind, reading.rejected, reading.form) == (
        TITLE,
        "云川县林业局",
        2023,
        "disclosure",
        None,
        "2021",
    )
    assert rules(reading)["title"] == "meta:ArticleTitle"
    assert rules(reading)["publisher"] == "title"
    assert rules(reading)["year"] == "title"
    assert reading.published == "2024-01-20"


def test_the_last_non_empty_meta_wins():
    metas = f'<meta name="ArticleTitle" content="模板标题"><meta name="articletitle" content="{TITLE}"><meta name="ArticleTitle" content=""><meta name="PubDate" content="2024-02-01">'
    reading = read_payload(page(TABLES, metas=metas, title=""))
    assert (reading.title, reading.published) == (TITLE, "2024-02-01")


def test_without_a_body_in_the_title_the_source_names_the_publisher():
    metas = '<meta name="ArticleTitle" content="2023年政府信息公开工作年度报告"><meta name="ContentSource" content="松树镇人民政府">'
    reading = read_payload(page(TABLES, metas=metas, title="2023年政府信息公开工作年度报告"))
    assert (reading.publisher, rules(reading)["publisher"]) == ("松树镇人民政府", "meta:ContentSource")


@pytest.mark.parametrize("source", ["办公室", "本站", "云川日报"])
def test_a_generic_source_is_nobody(source):
    metas = f'<meta name="ContentSource" content="{source}"><meta name="SiteName" content="云川县人民政府">'
    markup = page(TABLES, metas=metas, title="2023年政府信息公开工作年度报告").replace(
        "来源：云川县林业局".encode(), b""
    )
    reading = read_payload(markup)
    assert (reading.publisher, rules(reading)["publisher"]) == ("云川县林业局", "text:says")


def test_a_province_is_added_to_its_department():
    inner = paragraph("省林业厅2017政府信息公开工作年度报告") + paragraph(
        "特公布云南省林业厅2017年政府信息公开工作年度报告。根据政府信息公开条例，统计时限为2017年1月1日至12月31日。"
    )
    assert read_payload(docx(inner)).publisher == "云南省林业厅"


def test_a_title_over_two_lines_is_one():
    inner = (
        paragraph("云川县林业局")
        + paragraph("2019 年政府信息公开工作年度报告")
        + paragraph("根据政府信息公开条例编制。")
    )
    reading = read_payload(docx(inner))
    assert (reading.title, reading.publisher, reading.year) == (
        "云川县林业局2019年政府信息公开工作年度报告",
        "云川县林业局",
        2019,
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["云川县林业局2023年政府信息公开工作年度报", "告"],
        ["云川县林业局", TITLE],
        ["政府信息公开工作年度报告", TITLE],
        ["政府信息公开工作年度报告", "云川县林业局", "2023年政府信息公开工作年度报告"],
        ["云川县林业局2023年政府信息公开", "工作年度", "报告"],
    ],
)
def test_the_printed_title_whatever_stands_above_it(lines):
    inner = "".join(paragraph(line) for line in [*lines, "根据政府信息公开条例编制本报告。"])
    reading = read_payload(docx(inner))
    assert (reading.title, reading.publisher) == (TITLE, "云川县林业局")


@pytest.mark.parametrize(
    ("text", "year", "rule"),
    [("统计期限自2018年1月1日至12月31日", 2018, "text:period"), ("没有期限", 2020, "published-1")],
)
def test_a_year_without_a_title(text, year, rule):
    markup = f'<html><head><meta name="PubDate" content="2021-01-20"><title>政府信息公开年报</title></head><body><div id="zoom"><p>根据政府信息公开条例，{text}。</p></div>'
    reading = read_payload(markup.encode())
    assert (reading.year, rules(reading)["year"]) == (year, rule)


def test_a_date_only_in_the_address_is_marked_so():
    reading = read_payload(page(TABLES, metas=""), url="http://a.gov.cn/x/202401/t20240122_1.html")
    assert (reading.published, rules(reading)["published"]) == ("2024-01-22", "url")


def test_the_signature_dates_the_report():
    reading = read_payload(page(TABLES, close="<p>云川县林业局</p><p>2024年1月15日</p></div>"))
    assert (reading.written, rules(reading)["written"]) == ("2024-01-15", "text:signature")


@pytest.mark.parametrize(
    ("title", "kind", "rejected"),
    [
        ("关于做好2023年政府信息公开工作年度报告编制和发布工作的通知", None, "notice"),
        ("一图读懂2023年政府信息公开工作年度报告", None, "infographic"),
        ("云川县2023年法治政府建设年度报告", "rule-of-law", None),
        ("云川县人民政府网站2023年度工作报表", "website", None),
        ("云川县林业局2023年部门决算", "accounts", None),
        ("2023年政务公开工作要点", None, "plan"),
        ("云川县召开会议", None, "off-topic"),
    ],
)
def test_lookalikes(title, kind, rejected):
    markup = f'<html><head><meta name="ArticleTitle" content="{title}"></head><body><div id=zoom><p>各单位：请认真做好有关工作，按时完成任务。</p></div>'
    reading = read_payload(markup.encode())
    assert (reading.kind, reading.rejected) == (kind, rejected)


def test_a_report_without_a_telling_title_is_known_by_its_content():
    reading = read_payload(page(TABLES, title="信息公开", metas='<meta name="ArticleTitle" content="信息公开">'))
    assert (reading.kind, reading.year) == ("disclosure", 2023)


def headed(title, printed, period):
    text = f"根据政府信息公开条例编制，统计期限自{period}年1月1日至12月31日。"
    return (
        f'<html><head><meta name="ArticleTitle" content="云川县林业局{title}年政府信息公开工作年度报告"></head><body>'
        f"<div id=zoom><p>云川县林业局{printed}年政府信息公开工作年度报告</p><p>{text}</p></div>"
    ).encode()


@pytest.mark.parametrize(
    ("title", "printed", "period", "year", "rule"),
    [
        (2022, 2023, 2023, 2023, "text:period"),
        (2023, 2023, 2023, 2023, "title"),
        (2023, 2023, 2022, 2023, "title"),
        (2023, 2022, 2021, 2023, "title"),
    ],
)
def test_the_report_s_own_title_and_period_outweigh_the_portal_s_title(title, printed, period, year, rule):
    reading = read_payload(headed(title, printed, period))
    assert (reading.year, rules(reading)["year"]) == (year, rule)


@pytest.mark.parametrize("day", ["1970-01-01", "1999-05-01", "2098-01-01 10:00"])
def test_an_impossible_day_is_no_day_of_publication(day):
    metas = f'<meta name="ArticleTitle" content="{TITLE}"><meta name="PubDate" content="{day}">'
    reading = read_payload(page(TABLES, metas=metas))
    assert reading.published is None or reading.published[:4] == "2024"


NEWS = "近日，云川县林业局发布2023年政府信息公开工作年度报告，接受社会监督。"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NEWS, None),
        ("1月20日，云川县林业局在门户网站公布2023年政府信息公开工作年度报告。", None),
        (NEWS + "附件：云川县林业局2023年政府信息公开工作年度报告.pdf", "disclosure"),
        (NEWS + '<a href="/files/2024/1.pdf">点击查看</a>', "disclosure"),
        ("根据政府信息公开条例编制本报告。日前收到申请3件，均已答复。", "disclosure"),
        ("全年收到政府信息公开申请3件，均已答复。", "disclosure"),
    ],
)
def test_news_of_a_report_is_no_report(text, kind):
    markup = f'<html><head><meta name="ArticleTitle" content="{TITLE}"></head><body><div id=zoom><p>{text}</p></div>'
    reading = read_payload(markup.encode())
    assert (reading.kind, reading.rejected) == (kind, None if kind else "notice")
