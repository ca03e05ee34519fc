"""The spider middleware that keeps account of what a callback leads to, and judges listing rows before they are asked for.

An exchange is written when its callback has ended and all parts it yielded are read; requests it yielded are in
the frontier by then.  A row that cannot be an annual report is recorded as refused, with the look-alike's class.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request

from archive.model import Expectation, Part
from archive.urls import url_key
from crawler.frontier import errand_of
from pipelines.recognise import judge_row
from pipelines.store import Entry, Fetched, finish
from spiders.addresses import belongs, is_file
from spiders.families import identity

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
            if item.role == "page" and entry.origin and is_file(item.url):
                key = identity(entry.origin)  # a file is known by the address the listing names, wherever it lies today
                item = replace(item, url=entry.origin, key=key, report=key)
            kind = response.headers.get("Content-Type")
            return Fetched(
                part=item,
                entry=entry,
                payload=entry.exchange.body or (self._context.store.last_payload(response.url) or b""),
                media_type=kind.decode("latin-1") if kind else None,
            )
        if isinstance(item, Expectation) and self._rotates:
            return None  # of a list that is not read to its end the count says nothing
        if isinstance(item, Expectation):
            self._context.store.expect(self._context.crawl, item)
            return None
        return item

    @property
    def _rotates(self) -> bool:
        """Whether lists are read only as far as they show something unknown."""
        rotation = self._context.rotation
        return rotation is not None and not rotation.anew

    def _seen_before(self, url: str) -> bool:
        rotation = self._context.rotation
        return rotation is not None and rotation.known(url)

    def _own(self, url: str, listing: str) -> bool:
        """Whether a row leads to the site of its listing, to the portal's, or to a host the register adds to it."""
        portal = self._context.portal
        more = (*portal.hosts, *(alias.host for alias in portal.aliases))
        return any(belongs(url, at, more) for at in (listing, portal.home, *portal.start))

    def _rests(self, url: str) -> bool:
        """Whether it is not this address's turn in a rotated crawl; it was listed, and that is kept."""
        rotation = self._context.rotation
        return rotation is not None and not rotation.due(url)

    def _wanted(self, request: Request, response: Response) -> bool:
        """Whether a listing's row is asked for; one that cannot be a report is refused, with the reason, once."""
        row = request.meta["row"]
        self._context.store.list_row(self._context.crawl, row["listing"], request.url)
        if self._rests(request.url):
            return False
        before = self._rotates and self._seen_before(request.url)
        if not before:
            response.meta["unknown"] = True
        reason = self._against(request.url, row)
        if reason is not None and not before:
            self._context.store.refuse(self._context.crawl, errand_of(request), reason)
        return reason is None

    def _against(self, url: str, row: dict[str, Any]) -> str | None:
        """Why a row is not asked for: another site's page, or the class of look-alike its title says it is."""
        if not self._own(url, row["listing"]):
            return "off-host: another site's page"
        verdict = judge_row(row["title"], url=url, in_report_column=True)
        return None if verdict.keep or url_key(url) in self._known else f"look-alike: {verdict.reason}"

    def _request(self, request: Request, response: Response) -> Request | None:
        request.meta["depth"] = int(response.meta.get("depth") or 0) + 1
        request.meta["referrer"] = response.url
        if request.meta.get("row") and not self._wanted(request, response):
            return None
        if request.meta.get("role") == "attachment" and self._rests(request.url):
            return None
        if self._rotates and request.cb_kwargs.get("page", 1) > 1 and not response.meta.get("unknown"):
            return None  # new reports stand first; what was listed behind them is asked for in its turn
        # Into the archive now, not when the engine gets to it: the engine takes what a callback yields in its own
        # time, and the outcome of this exchange must not be committed before what it led to.
        number = self._context.store.ask(self._context.crawl, errand_of(request))
        if number is None:
            return None
        request.meta["asked"] = number
        return request
