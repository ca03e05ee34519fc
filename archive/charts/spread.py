"""How an indicator is spread over publishers: in one year sorted, over several years as boxes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from archive.charts import frame as frames
from archive.charts import ink
from archive.charts.eras import eras
from archive.charts.lines import doubts, path, quartiles
from archive.charts.scale import Axis, shown_number, ticks
from archive.charts.wording import say, told

if TYPE_CHECKING:
    from archive.charts.frame import Frame
    from archive.charts.ink import Pen
    from archive.charts.model import Chart, Point

NAMED = 40
"""Up to so many values of one year have a bar with a name each; more are dots by rank."""
SINGLE = 600
"""Up to so many values have a dot each; more are a curve by rank, or boxes alone, and the notes say so."""
_GOLDEN = 0.618_033_988_749_895
_BLUE = ink.PALETTE[0]
_BAR = 20.0


def draw(chart: Chart, pen: Pen) -> tuple[list[str], float]:
    """The drawing from y=0 on, and its height."""
    first, last = chart.years
    if first != last:
        return _boxes(chart, pen)
    points = ordered(chart)
    return _bars(chart, pen, points) if len(list(chart.points)) <= NAMED else _ranks(chart, pen, points)


def ordered(chart: Chart) -> list[Point]:
    """The points with a place on the axis, from the least to the greatest."""
    return sorted(
        (point for point in chart.points if chart.drawn(point)), key=lambda point: (point.value, point.publisher)
    )


def sure(points: list[Point]) -> list[float]:
    """The numbers nobody doubts, in the points' order."""
    return [point.value for point in points if point.value is not None and point.status != "ambiguous"]


def notes(chart: Chart, lang: str) -> list[str]:
    """What must be said of it."""
    first, last = chart.years
    count, total = len(ordered(chart)), len(list(chart.points))
    gaps = Counter(
        "ambiguous" if point.value is not None else point.status for point in chart.points if not chart.drawn(point)
    )
    counts = ", ".join(f"{say(lang, name)} {number}" for name, number in sorted(gaps.items()))
    found = []
    if first != last:
        found.append(say(lang, "box"))
        found.append(say(lang, "dots") if count <= SINGLE else say(lang, "dense", count=count))
        if len(eras(first, last)) > 1:
            found.append(say(lang, "broken"))
    else:
        found.append(say(lang, "year" if total <= NAMED else "ranked", year=first, count=count))
        if count > SINGLE:
            found.append(say(lang, "dense", count=count))
    return [*found, say(lang, "silent", counts=counts)] if counts else found


def _bars(chart: Chart, pen: Pen, points: list[Point]) -> tuple[list[str], float]:
    """A bar for each publisher, the greatest on top; those without a number below."""
    silent = [point for point in chart.points if not chart.drawn(point)]
    names = [point.publisher or say(pen.lang, "nameless") for point in [*points, *silent]]
    room = min(max(ink.ems(ink.clean(name)) for name in names) * pen.size + 10, pen.width * 0.42)
    values = [point.value or 0.0 for point in points]
    whole = all(float(value).is_integer() for value in values)
    marks = ticks(min(values, default=0), max(values, default=0), 3 if pen.narrow else 6, whole=whole)
    axis = Axis(marks[0], marks[-1], room, pen.width - 40.0)
    bottom = 18 + _BAR * len(names)
    found = [_upright(axis, mark, bottom) for mark in marks]
    for number, point in enumerate([*reversed(points), *silent]):
        found.append(_bar(chart, pen, point, axis, 18 + _BAR * (number + 0.5)))
    more, end = frames.legend(pen, frames.statuses(pen, doubts(chart, [*points, *silent])), bottom + 16)
    return [*found, *more], end


def _upright(axis: Axis, mark: float, bottom: float) -> str:
    x = axis.at(mark)
    number = ink.label(x, 11, shown_number(mark), text_anchor="middle", fill=ink.GREY)
    return number + ink.line(x, 16, x, bottom, ink.GREY if mark == 0 else ink.FAINT)


def _bar(chart: Chart, pen: Pen, point: Point, axis: Axis, y: float) -> str:
    name = ink.clip(point.publisher or say(pen.lang, "nameless"), axis.start - 8, pen.size)
    text = ink.label(axis.start - 8, y + 4, name, text_anchor="end", fill=ink.INK)
    zero, said = axis.at(0), told(chart, point, pen.lang)
    if not chart.drawn(point):
        status = "ambiguous" if point.value is not None else point.status
        sign = ink.gap(status, zero + 8, y, ink.INK) + ink.label(zero + 18, y + 4, say(pen.lang, status), fill=ink.GREY)
        return text + pen.linked(path(point), said, sign, class_="gap")
    assert point.value is not None
    end, hollow = axis.at(point.value), point.status == "ambiguous"
    bar = ink.line(zero, y, end, y, _BLUE, stroke_width=6, stroke_opacity=0.45)
    drawn = frames.ring(end, y) if point.revised else ""
    drawn += ink.mark("circle", end, y, 4.2, _BLUE, hollow=hollow)
    number = ink.label(end + 9, y + 4, shown_number(point.value), fill=ink.GREY)
    return text + bar + number + pen.linked(path(point), said, drawn, class_="value")


def _ranks(chart: Chart, pen: Pen, points: list[Point]) -> tuple[list[str], float]:
    """Dots by rank, with the quartiles as dashed lines."""
    first, _ = chart.years
    values = [point.value or 0.0 for point in points]
    plot = frames.frame(pen, values, (first, first))
    found = frames.grid(pen, plot)
    certain = sure(points)
    for quartile in quartiles(certain) if certain else ():
        y = plot.y(quartile)
        found.append(ink.line(plot.left, y, plot.right, y, ink.GREY, stroke_dasharray="4 3"))
    places = [plot.left + (plot.right - plot.left) * (number + 0.5) / len(points) for number in range(len(points))]
    if len(points) > SINGLE:
        path_ = " ".join(f"{x:.2f},{plot.y(value):.2f}" for x, value in zip(places, values, strict=True))
        found.append(ink.tag("polyline", points=path_, fill="none", stroke=_BLUE, stroke_width=2.5))
    else:
        found += [
            _dot(chart, pen, point, (x, plot.y(point.value or 0.0)), 3.0)
            for x, point in zip(places, points, strict=True)
        ]
    present = doubts(chart, points) if len(points) <= SINGLE else set()
    more, end = frames.legend(pen, frames.statuses(pen, present), plot.bottom + 22)
    return [*found, *more], end


def _dot(chart: Chart, pen: Pen, point: Point, at: tuple[float, float], r: float) -> str:
    drawn = frames.ring(*at) if point.revised else ""
    drawn += ink.mark("circle", *at, r, _BLUE, hollow=point.status == "ambiguous")
    return pen.linked(path(point), told(chart, point, pen.lang), drawn, class_="value")


def _boxes(chart: Chart, pen: Pen) -> tuple[list[str], float]:
    """A box for each year, with the dots it stands for and, below the axis, how many reports printed no number."""
    points = ordered(chart)
    plot = frames.frame(pen, [point.value or 0.0 for point in points], chart.years)
    gaps = Counter(point.year for point in chart.points if not chart.drawn(point))
    bottom = plot.bottom + (18 if gaps else 2)
    found = [*frames.bands(pen, plot, bottom), *frames.grid(pen, plot)]
    for year in range(plot.first, plot.last + 1):
        found += _box(chart, pen, plot, [point for point in points if point.year == year], single=len(points) <= SINGLE)
    if gaps:
        found.append(ink.gap("missing", plot.left - 12, bottom - 6, ink.GREY))
    for year, count in gaps.items():
        sign = ink.label(plot.x(year), bottom - 2, f"{count}", text_anchor="middle", fill=ink.GREY, font_size=11)
        found.append(ink.tag("g", ink.tag("title", ink.words(f"{year}: {say(pen.lang, 'none')} {count}")), sign))
    found += frames.year_labels(pen, plot, bottom + 14)
    items = frames.statuses(pen, doubts(chart, points) if len(points) <= SINGLE else set())
    if gaps:
        items.append((ink.gap("missing", 16, 0, ink.GREY), say(pen.lang, "none")))
    more, end = frames.legend(pen, items, bottom + 36)
    return [*found, *more], end


def _box(chart: Chart, pen: Pen, plot: Frame, points: list[Point], *, single: bool) -> list[str]:
    """The box of a year and its dots; numbers in doubt are dots only."""
    if not points:
        return []
    x, half = plot.x(points[0].year), min(plot.step * 0.34, 22.0)
    box, bar = _middle(plot, sure(points), x, half)
    if single:
        for number, point in enumerate(points):
            aside = ((number * _GOLDEN) % 1 - 0.5) * 1.5 * half
            box.append(_dot(chart, pen, point, (x + aside, plot.y(point.value or 0.0)), 2.4))
    return [*box, *bar]


def _middle(plot: Frame, values: list[float], x: float, half: float) -> tuple[list[str], list[str]]:
    """The whisker and the box of sorted values, and the bar at their median, which lies over the dots."""
    if not values:
        return [], []
    low, median, high = (plot.y(value) for value in quartiles(values))
    whisker = ink.line(x, plot.y(values[0]), x, plot.y(values[-1]), ink.GREY)
    size = {"x": x - half, "y": high, "width": 2 * half, "height": max(1.0, low - high)}
    box = ink.tag("rect", **size, fill="#dbe7f3", stroke=ink.GREY, class_="box")
    return [whisker, box], [ink.line(x - half, median, x + half, median, ink.INK, stroke_width=2.5)]
