"""From a request to an answer: finds the page, gives it a connection of its own moment, and turns errors into sentences."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from archive.connection import DAMAGED, ArchiveError, damaged, lying, open_reading
from archive.history import NoSuchReport
from archive.occurrences import clean
from archive.proofs import NoSuchEntry
from archive.provenance import NoSuchObservation
from archive.search_query import QueryError
from archive.web.exchange import Answer, Ask, BadQuestion, NotHere
from archive.web.guard import SANDBOXED
from archive.web.keeping import Kept
from archive.web.render import page, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.web.exchange import Handler, Marker

THREADS = 4
"""So many pages are made at once; the rest wait."""
SLOW = ("/marked", ".png")
"""Paths that end so wait for the cage, or for a picture to be drawn; no other page waits for them."""
QUICK = ("/static/", "/favicon.ico")
"""Paths that begin so are files of the room, and wait for no page."""
PATIENCE = 5.0
"""Seconds of SQL after which a page gives up and says so."""
_STEPS = 20_000
"""SQLite looks at the clock once in so many steps of its machine (a few milliseconds)."""
KEPT = ("/", "/coverage", "/series")
"""Pages that look at the whole archive, and are kept until it changes."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_MISSING = (NotHere, NoSuchReport, NoSuchObservation, NoSuchEntry)
_WRONG = (BadQuestion, QueryError)


class Room:
    """One archive's pages; safe to call from an event loop, the work is done in threads."""

    def __init__(self, path: Path, routes: Sequence[tuple[str, Handler]], marker: Marker | None = None) -> None:
        self.path = path
        self._routes = [(re.compile(pattern), handler) for pattern, handler in routes]
        self._marker = marker
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="drawn")
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="file")
        self._own = threading.local()
        self._kept = Kept()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG002  # ASGI's form
        """Answer one ASGI request."""
        answer = await asyncio.get_running_loop().run_in_executor(self._line(scope["path"]), self.answer, scope)
        headers = {"Cache-Control": "no-cache", **answer.headers, "Content-Type": answer.media_type}
        if answer.sandboxed:
            headers[SANDBOXED.decode()] = "1"
        data = answer.data
        raw = [(name.lower().encode(), _header(value)) for name, value in headers.items()]
        raw.append((b"content-length", str(len(data)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else data})

    def _line(self, path: str) -> ThreadPoolExecutor:
        """In which line a request waits."""
        if path.startswith(QUICK):
            return self._quick
        return self._slow if path.endswith(SLOW) else self._pool

    def answer(self, scope: dict[str, Any]) -> Answer:
        """Answer one request in this thread; never raises for what was asked."""
        try:
            ask = _asked(scope, self._marker)
        except ValueError:
            return Answer("Too many parameters. · 参数过多。\n", "text/plain; charset=utf-8", 400)
        for pattern, handler in self._routes:
            match = pattern.fullmatch(ask.path)
            if match:
                groups = {name: unquote(text) for name, text in match.groupdict().items() if text is not None}
                return self._answered(replace(ask, groups=groups), handler)
        return _sorry(ask, 404, word(ask.language, "error.nothing"))

    def _answered(self, ask: Ask, handler: Handler) -> Answer:
        try:
            sql = self._connection()
            until = time.monotonic() + PATIENCE
            sql.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            sql.execute("BEGIN")
            try:
                return self._made(replace(ask, sql=sql), handler)
            finally:
                sql.execute("ROLLBACK")
        except _MISSING as error:
            return _sorry(ask, 404, str(error))
        except _WRONG as error:
            return _sorry(ask, 400, str(error))
        except ArchiveError as error:
            return _sorry(ask, 503, str(error))
        except sqlite3.DatabaseError as error:
            if damaged(error):
                return _sorry(ask, 503, DAMAGED)
            if "interrupted" not in str(error):
                return self._fault(ask, error)
            return _sorry(ask, 503, word(ask.language, "error.slow", seconds=int(PATIENCE)))
        except Exception as error:  # noqa: BLE001  # one page's fault must not end the room; it is told to the operator
            return self._fault(ask, error)

    def _made(self, ask: Ask, handler: Handler) -> Answer:
        if ask.path not in KEPT:
            return handler(ask)
        question = (self._own.kept[1], ask.root, ask.path, ask.raw_query, ask.language)
        return self._kept.answer(ask.sql, question, lambda: handler(ask))

    def _fault(self, ask: Ask, error: Exception) -> Answer:
        sys.stderr.write(f"{clean(ask.path)}: {type(error).__name__}: {clean(str(error))}\n")
        return _sorry(ask, 500, word(ask.language, "error.fault", name=type(error).__name__))

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a new one when another file lies at the path than it was opened on."""
        lies = lying(self.path)
        kept: tuple[sqlite3.Connection, tuple[int, int] | None] | None = getattr(self._own, "kept", None)
        if kept is not None and kept[1] == lies is not None:
            return kept[0]
        if kept is not None:
            self._own.kept = None
            kept[0].close()
        found = open_reading(self.path)
        found.execute("PRAGMA temp_store=MEMORY")
        self._own.kept = (found, lies)
        return found

    def close(self) -> None:
        """Let the threads end."""
        for pool in (self._pool, self._slow, self._quick):
            pool.shutdown(wait=True, cancel_futures=True)


def _asked(scope: dict[str, Any], marker: Marker | None) -> Ask:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    raw = scope.get("raw_path") or scope["path"].encode()
    raw_query = scope.get("query_string", b"").decode("latin-1")
    query: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(raw_query, keep_blank_values=True, max_num_fields=200):
        query[name] = (*query.get(name, ()), value)
    return Ask(
        sql=None,  # type: ignore[arg-type]  # given when a handler is found
        path=raw.decode("latin-1").partition("?")[0],
        query=query,
        headers=headers,
        root=f"{scope.get('scheme', 'http')}://{headers.get('host', '')}",
        raw_query=raw_query,
        marker=marker,
    )


def _sorry(ask: Ask, status: int, sentence: str) -> Answer:
    """A page that says what is the matter; where it was asked in a wrong way, without the wrong parameters."""
    plain = replace(ask, query={name: value for name, value in ask.query.items() if name == "lang"})
    return page(plain, "error.html", status=status, sentence=_tongue(sentence, ask.language))


def _tongue(sentence: str, language: str) -> str:
    """Of a sentence in both languages (``English · 中文``) the one asked for; another as it is."""
    en, parted, zh = sentence.rpartition(" · ")
    if not parted or not _CHINESE.search(zh):
        return sentence
    return zh if language == "zh" else en


def _header(value: str) -> bytes:
    """A header's value as bytes; a line break in it would begin another header."""
    return re.sub(r"[\r\n\0]+", " ", value).encode("utf-8", "replace")
