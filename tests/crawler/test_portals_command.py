"""``nianlun portals``: its filters, its rows, its check of the register's files."""

from __future__ import annotations

import csv
import io
import json

import pytest

from archive.model import Portal, Software
from archive.portals import last_crawls
from crawler.cli import run
from tests.archive.history_maker import revise

KEYS = {
    "name", "title", "home", "family", "start", "publisher", "division", "level", "province", "hosts", "aliases",
    "since", "kinds", "expect", "verified", "note", "entry", "hint", "state", "crawl", "started", "outcome", "found",
}  # fmt: skip


def rows(capsys, *words: str) -> list[dict]:
    """What the command prints as JSON."""
    assert run(["portals", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def names(capsys, *words: str) -> list[str]:
    """The names of the portals a command lists."""
    return [row["name"] for row in rows(capsys, *words)]


def test_plain_is_the_whole_register(capsys) -> None:
    found = rows(capsys)
    assert len(found) >= 402
    assert [row["name"] for row in found] == sorted(row["name"] for row in found)
    assert all(set(row) == KEYS for row in found)
    assert {row["state"] for row in found} == {None}
    assert run(["portals"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(found) + 2
    assert "state" not in shown[0].split()


def test_nl_and_csv(capsys) -> None:
    assert run(["portals", "nx-dofcom", "--nl"]) == 0
    assert json.loads(capsys.readouterr().out)["home"] == "http://dofcom.nx.gov.cn/"
    assert run(["portals", "nx-dofcom", "--csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (set(row), row["division"], row["state"]) == (KEYS, "640000", "")


@pytest.mark.parametrize("word", ["ningxia", "宁夏", "宁夏回族自治区"])
def test_by_province(capsys, word) -> None:
    found = rows(capsys, "--province", word)
    assert len(found) == 24
    assert {row["province"] for row in found} == {"ningxia"}


def test_central_bodies(capsys) -> None:
    assert {row["level"] for row in rows(capsys, "--province", "central")} == {"central"}


def test_by_level_and_province(capsys) -> None:
    assert names(capsys, "--level", "county", "--province", "ningxia") == ["nx-jinfeng", "nx-spt"]


def test_by_family_as_stated_or_supposed(capsys) -> None:
    assert names(capsys, "--family", "lonsun") == ["ah-anhui"]
    found = rows(capsys, "--family", "trs")
    assert {"nx-dofcom", "nx-ningxia"} <= {row["name"] for row in found}
    assert {(row["family"], row["hint"]) for row in found} == {("trs", None), (None, "trs")}


@pytest.mark.parametrize(
    ("word", "name"),
    [("NX-DOF*", "nx-dofcom"), ("石嘴山", "nx-shizuishan"), ("ycjinfeng", "nx-jinfeng"), ("nx-sp?", "nx-spt")],
)
def test_by_pattern(capsys, word, name) -> None:
    assert names(capsys, word) == [name]


def test_several_patterns_are_any_of_them(capsys) -> None:
    assert names(capsys, "nx-spt", "nx-jinfeng") == ["nx-jinfeng", "nx-spt"]
    assert names(capsys, "nx-spt", "--level", "central") == []


def test_nothing_found_is_said_and_is_no_error(capsys) -> None:
    assert run(["portals", "zzzz"]) == 0
    found = capsys.readouterr()
    assert found.out == ""
    assert "名录" in found.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--province", "ningxa"], "did you mean ningxia?"),
        (["--province", ""], "--province ''"),
        (["--level", "countie"], "did you mean county?"),
        (["--family", "gkmlp"], "did you mean gkmlpt?"),
        (["--state", "nevre"], "did you mean never?"),
        (["--state", "never", "--archive", "none.db"], "There is no archive"),
        (["check", "nowhere"], "no such directory"),
        (["--portals", "nowhere"], "no such directory"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, monkeypatch, capsys, words, said) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["portals", *words]) == 2
    found = capsys.readouterr()
    assert said in found.err
    assert len(found.err.splitlines()) == 1
    assert (found.out, list(tmp_path.iterdir())) == ("", [])


@pytest.fixture
def crawled(store, tmp_path):
    """A directory of portals, and an archive in which each had another fate; one was never crawled."""
    directory = tmp_path / "mine"
    directory.mkdir()
    for name in ("test-portal", "own-blocked", "own-down", "own-empty", "own-cut", "own-new"):
        text = f'title = "{name}"\nhome = "http://www.{name}.gov.cn/"\nverified = {str(name == "own-new").lower()}\n'
        (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    revise(store, 1)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    for name, outcomes in (
        ("own-blocked", ("finished", "blocked")),
        ("own-down", ("unreachable",)),
        ("own-empty", ("blocked", "finished")),
        ("own-cut", ("interrupted",)),
    ):
        portal = store.portal_id(Portal(name=name, title=name, home=f"http://www.{name}.gov.cn/"))
        for turn, outcome in enumerate(outcomes):
            number = store.begin_crawl(portal, f"{name}-{turn}", Software("nianlun", "test"), {}, "tester")
            store.end_crawl(number, outcome, finished=outcome != "interrupted", problems=[])
    store.commit()
    return ["own-", "test-portal", "--portals", str(directory), "--archive", str(tmp_path / "a.db")]


def test_the_last_crawl_is_each_portals_state(capsys, crawled) -> None:
    found = {row["name"]: row for row in rows(capsys, *crawled)}
    assert {name: row["state"] for name, row in found.items()} == {
        "own-blocked": "blocked",
        "own-cut": "crawled",
        "own-down": "unreachable",
        "own-empty": "crawled",
        "own-new": "never",
        "test-portal": "found",
    }
    assert (found["test-portal"]["found"], found["own-empty"]["found"], found["own-new"]["found"]) == (1, 0, None)
    assert found["own-cut"]["outcome"] == "interrupted"
    assert found["own-blocked"]["crawl"] > found["test-portal"]["crawl"]
    assert found["test-portal"]["started"].endswith("Z")
    assert all(set(row) == KEYS for row in found.values())


def test_a_crawl_that_never_ended_counts_what_it_saw(store, tmp_path) -> None:
    revise(store, 1)
    store.commit()
    assert last_crawls(store.sql)["test-portal"] == {
        "state": "found",
        "crawl": store.crawl,
        "started": last_crawls(store.sql)["test-portal"]["started"],
        "outcome": "interrupted",
        "found": 1,
    }


def test_the_last_crawl_is_the_one_that_began_last(store) -> None:
    """A merge gives older crawls higher numbers."""
    store.end_crawl(store.crawl, "blocked", finished=True, problems=[])
    store.clock.now -= 1_000_000
    older = store.begin_crawl(store.portal, "older", Software("nianlun", "test"), {}, "tester")
    store.end_crawl(older, "unreachable", finished=True, problems=[])
    assert older > store.crawl
    assert last_crawls(store.sql)["test-portal"]["state"] == "blocked"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("found", ["test-portal"]),
        ("blocked", ["own-blocked"]),
        ("unreachable", ["own-down"]),
        ("never", ["own-new"]),
        ("crawled", ["own-blocked", "own-cut", "own-down", "own-empty", "test-portal"]),
        ("verified", ["own-new"]),
        ("unverified", ["own-blocked", "own-cut", "own-down", "own-empty", "test-portal"]),
    ],
)
def test_by_state(capsys, crawled, state, expected) -> None:
    assert names(capsys, *crawled, "--state", state) == expected


def test_a_listing_with_an_archive_shows_the_state(capsys, crawled) -> None:
    assert run(["portals", *crawled, "--state", "blocked"]) == 0
    head, _, line = capsys.readouterr().out.splitlines()
    assert {"state", "started", "found"} <= set(head.split())
    assert "blocked" in line.split()


def test_a_sound_register_is_said_to_be_sound(capsys) -> None:
    assert run(["portals", "check"]) == 0
    found = capsys.readouterr()
    assert found.out == ""
    assert " 0 faults" in found.err
    assert rows(capsys, "check") == []


@pytest.mark.parametrize("option", [[], ["--portals"]])
def test_every_fault_has_a_line(tmp_path, capsys, option) -> None:
    (tmp_path / "a.toml").write_text('title = "甲"\nhome = "http://www.a.gov.cn/"\nlevl = "county"', encoding="utf-8")
    other = 'title = "乙"\nhome = "http://www.b.gov.cn/"\nlevel = "county"\npublisher = "乙"\n'
    (tmp_path / "own-b.toml").write_text(other, encoding="utf-8")
    words = ["portals", "check", *option, str(tmp_path)]
    assert run(words) == 1
    found = capsys.readouterr()
    assert [line.split(": ")[0] for line in found.out.splitlines()] == [
        str(tmp_path / "a.toml"),
        str(tmp_path / "own-b.toml"),
    ]
    assert "did you mean 'level'" in found.out
    assert "'division' is missing" in found.out
    assert " 2 faults" in found.err
    assert run([*words, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [set(row) for row in told] == [{"file", "sentence"}] * 2
    assert told[1]["file"] == str(tmp_path / "own-b.toml")
