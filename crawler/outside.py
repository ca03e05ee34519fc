"""What the spiders and the crawler know of an address or an answer, handed to an import.

An import lies below these layers (:class:`pipelines.importing.interface.Outside`); what a file brings is judged by the
rules a crawl has: whose address it is, what an answer is, which files a page names.
"""

from __future__ import annotations

import fnmatch
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse

from archive.model import Portal
from archive.urls import host_of, url_key
from crawler.challenge import classify
from crawler.exceptions import UsageError
from crawler.targets import resolve
from pipelines.convert.decoding import charset_of, decode
from pipelines.convert.sniff import sniff
from pipelines.importing.interface import Look
from pipelines.recognise import judge_row
from spiders.addresses import IMAGES, extension, is_file
from spiders.discovery import is_column
from spiders.families import identity, recognise
from spiders.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.model import Link, Role, Row
    from pipelines.importing.interface import Origin


class SpiderRules:
    """What the spiders and the crawler know, for :class:`pipelines.importing.interface.Outside`."""

    def __init__(self, known: dict[str, Portal], register: dict[str, Portal], forced: str | None) -> None:
        self._known = {**register, **known}
        self._hosts: dict[str, Portal] = {}
        for portal in self._known.values():
            for host in _hosts(portal):
                self._hosts.setdefault(host, portal)
        self._forced = self._named(forced) if forced else None

    def _named(self, name: str) -> Portal:
        if name not in self._known:
            near = nearest(name, self._known)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"No portal {name!r} in the archive or the register.{hint} `nianlun portals` lists them.")
        return self._known[name]

    def portal(self, url: str, origin: Origin | None) -> Portal:
        """The portal of an address: the one named, else by host, else a new one named after the host."""
        if self._forced is not None:
            return self._forced
        host = host_of(url)
        found = self._hosts.get(host) or self._hosts.get(host.removeprefix("www."))
        if found is None:
            found = next(
                (p for p in self._known.values() if any(fnmatch.fnmatch(host, glob) for glob in p.hosts)), None
            )
        if found is None:
            found = self._new(host, url, origin)
        self._hosts[host] = found
        return found

    def _new(self, host: str, url: str, origin: Origin | None) -> Portal:
        if not host:
            return Portal(name="import-files", title="导入的文件 imported files", home="urn:nianlun:files")
        if origin is not None and origin.name not in self._known and host_of(origin.home) == host:
            return Portal(name=origin.name, title=host, home=origin.home)

        scheme = "https" if url.startswith("https:") else "http"
        return resolve([f"{scheme}://{host}/"], ())[0]  # the portal a crawl of that home page would be of

    def key(self, url: str) -> str:
        """The identity of the article at an address, as a crawl would find it."""
        return identity(url)

    def look(self, portal: Portal, url: str, status: int | None, headers: Mapping[str, str], body: bytes) -> Look:
        """What an answer is, by the crawler's rules, and what the spiders see in it."""
        markup = is_markup(body, headers.get("content-type", ""))
        role = role_of(url, portal, markup=markup)
        if status is None:
            return (
                self._page(portal, url, headers, body, Look("fetched", None, role))
                if markup
                else Look("fetched", None, role)
            )
        answer = classify(url, status, headers, body, home=portal.home, document=role in ("page", "attachment"))
        outcome: Any = {"retry": "failed", "throttled": "blocked"}.get(answer.verdict, answer.verdict)
        found = Look(outcome, answer.reason, role, answer.location)
        return self._page(portal, url, headers, body, found) if outcome == "fetched" and markup else found

    def _page(self, portal: Portal, url: str, headers: Mapping[str, str], body: bytes, look: Look) -> Look:
        """Whether a page is a listing, or may be a report; most pages speak of no annual report and are not parsed."""
        text = decoded(body, headers.get("content-type"))
        if look.role not in ("page", "home") or not ("年报" in text or "年度" in text):
            return look
        response = response_of(url, text)
        if is_column(response, home=look.role == "home") and not _is_titled(response):
            rows = recognise(response, portal.family).rows(response)
            kept = tuple(row for row in rows if judge_row(row.title, url=row.url, in_report_column=True).keep)
            if kept and not _is_article(url, kept):
                return replace(look, role="listing", rows=kept)
        return replace(look, candidate=look.role == "page" and "公开" in text)

    def links(self, portal: Portal, url: str, media_type: str | None, body: bytes) -> Sequence[Link]:
        """The files a page names, as its family's spider finds them."""
        if not is_markup(body, media_type or ""):
            return ()
        response = response_of(url, decoded(body, media_type))
        return recognise(response, portal.family).attachments(response)


def _is_titled(response: Any) -> bool:
    """Whether a page names an article of its own that may be a report: 国办发〔2017〕47号 gives articles that tag alone."""
    titles = response.xpath('//meta[translate(@name, "ARTICLE", "article")="articletitle"]/@content').getall()
    return any(judge_row(title, url=response.url, in_report_column=True).keep for title in titles if title.strip())


def _is_article(url: str, rows: Sequence[Row]) -> bool:
    """Whether a page with links like a listing's is an article: by its address, or since it names nothing but files."""
    if not identity(url).startswith("url:"):
        return True
    name = urlsplit(url).path.rpartition("/")[2]
    return bool(name) and not name.startswith(("index", "list")) and all(is_file(row.url) for row in rows)


def _hosts(portal: Portal) -> set[str]:
    found = {host_of(url) for url in (portal.home, *portal.start)} | {alias.host for alias in portal.aliases}
    return {host.removeprefix("www.") for host in found if host} | {host for host in found if host}


def is_markup(body: bytes, kind: str) -> bool:
    """Whether a body is a page by its bytes."""
    return sniff(body, kind or None, None) == "text/html" if body else False


def decoded(body: bytes, kind: str | None) -> str:
    """A page's text."""
    return decode(body, charset_of(kind))[0]


def response_of(url: str, text: str) -> Any:
    """A page as the spiders read it."""
    return HtmlResponse(url, body=text.encode("utf-8", "replace"), encoding="utf-8")


def role_of(url: str, portal: Portal, *, markup: bool) -> Role:
    """What sort of address it is, as far as it tells."""
    parts = urlsplit(url)
    if parts.path == "/robots.txt":
        return "robots"
    if url_key(url) == url_key(portal.home) or (
        url_key(url) == url_key(f"{parts.scheme}://{parts.netloc}/") and parts.netloc
    ):
        return "home"
    if is_file(url) or (not markup and extension(url) in {*IMAGES, "js", "css", "ico", "svg", "woff", "json", "xml"}):
        return "attachment"
    return "page"
