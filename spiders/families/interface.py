"""What a family knows of its content management system; one module each, the generic rules as a base.

A family holds no state: everything is read off a response or an address, and what a later answer needs travels
with the request as its ``carry``.  Identity is a rule about addresses alone, so that an article keeps its key
whichever page named it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from archive.urls import key_number, url_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.http import TextResponse

    from archive.model import Expectation, Link, Row

Carry = dict[str, Any]
"""What travels with the requests of one listing, JSON: ``at`` is always the address of the listing's first page."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for a part of a listing: a further page, or the interface that holds its rows.

    ``certain`` is False for an address that was guessed from a pattern: it may not exist.
    """

    page: int
    """Which page of the listing, from 1; 0: not a page yet, but something the page's address is read from."""
    url: str
    rule: str
    certain: bool = True
    method: str = "GET"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    carry: Carry = field(default_factory=dict)
    family: str = ""
    """Whose rules read the answer, where it is not the family of the listing's page."""

    @property
    def key(self) -> str:
        """The frontier's key: two bodies sent to one address are two requests."""
        sent = f" {key_number(self.body):x}" if self.body else ""
        return f"listing:{url_key(self.url)}{sent}"

    def packed(self) -> Carry:
        """Plain data, for a request's arguments."""
        return asdict(self) | {"headers": [list(pair) for pair in self.headers]}

    @classmethod
    def unpacked(cls, data: Mapping[str, Any]) -> Ask:
        """The opposite of :meth:`packed`."""
        return cls(**{**data, "headers": tuple((name, value) for name, value in data["headers"])})


@dataclass(frozen=True, slots=True)
class Column:
    """A link to an annual-report column that only a family can see: in a tree of a script, or derived."""

    url: str
    text: str


class Family(Protocol):
    """The contract of a family (field guide, section 8).

    ``carry`` is None for a page the spider found by its address, else what the request for this answer carried.
    """

    name: str

    def fingerprint(self, response: TextResponse) -> float:
        """How surely a page was made by this system, from 0 to 1."""
        ...

    def columns(self, response: TextResponse) -> list[Column]:
        """The annual-report columns a page leads to beside its plain links."""
        ...

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """Where the rows of a listing are when they are not on its page.

        Every inner list is one thing to ask for: its readings, the likeliest first; the next one is tried where
        an answer fails or holds nothing.
        """
        ...

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The rows of a listing, in its order, each once."""
        ...

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """What can be the page after ``page``, the likeliest first; empty at the end."""
        ...

    def misplaced(self, response: TextResponse, page: int) -> bool:
        """Whether the page that answers says it is another one than that asked for."""
        ...

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """The number of rows a listing says it has."""
        ...

    def article(self, response: TextResponse) -> Any | None:
        """The element that holds an article's text."""
        ...

    def attachments(self, response: TextResponse) -> list[Link]:
        """The files an article names, in its order, each once."""
        ...

    def identity(self, url: str) -> str | None:
        """The key of the article an address leads to; None where the address is not of this system."""
        ...

    def request(self, url: str) -> Ask | None:
        """How a listing's address must be asked for where a plain GET is not answered; None: plainly."""
        ...
