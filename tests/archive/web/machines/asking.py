"""Asks the reading room's machine handlers as its server would: by path and query, through the routes."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from archive.web.exchange import Answer, Ask

if TYPE_CHECKING:
    import sqlite3

ROOT = "http://127.0.0.1:8001"


def ask(sql: sqlite3.Connection, routes, address: str, root: str = ROOT, **headers: str) -> Answer:
    """The answer of the handler whose route takes the address's path; LookupError where none does."""
    path, _, raw = address.partition("?")
    query = {name: tuple(values) for name, values in parse_qs(raw, keep_blank_values=True).items()}
    named = {name.lower().replace("_", "-"): value for name, value in headers.items()}
    for pattern, handler in routes:
        found = re.fullmatch(pattern, path)
        if found:
            groups = {name: unquote(value) for name, value in found.groupdict().items() if value is not None}
            return handler(Ask(sql, path, groups, query, named, root, raw))
    raise LookupError(address)


@contextmanager
def served(sql: sqlite3.Connection, routes):
    """The handlers behind a loopback server of one thread; gives its root address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer = ask(sql, routes, self.path, root, **dict(self.headers.items()))
            except (LookupError, ValueError) as error:
                answer = Answer(str(error), "text/plain; charset=utf-8", 404)
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Type": answer.media_type}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        root = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield root
        finally:
            server.shutdown()
            thread.join()
