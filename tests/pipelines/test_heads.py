"""Heads of columns decide: another order, another year, another body, a column or row that is none of the form's."""

from dataclasses import replace

import pytest

from tests.pipelines.building import C, applications, disputes, sound_values, statistics
from tests.pipelines.test_tables import by_code

VALUES = sound_values("2021", 1)
ROW = "applications.received"
COLUMNS = ("natural_person", "business", "research", "public_interest", "legal_service", "other_org", "total")


def printed(found, prefix):
    return {code: (o.status, o.value) for code, o in found.items() if code.startswith(prefix)}


def data(table):
    """Where the rows with seven values begin, and the rows."""
    return [row for row in table if len(row) >= 8 and row[-1].text.isdigit()]


# ---------------------------------------------------------------- table 3


def test_columns_in_another_order_go_by_their_heads():
    values = VALUES | {f"{ROW}.business": "1", f"{ROW}.research": "0"}
    table = applications("2021", values)
    table[2][0], table[2][1] = table[2][1], table[2][0]
    for row in data(table):
        row[-6], row[-5] = row[-5], row[-6]
    found = by_code([table])
    assert {f"{ROW}.{c}": found[f"{ROW}.{c}"].raw for c in COLUMNS} == {
        f"{ROW}.{c}": values[f"{ROW}.{c}"] for c in COLUMNS
    }


def test_a_column_of_subtotals_is_nobody_s():
    values = VALUES | {f"{ROW}.business": "1", f"{ROW}.other_org": "0"}
    table = applications("2021", values)
    table[0][1] = C("申请人情况", 1, 8)
    table[1][1] = C("法人或其他组织", 1, 6)
    table[2].append(C("小计"))
    for row in data(table):
        row.insert(len(row) - 1, C(str(sum(int(cell.text) for cell in row[-6:-1]))))
    found = by_code([table])
    assert {c: found[f"{ROW}.{c}"].raw for c in COLUMNS} == {c: values[f"{ROW}.{c}"] for c in COLUMNS}


@pytest.mark.parametrize("row", ["500000005", "550000000", "000000055"])
def test_nine_figures_in_a_row_are_not_made_seven(row):
    table = applications("2021", VALUES)
    at = next(i for i, line in enumerate(table) if line[0].text.startswith("一、"))
    table[at] = [table[at][0], *(C(figure) for figure in row)]
    found = by_code([table])
    assert {found[f"{ROW}.{c}"].status for c in COLUMNS} == {"ambiguous"}


def test_a_row_that_is_none_of_the_form_s_is_kept_word_for_word():
    table = applications("2021", VALUES)
    at = next(i for i, line in enumerate(table) if line[0].text.startswith("一、"))
    table.insert(at + 1, [C("网上平台收到的咨询件", 1, 3), *(C(str(40 + i)) for i in range(7))])
    found = by_code([table])
    assert found["local:网上平台收到的咨询件 / 总计"].value == 46
    assert found[f"{ROW}.total"].raw == VALUES[f"{ROW}.total"]


# ---------------------------------------------------------------- table 4


def test_litigation_before_review_goes_by_its_heads():
    values = sound_values("2021") | {"litigation.direct.upheld": "9", "litigation.direct.total": "9"}
    table = disputes(values)
    table[0] = [table[0][1], table[0][0]]
    table[1] = [*table[1][5:], *table[1][:5]]
    table[3] = [*table[3][5:], *table[3][:5]]
    wanted = {code: ("ok", int(raw)) for code, raw in values.items() if code.startswith(("review", "litigation"))}
    assert printed(by_code([table]), ("review", "litigation")) == wanted


def test_results_in_another_order_go_by_their_heads():
    table = disputes(VALUES)
    order = (4, 0, 1, 2, 3)
    table[1][:5] = [table[1][i] for i in order]
    table[3][:5] = [table[3][i] for i in order]
    wanted = {code: ("ok", int(raw)) for code, raw in VALUES.items() if code.startswith("review")}
    assert printed(by_code([table]), "review") == wanted


# ---------------------------------------------------------------- table 2


def test_last_year_s_column_is_not_this_year_s():
    table = [
        [C("第二十条第（五）项", 1, 3)],
        [C("信息内容"), C("本年处理决定数量"), C("上年处理决定数量")],
        [C("行政许可"), C("41"), C("99")],
        [C("第二十条第（六）项", 1, 3)],
        [C("信息内容"), C("上年处理决定数量"), C("本年处理决定数量")],
        [C("行政处罚"), C("88"), C("7")],
        [C("行政强制"), C("5"), C("0")],
    ]
    found = by_code([table])
    assert [found[f"disclosure.{name}.decisions"].value for name in ("licensing", "penalties", "coercion")] == [
        41,
        7,
        0,
    ]


@pytest.mark.parametrize("label", ["党内规范性文件", "其中：行政规范性文件（局发）"])
def test_a_row_of_another_kind_is_not_the_row(label):
    table = [
        [C("信息内容"), C("本年制发件数"), C("本年废止件数"), C("现行有效件数")],
        [C("规章"), C("0"), C("0"), C("3")],
        [C(label), C("8"), C("8"), C("8")],
        [C("行政规范性文件"), C("2"), C("1"), C("10")],
    ]
    found = by_code([table])
    names = ("issued", "repealed", "in_force")
    assert [found[f"disclosure.normative_docs.{name}"].value for name in names] == [2, 1, 10]
    assert [o.value for code, o in found.items() if code.startswith("local:")] == [8, 8, 8]


def test_documents_of_a_party_committee_alone_are_not_the_administration_s():
    table = [
        [C("信息内容"), C("本年制发件数"), C("本年废止件数"), C("现行有效件数")],
        [C("规章"), C("0"), C("0"), C("3")],
        [C("党内规范性文件"), C("8"), C("8"), C("8")],
    ]
    assert by_code([table])["disclosure.normative_docs.issued"].status == "missing"


# ---------------------------------------------------------------- before 2019


@pytest.mark.parametrize("head", ["历年累计", "2014年", "备注", "上年数"])
@pytest.mark.parametrize("first", [True, False])
def test_a_blank_of_this_year_is_not_filled_from_beside(head, first):
    values = sound_values("2014")
    table = statistics(values)
    for i, row in enumerate(table):
        blank = row[0].text.startswith("四、") or "维持" in row[0].text
        own = C("2015年") if i == 0 else replace(row[2], text="") if blank else row[2]
        other = C(head) if i == 0 else C("77")
        row[2:] = [other, own] if first else [own, other]
    found = by_code([table], year=2015)
    assert found["review.upheld"].status == "blank"
    assert found["disclosure.items.total"].raw == values["disclosure.items.total"]


def test_a_local_table_of_two_years_gives_the_report_s():
    table = [
        [C("指标"), C("单位"), C("2014年度"), C("2015年度")],
        [C("收到申请总数"), C("件"), C("8"), C("15")],
        [C("当面申请数"), C("件"), C("3"), C("4")],
    ]
    found = by_code([table], year=2015)
    assert found["applications.received.total"].value == 15
    assert found["local:收到申请总数 / 2014年度"].value == 8


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize("text", ["12\n345", "1\n200", "50%", "13912345678"])
def test_what_no_count_can_be_is_ambiguous(text):
    table = disputes(VALUES)
    table[3][0] = C(text)
    found = by_code([table])["review.upheld"]
    assert (found.status, found.value, found.raw) == ("ambiguous", None, text)
