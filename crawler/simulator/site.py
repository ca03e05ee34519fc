"""What every simulated portal offers to the world around it, and how a host is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import random

    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Identity, Load
    from crawler.simulator.names import Cast
    from crawler.simulator.request import Request
    from crawler.simulator.sheet import Content
    from crawler.simulator.stock import Clerk

ROBOTS = "User-agent: *\nDisallow: /e/data/\nDisallow: /login.jsp\n"


class Site(Protocol):
    """One portal: what stands on it, what it answers, and where a new article goes.

    A path here may carry a query where the system's addresses do.
    """

    who: Cast
    clerk: Clerk
    identity: Identity
    layout: int
    documents: dict[int, Document]

    def answer(self, request: Request, load: Load) -> Answer:
        """What the portal answers to any request but that for robots.txt."""

    def annual(self) -> tuple[str, ...]:
        """The paths of the annual-report columns."""

    def page_paths(self, document: Document) -> tuple[str, ...]:
        """Every path an article stands at, the one its row links first."""

    def file_path(self, document: Document, file: Attached) -> str:
        """The path by which a file of an article is linked."""

    def file_paths(self, document: Document, file: Attached) -> tuple[str, ...]:
        """Every path of a file: that by which it is linked first, then where a download program redirects."""

    def place(self, document: Document) -> Document:
        """An article as this portal enters it (its columns may depend on its year and publisher)."""

    def counts(self) -> dict[str, int]:
        """What the portal itself says its annual-report columns hold, by the column's path; {} where it is silent."""

    def unlisted(self) -> tuple[Document, ...]:
        """The reports that no list or interface of the portal gives."""


Build = Callable[["random.Random", str, int], Site]
"""A seeded generator, the host's name and the newest reports' year to a portal."""


@dataclass(frozen=True, slots=True)
class Host:
    """How a host of the simulated country comes about."""

    build: Build
    domain: str = ""
    """Its name; ``www.{key}.gov.test`` if empty."""
    aliases: tuple[str, ...] = ()
    """Further names the same site answers at; it sees which in the request's host."""
    robots: str = ROBOTS
    robots_status: int = 200
    door: str = ""
    """The name at which a visitor begins, where that is not the host's own (an address it had before)."""
    most: int | None = None
    """How often a polite crawler may ask here in one crawl, ``/robots.txt`` left out; None: as often as its budget says."""
    closed: bool = False
    """Whether nothing here may be had: a wall stands before it, or its robots.txt says so."""


@runtime_checkable
class Bundling(Protocol):
    """A site that keeps reports inside archives."""

    def bundled(self) -> tuple[tuple[str, str, Content], ...]:
        """Each of them: the archive's path, the member's name, the report."""
