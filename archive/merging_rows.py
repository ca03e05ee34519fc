"""The steps of a merge, table by table: which of an incoming archive's rows are here already, and the others' new numbers.

The incoming archive is attached as ``incoming``.  Each step leaves a table ``m_<name>`` (old number, new number,
whether the row is new here) in ``temp``; later steps translate through those of earlier ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import evidence, search

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


def _map(sql: sqlite3.Connection, name: str, known: str, which: str = "1") -> None:
    """Number a table's incoming rows (``which`` of them): ``known`` selects (old, new) of those that are here already."""
    sql.execute(f"CREATE TEMP TABLE m_{name} (old INTEGER PRIMARY KEY, new INTEGER NOT NULL, fresh INTEGER NOT NULL)")
    sql.execute(f"INSERT OR IGNORE INTO temp.m_{name} SELECT old, new, 0 FROM ({known})")
    sql.execute(
        f"INSERT INTO temp.m_{name} SELECT id, (SELECT coalesce(max(id), 0) FROM main.{name}) + row_number() OVER"
        f" (ORDER BY id), 1 FROM incoming.{name} WHERE id NOT IN (SELECT old FROM temp.m_{name}) AND {which}"
    )


def _insert(sql: sqlite3.Connection, name: str, columns: str, values: str, joins: str = "") -> None:
    """Insert the new rows of a mapped table; ``values`` speak of the incoming row as ``row``."""
    sql.execute(
        f"INSERT INTO main.{name} (id, {columns}) SELECT m.new, {values} FROM temp.m_{name} m JOIN incoming.{name} row ON"
        f" row.id=m.old {joins} WHERE m.fresh=1 ORDER BY m.new"
    )


def _same(table: str, *columns: str) -> str:
    """(old, new) of the rows that are equal in ``columns``."""
    equal = " AND ".join(f"here.{column}=row.{column}" for column in columns)
    return f"SELECT row.id AS old, here.id AS new FROM incoming.{table} row JOIN main.{table} here ON {equal}"


def _by_leaf(sql: sqlite3.Connection, table: str, kind: int, parent: str, parents: str) -> str:
    """(old, new) of the rows whose log entries are the same, and their parents too.

    The leaves of what is here are put into a table by themselves: found by parent alone, a report's changes would each
    be compared with each (5.9 s instead of 0.1 s for a second merge of 20,000 captures).
    """
    sql.execute(f"CREATE TEMP TABLE leaf_{table} (leaf BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID")
    if sql.execute(f"SELECT 1 FROM temp.m_{parents} WHERE fresh<>1 LIMIT 1").fetchone():
        sql.execute(f"INSERT OR IGNORE INTO temp.leaf_{table} SELECT leaf, row FROM main.log WHERE kind=?", (kind,))
    return (
        f"SELECT row.id AS old, here.id AS new FROM incoming.log theirs CROSS JOIN temp.leaf_{table} ours ON"
        f" ours.leaf=theirs.leaf CROSS JOIN incoming.{table} row ON row.id=theirs.row CROSS JOIN main.{table} here ON"
        f" here.id=ours.row CROSS JOIN temp.m_{parents} p ON p.old=row.{parent} AND p.new=here.{parent}"
        f" WHERE theirs.kind={kind}"
    )


def _names(sql: sqlite3.Connection) -> None:
    """Programs, portals, request headers, addresses, indicators, places."""
    _map(sql, "software", _same("software", "name", "version", "parameters"))
    _insert(sql, "software", "name, version, parameters", "row.name, row.version, row.parameters")
    _map(sql, "portal", _same("portal", "name"))
    _insert(sql, "portal", "name, title, home, entry", "row.name, row.title, row.home, row.entry")
    _map(sql, "headers", _same("headers", "digest"))
    _insert(sql, "headers", "digest, data", "row.digest, row.data")
    _map(sql, "resource", _same("resource", "url"))
    _insert(sql, "resource", "url, key", "row.url, row.key")
    _map(sql, "indicator", _same("indicator", "code"))
    _insert(sql, "indicator", "code", "row.code")
    sql.execute("INSERT OR IGNORE INTO main.place SELECT id, text FROM incoming.place")


def _payloads(sql: sqlite3.Connection) -> None:
    _map(sql, "payload", _same("payload", "digest"))
    _insert(
        sql, "payload", "digest, size, base, depth, frame", "row.digest, row.size, base.new, row.depth, row.frame",
        "LEFT JOIN temp.m_payload base ON base.old=row.base",
    )  # fmt: skip
    sql.execute(
        "INSERT OR IGNORE INTO main.exemplar SELECT p.new, sort, m.new FROM incoming.exemplar row JOIN temp.m_portal p ON"
        " p.old=row.portal JOIN temp.m_payload m ON m.old=row.payload"
    )


def _crawls(sql: sqlite3.Connection) -> None:
    """Crawls by their uid; one that was interrupted here and is finished there is finished now."""
    _map(sql, "crawl", _same("crawl", "uid"))
    _insert(
        sql, "crawl", "uid, portal, started, finished, outcome, software, settings, settings_digest, operator, summary",
        "row.uid, p.new, row.started, row.finished, row.outcome, s.new, row.settings, row.settings_digest, row.operator,"
        " row.summary",
        "JOIN temp.m_portal p ON p.old=row.portal JOIN temp.m_software s ON s.old=row.software",
    )  # fmt: skip
    sql.execute(
        "UPDATE temp.m_crawl SET fresh=2 WHERE fresh=0 AND EXISTS (SELECT 1 FROM incoming.crawl row WHERE row.id=old AND"
        " row.finished IS NOT NULL) AND EXISTS (SELECT 1 FROM main.crawl here WHERE here.id=new AND here.finished IS NULL)"
    )
    sql.execute(
        "UPDATE main.crawl SET (finished, outcome, summary) = (SELECT row.finished, row.outcome, row.summary FROM"
        " incoming.crawl row JOIN temp.m_crawl m ON m.old=row.id WHERE m.new=crawl.id)"
        " WHERE id IN (SELECT new FROM temp.m_crawl WHERE fresh=2)"
    )
    newest = "(SELECT row.entry FROM incoming.crawl c JOIN incoming.portal row ON row.id=c.portal WHERE c.uid=last.uid)"
    sql.execute(
        "UPDATE main.portal SET entry=new.entry, title=json_extract(new.entry, '$.title'), home=json_extract(new.entry,"
        f" '$.home') FROM (SELECT last.portal, {newest} AS entry FROM main.crawl last WHERE last.id=(SELECT c.id FROM"
        " main.crawl c WHERE c.portal=last.portal ORDER BY c.started DESC, c.uid DESC LIMIT 1)) new"
        " WHERE new.portal=portal.id AND new.entry IS NOT NULL AND portal.id IN (SELECT new FROM temp.m_portal)"
    )


_CAPTURE = (
    "at, method, status, outcome, reason, peer, protocol, elapsed, response_headers, error, truncated, certificate"
)


def _captures(sql: sqlite3.Connection) -> None:
    """Captures by address, time and crawl; only crawls that are here already can have any in common."""
    known = (
        "SELECT row.id AS old, here.id AS new FROM temp.m_crawl c JOIN incoming.capture row ON row.crawl=c.old JOIN"
        " temp.m_resource r ON r.old=row.resource JOIN main.capture here ON here.resource=r.new AND here.at=row.at AND"
        " here.crawl=c.new WHERE c.fresh<>1"
    )
    _map(sql, "capture", known)
    _insert(
        sql, "capture", f"crawl, resource, referrer, request_headers, payload, {_CAPTURE}",
        "c.new, r.new, f.new, h.new, p.new, " + ", ".join(f"row.{name.strip()}" for name in _CAPTURE.split(",")),
        "JOIN temp.m_crawl c ON c.old=row.crawl JOIN temp.m_resource r ON r.old=row.resource LEFT JOIN temp.m_resource f ON"
        " f.old=row.referrer LEFT JOIN temp.m_headers h ON h.old=row.request_headers LEFT JOIN temp.m_payload p ON"
        " p.old=row.payload",
    )  # fmt: skip
    sql.execute(
        "UPDATE main.resource SET (last_capture, last_payload) = (SELECT id, payload FROM main.capture WHERE"
        " capture.resource=resource.id AND outcome IN ('fetched','revisit') AND NOT truncated AND payload IS NOT NULL AND"
        " status<>304 ORDER BY at DESC, id DESC LIMIT 1) WHERE id IN (SELECT capture.resource FROM temp.m_capture JOIN"
        " main.capture ON capture.id=new WHERE fresh)"
    )


def _requests(sql: sqlite3.Connection) -> None:
    """Requests by crawl and key; one that was open here and has ended there has ended now."""
    columns = "key, host, role, detail, report, priority, depth, attempts, not_before, outcome, reason, status"
    sql.execute(
        f"INSERT OR IGNORE INTO main.request (crawl, resource, referrer, origin, capture, {columns}) SELECT c.new, r.new,"
        f" f.new, o.new, m.new, {', '.join(f'row.{name.strip()}' for name in columns.split(','))} FROM incoming.request row"
        " JOIN temp.m_crawl c ON c.old=row.crawl JOIN temp.m_resource r ON r.old=row.resource LEFT JOIN temp.m_resource f"
        " ON f.old=row.referrer LEFT JOIN temp.m_resource o ON o.old=row.origin LEFT JOIN temp.m_capture m ON"
        " m.old=row.capture WHERE c.fresh OR EXISTS (SELECT 1 FROM main.crawl WHERE crawl.id=c.new AND finished IS NULL)"
        " ORDER BY row.id"
    )
    sql.execute(
        "UPDATE main.request SET (outcome, reason, status, attempts, capture, detail) = (SELECT row.outcome, row.reason,"
        " row.status, row.attempts, m.new, NULL FROM incoming.request row JOIN temp.m_crawl c ON c.old=row.crawl LEFT JOIN"
        " temp.m_capture m ON m.old=row.capture WHERE c.new=request.crawl AND row.key=request.key)"
        " WHERE outcome IS NULL AND EXISTS (SELECT 1 FROM incoming.request row JOIN temp.m_crawl c ON c.old=row.crawl WHERE"
        " c.new=request.crawl AND row.key=request.key AND row.outcome IS NOT NULL)"
    )
    sql.execute(
        "INSERT OR IGNORE INTO main.expectation SELECT c.new, r.new, count, rule FROM incoming.expectation row JOIN"
        " temp.m_crawl c ON c.old=row.crawl JOIN temp.m_resource r ON r.old=row.resource WHERE c.fresh"
    )
    _scratch(sql)


def _scratch(sql: sqlite3.Connection) -> None:
    """What an interrupted crawl needs to go on."""
    sql.execute("DELETE FROM main.part WHERE crawl IN (SELECT new FROM temp.m_crawl WHERE fresh=2)")
    sql.execute("DELETE FROM main.listed WHERE crawl IN (SELECT new FROM temp.m_crawl WHERE fresh=2)")
    sql.execute(
        "INSERT OR IGNORE INTO main.part SELECT c.new, r.new, row.role, row.report, row.name, m.new, p.new, row.links,"
        " row.listed, row.glance FROM incoming.part row JOIN temp.m_crawl c ON c.old=row.crawl AND c.fresh=1 JOIN"
        " temp.m_resource r ON r.old=row.resource JOIN temp.m_capture m ON m.old=row.capture JOIN temp.m_payload p ON"
        " p.old=row.payload"
    )
    sql.execute(
        "INSERT OR IGNORE INTO main.listed SELECT c.new, page.new, r.new FROM incoming.listed row JOIN temp.m_crawl c ON"
        " c.old=row.crawl AND c.fresh=1 JOIN temp.m_resource page ON page.old=row.page JOIN temp.m_resource r ON"
        " r.old=row.row"
    )


_REPORT = (
    "key, title, publisher, division, year, kind, form, published, written, state, revisions, findings, first_seen,"
    " last_seen, first_gone, parts, glance"
)


def _reports(sql: sqlite3.Connection) -> None:
    """Reports by portal and key; what is known of one on both sides is told anew afterwards."""
    known = (
        "SELECT row.id AS old, here.id AS new FROM incoming.report row JOIN temp.m_portal p ON p.old=row.portal JOIN"
        " main.report here ON here.portal=p.new AND here.key=row.key"
    )
    _map(sql, "report", known)
    _insert(
        sql, "report", f"portal, resource, last_crawl, {_REPORT}",
        "p.new, r.new, c.new, " + ", ".join(f"row.{name.strip()}" for name in _REPORT.split(",")),
        "JOIN temp.m_portal p ON p.old=row.portal JOIN temp.m_resource r ON r.old=row.resource JOIN temp.m_crawl c ON"
        " c.old=row.last_crawl",
    )  # fmt: skip
    sql.execute(
        "UPDATE main.report SET moved_to=(SELECT there.new FROM temp.m_report m JOIN incoming.report row ON row.id=m.old"
        " JOIN temp.m_report there ON there.old=row.moved_to WHERE m.new=report.id)"
        " WHERE id IN (SELECT new FROM temp.m_report WHERE fresh)"
    )


def _revisions(sql: sqlite3.Connection) -> None:
    """Revisions by their entries; those that only follow from a chronicle told anew (``home`` 0) are made again."""
    _map(sql, "revision", _by_leaf(sql, "revision", evidence.REVISION, "report", "report"), "home<>0")
    _insert(
        sql, "revision", "report, n, home, crawl, capture, at, substance, summary",
        "r.new, CASE WHEN r.fresh THEN row.n END, row.home, c.new, k.new, row.at, row.substance, row.summary",
        "JOIN temp.m_report r ON r.old=row.report JOIN temp.m_crawl c ON c.old=row.crawl JOIN temp.m_capture k ON"
        " k.old=row.capture",
    )  # fmt: skip
    sql.execute(
        "INSERT INTO main.revision_part SELECT v.new, row.position, row.role, r.new, row.name, row.media_type, k.new, p.new,"
        " s.new, row.state FROM incoming.revision_part row JOIN temp.m_revision v ON v.old=row.revision AND v.fresh JOIN"
        " temp.m_resource r ON r.old=row.resource LEFT JOIN temp.m_capture k ON k.old=row.capture LEFT JOIN temp.m_payload"
        " p ON p.old=row.payload LEFT JOIN temp.m_software s ON s.old=row.converter"
    )


_READING = "at, title, publisher, division, year, kind, form, published, written, substance, digest, data"


def _readings(sql: sqlite3.Connection) -> None:
    _map(sql, "reading", _by_leaf(sql, "reading", evidence.READING, "revision", "revision"))
    _insert(
        sql, "reading", f"revision, software, base, {_READING}",
        "v.new, s.new, b.new, " + ", ".join(f"row.{name.strip()}" for name in _READING.split(",")),
        "JOIN temp.m_revision v ON v.old=row.revision JOIN temp.m_software s ON s.old=row.software LEFT JOIN temp.m_reading b"
        " ON b.old=row.base",
    )  # fmt: skip
    sql.execute(
        "INSERT INTO main.observation (reading, indicator, value, status, raw, unit, part, place) SELECT m.new, i.new,"
        " row.value, row.status, row.raw, row.unit, row.part, row.place FROM incoming.observation row JOIN temp.m_reading m"
        " ON m.old=row.reading AND m.fresh JOIN temp.m_indicator i ON i.old=row.indicator ORDER BY row.id"
    )
    sql.execute(
        "INSERT INTO main.finding (reading, rule, level, message, indicators) SELECT m.new, row.rule, row.level,"
        " row.message, row.indicators FROM incoming.finding row JOIN temp.m_reading m ON m.old=row.reading AND m.fresh"
        " ORDER BY row.id"
    )
    sql.execute(
        "UPDATE main.revision SET reading=(SELECT id FROM main.reading WHERE reading.revision=revision.id ORDER BY at DESC,"
        " digest DESC, id DESC LIMIT 1) WHERE id IN (SELECT revision FROM main.reading JOIN temp.m_reading ON new=reading.id"
        " AND fresh)"
    )
    _map(sql, "compared", _by_leaf(sql, "compared", evidence.COMPARED, "reading", "reading"))
    _insert(
        sql, "compared", "reading, earlier, findings", "this.new, before.new, row.findings",
        "JOIN temp.m_reading this ON this.old=row.reading JOIN temp.m_reading before ON before.old=row.earlier",
    )  # fmt: skip


_CHANGE = "event, seen, revision, summary, last_seen, first_gone"


def _changes(sql: sqlite3.Connection) -> None:
    """What each crawl told, and which revisions it saw again."""
    said = ", ".join(f"row.{name.strip()}" for name in _CHANGE.split(","))
    joins = (
        "JOIN temp.m_crawl c ON c.old=row.crawl JOIN temp.m_report r ON r.old=row.report JOIN temp.m_resource a ON"
        " a.old=row.resource LEFT JOIN temp.m_report o ON o.old=row.other"
    )
    _map(sql, "change", _by_leaf(sql, "change", evidence.CHANGE, "report", "report"))
    _insert(sql, "change", f"crawl, report, resource, other, {_CHANGE}", f"c.new, r.new, a.new, o.new, {said}", joins)
    sql.execute(
        "INSERT OR IGNORE INTO main.sighting SELECT c.new, v.new, k.new FROM incoming.sighting row JOIN temp.m_crawl c ON"
        " c.old=row.crawl JOIN temp.m_revision v ON v.old=row.revision JOIN temp.m_capture k ON k.old=row.capture"
    )


def _search(sql: sqlite3.Connection) -> None:
    """The paragraphs of the new revisions, and the entries of the index for those that no report of their year had."""
    _map(sql, "paragraph", _same("paragraph", "digest"))
    _insert(sql, "paragraph", "digest, text", "row.digest, row.text")
    sql.execute(
        "INSERT INTO main.revision_paragraph SELECT v.new, row.position, p.new FROM incoming.revision_paragraph row JOIN"
        " temp.m_revision v ON v.old=row.revision AND v.fresh JOIN temp.m_paragraph p ON p.old=row.paragraph"
    )
    search.enter(sql, "SELECT new FROM temp.m_revision WHERE fresh")


def _seals(sql: sqlite3.Connection) -> None:
    """The seals of crawls that have none here, and the heads of shards that were merged over there."""
    known = (
        "SELECT row.id AS old, here.id AS new FROM incoming.seal row JOIN temp.m_crawl c ON c.old=row.crawl JOIN main.seal"
        " here ON here.crawl=c.new"
    )
    _map(sql, "seal", known)
    _insert(
        sql, "seal", "crawl, requests, expectations, sightings", "c.new, row.requests, row.expectations, row.sightings",
        "JOIN temp.m_crawl c ON c.old=row.crawl",
    )  # fmt: skip
    _map(sql, "shard", _same("shard", "root", "size"))
    _insert(sql, "shard", "size, root", "row.size, row.root")


STEPS: tuple[tuple[str, Callable[[sqlite3.Connection], None]], ...] = (
    ("names", _names),
    ("payloads", _payloads),
    ("crawls", _crawls),
    ("captures", _captures),
    ("requests", _requests),
    ("reports", _reports),
    ("revisions", _revisions),
    ("readings", _readings),
    ("search", _search),
    ("changes", _changes),
    ("seals", _seals),
)
"""In the order in which later rows point to earlier ones."""

COUNTED = ("crawl", "capture", "payload", "report", "revision", "reading", "change")
"""The tables whose new rows are told of."""


def added(sql: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each sort were new."""
    return {
        f"{name}s": int(sql.execute(f"SELECT count(*) FROM temp.m_{name} WHERE fresh=1").fetchone()[0])
        for name in COUNTED
    }


_CONTRADICTIONS = {
    "Capture": (
        "SELECT m.old FROM temp.m_capture m JOIN incoming.log theirs ON theirs.kind=1 AND theirs.row=m.old JOIN main.log ours"
        " ON ours.kind=1 AND ours.row=m.new WHERE NOT m.fresh AND ours.leaf<>theirs.leaf LIMIT 1"
    ),
    "Revision": (
        "SELECT m.old FROM temp.m_revision m JOIN main.revision theirs ON theirs.id=m.new JOIN main.revision ours ON"
        " ours.report=theirs.report AND ours.capture=theirs.capture AND ours.id<>theirs.id AND ours.home<>0 WHERE m.fresh"
        " LIMIT 1"
    ),
    "Reading": (
        "SELECT m.old FROM temp.m_reading m JOIN main.reading theirs ON theirs.id=m.new JOIN main.reading ours ON"
        " ours.revision=theirs.revision AND ours.software=theirs.software AND ours.at=theirs.at AND ours.id<>theirs.id WHERE"
        " m.fresh LIMIT 1"
    ),
}
"""What cannot both be true: another answer of the same address, time and crawl; another revision seen in the same
capture; another reading of the same revision by the same software at the same moment."""


def contradicted(sql: sqlite3.Connection) -> str | None:
    """An incoming row that says otherwise what a row here says, named, if there is one."""
    for name, query in _CONTRADICTIONS.items():
        row = sql.execute(query).fetchone()
        if row is not None:
            return f"{name} {row[0]}"
    return None


def log_fresh(sql: sqlite3.Connection, size: int) -> None:
    """Write the log entries of what is new behind the ``size`` there are, in the incoming log's order."""
    fresh = " UNION ALL ".join(
        f"SELECT old.seq, {kind} AS kind, m.new, old.leaf FROM temp.m_{name} m JOIN incoming.log old ON old.kind={kind}"
        f" AND old.row=m.old WHERE m.fresh=1"
        for kind, name in evidence.KINDS.items()
    )
    sql.execute(
        "INSERT INTO main.log (seq, kind, row, leaf) SELECT ? + row_number() OVER (ORDER BY seq) - 1, kind, new, leaf FROM"
        f" ({fresh}) ORDER BY seq",
        (size,),
    )
