"""What happened to one report, as it is told in reports of crawls, in feeds and in digests: with an id that stays, and in words."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from archive.times import shown_time

Row = dict[str, Any]
EVENTS = ("new", "changed", "missing", "gone", "back", "moved")
"""What can happen to a report, in the order in which it is told."""
WORDS = {
    "new": "new · 新发布", "changed": "changed · 有修改", "missing": "missing · 缺失", "gone": "gone · 已撤下",
    "back": "back · 恢复", "moved": "moved · 已迁移", "blocked": "blocked · 被拦截", "short": "short · 数量不足",
    "failed": "failed · 失败",
}  # fmt: skip
FIGURES = 8
"""So many figures of one report are told; the rest are counted."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\n|\t")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened to one report."""

    id: str
    """A urn that stays the same however often it is told."""
    event: str
    portal: str
    crawl: int
    seen: int
    """Milliseconds since 1970-01-01 UTC."""
    url: str
    report: int
    publisher: str | None
    year: int | None
    title: str | None
    summary: str | None
    observations: tuple[Row, ...]
    """The figures that changed: ``indicator, before, after, before_raw, after_raw``."""
    last_seen: int | None
    first_gone: int | None

    def as_dict(self) -> Row:
        """As it goes out: times in ISO 8601."""
        return {
            "id": self.id,
            "event": self.event,
            "crawl": self.crawl,
            "seen": shown_time(self.seen),
            "url": self.url,
            "report": self.report,
            "publisher": self.publisher,
            "year": self.year,
            "title": self.title,
            "summary": self.summary,
            "observations": list(self.observations),
            "last_seen": shown_time(self.last_seen),
            "first_gone": shown_time(self.first_gone),
        }


def occurrence(row: Row) -> Occurrence:
    """One change as the archive tells it."""
    keys = ("event", "portal", "crawl", "seen", "url", "report", "publisher", "year", "title", "summary", "last_seen", "first_gone")  # fmt: skip
    return Occurrence(
        id=named(f"{row['uid']} {row['event']} {row['url']} {row['revision']}"),
        observations=tuple(row["observations"]),
        **{key: row[key] for key in keys},
    )


def named(text: str) -> str:
    """A urn made from what it names (RFC 9562, version 5): the same for the same words, on any machine."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"nianlun {text}").urn


def subject(each: Row) -> str:
    """Which report: publisher and year, or its title, or its address."""
    who = " ".join(str(part) for part in (each["publisher"], each["year"]) if part is not None)
    return clean(who or each["title"] or each["url"])


def details(each: Row) -> list[str]:
    """What is to be said of one event: which figures, or what the archive's summary says, and since when."""
    figures = [
        f"{row['indicator']}: {_figure(row, 'before')} → {_figure(row, 'after')}"
        for row in each["observations"][:FIGURES]
    ]
    more = len(each["observations"]) - FIGURES
    lines = [clean(line) for line in figures] + ([f"… and {more} more figures"] if more > 0 else [])
    if not lines and each["summary"]:
        lines = [clean(each["summary"])]
    if each["event"] in ("missing", "gone"):
        lines.append(f"last seen {each['last_seen']}, first absent {each['first_gone']}")
    return lines


def _figure(row: Row, when: str) -> str:
    printed = row.get(f"{when}_raw")
    return str(printed) if printed else "–" if row[when] is None else str(row[when])


def lines_of(each: Row) -> list[str]:
    """One event as lines of text: what happened to which report, the details, and where."""
    return [
        f"{WORDS[each['event']]}: {subject(each)}",
        *(f"  {line}" for line in details(each)),
        f"  {clean(each['url'])}",
    ]


def clean(value: Any) -> str:
    """Text fit for a terminal: no control characters, no escapes, no bidirectional overrides."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _CONTROL.sub(" ", text)


def is_link(url: str) -> bool:
    """Whether an address may stand behind a link: a portal's javascript: must not."""
    return url.startswith(("http://", "https://"))
