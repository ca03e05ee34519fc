"""When a capture is a revisit, cosmetic, or a new revision; and what absence means.  Pure rules, no SQL.

The substance of a report is the normalised paragraphs of its main text, its observations, and the digests of
its attachments.  Everything else on a page (counters, stamps, tokens, related links, the template) is
cosmetic: it makes a capture with another payload, and no revision.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.evidence import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archive.model import Observation, Reading

AWAY = ("missing", "gone", "moved")
"""The states of a report that was there and is not, or not there."""
_SPACE = re.compile(r"\s+")


def match_key(text: str) -> str:
    """A paragraph as compared: compatibility forms folded, no white space; never what is stored."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


def substance(page: Reading, joined: Reading, attachments: Iterable[bytes]) -> bytes:
    """The digest of what a report says: 32 bytes.

    ``page`` gives the paragraphs, ``joined`` the observations and the title, ``attachments`` the payload
    digests; the attachments' order and addresses do not count, since a redesign changes both.
    """
    values = sorted(
        (item.indicator, item.status, number(item.value), item.raw or "", "page" if item.source == "page" else "file")
        for item in joined.observations
    )
    record = {
        "title": match_key(joined.title or ""),
        "paragraphs": [key for key in map(match_key, page.paragraphs) if key],
        "observations": [[*item[:2], repr(item[2]), *item[3:]] for item in values],
        "attachments": sorted(digest.hex() for digest in attachments),
    }
    return hashlib.sha256(canonical(record)).digest()


def number(value: float | None) -> float:
    """A value to sort by: None last; a whole number is an int whatever its type."""
    if value is None:
        return float("inf")
    return int(value) if float(value).is_integer() else value


def compare(
    before: Sequence[Observation], after: Sequence[Observation]
) -> list[tuple[str, Observation | None, Observation | None]]:
    """The observations that differ between two readings, by indicator and source."""
    old, new = _keyed(before), _keyed(after)
    found = []
    for key in sorted(old.keys() | new.keys()):
        left, right = old.get(key), new.get(key)
        if (
            left is None
            or right is None
            or (left.value, left.status, left.raw) != (right.value, right.status, right.raw)
        ):
            found.append((key[0], left, right))
    return found


def _keyed(observations: Iterable[Observation]) -> dict[tuple[str, str, int], Observation]:
    """By indicator, source, and how often that source has printed it before: a bundle's files share one source."""
    found: dict[tuple[str, str, int], Observation] = {}
    for item in observations:
        count = 0
        while (item.indicator, item.source, count) in found:
            count += 1
        found[item.indicator, item.source, count] = item
    return found


def summarise(
    differences: Sequence[tuple[str, Observation | None, Observation | None]], paragraphs: tuple[int, int], files: int
) -> str:
    """What changed, in one line of both languages: figures, paragraphs (removed, added), attachments."""
    said = []
    for code, left, right in differences[:3]:
        old, new = (_printed(item) for item in (left, right))
        said.append(f"{code} {old} → {new}")
    if len(differences) > 3:
        said.append(f"共{len(differences)}个数值 {len(differences)} figures")
    if any(paragraphs):
        said.append(f"正文 text −{paragraphs[0]} +{paragraphs[1]} 段 paragraphs")
    if files:
        said.append(f"附件 attachments {files}")
    return "; ".join(said) or "内容有变 content changed"


def _printed(item: Observation | None) -> str:
    if item is None:
        return "—"
    return item.raw if item.raw not in (None, "") else f"({item.status})"


def after_absence(state: str) -> tuple[str, str | None]:
    """The state and the event when a definite 404, 410 or soft 404 answers for a report in state ``state``.

    Gone needs a later crawl's confirmation; what is already gone or moved stays so without an event.
    """
    if state in ("present", "unreachable"):
        return "missing", "missing"
    if state == "missing":
        return "gone", "gone"
    return state, None


def after_failure(state: str) -> str:
    """The state when nothing definite came back: a failure or a block makes nothing missing."""
    return "unreachable" if state == "present" else state


# ---------------------------------------------------------------- a chronicle told from its facts


_ORDER = ("revision", "cosmetic", "seen", "moved", "absent", "failed")
"""What comes first of what one crawl saw at one moment."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a crawl saw of a report: ``revision``, ``seen``, ``cosmetic``, ``absent``, ``moved`` or ``failed``."""

    at: int
    crawl: int
    uid: str
    sort: str
    resource: int
    n: int | None = None
    """For a revision: its number among all; None: it says what the one before it says."""
    summary: str | None = None
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a chronicle, as a row of changes."""

    crawl: int
    resource: int
    event: str
    seen: int
    revision: int | None
    summary: str | None
    last_seen: int | None
    first_gone: int | None
    other: int | None


@dataclass(slots=True)
class Course:
    """A report's state as its facts are gone through."""

    state: str | None = None
    n: int | None = None
    first_seen: int | None = None
    last_seen: int | None = None
    first_gone: int | None = None
    crawl: int | None = None
    resource: int | None = None
    moved_to: int | None = None
    missed: set[int] = field(default_factory=set)
    """The crawls that told of an absence: each tells it once."""
    told: list[Told] = field(default_factory=list)

    def tell(self, fact: Fact, event: str, summary: str | None = None, other: int | None = None) -> None:
        """Add an event."""
        last = None if event == "new" else self.last_seen
        self.told.append(Told(fact.crawl, fact.resource, event, fact.at, self.n, summary, last, self.first_gone, other))


def numbered(substances: Sequence[Mapping[str, bytes]]) -> list[int | None]:
    """Number revisions in the order of their times: None for one that says what the one before it says.

    Each is given as its substance by software; two are the same when every software that read both found them so.
    Without a common reader they count as different.
    """
    found: list[int | None] = []
    last = 0
    for i, now in enumerate(substances):
        before = substances[i - 1] if i else {}
        common = now.keys() & before.keys()
        if common and all(now[name] == before[name] for name in common):
            found.append(None)
        else:
            last += 1
            found.append(last)
    return found


def _by_time(fact: Fact) -> tuple[int, str, int]:
    return fact.at, fact.uid, _ORDER.index(fact.sort)


def _by_crawl(fact: Fact) -> tuple[int, int, int]:
    return fact.crawl, _ORDER.index(fact.sort), fact.at


def told_from(facts: Iterable[Fact], *, by_time: bool) -> Course:
    """Go through a report's facts in their order and tell what happened: the rules of a crawl, again.

    One archive's own crawls follow each other by their numbers, whatever the clock said; what came in from elsewhere
    finds its place only ``by_time``.
    """
    course = Course()
    for fact in sorted(facts, key=_by_time if by_time else _by_crawl):
        if fact.sort == "revision" and fact.n is not None:
            _revised(course, fact)
        elif course.state is None:
            continue  # nothing is known of a report before its first revision
        elif fact.sort in ("revision", "seen", "cosmetic"):
            _seen(course, fact)
        elif fact.sort == "absent":
            _absent(course, fact)
        elif fact.sort == "moved" and course.state != "moved":
            course.tell(fact, "moved", fact.summary, fact.other)
            course.state, course.moved_to = "moved", fact.other
        elif fact.sort == "failed":
            course.state = after_failure(course.state)
    return course


def _revised(course: Course, fact: Fact) -> None:
    if course.state in AWAY:
        course.tell(fact, "back")
    course.n = fact.n
    course.tell(fact, "new" if fact.n == 1 else "changed", fact.summary, fact.other if fact.n == 1 else None)
    if course.first_seen is None:
        course.first_seen = fact.at
    _present(course, fact)


def _seen(course: Course, fact: Fact) -> None:
    if course.state in AWAY:
        course.tell(fact, "back", "又可访问 answers again")
    if fact.sort == "cosmetic":
        course.tell(fact, "cosmetic")
    _present(course, fact)


def _present(course: Course, fact: Fact) -> None:
    course.state = "present"
    course.first_gone = course.moved_to = None
    course.last_seen = max(course.last_seen or 0, fact.at)
    course.crawl, course.resource = fact.crawl, fact.resource


def _absent(course: Course, fact: Fact) -> None:
    state, event = after_absence(course.state or "present")
    if event is None or fact.crawl in course.missed:
        return
    course.missed.add(fact.crawl)
    course.first_gone = course.first_gone or fact.at
    course.tell(fact, event)
    course.state = state
