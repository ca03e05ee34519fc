"""What the portals of TRS WCM share beside their lists: directories, dated articles, files beside them.

Field guide, 1.1: articles ``{column}{YYYYMM}/t{YYYYMMDD}_{id}.html``, files ``./P0…``/``./W0…`` in the same
directory, the same document in two columns under the same id.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from crawler.simulator import articles, files, frame
from crawler.simulator.portal import COLUMNS, Column, Portal

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load, Page
    from crawler.simulator.request import Request

SLUGS = {
    "guide": "zfxxgkzn/", "rules": "zfxxgkzd/", "statutory": "fdzdgknr/", "own": "zfxxgknb/", "others": "zfxxgknb/sxdw/",
    "apply": "ysqgk/", "website": "wzndbb/",
}  # fmt: skip
OUTER = {"news": "/xwzx/gzdt/", "service": "/bsfw/", "ask": "/hdjl/", "map": "/wzdt/"}


class Wcm(Portal):
    """A TRS portal; a subclass says how its columns list."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Directories by pinyin."""
        root = rng.choice(("/zwgk/", "/xxgk/", f"/zwgk_{rng.randint(100, 999)}/"))
        section = root + rng.choice(("zfxxgk/", "zfxxgkzl/"))
        inner = {key: section + slug for key, slug in SLUGS.items()}
        found = {"root": "/", "open": root, "section": section} | inner | OUTER
        return {key: found[key] for key, _, _ in COLUMNS}

    def page_path(self, document: Document, column: str) -> str:
        """By month, day and id below the column."""
        return document.path(column)

    def file_path(self, document: Document, file: Attached) -> str:
        """Beside the article in its own column."""
        return document.directory(document.columns[0]) + file.file

    def file_paths(self, document: Document, file: Attached) -> tuple[str, ...]:
        """Beside the article in each of its columns."""
        return tuple(document.directory(column) + file.file for column in document.columns)

    def service(self, request: Request, _load: Load) -> Answer | None:
        """Files and pictures lie beside an article in every column it stands in."""
        for document in self.documents.values():
            beside = {document.directory(column) for column in document.columns}
            folder, _, name = request.path.rpartition("/")
            if document.elsewhere or folder + "/" not in beside:
                continue
            if document.image and name == articles.picture_name(document):
                return files.picture()
            if file := next((f for f in document.attachments if f.file == name), None):
                return self.gone(document) or files.download(document, file)
        return None

    def article(self, document: Document, load: Load) -> str:
        """One of the layouts TRS portals have."""
        return articles.article(document, self.layout, load.serial)

    def tags(self, document: Document, url: str) -> tuple[tuple[str, str], ...]:
        """With a misspelling and empty ones."""
        return articles.article_meta(document, url)

    def framed(self, page: Page, load: Load) -> str:
        """The frame of older pages: a banner that is itself a ``TRS_Editor``."""
        related = [(d.title, self.page_paths(d)[0]) for d in self.documents.values() if d.columns[0] == self.clerk.news]
        return frame.framed(page, self.identity, load, self.top(), related)

    def lines(self, rows: list[Document], column: str) -> str:
        """Rows as list items with relative links."""
        return "".join(
            f'<li><a href="{d.href(column)}" target="_blank" title="{html.escape(d.title)}">{html.escape(d.title)}</a>'
            f"<span>{d.listed:%Y-%m-%d}</span></li>"
            for d in rows
        )

    def listing(self, column: Column, _request: Request, _load: Load) -> str:
        """All rows on one page, unless a system does otherwise."""
        return f'<ul class="gl_list">{self.lines(self.rows(column.path), column.path)}</ul>'
