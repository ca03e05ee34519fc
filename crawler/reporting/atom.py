"""The feed: one Atom document (RFC 4287) of the last events, made anew from the archive.

An entry's id never changes, so a reader that meets an event twice shows it once.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from archive.events import Position, crawls_after, identity, newest_changes
from archive.times import shown_time
from crawler.manners import COOLING
from crawler.reporting.report import Report, named, occurrence, visited
from crawler.reporting.text import WORDS, details, is_link, subject, troubles

if TYPE_CHECKING:
    import sqlite3

    from crawler.reporting.report import Occurrence, Visit

ENTRIES = 200
"""The feed holds so many entries."""
_ATOM = "http://www.w3.org/2005/Atom"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no way to write."""


def feed(sql: sqlite3.Connection, now: Position, cooling: float = COOLING) -> bytes:
    """The document: the last :data:`ENTRIES` events and crawls in trouble up to a position, newest first; UTF-8."""
    told = [occurrence(row) for row in newest_changes(sql, now.change, ENTRIES)]
    rows = crawls_after(sql, Position(seal=max(0, now.seal - ENTRIES)), now)
    visits = [visit for visit in (visited(row, cooling) for row in rows) if visit.is_trouble]
    dated = [(each.seen, _event(each)) for each in told] + [(_at(visit), _trouble(visit)) for visit in visits]
    dated.sort(key=lambda pair: pair[0], reverse=True)
    root = ET.Element("feed", xmlns=_ATOM)
    _add(root, "id", named(f"feed {identity(sql)}"))
    _add(root, "title", "nianlun 年轮: annual reports · 政府信息公开年报")
    _add(root, "updated", shown_time(dated[0][0] if dated else 0))
    _add(ET.SubElement(root, "author"), "name", "nianlun")
    root.extend(entry for _, entry in dated[:ENTRIES])
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add(parent: ET.Element, name: str, text: Any, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = _ILLEGAL.sub(" ", str(text))


def _entry(number: str, title: str, at: int, lines: list[str]) -> ET.Element:
    entry = ET.Element("entry")
    _add(entry, "id", number)
    _add(entry, "title", title)
    _add(entry, "updated", shown_time(at))
    _add(entry, "content", "\n".join(lines) or title, type="text")
    return entry


def _event(each: Occurrence) -> ET.Element:
    row = each.as_dict()
    entry = _entry(each.id, f"{WORDS[each.event]}: {subject(row)}", each.seen, details(row))
    if is_link(each.url):
        ET.SubElement(entry, "link", {"rel": "alternate", "href": _ILLEGAL.sub("", each.url)})
    ET.SubElement(entry, "category", {"term": each.event})
    return entry


def _trouble(visit: Visit) -> ET.Element:
    (portal,) = Report(0, (visit,), ()).portals()
    lines = [f"{WORDS[kind]}: {line}" for kind, line in troubles(portal)]
    number = named(f"crawl {visit.uid} {visit.outcome} {visit.finished}")
    entry = _entry(number, f"{visit.portal}: crawl {visit.crawl} {visit.outcome}", _at(visit), lines)
    ET.SubElement(entry, "category", {"term": "trouble"})
    return entry


def _at(visit: Visit) -> int:
    return visit.started if visit.finished is None else visit.finished
