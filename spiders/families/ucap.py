"""UCAP (开普云): lists ``list.shtml``, ``list_2.shtml``, or JSON by ``/common/search/{channel}``; articles of 32 digits.

History
-------
2017-    ``createPageHTML('page_div', total, 1, 'list', 'shtml', rows)``: pages counted from 1, the opposite of TRS
         (:mod:`spiders.families.scripts`); articles ``/{site}/{channel}/{YYYYMM}/{32 digits}.shtml``.
2020-    Lists that are empty shells: ``GET /common/search/{channel}?page=1&_pageSize=15&_isAgg=true&_isJson=true``,
         on some sites ``/searchList/``, ``/search/`` or ``POST /getFileListByCodeId``; the channel's id stands in the
         script, in ``meta name="channelId"``, or is told by ``/getChannelList?channelCode=c101935`` (field guide, 1.6).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from archive.model import Expectation
from spiders.addresses import site_of
from spiders.families.fragments import first, rows_in, rows_of, whole
from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.families.parameters import loaded
from spiders.text import names_report

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_HEX = "[0-9a-f]{32}"
ARTICLE = re.compile(rf"/({_HEX})\.s?html?$|/c\d+/(c\d{{5,}})/content\.s?html$|/(c\d+_\d+)\.s?html$", re.IGNORECASE)
"""32 digits; ``/c101972/c7500001/content.shtml``; ``c01_1108994.shtml``."""
_CODE = re.compile(r"/(c\d{5,})(?:/|$)")
_SEARCH = re.compile(
    rf"""['"(=]([^'"(=\s<>]{{0,120}}/(?:common/search|searchList|es-search/search|search)/)({_HEX}|[\w-]{{6,40}})(?=['"?&/\s])"""
)
_CHANNEL = re.compile(
    rf"""channelId['"]?\s{{0,4}}[:=]\s{{0,4}}['"]?({_HEX})|name=['"]channelId['"][^<>]{{0,40}}content=['"]({_HEX})""",
    re.IGNORECASE,
)
_FILES = "getFileListByCodeId"
_BY_CODE = re.compile(r"""codeId['"]?\s{0,4}[:=]\s{0,4}['"]?([\w-]{1,40})""")
_ELEMENTS = ("UCAP", "ucap", "Ucap")
_ELEMENT = re.compile(r"<UCAP|UCAP-?CONTENT", re.IGNORECASE)
_PAGED = re.compile(r"createPageHTML\s{0,4}\(\s{0,4}['\"]")
_INTERFACES = ("/common/search/", "/searchList/", "getFileListByCodeId", "getChannelList")
_ADDRESS = re.compile(rf"/{_HEX}\.shtml")
_PLACES = ("/common/search/", "/searchList/", "/search/")
_SIZE = 15


class Ucap(Generic):
    """Rules of UCAP."""

    name = "ucap"

    def fingerprint(self, response: TextResponse) -> float:
        """Its elements, its paging call, its interfaces, its addresses (field guide, F8)."""
        body, path = response.text, urlsplit(response.url).path
        sure = (
            any(mark in body for mark in _ELEMENTS) and _ELEMENT.search(body),
            "createPageHTML" in body and _PAGED.search(body),
            any(mark in body for mark in _INTERFACES),
            (".shtml" in path or ".shtml" in body) and _ADDRESS.search(path + body[:200_000]),
        )
        hints = (_CODE.search(path) and path.endswith(".shtml"), "channelId" in body)
        return min(1.0, 0.5 * sum(map(bool, sure)) + 0.2 * sum(map(bool, hints)))

    def identity(self, url: str) -> str | None:
        """Host and the article's digits; it moves from channel to channel."""
        found = ARTICLE.search(urlsplit(url).path)
        return f"ucap:{site_of(url)}:{next(part for part in found.groups() if part)}" if found else None

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The search of the page's channel, where the page itself shows no report."""
        if carry is not None:
            return _told(response, carry) if carry.get("step") == "channel" else []
        if any(names_report(row.title) for row in super().rows(response)):
            return []
        body = response.text
        if _FILES in body:
            return [[_files(response, 1)]]
        if named := _SEARCH.search(body):
            return [[_ask({"search": urljoin(response.url, named[1]) + named[2]}, 1)]]
        if channel := _CHANNEL.search(body):
            number = channel[1] or channel[2]
            return [[_ask({"search": urljoin(response.url, place + number)}, 1) for place in _PLACES]]
        code = _CODE.search(urlsplit(response.url).path)
        if code and "createPageHTML" not in body and ("getChannelList" in body or "common/search" in body):
            url = urljoin(response.url, f"/getChannelList?channelCode={code[1]}")
            return [[Ask(0, url, "channel", carry={"step": "channel"})]]
        return []

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The results of a search, else the plain list."""
        if carry is None:
            return super().rows(response)
        answer: Any = loaded(response.text)
        if answer is None:
            return rows_in(response.text, carry["at"])
        return rows_of(
            _results(answer), carry["at"], url=("url", "URL", "link"), title=("title", "subTitle", "TITLE"),
            date=("publishedTimeStr", "publishTime", "publishedTime", "pubDate"), publisher=("publisher", "source"),
        )  # fmt: skip

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page of the search, until its total was shown."""
        if carry is None:
            return super().pages(response, page)
        here = len(self.rows(response, carry))
        shown, total = carry.get("shown", 0) + here, _number(loaded(response.text), "total")
        if not here or (total is not None and shown >= total):
            return []
        state = carry | {"shown": shown}
        return [_ask(state, page + 1) if "search" in carry else _files(response, page + 1, state)]

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """``data.total`` of the search, else what the page says."""
        if carry is None:
            return super().expectation(response)
        total = _number(loaded(response.text), "total")
        return Expectation(response.url, total, "data.total") if total is not None else None


def _ask(state: Carry, page: int) -> Ask:
    sent = {"page": page, "_pageSize": _SIZE, "_isAgg": "true", "_isJson": "true", "_template": "index"}
    carry: Carry = {key: state[key] for key in ("search", "shown") if key in state}
    return Ask(page, f"{state['search']}?{urlencode(sent)}", "page", carry=carry)


def _files(response: TextResponse, page: int, carry: Carry | None = None) -> Ask:
    """``POST /getFileListByCodeId``, as one ministry's lists ask."""
    if carry is None:
        code, channel = _BY_CODE.search(response.text), _CHANNEL.search(response.text)
        carry = {
            "files": urljoin(response.url, f"/{_FILES}"),
            "code": code[1] if code else "",
            "channel": (channel[1] or channel[2]) if channel else "",
        }
    sent = {"codeId": carry["code"], "channelId": carry["channel"], "page": page, "size": _SIZE}
    kept: Carry = {key: carry[key] for key in ("files", "code", "channel", "shown") if key in carry}
    headers = (("Content-Type", "application/json"),)
    return Ask(page, carry["files"], "page", method="POST", body=json.dumps(sent), headers=headers, carry=kept)


def _told(response: TextResponse, carry: Carry) -> list[list[Ask]]:
    """The search of the channel that ``getChannelList`` names."""
    found = re.search(rf"""["'](?:channelId|id)["']\s{{0,4}}:\s{{0,4}}["']({_HEX})""", response.text)
    return [[_ask({"search": urljoin(carry["at"], _PLACES[0] + found[1])}, 1)]] if found else []


def _results(answer: Any) -> list[Any]:
    """The records of an answer, at whichever depth; a record's source is lifted out of its ``domainMetaList``."""
    at = answer
    for _ in range(4):
        if isinstance(at, dict):
            at = at.get("results", at.get("rows") if isinstance(at.get("rows"), list) else at.get("data"))
    records = at if isinstance(at, list) else []
    return [record | _meta(record) if isinstance(record, dict) else record for record in records]


def _meta(record: dict[str, Any]) -> dict[str, str]:
    for block in record.get("domainMetaList") or []:
        for pair in (block.get("resultList") or []) if isinstance(block, dict) else []:
            if isinstance(pair, dict) and pair.get("key") == "source" and (value := first(pair, ("value",))):
                return {"publisher": value}
    return {}


def _number(answer: Any, name: str) -> int | None:
    """A count at whichever depth of an answer."""
    for _ in range(4):
        if not isinstance(answer, dict):
            return None
        if (given := whole(answer.get(name))) is not None:
            return given
        answer = answer.get("data", answer.get("results"))
    return None
