"""Bytes become text in one place, whatever the page declares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.convert.decoding import charset_of, decode, file_name

TEXT = "政府信息公开工作年度报告，堃、喆、䶮：〔2019〕１号①Ⅳ"


@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "gbk", "iso-8859-1", None, "nonsense"])
@pytest.mark.parametrize("actual", ["utf-8", "gb18030", "utf-16", "utf-8-sig"])
def test_a_wrong_declaration_changes_nothing(actual, declared):
    page = f'<meta charset="{declared or "gb2312"}"><p>{TEXT}</p>'
    assert decode(page.encode(actual), declared)[0] == page


def test_big5_needs_its_declaration():
    text = "政府資訊公開年度報告書內容說明"
    assert decode(f'<meta charset="big5">{text}'.encode("big5"))[0].endswith(text)


def test_one_flipped_byte_does_not_cost_the_page():
    payload = bytearray(("政府信息公开工作年度报告。" * 200).encode())
    payload[1000] = 0xFF
    text, charset = decode(bytes(payload))
    assert charset == "utf-8"
    assert text.count("政府信息公开") >= 199


@given(st.binary(max_size=400))
def test_any_bytes_decode(payload):
    assert isinstance(decode(payload)[0], str)


@given(st.text(max_size=200).filter(lambda t: not t.startswith("\ufeff")))
def test_utf8_is_exact(text):
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        return
    if not payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert decode(payload)[0] == text


def test_charsets_and_names():
    assert charset_of("text/html; charset=GBK") == "GBK"
    assert charset_of(None) is None
    assert file_name("年报.doc".encode("gb18030")) == "年报.doc"
    assert file_name("年报.doc".encode()) == "年报.doc"
