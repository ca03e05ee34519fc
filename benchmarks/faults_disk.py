"""Every command on a disk that is full at every stage, and on one that is read-only, out of inodes or over quota.

A small tmpfs holds the archive, what is made of it and the temporary files.  It needs a mount: by root, else in a user
namespace (`unshare -rm`).  Its size grows from no room at all until the command runs to its end.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.connection import ArchiveError, open_reading
from benchmarks.faults_cases import Case, cases, environment, run
from benchmarks.faults_state import listing, log_of, looked_at, settle, state, tree, troubles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KIB = 1024
PAGE = 4 * KIB
_INSIDE = "NIANLUN_FAULTS_INSIDE"
STAGES = ("open", "migrate", "start", "middle", "end", "copy")
_MS_RDONLY, _MS_REMOUNT, _MNT_DETACH = 1, 32, 2
SHORT = ("crawl", "reconvert", "merge", "migrate", "import", "backup", "export bundle")
"""The commands of the short form."""
_libc = ctypes.CDLL(None, use_errno=True)


def alone() -> None:
    """Go on as one who may mount: as root, or in a user namespace of our own; else end with a sentence."""
    if os.geteuid() == 0:
        return
    if _INSIDE not in os.environ and subprocess.run(["unshare", "-rm", "true"], check=False).returncode == 0:
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "-rm", sys.executable, *sys.argv])
    sys.exit("A small disk needs a mount: run this as root, or where `unshare -rm` is allowed.")


class Disk:
    """A tmpfs with a size of our choosing."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(exist_ok=True)

    def _mount(self, flags: int, options: str) -> None:
        if _libc.mount(b"nianlun", os.fsencode(self.place), b"tmpfs", flags, options.encode()):
            code = ctypes.get_errno()
            raise OSError(code, f"mount: {os.strerror(code)}", str(self.place))

    @contextlib.contextmanager
    def mounted(self) -> Iterator[None]:
        """A roomy disk until the block ends."""
        self._mount(0, "size=256m,nr_inodes=100000")
        try:
            yield
        finally:
            _libc.umount2(os.fsencode(self.place), _MNT_DETACH)

    def leave(self, room: int) -> None:
        """Leave so many bytes free."""
        used = shutil.disk_usage(self.place).used
        self._mount(_MS_REMOUNT, f"size={max(PAGE, used + room)}")  # 0 would mean no bound

    def leave_inodes(self, number: int) -> None:
        """Leave room for so many more files."""
        seen = os.statvfs(self.place)
        used = seen.f_files - seen.f_ffree
        self._mount(_MS_REMOUNT, f"size=256m,nr_inodes={used + number}")

    def make_room(self) -> None:
        """Leave plenty."""
        self._mount(_MS_REMOUNT, "size=256m,nr_inodes=100000")

    def only_read(self) -> None:
        """Let nobody write."""
        self._mount(_MS_REMOUNT | _MS_RDONLY, "size=256m,nr_inodes=100000")


@dataclass
class Met:
    """How a command fared: how often it was stopped at which stage, and what was wrong."""

    name: str
    stopped: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    failures: list[str] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        return {"command": self.name, **{stage: self.stopped[stage] for stage in STAGES},
                "other": self.stopped["other"], "ended": self.ended, "failures": self.failures}  # fmt: skip


@dataclass
class Whole:
    """What the command does with room enough."""

    code: int
    entries: int
    names: set[str]
    outcome: dict[str, list[str]]


class Filler:
    """Runs commands on a small disk."""

    def __init__(self, folder: Path) -> None:
        self.disk = Disk(folder / "small")
        self.desk = folder / "desk"
        self.place = self.disk.place

    def whole(self, case: Case) -> Whole:
        """The command with room enough."""
        with self.disk.mounted():
            case.prepare(self.place)
            done = run(*case.words(self.place), env=environment(self.place))
            if done.returncode not in (0, 1):
                sys.exit(f"{case.name} ended with {done.returncode}: {done.stderr}")
            entries = len(log_of(self.place / "a.db", self.desk))
            return Whole(done.returncode, entries, listing(self.place), outcome(case, self.place))

    def sizes(self, case: Case, whole: Whole, met: Met, *, factor: float) -> None:
        """Let the room grow until the command ends."""
        room = 0
        while not self._once(case, whole, met, room):
            room = max(PAGE, int(room * factor) // PAGE * PAGE + PAGE)

    def _once(self, case: Case, whole: Whole, met: Met, room: int) -> bool:
        with self.disk.mounted():
            case.prepare(self.place)
            self.disk.leave(room)
            done = run(*case.words(self.place), env=environment(self.place))
            if done.returncode == whole.code:
                met.ended += 1
            else:
                met.stopped[self._stage(case, whole)] += 1
                self._say(met, f"{room // KIB} KiB", done)
            self._after(case, whole, met, f"{room // KIB} KiB", again=done.returncode != whole.code)
            return done.returncode == whole.code

    def _say(self, met: Met, how: str, done: subprocess.CompletedProcess[str], code: int = 4) -> None:
        lines = [line for line in done.stderr.strip().splitlines() if not line.startswith("Copying ")]
        if done.returncode != code or "Traceback" in done.stderr or len(lines) != 1:
            met.failures.append(f"{how}: it ended with {done.returncode} and said: {done.stderr.strip()[-400:]}")

    def _stage(self, case: Case, whole: Whole) -> str:
        """Where the disk was full, by what is in the archive."""
        if case.is_export:
            return "copy"
        copy = looked_at(self.place / "a.db", self.desk)
        if not copy.exists() or not copy.stat().st_size:
            return "open"
        base = len(log_of(case.base["a.db"], self.desk)) if "a.db" in case.base else 0
        now = log_of(self.place / "a.db", self.desk)
        try:
            open_reading(looked_at(self.place / "a.db", self.desk)).close()
        except ArchiveError:
            return "migrate"
        if len(now) >= whole.entries and whole.entries > base:
            return "end"
        return "start" if len(now) == base else "middle"

    def _after(self, case: Case, whole: Whole, met: Met, how: str, *, again: bool) -> None:
        """The archive is sound; with room, the same command ends as if nothing had been."""
        archive = self.place / "a.db"
        met.failures += [f"{how}: {line}" for line in troubles(archive, self.desk, damaged=case.damaged and again)]
        if case.is_export and again and listing(self.place) - {*case.base, "a.db.lock"}:
            met.failures.append(f"{how}: left behind {sorted(listing(self.place) - set(case.base))}")
        self.disk.make_room()
        if again:
            done = run(*case.words(self.place), env=environment(self.place))
            if done.returncode != whole.code:
                met.failures.append(f"{how}: with room it ended with {done.returncode}: {done.stderr.strip()[-300:]}")
                return
        else:
            settle(archive)
        found = outcome(case, self.place)
        met.failures += [f"{how}: {name} differ" for name in whole.outcome if found[name] != whole.outcome[name]]
        beside = listing(self.place) - whole.names
        if beside:
            met.failures.append(f"{how}: left behind {sorted(beside)}")

    def otherwise(self, case: Case, whole: Whole, met: Met, *, short: bool) -> None:
        """A read-only disk, no inodes, a quota of bytes a file, no folder."""
        with self.disk.mounted():
            case.prepare(self.place)
            self.disk.only_read()
            self._struck(met, "read-only", run(*case.words(self.place), env=environment(self.desk)))
            self._after(case, whole, met, "read-only", again=True)
        for number in range(1 if short else 4):
            with self.disk.mounted():
                case.prepare(self.place)
                self.disk.leave_inodes(number)
                done = run(*case.words(self.place), env=environment(self.desk))
                if done.returncode != whole.code:
                    self._struck(met, f"{number} inodes", done)
                self._after(case, whole, met, f"{number} inodes", again=done.returncode != whole.code)
        for size in (64 * KIB,) if short else (PAGE, 64 * KIB, 300 * KIB, 1200 * KIB):
            with self.disk.mounted():
                case.prepare(self.place)
                done = run(*case.words(self.place), env=environment(self.place), preexec_fn=quota(size))
                if done.returncode != whole.code:
                    self._struck(met, f"quota of {size // KIB} KiB", done)
                self._after(case, whole, met, f"quota of {size // KIB} KiB", again=done.returncode != whole.code)
        self._nowhere(case, met)

    def _struck(self, met: Met, how: str, done: subprocess.CompletedProcess[str]) -> None:
        met.stopped["other"] += 1
        self._say(met, how, done)

    def _nowhere(self, case: Case, met: Met) -> None:
        """A folder that is not there is made by nobody."""
        missing = self.place / "no" / "such"
        done = run(*case.words(missing))
        met.stopped["other"] += 1
        self._say(met, "no folder", done, code=2)
        if missing.parent.exists():
            met.failures.append("no folder: it was made")


def quota(size: int):
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def outcome(case: Case, place: Path) -> dict[str, list[str]]:
    """What a command made, by value."""
    if case.made in ("a.db", "copy.db"):
        return state(place / case.made, exact=case.exact)
    return {"files": sorted(tree(place / case.made))}


def fill_all(folder: Path, *, short: bool, only: str = "") -> list[dict[str, object]]:
    """Every command on small and other disks."""
    filler = Filler(folder)
    filler.desk.mkdir(exist_ok=True)
    found = []
    with cases(folder) as every:
        for case in (item for item in every if item.name.startswith(only) and (not short or item.name in SHORT)):
            met = Met(case.name)
            whole = filler.whole(case)
            filler.sizes(case, whole, met, factor=6.0 if short else 2.5 if case.name.startswith("crawl") else 1.7)
            if not case.name.startswith("crawl,"):  # one crawl on other disks stands for all
                filler.otherwise(case, whole, met, short=short)
            sys.stderr.write(f"{case.name:<30} {sum(met.stopped.values()):>4} stops {len(met.failures):>4} failures\n")
            found.append(met.row())
    return found
