"""The rules across years, over a whole archive: this year's report against the same publisher's of the year before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import comparisons
from archive.figures import stored_observations
from pipelines.validate import across_years

if TYPE_CHECKING:
    from archive.store import Store


def compare_years(store: Store) -> int:
    """Compare every pair of readings that now stand side by side and were not compared before; return how many."""
    pairs = comparisons.uncompared(store.sql)
    for reading, earlier in pairs:
        this, before = (stored_observations(store.sql, number) for number in (reading, earlier))
        store.writing()
        comparisons.keep(store.sql, store.log, reading, earlier, across_years(this, before))
        store.breathe()
    return len(pairs)
