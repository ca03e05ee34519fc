"""The only way to write an archive: one :class:`Store`, one connection, one transaction per group of exchanges.

The order of writing is what makes a crawl safe to kill: what an exchange led to (further requests, parts,
captures, payloads) is written before, or together with, the outcome of its request.  A crash therefore
repeats the last uncommitted fraction of a second and loses nothing.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archive import chronicle, evidence, expectations, leaves, seals, sums
from archive.connection import DiskTrouble, lease, open_writing
from archive.frontier import Frontier, Resources
from archive.parts import Parts
from archive.payloads import Payloads
from archive.urls import url_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.model import Errand, Exchange, Expectation, Known, Outcome, Portal, Software, Summary

Clock = Callable[[], int]
"""Milliseconds since 1970-01-01 UTC."""

GROUP = 100
"""Exchanges a transaction holds at most: one synchronisation to disk is shared by all of them."""
GROUP_BYTES = 8 * 2**20


def wall_clock() -> int:
    """The time now."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Captured:
    """What recording an exchange gave: the capture's and payload's ids, and the outcome after comparison."""

    capture: int
    payload: int | None
    outcome: str
    at: int


@contextlib.contextmanager
def writer(path: Path | str) -> Iterator[Store]:
    """The one writer of an archive: its lease and its store; what was not committed is forgotten when an error ends it.

    Raises what :func:`archive.connection.lease` and :func:`archive.connection.open_writing` raise.
    """
    with lease(path):
        store = Store(open_writing(path))
        try:
            yield store
        except BaseException:
            store.rollback()
            raise
        finally:
            store.close()


class Store:
    """An archive open for writing.  Not thread-safe: it lives in the crawler's event loop."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock = wall_clock) -> None:
        self.sql = connection
        self.clock = clock
        self.resources = Resources(connection)
        self.frontier = Frontier(connection, self.resources)
        self.payloads = Payloads(connection)
        self.log = evidence.Log(connection)
        self.parts = Parts(connection, self.resources)
        self.chronicle = chronicle.Chronicle(connection, self.log, self.resources, clock)
        self.shared: dict[int, Callable[[Errand], bool]] = {}
        """Crawls that share their frontier with other archives: whether a request is not for this one."""
        self._waiting = 0
        self._bytes = 0
        self._since = 0

    # ------------------------------------------------------------ transactions

    def writing(self) -> None:
        """Be inside a transaction."""
        if not self.sql.in_transaction:
            self.sql.execute("BEGIN IMMEDIATE")
            self._since = time.monotonic_ns()

    def commit(self) -> None:
        """End the group; raises :class:`DiskTrouble` when the disk does not take it."""
        if not self.sql.in_transaction:
            return
        try:
            self.sql.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self.rollback()
            raise DiskTrouble(
                f"The archive could not be written ({error}); make room and run the same command again."
            ) from error
        self._waiting = self._bytes = 0

    def rollback(self) -> None:
        """Forget the group that could not be written."""
        if self.sql.in_transaction:
            self.sql.execute("ROLLBACK")
        self.resources.forget()
        self.chronicle.forget()
        self.payloads = Payloads(self.sql)
        self.log.reload()
        self._waiting = self._bytes = 0

    def breathe(self) -> None:
        """Commit when the group is full or a second old; call it between exchanges and from a timer."""
        if self.sql.in_transaction:
            old = time.monotonic_ns() - self._since > 1_000_000_000
            if old or self._waiting >= GROUP or self._bytes >= GROUP_BYTES:
                self.commit()

    def close(self) -> None:
        """Commit and leave one file behind: no write-ahead log, so that a reader has nothing to create."""
        self.commit()
        try:
            self.sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.sql.execute("PRAGMA journal_mode=MEMORY")  # leaves the log without making a journal; see open_writing
        except sqlite3.OperationalError:
            pass  # a reader holds the log open, or there is no room to shorten it; it is complete as it is
        self.sql.close()

    # ------------------------------------------------------------ crawls

    def portal_id(self, portal: Portal) -> int:
        """Store the register's entry as it is today and return its id."""
        self.writing()
        entry = leaves.portal_entry(portal)
        self.sql.execute(
            "INSERT INTO portal (name, title, home, entry) VALUES (?,?,?,?) ON CONFLICT (name) DO UPDATE"
            " SET title=excluded.title, home=excluded.home, entry=excluded.entry",
            (portal.name, portal.title, portal.home, entry),
        )
        return int(self.sql.execute("SELECT id FROM portal WHERE name=?", (portal.name,)).fetchone()[0])

    def software_id(self, software: Software) -> int:
        """Return the id of a program with its version and parameters."""
        parameters = json.dumps(dict(software.parameters), ensure_ascii=False, sort_keys=True)
        values = (software.name, software.version, parameters)
        query = "SELECT id FROM software WHERE name=? AND version=? AND parameters=?"
        row = self.sql.execute(query, values).fetchone()
        if row is None:
            self.writing()
            self.sql.execute("INSERT INTO software (name, version, parameters) VALUES (?,?,?)", values)
            row = self.sql.execute(query, values).fetchone()
        return int(row[0])

    def interrupted(self, portal: int) -> int | None:
        """Return the crawl of a portal that has not finished, if there is one; an import goes on when it is run again."""
        row = self.sql.execute(
            "SELECT id FROM crawl WHERE portal=? AND finished IS NULL AND json_extract(settings, '$.import') IS NULL"
            " ORDER BY id DESC LIMIT 1",
            (portal,),
        ).fetchone()
        return int(row[0]) if row else None

    def uid(self, crawl: int) -> str:
        """Return the name a crawl has in every archive."""
        return str(self.sql.execute("SELECT uid FROM crawl WHERE id=?", (crawl,)).fetchone()[0])

    def begin_crawl(
        self, portal: int, uid: str, software: Software, settings: dict[str, Any], operator: str | None
    ) -> int:
        """Open a crawl and return its id."""
        self.writing()
        text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
        cursor = self.sql.execute(
            "INSERT INTO crawl (uid, portal, started, software, settings, settings_digest, operator)"
            " VALUES (?,?,?,?,?,?,?)",
            (uid, portal, self.clock(), self.software_id(software), text, leaves.sha(text.encode()), operator),
        )
        self.commit()
        return int(cursor.lastrowid or 0)

    def end_crawl(
        self, crawl: int, outcome: str, *, finished: bool, problems: list[str], commit: bool = True
    ) -> Summary:
        """Close a crawl, or leave it to be resumed; write its sums and, when finished, a head of the log."""
        self.writing()
        now = self.clock()
        self.sql.execute(
            "UPDATE crawl SET finished=?, outcome=? WHERE id=?", (now if finished else None, outcome, crawl)
        )
        summary = sums.summary(self.sql, crawl)
        text = json.dumps({**summary.as_dict(), "problems": problems}, ensure_ascii=False)
        self.sql.execute("UPDATE crawl SET summary=? WHERE id=?", (text, crawl))
        if finished:
            self.sql.execute("DELETE FROM part WHERE crawl=?", (crawl,))
            self.sql.execute("DELETE FROM listed WHERE crawl=?", (crawl,))
            self.sql.execute("UPDATE request SET report=NULL WHERE crawl=? AND report IS NOT NULL", (crawl,))
            seals.seal(self.sql, self.log, crawl)
            self.keep_head(crawl, now)
        if commit:
            self.commit()
        return summary

    def keep_head(self, crawl: int | None = None, at: int | None = None) -> None:
        """Write down the log's size and root as they are now, after a crawl or a merge has ended."""
        self.writing()
        self.sql.execute(
            "INSERT INTO head (size, root, at, crawl) VALUES (?,?,?,?)",
            (self.log.size, self.log.root(), self.clock() if at is None else at, crawl),
        )

    def expect(self, crawl: int, expectation: Expectation) -> None:
        """Keep what a listing says it holds."""
        self.writing()
        self.sql.execute(
            "INSERT OR REPLACE INTO expectation VALUES (?,?,?,?)",
            (crawl, self.resource(expectation.listing), expectation.count, expectation.rule),
        )

    def list_row(self, crawl: int, page: str, url: str) -> None:
        """Keep that a listing page holds a row, whatever becomes of the row."""
        self.writing()
        self.sql.execute(
            "INSERT OR IGNORE INTO listed VALUES (?,?,?)", (crawl, self.resource(page), self.resource(url))
        )

    def listings(self, crawl: int) -> list[tuple[str, int, int]]:
        """Return each column with its own count and the rows seen on it."""
        return expectations.listings(self.sql, crawl)

    def tally(self, crawl: int) -> tuple[int, int]:
        """Return how many requests of a crawl were asked, or would have been, and how many were answered.

        robots.txt does not count: a host that answers nothing else cannot be crawled.
        """
        row = self.sql.execute(
            "SELECT coalesce(sum(capture IS NOT NULL OR reason LIKE 'robots: %' OR reason LIKE 'host-%'),0),"
            " coalesce(sum(outcome IN ('fetched','revisit','redirected','gone')),0) FROM request WHERE crawl=? AND role<>'robots'",
            (crawl,),
        ).fetchone()
        return row[0], row[1]

    def why_nothing(self, crawl: int) -> str | None:
        """Return the commonest reason why requests of a crawl brought nothing."""
        row = self.sql.execute(
            "SELECT reason FROM request WHERE crawl=? AND reason IS NOT NULL AND outcome IN ('refused','failed','blocked')"
            " GROUP BY reason ORDER BY count(*) DESC LIMIT 1",
            (crawl,),
        ).fetchone()
        return row[0] if row else None

    def found(self, crawl: int) -> int:
        """Return how many reports a crawl saw."""
        return int(self.sql.execute("SELECT count(*) FROM report WHERE last_crawl=?", (crawl,)).fetchone()[0])

    def known(self, portal: int) -> tuple[Known, ...]:
        """Return every address a report's part was seen at, the current revision's parts first."""
        return chronicle.known(self.sql, portal)

    # ------------------------------------------------------------ captures

    def resource(self, url: str) -> int:
        """Return the id of an address."""
        self.writing()
        return self.resources.id(url, url_key(url))

    def ask(self, crawl: int, errand: Errand) -> int | None:
        """Put a request into the frontier; None when the crawl has it already, or another archive's crawl makes it."""
        self.writing()
        elsewhere = self.shared.get(crawl)
        if elsewhere is not None and elsewhere(errand):
            return None
        return self.frontier.add(crawl, errand)

    def refuse(self, crawl: int, errand: Errand, reason: str) -> None:
        """Record a request that is not made, with the reason."""
        self.writing()
        number = self.frontier.add(crawl, errand)
        if number is not None:
            self.frontier.end(number, "refused", reason)

    def capture(
        self,
        crawl: int,
        portal: int,
        exchange: Exchange,
        outcome: Outcome,
        reason: str | None,
        sort: str,
        *,
        past: bool = False,
    ) -> Captured:
        """Record one exchange: headers, payload, log entry; ``fetched`` becomes ``revisit`` for a payload seen before.

        ``past`` (an import): what was seen before is what lies before it in time, and a later answer stays the last.
        """
        self.writing()
        resource = self.resource(exchange.url)
        previous = self._payload_before(resource, exchange.at if past else None)
        payload: int | None = None
        found: str = outcome
        if outcome == "revisit":
            payload = previous
        elif exchange.body:
            payload, fresh = self.payloads.put(exchange.body, portal=portal, previous=previous, sort=sort)
            self._bytes += len(exchange.body) if fresh else 0
            if outcome == "fetched" and payload == previous:
                found = "revisit"
        number, at = self._insert_capture(crawl, resource, exchange, found, reason, payload)
        good = (
            found in ("fetched", "revisit") and not exchange.truncated and not (past and self._is_older(resource, at))
        )
        if good and exchange.status != 304:  # a 304 has no validators of its own to ask with next time
            self.sql.execute(
                "UPDATE resource SET last_payload=?, last_capture=? WHERE id=?", (payload, number, resource)
            )
        self._waiting += 1
        return Captured(number, payload, found, at)

    def _payload_before(self, resource: int, at: int | None) -> int | None:
        """The payload of an address's last good answer, or of the last one up to a moment."""
        if at is None:
            row = self.sql.execute("SELECT last_payload FROM resource WHERE id=?", (resource,)).fetchone()
        else:
            row = self.sql.execute(
                "SELECT payload FROM capture WHERE resource=? AND at<=? AND outcome IN ('fetched','revisit') AND NOT truncated"
                " AND payload IS NOT NULL ORDER BY at DESC LIMIT 1",
                (resource, at),
            ).fetchone()
        return row[0] if row else None

    def _is_older(self, resource: int, at: int) -> bool:
        """Whether an address's last good answer is of a later time."""
        row = self.sql.execute(
            "SELECT 1 FROM resource JOIN capture ON capture.id=last_capture WHERE resource.id=? AND capture.at>?",
            (resource, at),
        ).fetchone()
        return row is not None

    def _insert_capture(
        self, crawl: int, resource: int, exchange: Exchange, outcome: str, reason: str | None, payload: int | None
    ) -> tuple[int, int]:
        at = exchange.at
        while self.sql.execute(
            "SELECT 1 FROM capture WHERE resource=? AND at=? AND crawl=?", (resource, at, crawl)
        ).fetchone():
            at += 1  # two answers of one address within a millisecond: the key must stay unique
        exchange = replace(exchange, at=at)
        referrer = self.resource(exchange.referrer) if exchange.referrer else None
        cursor = self.sql.execute(
            "INSERT INTO capture (crawl, resource, at, method, status, outcome, reason, peer, protocol, elapsed, referrer,"
            " request_headers, response_headers, payload, error, truncated, certificate)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                crawl, resource, at, exchange.method, exchange.status, outcome, reason, exchange.peer,
                exchange.protocol, exchange.elapsed, referrer, self._headers(exchange.request_headers),
                leaves.pack_headers(exchange.response_headers), payload, exchange.error,
                int(exchange.truncated), exchange.certificate,
            ),
        )  # fmt: skip
        number = int(cursor.lastrowid or 0)
        self.log.append(evidence.CAPTURE, number, leaves.capture(self.sql, number))
        return number, at

    def _headers(self, pairs: tuple[tuple[str, str], ...]) -> int | None:
        if not pairs:
            return None
        digest = leaves.sha(leaves.headers_text(pairs))
        row = self.sql.execute("SELECT id FROM headers WHERE digest=?", (digest,)).fetchone()
        if row is None:
            row = self.sql.execute(
                "INSERT INTO headers (digest, data) VALUES (?,?) RETURNING id", (digest, leaves.pack_headers(pairs))
            ).fetchone()
        return int(row[0])

    def validators(self, url: str) -> bytes | None:
        """Return the packed response headers of the address's last good answer, if its payload is at hand."""
        row = self.sql.execute(
            "SELECT response_headers FROM resource JOIN capture ON capture.id=last_capture WHERE url=? AND last_payload"
            " IS NOT NULL",
            (url,),
        ).fetchone()
        return row[0] if row else None

    def last_payload(self, url: str) -> bytes | None:
        """Return the bytes of the address's last good answer."""
        row = self.sql.execute("SELECT last_payload FROM resource WHERE url=?", (url,)).fetchone()
        return self.payloads.get(row[0]) if row and row[0] is not None else None

    def last_digest(self, url: str) -> bytes | None:
        """Return the digest of the address's last good answer."""
        row = self.sql.execute(
            "SELECT digest FROM resource JOIN payload ON payload.id=last_payload WHERE url=?", (url,)
        ).fetchone()
        return bytes(row[0]) if row else None

    def digest(self, payload: int) -> bytes:
        """Return a payload's digest."""
        return bytes(self.sql.execute("SELECT digest FROM payload WHERE id=?", (payload,)).fetchone()[0])

    def robots(self, crawl: int, url: str) -> bytes | None:
        """Return the robots.txt this crawl has fetched already, so that a resumed crawl need not ask again."""
        row = self.sql.execute(
            "SELECT payload FROM capture JOIN resource ON resource.id=capture.resource WHERE crawl=? AND url=?"
            " AND outcome IN ('fetched','revisit') AND payload IS NOT NULL ORDER BY capture.id DESC LIMIT 1",
            (crawl, url),
        ).fetchone()
        return self.payloads.get(row[0]) if row else None

    def amend(self, capture: int, reason: str) -> None:
        """Say of the request behind a capture what its answer turned out to be."""
        self.writing()
        self.sql.execute("UPDATE request SET reason=? WHERE capture=?", (reason, capture))

    def end(
        self, request: int, outcome: Outcome, reason: str | None, status: int | None = None, capture: int | None = None
    ) -> None:
        """Write how a request ended: last of all that its exchange led to."""
        self.writing()
        self.frontier.end(request, outcome, reason, status, capture)
