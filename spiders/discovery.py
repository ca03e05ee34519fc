"""From a home page to the annual-report columns: links scored by their words and their paths.

The words and the path tokens are the field guide's (3.1): the 2019 norm puts 政府信息公开年报 into the section
政府信息公开 of every site, and 22 of 31 provincial portals call its directory ``zfxxgknb`` or ``xxgknb``.
Everything here is a pure function of a response; the bound on requests travels with them as a share.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode, urlsplit

from archive.urls import url_key
from spiders.addresses import absolute, belongs, folder, is_file, same_site
from spiders.families.interface import Ask
from spiders.links import links, tree
from spiders.scoring import COLUMN, SURE_PATH, path_score, text_score
from spiders.text import inner, looks_like_report, squeezed, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.http import TextResponse

DEPTH = 4
"""How many links away from the home page a column may lie."""
A_PAGE = 8
"""How many candidates of one page are followed."""
IN_ALL = 60
"""How many pages discovery may ask a portal for, columns not counted."""
STANDARD = "政府信息公开工作年度报告"
"""The reports' title since the order of 2019: what a site's search is asked for."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_KEY = r"""(?<![\w-])['"]?(?:{})['"]?\s{{0,3}}:\s{{0,3}}['"]([^'"<>\r\n]{{1,200}})['"]"""
_NAMES, _WHERES = "name|title|text|label|channelName|columnName", "url|href|link|path|jump_url|linkUrl|channelUrl"
_NAME_FIRST = re.compile(_KEY.format(_NAMES) + r"[^{}\[\]]{0,200}?" + _KEY.format(_WHERES))
_ADDRESS_FIRST = re.compile(_KEY.format(_WHERES) + r"[^{}\[\]]{0,200}?" + _KEY.format(_NAMES))
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_MENU = 2000
"""How many entries of scripts are looked at."""
_SCRIPTED = 4
"""What an entry of a script must promise; its other entries are other pages' matter."""
_LOCATION = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?([^<\]\s]+)", re.IGNORECASE)
_REFRESH = re.compile(r"""url\s*=\s*['"]?([^'">\s]+)""", re.IGNORECASE)
_SENT = re.compile(
    r"""(?:window\.|self\.|top\.|document\.)?location(?:\.href)?\s*(?:=|\.replace\()\s*['"]([^'"]+)['"]"""
)
_FRAME_AWAY = re.compile(r"login|tree|share|foot|top|head|menu|weather|tianqi|jiucuo", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that may lead to a column, or be one."""

    url: str
    score: int
    column: bool
    """Whether it is taken for a column; else for a page on the way to one."""
    text: str


def candidates(response: TextResponse, home: str, hosts: Iterable[str] = ()) -> list[Candidate]:
    """The links of a page that promise a column, the best first, each address once, all on the portal's site."""
    best: dict[str, Candidate] = {}
    more = tuple(hosts)
    own = {url_key(response.url), url_key(home)}
    for anchor in links(response):
        text = anchor.text or anchor.element.get("title", "")
        words = text_score(text) if len(text) < 60 else 0
        if words < 0 or (words < COLUMN and (len(text) > 24 or len(squeezed(text)) > 12 or text.isdigit())):
            continue
        score = words + path_score(anchor.url)
        known = best.get(anchor.url)
        if score > (known.score if known else 0) and _leads_on(anchor.url, own, home, more):
            best[anchor.url] = Candidate(anchor.url, score, words >= COLUMN or score - words >= 5, text)
    for text, url in scripted(response):
        words = text_score(text)
        score = max(words, 0) + path_score(url)
        if words >= 0 and score >= _SCRIPTED and url not in best and _leads_on(url, own, home, more):
            best[url] = Candidate(url, score, words >= COLUMN or score - words >= SURE_PATH, text)
    return sorted(best.values(), key=lambda found: -found.score)


def scripted(response: TextResponse) -> list[tuple[str, str]]:
    """The links of a menu that a script fills: the names and addresses its data give, in either order (field guide, 3.1)."""
    body = response.text
    if "公开" not in body and "年报" not in body and "\\u516c" not in body.lower():
        return []
    pairs = [(name, where) for name, where in _NAME_FIRST.findall(body)]
    pairs += [(name, where) for where, name in _ADDRESS_FIRST.findall(body)]
    found = []
    for name, where in pairs[:_MENU]:
        url = absolute(response.url, where.replace("\\/", "/"))
        if url:
            found.append((_ESCAPED.sub(lambda code: chr(int(code[1], 16)), name), url))
    return found


def _leads_on(url: str, own: set[str], home: str, hosts: tuple[str, ...]) -> bool:
    return not is_file(url) and belongs(url, home, hosts) and url_key(url) not in own


def chosen(found: list[Candidate], budget: int, seen: Iterable[str] = ()) -> list[tuple[Candidate, int]]:
    """Which candidates to follow, and how many further requests each may lead to.

    Columns are always followed (at most 30 of a page).  The better half of what is left goes to the best of the
    others, so that a road of four links is never starved by a wide menu.
    """
    old = set(seen)
    columns = [(candidate, 0) for candidate in found if candidate.column][:30]
    limit = 2 if columns else A_PAGE
    roads = [c for c in found if not c.column and short(c.url) not in old][: max(0, min(limit, budget))]
    left = budget - len(roads)
    shared = []
    for candidate in roads:
        share = (left + 1) // 2
        left -= share
        shared.append((candidate, share))
    return columns + shared


def short(url: str) -> str:
    """A short name for an address, to carry along which were followed already."""
    return f"{zlib.crc32(url.encode()):08x}"


def is_column(response: TextResponse, *, home: bool = False) -> bool:
    """Whether a page is itself a column: it shows two links that look like annual reports.

    A home page shows such links among its news; there the address or the page's own name must say so too.
    """
    titles = {title for title in (title_of(a.element, a.text) for a in links(response)) if looks_like_report(title)}
    named = _named_column(response) or path_score(response.url) >= 5
    return bool(titles) and (named or (len(titles) >= 2 and not home))


def _named_column(response: TextResponse) -> bool:
    names = response.xpath("//meta[@name='ColumnName' or @name='ColumnType']/@content").getall()
    return any("年报" in name or "年度报告" in name for name in names)


def below(response: TextResponse, root: str, levels: int = 2) -> list[str]:
    """The sub-columns a column links: directories inside its own path, at most ``levels`` below ``root``.

    Per year (``gknb2018/``), per group (``bmnb/``), and years that stand beside the column under one parent.
    Addresses with a query are left out: calendars and sort orders make endless ones.
    """
    found: dict[str, str] = {}
    path = folder(root)
    named = [(anchor.text, anchor.url) for anchor in links(response)]
    for text, url in [*named, *_options(response)]:
        parts = urlsplit(url)
        if parts.query or not (_is_inside(parts.path, path, levels) or _is_sibling_year(parts.path, path, text)):
            continue
        if same_site(url, root) and not is_file(url) and url_key(url) != url_key(response.url):
            found.setdefault(url_key(url), url)
    return list(found.values())


def _is_inside(inside: str, path: str, levels: int) -> bool:
    """Whether a path is a directory below another, not too deep and not that directory itself."""
    directory, _, name = inside.rpartition("/")
    if path == "/" or not inside.startswith(path) or (name and not name.startswith("index.")):
        return False
    return 0 < len([step for step in directory.removeprefix(path.rstrip("/")).split("/") if step]) <= levels


def _is_sibling_year(inside: str, path: str, text: str) -> bool:
    parent = path.rstrip("/").rpartition("/")[0] + "/"
    year = len(text) < 16 and re.fullmatch(r"(?:19|20)\d{2}年?(?:度)?(?:年报)?", squeezed(text))
    return bool(year) and len(parent) > 1 and inside.startswith(parent) and bool(_YEAR.search(inside))


def redirection(response: TextResponse) -> str | None:
    """Where a page that is nothing but a way on sends the reader: meta refresh, a script's location, frames (C5)."""
    refresh = None
    if "refresh" in response.text[:20_000].lower():
        refresh = response.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh')='refresh']/@content").get()
    target = _REFRESH.search(refresh) if refresh else None
    if target is None and len(response.text) < 4000 and len(response.xpath("//a[@href]")) < 3:
        target = _SENT.search(response.text)
    url = absolute(response.url, target[1]) if target else None
    return url if url and url_key(url) != url_key(response.url) and same_site(url, response.url) else None


def sent(response: TextResponse) -> str | None:
    """Where a page's script sends the reader, whatever else stands on it; for pages that lead nowhere."""
    target = _SENT.search(response.text)
    url = absolute(response.url, target[1]) if target else None
    return url if url and url_key(url) != url_key(response.url) and same_site(url, response.url) else None


def frames(response: TextResponse) -> list[str]:
    """The frames of the same host, and the iframes that may hold the real page: menus and widgets are left out.

    In a set of frames the menu is a frame as good as any.
    """
    parts = [absolute(response.url, src) for src in response.xpath("//frame/@src").getall()]
    inside = [absolute(response.url, src) for src in response.xpath("//iframe/@src").getall()]
    found = [*parts, *(url for url in inside if url and not _FRAME_AWAY.search(urlsplit(url).path))]
    return [url for url in found if url and same_site(url, response.url) and not is_file(url)]


def sitemap_links(response: TextResponse) -> list[str]:
    """Where a site keeps its map: the page that says 网站地图, and the file by convention."""
    pages = [anchor.url for anchor in links(response) if squeezed(anchor.text) in {"网站地图", "站点地图"}]
    return [url for url in [*pages[:1], absolute(response.url, "/sitemap.xml")] if url]


def searches(response: TextResponse) -> list[Ask]:
    """A site's own search for the reports' standard title, by the first form that has one field to write into."""
    found: dict[str, Ask] = {}
    for form in tree(response).iter("form"):
        fields = [field for field in form.iter("input") if field.get("name")]
        written = [field for field in fields if (field.get("type") or "text").lower() in {"text", "search"}]
        action = absolute(response.url, form.get("action") or "")
        if len(written) != 1 or not action or not same_site(action, response.url):
            continue
        hidden = {f.get("name"): f.get("value") or "" for f in fields if (f.get("type") or "").lower() == "hidden"}
        sent = urlencode(hidden | {written[0].get("name"): STANDARD})
        if (form.get("method") or "get").lower() == "post":
            headers = (("Content-Type", "application/x-www-form-urlencoded"),)
            found.setdefault(action, Ask(1, action, "search", method="POST", body=sent, headers=headers))
        else:
            found.setdefault(action, Ask(1, f"{action.partition('?')[0]}?{sent}", "search"))
    return list(found.values())[:2]


def mapped(body: str, home: str) -> list[str]:
    """The column addresses a sitemap names, else the maps below it, else the front pages of directories it names.

    It is read by pattern: no entity is expanded.
    """
    found = [unquote(location.replace("&amp;", "&")) for location in _LOCATION.findall(body[:2_000_000])]
    inside = [url for location in found if (url := absolute(home, location)) and belongs(url, home)]
    columns = [url for url in inside if path_score(url) >= SURE_PATH]
    maps = [url for url in inside if url.endswith(".xml")]
    fronts = [url for url in inside if re.search(r"/(?:index\.\w+)?$", urlsplit(url).path)]
    return columns[:A_PAGE] or maps[:3] or fronts[:IN_ALL]


def _options(response: TextResponse) -> list[tuple[str, str]]:
    """Years in a ``<select>`` whose values are addresses."""
    found = []
    for option in response.xpath("//option[@value]") if "<option" in response.text else ():
        url = absolute(response.url, option.attrib["value"]) if "/" in option.attrib["value"] else None
        if url:
            found.append((inner(option.root), url))
    return found
