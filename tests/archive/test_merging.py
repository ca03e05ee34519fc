"""Merge: the union of shards, in any order, however often; and what it refuses."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import query
from archive.connection import open_reading, open_writing
from archive.evidence import CAPTURE
from archive.leaves import sha
from archive.merging import UnsoundShard, merge
from archive.model import Portal, Software
from archive.payloads import compress
from archive.provenance import trace
from archive.query import Filters
from archive.store import Store
from archive.texts import text_of
from archive.verify import RECORDS, verify
from crawler.cli import run
from tests.archive.history_maker import fetch, judge, lost, reading

PAGES = [f"http://{host}.gov.cn/{year}.html" for host in ("a", "b") for year in (2021, 2022)]
ACTIONS = st.one_of(st.none(), st.just("lost"), st.just("down"), st.integers(1, 3))
"""What a crawl meets at a page: it does not ask, nothing there, no answer, or a report with this figure."""
HISTORIES = st.lists(st.lists(ACTIONS, min_size=4, max_size=4), min_size=1, max_size=4)


class Hours:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += 1
        return self.now


def opened(path) -> Store:
    return Store(open_writing(path), Hours())


def crawl(store: Store, number: int, actions) -> None:
    """One crawl of each portal, at times that depend on nothing else; pages are met as ``actions`` say."""
    for host in ("a", "b"):
        store.clock.now = number * 1_000_000 + (500_000 if host == "b" else 0)
        store.portal = store.portal_id(Portal(name=host, title=host, home=f"http://{host}.gov.cn/"))
        store.crawl = store.begin_crawl(store.portal, f"{host}-{number}", Software("nianlun", "t"), {}, "tester")
        for url, action in zip(PAGES, actions, strict=True):
            if url.startswith(f"http://{host}.") and action is not None:
                store.clock.now += 1000
                meet(store, url, action)
        store.chronicle.teller.absences(store.crawl, store.portal)
        store.end_crawl(store.crawl, "finished", finished=True, problems=[])


def meet(store: Store, url: str, action) -> None:
    if action == "lost":
        return lost(store, url)
    if action == "down":
        return lost(store, url, "failed", 500)
    read = reading(action, publisher=f"{url[7]}厅", year=int(url[-9:-5]))
    page = fetch(store, f"<html>{action} {store.clock.now % 7}</html>".encode() * 9, url)
    judged = judge(store, page, read, url)
    report = store.chronicle.report(store.portal, url)
    latest = store.chronicle.latest(report["id"]) if report else None
    if latest is not None and latest["substance"] == judged.substance:
        return store.chronicle.seen(report, store.crawl, page, judged.fingerprint)
    return store.chronicle.revise(store.crawl, store.portal, page, judged)


def told(path) -> dict:
    """What an archive says, by value: everything a user sees, and every entry of the log but the shards' heads."""
    sql = open_reading(path)
    assert verify(sql) == []
    keys = dict(sql.execute("SELECT id, key FROM report").fetchall())
    names = dict(sql.execute("SELECT id, uid FROM crawl").fetchall())
    reports = [{**row, "id": keys[row["id"]], "moved_to": None} for row in query.reports(sql, Filters())]
    changes = [
        {**row, "report": keys[row["report"]], "crawl": names[row["crawl"]], "capture": row["capture"] is not None}
        for row in query.changes(sql)
    ]
    observations = [
        {**row, "report": keys[row["report"]], "id": None} for row in query.observations(sql, Filters(), revision="all")
    ]
    found = {
        "reports": sorted(reports, key=lambda row: row["id"]),
        "changes": sorted(changes, key=lambda row: json.dumps(row, sort_keys=True)),
        "observations": sorted(observations, key=lambda row: json.dumps(row, sort_keys=True)),
        "payloads": {row[0] for row in sql.execute("SELECT digest FROM payload")},
        "requests": sorted(map(tuple, sql.execute("SELECT uid, key, request.outcome, reason FROM request JOIN crawl ON crawl.id=crawl"))),
    }  # fmt: skip
    sql.close()
    return found


def leaves(path) -> list[bytes]:
    sql = open_reading(path)
    found = sorted(row[0] for row in sql.execute("SELECT leaf FROM log WHERE kind<>6"))
    sql.close()
    return found


def merged(folder, name: str, shards) -> object:
    path = folder / name
    store = opened(path)
    for shard in shards:
        merge(store, shard, trust=True)
    store.close()
    return path


@settings(max_examples=25, deadline=None)
@given(history=HISTORIES, where=st.lists(st.integers(0, 2), min_size=4, max_size=4), seed=st.integers(0, 99))
def test_any_split_of_a_history_merges_to_what_one_archive_would_say(tmp_path_factory, history, where, seed) -> None:
    """Whole crawls, each in the shard it fell to, merged in any order, some twice."""
    folder = tmp_path_factory.mktemp("split")
    whole = opened(folder / "whole.db")
    for number, actions in enumerate(history, 1):
        crawl(whole, number, actions)
    whole.close()
    shards = []
    for shard in sorted(set(where[: len(history)])):
        store = opened(folder / f"{shard}.db")
        for number, actions in enumerate(history, 1):
            if where[number - 1] == shard:
                crawl(store, number, actions)
        store.close()
        shards.append(folder / f"{shard}.db")
    shuffled = shards * 2
    random.Random(seed).shuffle(shuffled)
    one, other = merged(folder, "one.db", shards), merged(folder, "other.db", shuffled)
    assert told(one) == told(other)
    assert leaves(one) == leaves(other)
    expected, found = told(folder / "whole.db"), told(one)
    if len(shards) == 1:
        assert found == expected
    for key in ("observations", "payloads", "requests"):
        assert found[key] == expected[key]
    plain = [{**row, "summary": None} for row in found["changes"]]
    assert plain == [{**row, "summary": None} for row in expected["changes"]]
    assert found["reports"] == expected["reports"]


@pytest.fixture
def shards(tmp_path):
    """Two machines' archives of the same portals at different times."""
    for name, numbers in (("north", (1, 3)), ("south", (2, 4))):
        store = opened(tmp_path / f"{name}.db")
        for number in numbers:
            crawl(store, number, [number, 1, "lost" if number == 4 else 2, None])
        store.close()
    return [tmp_path / "north.db", tmp_path / "south.db"]


def test_merging_twice_adds_nothing(shards, tmp_path) -> None:
    store = opened(tmp_path / "all.db")
    first = [merge(store, shard).added for shard in shards]
    size = store.log.size
    again = [merge(store, shard) for shard in shards]
    assert all(found["captures"] > 0 for found in first)
    assert all(not any(item.added.values()) for item in again)
    assert store.log.size == size
    store.close()


def test_a_merge_of_merges_is_the_same(shards, tmp_path) -> None:
    north, south = shards
    inner = merged(tmp_path, "inner.db", [south, north])
    assert told(merged(tmp_path, "outer.db", [north, inner])) == told(inner)


def test_revisions_of_both_sides_are_numbered_by_their_times(shards, tmp_path) -> None:
    path = merged(tmp_path, "all.db", shards)
    sql = open_reading(path)
    rows = query.observations(
        sql, Filters(publisher="a厅", year=2021), indicator="applications.received", revision="all"
    )
    assert [(row["revision"], row["value"]) for row in rows] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    events = [
        (row["event"], row["revision"]) for row in query.changes(sql) if row["url"].endswith("a.gov.cn/2021.html")
    ]
    assert events == [("new", 1), ("changed", 2), ("changed", 3), ("changed", 4)]
    quiet = [row["event"] for row in query.changes(sql) if row["url"].endswith("b.gov.cn/2021.html")]
    assert quiet[0] == "new"
    assert "changed" not in quiet
    assert quiet[-1] == "missing"
    sql.close()


def test_each_shard_s_head_becomes_an_entry_and_verify_says_who_can_prove_it(shards, tmp_path) -> None:
    heads = []
    for shard in shards:
        sql = open_reading(shard)
        heads.append(sql.execute("SELECT root FROM head ORDER BY id DESC LIMIT 1").fetchone()[0].hex())
        sql.close()
    path = merged(tmp_path, "all.db", shards)
    sql = open_reading(path)
    assert verify(sql, head=heads[0]) == []  # the first shard's log is how this one begins
    assert "only the shard itself" in verify(sql, head=heads[1])[0].message
    assert "edited, cut" in verify(sql, head="00" * 32)[0].message
    sql.close()


def forged(path):
    """A shard whose figure, text and log were all made anew: sound in itself, and another story."""
    copy = path.with_name(f"forged-{path.name}")
    shutil.copy(path, copy)
    store = opened(copy)
    text = json.loads(text_of(store.sql, 1))
    text["observations"][0]["value"] = 77
    data = json.dumps(text).encode()
    store.sql.execute("UPDATE observation SET value=77 WHERE id=1")
    store.sql.execute("UPDATE reading SET data=?, base=NULL, digest=? WHERE id=1", (compress(data), sha(data)))
    entries = store.sql.execute("SELECT kind, row FROM log ORDER BY seq").fetchall()
    store.sql.execute("DELETE FROM log")
    store.sql.execute("DELETE FROM head")
    store.log.reload()
    for kind, row in entries:
        store.log.append(kind, row, RECORDS[kind](store.sql, row))
    store.keep_head()
    store.close()
    return copy


def test_a_reading_that_says_otherwise_is_refused_in_either_order(shards, tmp_path) -> None:
    """Whoever makes a whole log anew is sound in itself; the same reading of the same moment cannot say two things."""
    other = forged(shards[0])
    for first, second in ((shards[0], other), (other, shards[0])):
        store = opened(tmp_path / f"{first.stem}-first.db")
        merge(store, first, trust=True)
        with pytest.raises(UnsoundShard, match=r"Reading 1 .* contradicts"):
            merge(store, second, trust=True)
        store.close()


def test_a_dry_run_counts_and_writes_nothing(shards, tmp_path) -> None:
    store = opened(tmp_path / "all.db")
    merge(store, shards[0])
    size, before = store.log.size, store.sql.execute("SELECT count(*) FROM capture").fetchone()[0]
    found = merge(store, shards[1], keep=False)
    assert found.added["captures"] > 0
    assert (store.log.size, store.sql.execute("SELECT count(*) FROM capture").fetchone()[0]) == (size, before)
    store.close()


def test_a_chronicle_that_lost_what_was_told_anew_is_noticed(shards, tmp_path) -> None:
    path = merged(tmp_path, "all.db", shards)
    sql = sqlite3.connect(path)
    sql.execute("DELETE FROM retold WHERE report=1")
    sql.commit()
    sql.close()
    reader = open_reading(path)
    assert "change" in {item.what for item in verify(reader)}
    reader.close()


def test_the_archive_goes_on_after_a_merge(shards, tmp_path) -> None:
    path = merged(tmp_path, "all.db", shards)
    store = opened(path)
    crawl(store, 5, [9, "lost", 2, 1])
    crawl(store, 6, [9, "lost", 2, 1])
    store.close()
    sql = open_reading(path)
    assert verify(sql) == []
    events = [row["event"] for row in query.changes(sql) if row["url"].endswith("b.gov.cn/2021.html")]
    assert events[-1] in ("back", "cosmetic")
    assert "back" in events
    sql.close()


# ---------------------------------------------------------------- what is refused


def tampered(path, statement: str):
    copy = path.with_name(f"bad-{path.name}")
    shutil.copy(path, copy)
    sql = sqlite3.connect(copy)
    sql.execute(statement)
    sql.commit()
    sql.close()
    return copy


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE observation SET value=77 WHERE id=1",
        "UPDATE payload SET frame=zeroblob(30) WHERE id=1",
        "DELETE FROM capture WHERE id=1",
        "CREATE TRIGGER t AFTER INSERT ON capture BEGIN DELETE FROM capture; END",
        "CREATE VIEW spy AS SELECT * FROM capture",
    ],
)
def test_a_damaged_or_foreign_shard_is_left_out(shards, tmp_path, statement) -> None:
    bad = tampered(shards[1], statement)
    store = opened(tmp_path / "all.db")
    merge(store, shards[0])
    size = store.log.size
    with pytest.raises(UnsoundShard, match="not sound"):
        merge(store, bad)
    assert store.log.size == size
    store.close()
    reader = open_reading(tmp_path / "all.db")
    assert verify(reader) == []
    reader.close()


def test_a_capture_that_contradicts_the_archive_s_is_refused(shards, tmp_path) -> None:
    store = opened(tmp_path / "all.db")
    merge(store, shards[0])
    bad = tampered(shards[0], f"UPDATE log SET leaf=zeroblob(32) WHERE kind={CAPTURE} AND row=2")
    with pytest.raises(UnsoundShard):
        merge(store, bad, trust=True)
    store.close()


def test_a_crawl_finished_in_two_copies_is_refused(tmp_path) -> None:
    store = opened(tmp_path / "a.db")
    store.portal = store.portal_id(Portal(name="a", title="a", home="http://a.gov.cn/"))
    store.crawl = store.begin_crawl(store.portal, "uid", Software("nianlun", "t"), {}, None)
    meet(store, PAGES[0], 1)
    store.close()
    shutil.copy(tmp_path / "a.db", tmp_path / "b.db")
    for name, action in (("a", 2), ("b", 3)):
        store = opened(tmp_path / f"{name}.db")
        store.portal, store.crawl = 1, 1
        store.clock.now = 10_000 * action
        meet(store, PAGES[1], action)
        store.end_crawl(1, "finished", finished=True, problems=[])
        store.close()
    store = opened(tmp_path / "a.db")
    with pytest.raises(UnsoundShard, match="copy of it"):
        merge(store, tmp_path / "b.db")
    store.close()


def test_an_interrupted_crawl_comes_in_and_its_end_later(tmp_path) -> None:
    store = opened(tmp_path / "shard.db")
    store.portal = store.portal_id(Portal(name="a", title="a", home="http://a.gov.cn/"))
    store.crawl = store.begin_crawl(store.portal, "uid", Software("nianlun", "t"), {}, None)
    meet(store, PAGES[0], 1)
    store.commit()
    store.close()
    target = merged(tmp_path, "all.db", [tmp_path / "shard.db"])
    store = opened(tmp_path / "shard.db")
    store.portal, store.crawl = 1, 1
    store.clock.now = 50_000
    meet(store, PAGES[1], 2)
    store.end_crawl(1, "finished", finished=True, problems=[])
    store.close()
    store = opened(target)
    merge(store, tmp_path / "shard.db")
    store.close()
    assert told(target) == told(tmp_path / "shard.db")
    sql = open_reading(target)
    assert query.crawls(sql)[0]["outcome"] == "finished"
    sql.close()


# ---------------------------------------------------------------- the command


def test_the_command_makes_the_archive_and_says_what_came_in(shards, tmp_path, capsys) -> None:
    words = ["merge", *map(str, shards), "-a", str(tmp_path / "all.db"), "--json"]
    assert run(words) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["crawls"] for row in rows] == [4, 4]
    assert run(words) == 0
    assert all(row["captures"] == 0 for row in json.loads(capsys.readouterr().out))


def test_wrong_inputs_are_one_sentence(shards, tmp_path, capsys) -> None:
    target = str(tmp_path / "all.db")
    assert run(["merge", str(tmp_path / "none.db"), "-a", target]) == 2
    assert "There is no archive at" in capsys.readouterr().err
    (tmp_path / "foreign.db").write_bytes(b"hello" * 500)
    assert run(["merge", str(tmp_path / "foreign.db"), "-a", target]) == 2
    assert run(["merge", str(shards[0]), "-a", str(shards[0])]) == 2
    assert "is the archive itself" in capsys.readouterr().err
    assert not (tmp_path / "all.db").exists()
    bad = tampered(shards[1], "DELETE FROM observation")
    assert run(["merge", str(bad), str(shards[0]), "-a", target]) == 1
    assert "was not merged" in capsys.readouterr().err


# ---------------------------------------------------------------- what went back


@pytest.fixture
def reverted(tmp_path):
    """One machine saw a page unchanged that another had seen changed in between: it went back."""
    for name, days in (("north", {1: 3, 3: 3}), ("south", {2: 1})):
        store = opened(tmp_path / f"{name}.db")
        for number, value in days.items():
            crawl(store, number, [value, None, None, None])
        store.close()
    return merged(tmp_path, "all.db", [tmp_path / "north.db", tmp_path / "south.db"])


def test_a_figure_s_trace_names_the_later_revisions_that_say_it_again(reverted) -> None:
    sql = open_reading(reverted)
    rows = query.observations(sql, Filters(), indicator="applications.received", revision="all")
    assert [(row["revision"], row["value"]) for row in rows] == [(1, 3), (2, 1), (3, 3)]
    again = trace(sql, rows[2]["id"])["report"]["said_again"]
    assert [(item["revision"], item["at"]) for item in again] == [(3, rows[2]["captured"])]
    assert trace(sql, rows[1]["id"])["report"]["said_again"] == []
    sql.close()


def test_a_bundle_of_what_went_back_is_whole_and_checks_itself(reverted, tmp_path) -> None:
    assert run(["export", "bundle", str(tmp_path / "bundle"), "-a", str(reverted)]) == 0
    command = [sys.executable, "-I", str(tmp_path / "bundle" / "verify_bundle.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
