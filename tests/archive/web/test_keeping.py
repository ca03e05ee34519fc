"""Pages that are kept: the same while nothing changed, made anew as soon as anything did."""

from __future__ import annotations

from archive.model import Software
from archive.web.exchange import Answer
from archive.web.keeping import LARGEST, MOST, Kept
from tests.archive.history_maker import ENTRY, next_crawl, revise


class Maker:
    """Counts how often it is asked."""

    def __init__(self, size: int = 5, status: int = 200) -> None:
        self.calls = 0
        self.size, self.status = size, status

    def __call__(self) -> Answer:
        self.calls += 1
        return Answer(b"x" * self.size, status=self.status)


def test_an_answer_is_made_once_until_something_happens(store) -> None:
    kept, maker = Kept(), Maker()
    for _ in range(3):
        kept.answer(store.sql, "/", maker)
    assert maker.calls == 1
    revise(store)
    kept.answer(store.sql, "/", maker)
    assert maker.calls == 2
    next_crawl(store)
    kept.answer(store.sql, "/", maker)
    assert maker.calls == 3


def test_questions_are_told_apart(store) -> None:
    kept, maker = Kept(), Maker()
    kept.answer(store.sql, ("/", "zh"), maker)
    kept.answer(store.sql, ("/", "en"), maker)
    assert maker.calls == 2


def test_errors_and_huge_answers_are_not_kept(store) -> None:
    for maker in (Maker(status=404), Maker(size=LARGEST + 1)):
        kept = Kept()
        kept.answer(store.sql, "/", maker)
        kept.answer(store.sql, "/", maker)
        assert maker.calls == 2


def test_the_oldest_goes_first(store) -> None:
    kept, maker = Kept(), Maker()
    for number in range(MOST + 1):
        kept.answer(store.sql, number, maker)
    kept.answer(store.sql, MOST, maker)
    assert maker.calls == MOST + 1
    kept.answer(store.sql, 0, maker)
    assert maker.calls == MOST + 2


def test_home_tells_of_what_came_since(held) -> None:
    before = held.room.text("/?lang=en")
    assert held.room.text("/?lang=en") == before
    held.store.crawl = held.store.begin_crawl(
        held.store.portal, "uid-late", Software("nianlun", "test"), ENTRY, "tester"
    )
    revise(held.store, 11, url="http://www.test.gov.cn/2020.html", year=2020)
    held.store.end_crawl(held.store.crawl, "finished", finished=True, problems=[])
    assert "2020" in held.room.text("/?lang=en")
    assert held.room.text("/?lang=en") != before
