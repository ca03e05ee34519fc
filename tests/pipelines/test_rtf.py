"""RTF: every cell of the fixtures; charsets, tables, what is not printed, by the rules of the format."""

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.office import rtf
from tests.pipelines import office

FILES = office.files("rtf")
FONTS = r"{\fonttbl{\f0\fnil\fcharset0 Times;}{\f1\fnil\fcharset134 SimSun;}{\f2\fcharset2 Wingdings;}{\f3\fcharset136 Ming;}}"


def made(inner, head=r"\ansi\ansicpg936\deff0"):
    return (
        b"{\\rtf1"
        + head.encode()
        + FONTS.encode()
        + (inner if isinstance(inner, bytes) else inner.encode("ascii"))
        + b"}"
    )


def read(inner, **options):
    return rtf.convert(made(inner, **options), Context())


def texts(inner, **options):
    found = read(inner, **options)
    assert found.state == "ok", found.error
    return [block.text for block in found.blocks]


def u(text):
    r"""Text as \u escapes with a fallback, as Word writes it."""
    return "".join(rf"\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?" for c in text)


def row(texts_, definition, *, after=False):
    cells = "".join(rf"\pard\intbl {u(text)}\cell" for text in texts_)
    return cells + r"\trowd" + definition + r"\row" if after else r"\trowd" + definition + cells + r"\row"


def cells(inner):
    found = read(inner)
    assert found.state == "ok", found.error
    return office.shape(found.grids[0])


TWO = r"\cellx1000\cellx2000 "
SIMPLE = row(["甲", "1"], TWO) + row(["乙", "2"], TWO) + r"\pard "


# ---------------------------------------------------------------- whole reports


# ---------------------------------------------------------------- characters


def hexed(text, charset="gb18030"):
    return "".join(rf"\'{byte:02x}" for byte in text.encode(charset))


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (rf"\f1 {hexed('政府信息')}", "政府信息"),
        (rf"\f1 {hexed('政府')}\f0 , {hexed('é', 'cp1252')}", "政府, é"),
        (rf"\f0 {hexed('政府')}", "政府"),
        (rf"\f3 {hexed('資訊', 'cp950')}", "資訊"),
        (r"\f1 \'81@\'81\'5c", b"\x81\x40\x81\x5c".decode("gb18030")),
        (r"\dbch\af1\loch\f0 \'d5\'fe", "政"),
        (r"\f2 \'fe\'b7", "☑\uf0b7"),
        (r"\f0 \'93x\'94", "“x”"),
    ],
)
def test_bytes_mean_what_the_font_says(inner, text):
    assert texts(inner + r"\par") == [text]


def test_raw_bytes_of_the_code_page():
    assert texts(b"\\f1 " + "誠〔政〕".encode("gb18030") + b"\\par") == ["誠〔政〕"]


def test_a_second_byte_may_look_like_markup():
    raw = b"\\f1 \x81\x5c\x81\x7b\x81\x7d\\par"
    assert texts(raw) == [b"\x81\x5c\x81\x7b\x81\x7d".decode("gb18030")]


def test_unicode_skips_its_fallback():
    assert texts(r"{\uc2 \u25919\'d5\'fe\u24220 ab}{\uc0\u20449 c}\u24687?\par") == ["政府c信c息".replace("府c", "府")]


def test_unicode_beyond_the_basic_plane_and_negative():
    assert texts(r"\u-10174?\u-8265?\u-30?\par") == ["𠮷￢"]


def test_unicode_without_a_fallback_keeps_the_next_word():
    assert texts(r"\u25919\par x\u24220\b y\par") == ["政", "x府"]


def test_special_characters():
    assert texts(r"a\~b\_c\-d\ldblquote e\rdblquote\emdash\{\}\\\line f\tab g\par") == ["a\xa0b-cd“e”—{}\\", "f\tg"]


# ---------------------------------------------------------------- what is printed


def test_deleted_and_hidden_text_is_not_read():
    assert texts(rf"{u('收到')}{{\deleted {u('九')}}}{{\v {u('密')}}}\v {u('密')}\v0 {u('七件')}\par") == ["收到七件"]


def test_plain_ends_hidden_text():
    assert texts(r"\v a\plain b\par") == ["b"]


def test_a_deleted_paragraph_mark_joins():
    assert texts(r"a{\deleted x\par}b\par") == ["ab"]


def test_fields_print_their_result():
    assert texts(r'a{\field{\*\fldinst{HYPERLINK "http://a.test"}}{\fldrslt{b}}}c\par') == ["abc"]


def test_destinations_are_not_text():
    inner = (
        r"{\info{\title 题}{\author x}}{\header h\par}{\*\unknown y}{\footnote\pard z}{\pict 0a0b}{\*\shppict{\pict 00}}"
        r"{\*\bkmkstart b}{\object\objemb{\*\objdata 00}{\result r}}t\par"
    )
    assert texts(inner.replace("题", r"\u39064?")) == ["rt"]


def test_the_title_is_metadata():
    assert read(r"{\info{\title \u39064?\u30446?}{\author x}}a\par").meta == (("core:title", "题目"),)


def test_binary_data_is_jumped_over():
    assert texts(b"a{\\pict\\bin5 }}{{\\}b\\bin3 }}}c\\par") == ["abc"]


def test_both_forms_of_a_text_are_one():
    assert texts(r"{\upr{ansi}{\*\ud{\u25919?}}}\par") == ["政"]


def test_text_boxes_are_read_once_after_their_paragraph():
    shape = r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt\pard in\par}}{\shprslt{\*\do{\dptxbxtext in\par}}}}"
    assert texts(rf"out{shape}side\par next\par") == ["outside", "in", "next"]


def test_ornamental_text_is_read():
    shape = r"{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv \u25919?\u24220?}}{\sp{\sn gtextFont}{\sv SimSun}}}}"
    assert texts(rf"a{shape}b\par c\par") == ["ab", "政府", "c"]


def test_printed_numbers_are_text_and_bullets_are_not():
    number = r"{\listtext\f1 \'d2\'bb\'a1\'a2\tab}"
    assert texts(rf"{number}{u('总体')}\par{{\pntext\f2 \'b7\tab}}{u('点')}\par") == ["一、总体", "点"]


def test_headings_by_style_and_outline_level():
    sheet = r"{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\s7\outlinelevel1 Own;}}"
    found = read(sheet + r"\pard\s1 a\par\pard\s7 b\par\pard\outlinelevel2 c\par\pard d\par")
    assert [b.level for b in found.blocks] == [1, 2, 3, None]


# ---------------------------------------------------------------- tables


def test_a_simple_table():
    assert cells(SIMPLE) == [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "1"), (1, 0, 1, 1, "乙"), (1, 1, 1, 1, "2")]


def test_the_definition_may_follow_the_cells():
    after = row(["甲", "1"], TWO, after=True) + row(["乙", "2"], TWO, after=True)
    assert cells(after + r"\pard ") == cells(SIMPLE)


def test_a_definition_holds_until_the_next():
    assert cells(row(["甲", "1"], TWO) + rf"\pard\intbl {u('乙')}\cell 2\cell\row\pard ") == cells(SIMPLE)


def test_a_definition_given_twice_counts_once():
    assert cells(row(["甲", "1"], TWO).replace(r"\row", rf"\trowd{TWO}\row") + row(["乙", "2"], TWO)) == cells(SIMPLE)


def test_columns_are_the_union_of_edges_that_nearly_coincide():
    table = row(["宽", "1"], r"\trleft-108\cellx2000\cellx3000 ")
    table += row(["甲", "乙", "2"], r"\trleft-100\cellx1000\cellx2012\cellx2990 ")
    assert cells(table) == [
        (0, 0, 1, 2, "宽"),
        (0, 2, 1, 1, "1"),
        (1, 0, 1, 1, "甲"),
        (1, 1, 1, 1, "乙"),
        (1, 2, 1, 1, "2"),
    ]


def test_merged_cells():
    table = row(["组", "1", "2"], r"\clvmgf\cellx1000\cellx2000\cellx3000 ")
    table += row(["", "宽", ""], r"\clvmrg\cellx1000\clmgf\cellx2000\clmrg\cellx3000 ")
    assert cells(table) == [(0, 0, 2, 1, "组"), (0, 1, 1, 1, "1"), (0, 2, 1, 1, "2"), (1, 1, 1, 2, "宽")]


def test_a_cell_of_several_paragraphs():
    table = rf"\trowd{TWO}\pard\intbl {u('甲')}\par {u('乙')}\cell 1\cell\row" + SIMPLE
    assert cells(table)[0] == (0, 0, 1, 1, "甲\n乙")


def test_a_table_in_a_table():
    nested = r"\pard\intbl\itap2 {}\nestcell \pard\intbl\itap2 {}\nestcell {{\*\nesttableprops\trowd\cellx300\cellx600\nestrow}}{{\nonesttables\par}}"
    inner = nested.format(u("内一"), "7") + nested.format(u("内二"), "8")
    outer = "".join(row([f"行{i}", str(i)], TWO) for i in range(4))
    last = rf"\trowd{TWO}\pard\intbl {u('外')}\cell {inner}\pard\intbl {u('下')}\cell\row\pard "
    found = read(outer + last)
    assert [c.text for c in found.grids[0].cells][-2:] == ["外", "下"]
    assert [c.text for c in found.grids[1].cells] == ["内一", "7", "内二", "8"]


def test_printed_cells_without_a_definition_are_kept_and_blank_ones_dropped():
    table = row(["甲", "1", "多", "", ""], TWO) + row(["乙", "2"], TWO)
    assert cells(table)[2] == (0, 2, 1, 1, "多")
    assert len(cells(table)) == 5


def test_a_deleted_row_is_gone():
    assert cells(SIMPLE.replace(r"\pard ", "") + rf"{{\deleted {row(['丙', '3'], TWO)}}}\pard ") == cells(SIMPLE)


def test_text_before_and_after_a_table_stands_there():
    found = read(rf"a\par {SIMPLE} b\par")
    assert [b.text or b.kind for b in found.blocks] == ["a", "table", "b"]


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (made(r"a\par")[:-1], "unreadable"),
        (b"{\\rtf1", "unreadable"),
        (made(r"{\pict 00"), "unreadable"),
        (made(""), "empty"),
        (b"{\\rtf1" + b"{" * 5000, "refused"),
        (made(r"\itap30\intbl a\par\pard b\par " * 2000), "refused"),
        (made(r"\trowd\cellx1000 \intbl a\cell\row" * 6000), "refused"),
    ],
)
def test_what_cannot_be_read_says_so(payload, state):
    found = rtf.convert(payload, Context())
    assert (found.state, bool(found.error)) == (state, True)


def test_truncated_files_are_unreadable():
    payload = (office.FIXTURES / "rules" / "rules.rtf").read_bytes()
    assert {rtf.convert(part, Context()).state for part in office.cut(payload)} == {"unreadable"}


def test_flipped_bytes_never_raise():
    for broken in office.flipped((office.FIXTURES / "rules" / "rules.rtf").read_bytes()):
        found = rtf.convert(broken, Context())
        assert found.state == "ok" or found.error
