"""What happens to a portal's articles: published, edited in silence, withdrawn, brought back, published again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.simulator import content, truth
from crawler.simulator.sheet import Content, with_figures, with_sentence
from crawler.simulator.stock import Way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from crawler.simulator.documents import Document, State
    from crawler.simulator.site import Site


@dataclass(frozen=True, slots=True)
class Edit:
    """A silent change: where, of what, from what to what."""

    url: str
    what: str
    """An indicator, or ``sentence``."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The editors of one portal; ``at`` makes a path an absolute address."""

    site: Site
    at: Callable[[str], str]

    def truth(self) -> truth.Truth:
        """Every report and every look-alike as they stand now."""
        return truth.truth(self.site, self.at)

    def publish(self, now: datetime, year: int | None, publisher: str | None, way: Way | None) -> str:
        """A new report of ``publisher`` (the owner by default), of the year after its newest; gives its address."""
        who = self.site.who
        body = next(p for p in who.publishers if p.name == (publisher or who.owner.name))
        years = [d.content.year for d in self._reports() if d.content and d.content.publisher == body.name]
        clerk = self.site.clerk
        of = year if year is not None else max(years) + 1
        report, clerk.ledger[body.name] = content.write(clerk.rng, body, of, clerk.ledger[body.name])
        column = clerk.own if body is who.owner else clerk.others
        document = clerk.file(report, way or Way(), (column,), now)
        return self._enter(self.site.place(replace(document, listed=now.date())))

    def edit(
        self, url: str | None, indicator: str | None, to: str | None, sentence: tuple[str, str] | bool, part: str
    ) -> Edit:
        """Change one figure, or one sentence, of a report; without ``url`` of the newest that shows its tables.

        Raises KeyError if no article stands at ``url``.
        """
        document = self._find(url) if url else self._default()
        report = document.content if part != "attachment" else document.attachments[0].content
        assert report is not None
        edit, changed = _sentence(report, sentence) if sentence else _figure(report, indicator, to)
        self._replace(_with(document, changed, part))
        return replace(edit, url=self._address(document))

    def withdraw(self, url: str, how: State) -> None:
        """Set the state of the article at ``url``; KeyError if there is none."""
        self._replace(replace(self._find(url), state=how))

    def republish(self, url: str, now: datetime) -> str:
        """Publish the same report again under a new id and today's date; the old address answers 404."""
        document = self._find(url)
        self._replace(replace(document, state="404"))
        today = now.date()
        fresh = replace(document, id=self.site.clerk.number(), filed=today, listed=today, state="live")
        return self._enter(self.site.place(fresh))

    def _reports(self) -> list[Document]:
        return [d for d in self.site.documents.values() if d.content]

    def _default(self) -> Document:
        shown = [d for d in self._reports() if d.shown and d.state == "live" and d.content and d.content.observations()]
        return max(shown, key=lambda d: (d.content.year if d.content else 0, d.id))

    def _find(self, url: str) -> Document:
        path = url.removeprefix(self.at("/").rstrip("/"))
        for document in sorted(self.site.documents.values(), key=lambda d: d.state != "live"):
            if not document.elsewhere and path in self.site.page_paths(document):
                return document
        raise KeyError(url)

    def _address(self, document: Document) -> str:
        return self.at(self.site.page_paths(document)[0])

    def _enter(self, document: Document) -> str:
        self._replace(document)
        return self._address(document)

    def _replace(self, document: Document) -> None:
        self.site.documents[document.id] = document


def _figure(report: Content, indicator: str | None, to: str | None) -> tuple[Edit, Content]:
    printed: Mapping[str, str] = {code: found.raw for code, found in report.observations().items()}
    code = indicator or _spare(printed)
    after = to if to is not None else str(int(printed[code] or 0) + 1)
    return Edit("", code, printed[code], after), with_figures(report, {code: after})


def _spare(printed: Mapping[str, str]) -> str:
    """A plain count that no rule of the form ties to another one."""
    free = (c for c in printed if c.endswith((".decisions", "policy_explainers")) and printed[c].isdigit())
    return next(free, next(iter(printed)))


def _sentence(report: Content, sentence: tuple[str, str] | bool) -> tuple[Edit, Content]:
    if isinstance(sentence, tuple):
        before, after = sentence
    else:
        before = next(block.text for block in report.blocks[3:] if block.kind == "paragraph")
        after = before.rstrip("。") + "，并已按期完成整改。"
    return Edit("", "sentence", before, after), with_sentence(report, before, after)


def _with(document: Document, changed: Content, part: str) -> Document:
    files = document.attachments
    if part != "page":
        files = (replace(files[0], content=changed), *files[1:])
    return replace(document, attachments=files, content=document.content if part == "attachment" else changed)
