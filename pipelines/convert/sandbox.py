"""The cage: payloads are read in worker processes with limits, and whatever happens there stays there.

Measured on hostile files: pdfium aborts its process on a stream that opens to a gigabyte, a DOCX of 1.3 MB opens
to one, a PDF of ten thousand pages takes forty seconds.  So every worker has limits on address space, CPU time
and file size, every task a wall clock, and no worker has a network.  A pebble pool costs 5 to 6 ms a task and
survives an abort; :mod:`concurrent.futures` does not.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from concurrent.futures import Future, TimeoutError  # noqa: A004  the name pebble raises
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Self

from archive.model import Reading
from pipelines.convert.interface import failed
from pipelines.convert.sniff import sniff

if TYPE_CHECKING:
    from pebble import ProcessPool

MEBIBYTE = 1024 * 1024
FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "ftplib.",
    "smtplib.",
    "urllib.Request",
)
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use: MiB of address space, seconds of CPU, seconds by the clock, MiB a file."""

    memory: int = 1024
    cpu: int = 15
    seconds: float = 10.0
    file: int = 64
    tasks: int = 200
    """A worker is replaced after so many payloads: leaks of C libraries end with it."""


class Cage:
    """Reads payloads in limited worker processes; start-up is lazy, ``close()`` ends the workers.

    A task that is killed, too slow or crashes gives a reading whose conversion is ``refused`` or
    ``unreadable`` with the reason: :meth:`submit`'s future never raises for what a payload did.
    """

    def __init__(self, workers: int = 2, limits: Limits | None = None) -> None:
        self._workers = max(1, workers)
        self._limits = limits or Limits()
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()

    def submit(
        self, payload: bytes, *, url: str | None = None, media_type: str | None = None, name: str | None = None
    ) -> Future[Reading]:
        """Start reading; the future (use ``asyncio.wrap_future`` in a loop) gives the reading.

        Raises RuntimeError after :meth:`close`.
        """
        outcome: Future[Reading] = Future()
        outcome.set_running_or_notify_cancel()
        task = self._started().schedule(_task, args=(payload, url, media_type, name), timeout=self._limits.seconds)
        task.add_done_callback(lambda done: _settle(done, outcome, sniff(payload, media_type, name), self._limits))
        return outcome

    def read(
        self, payload: bytes, *, url: str | None = None, media_type: str | None = None, name: str | None = None
    ) -> Reading:
        """Read and wait."""
        return self.submit(payload, url=url, media_type=media_type, name=name).result()

    def close(self) -> None:
        """End the workers; safe to call twice."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> ProcessPool:
        with self._lock:
            if self._pool is None:
                from pebble import ProcessPool  # noqa: PLC0415  readers of the archive never load it

                # "spawn": a fork would inherit the crawler's sockets, threads and event loop.
                self._pool = ProcessPool(
                    max_workers=self._workers,
                    max_tasks=self._limits.tasks,
                    initializer=_confine,
                    initargs=(self._limits,),
                    context=get_context("spawn"),
                )
            return self._pool


def _settle(done: Any, outcome: Future[Reading], kind: str, limits: Limits) -> None:
    """Hand the task's end over, whatever it was, as a reading."""
    try:
        outcome.set_result(done.result())
    except TimeoutError:
        outcome.set_result(
            Reading(
                failed(
                    "refused",
                    kind,
                    f"读取超过 {limits.seconds:g} 秒 · Reading took longer than {limits.seconds:g} seconds",
                )
            )
        )
    except MemoryError:
        outcome.set_result(
            Reading(
                failed(
                    "refused",
                    kind,
                    f"读取需要超过 {limits.memory} MiB 内存 · Reading needs more than {limits.memory} MiB",
                )
            )
        )
    except BaseException as error:  # noqa: BLE001  a worker may end in any way, and none may end the crawl
        outcome.set_result(Reading(_crashed(error, kind)))


def _crashed(error: BaseException, kind: str) -> Any:
    name = type(error).__name__
    if name == "ProcessExpired":
        return failed("unreadable", kind, "读取程序在此文件上异常终止 · The reader's process died on this file")
    if name == "CancelledError":
        return failed("refused", kind, "读取被中止 · Reading was stopped")
    return failed("unreadable", kind, f"读取时出错（{name}） · The reader failed ({name}: {error})"[:400])


# ---------------------------------------------------------------- inside the worker


def _confine(limits: Limits) -> None:
    """Make this process unable to do harm: before the first payload arrives, for the rest of its life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave_network()
    memory, file = limits.memory * MEBIBYTE, limits.file * MEBIBYTE
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, file), (resource.RLIMIT_CORE, 0)):
        _lower(limit, value)
    _lower(resource.RLIMIT_CPU, limits.cpu * limits.tasks)
    from pipelines.read import software  # noqa: PLC0415

    software()  # imports every reader before the hook, so that libraries may probe their platform
    sys.addaudithook(_refuse)


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (ceiling, ceiling))


def _leave_network() -> None:
    """A network namespace of its own holds no network; not every system allows it, the audit hook always stands."""
    import ctypes  # noqa: PLC0415  only workers need it

    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "unshare") and os.name == "posix":
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"a reader may not use {event}")


def _task(payload: bytes, url: str | None, media_type: str | None, name: str | None) -> Reading:
    from pipelines.read import read_payload  # noqa: PLC0415  loaded by the initializer already

    return read_payload(payload, url=url, media_type=media_type, name=name)
