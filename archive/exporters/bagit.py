"""A BagIt bag (RFC 8493): the reports' files under readable names, their texts and what is known of them, the tables.

``data/reports/<portal>/<year>/<report>-<title>/revision-<n>/`` holds each file as it was captured, ``report.txt`` and
``report.json``; ``data/tables/`` the CSV.  Names out of the archive are made safe (:mod:`archive.exporters.names`) and
numbered, so two files never meet; what a file was really called stands in ``report.json``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive import query
from archive.evidence import Log
from archive.exporters import tabular
from archive.exporters.names import safe_name
from archive.exporters.sinks import Sink
from archive.exporters.tables import of_revision, revisions
from archive.model import shown
from archive.times import shown_time

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from archive.exporters.interface import Job, Row

_SUFFIX = {"text/html": ".html", "application/pdf": ".pdf"}
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def write(job: Job, place: Path) -> Row:
    """Write the bag; returns the digest of its manifest."""
    with Sink(place) as sink:
        for report, n in revisions(job):
            _revision(job, sink, report, n)
            job.count("revisions")
        tabular.tables(job, sink, "data/tables/")
        payload = [0, 0]
        with sink.file("manifest-sha256.txt") as short:
            for item in sink.sums():
                payload = [payload[0] + item.size, payload[1] + 1]
                short.write(f"{item.sha256}  {item.name}\n".encode())
        with sink.file("manifest-sha512.txt") as long:
            for item in sink.sums():
                if item.name.startswith("data/"):
                    long.write(f"{item.sha512}  {item.name}\n".encode())
        sink.put("bagit.txt", _DECLARATION)
        sink.put("bag-info.txt", _info(job, payload))
        tags = [item for item in sink.sums() if not item.name.startswith("data/")]
        for name in ("sha256", "sha512"):
            text = "".join(f"{getattr(item, name)}  {item.name}\n" for item in tags)
            (place / f"tagmanifest-{name}.txt").write_text(text, "utf-8", newline="\n")
    job.counts["files"] = payload[1]
    return {"digest": f"sha256:{tags[0].sha256}"}


def _revision(job: Job, sink: Sink, report: Row, n: int) -> None:
    year = str(report["year"]) if report["year"] is not None else "unknown"
    folder = f"{report['id']:06d}-{safe_name(report['title'], 'report')}"
    base = f"data/reports/{safe_name(report['portal'], 'portal')}/{year}/{folder}/revision-{n}"
    found = []
    for position, part in enumerate(_parts(job, report["id"], n)):
        name = f"{base}/{position:02d}-{_name(part)}"
        body = job.payload(part["payload"]) if part["payload"] is not None else None
        if body is not None:
            sink.put(name, body)
        found.append({"file": name if body is not None else None, "url": part["url"], "name": part["name"]})
    reading = query.reading_of(job.sql, report["id"], n)
    data = job.reading(reading) if reading is not None else {}
    about = {
        **report,
        "title": data.get("title"),
        "revision": n,
        **{name: data.get(name) for name in ("sections", "contacts", "document_numbers")},
        "observations": list(of_revision(job, report, n)),
        "findings": query.findings_of(job.sql, reading) if reading is not None else [],
        "files": found,
    }
    sink.put(f"{base}/report.txt", (data.get("text") or "").encode("utf-8", "replace"))
    sink.put(f"{base}/report.json", json.dumps(about, ensure_ascii=False).encode("utf-8", "replace"))


def _parts(job: Job, report: int, n: int) -> list[sqlite3.Row]:
    return job.sql.execute(
        "SELECT role, url, revision_part.name, media_type, payload FROM revision_part JOIN revision ON"
        " revision.id=revision_part.revision JOIN resource ON resource.id=revision_part.resource WHERE report=? AND n=?"
        " ORDER BY position",
        (report, n),
    ).fetchall()


def _name(part: sqlite3.Row) -> str:
    """The name a file has in the bag: as the page calls it, else as its address ends."""
    called = part["name"] or part["url"].partition("?")[0].rstrip("/").rpartition("/")[2]
    name = safe_name(called, part["role"])
    suffix = _SUFFIX.get(part["media_type"], "")
    return name if "." in name or not suffix else name + suffix


def _info(job: Job, payload: list[int]) -> str:
    log = Log(job.sql)
    latest = job.sql.execute("SELECT max(coalesce(finished, started)) FROM crawl").fetchone()[0]
    operators = job.sql.execute("SELECT DISTINCT operator FROM crawl WHERE operator IS NOT NULL ORDER BY 1").fetchall()
    lines = [
        "Bag-Software-Agent: nianlun",
        f"Bagging-Date: {(shown_time(latest or 0) or '')[:10]}",
        *(f"Contact-Name: {' '.join(row[0].split())}" for row in operators),
        "External-Description: Annual reports of public bodies with every revision · 政府信息公开工作年度报告",
        f"External-Identifier: {shown(log.root())}",
        f"Internal-Sender-Description: log of {log.size} entries with the head above",
        f"Payload-Oxum: {payload[0]}.{payload[1]}",
    ]
    return "".join(f"{line}\n" for line in lines)
