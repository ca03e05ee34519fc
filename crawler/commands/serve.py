"""Open the archive read-only in a browser: the reading room, in Chinese and English.

It listens on this machine alone unless told otherwise, changes nothing, and asks no other host for anything.  Tables,
SQL, JSON and CSV are Datasette's, under /archive.  Ctrl-C ends it.

examples:
  nianlun serve
  nianlun serve --archive demo/nianlun.db --port 8080
  nianlun serve --host 0.0.0.0 --name archive.example.org      for others, behind a proxy that adds TLS
"""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
from typing import TYPE_CHECKING

from crawler import output
from crawler.exceptions import NianlunError, UsageError

if TYPE_CHECKING:
    import argparse

_BACKLOG = 128


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    output.archive_option(options)
    options.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    options.add_argument("--port", type=int, default=8001, help="the port (default 8001; 0: any that is free)")
    options.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="a host name the room is also reached under (repeatable)",
    )
    options.add_argument("--log", action="store_true", help="write every request to standard error")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from archive.web import app, guard, serving  # noqa: PLC0415
    from pipelines.convert.sandbox import Cage  # noqa: PLC0415

    if not 0 <= arguments.port <= 65_535:
        raise UsageError(f"--port {arguments.port} is no port; give 1 to 65535, or 0 for any. · 端口应为 0 到 65535。")
    if not all(name.strip() for name in arguments.name):
        raise UsageError("--name needs a host name, as archive.example.org. · --name 应为主机名。")
    path = output.archive_path(arguments)
    hosts = guard.Hosts(arguments.host, frozenset(name.lower() for name in arguments.name))
    with Cage(workers=1, ocr=False) as cage:
        room = app.application(path, hosts, cage.mark)
        with _listening(arguments.host, arguments.port) as listener:
            address = _address(listener)
            sys.stderr.write(
                f"{path} is open at {address} (read-only; Ctrl-C ends it). · 阅览室已开放，按 Ctrl-C 结束。\n"
            )
            sys.stdout.write(f"{address}\n")
            sys.stdout.flush()
            with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C and SIGTERM are how a room is closed
                serving.serve(room, [listener], log=arguments.log)
    sys.stderr.write("Closed. · 阅览室已关闭。\n")
    return 0


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket; raises :class:`UsageError` with what to do about a port in use or a host not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def _refused(host: str, port: int, error: OSError) -> NianlunError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"Port {port} is in use by another program; give another with --port, or --port 0 for any that is free."
            f" · 端口 {port} 已被占用，请用 --port 另选。"
        )
    if error.errno == errno.EACCES:
        return UsageError(
            f"Port {port} needs a privilege this user does not have; give one above 1024 with --port. · 请用 1024 以上的端口。"
        )
    return UsageError(
        f"{host} is no address of this machine ({error.strerror or error}); give 127.0.0.1 or one of its own with --host."
        " · --host 应为本机地址。"
    )


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  # to be read
    return f"http://{shown}:{port}/"
