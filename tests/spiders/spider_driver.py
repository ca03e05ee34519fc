"""A tiny crawler for tests: follows a spider's requests over loopback, one by one, as the frontier would.

Requests go through JSON between being made and being asked, so that a spider that keeps something back fails here.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from archive.model import Expectation, Part
from archive.urls import url_key


@dataclass
class Driven:
    """What a crawl led to."""

    parts: list[Part] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    rows: dict[str, dict] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Role and address of every request, in order."""


def fetch(url: str) -> tuple[int, str, bytes]:
    """Status, content type and body; the status of an error too."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Content-Type", ""), error.read()


def as_response(request: Request, kind: str, body: bytes) -> Response:
    """The response as the crawler hands it over: text decoded and coded again as UTF-8, anything else as bytes."""
    if "html" not in kind:
        return Response(request.url, body=body, request=request)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("gb18030", "replace")
    return HtmlResponse(request.url, body=text.encode(), encoding="utf-8", request=request)


def first_requests(spider) -> list[Request]:
    """What the spider's start yields."""

    async def gather():
        return [item async for item in spider.start()]

    return asyncio.run(gather())


def drive(spider, limit: int = 400) -> Driven:
    """Crawl from the spider's start until nothing is left; addresses of other hosts are not asked for."""
    result = Driven()
    heap: list[tuple[int, int, str]] = []
    keys: set[str] = set()

    def push(request: Request) -> None:
        if row := request.meta.get("row"):
            result.rows[request.url] = row
        key = request.meta.get("key") or url_key(request.url)
        if key in keys:
            return
        keys.add(key)
        meta = {name: request.meta[name] for name in ("role", "row", "report", "key") if name in request.meta}
        packed = json.dumps([request.url, request.callback.__name__, request.cb_kwargs, meta])
        heapq.heappush(heap, (-request.priority, len(keys), packed))

    for request in first_requests(spider):
        push(request)
    while heap and len(result.asked) < limit:
        url, callback, arguments, meta = json.loads(heapq.heappop(heap)[2])
        if not url.startswith(spider.portal.home.rstrip("/")):
            continue
        request = Request(url, meta=meta, dont_filter=True)
        result.asked.append((meta["role"], url))
        status, kind, body = fetch(url)
        if status >= 400:
            continue
        for item in getattr(spider, callback)(as_response(request, kind, body), **arguments):
            if isinstance(item, Request):
                push(item)
            elif isinstance(item, Part):
                result.parts.append(item)
            else:
                result.expectations.append(item)
    return result
