"""Which official form is in force for a year, and whether it has an indicator.

The annex of 国办发〔2014〕32号 holds from the reports on 2014, the form of 国办公开办函〔2019〕60号 from those on 2019, that
of 国办公开办函〔2021〕30号 from those on 2021; before 2014 there was no national form.  A report in free text belongs to the
form of its year.  No line is drawn from the years of one form to those of the next, though both may hold a code.
"""

from __future__ import annotations

from functools import cache

from archive.forms import FORMS, indicators

FREE = "free"
_FIRST = {"2014": 2014, "2019": 2019, "2021": 2021}
"""The first year reported on in each form."""


def era(year: int) -> str:
    """The official form in force for the reports on a year: ``free``, ``2014``, ``2019`` or ``2021``."""
    return max((name for name, first in _FIRST.items() if first <= year), default=FREE)


def eras(first: int, last: int) -> list[tuple[str, int, int]]:
    """The forms in force from one year to another: each with its first and last year among these."""
    found: list[tuple[str, int, int]] = []
    for year in range(first, last + 1):
        name = era(year)
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1], year)
        else:
            found.append((name, year, year))
    return found


@cache
def _held() -> dict[str, frozenset[str]]:
    """The codes of each form; reports before 2014 hold those of 2014 where their labels mean the same (crosswalk)."""
    codes = {name: frozenset(indicators(name)) for name in FORMS}
    return {**{str(name): found for name, found in codes.items()}, FREE: codes["2014"]}


def holds(code: str, year: int) -> bool:
    """Whether the official form in force for a year has this indicator."""
    return code in _held()[era(year)]
