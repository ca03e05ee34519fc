"""A cell's text becomes a value only when it certainly is one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.values import chinese_number, parse_value


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("0", 0, None),
        ("95", 95, None),
        ("9487", 9487, None),
        ("-1", -1, None),
        ("－２", -2, None),
        ("−3", -3, None),
        ("+4", 4, None),
        ("增10", 10, None),
        ("减2", -2, None),
        ("增加10项", 10, "项"),
        ("减少3", -3, None),
        ("１２３", 123, None),
        ("3242.8 万元", 3242.8, "万元"),
        ("1276.5534万元", 1276.5534, "万元"),
        ("251000元", 251000, "元"),
        ("75394432.52元", 75394432.52, "元"),
        ("3,242.8", 3242.8, None),
        ("3，242", 3242, None),
        ("3 242.8", 3242.8, None),
        ("0\xa0\xa0\xa0\xa0\xa0\xa0\xa0", 0, None),
        ("　12　", 12, None),
        ("5（件）", 5, "件"),
        ("80.4%", 80.4, "%"),
        ("-0", 0, None),
        ("1,234,567", 1234567, None),
    ],
)
def test_numbers_are_read_with_their_sign_and_unit(text, number, unit):
    value = parse_value(text)
    assert (value.kind, value.number, value.unit) == ("number", number, unit)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "blank"),
        ("\xa0　 \n", "blank"),
        ("-", "dash"),
        ("—", "dash"),
        ("/", "dash"),
        ("——", "dash"),
        ("无", "none"),
        ("暂无", "none"),
        ("9 5", "text"),
        ("9\n5", "text"),
        ("1,23", "text"),
        ("12,3456", "text"),
        ("3/5", "text"),
        ("约30", "text"),
        ("①", "text"),
        ("3²", "text"),
        ("一", "text"),
        ("13575394432.52元5", "text"),
        ("1.2.3", "text"),
        ("5-6", "text"),
        ("--5", "text"),
        ("五件", "text"),
    ],
)
def test_what_is_no_number_says_what_it_is(text, kind):
    value = parse_value(text)
    assert value.kind == kind
    assert value.number is None


@given(st.integers(-(10**12), 10**12))
def test_every_integer_reads_as_itself(number):
    assert parse_value(str(number)).number == number
    assert parse_value(f"{number:,}").number == number


@given(st.text(max_size=40))
def test_any_text_gives_a_value_and_a_number_only_for_numbers(text):
    value = parse_value(text)
    assert (value.number is not None) == (value.kind == "number")
    assert value.raw in text


@given(st.integers(0, 999), st.integers(0, 999))
def test_two_numbers_in_a_cell_are_never_made_one(first, second):
    value = parse_value(f"{first}\n{second}")
    assert value.number is None or len(str(second)) == 3


@pytest.mark.parametrize(
    "text", ["1" * 1_000_000, "1," * 500_000, " " * 1_000_000 + "x", "增" * 1_000_000, "-" * 1_000_000, "(" * 1_000_000]
)
def test_hostile_text_takes_no_time(text):
    start = time.perf_counter()
    parse_value(text)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("text", "number"),
    [("五", 5), ("两", 2), ("十", 10), ("十二", 12), ("二十五", 25), ("一百零三", 103), ("三千二百一十", 3210), ("一二", None), ("百千", None), ("", None), ("件", None)],
)  # fmt: skip
def test_chinese_numerals(text, number):
    assert chinese_number(text) == number
