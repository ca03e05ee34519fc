"""What Datasette is given of the archive: its tables, SQL, JSON and CSV under ``/archive``, read-only and with limits."""

from __future__ import annotations

import sqlite3
import sys
import threading
from html import escape
from typing import TYPE_CHECKING, Any

from datasette import hookimpl
from datasette.database import Database, QueryInterrupted, connections
from datasette.utils.asgi import Response
from datasette.views.base import DatasetteError

from archive.connection import DAMAGED, ArchiveError, damaged, lying, open_reading
from archive.occurrences import clean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

TABLES = "archive"
"""The name under which Datasette shows the archive, whatever its file is called."""
LONGEST = 8 * 2**20
"""Bytes a value made by a visitor's SQL may have."""
LARGEST = 16 * 2**20
"""Bytes the values of one answer may have together."""
_MAY = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_PRAGMA,
    }
)
_PRAGMAS = frozenset(
    {"table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list",
     "schema_version", "data_version", "recursive_triggers", "query_only", "function_list", "compile_options"}
)  # fmt: skip
_opened = threading.local()
"""Which file a thread's connection was opened on."""
_NEVER = frozenset({"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"})


def may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """SQLite's authorizer: what a visitor's SQL may do (sqlite.org/c3ref/set_authorizer.html): read, and nothing else."""
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        return sqlite3.SQLITE_OK  # how a search table declares itself when it is opened; the file is open read-only
    if action not in _MAY:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _NEVER:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and ((first or "").lower() not in _PRAGMAS or _sets(first, second)):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _sets(pragma: str | None, argument: str | None) -> bool:
    return (pragma or "").lower() in (
        "schema_version",
        "data_version",
        "recursive_triggers",
        "query_only",
    ) and argument is not None


class TooLarge(sqlite3.DataError):
    """Raised when the rows of one answer hold more than :data:`LARGEST` bytes."""


class _Rows:
    """Makes the rows of one connection, and counts the bytes of the answer they belong to."""

    def __init__(self) -> None:
        self._cursor: sqlite3.Cursor | None = None
        self._left = LARGEST

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        if cursor is not self._cursor:
            self._cursor, self._left = cursor, LARGEST
        self._left -= sum(len(value) for value in values if isinstance(value, (str, bytes)))
        if self._left < 0:
            raise TooLarge(f"the answer is larger than {LARGEST // 2**20} MB; ask for fewer rows or columns")
        return sqlite3.Row(cursor, values)


class Tables(Database):  # type: ignore[misc]  # Datasette has no types
    """The archive as Datasette opens it: read-only as everything that reads, and with limits."""

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A new connection; raises :class:`archive.connection.ArchiveError`, PermissionError for a writing one."""
        if write:
            raise PermissionError("The reading room changes nothing.")
        found = open_reading(self.path)
        found.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        found.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        found.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000)
        found.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 200)
        found.set_authorizer(may)
        self._all_file_connections.append(found)
        return found

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """Run in a thread with its connection, which is a new one when another file lies at the path by now."""

        def current(connection: sqlite3.Connection) -> Any:
            lies = lying(self.path)
            if getattr(_opened, "lies", lies) != lies:
                connection = self.connect()
                self.ds._prepare_connection(connection, self.name)  # noqa: SLF001  # as Datasette does with each
                setattr(connections, self.name, connection)
            _opened.lies = lies
            connection.row_factory = _Rows()
            return fn(connection)

        return await super().execute_fn(current)

    async def execute(self, sql: str, *arguments: Any, **options: Any) -> Any:
        """Run a query; what is wrong with it goes to who asked, not to the log."""
        return await super().execute(sql, *arguments, **{**options, "log_sql_errors": False})

    async def attached_databases(self) -> list[Any]:
        """None: nothing can be attached, and where the file lies is nobody's business."""
        return []

    async def foreign_keys_for_table(self, table: str) -> list[dict[str, Any]]:
        """A table's references; one that names no column is to the other table's key, which is ``id`` throughout."""
        return [_whole(key, "other_column") for key in await super().foreign_keys_for_table(table)]

    async def get_all_foreign_keys(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """The references of all tables, both ways."""
        found: dict[str, dict[str, list[dict[str, Any]]]] = await super().get_all_foreign_keys()
        for ways in found.values():
            ways["incoming"] = [_whole(key, "column") for key in ways["incoming"]]
            ways["outgoing"] = [_whole(key, "other_column") for key in ways["outgoing"]]
        return found


def _whole(key: dict[str, Any], name: str) -> dict[str, Any]:
    return {**key, name: key[name] or "id"}


def tables(datasette: Any, path: Path) -> Tables:
    """The archive as one of Datasette's databases."""
    return Tables(datasette, str(path), is_mutable=True)


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Response]] | None:
    """Say what is the matter with a visitor's question in a sentence, as JSON where JSON was asked for."""
    if TABLES not in datasette.databases:
        return None

    async def told() -> Response:
        status = int(getattr(exception, "status", 500))
        if isinstance(exception, DatasetteError) and status >= 500:
            status = 400  # its own word for a column or a value that does not exist
        text = str(getattr(exception, "message", None) or exception)
        if status >= 500:
            status, text = _faulty(request.path, exception, text)
        headers = {"cache-control": "no-cache"}
        if request.path.endswith(".json") or request.args.get("_format") == "json":
            return Response.json({"ok": False, "error": text, "status": status, "title": None}, status, headers)
        return Response.html(_sentence(text), status, headers)

    return told


def _faulty(path: str, exception: Exception, text: str) -> tuple[int, str]:
    """Which of a question's errors are the question's own: SQLite's are, unless the archive itself is out of order."""
    if isinstance(exception, ArchiveError):
        return 503, text
    if isinstance(exception, QueryInterrupted):
        return 400, "The query took too long; narrow it. · 查询超时，请缩小范围。"
    if isinstance(exception, sqlite3.DatabaseError) and damaged(exception):
        return 503, DAMAGED
    if isinstance(exception, sqlite3.Error):
        return 400, f"The query could not be run: {text}. · 查询无法执行。"
    sys.stderr.write(f"{clean(path)}: {type(exception).__name__}: {clean(text)}\n")
    return 500, (
        "This is a fault of the program, or the archive is damaged; `nianlun verify` tells which, the server's log says more."
        " · 本程序出错，或档案库有损；nianlun verify 可查明，详见服务日志。"
    )


def _sentence(text: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>nianlun 年轮</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/room.css">'
        f'</head><body><main><h1>nianlun 年轮</h1><p class="sentence" role="alert">{escape(text)}</p>'
        f'<p><a href="/{TABLES}">/{TABLES}</a> · <a href="/">/</a></p></main></body></html>'
    )


def is_datasettes(path: str) -> bool:
    """Whether a path leads to tables, SQL, or the files of their pages."""
    return path == f"/{TABLES}" or path.startswith((f"/{TABLES}/", f"/{TABLES}.", "/-/static/"))
