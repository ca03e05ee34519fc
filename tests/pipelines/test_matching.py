"""Labels are compared by keys, and a damaged sequence of them is put in the form's order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.matching import align, enumerator, folded, key, similarity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（三）不予公 开", "不予公开"),
        ("三、 本 年 度办理结果", "本年度办理结果"),
        ("1.属于国家秘密", "属于国家秘密"),
        ("1、属于国家秘密", "属于国家秘密"),
        ("㈢不予公开", "不予公开"),
        ("其中：主动公开规范性文件数", "主动公开规范性文件数"),
        ("危及“三安全一稳定”", "危及三安全一稳定"),
        ("一、（一）收到申请数", "收到申请数"),
    ],
)
def test_keys_lose_numbers_spaces_and_marks(text, expected):
    assert key(text) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("（三）不予公开", "(三)"), ("3. 要求提供公", "3."), ("四、结转", "四、"), ("开出版物", ""), ("2023年", "")],
)
def test_enumerators(text, number):
    assert enumerator(text) == number


def test_a_cut_a_misspelt_and_an_instructed_label_are_alike():
    assert similarity("其他法律行政止公开", "其他法律行政法规禁止公开") > 0.6
    assert similarity("要求提供公", "要求提供公开出版物") > 0.6
    assert similarity("规范性文件填写说明见后", "规范性文件") > 0.8
    assert similarity("其他", "其他处理") == 0.0
    assert similarity("行政许可", "自然人") == 0.0


@given(st.text("一二三四五、.（）() 12其中：申请ＡＢ①〔〕", max_size=40))
def test_keys_are_stable_and_bare(text):
    assert folded(folded(text)) == folded(text)
    assert not any(char.isspace() or char in "()（）、.：" for char in key(text))


def test_alignment_keeps_the_order_and_skips_strangers():
    scores = [[1.0, 0, 0], [0, 0, 0], [0, 0.7, 1.0], [0, 1.0, 0.7]]
    assert align(scores) == [0, None, 2, None] or align(scores) == [0, None, 1, 2]


@given(st.lists(st.lists(st.sampled_from([0.0, 0.65, 1.0]), min_size=4, max_size=4), max_size=8))
def test_alignment_is_monotone(scores):
    chosen = [j for j in align(scores) if j is not None]
    assert chosen == sorted(set(chosen))
