"""What a portal holds: articles and their files, as its editors entered them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crawler.simulator import docx, markup, pdf

if TYPE_CHECKING:
    from datetime import date, datetime

    from crawler.simulator.sheet import Content

FileKind = Literal["pdf", "docx", "doc"]
State = Literal["live", "404", "410", "soft"]

MEDIA_TYPES: dict[FileKind, str] = {
    "pdf": pdf.MEDIA_TYPE,
    "docx": docx.MEDIA_TYPE,
    "doc": "application/msword",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside an article: its name in the directory, its name for people, what it holds."""

    file: str
    name: str
    kind: FileKind
    content: Content
    place: Literal["editor", "appendix"] = "appendix"
    """Inside the editor's area, or in ``<span id="appendix">`` after it."""

    def payload(self) -> bytes:
        """The file's bytes; the same content gives the same bytes."""
        if self.kind == "doc":
            return markup.as_word(self.content.blocks, self.content.title)
        return pdf.write(self.content) if self.kind == "pdf" else docx.write(self.content)


@dataclass(frozen=True, slots=True)
class Document:
    """One article of the portal, or one row that leads straight to a file or off the site."""

    id: int
    columns: tuple[str, ...]
    """The directories of the columns it stands in, its own first."""
    title: str
    published: datetime
    """Beijing time, as the page prints it."""
    filed: date
    """The day in the address: the day the article was entered in this CMS."""
    listed: date
    """The day the listing prints."""
    source: str
    content: Content | None = None
    paragraphs: tuple[str, ...] = ()
    image: bool = False
    look_alike: str | None = None
    """The class of a row that only looks like a report, or ``news`` or ``off-site``."""
    shown: bool = True
    """Whether the page itself prints the content (else only its files do)."""
    attachments: tuple[Attached, ...] = ()
    direct: bool = False
    """The row leads straight to the only attachment; there is no page."""
    elsewhere: str | None = None
    suffix: str = ""
    style: str = "word"
    gbk: bool = False
    """The bytes are GBK though header and meta say UTF-8."""
    state: State = "live"

    def directory(self, column: str) -> str:
        """The directory of the article's files in ``column``."""
        return f"{column}{self.filed:%Y%m}/"

    def path(self, column: str | None = None) -> str:
        """The address, without the host, in ``column`` (its own by default)."""
        directory = self.directory(column or self.columns[0])
        if self.direct:
            return directory + self.attachments[0].file
        return f"{directory}t{self.filed:%Y%m%d}_{self.id}{self.suffix}.html"

    def href(self, column: str) -> str:
        """The address as the listing of ``column`` links it."""
        return self.elsewhere or "./" + self.path(column).removeprefix(column)
