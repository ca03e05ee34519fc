"""The forms' arithmetic: silent on sound tables, telling on broken ones, careful with blanks."""

import pytest

from archive.model import Observation, Where
from pipelines.narrative import compared
from pipelines.tables import read_tables
from pipelines.validate import across_sections, across_years, against_text, validate
from tests.pipelines.building import applications, disclosure, grid, modern, sound_values, statistics


def rules(name, **changes):
    values = sound_values(name, 1) | {code.replace("__", "."): value for code, value in changes.items()}
    tables = [statistics(values)] if name == "2014" else modern(name, values)
    return [f.rule for f in validate(read_tables([grid(t) for t in tables]).observations, [name])]


def observed(**values):
    return [
        Observation(code.replace("__", "."), v, "ok" if v is not None else "blank", str(v), "件", Where())
        for code, v in values.items()
    ]


@pytest.mark.parametrize("name", ["2014", "2019", "2021"])
@pytest.mark.parametrize("seed", range(4))
def test_sound_tables_have_no_findings(name, seed):
    values = sound_values(name, seed)
    tables = [statistics(values)] if name == "2014" else modern(name, values)
    assert validate(read_tables([grid(t) for t in tables]).observations, [name]) == ()


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("2021", {"applications.outcome.total.total": "0"}, {"T3-BAL", "T3-COL", "T3-SUM"}),
        ("2019", {"applications.outcome.total.total": "0"}, {"T3-BAL", "T3-COL", "T3-SUM"}),
        ("2021", {"applications.carried_in.research": "5"}, {"T3-BAL", "T3-COL"}),
        ("2021", {"review.total": "0"}, {"T4-SUM"}),
        ("2021", {"disclosure.rules.in_force": "-1"}, {"T2-NEG"}),
        ("2019", {"disclosure.licensing.items_change": "-3"}, {"T2-NEG"}),
        ("2019", {"disclosure.rules.published_this_year": "3"}, {"T2-2019"}),
        ("2021", {"disclosure.fees.amount": "300元"}, {"T2-2021"}),
        ("2014", {"applications.closed.total": "4", "applications.replied.total": "4"}, {"S14-CLOSED", "S14-REPLY"}),
        ("2014", {"resources.staff.full_time": "2"}, {"S14-STAFF"}),
        ("2014", {"disclosure.items.normative_docs": "500"}, {"S14-DOCS"}),
        ("2014", {"disclosure.items.total": "900"}, {"S14-CHANNEL"}),
        ("2014", {"review.upheld": "1"}, {"S14-REVIEW"}),
        ("2014", {"response.press_conferences.by_head": "1"}, {"S14-HEAD"}),
        ("2014", {"applications.replied.refused.privacy": "1"}, {"S14-REFUSED"}),
        ("2021", {"applications.carried_in.research": "?"}, {"READ-AMBIGUOUS"}),
    ],
)
def test_a_broken_rule_is_found_and_no_other(name, changes, expected):
    assert set(rules(name, **changes)) == expected


def test_messages_are_chinese_and_english_and_name_the_cells():
    values = sound_values("2021", 1) | {"review.total": "9"}
    finding = validate(read_tables([grid(t) for t in modern("2021", values)]).observations, ["2021"])[0]
    assert finding.message.startswith(
        "总计应等于维持、纠正、其他、尚未审结之和（review）：3 ≠ 9 · the total should equal"
    )
    assert finding.indicators == ("review.upheld", "review.corrected", "review.other", "review.pending", "review.total")


def test_blank_columns_break_no_rule():
    values = sound_values("2021")
    for code in [code for code in values if code.startswith("applications.")]:
        row, column = code.rsplit(".", 1)
        values[code] = values[f"{row}.natural_person"] if column in {"natural_person", "total"} else ""
    assert validate(read_tables([grid(t) for t in modern("2021", values)]).observations, ["2021"]) == ()


def test_a_blank_is_no_zero_but_a_sum_above_the_total_is_wrong_anyway():
    assert rules("2021", **{"review.corrected": ""}) == []
    assert rules("2021", **{"review.corrected": "", "review.total": "1"}) == ["T4-SUM"]


def test_text_against_table():
    table = observed(applications__received__total=95)
    found = against_text(table, compared("全年共收到政府信息公开申请17件，均已办结。"))
    assert [(f.rule, f.level, f.indicators) for f in found] == [
        ("TEXT-TABLE", "warning", ("applications.received.total",))
    ]
    assert "17" in found[0].message
    assert "95" in found[0].message
    assert against_text(table, compared("全年共收到政府信息公开申请95件。")) == ()


def test_disputes_without_requests_are_information():
    found = across_sections(
        observed(applications__received__total=0, applications__carried_in__total=0, review__total=2)
    )
    assert [(f.rule, f.level) for f in found] == [("T34-DISPUTES", "info")]


@pytest.mark.parametrize(
    ("now", "before", "rule"),
    [
        ({"applications__carried_in__total": 3}, {"applications__carried_out__total": 2}, "Y-CARRY"),
        (
            {"disclosure__licensing__items_prev_year": 7},
            {"disclosure__licensing__items_prev_year": 5, "disclosure__licensing__items_change": 1},
            "Y-ITEMS",
        ),
        ({"disclosure__rules__public_total": 3}, {"disclosure__rules__public_total": 4}, "Y-PUB"),
        (
            {"disclosure__rules__in_force": 9, "disclosure__rules__issued": 1, "disclosure__rules__repealed": 0},
            {"disclosure__rules__in_force": 5},
            "Y-FORCE",
        ),
        ({"review__total": 0}, {"review__pending": 2}, "Y-PEND"),
    ],
)
def test_year_against_year(now, before, rule):
    assert [f.rule for f in across_years(observed(**now), observed(**before))] == [rule]


def test_years_that_agree_or_are_blank_are_silent():
    now = observed(applications__carried_in__total=3, review__total=None)
    assert across_years(now, observed(applications__carried_out__total=3, review__pending=1)) == ()
    assert (
        across_years(observed(applications__carried_in__total=None), observed(applications__carried_out__total=3)) == ()
    )


def test_a_mixed_report_uses_each_table_own_rules():
    values = sound_values("2019", 1) | {k: v for k, v in sound_values("2021", 1).items() if k.startswith("disclosure")}
    observations = read_tables([grid(disclosure("2021", values)), grid(applications("2019", values))]).observations
    assert validate(observations, ["2021", "2019"]) == ()
