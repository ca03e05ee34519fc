"""What is true of the simulated world: every report with its figures, every look-alike with its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crawler.simulator.documents import MEDIA_TYPES
from crawler.simulator.site import Bundling

if TYPE_CHECKING:
    from crawler.simulator.documents import Document
    from crawler.simulator.sheet import Expected, Planted
    from crawler.simulator.site import Site


@dataclass(frozen=True, slots=True)
class AttachmentTruth:
    """A file of a report, with the figures it prints."""

    url: str
    name: str
    media_type: str
    observations: Mapping[str, Expected]
    urls: tuple[str, ...] = ()
    """Every address of the file, ``url`` first (a download program redirects to another)."""


@dataclass(frozen=True, slots=True)
class ReportTruth:
    """One annual report as a correct reader would record it."""

    url: str
    urls: tuple[str, ...]
    """Every address it stands at (an article can stand in two columns)."""
    kind: str
    publisher: str
    year: int
    form: str
    published: str
    """The day the page prints; for a row straight to a file the day the listing prints."""
    title: str
    state: str
    """``live``, or how it was withdrawn: ``404``, ``410``, ``soft``."""
    source: str
    """``page``, or the address of the file that holds the substance."""
    observations: Mapping[str, Expected]
    prose: Mapping[str, int]
    attachments: tuple[AttachmentTruth, ...]
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True)
class BundledTruth:
    """A report that is a member of an archive."""

    archive: str
    member: str
    publisher: str
    year: int
    observations: Mapping[str, Expected]


@dataclass(frozen=True, slots=True)
class Truth:
    """All of it, by address."""

    reports: Mapping[str, ReportTruth]
    look_alikes: Mapping[str, str]
    """The class of every row that is no report: notice, infographic, rule-of-law, …, news, off-site."""
    columns: tuple[str, ...]
    """The annual-report columns."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What the portal itself says a column holds (all rows, not only reports), by the column's address."""
    unlisted: tuple[str, ...] = ()
    """The reports that no list of the portal gives: an honest crawl is short by them."""
    bundled: Mapping[str, BundledTruth] = field(default_factory=dict)
    """The reports inside archives, by the archive's address and ``#`` and the member's name."""
    hidden: tuple[str, ...] = ()
    """The reports behind a wall or a robots.txt: none of them may be had."""
    most: int | None = None
    """How many requests one polite crawl may make here, ``/robots.txt`` left out; None: no bound of this host's own."""

    def behind(self, most: int | None, *, closed: bool) -> Truth:
        """The same with a bound of requests; of a closed host every report is hidden and nothing is to be found."""
        if not closed:
            return replace(self, most=most)
        return Truth({}, {}, (), hidden=tuple(self.reports), most=most)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


Address = Callable[[str], str]
"""A path made an absolute address."""


def truth(site: Site, at: Address) -> Truth:
    """The truth of a portal's articles."""
    documents = list(site.documents.values())
    told = [_report(site, document, at) for document in documents if document.look_alike is None]
    return Truth(
        {report.url: report for report in told},
        {d.elsewhere or at(site.page_paths(d)[0]): d.look_alike for d in documents if d.look_alike},
        tuple(at(column) for column in site.annual()),
        {at(column): count for column, count in site.counts().items()},
        tuple(at(site.page_paths(document)[0]) for document in site.unlisted()),
        _bundled(site, at),
    )


def _bundled(site: Site, at: Address) -> dict[str, BundledTruth]:
    held = site.bundled() if isinstance(site, Bundling) else ()
    return {
        f"{at(path)}#{name}": BundledTruth(at(path), name, report.publisher, report.year, report.observations())
        for path, name, report in held
    }


def _report(site: Site, document: Document, at: Address) -> ReportTruth:
    content = document.content
    assert content is not None
    files = tuple(
        AttachmentTruth(
            at(site.file_path(document, file)),
            file.name,
            MEDIA_TYPES[file.kind],
            file.content.observations(),
            tuple(at(path) for path in site.file_paths(document, file)),
        )
        for file in document.attachments
    )
    paths = site.page_paths(document)
    return ReportTruth(
        at(paths[0]),
        tuple(at(path) for path in paths),
        "disclosure",
        content.publisher,
        content.year,
        content.form,
        (document.listed if document.direct else document.published.date()).isoformat(),
        document.title,
        document.state,
        "page" if document.shown else files[0].url,
        content.observations() if document.shown else files[0].observations,
        dict(content.prose),
        () if document.direct else files,
        content.planted,
    )
