"""A report's figures laid out as the official form prints them: which cell is blank, zero, doubtful, or was not found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive import forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.model import FormName

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its indicator, the observation that fills it (None: none was found), and how it is to be marked."""

    code: str
    observation: Row | None
    mark: str
    """``figure``, ``zero``, ``blank``, ``doubt`` (ambiguous or a warning), ``wrong`` (an error) or ``none``."""
    doubts: tuple[str, ...] = ()
    """What the findings say of it."""
    others: tuple[Row, ...] = ()
    """Further observations of the indicator, as from the text."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; a heading has no cells."""

    zh: str
    en: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Rows under common columns."""

    zh: str
    columns: tuple[forms.Column, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """One official table with its figures."""

    form: str
    id: str
    zh: str
    en: str
    blocks: tuple[Block, ...] = field(default=())


def laid_out(
    observations: Sequence[Row], findings: Sequence[Row], form: str | None = None
) -> tuple[list[Laid], list[Row]]:
    """The official tables that a report fills, and the observations that stand in none of them.

    Each table is of the form of which it has the most indicators , of several ``form``, that of the report, else
    the newest: the tables of a mixed report follow different forms.
    """
    found: dict[str, list[Row]] = {}
    for row in observations:
        found.setdefault(row["indicator"], []).append(row)
    printed = {code for code, rows in found.items() if any(row["status"] != "text" for row in rows)}
    doubts = _doubts(findings)
    tables = [_laid(name, table, found, doubts) for name, table in _chosen(printed, form)]
    inside = {cell.code for table in tables for block in table.blocks for line in block.lines for cell in line.cells}
    return tables, [row for row in observations if row["indicator"] not in inside]


def _doubts(findings: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in findings:
        for code in row["indicators"]:
            found.setdefault(code, []).append(row)
    return found


def _codes(table: forms.Table) -> set[str]:
    return {forms.code_of(row, column) for block in table.blocks for row in block.rows for column in block.columns}


def _chosen(printed: set[str], form: str | None) -> list[tuple[FormName, forms.Table]]:
    """Of each kind of table the one that fits best, in the order of its form; none that nothing fills."""
    best: dict[str, tuple[int, FormName, forms.Table]] = {}
    for name in sorted(forms.FORMS, key=lambda one: (one == form, one)):
        for table in forms.form(name).tables:
            fits = len(_codes(table) & printed)
            if fits and fits >= best.get(table.id, (0,))[0]:
                best[table.id] = (fits, name, table)
    left = set(printed)
    kept = []
    for fits, name, table in sorted(best.values(), key=lambda item: -item[0]):
        here = _codes(table) & left
        if here and 2 * len(here) >= fits:  # tables of other forms share some of their codes
            kept.append((name, table))
            left -= here
    return sorted(kept, key=lambda item: (item[0], item[1].section))


def _laid(name: FormName, table: forms.Table, found: dict[str, list[Row]], doubts: dict[str, list[Row]]) -> Laid:
    blocks = tuple(_block(table, block, found, doubts) for block in table.blocks)
    return Laid(name, table.id, table.zh, table.en, blocks)


def _block(table: forms.Table, block: forms.Block, found: dict[str, list[Row]], doubts: dict[str, list[Row]]) -> Block:
    lines: list[Line] = []
    said: list[str] = []
    for row in block.rows:
        for head in _heads(table, row, said):
            lines.append(Line(head, head))
            said.append(head)
        cells = tuple(_cell(forms.code_of(row, column), found, doubts) for column in block.columns)
        lines.append(Line(row.label, row.en, cells))
    return Block(block.zh, block.columns, tuple(lines))


def _heads(table: forms.Table, row: forms.Row, said: list[str]) -> list[str]:
    """The headings that come before a row and were not said yet, in the form's order."""
    if not row.group or row.group in said:
        return []
    if row.group not in table.groups:
        return [row.group]
    upto = table.groups[: table.groups.index(row.group) + 1]
    return [head for head in upto if head not in said]


def _cell(code: str, found: dict[str, list[Row]], doubts: dict[str, list[Row]]) -> Cell:
    rows = sorted(found.get(code, ()), key=lambda row: row["status"] == "text")
    said = doubts.get(code, ())
    messages = tuple(row["message"] for row in said)
    if not rows:
        return Cell(code, None, "none", messages)
    return Cell(code, rows[0], _mark(rows[0], {row["level"] for row in said}), messages, tuple(rows[1:]))


def _mark(row: Row, levels: set[str]) -> str:
    if "error" in levels:
        return "wrong"
    if row["status"] == "ambiguous" or "warning" in levels:
        return "doubt"
    if row["value"] is None:
        return "blank"
    return "zero" if row["value"] == 0 else "figure"
