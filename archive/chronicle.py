"""What became of every report: seen, revised, missing, gone, back, moved.  Writes inside the store's transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import evidence, leaves, revisions
from archive.expectations import expected
from archive.figures import place_json, stored_observations
from archive.model import Known, Summary
from archive.payloads import compress
from archive.search import Index
from archive.times import shown_time
from archive.urls import key_number

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from archive.frontier import Resources
    from archive.model import Reading
    from archive.parts import KeptPart


_REMEMBERED = 20_000
"""Ids of indicators and places kept in memory: a third of a first crawl's statements were look-ups of these."""


BESIDE = " | "
"""Between the identity of a page and the file's name, in the key of a report that shares its page with others."""


def page_key(key: str) -> str:
    """The identity of the page a report stands on."""
    return key.partition(BESIDE)[0]


@dataclass(frozen=True, slots=True)
class RevisionPart:
    """A part as a revision holds it: which capture and payload, read by which converter, in which state."""

    role: str
    resource: int
    url: str
    name: str | None
    media_type: str | None
    capture: int | None
    payload: int | None
    converter: int | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A report's reading ready to be kept: the joined reading, as JSON too, its substance and its parts."""

    key: str
    reading: Reading
    data: Callable[[], str]
    """Makes the JSON; only a new reading needs it, and it was half of a recrawl's CPU when it was always made."""
    substance: bytes
    parts: tuple[RevisionPart, ...]
    fingerprint: bytes
    software: int
    division: str | None


class Chronicle:
    """The history of reports behind the writer's connection."""

    def __init__(
        self, connection: sqlite3.Connection, log: evidence.Log, resources: Resources, clock: Callable[[], int]
    ) -> None:
        self._sql = connection
        self._log = log
        self._resources = resources
        self._clock = clock
        self._index = Index(connection)
        self._codes: dict[str, int] = {}
        self._places: set[int] = set()

    def forget(self) -> None:
        """Drop the memory of ids; after a rollback."""
        self._codes.clear()
        self._places.clear()

    def report(self, portal: int, key: str) -> sqlite3.Row | None:
        """Return a report's row by the identity of its page."""
        row: sqlite3.Row | None = self._sql.execute(
            "SELECT * FROM report WHERE portal=? AND key=?", (portal, key)
        ).fetchone()
        return row

    def on_page(self, portal: int, key: str) -> list[sqlite3.Row]:
        """Return the reports of one page: the one it is, or those that stand on it beside each other."""
        rows: list[sqlite3.Row] = self._sql.execute(
            "SELECT * FROM report WHERE portal=? AND (key=? OR key>=? AND key<?) ORDER BY id",
            (portal, key, key + BESIDE, key + BESIDE[:-1] + chr(ord(BESIDE[-1]) + 1)),
        ).fetchall()
        return rows

    def latest(self, report: int) -> sqlite3.Row | None:
        """Return a report's newest revision."""
        row: sqlite3.Row | None = self._sql.execute(
            "SELECT * FROM revision WHERE report=? ORDER BY n DESC LIMIT 1", (report,)
        ).fetchone()
        return row

    def substance(self, revision: int, software: int) -> bytes | None:
        """Return the substance of a revision as ``software`` read it, or None when it has not yet."""
        row = self._sql.execute(
            "SELECT substance FROM reading WHERE revision=? AND software=?", (revision, software)
        ).fetchone()
        return bytes(row[0]) if row else None

    def revision_parts(self, revision: int) -> list[RevisionPart]:
        """Return a revision's parts in order."""
        rows = self._sql.execute(
            "SELECT revision_part.*, url FROM revision_part JOIN resource ON resource.id=revision_part.resource"
            " WHERE revision=? ORDER BY position",
            (revision,),
        )
        return [
            RevisionPart(
                row["role"], row["resource"], row["url"], row["name"], row["media_type"], row["capture"],
                row["payload"], row["converter"], row["state"],
            )
            for row in rows
        ]  # fmt: skip

    # ------------------------------------------------------------ seen again

    def seen(self, report: sqlite3.Row, crawl: int, page: KeptPart, fingerprint: bytes) -> None:
        """Note that a report answered with the substance it had: unchanged, cosmetic, or back."""
        at = self._at(page.capture)
        if report["state"] in ("missing", "gone", "moved"):
            self._event(
                crawl, report["id"], page.resource, "back", at, report["revisions"], "又可访问 answers again", report
            )
        if self._outcome(page.capture) == "fetched" or report["parts"] != fingerprint:
            self._event(crawl, report["id"], page.resource, "cosmetic", at, report["revisions"], None, report)
        self._sql.execute(
            "UPDATE report SET state='present', last_seen=max(last_seen, ?), last_crawl=?, parts=?, glance=?,"
            " first_gone=NULL, resource=?, moved_to=NULL WHERE id=?",
            (at, crawl, fingerprint, page.glance, page.resource, report["id"]),
        )

    # ------------------------------------------------------------ revisions

    def revise(self, crawl: int, portal: int, page: KeptPart, judged: Judged) -> int:
        """Write a new revision with its reading; return its number."""
        report = self.report(portal, judged.key)
        at = self._at(page.capture)
        before = self.latest(report["id"]) if report else None
        if report is None:
            report_id = self._new_report(crawl, portal, page, judged, at)
        else:
            report_id = report["id"]
            if report["state"] in ("missing", "gone", "moved"):
                self._event(crawl, report_id, page.resource, "back", at, report["revisions"], None, report)
        n = before["n"] + 1 if before else 1
        revision = self._insert_revision(crawl, report_id, page, judged, n, at)
        self.read(revision, judged, at)
        summary = self._summary(before["id"], revision, judged) if before else None
        self._sql.execute("UPDATE revision SET summary=? WHERE id=?", (summary, revision))
        self._refresh(report_id, crawl, page, judged, n, at)
        self._event(crawl, report_id, page.resource, "changed" if before else "new", at, n, summary, report)
        return n

    def _new_report(self, crawl: int, portal: int, page: KeptPart, judged: Judged, at: int) -> int:
        cursor = self._sql.execute(
            "INSERT INTO report (portal, key, resource, kind, state, revisions, first_seen, last_seen, last_crawl)"
            " VALUES (?,?,?,?,'present',0,?,?,?)",
            (portal, judged.key, page.resource, judged.reading.kind or "other-annual", at, at, crawl),
        )
        return int(cursor.lastrowid or 0)

    def _insert_revision(self, crawl: int, report: int, page: KeptPart, judged: Judged, n: int, at: int) -> int:
        cursor = self._sql.execute(
            "INSERT INTO revision (report, n, crawl, capture, at, substance) VALUES (?,?,?,?,?,?)",
            (report, n, crawl, page.capture, at, judged.substance),
        )
        revision = int(cursor.lastrowid or 0)
        self._sql.executemany(
            "INSERT INTO revision_part VALUES (?,?,?,?,?,?,?,?,?,?)",
            [
                (revision, i, p.role, p.resource, p.name, p.media_type, p.capture, p.payload, p.converter, p.state)
                for i, p in enumerate(judged.parts)
            ],
        )
        self._log.append(evidence.REVISION, revision, leaves.revision(self._sql, revision))
        self._index.add(revision, [judged.reading.title or "", *judged.reading.paragraphs])
        return revision

    def _refresh(self, report: int, crawl: int, page: KeptPart, judged: Judged, n: int, at: int) -> None:
        reading = judged.reading
        self._sql.execute(
            "UPDATE report SET resource=?, title=?, publisher=?, division=?, year=?, kind=?, form=?, published=?,"
            " written=?, state='present', revisions=?, findings=?, last_seen=max(last_seen, ?), last_crawl=?, parts=?,"
            " glance=?, first_gone=NULL, moved_to=NULL WHERE id=?",
            (
                page.resource, reading.title, reading.publisher, judged.division, reading.year, reading.kind,
                reading.form, reading.published, reading.written, n, len(reading.findings), at, crawl,
                judged.fingerprint, page.glance, report,
            ),
        )  # fmt: skip

    def reread(self, report: sqlite3.Row, revision: sqlite3.Row, judged: Judged, at: int) -> None:
        """Add a reading of a known revision; the newest revision's also becomes what the report is listed as."""
        reading = judged.reading
        self.read(revision["id"], judged, at)
        self._index.add(revision["id"], [reading.title or "", *reading.paragraphs])
        if revision["n"] == report["revisions"]:
            self._sql.execute(
                "UPDATE report SET title=?, publisher=?, division=?, year=?, kind=?, form=?, published=?, written=?,"
                " findings=? WHERE id=?",
                (
                    reading.title, reading.publisher, judged.division, reading.year, reading.kind or report["kind"],
                    reading.form, reading.published, reading.written, len(reading.findings), report["id"],
                ),
            )  # fmt: skip

    def read(self, revision: int, judged: Judged, at: int) -> int:
        """Add a reading of a revision by named software beside those it has; return its id."""
        reading, data = judged.reading, judged.data().encode()
        cursor = self._sql.execute(
            "INSERT INTO reading (revision, software, at, title, publisher, division, year, kind, form, published,"
            " written, substance, digest, data) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                revision, judged.software, at, reading.title, reading.publisher, judged.division, reading.year,
                reading.kind, reading.form, reading.published, reading.written, judged.substance, leaves.sha(data),
                compress(data),
            ),
        )  # fmt: skip
        number = int(cursor.lastrowid or 0)
        self._observations(number, judged)
        self._sql.executemany(
            "INSERT INTO finding (reading, rule, level, message, indicators) VALUES (?,?,?,?,?)",
            [
                (number, item.rule, item.level, item.message, json.dumps(item.indicators, ensure_ascii=False))
                for item in reading.findings
            ],
        )
        self._log.append(evidence.READING, number, leaves.reading(self._sql, number))
        return number

    def _observations(self, reading: int, judged: Judged) -> None:
        positions = {"page": 0, **{part.url: i for i, part in enumerate(judged.parts) if part.role != "page"}}
        self._sql.executemany(
            "INSERT INTO observation (reading, indicator, value, status, raw, unit, part, place) VALUES (?,?,?,?,?,?,?,?)",
            [
                (
                    reading, self._indicator(item.indicator), item.value, item.status, item.raw, item.unit,
                    positions.get(item.source, 0), self._place(place_json(item.where)),
                )
                for item in judged.reading.observations
            ],
        )  # fmt: skip

    def _place(self, text: str) -> int:
        """A place's id is its text's own hash: the same cell of the same layout is stored once for all reports."""
        number = key_number(text)
        if number not in self._places:
            self._sql.execute("INSERT OR IGNORE INTO place VALUES (?,?)", (number, text))
            if len(self._places) > _REMEMBERED:
                self._places.clear()
            self._places.add(number)
        return number

    def _indicator(self, code: str) -> int:
        found = self._codes.get(code)
        if found is None:
            row = self._sql.execute("SELECT id FROM indicator WHERE code=?", (code,)).fetchone()
            if row is None:
                row = self._sql.execute("INSERT INTO indicator (code) VALUES (?) RETURNING id", (code,)).fetchone()
            if len(self._codes) > _REMEMBERED:
                self._codes.clear()
            found = self._codes[code] = int(row[0])
        return found

    def _summary(self, before: int, after: int, judged: Judged) -> str:
        old = self._sql.execute("SELECT max(id) FROM reading WHERE revision=?", (before,)).fetchone()[0]
        differences = revisions.compare(stored_observations(self._sql, old), judged.reading.observations)
        left, right = self._paragraphs(before), self._paragraphs(after)
        files = {part.payload for part in self.revision_parts(before)[1:]} ^ {part.payload for part in judged.parts[1:]}
        return revisions.summarise(differences, (len(left - right), len(right - left)), len(files))

    def _paragraphs(self, revision: int) -> set[int]:
        rows = self._sql.execute("SELECT paragraph FROM revision_paragraph WHERE revision=?", (revision,))
        return {row[0] for row in rows}

    # ------------------------------------------------------------ absence

    def absences(self, crawl: int, portal: int) -> None:
        """Judge every report of a portal that a crawl asked for and did not see.  May be repeated."""
        rows = self._sql.execute(
            "SELECT report.*, request.outcome, request.capture AS asked FROM report JOIN request ON request.id="
            "(SELECT max(r.id) FROM resource home JOIN resource twin ON twin.key=home.key JOIN request r ON r.crawl=?"
            " AND (r.resource=twin.id OR r.origin=twin.id) AND r.role='page' WHERE home.id=report.resource)"
            " WHERE report.portal=? AND report.last_crawl<>?",
            (crawl, portal, crawl),
        ).fetchall()
        for report in rows:
            if report["outcome"] in ("gone", "redirected") and self._moved(report, crawl, report["asked"]):
                continue
            if report["outcome"] == "gone":
                self._absent(report, crawl, report["asked"])
            elif report["outcome"] is not None:
                self._sql.execute(
                    "UPDATE report SET state=? WHERE id=?", (revisions.after_failure(report["state"]), report["id"])
                )

    def left_out(self, report: sqlite3.Row, crawl: int, page: KeptPart) -> None:
        """Note that a page answered without a report that stood on it: moved beside others, or missing, then gone.

        May be repeated.
        """
        if not self._moved(report, crawl, page.capture):
            self._absent(report, crawl, page.capture)

    def _moved(self, report: sqlite3.Row, crawl: int, asked: int | None) -> bool:
        """Whether the same publisher's report of the same year appeared elsewhere on the portal in this crawl."""
        if report["publisher"] is None or report["year"] is None or report["state"] == "moved":
            return False
        there = self._sql.execute(
            "SELECT report.id, url FROM report JOIN resource ON resource.id=report.resource WHERE portal=? AND publisher=?"
            " AND year=? AND kind=? AND report.id<>? AND last_crawl=? AND state='present' AND EXISTS (SELECT 1 FROM change"
            " WHERE change.report=report.id AND crawl=? AND event='new')",
            (report["portal"], report["publisher"], report["year"], report["kind"], report["id"], crawl, crawl),
        ).fetchone()
        if there is None:
            return False
        self._sql.execute("UPDATE report SET state='moved', moved_to=? WHERE id=?", (there["id"], report["id"]))
        at = self._at(asked) if asked else self._clock()
        summary = f"移至 moved to {there['url']}"
        self._event(crawl, report["id"], report["resource"], "moved", at, report["revisions"], summary, report)
        return True

    def _absent(self, report: sqlite3.Row, crawl: int, asked: int | None) -> None:
        known = self._sql.execute(
            "SELECT 1 FROM change WHERE report=? AND crawl=? AND event IN ('missing','gone')", (report["id"], crawl)
        ).fetchone()
        state, event = revisions.after_absence(report["state"])
        if event is None or known:
            return
        at = self._at(asked) if asked else self._clock()
        first = report["first_gone"] or at
        self._sql.execute("UPDATE report SET state=?, first_gone=? WHERE id=?", (state, first, report["id"]))
        self._sql.execute(
            "INSERT INTO change (crawl, report, resource, event, seen, revision, summary, last_seen, first_gone)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (crawl, report["id"], report["resource"], event, at, report["revisions"], None, report["last_seen"], first),
        )

    def _event(
        self, crawl: int, report: int, resource: int, event: str, seen: int, revision: int | None, summary: str | None,
        before: sqlite3.Row | None,
    ) -> None:  # fmt: skip
        self._sql.execute(
            "INSERT INTO change (crawl, report, resource, event, seen, revision, summary, last_seen, first_gone)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (
                crawl, report, resource, event, seen, revision, summary,
                before["last_seen"] if before else None, before["first_gone"] if before else None,
            ),
        )  # fmt: skip

    def _outcome(self, capture: int) -> str:
        return str(self._sql.execute("SELECT outcome FROM capture WHERE id=?", (capture,)).fetchone()[0])

    def _at(self, capture: int) -> int:
        return int(self._sql.execute("SELECT at FROM capture WHERE id=?", (capture,)).fetchone()[0])


def known(sql: sqlite3.Connection, portal: int) -> tuple[Known, ...]:
    """Return the pages and attachments of a portal's reports, as their newest revisions name them."""
    rows = sql.execute(
        "SELECT url, role, report.key, report.title FROM report JOIN revision ON revision.report=report.id"
        " AND revision.n=report.revisions JOIN revision_part ON revision_part.revision=revision.id"
        " JOIN resource ON resource.id=CASE WHEN role='page' THEN report.resource ELSE revision_part.resource END"
        " WHERE portal=? AND report.state<>'moved' ORDER BY report.id, position",
        (portal,),
    )
    found = (Known(row["url"], row["role"], page_key(row["key"]), row["title"]) for row in rows)
    return tuple({(item.url, item.role): item for item in found}.values())


def summary(sql: sqlite3.Connection, crawl: int) -> Summary:
    """Return a crawl's sums, counted from the tables as they are now."""
    row = sql.execute(
        "SELECT crawl.*, portal.name FROM crawl JOIN portal ON portal.id=crawl.portal WHERE crawl.id=?", (crawl,)
    ).fetchone()
    outcomes: dict[str, int] = dict(
        sql.execute(
            "SELECT outcome, count(*) FROM request WHERE crawl=? AND outcome IS NOT NULL GROUP BY outcome", (crawl,)
        ).fetchall()
    )
    events: dict[str, int] = dict(
        sql.execute("SELECT event, count(*) FROM change WHERE crawl=? GROUP BY event", (crawl,)).fetchall()
    )
    seen = sql.execute(
        "SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM change WHERE change.report=report.id AND change.crawl=?"
        " AND event IN ('new','changed'))),0) FROM report WHERE last_crawl=?",
        (crawl, crawl),
    ).fetchone()
    captured = sql.execute(
        "SELECT count(*), coalesce(sum(CASE WHEN outcome<>'revisit' THEN size END),0) FROM capture LEFT JOIN payload ON"
        " payload.id=capture.payload WHERE crawl=?",
        (crawl,),
    ).fetchone()
    counts: Sequence[int] = (events.get("new", 0), events.get("changed", 0), seen[0] - seen[1])
    return Summary(
        id=crawl,
        portal=row["name"],
        started=shown_time(row["started"]) or "",
        finished=shown_time(row["finished"]),
        outcome=row["outcome"] or "interrupted",
        requests=sum(outcomes.values()),
        captures=captured[0],
        bytes=captured[1],
        new=counts[0],
        changed=counts[1],
        unchanged=counts[2],
        gone=events.get("missing", 0) + events.get("gone", 0),
        back=events.get("back", 0),
        blocked=outcomes.get("blocked", 0),
        refused=outcomes.get("refused", 0),
        failed=outcomes.get("failed", 0),
        expected=expected(sql, crawl),
        found=seen[0],
    )
