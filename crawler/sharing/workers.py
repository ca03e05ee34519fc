"""A process of several that share a frontier: which portals it begins, and which it joins when it has nothing else."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

from crawler.sharing import together
from crawler.sharing.common import Common, Redis
from crawler.sharing.share import Share

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from archive.model import Portal
    from crawler.context import Context

LEASE = 60.0
"""Seconds after which what a silent worker was lent goes to others."""


class Workers:
    """One process's part in a crawl with a name; see the module."""

    def __init__(self, address: str, name: str, lease: float = LEASE) -> None:
        self._redis = Redis.at(address)
        self._name = name
        self._lease = lease
        self._own = uuid.uuid4().hex
        self._shares: list[Share] = []
        self._wished = 0.0
        self.pause = min(1.0, lease / 12)
        """Seconds between two looks at the common frontier."""

    def held(self) -> int:
        """How many hosts this process holds and has not promised to another."""
        return sum(len(share.hosts - share.yielding) for share in self._shares)

    def look(self, common: Common) -> str:
        """How a portal stands (:meth:`Common.look`); with nothing to do, wish for a host of it, one at a time."""
        lasts = 3 * self.pause
        idle = not self.held() and time.monotonic() > self._wished
        state = common.look(lasts if idle else 0)
        if state == "wished":
            self._wished = time.monotonic() + lasts
        return state

    def join(self, context: Context) -> Share:
        """This process's part in one portal's crawl.  The worker is the crawl's uid: a resumed crawl is the same one."""
        common = self._common(context.portal.name, context.store.uid(context.crawl))
        share = Share(context, common, self._lease, self)
        self._shares.append(share)
        return share

    async def each(
        self,
        portals: Sequence[Portal],
        crawl: Callable[[Portal], Coroutine[object, object, None]],
        interrupted: Callable[[Portal], bool],
        stopped: Callable[[], bool],
    ) -> None:
        """Crawl the portals nobody has begun, and those interrupted here, then help with the others while they last."""
        mine = [portal for portal in portals if self._begins(portal) or interrupted(portal)]
        await together(crawl(portal) for portal in mine)
        others = [portal for portal in portals if portal not in mine]
        await together(self._help(portal, crawl, stopped) for portal in others)

    async def _help(
        self, portal: Portal, crawl: Callable[[Portal], Coroutine[object, object, None]], stopped: Callable[[], bool]
    ) -> None:
        common = self._common(portal.name, self._own)
        waited = 0.0
        while not stopped():
            state = self.look(common)
            if state == "done":
                return
            if state == "free" or (state == "none" and waited > self._lease):
                await crawl(portal)
                return
            await asyncio.sleep(self.pause)
            waited += self.pause

    def _begins(self, portal: Portal) -> bool:
        """Whether this process is the first to begin a portal."""
        return bool(self._redis.call("sadd", f"nianlun:{self._name}:begun", portal.name))

    def _common(self, portal: str, worker: str) -> Common:
        return Common(self._redis, self._name, portal, worker, self._lease)

    def close(self) -> None:
        """End the connection to Redis."""
        self._redis.close()
