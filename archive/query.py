"""Questions to an archive, answered as rows of the interface; every function takes a read-only connection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive import comparisons, revisions, sums
from archive.figures import stored_observations
from archive.model import shown
from archive.readers import Readings, labels
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3

Row = dict[str, Any]
STATES = ("present", "missing", "gone", "moved", "unreachable")
"""The states of a report."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which reports are meant; None means any.  ``at`` is milliseconds: as the archive knew it then."""

    publisher: str | None = None
    year: int | None = None
    portal: str | None = None
    kind: str | None = None
    at: int | None = None
    state: str | None = None
    report: int | None = None

    def clause(self) -> tuple[str, list[Any]]:
        """A condition over the aliases ``report``, ``portal`` and ``reading``, and its values."""
        parts, values = ["1"], []
        for column, value in (
            ("reading.year", self.year),
            ("portal.name", self.portal),
            ("reading.kind", self.kind),
            ("report.state" if self.at is None else state_then("report.id", str(int(self.at))), self.state),
            ("report.id", self.report),
        ):
            if value is not None:
                parts.append(f"{column}=?")
                values.append(value)
        if self.publisher is not None:
            parts.append("instr(reading.publisher, ?)>0")
            values.append(self.publisher)
        return " AND ".join(parts), values


def _joined(readings: Readings) -> str:
    """From a report to its revisions, the reading of each that is meant, and the address it was captured at."""
    return (
        f" JOIN revision ON revision.report=report.id{readings.join()} JOIN portal ON portal.id=report.portal"
        " JOIN capture ON capture.id=revision.capture JOIN resource ON resource.id=capture.resource"
    )


_READ = _joined(Readings())


def _latest(at: int | None) -> tuple[str, list[Any]]:
    if at is None:
        return "revision.n=report.revisions", []
    return "revision.n=(SELECT max(n) FROM revision r WHERE r.report=report.id AND r.at<=?)", [at]


def reports(sql: sqlite3.Connection, filters: Filters, *, limit: int | None = None, offset: int = 0) -> list[Row]:
    """Reports with what is known of each, as of ``filters.at`` if given; by publisher and year.

    ``limit`` and ``offset`` give a page of them; :func:`count_reports` says how many there are.
    """
    clause, values = filters.clause()
    newest, when = _latest(filters.at)
    rows = sql.execute(
        "SELECT report.*, reading.id AS reading, reading.title AS t, reading.publisher AS p, reading.division AS d,"
        " reading.year AS y, reading.kind AS k, reading.form AS f, reading.published AS pub, reading.written AS w,"
        f" revision.id AS revision, revision.n, portal.name AS portal_name, page.url AS url FROM report{_READ}"
        f" JOIN resource page ON page.id=report.resource WHERE {newest} AND {clause}"
        " ORDER BY reading.publisher, reading.year, report.id LIMIT ? OFFSET ?",
        [*when, *values, -1 if limit is None else limit, offset],
    ).fetchall()
    across = comparisons.found(sql, [row["reading"] for row in rows], filters.at)
    return [_report(sql, row, filters.at, len(across.get(row["reading"], ()))) for row in rows]


def count_reports(sql: sqlite3.Connection, filters: Filters) -> int:
    """How many reports :func:`reports` gives."""
    clause, values = filters.clause()
    newest, when = _latest(filters.at)
    row = sql.execute(
        f"SELECT count(*) FROM report JOIN revision ON revision.report=report.id{Readings().join()}"
        f" JOIN portal ON portal.id=report.portal WHERE {newest} AND {clause}",
        [*when, *values],
    ).fetchone()
    return int(row[0])


def _report(sql: sqlite3.Connection, row: sqlite3.Row, at: int | None, across: int) -> Row:
    findings = sql.execute("SELECT count(*) FROM finding WHERE reading=?", (row["reading"],)).fetchone()[0]
    return {
        "id": row["id"],
        "portal": row["portal_name"],
        "url": row["url"],
        "title": row["t"],
        "publisher": row["p"],
        "division": row["d"],
        "year": row["y"],
        "kind": row["k"],
        "form": row["f"],
        "published": row["pub"],
        "written": row["w"],
        "state": row["state"] if at is None else state_at(sql, row["id"], at),
        "revisions": row["n"],
        "first_seen": shown_time(row["first_seen"]),
        "last_seen": shown_time(row["last_seen"] if at is None else min(row["last_seen"], at)),
        "attachments": _attachments(sql, row["revision"]),
        "findings": findings + across,
        "moved_to": row["moved_to"],
    }


def state_then(report: str, at: str = ":at") -> str:
    """SQL for the state a report (an expression for its id) was in at a time, as its changes tell it."""
    return (
        f"coalesce((SELECT CASE WHEN event IN ('missing','gone','moved') THEN event ELSE 'present' END FROM told WHERE told.report={report}"
        f" AND seen<={at} AND event IN ('new','changed','back','missing','gone','moved') ORDER BY seen DESC, abs(told.id)"
        " DESC LIMIT 1), 'present')"
    )


def state_at(sql: sqlite3.Connection, report: int, at: int) -> str:
    """The state a report was in at a time, as its changes tell it."""
    row = sql.execute(f"SELECT {state_then(':report')}", {"report": report, "at": at}).fetchone()
    return str(row[0])


def _attachments(sql: sqlite3.Connection, revision: int) -> list[Row]:
    rows = sql.execute(
        "SELECT url, name, media_type, digest FROM revision_part JOIN resource ON resource.id=revision_part.resource"
        " LEFT JOIN payload ON payload.id=revision_part.payload WHERE revision=? AND role='attachment' ORDER BY position",
        (revision,),
    )
    return [
        {
            "url": row["url"],
            "name": row["name"],
            "media_type": row["media_type"],
            "digest": shown(row["digest"]) if row["digest"] else None,
        }
        for row in rows
    ]


def observations(
    sql: sqlite3.Connection,
    filters: Filters,
    *,
    indicator: str | None = None,
    revision: str = "latest",
    readings: Readings | None = None,
) -> list[Row]:
    """Observations of the reports meant; ``revision`` is ``latest``, ``all`` or a number.

    ``filters.at`` is the day as of which the report is meant, ``readings`` who read it, and until when.
    """
    clause, values = filters.clause()
    newest, when = _latest(filters.at)
    if revision == "all":
        newest, when = "revision.n IS NOT NULL", []
    elif revision != "latest":
        newest, when = "revision.n=?", [int(revision)]
    if indicator:
        clause += " AND substr(indicator.code, 1, ?)=?"
        values += [len(indicator), indicator]
    rows = sql.execute(
        "SELECT observation.id, report.id AS report, page.url AS url, reading.publisher, reading.division, reading.year,"
        " revision.n AS revision, indicator.code AS indicator, observation.value, observation.status,"
        " observation.raw, observation.unit, part, source.url AS source, revision.at AS captured, reading.software"
        f" FROM report{_joined(readings or Readings())} JOIN resource page ON page.id=report.resource"
        " JOIN observation ON observation.reading=reading.id JOIN indicator ON indicator.id=observation.indicator"
        " LEFT JOIN revision_part ON revision_part.revision=revision.id AND position=part"
        f" LEFT JOIN resource source ON source.id=revision_part.resource WHERE {newest} AND {clause}"
        " ORDER BY reading.publisher, reading.year, report.id, revision.n, observation.id",
        [*when, *values],
    )
    programs = labels(sql)
    return [_observation(row, programs) for row in rows]


def _observation(row: sqlite3.Row, programs: dict[int, str]) -> Row:
    found = {key: row[key] for key in row.keys() if key not in ("part", "source")}  # noqa: SIM118  # a Row has no items
    found["source"] = row["source"] if row["part"] else "page"
    found["captured"] = shown_time(row["captured"])
    found["software"] = programs[row["software"]]
    return found


def findings(sql: sqlite3.Connection, filters: Filters) -> list[Row]:
    """Findings of the newest revisions of the reports meant: those of each reading, then those across years.

    As of ``filters.at``, if given: the revisions that were the newest then, on both sides of a comparison.
    """
    clause, values = filters.clause()
    newest, when = _latest(filters.at)
    rows = sql.execute(
        "SELECT report.id AS report, page.url AS url, reading.publisher, reading.year, revision.n AS revision,"
        f" reading.id AS reading FROM report{_READ} JOIN resource page ON page.id=report.resource"
        f" WHERE {newest} AND {clause} ORDER BY reading.publisher, reading.year, report.id",
        [*when, *values],
    ).fetchall()
    across = comparisons.found(sql, [row["reading"] for row in rows], filters.at)
    said = []
    for row in rows:
        about = {key: row[key] for key in ("report", "url", "publisher", "year", "revision")}
        said += [
            {**about, **finding} for finding in [*findings_of(sql, row["reading"]), *across.get(row["reading"], [])]
        ]
    return said


def findings_of(sql: sqlite3.Connection, reading: int) -> list[Row]:
    """The findings one reading gave."""
    rows = sql.execute("SELECT rule, level, message, indicators FROM finding WHERE reading=? ORDER BY id", (reading,))
    return [{**dict(row), "indicators": json.loads(row["indicators"])} for row in rows]


def crawls(sql: sqlite3.Connection) -> list[Row]:
    """Every crawl with its sums, oldest first; one that never ended counts as interrupted."""
    found = []
    for row in sql.execute("SELECT id, finished, summary FROM crawl ORDER BY id").fetchall():
        kept = json.loads(row["summary"]) if row["summary"] and row["finished"] else None
        found.append({**(kept or sums.summary(sql, row["id"]).as_dict()), "id": row["id"]})
    return found


def requests(sql: sqlite3.Connection, crawl: int) -> list[Row]:
    """Every request of a crawl with its one outcome (null: still to be made)."""
    rows = sql.execute(
        "SELECT resource.url, outcome, reason, status, referrer.url AS referrer, depth, role FROM request"
        " JOIN resource ON resource.id=request.resource LEFT JOIN resource referrer ON referrer.id=request.referrer"
        " WHERE crawl=? ORDER BY request.id",
        (crawl,),
    )
    return [dict(row) for row in rows]


def changes(sql: sqlite3.Connection, *, since: int | None = None, crawl: int | None = None) -> list[Row]:
    """What happened to reports, in the order it was seen; a change carries its observations before and after.

    ``capture`` is the answer that shows it, ``other`` the report that stands for this one, or that this one stands for.
    """
    clauses = ["1", *(["seen>=?"] if since is not None else []), *(["told.crawl=?"] if crawl is not None else [])]
    rows = sql.execute(
        "SELECT told.*, resource.url, capture.id AS capture FROM told JOIN resource ON resource.id=told.resource"
        " LEFT JOIN capture ON capture.resource=told.resource AND capture.at=seen AND capture.crawl=told.crawl"
        f" WHERE {' AND '.join(clauses)} ORDER BY seen, abs(told.id)",
        [value for value in (since, crawl) if value is not None],
    ).fetchall()
    return [_change(sql, row) for row in rows]


def _change(sql: sqlite3.Connection, row: sqlite3.Row) -> Row:
    figures = differences(sql, row["report"], row["revision"] - 1, row["revision"]) if row["event"] == "changed" else []
    return {
        "url": row["url"],
        "report": row["report"],
        "event": row["event"],
        "crawl": row["crawl"],
        "seen": shown_time(row["seen"]),
        "revision": row["revision"],
        "summary": row["summary"],
        "observations": figures,
        "last_seen": shown_time(row["last_seen"]),
        "first_gone": shown_time(row["first_gone"]),
        "other": row["other"],
        "capture": row["capture"],
    }


def reading_of(sql: sqlite3.Connection, report: int, n: int) -> int | None:
    """The newest reading of a report's n-th revision."""
    row = sql.execute("SELECT reading FROM revision WHERE report=? AND n=?", (report, n)).fetchone()
    return row[0] if row else None


def differences(sql: sqlite3.Connection, report: int, before: int, after: int) -> list[Row]:
    """The observations that differ between two revisions: ``{indicator, before, after}`` as values, with the raw text."""
    left, right = reading_of(sql, report, before), reading_of(sql, report, after)
    if left is None or right is None:
        return []
    found = revisions.compare(*(stored_observations(sql, number, places=False) for number in (left, right)))
    return [
        {
            "indicator": code,
            "before": old.value if old else None,
            "after": new.value if new else None,
            "before_raw": old.raw if old else None,
            "after_raw": new.raw if new else None,
        }
        for code, old, new in found
    ]


def found(sql: sqlite3.Connection, query: str, filters: Filters, limit: int) -> list[Row]:
    """Reports that match a query, newest first: the rows of :func:`archive.hits.found`."""
    from archive import hits  # noqa: PLC0415  # it asks this module

    return hits.found(sql, query, filters, limit).rows
