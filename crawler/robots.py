"""robots.txt as a contract: asked first, recorded, obeyed (RFC 9309, with the field guide's B1).

2xx with text: its rules.  4xx: everything is allowed.  5xx, silence, a challenge or 403: permission cannot be
established, so nothing is asked.  HTML instead of text counts as absent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from archive.model import Errand
from archive.urls import host_of, url_key

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.context import Context

_AGENT = "nianlun"
_SIZE = 512 * 1024
_HOPS = 5
_LONGEST = 60.0
"""Seconds of Crawl-delay that are honoured at most; a longer one would never end."""


class Rules:
    """The robots.txt rules of every host of a crawl."""

    def __init__(self, context: Context, crawler: Crawler) -> None:
        self._context = context
        self._crawler = crawler
        self._hosts: dict[str, asyncio.Task[Protego | str]] = {}

    async def refusal(self, url: str, slot: str) -> str | None:
        """Why ``url`` must not be asked for, or None.  The first question for a host fetches its rules."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._hosts:
            self._hosts[origin] = asyncio.ensure_future(self._fetch(f"{origin}/robots.txt", slot))
        rules = await asyncio.shield(self._hosts[origin])
        if isinstance(rules, str):
            return rules
        return None if rules.can_fetch(url, _AGENT) else "robots"

    async def _fetch(self, url: str, slot: str) -> Protego | str:
        held = self._context.store.robots(self._context.crawl, url) if self._context.resumed else None
        if held is not None:
            return self._parsed(held, slot)
        for _ in range(_HOPS):
            answer = await self._ask(url, slot)
            if isinstance(answer, str):
                return answer
            location = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                return self._judge(answer, slot)
            url = urljoin(url, location.decode("latin-1"))
        return Protego.parse("")  # RFC 9309, 2.3.1.2: after five hops as if it were not there

    async def _ask(self, url: str, slot: str) -> Response | str:
        errand = Errand(url=url, key=f"robots {url_key(url)}", role="robots", host=host_of(url))
        policy = self._context.policy
        reason = "robots: no answer"
        for attempt in range(policy.retries + 1):
            last = attempt == policy.retries
            meta = {"role": "robots", "errand": errand, "download_slot": slot, "last": last}
            wait = policy.retry_wait * 2**attempt
            try:
                response = await self._crawler.engine.download_async(Request(url, meta=meta, dont_filter=True))
            except IgnoreRequest:
                return "robots: could not be asked for"
            except Exception as error:  # noqa: BLE001  # whatever kept it from answering, we were not given permission
                reason = f"robots: no answer ({type(error).__name__})"
            else:
                if last or (response.status < 500 and response.status != 429):
                    return response
                wait = max(wait, _retry_after(response, policy.patience))
            if not last:
                await self._pause(wait)
        return reason

    async def _pause(self, seconds: float) -> None:
        """Wait, but not longer than the crawl lasts."""
        while seconds > 0 and not self._context.stopped:
            await asyncio.sleep(min(0.2, seconds))
            seconds -= 0.2

    def _judge(self, response: Response, slot: str) -> Protego | str:
        status = response.status
        if status in (401, 403, 405, 406, 412, 429) or status >= 500:
            return f"robots: status {status}, permission cannot be established"
        if 300 <= status < 500:
            return Protego.parse("")
        return self._parsed(response.body, slot)

    def _parsed(self, body: bytes, slot: str) -> Protego:
        if body[:512].lstrip().lower().startswith(b"<"):
            return Protego.parse("")
        rules = Protego.parse(body[:_SIZE].decode("utf-8-sig", "replace"))
        delay = rules.crawl_delay(_AGENT)
        if delay:
            self._context.delays[slot] = min(float(delay), _LONGEST)
        return rules


def _retry_after(response: Response, patience: float) -> float:
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    return min(float(text), patience) if text.isdecimal() else 0.0
