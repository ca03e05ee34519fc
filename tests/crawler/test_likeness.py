"""Other pages than the one asked for: the home page, a wrong address's answer, a cloned copy; and what a home page says it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Portal
from crawler.exceptions import UsageError
from crawler.likeness import alike, pieces, tainted, title
from crawler.resolver import address_of, read_given
from crawler.signs import contradiction, division_of, page_of

BODY = "<html><head><title>云岫省商务厅</title></head><body><p>" + "首页要闻公开办事互动" * 20 + "{}</p></body></html>"


def test_counters_and_dates_make_no_difference() -> None:
    one, other = BODY.format("访问量 12345 次").encode(), BODY.format("访问量 99 次 2024-03-01").encode()
    assert alike(pieces(one), pieces(other))


def test_another_text_is_another_page() -> None:
    report = "<html><head><title>云岫省商务厅</title></head><body>本报告依据条例编制，统计期限自2023年1月1日起。</body></html>"
    assert not alike(pieces(BODY.encode()), pieces(report.encode()))
    assert title(report.encode()) == title(BODY.encode()) == "云岫省商务厅".encode()


@given(st.text(max_size=400))
def test_a_page_is_like_itself(text) -> None:
    body = text.encode("utf-8", "replace")
    assert alike(pieces(body), pieces(body))


@pytest.mark.parametrize(
    ("body", "is_tainted"),
    [
        ("政府信息公(gong)開(kai)年(nian)报", True),
        ("政府信息公（gong）開（kai）年（nian）报", True),
        ("第一条(a)第二条(b)", False),
        ('<meta name="SiteDomain" content="www.b.gov.cn"/>', False),
    ],
)
def test_cloned_copies(body, is_tainted) -> None:
    assert (tainted(body.encode()) is not None) is is_tainted


def said(name="", code=""):
    tags = f'<meta NAME="sitename" content="{name}"/><meta name="SiteIDCode" content="{code}"/>'
    return page_of("http://www.a.gov.cn/", f"<html><head>{tags}</head><body>x</body></html>".encode())


ENTRY = Portal(
    "nx-a", "宁夏回族自治区商务厅", "http://www.a.gov.cn/", division="640000", publisher="宁夏回族自治区商务厅"
)


@pytest.mark.parametrize(("page", "contradicts"), [
    (said("宁夏回族自治区商务厅", "6400000012"), False),
    (said("宁夏商务厅"), False),
    (said("溆浦县人民政府"), True),
    (said("宁夏回族自治区商务厅", "5001070012"), True),
    (said("", "bm14000002"), False),
    (said(), False),
])  # fmt: skip
def test_a_home_page_that_contradicts_the_register(page, contradicts) -> None:
    assert (contradiction(ENTRY, page) is not None) is contradicts


def test_a_code_is_ten_digits() -> None:
    assert division_of(said(code="6405020001")) == "640502"
    assert division_of(said(code="28")) is None


def test_an_address_given_by_the_user() -> None:
    given_ = (read_given("*.gov.test=127.0.0.1"), read_given("www.a.gov.cn=203.0.113.7"))
    assert address_of("WWW.trs.gov.test", given_) == "127.0.0.1"
    assert address_of("www.a.gov.cn", given_) == "203.0.113.7"
    assert address_of("www.b.gov.cn", given_) is None


@pytest.mark.parametrize("text", ["", "x", "=127.0.0.1", "a=b", "a="])
def test_what_is_no_address(text) -> None:
    with pytest.raises(UsageError, match="write it like"):
        read_given(text)
