"""A portal that publishes many bodies' reports as one archive (field guide, 3.3 container, 4: E3).

``bundle``: the others' column has, beside its rows, a container page (各部门…年度报告汇总) whose only file is a zip of
eight bodies' reports as DOCX, one directory deep, with names in GBK and without the flag that says UTF-8
(a reader that trusts the flag gets mojibake of code page 437), and a text file that is no report.
The truth has the page and the archive's reports apart: ``look_alikes`` has the page as ``container``, ``bundled`` every
member that is a report, by ``{archive's address}#{member's name}``.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links; never the archive.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.simulator import content, docx, names
from crawler.simulator.answers import Answer
from crawler.simulator.documents import Document
from crawler.simulator.names import Publisher
from crawler.simulator.plain import Plain
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request
    from crawler.simulator.sheet import Content

BODIES = ("财政局", "教育局", "民政局", "司法局", "统计局", "审计局", "林业局", "气象局")
WHEN = (2024, 2, 1, 9, 0, 0)
"""The time of every member."""


class Bundle(Plain):
    """One portal."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        super().__init__(rng, domain, last)
        place = self.who.others[0].name[:2]
        self.year = last
        self.held = {}
        for body in BODIES:
            publisher = Publisher(f"{place}市{body}", "我局", (last,))
            report, _ = content.write(rng, publisher, last, {})
            self.held[f"{last}年报/{report.title}.docx"] = report
        page = self._container(place)
        self.documents[page.id] = page
        self.container = page.id

    def _container(self, place: str) -> Document:
        day = datetime(self.year + 1, 2, 2, 10, 0, tzinfo=names.BEIJING)
        title = f"{place}市各部门{self.year}年政府信息公开工作年度报告汇总"
        number, column = self.clerk.number(), self.clerk.others
        text = ("各部门年度报告见附件。",)
        return Document(
            number,
            (column,),
            title,
            day,
            day.date(),
            day.date(),
            self.who.site,
            paragraphs=text,
            look_alike="container",
        )

    def zip_path(self) -> str:
        """The archive's path."""
        page = self.documents[self.container]
        return f"/uploadfile/{page.filed.year}/{self.token(page, 'zip')}.zip"

    def bundled(self) -> tuple[tuple[str, str, Content], ...]:
        """The archive's reports, while its page stands."""
        live = self.documents[self.container].state == "live"
        return tuple((self.zip_path(), name, report) for name, report in self.held.items()) if live else ()

    def service(self, request: Request, load: Load) -> Answer | None:
        """The archive."""
        if not request.asks(self.zip_path()):
            return super().service(request, load)
        members = {name: docx.write(report) for name, report in self.held.items()}
        members[f"{self.year}年报/说明.txt"] = "本压缩包由各部门报送材料汇总而成。".encode("gb18030")
        body = archive(members.items())
        found = Answer(200, (("Content-Type", "application/x-zip-compressed"),), body)
        return self.gone(self.documents[self.container]) or found

    def article(self, document: Document, load: Load) -> str:
        """With the archive's link on the container's page."""
        page = super().article(document, load)
        if document.id != self.container:
            return page
        link = f'<p><a href="{self.zip_path()}">附件：{document.title}.zip</a></p>'
        return page.replace('<div class="fujian">', f'<div class="fujian">{link}')


def archive(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip whose names are GBK and not flagged; the same members give the same bytes.

    The library flags every name that is not ASCII, so that names of as many ASCII bytes are written and replaced.
    """
    held: dict[bytes, bytes] = {}
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as file:
        for index, (name, payload) in enumerate(members):
            raw = name.encode("gb18030")
            stand_in = f"@{index:03d}".ljust(len(raw), "~")
            held[stand_in.encode()] = raw
            file.writestr(_head(stand_in), payload)
    found = body.getvalue()
    for written, wanted in held.items():
        found = found.replace(written, wanted)
    return found


def _head(name: str) -> zipfile.ZipInfo:
    """A member's head with a time that never changes."""
    head = zipfile.ZipInfo(name, WHEN)
    head.compress_type = zipfile.ZIP_DEFLATED
    return head


HOSTS = {"bundle": Host(Bundle)}
