"""DOCX: paragraphs, numbers, tables; bombs and entities refused."""

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.office import ooxml
from pipelines.convert.office.numbering import chinese
from pipelines.tables import read_tables
from tests.pipelines.building import C, W, docx, docx_table, modern, paragraph, sound_values


def read(inner, **options):
    return ooxml.convert(docx(inner, **options), Context())


def texts(inner, **options):
    return [block.text for block in read(inner, **options).blocks]


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_a_report_reads_to_the_last_cell(name):
    values = sound_values(name, 2)
    found = read("".join(docx_table(table) for table in modern(name, values)))
    assert {o.indicator: str(o.value) for o in read_tables(found.grids).observations} == values


def test_runs_join_and_deletions_are_gone():
    inner = (
        "<w:p><w:r><w:t>20</w:t></w:r><w:ins><w:r><w:t>2</w:t></w:r></w:ins><w:del><w:r><w:delText>9</w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:t>3年</w:t></w:r></w:hyperlink><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )
    assert texts(inner) == ["2023年"]


def test_heading_styles_and_outline_levels():
    styles = f'<w:styles {W}><w:style w:styleId="a1"><w:name w:val="heading 2"/></w:style></w:styles>'
    inner = '<w:p><w:pPr><w:pStyle w:val="a1"/></w:pPr><w:r><w:t>甲</w:t></w:r></w:p><w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>乙</w:t></w:r></w:p>'
    blocks = read(inner, extra={"word/styles.xml": styles}).blocks
    assert [(b.text, b.kind, b.level) for b in blocks] == [("甲", "heading", 2), ("乙", "heading", 1)]


def test_automatic_numbers_are_text():
    numbering = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )

    def numbered(level, text):
        return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'

    inner = numbered(0, "总体") + numbered(1, "甲") + numbered(1, "乙") + numbered(0, "主动") + numbered(1, "丙")
    assert texts(inner, extra={"word/numbering.xml": numbering}) == ["一、总体", "1.甲", "2.乙", "二、主动", "1.丙"]


def test_chinese_numerals():
    assert [chinese(n) for n in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]


def test_text_boxes_are_read_once():
    box = f"<w:txbxContent>{paragraph('框内')}</w:txbxContent>"
    inner = (
        '<w:p><w:r><w:t>外</w:t><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert texts(inner) == ["外", "框内"]


def test_nested_tables_are_grids_and_frames_are_not():
    inner = docx_table([[C("甲"), C("1")], [C("乙"), C("2")]])
    framed = f"<w:tbl><w:tr><w:tc>{paragraph('框')}{inner}</w:tc></w:tr></w:tbl>"
    found = read(framed)
    assert [b.text for b in found.blocks] == ["框", ""]
    assert [c.text for c in found.grids[0].cells] == ["甲", "1", "乙", "2"]


def test_a_cell_knows_its_place():
    assert read(docx_table([[C("甲"), C("1")], [C("乙"), C("2")]])).grids[0].cells[3].place.path == "tbl[1]/tr[2]/tc[2]"


def test_core_properties_without_names():
    core = '<cp:p xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>题</dc:title><dc:creator>某人</dc:creator></cp:p>'
    assert read(paragraph("文"), extra={"docProps/core.xml": core}).meta == (("core:title", "题"),)


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (docx(paragraph("x"), prologue='<!DOCTYPE x [<!ENTITY a "b">]>'), "refused"),
        (docx(paragraph("x"))[:120], "unreadable"),
        (docx(""), "empty"),
        (docx(f"<w:p><w:r><w:t>{'A' * 40_000_000}</w:t></w:r></w:p>"), "refused"),
        (docx(paragraph("x")).replace(b"word/document.xml", b"word/documant.xml"), "unreadable"),
    ],
)
def test_what_cannot_be_read_says_so(payload, state):
    found = ooxml.convert(payload, Context())
    assert found.state == state
    assert found.error


def test_a_broken_member_is_unreadable():
    payload = bytearray(docx(paragraph("政府信息公开" * 500)))
    at = payload.find(b"word/document.xml") + 60
    payload[at : at + 20] = b"\xff" * 20
    assert ooxml.convert(bytes(payload), Context()).state in {"unreadable", "ok"}
