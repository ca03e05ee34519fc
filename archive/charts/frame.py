"""What charts over years share: the plot with its ticks, the years, the bands of the official forms, the legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.charts import ink
from archive.charts.eras import eras
from archive.charts.scale import Axis, shown_number, ticks
from archive.charts.wording import form_name, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.charts.ink import Pen

BAND = 20.0
"""The height of the strip that names the forms."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot: where its edges are, its vertical axis and its years."""

    left: float
    right: float
    top: float
    bottom: float
    axis: Axis
    marks: tuple[float, ...]
    first: int
    last: int

    @property
    def step(self) -> float:
        """The room of one year."""
        return (self.right - self.left) / (self.last - self.first + 1)

    def x(self, year: int) -> float:
        """The middle of a year."""
        return self.left + self.step * (year - self.first + 0.5)

    def y(self, value: float) -> float:
        """The place of a value."""
        return self.axis.at(value)


def frame(pen: Pen, values: Sequence[float], years: tuple[int, int]) -> Frame:
    """A plot for these values and years, as wide as the pen."""
    whole = all(float(value).is_integer() for value in values)
    marks = ticks(min(values, default=0), max(values, default=0), 4 if pen.narrow else 5, whole=whole)
    left = max(ink.ems(shown_number(mark)) for mark in marks) * pen.size + 10
    top, height = BAND + 4, 220 if pen.narrow else 300
    axis = Axis(marks[0], marks[-1], top + height, top + 6)
    return Frame(left, pen.width - 8, top, top + height, axis, tuple(marks), *years)


def grid(pen: Pen, plot: Frame) -> list[str]:
    """The horizontal rules with their numbers; that of 0 is dark."""
    found = []
    for mark in plot.marks:
        y = plot.y(mark)
        found.append(ink.line(plot.left, y, plot.right, y, ink.GREY if mark == 0 else ink.FAINT))
        found.append(ink.label(plot.left - 6, y + 4, shown_number(mark), text_anchor="end", fill=ink.GREY))
    return [ink.tag("g", *found, font_size=pen.size)]


def bands(pen: Pen, plot: Frame, bottom: float) -> list[str]:
    """The official forms above the plot, and a dashed rule where one gives way to the next."""
    found = []
    for name, first, last in eras(plot.first, plot.last):
        start, end = plot.x(first) - plot.step / 2, plot.x(last) + plot.step / 2
        text, room = form_name(pen.lang, name), end - start - 6
        if ink.ems(text) * 11 > room:
            text = name if name != "free" else "—"
        found.append(
            ink.tag("rect", x=start + 1, y=0.0, width=max(1.0, end - start - 2), height=BAND - 3, fill="#eef1f4")
        )
        found.append(ink.label((start + end) / 2, 13, text, text_anchor="middle", font_size=11, fill=ink.INK))
        if first > plot.first:
            found.append(ink.line(start, 0, start, bottom, ink.GREY, stroke_dasharray="4 3"))
    return found


def year_labels(pen: Pen, plot: Frame, y: float) -> list[str]:
    """The years below the plot; those that find no room give way evenly."""
    every = 1 if plot.step >= 2.7 * pen.size else 2 if plot.step >= 1.4 * pen.size else 4
    return [
        ink.label(plot.x(year), y, year, text_anchor="middle", fill=ink.INK, font_size=pen.size)
        for year in range(plot.first, plot.last + 1)
        if (plot.last - year) % every == 0
    ]


def legend(pen: Pen, items: Iterable[tuple[str, str]], y: float) -> tuple[list[str], float]:
    """Samples with their names, flowing in lines from ``y`` on; and where they end.  A sample is drawn around (0, 0)."""
    items = list(items)
    widest = max((ink.ems(ink.clean(name)) * pen.size for _, name in items), default=0) + 46
    columns = max(1, int(pen.width // min(widest, pen.width)))
    room = pen.width / columns
    found = []
    for number, (sample, name) in enumerate(items):
        x, at = room * (number % columns), y + 18 * (number // columns)
        text = ink.label(36, 4, ink.clip(name, room - 44, pen.size), fill=ink.INK, font_size=pen.size)
        found.append(
            ink.tag("g", ink.tag("title", ink.words(name)), sample, text, transform=f"translate({x:.1f} {at:.1f})")
        )
    return found, y + 18 * (-(-len(items) // columns))


def statuses(pen: Pen, present: set[str]) -> list[tuple[str, str]]:
    """Legend items for the kinds of doubt that occur."""
    samples = {
        "blank": ink.gap("blank", 16, 0, ink.INK),
        "missing": ink.gap("missing", 16, 0, ink.INK),
        "ambiguous": ink.gap("ambiguous", 16, 0, ink.INK, 4),
        "revised": ring(16, 0) + ink.mark("circle", 16, 0, 4, ink.INK),
    }
    return [(sample, say(pen.lang, name)) for name, sample in samples.items() if name in present]


def ring(x: float, y: float) -> str:
    """The ring around a value that was revised."""
    return ink.tag("circle", cx=float(x), cy=float(y), r=7.5, fill="none", stroke=ink.INK, stroke_width=1)
