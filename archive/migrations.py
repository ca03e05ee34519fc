"""The archive's tables, as an append-only list of migrations (sqlite-utils applies and records them).

A released migration is never edited: a change of the schema is a further function at the end.
What each table holds is said in :mod:`archive`.
"""

from __future__ import annotations

import sqlite3
from typing import Any

NAMES = ("m001_tables", "m002_years_compared")
"""The migrations this program knows, in order; kept apart from the functions so that readers need no sqlite-utils."""

_TABLES = """
CREATE TABLE portal (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT, home TEXT NOT NULL, entry TEXT NOT NULL);
CREATE TABLE software (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, parameters TEXT NOT NULL,
  UNIQUE (name, version, parameters));
CREATE TABLE crawl (
  id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, portal INTEGER NOT NULL REFERENCES portal,
  started INTEGER NOT NULL, finished INTEGER, outcome TEXT, software INTEGER NOT NULL REFERENCES software,
  settings TEXT NOT NULL, settings_digest BLOB NOT NULL, operator TEXT, summary TEXT);
CREATE INDEX crawl_portal ON crawl (portal, id);
CREATE TABLE resource (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, key TEXT NOT NULL, last_payload INTEGER, last_capture INTEGER);
CREATE INDEX resource_key ON resource (key);
CREATE TABLE payload (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, base INTEGER REFERENCES payload,
  depth INTEGER NOT NULL, frame BLOB NOT NULL);
CREATE TABLE exemplar (
  portal INTEGER NOT NULL REFERENCES portal, sort TEXT NOT NULL, payload INTEGER NOT NULL REFERENCES payload,
  PRIMARY KEY (portal, sort)) WITHOUT ROWID;
CREATE TABLE headers (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, data BLOB NOT NULL);
CREATE TABLE request (
  id INTEGER PRIMARY KEY, crawl INTEGER NOT NULL REFERENCES crawl, key INTEGER NOT NULL,
  resource INTEGER NOT NULL REFERENCES resource, host TEXT NOT NULL, role TEXT NOT NULL, detail TEXT,
  report TEXT, priority INTEGER NOT NULL, depth INTEGER NOT NULL, referrer INTEGER REFERENCES resource,
  origin INTEGER REFERENCES resource, attempts INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL DEFAULT 0,
  outcome TEXT, reason TEXT, status INTEGER, capture INTEGER, UNIQUE (crawl, key));
CREATE INDEX request_pending ON request (crawl, priority DESC, id) WHERE outcome IS NULL;
CREATE INDEX request_resource ON request (resource, crawl);
CREATE INDEX request_origin ON request (origin, crawl) WHERE origin IS NOT NULL;
CREATE INDEX request_report ON request (crawl, report) WHERE report IS NOT NULL;
CREATE TABLE capture (
  id INTEGER PRIMARY KEY, crawl INTEGER NOT NULL REFERENCES crawl, resource INTEGER NOT NULL REFERENCES resource,
  at INTEGER NOT NULL, method TEXT NOT NULL, status INTEGER, outcome TEXT NOT NULL, reason TEXT,
  peer TEXT, protocol TEXT, elapsed INTEGER, referrer INTEGER REFERENCES resource,
  request_headers INTEGER REFERENCES headers, response_headers BLOB, payload INTEGER REFERENCES payload,
  error TEXT, truncated INTEGER NOT NULL DEFAULT 0, certificate TEXT, UNIQUE (resource, at, crawl));
CREATE INDEX capture_crawl ON capture (crawl);
CREATE INDEX capture_payload ON capture (payload);
CREATE TABLE report (
  id INTEGER PRIMARY KEY, portal INTEGER NOT NULL REFERENCES portal, key TEXT NOT NULL,
  resource INTEGER NOT NULL REFERENCES resource, title TEXT, publisher TEXT, division TEXT, year INTEGER,
  kind TEXT NOT NULL, form TEXT, published TEXT, written TEXT, state TEXT NOT NULL, revisions INTEGER NOT NULL,
  findings INTEGER NOT NULL DEFAULT 0, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  first_gone INTEGER, last_crawl INTEGER NOT NULL REFERENCES crawl, parts BLOB, glance BLOB, moved_to INTEGER,
  UNIQUE (portal, key));
CREATE INDEX report_publisher ON report (publisher, year);
CREATE INDEX report_resource ON report (resource);
CREATE TABLE part (
  crawl INTEGER NOT NULL REFERENCES crawl, resource INTEGER NOT NULL REFERENCES resource, role TEXT NOT NULL,
  report TEXT NOT NULL, name TEXT, capture INTEGER NOT NULL REFERENCES capture, payload INTEGER NOT NULL,
  links TEXT, listed TEXT, glance BLOB, PRIMARY KEY (crawl, resource)) WITHOUT ROWID;
CREATE INDEX part_report ON part (crawl, report);
CREATE TABLE revision (
  id INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES report, n INTEGER NOT NULL,
  crawl INTEGER NOT NULL REFERENCES crawl, capture INTEGER NOT NULL REFERENCES capture, at INTEGER NOT NULL,
  substance BLOB NOT NULL, summary TEXT, UNIQUE (report, n));
CREATE TABLE revision_part (
  revision INTEGER NOT NULL REFERENCES revision, position INTEGER NOT NULL, role TEXT NOT NULL,
  resource INTEGER NOT NULL REFERENCES resource, name TEXT, media_type TEXT,
  capture INTEGER REFERENCES capture, payload INTEGER REFERENCES payload, converter INTEGER REFERENCES software,
  state TEXT, PRIMARY KEY (revision, position)) WITHOUT ROWID;
CREATE INDEX revision_part_payload ON revision_part (payload);
CREATE TABLE reading (
  id INTEGER PRIMARY KEY, revision INTEGER NOT NULL REFERENCES revision, software INTEGER NOT NULL REFERENCES software,
  at INTEGER NOT NULL, title TEXT, publisher TEXT, division TEXT, year INTEGER, kind TEXT, form TEXT,
  published TEXT, written TEXT, substance BLOB NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL,
  UNIQUE (revision, software));
CREATE TABLE place (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE indicator (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
CREATE TABLE observation (
  id INTEGER PRIMARY KEY, reading INTEGER NOT NULL REFERENCES reading, indicator INTEGER NOT NULL REFERENCES indicator,
  value NUMERIC, status TEXT NOT NULL, raw TEXT, unit TEXT, part INTEGER NOT NULL,
  place INTEGER NOT NULL REFERENCES place);
CREATE INDEX observation_reading ON observation (reading);
CREATE INDEX observation_indicator ON observation (indicator);
CREATE TABLE finding (
  id INTEGER PRIMARY KEY, reading INTEGER NOT NULL REFERENCES reading, rule TEXT NOT NULL, level TEXT NOT NULL,
  message TEXT NOT NULL, indicators TEXT NOT NULL);
CREATE INDEX finding_reading ON finding (reading);
CREATE TABLE change (
  id INTEGER PRIMARY KEY, crawl INTEGER NOT NULL REFERENCES crawl, report INTEGER NOT NULL REFERENCES report,
  resource INTEGER NOT NULL REFERENCES resource, event TEXT NOT NULL, seen INTEGER NOT NULL, revision INTEGER,
  summary TEXT, last_seen INTEGER, first_gone INTEGER);
CREATE INDEX change_crawl ON change (crawl);
CREATE INDEX change_report ON change (report);
CREATE TABLE expectation (
  crawl INTEGER NOT NULL REFERENCES crawl, resource INTEGER NOT NULL REFERENCES resource, count INTEGER NOT NULL,
  rule TEXT NOT NULL, PRIMARY KEY (crawl, resource)) WITHOUT ROWID;
CREATE TABLE listed (
  crawl INTEGER NOT NULL REFERENCES crawl, page INTEGER NOT NULL REFERENCES resource,
  row INTEGER NOT NULL REFERENCES resource, PRIMARY KEY (crawl, page, row)) WITHOUT ROWID;
CREATE TABLE paragraph (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE revision_paragraph (
  revision INTEGER NOT NULL REFERENCES revision, position INTEGER NOT NULL,
  paragraph INTEGER NOT NULL REFERENCES paragraph, PRIMARY KEY (revision, position)) WITHOUT ROWID;
CREATE INDEX revision_paragraph_paragraph ON revision_paragraph (paragraph);
CREATE VIRTUAL TABLE paragraph_index USING fts5 (
  grams, content='', tokenize="unicode61 remove_diacritics 0", columnsize=0);
CREATE TABLE log (seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, row INTEGER NOT NULL, leaf BLOB NOT NULL);
CREATE INDEX log_row ON log (kind, row);
CREATE TABLE log_node (
  level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, number)) WITHOUT ROWID;
CREATE TABLE head (
  id INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, at INTEGER NOT NULL,
  crawl INTEGER REFERENCES crawl);
"""

_COMPARED = """
CREATE TABLE compared (
  reading INTEGER NOT NULL REFERENCES reading, earlier INTEGER NOT NULL REFERENCES reading, findings TEXT NOT NULL,
  PRIMARY KEY (reading, earlier)) WITHOUT ROWID
"""
"""A year's reading against the year before it: the findings of the rules across years, a JSON array; never changed."""


def _collection() -> Any:
    from sqlite_utils.migrations import Migrations  # noqa: PLC0415  # its import costs what a read command has

    migrations = Migrations("nianlun")

    @migrations()
    def m001_tables(db: Any) -> None:
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                db.execute(statement)

    @migrations()
    def m002_years_compared(db: Any) -> None:
        db.execute(_COMPARED)

    return migrations


def applied(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the migrations an archive holds, oldest first."""
    try:
        rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set='nianlun' ORDER BY id")
        return [row[0] for row in rows]
    except sqlite3.OperationalError:
        return []


def pending(connection: sqlite3.Connection) -> list[str]:
    """Return the migrations an archive lacks."""
    have = set(applied(connection))
    return [name for name in NAMES if name not in have]


def unknown(connection: sqlite3.Connection) -> list[str]:
    """Return the migrations an archive holds and this program does not know: a newer program wrote it."""
    return [name for name in applied(connection) if name not in NAMES]


def apply(connection: sqlite3.Connection) -> list[str]:
    """Apply what is pending, each migration in a transaction of its own, and return its names."""
    todo = pending(connection)
    if todo:
        from sqlite_utils import Database  # noqa: PLC0415

        factory = connection.row_factory
        connection.row_factory = None
        try:
            _collection().apply(Database(connection))
        finally:
            connection.row_factory = factory
    return todo
