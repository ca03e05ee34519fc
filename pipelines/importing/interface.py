"""What an import is told from outside: whose address it is, what an answer is, which files a page names.

Those are rules of the spiders and of the crawler, which this layer does not know: the command hands them in, so that
what a file brings is judged like what a crawl fetches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.model import Link, Outcome, Portal, Role, Row
    from pipelines.importing.warc import Problem


@dataclass(frozen=True, slots=True)
class Look:
    """What an answer is: its outcome with the reason, what sort of address it is, and what it leads to."""

    outcome: Outcome
    reason: str | None
    role: Role
    location: str | None = None
    """For a redirect: where it leads."""
    candidate: bool = False
    """Whether a page may be a report, so that it is worth reading."""
    rows: tuple[Row, ...] = ()
    """For a listing: the rows that may be reports."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file says of the crawl a record comes from: the portal's name and home page, where it names them."""

    name: str
    home: str


class Outside(Protocol):
    """The rules that come from the layers above."""

    def portal(self, url: str, origin: Origin | None) -> Portal:
        """The portal an address belongs to: a known one by its host, else a new one."""
        ...

    def key(self, url: str) -> str:
        """The identity of the article at an address."""
        ...

    def look(self, portal: Portal, url: str, status: int | None, headers: Mapping[str, str], body: bytes) -> Look:
        """What an answer is; ``headers`` have lower-case names, no status: a file that no server sent."""
        ...

    def links(self, portal: Portal, url: str, media_type: str | None, body: bytes) -> Sequence[Link]:
        """The files a page names as its attachments."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What one file of an import brought."""

    file: str
    digest: str
    crawls: tuple[int, ...] = ()
    records: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    known: bool = False
    """Whether all of it was in the archive already."""

    def as_dict(self) -> dict[str, object]:
        """The row as ``import --json`` prints it."""
        return {
            "file": self.file,
            "digest": self.digest,
            "crawls": list(self.crawls),
            "records": self.records,
            **{name: self.counts.get(name, 0) for name in ("captures", "revisits", "reports", "revisions")},
            "known": self.known,
            "problems": [problem.as_dict() for problem in self.problems],
        }
