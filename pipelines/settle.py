"""When all of a report's parts are there: compare it with what the archive holds, and keep what is new."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from archive.chronicle import page_key
from pipelines.judging import as_kept, fingerprint_of, judge

if TYPE_CHECKING:
    import sqlite3

    from archive.chronicle import Judged
    from archive.model import Portal, Reading
    from archive.parts import KeptPart
    from archive.store import Store
    from pipelines.convert.sandbox import Cage


ABSENT = ("missing", "gone")


class Crawl(Protocol):
    """What is needed of the crawl under way."""

    store: Store
    cage: Cage
    portal: Portal
    portal_id: int
    crawl: int
    software: int
    settling: set[str]
    readings: dict[int, Reading]
    """Readings of parts whose report waits for other parts, by capture."""


async def settle_waiting(crawl: Crawl, report: str) -> None:
    """Judge a page if it was fetched and none of its attachments is still to be asked for."""
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
    """Compare what a page holds with the archive: the same, cosmetic, a new revision, gone from it, or no report."""
    store = crawl.store
    store.writing()
    held = store.chronicle.on_page(crawl.portal_id, key)
    parts = [*parts, *_carried(crawl, key, held, parts)]
    fingerprint = fingerprint_of(store, parts)
    present = [report for report in held if report["state"] not in ABSENT]
    if present and all(report["parts"] == fingerprint for report in present):
        for report in present:
            store.chronicle.seen(report, crawl.crawl, parts[0], fingerprint)
        _left_out(crawl, held, {report["key"] for report in present}, parts[0])
        store.parts.settled(crawl.crawl, key)
        return
    readings = [await _reading(crawl, part) for part in parts]
    apart = any(report["key"] != key for report in held)
    judged = judge(crawl, key, parts, readings, apart=apart)
    kept = [one for one in judged if one.reading.kind in crawl.portal.kinds]
    for one in kept:
        await _decide(crawl, parts[0], one)
    whole = all(reading.conversion.state == "ok" and reading.conversion.error is None for reading in readings)
    if whole and kept:
        _left_out(crawl, held, {one.key for one in kept}, parts[0])
    if not kept:
        _not_a_report(crawl, parts[0], judged[0].reading, known=bool(held) and whole)
    store.writing()
    store.parts.settled(crawl.crawl, key)


def _left_out(crawl: Crawl, held: list[sqlite3.Row], found: set[str], page: KeptPart) -> None:
    """Reports that stood on this page and do not any more: their page answers, so this is definite."""
    for report in held:
        if report["key"] not in found:
            crawl.store.writing()
            crawl.store.chronicle.teller.left_out(report, crawl.crawl, page)


async def _decide(crawl: Crawl, page: KeptPart, judged: Judged) -> None:
    chronicle = crawl.store.chronicle
    report = chronicle.report(crawl.portal_id, judged.key)
    latest = chronicle.latest(report["id"]) if report else None
    if report is not None and latest is not None:
        before = chronicle.substance(latest["id"], crawl.software)
        if before is None:
            before = await _reread(crawl, judged, latest)
        if before == judged.substance:
            chronicle.seen(report, crawl.crawl, page, judged.fingerprint)
            return
    crawl.store.writing()
    chronicle.revise(crawl.crawl, crawl.portal_id, page, judged)


async def _reread(crawl: Crawl, judged: Judged, revision: sqlite3.Row) -> bytes | None:
    """Read an older revision with today's software, beside the readings it has, so that like is compared with like."""
    store = crawl.store
    held = [part for part in store.chronicle.revision_parts(revision["id"]) if part.payload is not None]
    parts = [as_kept(part) for part in held]
    readings = [await _reading(crawl, part) for part in parts]
    key = page_key(judged.key)
    found = judge(crawl, key, parts, readings, apart=key != judged.key)
    again = next((one for one in found if one.key == judged.key), None)
    if again is None:
        return None
    store.writing()
    store.chronicle.read(revision["id"], again, store.clock())
    return again.substance


def _carried(crawl: Crawl, key: str, held: list[sqlite3.Row], parts: list[KeptPart]) -> list[KeptPart]:
    """The last known payload of attachments that the page still names but that could not be had this time.

    Where a file is a report of its own, a definite 404 or 410 of it is the report's absence: it is not carried.
    """
    have = {part.url for part in parts}
    named = {url for url, _ in parts[0].links}
    found: dict[str, KeptPart] = {}
    for report in held:
        latest = crawl.store.chronicle.latest(report["id"])
        for part in crawl.store.chronicle.revision_parts(latest["id"]) if latest else []:
            alone = report["key"] != key and crawl.store.frontier.is_gone(crawl.crawl, part.resource)
            if part.role == "attachment" and part.url in named - have and part.payload and not alone:
                found.setdefault(part.url, as_kept(part))
    return list(found.values())


async def _reading(crawl: Crawl, part: KeptPart) -> Reading:
    if part.capture in crawl.readings:
        return crawl.readings[part.capture]
    payload = crawl.store.payloads.get(part.payload)
    future: Any = crawl.cage.submit(payload, url=part.url, name=part.name)
    found: Reading = await asyncio.wrap_future(future)
    return found


def _not_a_report(crawl: Crawl, page: KeptPart, joined: Reading, *, known: bool) -> None:
    sort = "substituted" if known else "not-a-report"
    crawl.store.amend(page.capture, f"{sort}: {what_instead(joined)}")


def what_instead(reading: Reading) -> str:
    """What a payload that is no report is, in a word or a sentence."""
    return reading.rejected or reading.kind or reading.conversion.error or "off-topic"
