"""Running crawls: several portals in one process, one archive, one writer; how each ended.

What a crawl found is compared with what was expected of it here: the portal's own counts, the register's
``[expect]``, and that something was found at all.
"""

from __future__ import annotations

import asyncio
import getpass
import logging
import signal
import sqlite3
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.connection import as_trouble
from archive.model import Software
from archive.portals import asked_of_hosts, crawls_since
from archive.rounds import rounds
from archive.store import Store
from archive.urls import host_of
from crawler import settings as ours
from crawler.context import Context
from crawler.extensions import Overview
from crawler.manners import Manners
from crawler.rotation import Rotation
from crawler.sharing import together
from crawler.signs import contradiction, page_of
from pipelines.across import compare_years
from pipelines.read import software as readers
from pipelines.settle import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archive.model import Portal, Summary
    from archive.portals import Asked
    from crawler.context import Policy
    from crawler.sharing.workers import Workers
    from pipelines.convert.sandbox import Cage


@dataclass(frozen=True, slots=True)
class Ended:
    """How one portal's crawl ended: its sums, its problems in words, and what was asked of each host."""

    summary: Summary
    problems: tuple[str, ...]
    resumed: bool
    hosts: tuple[Asked, ...] = ()


@dataclass(slots=True)
class Plan:
    """What to crawl, and how."""

    portals: Sequence[Portal]
    policy: Policy
    quiet: bool = False
    debug: bool = False
    ocr: bool = True
    """Whether pictures of text are recognised, if the extra is there."""
    rotate: int | None = None
    """Of older reports only an N-th is asked for again; None: every one."""
    clock: Callable[[], float] = time.time
    entries: Mapping[str, str] = field(default_factory=dict)
    """Where discovery begins instead of the home page, by portal."""
    manners: Manners = field(default_factory=Manners)
    concurrent: int = 200
    workers: Workers | None = None
    """The workers of other machines this run shares its frontier with (:mod:`crawler.sharing`)."""
    announce: Any = None
    """Called with a sentence when an interrupted crawl is resumed."""
    done: list[Ended] = field(default_factory=list)
    closed: str | None = None
    """Why portals were not begun: the hour, or the bound on all requests."""
    stopped: bool = False
    """Whether a signal kept portals from being begun."""


_HINTS = {
    "private-address": "give --allow-private if this portal is meant to stand on a private address",
    "off-host": "give --allow-host for its host",
    "robots": "its robots.txt forbids it",
}


def reading_software(*, ocr: bool = True) -> Software:
    """The program that reads, with its readers' versions, libraries and caps: what tells two readings apart."""
    parameters = tuple(
        (item.name, " ".join([item.version, *map("=".join, item.parameters)])) for item in readers(ocr=ocr)
    )
    return Software("nianlun", ours.VERSION, parameters)


def run(connection: sqlite3.Connection, plan: Plan) -> list[Ended]:
    """Crawl every portal of the plan; blocks until all have ended.  Raises what must not be passed over."""
    from scrapy.utils.reactor import install_reactor, is_reactor_installed  # noqa: PLC0415

    if plan.debug:
        logging.basicConfig(level=logging.DEBUG)
    else:
        logging.getLogger().addHandler(logging.NullHandler())  # errors reach the user as one sentence, not as a log
    if not is_reactor_installed():
        install_reactor(ours.TWISTED_REACTOR)
    from twisted.internet import reactor as installed  # noqa: PLC0415

    reactor: Any = installed
    failure: list[BaseException] = []

    async def everything() -> None:
        try:
            await _crawl_all(connection, plan)
        except BaseException as error:  # noqa: BLE001  # carried out of the reactor and raised below
            failure.append(error)
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: asyncio.ensure_future(everything()))
    reactor.run(installSignalHandlers=False)
    if failure:
        told = as_trouble(failure[0]) if isinstance(failure[0], sqlite3.Error) else None
        raise told or failure[0]
    return plan.done


async def _crawl_all(connection: sqlite3.Connection, plan: Plan) -> None:
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415

    store = Store(connection, lambda: int(plan.clock() * 1000))
    now = plan.clock()
    days = max(7.0, (plan.policy.bounds.cooling or 0) / 24)
    lately = crawls_since(store.sql, int((now - days * 86_400) * 1000))
    asked = asked_of_hosts(store.sql, lately, since=int((now - 86_400) * 1000))
    plan.manners = Manners.after(plan.policy.bounds, asked, now)
    cage = Cage(ocr=plan.ocr)
    contexts: list[Context] = []
    stopping = _handle_signals(contexts)
    gate = asyncio.Semaphore(plan.concurrent)
    hosts: dict[str, asyncio.Lock] = {}  # portals that share a host take turns: one connection a host

    async def one(portal: Portal) -> None:
        async with hosts.setdefault(host_of(portal.home), asyncio.Lock()), gate:
            plan.closed = plan.closed or plan.manners.closed(plan.clock())
            if not stopping.is_set() and not plan.closed:
                plan.done.append(await _crawl_portal(store, cage, portal, plan, contexts))

    overview = Overview(contexts, len(plan.portals), plan.done) if len(plan.portals) > 1 and not plan.quiet else None
    try:
        if plan.workers is not None:
            await plan.workers.each(plan.portals, one, lambda portal: _interrupted(store, portal), stopping.is_set)
        else:
            await together(one(portal) for portal in plan.portals)
    finally:
        if overview is not None:
            overview.close()
        cage.close()
        store.close()
    plan.stopped = stopping.is_set()


def _interrupted(store: Store, portal: Portal) -> bool:
    return store.interrupted(store.portal_id(portal)) is not None


def _handle_signals(contexts: list[Context]) -> asyncio.Event:
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        for context in contexts:
            context.stop("signal")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return stopping


async def _crawl_portal(store: Store, cage: Cage, portal: Portal, plan: Plan, contexts: list[Context]) -> Ended:
    context = _open(store, cage, portal, plan)
    contexts.append(context)
    if context.resumed and plan.announce:
        plan.announce(f"{portal.name}: crawl {context.crawl} was interrupted; it is resumed.")
    if plan.workers is not None:
        context.share = plan.workers.join(context)
    try:
        await _scrapy(context, plan)
    finally:
        plan.manners.turns.leave(context.crawl)
    if context.share is not None:
        await context.share.end()
    if context.error is not None:
        store.rollback()
        raise context.error
    return await _conclude(context)


def _open(store: Store, cage: Cage, portal: Portal, plan: Plan) -> Context:
    portal_id = store.portal_id(portal)
    software = store.software_id(reading_software(ocr=plan.ocr))
    crawl = store.interrupted(portal_id)
    seen = rounds(store.sql, portal_id)
    context = Context(
        store=store, cage=cage, portal=portal, portal_id=portal_id, crawl=crawl or 0, software=software,
        policy=plan.policy, resumed=crawl is not None, clock=plan.clock, turn=seen.turn, manners=plan.manners,
        rotation=Rotation(plan.rotate, seen, plan.clock()) if plan.rotate and seen.turn else None,
    )  # fmt: skip
    if crawl is None:
        context.crawl = store.begin_crawl(
            portal_id, uuid.uuid4().hex, reading_software(ocr=plan.ocr), context.described(), _operator()
        )
    return context


def _operator() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


async def _scrapy(context: Context, plan: Plan) -> None:
    from scrapy.crawler import AsyncCrawlerRunner  # noqa: PLC0415
    from scrapy.settings import Settings  # noqa: PLC0415
    from scrapy.utils.misc import build_from_crawler, load_object  # noqa: PLC0415
    from twisted.internet import reactor  # noqa: PLC0415

    from spiders.loader import spider_class  # noqa: PLC0415

    chosen = Settings()
    chosen.setmodule(ours, priority="project")
    chosen.setdict({**ours.overrides(), **_options(plan)}, priority="cmdline")
    runner = AsyncCrawlerRunner(chosen)
    crawler = runner.create_crawler(spider_class(context.portal))
    runner.settings = chosen
    owner: Any = runner
    build_from_crawler(load_object(chosen["DNS_RESOLVER"]), owner, reactor).install_on_reactor()
    stopping: list[asyncio.Task[None]] = []
    context.on_abort = lambda: stopping.append(asyncio.ensure_future(crawler.stop_async()))
    rotation, known = context.rotation, context.store.known(context.portal_id)
    if rotation is not None:
        known = tuple(item for item in known if rotation.due(item.url))
    columns = rotation.rounds.columns if rotation is not None and not rotation.anew else ()
    entry = plan.entries.get(context.portal.name)
    await runner.crawl(crawler, portal=context.portal, known=known, columns=columns, entry=entry, context=context)
    for task in stopping:
        await task


def _options(plan: Plan) -> dict[str, Any]:
    options: dict[str, Any] = {
        "SPIDER_LOADER_CLASS": "scrapy.spiderloader.DummySpiderLoader",  # the spider is at hand: no register is read for it
        "DOWNLOAD_DELAY": plan.policy.delay,
        "NIANLUN_ALLOW_PRIVATE": plan.policy.allow_private,
        "NIANLUN_QUIET": plan.quiet,
        "NIANLUN_TOGETHER": len(plan.portals) > 1,
        "NIANLUN_RESOLVE": list(plan.policy.resolve),
    }
    if plan.workers is not None:
        options["SCHEDULER"] = "crawler.sharing.frontier.SharedFrontier"
        options["SPIDER_MIDDLEWARES"] = {**ours.SPIDER_MIDDLEWARES, "crawler.sharing.frontier.Together": 60}
    if plan.policy.delay:  # a slow host is asked more slowly; with --delay 0 the operator wants no waiting
        options |= {
            "EXTENSIONS": ours.EXTENSIONS | {"scrapy.extensions.throttle.AutoThrottle": 0},
            "AUTOTHROTTLE_ENABLED": True,
            "AUTOTHROTTLE_START_DELAY": plan.policy.delay,
        }
    if plan.debug:
        options["LOG_LEVEL"] = "DEBUG"
    return options


async def _conclude(context: Context) -> Ended:
    store = context.store
    open_requests = store.frontier.open_requests(context.crawl)
    if open_requests and not context.stopped:
        context.problems.append(f"{open_requests} requests have no outcome; run the crawl again to finish them")
    if context.stopped not in (None, "limit", "signal"):
        context.problems.append(f"stopped early: {context.stopped}")
    finished = open_requests == 0
    if finished:
        await sweep(context)
        store.writing()
        store.chronicle.teller.absences(context.crawl, context.portal_id)
        compare_years(store)
    outcome = _outcome(context, finished=finished)
    _expectations(context, finished=finished)
    summary = store.end_crawl(context.crawl, outcome, finished=finished, problems=context.problems)
    hosts = tuple(asked_of_hosts(store.sql, [context.crawl]))
    return Ended(summary, tuple(context.problems), context.resumed, hosts)


def _outcome(context: Context, *, finished: bool) -> str:
    if context.blocked and (context.good == 0 or finished):
        return "blocked"
    if not finished:
        return "interrupted"
    asked, good = context.store.tally(context.crawl)
    if good == 0 and asked:
        return "blocked" if context.blocked else "unreachable"
    return "finished"


def _expectations(context: Context, *, finished: bool) -> None:
    """Say where less, or more, was found than the portal or the register announced."""
    if not finished:
        return
    home = context.store.frontier.first(context.crawl, "home")
    if home is not None and (context.portal.publisher or context.portal.division):
        page = page_of(home["url"], context.store.payloads.get(home["payload"]) or b"")
        context.problems += [said] if (said := contradiction(context.portal, page)) else []
    for listing, expected, found in context.store.listings(context.crawl):
        if found < expected:
            context.problems.append(
                f"short by {expected - found}: {listing} says it has {expected} entries, {found} were found"
            )
    found = context.share.found() if context.share is not None else context.store.found(context.crawl)
    if context.rotation is not None and context.store.tally(context.crawl)[1]:
        return  # of a rotated crawl only the listings say how much there is
    bounds = context.portal.expect
    if bounds and not bounds[0] <= found <= bounds[1]:
        context.problems.append(f"{found} reports found where the register expects {bounds[0]} to {bounds[1]}")
    if found == 0:
        why = context.store.why_nothing(context.crawl)
        hint = _HINTS.get(why or "", "see `nianlun requests` for what was asked and refused")
        context.problems.append(f"no annual report was found{f' ({why})' if why else ''}; {hint}")
