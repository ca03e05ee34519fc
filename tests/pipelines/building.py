"""Reports for tests, built from the forms' own labels: as rows of cells, and from these as HTML, DOCX or PDF."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from archive.forms import code_of, form
from archive.model import Cell, Grid
from pipelines.form_disputes import columns as dispute_columns
from pipelines.form_disputes import rows as dispute_rows

APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")


@dataclass(frozen=True)
class C:
    """A cell: text, rows, columns."""

    text: str
    rows: int = 1
    columns: int = 1


Table = list[list[C]]


def sound_values(name: str, seed: int = 0) -> dict[str, str]:
    """A value for every indicator of a form, all rules kept; ``seed`` makes them differ from each other."""
    values: dict[str, str] = {}
    for table in form(name).tables:
        for block in table.blocks:
            for row in block.rows:
                for column in block.columns:
                    values[code_of(row, column)] = "0"
    if name == "2014":
        return values | {
            "disclosure.items.total": "120",
            "disclosure.channel.website": "100",
            "disclosure.channel.wechat": "40",
        }
    for i, row in enumerate(r.code for r in form(name).table("applications").blocks[0].rows):
        if ".refused." in row or ".granted" in row:
            person, business = (i + seed) % 4, (2 * i + seed) % 3
            _put(values, row, person, business)
    granted = sum(
        int(values[c]) for c in values if c.startswith("applications.outcome.") and c.endswith(".natural_person")
    )
    firms = sum(int(values[c]) for c in values if c.startswith("applications.outcome.") and c.endswith(".business"))
    _put(values, "applications.outcome.total", granted, firms)
    _put(values, "applications.received", granted + 2, firms)
    _put(values, "applications.carried_in", 1, 0)
    _put(values, "applications.carried_out", 3, 0)
    values |= {"review.upheld": "2", "review.pending": "1", "review.total": "3"}
    return values | {
        "disclosure.licensing.decisions": str(24 + seed),
        "disclosure.normative_docs." + ("issued" if name == "2021" else "made_this_year"): "5",
    }


def _put(values: dict[str, str], row: str, person: int, business: int) -> None:
    values[f"{row}.natural_person"] = str(person)
    values[f"{row}.business"] = str(business)
    values[f"{row}.total"] = str(person + business)


def disclosure(name: str, values: dict[str, str]) -> Table:
    """Table 2."""
    rows: Table = []
    for block in form(name).table("disclosure").blocks:
        wide = len(block.columns)
        last = 4 - wide
        rows.append([C(block.zh, columns=4)])
        rows.append(
            [
                C("信息内容"),
                *(
                    C(c.zh, columns=last if c is block.columns[-1] and wide < 3 and last > 0 else 1)
                    for c in block.columns
                ),
            ]
        )
        for row in block.rows:
            cells = [
                C(values[code_of(row, c)], columns=last if c is block.columns[-1] and wide < 3 and last > 0 else 1)
                for c in block.columns
            ]
            rows.append([C(row.label), *cells])
    return rows


def applications(name: str, values: dict[str, str]) -> Table:
    """Table 3 with its merged labels."""
    table = form(name).table("applications").blocks[0]
    corner = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    rows: Table = [
        [C(corner, 3, 3), C("申请人情况", 1, 7)],
        [C("自然人", 2), C("法人或其他组织", 1, 5), C("总计", 2)],
        [C(a) for a in APPLICANTS[1:6]],
    ]
    inner = [r for r in table.rows if r.group]
    opened: set[str] = set()
    for row in table.rows:
        data = [C(values[code_of(row, c)]) for c in table.columns]
        if not row.group:
            rows.append([C(row.label, 1, 3), *data])
            continue
        labels = [C("三、本年度办理结果", len(inner), 1)] if row is inner[0] else []
        if row.group == "三、本年度办理结果":
            labels.append(C(row.label, 1, 2))
        else:
            if row.group not in opened:
                labels.append(C(row.group, sum(r.group == row.group for r in inner)))
                opened.add(row.group)
            labels.append(C(row.label))
        rows.append([*labels, *data])
    return rows


def disputes(values: dict[str, str]) -> Table:
    """Table 4."""
    names = [c.zh for c in dispute_columns()]
    return [
        [C("行政复议", 1, 5), C("行政诉讼", 1, 10)],
        [*(C(n, 2) for n in names), C("未经复议直接起诉", 1, 5), C("复议后起诉", 1, 5)],
        [C(n) for n in names * 2],
        [C(values[code_of(row, column)]) for row in dispute_rows() for column in dispute_columns()],
    ]


def statistics(values: dict[str, str]) -> Table:
    """The table of 2014."""
    rows: Table = [[C("统计指标"), C("单位"), C("统计数")]]
    group = ""
    for row in form("2014").table("statistics").blocks[0].rows:
        if row.group != group and row.group != row.label:
            rows.append([C(row.group), C("——"), C("——")])
            group = row.group
        rows.append([C(row.label), C(row.unit), C(values[row.code])])
    return rows


def modern(name: str, values: dict[str, str]) -> list[Table]:
    """Tables 2, 3 and 4 of a form."""
    return [disclosure(name, values), applications(name, values), disputes(values)]


def grid(table: Table) -> Grid:
    """The table as the converters give it."""
    taken: set[tuple[int, int]] = set()
    cells = []
    for r, row in enumerate(table):
        column = 0
        for cell in row:
            while (r, column) in taken:
                column += 1
            taken |= {(r + i, column + j) for i in range(cell.rows) for j in range(cell.columns)}
            cells.append(Cell(r, column, cell.text, cell.rows, cell.columns))
            column += cell.columns
    return Grid(len(table), max(c.column + c.colspan for c in cells), tuple(cells))


# ---------------------------------------------------------------- HTML

HEADS = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况")
OPENING = (
    "根据《中华人民共和国政府信息公开条例》（国务院令第711号）和《关于印发年度报告格式的通知》（国办公开办函〔2021〕30号）要求，"
    "由云川县林业局办公室编制本报告。所列数据统计期限自{year}年1月1日至12月31日。如有疑问，请与云川县林业局办公室联系"
    "（地址：云川县平安路8号；邮编：654321；电话：0999-1234567；传真：0999-7654321；电子邮箱：lyj@yunchuan.gov.cn）。"
)
SUMMARY = "{year}年，云川县林业局坚持以公开为常态，不断健全制度，全面推进政府信息公开工作，取得了一定成效。"


def html_table(table: Table) -> str:
    """A table as Word pastes it."""
    rows = []
    for row in table:
        cells = "".join(
            f'<td rowspan="{c.rows}" colspan="{c.columns}"><p class="MsoNormal"><span lang="EN-US">{c.text}</span><o:p></o:p></p></td>'
            for c in row
        )
        rows.append(f"<tr>{cells}</tr>")
    return f'<table class="MsoNormalTable" border="1"><tbody>{"".join(rows)}</tbody></table>'


def body(tables: list[Table], year: int = 2023) -> str:
    """The report's own markup."""
    parts = [f"<p>{OPENING.format(year=year)}</p>", "<p><b>一、总体情况</b></p>", f"<p>{SUMMARY.format(year=year)}</p>"]
    for i, table in enumerate(tables):
        parts.append(f"<p><b>{HEADS[i] if len(tables) == 3 else '附表'}</b></p>{html_table(table)}")
    parts.append("<p>五、存在的主要问题及改进情况</p><p>公开的时效性还需提高，下一步将加强培训。</p>")
    return "\n".join(parts)


def page(
    tables: list[Table],
    *,
    year: int = 2023,
    title: str | None = None,
    open_: str = '<div class="TRS_Editor">',
    close: str = "</div>",
    after: str = "",
    metas: str | None = None,
) -> bytes:
    """A whole page of a portal."""
    title = title if title is not None else f"云川县林业局{year}年政府信息公开工作年度报告"
    metas = (
        metas
        if metas is not None
        else f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{year + 1}-01-20 16:30">'
    )
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}_云川县人民政府</title>{metas}</head><body>
<ul class="nav"><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li></ul>
<h1>{title}</h1><div class="info">来源：云川县林业局　浏览次数：<span>1024</span></div>
{open_}{body(tables, year)}{close}{after}
<div class="footer">主办单位：云川县人民政府 网站标识码：9999990001</div></body></html>""".encode()


# ---------------------------------------------------------------- DOCX

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx_table(table: Table) -> str:
    """A table with gridSpan and vMerge."""
    taken: dict[tuple[int, int], tuple[int, bool]] = {}
    out = []
    width = grid(table).columns
    cells = {(c.row, c.column): c for c in grid(table).cells}
    for (r, column), cell in cells.items():
        for i in range(1, cell.rowspan):
            taken[r + i, column] = (cell.colspan, True)
    for r in range(len(table)):
        column, row = 0, []
        while column < width:
            if (r, column) in cells:
                cell = cells[r, column]
                merge = '<w:vMerge w:val="restart"/>' if cell.rowspan > 1 else ""
                row.append(
                    f'<w:tc><w:tcPr><w:gridSpan w:val="{cell.colspan}"/>{merge}</w:tcPr>{paragraph(cell.text)}</w:tc>'
                )
                column += cell.colspan
            elif (r, column) in taken:
                span = taken[r, column][0]
                row.append(f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/><w:vMerge/></w:tcPr><w:p/></w:tc>')
                column += span
            else:
                column += 1
        out.append(f"<w:tr>{''.join(row)}</w:tr>")
    return f"<w:tbl>{''.join(out)}</w:tbl>"


def docx(inner: str, *, prologue: str = "", extra: dict[str, str] | None = None) -> bytes:
    """A DOCX around the body's XML."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"{prologue}<w:document {W}><w:body>{inner}</w:body></w:document>")
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
    return buffer.getvalue()


# ---------------------------------------------------------------- PDF


@dataclass
class Sheet:
    """What is drawn on one page of a PDF: texts (x, y from the top, text) and lines."""

    texts: list[tuple[float, float, str]]
    lines: list[tuple[float, float, float, float]]
    size: float = 9


def pdf(sheets: list[Sheet]) -> bytes:
    """A PDF of A4 pages in a font that is not embedded."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
        b"/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/DW 1000/W[1 95 500]"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 880/StemV 93>>>>]>>"
    )
    objects.append(font)
    kids = []
    for sheet in sheets:
        content = _content(sheet)
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % len(objects)
        )
        kids.append(len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
    return _assembled(objects)


def _content(sheet: Sheet) -> bytes:
    parts = [b"0.5 w"]
    parts += [b"%.1f %.1f m %.1f %.1f l S" % (x0, 842 - y0, x1, 842 - y1) for x0, y0, x1, y1 in sheet.lines]
    parts += [
        b"BT /F1 %.1f Tf %.1f %.1f Td <%s> Tj ET" % (sheet.size, x, 842 - y, t.encode("utf-16-be").hex().encode())
        for x, y, t in sheet.texts
        if t
    ]
    return b"\n".join(parts)


def _assembled(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def drawn(table: Table, top: float, widths: list[float], left: float = 60, height: float = 16) -> Sheet:
    """A ruled table drawn on a page."""
    xs = [left]
    for width in widths:
        xs.append(xs[-1] + width)
    sheet = Sheet([], [])
    for cell in grid(table).cells:
        x0, x1 = xs[cell.column], xs[min(cell.column + cell.colspan, len(xs) - 1)]
        y0, y1 = top + cell.row * height, top + (cell.row + cell.rowspan) * height
        sheet.lines += [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
        sheet.texts.append((x0 + 2, y0 + 11, cell.text))
    return sheet
