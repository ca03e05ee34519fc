"""What differs between two texts: paragraphs matched by likeness, then runs of words; in Chinese a character is a word."""

from __future__ import annotations

import difflib
import re
from typing import Any

Row = dict[str, Any]

_WORD = re.compile(r"\d[\d,.]*|[A-Za-z]+|\s+|.", re.DOTALL)
_MOST = 40
"""Paragraphs on each side up to which those that belong together are sought; beyond it they are paired in order."""
_APART = 0.6
"""What leaving two paragraphs unpaired costs, against 1 for pairing two that share nothing."""


def word_diff(before: list[str], after: list[str]) -> list[Row]:
    """The paragraphs that differ, each as runs of ``=``, ``-`` and ``+``; a number is one word.

    ``paragraph`` counts from 1 in the later text; one that was taken out stands where it was.
    """
    found: list[Row] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for op, a1, a2, b1, b2 in matcher.get_opcodes():
        if op == "equal":
            continue
        last = b1
        for old, new in _paired(before[a1:a2], after[b1:b2]):
            last = b1 + new + 1 if new is not None else last
            left = before[a1 + old] if old is not None else ""
            right = after[b1 + new] if new is not None else ""
            found.append({"paragraph": max(last, 1), "runs": _runs(left, right)})
    return found


def _paired(old: list[str], new: list[str]) -> list[tuple[int | None, int | None]]:
    """Which paragraph became which, in order: None for one that came or went."""
    if not old or not new or max(len(old), len(new)) > _MOST:
        longest = max(len(old), len(new))
        return [(i if i < len(old) else None, i if i < len(new) else None) for i in range(longest)]
    cost = [[(i + j) * _APART / 2 for j in range(len(new) + 1)] for i in range(len(old) + 1)]
    for i, left in enumerate(old, 1):
        for j, right in enumerate(new, 1):
            alike = difflib.SequenceMatcher(a=left, b=right, autojunk=False).ratio()
            cost[i][j] = min(cost[i - 1][j - 1] + 1 - alike, cost[i - 1][j] + _APART / 2, cost[i][j - 1] + _APART / 2)
    return _walked(cost)


def _walked(cost: list[list[float]]) -> list[tuple[int | None, int | None]]:
    """The cheapest way through a table of costs, from its end to its beginning."""
    i, j = len(cost) - 1, len(cost[0]) - 1
    found: list[tuple[int | None, int | None]] = []
    while i or j:
        gone = i and abs(cost[i][j] - cost[i - 1][j] - _APART / 2) < 1e-9
        came = j and abs(cost[i][j] - cost[i][j - 1] - _APART / 2) < 1e-9
        if came:
            j -= 1
            found.append((None, j))
        elif gone:
            i -= 1
            found.append((i, None))
        else:
            i, j = i - 1, j - 1
            found.append((i, j))
    return found[::-1]


def _runs(old: str, new: str) -> list[list[str]]:
    left, right = _WORD.findall(old), _WORD.findall(new)
    runs: list[list[str]] = []
    for op, a1, a2, b1, b2 in difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_opcodes():
        if op == "equal":
            runs.append(["=", "".join(left[a1:a2])])
            continue
        if a2 > a1:
            runs.append(["-", "".join(left[a1:a2])])
        if b2 > b1:
            runs.append(["+", "".join(right[b1:b2])])
    return runs
