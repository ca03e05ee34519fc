"""What a home page says of its site: the tags every government site carries (国办发〔2017〕47号, 网页标签), as hints.

They are copied from template to template, so they prove nothing; where they contradict the register somebody must
look: a domain may have been given to another body (field guide, C3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.http import HtmlResponse

from pipelines.convert.decoding import decode

if TYPE_CHECKING:
    from archive.model import Portal

_CODE = re.compile(r"\d{10}")
_COMMON = 0.5
"""Share of the shorter name's characters that the longer one must have: 宁夏商务厅 is 宁夏回族自治区商务厅."""
_FILLER = set("的省市区县人民政府网站门户中国厅局委员会")


def page_of(url: str, body: bytes) -> HtmlResponse:
    """A stored page as the spiders read it."""
    return HtmlResponse(url, body=decode(body, None)[0].encode("utf-8", "replace"), encoding="utf-8")


def tag(page: HtmlResponse, name: str) -> str | None:
    """A tag of the site, its name in any case; the first that says something."""
    for meta in page.xpath("//meta[@name and @content]"):
        if meta.attrib["name"].lower() == name.lower() and meta.attrib["content"].strip():
            return str(meta.attrib["content"].strip())
    return None


def division_of(page: HtmlResponse) -> str | None:
    """The division a SiteIDCode begins with (six digits of GB/T 2260); None for central bodies and wrong codes."""
    code = tag(page, "SiteIDCode")
    return code[:6] if code and _CODE.fullmatch(code) else None


def contradiction(portal: Portal, page: HtmlResponse) -> str | None:
    """In a sentence, where a home page contradicts its portal's entry; None: nowhere, or it says nothing."""
    name, code = tag(page, "SiteName"), division_of(page)
    if name and not _alike(name, portal.title) and not (portal.publisher and _alike(name, portal.publisher)):
        return f"the home page says it is {name}, the register {portal.title}: the host may be another body's now"
    if code and portal.division and code[:2] != portal.division[:2]:
        return f"the home page's SiteIDCode is of division {code}, the register says {portal.division}"
    return None


def _alike(left: str, right: str) -> bool:
    """Whether two names may be one body's: what tells bodies apart in the shorter is in the longer."""
    one, other = set(left) - _FILLER, set(right) - _FILLER
    fewer = min(len(one), len(other))
    return not fewer or len(one & other) >= _COMMON * fewer
