"""From a fetched part to a revision: read it in the cage, keep it, and judge the report once all its parts are there.

The item pipelines (:class:`ReadPart`, :class:`KeepPart`) are thin; the judging (:func:`settle`) is the same for
a crawl, a resumed crawl and the sweep at a crawl's end.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from archive.chronicle import Judged, RevisionPart
from archive.model import Part, digest_of
from archive.parts import KeptPart
from archive.revisions import substance
from pipelines.glance import glance
from pipelines.read import join, to_json
from pipelines.recognise import judge_row

if TYPE_CHECKING:
    import sqlite3

    from archive.model import Exchange, Outcome, Portal, Reading
    from archive.store import Store
    from pipelines.convert.sandbox import Cage


class Crawl(Protocol):
    """What this module needs to know of the crawl under way."""

    store: Store
    cage: Cage
    portal: Portal
    portal_id: int
    crawl: int
    software: int
    in_hand: set[int]
    settling: set[str]
    readings: dict[int, Reading]
    """Readings of parts whose report waits for other parts, by capture."""

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
    report = crawl.store.chronicle.report(crawl.portal_id, item.part.report)
    if report is None:
        return False
    if item.glance is not None and report["glance"] == item.glance:
        return True
    return item.glance is None and crawl.store.last_digest(item.part.url) == digest_of(item.payload)


async def finish(crawl: Crawl, entry: Entry) -> None:
    """Write an exchange with all it led to, then its outcome, then judge the reports that are complete."""
    store = crawl.store
    suspicious = _implausible(crawl, entry)
    outcome: Outcome = "failed" if suspicious else entry.outcome
    reason = suspicious or entry.reason or _rejection(crawl, entry)
    captured = store.capture(crawl.crawl, crawl.portal_id, entry.exchange, outcome, reason, entry.role)
    kept = entry.kept if captured.payload is not None and outcome != "failed" else []
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


def _rejection(crawl: Crawl, entry: Entry) -> str | None:
    for item in entry.kept:
        reading = item.reading
        if item.part.role == "attachment" or item.part.attachments or reading is None:
            continue
        if reading.kind not in crawl.portal.kinds:
            return f"not-a-report: {_what_instead(reading)}"
    return None


def _what_instead(reading: Reading) -> str:
    return reading.rejected or reading.kind or reading.conversion.error or "off-topic"


def _implausible(crawl: Crawl, entry: Entry) -> str | None:
    """Why a known report's new answer cannot be the report: then it is a failure, and the last good revision stands.

    Throttling portals answer an article's address with their home page and status 200 (field guide A9), and a
    cut page lacks its end tag where it had one.
    """
    for item in entry.kept:
        part, reading = item.part, item.reading
        if part.role != "page" or reading is None:
            continue
        if crawl.store.chronicle.report(crawl.portal_id, part.report) is None:
            continue
        if _cut(crawl, part, entry.exchange.body or b""):
            return "truncated: the page has lost its end"
        if not part.attachments and reading.kind not in crawl.portal.kinds:
            return f"substituted: what answers is no annual report ({_what_instead(reading)})"
    return None


def _cut(crawl: Crawl, part: Part, body: bytes) -> bool:
    if not body[:512].lstrip().startswith(b"<"):
        return False
    before = crawl.store.last_payload(part.url)
    return before is not None and b"</html>" in before[-2048:].lower() and b"</html>" not in body[-4096:].lower()


# ---------------------------------------------------------------- judging a report


async def settle_waiting(crawl: Crawl, report: str) -> None:
    """Judge a report if its page was fetched and none of its attachments is still to be asked for."""
    links = crawl.store.parts.page_links(crawl.crawl, report)
    if links is None or report in crawl.settling or crawl.store.frontier.still_open(crawl.crawl, report, links):
        return
    parts = crawl.store.parts.of(crawl.crawl, report)
    if not parts:
        return
    crawl.settling.add(report)
    try:
        await settle(crawl, report, parts)
    finally:
        crawl.settling.discard(report)
        for part in parts:
            crawl.readings.pop(part.capture, None)


async def settle_naming(crawl: Crawl, report: str, address: str) -> None:
    """Judge every report that an attachment, now fetched or lost, was the last open part of."""
    for waiting in dict.fromkeys([report, *crawl.store.parts.pages_naming(crawl.crawl, address)]):
        await settle_waiting(crawl, waiting)


async def sweep(crawl: Crawl) -> None:
    """Judge every report that still waits at the end of a crawl: its attachments failed, or belong to another page."""
    for report in crawl.store.parts.waiting_pages(crawl.crawl):
        await settle_waiting(crawl, report)
    crawl.store.breathe()


async def settle(crawl: Crawl, key: str, parts: list[KeptPart]) -> None:
    """Compare a report's parts with what the archive holds: the same, cosmetic, a new revision, or no report."""
    store = crawl.store
    store.writing()
    report = store.chronicle.report(crawl.portal_id, key)
    parts = [*parts, *_carried(crawl, report, parts)]
    fingerprint = _fingerprint(store, parts)
    page = parts[0]
    if report is not None and report["parts"] == fingerprint:
        store.chronicle.seen(report, crawl.crawl, page, fingerprint)
        store.parts.settled(crawl.crawl, key)
        return
    readings = [await _reading(crawl, part) for part in parts]
    joined = join(readings[0], [(part.url, reading) for part, reading in zip(parts[1:], readings[1:], strict=True)])
    if joined.kind not in crawl.portal.kinds:
        _not_a_report(crawl, page, joined, known=report is not None)
    else:
        judged = _judged(crawl, key, parts, readings, joined, fingerprint)
        await _decide(crawl, page, judged, report)
    store.writing()
    store.parts.settled(crawl.crawl, key)


async def _decide(crawl: Crawl, page: KeptPart, judged: Judged, report: sqlite3.Row | None) -> None:
    chronicle = crawl.store.chronicle
    latest = chronicle.latest(report["id"]) if report else None
    if report is not None and latest is not None:
        before = chronicle.substance(latest["id"], crawl.software)
        if before is None:
            before = await _reread(crawl, judged.key, latest)
        if before == judged.substance:
            chronicle.seen(report, crawl.crawl, page, judged.fingerprint)
            return
    crawl.store.writing()
    chronicle.revise(crawl.crawl, crawl.portal_id, page, judged)


async def _reread(crawl: Crawl, key: str, revision: sqlite3.Row) -> bytes:
    """Read an older revision with today's software, beside the readings it has, so that like is compared with like."""
    store = crawl.store
    held = [part for part in store.chronicle.revision_parts(revision["id"]) if part.payload is not None]
    parts = [_as_kept(part) for part in held]
    readings = [await _reading(crawl, part) for part in parts]
    joined = join(readings[0], [(part.url, reading) for part, reading in zip(parts[1:], readings[1:], strict=True)])
    judged = _judged(crawl, key, parts, readings, joined, _fingerprint(store, parts))
    store.writing()
    store.chronicle.read(revision["id"], judged, store.clock())
    return judged.substance


def _as_kept(part: RevisionPart) -> KeptPart:
    return KeptPart(part.role, part.url, part.resource, part.name, part.capture or 0, part.payload or 0)


def _carried(crawl: Crawl, report: sqlite3.Row | None, parts: list[KeptPart]) -> list[KeptPart]:
    """The last known payload of attachments that the page still names but that could not be had this time."""
    if report is None:
        return []
    latest = crawl.store.chronicle.latest(report["id"])
    have = {part.url for part in parts}
    named = {url for url, _ in parts[0].links}
    held = crawl.store.chronicle.revision_parts(latest["id"]) if latest else []
    return [_as_kept(part) for part in held if part.role == "attachment" and part.url in named - have and part.payload]


async def _reading(crawl: Crawl, part: KeptPart) -> Reading:
    if part.capture in crawl.readings:
        return crawl.readings[part.capture]
    payload = crawl.store.payloads.get(part.payload)
    future: Any = crawl.cage.submit(payload, url=part.url, name=part.name)
    found: Reading = await asyncio.wrap_future(future)
    return found


def _fingerprint(store: Store, parts: list[KeptPart]) -> bytes:
    """What a report was judged on: the page's glance, or its bytes; and which bytes at which attachment's address."""
    lines = [f"{part.role} {part.url} {(part.glance or store.digest(part.payload)).hex()}" for part in parts]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).digest()


def _judged(
    crawl: Crawl, key: str, parts: list[KeptPart], readings: list[Reading], joined: Reading, fingerprint: bytes
) -> Judged:
    store = crawl.store
    joined = _completed(crawl, key, parts[0], joined)
    joined = replace(joined, paragraphs=tuple(line for reading in readings for line in reading.paragraphs))
    return Judged(
        key=key,
        reading=joined,
        data=lambda: _data(joined, parts, readings),
        substance=substance(readings[0], joined, [store.digest(part.payload) for part in parts[1:]]),
        parts=tuple(_revision_part(store, part, reading) for part, reading in zip(parts, readings, strict=True)),
        fingerprint=fingerprint,
        software=crawl.software,
        division=crawl.portal.division or site_division(readings[0]),
    )


def site_division(page: Reading) -> str | None:
    """The GB/T 2260 code in a page's SiteIDCode: the first six of its ten digits (field guide, 2.2); else None.

    Only where the register knows no better: the tag is sometimes copied from another site.
    """
    codes = [value.strip() for name, value in page.conversion.meta if name == "meta:SiteIDCode"]
    found = next((code for code in reversed(codes) if re.fullmatch(r"(?:[1-5]\d|6[1-5]|71|8[12])\d{8}", code)), None)
    return found[:6] if found else None


def _data(joined: Reading, parts: list[KeptPart], readings: list[Reading]) -> str:
    """A report's reading as it is kept: the joined one, and beside it what the attachments' payloads became."""
    if len(parts) == 1:
        return to_json(joined)
    attachments = [
        {"url": part.url, "conversion": json.loads(to_json(reading.conversion))}
        for part, reading in zip(parts[1:], readings[1:], strict=True)
    ]
    return json.dumps({**json.loads(to_json(joined)), "attachments": attachments}, ensure_ascii=False)


def _completed(crawl: Crawl, key: str, page: KeptPart, joined: Reading) -> Reading:
    """Fill what the report itself does not say from the listing, from what was known before, and from the register.

    The order is the field guide's (section 8): the page's own date goes before the listing's.
    """
    date, title = page.listed
    before = crawl.store.chronicle.report(crawl.portal_id, key)
    row = judge_row(title or "", in_report_column=True)
    by_address = dict(joined.rules).get("published", "").startswith("url")  # the weakest of all dates
    found: dict[str, Any] = {
        "title": joined.title or title or (before["title"] if before else None),
        "published": (None if by_address and date else joined.published)
        or date
        or (before["published"] if before else None),
        "publisher": joined.publisher or row.publisher or crawl.portal.publisher,
        "year": joined.year or row.year,
    }
    sources = {"title": "list:title", "published": "list:date", "publisher": "list:title or register"}
    filled = {name: rule for name, rule in sources.items() if found[name] != getattr(joined, name)}
    rules = {**dict(joined.rules), **filled}
    return replace(joined, **found, rules=tuple(rules.items()))


def _revision_part(store: Store, part: KeptPart, reading: Reading) -> RevisionPart:
    conversion = reading.conversion
    return RevisionPart(
        role=part.role,
        resource=part.resource,
        url=part.url,
        name=part.name,
        media_type=conversion.media_type,
        capture=part.capture or None,
        payload=part.payload,
        converter=store.software_id(conversion.converter),
        state=conversion.state,
    )


def _not_a_report(crawl: Crawl, page: KeptPart, joined: Reading, *, known: bool) -> None:
    sort = "substituted" if known else "not-a-report"
    crawl.store.amend(page.capture, f"{sort}: {_what_instead(joined)}")
