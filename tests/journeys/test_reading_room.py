"""The reading room in a real browser: every page, both languages, wide and narrow; nothing runs, nothing foreign is asked.

The pictures of all pages are kept under ``build/pages``, to be looked at.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter, deque
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright import sync_api as playwright

from tests.archive.history_maker import ENTRY, fetch, judge, next_crawl, reading
from tests.conftest import PORTAL, ROOT, Clock
from tests.journeys.conftest import nianlun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.journey

CHROMIUM = os.environ.get("NIANLUN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = ROOT / "build" / "pages"
WIDTHS = {"wide": 1280, "phone": 380}


@contextmanager
def served(archive: Path) -> Iterator[str]:
    """The room over an archive; gives its address without the last slash."""
    command = [sys.executable, str(ROOT / "nianlun.py"), "serve", "-a", str(archive), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as room:
        try:
            yield room.stdout.readline().strip().rstrip("/")
        finally:
            room.send_signal(signal.SIGTERM)
            _, told = room.communicate(timeout=60)
    assert "Traceback" not in told
    assert "fault" not in told


class Watched:
    """A browser that notes whatever a page ought not to do."""

    def __init__(self, browser: Any, root: str) -> None:
        self.root = root
        self._browser = browser
        self.trouble: list[str] = []

    @contextmanager
    def page(self, width: int = 1280, lang: str = "zh-CN") -> Iterator[Any]:
        context = self._browser.new_context(viewport={"width": width, "height": 900}, locale=lang)
        page = context.new_page()
        page.on("console", lambda told: self._note("console", told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.on("dialog", self._dialog)
        page.on("requestfinished", lambda asked: self._asked(asked.url))
        page.on("requestfailed", lambda asked: self._failed(asked.url, asked.failure or ""))
        yield page
        context.close()

    def _note(self, kind: str, text: str) -> None:
        self.trouble.append(f"{kind}: {text}")

    def _dialog(self, dialog: Any) -> None:
        self._note("dialog", dialog.message)
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.root}/", "data:", "about:", "blob:")):
            self._note("foreign request", url)

    def _failed(self, url: str, why: str) -> None:
        """A request that the page's policy stopped was never made; any other was."""
        if why != "csp":
            self._asked(url)

    def taken(self) -> list[str]:
        found, self.trouble = self.trouble, []
        return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (Debian: chromium)")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def room(browser, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The demonstration's archive, served: 23 reports, one edited, one missing; and the numbers a visitor would meet."""
    folder = tmp_path_factory.mktemp("room") / "demo"
    assert nianlun("demo", "--keep", str(folder), timeout=200).code == 0
    archive = folder / "nianlun.db"
    edited = next(row for row in nianlun("changes", "--json", "-a", str(archive)).rows if row["event"] == "changed")
    figures = nianlun("observations", "--json", "-a", str(archive)).rows
    with served(archive) as root:
        yield SimpleNamespace(
            archive=archive,
            root=root,
            watched=Watched(browser, root),
            edited=edited,
            figures=figures,
            reports=nianlun("reports", "--json", "-a", str(archive)).rows,
        )


def addresses(room: SimpleNamespace) -> dict[str, str]:
    """One address of each kind of page."""
    report = room.edited["report"]
    figure = next(row["id"] for row in room.figures if row["report"] == report and row["value"])
    paper = next(
        (row["id"] for row in room.figures if row["source"].endswith(".pdf") or row["url"].endswith(".pdf")), figure
    )
    doubted = max(room.reports, key=lambda row: row["findings"])["id"]
    return {
        "home": "/", "coverage": "/coverage", "cell": "/coverage/cell?publisher=%E7%83%9F%E8%90%9D%E7%9C%81%E5%95%86%E5%8A%A1%E5%8E%85&year=2014",
        "reports": "/reports", "report": f"/report/{report}", "doubted": f"/report/{doubted}", "revision": f"/report/{report}/revision/1",
        "captures": f"/report/{report}/captures", "tables": f"/report/{report}/tables", "figure": f"/figure/{figure}", "paper": f"/figure/{paper}",
        "revisions": f"/report/{report}/compare", "compare": f"/compare?a={report}&b={doubted}", "compare-form": "/compare",
        "search": "/search?q=%E5%85%AC%E5%BC%80", "search-none": "/search?q=zzzzqq", "changes": "/changes", "series": "/series",
        "distribution": "/series?indicator=applications.received.total&kind=distribution",
        "capture": "/capture/5", "crawl": "/crawl/1", "machines": "/machines", "nothing": "/nothing",
    }  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_quiet_fits_and_is_accessible(room, lang, width) -> None:
    axe = Axe()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with room.watched.page(WIDTHS[width]) as page:
        for name, address in addresses(room).items():
            answer = page.goto(f"{room.root}{address}{'&' if '?' in address else '?'}lang={lang}")
            assert answer.status == (404 if name == "nothing" else 200), address
            page.screenshot(path=PICTURES / f"{name}-{lang}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{address} is wider than the screen"
            )
            if width == "wide" or lang == "zh":
                found = axe.run(page).response["violations"]
                serious = [
                    (one["id"], one["nodes"][0]["html"][:200])
                    for one in found
                    if one["impact"] in ("serious", "critical")
                ]
                assert not serious, (address, serious)
            trouble = [line for line in room.watched.taken() if not (name == "nothing" and "404" in line)]
            assert not trouble, (address, trouble)


def test_who_has_not_published(room) -> None:
    """From the home page by clicks alone: the number under missing, the list, one cell, its evidence."""
    with room.watched.page(lang="en-GB") as page:
        page.goto(f"{room.root}/")
        page.click("a.s-missing >> nth=0")
        page.click("td a.h-missing >> nth=0")
        assert "No report was found" in page.inner_text("main")
        page.click("main table a >> nth=0")
        assert "Requests and their outcomes" in page.inner_text("main")
    assert room.watched.taken() == []


def test_what_it_said_before_it_was_edited(room) -> None:
    """From the changes by clicks: both figures, then the revision that said the first."""
    (figure,) = room.edited["observations"]
    with room.watched.page(lang="en-GB") as page:
        page.goto(f"{room.root}/changes?event=changed")
        page.click("main table a >> text=Compare")
        assert page.inner_text("main table del").strip() == str(figure["before"])
        assert page.inner_text("main table ins").strip() == str(figure["after"])
        page.goto(f"{room.root}/report/{room.edited['report']}")
        page.click("ol.timeline a >> text=Revision 1")
        assert str(figure["before"]) in page.inner_text("table.official >> nth=0")
    assert room.watched.taken() == []


def test_where_a_number_stands_in_the_original(room) -> None:
    """From the report's table by a click: the cell is marked in the page as it was captured."""
    (changed,) = room.edited["observations"]
    with room.watched.page() as page:
        page.goto(f"{room.root}/report/{room.edited['report']}")
        page.click(f"table.official td a >> text=/^{changed['after']}$/")
        frame = page.frame_locator("iframe.original")
        assert frame.locator("#nianlun-cell").inner_text().strip() == str(changed["after"])
        assert page.inner_text("mark").strip() == str(changed["after"])
    assert room.watched.taken() == []


def test_a_keyboard_is_enough(room) -> None:
    with room.watched.page() as page:
        page.goto(f"{room.root}/?lang=en")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.goto(f"{room.root}/search?lang=en")
        page.focus("input[name=q]")
        page.keyboard.type("公开")
        page.keyboard.press("Enter")
        page.wait_for_selector("ol.hits li")
    assert room.watched.taken() == []


def test_no_link_leads_nowhere(room) -> None:
    """From the home page, every link of every page: a dozen of each kind."""
    waiting, seen, kinds = deque(["/?lang=en", "/?lang=zh"]), set(), Counter()
    while waiting:
        address = waiting.popleft()
        kind = re.sub(r"\d+", "N", urlsplit(address).path)
        kinds[kind] += 1
        if address in seen or kinds[kind] > 12:
            continue
        seen.add(address)
        with urlopen(room.root + quote(address, safe="/:?&=%+,;@~")) as answer:
            assert answer.status == 200
            body, media_type = answer.read(), answer.headers["Content-Type"]
        if (
            "html" in media_type
            and not address.startswith(("/archive", "/original", "/memento", "/timegate"))
            and "/marked" not in address
        ):
            for element in html.document_fromstring(body).iter("a", "iframe", "img", "link"):
                link = urljoin(room.root + address, element.get("href") or element.get("src") or "#")
                if link.startswith(f"{room.root}/"):
                    waiting.append(link.removeprefix(room.root).partition("#")[0])
    assert len(seen) > 100
    assert {"/report/N", "/figure/N", "/capture/N", "/crawl/N", "/coverage/cell", "/original/N"} <= set(kinds)


PROBE = "\"'><svg onload=alert(1)><script>alert(2)</script><img src=http://127.0.0.2:9/x onerror=alert(3)>{{7*7}}"
ORIGINAL = (
    b"<html><head><script>alert(4)</script><base href='http://127.0.0.2:9/'><link rel=stylesheet href='http://127.0.0.2:9/a.css'>"
    b"<meta http-equiv=refresh content='0;url=http://127.0.0.2:9/'></head><body onload=alert(5)><h1>t</h1>"
    b"<img src='http://127.0.0.2:9/x.png' onerror=alert(6)><iframe src='http://127.0.0.2:9/f'></iframe><svg onload=alert(7)></svg>"
    b"<form action='http://127.0.0.2:9/'><button autofocus onfocus=alert(8)>x</button></form>"
    b"<table><tr><td>a</td><td>b</td><td>c</td></tr><tr><td>1</td><td>2</td><td onclick=alert(9)>3</td></tr></table></body></html>"
)


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory) -> Path:
    """An archive whose every foreign text tries to run something."""
    from archive.connection import open_writing
    from archive.model import Software
    from archive.store import Store

    path = tmp_path_factory.mktemp("poisoned") / "a.db"
    store = Store(open_writing(path), Clock())
    store.portal = store.portal_id(PORTAL)
    store.crawl = store.begin_crawl(store.portal, "uid-1", Software("nianlun", PROBE), ENTRY, PROBE)
    for turn, value in enumerate((3, 4)):
        url = "http://www.test.gov.cn/a.html?x=%22%3E%3Cscript%3Ealert(10)%3C/script%3E"
        found = fetch(store, ORIGINAL + b" " * turn, url)
        read = reading(value, f"一、{PROBE}\n{PROBE} {turn}", publisher=PROBE, raw=PROBE)
        store.chronicle.revise(store.crawl, store.portal, found, judge(store, found, read, url))
        next_crawl(store)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    store.sql.close()
    return path


def test_nothing_that_was_archived_runs(browser, poisoned) -> None:
    """No dialog, no error, no request: neither on our pages nor in the originals they show."""
    with served(poisoned) as root:
        watched = Watched(browser, root)
        with watched.page() as page:
            for address in (
                "/", "/coverage", "/reports", "/report/1", "/report/1/revision/1", "/report/1/compare", "/report/1/captures",
                "/report/1/tables", "/figure/1", "/figure/3", "/compare?a=1&b=1", "/search?q=alert", "/changes", "/capture/1", "/crawl/1",
                "/series?indicator=applications.received.total", "/machines", "/api/reports", "/feeds/changes.atom", "/sitemap.xml",
                "/timemap/json/http://www.test.gov.cn/a.html?x=%22%3E%3Cscript%3Ealert(10)%3C/script%3E", "/archive/report", "/archive/reading",
                f"/search?q={PROBE.replace('#', '%23').replace('&', '%26')}", f"/reports?publisher={PROBE.replace('#', '%23')}",
                "/nothing<script>alert(11)</script>",
            ):  # fmt: skip
                page.goto(f"{root}{address}", wait_until="load")
                assert [line for line in watched.taken() if line.startswith(("dialog", "foreign", "error"))] == [], (
                    address
                )
            for address in ("/original/1", "/figure/1/marked", "/memento/20231114221331/http://www.test.gov.cn/a.html"):
                page.goto(f"{root}{address}")
                page.wait_for_timeout(300)
                assert page.url.startswith(root)
                assert [line for line in watched.taken() if line.startswith(("dialog", "foreign"))] == [], address
            page.goto(f"{root}/original/1")
            assert page.evaluate("window.origin") == "null"
