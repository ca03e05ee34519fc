"""The Scrapy extensions: progress and commits on time, and the last resort where no link led to a report.

What a crawl found is judged in :mod:`crawler.run`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import DontCloseSpider

from crawler.signs import page_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler

    from crawler.context import Context


class Progress:
    """A line on standard error: rewritten on a terminal, one every ten seconds elsewhere."""

    def __init__(self, context: Context, *, quiet: bool = False) -> None:
        self._context = context
        self._terminal = sys.stderr.isatty()
        self._quiet = quiet
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        """Scrapy's constructor."""
        spider: Any = crawler.spider
        quiet = crawler.settings.getbool("NIANLUN_QUIET") or crawler.settings.getbool("NIANLUN_TOGETHER")
        progress = cls(spider.context, quiet=quiet)
        crawler.signals.connect(progress.opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.closed, signal=signals.spider_closed)
        return progress

    def opened(self) -> None:
        """Start the clockwork."""
        self._task = asyncio.ensure_future(self._tick())

    def closed(self) -> None:
        """Stop it and clear the line."""
        if self._task:
            self._task.cancel()
        if self._terminal and not self._quiet:
            sys.stderr.write("\r\x1b[K")

    async def _tick(self) -> None:
        turns = 0
        while True:
            await asyncio.sleep(0.5)
            turns += 1
            try:
                self._context.store.breathe()
            except Exception as error:  # noqa: BLE001  # the disk did not take it: the crawl ends
                self._context.abort(error)
                return
            if not self._quiet and (self._terminal or turns % 20 == 0):
                self._show()

    def _show(self) -> None:
        context = self._context
        waiting = context.store.frontier.open_requests(context.crawl)
        line = f"{context.portal.name}: asked {context.asked}, waiting {waiting}"
        if context.blocked:
            line += f", blocked by {', '.join(context.blocked)}"
        sys.stderr.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
        sys.stderr.flush()


class Overview:
    """One line for a run over many portals: how many have ended, how many are under way, who blocked."""

    def __init__(self, contexts: Sequence[Context], portals: int, done: Sequence[object]) -> None:
        self._contexts = contexts
        self._portals = portals
        self._done = done
        self._terminal = sys.stderr.isatty()
        self._task = asyncio.ensure_future(self._tick())

    def close(self) -> None:
        """Stop, and clear the line."""
        self._task.cancel()
        if self._terminal:
            sys.stderr.write("\r\x1b[K")

    async def _tick(self) -> None:
        turns = 0
        while True:
            await asyncio.sleep(0.5)
            turns += 1
            if self._terminal or turns % 20 == 0:
                line = self.line()
                sys.stderr.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
                sys.stderr.flush()

    def line(self) -> str:
        """The line."""
        asked = sum(context.asked for context in self._contexts)
        blocked = sum(bool(context.blocked) for context in self._contexts)
        under_way = len(self._contexts) - len(self._done)
        told = f"{len(self._done)} of {self._portals} portals done, {under_way} under way, {asked} asked"
        return f"{told}, {blocked} blocked" if blocked else told


class LastResort:
    """When every link was followed and no report was found: the site's map, and its own search (field guide, 3.1)."""

    def __init__(self, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        self._crawler = crawler
        self._context: Context = spider.context
        self._tried = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LastResort:
        """Scrapy's constructor."""
        resort = cls(crawler)
        crawler.signals.connect(resort.idle, signal=signals.spider_idle)
        return resort

    def idle(self, spider: Any) -> None:
        """Ask once more, by the spider's last means; keeps the spider open while there is something to ask."""
        context = self._context
        if self._tried or context.stopped or context.error or context.blocked or not self._lost(spider):
            return
        self._tried = True
        home = context.store.frontier.first(context.crawl, "home")
        payload = context.store.payloads.get(home["payload"]) if home else None
        page = None
        if home is not None and payload is not None:
            page = page_of(home["url"], payload)
        requests = list(spider.resort(page))
        for request in requests:
            request.meta["referrer"] = page.url if page is not None else None
            self._crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _lost(self, spider: Any) -> bool:
        """Whether nothing was found on a portal that is new, or a column known from before answers no more."""
        context = self._context
        if context.share is not None and context.share.found():
            return False
        if spider.known and not context.store.frontier.listed(context.crawl):
            return True  # what was found once by a search is listed nowhere else
        if context.rotation is not None:
            return bool(spider.columns) and context.store.frontier.lost(context.crawl, "listing")
        return not spider.known and not context.store.found(context.crawl)
