"""The tables of a report as printed: every grid of its page and attachments, known form or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.history import conversions, reading_data, revision_of
from archive.query import Row, reading_of

if TYPE_CHECKING:
    import sqlite3


def grids(sql: sqlite3.Connection, name: str, n: int | None = None) -> list[Row]:
    """The grids of a report's revision in reading order, each with its source, size, caption and cells.

    Rows and columns count from 0; ``table`` is the number observations name within their source.
    """
    report, revision = revision_of(sql, name, n=n)
    reading = reading_of(sql, report["id"], revision["n"])
    assert reading is not None
    data = reading_data(sql, reading)
    return [
        _grid(source, member, number, grid)
        for source, member, conversion in conversions(data)
        for number, grid in enumerate(conversion.get("grids", ()))
    ]


def _grid(source: str, member: str | None, number: int, grid: dict[str, Any]) -> Row:
    return {
        "source": source,
        "member": member,
        "table": number,
        "rows": grid["rows"],
        "columns": grid["columns"],
        "caption": grid.get("caption"),
        "cells": [
            {
                "row": cell["row"],
                "column": cell["column"],
                "text": cell["text"],
                "rowspan": cell.get("rowspan", 1),
                "colspan": cell.get("colspan", 1),
                **{key: value for key, value in (cell.get("place") or {}).items() if value is not None},
            }
            for cell in grid["cells"]
        ],
    }


def lines(grid: Row) -> list[list[Row]]:
    """A grid's cells by the row in which each begins, from left to right."""
    found: list[list[Row]] = [[] for _ in range(grid["rows"])]
    for cell in grid["cells"]:
        found[cell["row"]].append(cell)
    return [sorted(line, key=lambda cell: int(cell["column"])) for line in found]
