"""Texts of readings: small beside what they resemble, whole whatever becomes of their neighbours."""

from __future__ import annotations

import sqlite3

import pytest

from archive.connection import open_reading
from archive.history import reading_data
from archive.payloads import DamagedPayload
from archive.texts import text_of
from tests.archive.history_maker import next_crawl, revise

LONG = "一、总体情况。" + "".join(chr(0x4E00 + i * 7 % 9000) for i in range(3000))


@pytest.fixture
def archive(store, tmp_path):
    """Three revisions of one report and one of another, with long texts."""
    for value in (1, 2, 3):
        revise(store, value, text=LONG)
        next_crawl(store)
    revise(store, 9, text=LONG, url="http://www.test.gov.cn/2022.html", year=2022)
    next_crawl(store)
    store.commit()
    store.sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "a.db"


def test_later_readings_lean_on_the_first_and_reports_on_each_other(archive) -> None:
    sql = open_reading(archive)
    rows = sql.execute("SELECT id, base, length(data) FROM reading ORDER BY id").fetchall()
    assert [row[1] for row in rows] == [None, 1, 1, 1]
    assert all(row[2] * 8 < rows[0][2] for row in rows[1:])
    values = [reading_data(sql, row[0])["observations"][0]["value"] for row in rows]
    assert values == [1, 2, 3, 9]
    assert all(reading_data(sql, row[0])["text"] == LONG for row in rows)
    sql.close()


@pytest.mark.parametrize("statement", ["UPDATE reading SET base=2 WHERE id=1", "DELETE FROM reading WHERE id=1"])
def test_a_circle_or_a_missing_base_is_said(archive, statement) -> None:
    sql = sqlite3.connect(archive)
    sql.execute(statement)
    sql.commit()
    sql.close()
    reader = open_reading(archive)
    with pytest.raises(DamagedPayload, match="reading 2"):
        text_of(reader, 2)
    reader.close()
