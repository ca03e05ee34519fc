"""Pages of characters and lines → blocks and grids: the path that PDF, OFD and recognised scans share.

The lattice finds a page's tables, what stands outside them becomes lines, lines become paragraphs, and a table
that a page break cut becomes one grid again.  It knows no file format and reads no bytes.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.model import Block, Cell, Grid, Place
from pipelines.convert.ruled import flow, furniture, spill, stitch
from pipelines.convert.ruled.lattice import Glyph, Marks, Ruled, Stroke, read_page

if TYPE_CHECKING:
    from collections.abc import Sequence

SURE = 1.0
"""The confidence of a character that was printed as a character, not recognised."""
OBLIQUE = 8.0
"""Degrees off the nearest right angle from which a character belongs to a watermark, not to the text."""


@dataclass(frozen=True, slots=True)
class Flowed:
    """What a document's pages say: its blocks, its grids, and how sure the recognised cells are."""

    blocks: tuple[Block, ...]
    grids: tuple[Grid, ...]
    doubts: tuple[tuple[int, int, int, float], ...] = ()
    """Grid, row, column and confidence (0 to 1) of every cell that was recognised, not printed."""


@dataclass
class _Flow:
    """The document so far: blocks, tables in the making, the last line of text."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[stitch.Piece] = field(default_factory=list)
    last: flow.Line | None = None
    open_table: bool = False


def flowed(pages: Sequence[Marks]) -> Flowed:
    """The blocks and grids of pages in order; running heads, running feet and page numbers are left out."""
    read = [(page, *spill.gathered(*read_page(page))) for page in pages]
    rows = [flow.lines_of(rest, page.page) for page, _, rest in read]
    lines = furniture.without_furniture(
        [
            furniture.Sheet(page_lines, page.height, _rules(page, tables))
            for (page, tables, _), page_lines in zip(read, rows, strict=True)
        ]
    )
    margins = flow.margins_of(lines)
    state = _Flow()
    for (_, tables, _), page_lines in zip(read, lines, strict=True):
        for item in _ordered(tables, page_lines):
            if isinstance(item, Ruled):
                _add_table(item, state)
            else:
                _add_line(item, state, margins)
    grids = tuple(stitch.grid_of(piece) for piece in state.pieces)
    return Flowed(tuple(state.blocks), grids, _doubts(grids, [table for _, tables, _ in read for table in tables]))


def is_known(text: str) -> bool:
    """Whether a character means something: not of a private area, no control, no replacement character."""
    return unicodedata.category(text[0]) not in {"Co", "Cn", "Cc"} and text != "\ufffd"


def once(glyphs: Sequence[Glyph]) -> tuple[Glyph, ...]:
    """Glyphs drawn twice for boldness, once."""
    seen: dict[tuple[str, int, int], Glyph] = {}
    kept = []
    for glyph in glyphs:
        limit = 0.22 * max(glyph.bottom - glyph.top, 1.0)
        bucket = (glyph.text, round(glyph.x / 3), round(glyph.y / 3))
        near = (seen.get((bucket[0], bucket[1] + dx, bucket[2] + dy)) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        if any(
            other is not None and abs(other.x - glyph.x) < limit and abs(other.y - glyph.y) < limit for other in near
        ):
            continue
        seen[bucket] = glyph
        kept.append(glyph)
    return tuple(kept)


def _ordered(tables: tuple[Ruled, ...], lines: list[flow.Line]) -> list[Ruled | flow.Line]:
    keyed: list[tuple[float, int, Ruled | flow.Line]] = [(table.ys[0], 0, table) for table in tables]
    keyed += [((line.box[1] + line.box[3]) / 2, 1, line) for line in lines]
    return [item for _, _, item in sorted(keyed, key=lambda entry: entry[:2])]


def _rules(page: Marks, tables: tuple[Ruled, ...]) -> list[Stroke]:
    """The level lines over half the page's width that belong to no table."""
    spans = [(table.ys[0] - 2, table.ys[-1] + 2) for table in tables]
    return [
        stroke
        for stroke in page.strokes
        if abs(stroke.y1 - stroke.y0) < 1
        and abs(stroke.x1 - stroke.x0) > 0.5 * page.width
        and not any(top <= stroke.y0 <= bottom for top, bottom in spans)
    ]


def _add_table(table: Ruled, state: _Flow) -> None:
    """A table directly after a table of the page before is its continuation when the edges agree."""
    piece = stitch.piece_of(table)
    state.last = None
    before = state.pieces[-1] if state.open_table else None
    if (
        before is not None
        and before.cells[-1].place
        and before.cells[-1].place.page != table.page
        and stitch.fits(before, piece)
    ):
        state.pieces[-1] = stitch.stitched(before, piece)
        return
    state.blocks.append(Block("", "table", grid=len(state.pieces), place=piece.place))
    state.pieces.append(piece)
    state.open_table = True


def _add_line(line: flow.Line, state: _Flow, margins: flow.Margins) -> None:
    state.open_table = False
    if state.last is not None and state.blocks and flow.continues(state.last, line, margins):
        block = state.blocks[-1]
        state.blocks[-1] = Block(flow.joined(block.text, line.text), "paragraph", place=block.place)
    else:
        left, top, right, bottom = (round(value, 1) for value in line.box)
        state.blocks.append(Block(line.text, "paragraph", place=Place(line.page, (left, top, right, bottom))))
    state.last = line


def _doubts(grids: Sequence[Grid], tables: Sequence[Ruled]) -> tuple[tuple[int, int, int, float], ...]:
    """The least confidence of each recognised cell's characters; a cell's place finds it again after a stitch."""
    confidence = {
        stitch.place_of(table.page, cell.box): min(glyph.confidence for glyph in cell.glyphs)
        for table in tables
        for cell in table.fields
        if any(glyph.confidence < SURE for glyph in cell.glyphs)
    }
    return tuple(
        (number, cell.row, cell.column, confidence[cell.place])
        for number, grid in enumerate(grids)
        for cell in grid.cells
        if _has(cell, confidence) and cell.place is not None
    )


def _has(cell: Cell, confidence: dict[Place, float]) -> bool:
    return bool(confidence) and cell.place is not None and cell.place in confidence
