"""Output: readable for people, pure for programs, harmless for terminals and spreadsheets."""

from __future__ import annotations

import argparse
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import output

ROWS = [{"a": "商务厅", "b": None, "c": [1]}, {"a": "x", "b": 0, "c": []}]


def options(**more) -> argparse.Namespace:
    return argparse.Namespace(**{"json": False, "nl": False, "csv": False, **more})


def test_json_is_one_pure_array_with_chinese_as_it_is(capsys) -> None:
    output.emit(ROWS, options(json=True), ("a",), empty="none")
    found = capsys.readouterr()
    assert json.loads(found.out) == ROWS
    assert "商务厅" in found.out
    assert found.err == ""


def test_an_empty_listing_is_an_empty_array_or_a_sentence(capsys) -> None:
    output.emit([], options(json=True), ("a",), empty="none")
    assert capsys.readouterr().out.strip() == "[]"
    output.emit([], options(), ("a",), empty="none")
    found = capsys.readouterr()
    assert (found.out, found.err) == ("", "none\n")


def test_nl_is_one_object_a_line(capsys) -> None:
    output.emit(ROWS, options(nl=True), ("a",), empty="")
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == ROWS


def test_a_table_counts_wide_characters_as_two(capsys) -> None:
    output.emit(ROWS, options(), ("a", "b"), empty="")
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("商务厅")
    assert output.width("商务厅") == 6


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\tx", "\rx"])
def test_no_csv_cell_is_a_formula(text) -> None:
    assert str(output.safe_cell(text)).startswith("'")


@pytest.mark.parametrize("value", [-1, 3.5, 0, None, "-1", "+4", "-3,242.8"])
def test_numbers_stay_numbers(value) -> None:
    assert output.safe_cell(value) == value


@given(st.text())
def test_nothing_printed_on_a_terminal_moves_its_cursor(text) -> None:
    found = output.clean(text)
    assert "\x1b" not in found
    assert "\n" not in found
    assert "\r" not in found
    assert "\u202e" not in found


@given(st.text(), st.integers(2, 40))
def test_a_clipped_text_fits(text, room) -> None:
    assert output.width(output.clip(text, room)) <= room
