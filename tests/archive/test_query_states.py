"""Reports by the state they were in: now, and on a day."""

from __future__ import annotations

import pytest

from archive.query import Filters, count_reports, reports
from tests.archive.history_maker import lost, next_crawl, revise

URL = "http://www.test.gov.cn/2023.html"


@pytest.mark.parametrize("state", ["present", "missing", "gone"])
def test_a_state_is_that_of_the_day_asked_for(store, state) -> None:
    """A report seen, then missing, then gone; each state is found at its time and at no other."""
    revise(store, url=URL)
    moments = {"present": store.clock()}
    next_crawl(store)
    lost(store, URL)
    next_crawl(store)
    moments["missing"] = store.clock()
    lost(store, URL)
    next_crawl(store)
    moments["gone"] = store.clock()
    for name, at in moments.items():
        rows = reports(store.sql, Filters(state=state, at=at))
        assert [row["state"] for row in rows] == ([state] if name == state else [])
        assert count_reports(store.sql, Filters(state=state, at=at)) == len(rows)
    assert [row["state"] for row in reports(store.sql, Filters(state="gone"))] == ["gone"]
