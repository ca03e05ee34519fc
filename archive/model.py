"""Every noun of nianlun as a frozen dataclass.

The words are those of docs/glossary.md.  These classes are also the Scrapy items: a spider yields
:class:`Part` and :class:`Expectation`, the pipelines turn a part's payload into a :class:`Reading`, and
:mod:`archive.store` writes what came of it.  Nothing here imports anything of ours, touches a file or
reads a clock.

Times are integers, milliseconds since 1970-01-01 UTC, until they are shown.  Digests are 32 raw bytes
until they are shown as ``sha256:<hex>``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["home", "listing", "page", "attachment", "robots", "probe"]
Outcome = Literal["fetched", "revisit", "redirected", "gone", "failed", "blocked", "refused"]
Kind = Literal["disclosure", "rule-of-law", "website", "accounts", "other-annual"]
FormName = Literal["free", "2014", "2019", "2021", "mixed"]
Status = Literal["ok", "blank", "ambiguous", "missing", "text"]
Level = Literal["error", "warning", "info"]
ConversionState = Literal["ok", "empty", "encrypted", "refused", "unreadable", "needs"]


# ---------------------------------------------------------------- where reports are


@dataclass(frozen=True, slots=True)
class Alias:
    """A host a portal had or has, with the dates between which it answered there (ISO, or None)."""

    host: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Portal:
    """A government site that is crawled: one entry of the register (``spiders/portals``)."""

    name: str
    """The register's name and the spider's name, ``nx-dofcom``."""
    title: str
    """The portal's own name, as its SiteName says."""
    home: str
    """The address of the home page."""
    family: str | None = None
    """The CMS family, or None: recognised by fingerprint."""
    start: tuple[str, ...] = ()
    """The annual-report columns; empty: found from the home page."""
    publisher: str | None = None
    """Who publishes the reports where a report does not say so itself."""
    division: str | None = None
    """GB/T 2260 code, six digits."""
    level: str | None = None
    province: str | None = None
    hosts: tuple[str, ...] = ()
    """Further host globs this portal's reports and attachments lie on."""
    aliases: tuple[Alias, ...] = ()
    since: int | None = None
    """The first year a report is expected of."""
    kinds: tuple[Kind, ...] = ("disclosure",)
    expect: tuple[int, int] | None = None
    """The fewest and the most reports a whole crawl should find."""
    verified: bool = False
    """Whether a crawl has confirmed this entry."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a listing: a link that may lead to a report."""

    url: str
    title: str
    listing: str
    """The address of the page the row stands on."""
    date: str | None = None
    """The date the listing prints, ISO."""
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An attachment as the page names it."""

    url: str
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a spider says of a fetched response that belongs to a report: its page or an attachment.

    ``key`` identifies the article whatever address it has today (a family's rule); ``report`` is the
    key of the report it belongs to, the same as ``key`` for a page.
    """

    url: str
    role: Literal["page", "attachment"]
    key: str
    report: str
    name: str | None = None
    row: Row | None = None
    attachments: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many rows a listing says it has, and which rule read that."""

    listing: str
    count: int
    rule: str


@dataclass(frozen=True, slots=True)
class Known:
    """An address the archive has already seen a report's part at; a recrawl asks for it again."""

    url: str
    role: Literal["page", "attachment"]
    report: str
    title: str | None = None


# ---------------------------------------------------------------- what a payload becomes


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the payload something stands: a page (from 1) and a box in points, or a DOM path."""

    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in points, the origin at the page's top left."""
    path: str | None = None
    """For HTML ``table[2]/tr[3]/td[1]`` within the document (from 1); for DOCX ``tbl[1]/tr[3]/tc[2]``."""
    member: str | None = None
    """For a payload that is a bundle: which of its files this stands in."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid: its first row and column (from 0), its spans, its text as printed."""

    row: int
    column: int
    text: str
    rowspan: int = 1
    colspan: int = 1
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as printed: cells with spans, whatever it means.

    After a stitch across pages the parts are one grid; each cell keeps the page it stands on.
    """

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    caption: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of text in reading order; ``grid`` is the index of the grid that stands here."""

    text: str
    kind: Literal["heading", "paragraph", "table"] = "paragraph"
    level: int | None = None
    grid: int | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Software:
    """A named program with its version and the parameters it ran with."""

    name: str
    version: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Conversion:
    """Text, cells and metadata made from one payload by named software, nothing understood yet."""

    converter: Software
    media_type: str
    """What the bytes are, by our own sniffing."""
    state: ConversionState
    blocks: tuple[Block, ...] = ()
    grids: tuple[Grid, ...] = ()
    meta: tuple[tuple[str, str], ...] = ()
    """Metadata as found, in order: ``meta:ArticleTitle``, ``title``, ``card:索引号``, ``pdf:Title``, …"""
    links: tuple[Link, ...] = ()
    error: str | None = None
    """For a state other than ``ok``: why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where an observation stands: a cell of a grid, or a span of the text."""

    table: int | None = None
    """The grid's index, from 0."""
    row: int | None = None
    column: int | None = None
    row_label: str | None = None
    column_label: str | None = None
    place: Place | None = None
    start: int | None = None
    """For a figure in prose: the span in the reading's text, and the sentence it stands in."""
    end: int | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One indicator's value as one payload prints it."""

    indicator: str
    value: float | int | None
    status: Status
    raw: str | None
    unit: str | None
    where: Where
    source: str = "page"
    """``page``, or the attachment's address."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A recorded doubt: which rule, how bad, said in Chinese and English, about which indicators."""

    rule: str
    level: Level
    message: str
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report's text under its heading."""

    heading: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contact particulars of the publishing office, where the text states them."""

    address: str | None = None
    postcode: str | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything understood of one payload, or of a whole report after its parts were joined."""

    conversion: Conversion
    title: str | None = None
    publisher: str | None = None
    year: int | None = None
    kind: str | None = None
    """A :data:`Kind`, or None: not an annual report (``rejected`` says which look-alike)."""
    rejected: str | None = None
    form: FormName | None = None
    published: str | None = None
    """The day in Beijing on which it was published, as the payload prints it, ISO."""
    written: str | None = None
    text: str | None = None
    sections: tuple[Section, ...] = ()
    contacts: Contacts = field(default_factory=Contacts)
    document_numbers: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()
    findings: tuple[Finding, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    """Which rule gave each value: ``("published", "meta:PubDate")``."""
    paragraphs: tuple[str, ...] = ()
    """The main text's normalised paragraphs: what the substance of a page is (noise left out)."""
    members: tuple[tuple[str, Reading], ...] = ()
    """For a bundle (zip, rar, 7z): its files by name, those of a bundle within it as ``inner.zip!name``."""


# ---------------------------------------------------------------- what is kept


BODY = ":body"
"""Where the body of a request stands among its headers; no header's name can begin with a colon (RFC 9110, 5.1)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and whatever came back, as the crawler saw it: the evidence of a capture."""

    url: str
    at: int
    """When the request was sent."""
    method: str = "GET"
    request_headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    response_headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """The body after its transfer and content codings were removed; None when nothing came back."""
    peer: str | None = None
    """The connected address, ``203.0.113.7``."""
    protocol: str | None = None
    elapsed: int | None = None
    """Milliseconds from the request to the last byte."""
    referrer: str | None = None
    error: str | None = None
    truncated: bool = False
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """One request still to be made, as the frontier keeps it."""

    url: str
    key: str
    role: Role
    host: str
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    callback: str | None = None
    arguments: str = "{}"
    """The callback's keyword arguments, JSON."""
    meta: str = "{}"
    """The rest of the request's meta that must survive a restart, JSON."""
    priority: int = 0
    depth: int = 0
    referrer: str | None = None
    report: str | None = None
    origin: str | None = None
    """For a request that a redirect led to: the address the chain of redirects began at."""
    attempts: int = 0
    not_before: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """How a crawl ended, in numbers; the row of ``nianlun crawls``."""

    id: int
    portal: str | None
    started: str
    finished: str | None
    outcome: str
    requests: int
    captures: int
    bytes: int
    new: int
    changed: int
    unchanged: int
    gone: int
    back: int
    blocked: int
    refused: int
    failed: int
    expected: int | None
    found: int

    def as_dict(self) -> dict[str, Any]:
        """The row as the interface prints it."""
        return {name: getattr(self, name) for name in self.__slots__}


def digest_of(payload: bytes) -> bytes:
    """The SHA-256 digest of ``payload``, 32 bytes: the address it is stored under."""
    return hashlib.sha256(payload).digest()


def shown(digest: bytes) -> str:
    """A digest as users see it, ``sha256:<hex>``."""
    return f"sha256:{digest.hex()}"
