"""Charts of indicators: a question to the archive, the points that answer it, and what is drawn and written of them.

:func:`charts` asks, :func:`svg` draws, :mod:`archive.charts.files` writes tables, PNG and Vega-Lite.  What holds of
every chart:

- every number is one mark, in the unit of the axis, and leads to its figure; the axis holds 0
- blank, missing and ambiguous values are marks of their own, never points at 0, and no line passes over them
- the official forms are named above the years; no line is drawn across a change of form
- whatever is left out is counted in a sentence, and stands in the table
"""

from __future__ import annotations

from archive.charts.asking import charts, labelled, near_codes
from archive.charts.drawing import NARROW, WIDE, description, svg
from archive.charts.model import (
    DEFAULT,
    KINDS,
    Chart,
    ChartKind,
    NoSuchIndicator,
    NothingToDraw,
    Point,
    Question,
    Series,
)

__all__ = [
    "DEFAULT",
    "KINDS",
    "NARROW",
    "WIDE",
    "Chart",
    "ChartKind",
    "NoSuchIndicator",
    "NothingToDraw",
    "Point",
    "Question",
    "Series",
    "charts",
    "description",
    "labelled",
    "near_codes",
    "svg",
]
