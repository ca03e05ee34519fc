"""What a family knows of its content management system; one module each, the generic rules as a base.

A family holds no state: everything is read off a response or an address.  Identity is a rule about addresses
alone, so that an article keeps its key whichever page named it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Expectation, Link, Row


@dataclass(frozen=True, slots=True)
class Next:
    """A further page of a listing: its number (from 1), its address, the rule that named it.

    ``certain`` is False for an address that was guessed from a pattern: it may not exist.
    """

    page: int
    url: str
    rule: str
    certain: bool = True


class Family(Protocol):
    """The contract of a family (field guide, section 8)."""

    name: str

    def fingerprint(self, response: TextResponse) -> float:
        """How surely a page was made by this system, from 0 to 1."""
        ...

    def rows(self, response: TextResponse) -> list[Row]:
        """The rows of a listing, in its order, each once."""
        ...

    def pages(self, response: TextResponse, page: int) -> list[Next]:
        """What can be the page after ``page``, the likeliest first; empty at the end."""
        ...

    def expectation(self, response: TextResponse) -> Expectation | None:
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
