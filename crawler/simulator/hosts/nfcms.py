"""NFCMS by itself (field guide, 1.7): columns ``index.html``, ``index_2.html`` = page 2, articles ``post_``/``mpost_``.

Trap: ``index_1.html`` does not exist, though another system would call page 2 so.
Volatile: counters, the generated-at tag, a token, today's date, the order of the related links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator import nfcms
from crawler.simulator.plain import Plain
from crawler.simulator.site import Host

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from crawler.simulator.answers import Answer
    from crawler.simulator.documents import Attached, Document
    from crawler.simulator.frame import Load
    from crawler.simulator.portal import Column
    from crawler.simulator.request import Request


class Nfcms(Plain):
    """One portal."""

    def paths(self, rng: random.Random) -> Mapping[str, str]:
        """Directories with their first page's name where they list."""
        found = dict(super().paths(rng))
        return found | {key: found[key] + "index.html" for key in ("own", "others", "news")}

    def page_path(self, document: Document, column: str) -> str:
        """Below the column."""
        return nfcms.page_path(document, column)

    def file_path(self, document: Document, file: Attached) -> str:
        """By three numbers."""
        return nfcms.file_path(document, file)

    def service(self, request: Request, load: Load) -> Answer | None:
        """Further pages."""
        return nfcms.further(self, request, load)

    def listing(self, column: Column, request: Request, _load: Load) -> str:
        """A page's rows."""
        return nfcms.listing(self, column, request)

    def article(self, document: Document, load: Load) -> str:
        """An article."""
        return nfcms.article(self, document, load)


HOSTS = {"nfcms": Host(Nfcms)}
