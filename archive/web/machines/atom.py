"""What happened to reports, as feeds: ``/feeds/changes.atom`` (RFC 4287) and ``/feeds/digest.txt``, a text ready to be mailed.

Both take ``event`` (new, changed, missing, gone, back, moved), ``portal``, ``publisher`` (a part of the name), ``year`` and
``since`` (a date or time; a bare day means its beginning).  The feed is told in the order of writing, the last first,
a page at a time with links to the next (RFC 5005, section 3).  Its entries bear the ids they have in the feed that
``nianlun schedule`` writes, so a reader of both shows each once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from archive import atom
from archive.events import count_changes, identity, wanted_changes
from archive.exporters.warc import iri
from archive.markup import document
from archive.occurrences import EVENTS, WORDS, Occurrence, clean, is_link, lines_of, named, occurrence
from archive.times import shown_time
from archive.web.asking import wanted
from archive.web.exchange import Answer, Ask

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from collections.abc import Sequence

    from archive.web.exchange import Routes

PAGE = 50
"""Entries of one document of the feed."""
DIGEST = 200
"""A digest tells so many events in full."""
_DAY = 86_400_000
_NAMES = ("event", "portal", "publisher", "year", "since")
_TYPE = "application/atom+xml"


def changes(ask: Ask) -> Answer:
    """A page of the feed."""
    before = ask.number("before")
    rows = wanted_changes(ask.sql, wanted(ask), PAGE + 1, before)
    told = [occurrence(row) for row in rows[:PAGE]]
    kept = [(name, ask.get(name)) for name in _NAMES if ask.get(name)]
    number = named(f"feed {identity(ask.sql)} changes {urlencode(kept)}")
    title = " ".join(["nianlun 年轮: changes · 变动", *(clean(value) for _, value in kept)])
    root = atom.begin(number, title, max((each.seen for each in told), default=0))
    atom.link(root, "self", _place(ask, kept, before), _TYPE)
    atom.link(root, "alternate", f"{ask.root}/changes", "text/html")
    atom.link(root, "first", _place(ask, kept, None), _TYPE)
    if len(rows) > PAGE:
        atom.link(root, "next", _place(ask, kept, rows[PAGE - 1]["id"]), _TYPE)
    root.extend(_entry(ask, each) for each in told)
    return Answer(document(root), f"{_TYPE}; charset=utf-8")


def _place(ask: Ask, kept: Sequence[tuple[str, str]], before: int | None) -> str:
    query = urlencode([*kept, *([] if before is None else [("before", str(before))])], errors="replace")
    return f"{ask.root}/feeds/changes.atom{'?' + query if query else ''}"


def _entry(ask: Ask, each: Occurrence) -> ET.Element:
    entry = atom.happened(each)
    atom.link(entry, "alternate", f"{ask.root}/report/{each.report}", "text/html")
    if is_link(each.url):
        atom.link(entry, "via", iri(each.url))
    return entry


def digest(ask: Ask) -> Answer:
    """The events as lines of text in both languages, by portal; without ``since`` those of the last day that has any.

    The headline counts all events that are meant; where only the last :data:`DIGEST` are told, the line below says so.
    """
    meant = wanted(ask)
    if meant.since is None:
        newest = wanted_changes(ask.sql, meant, 1)
        meant = replace(meant, since=newest[0]["seen"] - _DAY if newest else 0)
    told = [occurrence(row) for row in wanted_changes(ask.sql, meant, DIGEST)]
    counts = count_changes(ask.sql, meant)
    said = ", ".join(f"{counts[event]} {WORDS[event]}" for event in EVENTS if event in counts)
    lines = ["nianlun 年轮: " + (said or "nothing new · 无变动")]
    if sum(counts.values()) > len(told):
        lines.append(
            f"Only the last {len(told)} of {sum(counts.values())} are told; give a later since, or see {ask.root}/changes."
            f" · 共 {sum(counts.values())} 条，仅列最近 {len(told)} 条。"
        )
    lines += [f"since · 自 {shown_time(meant.since)}", ""]
    for portal in sorted({each.portal for each in told}):
        lines += _portal(ask, portal, [each for each in told if each.portal == portal])
    return Answer("\n".join(lines).rstrip() + "\n", "text/plain; charset=utf-8")


def _portal(ask: Ask, portal: str, told: Sequence[Occurrence]) -> list[str]:
    lines = [clean(portal)]
    for event in EVENTS:
        for each in told:
            if each.event == event:
                lines += [f"  {line}" for line in lines_of(each.as_dict())]
                lines.append(f"    {ask.root}/report/{each.report}")
    return [*lines, ""]


ROUTES: Routes = ((r"^/feeds/changes\.atom$", changes), (r"^/feeds/digest\.txt$", digest))
