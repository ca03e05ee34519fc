"""The data dictionary of an export: every column of every table, and every indicator code, in both languages."""

from __future__ import annotations

import csv
import io
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from archive.exporters.cells import safe_cell
from archive.exporters.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FORMS = ("2014", "2019", "2021")
_INDICATOR = ("code", "form", "section", "zh", "en", "unit", "source")


def columns() -> str:
    """Every column as CSV: ``table, column, type, en, zh``."""
    rows = (
        (table, column.name, column.type, column.en, column.zh)
        for table, (found, _) in TABLES.items()
        for column in found
    )
    return _csv(("table", "column", "type", "en", "zh"), rows)


def indicators() -> str:
    """Every indicator of every official form as CSV: ``code, form, section, zh, en, unit, source``."""
    return _csv(_INDICATOR, (row for form in FORMS for row in _form(form)))


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _form(name: str) -> Iterator[tuple[str, ...]]:
    data = tomllib.loads((files("archive") / "forms" / f"{name}.toml").read_text("utf-8"))
    for table in data["table"]:
        for block in table.get("block", [{"zh": "", "rows": table.get("rows"), "columns": table.get("columns")}]):
            yield from _block(data, table, block)


def _block(data: dict[str, Any], table: dict[str, Any], block: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in block["rows"]:
        for column in block.get("columns") or [{"code": "", "zh": "", "en": "", "unit": ""}]:
            code, zh, en = row["code"], f"{block['zh']} {row['zh']}".strip(), row["en"]
            if column["code"]:
                code, zh, en = f"{code}.{column['code']}", f"{zh} / {column['zh']}", f"{en}, {column['en']}"
            yield code, data["form"], table["section"], zh, en, row.get("unit") or column["unit"], data["source"]
