"""Grids → observations: every cell of a known form by its code, every other numeric row word for word.

A form is recognised for each table, not for the year: reports exist whose tables follow two forms.  Rows are
matched by the form's fixed label sequence (:mod:`pipelines.matching`); values are never shifted silently, a row
that does not say which value belongs where is ``ambiguous`` and keeps what it prints.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from archive.forms import FORMS, form
from pipelines import form2014, form_applications, form_disclosure, form_disputes, local_tables
from pipelines.matching import key
from pipelines.sheet import Sheet, sheet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.model import FormName, Grid, Observation


@dataclass(frozen=True, slots=True)
class Tables:
    """What the grids of one payload say: observations, the form of each table found, what was doubtful."""

    observations: tuple[Observation, ...] = ()
    forms: tuple[tuple[str, FormName], ...] = ()
    """Table (``disclosure``, ``applications``, ``disputes``, ``statistics``) → form."""
    repeated: tuple[str, ...] = ()
    """Tables that stand there more than once with different figures, so that none of them is claimed."""
    capped: bool = False
    """Whether there were more local figures than are kept."""

    @property
    def form(self) -> FormName | None:
        """The report's form: one, ``mixed`` when its tables follow several, None when no table is known."""
        names = {form for table, form in self.forms if table != "disputes"} or {form for _, form in self.forms}
        return "mixed" if len(names) > 1 else next(iter(names), None)


@dataclass
class _Gathered:
    observations: list[Observation] = field(default_factory=list)
    forms: list[tuple[str, FormName]] = field(default_factory=list)
    used: set[tuple[int, int]] = field(default_factory=set)
    repeated: list[str] = field(default_factory=list)


def has_form(grids: Sequence[Grid]) -> bool:
    """Whether any grid bears the labels of a form; a quick look, for judging what a payload is."""
    names = {key(cell.text) for grid in grids for cell in grid.cells if len(cell.text) < 120}
    return len(names & _telling()) >= 4


@cache
def _telling() -> frozenset[str]:
    rows = (row for name in FORMS for table in form(name).tables for block in table.blocks for row in block.rows)
    return frozenset(key(row.label) for row in rows if len(key(row.label)) >= 4)


def read_tables(
    grids: Sequence[Grid], *, year: int | None = None, local: bool = True, hints: Sequence[str] = ()
) -> Tables:
    """Read every grid.

    ``year`` is the report's: it tells this year's table and column from another year's, and which form a lone
    table 4 belongs to.  ``local`` says whether rows of unknown tables become ``local:<label>`` observations.
    ``hints`` are what stands right before each grid.
    """
    over = [*hints, *[""] * (len(grids) - len(hints))]
    sheets = [
        sheet_of(index, grid, f"{grid.caption or ''} {hint}")
        for index, (grid, hint) in enumerate(zip(grids, over, strict=True))
    ]
    gathered = _Gathered()
    _read_statistics(sheets, gathered, year)
    _read_modern(sheets, gathered, year)
    if local:
        codes = {observation.indicator for observation in gathered.observations}
        gathered.observations += local_tables.read(sheets, gathered.used, codes, year)
    capped = sum(o.indicator.startswith("local:") for o in gathered.observations) >= local_tables.CAP
    return Tables(tuple(gathered.observations), tuple(gathered.forms), tuple(gathered.repeated), capped)


def _read_statistics(sheets: list[Sheet], gathered: _Gathered, year: int | None) -> None:
    found = form2014.read(sheets, year)
    if found:
        gathered.observations += found.observations
        gathered.used |= found.used
        gathered.forms.append(("statistics", "2014"))
        gathered.repeated += ["statistics"] if found.repeated else []


def _read_modern(sheets: list[Sheet], gathered: _Gathered, year: int | None) -> None:
    two = form_disclosure.read(sheets, year)
    three = form_applications.read(sheets, two.form if two else None, year)
    four = form_disputes.read(sheets, year)
    for table, found in (("disclosure", two), ("applications", three), ("disputes", four)):
        if found is None:
            continue
        gathered.observations += found.observations
        gathered.used |= found.used
        gathered.repeated += [table] if found.repeated else []
        form = found.form or _between(two.form if two else None, three.form if three else None, year)
        gathered.forms.append((table, form))


def _between(two: FormName | None, three: FormName | None, year: int | None) -> FormName:
    """Table 4 is the same in both modern forms: it follows the other tables, else the year."""
    return three or two or ("2019" if year is not None and year < 2021 else "2021")


def with_source(observations: Sequence[Observation], source: str) -> tuple[Observation, ...]:
    """The same observations as read from ``source`` (``page`` or an attachment's address)."""
    return tuple(replace(observation, source=source) for observation in observations)
