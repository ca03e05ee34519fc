"""ASP.NET WebForms: the next page is a POST of everything the form hides, in order, each from the page before.

History
-------
2005-    ``javascript:__doPostBack('gView','Page$2')`` with ``__VIEWSTATE`` and ``__EVENTVALIDATION``; pagers of third
         parties name the page alone, ``__doPostBack('AspNetPager1','2')`` (field guide, 4, obstacle F1).  The quotes
         of a link's script are escaped (``&#39;``).
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from spiders.families.generic import Generic
from spiders.families.interface import Ask
from spiders.links import tree

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from spiders.families.interface import Carry

_POSTED = re.compile(r"__doPostBack\(\s{0,4}['\"]([^'\"]+)['\"]\s{0,4},\s{0,4}['\"]([^'\"]*)['\"]")
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


class AspNet(Generic):
    """Rules of WebForms."""

    name = "aspnet"

    def fingerprint(self, response: TextResponse) -> float:
        """The view state and the script that posts it back (field guide, F13)."""
        marks = ("__VIEWSTATE", "__doPostBack(")
        return 0.5 * sum(mark in response.text for mark in marks) + (0.2 if ".aspx" in response.url else 0.0)

    def identity(self, url: str) -> str | None:
        """None: an article is its address."""
        return None

    def pages(self, response: TextResponse, page: int, carry: Carry | None = None) -> list[Ask]:
        """The form posted back with the pager's word for the next page; plain links where it has none."""
        hidden = {
            field.get("name"): field.get("value") or ""
            for field in tree(response).iter("input")
            if field.get("name") and (field.get("type") or "").lower() == "hidden"
        }
        posted = list(dict.fromkeys(_POSTED.findall(html.unescape(response.text))))
        wanted = (f"Page${page + 1}", str(page + 1), "Page$Next")
        named = [(target, said) for word in wanted for target, said in posted if said == word]
        if "__VIEWSTATE" not in hidden or not named:
            return super().pages(response, page)
        url = (carry or {}).get("form") or response.url
        return [
            Ask(
                page + 1, url, "post back", method="POST",
                body=urlencode(hidden | {"__EVENTTARGET": target, "__EVENTARGUMENT": said}), headers=_FORM,
                carry={"form": url},
            )
            for target, said in named[:2]
        ]  # fmt: skip
