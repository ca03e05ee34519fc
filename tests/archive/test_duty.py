"""What the archive says of each portal's last crawls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.duty import duties
from archive.model import Errand, Software
from archive.urls import host_of, url_key
from tests.archive.history_maker import URL, lost, next_crawl, revise
from tests.conftest import PORTAL, exchange


def end(store, outcome: str = "finished", *, finished: bool = True) -> int:
    """End the crawl under way and begin none; return when it ended."""
    store.end_crawl(store.crawl, outcome, finished=finished, problems=[])
    return store.clock.now


def begin(store, settings=None) -> None:
    store.crawl = store.begin_crawl(
        store.portal, f"uid-{store.clock()}", Software("nianlun", "test"), settings or {}, None
    )


def only(store):
    (found,) = duties(store.sql)
    return found


def test_a_finished_crawl(store) -> None:
    revise(store)
    at = end(store)
    found = only(store)
    assert (found.portal, found.home, found.crawl) == ("test-portal", PORTAL.home, store.crawl)
    assert (found.ended, found.outcome, found.finished) == (at, "finished", True)
    assert (found.changes, found.newest, found.empty, found.troubles, found.blocked) == (1, 2023, 0, 0, None)


def test_changes_are_those_of_the_last_crawl_alone(store) -> None:
    revise(store, 5)
    next_crawl(store)
    revise(store, 6)
    end(store)
    assert only(store).changes == 1
    begin(store)
    end(store)
    assert only(store).changes == 0


def test_a_killed_crawl_was_last_heard_of_with_its_last_capture(store) -> None:
    revise(store)
    found = only(store)
    at = store.sql.execute("SELECT max(at) FROM capture").fetchone()[0]
    assert (found.ended, found.outcome, found.finished) == (at, "interrupted", False)


def test_what_found_nothing_in_a_row_is_counted_up_to_what_found_something(store) -> None:
    revise(store)
    end(store)
    for _ in range(3):
        begin(store)
        end(store)
    assert only(store).empty == 3


@pytest.mark.parametrize("outcome", ["blocked", "unreachable"])
def test_troubles_in_a_row(store, outcome) -> None:
    end(store)
    for _ in range(2):
        begin(store)
        end(store, outcome)
    assert only(store).troubles == 2
    assert only(store).outcome == outcome
    begin(store)
    end(store)
    assert only(store).troubles == 0


def test_a_block_is_dated_by_its_answer_and_not_by_the_crawls_end(store) -> None:
    number = store.ask(store.crawl, Errand(url=URL, key=url_key(URL), role="home", host=host_of(URL)))
    at = store.clock()
    captured = store.capture(store.crawl, store.portal, exchange(URL, b"no", at, 412), "blocked", "ruishu", "page")
    store.end(number, "blocked", "ruishu", 412, captured.capture)
    store.clock.now += 5_000_000
    assert end(store, "blocked") > at
    assert only(store).blocked == at


def test_an_import_is_no_crawl(store) -> None:
    at = end(store)
    begin(store, {"import": {"file": "x"}})
    end(store)
    assert only(store).ended == at


def test_each_portal_has_its_own_last_crawl(store) -> None:
    lost(store)
    end(store, "unreachable")
    store.portal = store.portal_id(replace(PORTAL, name="other-portal"))
    begin(store)
    end(store)
    assert [(found.portal, found.outcome) for found in duties(store.sql)] == [
        ("other-portal", "finished"),
        ("test-portal", "unreachable"),
    ]
