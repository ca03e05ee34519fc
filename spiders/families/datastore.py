"""The ``<datastore>`` of Hanweb's jpage and of what copies it: records of markup in CDATA, with the count of all.

Seen (field guide, 1.3 and 1.11): single quotes, entities escaped twice, an empty template as first record, records
that are table rows, dates broken over lines; the store stands in a page's script, is an answer of its own, or is a
string inside JSONP.
"""

from __future__ import annotations

import html
import re

from spiders.families.parameters import balanced

_RECORD = re.compile(r"<(/?)record>", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_TOTAL = re.compile(r"<totalrecord>\s{0,9}(?:<!\[CDATA\[)?\s{0,9}(\d{1,7})", re.IGNORECASE)
_SCRIPTED = re.compile(r"totalRecord['\"]?\s{0,4}[:=]\s{0,4}['\"]?(\d{1,7})")
_NEXT = re.compile(r"<nextgroup>", re.IGNORECASE)
_NEXT_END = re.compile(r"</nextgroup>", re.IGNORECASE)
_LONGEST = 8000
_HREF = re.compile(r"""href\s{0,4}=\s{0,4}["']([^"']{1,8000})["']""", re.IGNORECASE)
_LINKED = re.compile(r"""href\s{0,4}=\s{0,4}["']?[^"'\s>#]""", re.IGNORECASE)
_ARRAY = re.compile(r"var\s+InitData\w*\s{0,9}=\s{0,9}\[", re.IGNORECASE)
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)


def records(text: str) -> list[str]:
    """The markup of every record, in order; the empty template some stores begin with is left out."""
    found = []
    for inside in _between(text):
        held = _CDATA.search(inside)
        markup = held[1] if held else inside
        if "&lt;" in markup and "<" not in markup:
            markup = html.unescape(markup)
        found.append(markup)
    return [markup for markup in found or _initial(text) if _LINKED.search(markup)]


def _between(text: str) -> list[str]:
    """What stands between each ``<record>`` and its end: the marks are found once, so that a store cut short costs little."""
    found, start = [], None
    for mark in _RECORD.finditer(text):
        if not mark[1]:
            start = mark.end() if start is None else start
        elif start is not None:
            found.append(text[start : mark.start()])
            start = None
    return found


def _initial(text: str) -> list[str]:
    """The records of the first generation: strings in the array ``InitData``."""
    opening = _ARRAY.search(text)
    array = balanced(text, opening.end() - 1) if opening else ""
    strings = (single or double for single, double in _QUOTED.findall(array))
    return [re.sub(r"\\(['\"/\\])", r"\1", string) for string in strings]


def total(text: str) -> int | None:
    """How many records there are in all."""
    found = _TOTAL.search(text) or _SCRIPTED.search(text)
    return int(found[1]) if found else None


def next_group(text: str) -> str | None:
    """The address a store gives for its next group of records, entities undone."""
    group = _NEXT.search(text)
    end = _NEXT_END.search(text, group.end(), group.end() + _LONGEST) if group else None
    href = _HREF.search(text, group.end(), end.start()) if group and end else None
    return html.unescape(href[1]) if href else None
