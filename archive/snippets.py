"""The piece of a paragraph that shows why it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archive.folding import fold_with_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH = 60
"""Characters of a snippet."""


class Snippet(NamedTuple):
    """A piece of a paragraph as printed, and where in it the words stand: pairs of first and one past the last."""

    passage: str
    marks: tuple[tuple[int, int], ...]

    @property
    def marked(self) -> str:
        """The passage with each place in square brackets."""
        parts, at = [], 0
        for start, stop in self.marks:
            parts += [self.passage[at:start], "[", self.passage[start:stop], "]"]
            at = stop
        return "".join(parts) + self.passage[at:]


def snippet(text: str, wanted: Sequence[str], width: int = WIDTH) -> Snippet:
    """A piece of ``text`` around the first of the ``wanted`` (folded) words, at most two ellipses longer than ``width``."""
    folded, places = fold_with_places(text)
    found = sorted((places[at], places[at + len(word) - 1] + 1) for word in wanted for at in _found(folded, word))
    marks = _apart(found)
    start = max(0, min(marks[0][0] - width // 3, len(text) - width)) if marks else 0
    stop = min(len(text), start + width)
    before, after = "…" if start else "", "…" if stop < len(text) else ""
    shift = len(before) - start
    inside = ((max(left, start) + shift, min(right, stop) + shift) for left, right in marks if left < stop)
    return Snippet(before + text[start:stop] + after, tuple(inside))


def _apart(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, those that overlap made one."""
    found: list[tuple[int, int]] = []
    for left, right in spans:
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _found(line: str, word: str) -> Iterator[int]:
    at = line.find(word)
    while at >= 0:
        yield at
        at = line.find(word, at + len(word))
