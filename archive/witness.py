"""Whether the rows that are worked out from others still follow from them, and whether nothing else is in the file.

What the log witnesses is checked in :mod:`archive.verify`; this is the rest: the schema, the crawls' seals, the
register's entries, addresses, the parts of revisions, the reports as they are listed, the search tables.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from archive import leaves, migrations, seals, search
from archive.history import conversions, reading_data
from archive.model import shown
from archive.retelling import course_of, met_of
from archive.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.revisions import Course


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it was written: what, which row, and what was found."""

    what: str
    row: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """The row as ``verify --json`` prints it."""
        return {"what": self.what, "row": self.row, "message": self.message}


def schema(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """The file holds our tables, indexes and views and nothing else: no trigger, no table of another's."""
    expected, found = _expected(), _objects(sql)
    for name in sorted(found.keys() - expected.keys()):
        yield Trouble("schema", name[1], f"the archive holds a {name[0]} that is not ours")
    for name in sorted(expected.keys() - found.keys()):
        yield Trouble("schema", name[1], f"the {name[0]} is missing")
    for name in sorted(expected.keys() & found.keys()):
        if expected[name] != found[name]:
            yield Trouble("schema", name[1], f"the {name[0]} is not as this program makes it")


@cache
def _expected() -> dict[tuple[str, str], str]:
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrations.apply(fresh)
        return _objects(fresh)
    finally:
        fresh.close()


def _objects(sql: sqlite3.Connection) -> dict[tuple[str, str], str]:
    rows = sql.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return {(row[0], row[1]): " ".join((row[2] or "").split()) for row in rows}


def crawls(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """Requests and expectations are those of the seals; the register's entries those of the newest crawls' settings."""
    for number, message in seals.troubles(sql):
        yield Trouble("crawl", str(number), message)
    for table, clause in (
        ("request", "outcome IS NOT NULL AND detail IS NOT NULL"),
        ("listed", "crawl IN (SELECT id FROM crawl WHERE finished IS NOT NULL)"),
        ("part", "crawl IN (SELECT id FROM crawl WHERE finished IS NOT NULL)"),
    ):
        count = sql.execute(f"SELECT count(*) FROM {table} WHERE {clause}").fetchone()[0]
        if count:
            yield Trouble(table, f"{count} rows", "they hold what only a request or a crawl under way has")
    rows = sql.execute(
        "SELECT portal.*, (SELECT settings FROM crawl WHERE crawl.portal=portal.id ORDER BY started DESC, uid DESC LIMIT 1)"
        " AS settings FROM portal"
    )
    for row in rows.fetchall():
        wanted = json.loads(row["settings"] or "{}").get("entry")
        entry = json.loads(row["entry"])
        if wanted and shown(leaves.sha(row["entry"].encode())) != wanted:
            yield Trouble("portal", row["name"], "its entry is not the one its newest crawl was made with")
        if (row["name"], row["title"], row["home"]) != (entry["name"], entry["title"], entry["home"]):
            yield Trouble("portal", row["name"], "its name, title or home page are not those of its entry")


def places(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """Addresses have the keys their spelling gives; what was last got from each is a capture of it."""
    for number, url, key in sql.execute("SELECT id, url, key FROM resource"):
        if url_key(url) != key:
            yield Trouble("resource", str(number), f"its key does not follow from its address {url}")
    rows = sql.execute(
        "SELECT resource.id FROM resource LEFT JOIN capture ON capture.id=last_capture WHERE (last_capture IS NULL) <>"
        " (last_payload IS NULL) OR (last_capture IS NOT NULL AND (capture.resource IS NOT resource.id OR capture.payload IS"
        " NOT last_payload))"
    )
    for (number,) in rows.fetchall():
        yield Trouble("resource", str(number), "the answer it points to as its last is not of this address")
    rows = sql.execute(
        "SELECT id FROM resource WHERE last_capture IS NULL AND EXISTS (SELECT 1 FROM capture WHERE"
        " capture.resource=resource.id AND outcome IN ('fetched','revisit') AND NOT truncated AND payload IS NOT NULL AND"
        " status<>304)"
    )
    for (number,) in rows.fetchall():
        yield Trouble("resource", str(number), "it has good answers and points to none as its last")


def reports(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """Reports are listed as their revisions, readings and chronicles say."""
    for row in sql.execute("SELECT * FROM report ORDER BY id").fetchall():
        course = course_of(sql, row["id"])
        for message in _listing(sql, row, course):
            yield Trouble("report", str(row["id"]), message)
        yield from _chronicle(sql, row["id"], course)
        yield from _parts(sql, row["id"])


def _listing(sql: sqlite3.Connection, row: sqlite3.Row, course: Course) -> Iterator[str]:
    for name in ("first_seen", "first_gone", "moved_to", "resource"):
        if row[name] != getattr(course, name):
            yield f"{name} is {row[name]} where its chronicle gives {getattr(course, name)}"
    if row["state"] != course.state:
        yield f"state is {row['state']} where its chronicle gives {course.state}"
    numbers = [
        item[0]
        for item in sql.execute("SELECT n FROM revision WHERE report=? AND n IS NOT NULL ORDER BY n", (row["id"],))
    ]
    if numbers != list(range(1, (course.n or 0) + 1)):
        yield f"its revisions are numbered {numbers} where its chronicle gives {course.n}"
    if row["revisions"] != course.n:
        yield f"it is listed with {row['revisions']} revisions and has {course.n}"
    if row["last_seen"] != course.last_seen:
        yield f"last_seen is {row['last_seen']} where its captures give {course.last_seen}"
    reading = sql.execute(
        "SELECT reading.*, revision.reading AS pointed, (SELECT count(*) FROM finding WHERE finding.reading=reading.id) AS found FROM revision JOIN"
        " reading ON reading.id=revision.reading WHERE report=? AND n=?",
        (row["id"], row["revisions"]),
    ).fetchone()
    if reading is None:
        yield "its newest revision has no reading"
        return
    if reading["kind"] is not None and row["kind"] != reading["kind"]:
        yield f"kind is {row['kind']!r} where its reading says {reading['kind']!r}"
    for name in ("title", "publisher", "division", "year", "form", "published", "written"):
        if row[name] != reading[name]:
            yield f"{name} is {row[name]!r} where its reading says {reading[name]!r}"
    if row["findings"] != reading["found"]:
        yield f"it is listed with {row['findings']} findings and its reading has {reading['found']}"


def _chronicle(sql: sqlite3.Connection, report: int, course: Course) -> Iterator[Trouble]:
    """What is told of a report is what the facts give; a revision's summary is the one told, the first has none."""
    columns = "crawl, resource, event, seen, revision, summary, last_seen, first_gone, other"
    kept = [tuple(row) for row in sql.execute(f"SELECT {columns} FROM retold WHERE report=? ORDER BY id", (report,))]
    wanted = [
        (
            item.crawl, item.resource, item.event, item.seen, item.revision, item.summary, item.last_seen,
            item.first_gone, item.other,
        )
        for item in course.told
    ]  # fmt: skip
    if kept and kept != wanted:
        yield Trouble(
            "retold", str(report), "the chronicle told after a merge or an import does not follow from its facts"
        )
    told = sorted((item.crawl, item.event, item.seen, item.revision or 0) for item in course.told)
    if not kept and _told(sql, report) != told:
        yield Trouble("change", f"of report {report}", "what is told of it does not follow from its facts")
    for (number,) in sql.execute("SELECT id FROM revision WHERE report=? AND n=1 AND summary IS NOT NULL", (report,)):
        yield Trouble("revision", str(number), "it is the first and yet has a summary of what changed")
    rows = sql.execute(
        "SELECT revision.id FROM revision JOIN told ON told.report=revision.report AND told.revision=revision.n AND"
        " event='changed' AND told.crawl=revision.crawl WHERE revision.report=? AND revision.summary IS NOT told.summary",
        (report,),
    )
    for (number,) in rows.fetchall():
        yield Trouble("revision", str(number), "its summary is not the one that was told")


def _told(sql: sqlite3.Connection, report: int) -> list[tuple[int, str, int, int]]:
    rows = sql.execute("SELECT crawl, event, seen, coalesce(revision, 0) FROM change WHERE report=?", (report,))
    return sorted((row[0], row[1], row[2], row[3]) for row in rows)


_PARTS = (
    (
        "revision_part", "its capture did not bring its payload",
        ("SELECT part.revision || '/' || position FROM revision_part part JOIN revision ON revision.id=part.revision LEFT JOIN"
        " capture ON capture.id=part.capture WHERE report=? AND part.capture IS NOT NULL AND capture.payload IS NOT"
        " part.payload"),
    ),
    (
        "revision_part", "it lacks its capture, its payload or its converter",
        ("SELECT part.revision || '/' || position FROM revision_part part JOIN revision ON revision.id=part.revision WHERE"
        " report=? AND (converter IS NULL OR (payload IS NULL) <> (part.capture IS NULL))"),
    ),
    (
        "revision", "the reading it stands for is not its newest",
        ("SELECT revision.id FROM revision LEFT JOIN reading ON reading.id=revision.reading WHERE report=? AND home<>0 AND"
        " (reading.revision IS NOT revision.id OR revision.reading NOT IN (SELECT max(r.id) FROM reading r WHERE"
        " r.revision=revision.id UNION SELECT r.id FROM reading r WHERE r.revision=revision.id AND r.at=(SELECT max(at) FROM"
        " reading WHERE reading.revision=revision.id)))"),
    ),
)  # fmt: skip
"""What must not be found of a report's revisions and their parts: the table, what to say, and where to look."""


def _parts(sql: sqlite3.Connection, report: int) -> Iterator[Trouble]:
    """A part's capture brought its payload; its state and converter are those of the first reading."""
    for table, message, query in _PARTS:
        for (row,) in sql.execute(query, (report,)).fetchall():
            yield Trouble(table, str(row), message)
    for revision, home in sql.execute("SELECT id, home FROM revision WHERE report=?", (report,)).fetchall():
        yield from _conversions(sql, revision) if home else _again(sql, report, revision)


def _again(sql: sqlite3.Connection, report: int, revision: int) -> Iterator[Trouble]:
    """A revision that says again what an earlier one said follows from a sighting, and holds what that one holds."""
    source = next(
        (met.row["source"] for met in met_of(sql, report, by_time=True) if met.row["id"] == revision and met.n), None
    )
    columns = "role, resource, name, media_type, capture, payload, converter, state"
    held = [
        (
            [tuple(row) for row in sql.execute("SELECT substance, reading FROM revision WHERE id=?", (number,))],
            [
                tuple(row)
                for row in sql.execute(
                    f"SELECT {columns} FROM revision_part WHERE revision=? ORDER BY position", (number,)
                )
            ],
        )
        for number in (revision, source)
    ]
    if source is None or held[0] != held[1]:
        yield Trouble("revision", str(revision), "it has no entry in the log and does not follow from what was seen")


def _conversions(sql: sqlite3.Connection, revision: int) -> Iterator[Trouble]:
    first = sql.execute("SELECT id FROM reading WHERE revision=? ORDER BY at, digest LIMIT 1", (revision,)).fetchone()
    if first is None:
        yield Trouble("revision", str(revision), "nobody has read it")
        return
    said = {
        url: (item.get("state"), item.get("converter", {}).get("name"), item.get("converter", {}).get("version"))
        for url, member, item in conversions(reading_data(sql, first[0]))
        if member is None and item
    }
    rows = sql.execute(
        "SELECT position, role, url, state, software.name, software.version FROM revision_part JOIN resource ON"
        " resource.id=revision_part.resource JOIN software ON software.id=revision_part.converter WHERE revision=?",
        (revision,),
    )
    for position, role, url, state, name, version in rows.fetchall():
        wanted = said.get("page" if role == "page" else url)
        if wanted is not None and wanted != (state, name, version):
            yield Trouble(
                "revision_part", f"{revision}/{position}", "its state or converter are not those of its first reading"
            )


def figures(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """The observations of each reading are those its text holds: indicator, value, status, printed text, unit."""
    for (number,) in sql.execute("SELECT id FROM reading").fetchall():
        held = [
            tuple(item.get(name) for name in ("indicator", "value", "status", "raw", "unit"))
            for item in reading_data(sql, number).get("observations", ())
        ]
        rows = sql.execute(
            "SELECT code, value, status, raw, unit FROM observation JOIN indicator ON indicator.id=indicator WHERE reading=?"
            " ORDER BY observation.id",
            (number,),
        )
        if [tuple(row) for row in rows] != held:
            yield Trouble("reading", str(number), "its observations are not those its text holds")


def search_tables(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """The paragraphs of each revision are those of its reading, and the index holds them as they are."""
    if hasattr(search, "troubles"):
        for number, message in search.troubles(sql):
            yield Trouble("paragraph", str(number), message)
    rows = sql.execute("SELECT revision.id, reading FROM revision WHERE reading IS NOT NULL").fetchall()
    for revision, reading in rows:
        data = reading_data(sql, reading)
        if "paragraphs" not in data:
            continue
        wanted = [text for text in (data.get("title") or "", *data["paragraphs"]) if text.strip()]
        kept = sql.execute(
            "SELECT text FROM revision_paragraph JOIN paragraph ON paragraph.id=paragraph WHERE revision=? ORDER BY position",
            (revision,),
        )
        if [row[0] for row in kept] != wanted:
            yield Trouble("revision_paragraph", str(revision), "the paragraphs to search are not those of its reading")
