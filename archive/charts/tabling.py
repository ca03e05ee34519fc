"""The table behind a chart: its columns, and a row for each point."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Any

from archive.exporters.cells import safe_cell
from archive.exporters.tables import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.charts.model import Chart, Point

Row = dict[str, Any]
COLUMNS = (
    Column("indicator", "text", "the indicator's code", "指标代码"),
    Column("publisher", "text", "the body that issued the report", "发布机关"),
    Column("division", "text", "GB/T 2260 code of its division", "行政区划代码（GB/T 2260）"),
    Column("year", "integer", "the year reported on", "报告年度"),
    Column("value", "number", "the number; empty when none is printed: blank is not zero", "数值；空白不等于零"),
    Column("status", "text", "ok, text (in prose), blank, ambiguous, missing (no such row)", "数值状态"),
    Column("raw", "text", "the text as printed", "原文"),
    Column("unit", "text", "the unit the form or the text names", "单位"),
    Column("form", "text", "the official form the report follows", "报表格式"),
    Column("state", "text", "present, missing, gone, moved, unreachable", "年报状态"),
    Column("report", "integer", "the report's number in this archive", "年报编号"),
    Column("revision", "integer", "which of its revisions says so, from 1", "修订版序号"),
    Column("revised", "integer", "1 if an earlier revision printed something else", "此前修订版原文不同则为1"),
    Column("observation", "integer", "the observation's number; `nianlun trace` takes it", "观测值编号"),
)


def rows(charts: Sequence[Chart]) -> list[Row]:
    """A row for each point of the charts, gaps included; the keys are those of :data:`COLUMNS`."""
    return [_row(chart, point) for chart in charts for point in chart.points]


def some_rows(charts: Sequence[Chart], first: int, count: int) -> list[Row]:
    """``count`` of the rows from the ``first`` on, for a page of them."""
    pairs = ((chart, point) for chart in charts for point in chart.points)
    return [_row(chart, point) for chart, point in islice(pairs, first, first + count)]


def _row(chart: Chart, point: Point) -> Row:
    return {
        "indicator": chart.indicator,
        "publisher": point.publisher,
        "division": point.division,
        "year": point.year,
        "value": point.value,
        "status": point.status,
        "raw": point.printed,
        "unit": point.unit,
        "form": point.form,
        "state": point.state,
        "report": point.report,
        "revision": point.revision,
        "revised": int(point.revised),
        "observation": point.observation,
    }


def as_csv(charts: Sequence[Chart]) -> bytes:
    """The table as CSV (RFC 4180), UTF-8; no cell is a formula to a spreadsheet."""
    names = [column.name for column in COLUMNS]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(names)
    for row in rows(charts):
        writer.writerow([safe_cell(row[name]) for name in names])
    return file.getvalue().encode("utf-8", "replace")


def as_parquet(charts: Sequence[Chart]) -> bytes:
    """The table as Parquet; raises :class:`archive.exporters.interface.MissingLibrary` without pyarrow."""
    from archive.exporters.parquet import library, single  # noqa: PLC0415  # pyarrow is an extra

    library()
    file = io.BytesIO()
    single(file, COLUMNS, rows(charts))
    return file.getvalue()
