"""A threaded HTTP/1.1 server on loopback with a log, faults and conditional requests (RFC 9110).

It serves whatever an application callable answers; closing it closes every connection, so that a test
leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from crawler.simulator.answers import CHALLENGES, Answer
from crawler.simulator.request import Request

Application = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as the server saw it: the real time, the simulated time and what was answered."""

    at: float
    """Seconds of a monotonic clock."""
    clock: str
    method: str
    host: str
    path: str
    headers: tuple[tuple[str, str], ...]
    status: int | None
    """None: the connection was closed without an answer."""
    digest: str | None = None
    """SHA-256 of the request's body, in hex, if it had one."""

    def header(self, name: str) -> str | None:
        """The value of a request header, its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something broken: where (a path, maybe with ``*`` in it, or a host), how, how often, on which host alone."""

    where: str
    how: str
    times: int | None = None
    seconds: float = 0.0
    only: str = ""

    def strikes(self, host: str, target: str) -> bool:
        """Whether the fault lies on an address (path and query, or the path alone)."""
        name = host.partition(":")[0]
        if self.only and self.only != name:
            return False
        if not self.where.startswith("/"):
            return self.where in {"*", host, name}
        said = {target, urlsplit(target).path or "/"}
        return self.where in said or ("*" in self.where and any(fnmatchcase(one, self.where) for one in said))


CUTS = ("down", "reset", "half", "short-length", "hang", "slow", "loop", "cookie-wall")
"""Faults of the transport and of redirection; every other ``how`` is an answer of :data:`crawler.simulator.answers.CHALLENGES`."""


@dataclass(slots=True)
class Server:
    """Serves an application in threads until it is closed."""

    application: Application
    clock: Callable[[], str]
    host: str = "127.0.0.1"
    port: int = 0
    log: list[Logged] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    _http: _Threads | None = None
    _thread: threading.Thread | None = None

    def open(self) -> None:
        """Bind the port and begin to serve."""
        self._http = _Threads((self.host, self.port), _Handler, owner=self)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="simulator", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving and close every connection."""
        if self._http is None or self._thread is None:
            return
        self.stopping.set()
        self._http.shutdown()
        self._http.hang_up()
        self._http.server_close()
        self._thread.join()
        self._http = None

    def struck(self, host: str, target: str) -> Fault | None:
        """The newest fault on an address; one with a count is used up."""
        with self.lock:
            for index in range(len(self.faults) - 1, -1, -1):
                fault = self.faults[index]
                if not fault.strikes(host, target):
                    continue
                if fault.times is not None:
                    left = fault.times - 1
                    self.faults[index : index + 1] = [replace(fault, times=left)] if left else []
                return fault
        return None


LONGEST = 1 << 20
"""How many bytes of a request's body are read."""


class _Threads(ThreadingHTTPServer):
    """The standard server with its connections remembered."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], *, owner: Server) -> None:
        self.owner = owner
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        with self.owner.lock:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with self.owner.lock:
            self.connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Wake every handler by shutting its connection down; the handler's thread then closes it."""
        with self.owner.lock:
            waiting = list(self.connections)
        for connection in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        until = time.monotonic() + 2
        while self.connections and time.monotonic() < until:
            time.sleep(0.002)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    disable_nagle_algorithm = True
    server: _Threads
    _body: bytes = b""

    def do_GET(self) -> None:
        """Answer a GET, a HEAD or a POST."""
        owner = self.server.owner
        host = self.headers.get("Host", "")
        self._body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST))
        fault = owner.struck(host, self.path)
        if fault and fault.how in {"down", "reset", "hang"}:
            self._drop(host, fault)
            return
        if fault and fault.how in CHALLENGES:
            answer = CHALLENGES[fault.how]()
        elif fault and self._walled(fault):
            answer = Answer(302, (("Location", self.path), ("Set-Cookie", "CT6T=1; path=/")), b"")
        else:
            request = Request(self.command, host, self.path, tuple(self.headers.items()), self._body)
            answer = owner.application(request)
        if fault and fault.how == "slow":
            owner.stopping.wait(fault.seconds or 1.0)
        self._send(
            host, _revalidated(answer, self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")), fault
        )

    do_HEAD = do_GET  # noqa: N815 - the name the standard library looks for
    do_POST = do_GET  # noqa: N815 - likewise

    def _walled(self, fault: Fault) -> bool:
        """Whether to redirect to the same address: for ever, or until the cookie comes back (field guide, A5)."""
        return fault.how == "loop" or (fault.how == "cookie-wall" and "CT6T=" not in self.headers.get("Cookie", ""))

    def _drop(self, host: str, fault: Fault) -> None:
        """End the connection without a word, at once, by a reset, or after a long silence."""
        self._note(host, None)
        if fault.how == "hang":
            self.server.owner.stopping.wait(fault.seconds or 60.0)
        if fault.how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _send(self, host: str, answer: Answer, fault: Fault | None) -> None:
        self._note(host, answer.status)
        length, body = len(answer.body), answer.body
        if fault and fault.how == "half":
            body, self.close_connection = body[: length // 2], True
        if fault and fault.how == "short-length":
            length, self.close_connection = 10, True
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('Blocked', ''))[0]}"]
        lines += ["Server: nginx", f"Date: {formatdate(usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if answer.status != 304:
            lines.append(f"Content-Length: {length}")
        if self.close_connection:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        self.wfile.write(head if self.command == "HEAD" else head + body)

    def _note(self, host: str, status: int | None) -> None:
        owner = self.server.owner
        digest = hashlib.sha256(self._body).hexdigest() if self._body else None
        sent = tuple(self.headers.items())
        entry = Logged(time.monotonic(), owner.clock(), self.command, host, self.path, sent, status, digest)
        with owner.lock:
            owner.log.append(entry)

    def log_message(self, *_: object) -> None:
        """Nothing goes to standard error; the log is :attr:`Server.log`."""


def _revalidated(answer: Answer, tag: str | None, since: str | None) -> Answer:
    """A 304 where the client already holds the body (an ETag counts more than a date)."""
    if not answer.tagged or answer.status != 200:
        return answer
    headers = (*answer.headers, ("ETag", answer.etag))
    changed = dict(answer.headers).get("Last-Modified")
    same = answer.etag in (tag or "") if tag else bool(since and since == changed)
    if same:
        return Answer(304, tuple(h for h in headers if h[0] != "Content-Type"), b"")
    return Answer(answer.status, headers, answer.body)
