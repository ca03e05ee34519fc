"""What one crawl of one portal shares among Scrapy's components; handed to the spider as ``spider.context``."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.leaves import portal_entry, sha
from archive.model import shown
from archive.urls import host_of
from crawler.manners import Bounds, Manners

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from archive.model import Portal, Reading
    from archive.store import Store
    from crawler.rotation import Rotation
    from crawler.sharing.share import Share
    from pipelines.convert.sandbox import Cage


@dataclass(frozen=True, slots=True)
class Policy:
    """What a crawl may do: which hosts, how fast, how much."""

    hosts: tuple[str, ...]
    allow_private: bool = False
    delay: float = 3.0
    max_requests: int | None = None
    bounds: Bounds = field(default_factory=Bounds)
    retries: int = 2
    retry_wait: float = 10.0
    """Seconds before a failed request is tried again, doubled each time."""
    resolve: tuple[tuple[str, str], ...] = ()
    """Host globs and the addresses they stand at, instead of DNS."""
    patience: float = 120.0
    """The longest Retry-After we wait within a crawl; beyond it the host counts as blocked."""


async def _never(_url: str, _body: bytes) -> bool:
    return False


@dataclass(slots=True)
class Context:
    """One crawl under way.  Mutable where the crawl learns: which hosts blocked it, what went wrong."""

    store: Store
    cage: Cage
    portal: Portal
    portal_id: int
    crawl: int
    software: int
    policy: Policy
    resumed: bool = False
    clock: Callable[[], float] = time.time
    on_abort: Callable[[], None] = lambda: None
    put_back: Callable[[], None] = lambda: None
    """Tells the frontier that the archive holds a request it has not seen: put off, or led to by a redirect."""
    manners: Manners = field(default_factory=Manners)
    """What was asked of each host lately, by all portals of the run."""
    on_lost: Callable[[Any], Awaitable[list[Any]]] | None = None
    """The errback of every request: the last place where an exchange that came to nothing is seen."""
    as_wrong: Callable[[str, bytes], Awaitable[bool]] = field(default=_never)
    """Whether an answer is what its host says to an address that never was."""
    asked: int = 0
    good: int = 0
    blocked: dict[str, str] = field(default_factory=dict)
    unreachable: dict[str, str] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    """Consecutive connection failures by host."""
    quiet: dict[str, int] = field(default_factory=dict)
    """Until when (milliseconds) a host wants to be left in peace: its Retry-After."""
    delays: dict[str, float] = field(default_factory=dict)
    """The Crawl-delay of a host's robots.txt, seconds."""
    problems: list[str] = field(default_factory=list)
    stopped: str | None = None
    """Why the crawl ends early: ``limit``, ``signal``."""
    error: BaseException | None = None
    turn: int = 0
    """How many crawls of this portal have finished before."""
    share: Share | None = None
    """This crawl's part in a frontier that several machines share."""
    rotation: Rotation | None = None
    """Which known addresses this crawl asks for again; None: all of them."""
    in_hand: set[int] = field(default_factory=set)
    """Requests handed to the engine whose outcome is not written yet."""
    under_way: set[int] = field(default_factory=set)
    """Those of them whose answer has not come: what keeps their host busy."""
    settling: set[str] = field(default_factory=set)
    readings: dict[int, Reading] = field(default_factory=dict)

    def abort(self, error: BaseException) -> None:
        """Stop the crawl over an error that must not be passed over: a lost write, a bug."""
        if self.error is None:
            self.error = error
        self.on_abort()

    def stop(self, why: str) -> None:
        """End the crawl early, resumable."""
        if self.stopped is None:
            self.stopped = why
            self.on_abort()

    def described(self) -> dict[str, Any]:
        """The settings a crawl row keeps."""
        return {
            "entry": shown(sha(portal_entry(self.portal).encode())),
            "delay": self.policy.delay,
            "hosts": list(self.policy.hosts),
            "allow_private": self.policy.allow_private,
            "max_requests": self.policy.max_requests,
            **self.policy.bounds.described(),
            **({"rotate": self.rotation.every, "anew": self.rotation.anew} if self.rotation else {}),
        }


def policy_for(portals: Iterable[Portal], hosts: Sequence[str], **options: Any) -> Policy:
    """The policy of a crawl: ``*.gov.cn``, the hosts of the named portals and of the register, and what the user allowed."""
    own: list[str] = []
    for portal in portals:
        own += [host_of(url) for url in (portal.home, *portal.start)]
        own += [*portal.hosts, *(alias.host for alias in portal.aliases)]
    return Policy(hosts=tuple(dict.fromkeys(["*.gov.cn", *own, *hosts])), **options)
