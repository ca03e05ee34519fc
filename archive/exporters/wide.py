"""Observations as most statistics programs want them: one row a revision, one column an indicator.

A cell holds the number that is printed (status ``ok``), else the one in prose (``text``).  It is empty in every other
case, and the row says which: the columns ``blank``, ``missing`` and ``ambiguous`` list the codes of the indicators
whose cell was left empty, is not in the table, or cannot be read safely.  Numbers of equal standing that differ (a page and its
attachment) are ambiguous, too.  An indicator in none of the lists is not part of that report's form: blank is not zero.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.exporters.interface import Row

KEYS = ("report", "url", "publisher", "division", "year", "revision")
LISTS = ("blank", "missing", "ambiguous")
LOCAL = "local:"
"""Rows of tables that follow no form have codes of their own, thousands of them: they become no columns unasked."""


def wide(rows: Sequence[Row], *, local: bool = False) -> tuple[list[str], list[Row]]:
    """The columns, and one row for each report's revision, of observations in their usual order."""
    kept = [row for row in rows if local or not row["indicator"].startswith(LOCAL)]
    codes = sorted({row["indicator"] for row in kept})
    found = [
        {**dict.fromkeys([*KEYS, *codes]), **_row(list(group))}
        for _, group in groupby(kept, lambda row: (row["report"], row["revision"]))
    ]
    return [*KEYS, *codes, *LISTS], found


def _row(group: list[Row]) -> Row:
    found: Row = {key: group[0][key] for key in KEYS}
    lists: dict[str, list[str]] = {name: [] for name in LISTS}
    by_code: dict[str, list[Row]] = {}
    for row in group:
        by_code.setdefault(row["indicator"], []).append(row)
    for code in sorted(by_code):
        value, status = settled(by_code[code])
        found[code] = value
        if status in lists:
            lists[status].append(code)
    return {**found, **lists}


def settled(rows: Iterable[Row]) -> tuple[Any, str]:
    """The one value of an indicator in a revision, and its status."""
    rows = list(rows)
    for status in ("ok", "text"):
        values = {row["value"] for row in rows if row["status"] == status and row["value"] is not None}
        if len(values) == 1:
            return values.pop(), status
        if values:
            return None, "ambiguous"
    return None, next(
        (name for name in ("ambiguous", "blank", "missing") if any(row["status"] == name for row in rows)), "missing"
    )
