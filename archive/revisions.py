"""When a capture is a revisit, cosmetic, or a new revision; and what absence means.  Pure rules, no SQL.

The substance of a report is the normalised paragraphs of its main text, its observations, and the digests of
its attachments.  Everything else on a page (counters, stamps, tokens, related links, the template) is
cosmetic: it makes a capture with another payload, and no revision.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from archive.evidence import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.model import Observation, Reading

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
