"""A small archive and a room over it, asked without a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from archive.web import machines, pages
from archive.web.room import Room

HOSTILE = "\"><script>alert('t')</script><img src=x onerror=alert(1)>"


@dataclass
class Visitor:
    """Asks a room and keeps what came back."""

    room: Room

    def get(self, address: str, **headers: str) -> Any:
        parts = urlsplit(address)
        path = quote(parts.path, safe="/:%")
        return self.room.answer(
            {
                "type": "http",
                "method": "GET",
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "query_string": quote(parts.query, safe="=&%+/:").encode(),
                "headers": [
                    (b"host", b"127.0.0.1:8001"),
                    *((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()),
                ],
            }
        )

    def text(self, address: str, status: int = 200, **headers: str) -> str:
        found = self.get(address, **headers)
        assert found.status == status, (address, found.status, found.data[:2000].decode())
        return found.data.decode()


def visitor(path: Path, marker: Any = None) -> Visitor:
    return Visitor(Room(path, (*pages.routes(), *machines.routes()), marker))
