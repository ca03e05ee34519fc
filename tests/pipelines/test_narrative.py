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
