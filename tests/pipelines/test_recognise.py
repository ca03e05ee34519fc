"""Titles: which are reports, whose, of which year; and what the others are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.recognise import judge_row, period_in, publisher_in, tidy_title, year_in

REPORTS = [
    ("云川县林业局2008年政府信息公开工作年度报告", 2008, "云川县林业局"),
    ("云川县2009年政府信息公开年报", 2009, "云川县"),
    ("二〇〇九年政府信息公开工作年度报告", 2009, None),
    ("云川县林业局二○一○年政府信息公开工作总结", 2010, "云川县林业局"),
    ("2016年政府信息公开工作年度报告(附统计表)", 2016, None),
    ("云川县政务公开工作年度报告", None, "云川县"),
    ("省林业厅2017政府信息公开工作年度报告", 2017, "省林业厅"),
    ("2020年度政府信息公开年度报告", 2020, None),
    ("云川县林业局2023 年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("松树镇_2017年_政府信息公开工作年度报告", 2017, "松树镇"),
    ("2022年云川市政府信息公开工作年度报告", 2022, "云川市"),
    ("云林业〔2011〕47号 签发人：王某 云川县林业局2010年政府信息公开年度报告", 2010, "云川县林业局"),
    ("云川县人民政府办公室关于2019年政府信息公开工作年度报告", 2019, "云川县人民政府办公室"),
    ("云川县林业局2021年政府信息公开工作年度…", 2021, "云川县林业局"),
    ("云川市知识产权局2022年政府信息公开工作年度报告", 2022, "云川市知识产权局"),
    ("云川市住房公积金管理中心2022年政府信息公开工作年度报告", 2022, "云川市住房公积金管理中心"),
    ("云川市审计局2022年政府信息公开年报", 2022, "云川市审计局"),
    ("关于公布2019年政府信息公开工作年度报告的公告", 2019, None),
    ("云川县２０１２年政府信息公开工作年度报告", 2012, "云川县"),
    ("云川县政府信息公开2013年年度报告", 2013, "云川县"),
    ("云川县国土资源局2014年信息公开工作情况报告", 2014, "云川县国土资源局"),
    ("云川县林业局2024年公布2023年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("云川县政府信息公开工作年度报告（2008-2023年）", 2023, "云川县"),
    ("“十四五”2021-2025年云川县林业局2023年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("2024年1月云川县林业局2023年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("20240118云川县林业局2023年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("2024-01-18 云川县林业局2023年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("云川县林业局2023年政府信息公开工作年度报告（2024年1月）", 2023, "云川县林业局"),
    ("云川县林业局二0二三年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("1月18日云川县林业局2023年政府信息公开工作年度报告", 2023, "云川县林业局"),
    ("2018年1-12月云川县林业局政府信息公开工作报告", 2018, "云川县林业局"),
    ("2018年1月至12月云川县林业局政府信息公开工作报告", 2018, "云川县林业局"),
    ("2024年1月云川县林业局政府信息公开工作年度报告", None, "云川县林业局"),
]


@pytest.mark.parametrize(("title", "year", "publisher"), REPORTS)
def test_reports_are_kept(title, year, publisher):
    verdict = judge_row(title)
    assert (verdict.keep, verdict.kind, verdict.reason) == (True, "disclosure", None)


@pytest.mark.parametrize(("title", "year", "publisher"), REPORTS)
def test_a_title_gives_its_year(title, year, publisher):
    assert judge_row(title).year == year


@pytest.mark.parametrize(("title", "year", "publisher"), REPORTS)
def test_a_title_gives_its_publisher(title, year, publisher):
    assert judge_row(title).publisher == publisher


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("关于做好2025年政府信息公开工作年度报告编制和发布工作的通知", "notice"),
        ("关于2014年政府信息公开工作要点落实情况的函", "notice"),
        ("关于印发政府信息公开工作年度报告格式的通知", "notice"),
        ("关于报送2018年政府信息公开年度报告的通知", "notice"),
        ("2022年政府信息公开第三方评估结果", "notice"),
        ("政府信息公开工作年度报告格式（模板）", "notice"),
        ("云川县林业局2023年政府信息公开工作年度报告（模板）", "notice"),
        ("2023年政府信息公开工作年度报告【参考样式】", "notice"),
        ("一图读懂2023年政府信息公开工作年度报告", "infographic"),
        ("图解：云川县2022年政府信息公开年报", "infographic"),
        ("2023年政府信息公开工作年度报告解读", "infographic"),
        ("云川县2023年法治政府建设年度报告", "rule-of-law"),
        ("2015年依法行政工作报告", "rule-of-law"),
        ("2022年国民经济和社会发展统计公报", "statistics"),
        ("云川统计年鉴2020", "statistics"),
        ("云川县人民政府网站2021年度工作报表", "website-report"),
        ("政府网站工作年度报表(2021年度)", "website-report"),
        ("2022年政务新媒体年度报告", "website-report"),
        ("云川县林业局2023年部门决算公开", "budget"),
        ("2024年度部门预算及三公经费", "budget"),
        ("2022年项目绩效自评报告", "budget"),
        ("事业单位法人年度报告书（2022年度）", "other-annual"),
        ("住房公积金2022年年度报告", "other-annual"),
        ("2022年知识产权白皮书", "other-annual"),
        ("云川大学2019-2020学年信息公开年度报告", "other-annual"),
        ("2023年政府工作报告", "other-annual"),
        ("2023年政务公开工作要点", "plan"),
        ("2024年政务公开实施方案", "plan"),
        ("2021年政务公开工作总结", "summary"),
        ("云川县政府信息公开指南", "guide"),
        ("政府信息公开制度", "guide"),
        ("政府信息公开情况统计表", "appendix"),
        ("附件2", "appendix"),
        ("云川县召开年度工作会议", "off-topic"),
        ("春节放假安排", "off-topic"),
        ("", "off-topic"),
    ],
)
@pytest.mark.parametrize("column", [False, True])
def test_lookalikes_are_rejected_with_their_reason(title, reason, column):
    verdict = judge_row(title, in_report_column=column)
    assert (verdict.keep, verdict.reason) == (False, reason)


@pytest.mark.parametrize(
    "title",
    [
        "2020年度",
        "2019年",
        "[2018年]",
        "松树街道办事处年报",
        "云川县林业局2022年年度报告",
        "司法局2023年报告",
        "云川县卫健局2021年度报告",
        "林业局2020年政务公开情况",
    ],
)
def test_a_report_column_makes_short_titles_plausible(title):
    assert judge_row(title, in_report_column=True).keep
    assert judge_row(title, in_report_column=True).kind == "disclosure"


def test_a_year_in_the_address_counts_when_the_title_has_none():
    assert (
        judge_row("林业局年报", url="/module/xxgk/xxgkAnnualReport.jsp?fbtime=2015&area=1", in_report_column=True).year
        == 2015
    )


def test_summaries_counted_as_reports_before_2019_only():
    assert judge_row("云川县林业局2011年政府信息公开工作总结").keep
    assert not judge_row("云川县林业局2021年政府信息公开工作总结").keep


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("统计期限自2019年1月1日至12月31日", 2019),
        ("统计数据从 2023 年 1 月 1 日至 12 月 31 日", 2023),
        ("2017年1月1日起至2017年12月31日止", 2017),
        ("截止20101231日", 2010),
        ("截至2018年1231日", 2018),
        ("二〇一二年一月一日至十二月三十一日", None),
        ("没有期限", None),
    ],
)
def test_the_period_names_the_year(text, year):
    assert period_in(text) == year


@pytest.mark.parametrize("title", ["公开工作年度报告", "12345", "2020-2021学年", "第1999号"])
def test_no_year_where_none_is(title):
    assert year_in(title) in {None, 2020}


def test_titles_are_tidied():
    assert tidy_title(" 云川县 <b>2023</b> 年\xa0政府信息公开\n年报 ") == "云川县2023年政府信息公开年报"
    assert tidy_title("A B 报告") == "A B报告"


@given(st.text(max_size=200))
def test_any_title_gets_a_verdict(title):
    verdict = judge_row(title)
    assert verdict.keep == (verdict.reason is None)
    assert publisher_in(title) is None or len(publisher_in(title)) >= 2
