"""Charts as files: tables no spreadsheet executes, PNG that can be read, Vega-Lite that draws the same."""

from __future__ import annotations

import csv
import io
import json
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings

from archive.charts import files as chart_files
from archive.charts import svg
from archive.charts.files import FORMATS, MissingFont, as_png, format_of, readable, written
from archive.charts.lines import runs
from archive.charts.tabling import COLUMNS, rows
from archive.charts.vega import vega_lite
from archive.exporters.interface import MissingLibrary
from tests.archive.charts.making import chart, charts, point

_slow = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_slow
@given(charts(most=4))
def test_csv_has_a_row_for_each_point_and_an_empty_cell_for_each_gap(made):
    """Nothing is left out, a blank is an empty cell, and no cell begins like a formula."""
    found = list(csv.DictReader(io.StringIO(written([made], "csv").decode(), newline="")))
    assert len(found) == len(list(made.points))
    for row, one in zip(found, made.points, strict=True):
        assert row["value"] == ("" if one.value is None else str(one.value))
        assert not row["publisher"].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not row["raw"].startswith(("=", "@", "\t", "\r"))


def test_parquet_keeps_blanks_as_null():
    parquet = pytest.importorskip("pyarrow.parquet")
    made = chart([point(2020, 0.0), point(2021, None, status="blank")])
    table = parquet.read_table(io.BytesIO(written([made], "parquet")))
    assert table.column_names == [column.name for column in COLUMNS]
    assert table.column("value").to_pylist() == [0.0, None]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.svg", "svg"), ("A.PNG", "png"), ("x.vl.json", "vl.json"), ("x.json", None), ("x.pdf", None), ("svg", None)],
)
def test_the_ending_says_what_is_written(name, form):
    assert format_of(name) == form


def test_png_is_twice_as_large_as_the_drawing():
    """For screens with small pixels."""
    pytest.importorskip("resvg_py")
    data = as_png(
        svg(
            [
                chart(
                    [point(publisher="A bureau")],
                )
            ],
            lang="en",
        ).replace("件", "items")
    )
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == 1720


def test_png_without_chinese_glyphs_is_refused_rather_than_boxes():
    """Where no font here has 年, a sentence says so; a drawing without Chinese needs none."""
    render = pytest.importorskip("resvg_py").svg_to_bytes
    bare = partial(render, skip_system_fonts=True)
    assert not readable("<svg>年</svg>", bare)
    assert readable("<svg>year</svg>", bare)


def test_png_says_what_to_install(monkeypatch):
    made = [chart([point()])]
    monkeypatch.setattr(chart_files, "rasteriser", lambda: lambda **_: b"same")
    with pytest.raises(MissingFont, match="fonts-noto-cjk"):
        written(made, "png")
    monkeypatch.undo()
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    with pytest.raises(MissingLibrary, match=r"nianlun\[charts\]"):
        written(made, "png")


@_slow
@given(charts(most=4))
def test_vega_lite_holds_every_point_and_joins_what_we_join(made):
    """The data are the whole table, null for a gap; points of one `run` are those of one of our lines."""
    spec = json.loads(written([made], "vl.json"))
    values = spec["data"]["values"]
    assert [row["value"] for row in values] == [one.value for one in made.points]
    ours = sorted([one.year for one in run] for series in made.series for run in runs(made, series))
    theirs: dict[str, list[int]] = {}
    for row in values:
        if row["run"] is not None:
            theirs.setdefault(row["run"], []).append(row["year"])
    assert sorted(theirs.values()) == ours
    assert spec["$schema"].endswith("/v5.json")


def test_vega_lite_draws_no_line_across_a_change_of_form():
    """What its line is split by differs on both sides of the change."""
    made = chart([point(year, 3.0) for year in range(2017, 2023)])
    spec = json.loads(written([made], "vl.json"))
    (line,) = [layer for layer in spec["layer"] if layer["mark"] == "line"]
    fields = [one["field"] for one in line["encoding"]["detail"]]
    split: dict[tuple, list[int]] = {}
    for row in spec["data"]["values"]:
        split.setdefault(tuple(row[field] for field in fields), []).append(row["year"])
    assert list(split.values()) == [[2017, 2018], [2019, 2020], [2021, 2022]]
    assert [row["era"] for row in spec["data"]["values"]] == ["2014", "2014", "2019", "2019", "2021", "2021"]


def test_vega_lite_of_several_indicators_stands_below_each_other():
    one, other = chart([point()]), chart([point()], kind="regions", code="review.total")
    spec = vega_lite([one, other], lang="en")
    assert [view["title"]["subtitle"] for view in spec["vconcat"]] == ["applications.received.total", "review.total"]


def test_every_format_can_be_written_and_is_deterministic():
    made = [chart([point(2020), point(2021, None, status="blank")])]
    for form in set(FORMATS) - {"png", "parquet"}:
        assert written(made, form) == written(made, form)
    assert rows(made)[1]["value"] is None
