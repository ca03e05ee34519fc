"""What an archive and what was made of it say, by value: what must not depend on how often a command was killed."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

from archive import migrations, query
from archive.connection import APPLICATION_ID, ArchiveError, open_reading, open_writing
from archive.evidence import CAPTURE, READING, REVISION, Log
from archive.payloads import compress
from archive.query import Filters
from archive.store import Store
from archive.texts import text_of
from archive.verify import verify

Row = dict[str, object]
REPORT = ("url", "title", "publisher", "year", "kind", "form", "published", "written", "state", "revisions", "findings")
OBSERVATION = ("url", "indicator", "value", "status", "raw", "unit", "source", "revision")
CHANGE = ("crawl", "url", "event", "revision", "summary", "observations")
_OLD = ("m001_tables", "m002_years_compared")
_VALUES = {
    "payloads": "SELECT DISTINCT hex(digest) FROM payload JOIN capture ON capture.payload=payload.id",
    "requests": (
        "SELECT crawl, url, role, outcome, reason FROM request JOIN resource ON resource.id=resource WHERE crawl IN"
        " (SELECT id FROM crawl WHERE finished IS NOT NULL)"
    ),
    "crawls": "SELECT id, outcome, finished IS NULL FROM crawl",
    "readings": (
        "SELECT report.key, revision.n, software.name, software.parameters, hex(reading.digest) FROM reading JOIN"
        " revision ON revision.id=reading.revision JOIN report ON report.id=revision.report JOIN software ON"
        " software.id=reading.software"
    ),
    "compared": "SELECT findings FROM compared",
    "shards": "SELECT size, hex(root) FROM shard",
    "heads": "SELECT count(*), max(size)=(SELECT count(*) FROM log) FROM head",
    "search": "SELECT year, count(*) FROM indexed GROUP BY year",
    "findings": "SELECT rule, level, message, indicators FROM finding",
}
"""What no listing shows; captures are not counted: a kill repeats the last fraction of a second."""


def state(path: Path, *, exact: bool = False) -> dict[str, list[str]]:
    """Everything an archive says; ``exact``: with the leaves of its log, for what depends on no clock."""
    sql = open_reading(path)
    try:
        found: dict[str, list[object]] = {
            "reports": _picked(query.reports(sql, Filters()), REPORT),
            "observations": _picked(query.observations(sql, Filters(), revision="all"), OBSERVATION),
            "changes": _picked(query.changes(sql), CHANGE),
        }
        found |= {name: [tuple(row) for row in sql.execute(text)] for name, text in _VALUES.items()}
        if exact:
            found["leaves"] = [row[0].hex() for row in sql.execute("SELECT leaf FROM log")]
        return {
            name: sorted(json.dumps(row, ensure_ascii=False, default=str) for row in rows)
            for name, rows in found.items()
        }
    finally:
        sql.close()


def _picked(rows: list[Row], names: tuple[str, ...]) -> list[object]:
    return [[row[name] for name in names] for row in rows]


def tree(place: Path) -> dict[str, str]:
    """The files of an export with their digests."""
    files = [place] if place.is_file() else sorted(item for item in place.rglob("*") if item.is_file())
    return {
        str(item.relative_to(place)) if item != place else "": hashlib.sha256(item.read_bytes()).hexdigest()
        for item in files
    }


def listing(folder: Path) -> set[str]:
    """The names in a folder, without the copies that migrations make."""
    return {item.name for item in folder.iterdir() if ".before-" not in item.name or item.name.startswith(".")}


def looked_at(archive: Path, desk: Path) -> Path:
    """A copy of an archive with what lies beside it: looking repairs nothing that the next writer should repair."""
    shutil.rmtree(desk, ignore_errors=True)
    desk.mkdir()
    for suffix in ("", "-wal", "-journal"):
        source = Path(f"{archive}{suffix}")
        if source.exists():
            shutil.copyfile(source, desk / source.name)
    return desk / archive.name


def troubles(archive: Path, desk: Path, *, damaged: bool = False) -> list[str]:
    """What is wrong with an archive that was being written when its writer died; ``damaged``: it was before, too."""
    copy = looked_at(archive, desk)
    if not copy.exists() or not copy.stat().st_size:
        return []
    sql = sqlite3.connect(copy)
    try:
        found = [row[0] for row in sql.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
        names = migrations.applied(sql)
    finally:
        sql.close()
    if found or damaged or len(names) < len(migrations.NAMES):
        return found
    try:
        reader = open_reading(copy)
    except ArchiveError as error:
        return [str(error)]
    found = [f"{item.what} {item.row}: {item.message}" for item in verify(reader)]
    reader.close()
    return found


def settle(archive: Path) -> None:
    """Do what the next writer does first: take in what the last one had no room to take out of the write-ahead log."""
    if archive.with_name(f"{archive.name}-wal").exists():
        Store(open_writing(archive)).close()


def log_of(archive: Path, desk: Path) -> list[bytes]:
    """The leaves of an archive's log, in their order; empty where there is none yet."""
    copy = looked_at(archive, desk)
    sql = sqlite3.connect(copy)
    try:
        return [row[0] for row in sql.execute("SELECT leaf FROM log ORDER BY seq")]
    except sqlite3.OperationalError:
        return []
    finally:
        sql.close()


def committed(archive: Path) -> int:
    """How many entries of the log a reader can see this moment: what the writer has acknowledged."""
    if not archive.exists():
        return 0
    sql = sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True, timeout=0)
    try:
        return int(sql.execute("SELECT count(*) FROM log").fetchone()[0])
    except sqlite3.Error:
        return 0
    finally:
        sql.close()


def make_older(source: Path, target: Path) -> None:
    """An archive as the program of the first two migrations left it, with the rows of ``source``."""
    from sqlite_utils import Database

    sql = sqlite3.connect(target, isolation_level=None)
    sql.execute(f"PRAGMA application_id={APPLICATION_ID}")
    migrations._collection().apply(Database(sql), stop_before="m003_witnesses")  # noqa: SLF001
    sql.execute("ATTACH ? AS new", (str(source),))
    sql.execute("BEGIN")
    for (table,) in sql.execute("SELECT name FROM main.sqlite_master WHERE type='table'").fetchall():
        if table.startswith(("paragraph_index", "_sqlite", "log", "head", "sqlite")) and table != "headers":
            continue
        names = ", ".join(row[1] for row in sql.execute(f'PRAGMA main.table_info("{table}")'))
        sql.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM new.{table}")
    new = open_reading(source)
    for (number,) in sql.execute("SELECT id FROM main.reading").fetchall():  # texts stood alone then
        sql.execute("UPDATE main.reading SET data=? WHERE id=?", (compress(text_of(new, number)), number))
    new.close()
    sql.execute(
        "INSERT INTO main.log SELECT row_number() OVER (ORDER BY seq) - 1, kind, row, leaf FROM new.log WHERE kind IN"
        " (?,?,?)",
        (CAPTURE, REVISION, READING),
    )
    sql.execute("DELETE FROM main.head")
    log = _Whole(sql)
    sql.execute("INSERT INTO main.head (size, root, at) SELECT ?, ?, max(at) FROM capture", (log.size, log.root()))
    sql.execute("COMMIT")
    sql.execute("DETACH new")
    sql.execute("PRAGMA journal_mode=DELETE")
    assert tuple(migrations.applied(sql)) == _OLD
    sql.close()


class _Whole(Log):
    """A log over rows that are in the table already."""

    def reload(self) -> None:
        self.size, self._peaks = 0, []
        self.grow()
