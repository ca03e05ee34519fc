"""The archive from Python: ``nianlun.open(path)`` gives an :class:`Archive`, read-only, for notebooks and programs.

Tables come as pandas DataFrames with nullable types (``Int64``, ``Float64``, ``string``, times in UTC): a value that
is not printed is ``<NA>``, never 0.  :attr:`Archive.rows` gives the same as lists of dictionaries and needs no pandas.
Keys and columns are those of the commands' ``--json`` (docs/reference).

Errors are :class:`archive.connection.ArchiveError` (no archive, a foreign file, a missing library) and
:class:`LookupError` (no such report, observation or indicator); their messages say what to do.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

from archive import history, provenance, query
from archive.connection import open_reading
from archive.exporters.interface import MissingLibrary
from archive.times import parse_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    import pandas as pd

    from archive.charts import Chart, ChartKind
    from archive.exporters.tables import Column
    from archive.query import Row

Moment = str | date | datetime
"""A time: ``2024-03-01`` means the end of that day (UTC), as in the commands; a datetime must know its zone."""


def moment(when: Moment | None) -> int | None:
    """A time as the archive keeps it: milliseconds since 1970 UTC; raises ValueError for one that cannot be read.

    >>> moment("2024-01-01T00:00Z")
    1704067200000
    """
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise ValueError(f"{when} has no time zone; write datetime(..., tzinfo=UTC).")
        return round(when.astimezone(UTC).timestamp() * 1000)
    if when is None:
        return None
    return parse_time(when.isoformat() if isinstance(when, date) else when)


def _filters(filters: dict[str, Any]) -> query.Filters:
    known = {"publisher", "year", "portal", "kind", "state", "report", "at"}
    unknown = sorted(set(filters) - known)
    if unknown:
        raise TypeError(f"There is no filter {unknown[0]!r}; there are {', '.join(sorted(known))}.")
    return query.Filters(**{**filters, "at": moment(filters.get("at"))})


class Rows:
    """Tables as lists of dictionaries: the rows that the commands print with ``--json``."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def reports(self, **filters: Any) -> list[Row]:
        """See :meth:`Archive.reports`."""
        return query.reports(self._sql, _filters(filters))

    def observations(
        self, indicator: str | None = None, *, revision: str | int = "latest", wide: bool = False, **filters: Any
    ) -> list[Row]:
        """See :meth:`Archive.observations`."""
        return self.observed(indicator, revision, wide=wide, filters=filters)[1]

    def observed(
        self, indicator: str | None, revision: str | int, *, wide: bool, filters: dict[str, Any]
    ) -> tuple[list[str], list[Row]]:
        """The names of the columns (of the wide form; else none) and the rows."""
        rows = query.observations(self._sql, _filters(filters), indicator=indicator, revision=str(revision))
        if not wide:
            return [], rows
        from archive.exporters.wide import LOCAL  # noqa: PLC0415
        from archive.exporters.wide import wide as widened  # noqa: PLC0415

        return widened(rows, local=(indicator or "").startswith(LOCAL))

    def findings(self, **filters: Any) -> list[Row]:
        """See :meth:`Archive.findings`."""
        return query.findings(self._sql, _filters(filters))

    def changes(self, since: Moment | None = None, crawl: int | None = None) -> list[Row]:
        """See :meth:`Archive.changes`."""
        return query.changes(self._sql, since=moment(since), crawl=crawl)

    def search(self, words: str, *, limit: int = 20, **filters: Any) -> list[Row]:
        """See :meth:`Archive.search`."""
        return query.found(self._sql, words, _filters(filters), limit)

    def history(self, name: str | int) -> list[Row]:
        """See :meth:`Archive.history`."""
        return history.history(self._sql, str(name))


class Archive:
    """An archive, opened read-only; nothing it does changes the file.

    >>> import nianlun
    >>> with nianlun.open("nianlun.db") as archive:
    ...     archive.reports(year=2023)[["publisher", "year", "state", "revisions"]]
      publisher  year    state  revisions
    0     测试商务厅  2023  present          2

    Raises :class:`archive.connection.ArchiveError` where there is no archive.
    """

    def __init__(self, path: str | Path) -> None:
        self._sql = open_reading(path)
        self.path = path
        self.rows = Rows(self._sql)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"nianlun.open({str(self.path)!r})"

    def close(self) -> None:
        """Close the file; what was asked before stays valid."""
        self._sql.close()

    def reports(self, **filters: Any) -> pd.DataFrame:
        """The reports, one row each; filters are ``publisher`` (a part of the name), ``year``, ``portal``, ``kind``, ``state``, ``at``.

        >>> archive = nianlun.open("nianlun.db")
        >>> archive.reports(publisher="商务厅").year.tolist()
        [2021, 2022, 2023]
        """
        from archive.exporters.tables import REPORTS  # noqa: PLC0415

        return frame(self.rows.reports(**filters), REPORTS)

    def observations(
        self, indicator: str | None = None, *, revision: str | int = "latest", wide: bool = False, **filters: Any
    ) -> pd.DataFrame:
        """The figures: one row for each indicator and report; ``wide``: one row a revision, one column an indicator.

        ``indicator`` is a code or the beginning of codes, ``revision`` is ``latest``, ``all`` or a number; filters as for
        :meth:`reports`.  A cell that prints no number is ``<NA>``:

        >>> archive.observations("applications", year=2023)[["indicator", "value", "status"]]
                               indicator  value status
        0    applications.received.total    7.0     ok
        1  applications.carried_in.total   <NA>  blank
        >>> archive.observations(wide=True)[["year", "applications.received.total"]]
           year  applications.received.total
        0  2021                          3.0
        1  2022                          0.0
        2  2023                          7.0
        """
        from archive.exporters.parquet import LONG, wide_columns  # noqa: PLC0415

        names, rows = self.rows.observed(indicator, revision, wide=wide, filters=filters)
        return frame(rows, wide_columns(names) if wide else LONG)

    def findings(self, **filters: Any) -> pd.DataFrame:
        """The recorded doubts about the newest revisions; filters as for :meth:`reports`.

        >>> archive.findings(year=2023)[["rule", "level"]]
             rule  level
        0  T3-COL  error
        """
        from archive.exporters.tables import FINDINGS  # noqa: PLC0415

        return frame(self.rows.findings(**filters), FINDINGS)

    def changes(self, since: Moment | None = None, crawl: int | None = None) -> pd.DataFrame:
        """What was published, edited, withdrawn, in the order it was seen.

        >>> archive.changes()[["event", "revision"]].to_dict("list")
        {'event': ['new', 'new', 'new', 'changed'], 'revision': [1, 1, 1, 2]}
        """
        from archive.exporters.tables import CHANGES  # noqa: PLC0415

        return frame(self.rows.changes(since, crawl), CHANGES)

    def search(self, words: str, *, limit: int = 20, **filters: Any) -> pd.DataFrame:
        """Reports whose text matches, newest first; the language is that of ``nianlun search``.

        >>> archive.search("信息公开 NOT 复议", year=2022).year.tolist()
        [2022]
        """
        return frame(self.rows.search(words, limit=limit, **filters), ())

    def history(self, name: str | int) -> pd.DataFrame:
        """Every capture of a report's addresses, or of any archived address, oldest first.

        >>> archive.history("测试商务厅:2023").event.tolist()
        ['new', 'changed']
        """
        return frame(self.rows.history(name), ())

    def report(self, name: str | int, revision: int | None = None) -> Row:
        """A report with text, sections, figures and findings, as its newest or its n-th revision states it.

        ``name`` is an id, an address, or ``publisher:year``; raises LookupError when it names none, or several.

        >>> archive.report("测试商务厅:2023")["revision"]
        2
        """
        return history.show(self._sql, str(name), n=revision)

    def at(self, name: str | int, when: Moment) -> Row:
        """A report as it stood at a time; of an address that is no report's, the capture that shows it.

        Raises LookupError when nothing was known by then.

        >>> before_the_edit = archive.report("测试商务厅:2023", revision=1)["captured"]
        >>> archive.at("测试商务厅:2023", before_the_edit)["observations"][0]["value"]
        5
        """
        until = moment(when)
        assert until is not None
        try:
            return history.show(self._sql, str(name), at=until)
        except history.NoSuchReport:
            capture = history.as_of(self._sql, str(name), until) if "://" in str(name) else None
            if capture is None:
                raise
            return capture

    def diff(self, name: str | int, before: int | None = None, after: int | None = None) -> Row:
        """What differs between two revisions of a report (the last two by default): ``text`` and ``observations``.

        >>> [(row["before"], row["after"]) for row in archive.diff("测试商务厅:2023")["observations"]]
        [(5, 7)]
        """
        return history.diff(self._sql, str(name), before, after)

    def trace(self, observation: int) -> Row:
        """Walk a figure back: value, cell, conversion, payload, capture, crawl; raises LookupError.

        >>> archive.trace(1)["cell"]["path"]
        'table[1]/tr[2]/td[3]'
        """
        return provenance.trace(self._sql, int(observation))

    def raw(self, name: str | int, revision: int | None = None) -> bytes:
        """The bytes of a report's page as they were fetched, checked against their digest.

        >>> archive.raw("测试商务厅:2023")[:6]
        b'<html>'
        """
        return history.raw(self._sql, str(name), n=revision)

    def chart(
        self,
        *indicators: str,
        kind: ChartKind = "line",
        publisher: str | Sequence[str] = (),
        division: str | None = None,
        year: int | None = None,
        since: int | None = None,
        until: int | None = None,
        at: Moment | None = None,
        lang: str = "zh",
    ) -> Picture:
        """A chart of indicators; a notebook shows it.  ``since`` and ``until`` are years reported on.

        >>> picture = archive.chart("applications.received.total", publisher="测试商务厅")
        >>> picture.frame[["year", "value"]].values.tolist()
        [[2021, 3.0], [2022, 0.0], [2023, 7.0]]
        >>> picture.svg[:4]
        '<svg'
        """
        from archive.charts import DEFAULT, Question, charts  # noqa: PLC0415

        names = (publisher,) if isinstance(publisher, str) else tuple(publisher)
        wanted = indicators or (DEFAULT,)
        return Picture(charts(self._sql, Question(wanted, kind, names, division, year, since, until, moment(at))), lang)


class Picture:
    """A chart that was asked for: as a drawing, as a table, as a specification, as a file."""

    def __init__(self, charts: Sequence[Chart], lang: str = "zh") -> None:
        self.charts = tuple(charts)
        self.lang = lang

    @property
    def svg(self) -> str:
        """The drawing as SVG."""
        from archive.charts import svg  # noqa: PLC0415

        return svg(self.charts, lang=self.lang)

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg

    @property
    def rows(self) -> list[Row]:
        """The table behind the drawing, gaps included."""
        from archive.charts.tabling import rows  # noqa: PLC0415

        return rows(self.charts)

    @property
    def frame(self) -> pd.DataFrame:
        """The table behind the drawing as a DataFrame."""
        from archive.charts.tabling import COLUMNS  # noqa: PLC0415

        return frame(self.rows, COLUMNS)

    @property
    def vega_lite(self) -> Row:
        """The same as a specification of Vega-Lite 5, data inside."""
        from archive.charts.vega import vega_lite  # noqa: PLC0415

        return vega_lite(self.charts, lang=self.lang)

    def save(self, file: str | Path) -> None:
        """Write a file that must not exist; its ending says which: .svg, .png, .csv, .parquet, .vl.json.

        Raises ValueError for another ending, :class:`archive.exporters.interface.DestinationTaken`.
        """
        from pathlib import Path  # noqa: PLC0415

        from archive.charts.files import FORMATS, format_of, written  # noqa: PLC0415
        from archive.exporters.interface import placed  # noqa: PLC0415

        form = format_of(str(file))
        if form is None:
            raise ValueError(f"{file} ends in none of {', '.join(one.suffix for one in FORMATS.values())}.")
        with placed(Path(file), "chart") as partial:
            partial.write_bytes(written(self.charts, form, lang=self.lang))


def _pandas() -> Any:
    try:
        import pandas as pd  # noqa: PLC0415  # an extra: the rows need none
    except ImportError as error:
        raise MissingLibrary(
            "DataFrames need the library pandas; install it with `pip install nianlun[frames]`, or ask `.rows` for plain lists."
        ) from error
    return pd


_TYPES = {"integer": "Int64", "number": "Float64", "text": "string", "json": "object"}


def frame(rows: Sequence[Row], columns: Iterable[Column]) -> pd.DataFrame:
    """Rows as a DataFrame: the known columns in their types, then whatever else the rows have.

    Raises :class:`archive.exporters.interface.MissingLibrary` without pandas.
    """
    pd = _pandas()
    types = {column.name: column.type for column in columns}
    names = dict.fromkeys([*types, *(name for row in rows[:1] for name in row)])
    found = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if types.get(name) == "time":
            found[name] = pd.to_datetime(pd.Series(values, dtype="string"), utc=True, format="ISO8601")
        elif name in types:
            found[name] = pd.Series(values, dtype=_TYPES[types[name]])
        else:
            found[name] = pd.Series(values, dtype="object").convert_dtypes()
    return pd.DataFrame(found, columns=list(names))
