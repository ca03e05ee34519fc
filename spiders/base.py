"""The spider every portal has: it says what a response leads to, and remembers nothing.

The frontier keeps a request as the name of its callback, its JSON arguments and its meta, and may rebuild it after
a crash; so every callback is a method, every argument is JSON, and what a later callback needs travels with the
request.  Families read pages (:mod:`spiders.families`); this module only connects them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import TextResponse

from archive.model import Known, Part, Portal, Row
from archive.urls import url_key
from spiders import discovery
from spiders.addresses import is_file
from spiders.families import asked, identity, lists, recognise
from spiders.families.interface import Ask
from spiders.scoring import COLUMN, SECTION, SURE_PATH, path_score, text_score
from spiders.text import names_report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

    from archive.model import Expectation, Link
    from spiders.families.interface import Carry, Family

HOPS = 3
"""How many redirections by a page's own means are followed one after another."""
LEVELS = 2
"""How many levels of sub-columns are followed below a column."""
PAGES = 60
"""A listing's pages are followed up to this one."""

GATHERING = re.compile(r"各.{1,6}(?:年度报告|年报)|汇总|合集|一览")
"""Words of a row that leads to a list of reports."""
_CELLS = 60
"""A page with as many table cells is a report, whatever it links."""
_LISTING, _ATTACHMENT, _PAGE, _KNOWN, _ROAD = 300, 250, 200, 100, 150
Yielded = Request | Part | Any


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a listing an answer stands: its first page, the column it belongs to, the rule that named its pages."""

    at: str
    root: str | None
    rule: str | None
    family: str


class PortalSpider(Spider):
    """Crawls one portal; see the module."""

    name = "portal"
    portal: Portal

    def __init__(
        self,
        portal: Portal | None = None,
        known: tuple[Known, ...] = (),
        columns: tuple[str, ...] = (),
        entry: str | None = None,
        **more: Any,
    ) -> None:
        self.portal = portal or self.portal
        self.known = tuple(known)
        self.columns = self.portal.start or tuple(columns)
        self.entry = entry
        super().__init__(self.portal.name, **more)

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the columns, or where none is known the page discovery begins at, and for every known address."""
        for url in self.columns:
            yield self._listing(url)
        if not self.columns:
            yield self._home(self.entry or self.portal.home, depth=0, budget=discovery.IN_ALL)
        for known in self.known:
            yield self._known(known)

    # -------------------------------------------------------- discovery

    def parse_home(
        self, response: Response, depth: int = 0, budget: int = 0, seen: list[str] | None = None, hops: int = 0
    ) -> Iterator[Yielded]:
        """Follow the links that promise an annual-report column; a page that is one is read as a listing."""
        if not isinstance(response, TextResponse):
            return
        onward = discovery.redirection(response)
        if onward and hops < HOPS:
            yield self._home(onward, depth=depth, budget=budget, seen=seen, hops=hops + 1)
            return
        if discovery.is_column(response, home=depth == 0):
            yield from self.parse_listing(response)
            return
        for column in recognise(response, self.portal.family).columns(response):
            yield self._listing(column.url)
        if depth < discovery.DEPTH:
            yield from self._roads(response, depth, budget, seen or [], hops)

    def _roads(self, response: TextResponse, depth: int, budget: int, seen: list[str], hops: int) -> Iterator[Request]:
        found = discovery.candidates(response, self.portal.home, self._hosts(response))
        if not found and depth == 0:
            yield from self._lost(response, budget, hops)
            return
        onward = None if found else discovery.sent(response)
        if onward and hops < HOPS:
            yield self._home(onward, depth=depth, budget=budget, seen=seen, hops=hops + 1)
        picked = discovery.chosen(found, budget, seen)
        followed = [*seen, *(discovery.short(candidate.url) for candidate, _ in picked)]
        for candidate, share in picked:
            if candidate.column or asked(candidate.url).method != "GET":
                yield self._listing(candidate.url, priority=_LISTING + candidate.score)
            else:
                yield self._home(
                    candidate.url, depth=depth + 1, budget=share, seen=followed, priority=_ROAD + candidate.score
                )

    def _lost(self, response: TextResponse, budget: int, hops: int) -> Iterator[Request]:
        """A home page without a single promising link: its frames, else the site's map."""
        inside = discovery.frames(response) if hops < HOPS else []
        for url in inside:
            yield self._home(url, depth=0, budget=budget, hops=hops + 1)
        if not inside:
            yield from self._maps(response, budget)

    def _maps(self, response: TextResponse, budget: int) -> Iterator[Request]:
        """The maps of a site: the page that people read, and the file."""
        for url in discovery.sitemap_links(response):
            yield self._sitemap(url) if url.endswith(".xml") else self._home(url, depth=1, budget=budget // 2)

    def resort(self, home: TextResponse | None) -> Iterator[Request]:
        """What is left when no link led to a report: the home page where it was not asked, the site's maps, its search."""
        if self.columns or self.entry:
            yield self._home(self.portal.home, depth=0, budget=discovery.IN_ALL)
        if home is None:
            return
        yield from self._maps(home, discovery.IN_ALL)
        for ask in discovery.searches(home):
            yield self._further(ask, [], [], _Place(ask.url, None, None, "generic")).replace(priority=0)

    def parse_sitemap(self, response: Response, level: int = 0) -> Iterator[Request]:
        """Follow the columns a sitemap names, or the maps it is an index of."""
        body = response.body.decode("utf-8", "replace")
        for url in discovery.mapped(body, response.url):
            if not url.endswith(".xml") and path_score(url) >= SURE_PATH:
                yield self._listing(url)
            elif not url.endswith(".xml"):
                yield self._home(url, depth=discovery.DEPTH, budget=0)
            elif level < 2:
                yield self._sitemap(url, level + 1)

    # -------------------------------------------------------- listings

    def parse_listing(
        self,
        response: Response,
        page: int = 1,
        seen: list[str] | None = None,
        rule: str | None = None,
        others: list[Carry] | None = None,
        root: str | None = None,
        hops: int = 0,
        level: int = 0,
        at: str | None = None,
        family: str | None = None,
        carry: Carry | None = None,
    ) -> Iterator[Yielded]:
        """Rows, the next page, sub-columns, and what the listing says it holds.

        ``at`` is the listing's first page, ``seen`` are the rows of the pages before: a page that shows nothing
        new is not read, and the other readings of its script (``others``) are tried instead.  ``family`` and
        ``carry`` come with an answer of a list's interface, which no fingerprint tells.
        """
        if not isinstance(response, TextResponse):
            return
        onward = discovery.redirection(response) if at is None else None
        if onward and hops < HOPS:
            yield self._listing(onward, root=root, hops=hops + 1, level=level)
            return
        system = recognise(response, family or self.portal.family)
        rows = system.rows(response, carry) if page else []
        fresh = [row for row in rows if discovery.short(row.url) not in set(seen or [])]
        deeper = lists(response, system, rows, carry)
        place = _Place(at or response.url, root, rule, system.name)
        onto = [] if rows or page <= 1 else [ask for ask in system.pages(response, page, carry) if ask.rule == "下一页"]
        if at is not None and not deeper and not onto and not (fresh if page > 1 else rows):
            untried = [Ask.unpacked(other) for other in others or []]
            yield from self._first(untried, seen or [], replace(place, rule=None))
            return
        misplaced = at is not None and page > 1 and bool(others) and system.misplaced(response, page)
        yield from self._counted(system.expectation(response, carry), place)
        if at is None:
            yield from self._about(response, system, rows, root or response.url, hops, level)
        for row in fresh:
            if not _of_the_frame(row):
                yield self._row(replace(row, listing=place.at))
        known = [*(seen or []), *(discovery.short(row.url) for row in fresh)]
        for readings in deeper:
            yield from self._first(readings, known, place)
        if misplaced:  # its rows are good, but the page asked for lies elsewhere
            yield from self._first([Ask.unpacked(other) for other in others or []], known, replace(place, rule=None))
        elif page < PAGES and not deeper:
            yield from self._first(system.pages(response, page, carry), known, place)

    def _counted(self, expectation: Expectation | None, place: _Place) -> Iterator[Expectation]:
        if expectation:
            yield replace(expectation, listing=place.at)

    def _about(
        self, response: TextResponse, family: Family, rows: list[Row], root: str, hops: int, level: int
    ) -> Iterator[Yielded]:
        """What stands beside the rows of a first page: sub-columns, further columns, a frame."""
        # Two levels below the column (field guide, 3.1); a calendar of folders that link each other would never end.
        for url in discovery.below(response, root) if level < LEVELS else ():
            yield self._listing(url, root=root, level=level + 1)
        for candidate in discovery.candidates(response, self.portal.home, self._hosts(response)):
            if candidate.column and text_score(candidate.text) >= COLUMN:
                yield self._listing(candidate.url)
        for column in family.columns(response):
            yield self._listing(column.url)
        if not rows and hops < HOPS:
            for url in discovery.frames(response)[:1]:
                yield self._listing(url, root=root, hops=hops + 1, level=level)

    def _first(self, readings: list[Ask], seen: list[str], place: _Place) -> Iterator[Request]:
        """Ask for the likeliest of several readings; the others are tried where it fails or shows nothing new."""
        usable = [each for each in readings if each.page == 0 or place.rule in {None, each.rule}]
        if usable:
            yield self._further(usable[0], seen, usable[1:], place)

    # -------------------------------------------------------- reports

    def parse_page(self, response: Response) -> Iterator[Yielded]:
        """A report's page and the files it names; a row that led straight to a file is a page too."""
        key = identity(response.url)
        links: tuple[Link, ...] = ()
        if isinstance(response, TextResponse):
            family = recognise(response, self.portal.family)
            links = tuple(family.attachments(response))
            yield from self._gathered(response, family)
        row = response.meta.get("row")
        yield Part(response.url, "page", key, key, row=Row(**row) if row else None, attachments=links)
        for link in links:
            yield self._attachment(link.url, key, link.name)

    def _gathered(self, response: TextResponse, family: Family) -> Iterator[Request]:
        """The reports a page lists that is no report itself: one year's of all departments."""
        if response.text.count("</td>") >= _CELLS or not discovery.is_column(response):
            return
        own = url_key(response.url)
        rows = [row for row in family.rows(response) if names_report(row.title) and not is_file(row.url)]
        named = GATHERING.search((response.meta.get("row") or {}).get("title", ""))
        for row in rows if len(rows) > 1 or named else ():
            if url_key(row.url) != own:
                yield self._row(row)

    def parse_attachment(self, response: Response, report: str, name: str | None = None) -> Iterator[Part]:
        """A file of a report."""
        yield Part(response.url, "attachment", identity(response.url), report, name)

    # -------------------------------------------------------- requests

    def _hosts(self, response: Response) -> tuple[str, ...]:
        """The hosts a portal's pages lie on, that of the page itself among them: a home page may have moved."""
        here = urlsplit(response.url).hostname or ""
        return (*self.portal.hosts, *(alias.host for alias in self.portal.aliases), here)

    def _home(
        self,
        url: str,
        *,
        depth: int,
        budget: int,
        seen: list[str] | None = None,
        hops: int = 0,
        priority: int = _ROAD,
    ) -> Request:
        arguments = {"depth": depth, "budget": budget, "seen": seen or [], "hops": hops}
        meta = {"role": "home", "key": f"home:{url_key(url)}" if depth or hops else f"start:{url_key(url)}"}
        return Request(url, self.parse_home, cb_kwargs=arguments, meta=meta, priority=priority - 10 * depth)

    def _sitemap(self, url: str, level: int = 0) -> Request:
        return Request(url, self.parse_sitemap, cb_kwargs={"level": level}, meta={"role": "home"}, priority=_ROAD)

    def _listing(
        self, url: str, *, root: str | None = None, hops: int = 0, level: int = 0, priority: int = _LISTING
    ) -> Request:
        ask = asked(url)
        return Request(
            ask.url,
            self.parse_listing,
            method=ask.method,
            body=ask.body,
            headers=dict(ask.headers),
            cb_kwargs={"root": root, "hops": hops, "level": level},
            meta={"role": "listing", "key": ask.key},
            priority=priority,
        )

    def _further(self, ask: Ask, seen: list[str], others: list[Ask], place: _Place) -> Request:
        arguments = {
            "page": ask.page,
            "seen": seen,
            "rule": ask.rule if ask.page > 1 else None,
            "others": [other.packed() for other in others],
            "root": place.root,
            "at": place.at,
            "family": ask.family or place.family,
            "carry": {**ask.carry, "at": place.at} if ask.carry else None,
        }
        meta = {"role": "listing", "key": ask.key if ask.page else f"{ask.key} for {url_key(place.at)}"}
        return Request(
            ask.url,
            self.parse_listing,
            method=ask.method,
            body=ask.body,
            headers=dict(ask.headers),
            cb_kwargs=arguments,
            meta=meta,
            priority=_LISTING,
        )

    def _row(self, row: Row) -> Request:
        meta = {"role": "page", "row": {name: getattr(row, name) for name in row.__slots__}} | _key(row.url)
        return Request(row.url, self.parse_page, meta=meta, priority=_PAGE)

    def _attachment(self, url: str, report: str, name: str | None) -> Request:
        meta = {"role": "attachment", "report": report}
        arguments = {"report": report, "name": name}
        return Request(url, self.parse_attachment, cb_kwargs=arguments, meta=meta, priority=_ATTACHMENT)

    def _known(self, known: Known) -> Request:
        if known.role == "attachment":
            return self._attachment(known.url, known.report, known.title).replace(priority=_KNOWN)
        meta = {"role": "page"} | _key(known.url)
        return Request(known.url, self.parse_page, meta=meta, priority=_KNOWN)


def _of_the_frame(row: Row) -> bool:
    """Whether a row is a menu's: it has a column's or a section's name, and no date stands beside it."""
    return row.date is None and text_score(row.title) >= SECTION


def _key(url: str) -> dict[str, Any]:
    """The frontier's key of a page where it is not the address: a family's document, or a file that is a row."""
    key = identity(url)
    if is_file(url) or not key.startswith("url:"):
        return {"key": key}
    return {"key": key.removeprefix("url:")} if key != f"url:{url_key(url)}" else {}
