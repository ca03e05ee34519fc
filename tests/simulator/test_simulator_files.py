"""The files the simulator writes are what they claim to be, to readers that know nothing of it."""

from __future__ import annotations

import io
import random
import zipfile

import pypdfium2
import pytest
from lxml import etree, html

from crawler.simulator import content, docx, markup, names, pdf
from crawler.simulator.sheet import placed, slots

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def report(year: int, **more):
    """A report of a year."""
    return content.write(random.Random(7), names.Publisher("云岫市商务局", "我局", (year,)), year, {}, **more)[0]


def pages(payload: bytes) -> list[str]:
    """The text of each page of a PDF."""
    document = pypdfium2.PdfDocument(payload)
    try:
        texts = []
        for page in document:
            textpage = page.get_textpage()
            texts.append(textpage.get_text_range())
            textpage.close()
            page.close()
        return texts
    finally:
        document.close()


@pytest.mark.parametrize("year", [2012, 2015, 2019, 2022])
def test_pdf_gives_back_every_character(year):
    """All text comes out of the pages, in every era, though no font is embedded."""
    written = report(year)
    text = "".join("".join(pages(pdf.write(written))).split())
    for block in written.blocks:
        assert "".join(block.text.split()) in text
    for slot in slots(written.blocks):
        assert sorted(set("".join(slot.text.split())) - set(text)) == []


def test_pdf_tables_run_over_pages_with_ruled_lines():
    """A report takes several pages; each cell's text lies within its ruled box."""
    payload = pdf.write(report(2022))
    document = pypdfium2.PdfDocument(payload)
    try:
        assert len(document) >= 3
        page = document[0]
        textpage = page.get_textpage()
        whole = textpage.get_text_range()
        at = whole.index("行政许可")
        left, bottom, right, top = textpage.get_charbox(at, loose=True)
        assert 60 < left < right < 300
        assert 0 < bottom < top < 842
        lines = [item for item in page.get_objects() if item.type == 2]
        assert len(lines) > 40
        textpage.close()
        page.close()
    finally:
        document.close()


def test_pdf_lines_fit():
    """No line is wider than its room, and nothing is lost."""
    text = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
    for room in (30.0, 55.0, 200.0):
        lines = pdf.wrapped(text, room)
        assert all(pdf.measure(line) <= room for line in lines)
        assert "".join(lines) == text
    assert pdf.wrapped("", 10) == []


def test_pdf_heads_stay_whole_unless_told():
    """A table's head and its first row stand on one page; a stress test can ask for the break."""
    written = report(2020)
    pages_with = [text for text in pages(pdf.write(written)) if "行政诉讼" in text and "结果" in text]
    assert any("未经复议直接起诉" in text and "总计" in text for text in pages_with)
    assert len(pages(pdf.write(written, whole_heads=False))) >= 3


def test_docx_is_a_package_with_merged_cells():
    """The parts are well-formed; every row of every table covers the grid."""
    written = report(2022)
    package = zipfile.ZipFile(io.BytesIO(docx.write(written)))
    for name in package.namelist():
        etree.fromstring(package.read(name))
    document = etree.fromstring(package.read("word/document.xml"))
    tables = list(document.iter(f"{W}tbl"))
    sheets = [block.sheet for block in written.blocks if block.sheet]
    assert len(tables) == len(sheets) == 3
    for table in tables:
        columns = len(table.findall(f"{W}tblGrid/{W}gridCol"))
        for row in table.findall(f"{W}tr"):
            spans = [int(cell.get(f"{W}val")) for cell in row.iter(f"{W}gridSpan")]
            assert len(row.findall(f"{W}tc")) - len(spans) + sum(spans) == columns
    assert len(list(document.iter(f"{W}vMerge"))) > 20
    title = "".join(document.find(f".//{W}p").itertext())
    assert title == written.title


def test_word_html_is_gbk():
    """The ``.doc`` is HTML that a word processor saved, in gb2312 as it says."""
    written = report(2015)
    body = markup.as_word(written.blocks, written.title)
    assert body.startswith(b'<html xmlns:o="urn:schemas-microsoft-com:office:office"')
    text = html.fromstring(body.decode("gb18030")).text_content()
    assert written.title in text


@pytest.mark.parametrize("style", markup.STYLES)
def test_html_keeps_the_grid(style):
    """In every style the cells, their spans and their texts come out as they were put in."""
    written = report(2022, flaw="blank-review")
    root = html.fromstring(markup.body(written.blocks, style, "k"))
    tables = [table for table in root.iter("table") if not table.xpath(".//table")]
    sheets = [block.sheet for block in written.blocks if block.sheet]
    assert len(tables) == len(sheets)
    for table, sheet in zip(tables, sheets, strict=True):
        cells = [
            (
                "".join(cell.itertext()).replace("\xa0", "").strip(),
                int(cell.get("rowspan", 1)),
                int(cell.get("colspan", 1)),
            )
            for cell in table.iter("td")
        ]
        assert cells == [(slot.text, slot.rows, slot.columns) for row in sheet for slot in row]
        assert placed(sheet)


def test_pasted_markup_splits_numbers_and_labels():
    """Figures and labels are split over spans now and then, and always in the same places."""
    written = report(2022)
    text = markup.body(written.blocks, "word", "k")
    assert text == markup.body(written.blocks, "word", "k")
    assert '</span><span lang="EN-US"' in text
    assert "&nbsp;" in text
    assert "<o:p>" in text


def test_files_are_the_same_every_time():
    """The same report gives the same bytes."""
    for write in (pdf.write, docx.write):
        assert write(report(2021)) == write(report(2021))
