"""``/figure/ID``: one observation, where it stands in the original, and everything between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive import proofs
from archive.forms import label
from archive.grids import lines
from archive.history import conversions, reading_data
from archive.payloads import Payloads
from archive.provenance import prov, trace
from archive.times import EVER
from archive.web.exchange import Answer, NotHere, as_json
from archive.web.render import page

if TYPE_CHECKING:
    import sqlite3

    from archive.web.exchange import Ask, Routes

Row = dict[str, Any]
_MEANT = "+observation.indicator=(SELECT id FROM indicator WHERE code=?)"
"""Of a reading's observations those of a code; the plus keeps SQLite from going through all that the code ever had."""
AROUND = 400
"""Characters of the text before and after a figure that stands in prose."""


def figure(ask: Ask) -> Answer:
    """The page of one observation."""
    number = int(ask.groups["id"])
    chain = trace(ask.sql, number)
    source = _source(ask.sql, number)
    if ask.at is not None and source["at"] > ask.at:
        raise NotHere("This figure was not known yet on that day. · 该日尚无此值。")
    proof = proofs.proof(ask.sql, chain["capture"]["id"])
    return page(
        ask,
        "figure.html",
        chain=chain,
        label=label(chain["observation"]["indicator"], ask.language),
        grid=_grid(ask.sql, source, chain),
        passage=_passage(ask.sql, source, chain["cell"]),
        marked=_shape(ask, chain),
        revisions=_revisions(ask.sql, source, chain["observation"]["indicator"], ask.at),
        years=_years(ask.sql, source, chain["observation"]["indicator"], ask.at),
        proof=proof,
        findings=_findings(ask.sql, source["reading"], chain["observation"]["indicator"]),
    )


def _source(sql: sqlite3.Connection, observation: int) -> sqlite3.Row:
    row: sqlite3.Row = sql.execute(
        "SELECT observation.part, observation.reading, observation.indicator, revision.report, revision.at, resource.url, reading.publisher,"
        " reading.kind FROM observation JOIN reading ON reading.id=observation.reading JOIN revision ON"
        " revision.id=reading.revision LEFT JOIN revision_part ON revision_part.revision=revision.id AND"
        " position=observation.part LEFT JOIN resource ON resource.id=revision_part.resource WHERE observation.id=?",
        (observation,),
    ).fetchone()
    return row


def _grid(sql: sqlite3.Connection, source: sqlite3.Row, chain: Row) -> Row | None:
    """The table the figure stands in, by lines of cells, its own marked; None for a figure from the text."""
    cell = chain["cell"]
    if "table" not in cell:
        return None
    where = source["url"] if source["part"] else "page"
    for url, member, conversion in conversions(reading_data(sql, source["reading"])):
        found = conversion.get("grids", ())
        if (url, member) == (where, cell.get("member")) and cell["table"] < len(found):
            table = found[cell["table"]]
            marked_lines = [[_marked(one, cell) for one in line] for line in lines(table)]
            return {"caption": table.get("caption"), "lines": marked_lines}
    return None


def _marked(one: Row, cell: Row) -> Row:
    """A cell of the printed table with its spans, and whether it is the one the figure stands in."""
    down, right = one.get("rowspan", 1), one.get("colspan", 1)
    here = one["row"] <= cell["row"] < one["row"] + down and one["column"] <= cell["column"] < one["column"] + right
    return {"text": one["text"], "rowspan": down, "colspan": right, "here": here}


def _passage(sql: sqlite3.Connection, source: sqlite3.Row, cell: Row) -> tuple[str, str, str] | None:
    """What stands before the figure in the text, its own characters, and what follows."""
    if "start" not in cell:
        return None
    text = reading_data(sql, source["reading"]).get("text") or ""
    start, end = cell["start"], cell["end"]
    return text[max(0, start - AROUND) : start], text[start:end], text[end : end + AROUND]


def _shape(ask: Ask, chain: Row) -> str | None:
    """How the original can be shown with the cell marked: ``page`` (HTML), ``picture`` (PDF), or not."""
    cell, file = chain["cell"], chain["payload"]["member"] or chain["payload"]
    kind = file["media_type"] or ""
    if ask.marker is None:
        return None
    if kind == "text/html" and cell.get("path"):
        return "page"
    return "picture" if kind == "application/pdf" and cell.get("box") else None


def marked(ask: Ask) -> Answer:
    """The original with the cell marked: a sandboxed page, or a picture of the page."""
    chain = trace(ask.sql, int(ask.groups["id"]))
    if _shape(ask, chain) is None or ask.marker is None:
        raise NotHere("This original cannot be shown with its cell marked. · 此原件无法标出单元格。")
    digest = bytes.fromhex(chain["payload"]["digest"].removeprefix("sha256:"))
    (number,) = ask.sql.execute("SELECT id FROM payload WHERE digest=?", (digest,)).fetchone()
    found = ask.marker(Payloads(ask.sql).get(number), chain["payload"]["media_type"], chain["cell"])
    if found is None:
        raise NotHere("The cell could not be found again in its original. · 未能在原件中重新定位该单元格。")
    kind, data = found
    return Answer(data, kind, headers={"Cache-Control": "max-age=3600"}, sandboxed=True)


def _revisions(sql: sqlite3.Connection, source: sqlite3.Row, code: str, at: int | None) -> list[Row]:
    """What the report's revisions (until a time) say of the indicator, in order."""
    rows = sql.execute(
        "SELECT revision.n, revision.at, observation.id, value, status, raw FROM revision"
        f" JOIN observation ON observation.reading=revision.reading AND {_MEANT}"
        " WHERE revision.report=? AND revision.n IS NOT NULL AND revision.at<=? ORDER BY revision.n, observation.id",
        (code, source["report"], EVER if at is None else at),
    )
    return [dict(row) for row in rows]


def _years(sql: sqlite3.Connection, source: sqlite3.Row, code: str, at: int | None) -> list[Row]:
    """What the publisher's reports of all years say of it, as they are now or were at a time; on which portal."""
    rows = sql.execute(
        "SELECT reading.year, reading.form, report.id AS report, portal.name AS portal, observation.id, value, status, raw"
        " FROM report JOIN portal ON portal.id=report.portal"
        " JOIN revision ON revision.report=report.id AND revision.n=(SELECT max(n) FROM revision r WHERE r.report=report.id"
        " AND r.at<=?) JOIN reading ON reading.id=revision.reading"
        f" JOIN observation ON observation.reading=reading.id AND {_MEANT}"
        " WHERE report.publisher=? AND report.kind=? AND report.state<>'moved'"
        " ORDER BY reading.year, report.id, observation.id",
        (EVER if at is None else at, code, source["publisher"], source["kind"]),
    ).fetchall()
    several = len({row["portal"] for row in rows}) > 1
    return [{**dict(row), "several": several} for row in rows]


def _findings(sql: sqlite3.Connection, reading: int, code: str) -> list[Row]:
    rows = sql.execute(
        "SELECT rule, level, message FROM finding WHERE reading=? AND EXISTS (SELECT 1 FROM json_each(finding.indicators)"
        " WHERE value=?) ORDER BY id",
        (reading, code),
    )
    return [dict(row) for row in rows]


def chain_json(ask: Ask) -> Answer:
    """The chain as ``nianlun trace --json`` prints it."""
    return as_json(trace(ask.sql, int(ask.groups["id"])))


def chain_prov(ask: Ask) -> Answer:
    """The chain as PROV-JSON."""
    return as_json(prov(trace(ask.sql, int(ask.groups["id"]))))


_ID = r"/figure/(?P<id>\d{1,15})"
ROUTES: Routes = (
    (_ID, figure),
    (_ID + r"/marked", marked),
    (_ID + r"/trace\.json", chain_json),
    (_ID + r"/prov\.json", chain_prov),
)
