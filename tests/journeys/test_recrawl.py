"""Later crawls: noise is not news, and every planted event is found, once."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.journey


def page_reports(world) -> list[str]:
    return [url for url, report in world.truth().reports.items() if report.source == "page" and report.state == "live"]


def test_an_unchanged_portal_makes_no_revision_for_all_its_noise(journey) -> None:
    before = journey.crawl().rows[0]
    journey.world.advance(days=40)
    after = journey.crawl()
    assert after.code == 0
    summary = after.rows[0]
    assert (summary["new"], summary["changed"], summary["gone"], summary["back"]) == (0, 0, 0, 0)
    assert summary["unchanged"] == before["found"]
    assert journey.events(2) == []


def test_a_redesign_makes_no_revision(journey) -> None:
    journey.crawl()
    journey.world.redesign()
    assert journey.crawl().rows[0]["changed"] == 0


def test_one_silent_edit_of_a_figure_is_one_revision(journey) -> None:
    journey.crawl()
    edit = journey.world.edit()
    assert journey.crawl().rows[0]["changed"] == 1
    row = next(row for row in journey.ask("changes", "--crawl", "2") if row["event"] == "changed")
    assert row["url"] == edit.url
    assert [item["indicator"] for item in row["observations"]] == [edit.what]
    assert (row["observations"][0]["before_raw"], row["observations"][0]["after_raw"]) == (edit.before, edit.after)
    assert [
        item["revision"]
        for item in journey.ask("observations", "--indicator", edit.what, "--revision", "all")
        if item["url"] == edit.url
    ] == [1, 2]


def test_one_silent_edit_of_a_sentence_is_one_revision(journey) -> None:
    journey.crawl()
    edit = journey.world.edit(sentence=True)
    assert journey.crawl().rows[0]["changed"] == 1
    assert journey.events(2) == [("changed", edit.url)]


def test_an_attachment_changed_under_the_same_address_is_a_revision(journey) -> None:
    journey.crawl()
    url = next(url for url, report in journey.world.truth().reports.items() if report.attachments)
    journey.world.edit(url, part="attachment")
    journey.crawl()
    assert journey.events(2) == [("changed", url)]


@pytest.mark.parametrize("how", ["404", "410", "soft"])
def test_a_withdrawal_is_missing_then_gone_then_back(journey, how) -> None:
    journey.crawl()
    url = page_reports(journey.world)[0]
    journey.world.withdraw(url, how)
    assert journey.crawl().rows[0]["gone"] == 1
    assert journey.events(2) == [("missing", url)]
    journey.crawl()
    assert journey.events(3) == [("gone", url)]
    journey.world.restore(url)
    assert journey.crawl().rows[0]["back"] == 1
    assert journey.events(4) == [("back", url)]
    row = next(row for row in journey.ask("reports") if row["url"] == url)
    assert (row["state"], row["revisions"]) == ("present", 1)


def test_a_report_republished_under_a_new_id_has_moved(journey) -> None:
    journey.crawl()
    url = page_reports(journey.world)[0]
    fresh = journey.world.republish(url)
    journey.crawl()
    assert journey.events(2) == [("moved", url), ("new", fresh)]


def test_a_new_report_is_new(journey) -> None:
    journey.crawl()
    url = journey.world.publish()
    journey.crawl()
    assert journey.events(2) == [("new", url)]


def test_an_unchanged_attachment_is_asked_for_conditionally(journey) -> None:
    journey.crawl()
    journey.crawl()
    rows = journey.ask("requests", "2")
    assert any(row["outcome"] == "revisit" and row["status"] == 304 for row in rows)
    assert any(request.header("If-None-Match") or request.header("If-Modified-Since") for request in journey.world.log)
