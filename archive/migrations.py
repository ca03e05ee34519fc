"""The archive's tables, as an append-only list of migrations (sqlite-utils applies and records them).

A released migration is never edited: a change of the schema is a further function at the end.
What each table holds is said in :mod:`archive`.
"""

from __future__ import annotations

import sqlite3
from typing import Any

NAMES = ("m001_tables", "m002_years_compared", "m003_witnesses", "m004_search")
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


_WITNESSES = """
CREATE TABLE revision_next (
  id INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES report, n INTEGER, home INTEGER NOT NULL,
  crawl INTEGER NOT NULL REFERENCES crawl, capture INTEGER NOT NULL REFERENCES capture, at INTEGER NOT NULL,
  substance BLOB NOT NULL, summary TEXT, reading INTEGER REFERENCES reading, UNIQUE (report, n));
INSERT INTO revision_next SELECT id, report, n, n, crawl, capture, at, substance, summary,
  (SELECT max(reading.id) FROM reading WHERE reading.revision=revision.id) FROM revision;
DROP TABLE revision;
ALTER TABLE revision_next RENAME TO revision;
CREATE INDEX revision_capture ON revision (capture);
CREATE INDEX revision_reading ON revision (reading) WHERE home=0;
CREATE INDEX revision_part_resource ON revision_part (resource);
CREATE TABLE reading_next (
  id INTEGER PRIMARY KEY, revision INTEGER NOT NULL REFERENCES revision, software INTEGER NOT NULL REFERENCES software,
  at INTEGER NOT NULL, title TEXT, publisher TEXT, division TEXT, year INTEGER, kind TEXT, form TEXT,
  published TEXT, written TEXT, substance BLOB NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL,
  base INTEGER REFERENCES reading);
INSERT INTO reading_next SELECT *, NULL FROM reading;
DROP TABLE reading;
ALTER TABLE reading_next RENAME TO reading;
CREATE INDEX reading_revision ON reading (revision, software);
CREATE TABLE compared_next (
  id INTEGER PRIMARY KEY, reading INTEGER NOT NULL REFERENCES reading, earlier INTEGER NOT NULL REFERENCES reading,
  findings TEXT NOT NULL, UNIQUE (reading, earlier));
INSERT INTO compared_next (reading, earlier, findings) SELECT reading, earlier, findings FROM compared;
DROP TABLE compared;
ALTER TABLE compared_next RENAME TO compared;
ALTER TABLE change ADD COLUMN other INTEGER REFERENCES report;
CREATE INDEX change_resource ON change (resource, crawl);
ALTER TABLE head ADD COLUMN token BLOB;
UPDATE request SET report=NULL WHERE outcome IS NOT NULL;
CREATE TABLE seal (
  id INTEGER PRIMARY KEY, crawl INTEGER NOT NULL UNIQUE REFERENCES crawl, requests BLOB NOT NULL,
  expectations BLOB NOT NULL, sightings BLOB NOT NULL);
CREATE TABLE sighting (
  crawl INTEGER NOT NULL REFERENCES crawl, revision INTEGER NOT NULL REFERENCES revision,
  capture INTEGER NOT NULL REFERENCES capture, PRIMARY KEY (crawl, revision)) WITHOUT ROWID;
INSERT OR IGNORE INTO sighting SELECT capture.crawl, (SELECT r.id FROM revision r WHERE r.report=report.id AND
  r.at<=capture.at ORDER BY r.n DESC LIMIT 1), capture.id FROM report JOIN resource ON resource.id=report.resource
  JOIN resource twin ON twin.key=resource.key JOIN capture ON capture.resource=twin.id AND capture.outcome IN
  ('fetched','revisit') AND capture.at>report.first_seen LEFT JOIN request ON request.capture=capture.id AND
  request.crawl=capture.crawl WHERE request.reason IS NULL AND capture.id NOT IN (SELECT capture FROM revision)
  ORDER BY capture.at DESC;
CREATE TABLE shard (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, UNIQUE (root, size));
CREATE TABLE retold (
  id INTEGER PRIMARY KEY, crawl INTEGER NOT NULL REFERENCES crawl, report INTEGER NOT NULL REFERENCES report,
  resource INTEGER NOT NULL REFERENCES resource, event TEXT NOT NULL, seen INTEGER NOT NULL, revision INTEGER,
  summary TEXT, last_seen INTEGER, first_gone INTEGER, other INTEGER REFERENCES report);
CREATE INDEX retold_report ON retold (report);
CREATE INDEX retold_crawl ON retold (crawl);
CREATE INDEX retold_resource ON retold (resource, crawl);
CREATE VIEW told AS
  SELECT id, crawl, report, resource, event, seen, revision, summary, last_seen, first_gone, other FROM change
    WHERE NOT EXISTS (SELECT 1 FROM retold WHERE retold.report=change.report)
  UNION ALL SELECT -id, crawl, report, resource, event, seen, revision, summary, last_seen, first_gone, other FROM retold;
"""
"""What a log entry stands for is a row that never changes: a revision keeps the number it was logged under (``home``)
beside the one it has among all revisions that were merged or imported since (``n``, null: it says what the one before
it said); changes, comparisons and finished crawls become entries too.  The statements run with foreign keys off, as SQLite asks
(lang_altertable, section 7)."""


def _witness(connection: sqlite3.Connection) -> None:
    """Log the changes, comparisons and finished crawls that were written before they had entries."""
    from archive import evidence, leaves, seals  # noqa: PLC0415  # only here: a reader needs neither

    factory = connection.row_factory
    connection.row_factory = sqlite3.Row
    try:
        log = evidence.Log(connection)
        for (number,) in connection.execute("SELECT id FROM change ORDER BY id").fetchall():
            log.append(evidence.CHANGE, number, leaves.change(connection, number))
        for (number,) in connection.execute("SELECT id FROM compared ORDER BY id").fetchall():
            log.append(evidence.COMPARED, number, leaves.compared(connection, number))
        for (number,) in connection.execute("SELECT id FROM crawl WHERE finished IS NOT NULL ORDER BY id").fetchall():
            seals.seal(connection, log, number)
        if log.size:
            connection.execute(
                "INSERT INTO head (size, root, at) SELECT ?, ?, max(at) FROM head", (log.size, log.root())
            )
    finally:
        connection.row_factory = factory


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

    @migrations()
    def m003_witnesses(db: Any) -> None:
        for statement in _WITNESSES.split(";\n"):
            if statement.strip():
                db.execute(statement)
        _witness(db.conn)

    @migrations()
    def m004_search(db: Any) -> None:
        from archive import search  # noqa: PLC0415

        search.rebuild(db.conn)

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
    """Apply what is pending, each migration in a transaction of its own, and return its names.

    Tables are rebuilt with foreign keys off, which no transaction can switch; they are on afterwards.
    """
    todo = pending(connection)
    connection.execute("PRAGMA foreign_keys=OFF")
    if todo:
        from sqlite_utils import Database  # noqa: PLC0415

        factory = connection.row_factory
        connection.row_factory = None
        try:
            _collection().apply(Database(connection))
        finally:
            connection.row_factory = factory
    connection.execute("PRAGMA foreign_keys=ON")
    return todo
