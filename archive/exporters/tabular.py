"""CSV (RFC 4180) of every table: UTF-8, a header line, CRLF, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from archive.exporters.cells import safe_cell
from archive.exporters.sinks import Sink
from archive.exporters.tables import TABLES, counted

if TYPE_CHECKING:
    from pathlib import Path

    from archive.exporters.interface import Job
    from archive.exporters.sinks import Hashed


def write(job: Job, place: Path) -> None:
    """Write the folder: ``reports.csv``, ``observations.csv``, ``changes.csv``, ``findings.csv``."""
    with Sink(place) as sink:
        tables(job, sink)


def tables(job: Job, sink: Sink, folder: str = "") -> None:
    """Write every table into a sink."""
    for name in TABLES:
        with sink.file(f"{folder}{name}.csv") as file:
            table(job, name, file)


def table(job: Job, name: str, file: Hashed) -> None:
    """Write one table; a JSON column holds JSON text, a missing value is an empty cell."""
    columns = [column.name for column in TABLES[name][0]]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if job.scope.bom:
        text.write("\ufeff")
    writer.writerow(columns)
    for row in counted(job, name):
        writer.writerow([safe_cell(row.get(column)) for column in columns])
        if text.tell() > 1 << 18:
            _flush(text, file)
    _flush(text, file)


def _flush(text: io.StringIO, file: Hashed) -> None:
    file.write(text.getvalue().encode("utf-8", "replace"))
    text.seek(0)
    text.truncate()
