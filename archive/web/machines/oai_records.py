"""Reports as records of OAI-PMH: which there are, when each last changed, in which sets, and what each says of itself.

A record's datestamp is the later of what was last told of the report (published, edited, withdrawn, back, moved; no
cosmetic changes) and the reading that stands for it, in whole seconds.  A report that is gone or moved is a deleted record;
nothing leaves an archive, so it stays deleted for good, or comes back (deletedRecord is ``persistent``).
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from archive.events import identity
from archive.markup import add, legal
from archive.model import shown
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

DELETED = ("gone", "moved")
"""The states in which a report is a deleted record."""
NAMESPACE = "urn:nianlun:report"
_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
STAMP = "max((SELECT max(seen) FROM told WHERE told.report=report.id AND event<>'cosmetic'), reading.at)/1000"
"""SQL for a record's datestamp, seconds since 1970 UTC; it stands beside :data:`CURRENT`."""
CURRENT = (
    " FROM report JOIN revision ON revision.report=report.id AND revision.n=report.revisions"
    " JOIN reading ON reading.id=revision.reading JOIN portal ON portal.id=report.portal"
)
"""SQL: reports with the newest revision of each, the reading it stands for, and the portal."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are meant: from and until in seconds since 1970, both included; a set's column and value."""

    since: int | None = None
    until: int | None = None
    column: str | None = None
    """``portal``, ``kind`` or ``year``."""
    value: str | int | None = None

    def clause(self) -> tuple[str, list[Any]]:
        """A condition over the alias ``report`` and the column ``stamp``, and its values."""
        parts: list[str] = []
        values: list[Any] = []
        for condition, value in (("stamp>=?", self.since), ("stamp<=?", self.until)):
            if value is not None:
                parts.append(condition)
                values.append(value)
        if self.column is not None:
            name = {"portal": "portal", "kind": "kind", "year": "year"}[self.column]
            parts.append(f"{name} IS NOT NULL" if self.value is None else f"{name}=?")
            values += [] if self.value is None else [self.value]
        return " AND ".join(parts) or "1", values


@dataclass(frozen=True, slots=True)
class Record:
    """One report as a record."""

    id: int
    stamp: int
    """Seconds since 1970 UTC."""
    deleted: bool
    sets: tuple[str, ...]


def select(sql: sqlite3.Connection, meant: Selection, after: tuple[int, int], limit: int) -> list[Record]:
    """The records meant beyond a (datestamp, id), in that order, at most ``limit``."""
    clause, values = meant.clause()
    rows = sql.execute(
        f"SELECT * FROM ({_records()}) WHERE {clause} AND (stamp, id)>(?,?) ORDER BY stamp, id LIMIT ?",
        [*values, *after, limit],
    )
    return [_record(row) for row in rows]


def count(sql: sqlite3.Connection, meant: Selection) -> int:
    """How many records are meant."""
    clause, values = meant.clause()
    return int(sql.execute(f"SELECT count(*) FROM ({_records()}) WHERE {clause}", values).fetchone()[0])


def one(sql: sqlite3.Connection, report: int) -> Record | None:
    """The record of a report."""
    row = sql.execute(f"{_records()} WHERE report.id=?", (report,)).fetchone()
    return _record(row) if row else None


def earliest(sql: sqlite3.Connection) -> int:
    """A lower bound of all datestamps, in seconds: when the first crawl began."""
    found = sql.execute("SELECT (SELECT min(started) FROM crawl), (SELECT min(seen) FROM change)").fetchone()
    return min((at for at in found if at is not None), default=0) // 1000


def _records() -> str:
    return f"SELECT report.id, report.portal, report.kind, report.year, report.state, portal.name, {STAMP} AS stamp{CURRENT}"


def _record(row: sqlite3.Row) -> Record:
    sets = [spec("portal", row["name"]), spec("kind", row["kind"])]
    sets += [spec("year", row["year"])] if row["year"] is not None else []
    return Record(row["id"], row["stamp"], row["state"] in DELETED, tuple(sets))


# ------------------------------------------------------------ sets


def spec(column: str, value: Any) -> str:
    """A setSpec, ``portal:nx-dofcom``; what its grammar has no room for is written ``~3A`` (a tilde, two digits)."""
    return f"{column}:{quote(str(value), safe='').replace('~', '~7E').replace('%', '~')}"


def sets(sql: sqlite3.Connection) -> list[tuple[str, str, Selection]]:
    """Every set: its setSpec, its name, and the records in it."""
    found = [
        ("portal", "Portals · 门户", Selection(column="portal")),
        *(
            (spec("portal", row["name"]), f"{row['title'] or row['name']}", Selection(column="portal", value=row["id"]))
            for row in sql.execute("SELECT id, name, title FROM portal ORDER BY name")
        ),
        ("kind", "Kinds of reports · 年报种类", Selection(column="kind")),
    ]
    for column, label in (("kind", "Kind · 种类"), ("year", "Year reported on · 年度")):
        rows = sql.execute(f"SELECT DISTINCT {column} FROM report WHERE {column} IS NOT NULL ORDER BY {column}")
        if column == "year":
            found.append(("year", "Years reported on · 年度", Selection(column="year")))
        found += [(spec(column, value), f"{label} {value}", Selection(column=column, value=value)) for (value,) in rows]
    return found


# ------------------------------------------------------------ identifiers


def identifier(sql: sqlite3.Connection, report: int) -> str:
    """A record's identifier: ``oai:<identity of the archive>:report/<id>``."""
    return f"oai:{quote(identity(sql) or 'empty', safe='')}:report/{report}"


def report_of(sql: sqlite3.Connection, name: str) -> int | None:
    """The report an identifier names; None for what is no identifier of this archive."""
    head, _, number = name.rpartition("/")
    if not (number.isascii() and number.isdecimal() and len(number) < 16 and identifier(sql, int(number)) == name):
        return None
    return int(number) if head else None


# ------------------------------------------------------------ what a record says


def describe(sql: sqlite3.Connection, reports: Sequence[int], root: str, prefix: str) -> dict[int, ET.Element]:
    """The metadata of reports in one of :data:`FORMATS`."""
    ids = json.dumps(list(reports))
    rows = sql.execute(
        "SELECT report.id, report.state, report.revisions, report.first_seen, report.last_seen, report.moved_to,"
        " portal.name AS portal, page.url, reading.title, reading.publisher, reading.division, reading.year, reading.kind,"
        f" reading.form, reading.published, reading.written{CURRENT} JOIN resource page ON page.id=report.resource"
        " WHERE report.id IN (SELECT value FROM json_each(?))",
        (ids,),
    ).fetchall()
    revisions: dict[int, list[sqlite3.Row]] = {}
    for part in sql.execute(
        "SELECT revision.report, revision.n, revision.at, media_type, digest FROM revision JOIN revision_part ON"
        " revision_part.revision=revision.id AND position=0 LEFT JOIN payload ON payload.id=revision_part.payload WHERE"
        " revision.report IN (SELECT value FROM json_each(?)) AND revision.n IS NOT NULL ORDER BY revision.report, revision.n",
        (ids,),
    ):
        revisions.setdefault(part["report"], []).append(part)
    write = FORMATS[prefix].write
    return {row["id"]: write(row, revisions.get(row["id"], []), root) for row in rows}


def _dublin_core(row: sqlite3.Row, revisions: Sequence[sqlite3.Row], root: str) -> ET.Element:
    """Simple Dublin Core (the metadata terms of DCMI as oai_dc.xsd orders them: any, in any order)."""
    found = ET.Element(
        "oai_dc:dc",
        {
            "xmlns:oai_dc": _DC,
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xmlns:xsi": _XSI,
            "xsi:schemaLocation": f"{_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        },
    )
    place = f"{root}/report/{row['id']}"
    values: Iterable[tuple[str, Any]] = (
        ("title", row["title"]),
        ("creator", row["publisher"]),
        ("subject", "政府信息公开年度报告" if row["kind"] == "disclosure" else row["kind"]),
        ("publisher", row["publisher"]),
        ("date", row["published"]),
        ("type", "Text"),
        ("type", row["kind"]),
        ("format", revisions[-1]["media_type"] if revisions else None),
        ("identifier", place),
        ("source", row["url"]),
        ("language", "zh"),
        *(("relation", f"{place}/revision/{one['n']}") for one in revisions),
        ("coverage", row["year"]),
        ("coverage", row["division"]),
    )
    for name, value in values:
        if value is not None:
            add(found, f"dc:{name}", value)
    return found


def _own(row: sqlite3.Row, revisions: Sequence[sqlite3.Row], root: str) -> ET.Element:
    """Our own format, :data:`SCHEMA`: what is not known is left out, never empty."""
    place = f"{root}/report/{row['id']}"
    schema = f"{NAMESPACE} {root}/oai/nianlun.xsd"
    found = ET.Element("report", {"xmlns": NAMESPACE, "xmlns:xsi": _XSI, "xsi:schemaLocation": legal(schema)})
    for name in ("portal", "url", "title", "publisher", "division", "year", "kind", "form", "published", "written", "state"):  # fmt: skip
        if row[name] is not None:
            add(found, name, row[name])
    add(found, "firstSeen", shown_time(row["first_seen"]))
    add(found, "lastSeen", shown_time(row["last_seen"]))
    if row["moved_to"] is not None:
        add(found, "movedTo", f"{root}/report/{row['moved_to']}")
    add(found, "address", place)
    for one_ in revisions:
        made = add(found, "revision", None, {"n": str(one_["n"])})
        add(made, "captured", shown_time(one_["at"]))
        for name, value in (("mediaType", one_["media_type"]), ("digest", shown(one_["digest"]) if one_["digest"] else None)):  # fmt: skip
            if value is not None:
                add(made, name, value)
        add(made, "address", f"{place}/revision/{one_['n']}")
    return found


SCHEMA = f"""<?xml version="1.0" encoding="utf-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}"
    elementFormDefault="qualified">
  <xs:element name="report"><xs:complexType><xs:sequence>
    <xs:element name="portal" type="xs:string"/>
    <xs:element name="url" type="xs:string"/>
    <xs:element name="title" type="xs:string" minOccurs="0"/>
    <xs:element name="publisher" type="xs:string" minOccurs="0"/>
    <xs:element name="division" type="xs:string" minOccurs="0"/>
    <xs:element name="year" type="xs:integer" minOccurs="0"/>
    <xs:element name="kind" type="xs:string" minOccurs="0"/>
    <xs:element name="form" type="xs:string" minOccurs="0"/>
    <xs:element name="published" type="xs:string" minOccurs="0"/>
    <xs:element name="written" type="xs:string" minOccurs="0"/>
    <xs:element name="state"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="present"/><xs:enumeration value="missing"/><xs:enumeration value="gone"/>
      <xs:enumeration value="moved"/><xs:enumeration value="unreachable"/>
    </xs:restriction></xs:simpleType></xs:element>
    <xs:element name="firstSeen" type="xs:dateTime"/>
    <xs:element name="lastSeen" type="xs:dateTime"/>
    <xs:element name="movedTo" type="xs:anyURI" minOccurs="0"/>
    <xs:element name="address" type="xs:anyURI"/>
    <xs:element name="revision" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="captured" type="xs:dateTime"/>
      <xs:element name="mediaType" type="xs:string" minOccurs="0"/>
      <xs:element name="digest" type="xs:string" minOccurs="0"/>
      <xs:element name="address" type="xs:anyURI"/>
    </xs:sequence><xs:attribute name="n" type="xs:positiveInteger" use="required"/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
"""The schema of the ``nianlun`` format (XML Schema 1.0)."""


@dataclass(frozen=True, slots=True)
class Format:
    """A metadata format: its namespace, where its schema lies (``{root}`` is the reading room), and what writes it."""

    namespace: str
    schema: str
    write: Callable[[sqlite3.Row, Sequence[sqlite3.Row], str], ET.Element]


FORMATS = {
    "oai_dc": Format(_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", _dublin_core),
    "nianlun": Format(NAMESPACE, "{root}/oai/nianlun.xsd", _own),
}


def utc(seconds: int) -> str:
    """Seconds since 1970 as OAI-PMH writes a time (section 3.3)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
