"""DOC and WPS: every cell of the fixtures; text, tables and properties by the rules of [MS-DOC]."""

import struct

import pytest

from pipelines.convert.interface import Context
from pipelines.convert.office import word
from pipelines.convert.office.word_lists import number
from pipelines.convert.office.word_properties import modifiers, row_slots
from tests.pipelines import office
from tests.pipelines.word_building import CELL, P, cell, compound, definition, doc, plain, row_end, sprm

FILES = office.files("doc")
DELETED, HIDDEN = sprm(0x0800), sprm(0x083C)


def read(paragraphs, **options):
    return word.convert(doc(paragraphs, **options), Context())


def texts(paragraphs, **options):
    found = read(paragraphs, **options)
    assert found.state == "ok", found.error
    return [block.text for block in found.blocks]


def grid(paragraphs, **options):
    found = read(paragraphs, **options)
    assert found.state == "ok", found.error
    return [(c.row, c.column, c.rowspan, c.colspan, c.text) for c in found.grids[0].cells]


def rows(*given):
    """Paragraphs of a table: rows of texts with their definitions."""
    return [p for cells, table in given for p in (*map(cell, cells), row_end(table))]


SIMPLE = rows((["甲", "1"], definition([0, 1000, 2000])), (["乙", "2"], definition([0, 1000, 2000])))


# ---------------------------------------------------------------- whole reports


def test_a_wps_file_is_read_the_same_way():
    found = office.reading("2021a/report.doc", "年度报告.wps")
    assert found.conversion.grids == office.reading("2021a/report.doc").conversion.grids


# ---------------------------------------------------------------- text


def test_compressed_pieces_are_cp1252():
    assert texts([plain("“Chapter” – 2.5 €")], compressed=True) == ["“Chapter” – 2.5 €"]


def test_fast_saved_pieces_are_put_in_order():
    paragraphs = [plain("年度报告共收到申请七件"), plain("完")]
    assert texts(paragraphs, cuts=(3, 7), backwards=True) == ["年度报告共收到申请七件", "完"]


def test_a_table_in_fast_saved_pieces():
    assert grid(SIMPLE, cuts=(1, 4, 6), backwards=True) == grid(SIMPLE)


def test_tracked_deletions_and_hidden_text_are_not_read():
    runs = [("收到", b""), ("九", DELETED), ("七", sprm(0x0801)), ("密", HIDDEN), ("件", b"")]
    assert texts([P(runs)]) == ["收到七件"]


def test_a_deleted_paragraph_mark_joins_its_paragraphs():
    assert texts([P([("上", b"")], mark_properties=DELETED), plain("下")]) == ["上下"]


def test_a_piece_can_be_deleted_as_a_whole():
    assert texts([plain("收到九七件")], cuts=(2, 3), prms={1: 0x41 << 1 | 1 << 8}) == ["收到七件"]


def test_a_piece_can_name_a_group_of_modifiers():
    assert texts([plain("收到九七件")], cuts=(2, 3), prms={1: 1}, groups=(HIDDEN,)) == ["收到七件"]


def test_fields_print_their_result():
    text = '见\x13 HYPERLINK "http://a.test" \x14网\x13 PAGE \x141\x15站\x15和\x13 TC x \x15完'
    assert texts([plain(text)]) == ["见网1站和完"]


def test_a_field_that_is_not_closed_costs_no_text():
    assert texts([plain("上\x13下"), plain("末")]) == ["上下", "末"]


def test_symbols_of_a_font():
    assert texts(
        [P([("选", b""), ("(", sprm(0x0855) + sprm(0x6A09, struct.pack("<HH", 3, 0xF0FE))), ("是", b"")])]
    ) == ["选☑是"]


def test_control_characters_print_what_they_mean():
    assert texts([plain("一\x0b二\x1e三\x1f四\x01\x02\x05\x08五\x0c六")]) == ["一", "二-三四五", "六"]


def test_characters_beyond_the_basic_plane():
    halves = "𠮷".encode("utf-16-le")
    text = "".join(chr(unit) for unit in struct.unpack("<2H", halves))
    made = doc([plain("甲乙字")]).replace("甲乙".encode("utf-16-le"), halves)
    assert len(text) == 2
    assert [b.text for b in word.convert(made, Context()).blocks] == ["𠮷字"]


def test_outline_levels_are_headings():
    found = read([plain("甲", properties=sprm(0x2640, 1)), plain("乙", properties=sprm(0x2640, 9))])
    assert [(b.kind, b.level) for b in found.blocks] == [("heading", 2), ("paragraph", None)]


# ---------------------------------------------------------------- tables


def test_columns_are_the_union_of_the_rows_edges():
    table = rows((["宽", "1"], definition([0, 2000, 3000])), (["甲", "乙", "2"], definition([5, 1010, 2010, 2990])))
    assert grid(table) == [
        (0, 0, 1, 2, "宽"),
        (0, 2, 1, 1, "1"),
        (1, 0, 1, 1, "甲"),
        (1, 1, 1, 1, "乙"),
        (1, 2, 1, 1, "2"),
    ]


def test_vertical_merges_by_flags():
    table = rows(
        (["组", "1"], definition([0, 1000, 2000], [3 << 5, 0])), (["", "2"], definition([0, 1000, 2000], [1 << 5, 0]))
    )
    assert grid(table) == [(0, 0, 2, 1, "组"), (0, 1, 1, 1, "1"), (1, 1, 1, 1, "2")]


def test_vertical_merges_by_modifiers():
    edges = definition([0, 1000, 2000])
    first, second = edges + sprm(0xD62B, b"\2\0\3"), edges + sprm(0xD62B, b"\2\0\1")
    assert grid(rows((["组", "1"], first), (["", "2"], second)))[0] == (0, 0, 2, 1, "组")


def test_horizontal_merges():
    table = rows(
        (["宽", "", "1"], definition([0, 500, 1000, 2000], [1, 2, 0])),
        (["甲", "乙", "2"], definition([0, 500, 1000, 2000])),
    )
    assert grid(table)[:2] == [(0, 0, 1, 2, "宽"), (0, 2, 1, 1, "1")]


def test_horizontal_merges_by_modifiers():
    merged = definition([0, 500, 1000, 2000]) + sprm(0x5624, b"\0\2")
    table = rows((["宽", "", "1"], merged), (["甲", "乙", "2"], definition([0, 500, 1000, 2000])))
    assert grid(table)[0] == (0, 0, 1, 2, "宽")


def test_a_cell_of_several_paragraphs():
    table = [plain("甲", properties=CELL), cell("乙"), cell("1"), row_end(definition([0, 1000, 2000]))]
    assert grid([*table, *SIMPLE])[0] == (0, 0, 1, 1, "甲\n乙")


def test_a_row_that_begins_further_right():
    table = rows((["甲", "1"], definition([0, 1000, 2000])), (["2"], definition([1000, 2000])))
    assert grid(table)[2] == (1, 1, 1, 1, "2")


def test_a_deleted_row_is_gone():
    end = row_end(definition([0, 1000, 2000]))
    end.mark_properties = DELETED
    assert grid([*SIMPLE, P([("丙", DELETED)], "\x07", CELL), P([("3", DELETED)], "\x07", CELL), end]) == grid(SIMPLE)


def test_deleted_text_in_a_cell_leaves_the_cell():
    table = [P([("甲", DELETED)], "\x07", CELL, 0, DELETED), cell("1"), row_end(definition([0, 1000, 2000])), *SIMPLE]
    assert grid(table)[0] == (0, 0, 1, 1, "")


def test_large_properties_lie_in_the_data_stream():
    group = definition([0, 1000, 2000])
    data = struct.pack("<H", len(group)) + group
    huge = [cell("甲"), cell("1"), plain("", "\x07", CELL + sprm(0x2417) + sprm(0x6646, 0)), *SIMPLE]
    assert grid(huge, data=data)[:2] == [(0, 0, 1, 1, "甲"), (0, 1, 1, 1, "1")]


def test_tables_in_tables_are_grids_of_their_own():
    inner = CELL + sprm(0x6649, 2)
    nested = [
        *(plain(text, "\r", inner + sprm(0x244B)) for text in ("内一", "7")),
        plain("", "\r", inner + sprm(0x244B) + sprm(0x244C) + definition([0, 300, 600])),
        *(plain(text, "\r", inner + sprm(0x244B)) for text in ("内二", "8")),
        plain("", "\r", inner + sprm(0x244B) + sprm(0x244C) + definition([0, 300, 600])),
    ]
    outer = rows(*[([f"行{i}", str(i)], definition([0, 1000, 2000])) for i in range(4)])
    found = read([*outer, cell("外"), *nested, cell("表下"), row_end(definition([0, 1000, 2000]))])
    assert [c.text for c in found.grids[0].cells][-2:] == ["外", "表下"]
    assert [c.text for c in found.grids[1].cells] == ["内一", "7", "内二", "8"]


def test_a_table_that_only_frames_text_is_text():
    assert texts([*rows((["框中"], definition([0, 1000]))), plain("后")]) == ["框中", "后"]


def test_a_cell_knows_its_place():
    assert read(SIMPLE).grids[0].cells[3].place.path == "tbl[1]/tr[2]/tc[2]"


def test_cells_inserted_and_deleted_and_widened():
    edges = [0, 1000, 2000]
    group = list(modifiers(definition(edges) + sprm(0x7621, struct.pack("<BBh", 1, 1, 500))))
    assert [slot.right for slot in row_slots(group)] == [1000, 1500, 2500]
    group = list(modifiers(definition(edges) + sprm(0x5622, b"\0\1")))
    assert [(slot.left, slot.right) for slot in row_slots(group)] == [(0, 1000)]
    group = list(modifiers(definition(edges) + sprm(0x7623, struct.pack("<BBh", 0, 1, 600))))
    assert [slot.right for slot in row_slots(group)] == [600, 1600]


def test_modifiers_of_unusual_length():
    tabs = struct.pack("<HBB4xB3x", 0xC615, 255, 1, 1)
    assert [code for code, _ in modifiers(tabs + CELL)] == [0xC615, 0x2416]
    assert list(modifiers(b"\x16")) == []


# ---------------------------------------------------------------- numbers, refusals, damage


def test_kinds_of_numbers():
    assert [number(3, kind) for kind in (0, 0x25, 0x12, 0x1D, 0x16, 2, 3, 0x0A, 0x1F)] == [
        "3", "三", "③", "㈢", "03", "iii", "C", "三", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (doc([plain("x")], flags=0x0100), "encrypted"),
        (doc([plain("x")], build=101, ident=0xA5DC), "refused"),
        (doc([plain("x")], build=104), "refused"),
        (doc([plain("x")], ident=0x1234), "unreadable"),
        (doc([plain("")]), "empty"),
        (compound({"WordDocument": b"\xec\xa5\xc1\0"}), "unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "unreadable"),
    ],
)
def test_what_cannot_be_read_says_so(payload, state):
    found = word.convert(payload, Context())
    assert (found.state, bool(found.error)) == (state, True)


def test_a_text_that_is_cut_short_is_no_text():
    made = bytearray(doc([plain("年度报告")]))
    at = made.find(b"\xec\xa5\xc1\0")
    struct.pack_into("<I", made, at + 0x4C, 4000)
    assert word.convert(bytes(made), Context()).state == "unreadable"


@pytest.mark.parametrize("name", ["2019/report.doc", "rules/rules.doc"])
def test_truncated_files_end_in_a_state(name):
    payload = (office.FIXTURES / name).read_bytes()
    whole = word.convert(payload, Context())
    for part in office.cut(payload):
        found = word.convert(part, Context())
        assert found.state == "unreadable" or found.blocks == whole.blocks


@pytest.mark.parametrize("name", ["2014/report.doc", "rules/rules.doc"])
def test_flipped_bytes_never_raise(name):
    for broken in office.flipped((office.FIXTURES / name).read_bytes()):
        found = word.convert(broken, Context())
        assert found.state == "ok" or found.error
