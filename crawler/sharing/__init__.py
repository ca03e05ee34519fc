"""One frontier for several machines, in a Redis they all reach; each machine still writes an archive of its own.

A *unit* is a request and what must stay beside it: a page's attachments, a listing's further pages, the hops of a
redirect.  Units are offered to the common frontier, each key once, and taken by a worker that holds the lease of
their host, so that a host hears one worker at a time whatever the number of machines.  A unit is struck off when all
it led to is offered and all it brought is committed in its worker's archive; until then it is only lent, and goes
back when its worker has not been heard of for the time of a lease.

:mod:`crawler.sharing.common` is the side of Redis, :mod:`crawler.sharing.share` a worker's part in one portal's
crawl, :mod:`crawler.sharing.workers` a process with its portals, :mod:`crawler.sharing.frontier` Scrapy's scheduler.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable


async def together(tasks: Iterable[Coroutine[object, object, None]]) -> None:
    """Run all to their end, then raise the first error of any."""
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
