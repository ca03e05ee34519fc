"""The spider middleware that keeps account of what a callback leads to, and judges listing rows before they are asked for.

An exchange is written when its callback has ended and all parts it yielded are read; requests it yielded are in
the frontier by then.  A row that cannot be an annual report is recorded as refused, with the look-alike's class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request

from archive.model import Expectation, Part
from archive.urls import url_key
from crawler.frontier import errand_of
from pipelines.recognise import judge_row
from pipelines.store import Entry, Fetched, finish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.context import Context


class Ledger:
    """One per crawl; see the module."""

    def __init__(self, context: Context, known: frozenset[str]) -> None:
        self._context = context
        self._known = known

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Ledger:
        """Scrapy's constructor."""
        spider: Any = crawler.spider
        return cls(spider.context, frozenset(url_key(item.url) for item in spider.known))

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass the first requests on; a resumed crawl's are in the frontier already and are dropped there."""
        async for item in start:
            yield item

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on what the callback yields, and close the account when it ends."""
        entry: Entry = response.meta["entry"]
        entry.role = response.meta.get("role", "page")
        entry.origin = response.meta["errand"].origin
        async for item in self._walk(result, entry):
            try:
                found = self._passed(item, response, entry)
            except Exception as error:
                self._context.abort(error)  # what a page leads to could not be written: that is no page's outcome
                raise
            if found is not None:
                yield found
        entry.walked = True
        if entry.complete:
            try:
                await finish(self._context, entry)
            except Exception as error:
                self._context.abort(error)
                raise

    async def _walk(self, result: AsyncIterator[Any], entry: Entry) -> AsyncIterator[Any]:
        """What the callback yields, to its end or to its error, which is the exchange's outcome."""
        try:
            async for item in result:
                yield item
        except Exception as error:  # noqa: BLE001  # any fault of a spider is recorded with its reason
            entry.outcome = "failed"
            entry.reason = f"spider: {type(error).__name__}: {error}"[:300]

    def _passed(self, item: Any, response: Response, entry: Entry) -> Any:
        if isinstance(item, Request):
            return self._request(item, response)
        if isinstance(item, Part):
            entry.outstanding += 1
            kind = response.headers.get("Content-Type")
            return Fetched(
                part=item,
                entry=entry,
                payload=entry.exchange.body or (self._context.store.last_payload(response.url) or b""),
                media_type=kind.decode("latin-1") if kind else None,
            )
        if isinstance(item, Expectation):
            self._context.store.expect(self._context.crawl, item)
            return None
        return item

    def _request(self, request: Request, response: Response) -> Request | None:
        request.meta["depth"] = int(response.meta.get("depth") or 0) + 1
        request.meta["referrer"] = response.url
        row = request.meta.get("row")
        if row:
            self._context.store.list_row(self._context.crawl, row["listing"], request.url)
            verdict = judge_row(row["title"], url=request.url, in_report_column=True)
            if not verdict.keep and url_key(request.url) not in self._known:
                self._context.store.refuse(self._context.crawl, errand_of(request), f"look-alike: {verdict.reason}")
                return None
        # Into the archive now, not when the engine gets to it: the engine takes what a callback yields in its own
        # time, and the outcome of this exchange must not be committed before what it led to.
        number = self._context.store.ask(self._context.crawl, errand_of(request))
        if number is None:
            return None
        request.meta["asked"] = number
        return request
