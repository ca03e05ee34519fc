"""A zip of several bureaus' reports on one page: each is a report of its own, through edits and disappearance."""

from __future__ import annotations

import functools

import pytest

from tests.journeys.test_parts_and_redirects import Site, said
from tests.pipelines.building import sound_values
from tests.pipelines.test_bundle import zipped
from tests.pipelines.test_reports import report

pytestmark = pytest.mark.journey

COVER = said(
    "<title>2022年县直部门年报</title><h1>2022年县直各部门政府信息公开工作年度报告</h1><p><a href='/f/all.zip'>附件：各部门年报.zip</a></p>"
)
BUREAUS = {"林业局.docx": "云川县林业局", "水务局.docx": "云川县水务局", "商务局.docx": "云川县商务局"}


report = functools.cache(report)  # a package holds the moment it was packed in


def bundle(**seeds: int) -> tuple[int, dict, bytes]:
    files = {
        name: report(who, 2022, seeds.get(who[-3:], 1)) for name, who in BUREAUS.items() if seeds.get(who[-3:]) != -1
    }
    return 200, {"Content-Type": "application/zip"}, zipped(files)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Four crawls: as it was, as it was, one figure edited and one report taken out, the same again."""
    site = Site(range(2020, 2022), tmp_path_factory.mktemp("bundles"))
    rows = "<li><a href='/nb/all.html'>2022年县直各部门政府信息公开工作年度报告</a><span>2023-01-20</span></li>"
    listing = site.table["/nb/"][2].decode().replace("</ul>", rows + "</ul>")
    site.table["/nb/"] = (200, {}, listing.encode())
    site.table["/nb/all.html"] = COVER
    site.table["/f/all.zip"] = bundle()
    with site.standing():
        site.summaries = [site.crawl().rows[0]]
        site.summaries.append(site.crawl().rows[0])
        site.table["/f/all.zip"] = bundle(林业局=2, 水务局=-1)
        site.summaries.append(site.crawl().rows[0])
        site.summaries.append(site.crawl().rows[0])
    return site


def of(story, who: str):
    return next(row for row in story.ask("reports") if row["publisher"] == who)


def test_each_bureau_s_report_stands_for_itself(story) -> None:
    found = {row["publisher"]: row for row in story.ask("reports", "--year", "2022")}
    assert set(found) == set(BUREAUS.values())
    assert all(row["year"] == 2022 and row["form"] == "2021" for row in found.values())
    assert all(row["published"] == "2023-01-20" for row in found.values())


def test_no_figure_of_one_is_another_s(story) -> None:
    rows = story.ask("observations", "--publisher", "云川县商务局", "--revision", "1")
    assert {row["indicator"]: row["raw"] for row in rows if row["status"] == "ok"} == sound_values("2021", 1)
    assert {row["source"] for row in rows} == {f"{story.url}/f/all.zip"}


def test_a_second_crawl_finds_nothing_new(story) -> None:
    again = story.summaries[1]
    assert (again["new"], again["changed"], again["gone"]) == (0, 0, 0)
    assert again["unchanged"] == again["found"] == 5


def test_only_the_edited_one_has_a_new_revision(story) -> None:
    assert of(story, "云川县林业局")["revisions"] == 2
    assert of(story, "云川县商务局")["revisions"] == 1
    changed = [row for row in story.ask("changes", "--crawl", "3") if row["event"] == "changed"]
    assert [len(row["observations"]) > 0 for row in changed] == [True]


def test_the_one_taken_out_is_missing_and_then_gone(story) -> None:
    events = [
        (row["crawl"], row["event"]) for row in story.ask("changes") if row["report"] == of(story, "云川县水务局")["id"]
    ]
    assert sorted(events) == [(1, "new"), (3, "missing"), (4, "gone")]
    assert of(story, "云川县水务局")["state"] == "gone"
    assert of(story, "云川县商务局")["state"] == "present"


def test_a_figure_is_traced_to_its_member(story) -> None:
    row = story.ask("observations", "--publisher", "云川县商务局", "--indicator", "review.total")[0]
    chain = story.ask("trace", str(row["id"]))
    assert chain["cell"]["member"] == "商务局.docx"
    assert chain["conversion"]["tool"] == "nianlun.ooxml"
    assert chain["payload"]["member"]["digest"].startswith("sha256:")
    assert chain["capture"]["url"].endswith("/f/all.zip")


def test_its_tables_are_shown(story) -> None:
    grids = story.ask("tables", str(of(story, "云川县林业局")["id"]))
    assert {grid["member"] for grid in grids} == {"林业局.docx"}
    assert len(grids) == 3


def test_the_archive_is_sound(story) -> None:
    assert story.ask("verify")["troubles"] == []


def test_a_page_that_becomes_several_reports_and_one_again(tmp_path) -> None:
    """Its own report moves beside the others or is missing, and comes back; nothing stays behind as a ghost."""
    site = Site(range(2020, 2022), tmp_path)
    own = site.table["/nb/2021.html"]
    files = {
        f"/f/{i}.docx": (200, {}, report(who, 2021, i)) for i, who in enumerate(("云川县林业局", "云川县农业局"), 1)
    }
    links = "".join(f"<p><a href='{path}'>附件{i}.docx</a></p>" for i, path in enumerate(files, 1))
    with site.standing():
        site.crawl()
        site.table |= files
        site.table["/nb/2021.html"] = said(f"<h1>某市商务局2021年政府信息公开工作年度报告</h1>{links}")
        site.crawl()
        several = {row["publisher"]: row["state"] for row in site.ask("reports", "--year", "2021")}
        site.table["/nb/2021.html"] = own
        site.crawl()
        again = {row["publisher"]: row["state"] for row in site.ask("reports", "--year", "2021")}
    assert several == {"某市商务局": "missing", "云川县林业局": "present", "云川县农业局": "present"}
    assert again == {"某市商务局": "present", "云川县林业局": "missing", "云川县农业局": "missing"}


def test_a_report_whose_only_file_is_gone_is_missing(tmp_path) -> None:
    site = Site(range(2020, 2022), tmp_path)
    files = {
        f"/f/{i}.docx": (200, {}, report(who, 2021, i)) for i, who in enumerate(("云川县林业局", "云川县农业局"), 1)
    }
    links = "".join(f"<p><a href='{path}'>附件{i}.docx</a></p>" for i, path in enumerate(files, 1))
    site.table |= files
    site.table["/nb/2021.html"] = said(f"<h1>某市商务局2021年政府信息公开工作年度报告</h1>{links}")
    with site.standing():
        site.crawl()
        del site.table["/f/2.docx"]
        site.crawl()
        rows = {row["publisher"]: row["state"] for row in site.ask("reports", "--year", "2021")}
    assert rows == {"云川县林业局": "present", "云川县农业局": "missing"}
