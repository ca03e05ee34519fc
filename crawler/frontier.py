"""Scrapy's scheduler and duplicate filter over the frontier in the archive file.

Scrapy's own JOBDIR loses what was in flight when the process is killed, and its duplicate filter drops a
redirect to itself silently.  Here a request is a row until its outcome is written, and a duplicate is a key
the crawl has already.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from archive.model import Errand
from archive.urls import host_of, url_key

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.context import Context

_BUFFER = 500
_KEPT_META = ("role", "row", "report", "key", "hops", "chain", "unit")
_LAST = 1 << 40


def errand_of(request: Request) -> Errand:
    """A Scrapy request as the frontier keeps it.

    What survives a restart: address, method, body, Referer and other explicit headers, the callback's name and
    its JSON arguments, and the meta keys the road uses.
    """
    meta = {key: request.meta[key] for key in _KEPT_META if key in request.meta}
    callback = getattr(request.callback, "__name__", None) if request.callback else None
    headers = request.headers.to_unicode_dict()
    return Errand(
        url=request.url,
        key=str(meta.get("key") or url_key(request.url)),
        role=meta.get("role", "page"),
        host=host_of(request.url),
        method=request.method,
        body=request.body,
        headers=tuple((str(name), str(value)) for name, value in headers.items()),
        callback=callback,
        arguments=json.dumps(request.cb_kwargs, ensure_ascii=False),
        meta=json.dumps(meta, ensure_ascii=False),
        priority=request.priority,
        depth=int(request.meta.get("depth", 0)),
        referrer=request.meta.get("referrer"),
        report=request.meta.get("report"),
    )


def request_of(errand: Errand, spider: Any, errback: Any = None) -> Request:
    """The Scrapy request of an errand; its callback is looked up on the spider."""
    meta: dict[str, Any] = json.loads(errand.meta)
    meta |= {"errand": errand, "depth": errand.depth, "referrer": errand.referrer, "download_slot": errand.host}
    request = Request(
        errand.url,
        method=errand.method,
        body=errand.body,
        headers=dict(errand.headers),
        callback=getattr(spider, errand.callback) if errand.callback else None,
        cb_kwargs=json.loads(errand.arguments),
        meta=meta,
        errback=errback,
        priority=errand.priority,
        dont_filter=True,
    )
    if errand.referrer and "Referer" not in request.headers and _may_tell(errand.referrer, errand.url):
        request.headers["Referer"] = errand.referrer
    return request


def _may_tell(referrer: str, url: str) -> bool:
    """A referrer is told to its own host only: nothing leaks across hosts."""
    return host_of(referrer) == host_of(url)


class Frontier(BaseScheduler):
    """Hands out pending requests, the most urgent first, never two at once for a host."""

    def __init__(self, context: Context, spider: Any) -> None:
        self._context = context
        self._spider = spider
        self._heaps: dict[str, list[tuple[int, int, Errand]]] = {}
        """One heap a host: a host that is busy must not be searched through again and again."""
        self._queued: set[int] = set()
        self._hosts: dict[int, str] = {}
        context.put_back = self.again
        self._overflow = True  # at the start: a resumed crawl's requests are in the archive only

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Frontier:
        """Scrapy's constructor."""
        spider: Any = crawler.spider
        return cls(spider.context, spider)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request in, writing it into the archive unless it is there; False when the crawl has it already."""
        errand = errand_of(request)
        try:
            number = request.meta.get("asked") or self._context.store.ask(self._context.crawl, errand)
        except Exception as error:  # noqa: BLE001  # a request that cannot be kept ends the crawl
            self._context.abort(error)
            return False
        if number is None:
            return False
        if len(self._queued) < _BUFFER:
            if number not in self._queued and number not in self._context.in_hand:
                self._push(replace(errand, id=number))
        else:
            self._overflow = True
        return True

    def has_pending_requests(self) -> bool:
        """Whether a request waits that is not in hand."""
        if self._context.stopped or self._context.error:
            return False
        self._fill()
        return bool(self._queued)

    def next_request(self) -> Request | None:
        """The most urgent request whose host is free and whose waiting time is over."""
        if self._context.stopped or self._context.error:
            return None
        self._fill()
        errand = self._take(int(self._context.clock() * 1000))
        if errand is None:
            return None
        self._context.in_hand.add(errand.id)
        self._context.under_way.add(errand.id)
        self._hosts[errand.id] = errand.host
        return request_of(errand, self._spider, self._context.on_lost)

    def again(self) -> None:
        """Look into the archive once more: a request was put back there."""
        self._overflow = True

    def _take(self, now: int) -> Errand | None:
        busy = self._busy()
        best: list[tuple[int, int, Errand]] | None = None
        for host, heap in self._heaps.items():
            if host in busy or self._context.quiet.get(host, 0) > now:
                continue
            self._postpone(heap, now)
            if heap[0][2].not_before <= now and (best is None or heap[0] < best[0]):
                best = heap
        if best is None:
            return None
        errand = heapq.heappop(best)[2]
        self._queued.discard(errand.id)
        if not best:
            del self._heaps[errand.host]
        return errand

    def _postpone(self, heap: list[tuple[int, int, Errand]], now: int) -> None:
        """Let requests that must wait stand behind those that need not."""
        for _ in range(len(heap)):
            urgency, number, errand = heap[0]
            if errand.not_before <= now or urgency >= _LAST:
                return
            heapq.heapreplace(heap, (_LAST, number, errand))

    def _busy(self) -> set[str]:
        self._hosts = {number: host for number, host in self._hosts.items() if number in self._context.under_way}
        return set(self._hosts.values())

    def _push(self, errand: Errand) -> None:
        heapq.heappush(self._heaps.setdefault(errand.host, []), (-errand.priority, errand.id, errand))
        self._queued.add(errand.id)

    def _fill(self) -> None:
        """Load from the archive what did not fit into memory, or what was there when a crawl is resumed."""
        if not self._overflow or len(self._queued) > _BUFFER // 4:
            return
        without = self._queued | self._context.in_hand
        found = self._context.store.frontier.pending(self._context.crawl, _BUFFER, without)
        for errand in found:
            self._push(errand)
        self._overflow = len(found) == _BUFFER
