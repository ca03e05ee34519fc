"""The store: captures, the frontier, transactions, and what a crash leaves."""

from __future__ import annotations

import sqlite3

import pytest

from archive.connection import (
    ArchiveBusy,
    ForeignFile,
    MissingArchive,
    NewerArchive,
    lease,
    open_reading,
    open_writing,
)
from archive.leaves import unpack_headers
from archive.model import Errand, Software
from archive.store import Store
from archive.urls import host_of, url_key
from archive.verify import verify
from tests.conftest import Clock, exchange

URL = "http://www.test.gov.cn/a.html"


def errand(url: str = URL, **more) -> Errand:
    return Errand(url=url, key=url_key(url), role="page", host=host_of(url), callback="parse_page", **more)


def test_a_capture_keeps_both_sides_headers_peer_timing_and_referrer(store) -> None:
    found = store.capture(
        store.crawl,
        store.portal,
        exchange(URL, b"<html>1</html>", referrer="http://www.test.gov.cn/"),
        "fetched",
        None,
        "page",
    )
    row = store.sql.execute(
        "SELECT capture.*, headers.data, r.url AS referrer_url FROM capture JOIN headers ON headers.id=request_headers"
        " JOIN resource r ON r.id=referrer WHERE capture.id=?",
        (found.capture,),
    ).fetchone()
    assert unpack_headers(row["data"]) == [["User-Agent", "nianlun/test"]]
    assert unpack_headers(row["response_headers"]) == [["Content-Type", "text/html"], ["ETag", '"1"']]
    assert (row["peer"], row["elapsed"], row["referrer_url"]) == ("203.0.113.7", 12, "http://www.test.gov.cn/")


def test_the_same_payload_again_is_a_revisit(store) -> None:
    first = store.capture(store.crawl, store.portal, exchange(URL, b"x", 1), "fetched", None, "page")
    second = store.capture(store.crawl, store.portal, exchange(URL, b"x", 2), "fetched", None, "page")
    assert (first.outcome, second.outcome) == ("fetched", "revisit")
    assert first.payload == second.payload


def test_a_304_points_to_the_payload_it_confirms(store) -> None:
    first = store.capture(store.crawl, store.portal, exchange(URL, b"x", 1), "fetched", None, "page")
    second = store.capture(store.crawl, store.portal, exchange(URL, None, 2, status=304), "revisit", None, "page")
    assert second.payload == first.payload
    third = store.capture(store.crawl, store.portal, exchange(URL, b"y", 3), "fetched", None, "page")
    assert third.outcome == "fetched"


def test_a_failed_answer_is_kept_and_never_becomes_the_last_good_one(store) -> None:
    store.capture(store.crawl, store.portal, exchange(URL, b"good", 1), "fetched", None, "page")
    store.capture(store.crawl, store.portal, exchange(URL, b"oops", 2, status=500), "failed", "status 500", "page")
    assert store.last_payload(URL) == b"good"
    assert store.sql.execute("SELECT count(*) FROM payload").fetchone()[0] == 2


def test_two_captures_of_one_address_in_one_millisecond_are_both_kept(store) -> None:
    for body in (b"1", b"2"):
        store.capture(store.crawl, store.portal, exchange(URL, body, 7), "fetched", None, "page")
    assert store.sql.execute("SELECT count(*) FROM capture").fetchone()[0] == 2


def test_a_request_is_asked_once_however_it_is_spelled(store) -> None:
    assert store.ask(store.crawl, errand()) is not None
    assert store.ask(store.crawl, errand("https://test.gov.cn/a.html#x")) is None


def test_the_most_urgent_request_comes_first_and_ended_ones_never_again(store) -> None:
    low = store.ask(store.crawl, errand("http://test.gov.cn/1"))
    high = store.ask(store.crawl, errand("http://test.gov.cn/2", priority=5))
    assert [item.id for item in store.frontier.pending(store.crawl, 10)] == [high, low]
    store.end(high, "fetched", None, 200, None)
    assert [item.id for item in store.frontier.pending(store.crawl, 10)] == [low]


def test_an_errand_comes_back_from_the_archive_as_it_went_in(store) -> None:
    given = errand(
        method="POST", body=b"a=\xff", headers=(("X-Requested-With", "XMLHttpRequest"),), arguments='{"page":2}',
        meta='{"role":"listing"}', priority=3, depth=2, referrer="http://www.test.gov.cn/", report="k",
    )  # fmt: skip
    store.ask(store.crawl, given)
    back = store.frontier.pending(store.crawl, 1)[0]
    same = (
        "url",
        "role",
        "host",
        "method",
        "body",
        "headers",
        "callback",
        "arguments",
        "meta",
        "priority",
        "depth",
        "referrer",
        "report",
    )
    assert [getattr(back, name) for name in same] == [getattr(given, name) for name in same]


def test_an_outcome_is_set_once(store) -> None:
    number = store.ask(store.crawl, errand())
    store.end(number, "gone", "404", 404, None)
    store.end(number, "fetched", None, 200, None)
    assert store.sql.execute("SELECT outcome FROM request").fetchone()[0] == "gone"


def test_what_was_not_committed_is_gone_and_what_was_is_there(store, tmp_path) -> None:
    store.capture(store.crawl, store.portal, exchange(URL, b"1", 1), "fetched", None, "page")
    store.commit()
    store.capture(store.crawl, store.portal, exchange(URL, b"2", 2), "fetched", None, "page")
    store.rollback()
    assert store.sql.execute("SELECT count(*) FROM capture").fetchone()[0] == 1
    store.capture(store.crawl, store.portal, exchange(URL, b"3", 3), "fetched", None, "page")
    store.commit()
    assert verify(open_reading(tmp_path / "a.db")) == []


def test_an_interrupted_crawl_is_known_until_it_is_finished(store) -> None:
    assert store.interrupted(store.portal) == store.crawl
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    assert store.interrupted(store.portal) is None


def test_a_missing_archive_is_said_and_not_created(tmp_path) -> None:
    with pytest.raises(MissingArchive, match="nianlun crawl"):
        open_reading(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("content", [b"not a database" * 99, b"", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_foreign_file_is_refused(tmp_path, content) -> None:
    path = tmp_path / "junk.db"
    path.write_bytes(content)
    with pytest.raises(ForeignFile):
        open_reading(path)


def test_somebody_else_s_database_is_never_written(tmp_path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (a)")
    other.commit()
    other.close()
    with pytest.raises(ForeignFile):
        open_writing(path)


def test_a_newer_archive_is_refused(tmp_path) -> None:
    path = tmp_path / "a.db"
    connection = open_writing(path)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('nianlun','m999','now')"
    )
    connection.close()
    for opener in (open_reading, open_writing):
        with pytest.raises(NewerArchive, match="upgrade"):
            opener(path)


def test_reading_changes_nothing(tmp_path, store) -> None:
    store.commit()
    connection = open_reading(tmp_path / "a.db")
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM crawl")
    connection.close()


def test_the_second_writer_is_told(tmp_path) -> None:
    path = tmp_path / "a.db"
    with lease(path), pytest.raises(ArchiveBusy, match="process"), lease(path):
        pass
    with lease(path):
        pass


def test_a_resumed_log_is_the_same_log(tmp_path) -> None:
    path = tmp_path / "b.db"
    for turn in range(3):
        store = Store(open_writing(path), Clock(1000 * turn))
        portal = store.portal_id(__import__("archive.model").model.Portal(name="p", title="p", home="http://p.gov.cn/"))
        crawl = store.begin_crawl(portal, f"u{turn}", Software("n", "1"), {}, None)
        for i in range(5):
            store.capture(
                crawl, portal, exchange(f"http://p.gov.cn/{i}", f"{turn}{i}".encode(), i), "fetched", None, "page"
            )
        store.end_crawl(crawl, "finished", finished=True, problems=[])
        store.close()
    assert verify(open_reading(path)) == []


def test_an_older_archive_is_refused_by_readers_and_migrated_with_a_copy(tmp_path, monkeypatch, capsys) -> None:
    from archive import migrations
    from archive.connection import OlderArchive
    from crawler.cli import run

    path = tmp_path / "a.db"
    open_writing(path).close()
    monkeypatch.setattr(migrations, "NAMES", (*migrations.NAMES, "m999_later"))
    with pytest.raises(OlderArchive, match="nianlun migrate"):
        open_reading(path)
    collection = migrations._collection()
    collection(name="m999_later")(lambda db: db.execute("CREATE TABLE later (a)"))
    monkeypatch.setattr(migrations, "_collection", lambda: collection)
    assert run(["migrate", "-a", str(path)]) == 0
    assert "m999_later" in capsys.readouterr().out
    open_reading(path).close()
    assert (tmp_path / "a.db.before-m999_later").exists()
    assert run(["migrate", "-a", str(path)]) == 0
