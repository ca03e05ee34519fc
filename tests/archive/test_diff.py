"""Differences of texts: by words, characters in Chinese, paragraphs matched by likeness."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.diff import word_diff

LINES = st.lists(st.text("一二三甲乙12 。", max_size=6), max_size=7)


def joined(rows, sorts: str) -> list[str]:
    return ["".join(text for sort, text in row["runs"] if sort in sorts) for row in rows]


def test_numbers_are_one_word_and_chinese_goes_by_characters() -> None:
    rows = word_diff(["全年收到申请 105 件。"], ["全年收到申请 106 件。"])
    assert rows == [{"paragraph": 1, "runs": [["=", "全年收到申请 "], ["-", "105"], ["+", "106"], ["=", " 件。"]]}]


def test_a_new_paragraph_beside_a_changed_one_is_not_taken_for_it() -> None:
    before = ["一、总体情况。本年度工作有序推进。", "二、收到申请5件。"]
    after = ["新增的一段说明与其他无关。", "一、总体情况。本年度工作有序推进，成效明显。", "二、收到申请5件。"]
    rows = word_diff(before, after)
    assert [row["paragraph"] for row in rows] == [1, 2]
    assert joined(rows, "=") == ["", "一、总体情况。本年度工作有序推进。"]
    assert joined(rows, "+") == ["新增的一段说明与其他无关。", "，成效明显"]


def test_a_paragraph_that_was_taken_out_is_all_gone() -> None:
    rows = word_diff(["甲。", "乙乙乙。", "丙。"], ["甲。", "丙。"])
    assert joined(rows, "-") == ["乙乙乙。"]
    assert joined(rows, "+=") == [""]


@given(before=LINES, after=LINES)
def test_the_runs_give_back_both_texts(before, after) -> None:
    rows = word_diff(before, after)
    kept_before, kept_after = joined(rows, "-="), joined(rows, "+=")
    changed_before = [line for line in before if line]
    changed_after = [line for line in after if line]
    assert all(line in changed_before for line in kept_before if line)
    assert all(line in changed_after for line in kept_after if line)
    if before == after:
        assert rows == []
    else:
        common = [line for line in before if line and line not in kept_before]
        assert [line for line in common if line in after] == common
