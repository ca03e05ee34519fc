"""The hosts whose subject is the way in, what stands before it, or what lies behind: each walked from where a visitor begins."""

from __future__ import annotations

import io
import re
import zipfile
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest

from crawler.simulator import Country, hosts
from crawler.simulator.hosts.walls import WALLS
from tests.simulator.country_web import Browser, Said, left_out
from tests.simulator.simulator_web import figures

ROWS = "//ul[@class='list']//a"
PECULIAR = tuple(hosts.peculiar())
CLOSED = ("robots-403", "robots-503", "robots-all", *sorted(WALLS))
OPEN = tuple(name for name in PECULIAR if name not in CLOSED)


@pytest.fixture
def opened():
    """Opens a country of one host; closes it after the test."""
    held: list[Country] = []

    def one(name: str) -> tuple[Country, Browser]:
        country = Country(seed=21, hosts=(name,))
        held.append(country.__enter__())
        return country, Browser(country)

    yield one
    for country in held:
        country.__exit__(None, None, None)


def pages(browser: Browser, first: Said) -> list[Said]:
    """A column's pages by their link 下一页."""
    found = [first]
    while following := found[-1].links("//a[@class='next']"):
        found.append(browser.get(next(iter(following.values()))))
    return found


def listed(browser: Browser, first: Said) -> set[str]:
    """Every row of a column."""
    return {urljoin(page.url, a.get("href")) for page in pages(browser, first) for a in page.tree.xpath(ROWS)}


def both(browser: Browser, country: Country, name: str) -> set[str]:
    """Every row of both columns of a portal with plain menus."""
    return {url for column in browser.columns(name) for url in listed(browser, column)}


# ------------------------------------------------------------ the contract


@pytest.mark.parametrize("name", OPEN)
def test_what_a_peculiar_host_holds(opened, name) -> None:
    """Thirty articles of four publishers and more, all forms, look-alikes, and every one of its pages answers."""
    country, browser = opened(name)
    if name == "wall-ct6t":
        browser.headers["Cookie"] = "CT6T=7f3a"
    truth = country.truth(name)
    assert len(truth.reports) + len(truth.look_alikes) >= 30
    assert len({report.publisher for report in truth.reports.values()}) >= 4
    assert {report.form for report in truth.reports.values()} == {"free", "2014", "2019", "2021", "mixed"}
    assert len(set(truth.look_alikes.values()) - {"news", "off-site"}) >= 8
    if name in {"wall-405", "ucap-busy"}:
        return
    for report in truth.reports.values():
        assert {browser.get(url).status for url in report.urls} == {200}
        assert {browser.get(file.url).status for file in report.attachments} <= {200}


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_host_shows_nothing_to_find(opened, name) -> None:
    """Its truth has no report and no look-alike, but says what is hidden and how often it may be asked."""
    country, browser = opened(name)
    truth = country.truth(name)
    assert (truth.reports, truth.look_alikes, truth.columns, truth.bundled) == ({}, {}, (), {})
    assert len(truth.hidden) >= 20
    assert truth.most == (1 if name in WALLS else 0)
    said = browser.get(truth.hidden[0])
    assert (said.status == 200 and "<table" in said.text) == (name not in WALLS)


def test_no_name_stands_twice() -> None:
    """A short name, a host name and an alias belong to one host each, and all stand together."""
    assert not set(hosts.known()) & set(hosts.peculiar())
    with Country(seed=9) as country:
        assert set(country.names) == {*hosts.known(), *hosts.peculiar()}
        aliases = [alias for host in {**hosts.known(), **hosts.peculiar()}.values() for alias in host.aliases]
        assert len(country.domains) == len(country.names) + len(aliases)


# ------------------------------------------------------------ ways in


def test_frames(opened) -> None:
    """The home page is in a frame, each list in another; the frames beside it lead nowhere."""
    country, browser = opened("frames")
    home = browser.get(country.home("frames"))
    assert home.links() == {}
    page = browser.get(urljoin(home.url, home.tree.xpath("//frame[@name='main']/@src")[0]))
    for entry in ("政务公开", "政府信息公开", "政府信息公开年报"):
        page = browser.get(page.links()[entry])
    found = set()
    for column in (page, browser.get(page.links()["市县和所属单位年报"])):
        assert listed(browser, column) == set()
        frames = column.tree.xpath("//iframe/@src")
        assert [browser.get(urljoin(column.url, src)).status for src in frames] == [404, 404, 200]
        found |= listed(browser, browser.get(urljoin(column.url, frames[-1])))
    assert left_out(country, "frames", found) == set()


def hop(browser: Browser, page: Said) -> Said:
    """One redirection by script or refresh."""
    script = r"""location(?:\.href\s*=\s*|\.replace\()['"]([^'"]+)|content="0;URL=([^"]+)"""
    target = re.search(script, page.text)
    return browser.get(urljoin(page.url, target[1] or target[2]))


def test_jump(opened) -> None:
    """A script, a program and a refresh, one after the other."""
    country, browser = opened("jump")
    home = hop(browser, browser.get(country.home("jump")))
    section = hop(browser, browser.get(browser.get(home.links()["政务公开"]).links()["政府信息公开"]))
    turn = browser.get(section.links()["政府信息公开年报"])
    assert turn.links() == {}
    own = hop(browser, turn)
    assert own.url in country.truth("jump").columns
    others = browser.get(own.links()["市县和所属单位年报"])
    assert left_out(country, "jump", listed(browser, own) | listed(browser, others)) == set()


def test_single_is_selected_by_its_query(opened) -> None:
    """One path; ``gk`` decides what it shows, in whatever place it stands."""
    country, browser = opened("single")
    own, others = browser.columns("single")
    assert {urlsplit(column.url).path for column in (own, others)} == {"/zfxxgkml/"}
    assert left_out(country, "single", listed(browser, own) | listed(browser, others)) == set()
    assert len(pages(browser, own)) > 1
    turned = browser.get(urljoin(own.url, "?page=2&gk=4"))
    assert turned.links(ROWS) == pages(browser, own)[1].links(ROWS)
    assert browser.get(urljoin(own.url, "?gk=1")).links(ROWS) == {}


def test_moved(opened) -> None:
    """Everything at the old name ends at the new home; the second name serves the same."""
    country, browser = opened("moved")
    old = browser.get(country.home("moved"))
    deep = browser.get(urljoin(old.url, "/zwgk/2019/1.html"))
    assert urlsplit(old.url).hostname == "old-moved.gov.test"
    assert [(one.status, one.headers["Location"]) for one in (old, deep)] == [
        (301, f"http://www.moved.gov.test:{country.port}/")
    ] * 2
    assert left_out(country, "moved", both_from(browser, browser.follow(old.url))) == set()
    url = next(r.url for r in country.truth("moved").reports.values() if r.source == "page")
    alias = url.replace("www.moved", "zw.moved")
    assert figures(browser.get(alias).text.encode()) == figures(browser.get(url).text.encode()) != []
    country.break_(urljoin(old.url, "/*"), "down")
    with pytest.raises(RemoteDisconnected):
        browser.get(old.url)
    assert browser.get(url).status == 200


def both_from(browser: Browser, page: Said) -> set[str]:
    """Every row of both columns, from a home page on."""
    for entry in ("政务公开", "政府信息公开", "政府信息公开年报"):
        page = browser.get(page.links()[entry])
    return listed(browser, page) | listed(browser, browser.get(page.links()["市县和所属单位年报"]))


def test_www(opened) -> None:
    """The bare name keeps the path; the truth stands at the one with www."""
    country, browser = opened("www")
    assert country.home("www") == f"http://zhengwu.gov.test:{country.port}/"
    said = browser.get(urljoin(country.home("www"), "/a/b?c=1"))
    assert (said.status, said.headers["Location"]) == (301, f"http://www.zhengwu.gov.test:{country.port}/a/b?c=1")
    assert left_out(country, "www", both_from(browser, browser.follow(country.home("www")))) == set()


def test_menu(opened) -> None:
    """An image's ``alt``, a broken name, rows that a script opens; what stands in comments is dead."""
    country, browser = opened("menu")
    home = browser.get(country.home("menu"))
    assert "政府信息公开" not in home.links()
    (image,) = home.tree.xpath("//a[img/@alt='政府信息公开']/@href")
    section = browser.get(urljoin(home.url, image))
    assert "政府信息<br>公开年报" in section.text
    own = browser.get(section.links()["政府信息公开年报"])
    found = set()
    for column in (own, browser.get(own.links()["市县和所属单位年报"])):
        for page in pages(browser, column):
            assert {urlsplit(url).scheme for url in page.links(ROWS).values()} == {"javascript"}
            calls = page.tree.xpath("//ul[@class='list']//a/@onclick")
            found |= {urljoin(page.url, re.search(r"\('([^']+)'\)", call)[1]) for call in calls}
    assert left_out(country, "menu", found) == set()
    dead = re.findall(r'<!--.*?href="([^"]+)".*?-->', home.text)
    assert [browser.get(urljoin(home.url, href)).status for href in dead] == [404]


def reached(browser: Browser, start: str) -> set[str]:
    """Every address of the host that links lead to."""
    seen, waiting = set(), {start}
    while waiting:
        page = browser.get(waiting.pop())
        seen.add(page.url)
        if page.status == 200 and "<html" in page.text[:80]:
            own = {url for url in page.links().values() if urlsplit(url).netloc == urlsplit(start).netloc}
            waiting |= own - seen
    return seen


def test_search_only(opened) -> None:
    """Links reach no report; the form's search finds each one, with look-alikes among them."""
    country, browser = opened("search-only")
    truth = country.truth("search-only")
    known = {url for report in truth.reports.values() for url in report.urls}
    assert not reached(browser, country.home("search-only")) & known
    home = browser.get(country.home("search-only"))
    (form,) = home.tree.xpath("//form")
    assert (form.get("action"), form.xpath(".//input[@type='text']/@name")) == ("/search.html", ["q"])
    page = browser.get(urljoin(home.url, "/search.html?q=" + quote("政府信息公开工作年度报告")))
    total, found = int(re.search(r"结果约(\d+)个", page.text)[1]), []
    while True:
        found += page.tree.xpath("//div[@class='result']//a/@href")
        following = page.links("//div[@class='pager']/a")
        if not following:
            break
        page = browser.get(
            next(iter(following.values())).replace("政府信息公开工作年度报告", quote("政府信息公开工作年度报告"))
        )
    assert len(found) == total
    assert left_out(country, "search-only", {urljoin(home.url, href) for href in found}) == set()
    assert "结果约0个" in browser.get(urljoin(home.url, "/search.html?q=" + quote("年报"))).text


def test_sitemap_only(opened) -> None:
    """Links reach no report; the sitemap names the columns."""
    country, browser = opened("sitemap-only")
    truth = country.truth("sitemap-only")
    known = {url for report in truth.reports.values() for url in report.urls}
    assert not reached(browser, country.home("sitemap-only")) & {*known, *truth.columns}
    text = browser.get(urljoin(country.home("sitemap-only"), "/sitemap.xml")).text
    named = set(re.findall(r"<loc>([^<]+)</loc>", text))
    assert set(truth.columns) < named
    found = {url for column in truth.columns for url in listed(browser, browser.get(column))}
    assert left_out(country, "sitemap-only", found) == set()
    article = browser.get(next(r.url for r in truth.reports.values() if r.source == "page"))
    assert not set(article.links().values()) & set(truth.columns)


# ------------------------------------------------------------ robots.txt


def test_robots_of_every_kind(opened) -> None:
    """All refused; out of order; forbidden; a page in its place."""
    said = {}
    for name in ("robots-all", "robots-503", "robots-403", "robots-html"):
        country, browser = opened(name)
        said[name] = browser.get(urljoin(country.home(name), "/robots.txt"))
    assert "Disallow: /\n" in said["robots-all"].text
    assert [said[name].status for name in said] == [200, 503, 403, 200]
    assert said["robots-html"].headers["Content-Type"].startswith("text/html")
    assert said["robots-html"].text.startswith("<!DOCTYPE html>")


# ------------------------------------------------------------ what never is missing, what lies


@pytest.mark.parametrize(("name", "says"), [("soft", "您访问的页面不存在"), ("soft-home", "门户网站，提供")])
def test_nothing_is_missing(opened, name, says) -> None:
    """An unknown address, a dead menu entry and a withdrawn article answer 200 and the same."""
    country, browser = opened(name)
    assert left_out(country, name, both(browser, country, name)) == set()
    dead = browser.annual(name).links()["历年年报"]
    url = next(iter(country.truth(name).reports))
    country.withdraw(url, "404")
    for address in (urljoin(url, "/nowhere/1.html"), dead, url):
        said = browser.get(address)
        assert (said.status, says in said.text) == (200, True)


def test_gbk_under_a_false_label(opened) -> None:
    """Every page: the header says UTF-8, the bytes are not; rare characters survive in GB18030."""
    country, browser = opened("gbk")
    found = both(browser, country, "gbk")
    assert left_out(country, "gbk", found) == set()
    report = next(r for r in country.truth("gbk").reports.values() if r.source == "page")
    for url in (country.home("gbk"), report.url):
        said = browser.get(url)
        assert "utf-8" in said.headers["Content-Type"]
        with pytest.raises(UnicodeDecodeError):
            said.body.decode("utf-8")
    assert "䶮堃喆" in said.body.decode("gb18030")


def test_two_sites(opened) -> None:
    """Reports under the owner's old name; another body's in the owner's column, whose name only its text has."""
    country, browser = opened("two-sites")
    truth = country.truth("two-sites")
    assert left_out(country, "two-sites", both(browser, country, "two-sites")) == set()
    who = country.site("two-sites").who
    names = {r.publisher for r in truth.reports.values() if r.publisher.startswith(who.owner.name[:-1])}
    assert names == {who.owner.name, who.owner.name[:-1] + "局"}
    for report in truth.reports.values():
        if report.publisher == who.owner.name[:-1] + "局" and report.source == "page":
            text = browser.get(report.url).tree.xpath("//div[@class='content']")[0].text_content()
            assert report.publisher in text
            assert who.owner.name not in text
    own = listed(browser, browser.annual("two-sites"))
    guest = next(r for url, r in truth.reports.items() if url in own and r.publisher == who.others[2].name)
    page = browser.get(guest.url)
    assert guest.publisher not in guest.title
    assert page.tree.xpath("//meta[@name='ContentSource']/@content") == [who.site]
    assert guest.publisher in page.tree.xpath("//div[@class='content']")[0].text_content()


def test_mirror(opened) -> None:
    """The clone stands outside, would answer, and is tainted; the portal links three of its pages."""
    country, browser = opened("mirror")
    truth = country.truth("mirror")
    found = both(browser, country, "mirror")
    assert left_out(country, "mirror", found) == set()
    rows = {url for url, kind in truth.look_alikes.items() if kind == "mirror"}
    assert len(rows) == 3
    assert rows <= found
    for url in rows:
        assert urlsplit(url).netloc == f"www.yunjing-gongkai.test:{country.port}"
        real = url.replace("www.yunjing-gongkai.test", "www.mirror.gov.test")
        said = browser.get(url)
        assert any(real in report.urls for report in truth.reports.values())
        assert "公(gong)開" in said.text
        assert f'name="SiteDomain" content="www.yunjing-gongkai.test:{country.port}"' in said.text
        assert "mirror.gov.test" not in said.text
        cells = [figures(page.text.encode()) for page in (said, browser.get(real))]
        assert [c for c in cells[0] if c.isdigit()] == [c for c in cells[1] if c.isdigit()]


# ------------------------------------------------------------ files


def head(country: Country, url: str) -> int:
    """The status of a HEAD request."""
    connection = HTTPConnection("127.0.0.1", country.port, timeout=10)
    try:
        connection.request("HEAD", urlsplit(url).path, headers={"Host": urlsplit(url).netloc})
        return connection.getresponse().status
    finally:
        connection.close()


def test_odd_files(opened) -> None:
    """RTF under ``.doc``, nothing under ``.pdf``, a page under ``.pdf``, wrong types, no HEAD."""
    country, browser = opened("odd-files")
    assert left_out(country, "odd-files", both(browser, country, "odd-files")) == set()
    reports = country.truth("odd-files").reports.values()
    files = {f.url: browser.get(f.url) for r in reports for f in r.attachments}
    files |= {r.source: browser.get(r.source) for r in reports if r.source not in {"page", *files}}
    assert {head(country, url) for url in files} == {405}
    starts = {url: said.body[:5] for url, said in files.items()}
    assert {start for url, start in starts.items() if url.endswith(".pdf")} == {b"%PDF-", b"", b"<html"}
    (rtf,) = (url for url in starts if url.endswith(".doc"))
    assert starts[rtf] == b"{\\rtf"
    types = {said.headers["Content-Type"] for url, said in files.items() if starts[url] == b"%PDF-"}
    assert types == {"text/html"}
    for report in reports:
        for file in report.attachments:
            assert (file.observations == {}) == (starts[file.url] in {b"", b"<html"} or not report.observations)
    report = next(r for r in reports if any(f.url == rtf for f in r.attachments))
    cells = re.findall(r"\\pard\\intbl (.*?)\\cell", files[rtf].body.decode("ascii"))
    texts = {re.sub(r"\\u(-?\d+)\?", lambda m: chr(int(m[1]) % 65536), cell) for cell in cells}
    assert {e.raw for e in report.observations.values()} <= texts
    assert "{" not in "".join(texts)


def test_viewer(opened) -> None:
    """Five ways to show a lone PDF; the page links it nowhere else."""
    country, browser = opened("viewer")
    assert left_out(country, "viewer", both(browser, country, "viewer")) == set()
    ways = set()
    for report in country.truth("viewer").reports.values():
        if not report.source.endswith(".pdf") or report.source == report.url:
            continue
        page, path = browser.get(report.url), urlsplit(report.source).path
        assert report.source not in page.links().values()
        places = page.tree.xpath("//iframe/@src | //embed/@src | //object/@data | //*[@id='pdfshow']/@data-value")
        assert [unquote(place).removeprefix("/pdfjs/web/viewer.html?file=") for place in places] == [path]
        ways |= {(tag.tag, "viewer" in (tag.get("src") or "")) for tag in page.tree.xpath("//iframe|//embed|//object")}
        ways |= {"pdfshow" for _ in page.tree.xpath("//*[@id='pdfshow']")}
        assert browser.get(report.source).body.startswith(b"%PDF")
    assert ways == {("iframe", True), ("iframe", False), ("embed", False), ("object", False), "pdfshow"}


def test_bundle(opened) -> None:
    """A container page with a zip whose names are GBK without the flag; the same bytes at each load."""
    country, browser = opened("bundle")
    truth = country.truth("bundle")
    assert left_out(country, "bundle", both(browser, country, "bundle")) == set()
    (page,) = (url for url, kind in truth.look_alikes.items() if kind == "container")
    (url,) = {report.archive for report in truth.bundled.values()}
    assert url in browser.get(page).links().values()
    said = browser.get(url)
    assert said.body == browser.get(url).body
    with zipfile.ZipFile(io.BytesIO(said.body)) as file:
        assert file.testzip() is None
        assert not any(info.flag_bits & 0x800 for info in file.infolist())
        names = {info.filename.encode("cp437").decode("gb18030"): info for info in file.infolist()}
        assert {f"{url}#{name}" for name in names if name.endswith(".docx")} == set(truth.bundled)
        for key, report in truth.bundled.items():
            document = zipfile.ZipFile(io.BytesIO(file.read(names[key.partition("#")[2]])))
            text = document.read("word/document.xml").decode()
            assert report.publisher in text
            assert all(e.raw in text for e in report.observations.values())
    assert len({report.publisher for report in truth.bundled.values()}) == 8
    country.withdraw(page)
    assert browser.get(url).status == 404
    assert country.truth("bundle").bundled == {}


# ------------------------------------------------------------ walls


@pytest.mark.parametrize(
    ("name", "status", "sign"),
    [
        ("wall-412", 412, "$_ts"),
        ("wall-521", 521, "__jsl_clearance"),
        ("wall-c3vk", 200, "C3VK="),
        ("wall-edge", 200, "EO_Bot_Ssid"),
        ("wall-slider", 200, "拖动滑块"),
        ("wall-captcha", 200, "codeValue"),
    ],
)
def test_walls_say_the_same_to_everything(opened, name, status, sign) -> None:
    """Whatever is asked; robots.txt is not there."""
    country, browser = opened(name)
    for path in ("/", "/sitemap.xml", urlsplit(country.truth(name).hidden[0]).path):
        said = browser.get(urljoin(country.home(name), path))
        assert (said.status, sign in said.text) == (status, True)
    assert browser.get(urljoin(country.home(name), "/robots.txt")).status == 404


def test_wall_405_after_twenty_pages(opened) -> None:
    """Twenty pages, then 405; robots.txt does not count."""
    country, browser = opened("wall-405")
    home = country.home("wall-405")
    browser.get(urljoin(home, "/robots.txt"))
    assert [browser.get(home).status for _ in range(22)] == [200] * 20 + [405] * 2
    assert country.truth("wall-405").most == 21


def test_wall_of_cookies(opened) -> None:
    """Without a jar a loop; with the cookie everything."""
    country, browser = opened("wall-ct6t")
    home = browser.get(country.home("wall-ct6t"))
    assert (home.status, home.headers["Location"]) == (302, "/")
    assert browser.follow(home.url, hops=5).status == 302
    browser.headers["Cookie"] = "CT6T=7f3a"
    assert left_out(country, "wall-ct6t", both(browser, country, "wall-ct6t")) == set()
