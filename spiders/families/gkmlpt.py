"""Guangdong's disclosure platform (gkmlpt): a tree of categories in a script, their articles as JSON, 100 a page.

History
-------
2019-    ``{base}/gkmlpt/index`` holds ``window._CONFIG = {SID: '…', TREE: […]}``; ``{base}/gkmlpt/api/all/{category}``
         answers pages from 1 (0 is the same as 1); some servers answer everything at once and 404 from page 2 on.
         A department may have a base of its own below the city's host.
2020-    年报 is either a category of the tree or only a node with ``jump_url`` to a column of NFCMS, which is
         followed; an article's ``post_url`` is its copy there, with the same number (field guide, 1.7).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archive.model import Expectation
from spiders.addresses import absolute, same_site
from spiders.families.fragments import page_of, plain, rows_of, whole
from spiders.families.generic import Generic
from spiders.families.interface import Ask, Column
from spiders.families.nfcms import identity
from spiders.families.parameters import balanced, loaded, scripted, value
from spiders.links import links
from spiders.scoring import COLUMN, text_score
from spiders.text import looks_like_report

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Link, Row
    from spiders.families.interface import Carry

_API = re.compile(r"/gkmlpt/api/all/(\d+)$")
_INDEX = re.compile(r"/gkmlpt/index/?$")
_TREE = re.compile(r"""['"]?\bTREE['"]?\s{0,4}:\s{0,4}\[""")
_DETAIL = re.compile(r"""\bDETAIL['"]?\s{0,9}:""")
_TEXT = re.compile(r"""\bcontent['"]?\s{0,9}:\s{0,9}(?=")""")
_BEFORE = 5000
"""How many characters of an article's other fields may stand before its text."""
_BASES = 120
"""How many departments' platforms one page may lead to."""
_EVERYTHING = 0
"""The category that holds every article."""
_FULL = 100


class Gkmlpt(Generic):
    """Rules of gkmlpt."""

    name = "gkmlpt"

    def fingerprint(self, response: TextResponse) -> float:
        """The address, and the script's configuration (field guide, F1)."""
        if "/gkmlpt/" in urlsplit(response.url).path:
            return 1.0
        return 0.9 if "_CONFIG" in response.text and _TREE.search(response.text) else 0.0

    def identity(self, url: str) -> str | None:
        """The number the article shares with its copy in NFCMS."""
        return identity(url)

    def columns(self, response: TextResponse) -> list[Column]:
        """The tree's annual-report categories, the columns it jumps to, and other departments' platforms."""
        found = [Column(url, text) for url, text in _categories(response)] if "_CONFIG" in response.text else []
        for anchor in links(response):
            if _INDEX.search(urlsplit(anchor.url).path) and same_site(anchor.url, response.url):
                where = urlunsplit(urlsplit(anchor.url)._replace(query="", fragment=""))
                if where.rstrip("/") != response.url.partition("?")[0].rstrip("/"):
                    found.append(Column(where, anchor.text))
        return found[:_BASES]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The articles of an answer; of the category of everything those whose title can be a report's."""
        category = _API.search(urlsplit(response.url).path)
        if category is None:
            return []
        answer: Any = loaded(response.text)
        articles = answer.get("articles") if isinstance(answer, dict) else None
        at = carry["at"] if carry else response.url
        found = rows_of(
            articles if isinstance(articles, list) else [], at, url=("url", "post_url"), title=("title",),
            date=("display_publish_time", "date", "created_at"), publisher=("publisher",),
        )  # fmt: skip
        return [row for row in found if looks_like_report(row.title)] if int(category[1]) == _EVERYTHING else found

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next hundred, while fewer were shown than there are."""
        answer: Any = loaded(response.text) if _API.search(urlsplit(response.url).path) else None
        articles = answer.get("articles") if isinstance(answer, dict) else None
        if not isinstance(articles, list) or not articles:
            return []
        shown, total = (carry or {}).get("shown", 0) + len(articles), _total(answer)
        if shown >= total if total is not None else len(articles) < _FULL:
            return []
        parts = urlsplit(response.url)
        query = urlencode(dict(parse_qsl(parts.query)) | {"page": str(page + 1)})
        return [Ask(page + 1, urlunsplit(parts._replace(query=query)), "page", carry={"shown": shown})]

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """``total`` of a category; none for that of everything, of which only reports are taken."""
        category = _API.search(urlsplit(response.url).path)
        total = _total(loaded(response.text)) if category and int(category[1]) != _EVERYTHING else None
        return Expectation(response.url, total, "total") if total is not None else None

    def attachments(self, response: TextResponse) -> list[Link]:
        """The files the article's text names, which is a string of the script, and those of the page around it."""
        detail = _DETAIL.search(response.text)
        named = _TEXT.search(response.text, detail.end(), detail.end() + _BEFORE) if detail else None
        text = _string(response.text, named.end()) if named else ""
        found = super().attachments(page_of(text, response.url)) if text else []
        return found or super().attachments(response)


def _string(script: str, at: int) -> str:
    """The text of a string literal that begins at a place of a script; empty where it is none."""
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(script, at)
    except ValueError:
        return ""
    return found if isinstance(found, str) else ""


def _categories(response: TextResponse) -> list[tuple[str, str]]:
    """The annual-report nodes of the tree, as addresses; without one the category of everything."""
    opening = _TREE.search(response.text)
    tree = scripted(balanced(response.text, opening.end() - 1)) if opening else None
    base = response.url.partition("/gkmlpt/")[0]
    sid = value(response.text, "SID") or ""
    found: list[tuple[str, str]] = []
    for node in _nodes(tree):
        name = plain(str(node.get("name", "")))
        if text_score(name) < COLUMN:
            continue
        jump = str(node.get("jump_url") or "").strip()
        if jump and (url := absolute(response.url, jump)):
            found.append((url, name))
        elif "id" in node:
            found.append((_api(base, node["id"], sid), name))
    return found or ([(_api(base, _EVERYTHING, sid), "全部")] if opening else [])


def _api(base: str, category: Any, sid: str) -> str:
    return f"{base}/gkmlpt/api/all/{category}?{urlencode({'page': 1, 'sid': sid})}"


def _nodes(tree: Any) -> list[dict[str, Any]]:
    """Every node of a tree, from the top; bounded, for a page may hold anything."""
    found: list[dict[str, Any]] = []
    waiting = list(tree) if isinstance(tree, list) else []
    while waiting and len(found) < 5000:
        node = waiting.pop(0)
        if isinstance(node, dict):
            found.append(node)
            children = node.get("children")
            waiting += children if isinstance(children, list) else []
    return found


def _total(answer: Any) -> int | None:
    if not isinstance(answer, dict):
        return None
    classify = answer.get("classify")
    inside = classify.get("post_count") if isinstance(classify, dict) else None
    given = answer.get("total", inside)
    return whole(given)
