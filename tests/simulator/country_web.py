"""A client of the simulated country: it asks 127.0.0.1 and names the host in the ``Host`` header, as a browser's resolver would."""

from __future__ import annotations

import gzip
import http.client
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from crawler.simulator import Country
from tests.simulator.simulator_web import tree

MENUS = ({"政务公开", "信息公开"}, {"政府信息公开"}, {"政府信息公开年报", "政府信息公开年度报告"})
"""What a visitor clicks on, one after the other."""
OTHERS = {"市县和所属单位年报", "部门年报"}


@dataclass
class Said:
    """What a server said."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body, decoded as a careful reader does."""
        raw = gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("gb18030")

    @property
    def tree(self):
        """The page parsed."""
        return tree(self.text.encode())

    def links(self, within: str = "//a") -> dict[str, str]:
        """The absolute addresses of the links found below an XPath, by text without white space."""
        return {
            "".join("".join(a.itertext()).split()): urljoin(self.url, a.get("href"))
            for a in self.tree.xpath(within)
            if a.get("href")
        }


@dataclass
class Browser:
    """Asks for pages of one country; follows no redirect by itself."""

    country: Country
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, **headers: str) -> Said:
        """A GET."""
        return self._ask("GET", url, None, headers)

    def post(self, url: str, form: dict[str, object], **headers: str) -> Said:
        """A POST of a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, urlencode(form).encode(), kind | headers)

    def follow(self, url: str, hops: int = 3, **headers: str) -> Said:
        """A GET that follows redirects."""
        said = self.get(url, **headers)
        while said.status in {301, 302} and hops:
            said, hops = self.get(urljoin(said.url, said.headers["Location"]), **headers), hops - 1
        return said

    def _ask(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Said:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", self.country.port, timeout=10)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, {"Host": parts.netloc, **self.headers, **named})
            answer = connection.getresponse()
            return Said(url, answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def annual(self, name: str) -> Said:
        """From the home page by the menus to the annual-report column, as a visitor goes."""
        page = self.get(self.country.home(name))
        for entry in MENUS:
            page = self.get(next(url for text, url in page.links().items() if text in entry))
        return page

    def columns(self, name: str) -> list[Said]:
        """Both annual-report columns, reached by their links."""
        own = self.annual(name)
        others = next(url for text, url in own.links().items() if text in OTHERS)
        return [own, self.get(others)]


def rows(base: str, fragment: str) -> dict[str, str]:
    """The links of a fragment, absolute, by address: their text."""
    anchors = tree(f"<div>{fragment}</div>".encode()).xpath("//a[@href]") if fragment.strip() else []
    return {urljoin(base, a.get("href")): (a.text_content() or "").strip() for a in anchors if a.get("href").strip()}


def left_out(country: Country, name: str, found: set[str]) -> set[str]:
    """The reports among whose addresses none was found; every row that was found must be known to the truth."""
    truth = country.truth(name)
    known = {url for report in truth.reports.values() for url in report.urls} | set(truth.look_alikes)
    assert found, "nothing was found"
    assert found <= known, found - known
    return {report.url for report in truth.reports.values() if not found & set(report.urls)}


def query_of(call: str) -> dict[str, str]:
    """``name:'value'`` and ``name:1`` pairs of a script's object."""
    return dict(re.findall(r"""(\w+):'?([^',{}]*)'?""", call))
