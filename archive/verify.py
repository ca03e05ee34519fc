"""Checking an archive from its bytes up: pages, payload digests, the log's leaves against the rows, its root, its heads.

Every trouble is named: which table, which row, which address.  Nothing is repaired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive import evidence, leaves, seals, timestamps, witness
from archive.model import shown
from archive.payloads import Payloads
from archive.texts import text_of
from archive.witness import Trouble

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator


RECORDS = {
    evidence.CAPTURE: leaves.capture,
    evidence.REVISION: leaves.revision,
    evidence.READING: leaves.reading,
    evidence.CHANGE: leaves.change,
    evidence.SEAL: seals.record,
    evidence.SHARD: leaves.shard,
    evidence.COMPARED: leaves.compared,
}
"""What makes the record behind an entry of each kind."""


def verify(
    sql: sqlite3.Connection, *, head: str | None = None, progress: Callable[[str], None] | None = None
) -> list[Trouble]:
    """Check everything and return what is wrong; ``head`` (``sha256:…``) is a root that was kept elsewhere.

    A head proves that the archive is a continuation of what it was: an edit, a deletion or a roll-back of
    anything up to that head shows.
    """
    say = progress or (lambda _: None)
    found: list[Trouble] = []
    for name, step in (
        ("pages", _pages),
        ("sequence", _sequence),
        ("payloads", _payloads),
        ("log", _log),
        ("rows", _rows),
        ("readings", _readings),
        ("links", _links),
        ("headers", _kept_beside),
        ("heads", _heads),
        ("tables", witness.schema),
        ("crawls", witness.crawls),
        ("places", witness.places),
        ("reports", witness.reports),
        ("figures", witness.figures),
        ("search", witness.search_tables),
    ):
        say(name)
        found += _safely(name, step, sql)
        if name == "sequence" and found:
            return found  # with a hole in its numbers the log has no root to compare anything with
    if head:
        found += _safely("head", lambda connection: _known_head(connection, head), sql)
    return found


def _safely(
    name: str, step: Callable[[sqlite3.Connection], Iterator[Trouble]], sql: sqlite3.Connection
) -> list[Trouble]:
    """Run one check to its end or to where damage stops it; damage is a finding, never a crash."""
    found: list[Trouble] = []
    try:
        found += step(sql)
    except Exception as error:  # noqa: BLE001  # rows of a damaged file can hold anything
        found.append(Trouble(name, "file", f"the file is damaged: {type(error).__name__}: {error}"))
    return found


def _sequence(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """The log's entries are numbered without a hole: the first thing an edit or a deletion breaks."""
    count, last = sql.execute("SELECT count(*), coalesce(max(seq) + 1, 0) FROM log").fetchone()
    if count == last:
        return
    wanted = 0
    for (seq,) in sql.execute("SELECT seq FROM log ORDER BY seq"):
        if seq != wanted:
            yield Trouble("log", str(wanted), f"entries {wanted} to {seq - 1} are missing")
            wanted = seq
        wanted += 1


def _pages(sql: sqlite3.Connection) -> Iterator[Trouble]:
    for (line,) in sql.execute("PRAGMA integrity_check(20)"):
        if line != "ok":
            yield Trouble("file", "pages", line)


def _links(sql: sqlite3.Connection) -> Iterator[Trouble]:
    for table, row, parent, _ in sql.execute("PRAGMA foreign_key_check"):
        yield Trouble(table, str(row), f"points to a row of {parent} that is missing")


def _payloads(sql: sqlite3.Connection) -> Iterator[Trouble]:
    reader = Payloads(sql)
    for (number,) in sql.execute("SELECT id FROM payload ORDER BY id").fetchall():
        try:
            size = len(reader.get(number))
            kept = sql.execute(
                "SELECT payload.size=? AND payload.depth=coalesce(base.depth + 1, 0) FROM payload LEFT JOIN payload base ON"
                " base.id=payload.base WHERE payload.id=?",
                (size, number),
            ).fetchone()
        except Exception as error:  # noqa: BLE001  # a damaged row can hold anything
            yield Trouble("payload", str(number), f"{error}{_used_by(sql, number)}")
            continue
        if not kept[0]:
            yield Trouble("payload", str(number), "its size or its place in its chain are not what they were")


def _used_by(sql: sqlite3.Connection, payload: int) -> str:
    row = sql.execute(
        "SELECT url FROM capture JOIN resource ON resource.id=capture.resource WHERE payload=? LIMIT 1", (payload,)
    ).fetchone()
    return f" (captured from {row[0]})" if row else ""


def _log(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """The log's stored nodes follow from its leaves."""
    for level, number, stored in sql.execute("SELECT level, number, hash FROM log_node WHERE level=8").fetchall():
        first = number << level
        rows = sql.execute("SELECT leaf FROM log WHERE seq>=? AND seq<? ORDER BY seq", (first, first + 256)).fetchall()
        if len(rows) != 256 or evidence.fold([bytes(row[0]) for row in rows]) != stored:
            yield Trouble("log", f"{first}-{first + 255}", "the stored node does not follow from its leaves")
    for level, number, stored in sql.execute("SELECT level, number, hash FROM log_node WHERE level>8").fetchall():
        pair = sql.execute(
            "SELECT hash FROM log_node WHERE level=? AND number IN (?,?) ORDER BY number",
            (level - 1, number * 2, number * 2 + 1),
        ).fetchall()
        if len(pair) != 2 or evidence.node_hash(pair[0][0], pair[1][0]) != stored:
            yield Trouble("log", f"node {level}/{number}", "the stored node does not follow from those below it")


def _rows(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """Every leaf is what its row says today, and every row has its leaf."""
    for seq, kind, row, leaf in sql.execute("SELECT seq, kind, row, leaf FROM log ORDER BY seq"):
        name = evidence.KINDS.get(kind, "unknown")
        try:
            same = kind in RECORDS and evidence.leaf_hash(RECORDS[kind](sql, row)) == leaf
        except Exception as error:  # noqa: BLE001  # missing, or no longer what its column holds
            yield Trouble(name, str(row), f"{error}; entry {seq} of the log witnesses it")
            continue
        if not same:
            yield Trouble(
                name, str(row), f"differs from what entry {seq} of the log witnessed{_address(sql, kind, row)}"
            )
    for kind, name in evidence.KINDS.items():
        missing = sql.execute(
            f"SELECT id FROM {name} WHERE id NOT IN (SELECT row FROM log WHERE kind=?)"
            f"{' AND home<>0' if kind == evidence.REVISION else ''}",
            (kind,),
        )
        for (number,) in missing.fetchall():
            yield Trouble(name, str(number), "has no entry in the log")


def _address(sql: sqlite3.Connection, kind: int, row: int) -> str:
    if kind != evidence.CAPTURE:
        return ""
    found = sql.execute(
        "SELECT url FROM capture JOIN resource ON resource.id=capture.resource WHERE capture.id=?", (row,)
    ).fetchone()
    return f" ({found[0]})" if found else ""


def _readings(sql: sqlite3.Connection) -> Iterator[Trouble]:
    for number, digest in sql.execute("SELECT id, digest FROM reading"):
        try:
            whole = leaves.sha(text_of(sql, number)) == digest
        except Exception:  # noqa: BLE001  # not even a frame any more
            whole = False
        if not whole:
            yield Trouble("reading", str(number), "its text does not match its digest")


def _kept_beside(sql: sqlite3.Connection) -> Iterator[Trouble]:
    """Request headers and crawl settings still match the digests that captures and crawls hold of them."""
    for number, digest, data in sql.execute("SELECT id, digest, data FROM headers").fetchall():
        pairs = tuple((str(name), str(value)) for name, value in leaves.unpack_headers(data))
        if leaves.sha(leaves.headers_text(pairs)) != digest:
            yield Trouble("headers", str(number), "the request headers do not match their digest")
    for number, settings, digest in sql.execute("SELECT id, settings, settings_digest FROM crawl").fetchall():
        if leaves.sha(settings.encode()) != digest:
            yield Trouble("crawl", str(number), "its settings do not match their digest")


def _heads(sql: sqlite3.Connection) -> Iterator[Trouble]:
    log = evidence.Log(sql)
    for number, size, root in sql.execute("SELECT id, size, root FROM head ORDER BY id").fetchall():
        if size > log.size:
            yield Trouble("head", str(number), f"the log had {size} entries then and has {log.size} now: it was cut")
        elif log.root(size) != root:
            yield Trouble("head", str(number), f"the log's first {size} entries are not those of that time")
    rows = sql.execute(
        "SELECT head.id FROM head LEFT JOIN crawl ON crawl.id=head.crawl LEFT JOIN seal ON seal.crawl=crawl.id LEFT JOIN log"
        " ON log.kind=? AND log.row=seal.id WHERE head.crawl IS NOT NULL AND (crawl.finished IS NOT head.at OR log.seq + 1"
        " IS NOT head.size)",
        (evidence.SEAL,),
    )
    for (number,) in rows.fetchall():
        yield Trouble("head", str(number), "its time or its crawl are not those of the seal before it")
    numbers = [row[0] for row in sql.execute("SELECT id FROM head ORDER BY id")]
    for number in sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers)):
        yield Trouble("head", str(number), "it was deleted")
    for number, message in timestamps.troubles(sql):
        yield Trouble("head", str(number), message)
    last = sql.execute("SELECT coalesce(max(size), 0) FROM head").fetchone()[0]
    after = sql.execute("SELECT 1 FROM log WHERE seq>=? AND kind IN (?,?)", (last, evidence.SEAL, evidence.SHARD))
    if after.fetchone():
        yield Trouble("head", "last", "the head that is written when a crawl or a merge ends is missing")


def _known_head(sql: sqlite3.Connection, head: str) -> Iterator[Trouble]:
    wanted = bytes.fromhex(digest_text(head))
    log = evidence.Log(sql)
    sizes = [row[0] for row in sql.execute("SELECT size FROM head WHERE root=?", (wanted,))]
    if wanted == log.root() or any(log.root(size) == wanted for size in sizes if size <= log.size):
        return
    if any(
        root == wanted for root in evidence.roots(row[0] for row in sql.execute("SELECT leaf FROM log ORDER BY seq"))
    ):
        return
    if sql.execute("SELECT 1 FROM shard WHERE root=?", (wanted,)).fetchone():
        yield Trouble(
            "head",
            head,
            "it is said to be that of a shard merged here, which only the shard itself can prove: verify that",
        )
        return
    yield Trouble("head", head, "no state of this archive has this head: it was edited, cut, or is another archive")


def digest_text(head: str) -> str:
    """The 64 hexadecimal digits of a head as users write it; raises ValueError for what is none."""
    text = head.strip().lower().removeprefix("sha256:")
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise ValueError(f"{head!r} is no digest; write sha256: and 64 hexadecimal digits")
    return text


def state(sql: sqlite3.Connection) -> dict[str, Any]:
    """The log's size and root now, and the last head that was kept; None where damage leaves no root."""
    if list(_sequence(sql)):
        return {"size": None, "root": None, "last_head": None}
    log = evidence.Log(sql)
    row = sql.execute("SELECT size, root, at FROM head ORDER BY id DESC LIMIT 1").fetchone()
    last = {"size": row[0], "root": shown(row[1])} if row else None
    return {"size": log.size, "root": shown(log.root()), "last_head": last}
