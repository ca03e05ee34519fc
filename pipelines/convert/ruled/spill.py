"""Text that a cell was too low for: lines set on across its lower edge belong to the cell, not to the page.

A page break that cuts a merged label leaves a piece of the cell too low for its words; some programs print them
nevertheless, over the table's lower edge.  Such a line lies within the cell's width, in its type, at its pitch.
Only words run over: a figure is never lengthened by what stands under it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from pipelines.convert.ruled.flow import IDEOGRAPH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.convert.ruled.lattice import Field, Glyph, Ruled

LINE_CAP = 12
"""Lines one cell may run over by."""
CLOSE = 1.35
"""The pitch, in sizes, up to which a line goes on with the only one in its cell."""
NOTE = re.compile(r"[注备说单填（(]")
"""How a note under a table opens."""


def gathered(tables: tuple[Ruled, ...], rest: tuple[Glyph, ...]) -> tuple[tuple[Ruled, ...], tuple[Glyph, ...]]:
    """The tables with what ran over the lower edge of their last cells, and the glyphs that are left."""
    if not tables or not rest:
        return tables, rest
    ordered = sorted(rest, key=lambda glyph: glyph.y)
    baselines = [glyph.y for glyph in ordered]
    taken: set[int] = set()
    found = []
    for table in tables:
        reach = 2 * LINE_CAP * max(_size(table.fields[-1].glyphs), 8.0)
        below = ordered[bisect_left(baselines, table.ys[-1]) : bisect_left(baselines, table.ys[-1] + reach)]
        fields = tuple(_filled(cell, table.ys[-1], below, taken) for cell in table.fields) if below else table.fields
        found.append(replace(table, fields=fields))
    return tuple(found), tuple(glyph for glyph in rest if id(glyph) not in taken)


def _size(glyphs: Sequence[Glyph]) -> float:
    return median(glyph.bottom - glyph.top for glyph in glyphs) if glyphs else 0.0


def _filled(cell: Field, edge: float, below: Sequence[Glyph], taken: set[int]) -> Field:
    """The cell with the lines that go on below ``edge``; they are added to ``taken``."""
    if abs(cell.box[3] - edge) > 3 or not _is_words(cell.glyphs):
        return cell
    size = _size(cell.glyphs)
    baselines = sorted({glyph.y for glyph in cell.glyphs})
    last = baselines[-1]
    inner = [last - y for y in baselines if last - y > 0.8 * size]
    pitch = min(inner) if inner else 0.0
    if last < edge - 1.4 * size:
        return cell
    added: list[Glyph] = []
    for _ in range(LINE_CAP):
        line = _line(cell, [glyph for glyph in below if glyph.y > last + 0.5 * size and id(glyph) not in taken], size)
        step = line[0].y - last if line else 0.0
        fits = abs(step - pitch) <= 0.12 * pitch if pitch else 0.9 * size <= step <= CLOSE * size
        if not line or not fits or NOTE.match(line[0].text):
            break
        added += line
        taken.update(id(glyph) for glyph in line)
        last, pitch = line[0].y, step
    return replace(cell, glyphs=(*cell.glyphs, *added)) if added else cell


def _line(cell: Field, below: Sequence[Glyph], size: float) -> list[Glyph]:
    """The next line below that stands in the cell's width by itself and in its type; none if it runs out of it."""
    left, _, right, _ = cell.box
    first = next((glyph for glyph in below if left <= glyph.middle[0] <= right), None)
    if first is None:
        return []
    row = [glyph for glyph in below if abs(glyph.y - first.y) <= 0.3 * size]
    row = sorted((glyph for glyph in row if left - size < glyph.middle[0] < right + size), key=lambda glyph: glyph.x)
    whole = all(left - 1 <= glyph.left and glyph.right <= right + 1 for glyph in row)
    alike = all(abs(glyph.bottom - glyph.top - size) <= 0.1 * size for glyph in row)
    return row if whole and alike and _is_words(row) else []


def _is_words(glyphs: Sequence[Glyph]) -> bool:
    return any(IDEOGRAPH.match(glyph.text) for glyph in glyphs)
