"""Struck-out, raised, hidden and unreadable contents of cells: every reader treats them alike."""

from __future__ import annotations

import io
import struct
import time
import zipfile

import pytest

from pipelines.convert.cells import LEVEL, LOWERED, RAISED, UNREAD, UNSEEN, in_cell, in_prose
from pipelines.convert.interface import Context
from pipelines.convert.web import html
from tests.pipelines import building, test_html, test_odt, test_ooxml, test_rtf, test_sheets, test_word
from tests.pipelines.word_building import P, definition, plain, row_end, sprm

UP, GONE = "up", "gone"
"""How a run of the texts below is printed."""


def html_text(runs):
    wrap = {"": "{}", UP: "<sup>{}</sup>", GONE: "<s>{}</s>"}
    return "".join(wrap[look].format(text) for text, look in runs)


def html_cells(runs):
    markup = f"<table><tr><td>行政许可</td><td>{html_text(runs)}</td></tr><tr><td>行政处罚</td><td>2</td></tr></table>"
    found = test_html.read(f"<div id=zoom><p>{html_text([('收到申请', ''), *runs, ('件', '')])}</p>{markup}</div>")
    return found.blocks[0].text, [cell.text for cell in found.grids[0].cells][1]


def docx_runs(runs):
    looks = {"": "", UP: '<w:vertAlign w:val="superscript"/>', GONE: "<w:strike/>"}
    return "".join(f"<w:r><w:rPr>{looks[look]}</w:rPr><w:t>{text}</w:t></w:r>" for text, look in runs)


def docx_cells(runs):
    def cell(inner):
        return f"<w:tc><w:p>{inner}</w:p></w:tc>"

    label = docx_runs([("行政许可", "")])
    rows = cell(label) + cell(docx_runs(runs)), cell(label) + cell(docx_runs([("2", "")]))
    prose = f"<w:p>{docx_runs([('收到申请', ''), *runs, ('件', '')])}</w:p>"
    found = test_ooxml.read(prose + "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")
    return found.blocks[0].text, found.grids[0].cells[1].text


def rtf_cells(runs):
    wrap = {"": "{}", UP: r"{{\super {}}}", GONE: r"{{\strike {}}}"}
    inner = "".join(wrap[look].format(test_rtf.u(text)) for text, look in runs)
    table = rf"\trowd{test_rtf.TWO}\pard\intbl {test_rtf.u('行政许可')}\cell\pard\intbl {inner}\cell\row"
    said = rf"\pard {test_rtf.u('收到申请')}{inner}{test_rtf.u('件')}\par "
    found = test_rtf.read(said + table + test_rtf.SIMPLE)
    return found.blocks[0].text, found.grids[0].cells[1].text


def odt_cells(runs):
    styles = (
        '<style:style style:name="up"><style:text-properties style:text-position="super 58%"/></style:style>'
        '<style:style style:name="gone0"><style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="gone" style:parent-style-name="gone0"/>'
    )
    inner = "".join(f'<text:span text:style-name="{look}">{text}</text:span>' for text, look in runs)
    cell = f"<table:table-cell><text:p>{inner}</text:p></table:table-cell>"
    rows = test_odt.tr(test_odt.td("行政许可"), cell), test_odt.tr(test_odt.td("行政处罚"), test_odt.td("2"))
    found = test_odt.read(f"<text:p>收到申请{inner}件</text:p>" + test_odt.table(*rows), styles=styles)
    return found.blocks[0].text, found.grids[0].cells[1].text


def doc_cells(runs):
    looks = {"": b"", UP: sprm(0x2A48), GONE: sprm(0x0837)}
    given = [(text, looks[look]) for text, look in runs]
    table = [
        plain("行政许可", "\x07", sprm(0x2416)),
        P(given, "\x07", sprm(0x2416)),
        row_end(definition([0, 1000, 2000])),
    ]
    found = test_word.read([P([("收到申请", b""), *given, ("件", b"")]), *table, *test_word.SIMPLE])
    return found.blocks[0].text, found.grids[0].cells[1].text


READERS = [html_cells, docx_cells, rtf_cells, odt_cells, doc_cells]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("runs", "prose", "cell"),
    [
        ([("5", ""), ("1", UP)], "收到申请5¹件", "5¹"),
        ([("5", ""), ("[", UP), ("1", UP), ("]", UP)], "收到申请5[¹]件", "5[¹]"),
        ([("1", UP), ("5", "")], "收到申请¹5件", "¹5"),
        ([("5", GONE), ("3", "")], "收到申请3件", "3"),
        ([("1", ""), ("0", GONE), ("2", "")], "收到申请12件", "12"),
        ([("m", ""), ("2", UP)], "收到申请m2件", "m2"),
    ],
)
def test_raised_digits_are_set_apart_and_struck_text_is_gone(reader, runs, prose, cell):
    assert reader(runs) == (prose, cell)


@pytest.mark.parametrize(
    ("text", "cell", "prose"),
    [
        (UNSEEN, UNREAD, ""),
        (f"3{UNSEEN}", f"3{UNREAD}", "3"),
        (f"行政许可{UNSEEN}", "行政许可", "行政许可"),
        (f"12{LOWERED}3{LEVEL}", "12₃", "12₃"),
        (f"项{RAISED}注1{LEVEL}", "项注1", "项注1"),
        (f"5{RAISED}1", "5¹", "5¹"),
    ],
)
def test_marks_never_stay_in_the_text(text, cell, prose):
    assert (in_cell(text), in_prose(text)) == (cell, prose)


# ---------------------------------------------------------------- HTML


def value(markup, rest=""):
    table = f"<table>{rest}<tr><td>甲乙</td>{markup}<td>8</td></tr><tr><td>丙丁</td><td>2</td><td>9</td></tr></table>"
    return [cell.text for cell in test_html.read(f"<div id=zoom><p>文字</p>{table}</div>").grids[0].cells]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<span style="visibility: hidden">9</span>3', "3"),
        ("<span hidden>9</span>3", "3"),
        ('<span style="font-size:0px">9</span>3', "3"),
        ('<span style="font-size:0"><b style="font-size:14px">3</b></span>', "3"),
        ('<span style="text-decoration: line-through">9</span>3', "3"),
        ('3<span style="vertical-align:super">1</span>', "3¹"),
        ("<strike>9</strike>3<del>7</del>", "3"),
        ("3<rt>9</rt>", "3"),
        ("<input value=3>", "3"),
        ("<input type=hidden value=3>", ""),
        ("<select><option>1<option selected>3</select>", "3"),
        ("<img src=/a/3.png>", UNREAD),
        ("<img src=/a/3.png alt=3>", UNREAD),
        ("3<img src=x.gif width=1 height=1>", "3"),
        ("<img src=/i/spacer.gif>", ""),
        ("<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw=>", ""),
        ("<svg><path d=M0></svg>", UNREAD),
    ],
)
def test_a_cell_of_html_holds_what_is_shown(cell, text):
    assert value(f"<td>{cell}</td>")[1] == text


def test_hidden_cells_rows_and_columns_of_html():
    assert value("<td hidden>7</td><td>1</td>")[:3] == ["甲乙", "1", "8"]
    assert value('<td style="visibility:hidden">7</td>')[:3] == ["甲乙", "", "8"]
    assert value("<td>1</td>", '<tr style="visibility:collapse"><td>甲乙</td><td>9</td><td>9</td></tr>')[1] == "1"
    assert value("<td>1</td>", '<col><col style="display:none">') == ["甲乙", "8", "丙丁", "9"]


def test_pictures_in_prose_leave_nothing():
    assert [
        b.text for b in test_html.read("<div id=zoom><p>甲<img src=a.png>乙</p><p><img src=b.png></p></div>").blocks
    ] == ["甲乙"]


@pytest.mark.parametrize("tag", ["div", "font", "span", "section", "p"])
@pytest.mark.parametrize("times", [300, 1500])
def test_deep_nesting_loses_no_table(tag, times):
    text = building.page(test_html.TABLES).decode()
    deep = text.replace("<table", f"<{tag}>" * times + "<table", 1)
    assert len(test_html.read(deep).grids) == len(test_html.read(text).grids) == 3
    said = [b.text for b in test_html.read(deep).blocks]
    assert said == [b.text for b in test_html.read(text).blocks]


@pytest.mark.parametrize("tag", ["div", "div style=display:none", "b", "table><tr><td", "div class=title", "ul><li"])
def test_hostile_nesting_ends_in_a_state(tag):
    begin = time.perf_counter()
    found = html.convert(f"<body><div id=zoom>{f'<{tag}>' * 100_000}<table><tr><td>3".encode(), Context())
    assert found.state == "refused"
    assert found.error
    assert time.perf_counter() - begin < 10


def test_a_deep_cell_keeps_its_lines_apart():
    assert value("<td>12" + "<div>" * 300 + "345" + "</div>" * 300 + "</td>")[1] == "12\n345"


# ---------------------------------------------------------------- DOCX

R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
OLE = 'xmlns:o="urn:schemas-microsoft-com:office:office"'
FIELD = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>=SUM(LEFT)</w:instrText></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def docx_table(inner, extra_row=""):
    rows = [
        f"<w:tc>{building.paragraph('甲乙')}</w:tc><w:tc><w:p>{inner}</w:p></w:tc>",
        *["<w:tc>{0}</w:tc><w:tc>{0}</w:tc>".format(building.paragraph("二"))],
    ]
    return "<w:tbl>" + extra_row + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (f"<w:r><w:drawing {A}><a:blip/></w:drawing></w:r>", UNREAD),
        (f"<m:oMath {M}><m:r><m:t>3</m:t></m:r></m:oMath>", "3"),
        (
            f"<m:oMath {M}><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>",
            f"12{UNREAD}",
        ),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', "☑"),
        ('<w:r><w:sym w:font="Symbol" w:char="F033"/></w:r>', "\uf033"),
        (FIELD.format(""), UNREAD),
        (FIELD.format('<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>3</w:t></w:r>'), "3"),
        ('<w:r><w:rPr><w:rStyle w:val="n"/></w:rPr><w:t>1</w:t></w:r>', "1"),
        ('<w:r><w:t>3</w:t></w:r><w:r><w:rPr><w:rStyle w:val="n"/></w:rPr><w:t>1</w:t></w:r>', "3¹"),
        (
            '<w:r><w:t>3</w:t></w:r><w:r><w:rPr><w:rStyle w:val="n"/><w:vertAlign w:val="baseline"/></w:rPr><w:t>1</w:t></w:r>',
            "31",
        ),
        ("<w:r><w:rPr><w:dstrike/></w:rPr><w:t>1</w:t></w:r><w:r><w:t>3</w:t></w:r>", "3"),
    ],
)
def test_a_cell_of_docx_holds_what_is_shown(inner, text):
    styles = f'<w:styles {building.W}><w:style w:styleId="b"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style><w:style w:styleId="n"><w:basedOn w:val="b"/></w:style></w:styles>'
    found = test_ooxml.read(docx_table(inner), extra={"word/styles.xml": styles})
    assert found.grids[0].cells[1].text == text


def test_hidden_rows_of_docx():
    hidden = f"<w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{building.paragraph('甲乙')}</w:tc><w:tc>{building.paragraph('9')}</w:tc></w:tr>"
    found = test_ooxml.read(docx_table("<w:r><w:t>3</w:t></w:r>", hidden))
    assert [cell.text for cell in found.grids[0].cells] == ["甲乙", "3", "二", "二"]


def with_parts(inner, parts):
    links = "".join(f'<Relationship Id="{name}" Target="{target}"/>' for name, target, _ in parts)
    extra = {"word/_rels/document.xml.rels": f"<Relationships>{links}</Relationships>"}
    return building.docx(inner, extra=extra | {f"word/{target}": body for _, target, body in parts})


def test_embedded_workbooks_and_chunks_are_read_in_place():
    workbook = test_sheets.xlsx(test_sheets.of(["项目", "数量"], ["甲乙", 7]))
    chunk = "<html><body><div><p>块中的文字</p></div></body></html>".encode()
    inner = (
        building.paragraph("前")
        + f'<w:p><w:r><w:object {OLE} {R}><o:OLEObject ProgID="Excel.Sheet.12" r:id="x"/></w:object></w:r></w:p>'
        + f'<w:altChunk {R} r:id="h"/>'
        + building.paragraph("后")
    )
    found = test_ooxml.ooxml.convert(
        with_parts(inner, [("x", "embeddings/a.xlsx", workbook), ("h", "c.htm", chunk)]), Context()
    )
    assert [block.text for block in found.blocks if block.grid is None] == ["前", "块中的文字", "后"]
    assert [cell.text for cell in found.grids[0].cells] == ["项目", "数量", "甲乙", "7"]
    assert found.error is None


def test_what_is_embedded_and_not_read_is_said():
    inner = (
        building.paragraph("前")
        + f'<w:p><w:r><w:object {OLE} {R}><o:OLEObject ProgID="Excel.Sheet.12" r:id="x"/></w:object></w:r></w:p><w:altChunk {R} r:id="gone"/>'
    )
    found = test_ooxml.ooxml.convert(with_parts(inner, [("x", "embeddings/a.xlsx", b"PK")]), Context())
    assert found.state == "ok"
    assert ("unread:objects", "2") in found.meta
    assert "2 个嵌入对象未读取" in (found.error or "")
    picture = building.paragraph("前") + f"<w:p><w:r><w:drawing {A}><a:blip/></w:drawing></w:r></w:p>"
    assert ("unread:objects", "1") in test_ooxml.read(picture).meta
    tables = "".join(building.docx_table(table) for table in test_html.TABLES)
    assert test_ooxml.read(picture + tables).error is None


def test_a_document_in_itself_ends():
    inner = building.docx(f'<w:altChunk {R} r:id="c"/>' + building.paragraph("内"))
    for _ in range(6):
        inner = with_parts(f'<w:altChunk {R} r:id="c"/>' + building.paragraph("外"), [("c", "c.docx", inner)])
    found = test_ooxml.ooxml.convert(inner, Context())
    assert [block.text for block in found.blocks] == ["外"] * 3
    assert found.error


# ---------------------------------------------------------------- RTF, ODT, DOC


def test_pictures_and_fields_of_rtf():
    def cell(inner):
        table = rf"\trowd{test_rtf.TWO}\pard\intbl {test_rtf.u('甲乙')}\cell\pard\intbl {inner}\cell\row"
        return test_rtf.read(table + test_rtf.SIMPLE).grids[0].cells[1].text

    assert cell(r"{\pict\wmetafile8 0102}") == UNREAD
    assert cell(r"{\*\shppict{\pict\pngblip 0102}}{\nonshppict{\pict 01}}") == UNREAD
    assert cell(r"{\field{\*\fldinst =SUM(LEFT)}{\fldrslt }}") == UNREAD
    assert cell(r"{\field{\*\fldinst =SUM(LEFT)}{\fldrslt 3}}") == "3"
    assert cell(r"3\super 1\nosupersub 2") == "3¹2"
    assert cell(r"\strike 9\strike0 3") == "3"
    assert test_rtf.texts(rf"{test_rtf.u('甲')}{{\pict 01}}{test_rtf.u('乙')}\par") == ["甲乙"]


def test_pictures_and_hidden_lines_of_odt():
    picture = "<table:table-cell><text:p><draw:frame><draw:image/></draw:frame></text:p></table:table-cell>"
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
    rows = (
        test_odt.tr(test_odt.td("甲乙"), test_odt.td("9"), picture),
        test_odt.tr(test_odt.td("丙丁"), test_odt.td("9"), test_odt.td("9"), visibility="filter"),
        test_odt.tr(test_odt.td("戊己"), test_odt.td("9"), test_odt.td("2")),
    )
    found = test_odt.cells(test_odt.table(columns, *rows))
    assert [(r, c, text) for r, c, _, _, text in found] == [(0, 0, "甲乙"), (0, 1, UNREAD), (1, 0, "戊己"), (1, 1, "2")]


def test_pictures_of_doc():
    table = [
        plain("甲乙", "\x07", sprm(0x2416)),
        P([("\x01", sprm(0x0855))], "\x07", sprm(0x2416)),
        row_end(definition([0, 1000, 2000])),
    ]
    assert test_word.grid([*table, *test_word.SIMPLE])[1][-1] == UNREAD
    assert test_word.texts([P([("甲", b""), ("\x01", sprm(0x0855)), ("乙", b"")])]) == ["甲乙"]


def test_a_piece_may_be_struck_or_raised_as_a_whole():
    assert test_word.texts([plain("收到5九件")], cuts=(3, 4), prms={1: 0x57 << 1 | 1 << 8}) == ["收到5件"]
    assert test_word.texts([plain("收到51件")], cuts=(3, 4), prms={1: 0x68 << 1 | 1 << 8}) == ["收到5¹件"]


# ---------------------------------------------------------------- workbooks


def sheet(rows, cols="", styles="", shared=""):
    """The cells of a workbook whose only sheet holds these rows."""
    parts = {
        "xl/worksheets/sheet0.xml": f"<worksheet {test_sheets.MAIN}>{cols}<sheetData>{rows}</sheetData></worksheet>",
        "xl/styles.xml": styles,
        "xl/sharedStrings.xml": shared,
    }
    kinds = "".join(
        f'<Relationship Id="s{i}" Type="{test_sheets.RELATION}/{kind}" Target="{kind}.xml"/></Relationships>'
        for i, kind in enumerate(["sharedStrings"])
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(test_sheets.xlsx({}))) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            body = old.read(name).decode()
            body = body.replace("</Relationships>", kinds) if name == "xl/_rels/workbook.xml.rels" and shared else body
            new.writestr(name, parts.pop(name, body))
        for name, body in parts.items():
            if body:
                new.writestr(name, body)
    found = test_sheets.sheets.convert(buffer.getvalue(), Context())
    assert found.state == "ok", found.error
    return found.grids[0].cells


def cells_of(number, *values, attributes=""):
    inner = "".join(f'<c r="{chr(65 + i)}{number}"{kind}>{body}</c>' for i, (kind, body) in enumerate(values))
    return f'<row r="{number}"{attributes}>{inner}</row>'


def text(value_):
    return ' t="inlineStr"', f"<is><t>{value_}</t></is>"


def number(value_):
    return "", f"<v>{value_}</v>"


def test_hidden_rows_and_columns_of_a_workbook():
    rows = (
        cells_of(1, text("项目"), text("旧"), text("新"))
        + cells_of(2, text("甲乙"), number(9), number(9), attributes=' hidden="1"')
        + cells_of(3, text("丙丁"), number(9), number(3))
    )
    found = sheet(rows, cols='<cols><col min="2" max="2" hidden="1"/></cols>')
    assert [cell.text for cell in found] == ["项目", "新", "丙丁", "3"]
    assert found[3].place.path == "sheet[表0]!C3"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (("", "<f>SUM(A1:A2)</f>"), UNREAD),
        (("", "<f>SUM(A1:A2)</f><v></v>"), UNREAD),
        (("", "<f>SUM(A1:A2)</f><v>3</v>"), "3"),
        ((' t="str"', '<f>""</f><v></v>'), ""),
        ((' t="e"', "<f>A1</f><v>#REF!</v>"), UNREAD),
        ((' t="inlineStr"', "<is><r><t>5</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r></is>"), "5¹"),
        ((' t="inlineStr"', "<is><r><rPr><strike/></rPr><t>9</t></r><r><t>3</t></r></is>"), "3"),
        ((' t="s"', "<v>0</v>"), "7²"),
        ((' t="s"', "<v>1</v>"), "不变"),
        ((' s="1"', "<v>9</v>"), ""),
        ((' s="0"', "<v>9</v>"), "9"),
    ],
)
def test_a_cell_of_a_workbook_holds_what_is_shown(cell, said):
    styles = f'<styleSheet {test_sheets.MAIN}><fonts><font/><font><strike/></font></fonts><cellXfs><xf fontId="0"/><xf fontId="1"/></cellXfs></styleSheet>'
    shared = f'<sst {test_sheets.MAIN}><si><r><t>7</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r></si><si><t>不变</t></si></sst>'
    rows = (
        cells_of(1, text("项目"), text("数量")) + cells_of(2, text("甲乙"), cell) + cells_of(3, text("丙丁"), number(3))
    )
    assert sheet(rows, styles=styles, shared=shared)[3].text == said


def test_hidden_rows_columns_and_errors_of_a_binary_workbook():
    record = test_sheets.record
    payload = test_sheets.xls(*[(r, c, 10 * r + c) for r in range(3) for c in range(3)])
    hidden = record(0x208, struct.pack("<HHHHHHHH", 1, 0, 3, 0, 0, 0, 0x20, 0)) + record(
        0x7D, struct.pack("<HHHHHH", 1, 1, 0, 0, 1, 0)
    )
    error = record(0x205, struct.pack("<HHHBB", 2, 3, 0, 0x17, 1))
    at = payload.rindex(record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)))
    head = len(record(0x809, bytes(16)))
    more = payload[: at + head] + hidden + error + payload[at + head : -len(hidden + error)]
    found = test_sheets.sheets.convert(more, Context())
    assert found.state == "ok", found.error
    assert [cell.text for cell in found.grids[0].cells] == ["0", "2", "", "20", "22", UNREAD]


def test_hidden_lines_and_values_of_an_opendocument_sheet():
    rows = (
        '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
        + test_odt.tr(test_odt.td("项目"), test_odt.td("旧"), test_odt.td("新"))
        + test_odt.tr(test_odt.td("甲乙"), test_odt.td("9"), test_odt.td("9"), visibility="collapse")
        + test_odt.tr(test_odt.td("丙丁"), test_odt.td("9"), '<table:table-cell table:formula="of:=1"/>')
    )
    found = test_sheets.sheets.convert(test_sheets.ods(rows), Context())
    assert [cell.text for cell in found.grids[0].cells] == ["项目", "新", "丙丁", UNREAD]
