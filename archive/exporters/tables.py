"""The tables researchers take away: their columns, and their rows, one report after the other.

A column says here once what it holds; CSV, Parquet and the data dictionary follow it.  Rows come portal by portal,
then by publisher and year, and never lie in memory for more than one portal's reports.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from archive import query
from archive.exporters.interface import narrowed
from archive.model import shown
from archive.readers import label
from archive.times import shown_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.exporters.interface import Job, Row

Type = Literal["integer", "number", "text", "json", "time"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the type of its values (null where there is none), its meaning in both languages."""

    name: str
    type: Type
    en: str
    zh: str


_REPORT = (
    Column("report", "integer", "the report's number in this archive", "年报在本档案库中的编号"),
    Column("url", "text", "the report's address", "年报网址"),
)
_WHO = (
    Column("publisher", "text", "the body that issued the report", "发布机关"),
    Column("division", "text", "GB/T 2260 code of its division, six digits", "行政区划代码（GB/T 2260，六位）"),
    Column("year", "integer", "the year reported on", "报告年度"),
)
_REVISION = Column("revision", "integer", "the n-th distinct content of the report, from 1", "修订版序号，从1起")

REPORTS = (
    Column("id", "integer", "the report's number in this archive; `report` in the other tables", "年报编号，即其他表中的 report"),
    Column("portal", "text", "the portal's name in the register", "门户名称"),
    _REPORT[1],
    Column("title", "text", "the report's title", "标题"),
    *_WHO,
    Column("kind", "text", "disclosure, rule-of-law, website, accounts, other-annual", "年报种类"),
    Column("form", "text", "the official form its tables follow: 2014, 2019, 2021, mixed, free", "报表格式"),
    Column("published", "text", "the day it was published, as the page prints it", "发布日期（页面所载）"),
    Column("written", "text", "the day it was signed, as the text prints it", "落款日期"),
    Column("state", "text", "present, missing, gone, moved, unreachable", "状态"),
    Column("revisions", "integer", "how many revisions are known", "已知修订版数"),
    Column("first_seen", "time", "when it was first captured", "首次捕获时间"),
    Column("last_seen", "time", "when it was last captured", "最近捕获时间"),
    Column("attachments", "json", "its attachments: address, name, media type, digest", "附件"),
    Column("findings", "integer", "recorded doubts about the newest revision", "疑点数"),
    Column("moved_to", "integer", "the report it moved to", "移至的年报编号"),
)  # fmt: skip
OBSERVATIONS = (
    Column("id", "integer", "the observation's number; `nianlun trace` takes it", "观测值编号"),
    *_REPORT,
    *_WHO,
    _REVISION,
    Column("indicator", "text", "the indicator's code; see indicators", "指标代码"),
    Column("value", "number", "the number; empty when none is printed: blank is not zero", "数值；空白不等于零"),
    Column("status", "text", "ok, text (in prose), blank, ambiguous, missing", "数值状态"),
    Column("raw", "text", "the text as printed", "原文"),
    Column("unit", "text", "the unit the form or the text names", "单位"),
    Column("source", "text", "page, or the attachment's address", "出处：正文页或附件网址"),
    Column("place", "json", "the cell or the span of text it stands in", "所在单元格或文本位置"),
    Column("captured", "time", "when the revision was captured", "该修订版的捕获时间"),
    Column("software", "text", "the program that read it, with its version", "解读软件及版本"),
    Column("reading", "integer", "the reading it belongs to", "解读编号"),
    Column("digest", "text", "SHA-256 of the file it stands in", "所在文件的 SHA-256"),
    Column("capture", "integer", "the capture that brought the file", "该文件的捕获编号"),
    Column("file_captured", "time", "when the file was captured", "该文件的捕获时间"),
)
CHANGES = (
    _REPORT[1],
    _REPORT[0],
    Column("event", "text", "new, changed, cosmetic, missing, gone, back, moved", "事件"),
    Column("crawl", "integer", "the crawl that saw it", "采集编号"),
    Column("seen", "time", "when it was seen", "发现时间"),
    _REVISION,
    Column("summary", "text", "what changed, in words", "变动摘要"),
    Column("observations", "json", "the figures before and after", "变动前后的数值"),
    Column("last_seen", "time", "for an absence: when it was last there", "消失前最后一次见到的时间"),
    Column("first_gone", "time", "for an absence: when it was first not there", "首次消失的时间"),
)
FINDINGS = (
    *_REPORT,
    _WHO[0],
    _WHO[2],
    _REVISION,
    Column("rule", "text", "the rule that was not met", "规则"),
    Column("level", "text", "error, warning, info", "级别"),
    Column("message", "text", "the doubt in words", "说明"),
    Column("indicators", "json", "the indicators concerned", "涉及的指标"),
)


def portals(job: Job) -> list[str]:
    """The portals meant, by name."""
    wanted = job.scope.filters.portal
    return [
        row[0]
        for row in job.sql.execute("SELECT name FROM portal WHERE ? IS NULL OR name=? ORDER BY name", (wanted, wanted))
    ]


def reports(job: Job) -> Iterator[Row]:
    """The reports meant, as ``nianlun reports`` lists them; ``revisions`` counts those known at the scope's time."""
    for portal in portals(job):
        yield from query.reports(job.sql, narrowed(job.scope, portal=portal))


def revisions(job: Job) -> Iterator[tuple[Row, int]]:
    """The revisions meant: each report with the number of one of its revisions."""
    for report in reports(job):
        newest = report["revisions"]
        for n in range(1 if job.scope.revision == "all" else newest, newest + 1):
            yield report, n


def observations(job: Job) -> Iterator[Row]:
    """The observations of the revisions meant, each with where it stands, in which file, captured when, read by whom."""
    for report, n in revisions(job):
        yield from of_revision(job, report, n)


def of_revision(job: Job, report: Row, n: int) -> Iterator[Row]:
    """The observations of one revision: the rows of ``nianlun observations`` and their evidence.

    One reading after the other, where :func:`archive.query.observations` asks for all at once.
    """
    reading = query.reading_of(job.sql, report["id"], n)
    if reading is None:
        return
    read = job.sql.execute(
        "SELECT publisher, division, year, revision.at, name, version, parameters FROM reading JOIN revision ON"
        " revision.id=reading.revision JOIN software ON software.id=reading.software WHERE reading.id=?",
        (reading,),
    ).fetchone()
    about = {
        "report": report["id"],
        "url": report["url"],
        **{name: read[name] for name in ("publisher", "division", "year")},
        "revision": n,
        "captured": shown_time(read["at"]),
        "software": label(read["name"], read["version"], read["parameters"]),
        "reading": reading,
    }
    files = _files(job, reading)
    for row in job.sql.execute(
        "SELECT observation.id, code AS indicator, value, status, raw, unit, part, text FROM observation JOIN indicator ON"
        " indicator.id=observation.indicator JOIN place ON place.id=observation.place WHERE reading=? ORDER BY observation.id",
        (reading,),
    ):
        own = {name: row[name] for name in ("id", "indicator", "value", "status", "raw", "unit")}
        yield {**about, **own, **files.get(row["part"], {}), "place": json.loads(row["text"])}


def _files(job: Job, reading: int) -> dict[int, Row]:
    """By position, the address of the file, its digest and the capture it came by."""
    rows = job.sql.execute(
        "SELECT position, url, payload.digest, capture.id AS capture, capture.at FROM reading JOIN revision_part ON"
        " revision_part.revision=reading.revision JOIN resource ON resource.id=revision_part.resource LEFT JOIN payload ON"
        " payload.id=revision_part.payload LEFT JOIN capture ON capture.id=revision_part.capture WHERE reading.id=?",
        (reading,),
    )
    return {
        row["position"]: {
            "source": row["url"] if row["position"] else "page",
            "digest": shown(row["digest"]) if row["digest"] else None,
            "capture": row["capture"],
            "file_captured": shown_time(row["at"]),
        }
        for row in rows
    }


def changes(job: Job) -> Iterator[Row]:
    """What happened to the reports meant, crawl by crawl, up to the scope's time."""
    until = shown_time(job.scope.filters.at)
    wanted = None if job.scope.whole() else {row["id"] for row in reports(job)}
    for (crawl,) in job.sql.execute("SELECT id FROM crawl ORDER BY id").fetchall():
        for row in query.changes(job.sql, crawl=crawl):
            if (wanted is None or row["report"] in wanted) and (until is None or row["seen"] <= until):
                yield row


def findings(job: Job) -> Iterator[Row]:
    """The findings of the newest revisions of the reports meant."""
    for portal in portals(job):
        yield from query.findings(job.sql, narrowed(job.scope, portal=portal))


TABLES = {
    "reports": (REPORTS, reports),
    "observations": (OBSERVATIONS, observations),
    "changes": (CHANGES, changes),
    "findings": (FINDINGS, findings),
}
"""Every table: its columns and what gives its rows."""


def counted(job: Job, name: str) -> Iterator[Row]:
    """A table's rows, counted as they pass."""
    for row in TABLES[name][1](job):
        job.count(name)
        yield row
