"""Pages whose text is a string in a script: read, compared and left alone as any page's text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.convert.web.scripted import unfolded
from pipelines.glance import glance
from pipelines.read import read_payload

PAGE = (
    '<html><head><title>x</title><script>window._CONFIG = {{ SID: "1", DETAIL: {{ id: 9, title: "t", content: {} }} }};'
    "</script></head><body><div class='box'></div></body></html>"
)
TEXT = "<p>云岫市商务局2023年政府信息公开工作年度报告</p><p>根据《中华人民共和国政府信息公开条例》，统计期限自2023年1月1日至12月31日。主动公开政府信息{}条。</p>"


def page(text: str) -> bytes:
    escaped = json.dumps(text).replace("<", "\\u003C").replace(">", "\\u003E")
    return PAGE.format(escaped).encode()


def test_the_text_of_a_script_is_read() -> None:
    found = read_payload(page(TEXT.format(12)), url="http://www.a.gov.cn/gkmlpt/content/1/1/post_1.html")
    assert "主动公开政府信息12条" in found.conversion.blocks[1].text
    assert found.publisher == "云岫市商务局"


def test_an_edit_inside_the_script_is_seen_at_a_glance() -> None:
    assert glance(page(TEXT.format(12))) == glance(page(TEXT.format(12)))
    assert glance(page(TEXT.format(12))) != glance(page(TEXT.format(13)))


@pytest.mark.parametrize(
    "text", ["", "<p>x</p>", "_CONFIG DETAIL", "_CONFIG = {DETAIL: {content: 5}}", '_CONFIG = {DETAIL: {content: "x']
)
def test_any_other_page_is_left_as_it_is(text) -> None:
    assert unfolded(text) == text


@given(st.text(max_size=200))
def test_nothing_is_lost(text) -> None:
    whole = PAGE.format(json.dumps(text))
    assert text in unfolded(whole)
