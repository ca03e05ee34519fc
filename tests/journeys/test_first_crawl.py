"""A first crawl: every report, every figure, every look-alike with its reason, every request with its outcome."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.journey

LIVE = "live"


def truth_by_url(world) -> dict:
    return {url: report for report in world.truth().reports.values() for url in report.urls}


def test_the_crawl_ends_sound(first) -> None:
    assert first.ended.code == 0, first.ended.err
    summary = first.ended.rows[0]
    assert summary["outcome"] == "finished"
    assert summary["new"] == summary["found"] == len(first.ask("reports"))
    assert (summary["failed"], summary["blocked"], summary["changed"]) == (0, 0, 0)


def test_every_report_is_found_and_nothing_else(first) -> None:
    truth = truth_by_url(first.world)
    found = {row["url"] for row in first.ask("reports")}
    wanted = {report.url for report in truth.values() if report.state == LIVE}
    assert {truth[url].url for url in found} == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize("name", ["publisher", "year", "form", "kind"])
def test_what_each_report_is(first, name) -> None:
    truth = truth_by_url(first.world)
    wrong = [(row["url"], row[name]) for row in first.ask("reports") if row[name] != getattr(truth[row["url"]], name)]
    assert wrong == []


def test_titles_and_dates(first) -> None:
    truth = truth_by_url(first.world)
    for row in first.ask("reports"):
        assert row["title"].replace(" ", "") == truth[row["url"]].title.replace(" ", "")
        assert row["published"][:10] == truth[row["url"]].published


def test_every_figure_is_the_printed_one_and_blanks_stay_blank(first) -> None:
    truth = truth_by_url(first.world)
    found = {}
    for row in first.ask("observations"):
        found.setdefault((row["url"], row["indicator"]), []).append((row["value"], row["status"]))
    wrong, cells = [], 0
    for row in first.ask("reports"):
        for code, wanted in truth[row["url"]].observations.items():
            cells += 1
            got = found.get((row["url"], code))
            if not got or got[0] != (wanted.value, wanted.status):
                wrong.append((row["url"], code, wanted, got))
    assert cells > 2000
    assert wrong == []


def test_no_figure_is_invented(first) -> None:
    truth = truth_by_url(first.world)
    known = {url: set(report.observations) | set(report.prose) for url, report in truth.items()}
    extra = [
        (row["url"], row["indicator"])
        for row in first.ask("observations")
        if row["status"] != "text"
        and not row["indicator"].startswith("local:")
        and row["indicator"] not in known[row["url"]]
    ]
    assert extra == []


def test_planted_contradictions_are_found(first) -> None:
    truth = truth_by_url(first.world)
    findings = {}
    for row in first.ask("findings"):
        findings.setdefault(row["url"], set()).add(row["rule"])
    for row in first.ask("reports"):
        for planted in truth[row["url"]].planted:
            assert planted.rule in findings.get(row["url"], set()), (row["url"], planted)


def test_every_look_alike_is_refused_or_recognised_with_its_reason(first) -> None:
    requests = {row["url"]: row for row in first.ask("requests", "1")}
    reports = {row["url"] for row in first.ask("reports")}
    for url in first.world.truth().look_alikes:
        assert url not in reports
        if url in requests:
            assert requests[url]["outcome"] == "refused" or "not-a-report" in (requests[url]["reason"] or ""), requests[
                url
            ]


def test_every_request_has_one_outcome(first) -> None:
    rows = first.ask("requests", "1")
    assert len({row["url"] for row in rows}) == len(rows)
    assert all(row["outcome"] for row in rows)
    assert all(row["reason"] for row in rows if row["outcome"] == "refused")


def test_whatever_the_server_saw_is_a_capture(first) -> None:
    captured = sum(1 for row in first.ask("requests", "1") if row["outcome"] != "refused")
    assert len(first.world.log) == first.ended.rows[0]["captures"] == captured


def test_we_say_who_we_are_and_ask_robots_first(first) -> None:
    assert first.world.log[0].path == "/robots.txt"
    assert all(request.header("User-Agent").startswith("nianlun/") for request in first.world.log)


def test_the_evidence_is_sound(first) -> None:
    found = first.ask("verify")
    assert found["sound"]
    assert found["troubles"] == []


def test_a_figure_walks_back_to_its_cell(first) -> None:
    row = next(row for row in first.ask("observations") if row["source"] == "page" and row["status"] == "ok")
    chain = first.ask("trace", str(row["id"]))
    assert chain["capture"]["url"] == row["url"]
    assert chain["capture"]["status"] == 200
    assert chain["cell"]["path"]
    assert chain["payload"]["digest"].startswith("sha256:")


def test_search_finds_one_character_and_phrases(first) -> None:
    for query in ("公", "信息公开", '"依申请公开"', "政府 AND 公开"):
        assert first.ask("search", query), query
    assert first.ask("search", "绝无此词组合") == []
