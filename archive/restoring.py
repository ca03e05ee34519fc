"""Rows that are worked out from others, written again where they no longer follow: figures, search, listings.

A reading's text holds all it understood, and the log witnesses both: what is written here again is checked against
the reading's entry, so that a restored figure is the one that was there.  Nothing the log witnesses is made up.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive import evidence, leaves, search
from archive.chronicle import OBSERVATION
from archive.figures import place_json
from archive.payloads import compress
from archive.retelling import is_retold, relist, retell
from archive.texts import text_of
from archive.urls import url_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable

    from archive.model import Reading
    from archive.store import Store


def damaged_texts(store: Store) -> list[int]:
    """The readings whose text does not match its digest any more."""
    found = []
    for number, digest in store.sql.execute("SELECT id, digest FROM reading"):
        try:
            sound = leaves.sha(text_of(store.sql, number)) == digest
        except Exception:  # noqa: BLE001  # not even a frame any more
            sound = False
        if not sound:
            found.append(int(number))
    return found


def restore_text(store: Store, reading: int, text: str) -> bool:
    """Write a reading's text again if it is the one that was there, by its digest; return whether it was."""
    data = text.encode()
    digest = store.sql.execute("SELECT digest FROM reading WHERE id=?", (reading,)).fetchone()[0]
    if leaves.sha(data) != digest:
        return False
    store.writing()
    store.sql.execute("UPDATE reading SET data=?, base=NULL WHERE id=?", (compress(data), reading))
    return True


def revision_read(store: Store, reading: int) -> sqlite3.Row:
    """Which revision of which report a reading is of, and by whom: ``revision, software, key, portal``."""
    row: sqlite3.Row = store.sql.execute(
        "SELECT reading.revision, reading.software, report.key, report.portal FROM reading JOIN revision ON"
        " revision.id=reading.revision JOIN report ON report.id=revision.report WHERE reading.id=?",
        (reading,),
    ).fetchone()
    return row


def spoken_for(store: Store) -> list[tuple[int, int]]:
    """Each revision with the reading it stands for."""
    rows = store.sql.execute("SELECT id, reading FROM revision WHERE reading IS NOT NULL ORDER BY id")
    return [(row[0], row[1]) for row in rows]


def changed_readings(store: Store, without: Collection[int]) -> list[int]:
    """The readings, but for those ``without`` text, whose rows are not what their entries witness."""
    found = []
    for number, leaf in store.sql.execute("SELECT row, leaf FROM log WHERE kind=? ORDER BY row", (evidence.READING,)):
        if number in without:
            continue
        try:
            same = evidence.leaf_hash(leaves.reading(store.sql, number)) == leaf
        except Exception:  # noqa: BLE001  # rows of a damaged file can hold anything
            same = False
        if not same:
            found.append(int(number))
    return found


def restore_reading(store: Store, number: int, reading: Reading) -> bool:
    """Write a reading's columns, observations and findings again; keep it only if its entry then witnesses it."""
    sql = store.sql
    store.commit()
    store.writing()
    sql.execute(
        "UPDATE reading SET title=?, publisher=?, year=?, kind=?, form=?, published=?, written=? WHERE id=?",
        (
            reading.title, reading.publisher, reading.year, reading.kind, reading.form, reading.published,
            reading.written, number,
        ),
    )  # fmt: skip
    _observations(store, number, reading)
    sql.execute("DELETE FROM finding WHERE reading=?", (number,))
    sql.executemany(
        "INSERT INTO finding (reading, rule, level, message, indicators) VALUES (?,?,?,?,?)",
        [
            (number, item.rule, item.level, item.message, json.dumps(item.indicators, ensure_ascii=False))
            for item in reading.findings
        ],
    )
    leaf = sql.execute("SELECT leaf FROM log WHERE kind=? AND row=?", (evidence.READING, number)).fetchone()[0]
    if evidence.leaf_hash(leaves.reading(sql, number)) == leaf:
        store.commit()
        return True
    store.rollback()
    return False


def _observations(store: Store, number: int, reading: Reading) -> None:
    """The observations under the ids they had: those of a reading follow each other."""
    sql = store.sql
    parts = sql.execute(
        "SELECT url, position FROM revision_part JOIN resource ON resource.id=revision_part.resource WHERE"
        " revision_part.revision=(SELECT revision FROM reading WHERE id=?) AND role<>'page'",
        (number,),
    )
    rows = store.chronicle.observation_rows(number, reading.observations, {row[0]: row[1] for row in parts})
    sql.executemany(
        "INSERT INTO place VALUES (?,?) ON CONFLICT (id) DO UPDATE SET text=excluded.text",
        [(row[-1], place_json(item.where)) for row, item in zip(rows, reading.observations, strict=True)],
    )
    first = _first_id(store, number, len(rows))
    sql.execute("DELETE FROM observation WHERE reading=?", (number,))
    sql.executemany(
        f"INSERT INTO observation (id, {OBSERVATION}) VALUES (?,?,?,?,?,?,?,?,?)",
        [(first + i, *row) for i, row in enumerate(rows)],
    )


def _first_id(store: Store, number: int, count: int) -> int:
    """Where a reading's observations began, if there is room there; else behind all others."""
    sql = store.sql
    kept = sql.execute("SELECT min(id) FROM observation WHERE reading=?", (number,)).fetchone()[0]
    last = sql.execute("SELECT coalesce(max(id), 0) FROM observation").fetchone()[0]
    if kept is not None:
        before = sql.execute("SELECT coalesce(max(id), 0) FROM observation WHERE id<?", (kept,)).fetchone()[0]
        others = sql.execute(
            "SELECT 1 FROM observation WHERE id BETWEEN ? AND ? AND reading<>?", (before + 1, before + count, number)
        ).fetchone()
        if others is None:
            return int(before) + 1
    return int(last) + 1


def restore_search(store: Store, paragraphs: Iterable[tuple[int, list[str], int | None]]) -> None:
    """Link each revision's paragraphs again, as its reading has them, and build the index from them."""
    sql = store.sql
    store.writing()
    sql.execute("DELETE FROM revision_paragraph")
    sql.execute("DELETE FROM paragraph")
    search.rebuild(sql)
    index = search.Index(sql)
    for revision, texts, year in paragraphs:
        index.add(revision, texts, year)
    store.commit()


def restore_listings(store: Store) -> None:
    """List every report again as its revisions, readings and chronicle say."""
    sql = store.sql
    for (number,) in sql.execute("SELECT id FROM report ORDER BY id").fetchall():
        store.writing()
        if is_retold(sql, number):
            retell(sql, number, store.chronicle.summary)
        else:
            relist(sql, number)
        store.breathe()
    store.commit()


def restore_addresses(store: Store) -> None:
    """Give addresses their keys, and let each point to its last good answer, again."""
    store.writing()
    rows = store.sql.execute("SELECT id, url, key FROM resource").fetchall()
    store.sql.executemany(
        "UPDATE resource SET key=? WHERE id=?",
        [(url_key(url), number) for number, url, key in rows if url_key(url) != key],
    )
    store.sql.execute(
        "UPDATE resource SET (last_capture, last_payload) = (SELECT id, payload FROM capture WHERE"
        " capture.resource=resource.id AND outcome IN ('fetched','revisit') AND NOT truncated AND payload IS NOT NULL AND"
        " status<>304 ORDER BY at DESC, id DESC LIMIT 1)"
    )
    store.commit()
