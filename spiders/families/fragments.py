"""Rows of a list that an interface answers: a piece of markup, or records of JSON."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from scrapy.http import HtmlResponse

from archive.model import Row
from spiders.addresses import absolute
from spiders.links import links
from spiders.text import dates, inner, spaced, squeezed, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FRAME = re.compile(r"\d{1,3}|首页|尾页|末页|上一?页|更多|more|下一?页|后一?页|[>»›]|next|GO|跳转", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,300}>")
_OBJECT = re.compile(r"\{([^{}]{1,8000})\}")
_FIELD = re.compile(r"""["'](\w{1,40})["']\s{0,9}:\s{0,9}"((?:[^"\\]|\\.){0,4000})\"""", re.DOTALL)
_RECORDS = 300
"""How many records of one broken answer are read."""
_UNICODE = re.compile(r"%u([0-9a-fA-F]{4})")
_EPOCH = re.compile(r"1?[0-9]{9}(?:[0-9]{3})?")
_SECONDS = 10
"""Digits of a time in seconds; one in milliseconds has three more."""
_LOOKED = 200
"""How many places of an answer are looked at for its list."""
_SHORTEST = 4
"""Characters; what is shorter is a link of the pager."""


def page_of(markup: str, base: str) -> HtmlResponse:
    """A piece of markup as a page of its own, so that its links are read like any page's."""
    return HtmlResponse(base, body=f"<html><body>{markup}</body></html>".encode("utf-8", "replace"), encoding="utf-8")


def rows_in(markup: str, base: str) -> list[Row]:
    """Every link of a fragment that is no page number, with the date that stands in its row."""
    found: dict[str, Row] = {}
    for anchor in links(page_of(markup, base)):
        title = title_of(anchor.element, anchor.text)
        if len(squeezed(title)) < _SHORTEST or _FRAME.fullmatch(squeezed(title)):
            continue
        row = next(anchor.element.iterancestors("li", "tr", "dd", "p", "div"), None)
        beside = dates(anchor.text.replace(title, " ")) or dates("" if row is None else inner(row).replace(title, " "))
        found.setdefault(anchor.url, Row(anchor.url, title, base, beside[-1] if beside else None))
    return list(found.values())


def rows_of(
    records: Iterable[Any],
    base: str,
    *,
    url: tuple[str, ...],
    title: tuple[str, ...],
    date: tuple[str, ...] = (),
    publisher: tuple[str, ...] = (),
) -> list[Row]:
    """Records as rows; each name is looked for in order.  A record without address or title is no row.

    A date is the first of its names that tells a day: some interfaces give a text, some seconds since 1970.
    """
    found: dict[str, Row] = {}
    for record in records:
        if not isinstance(record, dict):
            continue
        where = absolute(base, first(record, url) or "") if first(record, url) else None
        words = plain(first(record, title) or "")
        if where and words:
            day = next((day for name in date if (day := day_of(record.get(name)))), None)
            found.setdefault(where, Row(where, words, base, day, first(record, publisher) or None))
    return list(found.values())


def records_in(answer: Any, url: tuple[str, ...], title: tuple[str, ...]) -> list[Any]:
    """The first list of records with an address and a title, at whichever depth an answer keeps it."""
    waiting, looked = [answer], 0
    while waiting and looked < _LOOKED:
        at = waiting.pop(0)
        looked += 1
        if isinstance(at, list):
            named = [each for each in at if isinstance(each, dict) and first(each, url) and first(each, title)]
            if named:
                return at
        waiting += list(at.values()) if isinstance(at, dict) else at if isinstance(at, list) else []
    return []


def loose_records(text: str) -> list[dict[str, str]]:
    """The innermost objects of a JSON answer that is none: a comma too many, a line break in a text (field guide, 1.2)."""
    objects = islice(_OBJECT.finditer(text), _RECORDS)
    return [
        {name: html.unescape(held.replace('\\"', '"').replace("\\/", "/")) for name, held in _FIELD.findall(found[1])}
        for found in objects
    ]


def count_in(
    answer: Any, names: tuple[str, ...] = ("total", "totalCount", "recordCount", "totalRecords", "count")
) -> int | None:
    """The number of all records an answer states, at whichever depth."""
    waiting, looked = [answer], 0
    while waiting and looked < _LOOKED:
        at = waiting.pop(0)
        looked += 1
        if isinstance(at, dict):
            given = next((str(at[name]) for name in names if isinstance(at.get(name), int | str)), "")
            if given.isascii() and given.isdigit():
                return int(given)
            waiting += [held for held in at.values() if isinstance(held, dict)]
    return None


def first(record: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of several keys that holds a text or a number."""
    for name in names:
        held = record.get(name)
        if isinstance(held, str | int) and not isinstance(held, bool) and str(held).strip():
            return str(held).strip()
    return None


def day_of(held: Any) -> str | None:
    """The ISO day a record's value tells: a date in words, or seconds or milliseconds since 1970, in Beijing."""
    text = str(held).strip() if isinstance(held, str | int) else ""
    if not _EPOCH.fullmatch(text):
        return next(iter(dates(text)), None)
    seconds = int(text) / (1000 if len(text) > _SECONDS else 1)
    return datetime.fromtimestamp(seconds + 8 * 3600, UTC).date().isoformat()


def whole(held: Any) -> int | None:
    """A count as an answer states it: a number that is not negative; None for anything else."""
    return held if isinstance(held, int) and not isinstance(held, bool) and held >= 0 else None


def plain(text: str) -> str:
    """A title of a record as people read it: no tags, no entities, ``%uXXXX`` of old scripts undone."""
    undone = _UNICODE.sub(lambda found: chr(int(found[1], 16)), text)
    return spaced(_TAG.sub("", html.unescape(undone)))
