"""A report's chronicle told anew from all that is known of it, after revisions or crawls came in out of their order.

A merge brings other machines' crawls, an import brings years before the first crawl.  What each crawl told then
stays as it was (``change``); what is told now is worked out from the facts by the same rules
(:func:`archive.revisions.told_from`) and kept beside it (``retold``).

One machine may have seen a page unchanged while another saw it changed in between: then the page went back to what it
had said before, and a revision is added for that moment.  It has ``home`` 0 and no entry of the log, since it follows
from entries that are there: its parts and its reading are those of the revision that was seen again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.revisions import Course, Fact, numbered, told_from
from archive.search import Index

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

_FACTS = {"missing": "absent", "gone": "absent", "moved": "moved", "back": "seen", "cosmetic": "cosmetic"}
_AWAY = ("absent", "moved")
_LISTED = (
    "coalesce((SELECT r.origin FROM request r JOIN revision_part p ON p.resource=r.origin AND p.position=0 AND p.role='page'"
    " JOIN revision v ON v.id=p.revision AND v.report=?1 WHERE r.resource=capture.resource AND r.crawl=capture.crawl),"
    " capture.resource)"
)
"""Where a report stood: a file that is known by the address that redirects to it stands there."""
_STATED = (
    "SELECT * FROM (SELECT revision.id AS id, revision.id AS source, 1 AS first, revision.at AS at, revision.crawl AS crawl,"
    " crawl.uid AS uid, revision.capture AS capture,"
    f" {_LISTED} AS resource, revision.summary AS summary FROM revision JOIN crawl ON crawl.id=revision.crawl JOIN capture ON"
    " capture.id=revision.capture WHERE report=?1 AND home<>0"
    " UNION ALL SELECT (SELECT again.id FROM revision again WHERE again.report=?1 AND again.home=0 AND"
    " again.capture=sighting.capture), revision.id, 0, capture.at, sighting.crawl, crawl.uid, sighting.capture,"
    f" {_LISTED}, (SELECT again.summary FROM revision again WHERE again.report=?1 AND again.home=0 AND"
    " again.capture=sighting.capture) FROM report JOIN crawl ON crawl.portal=report.portal JOIN revision ON"
    " revision.report=report.id JOIN sighting ON sighting.crawl=crawl.id AND sighting.revision=revision.id JOIN capture ON"
    " capture.id=sighting.capture WHERE report.id=?1) ORDER BY "
)
"""Each time the report was met: as a revision of its own, or as one seen again."""
_BY_TIME, _BY_CRAWL = "at, uid, first DESC, capture, source", "crawl, capture"
_PAGES = (
    "SELECT DISTINCT twin.id FROM revision JOIN revision_part ON revision_part.revision=revision.id AND position=0"
    " JOIN resource ON resource.id=revision_part.resource JOIN resource twin ON twin.key=resource.key WHERE report=?"
)
_ENDED = (
    "SELECT crawl.id, crawl.uid, coalesce(capture.at, crawl.finished) AS at, CASE WHEN json_extract(crawl.settings,"
    " '$.import') IS NULL THEN crawl.finished ELSE coalesce(capture.at, crawl.finished) END AS finished, request.resource,"
    " request.outcome FROM request JOIN crawl ON crawl.id=request.crawl LEFT JOIN capture ON capture.id=request.capture"
    " WHERE request.id IN (SELECT max(r.id) FROM request r WHERE (r.resource IN"
    f" ({_PAGES}) OR r.origin IN ({_PAGES})) AND r.role='page' GROUP BY r.crawl)"
    " AND crawl.portal=? AND crawl.finished IS NOT NULL AND request.outcome IS NOT NULL"
)
"""How each finished crawl's last request for the page ended; an import's is as old as its capture."""


@dataclass(frozen=True, slots=True)
class Met:
    """A report met at a moment: the row of it, its number (None: it says what it said before), and what to call it."""

    row: sqlite3.Row
    n: int | None
    fact: Fact


def retell(sql: sqlite3.Connection, report: int, summary: Callable[[int, int], str]) -> None:
    """Number a report's revisions by their times and tell its chronicle anew; inside the writer's transaction.

    ``summary`` says in a line what changed between two revisions, by their ids.
    """
    _renumber(sql, report, summary)
    course = course_of(sql, report, by_time=True)
    sql.execute("DELETE FROM retold WHERE report=?", (report,))
    sql.executemany(
        "INSERT INTO retold (crawl, report, resource, event, seen, revision, summary, last_seen, first_gone, other)"
        " VALUES (?,?,?,?,?,?,?,?,?,?)",
        [
            (
                item.crawl, report, item.resource, item.event, item.seen, item.revision, item.summary, item.last_seen,
                item.first_gone, item.other,
            )
            for item in course.told
        ],
    )  # fmt: skip
    _refresh(sql, report, course)


def relist(sql: sqlite3.Connection, report: int) -> None:
    """Write a report's listed row, and its revisions' numbers and summaries, again as its facts give them."""
    met = [item for item in met_of(sql, report, by_time=False) if item.row["first"]]
    sql.execute("UPDATE revision SET n=NULL WHERE report=?", (report,))
    for item in met:
        sql.execute(
            "UPDATE revision SET n=?, summary=(SELECT change.summary FROM change WHERE change.report=revision.report AND"
            " event='changed' AND change.crawl=revision.crawl AND seen=at) WHERE id=?",
            (item.n, item.row["id"]),
        )
    _refresh(sql, report, course_of(sql, report))


def course_of(sql: sqlite3.Connection, report: int, *, by_time: bool | None = None) -> Course:
    """A report's chronicle as its facts give it, by their times if it was told anew; nothing is written."""
    timed = is_retold(sql, report) if by_time is None else by_time
    met = met_of(sql, report, by_time=timed)
    return told_from([*(item.fact for item in met), *_other_facts(sql, report, met)], by_time=timed)


def is_retold(sql: sqlite3.Connection, report: int) -> bool:
    """Whether a report's chronicle was told anew after something came in out of its order."""
    return sql.execute("SELECT 1 FROM retold WHERE report=? LIMIT 1", (report,)).fetchone() is not None


def met_of(sql: sqlite3.Connection, report: int, *, by_time: bool) -> list[Met]:
    """Every time a report was met, oldest first, with the number its content has among its revisions."""
    rows = sql.execute(_STATED + (_BY_TIME if by_time else _BY_CRAWL), (report,)).fetchall()
    known = {row["source"]: _substances(sql, row["source"]) for row in rows}
    numbers = numbered([known[row["source"]] for row in rows])
    return [Met(row, n, _fact(sql, report, row, n)) for row, n in zip(rows, numbers, strict=True)]


def _fact(sql: sqlite3.Connection, report: int, row: sqlite3.Row, n: int | None) -> Fact:
    summary, other, sort = row["summary"], None, "revision"
    if n is None:
        sort = "cosmetic" if row["first"] and _is_other_payload(sql, row["capture"]) else "seen"
    if n == 1:
        first = sql.execute(
            "SELECT summary, other FROM change WHERE report=? AND crawl=? AND event='new'", (report, row["crawl"])
        ).fetchone()
        summary, other = (first["summary"], first["other"]) if first else (None, None)
    return Fact(row["at"], row["crawl"], row["uid"], sort, row["resource"], n, summary, other)


def _is_other_payload(sql: sqlite3.Connection, capture: int) -> bool:
    """Whether a page came as other bytes than the good answer before it."""
    found = sql.execute(
        "SELECT before.payload<>now.payload FROM capture now JOIN capture before ON before.resource=now.resource AND"
        " before.at<now.at AND before.outcome IN ('fetched','revisit') WHERE now.id=? ORDER BY before.at DESC LIMIT 1",
        (capture,),
    ).fetchone()
    return found is None or bool(found[0])


def _substances(sql: sqlite3.Connection, revision: int) -> dict[str, bytes]:
    """What a revision says as each software read it, by the software's name, version and parameters."""
    rows = sql.execute(
        "SELECT json_array(name, version, parameters), substance FROM reading JOIN software ON"
        " software.id=reading.software WHERE revision=? ORDER BY at, digest",
        (revision,),
    )
    return {row[0]: bytes(row[1]) for row in rows}


# ---------------------------------------------------------------- numbers


def _renumber(sql: sqlite3.Connection, report: int, summary: Callable[[int, int], str]) -> None:
    """Give the revisions their numbers, and add or take away those that say what an earlier one said."""
    met = met_of(sql, report, by_time=True)
    wanted = {item.row["id"] for item in met if item.n is not None}
    for (number,) in sql.execute("SELECT id FROM revision WHERE report=? AND home=0", (report,)).fetchall():
        if number not in wanted:
            _take_away(sql, number)
    sql.execute("UPDATE revision SET n=NULL WHERE report=?", (report,))
    before: int | None = None
    for item in met:
        if item.n is None:
            continue
        number = item.row["id"] or _say_again(sql, item.row)
        said = summary(before, number) if before is not None else None
        sql.execute("UPDATE revision SET n=?, summary=? WHERE id=?", (item.n, said, number))
        before = number


def _say_again(sql: sqlite3.Connection, row: sqlite3.Row) -> int:
    """Add a revision that says what an earlier one said; return its id."""
    cursor = sql.execute(
        "INSERT INTO revision (report, home, crawl, capture, at, substance, reading) SELECT report, 0, ?, ?, ?, substance,"
        " reading FROM revision WHERE id=?",
        (row["crawl"], row["capture"], row["at"], row["source"]),
    )
    number = int(cursor.lastrowid or 0)
    sql.execute(
        "INSERT INTO revision_part SELECT ?, position, role, resource, name, media_type, capture, payload, converter, state"
        " FROM revision_part WHERE revision=?",
        (number, row["source"]),
    )
    texts = sql.execute(
        "SELECT text FROM revision_paragraph JOIN paragraph ON paragraph.id=paragraph WHERE revision=? ORDER BY position",
        (row["source"],),
    ).fetchall()
    Index(sql).add(number, [text for (text,) in texts])
    return number


def _take_away(sql: sqlite3.Connection, number: int) -> None:
    for table in ("revision_paragraph", "indexed", "revision_part"):
        sql.execute(f"DELETE FROM {table} WHERE revision=?", (number,))
    sql.execute("DELETE FROM revision WHERE id=?", (number,))


# ---------------------------------------------------------------- other facts


def _other_facts(sql: sqlite3.Connection, report: int, met: list[Met]) -> list[Fact]:
    """What was told of the report by each crawl beside its revisions, and how crawls ended that did not see it."""
    revised = {(item.fact.at, item.fact.crawl) for item in met if item.fact.sort != "seen"}
    told = sql.execute(
        "SELECT change.*, crawl.uid FROM change JOIN crawl ON crawl.id=change.crawl WHERE report=?", (report,)
    ).fetchall()
    facts = [
        Fact(
            row["seen"], row["crawl"], row["uid"], _FACTS[row["event"]], row["resource"], None, row["summary"],
            row["other"],
        )
        for row in told
        if row["event"] in _FACTS and (_FACTS[row["event"]] in _AWAY or (row["seen"], row["crawl"]) not in revised)
    ]  # fmt: skip
    answered = {item.fact.crawl for item in met} | {fact.crawl for fact in facts}
    portal = sql.execute("SELECT portal FROM report WHERE id=?", (report,)).fetchone()[0]
    for row in sql.execute(_ENDED, (report, report, portal)):
        if row["id"] not in answered:
            gone = row["outcome"] == "gone"
            at, sort = (row["at"], "absent") if gone else (row["finished"], "failed")
            facts.append(Fact(at, row["id"], row["uid"], sort, row["resource"]))
    return facts


def _refresh(sql: sqlite3.Connection, report: int, course: Course) -> None:
    """Bring the listed row of a report in line with its chronicle and its newest revision's reading."""
    sql.execute(
        "UPDATE report SET state=?, revisions=?, first_seen=?, last_seen=?, first_gone=?, last_crawl=?, resource=?,"
        " moved_to=?, parts=NULL, glance=NULL WHERE id=?",
        (
            course.state, course.n, course.first_seen, course.last_seen, course.first_gone, course.crawl,
            course.resource, course.moved_to, report,
        ),
    )  # fmt: skip
    row = sql.execute(
        "SELECT reading.* FROM revision JOIN reading ON reading.id=revision.reading WHERE report=? AND n=?",
        (report, course.n),
    ).fetchone()
    count = sql.execute("SELECT count(*) FROM finding WHERE reading=?", (row["id"],)).fetchone()[0]
    sql.execute(
        "UPDATE report SET title=?, publisher=?, division=?, year=?, kind=coalesce(?, kind), form=?, published=?,"
        " written=?, findings=? WHERE id=?",
        (
            row["title"], row["publisher"], row["division"], row["year"], row["kind"], row["form"], row["published"],
            row["written"], count, report,
        ),
    )  # fmt: skip
