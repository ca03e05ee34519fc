"""Atom documents (RFC 4287) of what happened to reports: what the feed of crawls and that of the reading room share."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from archive.markup import add
from archive.occurrences import WORDS, details, subject
from archive.times import shown_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.occurrences import Occurrence


def begin(number: str, title: str, updated: int) -> ET.Element:
    """A feed without entries; ``number`` is its lasting id, ``updated`` milliseconds since 1970 UTC."""
    root = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    add(root, "id", number)
    add(root, "title", title)
    add(root, "updated", shown_time(updated))
    add(add(root, "author"), "name", "nianlun")
    return root


def entry(number: str, title: str, at: int, lines: Sequence[str], term: str) -> ET.Element:
    """An entry of plain text in one category."""
    made = ET.Element("entry")
    add(made, "id", number)
    add(made, "title", title)
    add(made, "updated", shown_time(at))
    add(made, "content", "\n".join(lines) or title, {"type": "text"})
    add(made, "category", None, {"term": term})
    return made


def happened(each: Occurrence) -> ET.Element:
    """The entry of one event, with the id it has in every feed; its links are the caller's."""
    row = each.as_dict()
    return entry(each.id, f"{WORDS[each.event]}: {subject(row)}", each.seen, details(row), each.event)


def link(parent: ET.Element, relation: str, address: str, media_type: str | None = None) -> None:
    """Add a link (RFC 4287, section 4.2.7)."""
    about = {"rel": relation, "href": address}
    add(parent, "link", None, about if media_type is None else {**about, "type": media_type})
