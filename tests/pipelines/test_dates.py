"""Dates as portals write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dates import arabic, beijing_day, date_in_url, last_date, read_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2020-01-22 16:20", "2020-01-22T08:20:00Z"),
        ("2026-06-15 09:00:00", "2026-06-15T01:00:00Z"),
        ("2026-03-25", "2026-03-25"),
        ("2026年09月24日 15:30", "2026-09-24T07:30:00Z"),
        ("2026-09-28-21:50:00", "2026-09-28T13:50:00Z"),
        ("2024/3/8", "2024-03-08"),
        ("2024.03.08", "2024-03-08"),
        ("二〇一九年一月二十日", "2019-01-20"),
        ("二○二四年一月十五日", "2024-01-15"),
        ("二〇二〇年十二月三十一日", "2020-12-31"),
        ("二〇二四年元月五日", "2024-01-05"),
        ("二0二四年一月五日", "2024-01-05"),
        ("二０二四年元月五日", "2024-01-05"),
        ("2024 年元月 5 日", "2024-01-05"),
        ("2018年1231日", "2018-12-31"),
        ("截止20101231日", "2010-12-31"),
        ("２０２０年１月２日", "2020-01-02"),
        ("2023 年 1 月 5 日", "2023-01-05"),
        ("2026-01-30T17:21:05+08:00", "2026-01-30T09:21:05Z"),
        ("2026-01-30T17:21:05Z", "2026-01-30T17:21:05Z"),
        ("Wed, 22 Jan 2020 08:20:00 GMT", "2020-01-22T08:20:00Z"),
        ("22 January 2020", "2020-01-22"),
        ("发布时间：2020-01-02 00:30", "2020-01-01T16:30:00Z"),
    ],
)
def test_forms_seen_on_pages(text, iso):
    assert read_date(text) == iso


@pytest.mark.parametrize(
    "text", ["", None, "2024年3月", "2023年", "2023-13-45", "没有日期", "12:30", "2023年2月30日", "may be 2023 or so"]
)
def test_half_a_date_is_none(text):
    assert read_date(text) is None


@given(st.dates(min_value=__import__("datetime").date(1996, 1, 1), max_value=__import__("datetime").date(2099, 12, 31)))
def test_every_day_reads_back(day):
    assert read_date(f"{day.year}年{day.month}月{day.day}日") == day.isoformat()
    assert read_date(day.isoformat()) == day.isoformat()


@given(st.text(max_size=80))
def test_any_text_is_survived(text):
    assert read_date(text) is None or len(read_date(text)) >= 10


def test_chinese_numerals_become_digits_and_nothing_else_changes():
    assert arabic("二〇一九年十一月三十日，一是二是") == "2019年11月30日，一是二是"


@pytest.mark.parametrize(
    ("url", "iso"),
    [
        ("http://a.gov.cn/x/202001/t20200122_80576.htm", "2020-01-22"),
        ("http://a.gov.cn/art/2019/3/5/a.html", "2019-03-05"),
        ("/2019/03/05/c_1.htm", "2019-03-05"),
        (None, None),
        ("/a/b", None),
        ("/x/202101/P020210122924096076618.pdf", "2021-01-22"),
    ],
)
def test_dates_in_addresses(url, iso):
    assert date_in_url(url) == iso


def test_the_signature_is_the_last_line_that_is_only_a_date():
    assert last_date(("2019年1月1日，我局成立。", "云川县林业局", "2020 年 1 月 5 日")) == "2020-01-05"
    assert (
        last_date(("自2019年1月1日至2019年12月31日止，本报告所列数据由本局统计，欢迎各界监督指正，特此报告。",)) is None
    )


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2024-01-20", "2024-01-20"), ("2020-01-01T16:30:00Z", "2020-01-02"), ("2020-01-22T08:20:00Z", "2020-01-22")],
)
def test_a_moment_belongs_to_its_day_in_beijing(moment: str, day: str) -> None:
    assert beijing_day(moment) == day


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("正文。", "二〇一九年一月"), "2019-01"),
        (("正文。", "某局", "2019年 1 月"), "2019-01"),
        (("正文。", "二○一九年一月十五日", "2019年1月"), "2019-01-15"),
        (("正文。", "2018年1231日"), "2018-12-31"),
        (("正文。", "二0二四年元月五日"), "2024-01-05"),
        (("正文。", "2019年1月至12月"), None),
        (("正文。", "2019年13月"), None),
    ],
)
def test_a_report_is_signed_with_a_day_or_a_month(lines, wanted):
    assert last_date(lines) == wanted
