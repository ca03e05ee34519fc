"""Pages of no known system: rows by the shape of the list, paging by what the page says, then by guesses.

History
-------
2026-11  Written from the field guide, 1.14 (ordered candidates for page 2, links restricted to the column's
         first two path segments, ``onclick`` anchors) and 3.1 (columns that are lists of links of any markup).
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.model import Expectation, Link, Row
from archive.urls import url_key
from spiders.addresses import absolute, folder, is_file, site_of
from spiders.families.attachments import attachments
from spiders.families.interface import Next
from spiders.families.scripts import following, paging
from spiders.text import dates, inner, spaced, squeezed, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsel import Selector
    from scrapy.http import TextResponse

_PAGE = re.compile(r"\.(?:s?html?|jhtml|aspx?|jsp|php|hrh)$", re.IGNORECASE)
_NEXT = re.compile(r"^(?:下一?页|后一?页|[>»›]|next)$", re.IGNORECASE)
_QUOTED = re.compile(r"""\(\s*['"]([^'"]+)['"]""")
_COUNTS = (
    ("recordCount", re.compile(r"""recordCount['"]?\s*[:=]\s*['"]?(\d+)""", re.IGNORECASE)),
    ("totalRecord", re.compile(r"""total_?Records?['"]?\s*[:=>]\s*['"]?(\d+)""", re.IGNORECASE)),
)
_STATED = re.compile(r"共(?:有|计)?\s*(\d+)\s*(?:条|篇)")
_PAGER = "//*[contains(@class, 'pag') or contains(@id, 'pag') or contains(@class, 'p_t') or contains(@class, 'pb_sys')]"
_PAGED = re.compile(
    r"""(?:共|/)\s*(\d{1,4})\s*页|(?:page_?count|count_?page|total_?pages?)['"]?\s*[:=]\s*['"]?(\d{1,4})""",
    re.IGNORECASE,
)
_CONTENT = (
    "#vsb_content, [id^=vsb_content_], .v_news_content, #UCAP-CONTENT, ucapcontent, #zoom, #zoomcon, #con_con, "
    "#ivs_content, .article-content, .j-fontContent, .bt_content, .detail-news"
)
"""Content areas of other systems (field guide, 1.3 to 1.13), where no family knows better."""
_PIECES = "//p | //table[not(.//table) and not(.//p)]"
"""What an article's text consists of where no area is named: paragraphs, and tables of bare figures."""
LINKS = 3000
"""How many links of a page are looked at; the longest listing seen has some hundreds."""
_REPEATED = {"li", "tr", "td", "dd", "dl", "p", "span", "tbody"}
"""Elements whose classes tell the rows of one list apart (odd, even, last), not one list from another."""
_ANCESTORS = 12
_GUESSES = 4
"""How many guessed addresses of a second page are tried; each that does not exist costs the portal a request."""


class Generic:
    """The rules that hold for static lists and pages of any system; families refine them."""

    name = "generic"

    def fingerprint(self, response: TextResponse) -> float:
        """Never surely, and never not at all: the last resort."""
        return 0.01 if response.xpath("//body") else 0.0

    def identity(self, url: str) -> str | None:
        """The normalised address."""
        return f"url:{url_key(url)}"

    # -------------------------------------------------------- listings

    def rows(self, response: TextResponse) -> list[Row]:
        """The links of the list: those that share the markup most links into the column's own section have."""
        anchors = [(anchor, url) for anchor, url in links(response) if not _is_navigation(anchor, url, response.url)]
        shapes = Counter(_shape(anchor) for anchor, url in anchors if self._is_row(url, response.url))
        if not shapes:
            return []
        most = max(shapes.values())
        chosen = {shape for shape, count in shapes.items() if count * 4 >= most or count >= 3}
        rows = {url_key(url): self._row(anchor, url, response) for anchor, url in anchors if _shape(anchor) in chosen}
        return [row for row in rows.values() if len(squeezed(row.title)) >= 4]

    def _is_row(self, url: str, listing: str) -> bool:
        """Whether an address can be an article of a listing: a page or a file within its first two segments."""
        if site_of(url) != site_of(listing):
            return False
        inside = urlsplit(url).path.startswith(section(listing))
        return is_file(url) or (inside and bool(_PAGE.search(urlsplit(url).path)) and not _is_index(url))

    def _row(self, anchor: Selector, url: str, response: TextResponse) -> Row:
        title = title_of(anchor)
        return Row(url, title, response.url, _date_beside(anchor, title))

    def expectation(self, response: TextResponse) -> Expectation | None:
        """What the page says its list holds: ``recordCount``, ``totalRecord``, ``共N条``."""
        script = paging(response.text)
        if script and script.rows:
            return Expectation(response.url, script.rows, "createPageHTML")
        for rule, pattern in _COUNTS:
            if found := pattern.search(response.text):
                return Expectation(response.url, int(found[1]), rule)
        stated = _STATED.search(spaced(" ".join(response.xpath(_PAGER + "//text()").getall())))
        return Expectation(response.url, int(stated[1]), "共N条") if stated else None

    def pages(self, response: TextResponse, page: int) -> list[Next]:
        """What the paging script says, the link 下一页, or, where the page speaks of more pages, the usual names."""
        if script := paging(response.text, page):
            return following(script, response.url, page)
        if linked := _next_link(response, page):
            return [linked]
        total = page_count(response)
        if total is None or page >= total:
            return []
        return [Next(page + 1, url, rule, certain=False) for rule, url in guesses(response.url, page)][:_GUESSES]

    # -------------------------------------------------------- articles

    def article(self, response: TextResponse) -> Selector | None:
        """A known content area, else the innermost element with the most text in paragraphs and tables of its own."""
        named = [node for node in response.css(_CONTENT) if len(squeezed(inner(node))) >= 50]
        if named:
            return named[0]
        weights: Counter[object] = Counter()
        places: dict[object, Selector] = {}
        for piece in response.xpath(_PIECES):
            place = piece.xpath("ancestor::*[self::div or self::td or self::article or self::section][1]")
            if place:
                weights[place[0].root] += len(squeezed("".join(piece.xpath(".//text()").getall())))
                places[place[0].root] = place[0]
        return places[weights.most_common(1)[0][0]] if weights else None

    def attachments(self, response: TextResponse) -> list[Link]:
        """The files the article names."""
        return attachments(response, self.article(response))


def links(response: TextResponse) -> Iterable[tuple[Selector, str]]:
    """Every link of a page with its absolute address, ``onclick`` ones too; comments are not links."""
    for anchor in response.xpath("//a[@href or @onclick]")[:LINKS]:
        href = anchor.attrib.get("href", "").strip()
        if not href or href.startswith(("javascript:", "#")):
            quoted = _QUOTED.search(anchor.attrib.get("onclick", "") or href)
            href = quoted[1] if quoted and ("/" in quoted[1] or _PAGE.search(quoted[1])) else ""
        if href and (url := absolute(response.url, href)):
            yield anchor, url


def section(listing: str) -> str:
    """The first two segments of a listing's directory: where its articles may lie (field guide, 1.14)."""
    parts = folder(listing).strip("/").split("/")[:2]
    return "/" + "".join(f"{part}/" for part in parts if part)


def page_count(response: TextResponse) -> int | None:
    """How many pages a listing says it has."""
    found = _PAGED.search(response.text)
    return int(found[1] or found[2]) if found else None


def guesses(url: str, page: int) -> list[tuple[str, str]]:
    """Where page ``page + 1`` usually lies, by rule (field guide, 1.14)."""
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}{folder(url)}"
    name = parts.path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (re.sub(r"_\d+$", "", stem), suffix) if dot else ("index", "html")
    number = page + 1
    query = dict(parse_qsl(parts.query))
    found = [
        ("stem_{p-1}", f"{base}{stem}_{number - 1}.{suffix}"),
        ("stem_{p}", f"{base}{stem}_{number}.{suffix}"),
    ]
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
    found += [(f"?{key}=p", f"{plain}?{urlencode(query | {key: str(number)})}") for key in ("page", "pageIndex")]
    return [*found, ("dir/{p}", f"{base}{number}")]


def _next_link(response: TextResponse, page: int) -> Next | None:
    for anchor, url in links(response):
        if _NEXT.match(squeezed(inner(anchor))) and url_key(url) != url_key(response.url):
            return Next(page + 1, url, "下一页") if site_of(url) == site_of(response.url) else None
    return None


def _is_index(url: str) -> bool:
    return bool(re.match(r"(?:index|list)(?:_\d+)?\.|$", urlsplit(url).path.rpartition("/")[2]))


def _is_navigation(anchor: Selector, url: str, listing: str) -> bool:
    """Whether a link is of the page's frame: a crumb, the page itself, a page number."""
    text = squeezed(inner(anchor))
    if "CurrChnlCls" in anchor.attrib.get("class", "") or url_key(url) == url_key(listing):
        return True
    return bool(_NEXT.match(text) or re.fullmatch(r"\d{1,3}|首页|尾页|末页|上一?页|更多|more", text, re.IGNORECASE))


def _shape(anchor: Selector) -> tuple[str, ...]:
    """The way up from a link in element names, with the classes of containers: the rows of a list share it."""
    names = []
    for node in islice(anchor.root.iterancestors(), _ANCESTORS):
        if not isinstance(node.tag, str) or node.tag in {"body", "html"}:
            continue
        mark = "" if node.tag in _REPEATED else node.get("class") or node.get("id") or ""
        names.append(f"{node.tag}.{mark}" if mark else node.tag)
    return tuple(names)


def _date_beside(anchor: Selector, title: str) -> str | None:
    """The date a listing prints for a row: inside the link, else in the smallest element that holds only this row."""
    if found := dates(inner(anchor).replace(title, " ")):
        return found[-1]
    for node in anchor.xpath("ancestor::*[self::li or self::tr or self::dd or self::p or self::div][1]"):
        if len(node.xpath("(.//a[@href])[position() < 5]")) <= 3:
            found = dates(inner(node).replace(title, " "))
            return found[-1] if found else None
    return None
