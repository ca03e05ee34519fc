"""PDF: characters and lines become tables across pages and paragraphs."""

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.paged import pdf
from pipelines.convert.ruled.lattice import Glyph, Marks, Stroke, read_page
from pipelines.tables import read_tables
from tests.pipelines.building import C, Sheet, applications, disclosure, disputes, drawn, sound_values
from tests.pipelines.building import pdf as made

T3 = [30.0, 50.0, 120.0, *[38.0] * 7]


def read(*sheets):
    return pdf.convert(made(list(sheets)), Context())


def lines(*texts, left=90.0, top=100.0, step=20.0):
    return Sheet([(left, top + i * step, text) for i, text in enumerate(texts)], [], 12)


def short(table):
    """Labels cut to the width of the drawn cells, as the full ones would run out of them."""
    return [[C(c.text[: 3 if c.rows > 5 else 12], c.rows, c.columns) for c in row] for row in table]


def test_a_table_on_one_page_reads_to_the_last_cell():
    values = sound_values("2021", 1)
    found = read(drawn(short(applications("2021", values)), 60, T3))
    observations = read_tables(found.grids).observations
    assert {o.indicator: str(o.value) for o in observations} == {
        c: v for c, v in values.items() if c.startswith("applications.")
    }
    place = observations[0].where.place
    assert place.page == 1
    assert 250 < place.box[0] < 265


def test_tables_two_and_four():
    values = sound_values("2021", 2)
    four = drawn(disputes(values), 60, [33.0] * 15, left=30)
    four.size = 7
    found = read(drawn(disclosure("2021", values), 60, [120.0] * 4), four)
    codes = {o.indicator: str(o.value) for o in read_tables(found.grids).observations}
    assert codes == {c: v for c, v in values.items() if not c.startswith("applications.")}


def split(at, *, head, widths=T3):
    """Table 3 cut after row ``at``, on two pages."""
    values = sound_values("2021", 3)
    table = short(applications("2021", values))
    whole = drawn(table, 0, widths)
    upper, lower = Sheet([], []), Sheet([], [])
    edge, offset = at * 16.0, 3 * 16.0 if head else 0.0
    for x, y, text in whole.texts:
        (upper if y < edge else lower).texts.append((x, y + 500 if y < edge else y - edge + 60 + offset, text))
    for x0, y0, x1, y1 in whole.lines:
        if y0 < edge:
            upper.lines.append((x0, y0 + 500, x1, min(y1, edge) + 500))
        if y1 > edge:
            lower.lines.append((x0, max(y0, edge) - edge + 60 + offset, x1, y1 - edge + 60 + offset))
    left, right = 60.0, 60.0 + sum(widths)
    upper.lines.append((left, edge + 500, right, edge + 500))
    lower.lines.append((left, 60 + offset, right, 60 + offset))
    if head:
        again = drawn(table[:3], 60, widths)
        lower.texts += again.texts
        lower.lines += again.lines
    return values, upper, lower


@pytest.mark.parametrize("at", [6, 9, 14, 20, 24])
@pytest.mark.parametrize("head", [False, True])
def test_a_table_cut_by_a_page_break_is_one(at, head):
    values, upper, lower = split(at, head=head)
    found = read(upper, lower)
    assert len(found.grids) == 1
    assert {o.indicator: str(o.value) for o in read_tables(found.grids).observations} == {
        c: v for c, v in values.items() if c.startswith("applications.")
    }


def test_a_row_cut_in_its_label_is_one_row():
    upper = drawn(
        [[C("一、甲"), C("1"), C("2"), C("3")], [C("二、要求提供公"), C("4"), C("5"), C("6")]],
        700,
        [100.0, 60.0, 60.0, 60.0],
    )
    lower = drawn(
        [[C("开出版物"), C(""), C(""), C("")], [C("三、乙"), C("7"), C("8"), C("9")]], 60, [100.0, 60.0, 60.0, 60.0]
    )
    grid = read(upper, lower).grids[0]
    assert grid.rows == 3
    assert [c.text for c in grid.cells if c.column == 0] == ["一、甲", "二、要求提供公开出版物", "三、乙"]


def test_text_between_two_tables_keeps_them_apart():
    upper = drawn([[C("甲"), C("1")], [C("乙"), C("2")]], 600, [100.0, 60.0])
    upper.texts.append((60, 700, "五、存在的主要问题及改进情况在此说明"))
    lower = drawn([[C("丙"), C("3")], [C("丁"), C("4")]], 60, [100.0, 60.0])
    assert len(read(upper, lower).grids) == 2


def test_wrapped_lines_are_one_paragraph_and_page_numbers_are_gone():
    first = Sheet([], [], 12)
    first.texts = [
        (114, 100, "第一段开头空两格，写满一整行直到右边的页边距为止"),
        (90, 120, "第二行接着第一行写，一直写到右边距这里还没有写完呢"),
        (90, 140, "第三行结束。"),
        (114, 160, "第二段也是空两格开头的，同样写满这一行直到右边距"),
        (90, 180, "接着写完第二段，这一行也是写到右边距所以跨到下页去"),
        (290, 800, "- 1 -"),
    ]
    second = Sheet(
        [(90, 100, "在下页写完。"), (114, 120, "第三段。"), (114, 140, "第四段。"), (290, 800, "- 2 -")], [], 12
    )
    found = [block.text for block in read(first, second).blocks]
    assert found == [
        "第一段开头空两格，写满一整行直到右边的页边距为止第二行接着第一行写，一直写到右边距这里还没有写完呢第三行结束。",
        "第二段也是空两格开头的，同样写满这一行直到右边距接着写完第二段，这一行也是写到右边距所以跨到下页去在下页写完。",
        "第三段。",
        "第四段。",
    ]


def test_running_heads_are_no_text_and_do_not_part_a_table():
    values, upper, lower = split(14, head=False)
    third = lines("第三页只有一段文字。")
    for sheet in (upper, lower, third):
        sheet.texts.append((200, 40, "云川县林业局年度报告"))
    found = read(upper, lower, third)
    assert len(found.grids) == 1
    assert [b.text for b in found.blocks if b.kind != "table"] == ["第三页只有一段文字。"]
    assert {o.indicator for o in read_tables(found.grids).observations} <= set(values)


def test_prose_in_a_ruled_box_is_text():
    sheet = lines("本报告由本局编制，所列数据真实有效，特此向社会公布。")
    sheet.lines = [(80, 80, 500, 80), (80, 120, 500, 120), (80, 80, 80, 120), (500, 80, 500, 120)]
    found = read(sheet)
    assert found.grids == ()
    assert found.blocks[0].text.startswith("本报告由本局编制")


def test_digits_wrapped_in_a_cell_join_only_when_the_line_was_full():
    sheet = drawn([[C("项目", 1, 1), C("数量", 1, 1)], [C("甲"), C("")]], 60, [100.0, 40.0], height=40)
    sheet.texts += [(162, 111, "12"), (162, 125, "34"), (300, 700, "这里有足够多的文字使它不被当作扫描件处理")]
    assert read(sheet).grids[0].cells[-1].text == "12\n34"


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (b"%PDF-1.4 broken", "unreadable"),
        (made([Sheet([], [])]), "empty"),
        (made([Sheet([], [(80, 80, 500, 80), (80, 120, 500, 120)])]), "needs"),
        (made([lines("公开工作年度报告的文字")] * 301), "refused"),
        (made([lines("文")])[:400], "unreadable"),
    ],
)
def test_what_cannot_be_read_says_so(payload, state):
    found = pdf.convert(payload, Context())
    assert found.state == state
    assert found.error


def test_a_page_of_lines_among_pages_of_text_is_left_alone():
    found = read(lines("本报告由本局编制，所列数据的统计期限为一年"), Sheet([], [(80, 80, 500, 80)]))
    assert (found.state, found.error) == ("ok", None)


def test_a_table_whose_outer_sides_are_not_drawn():
    values = sound_values("2021", 5)
    sheet = drawn(short(applications("2021", values)), 60, T3)
    left, right = min(x for x, *_ in sheet.lines), max(x for _, _, x, _ in sheet.lines)
    sheet.lines = [line for line in sheet.lines if not (line[0] == line[2] and line[0] in {left, right})]
    found = {o.indicator: str(o.value) for o in read_tables(read(sheet).grids).observations}
    assert found == {c: v for c, v in values.items() if c.startswith("applications.")}


def test_underlined_prose_is_no_table():
    sheet = lines("本报告由本局编制，所列数据的统计期限为一年", "第二行也画了线")
    sheet.lines = [(90, 104, 500, 104), (90, 124, 500, 124), (90, 144, 500, 144)]
    assert read(sheet).grids == ()


# ---------------------------------------------------------------- the engine alone


def glyph(text, x, y):
    return Glyph(text, x, y - 8, x + 8, y, x, y)


def test_the_engine_needs_no_pdf():
    strokes = [Stroke(0, y, 90, y) for y in (0, 20, 40)] + [Stroke(x, 0, x, 40) for x in (0, 30, 60, 90)]
    marks = Marks(1, 100, 100, (glyph("甲", 5, 15), glyph("1", 35, 15), glyph("外", 5, 80)), tuple(strokes))
    tables, rest = read_page(marks)
    assert len(tables[0].fields) == 6
    assert [g.text for g in rest] == ["外"]


def test_dashed_and_doubled_lines_are_one():
    dashes = [Stroke(x, 20, x + 4, 20) for x in range(0, 90, 6)]
    double = [Stroke(30, 0, 30, 40), Stroke(30.8, 0, 30.8, 40)]
    frame = [Stroke(0, 0, 90, 0), Stroke(0, 40, 90, 40), Stroke(0, 0, 0, 40), Stroke(90, 0, 90, 40)]
    tables, _ = read_page(Marks(1, 100, 100, (), tuple(dashes + double + frame)))
    assert [(f.row, f.column, f.rowspan, f.colspan) for f in tables[0].fields] == [
        (0, 0, 1, 1),
        (0, 1, 1, 1),
        (1, 0, 1, 1),
        (1, 1, 1, 1),
    ]


def test_missing_inner_lines_make_spans():
    strokes = [
        Stroke(0, 0, 90, 0),
        Stroke(30, 20, 90, 20),
        Stroke(0, 40, 90, 40),
        Stroke(0, 0, 0, 40),
        Stroke(30, 0, 30, 40),
        Stroke(60, 20, 60, 40),
        Stroke(90, 0, 90, 40),
    ]
    tables, _ = read_page(Marks(1, 100, 100, (), tuple(strokes)))
    assert [(f.row, f.column, f.rowspan, f.colspan) for f in tables[0].fields] == [
        (0, 0, 2, 1),
        (0, 1, 1, 2),
        (1, 1, 1, 1),
        (1, 2, 1, 1),
    ]
