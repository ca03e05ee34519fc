"""A ``.doc`` that is HTML: a page saved by a word processor under the name of a document."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from crawler.simulator.printing.mht import page

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content


def written(content: Content, seed: int) -> bytes:
    """The report as HTML with Word's namespaces and conditional comments, in GB2312 or in UTF-8 with its mark."""
    rng = random.Random(f"worddoc:{seed}")
    if rng.random() < 0.5:
        return page(content, rng, "gb2312").encode("gb18030")
    return b"\xef\xbb\xbf" + page(content, rng, "utf-8").encode()
