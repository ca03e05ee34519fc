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
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.model import Expectation, Link, Row
from archive.urls import url_key
from spiders.addresses import folder, is_file, same_site, site_of, unwrapped
from spiders.families.attachments import attachments
from spiders.families.interface import Ask, Carry, Column
from spiders.families.scripts import following, paging, printed
from spiders.links import Anchor, links
from spiders.text import dates, inner, looks_like_report, spaced, squeezed, title_of, weight

if TYPE_CHECKING:
    from scrapy.http import TextResponse

_PAGE = re.compile(r"\.(?:s?html?|jhtml|aspx?|jsp|php|hrh)$", re.IGNORECASE)
_NEXT = re.compile(r"^(?:下一?页|后一?页|[>»›]|next)$", re.IGNORECASE)
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
_NAMED = re.compile(
    r"vsb_content|v_news_content|ucap-?content|zoom|con_con|ivs_content|article-content|j-fontContent|bt_content|"
    r"detail-news",
    re.IGNORECASE,
)
_PIECES = "//p | //table[not(.//table) and not(.//p)]"
"""What an article's text consists of where no area is named: paragraphs, and tables of bare figures."""
_DOCUMENT = re.compile(r"/(\d{6,18})\.(?:s?html?|jhtml)$", re.IGNORECASE)
_TWIN = re.compile(r"_(?:app|mobile|wap)(\.s?html?)$", re.IGNORECASE)
"""The same page for telephones (field guide, 9)."""
_DAY = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d)?")
_NUMBERED = re.compile(r"/(?:\d{5,}|[0-9a-f]{24,})/(?:index\.\w+)?$", re.IGNORECASE)
_FRAME = re.compile(r"\d{1,3}|首页|尾页|末页|上一?页|更多|more|下一?页|后一?页|[>»›]|next", re.IGNORECASE)
_REPEATED = {"li", "tr", "td", "dd", "dl", "p", "span", "tbody"}
"""Elements whose classes tell the rows of one list apart (odd, even, last), not one list from another."""
_ANCESTORS = 12
_A_LIST = 3
"""From this many dated links of one shape a page is a list, whatever they are called."""
_GUESSES = 4
"""How many guessed addresses of a second page are tried; each that does not exist costs the portal a request."""


class Generic:
    """The rules that hold for static lists and pages of any system; families refine them."""

    name = "generic"

    def fingerprint(self, response: TextResponse) -> float:
        """Never surely, and never not at all: the last resort."""
        return 0.01 if response.xpath("//body") else 0.0

    def identity(self, url: str) -> str | None:
        """The normalised address; where its file's name is a number of six digits and more, host and number.

        Systems number their articles across columns, so that an article in two of them has one number; a date
        (``20240131.html``) is no number.
        """
        url = _TWIN.sub(r"\1", url)
        found = _DOCUMENT.search(urlsplit(url).path)
        if found and not _DAY.fullmatch(found[1]):
            return f"number:{site_of(url)}:{found[1]}"
        return f"url:{url_key(url)}"

    # -------------------------------------------------------- listings

    def columns(self, response: TextResponse) -> list[Column]:
        """None beside the plain links."""
        return []

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """Nothing: the rows are on the page."""
        return []

    def request(self, url: str) -> Ask | None:
        """Plainly."""
        return None

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The links of the list: those that share the markup most links into the column's own section have."""
        anchors = [anchor for anchor in links(response) if not _is_navigation(anchor, response.url)]
        shaped = [(anchor, _shape(anchor.element)) for anchor in anchors]
        shapes = Counter(
            shape for anchor, shape in shaped if self._is_row(anchor.url, response.url) or _named(anchor, response.url)
        )
        if not shapes:  # a page of nothing but look-alikes is a list all the same: its rows have dates
            dated = Counter(shape for anchor, shape in shaped if _date_beside(anchor, anchor.text))
            shapes = Counter({shape: count for shape, count in dated.items() if count >= _A_LIST})
        if not shapes:
            return []
        most = max(shapes.values())
        chosen = {shape for shape, count in shapes.items() if count * 4 >= most or count >= 3}
        rows = {anchor.url: self._row(anchor, response) for anchor, shape in shaped if shape in chosen}
        return [row for row in rows.values() if len(squeezed(row.title)) >= 4]

    def _is_row(self, url: str, listing: str) -> bool:
        """Whether an address can be an article of a listing: a page or a file within its first two segments."""
        if not same_site(url, listing):
            return False
        inside = urlsplit(url).path.startswith(section(listing))
        return is_file(url) or (inside and bool(_PAGE.search(urlsplit(url).path)) and not _is_index(url))

    def _row(self, anchor: Anchor, response: TextResponse) -> Row:
        title = title_of(anchor.element, anchor.text)
        return Row(unwrapped(anchor.url), title, response.url, _date_beside(anchor, title))

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """What the page says its list holds: ``recordCount``, ``totalRecord``, ``共N条``."""
        script = paging(response.text)
        if script and script.rows:
            return Expectation(response.url, script.rows, "createPageHTML")
        for rule, pattern in _COUNTS:
            if found := pattern.search(response.text):
                return Expectation(response.url, int(found[1]), rule)
        if "共" not in response.text:
            return None
        stated = _STATED.search(spaced(" ".join(response.xpath(_PAGER + "//text()").getall())))
        return Expectation(response.url, int(stated[1]), "共N条") if stated else None

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """What the paging script says, the link 下一页, or, where the page speaks of more pages, the usual names."""
        if script := paging(response.text, page):
            return following(script, response.url, page)
        if linked := _next_link(response, page):
            return [linked]
        total = page_count(response)
        if total is None or page >= total:
            return []
        usual, own = guesses(response.url, page)[:_GUESSES], url_key(response.url)
        return [Ask(page + 1, url, rule, certain=False) for rule, url in usual if url_key(url) != own]

    def misplaced(self, response: TextResponse, page: int) -> bool:
        """Whether the page that answers says it is another one than that asked for (counted from 0 or from 1)."""
        number = printed(response.text)
        return number is not None and number not in {page - 1, page}

    # -------------------------------------------------------- articles

    def article(self, response: TextResponse) -> Any | None:
        """A known content area, else the innermost element with the most text in paragraphs and tables of its own."""
        if _NAMED.search(response.text):
            for node in response.css(_CONTENT):
                if weight(node.root) >= 50:
                    return node.root
        weights: Counter[Any] = Counter()
        for piece in response.xpath(_PIECES):
            place = next(piece.root.iterancestors("div", "td", "article", "section"), None)
            if place is not None:
                weights[place] += weight(piece.root)
        return weights.most_common(1)[0][0] if weights else None

    def attachments(self, response: TextResponse) -> list[Link]:
        """The files the article names."""
        return attachments(response, self.article(response))


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
    # A first page's own number (``node_12345.htm``) is its name; a later one's is its place.
    stem, suffix = (re.sub(r"_\d{1,3}$", "", stem) if page > 1 else stem, suffix) if dot else ("index", "html")
    number = page + 1
    query = dict(parse_qsl(parts.query))
    found = [
        ("stem_{p-1}", f"{base}{stem}_{number - 1}.{suffix}"),
        ("stem_{p}", f"{base}{stem}_{number}.{suffix}"),
    ]
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
    found += [(f"?{key}=p", f"{plain}?{urlencode(query | {key: str(number)})}") for key in ("page", "pageIndex")]
    return [*found, ("dir/{p}", f"{base}{number}")]


def _next_link(response: TextResponse, page: int) -> Ask | None:
    numbered = None
    for anchor in links(response):
        if len(anchor.text) >= 8 or anchor.url == response.url or not same_site(anchor.url, response.url):
            continue
        words = squeezed(anchor.text)
        if _NEXT.match(words):
            return Ask(page + 1, anchor.url, "下一页")
        if words == str(page + 1) and urlsplit(anchor.url).path.startswith(section(response.url)):
            numbered = numbered or Ask(page + 1, anchor.url, "number")
    return numbered


def _is_index(url: str) -> bool:
    return bool(re.match(r"(?:index|list)(?:_\d+)?\.|$", urlsplit(url).path.rpartition("/")[2]))


def _named(anchor: Anchor, listing: str) -> bool:
    """Whether a link's own words make it a report's row where its address tells nothing (``/article/123``).

    An address that is a directory's may be a column of one year (field guide, 3.1) and is left to that rule, unless
    the directory is an article's number (``/web/zfxxgk/202401230001/index.shtml``).
    """
    path = urlsplit(anchor.url).path
    plain = not _is_index(anchor.url) or bool(_NUMBERED.search(path))
    return plain and same_site(anchor.url, listing) and looks_like_report(title_of(anchor.element, anchor.text))


def _is_navigation(anchor: Anchor, listing: str) -> bool:
    """Whether a link is of the page's frame: a crumb, the page itself, a page number."""
    if "CurrChnlCls" in (anchor.element.get("class") or "") or anchor.url == listing:
        return True
    return len(anchor.text) < 8 and bool(_FRAME.fullmatch(squeezed(anchor.text)))


def _shape(element: Any) -> tuple[str, ...]:
    """The way up from a link in element names, with the classes of containers: the rows of a list share it."""
    names = []
    for node in islice(element.iterancestors(), _ANCESTORS):
        if node.tag in {"body", "html"}:
            break
        mark = None if node.tag in _REPEATED else node.get("class") or node.get("id")
        names.append(f"{node.tag}.{mark}" if mark else node.tag)
    return tuple(names)


def _date_beside(anchor: Anchor, title: str) -> str | None:
    """The date a listing prints for a row: inside the link, else in the smallest element that holds only this row."""
    if found := dates(anchor.text.replace(title, " ")):
        return found[-1]
    row = next(anchor.element.iterancestors("li", "tr", "dd", "p", "div"), None)
    if row is None or len(list(islice(row.iter("a"), 5))) > 3:
        return None
    found = dates(inner(row).replace(title, " "))
    return found[-1] if found else None
