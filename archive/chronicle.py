"""What became of every report: seen, revised, missing, gone, back, moved.  Writes inside the store's transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive import evidence, leaves, revisions
from archive.figures import place_json, stored_observations
from archive.model import Known
from archive.retelling import is_retold, retell
from archive.search import Index
from archive.telling import Teller
from archive.texts import Texts
from archive.urls import key_number

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from archive.frontier import Resources
    from archive.model import Observation, Reading
    from archive.parts import KeptPart


_REMEMBERED = 20_000
"""Ids of indicators and places kept in memory: a third of a first crawl's statements were look-ups of these."""


OBSERVATION = "reading, indicator, value, status, raw, unit, part, place"
"""The columns of an observation's row."""

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
        self._texts = Texts(connection)
        self.teller = Teller(connection, log, clock)
        self._codes: dict[str, int] = {}
        self._places: set[int] = set()

    def forget(self) -> None:
        """Drop the memory of ids; after a rollback."""
        self._codes.clear()
        self._places.clear()
        self._index = Index(self._sql)
        self._texts = Texts(self._sql)

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
        """Return a report's newest revision: its number and time, and the revision whose parts were read for it.

        The two are one except where a merge showed that a page went back to what it had said before
        (:mod:`archive.retelling`).
        """
        row: sqlite3.Row | None = self._sql.execute(
            "SELECT source.id, source.report, source.substance, revision.n, revision.at FROM revision JOIN reading ON"
            " reading.id=revision.reading JOIN revision source ON source.id=reading.revision WHERE revision.report=? AND"
            " revision.n IS NOT NULL ORDER BY revision.n DESC LIMIT 1",
            (report,),
        ).fetchone()
        return row

    def substance(self, revision: int, software: int) -> bytes | None:
        """Return the substance of a revision as ``software`` read it, or None when it has not yet."""
        row = self._sql.execute(
            "SELECT substance FROM reading WHERE revision=? AND software=? ORDER BY at DESC LIMIT 1",
            (revision, software),
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
        if report["state"] in revisions.AWAY:
            self._tell(crawl, report, page, "back", at, report["revisions"], "又可访问 answers again")
        other = report["parts"] is not None and report["parts"] != fingerprint
        if self._outcome(page.capture) == "fetched" or other:
            self._tell(crawl, report, page, "cosmetic", at, report["revisions"], None)
        latest = self.latest(report["id"])
        assert latest is not None
        self._sql.execute("INSERT OR REPLACE INTO sighting VALUES (?,?,?)", (crawl, latest["id"], page.capture))
        self._sql.execute(
            "UPDATE report SET state='present', last_seen=max(last_seen, ?), last_crawl=?, parts=?, glance=?,"
            " first_gone=NULL, resource=?, moved_to=NULL WHERE id=?",
            (at, crawl, fingerprint, page.glance, page.resource, report["id"]),
        )

    # ------------------------------------------------------------ revisions

    def revise(self, crawl: int, portal: int, page: KeptPart, judged: Judged, *, past: bool = False) -> int | None:
        """Write a new revision with its reading; return its number.

        What a crawl sees now comes after all that was seen, whatever the clock says.  With ``past`` (an import) a
        revision takes its place by its time, and the report's chronicle is told anew; None when it says what the one
        before it says.
        """
        report = self.report(portal, judged.key)
        at = self._at(page.capture)
        before = self.latest(report["id"]) if report else None
        if past and before is not None:
            return self._between(crawl, before["report"], page, judged, at)
        if report is None:
            report_id = self._new_report(crawl, portal, page, judged, at)
        else:
            report_id = report["id"]
            if report["state"] in revisions.AWAY:
                self._tell(crawl, report, page, "back", at, report["revisions"], None)
        n = before["n"] + 1 if before else 1
        revision = self._insert_revision(crawl, report_id, page, judged, n, at)
        self.read(revision, judged, at)
        summary = self.summary(before["id"], revision) if before else None
        self._sql.execute("UPDATE revision SET summary=? WHERE id=?", (summary, revision))
        self._refresh(report_id, crawl, page, judged, n, at)
        again = report or self.report(portal, judged.key)
        assert again is not None
        if before:
            self._tell(crawl, again, page, "changed", at, n, summary)
        else:
            self.teller.appeared(crawl, again, page.resource, at)
        return n

    def _between(self, crawl: int, report: int, page: KeptPart, judged: Judged, at: int) -> int | None:
        """Write a revision that is older than the newest, and tell the chronicle anew."""
        home = self._sql.execute("SELECT max(home) + 1 FROM revision WHERE report=?", (report,)).fetchone()[0]
        revision = self._insert_revision(crawl, report, page, judged, None, at, home=home)
        self.read(revision, judged, at)
        retell(self._sql, report, self.summary)
        row = self._sql.execute("SELECT n FROM revision WHERE id=?", (revision,)).fetchone()
        return None if row[0] is None else int(row[0])

    def as_of(self, report: int, at: int) -> int | None:
        """The revision whose parts were read for what a report said at a moment; None before its first."""
        row = self._sql.execute(
            "SELECT reading.revision FROM revision JOIN reading ON reading.id=revision.reading WHERE revision.report=?"
            " AND revision.n IS NOT NULL AND revision.at<=? ORDER BY revision.n DESC LIMIT 1",
            (report, at),
        ).fetchone()
        return int(row[0]) if row else None

    def seen_then(self, report: int, crawl: int, page: KeptPart, revision: int, *, tell: bool = True) -> None:
        """Note that a page said at an earlier time what a revision says, and tell the chronicle anew (or ``tell_anew`` later)."""
        self._sql.execute("INSERT OR REPLACE INTO sighting VALUES (?,?,?)", (crawl, revision, page.capture))
        if tell:
            self.tell_anew(report)

    def tell_anew(self, report: int) -> None:
        """Tell a report's chronicle from all its facts, by their times."""
        retell(self._sql, report, self.summary)

    def _tell(
        self, crawl: int, report: sqlite3.Row, page: KeptPart, event: str, at: int, n: int | None, summary: str | None
    ) -> None:
        self.teller.tell(crawl, report, page.resource, event, at, n, summary)

    def _new_report(self, crawl: int, portal: int, page: KeptPart, judged: Judged, at: int) -> int:
        cursor = self._sql.execute(
            "INSERT INTO report (portal, key, resource, kind, state, revisions, first_seen, last_seen, last_crawl)"
            " VALUES (?,?,?,?,'present',0,?,?,?)",
            (portal, judged.key, page.resource, judged.reading.kind or "other-annual", at, at, crawl),
        )
        return int(cursor.lastrowid or 0)

    def _insert_revision(
        self,
        crawl: int,
        report: int,
        page: KeptPart,
        judged: Judged,
        n: int | None,
        at: int,
        *,
        home: int | None = None,
    ) -> int:
        cursor = self._sql.execute(
            "INSERT INTO revision (report, n, home, crawl, capture, at, substance) VALUES (?,?,?,?,?,?,?)",
            (report, n, home or n, crawl, page.capture, at, judged.substance),
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
        self._index.add(revision, [judged.reading.title or "", *judged.reading.paragraphs], judged.reading.year)
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
        number = self.read(revision["id"], judged, at)
        for (said,) in self._sql.execute("SELECT id FROM revision WHERE reading=?", (number,)).fetchall():
            self._index.add(said, [reading.title or "", *reading.paragraphs], reading.year)
        newest = "SELECT reading FROM revision WHERE report=? AND n=?"
        if self._sql.execute(newest, (report["id"], report["revisions"])).fetchone()[0] == number:
            self._sql.execute(
                "UPDATE report SET title=?, publisher=?, division=?, year=?, kind=?, form=?, published=?, written=?,"
                " findings=? WHERE id=?",
                (
                    reading.title, reading.publisher, judged.division, reading.year, reading.kind or report["kind"],
                    reading.form, reading.published, reading.written, len(reading.findings), report["id"],
                ),
            )  # fmt: skip
        if is_retold(self._sql, report["id"]):
            retell(self._sql, report["id"], self.summary)

    def read(self, revision: int, judged: Judged, at: int) -> int:
        """Add a reading of a revision by named software beside those it has; return its id."""
        reading, data = judged.reading, judged.data().encode()
        base, frame = self._texts.pack(revision, reading.form, data)
        cursor = self._sql.execute(
            "INSERT INTO reading (revision, software, at, title, publisher, division, year, kind, form, published,"
            " written, substance, digest, data, base) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                revision, judged.software, at, reading.title, reading.publisher, judged.division, reading.year,
                reading.kind, reading.form, reading.published, reading.written, judged.substance, leaves.sha(data),
                frame, base,
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
        self._sql.execute(
            "UPDATE revision SET reading=? WHERE id=? OR (home=0 AND report=(SELECT report FROM revision WHERE id=?) AND"
            " reading IN (SELECT id FROM reading WHERE revision=?))",
            (number, revision, revision, revision),
        )
        return number

    def _observations(self, reading: int, judged: Judged) -> None:
        positions = {part.url: i for i, part in enumerate(judged.parts) if part.role != "page"}
        self._sql.executemany(
            f"INSERT INTO observation ({OBSERVATION}) VALUES (?,?,?,?,?,?,?,?)",
            self.observation_rows(reading, judged.reading.observations, positions),
        )

    def observation_rows(
        self, reading: int, observations: Sequence[Observation], positions: Mapping[str, int]
    ) -> list[tuple[Any, ...]]:
        """Observations as rows; ``positions`` says which part of the revision an attachment's address is."""
        return [
            (
                reading, self._indicator(item.indicator), item.value, item.status, item.raw, item.unit,
                positions.get(item.source, 0), self._place(place_json(item.where)),
            )
            for item in observations
        ]  # fmt: skip

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

    def summary(self, before: int, after: int) -> str:
        """What changed between two revisions, in a line."""
        old, new = (
            stored_observations(self._sql, row[0], places=False)
            for row in (
                self._sql.execute("SELECT reading FROM revision WHERE id=?", (number,)).fetchone()
                for number in (before, after)
            )
        )
        left, right = self._paragraphs(before), self._paragraphs(after)
        files = {part.payload for part in self.revision_parts(before)[1:]} ^ {
            part.payload for part in self.revision_parts(after)[1:]
        }
        return revisions.summarise(revisions.compare(old, new), (len(left - right), len(right - left)), len(files))

    def _paragraphs(self, revision: int) -> set[int]:
        rows = self._sql.execute("SELECT paragraph FROM revision_paragraph WHERE revision=?", (revision,))
        return {row[0] for row in rows}

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
