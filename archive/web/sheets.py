"""Datasette's CSV made safe for spreadsheets: no cell begins like a formula, and a query that failed says so.

Datasette writes what it finds, and where a query fails an empty line with status 200.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from archive.exporters.cells import safe_cell

if TYPE_CHECKING:
    from archive.web.guard import App, Scope, Send

_FAILED = b"The query gave no columns: it failed or took too long; /archive says why. \xc2\xb7 \xe6\x9f\xa5\xe8\xaf\xa2\xe5\xa4\xb1\xe8\xb4\xa5\xe3\x80\x82\n"


def safe_sheets(app: App) -> App:
    """``app`` with every cell of its CSV answers made safe as they stream."""

    async def answer(scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith(".csv"):
            await app(scope, receive, _Sheet(send))
        else:
            await app(scope, receive, send)

    return answer


class _Sheet:
    """Passes messages on; of a CSV answer whole records, rewritten."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: dict[str, Any] | None = None
        self._is_sheet = False
        self._rest = b""

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self._is_sheet = message["status"] == 200 and _type(message).startswith("text/plain")
            if not self._is_sheet:
                await self._send(message)
            return
        if not self._is_sheet:
            await self._send(message)
            return
        await self._body(message)

    async def _body(self, message: dict[str, Any]) -> None:
        whole, self._rest = _cut(self._rest + message.get("body", b""), last=not message.get("more_body"))
        if self._start is not None:
            if not whole and message.get("more_body"):
                return
            failed = not whole.strip(b"\r\n")
            status, kind = (400, b"text/plain; charset=utf-8") if failed else (200, b"text/csv; charset=utf-8")
            await self._send(_typed(self._start, status, kind))
            self._start = None
            if failed:
                self._is_sheet = False
                await self._send({"type": "http.response.body", "body": _FAILED})
                return
        await self._send({**message, "body": safe(whole)})


def _type(message: dict[str, Any]) -> str:
    return next((value.decode() for name, value in message["headers"] if name.lower() == b"content-type"), "")


def _typed(message: dict[str, Any], status: int, kind: bytes) -> dict[str, Any]:
    kept = [pair for pair in message["headers"] if pair[0].lower() not in (b"content-type", b"content-length")]
    return {**message, "status": status, "headers": [*kept, (b"content-type", kind)]}


def _cut(data: bytes, *, last: bool) -> tuple[bytes, bytes]:
    """What of some bytes is whole records, and the rest: a line's end within quotes ends no record."""
    if last:
        return data, b""
    at = data.rfind(b"\r\n")
    while at >= 0 and data[: at + 2].count(b'"') % 2:
        at = data.rfind(b"\r\n", 0, at)
    return (data[: at + 2], data[at + 2 :]) if at >= 0 else (b"", data)


def safe(data: bytes) -> bytes:
    """Whole records of CSV with their cells made safe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows(
        [safe_cell(cell) for cell in row] for row in csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    )
    return text.getvalue().encode()
