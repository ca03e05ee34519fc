"""ODT: every cell of the fixtures; text, lists and tables by the rules of OpenDocument."""

import io
import zipfile

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.office import odt
from pipelines.convert.sniff import sniff
from tests.pipelines import office

FILES = office.files("odt")
NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
    )
)


def made(inner, styles="", extra=None, mimetype="application/vnd.oasis.opendocument.text"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        package.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:text>{inner}</office:text></office:body></office:document-content>",
        )
        for name, text in (extra or {}).items():
            package.writestr(name, text)
    return buffer.getvalue()


def read(inner, **options):
    return odt.convert(made(inner, **options), Context())


def texts(inner, **options):
    found = read(inner, **options)
    assert found.state == "ok", found.error
    return [block.text for block in found.blocks]


def p(text):
    return f"<text:p>{text}</text:p>"


def td(text, **attributes):
    said = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-cell{said}>{p(text) if text else ''}</table:table-cell>"


def tr(*cells, **attributes):
    said = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-row{said}>{''.join(cells)}</table:table-row>"


def table(*rows, sub=False):
    said = ' table:is-sub-table="true"' if sub else ""
    return f"<table:table{said}>{''.join(rows)}</table:table>"


def cells(inner):
    found = read(inner)
    assert found.state == "ok", found.error
    return office.shape(found.grids[0])


COVERED = "<table:covered-table-cell/>"


# ---------------------------------------------------------------- whole reports


# ---------------------------------------------------------------- text


def test_inline_text_joins_and_white_space_is_one_space():
    inner = p('20<text:span>23</text:span>年  \n 共<text:s text:c="2"/>7<text:tab/>件<text:line-break/>下行')
    assert texts(inner) == ["2023年 共  7\t件", "下行"]


def test_what_is_not_printed_is_left_out():
    inner = (
        "<text:tracked-changes><text:changed-region><text:deletion>"
        + p("删")
        + "</text:deletion></text:changed-region></text:tracked-changes>"
        + p(
            "甲<text:change/><text:note><text:note-body>"
            + p("注")
            + "</text:note-body></text:note><office:annotation>"
            + p("批")
            + "</office:annotation>"
            "<text:ruby><text:ruby-base>乙</text:ruby-base><text:ruby-text>yi</text:ruby-text></text:ruby>"
        )
    )
    assert texts(inner) == ["甲乙"]


def test_hidden_text_is_left_out():
    styles = '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'
    inner = (
        p('甲<text:span text:style-name="T1">密</text:span>乙')
        + '<text:section text:display="none">'
        + p("丙")
        + "</text:section>"
    )
    assert texts(inner, styles=styles) == ["甲乙"]


def test_headings():
    found = read('<text:h text:outline-level="2">甲</text:h><text:h text:outline-level="9">乙</text:h>' + p("丙"))
    assert [(b.text, b.level) for b in found.blocks] == [("甲", 2), ("乙", None), ("丙", None)]


def test_text_boxes_once_and_pictures_not():
    box = f"<draw:frame><draw:text-box>{p('框')}</draw:text-box><draw:image/></draw:frame>"
    assert texts(p(f"外{box}边") + p("后")) == ["外边", "框", "后"]


LISTS = (
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="一, 二, 三, ..." style:num-suffix="、"/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix="." text:display-levels="1"/></text:list-style>'
    '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/></text:list-style>'
)


def item(inner, **attributes):
    said = "".join(f' text:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<text:list-item{said}>{inner}</text:list-item>"


def items(inner, style="L1", **attributes):
    said = "".join(f' {name.replace("__", ":").replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text:list text:style-name="{style}"{said}>{inner}</text:list>'


def test_lists_are_numbered():
    inner = items(item(p("甲") + f"<text:list>{item(p('子'))}{item(p('丑'))}</text:list>") + item(p("乙") + p("续")))
    assert texts(inner, styles=LISTS) == ["一、甲", "1.子", "2.丑", "二、乙", "续"]


def test_lists_go_on_or_begin_anew():
    inner = (
        items(item(p("甲"))) + p("间") + items(item(p("乙")), text__continue_numbering="true") + items(item(p("丙")))
    )
    assert texts(inner, styles=LISTS) == ["一、甲", "间", "二、乙", "一、丙"]


def test_a_list_goes_on_by_name_and_starts_where_it_says():
    inner = (
        items(item(p("甲"), start_value=4), xml__id="a")
        + items(item(p("子")))
        + items(item(p("乙")), text__continue_list="a")
    )
    assert texts(inner, styles=LISTS) == ["四、甲", "一、子", "五、乙"]


def test_headings_are_numbered_by_the_outline():
    outline = (
        f'<office:document-styles {NAMES}><office:styles><text:outline-style style:name="Outline">'
        '<text:outline-level-style text:level="1" style:num-format="一, 二, 三, ..." style:num-suffix="、"/>'
        '<text:outline-level-style text:level="2" style:num-format=""/></text:outline-style></office:styles></office:document-styles>'
    )
    styles = '<style:style style:name="P1" style:list-style-name=""/>'
    heads = "".join(f'<text:h text:outline-level="{level}"{more}>{text}</text:h>' for level, more, text in (
        (1, "", "甲"), (2, "", "乙"), (1, ' text:style-name="P1"', "丙"), (1, "", "丁")))  # fmt: skip
    assert texts(heads, styles=styles, extra={"styles.xml": outline}) == ["一、甲", "乙", "丙", "二、丁"]


def test_bullets_are_no_text():
    assert texts(items(item(p("甲")), style="B"), styles=LISTS) == ["甲"]


# ---------------------------------------------------------------- tables


def test_spans_and_covered_cells():
    inner = table(
        tr(td("组", number_rows_spanned=2), td("宽", number_columns_spanned=2), COVERED), tr(COVERED, td("1"), td("2"))
    )
    assert cells(inner) == [(0, 0, 2, 1, "组"), (0, 1, 1, 2, "宽"), (1, 1, 1, 1, "1"), (1, 2, 1, 1, "2")]


def test_repeated_cells_and_rows_are_unfolded():
    inner = table(
        tr(td("甲"), td("0", number_columns_repeated=3)),
        tr(td("乙"), td("", number_columns_repeated=3), number_rows_repeated=2),
    )
    assert [c[4] for c in cells(inner)] == ["甲", "0", "0", "0", "乙", "", "", "", "乙", "", "", ""]


def test_the_blank_rest_of_a_sheet_is_no_cell():
    inner = table(
        "<table:table-header-rows>"
        + tr(td("甲"), td("1"), td("", number_columns_repeated=16380))
        + "</table:table-header-rows>",
        tr(td("乙"), td("2")),
        tr(td("", number_columns_repeated=16384), number_rows_repeated=1048574),
    )
    assert cells(inner) == [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "1"), (1, 0, 1, 1, "乙"), (1, 1, 1, 1, "2")]


def test_a_cell_that_is_split_by_a_table():
    inner = table(
        tr(
            td("组"),
            f"<table:table-cell>{table(tr(td('甲'), td('1')), tr(td('乙'), td('2')), sub=True)}</table:table-cell>",
        ),
        tr(td("末"), td("3")),
    )
    assert cells(inner) == [
        (0, 0, 2, 1, "组"),
        (0, 1, 1, 1, "甲"),
        (0, 2, 1, 1, "1"),
        (1, 1, 1, 1, "乙"),
        (1, 2, 1, 1, "2"),
        (2, 0, 1, 1, "末"),
        (2, 1, 1, 2, "3"),
    ]


def test_a_table_in_a_table_is_a_grid_of_its_own():
    outer = [tr(td(f"行{i}"), td(str(i))) for i in range(4)]
    nested = f"<table:table-cell>{p('外')}{table(tr(td('内'), td('7')), tr(td('里'), td('8')))}</table:table-cell>"
    found = read(table(*outer, tr(nested, td("9"))))
    assert [c.text for c in found.grids[0].cells][-2:] == ["外", "9"]
    assert [c.text for c in found.grids[1].cells] == ["内", "7", "里", "8"]


def test_a_frame_is_text_and_a_cell_knows_its_place():
    assert texts(table(tr(td("框")))) == ["框"]
    assert (
        read(table(tr(td("甲"), td("1")), tr(td("乙"), td("2")))).grids[0].cells[3].place.path == "tbl[1]/tr[2]/tc[2]"
    )


# ---------------------------------------------------------------- packages


def test_properties_without_names():
    meta = f'<office:document-meta {NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>题</dc:title><dc:creator>某</dc:creator></office:document-meta>'
    assert read(p("文"), extra={"meta.xml": meta}).meta == (("core:title", "题"),)


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (made(p("x"), extra={"META-INF/manifest.xml": "<manifest:encryption-data/>"}), "encrypted"),
        (made("", extra={"encrypted-package": "x"}), "encrypted"),
        (made(""), "empty"),
        (made("<text:section>" * 80 + p("x") + "</text:section>" * 80), "refused"),
        (made(table(tr(td("x"), number_rows_repeated=900000))), "refused"),
        (made(table(tr(td("x", number_columns_repeated=900000)))), "refused"),
        (made(f"<text:p>{'A' * 40_000_000}</text:p>"), "refused"),
        (made(p("x")).replace(b"content.xml", b"kontent.xml"), "unreadable"),
        (made(p("x"))[:200], "unreadable"),
    ],
)
def test_what_cannot_be_read_says_so(payload, state):
    found = odt.convert(payload, Context())
    assert (found.state, bool(found.error)) == (state, True)


def test_truncated_files_keep_their_kind_and_are_unreadable():
    payload = (office.FIXTURES / "rules" / "rules.odt").read_bytes()
    for part in list(office.cut(payload))[1:]:
        assert sniff(part) == odt.ODT
        assert odt.convert(part, Context()).state == "unreadable"


def test_flipped_bytes_never_raise():
    for broken in office.flipped((office.FIXTURES / "rules" / "rules.odt").read_bytes()):
        found = odt.convert(broken, Context())
        assert found.state == "ok" or found.error
