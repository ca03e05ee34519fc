"""What a run reads off the archive before it begins: what counts against a day, and an archive that was never filled."""

from __future__ import annotations

import sqlite3

import pytest

from archive import connection
from archive.connection import ForeignFile, MissingArchive, open_reading, open_writing
from archive.model import Software
from archive.portals import asked_of_hosts
from archive.store import Store
from crawler.roster import Roster
from tests.archive.history_maker import fetch
from tests.conftest import PORTAL

DAY = 86_400_000


def test_what_was_asked_before_the_day_does_not_count_against_it(tmp_path) -> None:
    now = [10 * DAY]
    store = Store(open_writing(tmp_path / "a.db"), lambda: now[0])
    store.portal = store.portal_id(PORTAL)
    for number in range(3):
        store.crawl = store.begin_crawl(store.portal, f"uid-{number}", Software("n", "t"), {"entry": "x"}, None)
        fetch(store, f"<html>{number}</html>".encode(), f"http://www.test.gov.cn/{number}.html")
        now[0] += DAY
    (every,) = asked_of_hosts(store.sql, [1, 2, 3])
    (lately,) = asked_of_hosts(store.sql, [1, 2, 3], since=now[0] - DAY)
    store.close()
    assert (every.requests, lately.requests) == (3, 1)
    assert 0 < lately.bytes < every.bytes
    assert lately.at == every.at


def test_an_archive_whose_first_crawl_wrote_nothing_is_as_none_for_the_schedule(tmp_path) -> None:
    path = tmp_path / "a.db"
    sql = sqlite3.connect(path)
    sql.execute(f"PRAGMA application_id={connection.APPLICATION_ID}")
    sql.execute("PRAGMA journal_mode=WAL")
    sql.close()
    for kind in (MissingArchive, ForeignFile):
        with pytest.raises(kind, match="never filled"):
            open_reading(path)
    (due,) = Roster(path, ["http://www.test.gov.cn/"], []).dues(0.0)
    assert (due.reason, due.overdue) == ("never", True)
