"""The common frontier in a real Redis: offered once, lent to one worker a host, never lost when a worker is."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from archive.model import Errand, Link, Part
from archive.urls import host_of, url_key
from crawler.context import Context, Policy
from crawler.sharing.common import Common, FrontierLost, Redis, number_of, packed, unpacked
from crawler.sharing.share import Share
from crawler.sharing.workers import Workers
from tests.conftest import exchange
from tests.journeys.conftest import nianlun
from tests.redis_server import redis_server

LONG = 60.0
SHORT = 0.3
A, B = "http://a.gov.cn/", "http://b.gov.cn/"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with redis_server(tmp_path_factory.mktemp("redis")) as found:
        yield found


@pytest.fixture
def server(address):
    found = Redis.at(address)
    found.call("flushall")
    yield found
    found.close()


@pytest.fixture
def common(server):
    """A maker of workers' views of one frontier."""
    return lambda worker, lease=LONG, name="crawl": Common(server, name, "test-portal", worker, lease)


def errand(url: str, role: str = "page", **more) -> Errand:
    return Errand(url=url, key=url_key(url), role=role, host=host_of(url), callback="parse_page", **more)


def until(true, seconds: float = 10.0) -> bool:
    """Whether something becomes true before patience ends."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return bool(found)


def test_a_request_comes_back_as_it_was_given() -> None:
    given = errand(A, method="POST", body=bytes(range(256)), headers=(("X-A", "1"),), priority=7, depth=2, referrer=B)
    assert unpacked(packed(given)) == given


def test_what_another_program_wrote_into_redis_is_not_followed() -> None:
    with pytest.raises(FrontierLost, match="no crawl wrote"):
        unpacked(packed(replace(errand(A), callback="resort")))
    assert unpacked(packed(replace(errand(A), host="elsewhere.gov.cn"))).host == "a.gov.cn"


def test_a_request_is_offered_once_whoever_offers_it(common) -> None:
    assert common("one").offer(errand(A + "x"))
    assert not common("two").offer(errand("http://www.a.gov.cn/x#top"))
    assert common("one").take().errand.url == A + "x"
    assert common("one").take() is None


def test_the_most_urgent_is_taken_first(common) -> None:
    one = common("one")
    for name, priority in (("low", 1), ("high", 9), ("high2", 9)):
        one.offer(errand(A + name, priority=priority))
    assert [one.take().errand.url for _ in range(3)] == [A + "high", A + "high2", A + "low"]


def test_a_host_is_with_one_worker_at_a_time_across_crawls(common) -> None:
    one, two, other = common("one"), common("two"), common("three", name="other")
    for url in (A + "1", A + "2", B + "1"):
        one.offer(errand(url))
    other.offer(errand(A + "3"))
    assert one.take().errand.url == A + "1"
    assert two.take().errand.url == B + "1"
    assert two.take() is None
    assert other.take() is None
    one.leave("a.gov.cn", 0)
    assert other.take().errand.url == A + "3"
    assert one.take() is None


def test_a_host_that_was_left_rests_for_its_delay(common) -> None:
    one, two = common("one"), common("two")
    one.offer(errand(A + "1"))
    one.take()
    one.leave("a.gov.cn", 0.4)
    assert not two.hold("a.gov.cn")
    assert until(lambda: two.hold("a.gov.cn"))


def test_what_a_silent_worker_took_goes_to_another(common) -> None:
    one, two = common("one", SHORT), common("two", SHORT)
    one.offer(errand(A + "1"))
    unit = one.take().unit
    assert two.take() is None
    assert until(lambda: two.look() == "free")
    assert two.take().unit == unit
    standing = one.renew(["a.gov.cn"], 0)
    assert (standing.units, standing.lost, standing.open) == (frozenset(), {"a.gov.cn"}, 1)


def test_a_worker_that_is_heard_of_keeps_what_it_took(common) -> None:
    one, two = common("one", SHORT), common("two", SHORT)
    one.offer(errand(A + "1"))
    unit = one.take().unit
    end = time.monotonic() + 4 * SHORT
    while time.monotonic() < end:
        assert one.renew(["a.gov.cn"], 0).units == {unit}
        assert two.look() == "busy"
        time.sleep(0.02)


def test_the_frontier_is_done_when_every_unit_is_struck_off(common) -> None:
    one, two = common("one"), common("two")
    assert two.look() == "none"
    one.offer(errand(A + "1"))
    unit = one.take().unit
    one.offer(errand(B + "child"))
    assert one.done([unit]) == 1
    assert two.look() == "free"
    two.done([two.take().unit])
    assert one.look() == "done"
    assert not one.offer(errand(A + "1"))


def test_nobody_strikes_off_what_another_has(common) -> None:
    one, two = common("one"), common("two")
    one.offer(errand(A + "1"))
    unit = one.take().unit
    assert two.done([unit]) == 1
    assert two.reclaim(unit) is False
    one.give_back()
    assert two.reclaim(unit) is True
    assert one.done([unit]) == 1


def test_a_request_belongs_to_the_unit_that_claimed_it_first(common) -> None:
    one, two = common("one"), common("two")
    assert one.claim(errand(A + "target"), "7")
    assert one.claim(errand(A + "target"), "7")
    assert not two.claim(errand(A + "target"), "8")
    assert not two.offer(errand(A + "target"))


def test_who_needs_a_host_gets_it_next(common) -> None:
    one, two, three = common("one"), common("two"), common("three")
    one.offer(errand(A + "1"))
    assert one.hold("a.gov.cn")
    assert not two.hold("a.gov.cn")
    assert one.wanted("a.gov.cn") == "need"
    one.leave("a.gov.cn", 0)
    assert three.take() is None
    assert two.hold("a.gov.cn")
    assert two.wanted("a.gov.cn") is None


def test_a_block_and_what_was_asked_are_known_to_all(common) -> None:
    one, two = common("one"), common("two")
    one.offer(errand(A + "1"))
    one.block("a.gov.cn", "waf")
    assert one.asked("a.gov.cn", "2026-01-01", 3, 100) == (3, 100)
    assert two.asked("a.gov.cn", "2026-01-01", 2, 50) == (5, 150)
    assert two.take().blocked == "waf"


def test_without_redis_there_is_one_sentence(server, tmp_path) -> None:
    words = ("crawl", A, "--archive", tmp_path / "a.db", "--crawl-name", "x", "--frontier")
    ended = nianlun(*words, "redis://127.0.0.1:1/0")
    assert ended.code == 3
    assert "does not answer" in ended.err
    assert "Traceback" not in ended.err
    assert nianlun(*words, "gopher://x").code == 3
    assert nianlun(*words[:-3], "--frontier", "redis://127.0.0.1:1/0").code == 2


# ---------------------------------------------------------------- a worker's share


class Portal(Workers):
    """A process that has one portal."""

    def __init__(self, server: Redis, lease: float) -> None:
        self._redis, self._name, self._lease, self.pause = server, "crawl", lease, lease / 12
        self._shares, self._wished, self._own = [], 0.0, "process"


@pytest.fixture
def context(store, portal):
    return Context(
        store=store, cage=None, portal=portal, portal_id=store.portal, crawl=store.crawl, software=1,
        policy=Policy(hosts=("*.gov.cn",), delay=0.0),
    )  # fmt: skip


@pytest.fixture
def share(context, server) -> Share:
    context.share = Portal(server, LONG).join(context)
    return context.share


def seen(share: Share, url: str, unit: str | None = None, role: str = "page", **more) -> int | None:
    """Ask for a request as the ledger does."""
    context = share._context
    meta = json.dumps({"unit": unit} if unit else {})
    return context.store.ask(context.crawl, errand(url, role, meta=meta, **more))


def fetched(share: Share, row: Errand, *links: str) -> None:
    """Write that a page was fetched and names attachments."""
    context = share._context
    captured = context.store.capture(context.crawl, context.portal_id, exchange(row.url, b"x"), "fetched", None, "page")
    part = Part(row.url, "page", row.key, row.key, attachments=tuple(Link(url, "f") for url in links))
    context.store.parts.keep(context.crawl, part, captured.capture, captured.payload, None)
    context.store.end(row.id, "fetched", None, 200, captured.capture)


def test_a_page_is_offered_and_its_attachments_stay(share) -> None:
    assert seen(share, A + "page") is None
    unit = share.draw(())
    assert unit.url == A + "page"
    assert seen(share, A + "f.pdf", json.loads(unit.meta)["unit"], "attachment") is not None
    assert seen(share, A + "robots.txt", role="robots") is not None
    assert share.draw(()) is None


def test_a_unit_is_struck_off_when_its_attachments_have_ended_and_not_before(share, context) -> None:
    seen(share, A + "page")
    row = share.draw(())
    unit = json.loads(row.meta)["unit"]
    share.keeps(row.key, unit)
    number = seen(share, A + "f.pdf", unit, "attachment", report=row.key)
    fetched(share, row, A + "f.pdf")
    share.tick()
    assert not share.finished
    context.store.end(number, "gone", "404", 404)
    context.settling.add(row.key)  # the report is being judged
    share.tick()
    assert not share.finished
    context.settling.clear()
    context.store.parts.settled(context.crawl, row.key)
    share.tick()
    share.tick()
    assert share.finished
    assert not context.store.sql.in_transaction


def test_a_resumed_worker_goes_on_with_its_own_and_leaves_what_others_took(share, context, server, common) -> None:
    for url in (A + "mine", B + "theirs"):
        seen(share, url)
    rows = {row.url: row for row in (share.draw(()), share.draw(()))}
    theirs = rows[B + "theirs"]
    unit = json.loads(theirs.meta)["unit"]
    seen(share, B + "f.pdf", unit, "attachment", report=theirs.key)
    fetched(share, theirs, B + "f.pdf")
    context.store.commit()
    share._common.give_back()
    share._common.leave("b.gov.cn", 0)
    other = common("other")
    assert other.reclaim(unit)
    context.resumed = True
    again = Portal(server, LONG).join(context)
    left = [row.url for row in context.store.frontier.pending(context.crawl, 10)]
    assert left == [A + "mine"]
    assert context.store.parts.waiting_pages(context.crawl) == []
    again.tick()
    assert not again.finished


def test_a_unit_that_comes_back_to_its_worker_is_asked_for_again(share, context) -> None:
    seen(share, A + "page")
    row = share.draw(())
    context.store.end(row.id, "fetched", None, 200)
    share._common.give_back()
    share._units.clear()
    again = share.draw(())
    assert again.url == row.url
    assert again.id != row.id


def test_a_worker_that_was_silent_too_long_stops_with_a_sentence(share, common) -> None:
    seen(share, A + "page")
    share.draw(())
    share._common.give_back()
    with pytest.raises(FrontierLost, match="was not heard of for 60 seconds"):
        share.tick()


def test_a_redis_that_forgot_everything_does_not_end_a_crawl_as_done(share, server) -> None:
    seen(share, A + "page")
    share.tick()
    server.call("flushall")
    with pytest.raises(FrontierLost, match="Redis lost what it held"):
        share.tick()
    assert not share.finished


def test_one_of_several_hosts_is_left_to_a_worker_that_has_none(share, common) -> None:
    for url in (A + "1", A + "2", B + "1", B + "2"):
        seen(share, url)
    first, second = share.draw(()), share.draw(["a.gov.cn"])
    idle = common("idle")
    assert idle.look(LONG) == "wished"
    assert idle.look(LONG) in ("wished", "busy")
    share.tick()
    assert len(share.yielding) == 1
    assert share.hosts == {"a.gov.cn", "b.gov.cn"}  # what it began there it ends
    assert share.draw(share.hosts - share.yielding) is None
    for row in (first, second):
        share._context.store.end(row.id, "fetched", None, 200)
    share.tick()
    assert len(share.hosts) == 1
    taken = idle.take()
    assert taken is not None
    assert taken.errand.host not in share.hosts


def test_the_number_of_a_request_is_the_archives(share, context) -> None:
    given = errand(A + "page")
    seen(share, given.url)
    row = share.draw(())
    key = context.store.sql.execute("SELECT key FROM request WHERE id=?", (row.id,)).fetchone()[0]
    assert number_of(given) == str(key)
    assert replace(given, method="POST") != given
    assert number_of(replace(given, method="POST")) != number_of(given)
