"""The forms as data: every code, label and unit."""

import csv
from pathlib import Path

import pytest

from archive.forms import FORMS, crosswalk, form, indicators

LIST = Path(__file__).resolve().parents[4] / "shared" / "indicators.csv"


@pytest.mark.parametrize(("name", "count"), [("2014", 58), ("2019", 198), ("2021", 200)])
def test_number_of_indicators(name, count):
    assert len(indicators(name)) == count


@pytest.mark.samples
@pytest.mark.parametrize("name", FORMS)
def test_codes_labels_and_units_are_those_of_the_list(name):
    if not LIST.exists():
        pytest.skip("the list of indicators is not beside the repository")
    with LIST.open(encoding="utf-8", newline="") as file:
        wanted = {
            row["code"]: (row["label"], row["unit"]) for row in csv.DictReader(file) if name in row["era"].split(",")
        }
    assert {code: (i.zh, i.unit) for code, i in indicators(name).items()} == wanted


@pytest.mark.parametrize("name", FORMS)
def test_every_indicator_has_both_languages(name):
    for indicator in indicators(name).values():
        assert indicator.zh
        assert indicator.en.isascii() or "–" in indicator.en


@pytest.mark.parametrize("name", FORMS)
def test_rules_speak_of_indicators_that_exist(name):
    codes = indicators(name)
    rows = {code.rsplit(".", 1)[0] for code in codes}
    for rule in form(name).rules:
        for code in (*rule.left, *rule.right):
            if code.startswith(("{r}", "{d}")):
                continue
            assert code.replace("{c}", "total") in codes, code
    assert "applications.received" in rows or name == "2014"


def test_crosswalk_links_exist():
    known = {code for name in FORMS for code in indicators(name)}
    for link in crosswalk()["link"]:
        assert set(link["from"]) | set(link["to"]) <= known
        assert link["quality"] in {"same", "near", "differs"}
    assert set(crosswalk()["local"].values()) <= known
