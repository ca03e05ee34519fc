"""The Scrapy extension that shows progress and commits on time; what a crawl found is judged in :mod:`crawler.run`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from scrapy import signals

if TYPE_CHECKING:
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
        progress = cls(spider.context, quiet=crawler.settings.getbool("NIANLUN_QUIET"))
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
