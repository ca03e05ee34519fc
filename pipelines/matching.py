"""Labels: keys to compare them by, how alike two are, and which row of a form a printed row is.

Keys are NFKC-folded and bare of white space and punctuation; they are for comparing only and never stored.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ENUMERATOR = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、.,:项)]|\([一二三四五六七八九十0-9]{1,3}\)|[0-9]{1,2}[.、,)](?![0-9])|其中[:：])"
)
NOT_WORD = re.compile(r"[^\w]|_")
CLOSE = 0.6
"""Below this, a printed label is not taken for a form's label."""


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """NFKC and without white space: for comparing, never for storing."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=20_000)
def enumerator(text: str) -> str:
    """The label's leading number as folded text (``(三)``, ``3.``, ``四、``), or the empty string."""
    match = ENUMERATOR.match(folded(text[:300]))
    return match.group(0) if match else ""


@lru_cache(maxsize=20_000)
def key(text: str) -> str:
    """The label without its leading numbers, white space and punctuation."""
    plain = folded(text[:300])
    for _ in range(2):
        match = ENUMERATOR.match(plain)
        plain = plain[match.end() :] if match and match.end() < len(plain) else plain
    return NOT_WORD.sub("", plain)


@lru_cache(maxsize=50_000)
def similarity(label: str, expected: str) -> float:
    """How alike two keys are, 0 to 1; a cut label and one with instructions inside count as close."""
    if label == expected:
        return 1.0 if label else 0.0
    if len(expected) <= 2 or len(label) <= 2 or len(label) > 120:
        return 0.0
    if len(expected) >= 4 and expected in label:
        return 0.95 if label.startswith(expected) else 0.85
    if len(label) >= 4 and expected.startswith(label):
        return 0.7 + 0.25 * len(label) / len(expected)
    return _alike(label, expected)


def _alike(label: str, expected: str) -> float:
    """The share of characters in common and in order; zero at once where few are common at all."""
    shared = len(set(label) & set(expected))
    if 2 * shared < min(len(set(label)), len(set(expected))):
        return 0.0
    return SequenceMatcher(None, label, expected, autojunk=False).ratio()


def align(scores: Sequence[Sequence[float]]) -> list[int | None]:
    """For each printed row the index of the form's row it is, or None; both sequences keep their order.

    ``scores[i][j]`` says how well printed row i fits row j; 0 means not at all.  The assignment with the
    largest sum wins, because the form's order is fixed while labels are damaged.
    """
    rows, columns = len(scores), len(scores[0]) if scores else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            skip = max(best[i + 1][j], best[i][j + 1])
            take = scores[i][j] + best[i + 1][j + 1] if scores[i][j] >= CLOSE else 0.0
            best[i][j] = max(skip, take)
    return _trace(scores, best)


def _trace(scores: Sequence[Sequence[float]], best: list[list[float]]) -> list[int | None]:
    chosen: list[int | None] = []
    i = j = 0
    while i < len(scores):
        if j < len(scores[i]) and scores[i][j] >= CLOSE and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            chosen.append(j)
            i, j = i + 1, j + 1
        elif j < len(scores[i]) and best[i][j] == best[i][j + 1]:
            j += 1
        else:
            chosen.append(None)
            i += 1
    return chosen
