"""The feed: one Atom document (RFC 4287) of the last events, made anew from the archive.

An entry's id never changes, so a reader that meets an event twice shows it once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import atom
from archive.events import Position, crawls_after, identity, newest_changes
from archive.markup import document
from archive.occurrences import WORDS, is_link, named, occurrence
from crawler.manners import COOLING
from crawler.reporting.report import Report, visited
from crawler.reporting.text import troubles

if TYPE_CHECKING:
    import sqlite3
    import xml.etree.ElementTree as ET

    from archive.occurrences import Occurrence
    from crawler.reporting.report import Visit

ENTRIES = 200
"""The feed holds so many entries."""


def feed(sql: sqlite3.Connection, now: Position, cooling: float = COOLING) -> bytes:
    """The document: the last :data:`ENTRIES` events and crawls in trouble up to a position, newest first; UTF-8."""
    told = [occurrence(row) for row in newest_changes(sql, now.change, ENTRIES)]
    rows = crawls_after(sql, Position(seal=max(0, now.seal - ENTRIES)), now)
    visits = [visit for visit in (visited(row, cooling) for row in rows) if visit.is_trouble]
    dated = [(each.seen, _event(each)) for each in told] + [(_at(visit), _trouble(visit)) for visit in visits]
    dated.sort(key=lambda pair: pair[0], reverse=True)
    root = atom.begin(
        named(f"feed {identity(sql)}"),
        "nianlun 年轮: annual reports · 政府信息公开年报",
        dated[0][0] if dated else 0,
    )
    root.extend(entry for _, entry in dated[:ENTRIES])
    return document(root)


def _event(each: Occurrence) -> ET.Element:
    entry = atom.happened(each)
    if is_link(each.url):
        atom.link(entry, "alternate", each.url)
    return entry


def _trouble(visit: Visit) -> ET.Element:
    (portal,) = Report(0, (visit,), ()).portals()
    lines = [f"{WORDS[kind]}: {line}" for kind, line in troubles(portal)]
    number = named(f"crawl {visit.uid} {visit.outcome} {visit.finished}")
    return atom.entry(number, f"{visit.portal}: crawl {visit.crawl} {visit.outcome}", _at(visit), lines, "trouble")


def _at(visit: Visit) -> int:
    return visit.started if visit.finished is None else visit.finished
