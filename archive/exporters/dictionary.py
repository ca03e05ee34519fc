"""The data dictionary of an export: every column of every table, and every indicator code, in both languages."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from archive import forms
from archive.exporters.cells import safe_cell
from archive.exporters.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.model import FormName

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
    return _csv(_INDICATOR, (row for form in forms.FORMS for row in _form(form)))


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _form(name: FormName) -> Iterator[tuple[str, ...]]:
    for found in forms.indicators(name).values():
        yield found.code, name, found.section, found.zh, found.en, found.unit, forms.form(name).source
