"""How an exchange becomes a capture and a request gets its outcome; used by the Evidence middleware."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive.model import BODY, Exchange, Outcome
from archive.urls import host_of, url_key
from pipelines.settle import settle_naming
from spiders.addresses import is_file
from spiders.families import identity
from spiders.families.interface import Ask

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from archive.model import Errand
    from crawler.challenge import Answer
    from crawler.context import Context

_HOPS = 8
_UNREACHABLE_AFTER = 3
_DEAD_AFTER = 6
"""Attempts in a row without an answer after which a host that did answer is taken for down."""
_MAX_HEADER = 8192


def header_pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    """Headers in their order, each value by itself; an absurdly long value is cut and says so."""
    found = []
    for name, values in headers.items():
        for value in values:
            text = value.decode("latin-1")
            if len(text) > _MAX_HEADER:
                text = f"{text[:_MAX_HEADER]}…({len(text)} bytes)"
            found.append((name.decode("latin-1"), text))
    return tuple(found)


def sent_pairs(request: Request) -> tuple[tuple[str, str], ...]:
    """A request's headers, and its body under ``:body``, a name no header can have: what was sent is evidence too."""
    body = ((BODY, request.body.decode("utf-8", "replace")),) if request.body else ()
    return (*header_pairs(request.headers), *body)


class Recorder:
    """Writes exchanges and outcomes for one crawl."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def stamp(self, request: Request) -> None:
        """Note the time a request is taken up; the time it is sent is known with its answer."""
        request.meta["sent"] = int(self._context.clock() * 1000)

    def exchange(self, request: Request, response: Response) -> Exchange:
        """What the crawler saw of a request and its answer."""
        latency = request.meta.get("download_latency")
        if latency is not None:  # the slot's delay lies between taking a request up and sending it
            request.meta["sent"] = int((self._context.clock() - latency) * 1000)
        certificate: Any = response.certificate
        return Exchange(
            url=request.url,
            at=request.meta["sent"],
            method=request.method,
            request_headers=sent_pairs(request),
            status=response.status,
            response_headers=request.meta.get("received") or header_pairs(response.headers),
            body=response.body or None,
            peer=str(response.ip_address) if response.ip_address else None,
            protocol=response.protocol,
            elapsed=round(latency * 1000) if latency is not None else None,
            referrer=request.meta.get("referrer"),
            truncated="partial" in response.flags or "dataloss" in response.flags,
            certificate=certificate.digest("sha256").decode() if certificate is not None else None,
        )

    def failure(self, request: Request, error: str) -> Exchange:
        """An exchange in which nothing usable came back."""
        return Exchange(
            url=request.url,
            at=request.meta.get("sent", int(self._context.clock() * 1000)),
            method=request.method,
            request_headers=sent_pairs(request),
            referrer=request.meta.get("referrer"),
            error=error,
        )

    def good(self, request: Request) -> None:
        """Note that a host answers."""
        self._context.good += 1
        self._context.failures.pop(request.meta["download_slot"], None)

    async def close(self, request: Request, exchange: Exchange, answer: Answer) -> None:
        """Record an exchange that no callback shall see, with what it leads to: a redirect, another attempt, a stop."""
        errand: Errand = request.meta["errand"]
        outcome, reason = self._outcome(request, errand, answer)
        again = outcome is None
        context = self._context
        captured = context.store.capture(
            context.crawl, context.portal_id, exchange, outcome or "failed", reason, errand.role
        )
        if again:
            self._again(errand, answer)
        else:
            assert outcome is not None
            if answer.location and outcome == "redirected":
                self._follow(request, errand, answer.location)
            elif errand.role == "listing" and outcome in ("gone", "failed"):
                self._instead(errand)
            context.store.end(errand.id, outcome, reason, exchange.status, captured.capture)
        self._host_state(errand.host, answer)
        await self._release(errand, ended=not again)

    def _outcome(self, request: Request, errand: Errand, answer: Answer) -> tuple[Outcome | None, str | None]:
        """The outcome to record; None: the request will be tried again."""
        policy = self._context.policy
        if answer.verdict == "redirected" and int(request.meta.get("hops", 0)) >= _HOPS:
            return "failed", "redirect-loop"
        if answer.verdict == "retry":
            return (None if errand.attempts < policy.retries else "failed"), answer.reason
        if answer.verdict == "throttled":
            wait = answer.retry_after or 0
            patient = errand.attempts < policy.retries and wait <= policy.patience
            return (None if patient else "blocked"), answer.reason
        verdict: Any = answer.verdict
        return verdict, answer.reason

    def _again(self, errand: Errand, answer: Answer) -> None:
        wait: float | None = answer.retry_after
        if wait is None:
            wait = self._context.policy.retry_wait * 2**errand.attempts
        until = int((self._context.clock() + wait) * 1000)
        if answer.verdict == "throttled":  # the host is busy, not this page: nothing of it is asked meanwhile
            self._context.quiet[errand.host] = until
            slower = 2 * max(self._context.delays.get(errand.host, 0.0), self._context.policy.delay, 0.25)
            self._context.delays[errand.host] = min(slower, 60.0)
        self._context.store.frontier.again(errand.id, errand.attempts + 1, until)

    def _follow(self, request: Request, errand: Errand, location: str) -> None:
        """Ask for where a redirect leads, as a request of its own.

        An address may come again within one chain: the same resource under another spelling (http to https), or
        a wall that sets a cookie and sends back, itself or through a second address.  The chain's length is bounded.
        """
        meta = json.loads(errand.meta)
        chain = [*meta.get("chain", [url_key(errand.url)])]
        location = location.partition("#")[0]
        key = identity(location) if errand.role == "page" and is_file(location) else url_key(location)
        asked = f"{key} hop {len(chain)}" if key in chain else key
        meta |= {"hops": len(chain), "chain": [*chain, key], "key": asked}
        self._context.store.ask(
            self._context.crawl,
            replace(
                errand, url=location, key=asked, host=host_of(location), meta=json.dumps(meta, ensure_ascii=False),
                referrer=request.url, origin=errand.origin or errand.url, attempts=0, not_before=0, id=0,
            ),
        )  # fmt: skip
        self._context.put_back()

    def _instead(self, errand: Errand) -> None:
        """Ask for the next reading of where a listing goes on, since this one led nowhere."""
        arguments = json.loads(errand.arguments)
        others = arguments.get("others") or []
        if not others:
            return
        ask = Ask.unpacked(others[0])
        arguments |= {"page": ask.page, "rule": ask.rule if ask.page > 1 else None, "others": others[1:]}
        if ask.carry:
            arguments["carry"] = {**ask.carry, "at": arguments.get("at")}
        meta = json.loads(errand.meta) | {"key": ask.key}
        self._context.store.ask(
            self._context.crawl,
            replace(
                errand, url=ask.url, key=ask.key, host=host_of(ask.url), method=ask.method, body=ask.body.encode(),
                headers=ask.headers, arguments=json.dumps(arguments, ensure_ascii=False),
                meta=json.dumps(meta, ensure_ascii=False), origin=None, attempts=0, not_before=0, id=0,
            ),
        )  # fmt: skip
        self._context.put_back()

    def _host_state(self, host: str, answer: Answer) -> None:
        """Leave a host alone that blocked us, or that does not answer at all."""
        context = self._context
        if answer.verdict in ("blocked", "throttled"):
            patient = answer.verdict == "throttled" and (answer.retry_after or 0) <= context.policy.patience
            if not patient:
                context.blocked[host] = answer.reason or "blocked"
            return
        if answer.verdict == "retry" and not (answer.reason or "").startswith("status"):
            context.failures[host] = context.failures.get(host, 0) + 1
            if context.failures[host] >= (_UNREACHABLE_AFTER if context.good == 0 else _DEAD_AFTER):
                context.unreachable[host] = answer.reason or "unreachable"
        else:
            context.failures.pop(host, None)

    async def refused(self, request: Request, reason: str) -> None:
        """Record a request that was not made."""
        errand: Errand | None = request.meta.get("errand")
        if errand is None:
            return
        self._context.store.end(errand.id, "refused", reason)
        await self._release(errand, ended=True)

    def aside(self, request: Request, exchange: Exchange, answer: Answer) -> None:
        """Record an exchange of the crawler's own (robots.txt) with its request, asked outside the frontier's order."""
        context = self._context
        errand: Errand = request.meta["errand"]
        verdict: Any = {"retry": "failed", "throttled": "blocked"}.get(answer.verdict, answer.verdict)
        number = context.store.ask(context.crawl, errand) or context.store.frontier.find(context.crawl, errand)
        captured = context.store.capture(
            context.crawl, context.portal_id, exchange, verdict, answer.reason, errand.role
        )
        final: Any = captured.outcome
        if number is not None and (answer.verdict != "retry" or request.meta.get("last")):
            context.store.end(number, final, answer.reason, exchange.status, captured.capture)
        if answer.verdict == "blocked":
            self._host_state(errand.host, answer)
        context.store.breathe()

    async def _release(self, errand: Errand, *, ended: bool) -> None:
        self._context.in_hand.discard(errand.id)
        if ended and errand.report and errand.role == "attachment":
            await settle_naming(self._context, errand.report, errand.origin or errand.url)
        if not ended:
            self._context.put_back()
        self._context.store.breathe()
