"""A real Redis of its own for a test: on a free port of loopback, in memory, ended with the test."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def redis_server(folder: Path, port: int = 0, *, durable: bool = False) -> Iterator[str]:
    """The address of a Redis that has just been started, killed in the end; skips where redis-server is not installed.

    ``durable``: what it held is in ``folder``, for the next one on the same port.
    """
    pytest.importorskip("redis", reason="the extra [redis] is not installed")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (apt-get install redis-server)")
    port = port or _free_port()
    keeping = "yes" if durable else "no"
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", keeping, "--dir", str(folder)]
    process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()
