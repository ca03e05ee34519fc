"""Downloader middlewares, from the engine's side outward: Decode, Evidence, Guard, Robots, Revisit.

Guard and Robots refuse before anything is sent; Revisit makes a request conditional; Evidence records whatever
came back and ends what no callback shall see; Decode gives the spider text whose encoding is right.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from twisted.internet.error import DNSLookupError

from archive.leaves import unpack_headers
from archive.urls import host_of, url_key
from crawler.addresses import is_public, literal_address, refusal
from crawler.challenge import Answer, classify
from crawler.likeness import tainted
from crawler.probing import Probe
from crawler.recording import Recorder, header_pairs
from crawler.resolver import address_of
from crawler.robots import Rules
from crawler.rotation import audited
from pipelines.convert.decoding import charset_of, decode
from pipelines.store import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler

    from archive.model import Outcome
    from crawler.context import Context

_ASIDE = ("robots", "probe")


class Refused(IgnoreRequest):
    """A request that is not made; ``reason`` is the one the interface names."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Ended(IgnoreRequest):
    """An exchange that ended without a page to read: redirected, gone, failed or blocked."""


def _context(crawler: Crawler) -> Context:
    spider: Any = crawler.spider
    context: Context = spider.context
    return context


class Guard:
    """Refuses what must not be asked: schemes, hosts, private addresses, traps, hosts that blocked us, budgets."""

    def __init__(self, context: Context, engine: Callable[[], Any]) -> None:
        self._context = context
        self._engine = engine
        self._names: dict[str, bool] = {}
        self._paces: dict[str, tuple[float, float | None]] = {}
        """Each host's delay, and the last pause drawn from it."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Guard:
        """Scrapy's constructor."""
        return cls(_context(crawler), lambda: crawler.engine)

    async def process_request(self, request: Request) -> None:
        """Let the request pass or raise :class:`Refused`."""
        context = self._context
        host = request.meta["download_slot"]
        reason = refusal(request.url, context.policy.hosts, allow_private=context.policy.allow_private)
        if reason:
            raise Refused(reason)
        if host in context.blocked:
            raise Refused(f"host-blocked: {context.blocked[host]}")
        if host in context.unreachable:
            raise Refused(f"host-unreachable: {context.unreachable[host]}")
        if cools := context.manners.cools(host, context.clock()):
            context.blocked.setdefault(host, cools)
            raise Refused(f"host-blocked: {cools}")
        if not context.policy.allow_private and not await self._resolves_publicly(host.partition(":")[0]):
            raise Refused("private-address")
        self._pace(host)
        if request.meta.get("role") not in _ASIDE:
            self._bounded(host)
            context.asked += 1
        await context.manners.turns.take(host, context.crawl, context.policy.delay)
        request.meta["turn"] = host  # from here on it is given back, however the request ends

    def _pace(self, host: str) -> None:
        """Draw the pause before this request: half to one and a half of the host's delay.

        Drawn once a request: the downloader's own jitter is drawn anew whenever it looks at the clock, until a draw
        has passed already, which makes pauses a quarter longer than was asked for (measured over 200 portals).
        """
        slot: Any = self._engine().downloader.slots.get(host)
        if slot is None:
            return
        base, drawn = self._paces.get(host, (slot.delay, None))
        base = max(base if slot.delay == drawn else slot.delay, self._context.delays.get(host, 0.0))
        slot.delay = base * random.uniform(0.5, 1.5)  # noqa: S311 - manners, no secret
        self._paces[host] = (base, slot.delay)

    def _bounded(self, host: str) -> None:
        """Stop the crawl, resumable, where a bound of the run or of its own host is reached; another host is refused."""
        context = self._context
        limit = context.policy.max_requests
        if limit is not None and context.asked >= limit:
            context.stop("limit")
        if closed := context.manners.closed(context.clock()):
            context.stop(closed)
        if spent := context.manners.spent(host):
            if host_of(context.portal.home) != host:
                raise Refused(f"budget: {spent}")
            context.stop(f"budget: {spent}")
        if context.stopped:
            raise Ended("the crawl is stopping")

    async def _resolves_publicly(self, name: str) -> bool:
        """Whether every address of a name is public; a name that does not resolve fails by itself later."""
        if name not in self._names:
            told = address_of(name, self._context.policy.resolve)
            if told is not None:
                self._names[name] = is_public(told)
            elif literal_address(name):
                self._names[name] = True  # judged by ``refusal`` already
            else:
                try:
                    found = await asyncio.get_running_loop().getaddrinfo(name, None)
                except OSError:
                    return True
                self._names[name] = all(is_public(str(item[4][0])) for item in found)
        return self._names[name]


class Robots:
    """Asks for a host's robots.txt first and obeys it (RFC 9309: 4xx allows, 5xx and silence stop)."""

    def __init__(self, context: Context, crawler: Crawler) -> None:
        self._context = context
        self._rules = Rules(context, crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Robots:
        """Scrapy's constructor."""
        return cls(_context(crawler), crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass or raise :class:`Refused`."""
        if request.meta.get("role") == "robots":
            return
        reason = await self._rules.refusal(request.url, request.meta["download_slot"])
        if self._context.stopped:
            raise Ended("the crawl is stopping")  # the request stays open for the crawl that resumes this one
        if reason:
            raise Refused(reason)


class Revisit:
    """Makes a request conditional on the address's last good capture (RFC 9110, section 13)."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Revisit:
        """Scrapy's constructor."""
        return cls(_context(crawler))

    def process_request(self, request: Request) -> None:
        """Add If-None-Match and If-Modified-Since where the last answer gave their values."""
        if request.method != "GET" or request.meta.get("role") in _ASIDE:
            return
        headers = self._context.store.validators(request.url)
        if headers is None or audited(request.url, self._context.turn):
            return
        for name, value in unpack_headers(headers):
            if name.lower() == "etag":
                request.headers["If-None-Match"] = value
            elif name.lower() == "last-modified":
                request.headers["If-Modified-Since"] = value


class Received:
    """Keeps an answer's headers as they came, before its content coding is undone: they are evidence."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Note the headers."""
        request.meta["received"] = header_pairs(response.headers)
        return response


class Evidence:
    """Records every exchange; only a page, a revisit or an attachment goes on to the spider."""

    def __init__(self, context: Context, probe: Probe) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._probe = probe
        context.on_lost = self.lost
        context.as_wrong = probe.is_as_wrong

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Evidence:
        """Scrapy's constructor."""
        return cls(_context(crawler), Probe(_context(crawler), crawler))

    def process_request(self, request: Request) -> None:
        """Note when the request was sent."""
        self._recorder.stamp(request)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Classify, record, and pass on or end."""
        self._arrived(request)
        try:
            exchange = self._recorder.exchange(request, response)
            self._context.manners.count(request.meta["download_slot"], len(response.body))
            answer = self._judge(request, response)
            if (
                answer.verdict == "fetched"
                and request.meta.get("role") in ("page", "listing")
                and response.status == 200
            ):
                answer = await self._doubted(request, response.body) or answer
            if request.meta.get("role") in _ASIDE:
                self._recorder.aside(request, exchange, answer)
                return response
            if answer.verdict == "fetched":
                outcome: Outcome = "revisit" if response.status == 304 else "fetched"
                self._recorder.good(request)
                request.meta["entry"] = Entry(
                    errand=request.meta["errand"].id, exchange=exchange, outcome=outcome, status=response.status
                )
                return response
            await self._recorder.close(request, exchange, answer)
        except Exception as error:
            self._context.abort(error)
            raise
        raise Ended(answer.reason or answer.verdict)

    def _arrived(self, request: Request) -> None:
        """Free the host for its next request."""
        errand = request.meta.get("errand")
        if errand is not None:
            self._context.under_way.discard(errand.id)
        if host := request.meta.pop("turn", None):
            self._context.manners.turns.give(host, self._context.crawl)

    async def _doubted(self, request: Request, body: bytes) -> Answer | None:
        """What a page is after all: a cloned copy, the home page because the host is busy, or because the page is gone."""
        context, url = self._context, request.url
        if reason := tainted(body):
            return Answer("failed", reason)
        if url_key(url) == url_key(context.portal.home) or not self._probe.is_home(url, body):
            return None
        errand = request.meta["errand"]
        if errand.attempts < context.policy.retries:
            return Answer("throttled", "soft_block: the home page instead of the article")
        if await self._probe.is_as_wrong(url, body):
            return Answer("gone", "soft-404: the home page, as for an address that never was")
        return Answer("blocked", "soft_block: the home page instead of the article")

    def _judge(self, request: Request, response: Response) -> Answer:
        headers = {name.lower(): value for name, value in header_pairs(response.headers)}
        peer = str(response.ip_address) if response.ip_address else None
        if peer and not self._context.policy.allow_private and not is_public(peer):
            return Answer("failed", "private-address: the connected peer is not public")
        if response.status == 304 and self._context.store.last_digest(request.url) is None:
            return Answer("failed", "304 for an address never captured")
        role = request.meta.get("role")
        if role in _ASIDE and response.status == 200 and not response.body:
            return Answer("fetched")
        document = role in ("page", "attachment")
        return classify(
            request.url,
            response.status,
            headers,
            response.body,
            home=self._context.portal.home,
            document=document,
        )

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Record a refusal, or an exchange that failed."""
        self._arrived(request)
        if isinstance(exception, Ended):
            return
        try:
            if isinstance(exception, Refused):
                await self._recorder.refused(request, exception.reason)
            elif isinstance(exception, DNSLookupError) and "not public" in str(exception):
                await self._recorder.refused(request, "private-address")
            else:
                await self._failed(request, exception)
        except Exception as error:
            self._context.abort(error)
            raise

    async def _failed(self, request: Request, exception: BaseException) -> None:
        kind, text = type(exception).__name__, str(exception)
        large = any(words in text for words in ("expected size", "larger than", "exceed", "max size", "maxsize"))
        answer = Answer("refused", "too-large") if large or "Cancelled" in kind else Answer("retry", kind)
        self._context.manners.count(request.meta["download_slot"], 0)
        exchange = self._recorder.failure(request, f"{kind}: {text}"[:500])
        if request.meta.get("role") in _ASIDE:
            self._recorder.aside(request, exchange, answer)
        else:
            await self._recorder.close(request, exchange, answer)

    async def lost(self, failure: Any) -> list[Any]:
        """Record what no middleware saw fail: a middleware's own refusal of an answer (a bomb that would not unpack)."""
        request: Request = failure.request
        self._arrived(request)
        errand = request.meta.get("errand")
        if errand is None or errand.id not in self._context.in_hand or isinstance(failure.value, Ended | Refused):
            return []
        try:
            await self._failed(request, failure.value)
        except Exception as error:  # noqa: BLE001  # carried out of the engine by the context
            self._context.abort(error)
        return []


class Decode:
    """Gives the spider text in its true encoding, and for a 304 the bytes the archive has."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Decode:
        """Scrapy's constructor."""
        return cls(_context(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        """Replace the response by one the selectors can trust."""
        body = response.body
        if response.status == 304:
            body = self._context.store.last_payload(request.url) or b""
        if request.meta.get("role") in _ASIDE:
            return response
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1").lower()
        if not _is_markup(body, kind):
            return Response(
                response.url, status=200, headers=response.headers, body=body, request=request, flags=response.flags
            )
        text, _ = decode(body, charset_of(kind))
        return HtmlResponse(
            response.url, status=200, headers=response.headers, body=text.encode("utf-8", "replace"), encoding="utf-8",
            request=request, flags=response.flags,
        )  # fmt: skip


def _is_markup(body: bytes, kind: str) -> bool:
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if head.startswith((b"%pdf", b"pk\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"rar!", b"7z\xbc\xaf")):
        return False
    return head.startswith((b"<", b"{", b"[")) or any(
        word in kind for word in ("text/", "html", "json", "javascript", "xml")
    )
