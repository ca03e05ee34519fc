"""Hosts whose files are not what they say (field guide, 4: E1, E2, E4): ``odd-files`` and ``viewer``.

``odd-files``: HEAD of a file answers 405.  An RTF is named ``.doc`` and holds the report; a PDF is sent as
``text/html``, a DOCX as ``application/octet-stream``; beside reports that their pages print in full stand a PDF of 0 bytes
and a ``.pdf`` that is a page saying 文件不存在 (the truth has no figures for these two).
``viewer``: reports that are only a PDF, shown by ``viewer.html?file=%2F…pdf``, ``<embed>``, ``<object>``, ``<iframe>`` and
``#pdfshow[data-value]``; the page links the file nowhere else.

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Traps: the viewer's own page ``/pdfjs/web/viewer.html`` is a page without the file; the empty PDF has a length of 0
and a type of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator import files, rtf
from crawler.simulator.answers import Answer, status_page
from crawler.simulator.documents import Attached
from crawler.simulator.plain import Plain
from crawler.simulator.portal import percent
from crawler.simulator.site import Host

if TYPE_CHECKING:
    from crawler.simulator.documents import Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

MISSING = '<html><head><meta charset="utf-8"></head><body><h2>文件不存在或已被删除</h2></body></html>'
BROKEN = {6: "empty", 8: "page"}
"""The owner's reports, by years before the newest, that get a broken file."""
VIEWED = (4, 5, 6, 8, 9)
"""The owner's reports, by years before the newest, that are only a PDF here."""
FRAMES = (
    '<iframe src="/pdfjs/web/viewer.html?file={quoted}" width="100%" height="800"></iframe>',
    '<embed src="{path}" type="application/pdf" width="100%" height="800"/>',
    '<object data="{path}" type="application/pdf" width="100%" height="800"><p>请安装阅读器</p></object>',
    '<iframe src="{path}" width="100%" height="800"></iframe>',
    '<div id="pdfshow" data-value="{path}"></div>',
)


class OddFiles(Plain):
    """A portal whose files lie."""

    def place(self, document: Document) -> Document:
        """A broken file beside two of the owner's reports."""
        report = document.content
        owned = report is not None and report.publisher == self.who.owner.name
        how = BROKEN.get(self.who.owner.years[-1] - report.year) if owned and report else None
        if report is None or how is None or document.attachments:
            return document
        name = f"{how}-{self.clerk.file_name(document.filed, 'pdf')}"
        nothing = replace(report, blocks=(), prose=())
        return replace(document, attachments=(Attached(name, f"{report.title}.pdf", "pdf", nothing),))

    def service(self, request: Request, load: Load) -> Answer | None:
        """The files, as this server sends them."""
        for document in self.documents.values():
            for file in document.attachments:
                if request.asks(self.file_path(document, file)):
                    return self.gone(document) or self._file(request, document, file)
        return super().service(request, load)

    @staticmethod
    def _file(request: Request, document: Document, file: Attached) -> Answer:
        if request.method == "HEAD":
            return status_page(405, (("Allow", "GET"),))
        answer = files.download(document, file)
        others = tuple(header for header in answer.headers if header[0] != "Content-Type")
        if file.file.startswith("empty-"):
            return replace(answer, body=b"")
        if file.file.startswith("page-"):
            return replace(answer, body=MISSING.encode())
        if file.kind == "doc":
            return replace(answer, body=rtf.write(file.content))
        wrong = "text/html" if file.kind == "pdf" else "application/octet-stream"
        return replace(answer, headers=(("Content-Type", wrong), *others))


class Viewer(Plain):
    """A portal that shows PDFs in its pages."""

    def place(self, document: Document) -> Document:
        """Some of the owner's reports become a PDF and nothing else."""
        report = document.content
        if report is None or report.publisher != self.who.owner.name or document.attachments:
            return document
        if self.who.owner.years[-1] - report.year not in VIEWED:
            return document
        file = Attached(self.clerk.file_name(document.filed, "pdf"), f"{report.title}.pdf", "pdf", report)
        return replace(document, shown=False, attachments=(file,), gbk=False)

    def article(self, document: Document, load: Load) -> str:
        """With the file in a frame where there is nothing else."""
        page = super().article(document, load)
        if document.shown or not document.content or document.attachments[0].kind != "pdf":
            return page
        links, path = self.links(document), self.file_path(document, document.attachments[0])
        shown = FRAMES[document.content.year % len(FRAMES)].format(path=path, quoted=percent(path))
        return page.replace(links, "").replace('<div class="content">', f'<div class="content">{shown}')

    def service(self, request: Request, load: Load) -> Answer | None:
        """The viewer's page."""
        if request.path == "/pdfjs/web/viewer.html":
            return Answer.page(
                '<html><head><title>PDF.js viewer</title></head><body><div id="viewer"></div></body></html>'
            )
        return super().service(request, load)


PECULIAR = {"odd-files": Host(OddFiles)}
HOSTS = {"viewer": Host(Viewer)}
