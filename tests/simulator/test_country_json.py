"""The hosts whose lists are JSON, JSONP or fragments: JPAAS, TrueCMS and the one of UUIDs."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from crawler.simulator import Country
from tests.simulator.country_web import Browser, Said, left_out, rows


@pytest.fixture
def jpaas():
    with Country(seed=21, hosts=("jpaas",)) as country:
        yield country


@pytest.fixture
def truecms():
    with Country(seed=21, hosts=("truecms",)) as country:
        yield country


@pytest.fixture
def uuid():
    with Country(seed=21, hosts=("uuid",)) as country:
        yield country


def unit(page: Said) -> tuple[str, dict[str, str]]:
    """The address and the parameters of a page's unit, from the text (a parser would lower their case)."""
    url, query = re.search(r'unitbuild\.js" url="([^"]+)" queryData="([^"]+)"', page.text).groups()
    return urljoin(page.url, url), json.loads(query.replace("'", '"'))


def asked(browser: Browser, page: Said, number: int | None, **more: object) -> dict:
    """A unit's answer."""
    url, query = unit(page)
    param = {"paramJson": json.dumps({"pageNo": number, "pageSize": 15})} if number else {}
    return json.loads(browser.get(f"{url}?{urlencode(query | param | more)}").text)


def test_jpaas_rows_come_from_the_unit(jpaas) -> None:
    """JSON that wraps HTML; the count in an attribute; past the end nothing."""
    browser, found = Browser(jpaas), {}
    for page in browser.columns("jpaas"):
        assert not page.tree.xpath("//ul[@class='list']")
        pages = [asked(browser, page, number)["data"]["html"] for number in (1, 2, 3)]
        assert pages[2] == ""
        count = int(re.search(r'count="(\d+)"', pages[0])[1])
        shown = rows(page.url, pages[0]) | rows(page.url, pages[1])
        assert len(shown) == count == jpaas.truth("jpaas").counts[page.url]
        found |= shown
    assert left_out(jpaas, "jpaas", set(found)) == set()


def test_jpaas_wants_its_parameters(jpaas) -> None:
    """``pageNo`` outside ``paramJson`` is page 1; a corrected spelling is an error; the answer is gzip unasked."""
    browser = Browser(jpaas)
    page = browser.annual("jpaas")
    assert (
        asked(browser, page, None, pageNo=2)["data"]
        == asked(browser, page, 1)["data"]
        != asked(browser, page, 2)["data"]
    )
    assert asked(browser, page, 1, parseType="buildstatic")["success"] is False
    url, query = unit(page)
    said = browser.get(f"{url}?{urlencode(query)}", Accept_Encoding="identity")
    assert said.body[:2] == b"\x1f\x8b"
    assert page.body[:2] == b"\x1f\x8b"


def test_jpaas_gateway_fails_every_sixth_time(jpaas) -> None:
    """Five downloads are answered by a redirect, the sixth by 429 with a time to wait, the next works."""
    files = [a.url for r in jpaas.truth("jpaas").reports.values() for a in r.attachments if "download?" in a.url]
    said = [Browser(jpaas).get(files[0]) for _ in range(7)]
    assert [one.status for one in said] == [302] * 5 + [429, 302]
    assert said[5].headers["Retry-After"] == "2"
    assert parse_qs(urlsplit(files[0]).query)["fileName"][0].endswith((".pdf", ".doc", ".docx"))
    assert said[0].headers["Location"].startswith("/cms_files/filemanager/")


def test_jpaas_viewer_holds_the_only_file(jpaas) -> None:
    """A report that is only a PDF names it in ``#pdfshow``."""
    reports = jpaas.truth("jpaas").reports.values()
    report = next(r for r in reports if r.source.endswith(".pdf") and r.source != r.url and "cms_files" in r.source)
    page = Browser(jpaas).get(report.url)
    assert [urljoin(page.url, v) for v in page.tree.xpath("//*[@id='pdfshow']/@data-value")] == [report.source]
    assert Browser(jpaas).get(report.source).body.startswith(b"%PDF")


def test_truecms_lists_by_jsonp(truecms) -> None:
    """The parameters stand in the page; twenty records a window, and a Referer."""
    browser, found = Browser(truecms), {}
    for page in browser.columns("truecms"):
        column, proxy = re.search(r"columnId:'([^']+)',proxyUrl:'([^']+)'", page.text).groups()
        base = urljoin(page.url, f"{proxy}/messageController/getMessage.do?columnId={column}&callback=cb")
        assert browser.get(f"{base}&startrecord=1&endrecord=20&perpage=20").status == 404
        assert browser.get(f"{base}&startrecord=1&endrecord=21&perpage=21", Referer=page.url).status == 404
        stores = []
        for first in (1, 21):
            said = browser.get(f"{base}&startrecord={first}&endrecord={first + 19}&perpage=20", Referer=page.url)
            stores.append(json.loads(re.fullmatch(r"cb\((.*)\)", said.text)[1])["result"])
        total = int(re.search(r"<totalrecord>(\d+)<", stores[0])[1])
        shown = {}
        for row in re.findall(r"CDATA\[(.*?)\]\]", "".join(stores)):
            shown |= rows(page.url, row)
        assert len(shown) == total == truecms.truth("truecms").counts[page.url]
        found |= shown
    assert left_out(truecms, "truecms", set(found)) == set()


def test_uuid_fragments_follow_the_first_page(uuid) -> None:
    """Ten rows in the page, the others in the block's fragments; past the end an empty list."""
    browser, found = Browser(uuid), {}
    for page in browser.columns("uuid"):
        (block,) = page.tree.xpath("//div[@class='block']")
        base = urljoin(page.url, block.get("data-url"))
        pages = [
            rows(page.url, browser.get(base.replace("page=1", f"page={n}")).text)
            for n in range(1, int(block.get("data-pages")) + 2)
        ]
        assert pages[0] == {urljoin(page.url, a.get("href")): a.text_content() for a in block.xpath(".//li/a")}
        assert pages[-1] == {}
        shown = {url: text for held in pages for url, text in held.items()}
        assert len(shown) == int(re.search(r"共(\d+)条", page.text)[1]) == uuid.truth("uuid").counts[page.url]
        found |= shown
    assert left_out(uuid, "uuid", set(found)) == set()
    shape = r"http://[^/]+/columns/[0-9a-f-]{36}/\d{6}/\d\d/[0-9a-f-]{36}\.(html|pdf)"
    assert [url for url in found if not re.fullmatch(shape, url) and "prov.gov.test" not in url] == []
