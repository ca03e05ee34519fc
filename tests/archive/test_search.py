"""Search: recall and precision 1.0 against a plain substring scan, for one character and more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.search import Index, QueryError, Term, fold, paragraphs_with, parse, snippet

LETTERS = st.sampled_from("公开信息政府商务厅年报二〇一九〔〕（）号１2019a b，。")
TEXT = st.text(LETTERS, min_size=1, max_size=25)


@given(texts=st.lists(TEXT, min_size=1, max_size=8), word=st.text(LETTERS, min_size=1, max_size=4))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_finds_exactly_what_a_scan_finds(store, texts, word) -> None:
    wanted = fold(word)
    if not wanted:
        return
    store.writing()
    store.sql.execute("SAVEPOINT one")
    before = {row[0] for row in store.sql.execute("SELECT id FROM paragraph")}
    index = Index(store.sql)
    for text in texts:
        index._paragraph(text)
    scanned = {i for i, text in store.sql.execute("SELECT id, text FROM paragraph") if wanted in fold(text)}
    assert paragraphs_with(store.sql, Term(wanted)) == scanned
    assert before == set()
    store.sql.execute("ROLLBACK TO one")


@pytest.mark.parametrize(
    ("query", "text", "matches"),
    [
        ("商务", "商务厅", True),
        ("厅", "商务厅", True),
        ("商务 公开", "信息公开 商务", True),
        ("商务 AND 外贸", "商务厅", False),
        ("商务 OR 外贸", "外贸", True),
        ("商务 NOT 厅", "商务厅", False),
        ("商务 NOT 厅", "商务局", True),
        ('"宁商办发〔2019〕19号"', "（宁商办发〔2019〕19号）", True),
        ("（2019）", "(2019)", True),
        ("２０１９", "2019", True),
        ("(商务 OR 外贸) 公开", "外贸公开", True),
    ],
)
def test_queries_mean_what_they_say(query: str, text: str, matches: bool) -> None:
    assert parse(query).matches([fold(text)]) is matches


@pytest.mark.parametrize("query", ["", "AND", '"没有关上', "(商务", "商务)", "NOT 商务", "商务 OR", "()", "   "])
def test_a_broken_query_is_said_not_guessed(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)


@given(st.text(max_size=40))
def test_no_query_raises_anything_but_a_query_error(query: str) -> None:
    try:
        parse(query)
    except QueryError:
        return
    assert fold(query)


def test_a_snippet_marks_the_words_and_keeps_the_printed_text() -> None:
    found = snippet("前" * 100 + "政府信息公开２０１９年" + "后" * 100, [fold("信息"), fold("2019")])
    assert "政府[信息]公开[２０１９]年" in found
    assert found.startswith("…")
    assert found.endswith("…")
