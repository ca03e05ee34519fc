"""A cell found again in its original: the same that was read, in HTML and in PDF, and nothing that could run is left."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from lxml import html

from pipelines.convert import marking
from pipelines.convert.sandbox import Cage
from pipelines.read import read_payload
from tests.pipelines.building import Sheet, pdf

PAGE = """<html><head><title>x</title><script>alert(1)</script><meta http-equiv="refresh" content="0;url=http://x/"></head><body>
<table><tr><td>导航</td></tr></table>
<div class="TRS_Editor"><p>一、总体情况。2023年，我厅严格执行政府信息公开条例，全年主动公开政府信息。</p>
<table onclick="alert(2)"><tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>
<tr style="display:none"><td>隐藏</td><td>99</td><td>98</td><td>97</td></tr>
<tr><td>规章</td><td>12</td><td>0</td><td>34</td></tr><tr><td>行政规范性文件</td><td>8</td><td></td><td>60</td></tr></table>
<form action="http://x/"><input name="a"></form><iframe src="http://x/"></iframe><a href="javascript:alert(3)">x</a></div></body></html>"""


def marked_text(page: bytes) -> str:
    (found,) = html.document_fromstring(page.decode()).xpath(f"//*[@id='{marking.ANCHOR}']")
    return found.text_content().strip()


def test_every_cell_of_a_page_is_found_where_it_was_read() -> None:
    reading = read_payload(PAGE.encode(), url="http://www.test.gov.cn/a.html", media_type="text/html")
    cells = [cell for grid in reading.conversion.grids for cell in grid.cells]
    assert len(cells) >= 12
    for cell in cells:
        kind, page = marking.mark(PAGE.encode(), "text/html", {"path": cell.place.path})
        assert kind.startswith("text/html")
        assert marked_text(page) == cell.text


def test_nothing_in_a_marked_page_runs_or_fetches() -> None:
    _, page = marking.mark(PAGE.encode(), "text/html", {"path": "table[2]/tr[2]/td[2]"})
    tree = html.document_fromstring(page.decode())
    assert not tree.xpath("//script|//iframe|//form|//meta|//object|//embed|//base|//link")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]


@pytest.mark.parametrize(
    "path", ["table[9]/tr[1]/td[1]", "table[2]/tr[99]/td[1]", "table[2]/tr[1]/td[99]", "table[2]", "../x", ""]
)
def test_a_cell_that_is_not_there(path) -> None:
    assert marking.mark(PAGE.encode(), "text/html", {"path": path}) is None


def test_what_cannot_be_shown() -> None:
    assert marking.mark(b"PK", "application/zip", {"path": "table[1]/tr[1]/td[1]"}) is None
    assert marking.mark(b"%PDF-1.4 broken", "application/pdf", {"page": 1, "box": [0, 0, 9, 9]}) is None
    assert marking.mark(b"", "text/html", {"path": "table[1]/tr[1]/td[1]"}) is None


def pixels(picture: bytes) -> tuple[int, int, list[bytes]]:
    """A PNG of ours as lines of RGB."""
    columns, rows = struct.unpack(">II", picture[16:24])
    at, data = 8, b""
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        if picture[at + 4 : at + 8] == b"IDAT":
            data += picture[at + 8 : at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(data)
    width = columns * 3 + 1
    return columns, rows, [raw[line * width + 1 : (line + 1) * width] for line in range(rows)]


GRID = Sheet(
    [(70, 112, "规章"), (170, 112, "12"), (70, 132, "规范性文件"), (170, 132, "8")],
    [
        (60, 100, 260, 100),
        (60, 120, 260, 120),
        (60, 140, 260, 140),
        (60, 100, 60, 140),
        (160, 100, 160, 140),
        (260, 100, 260, 140),
    ],
)


def test_a_box_on_a_page_is_yellow_within_a_red_border() -> None:
    data = pdf([Sheet([(50, 50, "一")], []), GRID])
    kind, picture = marking.mark(data, "application/pdf", {"page": 2, "box": [160, 100, 260, 120]})
    assert kind == "image/png"
    columns, rows, lines = pixels(picture)
    assert (columns, rows) == (952, 1348)

    def at(x: float, y: float) -> tuple[int, ...]:
        column = round(x * marking.SCALE)
        return tuple(lines[round(y * marking.SCALE)][column * 3 : column * 3 + 3])

    assert at(250, 110) == (255, 255, marking._WASH)
    assert at(150, 110) == (255, 255, 255)
    assert at(159, 110) == at(261, 110) == at(210, 121) == (0xC0, 0x39, 0x2B)
    yellow = sum(
        line[column * 3 : column * 3 + 3] == bytes((255, 255, marking._WASH))
        for line in lines
        for column in range(columns)
    )
    assert 0.6 < yellow / (100 * 20 * marking.SCALE**2) <= 1.05


@pytest.mark.parametrize("box", [[-50, -50, 20, 20], [590, 838, 900, 900], [900, 900, 990, 990], [10, 10, 10, 10]])
def test_a_box_at_the_edge_or_beyond_breaks_nothing(box) -> None:
    kind, picture = marking.mark(pdf([GRID]), "application/pdf", {"page": 1, "box": box})
    assert kind == "image/png"
    assert pixels(picture)[0] == 952


def test_a_page_that_is_not_there() -> None:
    assert marking.mark(pdf([GRID]), "application/pdf", {"page": 2, "box": [1, 1, 9, 9]}) is None


def test_a_huge_page_is_drawn_smaller() -> None:
    data = pdf([GRID]).replace(b"/MediaBox[0 0 595 842]", b"/MediaBox[0 0 9999 999]")
    _, picture = marking.mark(data, "application/pdf", {"page": 1, "box": [1, 1, 9, 9]})
    columns, rows, _ = pixels(picture)
    assert columns * rows <= marking.LARGEST * 1.01


def test_the_cage_marks_and_survives_what_is_broken() -> None:
    with Cage(workers=1, ocr=False) as cage:
        assert cage.mark(PAGE.encode(), "text/html", {"path": "table[2]/tr[2]/td[2]"}) is not None
        assert cage.mark(b"%PDF-1.4 broken", "application/pdf", {"page": 1, "box": [0, 0, 9, 9]}) is None


def zipped(**files: bytes) -> bytes:
    """A zip of files; two underscores in a name stand for a point."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name.replace("__", "."), data)
    return held.getvalue()


def test_a_cell_in_a_bundle_and_in_a_bundle_within_it() -> None:
    inner = zipped(report__html=PAGE.encode(), other__html=b"<html><p>x</p></html>")
    outer = zipped(inner__zip=inner, paper__pdf=pdf([GRID]), report__html=PAGE.replace("12", "21").encode())
    reading = read_payload(outer, name="a.zip")
    names = {name for name, _ in reading.members}
    assert {"report.html", "paper.pdf", "inner.zip!report.html"} <= names
    path = "table[2]/tr[2]/td[2]"
    assert marked_text(marking.mark(outer, "application/zip", {"path": path, "member": "report.html"})[1]) == "21"
    assert (
        marked_text(marking.mark(outer, "application/zip", {"path": path, "member": "inner.zip!report.html"})[1])
        == "12"
    )
    kind, _ = marking.mark(outer, "application/zip", {"page": 1, "box": [160, 100, 260, 120], "member": "paper.pdf"})
    assert kind == "image/png"


@pytest.mark.parametrize("member", ["none.html", "inner.zip!none.html", "report.html!x", "../report.html"])
def test_a_member_that_is_not_there(member) -> None:
    outer = zipped(inner__zip=zipped(a__html=PAGE.encode()), report__html=PAGE.encode())
    assert marking.mark(outer, "application/zip", {"path": "table[2]/tr[2]/td[2]", "member": member}) is None
