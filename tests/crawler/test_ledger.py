"""The account of a callback: its error is the page's outcome, a lost write is the crawl's end."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse

from archive.model import Errand
from crawler.context import Context, Policy
from crawler.ledger import Ledger
from pipelines.store import Entry
from tests.conftest import exchange

URL = "http://a.gov.cn/nb/"


@pytest.fixture
def walked(store, portal):
    """Runs a callback's output through the ledger; gives what was passed on; ``context`` is the crawl's."""
    context = Context(
        store=store, cage=None, portal=portal, portal_id=store.portal, crawl=store.crawl, software=1,
        policy=Policy(hosts=("*.gov.cn",)),
    )  # fmt: skip
    errand = Errand(url=URL, key="k", role="listing", host="a.gov.cn")
    number = store.ask(store.crawl, errand)
    entry = Entry(errand=number, exchange=exchange(URL, b"<html></html>"), outcome="fetched", status=200)
    request = Request(URL, meta={"errand": errand, "entry": entry, "role": "listing"})
    response = HtmlResponse(URL, body=b"<html></html>", request=request)

    def run(output):
        async def drain():
            return [item async for item in Ledger(context, frozenset()).process_spider_output(response, output())]

        return asyncio.run(drain())

    run.context = context
    return run


def outcome(store) -> tuple:
    return tuple(store.sql.execute("SELECT outcome, reason FROM request WHERE id=1").fetchone())


def test_what_a_callback_leads_to_is_in_the_archive_before_its_outcome(walked, store) -> None:
    async def output():
        assert outcome(store) == (None, None)
        yield Request("http://a.gov.cn/nb/1.html", meta={"role": "listing"})
        assert store.frontier.open_requests(store.crawl) == 2

    passed = walked(output)
    assert [item.meta["asked"] for item in passed] == [2]
    assert outcome(store) == ("fetched", None)


def test_a_callback_s_error_is_the_outcome_with_its_reason(walked, store) -> None:
    async def output():
        yield Request("http://a.gov.cn/nb/1.html", meta={"role": "listing"})
        raise ValueError("odd page")

    passed = walked(output)
    assert len(passed) == 1
    assert walked.context.error is None
    assert outcome(store) == ("failed", "spider: ValueError: odd page")


def test_a_write_that_is_lost_ends_the_crawl_and_is_nobody_s_outcome(walked, store, monkeypatch) -> None:
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    async def output():
        monkeypatch.setattr(store, "ask", full)
        yield Request("http://a.gov.cn/nb/1.html", meta={"role": "listing"})

    with pytest.raises(sqlite3.OperationalError):
        walked(output)
    assert isinstance(walked.context.error, sqlite3.OperationalError)
    assert outcome(store) == (None, None)
