"""What a Word 97–2003 document says of its paragraphs and characters: tables, headings, hidden and deleted text.

[MS-DOC] 2.6 (single property modifiers), 2.9.174 (PapxFkp), 2.9.33 (ChpxFkp), 2.9.271 (STSH), 2.9.326
(TDefTableOperand).  Of some 350 properties those are read that decide what is printed and where a cell ends.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.convert.cells import LOWERED, RAISED
from pipelines.convert.office.story import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.convert.office.word_file import WordFile

PAGE = 512
PAGES_CAP = 100_000
STYLES_CAP = 5000
SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
"""Operand bytes by the three highest bits of a modifier; 0: counted by its first byte."""
IN_TABLE, ROW_END, INNER_CELL, INNER_ROW_END, DEPTH = 0x2416, 0x2417, 0x244B, 0x244C, 0x6649
HUGE, HUGE_OLD, TABLE_PROPERTIES = 0x6646, 0x6645, 0x646B
OUTLINE, STYLE, LIST_LEVEL, LIST = 0x2640, 0x4600, 0x260A, 0x460B
DELETED, HIDDEN, SYMBOL = 0x0800, 0x083C, 0x6A09
STRUCK, STRUCK_TWICE, POSITION = 0x0837, 0x2A53, 0x2A48
CHANGE_TABS, DEFINE_TABLE, DEFINE_TABLE_OLD = 0xC615, 0xD608, 0xD606
INSERT, DELETE, WIDTHS, MERGE, SPLIT, VERTICAL = 0x7621, 0x5622, 0x7623, 0x5624, 0x5625, 0xD62B
SHORT = {
    0x18: IN_TABLE,
    0x19: ROW_END,
    0x41: DELETED,
    0x57: STRUCK,
    0x5C: HIDDEN,
    0x68: POSITION,
    0x73: STRUCK_TWICE,
    0x0C: LIST_LEVEL,
    0x78: OUTLINE,
}
"""Prm0: the modifiers a piece can name with seven bits, as far as they are read."""
CELLS_CAP = 64


@dataclass(frozen=True, slots=True)
class Look:
    """A paragraph's properties; ``level`` from 1 for a heading, ``number`` the list it counts in (0: none)."""

    depth: int = 0
    cell_end: bool = False
    row_end: bool = False
    level: int | None = None
    number: int = 0
    number_level: int = 0
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Bytes ``first``..``last`` of the text: deleted, hidden (or struck out), one symbol of a font, raised or lowered."""

    first: int
    last: int
    deleted: bool
    hidden: bool
    symbol: str
    shift: str = ""


def modifiers(group: bytes) -> Iterator[tuple[int, bytes]]:
    """The modifiers of a group in order: code and operand; a group that ends within one ends before it."""
    at = 0
    while at + 2 <= len(group):
        code = group[at] | group[at + 1] << 8
        at += 2
        size = SIZES[code >> 13] or _counted(code, group, at)
        if at + size > len(group):
            return
        yield code, group[at : at + size]
        at += size


def _counted(code: int, group: bytes, at: int) -> int:
    """The bytes of an operand that says its own length."""
    head = group[at : at + 2].ljust(2, b"\0")
    if code in {DEFINE_TABLE, DEFINE_TABLE_OLD}:
        return 1 + struct.unpack("<H", head)[0] if head != b"\0\0" else 2
    if code == CHANGE_TABS and head[0] == 255:
        added = group[at + 2 + 4 * head[1] : at + 3 + 4 * head[1]]
        return 3 + 4 * head[1] + 3 * (added[0] if added else 0)
    return 1 + head[0]


# ---------------------------------------------------------------- pages of properties


class Ranges:
    """Byte ranges of the text in order, each with the bytes that describe it."""

    def __init__(self, file: WordFile, name: str, *, wide: bool) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._groups: list[bytes] = []
        for first, last, group in sorted(_pages(file, name, wide=wide), key=lambda item: item[0]):
            self._firsts.append(first)
            self._lasts.append(last)
            self._groups.append(group)

    def at(self, offset: int) -> bytes:
        """What describes the byte at ``offset``; empty when nothing does."""
        index = bisect_right(self._firsts, offset) - 1
        return self._groups[index] if index >= 0 and offset < self._lasts[index] else b""

    def __iter__(self) -> Iterator[tuple[int, int, bytes]]:
        return zip(self._firsts, self._lasts, self._groups, strict=True)


def _pages(file: WordFile, name: str, *, wide: bool) -> Iterator[tuple[int, int, bytes]]:
    """Every range of the formatted disk pages that a bin table names; ``wide``: paragraphs, not characters."""
    table = file.structure(name)
    count = (len(table) - 4) // 8
    if count <= 0:
        return
    numbers = struct.unpack_from(f"<{count}I", table, 4 * (count + 1))
    for number in dict.fromkeys(number & 0x3FFFFF for number in numbers[:PAGES_CAP]):
        page = file.main[number * PAGE : (number + 1) * PAGE]
        if len(page) == PAGE:
            yield from _page(page, wide=wide)


def _page(page: bytes, *, wide: bool) -> Iterator[tuple[int, int, bytes]]:
    count = page[511]
    step = 13 if wide else 1
    if 4 * (count + 1) + step * count > 511:
        return
    bounds = struct.unpack_from(f"<{count + 1}I", page, 0)
    for i in range(count):
        at = 2 * page[4 * (count + 1) + step * i]
        yield bounds[i], bounds[i + 1], _group(page, at, wide=wide) if at else b""


def _group(page: bytes, at: int, *, wide: bool) -> bytes:
    size = page[at]
    if not wide:
        return page[at + 1 : min(at + 1 + size, 511)]
    if size:
        return page[at + 1 : min(at + 2 * size, 511)]
    size = 2 * page[at + 1] if at < 510 else 0
    return page[at + 2 : min(at + 2 + size, 511)]


# ---------------------------------------------------------------- styles


def styles_of(sheet: bytes) -> list[tuple[int, bytes]]:
    """By style number: the style it is based on and its paragraph modifiers (a heading's level among them)."""
    if len(sheet) < 6:
        return []
    header = struct.unpack_from("<H", sheet, 0)[0]
    count, base = struct.unpack_from("<HH", sheet, 2)
    found: list[tuple[int, bytes]] = []
    at = 2 + header
    for _ in range(min(count, STYLES_CAP)):
        if at + 2 > len(sheet):
            break
        size = struct.unpack_from("<H", sheet, at)[0]
        found.append(_style(sheet[at + 2 : at + 2 + size], base))
        at += 2 + size + (size & 1)
    return found


def _style(style: bytes, base: int) -> tuple[int, bytes]:
    if len(style) < base + 2 or base < 8:
        return 0xFFF, b""
    kind, based = struct.unpack_from("<HH", style, 0)[0] & 0xFFF, struct.unpack_from("<H", style, 2)[0]
    group = bytes((OUTLINE & 0xFF, OUTLINE >> 8, kind - 1)) if 1 <= kind <= 9 else b""
    if based & 0xF == 1:
        at = base + 2 * struct.unpack_from("<H", style, base)[0] + 4
        if at + 2 <= len(style):
            size = struct.unpack_from("<H", style, at)[0]
            group += style[at + 4 : at + 2 + size]
    return based >> 4, group


# ---------------------------------------------------------------- paragraphs


class Looks:
    """The properties of paragraphs, by the CP of the mark that ends them."""

    def __init__(self, file: WordFile) -> None:
        self._file = file
        self._ranges = Ranges(file, "paragraphs", wide=True)
        self._styles = styles_of(file.structure("styles"))
        self._known: dict[tuple[bytes, int], Look] = {}

    def at(self, cp: int) -> Look:
        """The paragraph's properties; its style first, then its own, then its piece's."""
        group, prm = self._ranges.at(self._file.offset_of(cp)), self._file.piece_of(cp).prm
        look = self._known.get((group, prm))
        if look is None:
            look = self._known[group, prm] = self._look(group, prm)
        return look

    def _look(self, group: bytes, prm: int) -> Look:
        style = struct.unpack_from("<H", group, 0)[0] if len(group) >= 2 else 0
        own = list(self._all(group[2:], 0)) + list(modifiers_of(prm, self._file))
        for code, operand in own:
            style = struct.unpack("<H", operand)[0] if code == STYLE else style
        return _look([*self._of_style(style), *own])

    def _of_style(self, number: int) -> list[tuple[int, bytes]]:
        chain: list[bytes] = []
        while number < len(self._styles) and len(chain) < 12:
            number, group = self._styles[number]
            chain.append(group)
        return [item for group in reversed(chain) for item in modifiers(group)]

    def _all(self, group: bytes, depth: int) -> Iterator[tuple[int, bytes]]:
        """The modifiers of a group, those that lie in the data stream because they are many among them."""
        for code, operand in modifiers(group):
            if code in {HUGE, HUGE_OLD, TABLE_PROPERTIES} and depth < 2:
                at = struct.unpack("<I", operand)[0]
                if at + 2 <= len(self._file.data):
                    size = struct.unpack_from("<H", self._file.data, at)[0]
                    yield from self._all(self._file.data[at + 2 : at + 2 + size], depth + 1)
            else:
                yield code, operand


def modifiers_of(prm: int, file: WordFile) -> Iterator[tuple[int, bytes]]:
    """What a fast-saved piece changes: one short modifier, or a group kept beside the piece table."""
    if not prm:
        return
    if prm & 1:
        number = prm >> 1
        if number < len(file.modifiers):
            yield from modifiers(file.modifiers[number])
    elif (prm >> 1 & 0x7F) in SHORT:
        yield SHORT[prm >> 1 & 0x7F], bytes((prm >> 8,))


def _look(found: list[tuple[int, bytes]]) -> Look:
    values: dict[int, int] = {}
    row: list[tuple[int, bytes]] = []
    for code, operand in found:
        if code >> 10 & 7 == 5:
            row.append((code, operand))
        elif len(operand) in {1, 2, 4}:
            values[code] = int.from_bytes(operand, "little")
    depth = values.get(DEPTH, 0) if values.get(DEPTH, 0) < 1000 else 0
    depth = max(depth, 1 if values.get(IN_TABLE) else 0)
    row_end = bool(values.get(ROW_END)) or bool(values.get(INNER_ROW_END))
    outline = values.get(OUTLINE, 9)
    number = values.get(LIST, 0)
    return Look(
        depth,
        bool(values.get(INNER_CELL)),
        row_end,
        outline + 1 if outline < 6 else None,
        number if number < 2048 else 0,
        min(values.get(LIST_LEVEL, 0), 8),
        row_slots(row) if row_end else (),
    )


# ---------------------------------------------------------------- rows of tables


def row_slots(found: list[tuple[int, bytes]]) -> tuple[Slot, ...]:
    """A row's cells by its table modifiers, applied in order: definition, insertions, widths, merges."""
    slots: list[Slot] = []
    for code, operand in found:
        if code in {DEFINE_TABLE, DEFINE_TABLE_OLD}:
            slots = _defined(operand, 20 if code == DEFINE_TABLE else 10)
        elif code in CHANGES and slots:
            slots = CHANGES[code](slots, operand)[:CELLS_CAP]
    return tuple(slots)


def _defined(operand: bytes, size: int) -> list[Slot]:
    """A table definition: the number of cells, their edges, then (as many as are given) their descriptions."""
    count = min(operand[2], CELLS_CAP) if len(operand) > 2 else 0
    if not count or len(operand) < 3 + 2 * (count + 1):
        return []
    edges = struct.unpack_from(f"<{count + 1}h", operand, 3)
    slots = []
    for i in range(count):
        at = 3 + 2 * (count + 1) + size * i
        flags = struct.unpack_from("<H", operand, at)[0] if at + 2 <= len(operand) else 0
        across, down = flags & 3, flags >> 5 & 3
        if size == 10:
            down = 0
        slots.append(Slot(edges[i], max(edges[i], edges[i + 1]), across >= 2, down == 3, down in {1, 2}))
    return slots


def _merged(slots: list[Slot], operand: bytes) -> list[Slot]:
    first, end = operand[0], operand[1]
    return [replace(slot, joins_left=True) if first < i < end else slot for i, slot in enumerate(slots)]


def _split(slots: list[Slot], operand: bytes) -> list[Slot]:
    first, end = operand[0], operand[1]
    return [replace(slot, joins_left=False) if first <= i < end else slot for i, slot in enumerate(slots)]


def _merged_down(slots: list[Slot], operand: bytes) -> list[Slot]:
    if len(operand) < 3:
        return slots
    number, kind = operand[1], operand[2]
    return [
        replace(slot, starts=kind == 3, continues=kind == 1) if i == number else slot for i, slot in enumerate(slots)
    ]


def _widened(slots: list[Slot], operand: bytes) -> list[Slot]:
    """Cells ``first``..``end`` become ``width`` wide; those after them move."""
    first, end, width = struct.unpack_from("<BBh", operand, 0)
    changed = [
        replace(slot, right=slot.left + width) if first <= i < end and width > 0 else slot
        for i, slot in enumerate(slots)
    ]
    return _laid(changed, slots[0].left)


def _inserted(slots: list[Slot], operand: bytes) -> list[Slot]:
    first, count, width = struct.unpack_from("<BBh", operand, 0)
    new = [Slot(0, max(width, 1)) for _ in range(min(count, CELLS_CAP))]
    return _laid([*slots[:first], *new, *slots[first:]], slots[0].left)


def _deleted(slots: list[Slot], operand: bytes) -> list[Slot]:
    first, end = operand[0], operand[1]
    return _laid([slot for i, slot in enumerate(slots) if not first <= i < end], slots[0].left)


def _laid(slots: list[Slot], left: int) -> list[Slot]:
    """Cells side by side from ``left``, each as wide as it was."""
    laid = []
    for slot in slots:
        laid.append(replace(slot, left=left, right=left + slot.right - slot.left))
        left = laid[-1].right
    return laid


CHANGES = {
    INSERT: _inserted,
    DELETE: _deleted,
    WIDTHS: _widened,
    MERGE: _merged,
    SPLIT: _split,
    VERTICAL: _merged_down,
}


# ---------------------------------------------------------------- characters


def runs_of(file: WordFile) -> list[Run]:
    """The ranges of characters that are not printed as they stand, in order."""
    found = []
    for first, last, group in Ranges(file, "characters", wide=False):
        run = _run(first, last, modifiers(group))
        if run is not None:
            found.append(run)
    return found


def _run(first: int, last: int, found: Iterator[tuple[int, bytes]]) -> Run | None:
    deleted = False
    hidden = dict.fromkeys((HIDDEN, STRUCK, STRUCK_TWICE), False)
    symbol = shift = ""
    for code, operand in found:
        if code == DELETED:
            deleted = operand[0] in {1, 0x81}
        elif code in hidden:
            hidden[code] = operand[0] in {1, 0x81}
        elif code == POSITION:
            shift = {1: RAISED, 2: LOWERED}.get(operand[0], "")
        elif code == SYMBOL:
            symbol = chr(struct.unpack_from("<H", operand, 2)[0])
    gone = any(hidden.values())
    return Run(first, last, deleted, gone, symbol, shift) if deleted or gone or symbol or shift else None


def piece_run(prm: int, file: WordFile) -> Run | None:
    """What a fast-saved piece as a whole is: deleted, hidden, raised or lowered."""
    return _run(0, 0, modifiers_of(prm, file))
