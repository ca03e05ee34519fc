"""Phrases and pieces of pages: nothing is missing in a language, nothing foreign gets through."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import forms
from archive.coverage import STATES
from archive.web.exchange import Ask, BadQuestion
from archive.web.pages.search import pieces
from archive.web.render import number, shown, turned, word, words

TEMPLATES = {
    item.name: item.read_text("utf-8")
    for item in (files("archive") / "web" / "templates").iterdir()
    if item.name.endswith(".html")
}


def test_every_phrase_is_in_both_languages() -> None:
    for key, said in words().items():
        assert set(said) == {"zh", "en"}, key
        assert all(text.strip() for text in said.values()), key
        assert set(re.findall(r"\{\w+\}", said["zh"])) == set(re.findall(r"\{\w+\}", said["en"])), key


def test_every_phrase_a_template_names_is_written() -> None:
    named = {
        key for text in TEMPLATES.values() for key in re.findall(r"\bt\('([\w.-]+)'", text) if not key.endswith(".")
    }
    assert named
    assert not sorted(
        key for key in named if "." in key and key.split(".")[1] and key not in words() and not key.endswith("_")
    )


@pytest.mark.parametrize("state", [*STATES, "present", "missing", "gone", "moved", "unreachable"])
def test_every_state_has_a_name(state) -> None:
    assert word("zh", f"state.{state}") != word("en", f"state.{state}")


def test_every_heading_of_the_forms_has_an_english_name() -> None:
    for name in forms.FORMS:
        for table in forms.form(name).tables:
            for block in table.blocks:
                for head in {row.group for row in block.rows} | {block.zh, *table.groups}:
                    assert not head or f"official.{head}" in words(), head


def test_no_template_turns_escaping_off() -> None:
    for name, text in TEMPLATES.items():
        assert "|safe" not in text.replace(" ", "") or name == "series.html", name
        assert "autoescape" not in text, name
        assert "<script" not in text, name


@given(st.text())
def test_what_is_shown_holds_no_controls(text) -> None:
    found = shown(text)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", found)
    found.encode("utf-8")


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4))
def test_pieces_of_a_passage_are_the_passage(text, marks) -> None:
    inside = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in marks]
    assert "".join(piece for piece, _ in pieces(text, inside)) == text


@pytest.mark.parametrize(
    ("value", "said"), [(None, ""), (0, "0"), (1234567, "1,234,567"), (15.93, "15.93"), (3.0, "3"), (-4, "-4")]
)
def test_numbers_as_people_read_them(value, said) -> None:
    assert number(value) == said


def test_links_keep_language_and_day() -> None:
    ask = Ask(None, "/reports", query={"lang": ("en",), "at": ("2024-03-01",), "offset": ("50",)})
    assert ask.link("/search", q="公开 & x") == "/search?lang=en&at=2024-03-01&q=%E5%85%AC%E5%BC%80+%26+x"
    assert ask.link("/search", at=None) == "/search?lang=en"
    assert turned(ask, offset=None) == "/reports?lang=en&at=2024-03-01"


@pytest.mark.parametrize("text", ["x", "-1", "1e9", "9" * 30, "１２x"])
def test_a_wrong_number_is_a_bad_question(text) -> None:
    with pytest.raises(BadQuestion):
        Ask(None, "/", query={"year": (text,)}).number("year")
