"""A look at a page that is cheap and never wrong in one direction: equal glances mean an equal reading.

Pages change at every load (counters, stamps, tokens), and reading one to the last cell costs ten times what it
costs to see that the element the report lies in is the same, tag for tag.  A glance that differs proves nothing:
then the page is read.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pipelines.convert.decoding import charset_of, decode
from pipelines.convert.sniff import sniff
from pipelines.convert.web.webpage import content_of, links_of, metadata, tree_of

_HEADS = ("meta:ArticleTitle", "meta:PubDate", "meta:ContentSource", "title", "h1", "h2", "h3")
_SILENT = frozenset({"script", "style", "noscript"})


def glance(payload: bytes, *, url: str | None = None, media_type: str | None = None) -> bytes | None:
    """The digest of what an HTML page's reading rests on: titles, dates, and the report's element with its structure.

    Structure counts: a value that moves to the next cell changes no text and every figure.  None: no HTML, or no
    element a report could lie in.
    """
    if sniff(payload, media_type, None) != "text/html":
        return None
    text, _ = decode(payload, charset_of(media_type))
    root = tree_of(text)
    content = content_of(root) if root is not None else None
    if root is None or content is None:
        return None
    digest = hashlib.sha256()
    links = [f"{link.url} {link.name}" for link in links_of(root, content, url)]
    heads = [f"{name} {value}" for name, value in metadata(root, content) if name.startswith(_HEADS)]
    for line in (*heads, *links, *_structure(content)):
        digest.update(line.encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return digest.digest()


def _structure(content: Any) -> list[str]:
    found = []
    for element in content.iter():
        tag = element.tag
        if isinstance(tag, str):
            found.append(f"<{tag} {element.get('rowspan', '')} {element.get('colspan', '')}")
            if tag not in _SILENT and element.text:
                found.append(element.text)
        if element.tail and element is not content:
            found.append(element.tail)
    return found
