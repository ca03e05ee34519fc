"""Portals that break, block and lie: a recorded outcome, the last good revision untouched, the right exit code."""

from __future__ import annotations

import os
import resource
import signal
import time

import pytest

from tests.journeys.conftest import crawl_words, nianlun, start

pytestmark = pytest.mark.journey


def one_report(world) -> str:
    return next(
        url for url, report in world.truth().reports.items() if report.source == "page" and report.state == "live"
    )


def kept(journey) -> list:
    """What the archive says of its reports and figures, without what a crawl touches."""
    reports = [(row["url"], row["state"], row["revisions"], row["title"]) for row in journey.ask("reports")]
    figures = [(row["url"], row["indicator"], row["value"], row["raw"]) for row in journey.ask("observations")]
    return [reports, figures]


def test_a_portal_that_is_down_changes_nothing(journey) -> None:
    journey.crawl()
    before = kept(journey)
    journey.world.break_("*", "down")
    ended = journey.crawl()
    assert ended.code == 3
    assert ended.rows[0]["outcome"] == "unreachable"
    after = kept(journey)
    assert {row[1] for row in after[0]} <= {"present", "unreachable"}
    assert after[1] == before[1]
    assert journey.events(2) == []


@pytest.mark.parametrize("how", ["412", "521", "403", "cookie-shell", "edgeone"])
def test_a_block_is_recorded_and_the_host_left_alone(journey, how) -> None:
    journey.crawl()
    before = kept(journey)
    journey.world.break_("*", how)
    asked = len(journey.world.log)
    ended = journey.crawl()
    assert ended.code in (1, 3)
    assert ended.rows[0]["outcome"] == "blocked"
    assert len(journey.world.log) - asked <= 3
    assert kept(journey)[1] == before[1]
    assert journey.events(2) == []
    rows = journey.ask("requests", "2")
    assert all(row["outcome"] for row in rows)


@pytest.mark.parametrize("how", ["half", "short-length", "garbage", "empty", "500", "stub", "reset", "login"])
def test_one_broken_page_never_becomes_a_revision(journey, how) -> None:
    journey.crawl()
    before = kept(journey)
    url = one_report(journey.world)
    journey.world.break_(url, how)
    ended = journey.crawl(timeout=200)
    assert ended.code in (1, 3, 4), ended.err
    assert kept(journey)[1] == before[1]
    row = next(row for row in journey.ask("reports") if row["url"] == url)
    assert (row["state"], row["revisions"]) == ("unreachable", 1)
    asked = [row for row in journey.ask("requests", "2") if row["url"] == url]
    assert asked[0]["outcome"] in ("failed", "blocked")
    assert asked[0]["reason"]
    journey.world.mend()
    journey.crawl()
    row = next(row for row in journey.ask("reports") if row["url"] == url)
    assert (row["state"], row["revisions"]) == ("present", 1)


def test_robots_that_forbids_is_obeyed(journey) -> None:
    journey.world.robots("User-agent: *\nDisallow: /\n")
    ended = journey.crawl()
    assert {request.path for request in journey.world.log} == {"/robots.txt"}
    assert ended.code in (1, 3)
    assert {row["reason"] for row in journey.ask("requests", "1") if row["outcome"] == "refused"} == {"robots"}


def test_robots_that_fails_stops_and_robots_that_is_absent_allows(journey) -> None:
    journey.world.robots("", status=503)
    journey.crawl()
    assert {request.path for request in journey.world.log} == {"/robots.txt"}
    journey.world.robots("", status=404)
    assert journey.crawl().rows[0]["found"] > 10


def test_a_limit_stops_early_and_the_next_crawl_resumes(journey) -> None:
    ended = journey.crawl("--max-requests", "10")
    assert ended.code == 4
    assert ended.rows[0]["outcome"] == "interrupted"
    ended = journey.crawl()
    assert ended.code == 0
    assert ended.rows[0]["id"] == 1
    assert ended.rows[0]["found"] == len([r for r in journey.world.truth().reports.values() if r.state == "live"])
    assert len(journey.ask("crawls")) == 1


def test_an_interrupt_stops_cleanly_and_is_resumable(journey) -> None:
    journey.world.break_("*", "slow", seconds=0.05)
    process = start(*crawl_words(journey.world.url, journey.archive))
    deadline = time.monotonic() + 30
    while len(journey.world.log) < 6 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert '"interrupted"' in out
    assert nianlun("verify", "-a", str(journey.archive)).code == 0
    journey.world.mend()
    assert journey.crawl("--resume").rows[0]["outcome"] == "finished"


def test_the_second_of_two_crawls_is_told(journey) -> None:
    journey.world.break_("*", "slow", seconds=0.05)
    process = start(*crawl_words(journey.world.url, journey.archive))
    deadline = time.monotonic() + 30
    while len(journey.world.log) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    second = journey.crawl()
    assert second.code == 2
    assert f"process {process.pid}" in second.err
    journey.world.mend()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_full_disk_stops_cleanly_and_goes_on_after_room_is_made(journey) -> None:
    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    ended = journey.crawl(preexec_fn=small)
    assert ended.code == 4, (ended.code, ended.out, ended.err)
    assert "Traceback" not in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    ended = journey.crawl()
    assert ended.rows[0]["outcome"] == "finished"
    assert journey.ask("verify")["sound"]
    assert ended.rows[0]["found"] == len([r for r in journey.world.truth().reports.values() if r.state == "live"])


def test_requests_keep_their_distance_and_come_one_at_a_time(journey) -> None:
    words = crawl_words(journey.world.url, journey.archive, "--max-requests", "8")
    words[words.index("--delay") + 1] = "0.3"
    nianlun(*words)
    times = [request.at for request in journey.world.log if request.path != "/robots.txt"]
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert gaps
    assert min(gaps) >= 0.14
    assert len(set(f"{gap:.2f}" for gap in gaps)) > 1


def test_links_to_private_addresses_are_not_followed_without_leave(journey) -> None:
    ended = nianlun("crawl", journey.world.url, "--archive", str(journey.archive), "--delay", "0", "--quiet", "--json")
    assert ended.code == 1
    assert journey.world.log == []
    assert "--allow-private" in ended.out
    assert {row["reason"] for row in journey.ask("requests", "1")} == {"private-address"}


def test_an_archive_that_cannot_be_written_is_said(journey, tmp_path) -> None:
    journey.archive = tmp_path / "no" / "such" / "a.db"
    ended = journey.crawl()
    assert ended.code == 2
    assert len(ended.err.strip().splitlines()) == 1
    if os.geteuid() != 0:
        folder = tmp_path / "ro"
        folder.mkdir(mode=0o500)
        journey.archive = folder / "a.db"
        assert journey.crawl().code in (2, 4)


def test_a_cookie_wall_is_passed_with_an_ordinary_cookie(journey) -> None:
    url = one_report(journey.world)
    journey.world.break_(url, "cookie-wall")
    ended = journey.crawl()
    assert ended.rows[0]["found"] == len([r for r in journey.world.truth().reports.values() if r.state == "live"])
    rows = [row["outcome"] for row in journey.ask("requests", "1") if row["url"] == url]
    assert sorted(rows) == ["fetched", "redirected"]


def test_a_redirect_loop_is_a_recorded_failure(journey) -> None:
    url = one_report(journey.world)
    journey.world.break_(url, "loop")
    ended = journey.crawl()
    assert ended.code == 1
    rows = [row for row in journey.ask("requests", "1") if row["url"].startswith(url)]
    assert rows[-1]["outcome"] == "failed"
    assert rows[-1]["reason"] == "redirect-loop"
    assert len(rows) < 12
