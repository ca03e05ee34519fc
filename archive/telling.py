"""What is told of a report: each change is a row that never changes, and an entry of the log.

Absence is judged here: a definite 404, 410 or soft 404 makes a report missing, a later crawl's confirms it gone; a
failure or a block makes nothing missing.  A report that turns up under another address is told as moved, with what
is known of how: redirected, the same text under a new identity, or published anew with other content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import evidence, leaves, revisions
from archive.retelling import is_retold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from archive.parts import KeptPart

_COLUMNS = "crawl, report, resource, event, seen, revision, summary, last_seen, first_gone, other"


class Teller:
    """The change table behind the writer's connection."""

    def __init__(self, connection: sqlite3.Connection, log: evidence.Log, clock: Callable[[], int]) -> None:
        self._sql = connection
        self._log = log
        self._clock = clock

    def tell(
        self, crawl: int, report: sqlite3.Row, resource: int, event: str, seen: int, revision: int | None,
        summary: str | None, *, first_gone: int | None = None, other: int | None = None,
    ) -> None:  # fmt: skip
        """Write one change; ``report`` is the row as it was before it (a new report was not seen before)."""
        new = event == "new"
        values = (
            crawl, report["id"], resource, event, seen, revision, summary, None if new else report["last_seen"],
            first_gone or (None if new else report["first_gone"]), other,
        )  # fmt: skip
        cursor = self._sql.execute(f"INSERT INTO change ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", values)
        number = int(cursor.lastrowid or 0)
        self._log.append(evidence.CHANGE, number, leaves.change(self._sql, number))
        if is_retold(self._sql, report["id"]):
            self._sql.execute(f"INSERT INTO retold ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", values)

    def appeared(self, crawl: int, report: sqlite3.Row, resource: int, at: int) -> None:
        """Tell of a new report, and whether it stands in for one that is not there any more."""
        twin = self._sql.execute(
            "SELECT report.id, url FROM report JOIN resource ON resource.id=report.resource WHERE portal=? AND publisher=?"
            " AND year=? AND kind=? AND report.id<>? AND state IN ('missing','gone') ORDER BY last_seen DESC, report.key",
            (report["portal"], report["publisher"], report["year"], report["kind"], report["id"]),
        ).fetchone()
        summary = f"重新发布 published anew, formerly {twin['url']}" if twin else None
        self.tell(crawl, report, resource, "new", at, 1, summary, other=twin["id"] if twin else None)

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
            redirected = report["outcome"] == "redirected"
            at = self._at(report["asked"]) if report["asked"] else self._clock()
            if (redirected or report["outcome"] == "gone") and self._moved(report, crawl, at, redirected=redirected):
                continue
            if report["outcome"] == "gone":
                self._absent(report, crawl, at)
            elif report["outcome"] is not None:
                self._sql.execute(
                    "UPDATE report SET state=? WHERE id=?", (revisions.after_failure(report["state"]), report["id"])
                )

    def left_out(self, report: sqlite3.Row, crawl: int, page: KeptPart, at: int | None = None) -> None:
        """Note that a page answered without a report that stood on it: moved beside others, or missing, then gone.

        ``at`` is when that was last seen, where it is not the capture's time.  May be repeated.
        """
        when = self._at(page.capture) if at is None else at
        if not self._moved(report, crawl, when):
            self._absent(report, crawl, when)

    def _moved(self, report: sqlite3.Row, crawl: int, at: int, *, redirected: bool = False) -> bool:
        """Whether the same publisher's report of the same year stands elsewhere on the portal now.

        It counts when it is new in this crawl, or when it came after this report and says what this one said.  Of
        several the one with the same text is meant, else the first by its key: ids depend on what was read first.
        """
        if report["publisher"] is None or report["year"] is None or report["state"] == "moved":
            return False
        rows = self._sql.execute(
            "SELECT report.id, url, first_seen, EXISTS (SELECT 1 FROM change WHERE change.report=report.id AND crawl=? AND"
            " event='new') AS new FROM report JOIN resource ON resource.id=report.resource WHERE portal=? AND publisher=?"
            " AND year=? AND kind=? AND report.id<>? AND last_crawl=? AND state='present' ORDER BY new DESC, report.key",
            (crawl, report["portal"], report["publisher"], report["year"], report["kind"], report["id"], crawl),
        ).fetchall()
        said = self._substance(report["id"])
        alike = [(there, self._substance(there["id"]) == said) for there in rows]
        for there, same in sorted(alike, key=lambda item: not item[1]):
            if there["new"] or (same and there["first_seen"] > report["first_seen"]):
                self._tell_moved(report, crawl, at, there, _how(there["url"], same=same, redirected=redirected))
                return True
        return False

    def _tell_moved(self, report: sqlite3.Row, crawl: int, at: int, there: sqlite3.Row, how: str) -> None:
        self._sql.execute("UPDATE report SET state='moved', moved_to=? WHERE id=?", (there["id"], report["id"]))
        self.tell(crawl, report, report["resource"], "moved", at, report["revisions"], how, other=there["id"])

    def _substance(self, report: int) -> bytes | None:
        row = self._sql.execute(
            "SELECT reading.substance FROM report JOIN revision ON revision.report=report.id AND revision.n=report.revisions"
            " JOIN reading ON reading.id=revision.reading WHERE report.id=?",
            (report,),
        ).fetchone()
        return bytes(row[0]) if row else None

    def _absent(self, report: sqlite3.Row, crawl: int, at: int) -> None:
        known = self._sql.execute(
            "SELECT 1 FROM change WHERE report=? AND crawl=? AND event IN ('missing','gone')", (report["id"], crawl)
        ).fetchone()
        state, event = revisions.after_absence(report["state"])
        if event is None or known:
            return
        first = report["first_gone"] or at
        self._sql.execute("UPDATE report SET state=?, first_gone=? WHERE id=?", (state, first, report["id"]))
        self.tell(crawl, report, report["resource"], event, at, report["revisions"], None, first_gone=first)

    def _at(self, capture: int) -> int:
        return int(self._sql.execute("SELECT at FROM capture WHERE id=?", (capture,)).fetchone()[0])


def _how(url: str, *, same: bool, redirected: bool) -> str:
    """How a report came to its new address, in one line of both languages."""
    if redirected:
        return f"转至 redirected to {url}"
    if same:
        return f"同文换址 the same text under a new address {url}"
    return f"重新发布且内容有变 published anew with other content at {url}"
