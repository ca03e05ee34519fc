"""Figures satisfy the forms' arithmetic, flaws break it where they say, and cells are read for what they print."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from crawler.simulator import content, figures, forms, names, planting
from crawler.simulator.labels import COLUMNS, OUTCOME, PROCEEDINGS, ROWS_2019, ROWS_2021, leaves
from crawler.simulator.sheet import Slot, expected, placed, slots, with_figures

SHARED = Path(__file__).parents[3] / "shared" / "indicators.csv"
SEEDS = range(12)


def broken(values: dict, rows) -> set[str]:
    """Which of the forms' rules a set of figures breaks."""
    found = set()
    for name, _ in COLUMNS:
        total = values[f"{OUTCOME}.total.{name}"]
        if values[f"applications.received.{name}"] + values[f"applications.carried_in.{name}"] != (
            total + values[f"applications.carried_out.{name}"]
        ):
            found.add("T3-BAL")
        if total != sum(values[f"{code}.{name}"] for code in leaves(rows)):
            found.add("T3-SUM")
    for code, _ in rows:
        if values[f"{code}.total"] != sum(values[f"{code}.{name}"] for name in figures.APPLICANTS):
            found.add("T3-COL")
    for stem, _, _ in PROCEEDINGS:
        parts = ("upheld", "corrected", "other", "pending")
        if values[f"{stem}.total"] != sum(values[f"{stem}.{part}"] for part in parts):
            found.add("T4-SUM")
    return found


def values(report) -> dict:
    """A report's figures as numbers, blanks as nothing."""
    return {code: found.value for code, found in report.observations().items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_add_up(seed):
    """Balance, columns, sums and verdicts hold in every year, and one year follows on the other."""
    rng, before = random.Random(seed), {}
    for form, rows in (("2019", ROWS_2019), ("2019", ROWS_2019), ("2021", ROWS_2021), ("2021", ROWS_2021)):
        now = figures.applications(rng, before, form) | figures.proceedings(rng)
        assert not broken(now, rows)
        for name, _ in COLUMNS:
            assert now[f"applications.carried_in.{name}"] == before.get(f"applications.carried_out.{name}", 0)
        before = now


@pytest.mark.parametrize("seed", SEEDS)
def test_the_table_of_2014_adds_up(seed):
    """Received by mode, closed, replied, refused, staff, review and litigation are sums of their parts."""
    now = figures.statistics_2014(random.Random(seed))
    stems = {
        "applications.received.total": "applications.received.by_mode.",
        "resources.staff.total": "resources.staff.",
        "review.total": "review.",
        "litigation.total": "litigation.",
        "applications.closed.total": "applications.closed.",
        "applications.replied.refused": "applications.replied.refused.",
    }
    for total, stem in stems.items():
        assert now[total] == sum(n for code, n in now.items() if code.startswith(stem) and code != total), total
    replied = [n for code, n in now.items() if code.startswith("applications.replied.") and code.count(".") == 2]
    assert now["applications.replied.total"] * 2 == sum(replied)
    assert now["disclosure.items.normative_docs"] <= now["disclosure.items.total"]


@pytest.mark.parametrize("seed", SEEDS)
def test_items_and_documents_follow_on(seed):
    """2020's items are 2019's with their change; documents in force are last year's, plus issued, less repealed."""
    rng = random.Random(seed)
    first = figures.disclosure_2019(rng, {})
    second = figures.disclosure_2019(rng, first)
    key = "disclosure.licensing"
    assert second[f"{key}.items_prev_year"] == first[f"{key}.items_prev_year"] + first[f"{key}.items_change"] >= 0
    third = figures.disclosure_2021(rng, {})
    fourth = figures.disclosure_2021(rng, third)
    key = "disclosure.rules"
    assert fourth[f"{key}.in_force"] == third[f"{key}.in_force"] + fourth[f"{key}.issued"] - fourth[f"{key}.repealed"]


@pytest.mark.parametrize(
    ("flaw", "rules"),
    [
        ("total-zero", {"T3-SUM", "T3-BAL"}),
        ("row-total", {"T3-COL", "T3-SUM"}),
        ("verdicts", {"T4-SUM"}),
        ("full-width", set()),
        ("prose", set()),
    ],
)
def test_flaws_break_what_they_say(flaw, rules):
    """A planted flaw breaks exactly the rules the truth names (a wrong leaf total also unbalances its column)."""
    publisher = names.Publisher("某市某局", "我局", (2022,))
    report, _ = content.write(random.Random(1), publisher, 2022, {}, flaw=flaw)
    assert broken(values(report), ROWS_2021) - {"T3-COL" if flaw == "total-zero" else ""} == rules
    named = {planted.rule for planted in report.planted}
    assert named == (rules or ({"TEXT-TABLE"} if flaw == "prose" else set()))


@pytest.mark.parametrize("flaw", ["blank-review", "blank-organisations"])
def test_blanks_are_blank(flaw):
    """Blank cells are in the truth as blank, without a value; no rule is broken on purpose."""
    publisher = names.Publisher("某市某局", "我局", (2022,))
    report, _ = content.write(random.Random(1), publisher, 2022, {}, flaw=flaw)
    blank = [code for code, found in report.observations().items() if found.status == "blank"]
    assert blank
    assert all(report.observations()[code].value is None for code in blank)
    assert not report.planted
    assert set(planting.FLAWS) >= {flaw}


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("12", 12, None), ("+4", 4, None), ("增10", 10, None), ("-1", -1, None), ("减2", -2, None),
        ("１２", 12, None), ("3242.8万元", 3242.8, "万元"), ("251000元", 251000, "元"), ("7730.28", 7730.28, None),
    ],
)  # fmt: skip
def test_cells_are_read_as_printed(text, value, unit):
    """Signs, units, fractions and full-width digits."""
    found = expected(Slot(text, "x"))
    assert (found.value, found.unit, found.raw, found.status) == (value, unit, text, "ok")


def test_the_official_layouts():
    """Section three is ten columns wide with 3 + 23 or 3 + 25 rows; section four has fifteen figures in its last row."""
    texts = {f"{code}.{name}": "0" for code, _ in (*ROWS_2019, *ROWS_2021) for name, _ in COLUMNS}
    for form, length in (("2019", 26), ("2021", 28)):
        sheet = forms.applications(form, texts)
        assert len(sheet) == length
        covered = [
            (row + down, column + right)
            for row, column, slot in placed(sheet)
            for down in range(slot.rows)
            for right in range(slot.columns)
        ]
        assert len(covered) == len(set(covered)) == length * 10


def test_figures_change_where_they_are_told_to():
    """A change of one indicator changes one cell."""
    publisher = names.Publisher("某市某局", "我局", (2022,))
    report, _ = content.write(random.Random(1), publisher, 2022, {})
    changed = with_figures(report, {"review.total": "99"})
    pairs = zip(slots(report.blocks), slots(changed.blocks), strict=True)
    assert [new.text for old, new in pairs if old != new] == ["99"]


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared list of indicators is not here")
def test_codes_are_the_shared_ones():
    """Every form prints exactly the indicators of the shared list, with their units."""
    with SHARED.open(encoding="utf-8") as lines:
        listed = list(csv.DictReader(lines))
    rng = random.Random(1)
    for form, year in (("2014", 2015), ("2019", 2019), ("2021", 2022)):
        report, _ = content.write(rng, names.Publisher("某市某局", "我局", (year,)), year, {})
        want = {row["code"]: row["unit"] for row in listed if form in row["era"].split(",")}
        assert set(report.observations()) == set(want)
        for code, found in report.observations().items():
            if not want[code].startswith("as printed"):
                assert found.unit == want[code]
