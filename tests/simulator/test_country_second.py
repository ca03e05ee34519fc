"""The second half of the systems, walked as a browser's scripts would: from the home page to every report."""

from __future__ import annotations

import json
import re
from http.client import HTTPConnection
from urllib.parse import quote, urljoin, urlsplit

import pytest

from crawler.simulator import Country
from tests.simulator.country_web import Browser, left_out, query_of, rows
from tests.simulator.simulator_web import figures, tree

LISTS = "//*[contains(@class,'list')]//li//a | //table[contains(@class,'list')]//a | //ul[contains(@class,'news_list')]//a | //h4//a"


def opened(name: str):
    """A fixture of one host."""

    @pytest.fixture
    def host():
        with Country(seed=21, hosts=(name,)) as country:
            yield country

    return host


ucap, ucap_json, ucap_code, busy = opened("ucap"), opened("ucap-json"), opened("ucap-code"), opened("ucap-busy")
gkmlpt, jump, nfcms = opened("gkmlpt"), opened("gkmlpt-jump"), opened("nfcms")
lonsun, epoint0, epoint1 = opened("lonsun"), opened("epoint0"), opened("epoint1")
vsb, aspx, govcn = opened("vsb"), opened("aspx"), opened("govcn")


def listed(page) -> set[str]:
    """The addresses of a page's rows."""
    return {url for url in page.links(LISTS).values() if not url.startswith("javascript")}


def section(country: Country, name: str):
    """The page of the open section, by the menus."""
    browser = Browser(country)
    page = browser.get(country.home(name))
    for entry in ("政务公开", "政府信息公开"):
        page = browser.get(page.links()[entry])
    return page


# ------------------------------------------------------------ UCAP


def test_ucap_two_calls_two_ways(ucap) -> None:
    """With a container page 2 is ``_2``; in the other shape it is ``_1``, and the page prints that it is the second."""
    browser, found = Browser(ucap), set()
    own, others = browser.columns("ucap")
    last, now, stem, rows_said = re.search(
        r"createPageHTML\('page_div',(\d+), (\d+),'(\w+)','shtml',(\d+)\)", own.text
    ).groups()
    assert (now, ucap.truth("ucap").counts[own.url]) == ("1", int(rows_said))
    pages = [own] + [browser.get(urljoin(own.url, f"{stem}_{n}.shtml")) for n in range(2, int(last) + 1)]
    assert sum(len(listed(page)) for page in pages) == int(rows_said)
    assert browser.get(urljoin(own.url, f"{stem}_{int(last) + 1}.shtml")).status == 404
    assert browser.get(urljoin(own.url, f"{stem}_1.shtml")).status == 404
    last = int(re.search(r"createPageHTML\((\d+), 1, 'index', 'shtml'\)", others.text)[1])
    more = [others] + [browser.get(urljoin(others.url, f"index_{n}.shtml")) for n in range(1, last)]
    assert [int(re.search(r"createPageHTML\(\d+, (\d+),", page.text)[1]) for page in more] == list(range(1, last + 1))
    for page in (*pages, *more):
        found |= listed(page)
    assert left_out(ucap, "ucap", found) == set()
    assert any(re.search(r"/c\d+/\d{6}/[0-9a-f]{32}\.shtml$", url) for url in found)


def test_ucap_articles_are_custom_elements(ucap) -> None:
    """Title, time and body stand in elements of the vendor's own."""
    report = next(r for r in ucap.truth("ucap").reports.values() if r.source == "page")
    text = Browser(ucap).get(report.url).text
    assert f"<UCAPTITLE>{report.title}</UCAPTITLE>" in text
    assert f"<PUBLISHTIME>{report.published}" in text
    assert "<UCAPCONTENT>" in text


def searched(browser: Browser, page, channel: str, number: int, query: str = "&_isJson=true") -> dict:
    """An answer of the search."""
    base = f"/common/search/{channel}?page={number}&_pageSize=15&_isAgg=true&_template=index{query}"
    return json.loads(browser.get(urljoin(page.url, base)).text)["data"]


def walked(browser: Browser, page, channel: str) -> set[str]:
    """Every row of a channel."""
    first = searched(browser, page, channel, 1)
    held = list(first["results"])
    for number in range(2, -(-first["total"] // 15) + 1):
        held += searched(browser, page, channel, number)["results"]
    assert len(held) == first["total"]
    assert searched(browser, page, channel, 9)["results"] == []
    return {urljoin(page.url, row["url"]) for row in held}


def test_ucap_json_holds_the_whole_text(ucap_json) -> None:
    """The channel is inline on one column and a tag on the other; the list carries the reports' tables."""
    browser, found = Browser(ucap_json), set()
    own, others = browser.columns("ucap-json")
    assert listed(own) == set()
    inline = re.search(r"channelId='([0-9a-f]{32})'", own.text)[1]
    (tag,) = others.tree.xpath("//meta[@name='channelId']/@content")
    for page, channel in ((own, inline), (others, tag)):
        found |= walked(browser, page, channel)
        assert ucap_json.truth("ucap-json").counts[page.url] == searched(browser, page, channel, 1)["total"]
    assert left_out(ucap_json, "ucap-json", found) == set()
    report = next(r for r in ucap_json.truth("ucap-json").reports.values() if r.form == "2021" and r.source == "page")
    rows_held = [row for n in (1, 2) for c in (inline, tag) for row in searched(browser, own, c, n)["results"]]
    row = next(row for row in rows_held if urljoin(own.url, row["url"]) in report.urls)
    assert {e.raw for e in report.observations.values()} <= set(figures(row["contentHtml"].encode()))
    keys = [item["key"] for item in row["domainMetaList"][0]["resultList"]]
    assert "pubdate" in keys
    said = browser.get(urljoin(own.url, f"/common/search/{inline}?page=1"))
    assert said.text.startswith("<!DOCTYPE")


def test_ucap_code_tells_the_channel_by_code(ucap_code) -> None:
    """No page has a channel; the code has to be asked for."""
    browser, found = Browser(ucap_code), set()
    for page in browser.columns("ucap-code"):
        assert not re.search(r"channelId[\"']?\s*[=:] ?[\"'][0-9a-f]", page.text)
        assert not page.tree.xpath("//meta[@name='channelId']")
        code = re.search(r"channelCode='(c\d+)'", page.text)[1]
        said = browser.get(urljoin(page.url, f"/getChannelList?channelCode={code}"))
        found |= walked(browser, page, json.loads(said.text)["results"]["channelId"])
    assert left_out(ucap_code, "ucap-code", found) == set()


def test_ucap_busy_gives_the_home_page_instead(busy) -> None:
    """The eleventh request within a second gets the home page with 200; a second later all is as before."""
    site, browser = busy.site("ucap-busy"), Browser(busy)
    site.tick = lambda: 5.0
    url = next(r.url for r in busy.truth("ucap-busy").reports.values() if r.source == "page")
    said = [browser.get(url) for _ in range(12)]
    assert [("<UCAPTITLE>" in one.text, one.status) for one in said] == [(True, 200)] * 10 + [(False, 200)] * 2
    site.tick = lambda: 6.5
    assert "<UCAPTITLE>" in browser.get(url).text


# ------------------------------------------------------------ gkmlpt, NFCMS


def config(text: str) -> dict:
    """SID and TREE of a page's configuration; the tree is cut by its brackets as a JSON decoder does."""
    sid = re.search(r"SID: '(\d+)'", text)[1]
    nodes, _ = json.JSONDecoder().raw_decode(text, re.search(r"TREE: ", text).end())
    return {"sid": sid, "tree": nodes}


def named(nodes: list[dict], name: str) -> dict:
    """The node of a name, wherever it stands."""
    every = [*nodes, *(child for node in nodes for child in node["children"])]
    every += [child for node in every for child in node["children"]]
    return next(node for node in every if node["name"] == name)


def api(browser: Browser, page, category: int, number: int, sid: str):
    """An answer of the interface."""
    base = page.url.partition("/index")[0]
    return browser.get(f"{base}/api/all/{category}?page={number}&sid={sid}")


def test_gkmlpt_rows_come_from_the_tree(gkmlpt) -> None:
    """The menu has no link to a category; page 0 is page 1, page 2 follows; the twin is a second address."""
    browser, found = Browser(gkmlpt), set()
    page = section(gkmlpt, "gkmlpt")
    assert not [url for text, url in page.links().items() if "年报" in text]
    held = config(page.text)
    total = 0
    for name in ("政府信息公开年报", "市县和所属单位年报"):
        node = named(held["tree"], name)
        answers = [json.loads(api(browser, page, node["id"], n, held["sid"]).text) for n in range(5)]
        assert answers[0] == answers[1] != answers[2]
        articles = [row for answer in answers[1:] for row in answer["articles"]]
        assert len(articles) == node["post_count"] == answers[0]["classify"]["post_count"]
        total += len(articles)
        found |= {row["url"] for row in articles}
    assert left_out(gkmlpt, "gkmlpt", found) == set()
    assert api(browser, page, node["id"], 1, "0").status == 404
    assert json.loads(api(browser, page, 0, 1, held["sid"]).text)["total"] == total


def test_gkmlpt_titles_and_texts_are_escaped(gkmlpt) -> None:
    """``%uXXXX`` in a title; the detail's text only in the configuration; the twin an ordinary page."""
    browser = Browser(gkmlpt)
    page = section(gkmlpt, "gkmlpt")
    held = config(page.text)
    every = [r for n in (1, 2, 3, 4) for r in json.loads(api(browser, page, 0, n, held["sid"]).text)["articles"]]
    titles = {report.url: report.title for report in gkmlpt.truth("gkmlpt").reports.values()}
    coded = [row for row in every if "%u" in row["title"]]
    assert coded
    for row in coded:
        assert re.sub(r"%u([0-9A-F]{4})", lambda m: chr(int(m[1], 16)), row["title"]) == titles[row["url"]]
    report = next(r for r in gkmlpt.truth("gkmlpt").reports.values() if r.form == "2021" and r.source == "page")
    row = next(row for row in every if row["url"] == report.url)
    text = browser.get(report.url).text
    content = re.search(r'content: ("(?:[^"\\]|\\.)*")', text)[1]
    assert "\\u003C" in content
    assert "<table" not in content
    expected = {e.raw for e in report.observations.values()}
    assert not expected <= set(figures(text.encode()))
    assert expected <= set(figures(json.loads(content).encode()))
    assert row["post_url"] in report.urls
    assert expected <= set(figures(browser.get(row["post_url"]).text.encode()))


def test_gkmlpt_node_leads_away(jump) -> None:
    """The node 年报 has an address instead of rows; the other category is whole on page 1, and 404 on page 2."""
    browser = Browser(jump)
    page = section(jump, "gkmlpt-jump")
    held = config(page.text)
    node = named(held["tree"], "政府信息公开年报")
    own = browser.get(node["jump_url"])
    found = listed(own)
    for href in own.tree.xpath("//div[@class='page']/a/@href"):
        found |= listed(browser.get(urljoin(own.url, href)))
    other = named(held["tree"], "市县和所属单位年报")
    first = json.loads(api(browser, page, other["id"], 1, held["sid"]).text)
    assert len(first["articles"]) == first["total"] > 10
    assert api(browser, page, other["id"], 2, held["sid"]).status == 404
    assert left_out(jump, "gkmlpt-jump", found | {row["url"] for row in first["articles"]}) == set()


def test_nfcms_page_two_is_two(nfcms) -> None:
    """``index_2.html`` is the second page; ``index_1.html`` is none."""
    browser, found = Browser(nfcms), set()
    for page in browser.columns("nfcms"):
        numbers = page.tree.xpath("//div[@class='page']/a/text()")
        pages = [page] + [browser.get(urljoin(page.url, f"index_{n}.html")) for n in numbers[1:]]
        assert len({frozenset(listed(one)) for one in pages}) == len(numbers) > 1
        assert browser.get(urljoin(page.url, "index_1.html")).status == 404
        assert browser.get(urljoin(page.url, f"index_{len(numbers) + 1}.html")).status == 404
        for one in pages:
            found |= listed(one)
    assert left_out(nfcms, "nfcms", found) == set()
    assert {re.search(r"/(m?post)_", url)[1] for url in found if "/content/" in url} == {"post", "mpost"}


# ------------------------------------------------------------ Lonsun


def test_lonsun_type_three_is_derived(lonsun) -> None:
    """No link has type 3; made from each organ's type 4 it lists by the label, with the page's own parameters."""
    browser, found = Browser(lonsun), set()
    page = section(lonsun, "lonsun")
    assert "type=3" not in page.text
    organs = [a.get("href") for a in page.tree.xpath("//ul[@class='organs']//a")]
    assert len(organs) == 4
    columns = [browser.get(urljoin(page.url, href.replace("type=4", "type=3"))) for href in organs]
    assert {column.url for column in columns} == set(lonsun.truth("lonsun").columns)
    for column in columns:
        said = query_of(re.search(r"params = \{(.*?)\};", column.text)[1])
        count = int(re.search(r"pageCount:(\d+)", column.text)[1])
        label = urljoin(column.url, "/site/label/8888")
        for number in range(1, count + 1):
            fragment = browser.post(label, said | {"pageIndex": number, "IsAjax": 1}).text
            query = "&".join(f"{k}={quote(v)}" for k, v in (said | {"pageIndex": str(number)}).items())
            assert browser.get(f"{label}?{query}").text == fragment
            found |= set(rows(column.url, fragment))
        for wrong in ({"pageIndex": count + 1}, {"file": "/xxgk/other"}, {"siteId": "1"}):
            assert "暂无相关信息" in browser.post(label, said | wrong).text
    assert left_out(lonsun, "lonsun", found) == set()
    files = [file.url for report in lonsun.truth("lonsun").reports.values() for file in report.attachments]
    assert all(re.search(r"/group6/M00/\w\w/\w\w/[\w-]{20}\.\w+$", url) for url in files)


# ------------------------------------------------------------ Epoint


def sent(country: Country, page, body: object) -> dict:
    """An answer of the interface to a JSON body."""
    connection = HTTPConnection("127.0.0.1", country.port, timeout=10)
    try:
        headers = {"Host": urlsplit(page.url).netloc, "Content-Type": "application/json"}
        connection.request("POST", "/EWB-FRONT/rest/lightfrontaction/getgovinfolist", json.dumps(body), headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def epoint_param(browser: Browser, page) -> dict:
    """The parameters that a page's script sends."""
    script = browser.get(urljoin(page.url, page.tree.xpath("//script[contains(@src,'Common')]/@src")[0])).text
    info = json.loads(re.search(r"siteInfo = (\{.*?\});", script)[1])
    said = dict(re.findall(r'(deptcode|categorynum):"(\d+)"', page.text))
    assert info["projectName"] == "/EWB-FRONT"
    return said | {"pageSize": 8, "siteGuid": info["siteGuid"]}


def test_epoint_from_zero_wrapped(epoint0) -> None:
    """Pages from 0, wrapped, ``custom`` a string; bare or with a wrong GUID there is nothing."""
    browser, found = Browser(epoint0), set()
    for page in browser.columns("epoint0"):
        assert "<?=el.link?>" in page.text
        param = epoint_param(browser, page)
        answers = [json.loads(sent(epoint0, page, {"params": param | {"pageIndex": n}})["custom"]) for n in range(4)]
        held = [row for answer in answers for row in answer["data"]]
        assert len(held) == answers[0]["total"] == epoint0.truth("epoint0").counts[page.url]
        found |= {urljoin(page.url, row["infourl"]) for row in held}
        for body in (param | {"pageIndex": 0}, {"params": param | {"siteGuid": "0"}}, [], None):
            assert json.loads(sent(epoint0, page, body)["custom"])["data"] == []
    assert left_out(epoint0, "epoint0", found) == set()


def test_epoint_from_one_bare(epoint1) -> None:
    """Pages from 1, bare, ``custom`` an object; page 0 is page 1; wrapped there is nothing."""
    browser, found = Browser(epoint1), set()
    for page in browser.columns("epoint1"):
        param = epoint_param(browser, page)
        answers = [sent(epoint1, page, param | {"pageIndex": n})["custom"] for n in range(5)]
        assert answers[0] == answers[1] != answers[2]
        held = [row for answer in answers[1:] for row in answer["data"]]
        assert len(held) == answers[0]["total"]
        assert {key for row in held for key in row} == {"infourl", "infodate", "title", "realtitle"}
        found |= {urljoin(page.url, row["infourl"]) for row in held}
        assert sent(epoint1, page, {"params": param | {"pageIndex": 1}})["custom"]["data"] == []
    assert left_out(epoint1, "epoint1", found) == set()


# ------------------------------------------------------------ VSB


def vsb_pages(browser: Browser, page) -> list:
    """A column's pages by their links, the first first."""
    found = [page]
    while following := found[-1].links("//a[@class='Next']"):
        found.append(browser.get(next(iter(following.values()))))
    return found


def test_vsb_counts_down_and_shifts(vsb) -> None:
    """Page 2 of N is N-1, the last 1; one report more gives another page, and every number other rows."""
    browser, found = Browser(vsb), set()
    own, others = browser.columns("vsb")
    before = {}
    for column in (own, others):
        pages = vsb_pages(browser, column)
        assert [page.url.rpartition("/")[2] for page in pages[1:]] == [f"{n}.htm" for n in range(len(pages) - 1, 0, -1)]
        held = [url for page in pages for url in page.links("//li[starts-with(@id,'line_u')]//a").values()]
        count = int(re.search(r"共(\d+)条", column.text)[1])
        assert len(held) == count == vsb.truth("vsb").counts[column.url]
        found |= set(held)
        before |= {page.url: listed(page) for page in pages}
    assert left_out(vsb, "vsb", found) == set()
    assert {"content.jsp?" in url for url in found if "/info/" in url or "content.jsp" in url} == {True, False}
    vsb.advance(days=300)
    new = vsb.publish("vsb")
    after = vsb_pages(browser, browser.get(own.url))
    assert len(after) == len(vsb_pages(browser, browser.get(own.url))) == 4
    assert new in listed(after[0])
    assert [listed(page) == before.get(page.url) for page in after] == [False] * 4


def test_vsb_twins_and_downloads(vsb) -> None:
    """Two addresses, one article; files without a type, their names in raw GBK; viewers for a lone PDF."""
    browser, truth = Browser(vsb), vsb.truth("vsb")
    report = next(r for r in truth.reports.values() if r.source == "page" and r.form == "2021")
    assert {"/info/" in url for url in report.urls} == {True, False}
    assert len({tuple(figures(browser.get(url).text.encode())) for url in report.urls}) == 1
    query = urlsplit(next(url for url in report.urls if "content.jsp" in url)).query.split("&")
    assert browser.get(urljoin(report.url, "/content.jsp?" + "&".join(reversed(query)))).status == 200
    files = [(f.url, f.name) for r in truth.reports.values() for f in r.attachments if "download.jsp" in f.url]
    assert files
    for url, name in files:
        said = browser.get(url)
        assert said.headers["Content-Type"] == "application/octet-stream"
        raw = said.headers["Content-Disposition"].partition("filename=")[2]
        assert raw.encode("latin-1").decode("gb18030") == name.removeprefix("附件：")
    lone = next(r for r in truth.reports.values() if "/__local/" in r.source)
    text = browser.get(lone.url).text
    assert f'showVsbpdfIframe("{urlsplit(lone.source).path}"' in text
    assert browser.get(lone.source).body.startswith(b"%PDF")
    assert any("vsb_pdf_image_data=" in browser.get(r.url).text for r in truth.reports.values() if r.attachments)


# ------------------------------------------------------------ ASP.NET


def form_of(page) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return {tag.get("name"): tag.get("value") for tag in page.tree.xpath("//form//input[@type='hidden']")}


def turned(browser: Browser, page, number: int, **changed: str):
    """The page that posting the form's state for a page gives."""
    target = {"__EVENTTARGET": "ctl00$main$gView", "__EVENTARGUMENT": f"Page${number}"}
    return browser.post(page.url, form_of(page) | target | changed)


def test_aspx_turns_by_state(aspx) -> None:
    """Each page's state leads to its neighbours; a wrong, foreign or old one, a jump, a search: page 1."""
    browser, found = Browser(aspx), set()
    own, others = browser.columns("aspx")
    for column in (own, others):
        pages = [column]
        count = int(re.search(r"第1/(\d+)页", column.text)[1])
        for number in range(2, count + 1):
            pages.append(turned(browser, pages[-1], number))
        assert len({frozenset(listed(page)) for page in pages}) == count > 1
        for page in pages:
            found |= listed(page)
    assert left_out(aspx, "aspx", found) == set()
    first = listed(own)
    foreign = {key: value for key, value in form_of(others).items() if not key.startswith("__EVENT")}
    for changed in ({"__VIEWSTATE": "x"}, foreign, {"__EVENTVALIDATION": ""}, {"btnSearch": "搜索"}):
        assert listed(turned(browser, own, 2, **changed)) == first
    assert listed(turned(browser, own, 3)) == first
    assert listed(turned(browser, own, 2)) != first
    aspx.publish("aspx")
    assert "第1/" in turned(browser, own, 2).text


def test_aspx_is_gb18030(aspx) -> None:
    """Header and head say gb2312, the bytes are GB18030."""
    said = Browser(aspx).get(aspx.home("aspx"))
    assert said.headers["Content-Type"] == "text/html; charset=gb2312"
    assert b'charset="gb2312"' in said.body
    with pytest.raises(UnicodeDecodeError):
        said.body.decode("utf-8")
    assert "政务公开" in said.body.decode("gb18030")


# ------------------------------------------------------------ the central portal


def test_govcn_counts_from_zero_and_gathers_by_year(govcn) -> None:
    """``home_0.htm`` is the directory itself; the feed has the same rows; a page for each year has the others'."""
    browser = Browser(govcn)
    own, others = browser.columns("govcn")
    last = int(re.search(r"nPageCount = (\d+); var nCurrIndex = 0", own.text)[1])
    assert listed(browser.get(urljoin(own.url, "home_0.htm"))) == listed(own)
    found = set().union(*(listed(browser.get(urljoin(own.url, f"home_{n}.htm"))) for n in range(last)))
    assert browser.get(urljoin(own.url, f"home_{last}.htm")).status == 404
    feed = browser.get(urljoin(own.url, re.search(r'feed="([^"]+)"', own.text)[1]))
    assert feed.body.startswith(b"\xef\xbb\xbf")
    assert {row["URL"] for row in json.loads(feed.body.decode("utf-8-sig"))} == found
    years = others.tree.xpath("//ul[@class='years']//a/@href")
    pages = [browser.get(urljoin(others.url, href)) for href in years]
    assert len(pages) >= 5
    for page in pages:
        found |= listed(page)
    assert left_out(govcn, "govcn", found) == set()


def test_govcn_says_it_in_its_own_way(govcn) -> None:
    """The code of a central body; the time of first publication in another form; the body in two elements."""
    page = Browser(govcn).get(next(r.url for r in govcn.truth("govcn").reports.values() if r.source == "page"))
    tags = {tag.get("name"): tag.get("content") for tag in page.tree.xpath("//meta[@name]")}
    assert re.fullmatch(r"bm\d{8}", tags["SiteIDCode"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d\d:\d\d:\d\d", tags["firstpublishedtime"])
    assert page.tree.xpath("//*[@id='UCAP-CONTENT']/*[contains(@class,'trs_editor_view')]")


@pytest.mark.parametrize("name", ["ucap-busy", "gkmlpt", "gkmlpt-jump", "vsb", "govcn"])
def test_events_on_peculiar_systems(name) -> None:
    """A silent edit, a withdrawal and a new report are seen by who reads the page's address."""
    with Country(seed=9, hosts=(name,)) as country:
        browser = Browser(country)
        edit = country.edit(name, to="98765")
        assert "98765" in re.sub(r"<[^>]+>|\\u003C.*?\\u003E", "", browser.get(edit.url).text)
        country.withdraw(edit.url, "410")
        assert browser.get(edit.url).status == 410
        country.restore(edit.url)
        country.advance(days=300)
        new = country.publish(name)
        assert browser.get(new).status == 200
        assert country.truth(name).reports[new].year == 2024
        assert tree(browser.get(new).text.encode()).xpath("//title")
