"""Epoint (新点): lists by POST to ``…/rest/lightfrontaction/getgovinfolist``, whose address stands in a script file.

History
-------
2017-    ``/js/webBuilderCommon.js`` (or ``/js/ajaxReq.js``) holds ``siteInfo``: ``siteGuid`` and ``projectName``.
         One server counts pages from 0 and wants the parameters inside ``{"params": {…}}``, another counts from 1
         and wants them bare; ``custom`` of the answer may be a string of JSON (field guide, 1.9).
2018-    Static lists: ``index.html``, ``subpage.html`` or ``moreinfo.html``, then ``2.html``.
2015     ``InfoDetail/Default.aspx?InfoID={GUID}``: articles named by a query.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from archive.model import Expectation
from spiders.addresses import site_of
from spiders.families.fragments import rows_of
from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.families.parameters import loaded, value

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from archive.model import Row
    from spiders.families.interface import Carry

_INFO = re.compile(r"govinfopub\w*\.html$", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_FILE = re.compile(r"/\d{8}/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\.html$", re.IGNORECASE)
_SCRIPTS = ("/js/webBuilderCommon.js", "/js/ajaxReq.js")
_METHOD = "/rest/lightfrontaction/getgovinfolist"
_SIZE = 15
_JSON = (("Content-Type", "application/json;charset=UTF-8"), ("X-Requested-With", "XMLHttpRequest"))


class Epoint(Generic):
    """Rules of Epoint."""

    name = "epoint"

    def fingerprint(self, response: TextResponse) -> float:
        """The script, the method, the project's name (field guide, F7)."""
        body = response.text
        marks = ("EWB-FRONT", "webBuilderCommon.js", "lightfrontaction", "ajaxReq.js")
        return min(1.0, 0.5 * sum(mark in body for mark in marks) + (0.6 if "categorynum=" in response.url else 0))

    def identity(self, url: str) -> str | None:
        """Host and GUID, where an article's address has one; the categories before it are where it is listed."""
        found = _GUID.search(f"{urlsplit(url).path}?{urlsplit(url).query}")
        named = "InfoID" in urlsplit(url).query or "/infodetail" in urlsplit(url).path.lower()
        named = named or bool(_FILE.search(urlsplit(url).path))
        return f"epoint:{site_of(url)}:{found[0].lower()}" if found and named else None

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """First the script that names the site, then the list in its four spellings."""
        if carry is not None:
            return [_readings(_sited(response, carry), 1)] if carry.get("step") == "site" else []
        asked = {name.lower(): text for name, text in parse_qsl(urlsplit(response.url).query)}
        category = (
            asked.get("categorynum") or value(response.text, "categorynum") or value(response.text, "categoryNum")
        )
        placeholder = "<?=" in response.text or "{{" in response.text or _INFO.search(urlsplit(response.url).path)
        if not category or not placeholder:
            return []
        department = asked.get("deptcode") or value(response.text, "deptcode") or ""
        state = {"step": "site", "category": category, "department": department, "root": response.url}
        scripts = [_script(response, name) for name in _SCRIPTS]
        return [[Ask(0, url, "script", carry=state) for url in scripts]]

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The records of ``custom.data``."""
        if carry is None:
            return super().rows(response)
        records = _custom(response).get("data")
        return rows_of(
            records if isinstance(records, list) else [], carry["at"], url=("infourl", "url", "href"),
            title=("realtitle", "title", "infotitle"), date=("infodate", "pubdate", "date"),
            publisher=("deptname", "ouname", "infosource"),
        )  # fmt: skip

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page, until ``total`` records were shown; of a static list ``2.html`` where no link says more."""
        if carry is None:
            return _static(response, page, super().pages(response, page))
        if "guid" not in carry:
            return []
        here, total = len(self.rows(response, carry)), _total(response)
        shown = carry.get("shown", 0) + here
        if not here or (total is not None and shown >= total):
            return []
        usual = _readings(carry | {"shown": shown}, page + 1)
        own = [each for each in usual if each.rule == carry.get("rule")]
        return [*own, *(each for each in usual if each not in own)]

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """``custom.total``; what a static list says."""
        if carry is None:
            return super().expectation(response)
        total = _total(response) if "guid" in carry else None
        return Expectation(response.url, total, "custom.total") if total is not None else None


def _static(response: TextResponse, page: int, usual: list[Ask]) -> list[Ask]:
    """Where the pages of a static list are guessed, ``{n}.html`` beside its first page goes before the usual names."""
    if not usual or usual[0].certain:
        return usual
    return [Ask(page + 1, urljoin(response.url, f"{page + 1}.html"), "{p}.html", certain=False), *usual[:-1]]


def _script(response: TextResponse, name: str) -> str:
    """The script's address as the page names it, else at the root."""
    stem = name.rpartition("/")[2]
    found = re.search(rf"""src=["']([^"'<>]{{0,200}}{re.escape(stem)}[^"'<>]{{0,40}})["']""", response.text)
    return str(response.urljoin(found[1] if found else name))


def _sited(response: TextResponse, carry: Carry) -> Carry:
    project = value(response.text, "projectName") or ""
    return {**carry, "guid": value(response.text, "siteGuid") or "", "project": project}


def _readings(state: Carry, page: int) -> list[Ask]:
    """The list's four spellings: counted from 0 or 1, inside ``params`` or bare."""
    url = urljoin(state["root"], state["project"].rstrip("/") + _METHOD)
    kept = {key: state[key] for key in ("category", "department", "root", "guid", "project", "shown") if key in state}
    found = []
    for rule, base, wrapped in (
        ("params 0", 0, True),
        ("bare 1", 1, False),
        ("params 1", 1, True),
        ("bare 0", 0, False),
    ):
        inside: dict[str, Any] = {
            "deptcode": state["department"], "categorynum": state["category"], "pageIndex": page - 1 + base,
            "pageSize": _SIZE, "siteGuid": state["guid"],
        }  # fmt: skip
        body = json.dumps({"params": inside} if wrapped else inside, ensure_ascii=False)
        found.append(Ask(page, url, rule, method="POST", body=body, headers=_JSON, carry=kept | {"rule": rule}))
    return found


def _custom(response: TextResponse) -> dict[str, Any]:
    answer: Any = loaded(response.text)
    inside = answer.get("custom", answer) if isinstance(answer, dict) else None
    if isinstance(inside, str):
        inside = loaded(inside)
    return inside if isinstance(inside, dict) else {}


def _total(response: TextResponse) -> int | None:
    given = str(_custom(response).get("total", ""))
    return int(given) if given.isascii() and given.isdigit() else None
