"""Charts as one SVG document: title, drawing and notes of each, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.charts import ink, lines, regions, spread
from archive.charts.ink import Pen
from archive.charts.wording import say
from archive.times import shown_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.charts.model import Chart

_KINDS = {"line": lines, "distribution": spread, "regions": regions}
WIDE, NARROW = 860, 360
"""Widths in pixels: of a page, and of a phone."""
EDGE = 10
"""What stays free on both sides."""


def svg(
    charts: Sequence[Chart],
    *,
    lang: str = "zh",
    width: int = WIDE,
    link: Callable[[str], str] | None = None,
    name: str = "chart",
) -> str:
    """The charts as SVG 1.1, ``width`` pixels wide (it scales); no script, no style sheet, nothing from elsewhere.

    ``link`` makes the address of a path such as ``/figure/ID``, where a mark leads to; None: there are no links.  ``name`` tells the
    ids of several drawings on one page apart.
    """
    pen = Pen(lang, max(320, width) - 2 * EDGE, link)
    found, y = [], 8.0
    for chart in charts:
        parts, height = _panel(chart, pen)
        found.append(ink.tag("g", *parts, transform=f"translate({EDGE} {y:.1f})"))
        y += height + 20
    whole = pen.width + 2 * EDGE
    title = "; ".join(chart.title(lang) for chart in charts)
    described = " ".join(description(chart, lang) for chart in charts)
    return ink.tag(
        "svg",
        ink.tag("title", ink.words(title), id=f"{name}-title"),
        ink.tag("desc", ink.words(described), id=f"{name}-desc"),
        ink.tag("rect", width=whole, height=y, fill="#ffffff"),
        *found,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {whole} {y:.0f}",
        width=whole,
        height=round(y),
        role="group",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
        font_family=ink.FONT,
        font_size=pen.size,
        lang="zh-CN" if lang == "zh" else "en",
    )


def description(chart: Chart, lang: str) -> str:
    """What a chart holds, in one sentence."""
    points = list(chart.points)
    numbers = sum(point.value is not None for point in points)
    first, last = chart.years
    return say(
        lang, "described", count=len(chart.series), first=first, last=last, numbers=numbers, gaps=len(points) - numbers
    )


def _panel(chart: Chart, pen: Pen) -> tuple[list[str], float]:
    """A chart with its title and notes, from y=0 on; and its height."""
    found, y = [], 0.0
    for text in ink.wrap(chart.title(pen.lang), pen.width - 8, 16):
        y += 20
        found.append(ink.label(0, y - 4, text, font_size=16, font_weight="bold", fill=ink.INK))
    for text in ink.wrap(_under(chart, pen), pen.width - 8, pen.size):
        y += 17
        found.append(ink.label(0, y - 3, text, fill=ink.GREY))
    y += 8
    drawn, height = _KINDS[chart.kind].draw(chart, pen)
    found.append(ink.tag("g", *drawn, transform=f"translate(0 {y:.1f})"))
    y += height + 4
    for note in notes(chart, pen.lang):
        for text in ink.wrap(note, pen.width - 8, pen.size):
            y += 17
            found.append(ink.label(0, y - 3, text, fill=ink.GREY))
    return found, y


def _under(chart: Chart, pen: Pen) -> str:
    """The line below the title: the code, the unit, the moment."""
    parts = [chart.indicator]
    if chart.unit:
        parts.append(say(pen.lang, "unit", unit=chart.unit))
    if chart.question.at is not None:
        parts.append(say(pen.lang, "at", at=(shown_time(chart.question.at) or "")[:16].replace("T", " ") + "Z"))
    return "  ·  ".join(parts)


def notes(chart: Chart, lang: str) -> list[str]:
    """What a reader must know of a chart, in sentences."""
    found = list(_KINDS[chart.kind].notes(chart, lang))
    if any(point.value is None for point in chart.points):
        found.append(say(lang, "gaps"))
    strangers = chart.strangers()
    if strangers:
        units = ", ".join(sorted({point.unit or "" for point in strangers}))
        found.append(say(lang, "strangers", count=len(strangers), units=units))
    if chart.mute:
        found.append(say(lang, "mute", years=_ranges(chart.mute)))
    if chart.undated:
        found.append(say(lang, "undated", count=chart.undated))
    return found


def _ranges(years: Sequence[int]) -> str:
    """Years as ``2014, 2016-2018``."""
    found: list[list[int]] = []
    for year in sorted(years):
        if found and year == found[-1][-1] + 1:
            found[-1] = [found[-1][0], year]
        else:
            found.append([year])
    return ", ".join("-".join(str(year) for year in dict.fromkeys(group)) for group in found)
