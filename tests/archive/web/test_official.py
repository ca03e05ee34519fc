"""Figures laid out as the official forms: each stands in its cell once, and a blank is not a zero."""

from __future__ import annotations

import pytest

from archive import forms
from archive.web.official import laid_out


def rows(form: str, **values) -> list[dict]:
    """Observations of every indicator of a form, some with other values."""
    found = []
    for number, code in enumerate(forms.indicators(form), 1):
        value = values.get(code, number)
        found.append(
            {
                "id": number,
                "indicator": code,
                "value": value,
                "status": "ok" if value is not None else "blank",
                "raw": "" if value is None else str(value),
            }
        )
    return found


def cells(tables) -> dict:
    return {
        cell.code: cell for table in tables for block in table.blocks for line in block.lines for cell in line.cells
    }


@pytest.mark.parametrize("form", forms.FORMS)
def test_every_indicator_of_a_form_stands_in_one_cell(form) -> None:
    tables, others = laid_out(rows(form), [], form)
    assert others == []
    assert {table.form for table in tables} == {form}
    found = cells(tables)
    assert set(found) == set(forms.indicators(form))
    assert {cell.observation["id"] for cell in found.values()} == set(range(1, len(found) + 1))


def test_marks_tell_blank_zero_doubt_and_error() -> None:
    codes = list(forms.indicators("2021"))
    observed = rows("2021", **{codes[0]: None, codes[1]: 0})
    observed[2]["status"] = "ambiguous"
    findings = [
        {"indicators": [codes[3]], "level": "error", "message": "e"},
        {"indicators": [codes[4]], "level": "warning", "message": "w"},
    ]
    found = cells(laid_out(observed, findings, "2021")[0])
    assert [found[code].mark for code in codes[:6]] == ["blank", "zero", "doubt", "wrong", "doubt", "figure"]
    assert found[codes[3]].doubts == ("e",)


def test_what_was_not_found_is_an_empty_cell() -> None:
    observed = [row for row in rows("2021") if row["indicator"] != "applications.received.total"]
    cell = cells(laid_out(observed, [], "2021")[0])["applications.received.total"]
    assert cell.observation is None
    assert cell.mark == "none"


def test_figures_of_no_form_are_listed_apart() -> None:
    own = {"id": 9999, "indicator": "local:培训次数", "value": 3, "status": "ok", "raw": "3"}
    _, others = laid_out([*rows("2019"), own], [], "2019")
    assert others == [own]


def test_the_table_stands_before_the_text() -> None:
    said = {"id": 9999, "indicator": "applications.received.total", "value": 31, "status": "text", "raw": "31"}
    cell = cells(laid_out([said, *rows("2021")], [], "2021")[0])["applications.received.total"]
    assert cell.observation["id"] != 9999
    assert [row["id"] for row in cell.others] == [9999]


def test_figures_from_the_text_alone_make_no_table() -> None:
    said = {"id": 1, "indicator": "applications.received.total", "value": 31, "status": "text", "raw": "31"}
    assert laid_out([said], [], "free") == ([], [said])


def test_tables_of_a_mixed_report_follow_their_own_forms() -> None:
    mixed = [row for row in rows("2019") if row["indicator"].startswith("disclosure")]
    mixed += [row for row in rows("2021") if not row["indicator"].startswith("disclosure")]
    tables, others = laid_out(mixed, [], "mixed")
    assert others == []
    assert {table.id: table.form for table in tables}["disclosure"] == "2019"
    assert {table.id: table.form for table in tables}["applications"] == "2021"
