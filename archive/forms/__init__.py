"""The official forms as data: tables, labels, units, codes and rules from ``archive/forms/*.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.model import FormName

FORMS: tuple[FormName, ...] = ("2014", "2019", "2021")


@dataclass(frozen=True, slots=True)
class Column:
    """A value column: the last part of the code, its printed head, its unit."""

    code: str
    zh: str
    en: str
    unit: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a form: the code's first part, its full label, the label as printed, and what else it is called."""

    code: str
    zh: str
    label: str
    en: str
    group: str = ""
    aliases: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that share columns; table 2 has one block for each item of article 20, the other tables have one."""

    zh: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a form; ``groups`` are labels that head several rows and carry no values themselves."""

    id: str
    section: str
    zh: str
    en: str
    blocks: tuple[Block, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Arithmetic the form itself demands: sum of ``left`` ``op`` sum of ``right``."""

    id: str
    level: str
    op: str
    each: str
    zh: str
    en: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One cell of a form: stable code, table, labels in both languages, unit."""

    code: str
    section: str
    zh: str
    en: str
    unit: str


@dataclass(frozen=True, slots=True)
class Form:
    """An official form: where it comes from, its tables and its rules."""

    name: FormName
    source: str
    tables: tuple[Table, ...]
    rules: tuple[Rule, ...]

    def table(self, name: str) -> Table:
        """The table called ``name`` (``disclosure``, ``applications``, ``disputes``, ``statistics``)."""
        return next(table for table in self.tables if table.id == name)


@cache
def form(name: FormName) -> Form:
    """The form of that name, read once."""
    data = _read(f"{name}.toml")
    tables = tuple(_table(table) for table in data["table"])
    rules = tuple(Rule(**{**rule, "left": tuple(rule["left"]), "right": tuple(rule["right"])}) for rule in data["rule"])
    return Form(name, data["source"], tables, rules)


@cache
def crosswalk() -> dict[str, Any]:
    """The approximate links between forms, and ``local``: labels of local tables → 2014 codes."""
    return _read("crosswalk.toml")


@cache
def indicators(name: FormName) -> dict[str, Indicator]:
    """Every indicator of a form by code, in the form's order."""
    found = {}
    for table in form(name).tables:
        for block in table.blocks:
            for row in block.rows:
                for column in block.columns:
                    indicator = _indicator(table, block, row, column)
                    found[indicator.code] = indicator
    return found


def label(code: str, language: str) -> str | None:
    """What the newest official form that has an indicator calls it, in ``zh`` or ``en``; None for any other."""
    for name in reversed(FORMS):
        found = indicators(name).get(code)
        if found is not None:
            return found.zh if language == "zh" else found.en
    return code.removeprefix("local:") if code.startswith("local:") else None


def code_of(row: Row, column: Column) -> str:
    """The indicator's code: the 2014 table has one value column, which adds nothing to the row's code."""
    return f"{row.code}.{column.code}" if column.code else row.code


def _indicator(table: Table, block: Block, row: Row, column: Column) -> Indicator:
    zh = f"{block.zh} {row.zh}".strip() + (f" / {column.zh}" if column.code else "")
    en = row.en + (f", {column.en}" if column.code else "")
    return Indicator(code_of(row, column), table.section, zh, en, row.unit or column.unit)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("archive") / "forms" / name).read_text("utf-8"))


def _table(data: dict[str, Any]) -> Table:
    blocks = tuple(
        Block(b.get("zh", ""), tuple(Column(**c) for c in b["columns"]), tuple(_row(r) for r in b["rows"]))
        for b in data.get("block", [])
    )
    if not blocks:
        columns = tuple(Column(**c) for c in data.get("columns", [])) or (Column("", "统计数", "count", ""),)
        blocks = (Block("", columns, tuple(_row(r) for r in data["rows"])),)
    return Table(data["id"], data["section"], data["zh"], data["en"], blocks, tuple(data.get("groups", ())))


def _row(data: dict[str, Any]) -> Row:
    return Row(
        data["code"],
        data["zh"],
        data.get("label", data["zh"]),
        data["en"],
        data.get("group", ""),
        tuple(data.get("aliases", ())),
        data.get("unit", ""),
    )
