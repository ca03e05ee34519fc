"""What is true of the simulated world: every report with its figures, every look-alike with its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crawler.simulator.documents import MEDIA_TYPES, Document

if TYPE_CHECKING:
    from crawler.simulator.sheet import Expected, Planted


@dataclass(frozen=True, slots=True)
class AttachmentTruth:
    """A file of a report, with the figures it prints."""

    url: str
    name: str
    media_type: str
    observations: Mapping[str, Expected]


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
class Truth:
    """All of it, by address."""

    reports: Mapping[str, ReportTruth]
    look_alikes: Mapping[str, str]
    """The class of every row that is no report: notice, infographic, rule-of-law, …, news, off-site."""
    columns: tuple[str, ...]
    """The annual-report columns."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


Address = Callable[[str], str]
"""A path made an absolute address."""


def truth(documents: list[Document], columns: tuple[str, ...], at: Address) -> Truth:
    """The truth of a portal's articles."""
    told = [_report(document, at) for document in documents if document.look_alike is None]
    return Truth(
        {report.url: report for report in told},
        {d.elsewhere or at(d.path()): d.look_alike for d in documents if d.look_alike},
        tuple(at(column) for column in columns),
    )


def _report(document: Document, at: Address) -> ReportTruth:
    content = document.content
    assert content is not None
    files = tuple(
        AttachmentTruth(
            at(document.directory(document.columns[0]) + file.file),
            file.name,
            MEDIA_TYPES[file.kind],
            file.content.observations(),
        )
        for file in document.attachments
    )
    return ReportTruth(
        at(document.path()),
        tuple(at(document.path(column)) for column in document.columns),
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
