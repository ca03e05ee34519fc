"""The rules across years, over what a crawl found: the carried-over rule above all."""

from __future__ import annotations

import pytest

from tests.journeys.test_parts_and_redirects import Site
from tests.pipelines.building import modern, page, sound_values

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Three years: 2022 carries 3 out, 2023 says that 1 came in, 2024 agrees with 2023."""
    site = Site(range(2022, 2025), tmp_path_factory.mktemp("years"))
    values = sound_values("2021")
    agreeing = values | {
        f"applications.{row}.{column}": number
        for row, number in (("carried_in", "3"), ("received", None))
        for column in ("natural_person", "total")
        if number
    }
    for year, held in ((2022, values), (2023, values), (2024, agreeing)):
        markup = page(modern("2021", held), year=year)
        site.table[f"/nb/{year}.html"] = (200, {}, markup)
    with site.standing():
        site.first = site.crawl()
        site.second = site.crawl()
    return site


def carried(story, year: int) -> list[dict]:
    return [row for row in story.ask("findings", "--year", str(year)) if row["rule"] == "Y-CARRY"]


def test_what_was_carried_in_is_held_against_what_was_carried_out(story) -> None:
    found = carried(story, 2023)
    assert {row["level"] for row in found} == {"error"}
    assert ["applications.carried_in.total", "applications.carried_out.total"] in [row["indicators"] for row in found]
    assert carried(story, 2022) == carried(story, 2024) == []


def test_the_report_s_count_of_findings_has_them(story) -> None:
    rows = {row["year"]: row for row in story.ask("reports")}
    for year in (2022, 2023, 2024):
        assert rows[year]["findings"] == len(story.ask("findings", "--year", str(year)))
        assert rows[year]["findings"] == len(story.ask("show", str(rows[year]["id"]))["findings"])


def test_a_second_crawl_does_not_say_it_twice(story) -> None:
    assert len(carried(story, 2023)) == 2
