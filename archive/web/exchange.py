"""What a page is asked and what it answers: plain data, so that every page can be called without a server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from archive.times import parse_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

LANGUAGES = ("zh", "en")


class BadQuestion(ValueError):
    """What was asked cannot be answered as it stands; the message says what to do.  Answered with status 400."""


class NotHere(LookupError):
    """There is nothing at this address; the message says where to look.  Answered with status 404."""


class Marker(Protocol):
    """Shows where in an original a figure stands; it reads untrusted bytes, so it belongs in a cage of its own."""

    def __call__(self, payload: bytes, media_type: str | None, cell: Mapping[str, Any]) -> tuple[str, bytes] | None:
        """The media type and bytes of a picture or page with the cell marked; None where it cannot be shown."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, read-only.  A handler takes nothing else and touches nothing else."""

    sql: sqlite3.Connection
    """A read-only connection in a transaction of its own: the whole answer is of one moment of the archive."""
    path: str
    """The path as it came, percent-encoded, without the query."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """The named groups of the route, percent-decoded."""
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The query's parameters, in the order in which they came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The request's headers, names in lower case."""
    root: str = "http://127.0.0.1:8001"
    """Scheme, host and port under which the reading room was reached; no slash at the end."""
    raw_query: str = ""
    """The query as it came."""
    marker: Marker | None = None
    """What marks cells in originals; None: nothing here can."""

    def get(self, name: str, default: str = "") -> str:
        """A parameter, trimmed; an empty one counts as not given."""
        return (self.query.get(name, ("",))[0].strip()) or default

    def number(self, name: str) -> int | None:
        """A whole number, or None when it is not given; raises :class:`BadQuestion`."""
        text = self.get(name)
        if not text:
            return None
        if not text.isdecimal() or len(text) > 15:
            raise BadQuestion(f"{name}={text!r} is not a whole number. · {name} 应为整数。")
        return int(text)

    @property
    def at(self) -> int | None:
        """The moment as of which the archive is asked (``?at=``), milliseconds; None: now.  Raises :class:`BadQuestion`."""
        text = self.get("at")
        if not text:
            return None
        try:
            return parse_time(text)
        except (ValueError, OverflowError) as error:
            raise BadQuestion(
                f"{text!r} is not a date; write 2024, 2024-03 or 2024-03-01. · 日期应写作 2024-03-01 的形式。"
            ) from error

    @property
    def language(self) -> str:
        """``zh`` or ``en``: what ``?lang=`` says, else what the browser prefers, else Chinese."""
        asked = self.get("lang")
        if asked in LANGUAGES:
            return asked
        for part in self.headers.get("accept-language", "").lower().split(","):
            name = part.split(";")[0].strip()[:2]
            if name in LANGUAGES:
                return name
        return "zh"

    def link(self, path: str, **parameters: Any) -> str:
        """An address of the reading room that keeps the language and the day asked for; None leaves a parameter out."""
        kept = {name: self.get(name) for name in ("lang", "at") if self.get(name)}
        wanted = {name: value for name, value in {**kept, **parameters}.items() if value not in (None, "")}
        return f"{path}?{urlencode(wanted)}" if wanted else path


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a body, and the headers this answer needs beyond those every answer has."""

    body: bytes | str = b""
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    sandboxed: bool = False
    """Whether the body is somebody else's: it goes out under the policy for archived originals."""

    @property
    def data(self) -> bytes:
        """The body as bytes."""
        return self.body.encode("utf-8", "replace") if isinstance(self.body, str) else self.body


def as_json(value: Any, status: int = 200) -> Answer:
    """An answer of JSON: UTF-8, not escaped to ASCII."""
    return Answer(json.dumps(value, ensure_ascii=False, indent=1), "application/json; charset=utf-8", status)


def redirect(place: str, status: int = 302) -> Answer:
    """Point to another address of the reading room."""
    return Answer(b"", "text/plain; charset=utf-8", status, {"Location": place})


if TYPE_CHECKING:
    Handler = Callable[[Ask], Answer]
    Routes = tuple[tuple[str, Handler], ...]
