"""Hanweb's module of disclosure: lists by ``module/xxgk/search.jsp`` (POST), reports by ``xxgkAnnualReport.jsp``.

History
-------
2012-    ``search.jsp`` answers a table as a fragment with 共N页; some servers ignore the category and return the
         articles of the whole district (titles are judged afterwards).  It wants a Referer and X-Requested-With.
2013-    ``xxgkAnnualReport.jsp?fbtime=2015&area=<code>``: a report's year and body stand only in the query, in either
         order; the pairs can be enumerated from the page's two lists (field guide, 1.4 and 9).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from archive.model import Expectation, Row
from spiders.addresses import absolute, site_of
from spiders.families.fragments import rows_in
from spiders.families.generic import Generic, page_count
from spiders.families.hanweb import Hanweb
from spiders.families.interface import Ask
from spiders.families.parameters import value, values
from spiders.links import links
from spiders.scoring import COLUMN, text_score
from spiders.text import inner, looks_like_report, title_of

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from spiders.families.interface import Carry

_SEARCH = re.compile(r"""['"(=]([^'"(=\s<>]{0,120}module/xxgk/search\.jsp)(\?[^'"\s<>]{0,600})?""")
_TREE = re.compile(r"""['"(=]([^'"(=\s<>]{0,120}module/xxgk/tree\.jsp(?:\?[^'"\s<>]{0,300})?)""")
_ANNUAL = "xxgkannualreport.jsp"
_CODE = re.compile(r"""infotypeId=([A-Z]\w{0,20})|['"]([A-Z]{1,4}\d{2,16})['"]""")
_FORM = ("infotypeId", "jdid", "area", "divid", "standardXxgk", "isAllList", "vc_title", "vc_number", "nav")
_QUERY = {
    "texttype": "0", "fbtime": "-1", "vc_all": "", "vc_filenumber": "", "vc_title": "", "vc_number": "",
    "currpage": "1", "sortfield": ",createdatetime:0,orderid:0",
}  # fmt: skip
_HEADERS = (
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("X-Requested-With", "XMLHttpRequest"),
)
_YEARS = re.compile(r"(?:19|20)\d{2}\s{0,3}年?度?")
_MOST = 400
"""How many pairs of year and body are enumerated at most."""


class HanwebXxgk(Generic):
    """Rules of the module xxgk."""

    name = "hanweb-xxgk"

    def fingerprint(self, response: TextResponse) -> float:
        """The module's addresses, and no jpage proxy (field guide, F4)."""
        if "module/xxgk/" in urlsplit(response.url).path:
            return 1.0
        return 0.9 if "module/xxgk/" in response.text and "dataproxy.jsp" not in response.text else 0.0

    def identity(self, url: str) -> str | None:
        """Host, body and year of a report that only a query names; sort parameters do not count."""
        parts = urlsplit(url)
        if not parts.path.lower().endswith(_ANNUAL):
            return Hanweb().identity(url) if "module/xxgk/" in parts.path else None
        asked = dict(parse_qsl(parts.query))
        if "fbtime" not in asked:
            return None
        return f"xxgk:{site_of(url)}:{asked.get('area', '')}:{asked['fbtime']}"

    def rows(self, response: TextResponse, carry: Carry | None = None) -> list[Row]:
        """The links of the fragment; on a page of annual reports every pair of year and body."""
        if carry is not None:
            return rows_in(response.text, carry["at"])
        annual = _annual(response) if _ANNUAL in response.text.lower() else []
        return annual or super().rows(response)

    def lists(self, response: TextResponse, carry: Carry | None = None) -> list[list[Ask]]:
        """The search a page's script makes; where only the tree knows the category, the tree first."""
        if carry is not None:
            return _from_tree(response, carry) if carry.get("step") == "tree" else []
        search = _SEARCH.search(response.text)
        tree = _TREE.search(response.text)
        form = values(response.text, _FORM)
        endpoint = urljoin(response.url, search[1] if search else "/module/xxgk/search.jsp")
        query = _QUERY | dict(parse_qsl(search[2][1:], keep_blank_values=True) if search and search[2] else ())
        state = {"endpoint": endpoint, "query": query, "form": form, "column": response.url}
        if form.get("infotypeId") and (search or form.get("area")):
            return [[_ask(state, 1)]]
        if tree is None:
            return []
        url = urljoin(response.url, tree[1])
        form |= values(url, ("area", "jdid", "standardXxgk"))
        return [[Ask(0, url, "tree", carry=state | {"step": "tree", "form": form})]]

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The next page of the fragment, while it says that there is one (共N页)."""
        if carry is None:
            return super().pages(response, page)
        total = page_count(response)
        if "form" not in carry or total is None or page >= total:
            return []
        return [_ask(carry, page + 1)]

    def expectation(self, response: TextResponse, carry: Carry | None = None) -> Expectation | None:
        """None: where a server ignores the category its count is the whole district's."""
        return None


def _ask(state: Carry, page: int) -> Ask:
    query = state["query"] | {"currpage": str(page)}
    carry = {key: held for key, held in state.items() if key not in {"at", "step"}}
    url = f"{state['endpoint']}?{urlencode(query)}"
    headers = (*_HEADERS, ("Referer", state["column"]))
    return Ask(page, url, "currpage", True, "POST", urlencode(state["form"]), headers, carry)


def _from_tree(response: TextResponse, carry: Carry) -> list[list[Ask]]:
    """The search of every category of a tree whose name is an annual-report column's."""
    found: dict[str, list[Ask]] = {}
    for node in response.xpath("//a | //li | //option | //span"):
        text = inner(node.root, 60)
        code = _CODE.search(" ".join(str(held) for held in node.root.attrib.values())) if len(text) < 30 else None
        if code and text_score(text) >= COLUMN:
            form = carry["form"] | {"infotypeId": code[1] or code[2]}
            found.setdefault(form["infotypeId"], [_ask(carry | {"form": form}, 1)])
    return list(found.values())


def _annual(response: TextResponse) -> list[Row]:
    """Reports named by a query: the links to them, and what years and bodies make together, each pair once."""
    bodies = _choices(response, r"[A-Za-z]{0,4}\d{5,18}")
    found = _linked(response, bodies)
    years = dict.fromkeys([*_choices(response, r"(?:19|20)\d\d"), *(year for _, year in found)])
    base = re.search(r"""['"(=]([^'"(=\s<>]{0,120}xxgkAnnualReport\.jsp)""", response.text, re.IGNORECASE)
    where = urljoin(response.url, base[1] if base else "/module/xxgk/xxgkAnnualReport.jsp")
    area = value(response.text, "area") or dict(parse_qsl(urlsplit(response.url).query)).get("area")
    for code, body in bodies.items() or ([(area, "")] if area else []):
        for year in years if len(found) < _MOST else ():
            url = absolute(where, f"{where}?{urlencode({'fbtime': year, 'area': code})}") or ""
            found.setdefault((code, year), _report(response, url, year, body))
    return list(found.values())


def _linked(response: TextResponse, bodies: dict[str, str]) -> dict[tuple[str, str], Row]:
    """The links to reports by body and year; a link that says the year alone is given a title."""
    found: dict[tuple[str, str], Row] = {}
    for anchor in links(response):
        parts = urlsplit(anchor.url)
        asked = dict(parse_qsl(parts.query))
        if not parts.path.lower().endswith(_ANNUAL) or not asked.get("fbtime", "").isdigit():
            continue
        code, year = asked.get("area", ""), asked["fbtime"]
        title = title_of(anchor.element, anchor.text)
        body = bodies.get(code, "") or _YEARS.sub("", title).strip()
        row = Row(anchor.url, title, response.url) if looks_like_report(title) else None
        found.setdefault((code, year), row or _report(response, anchor.url, year, body))
    return found


def _report(response: TextResponse, url: str, year: str, body: str) -> Row:
    return Row(url, f"{body}{year}年政府信息公开工作年度报告", response.url, None, body or None)


def _choices(response: TextResponse, shape: str) -> dict[str, str]:
    """The options of the page's lists whose values have a shape, with what they say."""
    found = {}
    for option in response.xpath("//option[@value]"):
        given = option.attrib["value"].strip()
        if re.fullmatch(shape, given):
            found[given] = inner(option.root, 80)
    return found
