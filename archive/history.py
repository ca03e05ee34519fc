"""One report through time: finding it by what a user types, showing a revision, its history, and differences."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from archive import comparisons
from archive.diff import word_diff
from archive.model import shown
from archive.payloads import Payloads
from archive.query import Filters, Row, differences, findings_of, observations, reading_of, reports
from archive.texts import text_of
from archive.times import EVER, shown_time
from archive.urls import url_key

if TYPE_CHECKING:
    import sqlite3


class NoSuchReport(LookupError):
    """What was typed names no report, or several; the message says which are near."""


def find(sql: sqlite3.Connection, name: str) -> Row:
    """Return the report that an id, an address or ``publisher:year`` names; raises :class:`NoSuchReport`."""
    if name.isdecimal():
        rows = reports(sql, Filters(report=int(name)))
    elif "://" in name:
        rows = _by_address(sql, name)
    else:
        rows = _by_publisher(sql, name)
    if not rows:
        raise NoSuchReport(f"No report {name!r} is in the archive; `nianlun reports` lists what is.")
    if len(rows) > 1:
        listed = "; ".join(f"{row['id']} {row['title']}" for row in rows[:6])
        raise NoSuchReport(f"{name!r} names {len(rows)} reports; give one id of: {listed}.")
    return rows[0]


def _by_address(sql: sqlite3.Connection, url: str) -> list[Row]:
    ids = sql.execute(
        "SELECT DISTINCT revision.report FROM revision_part JOIN revision ON revision.id=revision_part.revision"
        " JOIN resource ON resource.id=revision_part.resource WHERE resource.key=?"
        " UNION SELECT report.id FROM report JOIN resource ON resource.id=report.resource WHERE resource.key=?",
        (url_key(url), url_key(url)),
    ).fetchall()
    return [row for (number,) in ids for row in reports(sql, Filters(report=number))]


def _by_publisher(sql: sqlite3.Connection, name: str) -> list[Row]:
    publisher, _, year = re.sub("：", ":", name).rpartition(":")
    if not publisher or not year.strip().isdecimal():
        return []
    rows = reports(sql, Filters(publisher=publisher.strip(), year=int(year)))
    exact = [row for row in rows if row["publisher"] == publisher.strip()]
    return exact or rows


def _revision(sql: sqlite3.Connection, report: Row, n: int | None, at: int | None) -> sqlite3.Row:
    if n is not None:
        row = sql.execute("SELECT * FROM revision WHERE report=? AND n=?", (report["id"], n)).fetchone()
        if row is None:
            raise NoSuchReport(f"Report {report['id']} has revisions 1 to {report['revisions']}, not {n}.")
    else:
        row = sql.execute(
            "SELECT * FROM revision WHERE report=? AND at<=? ORDER BY n DESC LIMIT 1",
            (report["id"], at if at is not None else EVER),
        ).fetchone()
        if row is None:
            raise NoSuchReport(
                f"Report {report['id']} was first seen {report['first_seen']}; nothing is known of it before."
            )
    found: sqlite3.Row = row
    return found


def known(sql: sqlite3.Connection, report: Row, at: int | None) -> int:
    """How many revisions of a report were known at a time; raises :class:`NoSuchReport` when it was not known yet."""
    n: int = _revision(sql, report, None, at)["n"]
    return n


def reading_data(sql: sqlite3.Connection, reading: int) -> dict[str, Any]:
    """Everything a reading understood, as it was kept."""
    found: dict[str, Any] = json.loads(text_of(sql, reading))
    return found


def conversions(data: dict[str, Any]) -> list[tuple[str, str | None, dict[str, Any]]]:
    """What every file of a reading became: its address (or ``page``), the bundle's member, the conversion."""
    first = data.get("first", {})
    found = [(first.get("source", "page"), first.get("member"), data.get("conversion", {}))]
    return found + [(item["url"], item.get("member"), item["conversion"]) for item in data.get("attachments", ())]


def revision_of(
    sql: sqlite3.Connection, name: str, *, n: int | None = None, at: int | None = None
) -> tuple[Row, sqlite3.Row]:
    """The report that ``name`` means and one of its revisions: the n-th, that of a time, or the newest."""
    report = find(sql, name)
    return report, _revision(sql, report, n, at)


def show(sql: sqlite3.Connection, name: str, *, n: int | None = None, at: int | None = None) -> Row:
    """A report as one of its revisions states it, with text, sections, contacts, observations, findings.

    Findings across years are those of the time ``at``.  Of a revision by its number they are those of the end of the
    crawl that made it: the year before may have been captured after it in the same crawl.
    """
    report, revision = revision_of(sql, name, n=n, at=at)
    if n is not None or at is not None:  # what is told beside the text is as it was, too
        when = at if at is not None else revision["at"]
        report = reports(sql, Filters(report=report["id"], at=when))[0]
    reading = reading_of(sql, report["id"], revision["n"])
    assert reading is not None
    data = reading_data(sql, reading)
    compared = _crawled(sql, revision) if n is not None else at
    findings = [*findings_of(sql, reading), *comparisons.found(sql, [reading], compared).get(reading, [])]
    return {
        **report,
        "title": data.get("title"),
        "revision": revision["n"],
        "captured": shown_time(revision["at"]),
        "summary": revision["summary"],
        "text": data.get("text"),
        "sections": data.get("sections", []),
        "contacts": data.get("contacts", {}),
        "document_numbers": data.get("document_numbers", []),
        "observations": observations(sql, Filters(report=report["id"]), revision=str(revision["n"])),
        "findings": findings,
        "parts": _parts(sql, revision["id"]),
    }


def _crawled(sql: sqlite3.Connection, revision: sqlite3.Row) -> int:
    """When the crawl that made a revision ended; where it did not, when the revision was captured.  Milliseconds."""
    row = sql.execute(
        "SELECT max(coalesce(crawl.finished, 0), revision.at) FROM revision JOIN crawl ON crawl.id=revision.crawl"
        " WHERE revision.id=?",
        (revision["id"],),
    ).fetchone()
    return int(row[0])


def _parts(sql: sqlite3.Connection, revision: int) -> list[Row]:
    rows = sql.execute(
        "SELECT role, url, revision_part.name, media_type, state, capture, digest, software.name AS tool, software.version"
        " FROM revision_part JOIN resource ON resource.id=revision_part.resource LEFT JOIN payload ON"
        " payload.id=revision_part.payload LEFT JOIN software ON software.id=revision_part.converter WHERE revision=?"
        " ORDER BY position",
        (revision,),
    )
    return [
        {
            "role": row["role"],
            "url": row["url"],
            "name": row["name"],
            "media_type": row["media_type"],
            "digest": shown(row["digest"]) if row["digest"] else None,
            "capture": row["capture"],
            "state": row["state"],
            "converter": {"name": row["tool"], "version": row["version"]},
        }
        for row in rows
    ]


def raw(sql: sqlite3.Connection, name: str, *, n: int | None = None, at: int | None = None) -> bytes:
    """The bytes of a revision's page as they were fetched, checked against their digest."""
    _, revision = revision_of(sql, name, n=n, at=at)
    row = sql.execute("SELECT payload FROM revision_part WHERE revision=? AND position=0", (revision["id"],)).fetchone()
    return Payloads(sql).get(row[0])


def history(sql: sqlite3.Connection, name: str) -> list[Row]:
    """Every capture of a report's addresses, or of any archived address, oldest first, with what it meant."""
    if "://" in name:
        keys = [url_key(name)]
        try:
            report: Row | None = find(sql, name)
        except NoSuchReport:
            report = None
    else:
        report = find(sql, name)
        keys = [url_key(report["url"])]
    if report is not None:
        keys += _addresses(sql, report["id"])
    rows = sql.execute(
        f"{_CAPTURES} WHERE resource.key IN (SELECT value FROM json_each(?)) ORDER BY at, capture.id",
        (json.dumps(sorted(set(keys))),),
    ).fetchall()
    if not rows:
        raise NoSuchReport(f"Nothing was ever captured of {name!r}; `nianlun reports` lists what is in the archive.")
    events = {
        (resource, crawl): event
        for resource in {row["resource"] for row in rows}
        for crawl, event in sql.execute("SELECT crawl, event FROM told WHERE resource=? ORDER BY abs(id)", (resource,))
    }  # by one resource at a time: a view of two tables is searched by an equality, and read whole for IN
    return [_capture(row, events.get((row["resource"], row["crawl"]))) for row in rows]


_CAPTURES = (
    "SELECT capture.*, resource.url, digest, size, (SELECT max(n) FROM revision WHERE revision.capture=capture.id) AS n FROM"
    " capture JOIN resource ON resource.id=capture.resource LEFT JOIN payload ON payload.id=capture.payload"
)


def as_of(sql: sqlite3.Connection, url: str, at: int) -> Row | None:
    """What an address gave at a moment: its last answer with a payload until then, or None before the first.

    ``at`` is in milliseconds since 1970 UTC.  All spellings of the address count (:func:`archive.urls.url_key`).
    """
    row = sql.execute(
        f"{_CAPTURES} WHERE capture.id IN (SELECT (SELECT c.id FROM capture c WHERE c.resource=twin.id AND c.at<=? AND"
        " c.payload IS NOT NULL AND c.outcome IN ('fetched','revisit') ORDER BY c.at DESC, c.id DESC LIMIT 1) FROM resource"
        " twin WHERE twin.key=?) ORDER BY capture.at DESC LIMIT 1",
        (at, url_key(url)),
    ).fetchone()
    if row is None:
        return None
    told = sql.execute(
        "SELECT event FROM told WHERE resource=? AND crawl=? ORDER BY abs(id) DESC LIMIT 1",
        (row["resource"], row["crawl"]),
    ).fetchone()
    return _capture(row, told[0] if told else None)


def _addresses(sql: sqlite3.Connection, report: int) -> list[str]:
    rows = sql.execute(
        "SELECT DISTINCT resource.key FROM revision_part JOIN revision ON revision.id=revision_part.revision"
        " JOIN resource ON resource.id=revision_part.resource WHERE report=?",
        (report,),
    )
    return [row[0] for row in rows]


def _capture(row: sqlite3.Row, event: str | None) -> Row:
    return {
        "capture": row["id"],
        "at": shown_time(row["at"]),
        "url": row["url"],
        "crawl": row["crawl"],
        "outcome": row["outcome"],
        "reason": row["reason"],
        "status": row["status"],
        "digest": shown(row["digest"]) if row["digest"] else None,
        "bytes": row["size"],
        "revision": row["n"],
        "event": event,
    }


def diff(sql: sqlite3.Connection, name: str, before: int | None = None, after: int | None = None) -> Row:
    """Two revisions of a report (the last two by default): text by words, and the observations that differ."""
    report = find(sql, name)
    after = after if after is not None else report["revisions"]
    before = before if before is not None else max(1, after - 1)
    left, right = (_text(sql, report, n) for n in (before, after))
    return {
        "report": report["id"],
        "url": report["url"],
        "title": report["title"],
        "before": before,
        "after": after,
        "text": word_diff(left, right),
        "observations": differences(sql, report["id"], before, after),
    }


def _text(sql: sqlite3.Connection, report: Row, n: int) -> list[str]:
    _revision(sql, report, n, None)
    reading = reading_of(sql, report["id"], n)
    assert reading is not None
    return [line for line in (reading_data(sql, reading).get("text") or "").splitlines() if line.strip()]
