"""The server behind the room: uvicorn, with a limit on how long a request may take to arrive.

uvicorn waits for ever for the end of a request that was begun, and two hundred such visitors would be all it has room for.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

ARRIVING = 10.0
"""Seconds within which a request's head must have arrived whole."""
MOST = 500
"""Connections at once; who comes after is told to come again (503)."""


class Impatient(H11Protocol):
    """Closes a connection on which a request was begun and not finished within :data:`ARRIVING`."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came; while a request is being answered nobody is late."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go over to the next request, which may already have come in part."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering:
            self._forget()
        elif self._late is None:
            self._late = self.loop.call_later(ARRIVING, self._give_up)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()


def serve(application: Any, sockets: Sequence[Any], *, log: bool = False) -> None:
    """Answer on listening sockets until interrupted (SIGINT, SIGTERM)."""
    warnings.filterwarnings("ignore", "coroutine .*acet.* was never awaited")  # Datasette's, for a facet that is none
    config = uvicorn.Config(
        application,
        http=Impatient,
        log_level="info" if log else "warning",
        access_log=log,
        server_header=False,
        h11_max_incomplete_event_size=65_536,
        timeout_keep_alive=10,
        limit_concurrency=MOST,
        lifespan="on",
    )
    uvicorn.Server(config).run(sockets=list(sockets))
