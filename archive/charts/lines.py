"""An indicator over the years: a line for each publisher, broken where nothing is printed or the form changes."""

from __future__ import annotations

from collections import defaultdict
from statistics import quantiles
from typing import TYPE_CHECKING

from archive.charts import frame as frames
from archive.charts import ink
from archive.charts.eras import era, eras
from archive.charts.scale import shown_number
from archive.charts.wording import say, told

if TYPE_CHECKING:
    from archive.charts.frame import Frame
    from archive.charts.ink import Pen
    from archive.charts.model import Chart, Point, Series

MOST = 12
"""Up to so many publishers, each has a line of its own."""
LARGEST = 8
"""Of more, so many have one, and a band stands for all."""
_ROW = 11.0


def chosen(chart: Chart) -> tuple[Series, ...]:
    """The series that have a line of their own."""
    if len(chart.series) <= MOST:
        return chart.series
    return tuple(sorted(chart.series, key=lambda one: -one.last)[:LARGEST])


def draw(chart: Chart, pen: Pen) -> tuple[list[str], float]:
    """The drawing from y=0 on, and its height."""
    series = chosen(chart)
    values = [point.value for one in series for point in one.points if point.value is not None and chart.drawn(point)]
    middle = _middle(chart) if len(series) < len(chart.series) else {}
    plot = frames.frame(pen, [*values, *(numbers[2] for numbers in middle.values())], chart.years)
    strips, bottom = _strips(chart, series, pen, plot)
    found = [*frames.bands(pen, plot, bottom), *frames.grid(pen, plot), *_band(pen, plot, middle), *strips]
    places = _places(chart, series, plot)
    found += [_line(chart, one, number, places) for number, one in enumerate(series)]
    found += [_marks(chart, one, number, pen, places) for number, one in enumerate(series)]
    found += frames.year_labels(pen, plot, bottom + 14)
    more, end = frames.legend(pen, _legend(chart, series, pen, banded=bool(middle)), bottom + 36)
    return [*found, *more], end


def runs(chart: Chart, series: Series) -> list[list[Point]]:
    """The points that a line joins: neighbouring years under one official form, sure numbers in the axis' unit."""
    found: list[list[Point]] = []
    for point in series.points:
        if not chart.drawn(point) or point.status == "ambiguous":
            continue
        last = found[-1][-1] if found else None
        if last and point.year == last.year + 1 and era(last.year) == era(point.year):
            found[-1].append(point)
        else:
            found.append([point])
    return found


def _places(chart: Chart, series: tuple[Series, ...], plot: Frame) -> dict[int, tuple[float, float]]:
    """Where each point is drawn, by its identity; equal values of a year stand beside each other, none hides another."""
    equal: dict[tuple[int, float], list[Point]] = defaultdict(list)
    for point in (point for one in series for point in one.points):
        if chart.drawn(point) and point.value is not None:
            equal[point.year, point.value].append(point)
    found = {}
    for (year, value), points in equal.items():
        apart = min(8.0, plot.step * 0.8 / len(points))
        for number, point in enumerate(points):
            found[id(point)] = plot.x(year) + apart * (number - (len(points) - 1) / 2), plot.y(value)
    return found


def _line(chart: Chart, series: Series, number: int, places: dict[int, tuple[float, float]]) -> str:
    d = "".join(
        "M" + "L".join("{:.2f} {:.2f}".format(*places[id(point)]) for point in run)
        for run in runs(chart, series)
        if len(run) > 1
    )
    style = {"stroke": ink.colour(number), "stroke_dasharray": ink.dash(number)}
    return ink.tag("path", d=d, fill="none", stroke_width=2, stroke_linejoin="round", **style) if d else ""


def _marks(chart: Chart, series: Series, number: int, pen: Pen, places: dict[int, tuple[float, float]]) -> str:
    found = []
    for point in series.points:
        if chart.drawn(point):
            x, y = places[id(point)]
            hollow = point.status == "ambiguous"
            drawn = ink.mark(ink.shape(number), x, y, 4.2, ink.colour(number), hollow=hollow)
            ring = frames.ring(x, y) if point.revised else ""
            found.append(pen.linked(path(point), told(chart, point, pen.lang), ring, drawn, class_="value"))
    return ink.tag("g", *found) if found else ""


def path(point: Point) -> str:
    """Where a point leads: the figure's page, or the report's where no figure stands."""
    return f"/figure/{point.observation}" if point.observation else f"/report/{point.report}"


def _strips(chart: Chart, series: tuple[Series, ...], pen: Pen, plot: Frame) -> tuple[list[str], float]:
    """Below the axis a row for each series that has years without a number; and where the rows end."""
    found, y = [], plot.bottom + 4
    for number, one in enumerate(series):
        gaps = [point for point in one.points if not chart.drawn(point)]
        if not gaps:
            continue
        y += _ROW
        found.append(ink.mark(ink.shape(number), plot.left - 12, y - 3, 3.2, ink.colour(number)))
        for point in gaps:
            status = "ambiguous" if point.value is not None else point.status
            sign = ink.gap(status, plot.x(point.year), y - 3, ink.colour(number))
            found.append(pen.linked(path(point), told(chart, point, pen.lang), sign, class_="gap"))
    return found, y + 4


def _middle(chart: Chart) -> dict[int, tuple[float, float, float, int]]:
    """By year: the lower quartile, the median, the upper quartile and the count of all sure numbers."""
    years: dict[int, list[float]] = defaultdict(list)
    for point in chart.points:
        if chart.drawn(point) and point.status != "ambiguous" and point.value is not None:
            years[point.year].append(point.value)
    return {year: (*quartiles(numbers), len(numbers)) for year, numbers in sorted(years.items())}


def quartiles(numbers: list[float]) -> tuple[float, float, float]:
    """The three quartiles, interpolated (Hyndman and Fan's type 7); of one number, itself."""
    if len(numbers) == 1:
        return numbers[0], numbers[0], numbers[0]
    low, median, high = quantiles(numbers, n=4, method="inclusive")
    return low, median, high


def _band(pen: Pen, plot: Frame, middle: dict[int, tuple[float, float, float, int]]) -> list[str]:
    """The middle half of all publishers, and their median, broken as the lines are."""
    found, years = [], list(middle)
    for group in _neighbours(years):
        upper = [f"{plot.x(year):.2f},{plot.y(middle[year][2]):.2f}" for year in group]
        lower = [f"{plot.x(year):.2f},{plot.y(middle[year][0]):.2f}" for year in reversed(group)]
        median = " ".join(f"{plot.x(year):.2f},{plot.y(middle[year][1]):.2f}" for year in group)
        found.append(ink.tag("polygon", points=" ".join(upper + lower), fill="#8c959f", fill_opacity=0.28))
        found.append(
            ink.tag("polyline", points=median, fill="none", stroke=ink.GREY, stroke_width=2, stroke_dasharray="2 3")
        )
    for year, (low, median_, high, count) in middle.items():
        said = say(
            pen.lang,
            "band",
            year=year,
            median=shown_number(median_),
            low=shown_number(low),
            high=shown_number(high),
            count=count,
        )
        box = {"x": plot.x(year) - plot.step / 2, "y": plot.top, "width": plot.step, "height": plot.bottom - plot.top}
        found.append(ink.tag("rect", ink.tag("title", ink.words(said)), **box, fill="#ffffff", fill_opacity=0))
    return found


def _neighbours(years: list[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for year in years:
        if found and year == found[-1][-1] + 1 and era(year - 1) == era(year):
            found[-1].append(year)
        else:
            found.append([year])
    return found


def _legend(chart: Chart, series: tuple[Series, ...], pen: Pen, *, banded: bool) -> list[tuple[str, str]]:
    found = []
    for number, one in enumerate(series):
        rule = ink.line(2, 0, 30, 0, ink.colour(number), stroke_width=2, stroke_dasharray=ink.dash(number))
        sample = rule + ink.mark(ink.shape(number), 16, 0, 4.2, ink.colour(number))
        found.append((sample, one.name or say(pen.lang, "nameless")))
    if banded:
        box = ink.tag("rect", x=2, y=-6, width=28, height=12, fill="#8c959f", fill_opacity=0.28)
        rule = ink.line(2, 0, 30, 0, ink.GREY, stroke_width=2, stroke_dasharray="2 3")
        found.append((box + rule, say(pen.lang, "middle")))
    points = [point for one in series for point in one.points]
    return found + frames.statuses(pen, doubts(chart, points))


def doubts(chart: Chart, points: list[Point]) -> set[str]:
    """The kinds of doubt that occur among these points."""
    found = {point.status for point in points if not chart.drawn(point) or point.status == "ambiguous"}
    return {"ambiguous" if name in ("ok", "text") else name for name in found} | (
        {"revised"} if any(point.revised and chart.drawn(point) for point in points) else set()
    )


def notes(chart: Chart, lang: str) -> list[str]:
    """What must be said of it: what was not drawn singly, and why lines break."""
    found, drawn = [], chosen(chart)
    if len(drawn) < len(chart.series):
        found.append(say(lang, "many", total=len(chart.series), shown=len(drawn)))
    first, last = chart.years
    if len(eras(first, last)) > 1:
        found.append(say(lang, "broken"))
    return found
