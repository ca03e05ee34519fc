"""The files an article names: in its text or right after it, never those of menus, footers or related links.

Rules from the field guide, 1.1 (appendix outside the editor), 1.3, 1.5, 1.10 (download endpoints without an
extension in the path), E1 (names) and E4 (viewers and embedded PDFs).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from archive.model import Link
from spiders.addresses import IMAGES, absolute, extension, is_file, unwrapped
from spiders.text import inner, spaced, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parsel import Selector
    from scrapy.http import TextResponse

_ASIDE = re.compile(
    r"(?:^|[-_ ])(?:nav|menu|foot|footer|header|banner|xgxx|related|relevant|xglj|tjyd|share|sidebar|left|crumb|"
    r"breadcrumb|links?|weather|login)(?:$|[-_ \d])|gl_left|copyright",
    re.IGNORECASE,
)
_MANY = 300
"""How many files of one area are looked at."""
_VAGUE = re.compile(r"^(?:点击)?(?:此处)?(?:附件)?(?:下载|查看|打开|浏览|预览)?\d*[:：]?$")


def attachments(response: TextResponse, content: Selector | None) -> list[Link]:
    """Every file of an article, in the page's order; pictures only where the text is nothing but pictures."""
    found: dict[str, Link] = {}
    for area in _areas(response, content):
        for link in _files(response, area):
            found.setdefault(link.url, link)
    if not found and content is not None and len(squeezed(inner(content))) < 30:
        found = {link.url: link for link in _pictures(response, content)}
    return list(found.values())


def _areas(response: TextResponse, content: Selector | None) -> Iterator[Selector]:
    """Where files may stand: the content, what follows it and its two nearest ancestors, an appendix anywhere."""
    if content is None:
        yield from response.xpath("//body")[:1]
        return
    yield content
    at = content
    for _ in range(3):
        yield from at.xpath("following-sibling::*[not(self::script) and not(self::style)]")
        parents = at.xpath("parent::*[not(self::body) and not(self::html)]")
        if not parents or _aside(parents[0]):
            break
        at = parents[0]
    yield from response.xpath("//*[@id='appendix' or contains(@class, 'fujian') or contains(@class, 'attachment')]")


def _files(response: TextResponse, area: Selector) -> Iterator[Link]:
    path = "descendant-or-self::*[self::a[@href] or self::iframe[@src] or self::embed[@src] or self::object[@data]]"
    for node in [] if _aside(area) else area.xpath(path)[:_MANY]:
        if any(_aside(parent) for parent in node.xpath("ancestor::*[self::div or self::ul or self::td or self::p]")):
            continue
        target = node.attrib.get("href") or node.attrib.get("src") or node.attrib.get("data") or ""
        url = absolute(response.url, target)
        if url is None:
            continue
        url = unwrapped(url)
        if is_file(url) or (node.attrib.get("appendix") == "true" and extension(url) not in IMAGES):
            yield Link(url, _name(node, url))
    for node in area.css("#pdfshow[data-value]"):
        if url := absolute(response.url, node.attrib["data-value"]):
            yield Link(url, _name(node, url))


def _aside(node: Selector) -> bool:
    """Whether an element is a menu, a footer, a list of related links: its class or id says so."""
    if node.root.tag in {"nav", "header", "footer", "aside"}:
        return True
    names = f"{node.attrib.get('class', '')} {node.attrib.get('id', '')}".strip()
    return bool(names and _ASIDE.search(names))


def _name(node: Selector, url: str) -> str:
    """The file's name for people: the link's words, its title, what the query calls it, its path."""
    for text in (inner(node), node.attrib.get("title", ""), node.attrib.get("download", "")):
        if not _VAGUE.match(squeezed(text)):
            return spaced(text)
    parts = urlsplit(url)
    asked = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
    for key in ("showname", "ftext", "filename"):
        if key in asked:
            return spaced(asked[key])
    return unquote(parts.path.rpartition("/")[2]) or url


def _pictures(response: TextResponse, content: Selector) -> Iterable[Link]:
    for node in content.css("img[src]"):
        url = absolute(response.url, node.attrib["src"])
        if url and extension(url) in IMAGES and not node.attrib["src"].startswith("data:"):
            yield Link(url, node.attrib.get("alt") or urlsplit(url).path.rpartition("/")[2])
