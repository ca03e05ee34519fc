"""Every kind of portal from its home page alone: recall and precision one, every figure, no wall climbed."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from crawler.simulator import Country
from crawler.simulator.hosts import known, peculiar
from tests.journeys.country import Tour, wanted

pytestmark = pytest.mark.journey

SEED = 5
OPEN = sorted(
    name
    for name, host in {**known(), **peculiar()}.items()
    if not host.closed and name not in {"wall-405", "ucap-busy"}
)
"""Hosts that let a guest in; ``wall-405`` shuts after twenty requests, ``ucap-busy`` answers some of them wrongly for a while."""
CLOSED = sorted(name for name, host in {**known(), **peculiar()}.items() if host.closed)


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """All hosts, crawled once by one process."""
    with Country(seed=SEED) as country:
        found = Tour(country, tmp_path_factory.mktemp("country"))
        found.ended = found.crawl()
        found.reports = defaultdict(list)
        for row in found.ask("reports"):
            found.reports[row["portal"]].append(row)
        found.figures = defaultdict(dict)
        for row in found.ask("observations"):
            found.figures[row["report"]].setdefault(row["indicator"], (row["value"], row["status"]))
        found.summaries = {row["portal"]: row for row in found.ended.rows}
        found.requests = {
            name: found.ask("requests", str(found.summaries[found.portal(name)]["id"])) for name in country.names
        }
        yield found


def named(tour, name):
    """Pairs of a report found and the truth of it; None where nothing is true of it."""
    truth = wanted(tour.country, name)
    return [(row, truth.get(row["url"])) for row in tour.reports[tour.portal(name)]]


def bundled(tour, name):
    """The reports inside archives, by publisher and year."""
    return {(one.publisher, one.year) for one in tour.country.truth(name).bundled.values()}


@pytest.mark.parametrize("name", OPEN)
def test_every_report_is_found_once_and_nothing_else(tour, name) -> None:
    inside = bundled(tour, name)
    pairs = [(row, report) for row, report in named(tour, name) if (row["publisher"], row["year"]) not in inside]
    extra = [row["url"] for row, report in pairs if report is None]
    counted = Counter(report.url for _, report in pairs if report is not None)
    every = {report.url for report in wanted(tour.country, name).values()}
    assert (extra, sorted(every - set(counted)), [url for url, times in counted.items() if times > 1]) == ([], [], [])
    found = {(row["publisher"], row["year"]) for row in tour.reports[tour.portal(name)]}
    assert inside <= found


@pytest.mark.parametrize("name", OPEN)
def test_publisher_and_year(tour, name) -> None:
    wrong = [
        (row["url"], row["publisher"], row["year"])
        for row, report in named(tour, name)
        if report is not None and (row["publisher"], row["year"]) != (report.publisher, report.year)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", OPEN)
def test_every_figure_is_the_printed_one(tour, name) -> None:
    wrong, cells = [], 0
    for row, report in named(tour, name):
        for code, expected in (report.observations if report is not None else {}).items():
            cells += 1
            if tour.figures[row["id"]].get(code) != (expected.value, expected.status):
                wrong.append((row["url"], code, expected, tour.figures[row["id"]].get(code)))
    assert cells > 1000
    assert wrong == []


@pytest.mark.parametrize("name", OPEN)
def test_what_only_looks_like_a_report_is_refused_with_its_reason(tour, name) -> None:
    reports = {row["url"] for row in tour.reports[tour.portal(name)]}
    requests = {row["url"]: row for row in tour.requests[name]}
    for url, sort in tour.country.truth(name).look_alikes.items():
        if sort == "container":
            continue
        assert url not in reports
        if url in requests:
            asked = requests[url]
            assert asked["outcome"] == "refused" or "not-a-report" in (asked["reason"] or ""), asked


@pytest.mark.parametrize("name", CLOSED)
def test_nothing_is_had_from_a_closed_portal_and_it_is_left_alone(tour, name) -> None:
    assert tour.reports[tour.portal(name)] == []
    asked = [request for request in tour.country.asked(name) if request.path != "/robots.txt"]
    assert len(asked) <= tour.country.truth(name).most
    summary = tour.summaries[tour.portal(name)]
    assert summary["outcome"] in {"blocked", "unreachable", "finished"}
    assert summary["problems"], "the honest list of what could not be had and why"


def test_a_portal_that_shuts_after_a_while_is_left_alone_then(tour) -> None:
    asked = [request for request in tour.country.asked("wall-405") if request.path != "/robots.txt"]
    assert len(asked) <= tour.country.truth("wall-405").most
    assert tour.summaries[tour.portal("wall-405")]["outcome"] == "blocked"


def test_a_portal_that_answers_its_home_page_when_busy_is_asked_again(tour) -> None:
    every = {report.url for report in wanted(tour.country, "ucap-busy").values()}
    assert {report.url for _, report in named(tour, "ucap-busy") if report is not None} == every


def test_a_clone_outside_the_country_is_never_asked(tour) -> None:
    mirrors = [url for url, sort in tour.country.truth("mirror").look_alikes.items() if sort == "mirror"]
    assert mirrors
    hosts = {request.host.partition(":")[0] for request in tour.country.log}
    assert not {url.split("/")[2].partition(":")[0] for url in mirrors} & hosts


def test_one_connection_a_host_and_robots_first(tour) -> None:
    for name in tour.country.names:
        asked = tour.country.asked(name)
        if asked:
            assert asked[0].path == "/robots.txt", name


@pytest.mark.parametrize("name", [name for name in OPEN if name != "hanweb3"])
def test_a_healthy_portal_gives_no_problem(tour, name) -> None:
    assert tour.summaries[tour.portal(name)]["problems"] == []


def test_a_portal_that_gives_less_than_it_says_is_called_short(tour) -> None:
    assert any("short by" in problem for problem in tour.summaries[tour.portal("hanweb3")]["problems"])


def test_the_summary_says_what_was_asked_of_each_host(tour) -> None:
    for name in OPEN:
        told = {host["host"]: host["requests"] for host in tour.summaries[tour.portal(name)]["hosts"]}
        assert sum(told.values()) == tour.summaries[tour.portal(name)]["captures"]


def test_the_evidence_is_sound(tour) -> None:
    assert tour.ask("verify")["troubles"] == []
