"""Words printed over the lower edge of a cell belong to it; whatever else stands under a table is text."""

import pytest

from pipelines.convert.ruled.lattice import Glyph, Marks, Stroke
from pipelines.convert.ruled.pages import flowed

EDGE = 40.0


def words(text, x, y, size=10.0):
    return tuple(
        Glyph(c, x + i * size, y - 0.88 * size, x + (i + 1) * size, y + 0.12 * size, x + i * size, y)
        for i, c in enumerate(text)
    )


def read(*lines):
    """A table of two rows and three columns, 50 points wide each, and lines of text: its label cells, text blocks."""
    strokes = [Stroke(0, y, 150, y) for y in (0, 20, EDGE)] + [Stroke(x, 0, x, EDGE) for x in (0, 50, 100, 150)]
    found = flowed([Marks(1, 400, 400, tuple(glyph for line in lines for glyph in line), tuple(strokes))])
    cells = {(cell.row, cell.column): cell.text for cell in found.grids[0].cells}
    return cells, [block.text for block in found.blocks if block.kind != "table"]


def test_a_label_goes_on_below_its_cell():
    label = [words("三、本年", 5, 25), words("度办理结", 5, 38), words("果", 5, 51)]
    cells, text = read(*label, words("五", 60, 38), words("六", 110, 38))
    assert (cells[1, 0], cells[1, 1], text) == ("三、本年度办理结果", "五", [])


def test_labels_beside_each_other_both_go_on():
    upper = [words("办理", 5, 38), words("公开", 60, 38)]
    cells, text = read(*upper, words("结果", 5, 51), words("情况", 60, 51), words("七", 110, 38))
    assert (cells[1, 0], cells[1, 1], cells[1, 2], text) == ("办理结果", "公开情况", "七", [])


@pytest.mark.parametrize(
    "under",
    [
        words("注：含上年", 5, 51),
        words("12", 5, 51),
        words("另行说明", 5, 60),
        words("另行说明", 5, 51, 8.0),
        words("本表数据截至年底", 5, 51),
    ],
    ids=["note", "figure", "apart", "smaller", "wider"],
)
def test_what_is_no_rest_of_a_label_is_text(under):
    cells, text = read(words("合计", 5, 38), words("1", 60, 38), words("2", 110, 38), under)
    assert cells[1, 0] == "合计"
    assert text == ["".join(glyph.text for glyph in under)]


def test_a_figure_is_never_lengthened():
    cells, text = read(words("合计", 5, 38), words("1", 60, 38), words("2", 110, 38), words("万元", 60, 51))
    assert (cells[1, 1], text) == ("1", ["万元"])
