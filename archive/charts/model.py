"""What a chart is made of: plain data, drawn by :mod:`archive.charts.drawing` and written by :mod:`archive.charts.files`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

ChartKind = Literal["line", "distribution", "regions"]
KINDS: tuple[ChartKind, ...] = ("line", "distribution", "regions")
DEFAULT = "applications.received.total"
"""The indicator that is shown when none is asked for: applications received, which every form since 2014 asks for."""


class NothingToDraw(LookupError):
    """Nothing in the archive answers the question; the message says what to ask instead."""


class NoSuchIndicator(NothingToDraw):
    """A code that no form and no table in the archive has; the message names near ones."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the archive; None and empty mean any."""

    indicators: tuple[str, ...] = (DEFAULT,)
    kind: ChartKind = "line"
    publishers: tuple[str, ...] = ()
    """Names of publishers, or parts of names; a name that is one publisher's whole name means only that one."""
    division: str | None = None
    """The first digits of a GB/T 2260 code."""
    year: int | None = None
    since: int | None = None
    until: int | None = None
    at: int | None = None
    """Milliseconds since 1970 UTC: as the archive knew the reports then."""


@dataclass(frozen=True, slots=True)
class Point:
    """What one report says of an indicator, and where it stands.

    ``value`` is None when no number can be claimed: the cell is ``blank``, its row is ``missing``, or it is ``ambiguous``.
    Numbers that contradict each other (page and attachment, or two reports of one publisher on one year) are a point
    each, all of them ``ambiguous``.
    """

    publisher: str
    division: str | None
    year: int
    value: float | None
    status: str
    printed: str | None
    unit: str | None
    form: str | None
    report: int
    revision: int
    observation: int | None = None
    revised: bool = False
    """Whether an earlier revision printed something else."""
    state: str = "present"


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one publisher by year; ``name`` tells it from the other series of its chart."""

    name: str
    division: str | None
    points: tuple[Point, ...]

    @property
    def last(self) -> float:
        """The newest number, for ordering; -1 when there is none."""
        return next((point.value for point in reversed(self.points) if point.value is not None), -1.0)


@dataclass(frozen=True, slots=True)
class Chart:
    """One indicator of some publishers: what is drawn, and the table behind it."""

    question: Question
    indicator: str
    zh: str
    en: str
    unit: str | None
    """The unit of the axis; numbers printed in another one are not drawn, and counted in a note."""
    series: tuple[Series, ...]
    mute: tuple[int, ...] = ()
    """Years before or after all others whose reports, all of them, have no such row; they are left out."""
    undated: int = 0
    """Reports of no known year, which cannot be placed."""

    @property
    def kind(self) -> ChartKind:
        """How it is drawn."""
        return self.question.kind

    @property
    def points(self) -> Iterator[Point]:
        """Every point, series by series."""
        return (point for one in self.series for point in one.points)

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year."""
        years = [point.year for point in self.points]
        return min(years), max(years)

    def title(self, lang: str) -> str:
        """The indicator's label in a language."""
        return self.zh if lang == "zh" else self.en

    def drawn(self, point: Point) -> bool:
        """Whether a point has a place on the axis: a number, in the unit of the axis."""
        return point.value is not None and (point.unit == self.unit or point.unit is None)

    def strangers(self) -> list[Point]:
        """The points whose number is in another unit."""
        return [point for point in self.points if point.value is not None and not self.drawn(point)]
