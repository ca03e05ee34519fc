"""The requests still to be made, and how each ended: they live in the archive, beside what they led to.

A request is one row; its outcome is null until it has ended, and is set once.  Whatever is in flight when
the process dies is simply still null, and is asked again by the resumed crawl.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from archive.model import Errand
from archive.urls import key_number, url_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from archive.model import Outcome


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _detail(errand: Errand) -> str:
    """What only a pending request needs, JSON."""
    return _encode(
        {
            "method": errand.method,
            "body": base64.b64encode(errand.body).decode(),
            "headers": errand.headers,
            "callback": errand.callback,
            "arguments": errand.arguments,
            "meta": errand.meta,
        }
    )


def _errand(row: sqlite3.Row) -> Errand:
    detail: dict[str, Any] = json.loads(row["detail"])
    return Errand(
        url=row["url"],
        key="",
        role=row["role"],
        host=row["host"],
        method=detail["method"],
        body=base64.b64decode(detail["body"]),
        headers=tuple((name, value) for name, value in detail["headers"]),
        callback=detail["callback"],
        arguments=detail["arguments"],
        meta=detail["meta"],
        priority=row["priority"],
        depth=row["depth"],
        referrer=row["referrer_url"],
        report=row["report"],
        origin=row["origin_url"],
        attempts=row["attempts"],
        not_before=row["not_before"],
        id=row["id"],
    )


class Resources:
    """Addresses, each stored once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._known: dict[str, int] = {}

    def forget(self) -> None:
        """Drop the memory of ids; after a rollback."""
        self._known.clear()

    def id(self, url: str, key: str) -> int:
        """Return the id of ``url``, storing it with its key when it is new."""
        found = self._known.get(url)
        if found is None:
            row = self._sql.execute("SELECT id FROM resource WHERE url=?", (url,)).fetchone()
            if row is None:
                row = self._sql.execute(
                    "INSERT INTO resource (url, key) VALUES (?,?) RETURNING id", (url, key)
                ).fetchone()
            found = int(row[0])
            if len(self._known) > 20000:
                self._known.clear()
            self._known[url] = found
        return found


class Frontier:
    """The request table of one archive; writes only inside the store's transaction."""

    def __init__(self, connection: sqlite3.Connection, resources: Resources) -> None:
        self._sql = connection
        self._resources = resources

    def add(self, crawl: int, errand: Errand) -> int | None:
        """Add a request and return its id, or None when the crawl has it already."""
        number = key_number(f"{errand.method} {errand.key}")
        if self.find(crawl, errand) is not None:
            return None
        referrer = self._resources.id(errand.referrer, url_key(errand.referrer)) if errand.referrer else None
        origin = self._resources.id(errand.origin, url_key(errand.origin)) if errand.origin else None
        cursor = self._sql.execute(
            "INSERT INTO request (crawl, key, resource, host, role, detail, report, priority, depth, referrer,"
            " origin, attempts, not_before) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                crawl,
                number,
                self._resources.id(errand.url, url_key(errand.url)),
                errand.host,
                errand.role,
                _detail(errand),
                errand.report,
                errand.priority,
                errand.depth,
                referrer,
                origin,
                errand.attempts,
                errand.not_before,
            ),
        )
        return int(cursor.lastrowid or 0)

    def find(self, crawl: int, errand: Errand) -> int | None:
        """Return the id under which a crawl has this request."""
        number = key_number(f"{errand.method} {errand.key}")
        row = self._sql.execute("SELECT id FROM request WHERE crawl=? AND key=?", (crawl, number)).fetchone()
        return int(row[0]) if row else None

    def pending(self, crawl: int, limit: int, without: Collection[int] = ()) -> list[Errand]:
        """Return up to ``limit`` open requests, the most urgent first, leaving out those already in hand."""
        rows = self._sql.execute(
            "SELECT request.*, resource.url, referrer.url AS referrer_url, origin.url AS origin_url FROM request"
            " JOIN resource ON resource.id=request.resource LEFT JOIN resource referrer ON referrer.id=request.referrer"
            " LEFT JOIN resource origin ON origin.id=request.origin"
            " WHERE crawl=? AND outcome IS NULL ORDER BY priority DESC, request.id LIMIT ?",
            (crawl, limit + len(without)),
        )
        held = frozenset(without)
        return [_errand(row) for row in rows if row["id"] not in held][:limit]

    def open_requests(self, crawl: int) -> int:
        """Return how many requests of a crawl have not ended."""
        row = self._sql.execute("SELECT count(*) FROM request WHERE crawl=? AND outcome IS NULL", (crawl,)).fetchone()
        return int(row[0])

    def first(self, crawl: int, role: str) -> sqlite3.Row | None:
        """Return ``url`` and ``payload`` of the first page a crawl has read in a role; None when it read none."""
        found: sqlite3.Row | None = self._sql.execute(
            "SELECT url, payload FROM request JOIN resource ON resource.id=request.resource JOIN capture ON"
            " capture.id=request.capture WHERE request.crawl=? AND role=? AND request.outcome IN ('fetched','revisit')"
            " AND payload IS NOT NULL ORDER BY request.depth, request.id LIMIT 1",
            (crawl, role),
        ).fetchone()
        return found

    def listed(self, crawl: int) -> bool:
        """Return whether any listing of a crawl under way has shown a row."""
        return self._sql.execute("SELECT 1 FROM listed WHERE crawl=? LIMIT 1", (crawl,)).fetchone() is not None

    def lost(self, crawl: int, role: str) -> bool:
        """Return whether a request that began a crawl, in a role, led nowhere."""
        row = self._sql.execute(
            "SELECT 1 FROM request WHERE crawl=? AND role=? AND depth=0 AND outcome IN ('gone','failed')", (crawl, role)
        ).fetchone()
        return row is not None

    def is_gone(self, crawl: int, resource: int) -> bool:
        """Return whether a crawl was told definitely that an address holds nothing any more."""
        row = self._sql.execute(
            "SELECT 1 FROM request WHERE crawl=? AND (resource=? OR origin=?) AND outcome='gone'",
            (crawl, resource, resource),
        ).fetchone()
        return row is not None

    def still_open(self, crawl: int, report: str, addresses: Sequence[str]) -> bool:
        """Whether an attachment is still to be asked for: one asked for this report, or one of ``addresses``.

        An attachment that several reports name is asked for once, under the first report's name; a redirected one
        is open until the end of its chain.
        """
        mine = "SELECT 1 FROM request WHERE crawl=? AND report=? AND outcome IS NULL AND role='attachment' LIMIT 1"
        if self._sql.execute(mine, (crawl, report)).fetchone():
            return True
        named = (
            "SELECT 1 FROM json_each(?) wanted JOIN resource ON resource.key=wanted.value JOIN request ON request.crawl=?"
            " AND request.outcome IS NULL AND (request.resource=resource.id OR request.origin=resource.id) LIMIT 1"
        )
        keys = json.dumps([url_key(address) for address in addresses])
        return bool(addresses) and self._sql.execute(named, (keys, crawl)).fetchone() is not None

    def drop(self, requests: Sequence[int]) -> None:
        """Take back requests that have not ended: another archive's crawl makes them."""
        self._sql.executemany("DELETE FROM request WHERE id=? AND outcome IS NULL", [(number,) for number in requests])

    def end(
        self, request: int, outcome: Outcome, reason: str | None, status: int | None = None, capture: int | None = None
    ) -> None:
        """Set the outcome of a request, once; what only a pending request needs is dropped."""
        self._sql.execute(
            "UPDATE request SET outcome=?, reason=?, status=?, capture=?, detail=NULL WHERE id=? AND outcome IS NULL",
            (outcome, reason, status, capture, request),
        )

    def again(self, request: int, attempts: int, not_before: int) -> None:
        """Put a request off: it failed in a way that another attempt may mend."""
        self._sql.execute("UPDATE request SET attempts=?, not_before=? WHERE id=?", (attempts, not_before, request))
