"""A whole crawl of a simulated portal, from nothing but its home page."""

from __future__ import annotations

import pytest

from archive.model import Known, Portal
from crawler.simulator import Simulator
from spiders.base import PortalSpider
from tests.spiders.spider_driver import drive

pytestmark = pytest.mark.journey


def crawl(world: Simulator, **more):
    """A crawl of the simulated portal."""
    known = more.pop("known", ())
    return drive(PortalSpider(portal=Portal("sim", "模拟", world.url, **more), known=known))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_report_is_found_from_the_home_page(seed):
    """Every report, every file, under the right title and date; few requests, none twice."""
    with Simulator(seed=seed) as world:
        truth, driven = world.truth(), crawl(world)
        pages = {part.url for part in driven.parts if part.role == "page"}
        files = {part.url.rpartition("/")[2] for part in driven.parts if part.role == "attachment"}
        assert all(set(report.urls) & pages for report in truth.reports.values())
        assert files == {a.url.rpartition("/")[2] for r in truth.reports.values() for a in r.attachments}
        for report in truth.reports.values():
            row = next(driven.rows[url] for url in report.urls if url in driven.rows)
            assert row["title"] == report.title
        asked = [url for _, url in driven.asked]
        assert len(asked) == len(set(asked)) <= 60
        keys = [part.key for part in driven.parts if part.role == "page"]
        assert len(keys) == len(set(keys))


def test_look_alikes_are_rows_for_others_to_judge():
    """The spider leaves no row out by its title: what only looks like a report is judged, and recorded, elsewhere."""
    with Simulator(seed=4) as world:
        truth, driven = world.truth(), crawl(world)
        in_columns = {
            url: kind for url, kind in truth.look_alikes.items() if any(url.startswith(c) for c in truth.columns)
        }
        assert set(in_columns) <= set(driven.rows)
        assert [url for url, kind in truth.look_alikes.items() if kind == "off-site" and url in driven.rows]


def test_attachments_belong_to_their_report():
    """Each file's part names the key of the page that named it."""
    with Simulator(seed=5) as world:
        driven = crawl(world)
        keys = {part.key for part in driven.parts if part.role == "page"}
        assert {part.report for part in driven.parts if part.role == "attachment"} <= keys


def test_start_columns_save_the_way():
    """With its columns known a portal is asked for less."""
    with Simulator(seed=1) as world:
        full, short = crawl(world), crawl(world, start=world.columns())
        assert len(short.asked) < len(full.asked)
        assert {p.key for p in full.parts} == {p.key for p in short.parts}
        assert not [url for role, url in short.asked if role == "home"]


def test_known_reports_are_asked_for_again():
    """A report that has left its listing is asked for at the address it had, once."""
    with Simulator(seed=1) as world:
        report = next(iter(world.truth().reports.values()))
        world.withdraw(report.url, "soft")
        driven = crawl(world, known=(Known(report.url, "page", "x"),))
        assert [url for _, url in driven.asked].count(report.url) == 1


def test_a_redesign_changes_nothing_that_is_found():
    """Other containers and classes: the same reports with the same files."""
    with Simulator(seed=6) as world:
        found = []
        for _ in range(3):
            driven = crawl(world)
            found.append({(part.key, part.role, part.attachments) for part in driven.parts})
            world.redesign()
        assert found[0] == found[1] == found[2]


def test_faults_break_no_callback():
    """A portal that answers nonsense everywhere ends a crawl with nothing found and nothing raised."""
    with Simulator(seed=1) as world:
        for how in ("garbage", "empty", "stub", "soft-404", "login", "edgeone", "412"):
            world.mend()
            world.break_("/*", how)
            assert crawl(world).parts == []
