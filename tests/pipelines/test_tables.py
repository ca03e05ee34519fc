"""Every cell of a form's table becomes its observation; damage never becomes a wrong value."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.forms import indicators
from archive.model import Cell, Grid
from pipelines.tables import has_form, read_tables
from tests.pipelines.building import C, applications, disclosure, disputes, grid, modern, sound_values, statistics


def read(tables, **options):
    return read_tables([grid(table) for table in tables], **options)


def by_code(tables, **options):
    found = read(tables, **options)
    return {o.indicator: o for o in found.observations}


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_a_sound_report_gives_every_indicator_once(name):
    values = sound_values(name)
    found = read(modern(name, values))
    assert [o.indicator for o in found.observations] == list(indicators(name))
    assert {o.indicator: str(o.value) for o in found.observations} == values
    assert {o.status for o in found.observations} == {"ok"}
    assert found.form == name


def test_the_table_of_2014_gives_every_indicator_once():
    values = sound_values("2014") | {"review.other": "3", "litigation.other": "7", "applications.fees": "0.5"}
    found = read([statistics(values)])
    assert [o.indicator for o in found.observations] == list(indicators("2014"))
    assert {o.indicator: str(o.value) for o in found.observations} == values
    assert found.form == "2014"
    assert {o.indicator: o.unit for o in found.observations}["applications.fees"] == "万元"


def test_an_observation_knows_its_cell():
    found = by_code(modern("2021", sound_values("2021")))
    where = found["applications.received.business"].where
    assert (where.table, where.row, where.column, where.row_label, where.column_label) == (
        1,
        3,
        4,
        "一、本年新收政府信息公开申请数量",
        "商业企业",
    )


def test_a_table_of_2021_with_the_single_row_of_2019_is_mixed():
    values = sound_values("2019") | sound_values("2021")
    found = read([disclosure("2021", values), applications("2019", values), disputes(values)])
    codes = {o.indicator for o in found.observations}
    assert found.form == "mixed"
    assert "applications.outcome.other.total" in codes
    assert not any(code.startswith("applications.outcome.other.misc") for code in codes)


@pytest.mark.parametrize(
    ("text", "status", "raw"),
    [("", "blank", ""), ("-", "blank", "-"), ("无", "blank", "无"), ("/", "blank", "/"), ("约3", "ambiguous", "约3")],
)
def test_blank_dash_and_none_are_told_from_zero(text, status, raw):
    values = sound_values("2021") | {"applications.carried_in.research": text}
    o = by_code(modern("2021", values))["applications.carried_in.research"]
    assert (o.value, o.status, o.raw) == (None, status, raw)


def test_a_blank_half_of_table_four_stays_blank():
    values = sound_values("2021") | {f"review.{c}": "" for c in ("upheld", "corrected", "other", "pending", "total")}
    found = by_code(modern("2021", values))
    assert {found[f"review.{c}"].status for c in ("upheld", "corrected", "other", "pending", "total")} == {"blank"}
    assert found["litigation.direct.total"].value == 0


def test_printed_units_and_signs_are_kept():
    values = sound_values("2019") | {
        "disclosure.procurement.amount": "251000元",
        "disclosure.licensing.items_change": "减2",
    }
    found = by_code(modern("2019", values))
    assert (found["disclosure.procurement.amount"].value, found["disclosure.procurement.amount"].unit) == (251000, "元")
    assert found["disclosure.licensing.items_change"].value == -2


def altered(table, label, change):
    """The table with the row of that label changed."""
    return [change(row) if any(cell.text == label for cell in row) else row for row in table]


def test_a_row_of_six_values_is_ambiguous_and_keeps_what_it_prints():
    table = altered(applications("2021", sound_values("2021")), "2.重复申请", lambda row: [*row[:1], *row[2:]])
    found = by_code([table])
    row = [o for code, o in found.items() if code.startswith("applications.outcome.not_processed.duplicate.")]
    assert {o.status for o in row} == {"ambiguous"}
    assert {o.value for o in row} == {None}
    assert row[0].raw == "0 | 0 | 0 | 0 | 0 | 0"


@pytest.mark.parametrize("blanks", [1, 2, 3])
def test_rows_with_more_cells_are_read_from_the_right(blanks):
    values = sound_values("2021", 1)
    table = altered(
        applications("2021", values), "1.属于国家秘密", lambda row: [*row[:-7], *[C("")] * blanks, *row[-7:]]
    )
    found = by_code([table])
    code = "applications.outcome.refused.state_secret"
    assert {c: str(found[f"{code}.{c}"].value) for c in ("natural_person", "business", "total")} == {
        c: values[f"{code}.{c}"] for c in ("natural_person", "business", "total")
    }


def test_a_phantom_eighth_value_is_dropped_when_blank():
    values = sound_values("2021", 2)
    table = altered(applications("2021", values), "（一）予以公开", lambda row: [*row, C("")])
    assert (
        str(by_code([table])["applications.outcome.granted.total"].value)
        == values["applications.outcome.granted.total"]
    )


def test_eight_numbers_are_ambiguous_unless_only_one_reading_adds_up():
    def eight(row, extra):
        return [*row[:1], *[C(t) for t in extra]]

    table = altered(
        applications("2021", sound_values("2021")),
        "2.重复申请",
        lambda row: eight(row, ["5", "0", "0", "0", "0", "0", "5", "5"]),
    )
    assert by_code([table])["applications.outcome.not_processed.duplicate.total"].status == "ambiguous"
    table = altered(
        applications("2021", sound_values("2021")),
        "2.重复申请",
        lambda row: eight(row, ["3", "4", "0", "0", "0", "0", "7", "9"]),
    )
    assert by_code([table])["applications.outcome.not_processed.duplicate.total"].value == 7


@pytest.mark.parametrize(
    ("label", "printed"),
    [
        ("3.要求提供公开出版物", "3. 要求提供公开出 版物"),
        ("2.其他法律行政法规禁止公开", "2、其他法律行政止公开"),
        ("（七）总计", "总 计"),
        ("（一）予以公开", "(一)予以公开"),
        ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "（二）部分公开"),
        ("三（）", "三（）"),
        ("二、上年结转政府信息公开申请数量", "上年结转政府信息公开申请数量"),
        ("4.无正当理由大量反复申请", "无正当理由大量反复申请（说明：同一申请人反复提出的计入此项）"),
        ("四、结转下年度继续办理", "五、结转下年度继续办理"),
    ],
)
def test_damaged_labels_are_still_their_rows(label, printed):
    values = sound_values("2021", 3)
    table = [
        [replace(cell, text=printed) if cell.text == label else cell for cell in row]
        for row in applications("2021", values)
    ]
    found = by_code([table])
    assert {o.indicator: str(o.value) for o in found.values() if not o.indicator.startswith("local:")} == {
        code: value for code, value in values.items() if code.startswith("applications.")
    }


def test_a_label_cut_by_a_page_break_is_one_row():
    values = sound_values("2021", 1)
    table: list = []
    for row in applications("2021", values):
        if row[0].text == "3.要求提供公开出版物":
            table += [[C("3.要求提供公"), *row[1:]], [C("开出版物"), *[C("")] * 7]]
        else:
            table.append(row)
    found = by_code([table])
    assert found["applications.outcome.not_processed.publication.total"].status == "ok"
    assert found["applications.outcome.not_processed.excessive.total"].status == "ok"


def test_halves_in_two_grids_with_a_repeated_head_are_one_table():
    values = sound_values("2021", 1)
    table = applications("2021", values)
    flat = [row[-8:] if len(row) > 8 else row for row in table[3:]]
    head = [
        [C(""), *[C(t) for t in ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")]]
    ]
    found = by_code([[*head, *flat[:12]], [*head, *flat[12:]]])
    assert {code: str(o.value) for code, o in found.items()} == {
        c: v for c, v in values.items() if c.startswith("applications.")
    }


def test_a_missing_row_is_missing():
    table = [row for row in applications("2021", sound_values("2021")) if row[0].text != "8.属于行政查询事项"]
    assert by_code([table])["applications.outcome.refused.statutory_inquiry.total"].status == "missing"


def test_a_table_printed_twice_is_read_once():
    values = sound_values("2021", 1)
    found = read([applications("2021", values), applications("2021", values)])
    assert len(found.observations) == 175
    assert found.repeated == ()
    assert {o.status for o in found.observations} == {"ok"}


def test_a_table_printed_twice_with_other_figures_is_not_claimed():
    found = read([applications("2021", sound_values("2021", 1)), applications("2021", sound_values("2021", 2))])
    assert found.repeated == ("applications",)
    codes = {o.indicator: o for o in found.observations if not o.indicator.startswith("local:")}
    assert len(codes) == 175
    assert {o.status for o in codes.values()} == {"ambiguous"}


@pytest.mark.parametrize("name", ["disclosure", "applications", "disputes", "statistics"])
@pytest.mark.parametrize("first", [True, False])
def test_of_two_years_tables_the_report_s_own_is_read(name, first):
    makers = {
        "disclosure": lambda v: disclosure("2021", v),
        "applications": lambda v: applications("2021", v),
        "disputes": disputes,
        "statistics": statistics,
    }
    form = "2014" if name == "statistics" else "2021"
    own = sound_values(form, 1) | (
        {"disclosure.items.total": "7"} if form == "2014" else {"review.other": "4", "review.total": "7"}
    )
    grids = [grid(makers[name](own)), grid(makers[name](sound_values(form, 2)))]
    hints = ["2023年", "2022年情况"]
    order = (0, 1) if first else (1, 0)
    found = read_tables([grids[i] for i in order], year=2023, hints=[hints[i] for i in order])
    assert found.repeated == ()
    codes = {o.indicator: o for o in found.observations if o.indicator in own}
    assert codes
    assert {code: str(o.value) for code, o in codes.items()} == {code: own[code] for code in codes}


def test_blocks_of_table_two_in_grids_of_their_own():
    values = sound_values("2019", 1)
    table = disclosure("2019", values)
    parts, start = [], 0
    for i, row in enumerate([*table, [C("第二十条第（十）项")]]):
        if i > start and row[0].text.startswith("第二十条"):
            parts.append(table[start:i])
            start = i
    found = by_code(parts)
    assert {code: str(o.value) for code, o in found.items()} == {
        c: v for c, v in values.items() if c.startswith("disclosure.")
    }


def test_normative_documents_by_their_older_name():
    values = sound_values("2021")
    table = [
        [replace(c, text="规范性文件") if c.text == "行政规范性文件" else c for c in row]
        for row in disclosure("2021", values)
    ]
    assert by_code([table])["disclosure.normative_docs.issued"].value == 5


def test_an_extra_row_of_table_two_is_kept_word_for_word():
    table = disclosure("2021", sound_values("2021"))
    table.insert(4, [C("其他主动公开文件"), C("7"), C("0"), C("9")])
    found = by_code([table])
    assert found["local:其他主动公开文件 / 本年制发件数"].value == 7
    assert found["local:其他主动公开文件 / 现行有效件数"].value == 9
    assert found["disclosure.normative_docs.issued"].value == 5


def test_table_four_with_review_and_litigation_apart():
    values = sound_values("2021") | {"litigation.direct.upheld": "4", "litigation.direct.total": "4"}
    whole = disputes(values)
    review = [[C("行政复议", 1, 5)], [replace(c, rows=1) for c in whole[1][:5]], whole[3][:5]]
    court = [[C("行政诉讼", 1, 10)], whole[1][5:], whole[2], whole[3][5:]]
    found = by_code([review, court])
    assert (
        found["review.total"].value,
        found["litigation.direct.upheld"].value,
        found["litigation.after_review.total"].value,
    ) == (3, 4, 0)


def test_fourteen_values_in_table_four_are_ambiguous():
    table = disputes(sound_values("2021"))
    table[3] = table[3][1:]
    assert {o.status for o in by_code([table]).values()} == {"ambiguous"}


# ---------------------------------------------------------------- local tables

LOCAL = [
    [C("指标名称"), C("计量单位"), C("2016年度"), C("历年累计")],
    [C("主动公开文件数"), C("条"), C("3120"), C("45678")],
    [C("其中：1、政府网站公开数"), C("条"), C("3120"), C("45678")],
    [C("受理依申请公开信息总数"), C("条"), C("1"), C("1")],
    [C("其中：1、当面申请数"), C("条"), C("0"), C("3")],
    [C("政府信息公开收费减免金额"), C("元"), C("0"), C("0")],
    [C("单位负责人：某某"), C("联系电话"), C("2345678"), C("")],
]


def test_rows_of_a_local_table_are_kept_word_for_word():
    found = by_code([LOCAL])
    assert found["local:主动公开文件数 / 2016年度"].value == 3120
    assert found["local:主动公开文件数 / 历年累计"].value == 45678
    assert found["local:主动公开文件数 / 2016年度"].unit == "条"


def test_a_label_with_the_definition_of_2014_is_read_into_its_code_this_year_only():
    found = by_code([LOCAL])
    assert found["applications.received.total"].value == 1
    assert found["local:受理依申请公开信息总数 / 历年累计"].value == 1
    assert read([LOCAL]).form is None


def test_names_and_telephones_are_no_figures():
    assert not any("负责人" in code or o.value == 2345678 for code, o in by_code([LOCAL]).items())


def test_a_label_printed_twice_keeps_both_figures():
    found = by_code([[[C("指标"), C("数")], [C("合计数"), C("1")], [C("合计数"), C("2")]]])
    assert (found["local:合计数"].value, found["local:合计数 (2)"].value) == (1, 2)


def test_local_rows_can_be_left_out():
    assert read([LOCAL], local=False).observations == ()


def test_has_form_looks_for_labels():
    assert has_form([grid(applications("2021", sound_values("2021")))])
    assert not has_form([grid(LOCAL)])


# ---------------------------------------------------------------- damage


def _damage(table, rng):
    """One of the damages seen in real reports, at a random row of values."""
    rows = [i for i, row in enumerate(table) if i > 2 and len(row) >= 8]
    i = rng.choice(rows)
    row = list(table[i])
    kind = rng.randrange(6)
    if kind == 0:
        del row[-rng.randint(1, 7)]
    elif kind == 1:
        row.insert(len(row) - 7, C(""))
    elif kind == 2:
        row.append(C(""))
    elif kind == 3:
        label = row[-8]
        row[-8] = replace(label, text=label.text[: max(3, len(label.text) - rng.randint(1, 4))])
    elif kind == 4:
        row[-rng.randint(1, 7)] = C(rng.choice(["", "-", "无", "1 2", "?"]))
    else:
        return [*table[:i], *table[i + 1 :]]
    return [*table[:i], row, *table[i + 1 :]]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(["2019", "2021"]))
def test_damage_never_becomes_a_wrong_value(seed, name):
    rng = random.Random(seed)
    values = sound_values(name, seed % 7)
    table = _damage(applications(name, values), rng)
    for code, o in by_code([table]).items():
        assert (o.value is not None) == (o.status in {"ok", "text"})
        if o.status == "ok" and not code.startswith("local:"):
            assert str(o.value) == values[code], (code, o)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(
            Cell,
            st.integers(0, 12),
            st.integers(0, 9),
            st.text("一二三自然人总计0123-无 规章申请", max_size=12),
            st.integers(1, 4),
            st.integers(1, 4),
        ),
        max_size=60,
    )
)
def test_any_grid_is_survived(cells):
    found = read_tables([Grid(17, 14, tuple(cells))])
    assert all((o.value is not None) == (o.status in {"ok", "text"}) for o in found.observations)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 14), min_size=1, max_size=8))
def test_heads_of_table_4_that_cannot_be_read_never_move_a_value(lost):
    values = sound_values("2021") | {
        "review.upheld": "2",
        "litigation.direct.other": "7",
        "litigation.direct.total": "7",
    }
    table = disputes(values)
    heads = [
        cell for row in table for cell in row if cell.text in {"结果维持", "结果纠正", "其他结果", "尚未审结", "总计"}
    ]
    assert len(heads) == 15
    blanked = [
        [replace(cell, text="〓") if any(cell is heads[i] for i in lost) else cell for cell in row] for row in table
    ]
    for code, o in by_code([blanked]).items():
        assert o.status in {"ok", "ambiguous", "missing"}
        assert o.status != "ok" or str(o.value) == values[code], (code, o)


def test_the_statistics_in_two_panels_are_read_from_both():
    values = sound_values("2014") | {"training.participants": "31", "disclosure.items.total": "900"}
    head, *rows = statistics(values)
    half = (len(rows) + 1) // 2
    beside = [left + (rows[half + i] if half + i < len(rows) else [C("")] * 3) for i, left in enumerate(rows[:half])]
    found = by_code([[head + head, *beside]])
    assert {code: o.raw for code, o in found.items() if o.status == "ok"} == values


def test_table_four_that_stands_upright_is_read_by_its_labels():
    values = sound_values("2021") | {"litigation.direct.other": "6", "litigation.direct.total": "6"}
    groups = (
        ("行政复议", "review"),
        ("未经复议直接起诉", "litigation.direct"),
        ("复议后起诉", "litigation.after_review"),
    )
    results = (
        ("结果维持", "upheld"),
        ("结果纠正", "corrected"),
        ("其他结果", "other"),
        ("尚未审结", "pending"),
        ("总计", "total"),
    )
    table = [[C("类别", 1, 2), C("数量")]]
    for name, code in groups:
        for i, (label, result) in enumerate(results):
            first = [C(name, 5, 1)] if i == 0 else []
            table.append([*first, C(label), C(values[f"{code}.{result}"])])
    found = by_code([table])
    wanted = {code: raw for code, raw in values.items() if code.startswith(("review", "litigation"))}
    assert {code: o.raw for code, o in found.items() if o.status == "ok"} == wanted
