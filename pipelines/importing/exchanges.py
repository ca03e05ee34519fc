"""WARC records → exchanges: an answer, its request and what a crawler noted of them are one capture.

The records of one exchange name each other (WARC-Concurrent-To), or share address and date; they stand in any order, so
a file is gone through twice: :class:`Companions` notes requests and metadata, then each answer finds its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.model import Exchange
from pipelines.importing import http
from pipelines.importing.folder import REASON
from pipelines.importing.interface import Origin
from pipelines.importing.warc import digest_of, fields_of, holds, moment

if TYPE_CHECKING:
    from archive.imports import Notes
    from pipelines.importing.warc import Record

URL_CAP = 8192
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_PEER = re.compile(r"[0-9A-Fa-f:.]{2,45}$")
_OURS = re.compile(r"annual reports of (\S{1,200}) (https?://\S{1,2000})$")
_NOT_MODIFIED = "server-not-modified"
_NOTED = ("via", "fetchtimems", "outcome", "reason", "error", "certificate", "status", "responseheaders")
_REMEMBERED = 1000


class Wrong(Exception):
    """Raised for a record that cannot be taken in; the message says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A record as an exchange, and what else it says."""

    exchange: Exchange
    noted: dict[str, str]
    """What the crawler that wrote the file noted of it."""
    reason: str | None = None
    refers: Refers | None = None
    """For a revisit: what it leans on."""


@dataclass(frozen=True, slots=True)
class Refers:
    """What a revisit record says of the answer it leans on."""

    unchanged: bool
    """Whether the server said so (304), rather than the bytes."""
    digest: str | None
    record: str | None
    url: str
    at: int | None
    place: str
    """Address and date as the file writes them."""


class Companions:
    """The first way through a file: what belongs to the answers."""

    def __init__(self, notes: Notes, now: int, cap: int) -> None:
        self._notes = notes
        self._now = now
        self._cap = cap
        self._origins: dict[str, tuple[str, dict[str, str], Origin | None]] = {}
        self._last: tuple[Record | None, dict[str, str]] = (None, {})

    def note(self, member: str, record: Record) -> None:
        """Note a request, a metadata or an info record, or that there is an answer."""
        notes = self._notes
        if record.type == "warcinfo":
            if not notes.has("info", record.id):
                notes.add("info", record.id, fields_of(record.block))
            if not notes.has("info-of", member):
                notes.add("info-of", member, record.id)
        elif record.type == "request":
            self._note_request(record)
        elif record.type == "metadata":
            found = {name: value for name, value in fields_of(record.block).items() if name in _NOTED}
            for name in record.concurrent or (record.fields.get("warc-refers-to", ""),):
                notes.add("noted", name, found)
        elif record.type in ("response", "revisit", "resource"):
            notes.add("answer", record.id)
            notes.add("answer", _place(record))
            for name in record.concurrent:
                notes.add("answer", name)

    def _note_request(self, record: Record) -> None:
        try:
            asked = http.request(record.block)
        except http.Unreadable:
            return  # told on the second way, if no answer stands for it
        value = [asked.method, [[name, text[: http.VALUE_CAP]] for name, text in asked.headers]]
        for name in (record.id, *record.concurrent, _place(record)):
            if name:
                self._notes.add("request", name, value)

    def origin(self, member: str, record: Record) -> tuple[str, dict[str, str], Origin | None]:
        """The info record a record belongs to: its identifier, its fields, and the portal it names if it is ours."""
        stated = record.fields.get("warc-warcinfo-id")
        key = stated or f"of {member}"
        if key not in self._origins:
            if len(self._origins) > _REMEMBERED:
                self._origins.clear()
            self._origins[key] = self._origin(stated or self._notes.first("info-of", member) or "")
        return self._origins[key]

    def _origin(self, name: str) -> tuple[str, dict[str, str], Origin | None]:
        fields: dict[str, str] = self._notes.first("info", name) or {}
        found = _OURS.match(fields.get("description", "")) if "settingsdigest" in fields else None
        return name, fields, Origin(found[1], found[2]) if found else None

    def taken(self, record: Record) -> Taken | None:
        """A record as an exchange; None for one that stands for none.  Raises :class:`Wrong`."""
        if record.type not in ("response", "resource", "revisit", "request"):
            if record.type == "continuation":
                raise Wrong("the record goes on in several (continuation), which nobody here puts together")
            return None
        if record.type == "request" and any(
            self._notes.has("answer", name) for name in (record.id, *record.concurrent, _place(record)) if name
        ):
            return None
        url = record.uri or ""
        if record.type == "resource" and url.lower().startswith("urn:") and REASON not in record.fields:
            return None  # screenshots and page texts that browsers' crawlers add
        if url.lower().startswith("dns:"):
            return None
        at = moment(record.fields.get("warc-date"), self._now)
        if isinstance(at, str):
            raise Wrong(at)
        check_address(url, file=REASON in record.fields)
        try:
            return getattr(self, f"_{record.type}")(record, url, at)  # type: ignore[no-any-return]
        except http.Unreadable as error:
            raise Wrong(str(error)) from error

    # -------------------------------------------------------- sorts of records

    def _response(self, record: Record, url: str, at: int) -> Taken:
        found = http.answer(record.block, cap=self._cap, digest=record.fields.get("warc-payload-digest"))
        cut = record.fields.get("warc-truncated") or found.cut
        exchange = self._exchange(record, url, at, found.headers, found.status, found.body or None, found.protocol)
        return self._with(exchange, record, cut)

    def _resource(self, record: Record, url: str, at: int) -> Taken:
        stated = record.fields.get("warc-payload-digest")
        if stated and not holds(stated, record.block):
            raise Wrong("the payload does not match its WARC-Payload-Digest")
        kind = record.fields.get("content-type")
        headers = (("Content-Type", kind[: http.VALUE_CAP]),) if kind else ()
        exchange = self._exchange(record, url, at, headers, None, record.block or None, None)
        return self._with(exchange, record, record.fields.get("warc-truncated"))

    def _revisit(self, record: Record, url: str, at: int) -> Taken:
        noted = self._noted(record)
        unchanged = record.fields.get("warc-profile", "").rstrip("/").endswith(_NOT_MODIFIED)
        if record.block.strip():
            found = http.headers_alone(record.block)
            headers, status, protocol = found.headers, found.status, found.protocol
        else:
            headers, status, protocol = _headers(noted.get("responseheaders")), 304 if unchanged else 200, None
        exchange = self._exchange(record, url, at, headers, 304 if unchanged else status, None, protocol)
        fields = record.fields
        when = moment(fields["warc-refers-to-date"], self._now) if "warc-refers-to-date" in fields else None
        target = fields.get("warc-refers-to-target-uri", "").strip("<>") or url
        refers = Refers(
            unchanged, fields.get("warc-payload-digest"), fields.get("warc-refers-to"), target,
            when if isinstance(when, int) else None, f"{target} {fields.get('warc-refers-to-date')}",
        )  # fmt: skip
        return replace(self._with(exchange, record, fields.get("warc-truncated")), refers=refers)

    def _request(self, record: Record, url: str, at: int) -> Taken:
        """A request that nothing in the file answers."""
        asked = http.request(record.block)
        noted = self._noted(record)
        exchange = Exchange(
            url=url, at=at, method=asked.method, request_headers=asked.headers,
            referrer=_via(noted), elapsed=_number(noted.get("fetchtimems")),
            error=noted.get("error") or "the file holds no answer to this request",
        )  # fmt: skip
        return Taken(exchange, noted)

    def _exchange(
        self, record: Record, url: str, at: int, headers: tuple[tuple[str, str], ...], status: int | None,
        body: bytes | None, protocol: str | None,
    ) -> Exchange:  # fmt: skip
        noted = self._noted(record)
        method, sent = self._asked(record)
        peer = record.fields.get("warc-ip-address", "")
        return Exchange(
            url=url, at=at, method=method, request_headers=sent, status=status, response_headers=headers, body=body,
            peer=peer if _PEER.match(peer) else None,
            protocol=_protocol(record.fields.get("warc-protocol")) or protocol,
            elapsed=_number(noted.get("fetchtimems")), referrer=_via(noted), error=noted.get("error"),
            certificate=noted.get("certificate"),
        )  # fmt: skip

    def _with(self, exchange: Exchange, record: Record, cut: str | None) -> Taken:
        if cut:
            exchange = replace(exchange, truncated=True)
        noted = self._noted(record)
        return Taken(exchange, noted, f"truncated: {cut}"[:300] if cut else record.fields.get(REASON))

    def _noted(self, record: Record) -> dict[str, str]:
        if self._last[0] is not record:
            names = [name for name in (record.id, *record.concurrent) if name]
            found = (self._notes.first("noted", name) for name in names)
            self._last = record, next((item for item in found if item is not None), {})
        return self._last[1]

    def _asked(self, record: Record) -> tuple[str, tuple[tuple[str, str], ...]]:
        for name in (record.id, *record.concurrent, _place(record)):
            found = self._notes.first("request", name) if name else None
            if found is not None:
                return found[0], tuple((header, value) for header, value in found[1])
        return "GET", ()


def check_address(url: str, *, file: bool = False) -> None:
    """Raise :class:`Wrong` for what is no address a capture can have: nothing is ever asked for, but it is shown as a link."""
    if not url:
        raise Wrong("the record has no WARC-Target-URI")
    if len(url) > URL_CAP:
        raise Wrong(f"its address is longer than {URL_CAP} characters")
    if _CONTROL.search(url):
        raise Wrong("its address holds spaces or control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Wrong(f"its address cannot be read ({error})") from error
    if file and parts.scheme == "urn":
        return
    if parts.scheme not in ("http", "https"):
        raise Wrong(f"scheme: an address of {parts.scheme[:20] or 'no scheme'!r} is no page of the web")
    if not parts.hostname or port == 0:
        raise Wrong("its address names no host")


def normal(digest: str | None) -> str | None:
    """A stated digest in one spelling, so that equal ones are equal: ``sha1:<hex>``."""
    name, found = digest_of(digest or "")
    return f"{name}:{found.hex()}" if found else None


def _place(record: Record) -> str:
    return f"{record.uri} {record.fields.get('warc-date')}"


def _via(noted: dict[str, str]) -> str | None:
    found = noted.get("via")
    try:
        check_address(found or "")
    except Wrong:
        return None
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def _protocol(text: str | None) -> str | None:
    return text.upper()[:20] if text and re.fullmatch(r"(?:http/\d(?:\.\d)?|h2c?|h3)", text.lower()) else None


def _headers(text: str | None) -> tuple[tuple[str, str], ...]:
    """Headers a metadata record of ours holds as JSON."""
    try:
        found: Any = json.loads(text or "[]")
        return tuple((str(name), str(value)[: http.VALUE_CAP]) for name, value in found)[: http.LINES_CAP]
    except (ValueError, TypeError, RecursionError):
        return ()
