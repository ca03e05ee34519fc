"""The files an article names: in its text or right after it, never those of menus, footers or related links.

Rules from the field guide, 1.1 (appendix outside the editor), 1.3, 1.5, 1.10 (download endpoints without an
extension in the path), E1 (names) and E4 (viewers and embedded PDFs).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from archive.model import Link
from spiders.addresses import IMAGES, absolute, extension, has_page, is_file, names_file, unwrapped
from spiders.links import tree
from spiders.text import inner, spaced, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.http import TextResponse

_ASIDE = re.compile(
    r"(?:^|[-_ ])(?:nav|menu|foot|footer|header|banner|xgxx|related|relevant|xglj|tjyd|share|sidebar|left|crumb|"
    r"breadcrumb|links?|weather|login)(?:$|[-_ \d])|gl_left|copyright",
    re.IGNORECASE,
)
_APPENDIX = ('id="appendix"', "id='appendix'", "fujian")
_MANY = 300
"""How many files of one area are looked at."""
_CELLS = 12
_ABOUT = re.compile(r"(?:信息公开|政务公开).{0,12}(?:年报|年度报告|工作报告)|信息公开条例")
_OF_REPORT = re.compile(r"年报|报告|附[表件图]|扫描|统计表|情况表")
_ICON = re.compile(
    r"icon|logo|ewm|erweima|qrcode|weixin|wechat|weibo|print|share|banner|button|btn|arrow|close|spacer|blank",
    re.IGNORECASE,
)
_ICON_SIZE = 100
_DIGITS = re.compile(r"\s{0,9}(\d{1,5})(?:\.\d{1,9})?(?:px)?\s{0,9}$")
_VAGUE = re.compile(r"^(?:点击)?(?:此处)?(?:附件)?(?:下载|查看|打开|浏览|预览)?\d*[:：]?$")


def attachments(response: TextResponse, content: Any | None) -> list[Link]:
    """Every file of an article, in the page's order; pictures only where they may be the report or its tables."""
    found: dict[str, Link] = {}
    for area in _areas(response, content):
        for link in [] if _aside(area) else _files(response, area):
            found.setdefault(link.url, link)
    if not found and content is not None and _lacks_tables(response, content):
        found = {link.url: link for link in _pictures(response, content)}
    return list(found.values())


def _areas(response: TextResponse, content: Any | None) -> Iterator[Any]:
    """Where files may stand: the content, what follows it and its two nearest ancestors, an appendix anywhere."""
    if content is None:
        yield from islice(tree(response).iter("body"), 1)
        return
    yield content
    at = content
    for _ in range(3):
        yield from (after for after in at.itersiblings() if isinstance(after.tag, str))
        at = at.getparent()
        if at is None or at.tag in {"body", "html"} or _aside(at):
            break
    if any(mark in response.text for mark in _APPENDIX):
        yield from (node.root for node in response.xpath("//*[@id='appendix' or contains(@class, 'fujian')]"))


def _files(response: TextResponse, area: Any) -> Iterator[Link]:
    for node in islice(area.iter("a", "iframe", "embed", "object"), _MANY):
        target = node.get("href") or node.get("src") or node.get("data")
        url = absolute(response.url, target) if target and not target.startswith(("#", "javascript:")) else None
        if url is None:
            continue
        url = unwrapped(url)
        named = (
            is_file(url) or (node.get("appendix") == "true" and extension(url) not in IMAGES) or _says_file(node, url)
        )
        if named and not any(_aside(parent) for parent in node.iterancestors("div", "ul", "td", "p", "nav", "footer")):
            yield Link(url, _name(node, url))
    if "pdfshow" in response.text:
        for node in area.iter("div"):
            if node.get("id") == "pdfshow" and (url := absolute(response.url, node.get("data-value") or "")):
                yield Link(url, _name(node, url))


def _says_file(node: Any, url: str) -> bool:
    """Whether a link's words say that a file is behind it: a picture of a report, a name with a file's extension."""
    words = (inner(node, 200), node.get("title", ""), node.get("download", ""))
    if extension(url) in IMAGES:
        return any(_OF_REPORT.search(squeezed(text)) for text in words)
    return not has_page(url) and any(names_file(squeezed(text)) for text in words)


def _lacks_tables(response: TextResponse, content: Any) -> bool:
    """Whether the text is nothing but pictures, or that of a report without a table of more cells than a frame has."""
    text = squeezed(inner(content, 3000))
    if len(text) < 30:
        return True
    title = "".join(response.xpath("//title//text()").getall()[:3])
    return bool(_ABOUT.search(text + squeezed(title))) and not any(
        sum(1 for _ in islice(table.iter("td", "th"), _CELLS)) == _CELLS for table in content.iter("table")
    )


def _aside(node: Any) -> bool:
    """Whether an element is a menu, a footer, a list of related links: its class or id says so."""
    if node.tag in {"nav", "header", "footer", "aside"}:
        return True
    names = f"{node.get('class', '')} {node.get('id', '')}".strip()
    return bool(names and _ASIDE.search(names))


def _name(node: Any, url: str) -> str:
    """The file's name for people: the link's words, its title, what the query calls it, its path."""
    for text in (inner(node), node.get("title", ""), node.get("download", "")):
        if not _VAGUE.match(squeezed(text)):
            return spaced(text)
    parts = urlsplit(url)
    asked = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
    for key in ("showname", "ftext", "filename"):
        if key in asked:
            return spaced(asked[key])
    return unquote(parts.path.rpartition("/")[2]) or url


def _pictures(response: TextResponse, content: Any) -> Iterable[Link]:
    for node in islice(content.iter("img"), _MANY):
        source = node.get("src") or ""
        url = absolute(response.url, source) if source else None
        if url and extension(url) in IMAGES and not _is_icon(node, url):
            yield Link(url, node.get("alt") or urlsplit(url).path.rpartition("/")[2])


def _is_icon(node: Any, url: str) -> bool:
    """Whether a picture is furniture: small by its attributes, or named like a logo, a code, a button."""
    sizes = [found[1] for name in ("width", "height") if (found := _DIGITS.match(node.get(name) or ""))]
    names = f"{urlsplit(url).path.rpartition('/')[2]} {node.get('class') or ''} {node.get('id') or ''}"
    return any(int(size) < _ICON_SIZE for size in sizes) or bool(_ICON.search(names))
