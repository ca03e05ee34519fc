"""A scheduled crawl as a process of its own: what breaks in it, or kills it, leaves the service alone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from archive.connection import lease

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAM = (sys.executable, str(Path(__file__).resolve().parent.parent / "nianlun.py"))
"""How this very program is started again."""
GRACE = 120.0
"""Seconds a crawl has to write down where it stopped; one that is killed after them loses nothing either."""
_STEP = 0.2


def crawl(
    archive: Path,
    words: Sequence[str],
    until: float | None,
    *,
    stopping: Callable[[], bool],
    clock: Callable[[], float] = time.time,
) -> int:
    """Run ``nianlun crawl`` with these words, and end it early at a moment (seconds since 1970) or when told to stop.

    Return its exit code.  Raises :class:`archive.connection.ArchiveBusy` when another process writes the archive.
    """
    with lease(archive):
        pass  # somebody else's crawl is waited for, not failed at
    command = [*PROGRAM, "crawl", *words, "--archive", str(archive)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603  # ourselves
    try:
        while process.poll() is None and not stopping() and (until is None or clock() < until):
            time.sleep(_STEP)
        return _end(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _end(process: subprocess.Popen[bytes]) -> int:
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
