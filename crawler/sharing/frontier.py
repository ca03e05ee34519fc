"""Scrapy's scheduler over the common frontier, and the spider middleware that keeps what belongs together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request

from archive.model import Part
from crawler.frontier import Frontier

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from archive.model import Errand
    from crawler.context import Context
    from crawler.sharing.share import Share


def joined(context: Context) -> Share:
    """A crawl's part in the common frontier; raises RuntimeError where it has none, which is a bug."""
    if context.share is None:
        raise RuntimeError("this crawl shares no frontier")
    return context.share


class SharedFrontier(Frontier):
    """The frontier of this worker's archive, which holds what it took; new units come from the common one."""

    def __init__(self, context: Context, spider: Any) -> None:
        super().__init__(context, spider)
        self._share = joined(context)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SharedFrontier:
        """Scrapy's constructor."""
        spider: Any = crawler.spider
        made = cls(spider.context, spider)
        engine: Any = crawler

        def knock() -> None:
            if not spider.context.stopped and engine.engine.spider is not None:
                engine.engine.crawl(Request("about:blank", meta={"knock": True}))

        made._share.knock = knock
        return made

    def open(self, spider: Any) -> None:  # noqa: ARG002 - Scrapy's
        """Be heard of in Redis while the spider is open."""
        self._share.start()

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's
        """Not any more."""
        self._share.stop()

    def enqueue_request(self, request: Request) -> bool:
        """As ever; a knock is no request, but has the engine ask for the next one."""
        return not request.meta.get("knock") and super().enqueue_request(request)

    def has_pending_requests(self) -> bool:
        """Whether any worker has anything to do on this portal: it may die, and its requests come here."""
        if self._context.stopped or self._context.error:
            return False
        return super().has_pending_requests() or not self._share.finished

    def _take(self, now: int) -> Errand | None:
        try:
            found = super()._take(now)
            while found is None and (errand := self._share.draw(self._taken_up(now))) is not None:
                self._push(errand)
                found = super()._take(now)
        except Exception as error:  # noqa: BLE001  # without Redis there is no going on
            self._context.abort(error)
            return None
        return found

    def _busy(self) -> set[str]:
        """Hosts that are busy here, or held by another worker."""
        busy = super()._busy()
        return busy | {host for host in self._heaps if host not in busy and not self._share.may_ask(host)}

    def _taken_up(self, now: int) -> set[str]:
        """Hosts of which a request could be made here, is under way, or must not be asked yet."""
        quiet = {host for host, until in self._context.quiet.items() if until > now}
        ready = {host for host, heap in self._heaps.items() if any(entry[2].not_before <= now for entry in heap)}
        return {*ready, *self._hosts.values(), *quiet}


class Together:
    """Marks what stays with its worker: a page's attachments, a listing's further pages."""

    def __init__(self, context: Context) -> None:
        self._share = joined(context)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Together:
        """Scrapy's constructor."""
        spider: Any = crawler.spider
        return cls(spider.context)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on what the callback yields."""
        unit = response.meta.get("unit")
        async for item in result:
            if unit and isinstance(item, Request) and _stays(item):
                item.meta["unit"] = unit
            elif unit and isinstance(item, Part) and item.role == "page":
                self._share.keeps(item.report, unit)
            yield item


def _stays(request: Request) -> bool:
    """Whether a request belongs to the unit of the page it stands on."""
    role = request.meta.get("role")
    return role == "attachment" or (role == "listing" and bool(request.cb_kwargs.get("at")))
