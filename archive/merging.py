"""Merging shards: the union of what several machines archived, whatever the order, however often.

What the log witnesses is identified by value (a crawl by its uid, a capture by address, time and crawl, a payload by
digest, everything else by its entry of the log), so nothing can contradict anything: what is there already is left as
it is, what is not is added, and logged again under its own leaf.  A shard's own head becomes an entry too.  Reports
that both sides know are told anew afterwards (:mod:`archive.retelling`).

One shard is one transaction: a merge that was stopped left nothing, and is simply repeated.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from archive import evidence, leaves
from archive.connection import ArchiveError, open_reading
from archive.merging_rows import STEPS, added, contradicted, log_fresh
from archive.model import shown
from archive.payloads import DEPTH, Payloads
from archive.retelling import retell
from archive.verify import verify
from archive.witness import schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.store import Store


class UnsoundShard(ArchiveError):
    """Raised for a shard that is damaged, foreign in its schema, or contradicts the archive; nothing was merged."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Merged:
    """What one shard brought: its head, and how many rows of each sort were new."""

    shard: str
    size: int
    root: str
    added: dict[str, int]
    retold: int

    def as_dict(self) -> dict[str, Any]:
        """The row as ``merge --json`` prints it."""
        return {"shard": self.shard, "entries": self.size, "head": self.root, **self.added, "retold": self.retold}


def merge(
    store: Store, path: Path, *, trust: bool = False, keep: bool = True, say: Callable[[str], None] | None = None
) -> Merged:
    """Add what the shard at ``path`` (a sound archive of this program's schema) holds and ``store`` does not.

    ``trust``: do not check every byte of the shard first, only its schema and its log.  ``keep=False``: count, and
    write nothing.  Raises :class:`UnsoundShard`, and :class:`archive.connection.ArchiveError` for a file that is none.
    """
    tell = say or (lambda _: None)
    store.commit()
    if Path(store.sql.execute("PRAGMA database_list").fetchone()[2]).samefile(path):
        raise UnsoundShard(f"{path} is the archive itself; name shards to merge into it.")
    size, root = _checked(path, tell, trust=trust)
    sql = store.sql
    sql.execute("ATTACH DATABASE ? AS incoming", (f"file:{quote(str(path.absolute()))}?mode=ro",))
    try:
        store.writing()
        _refuse_divided(sql, path)
        for name, step in STEPS:
            tell(name)
            step(sql)
        _refuse_contradiction(sql, path)
        counts, grown = added(sql), _log(store, size, root)
        _shorten(store)
        retold = _retell(store, tell)
        if grown:
            store.keep_head()
        if keep:
            store.commit()
    except BaseException:
        store.rollback()
        raise
    finally:
        _forget(sql)
        sql.execute("DETACH DATABASE incoming")
        store.rollback()  # what the store remembered of ids is of before
    return Merged(str(path), size, shown(root), counts, retold)


def _checked(path: Path, tell: Callable[[str], None], *, trust: bool) -> tuple[int, bytes]:
    """The shard's log size and root; raises for one that is not sound."""
    reader = open_reading(path)
    try:
        tell("checking")
        troubles = list(schema(reader))
        if not troubles and not trust:
            troubles = verify(reader)
        if troubles:
            first = troubles[0]
            raise UnsoundShard(
                f"{path} is not sound ({first.what} {first.row}: {first.message}; {len(troubles)} in all) and was not"
                f" merged; see `nianlun verify -a {path}`."
            )
        log = evidence.Log(reader)
        return log.size, log.root()
    except sqlite3.DatabaseError as error:
        raise UnsoundShard(f"{path} is damaged ({error}) and was not merged; restore it from a backup.") from error
    finally:
        reader.close()


def _refuse_divided(sql: sqlite3.Connection, path: Path) -> None:
    """A crawl that was interrupted and finished in two copies of one archive has two ends; neither can be chosen."""
    row = sql.execute(
        "SELECT here.uid, here.id FROM main.crawl here JOIN incoming.crawl there ON there.uid=here.uid JOIN main.seal ours ON"
        " ours.crawl=here.id JOIN incoming.seal theirs ON theirs.crawl=there.id WHERE ours.requests<>theirs.requests"
    ).fetchone()
    if row is not None:
        raise UnsoundShard(
            f"Crawl {row[1]} was finished in the archive and otherwise in {path}, a copy of it; nothing was merged."
            " Keep one of the two."
        )


def _refuse_contradiction(sql: sqlite3.Connection, path: Path) -> None:
    found = contradicted(sql)
    if found is not None:
        raise UnsoundShard(f"{found} of {path} contradicts the archive's and nothing was merged; verify both.")


def _log(store: Store, size: int, root: bytes) -> int:
    """Log what came in under its own leaves, then the shard's head unless it is known; return how many entries that were."""
    sql = store.sql
    log_fresh(sql, store.log.size)
    grown = store.log.grow()
    known = sql.execute("SELECT 1 FROM main.shard WHERE root=? AND size=?", (root, size)).fetchone()
    if not known:
        cursor = sql.execute("INSERT INTO main.shard (size, root) VALUES (?,?)", (size, root))
        number = int(cursor.lastrowid or 0)
        store.log.append(evidence.SHARD, number, leaves.shard(sql, number))
        grown += 1
    return grown


def _shorten(store: Store) -> None:
    """Payloads whose chain became longer than a reading may go stand alone from now on."""
    sql = store.sql
    while True:
        rows = sql.execute(
            "SELECT here.id FROM temp.m_payload m JOIN payload here ON here.id=m.new JOIN payload base ON base.id=here.base"
            " WHERE m.fresh AND here.depth<>base.depth + 1"
        ).fetchall()
        if not rows:
            break
        sql.execute(
            "UPDATE payload SET depth=(SELECT base.depth + 1 FROM payload base WHERE base.id=payload.base) WHERE id IN"
            " (SELECT value FROM json_each(?))",
            (f"[{','.join(str(row[0]) for row in rows)}]",),
        )
    payloads = Payloads(sql)
    deep = sql.execute(
        "SELECT m.new FROM temp.m_payload m JOIN payload ON id=m.new WHERE m.fresh AND depth>?", (DEPTH,)
    )
    for (number,) in deep.fetchall():
        payloads.stand_alone(number)


_TOUCHED = (
    "SELECT report.id FROM main.report WHERE portal IN (SELECT crawl.portal FROM temp.m_crawl c JOIN main.crawl ON"
    " crawl.id=c.new JOIN temp.m_portal p ON p.new=crawl.portal WHERE c.fresh AND NOT p.fresh) OR id IN (SELECT m.new FROM"
    " temp.m_report m WHERE NOT m.fresh AND m.new IN (SELECT report FROM main.revision JOIN temp.m_revision v ON"
    " v.new=revision.id AND v.fresh UNION SELECT report FROM main.revision JOIN main.reading ON"
    " reading.revision=revision.id JOIN temp.m_reading r ON r.new=reading.id AND r.fresh UNION SELECT report FROM"
    " main.change JOIN temp.m_change h ON h.new=change.id AND h.fresh)) OR id IN (SELECT m.new FROM temp.m_report m JOIN"
    " incoming.retold ON retold.report=m.old)"
)
"""The reports of portals that both sides crawled, those of which something came in, and those told anew over there."""


def _retell(store: Store, tell: Callable[[str], None]) -> int:
    rows = store.sql.execute(_TOUCHED).fetchall()
    tell(f"chronicles ({len(rows)})")
    for (number,) in rows:
        retell(store.sql, number, store.chronicle.summary)
    return len(rows)


def _forget(sql: sqlite3.Connection) -> None:
    if sql.in_transaction:
        sql.execute("ROLLBACK")
    for (name,) in sql.execute("SELECT name FROM temp.sqlite_master WHERE type='table'").fetchall():
        sql.execute(f'DROP TABLE temp."{name}"')
