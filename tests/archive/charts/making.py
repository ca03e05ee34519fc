"""Charts made of hand or by hypothesis, and a look into drawings."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from archive.charts import Chart, Point, Question, Series

NAME = "{http://www.w3.org/2000/svg}"


def point(year=2020, value=5.0, publisher="甲局", status="ok", **more) -> Point:
    told = {"printed": None if value is None else f"{value:g}", "unit": "件", "form": "2019", "observation": year}
    return Point(publisher, None, year, value, status, report=1, revision=1, **{**told, **more})


def chart(*series, kind="line", code="applications.received.total", unit="件", **more) -> Chart:
    """A chart of series given as lists of points."""
    named = tuple(Series(points[0].publisher, None, tuple(points)) for points in series)
    return Chart(Question((code,), kind), code, "收到申请", "received", unit, named, **more)


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)


def classed(drawing: str, name: str) -> list[ET.Element]:
    return [one for one in parsed(drawing).iter() if one.get("class") == name]


def titles(drawing: str, name: str) -> list[str]:
    return [one.findtext(f"{NAME}title") for one in classed(drawing, name)]


_values = st.one_of(st.none(), st.integers(-50, 100_000).map(float), st.floats(0, 1e300))
_names = st.text(min_size=1, max_size=12)


@st.composite
def series_of(draw, publisher):
    years = draw(st.lists(st.integers(2008, 2026), min_size=1, max_size=12, unique=True).map(sorted))
    return [_drawn(draw, year, publisher) for year in years]


def _drawn(draw, year, publisher):
    value = draw(_values)
    status = draw(st.sampled_from(["blank", "missing", "ambiguous"] if value is None else ["ok", "text", "ambiguous"]))
    unit = draw(st.sampled_from(["件", "件", "件", None, "万元"]))
    printed = draw(st.one_of(st.none(), st.text(max_size=8)))
    return point(year, value, publisher, status, unit=unit, printed=printed, revised=draw(st.booleans()))


@st.composite
def charts(draw, kind="line", most=12):
    names = draw(st.lists(_names, min_size=1, max_size=most, unique=True))
    return chart(*(draw(series_of(name)) for name in names), kind=kind)
