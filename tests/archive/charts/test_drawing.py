"""Drawings: one mark a number, none for a gap, breaks shown, nothing foreign gets out of its text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.charts import NARROW, WIDE, ink, svg
from archive.charts.drawing import notes
from archive.charts.eras import era, eras, holds
from archive.charts.lines import runs
from archive.charts.regions import shade, text_on
from archive.charts.spread import ordered
from tests.archive.charts.making import NAME, chart, charts, classed, parsed, point, titles

ELEMENTS = {
    "svg", "title", "desc", "g", "a", "rect", "line", "path", "circle", "polygon", "polyline", "text",
}  # fmt: skip
_slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_slow
@given(charts(), st.sampled_from([WIDE, NARROW]), st.sampled_from(["zh", "en"]))
def test_every_number_is_one_mark_and_every_gap_another(made, width, lang):
    """A number in the axis' unit is one mark; what has no place on the axis is one mark below it, and never a point."""
    drawing = svg([made], width=width, lang=lang, link=str)
    points = list(made.points)
    assert len(classed(drawing, "value")) == sum(made.drawn(one) for one in points)
    assert len(classed(drawing, "gap")) == sum(not made.drawn(one) for one in points)


@_slow
@given(charts("distribution", most=4), st.sampled_from([WIDE, NARROW]))
def test_a_distribution_marks_every_number_once(made, width):
    assert len(classed(svg([made], width=width), "value")) == len(ordered(made))


@_slow
@given(charts("regions", most=4))
def test_a_table_of_provinces_has_a_cell_for_each_year_with_reports(made):
    """All points are of one unknown province here: a cell a year, drawn as a number only where one is sure."""
    drawing = svg([made])
    sure = {one.year for one in made.points if made.drawn(one) and one.status != "ambiguous"}
    assert len(classed(drawing, "value")) == len(sure)
    assert len(classed(drawing, "gap")) == len({one.year for one in made.points} - sure)


@_slow
@given(st.text(max_size=30), st.sampled_from(["line", "distribution", "regions"]))
def test_foreign_text_stays_text(name, kind):
    """Whatever a publisher is called and a cell prints, the drawing is XML and holds no element of theirs."""
    hostile = f"<script>alert(1)</script>\"'&\x00\x0b\ufffe\ud800{name}"
    made = chart([point(2020, 5.0, hostile, printed=hostile, unit=None)], kind=kind)
    drawing = svg([made], link=lambda path: f'{path}?q="{hostile}')
    drawing.encode()
    elements = list(parsed(drawing).iter())
    assert {one.tag.removeprefix(NAME) for one in elements} <= ELEMENTS
    assert not [key for one in elements for key in one.attrib if key.startswith("on") or key in ("style", "src")]


def test_a_blank_is_not_drawn_at_zero():
    """A zero stands on the axis, a blank below it; the line passes over neither blank nor missing year."""
    made = chart([point(2019, 0.0), point(2020, None, status="blank"), point(2021, 4.0), point(2023, 6.0)])
    drawing = svg([made], lang="en")
    assert titles(drawing, "value") == [
        "甲局 2019: 0 件 · revision 1 · form of 2019",
        "甲局 2021: 4 件 · revision 1 · form of 2019",
        "甲局 2023: 6 件 · revision 1 · form of 2019",
    ]
    assert titles(drawing, "gap") == ["甲局 2020: blank · revision 1 · form of 2019"]
    assert [[one.year for one in run] for run in runs(made, made.series[0])] == [[2019], [2021], [2023]]


def test_a_missing_row_says_whether_the_form_of_the_year_has_it():
    """Fees were asked for from 2021 on: a report on 2020 cannot have the row, one on 2022 should."""
    made = chart(
        [point(year, None, status="missing", form="2021") for year in (2020, 2022)], code="disclosure.fees.amount"
    )
    assert [title.split(" · ")[0] for title in titles(svg([made], lang="en"), "gap")] == [
        "甲局 2020: not in that year's form",
        "甲局 2022: no such row",
    ]


def test_numbers_in_doubt_are_dots_and_move_no_box():
    """The box of a year is that of its sure numbers; a year of doubtful ones has none."""
    years = [[point(2020, 4.0), point(2021, 4.0)], [point(2020, 6.0)], [point(2020, 90.0, status="ambiguous")]]
    years.append([point(2021, 90.0, status="ambiguous"), point(2022, 5.0, status="ambiguous")])
    drawing = svg([chart(*years, kind="distribution")])
    boxes = classed(drawing, "box")
    assert len(boxes) == 2
    assert len(classed(drawing, "value")) == 6
    marks = [float(one[-1].get("cy")) for one in classed(drawing, "value")]
    top = float(boxes[0].get("y"))
    assert min(marks) < top < max(marks)
    assert top > (min(marks) + max(marks)) / 2


def test_too_many_dots_become_a_curve_and_the_sentence_says_so():
    made = chart(*([point(2020, float(n), f"{n}局")] for n in range(700)), kind="distribution")
    drawing = svg([made])
    assert not classed(drawing, "value")
    assert "共 700 个数值，点太密未逐一画出，见表。" in notes(made, "zh")
    (curve,) = parsed(drawing).iter(f"{NAME}polyline")
    assert len(curve.get("points").split()) == 700


@_slow
@given(charts())
def test_lines_join_only_sure_numbers_of_neighbouring_years_under_one_form(made):
    for series in made.series:
        for run in runs(made, series):
            assert all(made.drawn(one) and one.status != "ambiguous" for one in run)
            for one, other in zip(run, run[1:], strict=False):
                assert other.year == one.year + 1
                assert era(one.year) == era(other.year)


@pytest.mark.parametrize(
    "code", ["applications.received.total", "disclosure.penalties.decisions", "review.upheld", "local:某数"]
)
def test_no_line_is_drawn_across_a_change_of_form(code):
    """It ends at the last point before and begins anew after, also where both forms hold the code."""
    made = chart([point(year, 3.0) for year in range(2012, 2023)], code=code)
    assert [[one.year for one in run] for run in runs(made, made.series[0])] == [
        [2012, 2013], [2014, 2015, 2016, 2017, 2018], [2019, 2020], [2021, 2022],
    ]  # fmt: skip
    drawing = svg([made])
    assert drawing.count('stroke-dasharray="4 3"') == 3  # the rules stay
    (line,) = [one for one in parsed(drawing).iter(f"{NAME}path") if one.get("d")]
    assert [part.count("L") for part in line.get("d").split("M")[1:]] == [1, 4, 1, 1]
    assert "竖虚线为报表格式更换之处；跨报表格式不连线。" in notes(made, "zh")
    assert notes(made, "en")[0].endswith("No line is drawn across a change of form.")


def test_a_report_in_free_text_is_of_the_form_of_its_year():
    """What it follows itself breaks no line and bridges none."""
    made = chart(
        [point(year, 3.0, form="free" if year in (2018, 2020) else str(era(year))) for year in range(2017, 2023)]
    )
    assert [[one.year for one in run] for run in runs(made, made.series[0])] == [
        [2017, 2018],
        [2019, 2020],
        [2021, 2022],
    ]


def test_the_band_of_all_breaks_with_the_form():
    made = chart(*([point(year, float(n), f"{n}局") for year in range(2017, 2023)] for n in range(20)))
    bands = [one for one in parsed(svg([made])).iter(f"{NAME}polygon") if one.get("fill-opacity")]
    assert [len(one.get("points").split()) for one in bands] == [4, 4, 4]


def test_forms_by_year():
    assert [era(year) for year in (2008, 2013, 2014, 2018, 2019, 2020, 2021, 2026)] == [
        "free", "free", "2014", "2014", "2019", "2019", "2021", "2021",
    ]  # fmt: skip
    assert eras(2012, 2021) == [("free", 2012, 2013), ("2014", 2014, 2018), ("2019", 2019, 2020), ("2021", 2021, 2021)]
    assert holds("disclosure.fees.amount", 2021)
    assert not holds("disclosure.fees.amount", 2020)


def test_more_publishers_than_lines_are_told_and_banded():
    """Of 20 publishers the 8 with the largest newest number have a line, and the sentence says so."""
    made = chart(*([point(2020, float(n), f"{n}局"), point(2021, float(n), f"{n}局")] for n in range(20)))
    drawing = svg([made])
    assert {title.split()[0] for title in titles(drawing, "value")} == {f"{n}局" for n in range(12, 20)}
    assert "共 20 个发布机关：画出最近数值最大的 8 个" in "".join(notes(made, "zh"))
    assert "2020 年：中位数 9.5，中间一半 4.75 至 14.25，20 个数值" in [
        one.text for one in parsed(drawing).iter(f"{NAME}title")
    ]


def test_equal_values_stand_beside_each_other():
    """None of three equal values hides another."""
    made = chart(*([point(2020, 5.0, name)] for name in "甲乙丙"))
    marks = [one[-1] for one in classed(svg([made]), "value")]
    assert len({round(_middle(mark)) for mark in marks}) == 3


def _middle(mark) -> float:
    """Where a mark stands from the left."""
    if mark.get("cx"):
        return float(mark.get("cx"))
    across = [float(pair.split(",")[0]) for pair in mark.get("points").split()]
    return (min(across) + max(across)) / 2


def test_other_units_are_not_drawn_but_counted():
    made = chart([point(2020, 5.0), point(2021, 50000.0, unit="元")])
    drawing = svg([made])
    assert len(classed(drawing, "value")) == 1
    assert "另有 1 个数值单位不同（元），未画入，见表。" in "".join(notes(made, "zh"))


def test_ambiguous_numbers_are_hollow_and_revised_ones_ringed():
    """Doubt shows as a white mark, an edit as a ring; both are named in the legend."""
    made = chart([point(2020, 5.0, status="ambiguous"), point(2021, 6.0, revised=True)])
    doubtful, edited = classed(svg([made], lang="en"), "value")
    assert doubtful[-1].get("fill") == "#ffffff"
    assert edited[-1].get("fill") == ink.PALETTE[0]
    assert [one.get("fill") for one in edited[1:-1]] == ["none"]
    words = [one.text for one in parsed(svg([made], lang="en")).iter(f"{NAME}text")]
    assert "ambiguous" in words
    assert "revised" in words


def test_marks_lead_to_their_figures_only_where_asked():
    made = chart([point(2020, 5.0), point(2021, None, status="missing", observation=None)])
    assert [one.get("href") for one in parsed(svg([made], link="/x".__add__)).iter(f"{NAME}a")] == [
        "/x/report/1",
        "/x/figure/2020",
    ]
    assert "<a" not in svg([made])


@pytest.mark.parametrize("value", [5e-324, 1e300, 10**30])
@pytest.mark.parametrize("kind", ["line", "distribution", "regions"])
def test_absurd_numbers_are_drawn_within_the_frame(value, kind):
    """What a hostile cell prints widens no drawing."""
    drawing = svg([chart([point(2020, value), point(2021, 3.0)], kind=kind)], width=360)
    assert len(classed(drawing, "value")) == 2
    assert "nan" not in drawing
    assert "inf" not in drawing


def test_a_cell_leads_to_its_figure_or_to_how_its_values_are_spread():
    """One report behind a cell: that figure; several: the distribution of the province and year, median in the title."""
    here = [replace(point(2020, float(n), f"{n}局"), division="640000") for n in (1, 2, 9)]
    made = chart([here[0], replace(here[0], year=2021, observation=77)], [here[1]], [here[2]], kind="regions")
    first, second = classed(svg([made], lang="en", link=str), "value")
    assert first.get("href") == (
        "/series?indicator=applications.received.total&kind=distribution&year=2020&division=64"
    )
    assert first.findtext(f"{NAME}title") == "Ningxia 2020: median 2 of 3 numbers"
    assert second.get("href") == "/figure/77"


def test_the_drawing_names_itself():
    """It is a group with a title and a description, as wide as asked, and scales."""
    root = parsed(svg([chart([point()])], width=360, name="n"))
    assert root.get("role") == "group"
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == ("n-title", "n-desc")
    assert {one.get("id") for one in root.iter() if one.get("id")} == {"n-title", "n-desc"}
    assert root.get("viewBox").startswith("0 0 360 ")


def test_nothing_reaches_beyond_the_edges_of_a_phone():
    """Text, however long, ends within 360 pixels."""
    made = chart([point(year, 123456789.0, "某某省某某市某某县人民政府办公室公开科") for year in range(2008, 2025)])
    for one in parsed(svg([made], width=360)).iter(f"{NAME}text"):
        if one.get("text-anchor") is None:
            assert float(one.get("x")) + ink.ems(one.text) * 12 <= 360 or one.get("font-size") == "16"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [*ink.PALETTE, ink.GREY, ink.INK])
def test_colours_can_be_read_on_white(colour):
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    assert _contrast(colour, "#ffffff") >= 4.5


@given(st.floats(0, 1))
def test_text_can_be_read_on_every_shade(share):
    assert _contrast(shade(share), text_on(share)) >= 4.5


def test_series_of_a_chart_differ_in_colour_or_dash_and_in_shape():
    """Twelve series are twelve pairs of colour and shape, and of colour and dash."""
    assert len({(ink.colour(n), ink.shape(n)) for n in range(12)}) == 12
    assert len({(ink.colour(n), ink.dash(n)) for n in range(12)}) == 12
