"""The language of queries: what they mean, and one sentence for each that means nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.folding import fold
from archive.search_query import CHARACTERS, WORDS, QueryError, Term, Without, holds, parse, wanted, words


def matches(query: str, *texts: str) -> bool | None:
    folded = [fold(text) for text in texts]
    return holds(parse(query), lambda word: any(word in text for text in folded))


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("商务", "商务厅", True),
        ("厅", "商务厅", True),
        ("商务 公开", "信息公开 商务", True),
        ("商务 AND 外贸", "商务厅", False),
        ("商务 ＡＮＤ 厅", "商务厅", True),
        ("商务 and 厅", "商务厅", False),
        ("商务 OR 外贸", "外贸", True),
        ("商务 NOT 厅", "商务厅", False),
        ("商务 AND NOT 厅", "商务局", True),
        ("NOT NOT 商务", "商务局", True),
        ("甲 OR 乙 丙", "甲", True),
        ("甲 OR 乙 丙", "乙", False),
        ("(甲 OR 乙) 丙", "甲", False),
        ("NOT 甲 丙", "丙", True),
        ('"宁商办发〔2019〕19号"', "（宁商办发〔2019〕19号）", True),
        ("宁商办发(2019)19号", "宁商办发〔2019〕19号", True),
        ("宁商办发(2019)19号", "宁商办发19号〔2019〕", False),
        ("NOT(甲) 丙", "丙", True),
        ("丙 AND(甲 OR 乙)", "丙乙", True),
        ("（2019）", "(2019)", True),
        ("２０１９", "2019", True),
        ("“商务 厅”", "商务厅", True),
        ("(商务 OR 外贸) 公开", "外贸公开", True),
        ('"AND"', "and so", True),
        ("公开*", "公开信息", False),
        ("公开*", "公开＊信息", True),
        ("grams:公开", "公开", False),
        ("-公开", "公开", False),
        ("NEAR(公开", "公开", None),
    ],
)
def test_queries_mean_what_they_say(query: str, text: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(QueryError):
            parse(query)
    else:
        assert matches(query, text) is expected


def test_a_query_holds_over_all_paragraphs_together() -> None:
    assert matches("甲 乙", "甲", "乙") is True
    assert matches("甲 NOT 乙", "甲", "乙") is False
    assert matches('"甲乙"', "甲", "乙") is False


def test_what_is_not_known_is_left_open() -> None:
    known = {"甲": True, "乙": False}
    assert holds(parse("甲 OR 丙"), known.get) is True
    assert holds(parse("乙 丙"), known.get) is False
    assert holds(parse("甲 丙"), known.get) is None
    assert holds(parse("甲 NOT 丙"), known.get) is None
    assert holds(parse("甲 NOT 乙"), known.get) is True


def test_words_and_wanted_words() -> None:
    node = parse("甲 乙 NOT (丙 NOT 丁) 甲")
    assert words(node) == ("甲", "乙", "丙", "丁")
    assert wanted(node) == ("甲", "乙", "丁")
    assert parse("甲 NOT 乙").items == (Term("甲"), Without(Term("乙")))


@pytest.mark.parametrize(
    "query",
    [
        "", "AND", '"没有关上', "(商务", "商务)", "NOT 商务", "商务 OR", "OR 商务", "商务 AND OR 厅", "()", "   ", '""', "“”", "''",
        "\x00", "\u200b", "NOT", "NOT NOT NOT 商务", "甲 " * (WORDS + 1), "长" * (CHARACTERS + 1), "(" * 150, "x" * 100_000,
    ],
)  # fmt: skip
def test_a_broken_query_is_said_in_a_short_sentence(query: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(query)
    assert len(str(raised.value)) < 200
    assert "·" in str(raised.value)


def test_a_query_of_as_many_words_as_allowed_is_read() -> None:
    assert len(words(parse(" OR ".join(f"甲{i}" for i in range(WORDS // 2))))) == WORDS // 2
    assert parse("(" * 99 + "甲" + ")" * 99) == Term("甲")


@given(st.text(st.sampled_from('ANDORT()"“”甲乙 （）*-^:\x00\ud800'), max_size=40) | st.text(max_size=40))
def test_no_query_raises_anything_but_a_query_error(query: str) -> None:
    try:
        node = parse(query)
    except QueryError:
        return
    assert wanted(node)
    assert all(word == fold(word) for word in words(node))
