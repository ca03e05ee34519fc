"""The parts of reports a crawl under way has fetched and not judged yet; emptied when it finishes.

They live in the archive, not in memory, so that a crawl that was killed between a page and its attachments
goes on where it was.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.urls import url_key

if TYPE_CHECKING:
    from archive.frontier import Resources
    from archive.model import Part


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A fetched part of a report waiting for the others."""

    role: str
    url: str
    resource: int
    name: str | None
    capture: int
    payload: int
    links: tuple[tuple[str, str], ...] = ()
    glance: bytes | None = None
    """The page's glance (:mod:`pipelines.glance`): what is compared before the page is read."""
    listed: tuple[str | None, str | None] = (None, None)
    """The date and the title of the listing's row that led here."""


class Parts:
    """The ``part`` table of one archive; writes only inside the store's transaction."""

    def __init__(self, connection: sqlite3.Connection, resources: Resources) -> None:
        self._sql = connection
        self._resources = resources

    def keep(
        self, crawl: int, part: Part, capture: int, payload: int, glance: bytes | None, origin: str | None = None
    ) -> None:
        """Keep a fetched part until the report's other parts are there.

        ``origin`` is where its chain of redirects began: an attachment is known by the address its page names.
        """
        address = origin if origin and part.role == "attachment" else part.url
        links = json.dumps([[link.url, link.name] for link in part.attachments], ensure_ascii=False)
        listed = json.dumps([part.row.date, part.row.title], ensure_ascii=False) if part.row else None
        self._sql.execute(
            "INSERT OR REPLACE INTO part VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                crawl, self._resources.id(address, url_key(address)), part.role, part.report, part.name, capture, payload,
                links, listed, glance,
            ),
        )  # fmt: skip

    def waiting_pages(self, crawl: int) -> list[str]:
        """Return the keys of the reports whose page was fetched and that are not settled yet."""
        rows = self._sql.execute("SELECT report FROM part WHERE crawl=? AND role='page'", (crawl,))
        return [row[0] for row in rows]

    def of(self, crawl: int, report: str) -> list[KeptPart]:
        """Return what a crawl has fetched of a report: the page, then the attachments in the page's order."""
        rows = self._sql.execute(
            "SELECT part.*, url FROM part JOIN resource ON resource.id=part.resource WHERE crawl=? AND report=?"
            " AND role='page' LIMIT 1",
            (crawl, report),
        ).fetchall()
        if not rows:
            return []
        page = _kept(rows[0])
        found = [page]
        for url, name in page.links:
            row = self._sql.execute(
                "SELECT part.*, url FROM part JOIN resource ON resource.id=part.resource WHERE crawl=? AND url=?",
                (crawl, url),
            ).fetchone()
            if row is None:
                row = self._by_key(crawl, url)
            if row is not None:
                found.append(replace(_kept(row), name=name or row["name"], role="attachment"))
        return found

    def _by_key(self, crawl: int, url: str) -> sqlite3.Row | None:
        row = self._sql.execute(
            "SELECT part.*, url FROM part JOIN resource ON resource.id=part.resource WHERE crawl=? AND key=?",
            (crawl, url_key(url)),
        ).fetchone()
        return row if isinstance(row, sqlite3.Row) else None

    def pages_naming(self, crawl: int, address: str) -> list[str]:
        """Return the keys of the waiting reports whose page names this attachment."""
        key = url_key(address)
        rows = self._sql.execute("SELECT report, links FROM part WHERE crawl=? AND role='page'", (crawl,))
        return [row[0] for row in rows if any(url_key(url) == key for url, _ in json.loads(row[1] or "[]"))]

    def page_links(self, crawl: int, report: str) -> list[str] | None:
        """Return the attachments a waiting page names; None when no page of this report waits."""
        row = self._sql.execute(
            "SELECT links FROM part WHERE crawl=? AND report=? AND role='page'", (crawl, report)
        ).fetchone()
        return [url for url, _ in json.loads(row[0] or "[]")] if row else None

    def settled(self, crawl: int, report: str) -> None:
        """Drop the page that waited: its report has been judged."""
        self._sql.execute("DELETE FROM part WHERE crawl=? AND report=? AND role='page'", (crawl, report))


def _kept(row: sqlite3.Row) -> KeptPart:
    return KeptPart(
        role=row["role"],
        url=row["url"],
        resource=row["resource"],
        name=row["name"],
        capture=row["capture"],
        payload=row["payload"],
        links=tuple((url, name) for url, name in json.loads(row["links"] or "[]")),
        glance=row["glance"],
        listed=tuple(json.loads(row["listed"])) if row["listed"] else (None, None),
    )
