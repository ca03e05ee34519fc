"""The same charts as specifications of Vega-Lite 5, with their data inside: for taking along, nothing here runs them.

Source: https://vega.github.io/schema/vega-lite/v5.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.charts import ink
from archive.charts.eras import era, eras
from archive.charts.lines import runs
from archive.charts.provinces import province_of, region_name
from archive.charts.tabling import rows
from archive.charts.wording import form_name, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.charts.model import Chart

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_TOLD = ("publisher", "year", "value", "raw", "unit", "status", "form", "revision", "observation")


def vega_lite(charts: Sequence[Chart], *, lang: str = "zh") -> Spec:
    """The charts as one Vega-Lite specification; several stand below each other.

    ``run`` in the data numbers the stretches a line joins: a gap or a change of form begins a new one.  ``era`` is the
    official form in force for the year.
    """
    views = [_view(chart, lang) for chart in charts]
    whole: Spec = {"$schema": SCHEMA, "usermeta": {"generator": "nianlun", "indicators": [c.indicator for c in charts]}}
    return {**whole, **views[0]} if len(views) == 1 else {**whole, "vconcat": views}


def _view(chart: Chart, lang: str) -> Spec:
    layers = {"line": _lines, "distribution": _spread, "regions": _regions}[chart.kind](chart, lang)
    return {
        "title": {"text": chart.title(lang), "subtitle": chart.indicator},
        "data": {"values": _values(chart, lang)},
        "width": 700,
        "height": 320,
        "layer": [*_breaks(chart, lang), *layers],
    }


def _values(chart: Chart, lang: str) -> list[Spec]:
    joined = {
        id(point): f"{number}.{part}"
        for number, series in enumerate(chart.series)
        for part, run in enumerate(runs(chart, series))
        for point in run
    }
    points = [(series.name, point) for series in chart.series for point in series.points]
    return [
        {
            **row,
            "series": name or say(lang, "nameless"),
            "region": region_name(province_of(point.division, point.publisher), lang),
            "drawn": chart.drawn(point),
            "run": joined.get(id(point)),
            "era": era(point.year),
        }
        for row, (name, point) in zip(rows([chart]), points, strict=True)
    ]


def _breaks(chart: Chart, lang: str) -> list[Spec]:
    """A dashed rule where one official form gives way to the next."""
    first, last = chart.years
    changed = [{"form": form_name(lang, name), "edge": start} for name, start, _ in eras(first, last) if start > first]
    if not changed or (chart.kind == "distribution" and first == last):
        return []
    return [
        {
            "data": {"values": changed},
            "mark": {"type": "rule", "strokeDash": [4, 3], "color": ink.GREY, "xOffset": {"expr": "-bandwidth('x')/2"}},
            "encoding": {"x": {"field": "edge", **_YEAR}, "tooltip": {"field": "form", "type": "nominal"}},
        }
    ]


_YEAR: Spec = {"type": "ordinal", "title": None, "scale": {"type": "band"}}


def _y(chart: Chart, field: str = "value") -> Spec:
    return {"field": field, "type": "quantitative", "title": chart.unit, "scale": {"zero": True}}


def _tooltip() -> list[Spec]:
    return [{"field": name} for name in _TOLD]


def _lines(chart: Chart, _lang: str) -> list[Spec]:
    place = {"x": {"field": "year", **_YEAR}, "y": _y(chart)}
    who = {"color": {"field": "series", "type": "nominal", "title": None, "scale": {"range": list(ink.PALETTE)}}}
    joined = {"filter": "isValid(datum.run)"}
    filled = {"condition": {"test": "datum.status == 'ambiguous'", "value": 0}, "value": 1}
    return [
        {
            "transform": [joined],
            "mark": "line",
            "encoding": {**place, **who, "detail": [{"field": "run"}, {"field": "era"}]},
        },
        {
            "transform": [{"filter": "datum.drawn"}],
            "mark": {"type": "point", "filled": True, "stroke": "#333333", "strokeWidth": 1},
            "encoding": {
                **place,
                **who,
                "shape": {"field": "series", "type": "nominal", "title": None},
                "fillOpacity": filled,
                "tooltip": _tooltip(),
            },
        },
    ]


def _spread(chart: Chart, _lang: str) -> list[Spec]:
    first, last = chart.years
    drawn = [{"filter": "datum.drawn"}]
    if first == last:
        names = {"field": "series", "type": "nominal", "sort": "-x", "title": None}
        return [
            {
                "transform": drawn,
                "mark": {"type": "point", "filled": True, "color": ink.PALETTE[0]},
                "encoding": {"x": _y(chart), "y": names, "tooltip": _tooltip()},
            }
        ]
    return [
        {
            "transform": [{"filter": "datum.drawn && datum.status != 'ambiguous'"}],
            "mark": {"type": "boxplot", "extent": "min-max", "color": ink.PALETTE[0]},
            "encoding": {"x": {"field": "year", **_YEAR}, "y": _y(chart)},
        }
    ]


def _regions(chart: Chart, _lang: str) -> list[Spec]:
    sure = [{"filter": "datum.drawn && datum.status != 'ambiguous'"}]
    median = {
        "aggregate": [{"op": "median", "field": "value", "as": "median"}, {"op": "count", "as": "count"}],
        "groupby": ["region", "year"],
    }
    return [
        {
            "transform": [*sure, median],
            "mark": "rect",
            "encoding": {
                "x": {"field": "year", **_YEAR},
                "y": {"field": "region", "type": "nominal", "title": None},
                "color": {"field": "median", "type": "quantitative", "title": chart.unit, "scale": {"type": "sqrt"}},
                "tooltip": [{"field": name} for name in ("region", "year", "median", "count")],
            },
        }
    ]
