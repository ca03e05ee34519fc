"""The Hanweb hosts, walked as a browser's scripts would: from the home page to every report their lists give."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from crawler.simulator import Country
from tests.simulator.country_web import Browser, Said, left_out, query_of, rows
from tests.simulator.simulator_web import figures


def opened(name: str):
    """A country of one host."""
    return Country(seed=21, hosts=(name,))


def records(said: str) -> list[str]:
    """The rows of a datastore."""
    return re.findall(r"<record><!\[CDATA\[(.*?)\]\]></record>", said, re.DOTALL)


def call(page: Said) -> tuple[dict[str, str], dict[str, str]]:
    """What the page's script tells jpage: its own parameters, and those of the form."""
    options, form = re.search(r"\.jpage\(\{(.*?),ajaxParam:\{(.*?)\}\}\)", page.text, re.DOTALL).groups()
    return query_of(options), query_of(form)


def unlocked(texts: list[str], base: str) -> dict[str, str]:
    """The links of many rows."""
    return {url: text for row in texts for url, text in rows(base, row.replace("<li style=<br/>", "<li>")).items()}


@pytest.mark.parametrize("name", ["hanweb1", "hanweb2b"])
def test_pages_by_record_numbers(name) -> None:
    """The page embeds groupSize × perPage rows, the proxy gives the others by record; ``page`` counts for nothing."""
    with opened(name) as country:
        browser, found = Browser(country), {}
        for page in browser.columns(name):
            options, form = call(page)
            total, size = int(options["totalRecord"]), int(options["perPage"]) * int(options["groupSize"])
            inside = re.search(r"var InitData\d+=\[(.*?)\];\n", page.text, re.DOTALL)
            embedded = re.findall(r"'(<li>.*?</li>)'", inside[1]) if inside else records(page.text)
            shown = unlocked(embedded, page.url)
            assert len(shown) == min(size, total)
            proxy = urljoin(page.url, options["proxyUrl"])
            again = browser.post(proxy, form | {"page": 2})
            assert unlocked(records(again.text), page.url) == shown
            rest = browser.post(f"{proxy}?startrecord={size + 1}&endrecord={total}&perpage={options['perPage']}", form)
            more = unlocked(records(rest.text), page.url)
            assert len(shown | more) == total == country.truth(name).counts[page.url]
            found |= shown | more
        assert left_out(country, name, set(found)) == set()


def test_the_oldest_proxy_sends_gbk() -> None:
    """Its bytes are no UTF-8, and nothing says so."""
    with opened("hanweb1") as country:
        page = Browser(country).annual("hanweb1")
        options, form = call(page)
        said = Browser(country).post(urljoin(page.url, options["proxyUrl"]), form)
        assert said.headers["Content-Type"] == "text/xml"
        with pytest.raises(UnicodeDecodeError):
            said.body.decode()


def test_pages_by_page_number() -> None:
    """``page`` is honoured, by GET and POST; ``startrecord`` is not; the page's own ``nextgroup`` is the page itself."""
    with opened("hanweb2") as country:
        browser, found = Browser(country), {}
        for page in browser.columns("hanweb2"):
            options, form = call(page)
            shown = unlocked(records(page.text), page.url)
            proxy = urljoin(page.url, options["proxyUrl"])
            following = re.search(r"<nextgroup><!\[CDATA\[<a href=\"(.*?)\">", page.text)[1]
            assert unlocked(records(browser.get(urljoin(page.url, following)).text), page.url) == shown
            by_record = browser.post(f"{proxy}?startrecord=16&endrecord=30&perpage=15", form)
            assert unlocked(records(by_record.text), page.url) == shown
            more = unlocked(records(browser.post(proxy, form | {"page": 2}).text), page.url)
            assert len(shown | more) == int(options["totalRecord"])
            assert browser.post(proxy, form | {"page": 3}).body.count(b"<record>") == 0
            found |= shown | more
        assert left_out(country, "hanweb2", set(found)) == set()


def test_quirks_of_the_second_generation() -> None:
    """Single quotes around href, a day split by newlines, no title attribute; ``pageNum=2`` embeds page 1."""
    with opened("hanweb2") as country:
        page = Browser(country).annual("hanweb2")
        row = next(row for row in records(page.text) if "prov.gov.test" not in row)
        assert re.search(r"<a href='/art/\d{4}/\d+/\d+/art_\d+_\d+\.html'", row)
        assert re.search(r"\d{4}-\n\d\d-\n\d\d", row)
        assert "title=" not in row
        second = Browser(country).get(page.url + "?uid=1&pageNum=2")
        assert records(second.text) == records(page.text)


def test_encrypted_lists_are_short_and_say_so() -> None:
    """Past the embedded rows the proxy answers 54 bytes; the count says how many are missing, the truth which."""
    with opened("hanweb3") as country:
        browser, found, short = Browser(country), {}, 0
        for page in browser.columns("hanweb3"):
            options, form = call(page)
            assert not form["unitid"].isdigit()
            shown = unlocked(records(page.text), page.url)
            proxy = urljoin(page.url, options["proxyUrl"])
            deep = [browser.post(f"{proxy}?startrecord={n}&endrecord={n + 14}&perpage=5", form) for n in (16, 31)]
            assert [len(said.body) for said in deep] == [54, 54]
            assert len(records(browser.post(f"{proxy}?startrecord=1&endrecord=99&perpage=99", form).text)) == len(shown)
            short += int(options["totalRecord"]) - len(shown)
            found |= shown
        missing = left_out(country, "hanweb3", set(found))
        assert missing == set(country.truth("hanweb3").unlisted)
        assert 0 < len(missing) <= short


def test_files_come_by_a_redirect() -> None:
    """The download program answers 302 to the file; the type stands only in its query."""
    with opened("hanweb2") as country:
        file = next(a for r in country.truth("hanweb2").reports.values() for a in r.attachments)
        assert urlsplit(file.url).path == "/module/download/downfile.jsp"
        said = Browser(country).get(file.url)
        assert said.status == 302
        assert said.headers["Location"].startswith("/attach/0/")


# ------------------------------------------------------------ the disclosure module


def search(page: Said) -> tuple[str, dict[str, str]]:
    """Address and form of the search in a page's script."""
    url, data = re.search(r"url:'([^']+)',data:\{(.*?)\},success", page.text).groups()
    fields = dict(re.findall(r"(\w+):'([^']*)'", data))
    return urljoin(page.url, url), fields


def test_the_search_gives_the_whole_district() -> None:
    """By POST with Referer, page by page; the category counts for nothing: the column's number tells them apart."""
    with opened("hanweb-xxgk") as country:
        browser = Browser(country)
        own, others = browser.columns("hanweb-xxgk")
        asked = {"Referer": own.url, "X-Requested-With": "XMLHttpRequest"}
        url, form = search(own)
        assert browser.get(url, **asked).status == 404
        assert [browser.post(url, form, **{name: asked[name]}).status for name in asked] == [404, 404]
        last = int(re.search(r"共(\d+)页", browser.post(url, form, **asked).text)[1])
        assert last == 3
        every = {}
        for number in range(1, last + 1):
            said = browser.post(url.replace("currpage=1", f"currpage={number}"), form | {"currpage": number}, **asked)
            every |= rows(own.url, said.text.partition("</table>")[0])
        assert left_out(country, "hanweb-xxgk", set(every)) == set()
        marks = [re.search(r"col(\d+)", page.url)[1] for page in (own, others)]
        mine = {link for link in every if f"/art_{marks[0]}_" in link}
        assert mine < set(every)
        news = {u for u, kind in country.truth("hanweb-xxgk").look_alikes.items() if kind == "news"}
        assert news & set(every) - mine - {link for link in every if f"/art_{marks[1]}_" in link}


def test_the_category_stands_in_the_tree() -> None:
    """The second column's script knows no category; the tree names it."""
    with opened("hanweb-xxgk") as country:
        browser = Browser(country)
        _, others = browser.columns("hanweb-xxgk")
        assert search(others)[1]["infotypeId"] == ""
        tree = browser.get(urljoin(others.url, others.tree.xpath("//iframe/@src")[0]))
        assert re.search(r"getInfoList\('[ABF]\d{5}'\)\">市县和所属单位年报<", tree.text)


def test_reports_named_by_year_and_body() -> None:
    """Every pair of the two choices is asked; those with a report show it, the others say there is none."""
    with opened("xxgk-annual") as country:
        browser = Browser(country)
        own = browser.annual("xxgk-annual")
        years = own.tree.xpath("//select[@id='fbtime']/option/@value")
        areas = own.tree.xpath("//select[@id='area']/option/@value")
        base = urljoin(own.url, re.search(r"location\.href='([^?]+)\?fbtime='", own.text)[1])
        pages = {
            f"{base}?fbtime={y}&area={a}": browser.get(f"{base}?fbtime={y}&area={a}") for y in years for a in areas
        }
        held = {url for url, page in pages.items() if "暂无数据" not in page.text}
        assert len(pages) == 40
        assert len(held) == 22
        assert left_out(country, "xxgk-annual", held) == set()


def test_both_orders_of_the_query_are_one_page() -> None:
    """The columns link the two orders; the figures are the same; title and tags name neither year nor body."""
    with opened("xxgk-annual") as country:
        browser, orders = Browser(country), set()
        for column in browser.columns("xxgk-annual"):
            url = column.links("//ul[@class='years']//a").popitem()[1]
            orders.add(parse_qsl(urlsplit(url).query)[0][0])
        assert orders == {"fbtime", "area"}
        reports = country.truth("xxgk-annual").reports.values()
        report = next(r for r in reports if r.source == "page" and r.form == "2021")
        first, second = (browser.get(url) for url in report.urls)
        assert figures(first.text.encode()) == figures(second.text.encode()) != []
        (title,) = first.tree.xpath("//meta[@name='ArticleTitle']/@content")
        assert str(report.year) not in title + first.tree.xpath("string(//title)")
        assert first.tree.xpath("//meta[@name='ContentSource']/@content") == [""]
