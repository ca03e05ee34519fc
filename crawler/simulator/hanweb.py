"""What all portals of the Hanweb JCMS share: numbered columns, article addresses by day, articles, downloads.

Field guide, 1.3: columns ``/col/col{N}/index.html``, articles ``/art/{Y}/{M}/{D}/art_{N}_{id}.html`` (no
padding; the day is that of publication), files ``/module/download/downfile.jsp?…&filename=…`` that redirect
to ``/attach/0/…``.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from crawler.simulator import files, markup
from crawler.simulator.answers import Answer
from crawler.simulator.portal import COLUMNS, LISTING, Portal, percent, record

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.request import Request

DOWNFILE = "/module/download/downfile.jsp"


class Hanweb(Portal):
    """A portal of the JCMS; a subclass says how its columns list."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Every column but the home page by its number."""
        number = rng.randint(20_000, 90_000)
        found = {"root": "/"}
        for key, _, _ in COLUMNS[1:]:
            number += rng.randint(1, 40)
            found[key] = f"/col/col{number}/index.html"
        return found

    def number(self, column: str) -> str:
        """The number of the column at a path."""
        return column.removeprefix("/col/col").partition("/")[0]

    def listed(self) -> dict[str, str]:
        """The listing columns' paths by number."""
        return {self.number(self.columns[key].path): self.columns[key].path for key in LISTING}

    def page_path(self, document: Document, column: str) -> str:
        """By the day of publication, the column and the id."""
        day = document.published
        return f"/art/{day.year}/{day.month}/{day.day}/art_{self.number(column)}_{document.id}.html"

    def picture_path(self, document: Document) -> str:
        """In the folder of pictures."""
        return f"/picture/0/{self.token(document, 'picture')}.jpg"

    def file_path(self, document: Document, file: Attached) -> str:
        """The download program; the type is only in the query."""
        name = self._stored(document, file)
        return f"{DOWNFILE}?classid=0&filename={name}&showname={percent(file.name.removeprefix('附件：'))}"

    def file_paths(self, document: Document, file: Attached) -> tuple[str, ...]:
        """The download program's address and the file's own."""
        return self.file_path(document, file), f"/attach/0/{self._stored(document, file)}"

    def _stored(self, document: Document, file: Attached) -> str:
        return f"{self.token(document, file.file)}.{file.kind}"

    def service(self, request: Request, _load: Load) -> Answer | None:
        """The download program redirects to the file."""
        if request.path != DOWNFILE and not request.path.startswith("/attach/0/"):
            return None
        name = request.args.get("filename") or request.path.rpartition("/")[2]
        for document in self.documents.values():
            for file in document.attachments:
                if self._stored(document, file) == name:
                    moved = Answer(302, (("Location", f"/attach/0/{name}"),), b"")
                    shown = moved if request.path == DOWNFILE else files.download(document, file)
                    return self.gone(document) or shown
        return None

    def article(self, document: Document, load: Load) -> str:
        """Body between the vendor's comments, the source between its own; a disclosure has an index card."""
        card = ""
        if document.content:
            number = f"0{markup.spice(document.source) % 10**8:08d}/{document.published.year}-{document.id % 10**5:05d}"
            card = record(
                (
                    ("索 引 号", number),
                    ("分　　类", "政府信息公开年报 综合政务,文秘工作 其他"),
                    ("发布机构", document.source),
                    ("发文日期", f"{document.published:%Y-%m-%d}"),
                    ("文　　号", ""),
                    ("有 效 性", "有效"),
                )
            )
        return (
            f'<div class="bt_box"><p class="bt_title">{html.escape(document.title)}</p>{card}\n'
            f'<p class="bt_info">发布日期：{document.published:%Y-%m-%d %H:%M}　来源：<!--<$[信息来源]>begin-->'
            f"{html.escape(document.source)}<!--<$[信息来源]>end-->　浏览次数：<i>{load.serial}</i></p>\n"
            f'<div id="zoom" class="bt_content"><!--ZJEG_RSS.content.begin--><meta name="ContentStart"/>'
            f"{self.substance(document)}"
            f'<meta name="ContentEnd"/><!--ZJEG_RSS.content.end--></div>{self.links(document)}</div>'
        )
