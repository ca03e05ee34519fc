"""What crawls told, between two positions of an archive; merges and repeats tell nothing twice."""

from __future__ import annotations

from archive import events
from archive.merging import merge
from tests.archive.history_maker import next_crawl, revise
from tests.archive.test_merging import PAGES, crawl, opened


def told(store, since: events.Position) -> list[tuple[str, str]]:
    now = events.position(store.sql)
    return [(row["event"], row["url"]) for row in events.changes_after(store.sql, since.change, now.change)]


def test_between_two_positions_is_what_came_in_between(store) -> None:
    revise(store, 5)
    next_crawl(store)
    before = events.position(store.sql)
    assert told(store, before) == []
    revise(store, 6)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    now = events.position(store.sql)
    assert [event for event, _ in told(store, before)] == ["changed"]
    assert [row["id"] for row in events.crawls_after(store.sql, before, now)] == [2]
    assert events.crawls_after(store.sql, now, now) == []


def test_open_crawls_are_told_of_when_they_stand_otherwise(store) -> None:
    before = events.position(store.sql)
    assert before.open == {}
    store.end_crawl(store.crawl, "interrupted", finished=False, problems=["x"])
    stopped = events.position(store.sql)
    (row,) = events.crawls_after(store.sql, before, stopped)
    assert (row["outcome"], row["summary"]["problems"]) == ("interrupted", ["x"])
    assert events.crawls_after(store.sql, stopped, stopped) == []
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    done = events.position(store.sql)
    assert [row["outcome"] for row in events.crawls_after(store.sql, stopped, done)] == ["finished"]
    assert done.open == {}


def test_a_shard_that_saw_what_was_known_tells_only_what_was_not(tmp_path) -> None:
    ours, theirs = opened(tmp_path / "ours.db"), opened(tmp_path / "theirs.db")
    crawl(ours, 0, [1, None, None, None])
    crawl(theirs, 1, [1, 2, None, None])
    theirs.close()
    before = events.position(ours.sql)
    merge(ours, tmp_path / "theirs.db")
    assert told(ours, before) == [("new", PAGES[1])]
    ours.close()


def test_the_newest_come_first_and_an_archive_is_known_by_its_first_crawl(store) -> None:
    assert events.identity(store.sql) == "uid-1"
    revise(store, 5)
    revise(store, 6)
    now = events.position(store.sql)
    assert [row["event"] for row in events.newest_changes(store.sql, now.change, 9)] == ["changed", "new"]
    assert len(events.newest_changes(store.sql, now.change, 1)) == 1
