"""Cells of CSV files that no spreadsheet executes."""

from __future__ import annotations

import json
import re
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection); some take the full-width signs, too."""
_NUMBER = re.compile(r"[-+]?[\d.,]+")


def safe_cell(value: Any) -> Any:
    """A cell as a CSV file holds it: text that begins like a formula gets an apostrophe before it; numbers stay.

    Numbers, also those printed as text (``-3,242.8``), keep their sign.  Lists and objects become JSON.  Who reads
    the file with a program takes away one apostrophe before ``= + - @``, tabulator, line break or the full-width signs.
    """
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text.startswith(FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
