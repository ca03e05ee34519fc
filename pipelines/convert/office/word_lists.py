"""Automatic numbers of Word 97–2003 documents (一、 （一） 1.) as the text a reader sees.

[MS-DOC] 2.9.187 (PlfLst), 2.9.150 (LVL), 2.9.186 (PlfLfo); the kinds of numbers are those of [MS-OSHARED]
2.2.1.3.  Kinds that reports do not use, and pictures as bullets, give no number.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.convert.office.numbering import chinese

if TYPE_CHECKING:
    from pipelines.convert.office.word_file import WordFile
    from pipelines.convert.office.word_properties import Look

LISTS_CAP = 2000
CHINESE = frozenset({0x0B, 0x21, 0x23, 0x25, 0x27})
PLAIN = frozenset({0x00, 0x0E, 0x0F, 0x13})
ENCLOSED = {0x12: 0x2460, 0x1A: 0x2488, 0x1B: 0x2474, 0x1C: 0x2460}
"""Kinds whose numbers 1 to 20 are characters of their own: ① ⒈ ⑴ ①."""
BULLET, NONE = 0x17, 0xFF


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: where it starts, its kind of number, its text (characters 0 to 8 stand for levels)."""

    start: int
    kind: int
    text: str


class Lists:
    """Counts the numbered paragraphs of one document."""

    def __init__(self, file: WordFile) -> None:
        self._lists: dict[int, list[Level]] = {}
        self._of: list[int] = []
        self._starts: dict[tuple[int, int], int] = {}
        self._counts: dict[int, dict[int, int]] = defaultdict(dict)
        self._restarted: set[tuple[int, int]] = set()
        try:
            self._load_lists(file.after("lists"))
            self._load_overrides(file.structure("overrides"))
        except (struct.error, IndexError):
            """A damaged list gives no numbers; the text itself is elsewhere."""

    def _load_lists(self, table: bytes) -> None:
        if len(table) < 2:
            return
        count = min(struct.unpack_from("<H", table, 0)[0], LISTS_CAP)
        at = 2 + 28 * count
        for i in range(count):
            name, flags = struct.unpack_from("<i", table, 2 + 28 * i)[0], table[2 + 28 * i + 26]
            levels = []
            for _ in range(1 if flags & 1 else 9):
                level, at = _level(table, at)
                levels.append(level)
            self._lists[name] = levels

    def _load_overrides(self, table: bytes) -> None:
        if len(table) < 4:
            return
        count = min(struct.unpack_from("<I", table, 0)[0], LISTS_CAP)
        at = 4 + 16 * count
        for i in range(count):
            name, overridden = struct.unpack_from("<i", table, 4 + 16 * i)[0], table[4 + 16 * i + 12]
            self._of.append(name)
            at += 4
            for _ in range(min(overridden, 9)):
                if at + 8 > len(table):
                    break
                start, flags = struct.unpack_from("<iI", table, at)
                at += 8
                level = None
                if flags & 0x20:
                    level, at = _level(table, at)
                if flags & 0x10:
                    self._starts[len(self._of), flags & 0xF] = level.start if level else start

    def next(self, look: Look) -> str:
        """The number that stands before this paragraph, or the empty string; every call counts on."""
        if not 0 < look.number <= len(self._of):
            return ""
        name = self._of[look.number - 1]
        levels = self._lists.get(name, [])
        depth = look.number_level if look.number_level < len(levels) else 0
        if not levels:
            return ""
        counts = self._counts[name]
        restart = (look.number, depth)
        if restart in self._starts and restart not in self._restarted:
            self._restarted.add(restart)
            counts[depth] = self._starts[restart]
        else:
            counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [key for key in counts if key > depth]:
            del counts[deeper]
        return _shown(levels, depth, counts)


def _level(table: bytes, at: int) -> tuple[Level, int]:
    """The level that begins at ``at``, and where the next begins."""
    start, kind = struct.unpack_from("<iB", table, at)
    characters, paragraphs = table[at + 24], table[at + 25]
    at += 28 + characters + paragraphs
    size = struct.unpack_from("<H", table, at)[0]
    text = table[at + 2 : at + 2 + 2 * size].decode("utf-16-le", "replace")
    return Level(start if 0 <= start < 32768 else 1, kind, text), at + 2 + 2 * size


def _shown(levels: list[Level], depth: int, counts: dict[int, int]) -> str:
    if levels[depth].kind in {BULLET, NONE}:
        return ""
    parts = []
    for character in levels[depth].text:
        which = ord(character)
        if which < min(len(levels), 9):
            parts.append(number(counts.get(which, levels[which].start), levels[which].kind))
        elif which >= 32:
            parts.append(character)
    text = "".join(parts)
    return text if any(character.isalnum() for character in text) else ""


def number(count: int, kind: int) -> str:
    """A count as its kind prints it; the empty string for kinds reports do not use."""
    if kind in CHINESE:
        return chinese(count)
    if kind in PLAIN:
        return str(count)
    if kind == 0x16:
        return f"{count:02d}"
    if kind in ENCLOSED and 1 <= count <= 20:
        return chr(ENCLOSED[kind] + count - 1)
    if kind == 0x1D and 1 <= count <= 10:
        return chr(0x3220 + count - 1)
    if kind == 0x0A:
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(max(count, 0)))
    if kind in {3, 4} and 1 <= count <= 26:
        return chr((0x41 if kind == 3 else 0x61) + count - 1)
    if kind in {1, 2}:
        return _roman(count) if kind == 1 else _roman(count).lower()
    return ""


def _roman(count: int) -> str:
    parts = []
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while value <= count < 40:
            parts.append(letters)
            count -= value
    return "".join(parts)
