"""The simulated world: deterministic, true to its own truth, noisy without news, and changeable over time."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest

import crawler.simulator
from crawler.simulator import Simulator
from crawler.simulator.stock import LOOK_ALIKES
from tests.simulator.simulator_web import figures, get, tree


@pytest.fixture
def world():
    """A portal."""
    with Simulator(seed=11) as simulated:
        yield simulated


def plain(world: Simulator, report) -> dict:
    """A report's truth without its port."""
    return {
        name: str(value).replace(world.url, "/")
        for name in report.__slots__
        if (value := getattr(report, name)) is not None
    }


def told(seed: int) -> list[dict]:
    """The truth of a fresh portal."""
    with Simulator(seed=seed) as world:
        return [plain(world, report) for report in world.truth().reports.values()]


def substance(body: bytes) -> str:
    """The text of an article's area, in any layout."""
    found = tree(body).xpath("//*[contains(@class,'TRS_Editor') or contains(@class,'TRS_UEDITOR')]")
    return max(("".join(area.itertext()) for area in found), key=len)


def test_same_seed_same_portal():
    """A seed gives the same bodies, figures and addresses again; another seed gives others."""
    assert told(3) == told(3)
    assert told(3) != told(4)


def test_what_a_portal_holds(world):
    """Ten years of the owner, some of three others, all eras of forms, every way of publishing, every look-alike."""
    truth = world.truth()
    reports = list(truth.reports.values())
    assert len({report.publisher for report in reports}) == 4
    assert sorted(r.year for r in reports if r.publisher == reports[0].publisher) == list(range(2014, 2024))
    assert {report.form for report in reports} == {"free", "2014", "2019", "2021", "mixed"}
    assert {a.media_type.rpartition("/")[2][:7] for r in reports for a in r.attachments} == {"pdf", "msword", "vnd.ope"}
    assert {kind for kind, _, _ in LOOK_ALIKES} | {"news", "off-site"} == set(truth.look_alikes.values())
    assert any(len(report.urls) == 2 for report in reports)
    assert any(report.url.endswith("_zzb.html") for report in reports)
    assert any(report.url.endswith(".pdf") for report in reports)
    assert 40 <= len(reports) + len(truth.look_alikes) + sum(len(r.attachments) for r in reports) <= 120
    assert truth.as_dict()["reports"]


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_pages_print_their_truth(seed):
    """Every figure of the truth stands in the page's tables, in the order of the truth, blanks included."""
    with Simulator(seed=seed) as world:
        for report in world.truth().reports.values():
            if report.source != "page" or not report.observations:
                continue
            cells = iter(figures(get(report.url)[2]))
            for code, expected in report.observations.items():
                assert expected.raw in cells, (report.title, code)


def test_second_address_is_the_same_article(world):
    """An article that stands in two columns says the same in both."""
    report = next(r for r in world.truth().reports.values() if len(r.urls) == 2)
    first, second = (substance(get(url)[2]) for url in report.urls)
    assert first == second


def test_gbk_under_a_utf8_label(world):
    """One page's bytes are GBK though its header and its meta say UTF-8."""
    bodies = {url: get(url) for url in world.truth().reports if url.endswith("html")}
    wrong = []
    for url, (_, headers, body) in bodies.items():
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            wrong.append(url)
    assert len(wrong) == 1
    assert "年" in substance(bodies[wrong[0]][2])


def test_noise_is_not_news(world):
    """Two loads differ, their substance does not."""
    for report in list(world.truth().reports.values())[:6]:
        first, second = get(report.url)[2], get(report.url)[2]
        assert first != second
        if report.url.endswith("html"):
            assert substance(first) == substance(second)


def test_files_do_not_change_by_themselves(world):
    """A file's bytes are the same at every load."""
    for report in world.truth().reports.values():
        for file in report.attachments:
            assert get(file.url)[2] == get(file.url)[2]


def test_a_figure_is_edited_in_silence(world):
    """One cell changes on the page and in the truth; nothing else, no new date, no new address."""
    url = next(r.url for r in world.truth().reports.values() if r.source == "page" and r.form == "2021")
    before, old = world.truth().reports[url], figures(get(url)[2])
    edit = world.edit(url)
    after, new = world.truth().reports[url], figures(get(url)[2])
    assert [(a, b) for a, b in zip(old, new, strict=True) if a != b] == [(edit.before, edit.after)]
    changed = {code for code, value in after.observations.items() if value != before.observations[code]}
    assert changed == {edit.what}
    assert (before.published, before.title) == (after.published, after.title)


def test_a_given_figure_is_edited(world):
    """A test can say which figure becomes what, and in which part."""
    report = next(
        r for r in world.truth().reports.values() if r.attachments and r.source == "page" and r.form != "2014"
    )
    edit = world.edit(report.url, indicator="review.total", to="", part="attachment")
    after = world.truth().reports[report.url]
    assert (edit.what, edit.after) == ("review.total", "")
    assert after.attachments[0].observations["review.total"].status == "blank"
    assert after.observations == report.observations


def test_a_sentence_is_edited(world):
    """One sentence of the text changes, no figure does."""
    edit = world.edit(sentence=True)
    text = substance(get(edit.url)[2])
    assert "并已按期完成整改" in text
    given = world.edit(edit.url, sentence=("并已按期完成整改", "并已全部完成整改"))
    assert given.after in substance(get(edit.url)[2])


@pytest.mark.parametrize(("how", "status"), [("404", 404), ("410", 410), ("soft", 200)])
def test_withdrawn_and_brought_back(world, how, status):
    """A withdrawn report is gone with its files and leaves the listing; it comes back as it was."""
    report = next(r for r in world.truth().reports.values() if r.attachments)
    name = report.url.rpartition("/")[2]
    listing = b"".join(get(f"{column}{page}")[2] for column in world.columns() for page in ("", "index_1.html"))
    world.withdraw(report.url, how)
    assert get(report.url)[0] == get(report.attachments[0].url)[0] == status
    assert (how == "soft") == ("不存在".encode() in get(report.url)[2])
    assert world.truth().reports[report.url].state == how
    now = b"".join(get(f"{column}{page}")[2] for column in world.columns() for page in ("", "index_1.html"))
    assert now.count(name.encode()) < listing.count(name.encode()) or name.encode() not in listing
    world.restore(report.url)
    assert get(report.url)[0] == 200
    assert world.truth().reports[report.url].state == "live"


def test_republished_under_a_new_number(world):
    """The same substance under a new id; the old address is gone."""
    report = next(r for r in world.truth().reports.values() if r.source == "page" and r.form == "2019")
    before = substance(get(report.url)[2])
    world.advance(days=3)
    fresh = world.republish(report.url)
    assert fresh != report.url
    assert get(report.url)[0] == 404
    assert substance(get(fresh)[2]) == before
    assert world.truth().reports[fresh].observations == report.observations


def test_a_new_year_is_published(world):
    """The next report follows on the year before, stands first in its column, and dates from now."""
    world.advance(days=300)
    url = world.publish()
    report = world.truth().reports[url]
    assert report.year == 2024
    assert report.published == f"{world.clock:%Y-%m-%d}"
    assert url.rpartition("/")[2].encode() in get(world.columns()[0])[2]
    last = next(r for r in world.truth().reports.values() if r.year == 2023 and r.publisher == report.publisher)
    carried = last.observations["applications.carried_out.natural_person"].value
    assert report.observations["applications.carried_in.natural_person"].value == carried


def test_another_publishers_report_can_be_published(world):
    """Any publisher's next report, of any year."""
    name = next(r.publisher for r in world.truth().reports.values() if "县" in r.publisher)
    url = world.publish(2025, name)
    assert (world.truth().reports[url].publisher, world.truth().reports[url].year) == (name, 2025)


def test_a_redesign_keeps_the_substance(world):
    """Other containers and classes, the same text."""
    url = next(r.url for r in world.truth().reports.values() if r.source == "page" and r.form == "2021")
    looks = []
    for _ in range(3):
        body = get(url)[2]
        looks.append((substance(body), tuple(tree(body).xpath("//div/@class"))))
        world.redesign()
    assert len({text for text, _ in looks}) == 1
    assert len({classes for _, classes in looks}) == 3


def test_paging_only_in_scripts(world):
    """The table's column says its pages in a call and answers a refresh past the end; the list's in a loop, and 404."""
    table, plain_list = world.columns()
    first = get(table)[2].decode()
    pages = int(re.search(r'createPageHTML\((\d+), 0, "index", "html"\)', first)[1])
    assert pages >= 3
    assert get(f"{table}index_{pages - 1}.html")[0] == 200
    assert b'http-equiv="refresh"' in get(f"{table}index_{pages}.html")[2]
    second = get(plain_list)[2].decode()
    pages = int(re.search(r"var countPage = (\d+)//", second)[1])
    assert "title=" in second
    assert get(f"{plain_list}index_{pages}.html")[0] == 404
    assert not tree(first.encode()).xpath("//a[contains(@href, 'index_1')]")


def test_dates_of_listing_and_address_differ(world):
    """Older articles carry the day of a migration in their address; some list another day than they print."""
    moved = [r for r in world.truth().reports.values() if "/201809/t20180903_" in r.url]
    assert moved
    assert all(report.published < "2018-09-03" for report in moved)


def test_home_page_carries_the_national_tags(world):
    """SiteName, SiteDomain, SiteIDCode, the footer's code, the correction widget, a generated-at stamp."""
    page = tree(get(world.url)[2])
    names = dict(zip(page.xpath("//meta/@name"), page.xpath("//meta[@name]/@content"), strict=True))
    assert names["SiteDomain"] == f"127.0.0.1:{world.port}"
    assert re.fullmatch(r"\d{10}", names["SiteIDCode"])
    assert names["others"].startswith("页面生成时间")
    assert f"网站标识码：{names['SiteIDCode']}" in "".join(page.itertext())
    assert page.xpath("//script[@id='_jiucuo_']/@sitecode") == [names["SiteIDCode"]]
    assert page.xpath("//div[@class='TRS_Editor']/embed/@oldsrc")


def test_every_menu_entry_answers(world):
    """No menu leads nowhere."""
    for page in (world.url, world.columns()[0]):
        for href in tree(get(page)[2]).xpath("//div[@class='nav' or @class='gl_left' or @class='tab']//a/@href"):
            if "login" not in href:
                assert get(urljoin(page, href))[0] == 200, href


def test_the_box_knows_nothing_of_ours():
    """Only the standard library and its own modules are imported."""
    folder = Path(crawler.simulator.__file__).parent
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.startswith("crawler.simulator") or name.partition(".")[0] in sys.stdlib_module_names
