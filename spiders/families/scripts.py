"""Paging that stands only in a script: the call ``createPageHTML`` of two vendors, and ``countPage`` loops.

``createPageHTML`` means two opposite things (field guide, 0.2): TRS counts from 0, ``createPageHTML(total, 0,
"index", "html")``, and calls page 2 ``index_1.html``; UCAP counts from 1, ``createPageHTML('page_div', total, 1,
'list', 'shtml', rows)`` or ``createPageHTML(total, 1, 'index', 'shtml')``, and calls page 2 ``list_2.shtml``.  The
two are told apart by the number the page carries.  A wrong reading silently drops or repeats a page, so both
are named, and a page that shows nothing new makes the spider take the other one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from archive.urls import url_key
from spiders.families.interface import Ask

_CALL = re.compile(r"createPage(?:HTML)?\s{0,4}\(([^()]{0,200})\)")
_CALLS = 20
"""How many calls of one page are read: each variable in one costs a look at the whole page."""
_NAMED = re.compile(r"[A-Za-z_$][\w$]*")
_CURRENT = re.compile(r"var\s+currentPage\s*=\s*(\d+)")
_TOTAL = re.compile(r"var\s+countPage\s*=\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Script:
    """What a listing's script says of its pages: how many there are and how their files are named."""

    total: int
    stem: str = "index"
    suffix: str = "html"
    base: int = 0
    """What the script counts the first page as: 0 (page 2 is ``_1``) or 1 (page 2 is ``_2``)."""
    rule: str = "createPageHTML"
    rows: int | None = None
    """How many rows the listing has, where the call says so."""


def paging(body: str, page: int = 1) -> Script | None:
    """What the script of the ``page``-th page (from 1) says, or None."""
    for call in islice(_CALL.finditer(body), _CALLS):
        if script := _called(_given(call[1], body), page):
            return script
    total = _TOTAL.search(body)
    if total is None:
        return None
    current = _CURRENT.search(body)
    return Script(int(total[1]), base=1 if current and int(current[1]) >= page else 0, rule="countPage")


def printed(body: str) -> int | None:
    """The number a page of a listing gives itself in its script; None where it gives none."""
    for call in islice(_CALL.finditer(body), _CALLS):
        parts = [part.strip().strip("'\"") for part in _given(call[1], body).split(",")]
        numbers = parts if parts[0].isdigit() else parts[1:]
        if len(numbers) >= 4 and numbers[0].isdigit() and numbers[1].isdigit():
            return int(numbers[1])
    current = _CURRENT.search(body)
    return int(current[1]) if current and _TOTAL.search(body) else None


def _given(arguments: str, body: str) -> str:
    """The arguments of a call with the numbers of variables in their place (``var nPageCount = 3``)."""

    def number(name: re.Match[str]) -> str:
        found = re.search(rf"(?:var|let|const)?\s{re.escape(name[0])}\s{{0,4}}=\s{{0,4}}(\d{{1,5}})\b", body)
        return found[1] if found else name[0]

    parts = (part if part.strip()[:1] in {"'", '"'} else _NAMED.sub(number, part) for part in arguments.split(","))
    return ",".join(parts)


def _called(arguments: str, page: int) -> Script | None:
    """The arguments of ``createPageHTML``, in either vendor's order; a function's definition is no call."""
    parts = [part.strip().strip("'\"") for part in arguments.split(",")]
    numbers = parts if parts[0].isdigit() else parts[1:]
    if len(numbers) < 4 or not (numbers[0].isdigit() and numbers[1].isdigit()):
        return None
    base = 1 if int(numbers[1]) >= page else 0
    rows = int(numbers[4]) if len(numbers) > 4 and numbers[4].isdigit() else None
    return Script(int(numbers[0]), numbers[2] or "index", numbers[3] or "html", base, rows=rows)


def following(script: Script, url: str, page: int) -> list[Ask]:
    """Where the page after ``page`` lies: by the script's own count first, by the other one second; never the page itself."""
    if page >= script.total:
        return []
    directory = url.partition("?")[0].rpartition("/")[0]
    numbers = (page + script.base, page + 1 - script.base)
    found = [
        Ask(page + 1, f"{directory}/{script.stem}_{number}.{script.suffix}", f"{script.rule}:{number - page:+d}")
        for number in numbers
    ]
    return [ask for ask in found if url_key(ask.url) != url_key(url)]
