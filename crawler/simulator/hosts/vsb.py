"""VSB, 博达 (field guide, 1.10): pages that count down.

A column is ``…/zfxxgknb.htm``; page 2 of N is ``zfxxgknb/{N-1}.htm``, the last ``zfxxgknb/1.htm``, so that one
article more gives every page another number (the owner's column is just full at the beginning).  Rows are ``li[id^=line_u]``; an article is ``/info/{tree}/{id}.htm`` and the same as
``/content.jsp?urltype=news.NewsContentUrl&wbtreeid=…&wbnewsid=…``; a list links some in one way, some in the other.
Files come from ``/system/_content/download.jsp?…&wbfileid={32HEX}``: no type in the address, ``application/
octet-stream``, the name in ``Content-Disposition`` as raw GBK.  A report that is only a PDF is shown by
``showVsbpdfIframe("/__local/….pdf")``, one with a PDF beside it also as images (``vsb_pdf_image_data``).

Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
Wrong: the parameters of a twin come in any order and are understood in any.
"""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.simulator import files
from crawler.simulator.portal import COLUMNS, LISTING, Column, Portal, cut, paged, pages
from crawler.simulator.request import whole
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

DOWNLOAD = "/system/_content/download.jsp"
SIZE = 8
SLUGS = {
    "open": "zwgk", "section": "zwgk/zfxxgk", "guide": "zwgk/zfxxgk/gkzn", "rules": "zwgk/zfxxgk/gkzd",
    "statutory": "zwgk/zfxxgk/fdzdgknr", "own": "zwgk/zfxxgk/zfxxgknb", "others": "zwgk/zfxxgk/bmnb",
    "apply": "zwgk/zfxxgk/ysqgk", "website": "zwgk/zfxxgk/wzndbb", "news": "xwzx", "service": "bsfw", "ask": "hdjl",
    "map": "wzdt",
}  # fmt: skip


class Vsb(Portal):
    """One portal."""

    def __init__(self, rng: random.Random, domain: str, last: int) -> None:
        self.owner = str(rng.randint(10**9, 2 * 10**9))
        self.tree = rng.randint(1000, 3000)
        super().__init__(rng, domain, last)
        self._fill()

    def _fill(self) -> None:
        """Move news into the owner's column until its last page is full."""
        own, news = self.columns["own"].path, self.columns["news"].path
        for document in self.rows(news):
            if len(self.rows(own)) % SIZE:
                self.documents[document.id] = replace(document, columns=(own,))

    def paths(self, _rng: random.Random) -> Mapping[str, str]:
        """A file for each column."""
        return {"root": "/", **{key: f"/{SLUGS[key]}.htm" for key, _, _ in COLUMNS[1:]}}

    # -------------------------------------------------------- addresses

    def _tree(self, column: str) -> int:
        return self.tree + next(index for index, c in enumerate(self.columns.values()) if c.path == column)

    def page_path(self, document: Document, column: str) -> str:
        """The static address, or the program's for every third."""
        return self._twins(document, column)[document.id % 3 == 0]

    def _twins(self, document: Document, column: str) -> tuple[str, str]:
        tree = self._tree(column)
        program = f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid={tree}&wbnewsid={document.id}"
        return f"/info/{tree}/{document.id}.htm", program

    def page_paths(self, document: Document) -> tuple[str, ...]:
        """Both addresses in every column, those that are linked first."""
        if document.direct:
            return super().page_paths(document)
        every = [path for column in document.columns for path in self._twins(document, column)]
        return tuple(dict.fromkeys((*super().page_paths(document), *every)))

    def file_path(self, document: Document, file: Attached) -> str:
        """The download program, or the file's own place where the page shows it."""
        token = self.token(document, file.file).upper()
        if _viewed(document, file):
            return f"/__local/{token[0]}/{token[1:3]}/{token[3:5]}/{token}.pdf"
        return f"{DOWNLOAD}?urltype=news.DownloadAttachUrl&owner={self.owner}&wbfileid={token}"

    # -------------------------------------------------------- lists

    def _number(self, column: Column, request: Request) -> int:
        """Which page (from 1) a request is for; 0 for none."""
        last = pages(len(self.rows(column.path)), SIZE)
        below = request.path.removeprefix(column.path.removesuffix(".htm") + "/").removesuffix(".htm")
        down = whole(below, 0)
        return 1 if request.path == column.path else last + 1 - down if 0 < down < last else 0

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """A page's rows, and links that count down."""
        rows, number = self.rows(column.path), self._number(column, request)
        last = pages(len(rows), SIZE)
        lines = "\n".join(
            f'<li id="line_u8_{index}"><a href="{self._relative(self.href(d, column.path), number, column)}" '
            f'title="{html.escape(d.title)}">{html.escape(cut(d.title))}</a><span>{d.listed:%Y-%m-%d}</span></li>'
            for index, d in enumerate(paged(rows, number, SIZE))
        )
        stem = column.path.rpartition("/")[2].removesuffix(".htm")
        below = f"{stem}/" if number == 1 else ""
        following = f'<a href="{below}{last - number}.htm" class="Next">下页</a>' if number < last else ""
        return (
            f'<ul class="list">{lines}</ul>\n<div class="pb_sys_common"><span class="p_t">共{len(rows)}条</span> '
            f'<span class="p_no_d">{number}</span>/{last} {following}</div>'
        )

    @staticmethod
    def _relative(href: str, number: int, column: Column) -> str:
        """An address on this host, relative to the page that links it."""
        if not href.startswith("/"):
            return href
        return "../" * (column.path.count("/") - 1 + (number > 1)) + href[1:]

    def counts(self) -> dict[str, int]:
        """共N条 below the list."""
        return {path: len(self.rows(path)) for path in self.annual()}

    def service(self, request: Request, load: Load) -> Answer | None:
        """Further pages, twins, downloads, and the images of pages."""
        for column in (self.columns[key] for key in LISTING):
            if self._number(column, request) > 1:
                return self.column(column, request, load)
        if request.path.startswith("/__local/") and request.path.endswith(".jpg"):
            return files.picture()
        for document in self.documents.values():
            for file in document.attachments:
                if request.asks(self.file_path(document, file)):
                    return self.gone(document) or self._file(document, file)
        return None

    def _file(self, document: Document, file: Attached) -> Answer:
        answer = files.download(document, file)
        if _viewed(document, file):
            return answer
        name = file.name.removeprefix("附件：").encode("gb18030").decode("latin-1")
        others = tuple(header for header in answer.headers if header[0] != "Content-Type")
        said = (("Content-Type", "application/octet-stream"), ("Content-Disposition", f"attachment; filename={name}"))
        return replace(answer, headers=(*said, *others))

    # -------------------------------------------------------- articles

    def article(self, document: Document, load: Load) -> str:
        """The article; the counter is a script's."""
        shown = "".join(self._viewer(document, file) for file in document.attachments)
        listed = [file for file in document.attachments if not _viewed(document, file)]
        template = '<li>附件【<a href="{href}">{name}</a>】已下载次</li>'
        below = f'<ul class="fj">{self.links(replace(document, attachments=tuple(listed)), template)}</ul>'
        return (
            f'<form name="_newscontent_fromname"><div class="tit">{html.escape(document.title)}</div><p class="info">'
            f"发布日期：{document.published:%Y-%m-%d %H:%M}　来源：{html.escape(document.source)}　点击：<script>"
            f'_showDynClicks("wbnews", {self.owner}, {document.id})</script><span>{load.serial}</span></p>\n'
            f'<div id="vsb_content_{2 + document.id % 3}"><div class="v_news_content">{self.substance(document)}{shown}</div></div>'
            f"{below}</form>"
        )

    def _viewer(self, document: Document, file: Attached) -> str:
        if file.kind != "pdf":
            return ""
        if _viewed(document, file):
            return f'<script>showVsbpdfIframe("{self.file_path(document, file)}","100%","600","0","");</script>'
        token = self.token(document, "page").upper()
        images = ",".join(f'"/__local/{token[0]}/{token[1:3]}/{token[3:5]}/{token[5:]}{n}.jpg"' for n in range(2))
        return f"<script>var vsb_pdf_image_data=[{images}];</script>"


def _viewed(document: Document, file: Attached) -> bool:
    """Whether the page shows the file in its viewer: a report that is only a PDF."""
    return not document.shown and not document.direct and file.kind == "pdf"


PECULIAR = {"vsb": Host(Vsb)}
