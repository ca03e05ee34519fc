"""The reading room as one ASGI application; :mod:`archive.web.serving` serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.connection import open_reading
from archive.web import guard

if TYPE_CHECKING:
    from pathlib import Path

    from archive.web.exchange import Handler, Marker

SETTINGS = {
    "sql_time_limit_ms": 2000,
    "max_returned_rows": 1000,
    "default_page_size": 50,
    "num_sql_threads": 4,
    "facet_time_limit_ms": 500,
    "facet_suggest_time_limit_ms": 20,
    "allow_download": False,
    "allow_csv_stream": True,
    "max_csv_mb": 50,
    "truncate_cells_html": 300,
    "default_cache_ttl": 0,
}
"""What of Datasette is set otherwise: limits for SQL that anybody may ask, and no copy of the file in the making
(``nianlun backup`` makes a whole one while a crawl writes)."""


def routes() -> tuple[tuple[str, Handler], ...]:
    """Every page of ours; the first that fits answers."""
    from archive.web import machines, pages  # noqa: PLC0415  # they are many

    return (*pages.routes(), *machines.routes())


def application(path: Path, hosts: guard.Hosts, marker: Marker | None = None) -> Any:
    """The room over an archive as an ASGI application.  Raises :class:`archive.connection.ArchiveError`."""
    from datasette.app import Datasette  # noqa: PLC0415  # costs half a second
    from datasette.plugins import pm  # noqa: PLC0415

    from archive.web import plugin, sheets  # noqa: PLC0415
    from archive.web.room import Room  # noqa: PLC0415

    open_reading(path).close()  # says at once what is the matter with the file
    room = Room(path, routes(), marker)
    shown = Datasette(settings=SETTINGS, metadata=_told())
    shown.remove_database("_memory")
    shown.add_database(plugin.tables(shown, path), name=plugin.TABLES)
    if not pm.is_registered(plugin):
        pm.register(plugin, name="nianlun")
        pm.unregister(name="datasette.handle_exception")  # it prints tracebacks; ours says a sentence
    tables = sheets.safe_sheets(shown.app())

    async def chosen(scope: dict[str, Any], receive: Any, send: Any) -> None:
        beyond = scope["type"] != "http" or plugin.is_datasettes(scope["path"])
        await (tables if beyond else room)(scope, receive, send)

    return guard.guarded(
        chosen,
        hosts,
        "This reading room is not known under that name; open it under the address `nianlun serve` printed, or start it"
        " with --name. · 未知主机名：请用 nianlun serve 显示的地址访问，或以 --name 指定。",
        "Nothing can be changed here: only GET and HEAD are answered. · 此处只读，仅支持 GET 与 HEAD。",
    )


def _told() -> dict[str, Any]:
    """What Datasette says of the archive on its own pages."""
    return {
        "title": "nianlun 年轮",
        "databases": {
            "archive": {
                "title": "nianlun 年轮",
                "description": "The archive's tables, read-only · 档案库原表，只读",
                "source": "reading room · 阅览室",
                "source_url": "/",
            }
        },
    }
