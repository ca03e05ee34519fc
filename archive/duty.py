"""What the archive knows of each portal that decides when it is crawled again; :mod:`crawler.schedule` decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

LOOK_BACK = 8
"""So many crawls of a portal are looked at for what happened several times in a row."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One portal's last crawls.  Times are milliseconds since 1970-01-01 UTC."""

    portal: str
    home: str
    crawl: int
    ended: int
    """When the last crawl finished, or was last heard of."""
    outcome: str
    """``finished``, ``interrupted``, ``blocked``, ``unreachable`` or ``failed``."""
    finished: bool
    """Whether no request of the last crawl is open."""
    changes: int
    """Events of the last crawl that are more than cosmetic."""
    newest: int | None
    """The newest year a report is held of."""
    empty: int
    """How many finished crawls in a row, the last one included, saw no report."""
    troubles: int
    """How many crawls in a row, the last one included, were blocked or reached nobody."""
    blocked: int | None
    """When a host last turned the last crawl away; None: the last crawl was not blocked."""


_LAST = (
    "SELECT * FROM (SELECT crawl.id AS crawl, portal.id AS portal, portal.name, portal.home, crawl.finished,"
    " coalesce(crawl.outcome, 'interrupted') AS outcome,"
    " coalesce(crawl.finished, (SELECT max(at) FROM capture WHERE capture.crawl=crawl.id), crawl.started) AS ended,"
    " coalesce(json_extract(crawl.summary, '$.found'),"
    " (SELECT count(*) FROM report WHERE report.last_crawl=crawl.id)) AS found,"
    " row_number() OVER (PARTITION BY crawl.portal ORDER BY crawl.started DESC, crawl.id DESC) AS place"
    " FROM crawl JOIN portal ON portal.id=crawl.portal WHERE json_extract(crawl.settings, '$.import') IS NULL)"
    " WHERE place<=? ORDER BY name, place"
)


def duties(sql: sqlite3.Connection) -> list[Duty]:
    """Each portal that was ever crawled, by name; what was only imported was not crawled."""
    crawls: dict[str, list[sqlite3.Row]] = {}
    for row in sql.execute(_LAST, (LOOK_BACK,)):
        crawls.setdefault(row["name"], []).append(row)
    return [_duty(sql, rows) for rows in crawls.values()]


def _duty(sql: sqlite3.Connection, rows: list[sqlite3.Row]) -> Duty:
    last = rows[0]
    changes = sql.execute(
        "SELECT count(*) FROM change WHERE crawl=? AND event<>'cosmetic'", (last["crawl"],)
    ).fetchone()[0]
    newest = sql.execute("SELECT max(year) FROM report WHERE portal=?", (last["portal"],)).fetchone()[0]
    return Duty(
        portal=last["name"],
        home=last["home"],
        crawl=last["crawl"],
        ended=last["ended"],
        outcome=last["outcome"],
        finished=last["finished"] is not None,
        changes=changes,
        newest=newest,
        empty=_streak([row["finished"] is not None and not row["found"] for row in rows]),
        troubles=_streak([row["outcome"] in ("blocked", "unreachable") for row in rows]),
        blocked=_blocked(sql, last) if last["outcome"] == "blocked" else None,
    )


def _streak(told: list[bool]) -> int:
    """How many of them are true before the first that is not."""
    return next((place for place, true in enumerate(told) if not true), len(told))


def _blocked(sql: sqlite3.Connection, last: sqlite3.Row) -> int:
    row = sql.execute("SELECT max(at) FROM capture WHERE crawl=? AND outcome='blocked'", (last["crawl"],)).fetchone()
    return int(row[0] if row[0] is not None else last["ended"])
