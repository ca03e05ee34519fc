"""What happens to reports on portals of every family: published, edited in silence, withdrawn, brought back; each told once."""

from __future__ import annotations

from collections import defaultdict

import pytest

from crawler.simulator import Country
from tests.journeys.country import Tour, wanted

pytestmark = pytest.mark.journey

HOSTS = ("gkmlpt", "hanweb-xxgk", "jpaas", "lonsun", "soft-home", "trs-api", "ucap-json", "vsb", "was")
"""One host of each way of listing; the others publish by the same stock and withdraw by the same answers."""


class Told:
    """What was done to the portals, and what each crawl told of it."""

    def __init__(self, tour: Tour) -> None:
        self.tour = tour
        self.events: dict[int, dict[str, list[tuple[str, str]]]] = {}
        self.codes: list[int] = []
        self.names: dict[str, str] = {}
        """An article's other addresses, each with the one the truth names it by."""

    def crawl(self) -> None:
        """Crawl all portals, and keep what was told by portal, without what is cosmetic."""
        ended = self.tour.crawl()
        self.codes.append(ended.code)
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for summary in ended.rows:
            for row in self.tour.ask("changes", "--crawl", str(summary["id"])):
                if row["event"] != "cosmetic":
                    found[summary["portal"]].append((row["event"], row["url"]))
        self.events[len(self.codes)] = found

    def of(self, crawl: int, name: str) -> list[tuple[str, str]]:
        """What a crawl told of a portal."""
        return sorted((event, self.names.get(url, url)) for event, url in self.events[crawl][self.tour.portal(name)])


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Four crawls: first; nothing but noise; events; the withdrawn ones back."""
    with Country(seed=8, hosts=HOSTS) as country:
        found = Told(Tour(country, tmp_path_factory.mktemp("events")))
        found.crawl()
        country.advance(days=40)
        found.crawl()
        for name in HOSTS:
            found.names |= {address: report.url for address, report in wanted(country, name).items()}
        found.done = {name: happen(country, name) for name in HOSTS}
        country.advance(days=400)
        found.crawl()
        for done in found.done.values():
            country.restore(done["withdrawn"])
            country.restore(done["hidden"])
        found.crawl()
        yield found


def happen(country: Country, name: str) -> dict[str, str]:
    """One report edited, one withdrawn with a 404, one with a page that says so and status 200, one published."""
    edit = country.edit(name)
    pages = sorted(
        (report.year, report.url)
        for report in set_of(wanted(country, name))
        if report.source == "page" and edit.url not in report.urls
    )
    (_, withdrawn), (_, hidden) = pages[0], pages[2]
    country.withdraw(withdrawn, "404")
    country.withdraw(hidden, "soft")
    return {"edited": edit.url, "withdrawn": withdrawn, "hidden": hidden, "published": country.publish(name)}


def set_of(by_address):
    return list({report.url: report for report in by_address.values()}.values())


@pytest.mark.parametrize("name", HOSTS)
def test_noise_is_no_news(told, name) -> None:
    assert told.of(2, name) == []


@pytest.mark.parametrize("name", HOSTS)
def test_every_event_is_told_and_no_other(told, name) -> None:
    done = told.done[name]
    assert told.of(3, name) == sorted(
        [
            ("changed", done["edited"]),
            ("missing", done["withdrawn"]),
            ("missing", done["hidden"]),
            ("new", done["published"]),
        ]
    )


@pytest.mark.parametrize("name", HOSTS)
def test_what_comes_back_is_told_as_back(told, name) -> None:
    done = told.done[name]
    assert told.of(4, name) == sorted([("back", done["withdrawn"]), ("back", done["hidden"])])
