"""Stored payloads read again by the readers of today; the readings they had stay beside the new ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.chronicle import page_key
from archive.figures import stored_observations
from archive.revisions import compare
from pipelines.judging import as_kept, judge

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from concurrent.futures import Future

    from archive.chronicle import Judged
    from archive.model import Portal, Reading
    from archive.parts import KeptPart
    from archive.store import Store
    from pipelines.convert.sandbox import Cage

AHEAD = 6
"""Revisions in the readers' hands at once."""
FIELDS = ("title", "publisher", "year", "kind", "form", "published", "written")
_WANTED = (
    "SELECT revision.id, coalesce(revision.n, 0) AS n, revision.report, revision.crawl FROM revision JOIN report ON report.id=revision.report"
    " WHERE revision.home<>0 AND (? OR NOT EXISTS (SELECT 1 FROM reading WHERE reading.revision=revision.id AND software=?))"
    " ORDER BY revision.report, revision.n"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where judging is done, for one report's portal."""

    store: Store
    portal: Portal
    portal_id: int
    software: int


@dataclass(frozen=True, slots=True)
class Again:
    """One revision read again: what it says now that it did not say before, as rows for people and programs."""

    report: int
    revision: int
    differences: tuple[dict[str, Any], ...]
    lost: str | None = None
    """Why the revision could not be read as the report it was; then its old reading stands alone."""


def waiting(store: Store, software: int, *, again: bool = False) -> int:
    """How many revisions have no reading by ``software`` yet (all of them when ``again``)."""
    return int(store.sql.execute(f"SELECT count(*) FROM ({_WANTED})", (again, software)).fetchone()[0])  # noqa: S608  a constant


def reconvert(
    store: Store, cage: Cage, software: int, portals: dict[int, Portal], *, keep: bool, again: bool = False
) -> Iterator[Again]:
    """Read every revision that ``software`` has not read, oldest first, and yield what differs.

    ``keep``: write the readings (else nothing is written).  ``again``: also those it has read, only to compare.
    """
    rows = store.sql.execute(_WANTED, (again, software)).fetchall()
    queue: deque[tuple[sqlite3.Row, list[KeptPart], list[Future[Reading]]]] = deque()
    for row in rows:
        held = [part for part in store.chronicle.revision_parts(row["id"]) if part.payload is not None]
        parts = [as_kept(part) for part in held]
        futures = [cage.submit(store.payloads.get(part.payload), url=part.url, name=part.name) for part in parts]
        queue.append((row, parts, futures))
        if len(queue) >= AHEAD:
            yield _again(store, software, portals, queue.popleft(), keep=keep)
    while queue:
        yield _again(store, software, portals, queue.popleft(), keep=keep)


def _again(
    store: Store,
    software: int,
    portals: dict[int, Portal],
    entry: tuple[sqlite3.Row, list[KeptPart], list[Future[Reading]]],
    *,
    keep: bool,
) -> Again:
    row, parts, futures = entry
    report = store.sql.execute("SELECT * FROM report WHERE id=?", (row["report"],)).fetchone()
    desk = Desk(store, portals[report["portal"]], report["portal"], software)
    key = page_key(report["key"])
    store.writing()
    judged = judge(desk, key, parts, [future.result() for future in futures], apart=key != report["key"])
    found = next((one for one in judged if one.key == report["key"] and one.reading.kind is not None), None)
    newest = row["id"] == _newest(store, row["report"])
    beside = [one for one in judged if one is not found and newest and _is_new(store, desk, one)]
    differences = [*_differences(store, report, row, found)] if found else []
    for one in beside:
        differences += _appeared(store, report, one)
    if not keep:
        store.rollback()
    else:
        _keep(store, report, row, parts[0], found, beside)
    elsewhere = report["state"] in {"missing", "gone", "moved"}  # what stood here is known to stand there no more
    lost = (
        None
        if found or beside or elsewhere
        else judged[0].reading.rejected or judged[0].reading.conversion.error or "no report"
    )
    return Again(row["report"], row["n"], tuple(differences), lost)


def _newest(store: Store, report: int) -> int | None:
    latest = store.chronicle.latest(report)
    return None if latest is None else int(latest["id"])


def _keep(
    store: Store, report: sqlite3.Row, row: sqlite3.Row, page: KeptPart, found: Judged | None, beside: list[Judged]
) -> None:
    """Write the new reading, and the reports that nobody could read when the page was fetched."""
    for one in beside:
        store.chronicle.revise(row["crawl"], report["portal"], page, one)
    if found is not None:
        store.chronicle.reread(report, row, found, store.clock())
    elif beside:
        last = store.chronicle.report(report["portal"], report["key"])
        assert last is not None
        store.chronicle.teller.left_out(last, last["last_crawl"], page, last["last_seen"])
    store.breathe()


def _is_new(store: Store, desk: Desk, judged: Judged) -> bool:
    """Whether a report that today's readers see on the page is not in the archive yet."""
    return judged.reading.kind in desk.portal.kinds and store.chronicle.report(desk.portal_id, judged.key) is None


def _appeared(store: Store, report: sqlite3.Row, judged: Judged) -> Iterator[dict[str, Any]]:
    """The figures of a report that was not seen before: it stands in a file nobody could read then."""
    url = store.sql.execute("SELECT url FROM resource WHERE id=?", (report["resource"],)).fetchone()[0]
    for item in judged.reading.observations:
        yield {
            "report": None, "url": url, "publisher": judged.reading.publisher, "year": judged.reading.year, "revision": 1,
            "indicator": item.indicator, "before": None, "after": item.value, "before_raw": None, "after_raw": item.raw,
            "before_status": None, "after_status": item.status,
        }  # fmt: skip


def _differences(store: Store, report: sqlite3.Row, row: sqlite3.Row, judged: Judged) -> Iterator[dict[str, Any]]:
    """The fields and observations that differ from the newest reading the revision has."""
    before = store.sql.execute(
        "SELECT reading.* FROM revision JOIN reading ON reading.id=revision.reading WHERE revision.id=?", (row["id"],)
    ).fetchone()
    url = store.sql.execute("SELECT url FROM resource WHERE id=?", (report["resource"],)).fetchone()[0]
    about = {
        "report": report["id"], "url": url, "publisher": judged.reading.publisher, "year": judged.reading.year,
        "revision": row["n"] or None,
    }  # fmt: skip
    for name in FIELDS:
        old, new = before[name], getattr(judged.reading, name)
        if old != new:
            yield {
                **about,
                "indicator": f"report.{name}",
                "before": old,
                "after": new,
                "before_raw": None,
                "after_raw": None,
            }
    for code, left, right in compare(stored_observations(store.sql, before["id"]), judged.reading.observations):
        yield {
            **about,
            "indicator": code,
            "before": left.value if left else None,
            "after": right.value if right else None,
            "before_raw": left.raw if left else None,
            "after_raw": right.raw if right else None,
            "before_status": left.status if left else None,
            "after_status": right.status if right else None,
        }
