"""Parquet of every table: observations in one folder a year (Hive style), the other tables one file each.

``observations/year=2020/part-0.parquet``: DuckDB, Spark and Arrow read the year from the folder's name, so the files
do not hold it again; a year that is not known is ``__HIVE_DEFAULT_PARTITION__``, which they read as null.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

from archive.exporters.interface import MissingLibrary
from archive.exporters.tables import TABLES, Column, counted
from archive.exporters.wide import LISTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from archive.exporters.interface import Job, Row
    from archive.exporters.sinks import Hashed

BATCH = 10_000
"""Rows written at once; one batch a year lies in memory."""
UNKNOWN = "__HIVE_DEFAULT_PARTITION__"


def library() -> tuple[Any, Any]:
    """The library pyarrow and its Parquet module; raises :class:`MissingLibrary`."""
    try:
        import pyarrow  # noqa: ICN001, PLC0415  # an extra: most uses need none
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise MissingLibrary(
            "Parquet needs the library pyarrow; install it with `pip install nianlun[tables]`, or export csv."
            " · 导出 Parquet 需要 pyarrow。"
        ) from error
    return pyarrow, pyarrow.parquet


def available() -> bool:
    """Whether Parquet can be written here."""
    try:
        library()
    except MissingLibrary:
        return False
    return True


_MORE = ("place", "reading", "digest", "capture", "file_captured")
LONG = tuple(column for column in TABLES["observations"][0] if column.name not in _MORE)
"""The columns of ``nianlun observations``."""


def wide_columns(names: Sequence[str]) -> list[Column]:
    """The columns of :mod:`archive.exporters.wide`: keys as elsewhere, a number for each indicator, the lists as JSON."""
    keys = {column.name: column for column in LONG}
    lists = {name: Column(name, "json", f"indicators that are {name}", "该状态的指标") for name in LISTS}
    return [{**keys, **lists}.get(name) or Column(name, "number", name, name) for name in names]


class Table:
    """One Parquet file being written, batch by batch; ``file`` is a path or a file that only grows."""

    def __init__(self, file: str | IO[bytes] | Hashed, columns: Sequence[Column]) -> None:
        self._arrow, parquet = library()
        self._columns = columns
        self._schema = self._arrow.schema(
            [self._arrow.field(column.name, self._type(column), metadata=_said(column)) for column in columns]
        )
        self._rows: list[Row] = []
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd", store_schema=True)

    def _type(self, column: Column) -> Any:
        types = {
            "integer": self._arrow.int64(),
            "number": self._arrow.float64(),
            "time": self._arrow.timestamp("ms", "UTC"),
        }
        return types.get(column.type, self._arrow.string())

    def add(self, row: Row) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            arrays = [
                self._arrow.array([_value(column, row.get(column.name)) for row in self._rows], self._type(column))
                for column in self._columns
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
            self._rows = []

    def close(self) -> None:
        """Write what is left and the file's end."""
        try:
            self._flush()
            self._writer.close()
        except BaseException:
            self._writer.is_open = False  # else its destructor tries again, and complains on standard error
            raise


def _said(column: Column) -> dict[str, str]:
    return {"description": column.en, "description_zh": column.zh}


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type == "time":
        return datetime.fromisoformat(value).astimezone(UTC)
    if column.type in ("integer", "number"):
        return float(value) if column.type == "number" else int(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


def write(job: Job, place: Path) -> None:
    """Write the folder; raises :class:`MissingLibrary` before anything is written."""
    library()
    place.mkdir()
    partitioned(job, place / "observations")
    for name in ("reports", "changes", "findings"):
        single(str(place / f"{name}.parquet"), TABLES[name][0], counted(job, name))


def single(file: str | IO[bytes] | Hashed, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Write rows into one file."""
    table = Table(file, columns)
    try:
        for row in rows:
            table.add(row)
    finally:
        table.close()


def partitioned(job: Job, folder: Path) -> None:
    """Write the observations, one folder a year."""
    columns = [column for column in TABLES["observations"][0] if column.name != "year"]
    years: dict[int | None, Table] = {}
    folder.mkdir()
    with ExitStack() as stack:
        for row in counted(job, "observations"):
            year = row["year"]
            if year not in years:
                part = folder / f"year={UNKNOWN if year is None else year}"
                part.mkdir()
                years[year] = Table(str(part / "part-0.parquet"), columns)
                stack.callback(years[year].close)
            years[year].add(row)
