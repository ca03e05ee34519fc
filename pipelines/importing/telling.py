"""Captures an import brought → reports: judged by the readers and rules of a crawl, each at its own time.

Where an import goes on after all that the archive has of a portal, it is told like a crawl that was made then
(:mod:`pipelines.settle`).  Where it lies before, or between, each page finds its place by its time, and the portal's
chronicles are told anew (:mod:`archive.retelling`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from archive import imports
from archive.chronicle import page_key
from archive.parts import KeptPart
from archive.urls import url_key
from pipelines.convert.sniff import sniff
from pipelines.glance import glance
from pipelines.judging import as_kept, judge
from pipelines.reports import kinds_in
from pipelines.settle import settle, what_instead

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence

    from archive.chronicle import Judged
    from archive.imports import Captured, Notes
    from archive.model import Link, Portal, Reading
    from archive.store import Store
    from pipelines.convert.sandbox import Cage
    from pipelines.importing.interface import Outside
    from pipelines.importing.take_in import Group

AHEAD = 6
"""Pages in the readers' hands at once."""
BATCH = 16
"""Captures of one page whose chronicle is told together."""
DOCUMENTS = ("application/pdf", "application/ofd", "application/msword", "application/rtf", "application/zip",
             "application/vnd.", "application/x-7z-compressed", "multipart/related", "text/html")  # fmt: skip
"""What a file that no page names can be a report as; a picture alone is none."""


@dataclass(slots=True)
class Bench:
    """One imported crawl under way: what :mod:`pipelines.settle` needs of a crawl, and what an import knows beside."""

    store: Store
    cage: Cage
    portal: Portal
    portal_id: int
    crawl: int
    software: int
    outside: Outside
    notes: Notes
    settling: set[str] = field(default_factory=set)
    readings: dict[int, Reading] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    """Keys of the files that the crawl's report pages name."""


def tell(
    store: Store,
    cage: Cage,
    software: int,
    outside: Outside,
    groups: Sequence[tuple[Group, Notes]],
    *,
    problems: dict[int, list[str]],
    say: Callable[[int, int], None] | None = None,
) -> None:
    """Judge what all imported crawls brought, portal by portal in the order of their times, and end the crawls.

    ``problems``: what to keep of each crawl's file in its sums, by crawl.
    """
    waiting = sorted(
        ((group, notes) for group, notes in groups if not group.finished),
        key=lambda item: (item[0].portal_id, item[0].first, item[0].crawl),
    )
    done = 0
    for portal_id, several in groupby(waiting, key=lambda item: item[0].portal_id):
        of_portal = list(several)
        for runs_on, run in _runs(store, portal_id, of_portal):
            benches = [
                Bench(store, cage, group.portal, portal_id, group.crawl, software, outside, notes)
                for group, notes in run
            ]
            for bench in benches:
                asyncio.run(_judge(bench, runs_on=runs_on))
                done += 1
                if say:
                    say(done, len(waiting))
                if runs_on:
                    _end(store, [bench], problems, runs_on=True)
            if not runs_on:
                _end(store, benches, problems, runs_on=False)


def _runs(
    store: Store, portal: int, groups: list[tuple[Group, Notes]]
) -> Iterator[tuple[bool, list[tuple[Group, Notes]]]]:
    """A portal's imported crawls in runs: those that go on after all before them, and those that do not."""
    edge, number, whole = imports.last_time(store.sql, portal, [group.crawl for group, _ in groups])
    judged = []
    for group, notes in groups:
        judged.append((whole and group.crawl > number and (edge is None or group.first > edge), (group, notes)))
        edge, number = max(edge or 0, group.last), max(number, group.crawl)
    for runs_on, several in groupby(judged, key=lambda item: item[0]):
        yield runs_on, [item for _, item in several]


def _end(store: Store, benches: list[Bench], problems: dict[int, list[str]], *, runs_on: bool) -> None:
    """End crawls and tell their portal's chronicles, in one transaction: there is no state between that contradicts itself."""
    store.writing()
    for bench in benches:
        if runs_on:
            store.chronicle.teller.absences(bench.crawl, bench.portal_id)
        store.end_crawl(bench.crawl, "finished", finished=True, problems=problems.get(bench.crawl, []), commit=False)
    if not runs_on:
        for report in imports.reports_of(store, benches[0].portal_id):
            store.chronicle.tell_anew(report)
    store.commit()


# ---------------------------------------------------------------- one crawl


async def _judge(bench: Bench, *, runs_on: bool) -> None:
    wanted = [
        (key, captures) for key, captures in imports.pages(bench.store, bench.crawl) if _is_wanted(bench, key, captures)
    ]
    await _together(_page(bench, key, captures, runs_on=runs_on) for key, captures in wanted)
    alone = [number for number in imports.files(bench.store, bench.crawl) if _is_alone(bench, number)]
    await _together(_file(bench, number, runs_on=runs_on) for number in alone)
    bench.store.commit()


async def _together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run works a few at a time; the first error ends them all."""
    gate = asyncio.Semaphore(AHEAD)
    waiting = list(works)

    async def one(work: Coroutine[Any, Any, None]) -> None:
        async with gate:
            await work

    tasks = [asyncio.ensure_future(one(work)) for work in waiting]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for work in waiting:  # those that were never begun
            work.close()


def _is_wanted(bench: Bench, key: str, captures: list[int]) -> bool:
    """Whether a page is worth reading: it speaks of annual reports, a listing names it, or it is known as one."""
    if bench.notes.has("candidate", f"{bench.crawl} {key}") or bench.store.chronicle.on_page(bench.portal_id, key):
        return True
    return any(_listed(bench, imports.captured(bench.store, number).url) != (None, None) for number in captures[:1])


def _listed(bench: Bench, url: str) -> tuple[str | None, str | None]:
    """Date and title of the listing's row that leads to a page: one of this crawl's listings first."""
    found = bench.notes.all("row", url_key(url))
    own = [item for item in found if item[0] == bench.crawl]
    best = (own or found[-1:] or [[None, None, None]])[0]
    return best[1], best[2]


async def _page(bench: Bench, key: str, captures: list[int], *, runs_on: bool) -> None:
    """Judge a page's captures, oldest first."""
    store = bench.store
    waiting = imports.judged(store, bench.crawl, captures)
    for at in range(0, len(waiting), BATCH):
        batch = [_parts(bench, imports.captured(store, number)) for number in waiting[at : at + BATCH]]
        if runs_on:
            for parts, kind in batch:
                await _settle(bench, key, parts, kind)
        else:
            await _place(bench, key, batch)
        store.breathe()


def _parts(bench: Bench, page: Captured, *, links: bool = True) -> tuple[list[KeptPart], str | None]:
    """A page and the attachments that belong to it at its time; and what the server called the page."""
    store = bench.store
    body = store.payloads.get(page.payload)
    named = bench.outside.links(bench.portal, page.url, page.media_type, body) if links else ()
    kept = tuple((link.url, link.name) for link in named)
    look = glance(body, url=page.url, media_type=page.media_type)
    first = KeptPart(
        "page", page.url, page.resource, None, page.capture, page.payload, kept, look, _listed(bench, page.url)
    )
    return [first, *_attached(bench, page, named)], page.media_type


def _attached(bench: Bench, page: Captured, links: Sequence[Link]) -> Iterator[KeptPart]:
    for link in links:
        found = imports.attachment(bench.store, link.url, bench.crawl, page.at)
        if found is not None and found.payload != page.payload:
            resource = bench.store.resource(link.url)
            yield KeptPart("attachment", link.url, resource, link.name, found.capture, found.payload)


async def _read(bench: Bench, parts: Sequence[KeptPart], kind: str | None) -> list[Reading]:
    """The parts' readings, asked for at once."""
    futures: list[Any] = [
        bench.cage.submit(
            bench.store.payloads.get(part.payload), url=part.url, media_type=kind if part.role == "page" else None,
            name=part.name,
        )
        for part in parts
    ]  # fmt: skip
    return [await asyncio.wrap_future(future) for future in futures]


def _names(bench: Bench, page: KeptPart) -> None:
    """Keep which files a report's page names."""
    bench.named.update(url_key(url) for url, _ in page.links)


async def _settle(bench: Bench, key: str, parts: list[KeptPart], kind: str | None) -> None:
    """As a crawl would; the page is read here, where it is known what the server called it."""
    held = bench.store.chronicle.on_page(bench.portal_id, key)
    page = parts[0]
    if not (held and page.glance is not None and all(report["glance"] == page.glance for report in held)):
        bench.readings[page.capture] = (await _read(bench, parts[:1], kind))[0]
    try:
        await settle(bench, key, parts)
    finally:
        bench.readings.pop(page.capture, None)
    if bench.store.chronicle.on_page(bench.portal_id, key):
        _names(bench, page)


# ---------------------------------------------------------------- before what is known


async def _place(bench: Bench, key: str, batch: list[tuple[list[KeptPart], str | None]]) -> None:
    """Give captures of a page their places among the revisions that are known; their chronicles are told together."""
    store = bench.store
    told: list[tuple[KeptPart, list[Judged]]] = []
    before: tuple[tuple[int, ...], list[Reading]] | None = None
    for parts, kind in batch:
        payloads = tuple(part.payload for part in parts)
        readings = before[1] if before and before[0] == payloads else await _read(bench, parts, kind)
        before = (payloads, readings)
        store.writing()
        apart = any(report["key"] != key for report in store.chronicle.on_page(bench.portal_id, key))
        judged = judge(bench, key, parts, readings, apart=apart)
        kept = [one for one in judged if one.reading.kind in bench.portal.kinds]
        for one in kept:
            await _compare_alike(bench, one, imports.captured(store, parts[0].capture).at)
        if kept:
            told.append((parts[0], kept))
            _names(bench, parts[0])
        else:
            store.writing()
            store.amend(parts[0].capture, f"not-a-report: {what_instead(judged[0].reading)}")
    store.writing()
    touched: set[int] = set()
    for page, kept in told:
        for one in kept:
            touched |= _keep(bench, page, one)
    for report in touched:
        store.chronicle.tell_anew(report)


def _keep(bench: Bench, page: KeptPart, judged: Judged) -> set[int]:
    """Keep what a page said at its time: a sighting of a revision, or one of its own; the report that is to be told anew."""
    chronicle = bench.store.chronicle
    report = chronicle.report(bench.portal_id, judged.key)
    if report is None:
        chronicle.revise(bench.crawl, bench.portal_id, page, judged)
        return set()
    at = imports.captured(bench.store, page.capture).at
    then = chronicle.as_of(report["id"], at)
    if then is not None and chronicle.substance(then, judged.software) == judged.substance:
        chronicle.seen_then(report["id"], bench.crawl, page, then, tell=False)
        return {report["id"]}
    chronicle.revise(bench.crawl, bench.portal_id, page, judged, past=True)
    return set()


async def _compare_alike(bench: Bench, judged: Judged, at: int) -> None:
    """Have the revisions before and after a time read by today's software, so that like is compared with like."""
    store = bench.store
    report = store.chronicle.report(bench.portal_id, judged.key)
    if report is None:
        return
    for number in (store.chronicle.as_of(report["id"], at), imports.after(store, report["id"], at)):
        if number is None or store.chronicle.substance(number, bench.software) is not None:
            continue
        parts = [as_kept(part) for part in store.chronicle.revision_parts(number) if part.payload is not None]
        if not parts:
            continue
        readings = await _read(bench, parts, None)
        key = page_key(judged.key)
        found = judge(bench, key, parts, readings, apart=key != judged.key)
        again = next((one for one in found if one.key == judged.key), None)
        if again is not None:
            store.writing()
            now = store.chronicle.report(bench.portal_id, judged.key)
            assert now is not None
            store.chronicle.reread(now, imports.revision(store, number), again, store.clock())


# ---------------------------------------------------------------- files that no page names


def _is_alone(bench: Bench, number: int) -> bool:
    """Whether a file can be a report of its own: no report's page names it, and it is a document."""
    found = imports.captured(bench.store, number)
    if url_key(found.url) in bench.named:
        return False
    return sniff(bench.store.payloads.get(found.payload), found.media_type, found.url).startswith(DOCUMENTS)


async def _file(bench: Bench, number: int, *, runs_on: bool) -> None:
    store = bench.store
    key = bench.outside.key(imports.captured(store, number).url)
    if not imports.judged(store, bench.crawl, [number]):
        return
    parts, kind = _parts(bench, imports.captured(store, number), links=False)
    reading = (await _read(bench, parts, kind))[0]
    if not kinds_in(reading) & set(bench.portal.kinds):
        return
    imports.as_page(store, number, key)
    if runs_on:
        bench.readings[number] = reading
        try:
            await settle(bench, key, parts)
        finally:
            bench.readings.pop(number, None)
    else:
        await _place(bench, key, [(parts, kind)])
    store.breathe()
