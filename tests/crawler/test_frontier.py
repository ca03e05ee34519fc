"""The scheduler: what a request is after a restart, order, one host's share, and duplicates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from scrapy import Request, Spider

from crawler.context import Context, Policy
from crawler.frontier import Frontier, errand_of, request_of


class Walker(Spider):
    name = "walker"

    def parse_listing(self, response, page=1):
        yield None


@pytest.fixture
def frontier(store, portal):
    context = Context(
        store=store, cage=None, portal=portal, portal_id=store.portal, crawl=store.crawl, software=1,
        policy=Policy(hosts=("*.gov.cn",)), clock=lambda: 1000.0,
    )  # fmt: skip
    return Frontier(context, Walker())


def request(url="http://a.gov.cn/", **more) -> Request:
    spider = Walker()
    return Request(url, callback=spider.parse_listing, meta={"role": "listing", **more.pop("meta", {})}, **more)


def test_a_request_survives_the_archive() -> None:
    given = request(
        method="POST", body=b"a=1", headers={"X-Requested-With": "XMLHttpRequest"}, cb_kwargs={"page": 3}, priority=7,
        meta={"row": {"title": "年报", "listing": "http://a.gov.cn/"}, "depth": 2, "referrer": "http://a.gov.cn/x"},
    )  # fmt: skip
    back = request_of(errand_of(given), Walker())
    assert (back.method, back.body, back.priority, back.cb_kwargs) == ("POST", b"a=1", 7, {"page": 3})
    assert back.callback.__name__ == "parse_listing"
    assert back.meta["row"] == given.meta["row"]
    assert back.headers["X-Requested-With"] == b"XMLHttpRequest"
    assert back.headers["Referer"] == b"http://a.gov.cn/x"


def test_a_referrer_is_not_told_to_another_host() -> None:
    given = request("http://b.gov.cn/", meta={"referrer": "http://a.gov.cn/secret"})
    assert "Referer" not in request_of(errand_of(given), Walker()).headers


def test_duplicates_are_dropped_and_said(frontier) -> None:
    assert frontier.enqueue_request(request())
    assert not frontier.enqueue_request(request("http://www.a.gov.cn/index.html"))
    assert frontier.enqueue_request(request("http://a.gov.cn/?page=2"))


def test_the_most_urgent_is_handed_out_first(frontier) -> None:
    frontier.enqueue_request(request("http://a.gov.cn/low", priority=1))
    frontier.enqueue_request(request("http://a.gov.cn/high", priority=9))
    assert frontier.next_request().url == "http://a.gov.cn/high"


def test_one_host_never_takes_every_slot(frontier) -> None:
    for i in range(5):
        frontier.enqueue_request(request(f"http://slow.gov.cn/{i}", priority=9))
    frontier.enqueue_request(request("http://quick.gov.cn/"))
    urls = [frontier.next_request().url for _ in range(2)]
    assert "http://quick.gov.cn/" in urls
    assert frontier.next_request() is None


def test_a_request_put_off_waits_for_its_time(frontier) -> None:
    frontier.enqueue_request(request())
    errand = frontier.next_request().meta["errand"]
    frontier._context.store.frontier.again(errand.id, 1, 2_000_000)
    frontier._context.in_hand.discard(errand.id)
    frontier._context.under_way.clear()
    frontier.again()
    assert frontier.next_request() is None
    assert frontier.has_pending_requests()
    frontier._context.clock = lambda: 3000.0
    assert frontier.next_request().meta["errand"].attempts == 1


def test_a_new_scheduler_goes_on_where_the_old_one_was_killed(frontier) -> None:
    for i in range(4):
        frontier.enqueue_request(request(f"http://a{i}.gov.cn/"))
    taken = frontier.next_request().meta["errand"]
    frontier._context.store.end(taken.id, "fetched", None, 200, None)
    frontier.next_request()
    frontier._context.in_hand.clear()
    frontier._context.under_way.clear()
    after = Frontier(frontier._context, Walker())
    urls = set()
    while (found := after.next_request()) is not None:
        urls.add(found.url)
    assert len(urls) == 3
    assert taken.url not in urls


def test_more_requests_than_memory_holds_all_come(frontier) -> None:
    for i in range(1200):
        frontier.enqueue_request(request(f"http://h{i}.gov.cn/"))
    seen = set()
    while (found := frontier.next_request()) is not None:
        seen.add(found.url)
        frontier._context.in_hand.discard(found.meta["errand"].id)
        frontier._context.under_way.discard(found.meta["errand"].id)
        frontier._context.store.end(found.meta["errand"].id, "fetched", None, 200, None)
    assert len(seen) == 1200


def test_a_stopped_crawl_hands_out_nothing(frontier) -> None:
    frontier.enqueue_request(request())
    frontier._context.stop("signal")
    assert frontier.next_request() is None
    assert not frontier.has_pending_requests()


def test_a_frontier_that_cannot_write_ends_the_crawl(frontier) -> None:
    def broken(*_):
        raise OSError("disk")

    frontier._context.store = SimpleNamespace(ask=broken)
    assert not frontier.enqueue_request(request())
    assert isinstance(frontier._context.error, OSError)
