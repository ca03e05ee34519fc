"""An indicator by province and year: a table whose cells are the darker, the greater the median of its publishers is."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from archive.charts import ink
from archive.charts.eras import eras
from archive.charts.frame import Frame, bands, year_labels
from archive.charts.lines import path, quartiles
from archive.charts.provinces import UNKNOWN, province_of, region_name
from archive.charts.scale import Axis, short_number, shown_number, ticks
from archive.charts.wording import say

if TYPE_CHECKING:
    from archive.charts.ink import Pen
    from archive.charts.model import Chart, Point

_ROW = 24.0
_LIGHT, _DARK = (0xE8, 0xF1, 0xFA), (0x08, 0x45, 0x7E)


@dataclass(slots=True)
class Cell:
    """The reports of one province on one year: those with a sure number, and the others."""

    province: str
    year: int
    points: list[Point] = field(default_factory=list)
    silent: list[Point] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        """The median of the numbers; None where there is none."""
        return quartiles([point.value or 0.0 for point in self.points])[1] if self.points else None


def cells(chart: Chart) -> dict[tuple[str, int], Cell]:
    """The cells by province and year; every point is in one of them."""
    found: dict[tuple[str, int], Cell] = {}
    for point in chart.points:
        key = province_of(point.division, point.publisher), point.year
        cell = found.setdefault(key, Cell(*key))
        sure = chart.drawn(point) and point.status != "ambiguous"
        (cell.points if sure else cell.silent).append(point)
    return found


def draw(chart: Chart, pen: Pen) -> tuple[list[str], float]:
    """The drawing from y=0 on, and its height."""
    table = cells(chart)
    rows = sorted({province for province, _ in table}, key=lambda code: (code == UNKNOWN, code))
    left = max(ink.ems(region_name(code, pen.lang)) for code in rows) * pen.size + 12
    bottom = 24 + _ROW * len(rows)
    plot = Frame(left, pen.width - 4.0, 24, bottom, Axis(0, 1, bottom, 24), (), *chart.years)
    top = max((cell.median or 0.0 for cell in table.values()), default=0.0)
    found = bands(pen, plot, bottom)
    for number, code in enumerate(rows):
        y = 24 + _ROW * number
        found.append(ink.label(left - 8, y + 16, region_name(code, pen.lang), text_anchor="end", fill=ink.INK))
        for year in range(plot.first, plot.last + 1):
            if (code, year) in table:
                found.append(_cell(chart, pen, plot, table[code, year], y, top))
    found += year_labels(pen, plot, bottom + 14)
    return [*found, *_key(bottom + 26, top)], bottom + 44


def _cell(chart: Chart, pen: Pen, plot: Frame, cell: Cell, y: float, top: float) -> str:
    name, median = region_name(cell.province, pen.lang), cell.median
    width = plot.step - 2
    counts: dict[str, int] = defaultdict(int)
    for point in cell.silent:
        counts["ambiguous" if point.value is not None else point.status] += 1
    said = say(
        pen.lang,
        "cell",
        name=name,
        year=cell.year,
        median="—" if median is None else shown_number(median),
        count=len(cell.points),
    )
    said += "".join(f", {say(pen.lang, status)} {count}" for status, count in sorted(counts.items()))
    x = plot.x(cell.year)
    box: dict[str, Any] = {"x": x - width / 2, "y": y + 1, "width": width, "height": _ROW - 2}
    if median is None:
        sign = ink.gap(min(counts), x, y + _ROW / 2, ink.INK)
        drawn = ink.tag("rect", **box, fill="#ffffff", stroke=ink.FAINT) + sign
        return pen.linked(_where(chart, cell), said, drawn, class_="gap")
    share = _share(median, top)
    text = _fitting(median, width)
    number = ink.label(x, y + 16, text, text_anchor="middle", font_size=11 if width > 30 else 9, fill=text_on(share))
    return pen.linked(_where(chart, cell), said, ink.tag("rect", **box, fill=shade(share)) + number, class_="value")


def _fitting(value: float, room: float) -> str:
    """A number as exactly as the room allows; the mark's title tells it whole."""
    for text in (shown_number(value), f"{value:.0f}"):
        if ink.ems(text) * (11 if room > 30 else 9) <= room - 3:
            return text
    return short_number(value)


def _share(value: float, top: float) -> float:
    """How dark a value is: by its root, for counts are skewed; 0 to 1."""
    return math.sqrt(max(value, 0.0) / top) if top > 0 else 0.0


def shade(share: float) -> str:
    """A colour between the lightest and the darkest."""
    return "#" + "".join(
        f"{round(light + (dark - light) * min(1.0, share)):02x}" for light, dark in zip(_LIGHT, _DARK, strict=True)
    )


def text_on(share: float) -> str:
    """The colour of text on a shade: each keeps 4.5 : 1 (WCAG 2.2, 1.4.3)."""
    return "#ffffff" if share > 0.7 else "#000000"


def _where(chart: Chart, cell: Cell) -> str:
    """Where a cell leads: to the one report behind it, or to how its values are spread."""
    points = [*cell.points, *cell.silent]
    if len(points) == 1:
        return path(points[0])
    asked: dict[str, Any] = {"indicator": chart.indicator, "kind": "distribution", "year": cell.year}
    if any((point.division or "")[:2] == cell.province for point in points) and cell.province:
        asked["division"] = cell.province
    return f"/series?{urlencode(asked)}"


def _key(y: float, top: float) -> list[str]:
    """The shades of round values, up to the greatest median."""
    found, width = [], 40.0
    for number, value in enumerate(value for value in ticks(0, top, 5, whole=top >= 5) if value <= top):
        share = _share(value, top)
        box = ink.tag("rect", x=width * number, y=y, width=width, height=15.0, fill=shade(share))
        text = {"text_anchor": "middle", "font_size": 10, "fill": text_on(share)}
        found.append(box + ink.label(width * (number + 0.5), y + 11, short_number(value), **text))
    return found


def notes(chart: Chart, lang: str) -> list[str]:
    """What must be said of it."""
    first, last = chart.years
    found = [say(lang, "regions")]
    if any(not point.division and province_of(None, point.publisher) for point in chart.points):
        found.append(say(lang, "inferred"))
    if len(eras(first, last)) > 1:
        found.append(say(lang, "broken"))
    return found
