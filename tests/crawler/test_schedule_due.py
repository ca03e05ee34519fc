"""``nianlun due``: whose turn it is, and which portals are meant."""

from __future__ import annotations

import json

import pytest

from archive.times import shown_time
from crawler.cli import run
from crawler.roster import Roster
from tests.archive.history_maker import revise


@pytest.fixture
def archive(store, tmp_path):
    """An archive with one portal crawled on 14 November 2023."""
    revise(store)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    return tmp_path / "a.db"


def rows(capsys, *words: str) -> list[dict]:
    assert run(["due", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_portal_the_archive_has_crawled(archive, capsys) -> None:
    (row,) = rows(capsys, "-a", str(archive), "--at", "2023-11-20")
    assert row == {
        "portal": "test-portal", "due": "2023-11-28T16:00:00.000Z", "reason": "changed", "overdue": False,
        "last_crawl": 1, "last_outcome": "finished",
    }  # fmt: skip
    assert rows(capsys, "-a", str(archive), "--at", "2023-12-01")[0]["overdue"]


def test_those_that_are_named_and_no_others(archive, capsys, tmp_path) -> None:
    (tmp_path / "list.txt").write_text("http://www.other.gov.cn/\n")
    found = rows(
        capsys, "-a", str(archive), "nx-dofcom", "--from", str(tmp_path / "list.txt"), "--at", "2023-11-20T00:00Z"
    )
    assert [
        (row["portal"], row["reason"], row["overdue"], row["last_crawl"], row["last_outcome"]) for row in found
    ] == [
        ("nx-dofcom", "never", True, None, None),
        ("www.other.gov.cn", "never", True, None, None),
    ]
    assert {row["due"] for row in found} == {"2023-11-20T00:00:00.000Z"}


def test_those_of_the_schedule_file_with_its_cooling(store, archive, capsys, tmp_path) -> None:
    ended = store.sql.execute("UPDATE crawl SET outcome='blocked' RETURNING finished").fetchone()[0]
    (tmp_path / "nianlun.toml").write_text('[schedule]\ntargets = ["http://www.test.gov.cn/"]\ncooling = 5\n')
    (row,) = rows(capsys, "-a", str(archive), "--at", "2023-11-14")
    assert (row["portal"], row["reason"]) == ("www.test.gov.cn", "never")
    (tmp_path / "nianlun.toml").write_text("[schedule]\ncooling = 5\n")
    (row,) = rows(capsys, "-a", str(archive), "--at", "2023-11-14T22:30Z")
    assert (row["portal"], row["reason"], row["due"]) == ("test-portal", "cooling", shown_time(ended + 5 * 3_600_000))


def test_a_missing_archive_and_a_mistyped_portal_are_one_sentence(tmp_path, capsys, archive) -> None:
    assert run(["due", "-a", str(tmp_path / "none.db")]) == 2
    assert "There is no archive" in capsys.readouterr().err
    assert run(["due", "nx-dofcon", "-a", str(archive)]) == 2
    assert "Did you mean nx-dofcom" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def test_a_portal_is_crawled_by_its_name_or_its_home_page(archive, tmp_path) -> None:
    found = Roster(archive, [], [])
    assert [due.portal for due in found.dues(0)] == ["test-portal"]
    assert found.target("test-portal") == "http://www.test.gov.cn/"
    named = Roster(archive, ["nx-dofcom", "https://www.other.gov.cn/"], [])
    named.dues(0)
    assert [named.target(name) for name in ("nx-dofcom", "www.other.gov.cn")] == [
        "nx-dofcom",
        "https://www.other.gov.cn/",
    ]
    assert [due.reason for due in Roster(tmp_path / "none.db", ["nx-dofcom"], []).dues(0)] == ["never"]


def test_a_portal_of_a_file_that_is_not_given_is_left_out_of_the_schedule_and_said(archive, tmp_path, capsys) -> None:
    folder = tmp_path / "portals"
    folder.mkdir()
    (folder / "test-portal.toml").write_text('title = "测试"\nhome = "http://www.test.gov.cn/"\n')
    with_file, without = Roster(archive, [], [folder]), Roster(archive, [], [])
    for roster, found in ((with_file, True), (without, False)):
        roster.dues(0)
        assert roster.finds("test-portal") is found
    assert run(["schedule", "run", "--once", "-a", str(archive)]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "test-portal is in no register given and is left out; give its file with --portals.",
        "Nothing is due.",
    ]
