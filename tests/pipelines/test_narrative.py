"""Figures in prose, with their span and sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.narrative import read_narrative


@pytest.mark.parametrize(
    ("text", "indicator", "value"),
    [
        ("2017年共受理政府信息公开申请67件，均按时办结。", "applications.received.total", 67),
        ("全年收到公民提出的政府信息公开申请 3 件。", "applications.received.total", 3),
        ("2013年我局共收到依申请公开12件。", "applications.received.total", 12),
        ("全年未收到政府信息公开申请。", "applications.received.total", 0),
        ("我局没有收到依申请公开申请。", "applications.received.total", 0),
        ("其中信函申请12份，当面提交1份，网上54份。", "applications.received.by_mode.letter", 12),
        ("其中信函申请12份，当面提交1份，网上54份。", "applications.received.by_mode.in_person", 1),
        ("其中信函申请12份，当面提交1份，网上54份。", "applications.received.by_mode.online", 54),
        ("全年主动公开各类政务信息1723条。", "disclosure.items.total", 1723),
        ("共主动公开政府信息1,234条。", "disclosure.items.total", 1234),
        ("主动公开规范性文件41件。", "disclosure.items.normative_docs", 41),
        ("举办5次新闻发布会。", "response.press_conferences", 5),
        ("目前未收到有关行政复议申请和行政诉讼通知。", "review.total", 0),
        ("目前未收到有关行政复议申请和行政诉讼通知。", "litigation.total", 0),
        ("所受理申请均未收取任何费用。", "applications.fees", 0),
        ("25件同意公开。", "applications.replied.granted", 25),
    ],
)
def test_plain_wordings(text, indicator, value):
    found = {o.indicator: o for o in read_narrative(text)}
    assert found[indicator].value == value
    assert found[indicator].status == "text"
    assert text[found[indicator].where.start : found[indicator].where.end] == found[indicator].raw
    assert found[indicator].where.sentence


GOVERNMENT = (
    "2016年，全市共收到政府信息公开申请345件，其中，当面申请12件、网络申请301件、信函申请32件。申请内容主要涉及征地拆迁等方面。"
    "已全部办结，其中按时办结340件，延期办结5件。答复中，属于已主动公开范围的45件，同意公开的123件，同意部分公开的12件，"
    "不同意公开的8件（涉及国家秘密1件，商业秘密2件，个人隐私5件），不属于本机关公开的98件，申请信息不存在的50件，"
    "告知作出更改补充的6件，告知通过其他途径办理的3件。"
)
REPLIES = {
    "already_public": 45, "granted": 123, "partial": 12, "refused": 8, "refused.state_secret": 1,
    "refused.trade_secret": 2, "refused.privacy": 5, "not_this_agency": 98, "not_exist": 50, "asked_to_amend": 6,
    "other_channel": 3,
}  # fmt: skip


def values(text, **options):
    return {o.indicator: o.value for o in read_narrative(text, **options)}


def test_a_government_s_paragraph_gives_every_figure():
    replied = {f"applications.replied.{name}": value for name, value in REPLIES.items()}
    assert values(GOVERNMENT, government=True) == replied | {
        "applications.received.total": 345,
        "applications.received.by_mode.in_person": 12,
        "applications.received.by_mode.online": 301,
        "applications.received.by_mode.letter": 32,
        "applications.closed.on_time": 340,
        "applications.closed.extended": 5,
    }


def test_a_department_does_not_report_for_the_whole_city():
    assert "applications.received.total" not in values(GOVERNMENT)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "全年共收到依申请公开10件，通过网络、信函、当面提交的申请分别为5件、3件、2件。",
            {
                "received.total": 10,
                "received.by_mode.online": 5,
                "received.by_mode.letter": 3,
                "received.by_mode.in_person": 2,
            },
        ),
        (
            "受理政府信息公开申请二十五件。其中，当面申请10件，占40%；网上申请15件，占60%。",
            {"received.total": 25, "received.by_mode.in_person": 10, "received.by_mode.online": 15},
        ),
        (
            "答复信息公开申请：25件同意公开，2件非本机关政府信息、26件申请信息不存在，告知作出更改补充4件。",
            {"replied.granted": 25, "replied.not_this_agency": 2, "replied.not_exist": 26, "replied.asked_to_amend": 4},
        ),
        ("收到政府信息公开申请3件，比上年增加1件。", {"received.total": 3}),
        ("本年度共收取依申请公开检索、复制、邮寄等费用共计356元。", {"fees": 356}),
    ],
)
def test_lists_and_paragraphs(text, wanted):
    assert values(text) == {f"applications.{name}": value for name, value in wanted.items()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "截至2013年底，我局累计主动公开政府信息3456条，其中2013年新增主动公开政府信息567条。",
            {"disclosure.items.total": 567},
        ),
        ("发生政府信息公开行政复议2件，行政诉讼1件，其中维持1件。", {"review.total": 2, "litigation.total": 1}),
        (
            "政务微博公开政府信息320条，政府公报公开政府信息12条。",
            {"disclosure.channel.weibo": 320, "disclosure.channel.gazette": 12},
        ),
        ("没有因政府信息公开申请行政复议、提起行政诉讼的情况。", {"review.total": 0, "litigation.total": 0}),
        (
            "设立政府信息公开查阅点3个，配备专职人员2名，兼职人员5名。",
            {"resources.reading_points": 3, "resources.staff.full_time": 2, "resources.staff.part_time": 5},
        ),
    ],
)
def test_other_matters(text, wanted):
    assert values(text) == wanted


@pytest.mark.parametrize(
    ("text", "raw"), [("主动公开政府信息1.2万余条。", "1.2万余"), ("主动公开政府信息约2300条。", "2300")]
)
def test_an_approximate_number_is_kept_without_a_value(text, raw):
    (found,) = read_narrative(text)
    assert (found.value, found.raw) == (None, raw)


def test_ten_thousands_are_counted():
    assert values("主动公开政府信息1.2万条。") == {"disclosure.items.total": 12000}


@pytest.mark.parametrize(
    "text",
    [
        "去年共受理政府信息公开申请60件。",
        "其中，共受理政府信息公开申请5件由某局办理。",
        "收到投诉227份，咨询176份。",
        "历年累计主动公开政府信息9999条。",
        "2017年召开会议3次。",
        "门户网站及时发布各类信息2300条。",
    ],
)
def test_other_years_parts_and_matters_are_not_taken(text):
    assert read_narrative(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "截至2022年12月31日，本街道本年度累计主动公开政府信息75条。",
        "截至12月底，我局全年累计主动公开政府信息75条。",
        "截至2022年12月31日，当年累计公开各类信息75条。",
        "截止12月31日，2022年累计主动公开政府信息75条。",
        "截至2022年12月31日本年度累计主动公开政府信息75条。",
        "截至2022年底，历年累计主动公开政府信息900条，本年累计主动公开政府信息75条。",
    ],
)
def test_this_year_s_sum_is_this_year_s_whatever_day_it_is_taken(text):
    assert values(text) == {"disclosure.items.total": 75}


@pytest.mark.parametrize(
    "text",
    [
        "截至2022年12月31日，我局累计主动公开政府信息900条。",
        "截至本年底，累计主动公开政府信息900条。",
        "截至本年度末累计主动公开政府信息900条。",
        "截至目前，从2008年到本年度累计主动公开政府信息900条。",
        "自条例施行以来，至2022年累计主动公开政府信息900条。",
    ],
)
def test_a_sum_of_all_years_is_not_taken(text):
    assert read_narrative(text) == ()


def test_known_indicators_are_left_out():
    assert read_narrative("共受理政府信息公开申请67件。", {"applications.received.total"}) == ()


def test_modern_reports_give_no_codes_of_2014():
    assert [o.indicator for o in read_narrative("主动公开规范性文件41件，收到政府信息公开申请2件。", legacy=False)] == [
        "applications.received.total"
    ]


@given(st.text("收到申请政府信息公开件条0123，。其中未 ", max_size=200))
def test_any_text_is_survived_and_spans_fit(text):
    for o in read_narrative(text):
        assert text[o.where.start : o.where.end] == o.raw


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2011年主动公开政府信息300条，2012年主动公开政府信息420条。", 420),
        ("二〇一一年主动公开政府信息300条，二〇一二年主动公开政府信息420条。", 420),
        ("2012年主动公开政府信息420条，2011年主动公开政府信息300条。", 420),
        ("2011年全年主动公开政府信息300条。", None),
        ("2012年以来，我局主动公开政府信息共1200条。", None),
        ("今年以来，我局主动公开政府信息共120条。", 120),
        ("2008年至2012年，主动公开政府信息1200条。", None),
        ("2012年1月1日至12月31日，主动公开政府信息420条。", 420),
        ("2012年1至12月，主动公开政府信息420条。", 420),
        ("2012年1-6月主动公开政府信息42条，全年主动公开政府信息420条。", 420),
        ("上半年主动公开政府信息42条。", None),
        ("2012年5月，主动公开政府信息42条。", None),
        ("2012年5月，我局修订了指南，共主动公开政府信息420条。", 420),
        ("按照《2011年工作要点》，共主动公开政府信息420条。", 420),
        ("根据2011年政府信息公开工作要点，共主动公开政府信息420条。", 420),
        ("与2011年相比，主动公开政府信息420条，增加20条。", 420),
        ("我局网上年报公布后，主动公开政府信息420条。", 420),
        ("计划2013年主动公开政府信息600条。", None),
        ("计划主动公开政府信息600条。", None),
        ("力争明年主动公开政府信息达到600条以上。", None),
        ("按要求主动公开政府信息应不少于50条。", None),
        ("按要求主动公开政府信息50条。", 50),
    ],
)
@pytest.mark.parametrize("publisher", [None, "云川县林业局"])
def test_only_the_report_s_year_is_taken_and_all_of_it(text, wanted, publisher):
    assert values(text, year=2012, publisher=publisher).get("disclosure.items.total") == wanted


def test_without_the_report_s_year_the_latest_named_is_it():
    assert values("2011年收到信息公开申请8件；2012年收到信息公开申请15件。") == {"applications.received.total": 15}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我局收到信息公开申请9件。", 9),
        ("局机关收到信息公开申请9件。", 9),
        ("云川县林业局全年收到信息公开申请9件。", 9),
        ("2012年，县林业局共收到信息公开申请9件。", 9),
        ("县局收到信息公开申请9件。", 9),
        ("市局收到信息公开申请150件，转办我局15件。", None),
        ("市局高度重视，我局收到信息公开申请9件。", 9),
        ("县教育局收到信息公开申请9件，县公安局收到信息公开申请6件。", None),
        ("各乡镇收到信息公开申请9件。", None),
        ("下属事业单位收到信息公开申请9件。", None),
        ("我局所属单位收到信息公开申请9件。", None),
        ("各乡镇均未收到信息公开申请。", None),
        ("县教育局未收到信息公开申请。", None),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_figures_of_other_bodies_are_not_taken(text, wanted, known):
    named = "" if known else "云川县林业局\n2012年政府信息公开工作年度报告\n"
    found = values(named + text, year=2012, publisher="云川县林业局" if known else None)
    assert found.get("applications.received.total") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("没有收到不予公开的申请，共收到信息公开申请15件。", 15),
        ("未收到书面申请，收到网上信息公开申请3件。", None),
        ("未收到书面政府信息公开申请。", None),
        ("未收到任何书面、网络等形式的政府信息公开申请。", 0),
        ("下半年未收到政府信息公开申请，上半年收到信息公开申请7件。", None),
        ("上年度未收到政府信息公开申请，本年度收到信息公开申请2件。", 2),
        ("自条例施行以来，我局未收到政府信息公开申请。", 0),
        ("未收到信息公开申请。收到转办的信息公开申请3件。", 3),
        ("没有收到对政府信息公开申请的投诉。", None),
        ("第一季度收到信息公开申请4件，第二季度收到信息公开申请5件。", None),
        ("收到信息公开申请4件。全年共收到信息公开申请9件。", 9),
        ("全年共收到信息公开申请9件。收到信息公开申请4件。", 9),
    ],
)
def test_what_is_denied_is_none_of_all_in_the_whole_year(text, wanted):
    assert values(text, year=2012).get("applications.received.total") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("依申请公开收费标准为每页收取费用2元。", {}),
        ("依申请公开收取费用2元/页。", {}),
        ("依申请公开未收取检索费，收取复印费20元。", {"applications.fees": 20}),
        ("未收到信息公开申请，行政复议2件，行政诉讼1件。", {"applications.received.total": 0, "review.total": 2, "litigation.total": 1}),
        ("组织政府信息公开培训3次。公文培训参加培训500人次。", {"training.courses": 3}),
    ],
)  # fmt: skip
def test_prices_and_other_matters_are_no_figures(text, wanted):
    assert values(text, year=2012) == wanted
