"""From a fetched part to a revision: read it in the cage, keep it, and judge the report once all its parts are there.

The item pipelines (:class:`ReadPart`, :class:`KeepPart`) are thin; the judging (:mod:`pipelines.settle`) is the same for
a crawl, a resumed crawl and the sweep at a crawl's end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from archive.model import Part, digest_of
from pipelines import settle
from pipelines.glance import glance
from pipelines.judging import is_unread
from pipelines.reports import kinds_in
from pipelines.settle import settle_naming, settle_waiting, what_instead

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from archive.model import Exchange, Outcome, Reading


class Crawl(settle.Crawl, Protocol):
    """What this module needs to know of the crawl under way."""

    in_hand: set[int]

    @property
    def as_wrong(self) -> Callable[[str, bytes], Awaitable[bool]]:
        """Whether an answer is what its host says to an address that never was (a soft 404)."""

    def abort(self, error: BaseException) -> None:
        """End the crawl over an error that must not be passed over."""


@dataclass(slots=True)
class Entry:
    """One exchange on its way into the archive: what its callback led to, until all of it can be written at once."""

    errand: int
    exchange: Exchange
    outcome: Outcome
    status: int | None
    reason: str | None = None
    outstanding: int = 0
    walked: bool = False
    """Whether the callback has ended."""
    kept: list[Fetched] = field(default_factory=list)
    role: str = "page"
    origin: str | None = None

    @property
    def complete(self) -> bool:
        """Whether the callback has ended and every part it yielded was read."""
        return self.walked and self.outstanding == 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """The Scrapy item: a part, the exchange that brought it, and after :class:`ReadPart` its glance and reading."""

    part: Part
    entry: Entry
    payload: bytes
    media_type: str | None
    glance: bytes | None = None
    reading: Reading | None = None


def _crawl(crawler: Any) -> Crawl:
    context: Crawl = crawler.spider.context
    return context


class ReadPart:
    """Has a part's payload read in the cage; a part the archive has read before is not read again."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl

    @classmethod
    def from_crawler(cls, crawler: Any) -> ReadPart:
        """Scrapy's constructor."""
        return cls(_crawl(crawler))

    async def process_item(self, item: Any) -> Any:
        """Return the item with its reading; None where the archive has judged the same bytes, or the same glance."""
        if not isinstance(item, Fetched):
            return item
        part = item.part
        seen = glance(item.payload, url=part.url, media_type=item.media_type) if part.role == "page" else None
        item = replace(item, glance=seen)
        if same_as_before(self._crawl, item):
            return item
        future: Any = self._crawl.cage.submit(item.payload, url=part.url, media_type=item.media_type, name=part.name)
        return replace(item, reading=await asyncio.wrap_future(future))


class KeepPart:
    """Gives the part to its exchange's entry, and finishes the entry when this was the last."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl

    @classmethod
    def from_crawler(cls, crawler: Any) -> KeepPart:
        """Scrapy's constructor."""
        return cls(_crawl(crawler))

    async def process_item(self, item: Any) -> Any:
        """Keep the part."""
        if isinstance(item, Fetched):
            item.entry.kept.append(item)
            item.entry.outstanding -= 1
            if item.entry.complete:
                try:
                    await finish(self._crawl, item.entry)
                except Exception as error:
                    self._crawl.abort(error)  # a lost write is fatal, not a log line
                    raise
        return item


def same_as_before(crawl: Crawl, item: Fetched) -> bool:
    """Whether a known report's part has the bytes, or the glance, it had when it was last judged."""
    on_page = crawl.store.chronicle.on_page(crawl.portal_id, item.part.report)
    held = [report for report in on_page if report["state"] not in settle.ABSENT]
    if not held:
        return False
    if item.glance is not None and all(report["glance"] == item.glance for report in held):
        return True
    return item.glance is None and crawl.store.last_digest(item.entry.exchange.url) == digest_of(item.payload)


async def finish(crawl: Crawl, entry: Entry) -> None:
    """Write an exchange with all it led to, then its outcome, then judge the reports that are complete."""
    store = crawl.store
    suspicious = _implausible(crawl, entry)
    outcome: Outcome = "failed" if suspicious else entry.outcome
    if suspicious and await _as_wrong(crawl, entry, suspicious):
        outcome, suspicious = "gone", "soft-404: the same as for an address that never was"
    reason = suspicious or entry.reason or _rejection(crawl, entry)
    captured = store.capture(crawl.crawl, crawl.portal_id, entry.exchange, outcome, reason, entry.role)
    kept = entry.kept if captured.payload is not None and outcome not in ("failed", "gone") else []
    for item in kept:
        store.parts.keep(crawl.crawl, item.part, captured.capture, captured.payload or 0, item.glance, entry.origin)
        if item.reading is not None:
            crawl.readings[captured.capture] = item.reading
    final: Any = captured.outcome
    store.end(entry.errand, final, reason, entry.status, captured.capture)
    crawl.in_hand.discard(entry.errand)
    for item in entry.kept:
        if item.part.role == "attachment":
            await settle_naming(crawl, item.part.report, entry.origin or item.part.url)
        else:
            await settle_waiting(crawl, item.part.report)
    store.breathe()


async def _as_wrong(crawl: Crawl, entry: Entry, suspicious: str) -> bool:
    """Whether a known report's address now answers like one that never was."""
    body = entry.exchange.body
    return bool(body) and suspicious.startswith("substituted") and await crawl.as_wrong(entry.exchange.url, body or b"")


def _rejection(crawl: Crawl, entry: Entry) -> str | None:
    for item in entry.kept:
        reading = item.reading
        if item.part.role == "attachment" or item.part.attachments or reading is None:
            continue
        if not kinds_in(reading) & set(crawl.portal.kinds) and not is_unread(reading):
            return f"not-a-report: {what_instead(reading)}"
    return None


def _implausible(crawl: Crawl, entry: Entry) -> str | None:
    """Why a known report's new answer cannot be the report: then it is a failure, and the last good revision stands.

    Throttling portals answer an article's address with their home page and status 200 (field guide A9), and a
    cut page lacks its end tag where it had one.
    """
    for item in entry.kept:
        part, reading = item.part, item.reading
        if part.role != "page" or reading is None:
            continue
        if not crawl.store.chronicle.on_page(crawl.portal_id, part.report):
            continue
        if _cut(crawl, part, entry.exchange.body or b""):
            return "truncated: the page has lost its end"
        waits = is_unread(reading) and reading.conversion.state in {"needs", "encrypted"}
        if not part.attachments and not kinds_in(reading) & set(crawl.portal.kinds) and not waits:
            return f"substituted: what answers is no annual report ({what_instead(reading)})"
    return None


def _cut(crawl: Crawl, part: Part, body: bytes) -> bool:
    if not body[:512].lstrip().startswith(b"<"):
        return False
    before = crawl.store.last_payload(part.url)
    return before is not None and b"</html>" in before[-2048:].lower() and b"</html>" not in body[-4096:].lower()
