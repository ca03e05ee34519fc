"""Verify: whatever is edited, deleted, flipped or rolled back is found and named."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from archive import comparisons, leaves
from archive.connection import open_reading
from archive.evidence import READING, Log, leaf_hash
from archive.model import Finding, shown
from archive.verify import verify
from tests.archive.history_maker import fetch, next_crawl, revise

EARLIER = "http://www.test.gov.cn/2022.html"


@pytest.fixture
def archive(store, tmp_path):
    """An archive of two crawls, closed; and its head after the first."""
    revise(store, 5)
    revise(store, 3, url=EARLIER, year=2022)
    next_crawl(store)
    head = shown(Log(store.sql).root())
    revise(store, 6)
    page = fetch(store, b"<html>again</html>", EARLIER)
    store.chronicle.seen(store.chronicle.report(store.portal, EARLIER), store.crawl, page, b"f")
    comparisons.keep(store.sql, store.log, 3, 2, [Finding("Y-CARRY", "warning", "x", ())])
    next_crawl(store)
    store.commit()
    store.sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "a.db", head


def tampered(path, statement: str, *values) -> list:
    sql = sqlite3.connect(path)
    sql.execute("PRAGMA foreign_keys=OFF")
    sql.execute(statement, values)
    sql.commit()
    sql.close()
    reader = open_reading(path)
    found = verify(reader)
    reader.close()
    return found


def test_a_sound_archive_has_no_trouble(archive) -> None:
    path, head = archive
    sql = open_reading(path)
    assert verify(sql) == []
    assert verify(sql, head=head) == []
    assert verify(sql, head=shown(Log(sql).root())) == []
    sql.close()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE capture SET at=at-1000 WHERE id=1", "capture"),
        ("UPDATE capture SET peer='198.51.100.1' WHERE id=2", "capture"),
        ("UPDATE capture SET response_headers=NULL WHERE id=1", "capture"),
        ("UPDATE resource SET url='http://www.test.gov.cn/forged' WHERE id=1", "capture"),
        ("UPDATE observation SET value=500, raw='500' WHERE id=1", "reading"),
        ("UPDATE finding SET level='info'", "reading"),
        ("DELETE FROM observation WHERE id=2", "reading"),
        ("UPDATE revision SET at=at+1 WHERE n=1", "revision"),
        ("UPDATE revision_part SET payload=1 WHERE revision=2", "revision"),
        ("UPDATE reading SET year=1999", "reading"),
        ("DELETE FROM log WHERE seq=2", "log"),
        ("UPDATE log SET leaf=zeroblob(32) WHERE seq=1", "head"),
        ("DELETE FROM log WHERE seq=(SELECT max(seq) FROM log)", "head"),
        ("UPDATE payload SET digest=zeroblob(32) WHERE id=1", "payload"),
        ("UPDATE change SET event='gone' WHERE id=2", "change"),
        ("UPDATE change SET seen=seen+1", "change"),
        ("DELETE FROM change WHERE id=1", "change"),
        ("UPDATE crawl SET started=started+1 WHERE id=1", "seal"),
        ("UPDATE crawl SET outcome='blocked' WHERE id=1", "seal"),
        ("UPDATE crawl SET operator='nobody'", "seal"),
        ("UPDATE crawl SET summary=json_set(summary, '$.found', 99) WHERE id=1", "seal"),
        ("UPDATE request SET outcome='refused' WHERE id=1", "crawl"),
        ("DELETE FROM request WHERE id=2", "crawl"),
        ("INSERT INTO expectation VALUES (1, 1, 9, 'x')", "crawl"),
        ("DELETE FROM seal WHERE crawl=1", "seal"),
        ("UPDATE revision SET reading=1 WHERE id=3", "revision"),
        ("UPDATE report SET kind='website'", "report"),
        ("UPDATE report SET resource=2 WHERE id=1", "report"),
        ("UPDATE revision_part SET capture=NULL WHERE revision=1", "revision_part"),
        ("UPDATE revision_part SET converter=NULL WHERE revision=1", "revision_part"),
        ("UPDATE resource SET last_capture=NULL, last_payload=NULL", "resource"),
        ("UPDATE revision SET summary='x' WHERE n=1", "revision"),
        ("UPDATE request SET detail='{}'", "request"),
        ("INSERT INTO listed VALUES (1, 1, 1)", "listed"),
        ("DELETE FROM head WHERE id=1", "head"),
        ("UPDATE head SET at=at+1 WHERE id=1", "head"),
        ("UPDATE head SET crawl=2 WHERE id=1", "head"),
        ("UPDATE payload SET size=size+1 WHERE id=1", "payload"),
        ("UPDATE payload SET depth=depth+1 WHERE id=2", "payload"),
        ("UPDATE sighting SET capture=1", "crawl"),
        ("UPDATE compared SET findings='[]'", "compared"),
        ("DELETE FROM head WHERE id=(SELECT max(id) FROM head)", "head"),
        ("UPDATE portal SET title='别的'", "portal"),
        ("UPDATE portal SET entry=json_set(entry, '$.title', '别的'), title='别的'", "portal"),
        ("UPDATE resource SET key='x' WHERE id=1", "resource"),
        ("UPDATE resource SET last_capture=1", "resource"),
        ("UPDATE report SET state='gone'", "report"),
        ("UPDATE report SET title='伪造'", "report"),
        ("UPDATE report SET revisions=1", "report"),
        ("UPDATE report SET last_seen=last_seen+5", "report"),
        ("UPDATE report SET first_seen=1", "report"),
        ("UPDATE report SET findings=0", "report"),
        ("UPDATE revision SET summary='什么也没有' WHERE n=2", "revision"),
        ("UPDATE revision SET n=3 WHERE n=2", "report"),
        ("UPDATE revision_part SET capture=1 WHERE revision=2", "revision_part"),
        ("UPDATE revision_part SET state='empty' WHERE revision=2", "revision_part"),
        ("UPDATE headers SET data=(SELECT response_headers FROM capture WHERE id=1)", "headers"),
        ("UPDATE crawl SET settings='{}' WHERE id=1", "crawl"),
        ("UPDATE paragraph SET text='篡改' WHERE id=2", "paragraph"),
        ("DELETE FROM revision_paragraph WHERE revision=2", "revision_paragraph"),
        ("DELETE FROM paragraph_index_docsize WHERE id=(SELECT max(id) FROM paragraph_index_docsize)", "paragraph"),
        ("CREATE TRIGGER t AFTER INSERT ON capture BEGIN DELETE FROM change; END", "schema"),
        ("CREATE TABLE stowaway (a)", "schema"),
        ("DROP INDEX capture_payload", "schema"),
    ],
)
def test_an_edited_or_deleted_row_is_found_and_named(archive, statement, what) -> None:
    found = tampered(archive[0], statement)
    assert what in {item.what for item in found}


def test_a_figure_that_is_not_in_its_text_is_found_though_the_log_was_made_anew(archive) -> None:
    """Who rehashes every leaf has to forge the text as well; the text's digest stands in the leaf."""
    sql = sqlite3.connect(archive[0])
    sql.row_factory = sqlite3.Row
    sql.execute("UPDATE observation SET value=500, raw='500' WHERE id=1")
    leaf = leaf_hash(leaves.reading(sql, 1))
    sql.execute("UPDATE log SET leaf=? WHERE kind=? AND row=1", (leaf, READING))
    sql.execute("DELETE FROM head")
    sql.commit()
    sql.close()
    reader = open_reading(archive[0])
    assert [item.row for item in verify(reader) if item.what == "reading"] == ["1"]
    reader.close()


def test_a_head_that_is_only_said_to_be_a_shard_s_proves_nothing(archive) -> None:
    path, head = archive
    sql = sqlite3.connect(path)
    sql.execute("INSERT INTO shard (size, root) VALUES (1, ?)", (b"\x07" * 32,))
    sql.commit()
    sql.close()
    reader = open_reading(path)
    said = [item for item in verify(reader, head="sha256:" + "07" * 32) if item.what == "head"]
    assert "only the shard itself can prove" in said[0].message
    assert not [item for item in verify(reader, head=head) if item.what == "head"]
    reader.close()


def test_a_head_of_any_moment_is_known(store) -> None:
    """Also one printed while a crawl was under way, of which no row was kept."""
    revise(store, 5)
    head = shown(Log(store.sql).root())
    next_crawl(store)
    assert verify(store.sql, head=head) == []


def test_a_deleted_capture_is_named(archive) -> None:
    sql = sqlite3.connect(archive[0])
    sql.execute("DELETE FROM capture WHERE id=1")
    sql.commit()
    sql.close()
    found = verify(open_reading(archive[0]))
    assert any(item.what == "capture" and item.row == "1" and "missing" in item.message for item in found)


def test_a_row_without_a_log_entry_is_found(archive) -> None:
    found = tampered(
        archive[0],
        "INSERT INTO capture (crawl, resource, at, method, outcome, truncated) VALUES (1, 1, 5, 'GET', 'fetched', 0)",
    )
    assert [item for item in found if item.what == "capture" and "no entry" in item.message]


def test_an_older_copy_put_in_place_fails_against_a_head_kept_elsewhere(store, tmp_path) -> None:
    revise(store, 5)
    next_crawl(store)
    store.sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(tmp_path / "a.db", tmp_path / "old.db")
    revise(store, 6)
    store.commit()
    head = shown(Log(store.sql).root())
    old = open_reading(tmp_path / "old.db")
    assert verify(old) == []
    assert [item.what for item in verify(old, head=head)] == ["head"]
    old.close()


def test_any_flipped_byte_of_a_stored_page_is_found(archive) -> None:
    sql = sqlite3.connect(archive[0])
    frame = bytearray(sql.execute("SELECT frame FROM payload WHERE id=1").fetchone()[0])
    frame[-1] ^= 255
    sql.execute("UPDATE payload SET frame=? WHERE id=1", (bytes(frame),))
    sql.commit()
    sql.close()
    assert [item.row for item in verify(open_reading(archive[0])) if item.what == "payload"][0] == "1"
