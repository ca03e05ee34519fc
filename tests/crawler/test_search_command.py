"""``nianlun search``: its rows, its order, its sentences and exit codes."""

from __future__ import annotations

import json

import pytest

from archive import hits
from crawler.cli import run
from tests.archive.history_maker import revise


@pytest.fixture
def archive(store, tmp_path):
    """The path of an archive of two reports, closed."""
    revise(store, 1, url="http://www.test.gov.cn/a", text="一段。\n政府信息公開〔2019〕19号，投诉投诉投诉。", year=2019)
    revise(store, 1, url="http://www.test.gov.cn/b", text="一段。\n投诉。", year=2020)
    store.commit()
    return str(tmp_path / "a.db")


def _rows(capsys, *words: str) -> list[dict]:
    assert run(["search", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_hit_has_the_keys_of_the_interface(archive, capsys) -> None:
    (row,) = _rows(capsys, "政府信息公开[2019]", "-a", archive)
    assert {"report", "url", "publisher", "year", "title", "revision", "snippet", "score"} <= set(row)
    assert row["snippet"] == "[政府信息公開〔2019〕]19号，投诉投诉投诉。"
    assert [row["passage"][left:right] for left, right in row["marks"]] == ["政府信息公開〔2019〕"]
    assert "rank" not in row


def test_newest_or_best_first(archive, capsys) -> None:
    assert [row["year"] for row in _rows(capsys, "投诉", "-a", archive)] == [2020, 2019]
    rows = _rows(capsys, "投诉投诉 OR 公开〔2019〕", "--sort", "rank", "-a", archive)
    assert [row["year"] for row in rows] == [2019]
    assert rows[0]["rank"] > 0


def test_too_much_to_rank_is_said_on_standard_error(archive, capsys, monkeypatch) -> None:
    monkeypatch.setattr(hits, "RANKED", 1)
    assert run(["search", "投诉", "--sort", "rank", "--json", "-a", archive]) == 0
    found = capsys.readouterr()
    assert [row["year"] for row in json.loads(found.out)] == [2020, 2019]
    assert "newest first" in found.err


def test_filters_by_state_and_year(archive, capsys) -> None:
    assert len(_rows(capsys, "一段", "--state", "present", "-a", archive)) == 2
    assert _rows(capsys, "一段", "--state", "gone", "-a", archive) == []
    assert [row["year"] for row in _rows(capsys, "一段", "--year", "2019", "-a", archive)] == [2019]
    assert _rows(capsys, "一段", "--at", "2001-01-01", "-a", archive) == []


def test_nothing_found_is_said_and_is_no_error(archive, capsys) -> None:
    assert run(["search", "绝无此词", "-a", archive]) == 0
    found = capsys.readouterr()
    assert found.out == ""
    assert "没有找到" in found.err


@pytest.mark.parametrize(
    "words", [["(甲"], ["甲 " * 1000], ["甲" * 100_000], [""], ["甲", "--limit", "0"], ["甲", "--limit", str(1 << 40)]]
)
def test_a_query_that_cannot_be_answered_gets_one_sentence(archive, capsys, words) -> None:
    assert run(["search", *words, "-a", archive]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert 0 < len(found.err) < 400
    assert "Traceback" not in found.err


def test_a_missing_archive_is_not_made(tmp_path, capsys) -> None:
    assert run(["search", "甲", "-a", str(tmp_path / "none.db")]) == 2
    assert "none.db" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
