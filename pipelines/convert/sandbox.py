"""The cage: payloads are read in worker processes with limits, and whatever happens there stays there.

Measured on hostile files: pdfium aborts its process on a stream that opens to a gigabyte, a DOCX of 1.3 MB opens
to one, a PDF of ten thousand pages takes forty seconds.  So every worker has limits on address space, CPU time
and file size, every task a wall clock, and no worker has a network.  A pebble pool costs 5 to 6 ms a task and
survives an abort; :mod:`concurrent.futures` does not.

Pictures of text are recognised in a second pool of one worker, started when a first reading says it needs that: the
network and its libraries take 1.6 GiB of address space and seconds a page, which no other payload may have.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys
import threading
from concurrent.futures import Future, TimeoutError  # noqa: A004  the name pebble raises
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Self, cast

from archive.model import Reading
from pipelines.convert.interface import failed
from pipelines.convert.scans import recogniser, scan
from pipelines.convert.sniff import sniff

if TYPE_CHECKING:
    from collections.abc import Mapping

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
class _Hints:
    """What is known of a payload besides its bytes."""

    url: str | None
    media_type: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may use: MiB of address space, seconds of CPU, seconds by the clock, MiB a file."""

    memory: int = 1024
    cpu: int = 15
    seconds: float = 10.0
    file: int = 64
    tasks: int = 200
    """A worker is replaced after so many payloads: leaks of C libraries end with it."""


RECOGNITION = Limits(memory=3072, cpu=1700, seconds=840.0, tasks=10)
"""What the worker that recognises pictures may use; its seconds are the most for one payload."""
START, PER_PAGE = 40.0, 10.0
"""Seconds by the clock that recognition gets at once and for every page; measured are one to three a page, eight for one on its side."""


class Cage:
    """Reads payloads in limited worker processes; start-up is lazy, ``close()`` ends the workers.

    A task that is killed, too slow or crashes gives a reading whose conversion is ``refused`` or
    ``unreadable`` with the reason: :meth:`submit`'s future never raises for what a payload did.

    ``ocr``: payloads whose pages are pictures of text are read once more by a worker that recognises them, when
    the extra ``ocr`` is installed; else their state stays ``needs``.
    """

    def __init__(
        self, workers: int = 2, limits: Limits | None = None, *, ocr: bool = True, recognition: Limits | None = None
    ) -> None:
        self._workers = max(1, workers)
        self._limits = limits or Limits()
        self._ocr = ocr
        self._recognition = recognition or RECOGNITION
        self._pool: ProcessPool | None = None
        self._second: ProcessPool | None = None
        self._closed = False
        self._lock = threading.Lock()

    def submit(
        self, payload: bytes, *, url: str | None = None, media_type: str | None = None, name: str | None = None
    ) -> Future[Reading]:
        """Start reading; the future (use ``asyncio.wrap_future`` in a loop) gives the reading.

        Raises RuntimeError after :meth:`close`.
        """
        outcome: Future[Reading] = Future()
        outcome.set_running_or_notify_cancel()
        hints = _Hints(url, media_type, name)
        task = self._started().schedule(_task, args=(payload, hints, False), timeout=self._limits.seconds)
        task.add_done_callback(lambda done: self._read_once(done, outcome, payload, hints))
        return outcome

    def read(
        self, payload: bytes, *, url: str | None = None, media_type: str | None = None, name: str | None = None
    ) -> Reading:
        """Read and wait."""
        return self.submit(payload, url=url, media_type=media_type, name=name).result()

    def mark(self, payload: bytes, media_type: str | None, cell: Mapping[str, Any]) -> tuple[str, bytes] | None:
        """The original with a cell marked (:func:`pipelines.convert.marking.mark`); None where that did not work.

        Raises RuntimeError after :meth:`close`.
        """
        pool = self._started()
        try:
            task = pool.schedule(_mark, args=(payload, media_type, dict(cell)), timeout=self._limits.seconds)
            found: tuple[str, bytes] | None = task.result()
        except Exception:  # noqa: BLE001  a worker may end in any way, and none may end the room
            return None
        return found

    def close(self) -> None:
        """End the workers; safe to call twice."""
        with self._lock:
            pools = [pool for pool in (self._pool, self._second) if pool is not None]
            self._pool = self._second = None
            self._closed = True
        for pool in pools:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_once(self, done: Any, outcome: Future[Reading], payload: bytes, hints: _Hints) -> None:
        """Hand the first reading over, or have the pictures in it recognised: the future is always answered."""
        kind = sniff(payload, hints.media_type, hints.name)
        first = _ended(done, kind, self._limits)
        try:
            pages = _wanted(first) if self._ocr and recogniser.available() else 0
            limits = replace(self._recognition, seconds=min(self._recognition.seconds, START + PER_PAGE * pages))
            task = self._recognising(payload, hints, limits) if pages else None
        except Exception:  # noqa: BLE001  the cage was closed meanwhile, or its pool broke: the first reading stands
            task = None
        if task is None:
            outcome.set_result(first)
        else:
            task.add_done_callback(lambda again: outcome.set_result(_better(first, _ended(again, kind, limits))))

    def _recognising(self, payload: bytes, hints: _Hints, limits: Limits) -> Any:
        return self._started(recognition=True).schedule(_task, args=(payload, hints, True), timeout=limits.seconds)

    def _started(self, *, recognition: bool = False) -> ProcessPool:
        with self._lock:
            if self._closed:
                raise RuntimeError("the cage is closed")
            pool = self._second if recognition else self._pool
            if pool is None:
                from pebble import ProcessPool  # noqa: PLC0415  readers of the archive never load it

                limits = self._recognition if recognition else self._limits
                # "spawn": a fork would inherit the crawler's sockets, threads and event loop.
                pool = ProcessPool(
                    max_workers=1 if recognition else self._workers,
                    max_tasks=limits.tasks,
                    initializer=_confine,
                    initargs=(limits, recognition),
                    context=get_context("spawn"),
                )
                if recognition:
                    self._second = pool
                else:
                    self._pool = pool
            return pool


def _wanted(reading: Reading) -> int:
    """How many pages of a reading, and of the members of a bundle, wait for recognition."""
    return scan.wanted(reading.conversion) + sum(_wanted(member) for _, member in reading.members)


def _better(first: Reading, second: Reading) -> Reading:
    """The second reading, unless recognition broke off and the first had something to say: then that, and why."""
    if second.conversion.state == "ok" or first.conversion.state != "ok":
        return second
    error = f"{first.conversion.error or ''}; {second.conversion.error or ''}".strip("; ")
    return replace(first, conversion=replace(first.conversion, error=error or None))


def _ended(done: Any, kind: str, limits: Limits) -> Reading:
    """The task's end, whatever it was, as a reading."""
    try:
        return cast("Reading", done.result())
    except TimeoutError:
        said = f"读取超过 {limits.seconds:g} 秒 · Reading took longer than {limits.seconds:g} seconds"
        return Reading(failed("refused", kind, said))
    except MemoryError:
        said = f"读取需要超过 {limits.memory} MiB 内存 · Reading needs more than {limits.memory} MiB"
        return Reading(failed("refused", kind, said))
    except BaseException as error:  # noqa: BLE001  a worker may end in any way, and none may end the crawl
        return Reading(_crashed(error, kind))


def _crashed(error: BaseException, kind: str) -> Any:
    name = type(error).__name__
    if name == "ProcessExpired":
        return failed("unreadable", kind, "读取程序在此文件上异常终止 · The reader's process died on this file")
    if name == "CancelledError":
        return failed("refused", kind, "读取被中止 · Reading was stopped")
    return failed("unreadable", kind, f"读取时出错（{name}） · The reader failed ({name}: {error})"[:400])


# ---------------------------------------------------------------- inside the worker


def _confine(limits: Limits, recognition: bool) -> None:
    """Make this process unable to do harm: before the first payload arrives, for the rest of its life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _be_quiet()
    _leave_network()
    memory, file = limits.memory * MEBIBYTE, limits.file * MEBIBYTE
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, file), (resource.RLIMIT_CORE, 0)):
        _lower(limit, value)
    _lower(resource.RLIMIT_CPU, limits.cpu * limits.tasks)
    from pipelines.read import software  # noqa: PLC0415

    software()  # imports every reader before the hook, so that libraries may probe their platform
    if recognition:
        importlib.import_module("pipelines.convert.scans.scanned_page")
        importlib.import_module("pipelines.convert.scans.pictures")
        recogniser.shared()
    sys.addaudithook(_refuse)


def _be_quiet() -> None:
    """What libraries print when they fail on a file belongs to nobody's terminal: the reading says what happened."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)


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


def _task(payload: bytes, hints: _Hints, recognition: bool) -> Reading:
    from pipelines.read import read_payload  # noqa: PLC0415  loaded by the initializer already

    return read_payload(payload, url=hints.url, media_type=hints.media_type, name=hints.name, ocr=recognition)


def _mark(payload: bytes, media_type: str | None, cell: dict[str, Any]) -> tuple[str, bytes] | None:
    from pipelines.convert import marking  # noqa: PLC0415  the crawler's workers never mark

    return marking.mark(payload, media_type, cell)
