"""A worker's part in one portal's crawl: what it took, which hosts it holds, and when a unit may be struck off.

A unit is struck off when no request of it is open, no report of it waits to be judged, and the archive has committed
both.  What it led to was offered before, so a worker that dies repeats at most the units it was lent.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.sharing.common import FrontierLost
from pipelines.settle import settle_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from archive.model import Errand
    from crawler.context import Context
    from crawler.sharing.common import Common
    from crawler.sharing.workers import Workers

_ASIDE = ("robots", "probe")
_MOST = 10_000
"""Open requests looked through; a worker's own are few, for it takes one unit a host."""


def unit_of(errand: Errand) -> str | None:
    """The unit a request belongs to; None: it is to be offered to all workers."""
    unit: str | None = json.loads(errand.meta).get("unit")
    return unit


class Share:
    """See the module.  Lives in the crawl's event loop."""

    def __init__(self, context: Context, common: Common, lease: float, workers: Workers) -> None:
        self._context = context
        self._common = common
        self._lease = lease
        self._workers = workers
        self._pause = workers.pause
        self.hosts: set[str] = set()
        self.yielding: set[str] = set()
        """Hosts of which no new unit is taken: another worker has nothing to do, or needs one of them."""
        self.finished = False
        """Whether every unit of the portal was struck off, by whichever worker."""
        self.knock: Callable[[], None] = lambda: None
        """Makes the engine ask for the next request."""
        self._begun = False
        self._units: set[str] = set()
        self._reports: dict[str, str] = {}
        self._left: dict[str, float] = {}
        self._renewed = time.monotonic()
        self._told: dict[str, tuple[int, int]] = {}
        self._settling: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        context.store.shared[context.crawl] = self.elsewhere
        if context.resumed:
            self._resume()

    # -------------------------------------------------------- requests in

    def elsewhere(self, errand: Errand) -> bool:
        """Whether a request is not for this worker's archive: it is offered to all, or another unit has it."""
        if errand.role in _ASIDE:
            return False
        unit = unit_of(errand)
        if unit is None:
            self.finished = not self._common.offer(errand) and self.finished
            return True
        return errand.role != "attachment" and not self._common.claim(errand, unit)

    def keeps(self, report: str, unit: str) -> None:
        """Note which unit a report's page belongs to."""
        self._reports[report] = unit

    def draw(self, busy: Collection[str]) -> Errand | None:
        """Take a unit from the common frontier into this archive, its host not among ``busy``; None: there is none."""
        if self.finished or self._is_late():
            return None
        resting = [host for host, until in self._left.items() if until > time.monotonic()]
        taken = self._common.take({*busy, *resting, *self.yielding})
        if taken is None:
            return None
        self._units.add(taken.unit)
        self._came_to(taken.errand.host, taken.blocked)
        meta = json.loads(taken.errand.meta) | {"unit": taken.unit}
        return self._written(replace(taken.errand, meta=json.dumps(meta, ensure_ascii=False)))

    def may_ask(self, host: str) -> bool:
        """Whether this worker holds a host, or takes it now."""
        if self._is_late():
            return False
        if host not in self.hosts and self._common.hold(host):
            self._came_to(host, None)
        return host in self.hosts

    def _came_to(self, host: str, blocked: str | None) -> None:
        if host not in self.hosts:
            self.hosts.add(host)
            self._count(host)
        if blocked:
            self._context.blocked.setdefault(host, blocked)

    def _written(self, errand: Errand) -> Errand:
        """The request as a row of this archive; one that ended here before its unit was struck off is asked again."""
        context, key, turn = self._context, errand.key, 0
        context.store.writing()
        while (number := context.store.frontier.add(context.crawl, errand)) is None:
            turn += 1
            errand = replace(errand, key=f"{key} again {turn}")
        return replace(errand, id=number)

    def _is_late(self) -> bool:
        """Whether Redis has not heard of this worker for so long that its leases may end."""
        return time.monotonic() - self._renewed > self._lease / 2

    # -------------------------------------------------------- the clockwork

    def start(self) -> None:
        """Be heard of from now on."""
        self._task = asyncio.ensure_future(self._run())

    def stop(self) -> None:
        """End the clockwork; :meth:`end` settles what is left."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while not self._context.error:
            try:
                self.tick()
                self.knock()
            except Exception as error:  # noqa: BLE001  # carried out of the engine by the context
                self._context.abort(error)
                return
            await asyncio.sleep(self._pause)

    def tick(self) -> None:
        """Strike off what is committed, renew the leases, leave hosts that others want."""
        rows = self._open()
        self._strike(rows)
        standing = self._common.renew(self.hosts, self._context.store.found(self._context.crawl))
        if standing.open is None and self._begun:
            raise FrontierLost(
                "Redis lost what it held of this crawl; what the archives have stays, begin again with another"
                " --crawl-name. · Redis 丢失了本次采集的队列，请换一个 --crawl-name 重新开始。"
            )
        self._begun = standing.open is not None
        if self._units - standing.units:
            raise FrontierLost(
                f"This worker was not heard of for {self._lease:g} seconds and its requests went to others; run the same"
                " command again. · 本机失联过久，其请求已交给其他机器，再次运行同一命令即可。"
            )
        self._renewed = time.monotonic()
        self.hosts -= standing.lost
        self.finished = standing.open == 0
        self._hand_over({row.host for row in rows})
        for host in self.hosts:
            self._count(host)
        for host, kind in self._context.blocked.items():
            self._common.block(host, kind)

    def _open(self) -> list[Errand]:
        return self._context.store.frontier.pending(self._context.crawl, _MOST)

    def _strike(self, rows: list[Errand]) -> None:
        context = self._context
        waiting = context.store.parts.waiting_pages(context.crawl)
        going = {unit_of(row) for row in rows}
        for report in waiting:
            if self._reports.get(report) not in going and report not in context.settling:
                self._settle(report)
        done = self._units - going - {self._reports.get(report) for report in waiting}
        if done:
            context.store.commit()
            self._common.done(sorted(filter(None, done)))
            self._units -= done
            self._reports = {report: unit for report, unit in self._reports.items() if unit not in done}

    def _settle(self, report: str) -> None:
        """Have a report judged whose attachments have ended, some of them without coming."""
        task = asyncio.ensure_future(settle_waiting(self._context, report))
        self._settling.add(task)
        task.add_done_callback(self._settled)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._settling.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._context.abort(error)

    def _hand_over(self, asking: set[str]) -> None:
        """Leave a host that another worker needs, or one of several when another has none, between two units."""
        for host in sorted(self.hosts):
            wish = self._common.wanted(host)
            if wish == "need" or (wish == "idle" and self._workers.held() > 1):
                self.yielding.add(host)
            if host in self.yielding and host not in asking:
                self._leave(host)
        if not self.finished and not self._workers.held():
            self._workers.look(self._common)

    def _leave(self, host: str) -> None:
        context = self._context
        now = context.clock()
        pause = max(context.policy.delay, context.delays.get(host, 0.0), context.quiet.get(host, 0) / 1000 - now)
        self._count(host)
        self._common.leave(host, pause)
        self.hosts.discard(host)
        self.yielding.discard(host)
        self._left[host] = time.monotonic() + 3 * self._pause

    def _count(self, host: str) -> None:
        """Add what this worker asked of a host to what all did, and let the day's budget see the sum."""
        manners = self._context.manners
        mine = manners.requests.get(host, 0), manners.bytes.get(host, 0)
        before = self._told.get(host, mine)
        day = datetime.fromtimestamp(self._context.clock(), UTC).date().isoformat()
        sums = self._common.asked(host, day, mine[0] - before[0], mine[1] - before[1])
        manners.requests[host], manners.bytes[host] = max(mine[0], sums[0]), max(mine[1], sums[1])
        self._told[host] = manners.requests[host], manners.bytes[host]

    # -------------------------------------------------------- beginning and end

    def _resume(self) -> None:
        """Go on with the open requests of units that are this worker's again; the others' are another worker's now."""
        context = self._context
        self._common.give_back()
        rows = self._open()
        for unit in {unit_of(row) for row in rows} - {None}:
            if self._common.reclaim(unit or ""):
                self._units.add(unit or "")
        kept = {row.report: unit_of(row) or "" for row in rows if row.report and unit_of(row) in self._units}
        self._reports.update(kept)
        lost = [row for row in rows if unit_of(row) not in self._units]
        context.store.writing()
        context.store.frontier.drop([row.id for row in lost])
        for row in lost:
            if row.report and row.report not in kept:
                context.store.parts.settled(context.crawl, row.report)
        context.store.commit()

    async def end(self) -> None:
        """After the engine has stopped: strike off what is whole, and give the rest back to the others."""
        for task in list(self._settling):
            await asyncio.wait([task])
        if self._context.error is None:
            self._strike(self._open())
            self._common.renew(self.hosts, self._context.store.found(self._context.crawl))
        self._common.give_back()
        for host in sorted(self.hosts):
            self._leave(host)
        if self._common.look() == "done":
            self._common.keep_for_latecomers()
        self._context.store.shared.pop(self._context.crawl, None)

    def found(self) -> int:
        """How many reports all workers have seen on this portal."""
        return self._common.found()
