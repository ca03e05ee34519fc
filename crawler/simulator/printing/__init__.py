"""Random reports in every format that portals publish, each with what a correct reader gets out of it.

``random_report(seed)`` draws a report, ``printed(content, form, seed)`` prints it as a file in one of
:data:`FORMATS`, ``truth_of(content)`` tells the truth of it.  Everything is drawn from the seeds: the same
arguments give the same bytes.  The layout and the damage of a file depend on its seed and its format; they never
touch what a careful human would read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.simulator.printing import bundle, single
from crawler.simulator.printing.report import Particulars, Report, Truth, truth_of
from crawler.simulator.printing.writing import random_report

if TYPE_CHECKING:
    from crawler.simulator.sheet import Content

FORMATS: tuple[str, ...] = (*single.FORMATS, "zip")
"""The names of the formats; what follows a hyphen is a style of one format."""

__all__ = ["FORMATS", "Particulars", "Report", "Truth", "file_name", "printed", "random_report", "truth_of"]


def printed(content: Content, form: str, seed: int) -> bytes:
    """The report as a file of the format ``form`` (one of :data:`FORMATS`).

    Raises:
        ValueError: no format of that name.
    """
    if form not in FORMATS:
        raise ValueError(f"no such format: {form}")
    return bundle.written(content, seed) if form == "zip" else single.printed(content, form, seed)


def file_name(form: str) -> str:
    """A name for a file of the format: ``report.docx``."""
    return f"report.{ {**bundle.SUFFIXES, 'zip': 'zip'}[form.partition('-')[0]] }"
