"""Characters of pages → blocks: titles, paragraphs, and what stands on a page beside its text."""

import pytest

from pipelines.convert.ruled.flow import joined
from pipelines.convert.ruled.lattice import Glyph, Marks, Stroke
from pipelines.convert.ruled.pages import flowed

WIDTH, HEIGHT = 595.0, 842.0
LEFT, RIGHT = 85.0, 505.0
BODY = 12.0
TITLE = "云川县林业局2023年政府信息公开工作年度报告"
OPENING = "根据《中华人民共和国政府信息公开条例》第五十条规定，由县林业局编制本年度报告，现"
REST = "向社会公布。"
RULE = Stroke(LEFT, 70, RIGHT, 70)


def words(text, x, y, size=BODY, apart=0.0):
    """A line's characters from ``x`` on, its baseline at ``y``: Chinese ones as wide as they are high."""
    glyphs = []
    for character in text:
        wide = size / 2 if character.isascii() else size
        glyphs.append(Glyph(character, x, y - 0.88 * size, x + wide, y + 0.12 * size, x, y))
        x += wide + apart
    return glyphs


def centred(text, y, size):
    wide = sum(size / 2 if character.isascii() else size for character in text)
    return words(text, (LEFT + RIGHT - wide) / 2, y, size)


def page(*lines, number=1, strokes=()):
    glyphs = tuple(glyph for line in lines for glyph in line)
    return Marks(number, WIDTH, HEIGHT, glyphs, tuple(strokes))


def prose(top=160.0, count=3):
    """Paragraphs of two lines, the first indented by two characters."""
    lines = []
    for i in range(count):
        at = top + i * 40
        lines += [words(OPENING[:33], LEFT + 2 * BODY, at), words(OPENING[33:] + REST, LEFT, at + 20)]
    return lines


def texts(*pages):
    return [block.text for block in flowed(pages).blocks]


WHOLE = [OPENING + REST] * 3


@pytest.mark.parametrize("cut", [6, 11, 20])
def test_a_title_over_two_lines_of_large_type_is_one(cut):
    found = texts(page(centred(TITLE[:cut], 100, 18), centred(TITLE[cut:], 130, 18), *prose()))
    assert found == [TITLE, *WHOLE]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TITLE, "（2024年1月20日）"),
        (TITLE, "云林发〔2024〕3号"),
        ("云川县林业局", "一、总体情况"),
        ("云川县林业局", "目　录"),
        ("云川县林业局", "二〇二四年一月"),
    ],
)
def test_what_stands_by_itself_under_a_title_is_no_part_of_it(first, second):
    assert texts(page(centred(first, 100, 18), centred(second, 130, 18), *prose()))[:2] == [first, second]


def test_a_second_year_line_in_chinese_figures_is_part_of_the_title():
    second = "二〇二三年政府信息公开工作年度报告"
    found = texts(page(centred("云川县林业局", 100, 18), centred(second, 130, 18), *prose()))
    assert found[0] == f"云川县林业局{second}"


def test_large_lines_far_from_each_other_are_two():
    found = texts(page(centred("云川县林业局", 100, 18), centred(TITLE, 190, 18), *prose(220)))
    assert found[:2] == ["云川县林业局", TITLE]


@pytest.mark.parametrize("size", [13.0, 16.8, 18.0])
def test_a_title_as_wide_as_the_text_does_not_run_on_into_it(size):
    named = "云川县林业局二〇二三年政府信息公开工作年度报告"
    spare = RIGHT - words(named, LEFT, 100, size)[-1].right
    title = words(named, LEFT, 100, size, spare / (len(named) - 1))
    addressed = words("各县区林业部门和局机关各处室：", LEFT, 130)
    assert texts(page(title, addressed, *prose()))[:2] == [named, "各县区林业部门和局机关各处室："]


def test_where_all_long_lines_open_paragraphs_the_margin_is_still_found():
    """A ragged line before a long word is not the end of its paragraph."""
    ragged = words("如有疑问，请与办公室联系（地址：云川县平安路，电子邮件：", LEFT + 2 * BODY, 260)
    mail = words("zfb.xxgk88@yx.gov.test）。", LEFT, 280)
    found = texts(page(centred(TITLE, 100, 14.7), *prose(160, 2), ragged, mail, words("一、总体情况", LEFT, 300)))
    assert found[1:] == [
        *WHOLE[:2],
        "如有疑问，请与办公室联系（地址：云川县平安路，电子邮件：zfb.xxgk88@yx.gov.test）。",
        "一、总体情况",
    ]


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("邮箱：sw", "txxgk@a.test", "邮箱：swtxxgk@a.test"),
        ("邮箱：swt@mail", "box.test", "邮箱：swt@mailbox.test"),
        ("网址：www.yun", "chuan.test", "网址：www.yunchuan.test"),
        ("E-mail", "swt@a.test", "E-mail swt@a.test"),
        ("public", "data", "public data"),
        ("公开", "信息", "公开信息"),
    ],
)
def test_an_address_cut_by_the_end_of_a_line_is_whole_again(before, after, whole):
    assert joined(before, after) == whole


SINGLE = [
    "根据《中华人民共和国政府信息公开条例》，编制本报告。",
    "一、概述",
    "2015年，我局主动公开政府信息120条。",
    "二、依申请公开情况",
    "本年收到政府信息公开申请15件，均已答复。",
    "三、行政复议、行政诉讼情况",
    "未发生因政府信息公开引起的行政复议。",
]


@pytest.mark.parametrize("indent", [0, 2])
@pytest.mark.parametrize("size", [BODY, 18.0])
def test_paragraphs_that_never_wrap_stay_apart(indent, size):
    lines = [words(text, LEFT + indent * BODY, 160 + 20 * i) for i, text in enumerate(SINGLE)]
    assert texts(page(centred(TITLE, 100, size), *lines)) == [TITLE, *SINGLE]


def test_a_title_in_the_text_s_type_at_its_margin_stays_apart():
    lines = [words(text, LEFT, 160 + 20 * i) for i, text in enumerate(SINGLE[2::2])]
    assert texts(page(words(TITLE, LEFT, 140), *lines)) == [TITLE, *SINGLE[2::2]]


@pytest.mark.parametrize("indent", [0, 2])
def test_the_only_wrapped_paragraph_of_a_page_is_one(indent):
    lines = [words(text, LEFT + indent * BODY, 160 + 20 * i) for i, text in enumerate(SINGLE[:3])]
    wrapped = [words(OPENING[:33], LEFT + indent * BODY, 220), words(OPENING[33:] + REST, LEFT, 240)]
    assert texts(page(centred(TITLE, 100, 18), *lines, *wrapped)) == [TITLE, *SINGLE[:3], OPENING + REST]


def test_a_heading_below_a_full_line_at_the_margin_stays_apart():
    full = OPENING[:34] + "。"
    lines = [words(full[:35], LEFT, 300), words("二、主动公开情况", LEFT, 320)]
    assert texts(page(centred(TITLE, 100, 18), *prose(), *lines))[-2:] == [full, "二、主动公开情况"]


# ---------------------------------------------------------------- furniture


@pytest.mark.parametrize("head", ["云川县林业局", "政府信息公开工作年度报告", "2023年政府信息公开年度报告", TITLE])
@pytest.mark.parametrize("strokes", [(), (RULE,)])
def test_a_running_head_of_a_single_page_is_no_part_of_the_title(head, strokes):
    found = texts(page(words(head, LEFT, 66, 9), centred(TITLE, 110, 18), *prose(), strokes=strokes))
    assert found == [TITLE, *WHOLE]


def test_a_running_foot_of_a_single_page_is_no_text():
    foot = words("云川县林业局", LEFT, 790, 9)
    assert texts(page(centred(TITLE, 110, 18), *prose(), foot, words("- 1 -", 290, 810, 9))) == [TITLE, *WHOLE]


@pytest.mark.parametrize("small", ["索引号：014001/2024-00001", "附件1", "县林业局办公室印发"])
def test_small_type_that_says_something_of_its_own_is_text(small):
    found = texts(page(words(small, LEFT, 66, 9), centred(TITLE, 110, 18), *prose(), strokes=[RULE]))
    assert found == [small, TITLE, *WHOLE]


def test_a_name_in_small_type_is_text_where_no_title_says_it_again():
    assert texts(page(words("云川县林业局", LEFT, 66, 9), *prose()))[0] == "云川县林业局"


def test_the_publisher_s_signature_at_the_foot_is_text():
    signature = words("云川县林业局", 400, 790)
    assert texts(page(centred(TITLE, 110, 18), *prose(), signature))[-1].endswith("云川县林业局")


def test_a_name_within_the_text_at_the_edge_is_text():
    """A small line with others close to it, as in a note, is no running foot."""
    note = [words("注：本报告由下列单位编制：", LEFT, 776, 9), words("云川县林业局", LEFT, 788, 9)]
    assert "云川县林业局" in texts(page(centred(TITLE, 110, 18), *prose(), *note))[-1]


@pytest.mark.parametrize(("size", "strokes", "kept"), [(9.0, (), False), (12.0, (RULE,), False), (12.0, (), True)])
def test_two_pages_repeat_a_running_head_only_where_it_is_set_apart(size, strokes, kept):
    head = "内部资料，注意保存"
    pages = [page(words(head, LEFT, 66, size), *prose(100), number=n, strokes=strokes) for n in (1, 2)]
    assert [text == head for text in texts(*pages)].count(True) == 2 * kept


def test_a_running_head_with_the_page_s_number_is_no_text():
    pages = [page(words(f"云川县林业局文件汇编 第{n}页", LEFT, 66), *prose(100), number=n) for n in (1, 2, 3)]
    assert texts(*pages) == WHOLE * 3


def test_a_title_of_the_running_head_s_words_stays():
    """The title's first line stands at the page's edge too, and says what the heads of all pages say."""
    head = "云川县林业局"
    pages = [page(words(head, LEFT, 50, 9), *prose(), number=n) for n in (2, 3)]
    second = "2023年政府信息公开工作年度报告"
    first = page(words(head, LEFT, 50, 9), centred(head, 80, 18), centred(second, 110, 18), *prose())
    assert texts(first, *pages) == [head + second, *WHOLE * 3]
