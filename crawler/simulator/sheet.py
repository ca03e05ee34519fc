"""What a simulated report consists of: headings, paragraphs and tables, and what a reader should get out of them.

A cell that prints a figure carries the figure's indicator code (shared list of the forms), so that the
truth is read off the very cells that are printed: an edit of a cell is an edit of the truth.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BlockKind = Literal["title", "heading", "paragraph", "table"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell as printed: its text, its spans, and the indicator it holds (None: a label)."""

    text: str
    code: str | None = None
    rows: int = 1
    columns: int = 1
    unit: str | None = None


Sheet = tuple[tuple[Slot, ...], ...]
"""A table: its rows from the top, each with the cells that begin in it."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a report in reading order; a table has a sheet and no text."""

    kind: BlockKind
    text: str = ""
    sheet: Sheet = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a correct reader gets for one indicator: the text as printed, its value, blank or not."""

    raw: str
    value: float | int | None
    status: Literal["ok", "blank"]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """A doubt that was put into a report on purpose: the rule it breaks and where."""

    rule: str
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The substance of one report, whatever file or page it is printed on."""

    title: str
    publisher: str
    year: int
    form: str
    blocks: tuple[Block, ...]
    prose: tuple[tuple[str, int], ...] = ()
    """Figures that the text states, by indicator."""
    planted: tuple[Planted, ...] = ()

    def observations(self) -> dict[str, Expected]:
        """Every figure the tables print, by indicator."""
        return {slot.code: expected(slot) for slot in slots(self.blocks) if slot.code}


def slots(blocks: tuple[Block, ...]) -> Iterator[Slot]:
    """Every cell of every table, in reading order."""
    for block in blocks:
        for row in block.sheet:
            yield from row


def expected(slot: Slot) -> Expected:
    """The truth of a printed cell: blank is not zero, signs and units are read."""
    text = unicodedata.normalize("NFKC", slot.text).strip()
    if not text:
        return Expected("", None, "blank", slot.unit)
    return Expected(slot.text, number(text), "ok", unit_of(text) or slot.unit)


def number(text: str) -> float | int:
    """The value of a printed figure: ``增10``, ``-1``, ``3242.8万元`` in the unit that it names."""
    found = re.search(r"\d+(?:\.\d+)?", text)
    assert found is not None
    value = float(found[0]) if "." in found[0] else int(found[0])
    return -value if re.match(r"[-减]", text) else value


def unit_of(text: str) -> str | None:
    """The unit printed inside a cell, if any."""
    found = re.search(r"\d\s*(万元|元|件|项|条|个|次)$", text)
    return found[1] if found else None


def placed(sheet: Sheet) -> list[tuple[int, int, Slot]]:
    """Each cell with the row and the column (from 0) it begins at, spans respected."""
    taken: set[tuple[int, int]] = set()
    result = []
    for row, cells in enumerate(sheet):
        column = 0
        for slot in cells:
            while (row, column) in taken:
                column += 1
            result.append((row, column, slot))
            taken |= {(row + down, column + right) for down in range(slot.rows) for right in range(slot.columns)}
    return result


def width(sheet: Sheet) -> int:
    """How many columns a table has."""
    return max(column + slot.columns for _, column, slot in placed(sheet))


def with_figures(content: Content, figures: Mapping[str, str]) -> Content:
    """The same report with other texts in the cells of the named indicators."""

    def changed(slot: Slot) -> Slot:
        return replace(slot, text=figures.get(slot.code, slot.text)) if slot.code else slot

    blocks = tuple(
        replace(block, sheet=tuple(tuple(changed(slot) for slot in row) for row in block.sheet))
        for block in content.blocks
    )
    return replace(content, blocks=blocks)


def with_sentence(content: Content, before: str, after: str) -> Content:
    """The same report with one sentence of its text replaced."""
    return replace(
        content,
        blocks=tuple(replace(block, text=block.text.replace(before, after)) for block in content.blocks),
    )
