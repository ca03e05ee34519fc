"""Answers against brute force: which reports match, in which order, as of which time, whatever the query."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import hits, holding
from archive.folding import fold
from archive.hits import found
from archive.model import Portal
from archive.query import Filters
from archive.search_query import QueryError
from tests.archive.history_maker import fetch, judge, lost, next_crawl, reading, revise

LETTERS = st.sampled_from("公开公开開政府１2〇○〔[(）号aＡ，— 甲")
TEXT = st.text(LETTERS, min_size=1, max_size=12)
ALL = 1_000_000
TIMES = pytest.mark.parametrize("small", [False, True], ids=["as it is", "every limit reached"])


class Ask(NamedTuple):
    """A query as typed, and what decides whether folded paragraphs match it."""

    text: str
    holds: object


def _term(word: str) -> Ask:
    return Ask(f'"{word}"', lambda folded: any(fold(word) in line for line in folded))


def _joined(parts: list[Ask], name: str, decide) -> Ask:
    return Ask(
        "(" + f" {name} ".join(part.text for part in parts) + ")", lambda folded: decide(p.holds(folded) for p in parts)
    )


def _larger(inner):
    several = st.lists(inner, min_size=2, max_size=3)
    return (
        several.map(lambda parts: _joined(parts, "AND", all))
        | several.map(lambda parts: _joined(parts, "OR", any))
        | inner.map(lambda part: Ask(f"NOT {part.text}", lambda folded: not part.holds(folded)))
    )


ASKS = st.recursive(st.text(LETTERS, min_size=1, max_size=4).filter(fold).map(_term), _larger, max_leaves=5)


@contextlib.contextmanager
def _limits(small: bool):
    """Limits so small that few texts reach them."""
    with pytest.MonkeyPatch.context() as patch:
        if small:
            patch.setattr(holding, "LINKS", 1)
            patch.setattr(holding, "_FEW", 0)
            patch.setattr(holding, "_NEAR", 3)
            patch.setattr(holding, "_HEAD", 1)
            patch.setattr(hits, "_BLOCKS", (1, 2))
            patch.setattr(hits, "_LITTLE", 0)
            patch.setattr(hits, "_SMALL", 0)
            patch.setattr(hits, "_SCOPE", 1)
        yield


def _add(store, number: int, year: int, texts: list[str]) -> None:
    url = f"http://www.test.gov.cn/{number}"
    read = reading(number, "\n".join(texts), year=year)
    page = fetch(store, f"{number}".encode(), url)
    store.chronicle.revise(store.crawl, store.portal, page, judge(store, page, read, url))


@TIMES
@given(
    st.lists(st.tuples(st.integers(2018, 2021), st.lists(TEXT, min_size=1, max_size=4)), min_size=1, max_size=7), ASKS
)
@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_query_finds_exactly_the_reports_brute_force_finds(store, small, reports, ask) -> None:
    for number, (year, texts) in enumerate(reports, 1):
        _add(store, number, year, texts)
    order = []
    for number, (year, texts) in enumerate(reports, 1):
        title = f"测试商务厅{year}年政府信息公开工作年度报告"
        if ask.holds([fold(text) for text in (title, *texts)]):
            order.append((-year, -number, f"http://www.test.gov.cn/{number}"))
    wanted = [url for _, _, url in sorted(order)]
    with _limits(small):
        try:
            rows = found(store.sql, ask.text, Filters(), ALL).rows
            ranked = found(store.sql, ask.text, Filters(), ALL, rank=True)
            few = found(store.sql, ask.text, Filters(), 2).rows
        except QueryError:
            assert "NOT" in ask.text
            store.rollback()
            return
    store.rollback()
    assert [row["url"] for row in rows] == wanted
    assert [row["url"] for row in few] == wanted[:2]
    assert sorted(row["url"] for row in ranked.rows) == sorted(wanted)
    if ranked.ranked:
        assert [row["rank"] for row in ranked.rows] == sorted((row["rank"] for row in ranked.rows), reverse=True)
    else:
        assert [row["url"] for row in ranked.rows] == wanted


@pytest.fixture
def archive(store):
    """Four reports: two publishers, three years, two portals, one revised, one gone."""
    at = "http://www.test.gov.cn/"
    revise(store, 1, url=at + "a", text="共有的话。\n旧话说公开。", publisher="甲县商务局", year=2019)
    revise(store, 1, url=at + "b", text="共有的话。\n电话很多电话。", publisher="乙县民政局", year=2020)
    revise(store, 1, url=at + "c", text="共有的话。\n没有。", publisher="甲县商务局", year=2021)
    next_crawl(store)
    store.between = store.clock()
    revise(store, 2, url=at + "a", text="共有的话。\n新话说公開〔２０１９〕１号。", publisher="甲县商务局", year=2019)
    first, store.portal = store.portal, store.portal_id(Portal(name="other", title="别处", home="http://x.gov.cn/"))
    revise(store, 1, url="http://www.x.gov.cn/d", text="共有的话。", publisher="丙县", year=2021)
    store.portal = first
    for _ in range(2):
        lost(store, at + "b")
        next_crawl(store)
    store.commit()
    return store


def _names(store, query: str, *, limit: int = 20, rank: bool = False, **filters) -> list[str]:
    return [row["url"][-1] for row in found(store.sql, query, Filters(**filters), limit, rank=rank).rows]


@TIMES
def test_every_filter_leaves_what_it_says(archive, small) -> None:
    with _limits(small):
        assert _names(archive, "共有的话") == ["d", "c", "b", "a"]
        assert _names(archive, "共有的话", limit=3) == ["d", "c", "b"]
        assert _names(archive, "共有的话", year=2021) == ["d", "c"]
        assert _names(archive, "共有的话", year=1999) == []
        assert _names(archive, "共有的话", publisher="商务局") == ["c", "a"]
        assert _names(archive, "共有的话", publisher="商务局", year=2019) == ["a"]
        assert _names(archive, "共有的话", portal="other") == ["d"]
        assert _names(archive, "共有的话", portal="none") == []
        assert _names(archive, "共有的话", kind="accounts") == []
        assert _names(archive, "共有的话", state="gone") == ["b"]
        assert _names(archive, "共有的话", state="present") == ["d", "c", "a"]
        assert _names(archive, "共有的话", rank=True, publisher="商务局") == ["c", "a"]


@TIMES
def test_a_search_as_of_a_time_finds_what_reports_said_then(archive, small) -> None:
    then = archive.between
    with _limits(small):
        assert _names(archive, "旧话") == []
        assert _names(archive, "旧话", at=then) == ["a"]
        assert _names(archive, "新话") == ["a"]
        assert _names(archive, "新话", at=then) == []
        assert _names(archive, "共有的话", at=then) == ["c", "b", "a"]
        assert _names(archive, "共有的话", at=then, rank=True) == ["c", "b", "a"]
        assert _names(archive, "共有的话", at=then, state="present") == ["c", "b", "a"]
        assert _names(archive, "共有的话", at=then, state="gone") == []
        assert _names(archive, "共有的话", at=ALL) == []


@TIMES
def test_what_is_not_wanted_narrows_nothing_down_by_itself(archive, small) -> None:
    with _limits(small):
        assert _names(archive, "新话 OR NOT 新话") == ["d", "c", "b", "a"]
        assert _names(archive, "NOT (共有 AND NOT 新话)") == ["a"]
        assert _names(archive, "NOT (电话 AND NOT 新话)") == ["d", "c", "a"]
        assert _names(archive, "共有 NOT (新话 OR 电话)") == ["d", "c"]
        assert _names(archive, "NOT (电话 AND NOT 新话)", rank=True) == ["d", "c", "a"]
        assert sorted(_names(archive, "共有 NOT 新话", rank=True)) == ["b", "c", "d"]
        assert found(archive.sql, "共有 NOT 新话", Filters(), 5, rank=True).ranked


def test_a_row_says_where_the_words_stand(archive) -> None:
    (row,) = found(archive.sql, "说公开 [2019]1号", Filters(), 5).rows
    assert row["snippet"] == "新话[说公開][〔２０１９〕１号]。"
    assert [row["passage"][left:right] for left, right in row["marks"]] == ["说公開", "〔２０１９〕１号"]
    assert (row["revision"], row["score"], row["year"]) == (2, 1, 2019)
    assert row["captured"].endswith("Z")
    (row,) = found(archive.sql, "没有 OR 绝无", Filters(), 5).rows
    assert row["score"] == 1


def test_the_best_stands_first_and_too_much_is_not_ranked(archive, monkeypatch) -> None:
    answer = found(archive.sql, "电话 OR 共有", Filters(), 20, rank=True)
    assert answer.ranked
    assert answer.rows[0]["url"][-1] == "b"
    monkeypatch.setattr(hits, "RANKED", 3)
    assert not found(archive.sql, "电话 OR 共有", Filters(), 20, rank=True).ranked
    both = found(archive.sql, "电话 共有", Filters(), 20, rank=True)
    assert both.ranked
    assert [row["url"][-1] for row in both.rows] == ["b"]


def test_a_revision_without_a_number_is_not_found(archive) -> None:
    archive.writing()
    archive.sql.execute("UPDATE revision SET n=NULL WHERE at<?", (archive.between,))
    assert _names(archive, "旧话") == []
    assert _names(archive, "旧话", at=archive.between) == []


HOSTILE = [
    "*", "^共有", "-共有", "共有*", "grams : 共有", "{grams} : 共有", "NEAR(共有 话, 2)", "共有 + 话", "'; DROP TABLE paragraph; --",
    "共有\x00的话", "%", "_", "\\", '"""', "((((", "))))", "共有 AND", "\ud800", "\U0010ffff", "共" * 1999, "a" * 100_000, "共有 " * 1000,
    "NOT " * 100 + "共有", "rowid:1", "共有的话 -- x", "?", "[", "]", "[共有]", "AND AND", "𠮷", "ﷺ", "…", "共有 OR NOT 共有",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("rank", [False, True])
def test_hostile_queries_are_refused_in_a_sentence_or_answered_like_any_other(archive, query, rank) -> None:
    texts = {
        name: [fold(text) for (text,) in archive.sql.execute(
            "SELECT text FROM revision JOIN report ON report.id=revision.report AND n=revisions JOIN revision_paragraph"
            " ON revision_paragraph.revision=revision.id JOIN paragraph ON paragraph.id=paragraph JOIN resource ON"
            " resource.id=report.resource WHERE url LIKE ?", (f"%/{name}",))]
        for name in "abcd"
    }  # fmt: skip
    try:
        names = _names(archive, query, rank=rank)
    except QueryError as error:
        assert len(str(error)) < 200
        return
    if query.startswith("NOT ") or " OR NOT " in query:
        assert sorted(names) == ["a", "b", "c", "d"]
        return
    words = [fold(word) for word in query.split(" ") if fold(word)]
    assert sorted(names) == sorted(
        n for n, lines in texts.items() if all(any(w in line for line in lines) for w in words)
    )
