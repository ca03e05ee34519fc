"""How tables and titles are laid out and damaged, whatever the format: the figures and the labels stay.

Each change is one that published reports show and that leaves a human reader without a doubt: cells that were
merged are not, heads are repeated after a page, a table is cut in two, a label is cut by a page's end, empty
rows, columns and cells stand around, a title takes two lines.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.simulator.sheet import Block, Content, Sheet, Slot, placed, width

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

EMPTY = Slot("")
_NUMERAL = re.compile(r"^(?:[（(][一二三四五六七][）)]|[一二三四]、)")


def laid_out(content: Content, rng: random.Random, *, ragged: bool = True, flowing: bool = True) -> Content:
    """The report's blocks as one program lays them out.

    ``ragged``: rows may have more cells than the table is wide; ``flowing``: tables may be cut as by the ends of
    pages (a format with pages of its own cuts them itself).
    """
    blocks: list[Block] = []
    odds = {name: rng.random() < chance for name, chance in _ODDS.items()}
    for block in content.blocks:
        if block.kind == "table":
            blocks += _tables(block.sheet, rng, odds, ragged=ragged, flowing=flowing)
        elif block.kind == "title" and odds["title"]:
            blocks += [Block("title", line) for line in _lines(block.text)]
        else:
            blocks.append(block)
    return replace(content, blocks=tuple(blocks))


_ODDS = {
    "title": 0.2,
    "unmerged": 0.25,
    "split": 0.2,
    "repeated": 0.25,
    "cut label": 0.25,
    "phantoms": 0.3,
    "empty row": 0.15,
    "empty column": 0.15,
    "broken lines": 0.3,
}


def _lines(title: str) -> list[str]:
    """A title in two lines, the publisher first."""
    found = re.fullmatch(r"(\D{3,}?)((?:关于)?\s?\d{4}.*)", title)
    return [found[1].strip(), found[2].strip()] if found else [title]


def _tables(sheet: Sheet, rng: random.Random, odds: dict[str, bool], *, ragged: bool, flowing: bool) -> list[Block]:
    if odds["unmerged"]:
        sheet = unmerged(sheet, repeated=rng.random() < 0.5)
    if odds["broken lines"]:
        sheet = _broken_lines(sheet, rng)
    sheets = _cut(sheet, rng, odds) if flowing else [sheet]
    if odds["empty row"]:
        sheets = [_with_empty_row(part, rng) for part in sheets]
    if odds["empty column"]:
        sheets = [tuple((*row, EMPTY) for row in part) for part in sheets]
    if odds["phantoms"] and ragged:
        sheets = [_with_phantoms(part, rng) for part in sheets]
    return [Block("table", sheet=part) for part in sheets]


def head(sheet: Sheet) -> int:
    """How many rows stand above the first row with figures."""
    return next((row for row, cells in enumerate(sheet) if any(slot.code for slot in cells)), 0)


def unmerged(sheet: Sheet, *, repeated: bool) -> Sheet:
    """Labels that spanned rows of the body stand in each of these rows, or in the first only.

    The cells of the head stay merged, or the columns' names could not be told.
    """
    first = head(sheet)
    rows: list[list[tuple[int, Slot]]] = [[] for _ in sheet]
    for row, column, slot in placed(sheet):
        if slot.rows == 1 or row < first:
            rows[row].append((column, slot))
            continue
        for down in range(slot.rows):
            text = slot.text if repeated or not down else ""
            rows[row + down].append((column, replace(slot, text=text, rows=1)))
    return tuple(tuple(slot for _, slot in sorted(row, key=lambda cell: cell[0])) for row in rows)


def cut(sheet: Sheet, at: int, again: str) -> tuple[Sheet, Sheet]:
    """The rows above ``at`` and those from it on; a cell that spans the cut goes on below.

    Its text is printed ``again`` as it is (``same``), without its numeral (``bare``), or not (``no``).
    """
    rows: list[list[tuple[int, Slot]]] = [[] for _ in sheet]
    for row, column, slot in placed(sheet):
        above = at - row
        if row < at < row + slot.rows:
            rows[row].append((column, replace(slot, rows=above)))
            text = {"same": slot.text, "bare": _NUMERAL.sub("", slot.text)}.get(again, "")
            rest = replace(slot, text=text, rows=slot.rows - above)
            rows[at].append((column, rest))
        else:
            rows[row].append((column, slot))
    ordered = [tuple(slot for _, slot in sorted(row, key=lambda cell: cell[0])) for row in rows]
    return tuple(ordered[:at]), tuple(ordered[at:])


def _cut(sheet: Sheet, rng: random.Random, odds: dict[str, bool]) -> list[Sheet]:
    """A table as the ends of pages leave it: in two, or with its head again in its middle, or a label in two rows."""
    first = head(sheet)
    captions = [row for row in range(1, len(sheet)) if len(sheet[row]) == 1 and not sheet[row][0].code]
    if len(captions) > 1 and not sheet[0][0].code and len(sheet[0]) == 1:
        if not odds["split"]:
            return [sheet]
        edges = [0, *captions, len(sheet)]
        return [sheet[start:end] for start, end in pairwise(edges)]
    if len(sheet) - first < 6:
        return [sheet]
    upper, lower = cut(sheet, rng.randint(first + 2, len(sheet) - 2), rng.choice(("no", "same", "bare")))
    if odds["cut label"]:
        upper, lower = _cut_label(upper, lower, rng)
    if odds["split"]:
        return [upper, (*sheet[:first], *lower) if rng.random() < 0.5 else lower]
    if odds["repeated"]:
        return [(*upper, *sheet[:first], *lower)]
    return [(*upper, *lower)] if odds["cut label"] else [sheet]


def _cut_label(upper: Sheet, lower: Sheet, rng: random.Random) -> tuple[Sheet, Sheet]:
    """The last label above the cut ends in a row without figures below it; nothing changes where it is short."""
    row = upper[-1]
    spots = [index for index, slot in enumerate(row) if not slot.code and slot.rows == 1 and len(slot.text) > 8]
    if not spots or not any(slot.code for slot in row):
        return upper, lower
    label = row[spots[-1]]
    at = rng.randint(5, len(label.text) - 2)
    if label.text[at - 1].isascii() or label.text[at].isascii() or label.text[at] in "，、）（":
        return upper, lower
    short = tuple(replace(slot, text=slot.text[:at]) if slot is label else slot for slot in row)
    columns = width((*upper, *lower))
    used = sum(slot.columns for slot in row)
    before = columns - used
    rest = tuple(Slot(label.text[at:] if slot is label else "", columns=slot.columns) for slot in row)
    filler = (Slot("", columns=before),) if before > 0 else ()
    return (*upper[:-1], short), ((*filler, *rest), *lower)


def _with_empty_row(sheet: Sheet, rng: random.Random) -> Sheet:
    """A row of empty cells at the end, or after the head where no merged cell crosses it."""
    columns = width(sheet)
    blank = tuple(EMPTY for _ in range(columns))
    crossed = {row + down for row, _, slot in placed(sheet) for down in range(1, slot.rows)}
    spots = [row for row in range(head(sheet) + 1, len(sheet)) if row not in crossed]
    at = rng.choice([*spots, len(sheet)])
    return (*sheet[:at], blank, *sheet[at:])


def _with_phantoms(sheet: Sheet, rng: random.Random) -> Sheet:
    """Empty cells past the last column, one to three, in some rows."""
    return tuple((*row, *[EMPTY] * rng.randint(1, 3)) if rng.random() < 0.2 else row for row in sheet)


def _broken_lines(sheet: Sheet, rng: random.Random) -> Sheet:
    """Labels with a line break inside, which every writer prints in its own way."""

    def broken(slot: Slot) -> Slot:
        if slot.code or len(slot.text) < 5 or rng.random() > 0.2:
            return slot
        at = rng.randint(2, len(slot.text) - 2)
        if slot.text[at - 1].isascii() or slot.text[at].isascii():
            return slot
        return replace(slot, text=f"{slot.text[:at]}\n{slot.text[at:]}")

    return tuple(tuple(broken(slot) for slot in row) for row in sheet)


def grid(sheet: Sheet) -> Iterable[list[tuple[int, Slot, bool]]]:
    """Each row's cells in column order: column, cell, and whether it begins here (else it comes from above)."""
    rows: list[list[tuple[int, Slot, bool]]] = [[] for _ in sheet]
    for row, column, slot in placed(sheet):
        for down in range(slot.rows):
            if row + down < len(rows):
                rows[row + down].append((column, slot, not down))
    return (sorted(row, key=lambda cell: cell[0]) for row in rows)
