"""What a client asked: method, host, target, headers and body, as the server hands them to a portal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """One request; ``HEAD`` is answered like ``GET`` and its body left out."""

    method: str
    host: str
    """The ``Host`` header with its port, as sent."""
    target: str
    """Path and query, as sent."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path or "/"

    @property
    def query(self) -> str:
        """The query as sent, without its question mark."""
        return urlsplit(self.target).query

    @cached_property
    def args(self) -> dict[str, str]:
        """The query's parameters, decoded; of two with one name the first."""
        return _first(self.query)

    @cached_property
    def form(self) -> dict[str, str]:
        """The parameters of a body of type ``application/x-www-form-urlencoded``, decoded."""
        return _first(self.body.decode("utf-8", "replace"))

    @property
    def said(self) -> dict[str, str]:
        """Query and form together, the form counting more: servlets do not tell them apart."""
        return self.args | self.form

    def header(self, name: str) -> str:
        """The value of a header, its name in any case; empty where it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def asks(self, address: str) -> bool:
        """Whether this is ``address``; its query counts, if it has one, in any order of the parameters."""
        path, _, query = address.partition("?")
        return self.path == path and (not query or self.args == _first(query))


def _first(query: str) -> dict[str, str]:
    return dict(reversed(parse_qsl(query, keep_blank_values=True)))


def whole(text: str, default: int) -> int:
    """A parameter as a whole number, or ``default`` where it is none."""
    return int(text) if text.isascii() and text.isdigit() else default
