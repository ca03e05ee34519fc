"""A bundle: evidence, data, data dictionary, checksums and a program that checks them without ours.

::

    README.txt              what this is and how to check it
    verify_bundle.py        the check, of Python's standard library alone
    SHA256SUMS              every file's digest, as sha256sum reads it
    head.json               the log's size and root all proofs lead to
    evidence/records.jsonl  captures, revisions and readings: record, leaf, entry, path to the head
    evidence/payloads/      the captured bytes, named by their SHA-256
    data/*.csv, *.parquet   the tables
    dictionary/*.csv        every column and every indicator, in English and Chinese

A capture's line carries its headers, too, and a reading's line the figures it was logged with, so a number in the
CSV can be followed to a leaf.  ``DEST.zip`` gives a zip, any other name a folder.
"""

from __future__ import annotations

import base64
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from archive import evidence, leaves
from archive.exporters import dictionary, parquet, tables, tabular
from archive.exporters.sinks import Sink, ZipSink, lines_of
from archive.model import shown
from archive.times import EVER, shown_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from archive.exporters.interface import Job, Row

README = """年轮 nianlun: annual reports of public bodies, with their evidence · 政府年度报告及其证据

Check everything in this folder with Python 3.9 or newer; nothing has to be installed:
用 Python 3.9 以上版本核对本文件夹，无需安装任何软件：

    python3 -I verify_bundle.py
    python3 -I verify_bundle.py --head sha256:...      against a head that you kept elsewhere · 与另存的日志头核对

Without --head the check shows that nothing here was changed by accident and that everything belongs to one log.
Only a head that was kept elsewhere shows that the whole log was not made anew.

data/          reports, observations, changes, findings · 年报、数值、变动、疑点
dictionary/    what every column and every indicator means · 各列与各指标的含义
evidence/      the captured bytes, and records with their proofs (RFC 6962) · 原始字节、记录与证明
In the CSV an apostrophe stands before text that a spreadsheet would take for a formula.
"""


def write(job: Job, place: Path) -> Row:
    """Write the folder or zip; returns the head."""
    zipped = job.destination.suffix.lower() == ".zip"
    log = evidence.Log(job.sql)
    latest = job.sql.execute("SELECT max(at) FROM head").fetchone()[0]
    which = meant(job)
    head = {"size": log.size, "root": shown(log.root()), "at": shown_time(latest)}
    with (ZipSink if zipped else Sink)(place) as sink:
        sink.put("README.txt", README)
        sink.put("verify_bundle.py", (files("archive.exporters") / "verify_bundle.py").read_text("utf-8"))
        sink.put("head.json", json.dumps(head, indent=1) + "\n")
        _payloads(job, sink, which)
        with sink.file("evidence/records.jsonl") as file:
            for line in lines_of(_records(job, log, which)):
                file.write(line)
        tabular.tables(job, sink, "data/")
        if parquet.available():
            _parquet(job, sink)
        sink.put("dictionary/columns.csv", dictionary.columns())
        sink.put("dictionary/indicators.csv", dictionary.indicators())
        with sink.file("SHA256SUMS") as sums:
            for item in sink.sums():
                sums.write(f"{item.sha256}  {item.name}\n".encode())
    return {"head": head["root"], "log_size": head["size"]}


def _parquet(job: Job, sink: Sink) -> None:
    for name, (columns, rows) in tables.TABLES.items():
        with sink.file(f"data/{name}.parquet", squeeze=False) as file:
            parquet.single(file, columns, rows(job))


# ---------------------------------------------------------------- evidence


class Meant(NamedTuple):
    """Conditions on the tables capture and revision, and their values: everything, or what concerns the reports meant."""

    captures: str = "1"
    revisions: str = "1"
    values: tuple[Any, ...] = ()


def meant(job: Job) -> Meant:
    """What evidence is meant: of a report, every capture of every address it or one of its files had.

    Also the visits that found nothing new, and those that found nothing.
    """
    if job.scope.whole():
        return Meant()
    ids = json.dumps([row["id"] for row in tables.reports(job)])
    until = job.scope.filters.at if job.scope.filters.at is not None else EVER
    these = "(SELECT value FROM json_each(?1))"
    captures = (
        "capture.at<=?2 AND capture.resource IN (SELECT resource FROM revision_part JOIN revision ON"
        f" revision.id=revision_part.revision WHERE revision.report IN {these} UNION SELECT resource FROM report WHERE"
        f" id IN {these})"
    )
    return Meant(captures, f"revision.report IN {these} AND revision.at<=?2", (ids, until))


def _payloads(job: Job, sink: Sink, which: Meant) -> None:
    """Write each payload of the captures meant once, under its digest."""
    rows = job.sql.execute(
        f"SELECT id, digest FROM payload WHERE id IN (SELECT payload FROM capture WHERE {which.captures}) ORDER BY id",
        which.values,
    )
    for number, digest in rows:
        body = job.payload(number)
        if body is not None:
            name = digest.hex()
            sink.put(f"evidence/payloads/{name[:2]}/{name}", body)
            job.count("payloads")


def _records(job: Job, log: evidence.Log, which: Meant) -> Iterator[Row]:
    sql = job.sql
    for (number,) in sql.execute(f"SELECT id FROM capture WHERE {which.captures} ORDER BY id", which.values):
        yield from _record(job, log, evidence.CAPTURE, number, leaves.capture(sql, number), _headers(job, number))
    for (number,) in sql.execute(
        f"SELECT id FROM revision WHERE {which.revisions} AND home<>0 ORDER BY id", which.values
    ):
        yield from _record(job, log, evidence.REVISION, number, leaves.revision(sql, number), {})
    readings = (
        "SELECT reading.id FROM reading JOIN revision ON revision.id=reading.revision WHERE"
        f" {which.revisions} ORDER BY reading.id"
    )
    for (number,) in sql.execute(readings, which.values):
        figures = {"figures": leaves.figures(sql, number).decode("utf-8", "surrogatepass")}
        yield from _record(job, log, evidence.READING, number, leaves.reading(sql, number), figures)


def _record(job: Job, log: evidence.Log, kind: int, number: int, record: Row, more: Row) -> Iterator[Row]:
    """A record with its proof; a record that is not what was logged becomes a problem of the export and is told all the same."""
    row: sqlite3.Row | None = job.sql.execute(
        "SELECT seq, leaf FROM log WHERE kind=? AND row=? ORDER BY seq LIMIT 1", (kind, number)
    ).fetchone()
    name = evidence.KINDS[kind]
    if row is None:
        job.problems.append(f"{name} {number} is not in the log")
        return
    text = evidence.canonical(record)
    if evidence.leaf_hash(record) != row["leaf"]:
        job.problems.append(f"{name} {number} is not what was logged as entry {row['seq']}")
    job.count(f"{name}s")
    yield {
        "kind": name,
        "number": number,
        "record": text.decode("utf-8", "surrogatepass"),
        "leaf": shown(row["leaf"]),
        "entry": row["seq"],
        "path": [shown(step) for step in log.proof(row["seq"], log.size)],
        **more,
    }


def _headers(job: Job, capture: int) -> dict[str, Any]:
    """A capture's headers in full, and the stored form of the response's, which is what the record has the digest of."""
    row = job.sql.execute(
        "SELECT response_headers, headers.data AS sent FROM capture LEFT JOIN headers ON headers.id=request_headers WHERE"
        " capture.id=?",
        (capture,),
    ).fetchone()
    return {
        "request_headers": job.headers(row["sent"], f"the request of capture {capture}"),
        "response_headers": job.headers(row["response_headers"], f"capture {capture}"),
        "response_stored": base64.b64encode(row["response_headers"] or b"").decode(),
    }
