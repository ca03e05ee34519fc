"""The TRS hosts, walked as a browser's scripts would: from the home page to every report."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin

import pytest

from crawler.simulator import Country
from tests.simulator.country_web import Browser, left_out, rows


def opened(name: str):
    """A fixture of one host."""

    @pytest.fixture
    def host():
        with Country(seed=21, hosts=(name,)) as country:
            yield country

    return host


trs, trs_nb, trs_api, was = opened("trs"), opened("trs-nb"), opened("trs-api"), opened("was")
LIST = "//*[contains(@class,'gl_list') or contains(@class,'overview_right')]//a"


def listed(page) -> set[str]:
    """The rows of a static page."""
    return set(page.links(LIST).values())


def test_trs_both_ways_of_paging(trs) -> None:
    """``createPageHTML`` on one column, ``countPage`` on the other; page k is ``index_{k-1}.html``; then a refresh or 404."""
    browser, found = Browser(trs), set()
    own, others = browser.columns("trs")
    total = int(re.search(r"createPageHTML\((\d+), 0,", own.text)[1])
    assert total == 3
    more = int(re.search(r"countPage = (\d+)//", others.text)[1])
    for column, pages in ((own, total), (others, more)):
        found |= listed(column)
        for number in range(1, pages):
            found |= set(browser.get(urljoin(column.url, f"index_{number}.html")).links(LIST).values())
    assert left_out(trs, "trs", found) == set()
    assert 'http-equiv="refresh"' in browser.get(urljoin(own.url, f"index_{total}.html")).text
    assert browser.get(urljoin(others.url, f"index_{more}.html")).status == 404


def test_trs_nb_is_a_tree(trs_nb) -> None:
    """No column lists everything; years by link or choice, bodies by directory, the last an article itself."""
    browser, found = Browser(trs_nb), set()
    own, others = browser.columns("trs-nb")
    assert listed(own) == set()
    years = [*own.tree.xpath("//ul[@class='nf']//a/@href"), *own.tree.xpath("//select/option/@value")]
    assert len(years) == 10
    for href in years:
        found |= listed(browser.get(urljoin(own.url, href)))
    bodies = [a.get("href") for a in others.tree.xpath("//div[@class='con_right' or @class='right']/ul/li/a")]
    assert len(bodies) == 3
    *lists, single = [browser.get(urljoin(others.url, href)) for href in bodies]
    for page in lists:
        found |= listed(page)
    assert left_out(trs_nb, "trs-nb", found | {single.url}) != set()
    older = set(single.links("//div[@class='nf']//a").values())
    assert left_out(trs_nb, "trs-nb", found | older) == set()


def test_trs_nb_single_article_is_its_newest_report(trs_nb) -> None:
    """The directory answers the newest report; once a newer one is published, that."""
    truth = trs_nb.truth("trs-nb")
    column = truth.columns[-1]
    report = next(r for r in truth.reports.values() if column in r.urls)
    body = [r for r in truth.reports.values() if r.publisher == report.publisher]
    assert report.year == max(r.year for r in body)
    trs_nb.advance(days=300)
    new = trs_nb.publish("trs-nb", publisher=report.publisher)
    assert column in trs_nb.truth("trs-nb").reports[new].urls
    assert column not in trs_nb.truth("trs-nb").reports[report.url].urls
    (title,) = Browser(trs_nb).get(column).tree.xpath("//meta[@name='ArticleTitle']/@content")
    assert title == trs_nb.truth("trs-nb").reports[new].title


def test_trs_nb_opens_a_column_for_a_new_year(trs_nb) -> None:
    """The first report of a year brings the year's column."""
    trs_nb.advance(days=300)
    url = trs_nb.publish("trs-nb")
    own = Browser(trs_nb).annual("trs-nb")
    newest = urljoin(own.url, own.tree.xpath("//ul[@class='nf']//a/@href")[0])
    assert newest.endswith("gknb2024/")
    assert url in listed(Browser(trs_nb).get(newest))


def test_trs_api_gives_the_rest(trs_api) -> None:
    """Ten rows are static, the others come from the address in the script, as many as it says."""
    browser = Browser(trs_api)
    found = set()
    for page in browser.columns("trs-api"):
        assert browser.get(urljoin(page.url, "index_1.html")).status == 404
        static = listed(page)
        assert len(static) == 10
        where = urljoin(page.url, re.search(r'listUrl:"([^"]+)"', page.text)[1])
        count = int(re.search(r"recordCount:'(\d+)'", page.text)[1])
        said = [json.loads(browser.get(f"{where}&pageNo={n}&pageSize=10").text)["data"] for n in (1, 2, 3, 4)]
        urls = [[urljoin(page.url, row["docPubUrl"]) for row in data["list"]] for data in said]
        assert set(urls[0]) == static
        assert [len(urls[3]), said[0]["total"], sum(map(len, urls))] == [0, count, count]
        assert count == trs_api.truth("trs-api").counts[page.url]
        found |= static.union(*urls)
    assert left_out(trs_api, "trs-api", found) == set()


def test_trs_api_relative_addresses_lead_somewhere(trs_api) -> None:
    """What the interface names is an article."""
    page = Browser(trs_api).annual("trs-api")
    where = urljoin(page.url, re.search(r'listUrl:"([^"]+)"', page.text)[1])
    row = json.loads(Browser(trs_api).get(f"{where}&pageNo=2&pageSize=10").text)["data"]["list"][0]
    assert Browser(trs_api).get(urljoin(page.url, row["docPubUrl"])).status == 200


def test_was_lists_by_post_only(was) -> None:
    """A GET leads back to the shell; a POST pages; ``perpage`` counts for nothing; past the end the last page repeats."""
    browser, found = Browser(was), set()
    for page in browser.columns("was"):
        assert len(page.body) >= 7000
        form = page.tree.xpath("//form[@id='searchForm']")[0]
        action = urljoin(page.url, form.get("action"))
        fields = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
        assert (browser.get(action).status, urljoin(action, browser.get(action).headers["Location"])) == (302, page.url)
        first = browser.post(action, fields | {"perpage": 50})
        assert len(rows(action, first.text.partition("</table>")[0])) == 10
        count, last = map(int, re.search(r"共(\d+)条 第1/(\d+)页", first.text).groups())
        pages = [
            rows(action, browser.post(action, fields | {"page": n}).text.partition("</table>")[0])
            for n in range(1, last + 2)
        ]
        assert pages[-1] == pages[-2]
        assert len({url for shown in pages for url in shown}) == count == was.truth("was").counts[page.url]
        found |= {url for shown in pages for url in shown}
    assert left_out(was, "was", found) == set()


def test_was_unknown_channel_is_the_home_page_with_404(was) -> None:
    """A retired channel answers 404 and the whole home page."""
    said = Browser(was).post(was.home("was") + "was5/web/search?channelid=1", {})
    assert said.status == 404
    assert "门户网站，提供政务公开" in said.text
