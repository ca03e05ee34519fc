r"""An RTF writer: a report's paragraphs and ruled tables (RTF 1.9), as word processors of the time saved them.

Text is ``\uN?`` for what is not ASCII; a cell over several columns or rows is marked by ``\clmgf``/``\clmrg`` and
``\clvmgf``/``\clvmrg``, every grid cell being written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator.sheet import placed, width

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Content, Sheet, Slot

STEP = 1100
"""The width of a grid column, in twips."""


def write(content: Content) -> bytes:
    """The report as RTF; the same report gives the same bytes."""
    body = "\n".join(_block(block) for block in content.blocks)
    head = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 FangSong;}}{\info{\title report}}\f0\fs28"
    return f"{head}\n{body}\n}}".encode("ascii")


def text(said: str) -> str:
    """Text with what RTF reserves escaped."""
    return "".join(_char(char) for char in said)


def _char(char: str) -> str:
    if char in "\\{}":
        return "\\" + char
    if char.isascii():
        return char
    raw = char.encode("utf-16-le")
    units = [int.from_bytes(raw[at : at + 2], "little", signed=True) for at in range(0, len(raw), 2)]
    return "".join(f"\\u{unit}?" for unit in units)


def _block(block: Block) -> str:
    if block.kind == "table":
        return _table(block.sheet)
    align = r"\qc\b" if block.kind == "title" else r"\ql" + (r"\b" if block.kind == "heading" else "")
    return rf"{{\pard{align} {text(block.text)}\par}}"


def _table(sheet: Sheet) -> str:
    wide = width(sheet)
    grid: dict[tuple[int, int], tuple[Slot, int, int]] = {}
    for row, column, slot in placed(sheet):
        for down in range(slot.rows):
            for right in range(slot.columns):
                grid[row + down, column + right] = (slot, down, right)
    return "\n".join(_row(grid, row, wide) for row in range(len(sheet)))


def _row(grid: dict[tuple[int, int], tuple[Slot, int, int]], row: int, wide: int) -> str:
    marks, cells = "", ""
    for column in range(wide):
        slot, down, right = grid[row, column]
        marks += (
            _merge(slot, down, right)
            + rf"\clbrdrt\brdrs\clbrdrl\brdrs\clbrdrb\brdrs\clbrdrr\brdrs\cellx{(column + 1) * STEP}"
        )
        shown = text(slot.text) if not down and not right else ""
        cells += rf"\pard\intbl {shown}\cell"
    return rf"\trowd\trgaph108 {marks}{cells}\row"


def _merge(slot: Slot, down: int, right: int) -> str:
    """How a grid cell belongs to its slot."""
    across = (r"\clmgf" if right == 0 else r"\clmrg") if slot.columns > 1 else ""
    along = (r"\clvmgf" if down == 0 else r"\clvmrg") if slot.rows > 1 else ""
    return across + along
