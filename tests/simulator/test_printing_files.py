"""Printed reports are what their formats say, to libraries that know nothing of them."""

from __future__ import annotations

import email
import io
import re
import struct
import zipfile

import olefile
import pypdfium2
import pytest
import python_calamine
from lxml import etree
from lxml import html as pages

from crawler.simulator.printing import FORMATS, bundle, file_name, printed, random_report, truth_of
from crawler.simulator.printing.package import package

SEEDS = (2, 4, 9)
REPORTS = {seed: random_report(seed) for seed in SEEDS}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def of(prefix: str) -> list[tuple[str, int]]:
    """The formats of a family with each seed."""
    return [(form, seed) for form in FORMATS if form.partition("-")[0] == prefix for seed in SEEDS]


def page(payload: bytes):
    """A page parsed after its coding was found as a careful reader finds it."""
    if payload.startswith(b"\xff\xfe"):
        return pages.fromstring(payload.decode("utf-16"))
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = payload.decode("gb18030")
    return pages.fromstring(text)


def lacking(seed: int, text: str) -> list[str]:
    """The lines of the truth's text, and the figures of its tables, that a file's text lacks."""
    truth, text = truth_of(REPORTS[seed]), squeezed(text)
    wanted = [*truth.text.split("\n"), *(found.raw for found in truth.cells.values())]
    return [line for line in wanted if squeezed(line) not in text]


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_arguments_give_the_same_bytes(form):
    """Printing is deterministic, and another seed prints another file."""
    report = REPORTS[2]
    first = printed(report, form, 2)
    assert first == printed(report, form, 2)
    assert first != printed(report, form, 3)
    assert "." in file_name(form)


def test_an_unknown_format_is_an_error():
    """A format of no such name is refused."""
    with pytest.raises(ValueError, match="no such format"):
        printed(REPORTS[2], "wps2000", 1)


@pytest.mark.parametrize(("form", "seed"), [*of("html"), *of("worddoc")])
def test_pages_hold_everything(form, seed):
    """Title, text and figures come out of every page, whatever its coding says."""
    assert not lacking(seed, page(printed(REPORTS[seed], form, seed)).text_content())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_full_page_has_a_telephone_that_is_not_the_reports(seed):
    """The footer's number stands on the page and not in the truth."""
    text = page(printed(REPORTS[seed], "html-page", seed)).text_content()
    assert re.search(r"联系电话：0998-1\d{6}", text)
    assert not (truth_of(REPORTS[seed]).contacts.phone or "").startswith("0998-1")


@pytest.mark.parametrize("seed", SEEDS)
def test_mht_is_a_mime_message(seed):
    """Its first part is the page in the charset it names; pictures and file list follow."""
    message = email.message_from_bytes(printed(REPORTS[seed], "mht", seed))
    main, *others = message.get_payload()
    assert main.get_content_type() == "text/html"
    assert [part.get_content_type() for part in others] == ["image/gif", "text/xml"]
    charset = "gb18030" if main.get_content_charset() == "gb2312" else main.get_content_charset()
    text = main.get_payload(decode=True).decode(charset)
    assert not lacking(seed, pages.fromstring(text).text_content())


@pytest.mark.parametrize(("form", "seed"), of("docx"))
def test_docx_is_well_formed(form, seed):
    """Every part parses; what is not deleted holds the title, and every row has its cells."""
    archive = zipfile.ZipFile(io.BytesIO(printed(REPORTS[seed], form, seed)))
    assert archive.testzip() is None
    trees = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    body = trees["word/document.xml"]
    paragraphs = ["".join(p.itertext(f"{W}t")) for p in body.iter(f"{W}p")]
    assert squeezed(REPORTS[seed].title) in squeezed("".join(paragraphs))
    assert all(len(row.findall(f".//{W}tc")) for row in body.iter(f"{W}tr"))
    assert ("delText" in archive.read("word/document.xml").decode()) == (form == "docx-tracked")


@pytest.mark.parametrize("seed", SEEDS)
def test_odt_has_a_full_grid(seed):
    """The first member says what it is; each row covers as many columns as its table has."""
    archive = zipfile.ZipFile(io.BytesIO(printed(REPORTS[seed], "odt", seed)))
    first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    tree = etree.fromstring(archive.read("content.xml"))
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    for found in tree.iter(f"{table}table"):
        columns = int(found.find(f"{table}table-column").get(f"{table}number-columns-repeated"))
        assert {len(row) for row in found.iter(f"{table}table-row")} == {columns}
    assert squeezed(REPORTS[seed].title) in squeezed("".join(tree.itertext()))


@pytest.mark.parametrize(("form", "seed"), of("xlsx"))
def test_xlsx_opens(form, seed):
    """Every figure and line of text stands in a cell of its own."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(printed(REPORTS[seed], form, seed)))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    texts = {
        squeezed(f"{cell:g}" if isinstance(cell, float) and cell < 1e5 else str(cell).removesuffix(".0"))
        for row in rows
        for cell in row
    }
    truth = truth_of(REPORTS[seed])
    assert not {squeezed(found.raw) for found in truth.cells.values()} - texts
    assert len(book.sheet_names) == (
        1 if form == "xlsx-sheet" else 1 + len([b for b in REPORTS[seed].blocks if b.sheet])
    )


@pytest.mark.parametrize(("form", "seed"), of("rtf"))
def test_rtf_is_balanced(form, seed):
    """Groups close, only ASCII is written, and there are as many cells as the definitions have edges."""
    text = printed(REPORTS[seed], form, seed).decode("ascii")
    bare = text.replace("\\{", "").replace("\\}", "").replace("\\\\", "")
    assert bare.count("{") == bare.count("}")
    cells, rows = bare.count("\\cell\r"), re.findall(r"\\trowd(?:(?!\\row)[\s\S])*?\\row", bare)
    assert cells == sum(max(1, row.count("\\cellx")) // (2 if form == "rtf-word" else 1) for row in rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_doc_is_a_compound_file_with_its_text_in_pieces(seed):
    """The pieces of the header's table, put together, are the report's text."""
    with olefile.OleFileIO(io.BytesIO(printed(REPORTS[seed], "doc", seed))) as file:
        main, table = (file.openstream(name).read() for name in ("WordDocument", "1Table"))
    at, size = struct.unpack_from("<II", main, 0x1A2)
    pieces = table[at + 5 : at + size]
    count = (len(pieces) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", pieces)
    text = ""
    for index in range(count):
        _, offset, _ = struct.unpack_from("<HIH", pieces, 4 * (count + 1) + 8 * index)
        length = bounds[index + 1] - bounds[index]
        narrow = offset & 0x40000000
        first = (offset & 0x3FFFFFFF) // 2 if narrow else offset
        text += main[first : first + length * (1 if narrow else 2)].decode("cp1252" if narrow else "utf-16-le")
    assert len(text) == struct.unpack_from("<I", main, 0x4C)[0]
    titles = squeezed(REPORTS[seed].title)
    assert len(set(titles) - set(text)) == 0
    assert text.count("\a") >= len(truth_of(REPORTS[seed]).cells)


@pytest.mark.parametrize(("form", "seed"), of("pdf"))
def test_pdf_gives_back_its_characters(form, seed):
    """Its pages open, and every character of the truth stands on them."""
    document = pypdfium2.PdfDocument(printed(REPORTS[seed], form, seed))
    try:
        text = ""
        for sheet in document:
            textpage = sheet.get_textpage()
            text += textpage.get_text_range()
            textpage.close()
            sheet.close()
        truth = truth_of(REPORTS[seed])
        assert len(document) >= 2
        assert squeezed(truth.title) in squeezed(text)
        assert set(squeezed(truth.text + "".join(truth.labels))) <= set(text)
        assert [found.raw for found in truth.cells.values() if squeezed(found.raw) not in squeezed(text)] == []
    finally:
        document.close()


@pytest.mark.parametrize(("form", "seed"), of("ofd"))
def test_ofd_places_every_character(form, seed):
    """Each text has an advance for all its characters but the last; all files parse; all characters are there."""
    archive = zipfile.ZipFile(io.BytesIO(printed(REPORTS[seed], form, seed)))
    trees = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    assert trees["OFD.xml"].tag == "{http://www.ofdspec.org/2016}OFD"
    codes = [code for name, tree in trees.items() if "/Page_" in name for code in tree.iter("{*}TextCode")]
    for code in codes:
        advances, words = 0, (code.get("DeltaX") or "").split()
        while words:
            step = 3 if words[0] == "g" else 1
            advances += int(words[1]) if step == 3 else 1
            words = words[step:]
        assert advances == len(code.text) - 1
    truth = truth_of(REPORTS[seed])
    assert set(squeezed(truth.text + "".join(truth.labels))) <= set("".join(code.text for code in codes))


@pytest.mark.parametrize("seed", range(8))
def test_bundles_name_their_members(seed):
    """Each member is the file that its report prints; names without the UTF-8 flag are GBK."""
    report = random_report(seed)
    archive = zipfile.ZipFile(io.BytesIO(printed(report, "zip", seed)))
    assert archive.testzip() is None
    names = [
        i.filename if i.flag_bits & 0x800 else i.filename.encode("cp437").decode("gbk") for i in archive.infolist()
    ]
    members = bundle.members(report, seed)
    assert names == [name for name, _, _ in members]
    assert members[0][1] is report
    for info, (_, content, form) in zip(archive.infolist(), members, strict=True):
        assert archive.read(info) == printed(content, form, seed)


def test_packages_are_plain_zip_files():
    """Stored and packed members come back; a GBK name has no UTF-8 flag."""
    archive = zipfile.ZipFile(io.BytesIO(package({"a.txt": "x" * 99, "年报.txt": b"y"}, stored=["a.txt"], gbk=True)))
    assert archive.read("a.txt") == b"x" * 99
    assert [info.flag_bits for info in archive.infolist()] == [0, 0]
    assert archive.infolist()[1].filename.encode("cp437").decode("gbk") == "年报.txt"
