"""What an import asks of the archive, and the notes it takes while it reads a file.

The notes lie in a temporary SQLite file that vanishes by itself, so that a file of a million records needs no more
memory than one of ten.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from archive.urls import url_key

if TYPE_CHECKING:
    from archive.store import Store

NEAR = 30 * 86_400_000
"""How long after a page its attachment may have been captured, milliseconds: crawls that take a file later take weeks."""
_GOOD = "capture.outcome IN ('fetched','revisit') AND NOT truncated AND capture.payload IS NOT NULL"


class Notes:
    """Short texts under a group and a key; a key may have several."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("", isolation_level=None)  # private, in the temporary folder, deleted at once
        self._sql.execute("PRAGMA journal_mode=OFF")
        self._sql.execute("PRAGMA synchronous=OFF")
        self._sql.execute("CREATE TABLE note (part TEXT, key TEXT, text TEXT)")
        self._sql.execute("CREATE INDEX note_key ON note (part, key)")
        self._sql.execute("BEGIN")
        self._parts: set[str] = set()

    def add(self, part: str, key: str, value: Any = None) -> None:
        """Note a value (JSON) under a key."""
        self._parts.add(part)
        self._sql.execute("INSERT INTO note VALUES (?,?,?)", (part, _plain(key), _plain(json.dumps(value))))

    def all(self, part: str, key: str) -> list[Any]:
        """What was noted under a key, in order."""
        rows = self._sql.execute("SELECT text FROM note WHERE part=? AND key=? ORDER BY rowid", (part, _plain(key)))
        return [json.loads(row[0]) for row in rows.fetchall()]

    def first(self, part: str, key: str) -> Any:
        """The first value noted under a key; None when there is none."""
        if part not in self._parts:
            return None
        row = self._sql.execute(
            "SELECT text FROM note WHERE part=? AND key=? ORDER BY rowid LIMIT 1", (part, _plain(key))
        ).fetchone()
        return json.loads(row[0]) if row else None

    def has(self, part: str, key: str) -> bool:
        """Whether anything was noted under a key."""
        if part not in self._parts:
            return False
        row = self._sql.execute("SELECT 1 FROM note WHERE part=? AND key=? LIMIT 1", (part, _plain(key))).fetchone()
        return row is not None

    def close(self) -> None:
        """Forget everything."""
        self._sql.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture of a page or a file that an import brought."""

    capture: int
    resource: int
    url: str
    at: int
    payload: int
    media_type: str | None
    """Its Content-Type, as the server said."""


def crawl_of(sql: sqlite3.Connection, uid: str) -> tuple[int, bool] | None:
    """The crawl with this uid, and whether it has finished."""
    row = sql.execute("SELECT id, finished IS NOT NULL FROM crawl WHERE uid=?", (uid,)).fetchone()
    return (int(row[0]), bool(row[1])) if row else None


def entries(sql: sqlite3.Connection) -> list[str]:
    """The register's entries of the archive's portals, JSON."""
    return [row[0] for row in sql.execute("SELECT entry FROM portal ORDER BY id")]


def last_time(sql: sqlite3.Connection, portal: int, without: list[int]) -> tuple[int | None, int, bool]:
    """The time of a portal's last capture and its last crawl, some left out, and whether all others have finished."""
    row = sql.execute(
        "SELECT max(capture.at), coalesce(max(crawl.id), 0), coalesce(min(crawl.finished IS NOT NULL), 1) FROM crawl LEFT JOIN capture ON"
        " capture.crawl=crawl.id WHERE crawl.portal=? AND crawl.id NOT IN (SELECT value FROM json_each(?))",
        (portal, json.dumps(without)),
    ).fetchone()
    return row[0], int(row[1]), bool(row[2])


def _captured(row: sqlite3.Row) -> Captured:
    from archive.leaves import unpack_headers  # noqa: PLC0415  # it imports what this module's reader need not

    names = {str(name).lower(): str(value) for name, value in unpack_headers(row["response_headers"])}
    return Captured(row["id"], row["resource"], row["url"], row["at"], row["payload"], names.get("content-type"))


def pages(store: Store, crawl: int) -> list[tuple[str, list[int]]]:
    """The pages of a crawl that may be reports: their keys, each with its good captures' ids, oldest first."""
    rows = store.sql.execute(
        "SELECT request.report, capture.id FROM request JOIN capture ON capture.id=request.capture WHERE request.crawl=?"
        f" AND request.role='page' AND request.report IS NOT NULL AND {_GOOD} ORDER BY capture.at, capture.id",
        (crawl,),
    )
    found: dict[str, list[int]] = {}
    for key, number in rows.fetchall():
        found.setdefault(key, []).append(number)
    return list(found.items())


def files(store: Store, crawl: int) -> list[int]:
    """The good captures of a crawl's files that belong to no report, oldest first."""
    rows = store.sql.execute(
        "SELECT capture.id FROM request JOIN capture ON capture.id=request.capture JOIN resource ON"
        " resource.id=capture.resource WHERE request.crawl=? AND"
        f" request.role='attachment' AND {_GOOD} AND NOT EXISTS (SELECT 1 FROM revision_part WHERE"
        " revision_part.payload=capture.payload AND revision_part.role='attachment') ORDER BY capture.at, capture.id",
        (crawl,),
    )
    return [row[0] for row in rows.fetchall()]


def as_page(store: Store, capture: int, key: str) -> None:
    """Say of a file's request that it was for a report of its own: no page names it."""
    store.writing()
    store.sql.execute("UPDATE request SET role='page', report=? WHERE capture=?", (key, capture))


def captured(store: Store, number: int) -> Captured:
    """A capture by its id."""
    row = store.sql.execute(
        "SELECT capture.*, url FROM capture JOIN resource ON resource.id=capture.resource WHERE capture.id=?", (number,)
    ).fetchone()
    return _captured(row)


def judged(store: Store, crawl: int, captures: list[int]) -> list[int]:
    """Those of a page's captures (oldest first) that come after the last one a report was told of already."""
    row = store.sql.execute(
        "SELECT max(value) FROM json_each(?) WHERE EXISTS (SELECT 1 FROM revision WHERE capture=value) OR EXISTS (SELECT 1"
        " FROM sighting WHERE crawl=? AND capture=value)",
        (json.dumps(captures), crawl),
    ).fetchone()
    return captures if row[0] is None else captures[captures.index(row[0]) + 1 :]


def attachment(store: Store, url: str, crawl: int, at: int) -> Captured | None:
    """The capture of an attachment that belongs to a page of a time: the crawl's own, else the nearest before, else after."""
    row = store.sql.execute(
        "SELECT capture.*, resource.url FROM resource named CROSS JOIN request ON request.resource=named.id OR"
        " request.origin=named.id JOIN capture ON capture.id=request.capture JOIN resource ON"
        f" resource.id=capture.resource WHERE named.key=? AND {_GOOD} AND capture.at<=? ORDER BY capture.crawl=? DESC,"
        " capture.at<=? DESC, abs(capture.at-?) LIMIT 1",
        (url_key(url), at + NEAR, crawl, at, at),
    ).fetchone()
    return _captured(row) if row else None


def capture_for(store: Store, request: int) -> tuple[int | None, int | None]:
    """The capture and the payload a request ended with."""
    row = store.sql.execute(
        "SELECT capture.id, payload FROM request LEFT JOIN capture ON capture.id=request.capture WHERE request.id=?",
        (request,),
    ).fetchone()
    return row[0], row[1]


def after(store: Store, report: int, at: int) -> int | None:
    """The revision whose parts were read for what a report said next after a moment."""
    row = store.sql.execute(
        "SELECT reading.revision FROM revision JOIN reading ON reading.id=revision.reading WHERE revision.report=? AND"
        " revision.n IS NOT NULL AND revision.at>? ORDER BY revision.n LIMIT 1",
        (report, at),
    ).fetchone()
    return int(row[0]) if row else None


def revision(store: Store, number: int) -> sqlite3.Row:
    """A revision's row."""
    row: sqlite3.Row = store.sql.execute("SELECT * FROM revision WHERE id=?", (number,)).fetchone()
    return row


def payload_at(store: Store, url: str, at: int) -> int | None:
    """The payload of the good answer of an address at exactly a time, whole seconds counting as any part of them."""
    row = store.sql.execute(
        f"SELECT capture.payload FROM resource JOIN capture ON capture.resource=resource.id WHERE key=? AND {_GOOD}"
        " AND (capture.at=? OR capture.at/1000=?) ORDER BY capture.at=? DESC LIMIT 1",
        (url_key(url), at, None if at % 1000 else at // 1000, at),
    ).fetchone()
    return int(row[0]) if row else None


def coding_of(store: Store, payload: int) -> bool:
    """Whether a payload came with a content coding, so that a digest taken of it as sent cannot be checked any more."""
    from archive.leaves import unpack_headers  # noqa: PLC0415

    rows = store.sql.execute("SELECT response_headers FROM capture WHERE payload=? LIMIT 20", (payload,)).fetchall()
    return any(str(name).lower().endswith("content-encoding") for row in rows for name, _ in unpack_headers(row[0]))


def payload_before(store: Store, url: str, at: int) -> int | None:
    """The payload of an address's last good answer up to a time."""
    row = store.sql.execute(
        f"SELECT capture.payload FROM resource JOIN capture ON capture.resource=resource.id WHERE url=? AND {_GOOD}"
        " AND at<=? ORDER BY at DESC LIMIT 1",
        (url, at),
    ).fetchone()
    return int(row[0]) if row else None


def reports_of(store: Store, portal: int) -> list[int]:
    """The reports of a portal."""
    return [row[0] for row in store.sql.execute("SELECT id FROM report WHERE portal=? ORDER BY id", (portal,))]


def came(store: Store, crawls: list[int]) -> dict[str, int]:
    """What crawls brought: captures, revisits among them, reports and revisions."""
    numbers = json.dumps(crawls)
    within = "crawl IN (SELECT value FROM json_each(?))"
    row = store.sql.execute(
        f"SELECT count(*), coalesce(sum(outcome='revisit'), 0) FROM capture WHERE {within}", (numbers,)
    ).fetchone()
    said = store.sql.execute(
        f"SELECT count(DISTINCT report), count(*) FROM revision WHERE home<>0 AND {within}", (numbers,)
    ).fetchone()
    new = store.sql.execute(
        f"SELECT count(*) FROM report WHERE EXISTS (SELECT 1 FROM revision WHERE revision.report=report.id AND home=1 AND {within})",
        (numbers,),
    ).fetchone()
    return {"captures": row[0], "revisits": row[1], "reports": new[0], "revisions": said[1]}
