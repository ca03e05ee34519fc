"""From a question to charts: which reports are meant, what each says of the indicator, and what is in doubt.

The newest revision (as of ``at``, if given) of each disclosure report speaks for it.  Of several reports of one
publisher on one year (a reprint, a moved page) equal numbers are one point and different ones are shown as ambiguous.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from archive.charts.model import Chart, NoSuchIndicator, NothingToDraw, Point, Question, Series
from archive.forms import FORMS, Indicator, indicators
from archive.query import state_then

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

_FEW = 400
"""Up to so many readings, their observations are looked up reading by reading; beyond, by the indicator."""
_LOCAL = "local:"
_VALUE = itemgetter("id", "value", "status", "raw", "unit")
_MISSING = (None, None, "missing", None, None)
_STATES = {"present": 0, "unreachable": 1, "moved": 3}
"""Which of several reports of one year is named first: one that stands, then one that may, gone, and moved at last."""


@dataclass(frozen=True, slots=True)
class _Report:
    """A report as its meant revision reads it."""

    id: int
    state: str
    revision: int
    reading: int
    publisher: str
    division: str | None
    year: int | None
    form: str | None


def charts(sql: sqlite3.Connection, question: Question) -> tuple[Chart, ...]:
    """One chart for each indicator asked for; ``sql`` reads only.

    Raises :class:`NoSuchIndicator` for a code nobody knows, :class:`NothingToDraw` when no report answers.
    """
    labels = [labelled(sql, code) for code in question.indicators]
    found, undated = _reports(sql, question)
    if not found:
        raise NothingToDraw(_nobody(sql, question))
    earlier = _earlier(sql, found)
    return tuple(
        _chart(sql, replace(question, indicators=(label.code,)), label, found, earlier, undated) for label in labels
    )


def labelled(sql: sqlite3.Connection, code: str) -> Indicator:
    """The newest form's words for a code; raises :class:`NoSuchIndicator` with near codes."""
    for form in reversed(FORMS):
        if code in indicators(form):
            return indicators(form)[code]
    if sql.execute("SELECT 1 FROM indicator WHERE code=?", (code,)).fetchone():
        label = code.removeprefix(_LOCAL)
        return Indicator(code, "", label, label, "")
    near = near_codes(code)
    raise NoSuchIndicator(
        f"There is no indicator {code!r}; near ones are {', '.join(near)}. · 没有这个指标，相近的有：{'、'.join(near)}。"
        if near
        else f"There is no indicator {code!r}; `nianlun observations` prints the codes. · 没有这个指标；`nianlun observations` 列出全部代码。"
    )


def near_codes(code: str) -> list[str]:
    """Up to five codes of the forms that are like what was typed; those that begin with it first."""
    known = list(dict.fromkeys(name for form in reversed(FORMS) for name in indicators(form)))
    begins = [name for name in known if name.startswith(code)] if code else []
    return list(dict.fromkeys([*sorted(begins, key=len), *difflib.get_close_matches(code, known, 5, 0.6)]))[:5]


def _reports(sql: sqlite3.Connection, question: Question) -> tuple[list[_Report], int]:
    """The reports meant, and how many more have no known year."""
    newest, state = "revision.n=report.revisions", "report.state"
    if question.at is not None:
        newest = "revision.n=(SELECT max(n) FROM revision r WHERE r.report=report.id AND r.at<=:at)"
        state = state_then("report.id")
    clause, values = _clause(question)
    rows = sql.execute(
        f"SELECT report.id, {state} AS state, revision.n AS revision, revision.reading, coalesce(reading.publisher, '') AS"
        " publisher, reading.division, reading.year, reading.form FROM report JOIN revision ON"
        " revision.report=report.id JOIN reading ON reading.id=revision.reading"
        f" WHERE {newest} AND reading.kind='disclosure'{clause} ORDER BY reading.publisher, reading.year, report.id",
        values,
    )
    found = _whole_names([_Report(*row) for row in rows], question.publishers)
    dated = [report for report in found if report.year is not None]
    return dated, len(found) - len(dated)


def _clause(question: Question) -> tuple[str, dict[str, Any]]:
    """Conditions to go on with over the aliases ``report`` and ``reading``, and all values by name."""
    names = {f"name{number}": name for number, name in enumerate(question.publishers)}
    parts = [f"({' OR '.join(f'instr(reading.publisher, :{key})>0' for key in names)})"] if names else []
    for condition, value in (
        ("reading.year=:year", question.year),
        ("reading.year>=:since", question.since),
        ("reading.year<=:until", question.until),
        ("substr(reading.division, 1, length(:division))=:division", question.division),
    ):
        if value is not None:
            parts.append(condition)
    years = {"year": question.year, "since": question.since, "until": question.until}
    values = {**names, **years, "division": question.division, "at": question.at}
    return "".join(f" AND {part}" for part in parts), values


def _whole_names(reports: list[_Report], asked: Sequence[str]) -> list[_Report]:
    """Without those that only contain a name which is another's whole name."""
    names = {report.publisher for report in reports}
    parts = [name for name in asked if name not in names]
    kept = {name for name in names if name in asked or any(part in name for part in parts)}
    return [report for report in reports if not asked or report.publisher in kept]


def _nobody(sql: sqlite3.Connection, question: Question) -> str:
    """Why no report answers, in a sentence."""
    if not question.publishers:
        return "No report matches; `nianlun reports` lists what is in the archive. · 没有符合条件的年报；`nianlun reports` 列出全部年报。"
    rows = sql.execute("SELECT DISTINCT publisher FROM report WHERE publisher IS NOT NULL")
    names = [row[0] for row in rows if row[0] not in question.publishers]
    found = [name for asked in question.publishers for name in difflib.get_close_matches(asked, names, 3, 0.3)]
    near = list(dict.fromkeys(found))
    en = f"near names are {', '.join(near)}" if near else "`nianlun reports` lists what is in the archive"
    zh = f"名称相近的有：{'、'.join(near)}" if near else "`nianlun reports` 列出全部年报"
    asked = question.publishers
    return f"No report of {', '.join(asked)} matches; {en}. · {'、'.join(asked)}没有符合条件的年报；{zh}。"


def _earlier(sql: sqlite3.Connection, reports: Iterable[_Report]) -> dict[int, list[int]]:
    """The readings of the revisions before the one meant, by report."""
    revised = {report.id: report.revision for report in reports if report.revision > 1}
    found: dict[int, list[int]] = defaultdict(list)
    for report, n, reading in sql.execute(
        "SELECT report, n, reading FROM revision WHERE report IN (SELECT value FROM json_each(?)) AND n IS NOT NULL",
        (json.dumps(sorted(revised)),),
    ):
        if n < revised[report]:
            found[report].append(reading)
    return found


def _chart(
    sql: sqlite3.Connection,
    question: Question,
    label: Indicator,
    reports: list[_Report],
    earlier: dict[int, list[int]],
    undated: int,
) -> Chart:
    readings = [report.reading for report in reports] + [reading for some in earlier.values() for reading in some]
    said = _Told(_observed(sql, label.code, readings), earlier, label.unit)
    groups: dict[tuple[str, str], dict[int, list[_Report]]] = defaultdict(lambda: defaultdict(list))
    for report in reports:
        assert report.year is not None
        groups[report.publisher, report.division or ""][report.year].append(report)
    series = [
        Series(
            name,
            division or None,
            tuple(point for year in sorted(years) for point in _points(years[year], said)),
        )
        for (name, division), years in sorted(groups.items())
    ]
    told = [one for one in series if any(point.observation for point in one.points)]
    if not told:
        raise NothingToDraw(
            f"None of the {len(reports)} reports meant says anything of {label.code}; widen the question."
            " · 所选年报均无此指标。"
        )
    kept, mute = _spoken_years(told)
    return Chart(question, label.code, label.zh, label.en, _unit(kept, label), tuple(_named(kept)), mute, undated)


def _spoken_years(series: Sequence[Series]) -> tuple[list[Series], tuple[int, ...]]:
    """The series from the first to the last year anyone prints something of the indicator, and the years left out."""
    years = sorted({point.year for one in series for point in one.points if point.observation})
    kept = [replace(one, points=tuple(p for p in one.points if years[0] <= p.year <= years[-1])) for one in series]
    every = {point.year for one in series for point in one.points}
    return kept, tuple(sorted(year for year in every if not years[0] <= year <= years[-1]))


def _observed(sql: sqlite3.Connection, code: str, readings: Sequence[int]) -> dict[int, list[sqlite3.Row]]:
    """What each reading observed of an indicator."""
    few = len(readings) <= _FEW
    where = "reading IN (SELECT value FROM json_each(?)) AND +indicator=" if few else "? IS NOT NULL AND indicator="
    found: dict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in sql.execute(
        f"SELECT id, reading, value, status, raw, unit FROM observation WHERE {where}"
        "(SELECT id FROM indicator WHERE code=?) ORDER BY id",
        (json.dumps(list(readings)) if few else "", code),
    ):
        found[row["reading"]].append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What the readings say of one indicator: their rows, the readings of earlier revisions, the form's own unit."""

    rows: dict[int, list[sqlite3.Row]]
    earlier: dict[int, list[int]]
    unit: str


def _points(reports: list[_Report], told: _Told) -> list[Point]:
    """The points of one publisher and year: one, unless the reports contradict each other."""
    rows, earlier = told.rows, told.earlier
    if len(reports) == 1 and reports[0].id not in earlier:  # nearly all are; the long way says the same
        said = rows.get(reports[0].reading, ())
        if len(said) == 1 and said[0]["value"] is not None:
            return [_point(reports[0], said[0], revised=False)]
    return _weighed(sorted(reports, key=lambda report: (_STATES.get(report.state, 2), report.id)), told)


def _weighed(reports: list[_Report], told: _Told) -> list[Point]:
    """The points of reports that may have been revised, or may contradict each other, in the order they are named."""
    rows, earlier = told.rows, told.earlier
    found: dict[Any, Point] = {}
    silent: list[Point] = []
    for report in reports:
        said = rows.get(report.reading, [])
        before = [_texts(rows.get(reading, [])) for reading in earlier.get(report.id, [])]
        revised = any(texts != _texts(said) for texts in before)
        for row in _spoken(said):
            found.setdefault((row["value"], row["unit"] or told.unit), _point(report, row, revised=revised))
        if not any(row["value"] is not None for row in said):
            silent.append(_point(report, _silence(said), revised=revised))
    points = list(found.values())
    if len(points) > 1:
        return [replace(point, status="ambiguous") for point in points]
    return points or silent[:1]


def _spoken(rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The rows that hold the number: those of the table, else those of the prose, else doubtful ones with a number."""
    for status in ("ok", "text", "ambiguous"):
        if found := [row for row in rows if row["status"] == status and row["value"] is not None]:
            return found
    return []


def _silence(rows: list[sqlite3.Row]) -> sqlite3.Row | None:
    """The row that tells best why there is no number."""
    order = ("ambiguous", "blank", "missing")
    known = [row for row in rows if row["status"] in order]
    return min(known, key=lambda row: order.index(row["status"]), default=None)


def _texts(rows: Iterable[sqlite3.Row]) -> set[tuple[Any, Any]]:
    return {(row["value"], row["raw"]) for row in rows}


def _point(report: _Report, row: sqlite3.Row | None, *, revised: bool) -> Point:
    assert report.year is not None
    number, value, status, printed, unit = _VALUE(row) if row is not None else _MISSING
    return Point(
        report.publisher,
        report.division,
        report.year,
        value,
        status,
        printed,
        unit,
        report.form,
        report.id,
        report.revision,
        number,
        revised,
        report.state,
    )


def _unit(series: Iterable[Series], label: Indicator) -> str | None:
    """The unit most numbers are printed in; the form's own where none names one."""
    units = Counter(point.unit for one in series for point in one.points if point.value is not None and point.unit)
    return units.most_common(1)[0][0] if units else label.unit or None


def _named(series: Sequence[Series]) -> list[Series]:
    """The series, with the division in the names that several bodies share."""
    count = Counter(one.name for one in series)
    return [replace(one, name=f"{one.name} {one.division or '—'}") if count[one.name] > 1 else one for one in series]
