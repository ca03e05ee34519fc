"""The simulated country: many hosts behind one server, each of its own seed, with faults, events and manners of its own."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from crawler.simulator import Country, hosts
from tests.simulator.country_web import Browser
from tests.simulator.simulator_web import figures

EVERY = tuple(hosts.known())


@pytest.fixture
def two():
    """A country of two hosts."""
    with Country(seed=5, hosts=("trs", "jpaas")) as country:
        yield country


@pytest.fixture(scope="module")
def all_of_it():
    """Every host at once."""
    with Country(seed=9) as country:
        yield country


def patient(browser: Browser, url: str):
    """What stands at an address, asked again after a 429."""
    said = browser.follow(url)
    return browser.follow(url) if said.status == 429 else said


def told(country: Country, name: str) -> str:
    """A host's truth without its port."""
    return re.sub(rf":{country.port}\b", "", repr(country.truth(name)))


# ------------------------------------------------------------ one server


def test_hosts_are_told_apart_by_their_name(two) -> None:
    """Each name answers with its own portal, an address with the first, a strange name with 404."""
    browser = Browser(two)
    for name in two.names:
        (site,) = browser.get(two.home(name)).tree.xpath("//meta[@name='SiteDomain']/@content")
        assert site == urlsplit(two.home(name)).netloc
    first = browser.get(two.url).tree.xpath("//meta[@name='SiteDomain']/@content")
    assert first == [urlsplit(two.home("trs")).netloc]
    assert browser.get(f"http://strange.gov.test:{two.port}/").status == 404


def test_a_host_does_not_depend_on_its_neighbours(two) -> None:
    """Alone, among others, and asked before or after them, a host shows the same; another seed shows another."""
    with Country(seed=5, hosts=("jpaas",)) as alone, Country(seed=6, hosts=("jpaas",)) as other:
        Browser(two).get(two.home("trs"))
        assert told(alone, "jpaas") == told(two, "jpaas")
        assert told(other, "jpaas") != told(two, "jpaas")
        pages = [Browser(c).annual("jpaas").text.replace(str(c.port), "") for c in (alone, two)]
        assert pages[0] == pages[1]


def test_hosts_differ_under_one_seed(all_of_it) -> None:
    """Each host draws its own bodies."""
    names = [all_of_it.site(name).who.owner.name for name in EVERY]
    assert len(set(names)) > len(names) // 2


def test_an_unknown_host_is_refused() -> None:
    """A misspelt name is an error that names the known ones."""
    with pytest.raises(ValueError, match=r"jpass.*known are trs"):
        Country(hosts=("jpass",))


# ------------------------------------------------------------ every host keeps the contract


@pytest.mark.parametrize("name", EVERY)
def test_what_a_host_holds(all_of_it, name) -> None:
    """Thirty articles and more: four publishers, all forms, eight classes of look-alikes, news, a row off the site."""
    truth = all_of_it.truth(name)
    reports = truth.reports.values()
    assert len(truth.reports) + len(truth.look_alikes) >= 30
    assert len({report.publisher for report in reports}) == 4
    assert {report.form for report in reports} == {"free", "2014", "2019", "2021", "mixed"}
    classes = list(truth.look_alikes.values())
    assert len(set(classes) - {"news", "off-site"}) >= 8
    assert classes.count("news") >= 2
    assert classes.count("off-site") == 1


@pytest.mark.parametrize("name", EVERY)
def test_every_address_answers_with_its_truth(all_of_it, name) -> None:
    """Every report's page prints its figures at every address, and every file is there."""
    browser = Browser(all_of_it)
    for report in all_of_it.truth(name).reports.values():
        for url in report.urls:
            said = patient(browser, url)
            assert said.status == 200, url
            if report.source == "page":
                cells = set(figures(said.text.encode()))
                assert {e.raw for code, e in report.observations.items() if not code.startswith("local:")} <= cells
        for file in report.attachments:
            assert file.urls[0] == file.url
            said = [patient(browser, url) for url in file.urls]
            assert {(one.status, one.headers["Content-Type"]) for one in said} == {(200, file.media_type)}
            assert {one.body for one in said} == {said[0].body}
            assert said[0].body[:4] in {b"%PDF", b"PK\x03\x04", b"<htm"}


@pytest.mark.parametrize("name", EVERY)
def test_look_alikes_answer(all_of_it, name) -> None:
    """A look-alike on the site is a page (or a file) like any other."""
    browser = Browser(all_of_it)
    own = urlsplit(all_of_it.home(name)).netloc
    here = [url for url in all_of_it.truth(name).look_alikes if urlsplit(url).netloc == own]
    assert len(here) >= 10
    assert [url for url in here if browser.follow(url).status != 200] == []


@pytest.mark.parametrize("name", EVERY)
def test_home_page_says_who_it_is(all_of_it, name) -> None:
    """The national tags stand on the home page, the code in the footer, too."""
    page = Browser(all_of_it).follow(all_of_it.home(name))
    tags = {tag.get("name"): tag.get("content") for tag in page.tree.xpath("//meta[@name]")}
    assert tags["SiteName"] == all_of_it.site(name).who.site
    assert re.fullmatch(r"\d{10}", tags["SiteIDCode"])
    assert f"网站标识码：{tags['SiteIDCode']}" in page.text


@pytest.mark.parametrize("name", EVERY)
def test_noise_changes_at_every_load(all_of_it, name) -> None:
    """The bytes of a page differ at each load; what it says does not."""
    browser = Browser(all_of_it)
    reports = all_of_it.truth(name).reports.values()
    url = next(report.url for report in reports if report.source == "page" and report.form == "2021")
    first, second = browser.follow(url), browser.follow(url)
    assert first.body != second.body
    assert figures(first.text.encode()) == figures(second.text.encode())


# ------------------------------------------------------------ events


@pytest.mark.parametrize("name", EVERY)
def test_a_silent_edit(name) -> None:
    """One figure changes on its page; the truth follows."""
    with Country(seed=9, hosts=(name,)) as country:
        edit = country.edit(name, to="98765")
        report = next(r for r in country.truth(name).reports.values() if edit.url in r.urls)
        assert report.observations[edit.what].raw == "98765"
        assert "98765" in figures(Browser(country).follow(edit.url).text.encode())


@pytest.mark.parametrize("name", EVERY)
def test_withdrawn_brought_back_published_again(name) -> None:
    """A withdrawn page answers as it should at all its addresses, and comes back; a new number is a new page."""
    with Country(seed=9, hosts=(name,)) as country:
        browser = Browser(country)
        report = next(r for r in country.truth(name).reports.values() if r.source == "page" and len(r.publisher) > 4)
        for how, status in (("404", 404), ("410", 410), ("soft", 200)):
            country.withdraw(report.url, how)
            said = browser.follow(report.url)
            assert said.status == status
            assert "已删除" in said.text or status != 200
        country.restore(report.url)
        assert "已删除" not in browser.follow(report.url).text
        new = country.republish(report.url)
        assert browser.follow(new).status == 200
        assert new == report.url or browser.follow(report.url).status == 404


@pytest.mark.parametrize("name", EVERY)
def test_a_new_year_is_published(name) -> None:
    """The owner's next report stands in the truth and answers."""
    with Country(seed=9, hosts=(name,)) as country:
        country.advance(days=300)
        url = country.publish(name)
        report = country.truth(name).reports[url]
        assert report.year == 2024
        assert Browser(country).follow(url).status == 200


# ------------------------------------------------------------ faults, robots, log


def test_faults_strike_one_host(two) -> None:
    """A broken host leaves its neighbour alone; a path with a star strikes all; mending ends both."""
    browser = Browser(two)
    two.break_("jpaas", "412")
    assert [browser.get(two.home(name)).status for name in two.names] == [200, 412]
    two.mend("jpaas")
    two.break_("/login*", "503")
    assert [browser.get(two.home(name) + "login.jsp").status for name in two.names] == [503, 503]
    two.mend()
    assert [browser.get(two.home(name)).status for name in two.names] == [200, 200]


def test_a_fault_on_one_address_with_its_query(two) -> None:
    """An address is broken with its query, the same path with another query is not; it heals after its count."""
    browser = Browser(two)
    base = two.home("jpaas") + "api-gateway/jpaas-publish-server/front/page/build/unit"
    two.break_(f"{base}?a=1", "500", times=1)
    assert [browser.get(f"{base}?a={a}").status for a in (2, 1, 1)] == [200, 500, 200]


def test_a_fault_that_is_none_or_nowhere(two) -> None:
    """A misspelt fault or host is an error."""
    with pytest.raises(ValueError, match="no such fault"):
        two.break_("jpaas", "413")
    with pytest.raises(ValueError, match="no such host"):
        two.break_("http://elsewhere.gov.test/", "412")


def test_robots_by_host(two) -> None:
    """One host's robots.txt changes, the other's does not."""
    two.robots("jpaas", "User-agent: *\nDisallow: /\n")
    said = {name: Browser(two).get(two.home(name) + "robots.txt").text for name in two.names}
    assert said["jpaas"].endswith("Disallow: /\n")
    assert "/login.jsp" in said["trs"]
    two.robots("jpaas", "", status=503)
    assert Browser(two).get(two.home("jpaas") + "robots.txt").status == 503


def test_the_log_keeps_what_was_asked(two) -> None:
    """Method, host, path with its query, status, and the digest of what was posted."""
    browser = Browser(two)
    browser.get(two.home("jpaas") + "x?y=1")
    browser.post(two.home("trs") + "z", {"a": "1"})
    first, second = two.log
    assert (first.method, first.path, first.status, first.digest) == ("GET", "/x?y=1", 404, None)
    assert (second.method, second.status, second.digest) == ("POST", 405, hashlib.sha256(b"a=1").hexdigest())
    assert [entry.path for entry in two.asked("jpaas")] == ["/x?y=1"]


def test_one_clock_for_all(two) -> None:
    """Time passes on every host at once."""
    two.advance(days=265)
    for name in two.names:
        assert "今天是2024年12月31日" in Browser(two).get(two.home(name)).text


def test_the_command_serves_a_country() -> None:
    """``--hosts`` names the portals; their home pages are printed."""
    command = [sys.executable, "-m", "crawler.simulator", "--seed", "5", "--hosts", "trs,uuid"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            homes = [server.stdout.readline().strip() for _ in range(2)]
        finally:
            server.terminate()
    assert [urlsplit(home).hostname for home in homes] == ["www.trs.gov.test", "www.uuid.gov.test"]
