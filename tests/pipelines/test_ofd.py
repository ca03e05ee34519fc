"""OFD: what a page draws becomes characters, lines and tables; the package's ways of naming things."""

import io
import random
import zipfile

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.paged import ofd
from pipelines.convert.paged.ofd_drawing import POINT, Canvas, deltas, draw, subpaths
from pipelines.convert.sniff import sniff
from pipelines.tables import read_tables
from tests.pipelines.building import applications, drawn, sound_values

NAMESPACE = "http://www.ofdspec.org/2016"
PROSE = "本报告由云川县林业局编制，所列数据的统计期限为一年"


def page(body, prefix="ofd:", area=""):
    tags = body.replace("<", f"<{prefix}").replace(f"<{prefix}/", f"</{prefix}")
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return f'<{prefix}Page {name}="{NAMESPACE}">{area}<{prefix}Content><{prefix}Layer>{tags}</{prefix}Layer></{prefix}Content></{prefix}Page>'


def package(*pages, common="", extra=None, root="Doc_0/Document.xml", document=None):
    listed = "".join(f'<ofd:Page ID="{i}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(pages)))
    head = f'xmlns:ofd="{NAMESPACE}"'
    members = {
        "OFD.xml": f"<ofd:OFD {head}><ofd:DocBody><ofd:DocInfo><ofd:Title>年报</ofd:Title><ofd:Author>某人</ofd:Author></ofd:DocInfo><ofd:DocRoot>{root}</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": document
        or f"<ofd:Document {head}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        **{f"Doc_0/Pages/Page_{i}/Content.xml": text for i, text in enumerate(pages)},
        **(extra or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def text(words, x=20.0, y=30.0, size=4.0, extra="", step=None):
    delta = f' DeltaX="g {len(words) - 1} {step or (size / 2 if words.isascii() else size)}"' if len(words) > 1 else ""
    return f'<TextObject Boundary="{x} {y} 100 {size}" Size="{size}" {extra}><TextCode X="0" Y="{size * 0.88}"{delta}>{words}</TextCode></TextObject>'


def line(x0, y0, x1, y1):
    return f'<PathObject Boundary="{x0} {y0} 1 1"><AbbreviatedData>M 0 0 L {x1 - x0} {y1 - y0}</AbbreviatedData></PathObject>'


def read(*pages, **options):
    return ofd.convert(package(*pages, **options), Context())


def canvas_of(body, **options):
    from lxml import etree

    canvas = Canvas(**options)
    draw(etree.fromstring(f"<x>{body}</x>"), canvas)
    return canvas


def sheet_of(sheet):
    """A drawn table of points as OFD units of millimetres."""
    parts = [line(*(value / POINT for value in one)) for one in sheet.lines]
    parts += [text(words, x / POINT, y / POINT - 0.88 * 8 / POINT, 8 / POINT) for x, y, words in sheet.texts if words]
    return "".join(parts)


# ---------------------------------------------------------------- drawing


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("g 3 2.5", [2.5, 2.5, 2.5]),
        ("1 g 2 4 1", [1, 4, 4, 1]),
        ("1 2 x 3", [1, 2]),
        ("g 2", []),
        ("g 999999 1", 20_000),
        ("1,2", [1, 2]),
        (None, []),
    ],
)
def test_offsets_between_characters(given, wanted):
    found = deltas(given)
    assert len(found) == wanted if isinstance(wanted, int) else found == wanted


def test_a_path_is_lines_and_curves_apart():
    found = subpaths("M 0 0 L 5 0 L 5 5 C M 9 9 B 1 1 2 2 3 3 L 4 3 A 1 1 0 0 1 7 7 S 1 2 L 3 2")
    assert found == [[(0, 0), (5, 0), (5, 5), (0, 0)], [(9, 9)], [(3, 3), (4, 3)], [(7, 7)], [(1, 2), (3, 2)]]


@pytest.mark.parametrize("broken", ["M 1", "L L L", "B 1 2 3", "M a b L 1 2", "", "1 2 3"])
def test_a_broken_path_draws_what_is_whole(broken):
    assert all(len(part) <= 1 for part in subpaths(broken))


def test_a_unit_stands_in_its_boundary_turned_by_its_matrix():
    glyphs = canvas_of(
        '<TextObject Boundary="10 20 50 9" CTM="0.5 0 0 0.5 1 2" Size="8"><TextCode X="2" Y="6" DeltaX="8">甲乙</TextCode></TextObject>'
    ).glyphs
    assert [round(g.x / POINT, 3) for g in glyphs] == [12.0, 16.0]
    assert round(glyphs[0].y / POINT, 3) == 25.0


def test_merged_codes_use_one_offset():
    body = '<TextObject Boundary="0 0 50 9" Size="4"><CGTransform CodePosition="0" CodeCount="2" GlyphCount="1"/><TextCode X="0" Y="4" DeltaX="5 7">甲乙丙</TextCode></TextObject>'
    assert [round(g.x / POINT, 2) for g in canvas_of(body).glyphs] == [0, 0, 5]


def test_characters_without_offsets_follow_each_other():
    body = '<TextObject Boundary="0 0 50 9" Size="4"><TextCode X="0" Y="4">甲1乙</TextCode></TextObject>'
    assert [round(g.x / POINT, 2) for g in canvas_of(body).glyphs] == [0, 4, 6]


@pytest.mark.parametrize("extra", ['Visible="false"', 'Alpha="0"', 'CTM="0.7 0.7 -0.7 0.7 0 0"', 'Size="0"'])
def test_what_cannot_be_seen_and_watermarks_are_left_out(extra):
    size = "" if "Size" in extra else 'Size="4"'
    body = f'<TextObject Boundary="0 0 50 9" {size} {extra}><TextCode X="0" Y="4">密</TextCode></TextObject>'
    assert canvas_of(body).glyphs == []


def test_thin_filled_shapes_are_lines_and_white_ones_nothing():
    shape = '<PathObject Boundary="0 0 9 9" Stroke="false" Fill="true">{}<AbbreviatedData>M 0 0 L 50 0 L 50 {h} L 0 {h} C</AbbreviatedData></PathObject>'
    white = '<FillColor Value="255 255 255"/>'
    assert len(canvas_of(shape.format("", h=0.3)).strokes) == 1
    assert canvas_of(shape.format("", h=9)).strokes == []
    assert canvas_of(shape.format(white, h=0.3)).strokes == []


def test_blocks_composites_and_their_depth():
    from lxml import etree

    unit = etree.fromstring(
        f"<Content>{text('甲', 1, 1)}<CompositeObject ResourceID='7' Boundary='1 1 9 9'/></Content>"
    )
    canvas = canvas_of(
        "<PageBlock><CompositeObject ResourceID='7' Boundary='30 40 9 9'/></PageBlock>", composites={"7": unit}
    )
    assert round(canvas.glyphs[0].x / POINT, 2) == 31
    assert 1 < len(canvas.glyphs) < 12


# ---------------------------------------------------------------- documents


def test_a_table_reads_to_the_last_cell():
    values = sound_values("2021", 4)
    table = [
        [type(c)(c.text[: 3 if c.rows > 5 else 12], c.rows, c.columns) for c in row]
        for row in applications("2021", values)
    ]
    found = read(page(sheet_of(drawn(table, 60, [30.0, 50.0, 120.0, *[38.0] * 7]))))
    assert {o.indicator: str(o.value) for o in read_tables(found.grids).observations} == {
        c: v for c, v in values.items() if c.startswith("applications.")
    }


@pytest.mark.parametrize("prefix", ["ofd:", "", "o:"])
def test_names_count_without_their_namespace(prefix):
    found = read(page(text(PROSE), prefix))
    assert found.state == "ok"
    assert found.blocks[0].text == PROSE
    assert dict(found.meta) == {"ofd:Title": "年报"}


def test_templates_are_drawn_first_and_areas_shift_the_origin():
    template = page(text("云川县林业局文件", y=20), area="")
    common = '<ofd:TemplatePage ID="9" BaseLoc="Tpls/T.xml"/>'
    body = page(
        text(PROSE, 25, 60),
        area="<ofd:Template TemplateID='9'/><ofd:Area><ofd:PhysicalBox>5 10 200 280</ofd:PhysicalBox></ofd:Area>",
    )
    found = read(body, common=common, extra={"Doc_0/Tpls/T.xml": template})
    assert [b.text for b in found.blocks] == ["云川县林业局文件", PROSE]
    assert found.blocks[1].place.box[0] == pytest.approx(20 * POINT, abs=0.2)


def test_several_documents_and_addresses_from_the_root():
    payload = package(
        page(text(PROSE)),
        root="/Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody><ofd:DocBody><ofd:DocRoot>doc_0\\Document.xml",
    )
    found = ofd.convert(payload, Context())
    assert "".join(b.text for b in found.blocks) == 2 * PROSE


def test_images_alone_need_recognition():
    picture = page('<ImageObject Boundary="0 0 210 297" ResourceID="5"/>')
    resources = '<ofd:Res xmlns:ofd="x" BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="5"><ofd:MediaFile>a.jpg</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>'
    common = "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
    extra = {"Doc_0/DocumentRes.xml": resources, "Doc_0/Res/a.jpg": "x"}
    found = read(picture, common=common, extra=extra)
    assert (found.state, dict(found.meta)["ocr:wanted"]) == ("needs", "1")
    both = read(picture, page(text(PROSE)), common=common, extra=extra)
    assert both.state == "ok"
    assert "1 pages" in both.error


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (package(extra={"Doc_0/Document.xml": "\0\1"}), "unreadable"),
        (package(extra={"Doc_0/Document.xml": "\0\1", "Encryptions.xml": "<a/>"}), "encrypted"),
        (package(page("")), "empty"),
        (package(page(text("\xa4\xa4\xa4\xa4"))), "needs"),
        (package(document="<D><Pages>" + "<Page BaseLoc='x'/>" * 301 + "</Pages></D>"), "refused"),
        (package(document="<D><Pages><Page BaseLoc='nowhere.xml'/></Pages></D>"), "unreadable"),
        (package(page(text(PROSE)))[:700], "unreadable"),
        (package(document="<!DOCTYPE a [<!ENTITY b 'c'>]><D/>"), "refused"),
    ],
)
def test_what_cannot_be_read_says_so(payload, state):
    found = ofd.convert(payload, Context())
    assert found.state == state
    assert found.error


def test_it_is_known_by_its_bytes():
    assert sniff(package(page(text(PROSE)))) == "application/ofd"


def test_damage_never_raises():
    whole = package(page(text(PROSE) + line(10, 10, 90, 10)), page(text(PROSE, y=90)))
    rng = random.Random(5)
    for _ in range(100):
        damaged = bytearray(whole[: rng.randrange(20, len(whole))] if rng.random() < 0.4 else whole)
        for _ in range(rng.randrange(1, 9)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        assert ofd.convert(bytes(damaged), Context()).state in {
            "ok",
            "empty",
            "unreadable",
            "refused",
            "needs",
            "encrypted",
        }


def test_damaged_markup_never_raises():
    body = page(text(PROSE) + line(10, 10, 90, 10))
    rng = random.Random(6)
    for _ in range(100):
        at = rng.randrange(60, len(body))
        hurt = body[:at] + rng.choice(["", '"', "<", "1e309", "-", "g 9 9", "NaN"]) + body[at + rng.randrange(4) :]
        assert read(hurt).state in {"ok", "empty", "unreadable", "refused", "needs"}


def test_texts_measured_in_points_are_as_large_as_their_matrix_makes_them():
    """A title is told from the text by its size on the page: Size times CTM (section 8.5)."""

    def scaled(words, x, y, size):
        places = f'X="0" Y="{size * 0.88}" DeltaX="g {len(words) - 1} {size}"'
        matrix = f"{1 / POINT} 0 0 {1 / POINT} 0 0"
        box = f"{x / POINT} {y / POINT} 150 10"
        return f'<TextObject Boundary="{box}" Size="{size}" CTM="{matrix}"><TextCode {places}>{words}</TextCode></TextObject>'

    title = "云川县林业局二〇二三年政府信息公开工作年度报告"
    first = "各县区林业部门和局机关各处室以及所属各单位并各有关方面"
    body = scaled(title, 90, 100, 18) + text("一" * 34, 90 / POINT, 130 / POINT, 12 / POINT)
    body += text(first, 90 / POINT, 150 / POINT, 12 / POINT)
    assert [block.text for block in read(page(body)).blocks] == [title, "一" * 34 + first]


def test_a_wide_letter_is_not_followed_by_a_space():
    """The offset after w or m is nearly the size in proportional fonts (11.3)."""
    mail = "swtxm@a.test"
    steps = " ".join("13.8" if c in "wm" else "14.7" if c == "@" else "7.6" for c in mail[:-1])
    body = f'<TextObject Boundary="20 30 150 16" Size="16"><TextCode X="0" Y="14" DeltaX="{steps}">{mail}</TextCode></TextObject>'
    assert read(page(text(PROSE) + body)).blocks[-1].text == mail
