"""What a host answers to an address that never was, and what its home page looks like: asked once, when in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from archive.model import Errand
from archive.urls import host_of, url_key
from crawler.likeness import alike, pieces, title

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.context import Context

NAME = "nianlun-no-such-page.html"
_HTML = 2048


class Probe:
    """Compares answers of one crawl's hosts; see the module."""

    def __init__(self, context: Context, crawler: Crawler) -> None:
        self._context = context
        self._crawler = crawler
        self._wrong: dict[str, frozenset[bytes] | None] = {}
        self._home: tuple[bytes, frozenset[bytes]] | None = None

    def is_home(self, url: str, body: bytes) -> bool:
        """Whether an article's answer is the portal's home page."""
        if not title(body) or host_of(url) != host_of(self._context.portal.home):
            return False
        if self._home is None:
            page = self._context.store.last_payload(self._context.portal.home)
            if page is None:
                return False
            self._home = (title(page), pieces(page))
        return title(body) == self._home[0] and alike(pieces(body), self._home[1])

    async def is_as_wrong(self, url: str, body: bytes) -> bool:
        """Whether an answer is what the host says to an address that never was (a soft 404)."""
        host = host_of(url)
        if host not in self._wrong:
            self._wrong[host] = await self._ask(url)
        wrong = self._wrong[host]
        return wrong is not None and alike(pieces(body), wrong)

    async def _ask(self, url: str) -> frozenset[bytes] | None:
        """The pieces of a wrong address's answer; None where it is refused, as it should be, or nothing came."""
        parts = urlsplit(url)
        where = f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/{NAME}"
        errand = Errand(url=where, key=f"probe {url_key(where)}", role="probe", host=host_of(where))
        meta = {"role": "probe", "errand": errand, "download_slot": errand.host, "last": True}
        try:
            response = await self._crawler.engine.download_async(Request(where, meta=meta, dont_filter=True))
        except IgnoreRequest:
            return None
        except Exception:  # noqa: BLE001  # recorded by Evidence; without an answer there is nothing to compare
            return None
        return pieces(response.body) if response.status == 200 and response.body else None
