"""How somebody else's bytes go out: as they were fetched, under a type that can run nothing, for the sandbox or to be saved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from archive.leaves import unpack_headers
from archive.payloads import Payloads, sort_of
from archive.web.exchange import Answer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80})\s*(?:;.*?charset\s*=\s*[\"']?([\w.:-]{1,40}))?.*", re.IGNORECASE | re.DOTALL)  # fmt: skip
_SHOWN = re.compile(r"text/(?:html|plain)|image/(?:png|jpeg|gif|webp|bmp)")
_RUNS = re.compile(
    r"text/(?!html$|plain$|csv$).*|image/svg.*|(?:multipart|message)/.*|application/(?:.*script.*|.*\+xml|xml|xhtml.*|hta|wasm|x-shockwave.*)"
)
"""Types by which a browser could be brought to run something: they go out as bytes of no type."""


def sent(sql: sqlite3.Connection, capture: int, url: str, payload: int, headers: Mapping[str, str]) -> Answer:
    """A capture's bytes, checked against their digest, with ``headers`` besides."""
    data = Payloads(sql).get(payload)
    kind, shown = served_type(sql, capture, data)
    saved = {} if shown else {"Content-Disposition": attached(url)}
    return Answer(data, kind, headers={**headers, **saved}, sandboxed=True)


def served_type(sql: sqlite3.Connection, capture: int, data: bytes) -> tuple[str, bool]:
    """The media type a capture goes out with, and whether a browser may show it rather than save it.

    It is what the portal said, with its charset; a 304 says none, so the answer it leans on is asked.  A type by which
    something could run becomes ``application/octet-stream``; HTML stays HTML, since it only goes out sandboxed.
    """
    found = _TYPE.fullmatch(_said_type(sql, capture)[:500])
    if found is None:
        return ("text/html", True) if sort_of(data) == "markup" else ("application/octet-stream", False)
    kind, charset = found[1].lower(), found[2]
    if _RUNS.fullmatch(kind):
        return "application/octet-stream", False
    shown = _SHOWN.fullmatch(kind) is not None
    return (f"{kind}; charset={charset}" if charset and kind.startswith("text/") else kind), shown


def _said_type(sql: sqlite3.Connection, capture: int) -> str:
    rows = sql.execute(
        "SELECT held.response_headers FROM capture one JOIN capture held ON held.payload=one.payload AND held.resource="
        "one.resource AND held.at<=one.at WHERE one.id=? ORDER BY held.id<>one.id, held.at DESC, held.id DESC LIMIT 20",
        (capture,),
    )
    for (headers,) in rows:
        for name, value in unpack_headers(headers):
            if name.lower() == "content-type" and value.strip():
                return value
    return ""


def attached(url: str) -> str:
    """A Content-Disposition header under which an address is saved (RFC 6266; RFC 8187 for what is not ASCII)."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    name = unquote(path.rstrip("/").rpartition("/")[2], errors="replace")
    name = "".join(char for char in name if char.isalnum() or char in "._-")[-100:].lstrip(".") or "file"
    plain = "".join(char if char.isascii() else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
