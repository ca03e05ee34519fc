"""A report's fetched parts and what was read in them → what the archive keeps: the same for a crawl and a new reading."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from archive.chronicle import BESIDE, Judged, RevisionPart
from archive.parts import KeptPart
from archive.revisions import substance
from pipelines.read import by_name, to_json
from pipelines.recognise import judge_row
from pipelines.reports import Whole, wholes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.model import Portal, Reading
    from archive.store import Store


class Desk(Protocol):
    """Where judging is done: the archive, the portal, and the software that reads."""

    @property
    def store(self) -> Store:
        """The archive."""

    @property
    def portal(self) -> Portal:
        """The register's entry."""

    @property
    def portal_id(self) -> int:
        """The portal's row."""

    @property
    def software(self) -> int:
        """The readers' row."""


def judge(
    desk: Desk, key: str, parts: Sequence[KeptPart], readings: Sequence[Reading], *, apart: bool = False
) -> list[Judged]:
    """Every report that a page (``key``, the first part) with its attachments holds, ready to be compared and kept.

    One as a rule; several where the files are reports of several publishers (:mod:`pipelines.reports`), each
    with a key of its own.  ``apart``: the archive knows them to be several.  A page that holds no report gives
    one whose kind is none.
    """
    page = parts[0]
    attachments = [(part.url, reading) for part, reading in zip(parts[1:], readings[1:], strict=True)]
    first = readings[0]
    if is_unread(first):
        known = desk.store.chronicle.report(desk.portal_id, key)
        first = by_name(first, page.listed[1] or (known["title"] if known else None))
    fingerprint = fingerprint_of(desk.store, parts)
    found = []
    for whole in wholes(first, attachments, apart=apart):
        name = key if whole.name is None else f"{key}{BESIDE}{whole.name}"
        used = {piece.source for piece in whole.pieces} if whole.name else {part.url for part in parts[1:]}
        kept = [
            (part, reading) for part, reading in zip(parts, readings, strict=True) if part is page or part.url in used
        ]
        found.append(_judged(desk, name, kept, whole, fingerprint))
    return found


def is_unread(reading: Reading) -> bool:
    """Whether nothing of a payload could be read: then only its name can say what it is."""
    states = {member.conversion.state for _, member in reading.members} or {reading.conversion.state}
    return "ok" not in states


def fingerprint_of(store: Store, parts: Sequence[KeptPart]) -> bytes:
    """What a page was judged on: its glance, or its bytes; and which bytes at which attachment's address."""
    lines = [f"{part.role} {part.url} {(part.glance or store.digest(part.payload)).hex()}" for part in parts]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).digest()


def as_kept(part: RevisionPart) -> KeptPart:
    """A revision's part as if it had been fetched now."""
    return KeptPart(part.role, part.url, part.resource, part.name, part.capture or 0, part.payload or 0)


def _judged(desk: Desk, key: str, kept: Sequence[tuple[KeptPart, Reading]], whole: Whole, fingerprint: bytes) -> Judged:
    parts, readings = [part for part, _ in kept], [reading for _, reading in kept]
    joined = _completed(desk, key, parts[0], whole)
    files = (
        [readings[0], *(piece.reading for piece in whole.pieces)]
        if whole.name is None
        else [piece.reading for piece in whole.pieces]
    )
    joined = replace(joined, members=(), paragraphs=tuple(line for reading in files for line in reading.paragraphs))
    return Judged(
        key=key,
        reading=joined,
        data=lambda: _data(joined, whole),
        substance=substance(whole.first, joined, _digests(desk.store, parts, whole)),
        parts=tuple(_revision_part(desk.store, part, reading) for part, reading in kept),
        fingerprint=fingerprint,
        software=desk.software,
        division=desk.portal.division or site_division(readings[0]),
    )


def _digests(store: Store, parts: Sequence[KeptPart], whole: Whole) -> list[bytes]:
    """The digests of a report's files: the payloads', or the members' where only some of a bundle belong to it."""
    if whole.name is None:
        return [store.digest(part.payload) for part in parts[1:]]
    payloads = {part.url: store.digest(part.payload) for part in parts}
    found = []
    for piece in whole.pieces:
        member = dict(piece.reading.conversion.meta).get("bundle:digest", "")
        found.append(bytes.fromhex(member.removeprefix("sha256:")) if member else payloads.get(piece.source, b""))
    return found


def site_division(page: Reading) -> str | None:
    """The GB/T 2260 code in a page's SiteIDCode: the first six of its ten digits (field guide, 2.2); else None.

    Only where the register knows no better: the tag is sometimes copied from another site.
    """
    codes = [value.strip() for name, value in page.conversion.meta if name == "meta:SiteIDCode"]
    found = next((code for code in reversed(codes) if re.fullmatch(r"(?:[1-5]\d|6[1-5]|71|8[12])\d{8}", code)), None)
    return found[:6] if found else None


def _data(joined: Reading, whole: Whole) -> str:
    """A report's reading as it is kept: the joined one, and beside it what the files' payloads became."""
    files = [
        {"url": piece.source, "member": piece.member, "conversion": json.loads(to_json(piece.reading.conversion))}
        for piece in (whole.pieces if whole.name is None else whole.pieces[1:])
    ]
    if whole.name is not None:
        first = {"source": whole.pieces[0].source, "member": whole.pieces[0].member}
        return json.dumps({**json.loads(to_json(joined)), "first": first, "attachments": files}, ensure_ascii=False)
    if not files:
        return to_json(joined)
    return json.dumps({**json.loads(to_json(joined)), "attachments": files}, ensure_ascii=False)


def _completed(desk: Desk, key: str, page: KeptPart, whole: Whole) -> Reading:
    """Fill what the report itself does not say from the listing, from what was known before, and from the register.

    The order is the field guide's (section 8): the page's own date goes before the listing's.  A report that
    stands beside others on its page has of the listing's row only the date.
    """
    joined = whole.joined
    date, title = page.listed
    if whole.name is not None:
        title = None
    before = desk.store.chronicle.report(desk.portal_id, key)
    row = judge_row(title or "", in_report_column=True)
    known_date = before["published"] if before else None
    by_address = dict(joined.rules).get("published", "").startswith("url")  # the weakest of all dates
    found: dict[str, Any] = {
        "title": joined.title or title or (before["title"] if before else None),
        "published": (None if by_address and (date or known_date) else joined.published) or date or known_date,
        "publisher": joined.publisher
        or row.publisher
        or (before["publisher"] if before else None)
        or (desk.portal.publisher if whole.name is None else None),
        "year": joined.year or row.year or (before["year"] if before else None),
    }
    sources = {"title": "list:title", "published": "list:date", "publisher": "list:title or register"}
    filled = {name: rule for name, rule in sources.items() if found[name] != getattr(joined, name)}
    rules = {**dict(joined.rules), **filled}
    return replace(joined, **found, rules=tuple(rules.items()))


def _revision_part(store: Store, part: KeptPart, reading: Reading) -> RevisionPart:
    conversion = reading.conversion
    return RevisionPart(
        role=part.role,
        resource=part.resource,
        url=part.url,
        name=part.name,
        media_type=conversion.media_type,
        capture=part.capture or None,
        payload=part.payload,
        converter=store.software_id(conversion.converter),
        state=conversion.state,
    )
