"""What stands in front of every page: who may ask what, and under which rules a browser shows the answer.

- Nothing can be changed: only ``GET`` and ``HEAD`` are answered.
- A page of another host name that resolves to this machine (DNS rebinding) gets nothing: the ``Host`` must be one this
  room was opened under.
- Our own pages run no script and take nothing from another host; nobody may frame them.
- An archived original is shown in a sandbox without scripts, forms, plug-ins or any request (Content Security Policy
  Level 3, ``sandbox``), and never under another type than it is sent with.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scope = dict[str, Any]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Any, Send], Awaitable[None]]

OWN = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of our own pages: no script at all."""
ORIGINAL = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)
"""The policy of archived originals: a document of no origin that can run, send and fetch nothing."""
TABLES = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of Datasette's pages, whose own scripts stand in them."""
SANDBOXED = b"x-nianlun-original"
"""By this header of its own an answer says that it is an original; it does not go out."""
_COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CLOSED = ("/-/",)
_OPEN = ("/-/static/",)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Under which names the room may be reached.

    Beside ``names``, on loopback the names of loopback; where it listens on other addresses every address written as
    numbers, which no foreign name can stand for.
    """

    listening: str
    names: frozenset[str] = frozenset()

    def allows(self, host: str) -> bool:
        """Whether a ``Host`` header's value is one of ours, whatever its port."""
        name = _name(host)
        if name is None:
            return False
        if name in _LOOPBACK or name in self.names:
            return True
        return not self._is_local() and _is_address(name)

    def _is_local(self) -> bool:
        if self.listening == "localhost":
            return True
        return _is_address(self.listening) and ipaddress.ip_address(self.listening).is_loopback


def _name(host: str) -> str | None:
    """The host of ``host:port`` or ``[address]:port``, in lower case; None for what is neither."""
    text = host.strip().lower()
    if text.startswith("["):
        name, closed, port = text[1:].partition("]")
        port = port.removeprefix(":")
        return name if closed and (not port or port.isdecimal()) and _is_address(name) else None
    name, _, port = text.partition(":")
    return name if name and (not port or port.isdecimal()) else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def guarded(app: App, hosts: Hosts, wrong_host: str, wrong_method: str) -> App:
    """``app`` behind these rules; the two sentences go to who asks under a wrong name, or to change something."""

    async def answer(scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        given = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"]
        if len(given) != 1 or not hosts.allows(given[0]):
            await _refuse(send, 400, wrong_host)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await _refuse(send, 405, wrong_method, (b"allow", b"GET, HEAD"))
            return
        path = scope["path"]
        if path.startswith(_CLOSED) and not path.startswith(_OPEN):
            await _refuse(send, 404, "There is nothing here; start at /. · 此处无内容，请从首页 / 开始。")
            return
        await app(scope, receive, _with_rules(scope, send))

    return answer


def _with_rules(scope: Scope, send: Send) -> Send:
    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.lower(), value) for name, value in message.get("headers", [])]
            policy = _policy(scope["path"], headers)
            dropped = {SANDBOXED, b"set-cookie", b"x-frame-options", b"content-security-policy", b"server"}
            dropped |= {name for name, _ in _COMMON}
            kept = [(name, value) for name, value in headers if name not in dropped]
            framed = b"SAMEORIGIN" if policy is ORIGINAL else b"DENY"
            rules = [*_COMMON, (b"content-security-policy", policy.encode()), (b"x-frame-options", framed)]
            message = {**message, "headers": [*kept, *rules]}
        await send(message)

    return sent


def _policy(path: str, headers: list[tuple[bytes, bytes]]) -> str:
    if any(name == SANDBOXED for name, _ in headers):
        return ORIGINAL
    return TABLES if path == "/archive" or path.startswith(("/archive/", "/archive.")) else OWN


async def _refuse(send: Send, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    body = f"{text}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *_COMMON,
        (b"content-security-policy", OWN.encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
