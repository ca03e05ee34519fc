"""Random reports: the same seed gives the same report, and its truth is what its cells and sentences print."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

import pytest

from crawler.simulator.labels import COLUMNS, OUTCOME, PROCEEDINGS, ROWS_2019, ROWS_2021, leaves
from crawler.simulator.printing import layout, random_report, truth_of
from crawler.simulator.printing.report import expected
from crawler.simulator.printing.values import APPLICANTS
from crawler.simulator.printing.writing import KINDS, drawn
from crawler.simulator.sheet import Block, Slot, placed, slots

SEEDS = range(50)
REPORTS = [random_report(seed) for seed in SEEDS]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def numbers(report) -> dict:
    """The tables' values; a blank counts as nothing."""
    truth = truth_of(report)
    return {code: found.value for code, found in truth.cells.items()} | dict.fromkeys(truth.blank, 0)


def broken(report) -> set[str]:
    """Which of the printed rules the figures of sections two to four break, worked out anew."""
    values, rows = numbers(report), ROWS_2021 if report.form == "2021" else ROWS_2019
    found = set()
    for name, _ in COLUMNS:
        total = values[f"{OUTCOME}.total.{name}"]
        begun = values[f"applications.received.{name}"] + values[f"applications.carried_in.{name}"]
        if begun != total + values[f"applications.carried_out.{name}"]:
            found.add("T3-BAL")
        if total != sum(values[f"{code}.{name}"] for code in leaves(rows)):
            found.add("T3-SUM")
    for code, _ in rows:
        if values[f"{code}.total"] != sum(values[f"{code}.{name}"] for name in APPLICANTS):
            found.add("T3-COL")
    for stem, _, _ in PROCEEDINGS:
        if values[f"{stem}.total"] != sum(
            values[f"{stem}.{part}"] for part in ("upheld", "corrected", "other", "pending")
        ):
            found.add("T4-SUM")
    for stem in ("rules", "normative_docs"):
        published = values.get(f"disclosure.{stem}.published_this_year", 0)
        if published > values.get(f"disclosure.{stem}.public_total", published):
            found.add("T2-2019")
    return found


def test_a_seed_gives_one_report():
    """The same seed gives the same report, another seed another one."""
    assert [random_report(seed) for seed in range(12)] == REPORTS[:12]
    assert len({report.blocks for report in REPORTS}) == len(REPORTS)


def test_every_kind_and_damage_occurs():
    """All forms, blanks, breaches, contacts, signs, separators and doubtful rows occur in some seeds."""
    truths = [truth_of(report) for report in REPORTS]
    raws = "\n".join(found.raw for truth in truths for found in truth.cells.values())
    assert {truth.form for truth in truths} == {"free", "2014", "2019", "2021", "mixed"}
    assert {planted.rule for truth in truths for planted in truth.planted} >= {"T3-SUM", "T3-BAL", "T3-COL", "T4-SUM"}
    assert any(truth.blank for truth in truths)
    assert any(truth.doubtful for truth in truths)
    assert re.search(r"\d,\d{3}", raws)
    assert re.search(r"[０-９]", raws)
    assert re.search(r"(?m)^[-减－]\d", raws)
    assert "万元" in raws
    for part in ("address", "postcode", "phone", "fax", "email"):
        assert {getattr(truth.contacts, part) is None for truth in truths} == {True, False}, part


@pytest.mark.parametrize("report", [r for r in REPORTS if r.form in {"2019", "2021", "mixed"}], ids=lambda r: r.title)
def test_planted_breaches_are_the_only_ones(report):
    """The figures break exactly the rules that were planted; a row that lost a cell is left aside."""
    planted = {found.rule for found in report.planted} - {"TEXT-TABLE"}
    if not report.doubtful:
        assert broken(report) == planted


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_what_is_said_stands_in_the_text(kind):
    """Title, contacts, document numbers and every figure of the prose stand in the text, word for word."""
    for seed in range(6):
        truth = truth_of(drawn(random.Random(seed), kind))
        text = squeezed(truth.text)
        assert squeezed(truth.title) in text
        for part in ("address", "postcode", "phone", "fax", "email"):
            assert (getattr(truth.contacts, part) or "") in text
        for number in truth.document_numbers:
            assert number in text
        for code, value in truth.prose.items():
            assert str(value) in text or f"{value:,}" in text or (not value and "未" in text), code


def test_prose_agrees_with_the_tables_unless_planted():
    """A figure that stands in text and table is the same, except where TEXT-TABLE was planted."""
    for report in REPORTS:
        values = {code: found.value for code, found in truth_of(report).cells.items()}
        differ = {code for code, value in report.prose if code in values and values[code] != value}
        planted = any(found.rule == "TEXT-TABLE" for found in report.planted)
        assert differ == ({"applications.received.total"} if planted and differ else set())


@pytest.mark.parametrize(
    ("text", "value", "status", "unit"),
    [
        ("1,234", 1234, "ok", "件"),
        ("１２", 12, "ok", "件"),
        ("－3", -3, "ok", "件"),
        ("减3", -3, "ok", "件"),
        ("+0", 0, "ok", "件"),
        ("12.50 万元", 12.5, "ok", "万元"),
        ("3,000元", 3000, "ok", "元"),
        ("—", None, "blank", "件"),
        ("无", None, "blank", "件"),
        (" ", None, "blank", "件"),
    ],
)
def test_a_cell_is_worth_what_it_prints(text, value, status, unit):
    """Separators, signs in words, widths and units are read; dashes and 无 are blank, not zero."""
    found = expected(Slot(text, "x", unit="件"))
    assert (found.value, found.status, found.unit) == (value, status, unit)


def test_a_cell_that_prints_no_figure_is_refused():
    """Text in a figure's cell is a mistake of the generator and says so."""
    with pytest.raises(ValueError, match="not a printed figure"):
        expected(Slot("约十件", "x"))


def test_layout_keeps_figures_and_labels():
    """However a table is laid out, each figure is printed once with its text, and no label loses a character."""
    for seed, report in enumerate(REPORTS):
        for ragged in (True, False):
            shown = layout.laid_out(report, random.Random(seed), ragged=ragged, flowing=ragged)
            assert truth_of(shown).cells == truth_of(report).cells
            assert truth_of(shown).blank == truth_of(report).blank
            codes = Counter(slot.code for slot in slots(shown.blocks) if slot.code)
            assert max(codes.values(), default=1) == 1
            letters = Counter(squeezed("".join(truth_of(shown).labels)))
            assert not Counter(squeezed("".join(truth_of(report).labels))) - letters


def test_layout_leaves_no_cell_over_another():
    """Cut and unmerged tables are still grids: no two cells lie on the same place."""
    for seed, report in enumerate(REPORTS):
        for block in layout.laid_out(report, random.Random(seed)).blocks:
            taken = [
                (row + down, column + right)
                for row, column, slot in placed(block.sheet)
                for down in range(slot.rows)
                for right in range(slot.columns)
            ]
            assert len(taken) == len(set(taken))
            assert all(row < len(block.sheet) for row, _ in taken)


def test_a_changed_cell_changes_the_truth():
    """The truth is read off the printed cells."""
    report = REPORTS[2]
    cell = next(slot for slot in slots(report.blocks) if slot.code and slot.text == "0")
    blocks = tuple(
        Block(b.kind, b.text, tuple(tuple(replace(s, text="77") if s == cell else s for s in row) for row in b.sheet))
        for b in report.blocks
    )
    assert truth_of(replace(report, blocks=blocks)).cells[cell.code].value == 77
