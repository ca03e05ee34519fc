"""What listings say they hold, against what was found on them.

A column is the directory its pages lie in (``index.html``, ``index_1.html`` …): its pages repeat one count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import sqlite3


def column_of(url: str) -> str:
    """The column a listing page belongs to."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rpartition('/')[0]}/"


def listings(sql: sqlite3.Connection, crawl: int) -> list[tuple[str, int, int]]:
    """For each column that states its count: the address of its first page, the count, and the rows seen."""
    stated: dict[str, tuple[str, int]] = {}
    rows = sql.execute(
        "SELECT url, count FROM expectation JOIN resource ON resource.id=expectation.resource WHERE crawl=? ORDER BY url",
        (crawl,),
    )
    for url, count in rows:
        column = column_of(url)
        first, most = stated.get(column, (url, 0))
        stated[column] = (first, max(most, count))
    seen: dict[str, set[int]] = {}
    for url, row in sql.execute(
        "SELECT url, row FROM listed JOIN resource ON resource.id=listed.page WHERE crawl=?", (crawl,)
    ):
        seen.setdefault(column_of(url), set()).add(row)
    return [(first, count, len(seen.get(column, ()))) for column, (first, count) in stated.items()]


def expected(sql: sqlite3.Connection, crawl: int) -> int | None:
    """The sum of what the columns of a crawl say they hold, or None when none does."""
    counts = [count for _, count, _ in listings(sql, crawl)]
    return sum(counts) if counts else None
