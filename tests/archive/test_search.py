"""Folding, the index and its checks: recall and precision 1.0 against a plain substring scan, for one character and more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import search
from archive.connection import open_reading
from archive.folding import fold, fold_with_places
from archive.snippets import snippet
from tests.archive.history_maker import revise

LETTERS = st.sampled_from("公开信息政府開資訊商务厅年报二〇○一九〔〕[](（）号１2019aＢb，。“” \u200b\u3000—-①ﾞé")
TEXT = st.text(LETTERS, min_size=1, max_size=25)
EXAMPLES = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def indexed(store):
    """A store with three revisions of two reports of different years, committed."""
    revise(store, 1, url="http://www.test.gov.cn/a", text="第一段。\n宁商办发〔2019〕19号", year=2019)
    revise(store, 1, url="http://www.test.gov.cn/b", text="第一段。\n“放管服”改革", year=2020)
    revise(store, 2, url="http://www.test.gov.cn/b", text="第一段。\n又一段", year=2020)
    store.commit()
    return store


# ---------------------------------------------------------------- folding


@pytest.mark.parametrize(
    "alike",
    [
        ("2019", "２０１９", "2 019", "20\u200b19"),
        ("〔2019〕19号", "[2019]19号", "【2019】１９號", "（2019）19号", "﹝2019﹞ 19号"),
        ("政府信息公开", "政府信息公開", "政府 信息\n公开", "政\ufeff府信息公开"),
        ("资讯", "資訊", "資 訊"),
        ("凉", "\uf979", "涼"),
        ("页", "頁", "⻚"),
        ("见长", "⻅⻓", "見長"),
        ("用", "⽤"),
        ("二〇一九", "二○一九", "二◯一九"),
        ("0951-5962586", "0951—5962586", "０９５１－５９６２５８６", "0951–5962586"),
        ("阿·买买提", "阿•买买提", "阿・买买提"),
        ("“放管服”改革", "放管服改革", "「放管服」改革", '"放管服"改革'),
        ("ABC", "abc", "ＡＢＣ"),
        ("é", "e\u0301", "e"),
        ("①", "1"),
    ],
)
def test_what_is_printed_in_other_ways_is_alike(alike) -> None:
    assert len({fold(text) for text in alike}) == 1
    assert fold(alike[0])


@pytest.mark.parametrize(
    "pair", [("零", "〇"), ("〇", "0"), ("公开", "公布"), ("《", "("), ("，", "。"), ("千", "干"), ("未", "末")]
)
def test_other_words_stay_other_words(pair) -> None:
    assert fold(pair[0]) != fold(pair[1])


@given(st.text(max_size=20), st.text(max_size=20))
def test_parts_fold_to_the_parts_of_the_whole_and_folding_again_changes_nothing(left, right) -> None:
    assert fold(left + right) == fold(left) + fold(right)
    assert fold(fold(left)) == fold(left)
    folded, places = fold_with_places(left)
    assert folded == fold(left)
    assert [fold(left[place])[:1] != "" for place in places] == [True] * len(folded)


# ---------------------------------------------------------------- the index


@given(
    texts=st.lists(TEXT, min_size=1, max_size=8),
    word=st.text(LETTERS, min_size=1, max_size=5),
    year=st.integers(0, 9999),
)
@EXAMPLES
def test_the_index_finds_exactly_what_a_scan_finds(store, texts, word, year) -> None:
    wanted = fold(word)
    if not wanted:
        return
    store.writing()
    store.sql.execute("SAVEPOINT one")
    store.sql.execute("PRAGMA defer_foreign_keys=ON")
    search.Index(store.sql).add(1, texts, year)
    scanned = {i for i, text in store.sql.execute("SELECT id, text FROM paragraph") if wanted in fold(text)}
    assert search.paragraphs_with(store.sql, wanted) == scanned
    store.sql.execute("ROLLBACK TO one")


def test_a_paragraph_is_kept_once_and_indexed_once_a_year(indexed) -> None:
    sql = indexed.sql
    assert sql.execute("SELECT count(*) FROM paragraph WHERE text='第一段。'").fetchone()[0] == 1
    rows = sql.execute(
        "SELECT rowid FROM paragraph_index WHERE paragraph_index MATCH ? ORDER BY rowid", (search.expression("第一段"),)
    ).fetchall()
    assert [row[0] >> search.SHIFT for row in rows] == [2019, 2020]


def test_without_a_year_the_one_of_the_newest_reading_is_taken(indexed) -> None:
    sql = indexed.sql
    indexed.writing()
    search.Index(sql).add(1, ["只有这一段"])
    assert sql.execute("SELECT year FROM indexed WHERE revision=1").fetchone()[0] == 2019
    assert search.paragraphs_with(sql, "只有这一段")


@pytest.mark.parametrize("char", ["\x00", "\U0001f409", "𰀀", "\ue000", "*", "'", ")", "\u200b"])
def test_any_character_beside_a_word_does_no_harm(indexed, char) -> None:
    indexed.writing()
    search.Index(indexed.sql).add(1, [f"甲{char}乙"], 2019)
    assert search.paragraphs_with(indexed.sql, fold(f"甲{char}乙"))
    assert bool(search.paragraphs_with(indexed.sql, "甲乙")) is (fold(char) == "")


# ---------------------------------------------------------------- rebuilding and checking


def _dump(sql) -> list[tuple]:
    with search._vocabulary(sql) as table:
        return [tuple(row) for row in sql.execute(f"SELECT term, doc, offset FROM {table} ORDER BY 1, 2, 3")]


def test_a_rebuilt_index_is_the_one_that_grew(indexed) -> None:
    sql = indexed.sql
    before = _dump(sql)
    indexed.writing()
    search.rebuild(sql)
    assert sql.in_transaction
    assert before
    assert _dump(sql) == before
    indexed.rollback()
    assert _dump(sql) == before


def test_a_sound_index_has_no_troubles_also_when_it_is_only_read(indexed, tmp_path) -> None:
    sql = open_reading(tmp_path / "a.db")
    assert list(search.troubles(sql)) == []
    assert sql.execute("PRAGMA query_only").fetchone()[0] == 1
    sql.close()


def test_an_entry_of_a_lost_paragraph_is_no_trouble_and_a_rebuild_lets_go_of_it(indexed) -> None:
    indexed.writing()
    search.Index(indexed.sql).add(3, ["全新"], 2020)
    count = "SELECT count(*) FROM paragraph_index_docsize"
    before = indexed.sql.execute(count).fetchone()[0]
    assert list(search.troubles(indexed.sql)) == []
    search.rebuild(indexed.sql)
    assert indexed.sql.execute(count).fetchone()[0] < before
    assert list(search.troubles(indexed.sql)) == []


def _entry_deleted(sql, number: int, text: str) -> None:
    sql.execute(
        "INSERT INTO paragraph_index (paragraph_index, rowid, grams) VALUES ('delete', ?, ?)",
        (number, search.grams(text)),
    )


def _entry_altered(sql, number: int, text: str) -> None:
    _entry_deleted(sql, number, text)
    sql.execute("INSERT INTO paragraph_index (rowid, grams) VALUES (?,?)", (number, search.grams(text[::-1])))


def _entry_added(sql, number: int, text: str) -> None:
    sql.execute("INSERT INTO paragraph_index (rowid, grams) VALUES (?,?)", (number + 1000, search.grams(text)))


def _size_deleted(sql, number: int, text: str) -> None:
    sql.execute("DELETE FROM paragraph_index_docsize WHERE id=?", (number,))


def _text_altered(sql, number: int, text: str) -> None:
    sql.execute("UPDATE paragraph SET text=? WHERE id=?", (text + "。", search.paragraph_of(number)))


def _block_damaged(sql, number: int, text: str) -> None:
    sql.execute("UPDATE paragraph_index_data SET block=x'00ff' WHERE id>10")


def _year_altered(sql, number: int, text: str) -> None:
    sql.execute("UPDATE indexed SET year=2001 WHERE revision=1")


def _year_lost(sql, number: int, text: str) -> None:
    sql.execute("DELETE FROM indexed WHERE revision=1")


@pytest.mark.parametrize(
    "damage",
    [
        _entry_deleted,
        _entry_altered,
        _entry_added,
        _size_deleted,
        _text_altered,
        _block_damaged,
        _year_altered,
        _year_lost,
    ],
)
def test_damage_is_found_and_rebuilding_mends_what_can_be_derived(indexed, damage) -> None:
    sql = indexed.sql
    text = "宁商办发〔2019〕19号"
    number = search.entry(2019, sql.execute("SELECT id FROM paragraph WHERE text=?", (text,)).fetchone()[0])
    damage(sql, number, text)
    found = list(search.troubles(sql))
    assert found
    assert all(row and message for row, message in found)
    indexed.writing()
    search.rebuild(sql)
    left = list(search.troubles(sql))
    assert bool(left) is (damage is _text_altered)


# ---------------------------------------------------------------- snippets


def test_a_snippet_marks_the_words_and_keeps_the_printed_text() -> None:
    found = snippet("前" * 100 + "政府信息公开２０１９年" + "后" * 100, [fold("信息"), fold("2019")])
    assert "政府[信息]公开[２０１９]年" in found.marked
    assert found.marked.startswith("…")
    assert found.marked.endswith("…")
    assert [found.passage[left:right] for left, right in found.marks] == ["信息", "２０１９"]


@given(
    text=TEXT,
    words=st.lists(st.text(LETTERS, min_size=1, max_size=3).map(fold).filter(bool), max_size=3),
    width=st.integers(1, 30),
)
@EXAMPLES
def test_marks_stand_on_the_words_in_order_and_within_the_passage(text, words, width) -> None:
    found = snippet(text, words, width)
    assert len(found.passage) <= width + 2
    assert found.passage.strip("…") in text
    assert "".join(found.marked.replace("[", "").replace("]", "")) == found.passage.replace("[", "").replace("]", "")
    ends = [end for mark in found.marks for end in mark]
    assert ends == sorted(ends)
    assert all(0 <= left < right <= len(found.passage) for left, right in found.marks)
    if any(word in fold(text) for word in words):
        assert found.marks
    if len(words) == 1 and width > len(text):
        assert all(words[0] in fold(found.passage[left:right]) for left, right in found.marks)
