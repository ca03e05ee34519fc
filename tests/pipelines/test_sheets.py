"""XLS, XLSX, ODS: every cell of the fixtures; values as printed, merges, where tables begin and end."""

import io
import struct
import zipfile
from datetime import date, datetime

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.office import sheets
from pipelines.convert.office.sheets import shown
from tests.pipelines import office
from tests.pipelines.test_odt import NAMES, td, tr
from tests.pipelines.word_building import compound

FILES = office.files("xls", "xlsx", "ods")
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def letters(column):
    return chr(65 + column) if column < 26 else letters(column // 26 - 1) + chr(65 + column % 26)


def xlsx(*given, merges=(), hidden=(), extra=None):
    """A workbook of sheets, each a mapping of (row, column) to a number or a text."""
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATION}"><sheets>'
        + "".join(
            f'<sheet name="表{i}" sheetId="{i + 1}" r:id="rId{i}"{" state=" + chr(34) + "hidden" + chr(34) if i in hidden else ""}/>'
            for i in range(len(given))
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">'
        + "".join(
            f'<Relationship Id="rId{i}" Type="{RELATION}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(len(given))
        )
        + "</Relationships>",
    } | (extra or {})
    for i, cells in enumerate(given):
        rows: dict[int, str] = {}
        for (row, column), value in sorted(cells.items()):
            kind = f"<v>{value}</v>" if not isinstance(value, str) else f"<is><t>{value}</t></is>"
            type_ = "" if not isinstance(value, str) else ' t="inlineStr"'
            rows[row] = rows.get(row, "") + f'<c r="{letters(column)}{row + 1}"{type_}>{kind}</c>'
        data = "".join(f'<row r="{row + 1}">{inner}</row>' for row, inner in rows.items())
        merged = "".join(f'<mergeCell ref="{each}"/>' for each in merges)
        parts[f"xl/worksheets/sheet{i}.xml"] = (
            f"<worksheet {MAIN}><sheetData>{data}</sheetData>{f'<mergeCells>{merged}</mergeCells>' if merged else ''}</worksheet>"
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def of(*rows):
    """Rows of values, None where nothing stands, as a sheet."""
    return {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row) if value is not None}


def read(*given, **options):
    return sheets.convert(xlsx(*given, **options), Context())


def told(*rows, merges=()):
    """The blocks of one sheet: texts, and for a table the first column of its grid."""
    found = read(of(*rows), merges=merges)
    assert found.state == "ok", found.error
    return [
        b.text if b.grid is None else [c.text for c in found.grids[b.grid].cells if c.column == 0] for b in found.blocks
    ]


def record(number, body=b""):
    return struct.pack("<HH", number, len(body)) + body


def xls(*cells, more=b""):
    """A BIFF8 workbook of one sheet of numbers: (row, column, value)."""
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + more
    name = struct.pack("<BB", 1, 0) + b"A"
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    sheet += b"".join(record(0x203, struct.pack("<HHHd", row, column, 0, value)) for row, column, value in cells)
    sheet += record(0x0A)
    at = len(start) + 4 + 6 + len(name) + 4
    return compound({"Workbook": start + record(0x85, struct.pack("<IBB", at, 0, 0) + name) + record(0x0A) + sheet})


# ---------------------------------------------------------------- whole reports


@pytest.mark.parametrize("name", FILES)
def test_every_cell_is_right(name):
    assert office.wrong_cells(name) == {}


@pytest.mark.parametrize("name", FILES)
def test_title(name):
    assert "".join(office.reading(name).title.split()) == "".join(office.truth(name)["title"].split())


@pytest.mark.parametrize("field", ["publisher", "year", "form"])
@pytest.mark.parametrize("name", FILES)
def test_whose_report_it_is(name, field):
    assert getattr(office.reading(name), field) == office.truth(name)[field]


@pytest.mark.parametrize("name", FILES)
def test_headings_are_text_and_tables_are_grids(name):
    """What stands between the tables is text, in its order; nothing of it is swallowed by a table."""
    heads = [text for text in office.truth(name)["paragraphs"] if len(text) < 30 and text[1:2] == "、"]
    found = office.reading(name).conversion
    assert [b.text for b in found.blocks if b.text[1:2] == "、"] == heads
    assert len(found.grids) == (1 if name.startswith("2014") else 3)


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (27.0, "27"),
        (0.0, "0"),
        (-1.0, "-1"),
        (1276.5534, "1276.5534"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1e+15"),
        (7, "7"),
        (True, "TRUE"),
        (date(2024, 1, 2), "2024-01-02"),
        (datetime(2024, 1, 2), "2024-01-02"),
        (datetime(2024, 1, 2, 3, 4, 5), "2024-01-02 03:04:05"),
        (" 增10 ", " 增10 "),
    ],
)
def test_values_are_printed_as_cells_print_them(value, text):
    assert shown(value) == text


def test_numbers_texts_and_blanks_of_a_grid():
    found = read(of(["项目", "数量"], ["甲", 27.0], ["乙", None], ["丙", 0], ["丁", "-1"]))
    assert [(c.row, c.text) for c in found.grids[0].cells if c.column == 1] == [
        (0, "数量"),
        (1, "27"),
        (2, ""),
        (3, "0"),
        (4, "-1"),
    ]


def test_a_cell_knows_its_place():
    found = read({(6, 27): "甲", (6, 28): 1, (7, 27): "乙", (7, 28): 2})
    assert found.grids[0].cells[3].place.path == "sheet[表0]!AC8"
    assert (found.grids[0].rows, found.grids[0].columns) == (2, 2)


def test_merged_cells_span():
    rows = (["组", "宽", None], [None, 1, 2])
    assert office.shape(read(of(*rows), merges=("A1:A2", "B1:C1")).grids[0]) == [
        (0, 0, 2, 1, "组"),
        (0, 1, 1, 2, "宽"),
        (1, 1, 1, 1, "1"),
        (1, 2, 1, 1, "2"),
    ]


def test_hidden_sheets_are_left_out_unless_there_is_no_other():
    one, two = of(["甲", 1], ["乙", 2]), of(["丙", 3], ["丁", 4])
    assert [g.cells[0].text for g in read(one, two, hidden=(0,)).grids] == ["丙"]
    assert [g.cells[0].text for g in read(one, two, hidden=(0, 1)).grids] == ["甲", "丙"]


# ---------------------------------------------------------------- titles, headings, notes

HEAD = ["指标", "单位", "数"]


def test_blank_rows_part_tables():
    assert told(["甲", 1], ["乙", 2], [None], ["丙", 3], ["丁", 4]) == [["甲", "乙"], ["丙", "丁"]]


def test_a_title_above_and_a_note_below_are_text():
    rows = (["某局年报"], [None, None, "单位：件"], HEAD, ["甲", "件", 1], ["乙", "件", 2], ["注：自填"])
    assert told(*rows, merges=("A1:C1",)) == ["某局年报", "单位：件", ["指标", "甲", "乙"], "注：自填"]


def test_a_label_whose_figure_is_blank_stays_in_its_table():
    rows = (HEAD, ["一、总体"], ["甲", "件", 1], ["二、其他"], ["乙", "件", None], ["丙"])
    assert told(*rows) == [["指标", "一、总体", "甲", "二、其他", "乙", "丙"]]


def test_merged_group_rows_of_one_table_stay_in_it():
    rows = (["统计表"], HEAD, ["一、总体"], ["甲", "件", 1], ["二、其他"], ["乙", "件", 2])
    assert told(*rows, merges=("A1:C1", "A3:C3", "A5:C5")) == ["统计表", ["指标", "一、总体", "甲", "二、其他", "乙"]]


def test_a_merged_row_that_recurs_opens_its_table():
    part = (["信息内容", "数"], ["规章", 1])
    rows = (["二、主动公开"], ["第二十条第（一）项"], *part, ["第二十条第（五）项"], *part)
    assert told(*rows, merges=("A1:B1", "A2:B2", "A5:B5")) == [
        "二、主动公开",
        ["第二十条第（一）项", "信息内容", "规章", "第二十条第（五）项", "信息内容", "规章"],
    ]


@pytest.mark.parametrize("merges", [(), ("A3:F3",)])
def test_a_heading_between_tables_of_different_columns_is_text(merges):
    rows = (["甲", 1], ["乙", 2], ["三、收到申请"], ["丙", 1, 2, 3, 4, 5], ["丁", 1, 2, 3, 4, 5])
    assert told(*rows, merges=merges) == [["甲", "乙"], "三、收到申请", ["丙", "丁"]]


def test_a_sheet_of_sentences_is_text():
    assert told(["第一段"], ["第二段"], [None], ["第三段"]) == ["第一段", "第二段", "第三段"]


# ---------------------------------------------------------------- OpenDocument


def ods(*rows):
    return _package(f'<table:table table:name="表">{"".join(rows)}</table:table>')


def _package(body):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", sheets.ODS, zipfile.ZIP_STORED)
        package.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>",
        )
    return buffer.getvalue()


def test_an_opendocument_sheet_is_what_it_prints():
    comment = "<table:table-cell><office:annotation><text:p>批</text:p></office:annotation><text:p>98%</text:p></table:table-cell>"
    payload = ods(
        tr(td("甲", number_rows_spanned=2), td("1"), td("", number_columns_repeated=1022)),
        tr("<table:covered-table-cell/>", comment),
        tr(td("", number_columns_repeated=1024), number_rows_repeated=1048574),
    )
    found = sheets.convert(payload, Context())
    assert office.shape(found.grids[0]) == [(0, 0, 2, 1, "甲"), (0, 1, 1, 1, "1"), (1, 1, 1, 1, "98%")]


# ---------------------------------------------------------------- caps and damage

FORMATTED = {"xl/worksheets/sheet0.xml": f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
             '<row r="2"><c r="A2"><v>3</v></c><c r="B2"><v>4</v></c></row><row r="1048576"><c r="XFD1048576" s="3"/></row></sheetData></worksheet>'}  # fmt: skip


def test_formatted_cells_without_a_value_make_no_sheet_large():
    payload = xlsx(of([1, 2], [3, 4]))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, FORMATTED.get(name) or old.read(name))
    found = sheets.convert(buffer.getvalue(), Context())
    assert [c.text for c in found.grids[0].cells] == ["1", "2", "3", "4"]


def test_a_binary_workbook_is_read():
    assert [
        c.text
        for c in sheets.convert(xls((0, 0, 1.0), (0, 1, 2.5), (1, 0, -3.0), (1, 1, 0.0)), Context()).grids[0].cells
    ] == ["1", "2.5", "-3", "0"]


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (xlsx({(0, 0): 1, (1048575, 16383): 2}), "refused"),
        (xlsx({(row, 0): row for row in range(6000)} | {(row, 1): row for row in range(6000)}), "refused"),
        (xlsx(of(["x"]), extra={"xl/workbook.bin": "x"}), "refused"),
        (xlsx(of(["x"]), extra={"xl/sharedStrings.xml": "x" * 5_000_000}), "refused"),
        (xlsx({}), "empty"),
        (xlsx(of(["x"]))[:400], "unreadable"),
        (xlsx(of(["x"])).replace(b"xl/workbook.xml", b"xl/workbuch.xml"), "unreadable"),
        (xls((0, 0, 1.0), (65535, 255, 2.0)), "refused"),
        (xls((0, 0, 1.0), more=record(0x2F, b"\1\0\1\0\1\0" + bytes(48))), "encrypted"),
        (compound({"Contents": b"x"}), "unreadable"),
        (_package('<table:table><table:table-row table:number-rows-repeated="900000"><table:table-cell>'
                  "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"), "refused"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so(payload, state):
    found = sheets.convert(payload, Context())
    assert (found.state, bool(found.error)) == (state, True)


@pytest.mark.parametrize("name", ["2021a/tables.xlsx", "2021a/tables.xls", "2021b/tables.ods"])
def test_truncated_files_end_in_a_state(name):
    payload = (office.FIXTURES / name).read_bytes()
    whole = sheets.convert(payload, Context())
    for part in office.cut(payload):
        found = sheets.convert(part, Context())
        assert found.state == "unreadable" or found.grids == whole.grids


@pytest.mark.parametrize("name", ["2021a/tables.xlsx", "2021a/tables.xls", "2021b/tables.ods"])
def test_flipped_bytes_never_raise(name):
    for broken in office.flipped((office.FIXTURES / name).read_bytes()):
        found = sheets.convert(broken, Context())
        assert found.state == "ok" or found.error
