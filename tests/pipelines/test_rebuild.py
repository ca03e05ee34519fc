"""Rebuilding: what follows from payloads comes back as the log witnesses it, and nothing else is taken."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from archive.connection import open_reading, open_writing
from archive.model import Software
from archive.query import Filters, observations
from archive.store import Store
from archive.verify import verify
from crawler.cli import run
from pipelines.rebuild import reading_of_text, rebuild
from tests.archive.history_maker import next_crawl, revise
from tests.conftest import PORTAL, Clock


@pytest.fixture
def archive(tmp_path):
    """An archive of two crawls, closed."""
    store = Store(open_writing(tmp_path / "a.db"), Clock())
    store.portal = store.portal_id(PORTAL)
    store.crawl = store.begin_crawl(store.portal, "uid-1", Software("nianlun", "test"), {}, "tester")
    revise(store, 5)
    next_crawl(store)
    revise(store, 6, text="一、总体情况。\n另有一段。")
    next_crawl(store)
    store.close()
    return tmp_path / "a.db"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE observation SET value=500, raw='500' WHERE id=1",
        "DELETE FROM observation WHERE id=2",
        "DELETE FROM observation WHERE id=1",
        "DELETE FROM observation",
        "UPDATE place SET text='{}'",
        "UPDATE finding SET level='info'",
        "DELETE FROM finding",
        "UPDATE reading SET year=1999, title='伪造'",
        "UPDATE report SET title='伪造', state='gone', revisions=9",
        "UPDATE revision SET summary='无' WHERE n=2",
        "UPDATE revision SET n=7 WHERE n=2",
        "UPDATE paragraph SET text='篡改'",
        "DELETE FROM revision_paragraph",
        "DELETE FROM indexed",
        "UPDATE resource SET key='x', last_payload=NULL, last_capture=NULL",
    ],
)
def test_what_follows_from_the_readings_is_restored(archive, statement) -> None:
    before = ids(archive)
    sql = sqlite3.connect(archive)
    sql.execute(statement)
    sql.commit()
    sql.close()
    assert troubles(archive)
    store = Store(open_writing(archive))
    found = rebuild(store, None, 0, {})
    store.close()
    assert found.lost == ()
    assert troubles(archive) == []
    if statement != "DELETE FROM observation":
        assert ids(archive) == before


def test_a_forged_text_is_not_taken_for_the_one_that_was_there(archive) -> None:
    """Nobody can smuggle a figure in through the text: its digest is witnessed, and so are the figures."""
    sql = sqlite3.connect(archive)
    sql.execute("UPDATE reading SET data=(SELECT data FROM reading WHERE id=1), base=NULL WHERE id=2")
    sql.commit()
    sql.close()
    store = Store(open_writing(archive))
    software = store.sql.execute("SELECT software FROM reading WHERE id=2").fetchone()[0]
    found = rebuild(store, None, software + 100, {})
    store.close()
    assert [number for number, _ in found.lost] == [2]
    assert {item.row for item in troubles(archive) if item.what == "reading"} == {"2"}


def test_a_lost_write_of_the_log_s_is_never_repaired(archive) -> None:
    sql = sqlite3.connect(archive)
    sql.execute("UPDATE capture SET at=at-1000 WHERE id=1")
    sql.commit()
    sql.close()
    store = Store(open_writing(archive))
    rebuild(store, None, 0, {})
    store.close()
    assert "capture" in {item.what for item in troubles(archive)}


def test_the_text_holds_the_whole_reading(archive) -> None:
    from archive.history import reading_data

    sql = open_reading(archive)
    data = reading_data(sql, 1)
    sql.close()
    import json

    found = reading_of_text(json.dumps({**data, "attachments": [], "first": {}}))
    assert found.title == data["title"]
    assert len(found.observations) == 2


def test_the_command_restores_and_then_checks(archive, tmp_path, capsys) -> None:
    shutil.copy(archive, tmp_path / "b.db")
    sql = sqlite3.connect(tmp_path / "b.db")
    sql.execute("UPDATE observation SET value=500")
    sql.commit()
    sql.close()
    assert run(["verify", "-a", str(tmp_path / "b.db"), "--rebuild"]) == 0
    said = capsys.readouterr()
    assert "2 readings restored" in said.err
    assert "sound" in said.out
    assert run(["verify", "-a", str(tmp_path / "none.db"), "--rebuild"]) == 2


def ids(path) -> list:
    sql = open_reading(path)
    found = [(row["id"], row["indicator"], row["value"]) for row in observations(sql, Filters(), revision="all")]
    sql.close()
    return found


def troubles(path) -> list:
    sql = open_reading(path)
    found = verify(sql)
    sql.close()
    return found
