"""Kill every command that writes, again and again, and fill its disk: nothing acknowledged is lost, nothing half is left.

    python benchmarks/faults.py [--kills 200] [--seed N] [--json]
    python benchmarks/faults.py --disk          a disk that is full at every stage, read-only, out of inodes, over quota
    python benchmarks/faults.py --short         a few kills of every command: what continuous integration runs

Half of the kills (SIGKILL, to the command's own process only) strike at instants spread evenly over the command's
time, half a moment after one of the changes it makes to its files, where commits are.  After each the archive is copied
aside and checked (PRAGMA integrity_check, `nianlun verify`), no file may bear the name of a copy or export unless it is
whole, no worker may live on, and every entry of the log that a reader could see before the kill must be there.  Then
the command runs to its end, and the archive must say, value by value, what one says that was never killed; nothing may
lie beside it that does not lie beside that one.  It does not measure: a power cut (the kernel keeps what it was given;
tests/archive/test_connection.py cuts the write-ahead log), disks that lie about what they wrote, network disks.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from archive.connection import ArchiveError
from benchmarks.faults_cases import Case, cases, run, start
from benchmarks.faults_state import committed, listing, log_of, looked_at, settle, state, tree, troubles

BEFORE, WHILE, AFTER = "before", "while", "after"


@dataclass
class Unbroken:
    """What a command does when nobody kills it."""

    code: int
    seconds: float
    changes: int
    """How often what lies in its folder was seen to change."""
    names: set[str]
    state: dict[str, list[str]]
    files: dict[str, str] | None
    """Digests of an export's files; None where it holds a time or a number made up for it."""


@dataclass
class Tally:
    """What the kills of one command met."""

    name: str
    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    failures: list[str] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        return {"command": self.name, "kills": self.kills.total(), **{name: self.kills[name] for name in (BEFORE, WHILE, AFTER)},
                "ended": self.runs, "failures": self.failures}  # fmt: skip


class Bench:
    """One run of the kills: a folder, a generator of instants, the failures."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.desk = folder / "desk"
        self.random = random.Random(seed)
        self.patience = 60.0

    def fresh(self, case: Case) -> Path:
        """An empty folder with the case's base in it."""
        place = self.folder / "place"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        case.prepare(place)
        return place

    def unbroken(self, case: Case) -> Unbroken:
        """Run the command to its end, twice for an export: what differs then depends on more than the archive."""
        place = self.fresh(case)
        began = time.monotonic()
        process = start(*case.words(place), stdout=subprocess.DEVNULL)
        changes, last = 0, _signature(place)
        while process.poll() is None:
            now = _signature(place)
            changes, last = changes + (now != last), now
            time.sleep(0.001)
        seconds = time.monotonic() - began
        said = process.communicate()[1]
        if process.returncode not in (0, 1):
            sys.exit(f"{case.name} ended with {process.returncode}: {said}")
        names, files = listing(place), tree(place / case.made) if case.is_export else None
        found = _outcome(case, place)
        if files is not None:
            place = self.fresh(case)
            run(*case.words(place))
            files = files if tree(place / case.made) == files else None
        return Unbroken(process.returncode, seconds, max(1, changes), names, found, files)

    def trial(self, case: Case, whole: Unbroken, kills: int, tally: Tally) -> None:
        """Kill a command ``kills`` times, then let it end, and compare."""
        place = self.fresh(case)
        for _ in range(kills):
            before = log_of(place / "a.db", self.desk)
            hit, acknowledged = self._strike(case, place, whole, tally)
            tally.kills[hit] += 1
            self._check_killed(case, place, whole, tally, before, acknowledged)
            if self._is_done(case, place, whole):
                break
        tally.runs += 1
        if not self._is_done(case, place, whole):
            done = run(*case.words(place))
            if done.returncode != whole.code:
                tally.failures.append(f"run again, it ended with {done.returncode}: {done.stderr.strip()[-300:]}")
                return
        self._compare(case, place, whole, tally)

    def _is_done(self, case: Case, place: Path, whole: Unbroken) -> bool:
        """Whether the work was done when the kill came: an export is there, the crawl has ended."""
        if case.is_export:
            return (place / case.made).exists()
        try:
            copy = looked_at(place / "a.db", self.desk)
            return copy.exists() and case.is_done(state(copy), whole.state)
        except ArchiveError:
            return False

    def _strike(self, case: Case, place: Path, whole: Unbroken, tally: Tally) -> tuple[str, int]:
        """Start the command and kill it; when it was hit, and what it had acknowledged."""
        quiet = _signature(place)
        process = start(*case.words(place), stdout=subprocess.DEVNULL)
        if self.random.random() < 0.5:
            _sleep_until(process, time.monotonic() + self.random.random() * whole.seconds)
        else:
            self._wait_for_change(process, place, self.random.randint(1, whole.changes))
        acknowledged = committed(place / "a.db") if not case.is_export else 0
        ended = process.poll() is not None
        if not ended:
            os.kill(process.pid, signal.SIGKILL)
        said = process.communicate()[1]
        if ended and process.returncode != whole.code:
            tally.failures.append(f"it ended with {process.returncode} by itself: {said.strip()[-300:]}")
        if _orphans(process.pid):
            tally.failures.append("its workers lived on")
            os.killpg(process.pid, signal.SIGKILL)
        return (AFTER if ended else BEFORE if _signature(place) == quiet else WHILE), acknowledged

    def _wait_for_change(self, process: subprocess.Popen[str], place: Path, wanted: int) -> None:
        last, deadline = _signature(place), time.monotonic() + self.patience
        while wanted and process.poll() is None and time.monotonic() < deadline:
            now = _signature(place)
            wanted, last = wanted - (now != last), now
            time.sleep(0.0005)
        time.sleep(self.random.random() ** 3 * 0.02)

    def _check_killed(
        self, case: Case, place: Path, whole: Unbroken, tally: Tally, before: list[bytes], acknowledged: int
    ) -> None:
        tally.failures += troubles(place / "a.db", self.desk, damaged=case.damaged)
        now = log_of(place / "a.db", self.desk)
        if now[: len(before)] != before or len(now) < acknowledged:
            tally.failures.append(f"the log had {max(len(before), acknowledged)} entries and has {len(now)}")
        for copy in place.glob("a.db.before-*"):
            sql = sqlite3.connect(copy)
            tally.failures += [row[0] for row in sql.execute("PRAGMA integrity_check") if row[0] != "ok"]
            sql.close()
        if case.is_export and (place / case.made).exists():
            self._compare(case, place, whole, tally, leftovers=True)

    def _compare(self, case: Case, place: Path, whole: Unbroken, tally: Tally, *, leftovers: bool = False) -> None:
        """The state now beside that of an unbroken run."""
        if not leftovers and self._is_done(case, place, whole) and not case.is_export:
            settle(place / "a.db")  # nothing was left to do, so no writer came after the kill
        tally.failures += troubles(place / "a.db", self.desk) if not (leftovers and case.damaged) else []
        found = _outcome(case, place)
        tally.failures += [
            f"{name} differ from an unbroken run's" for name in whole.state if found[name] != whole.state[name]
        ]
        if whole.files is not None and tree(place / case.made) != whole.files:
            tally.failures.append("what was made differs from what an unbroken run makes")
        beside = listing(place) - whole.names - {"a.db.lock"}  # nobody's lock: the next writer takes it
        if beside and not leftovers:
            tally.failures.append(f"left behind: {', '.join(sorted(beside))}")


def _outcome(case: Case, place: Path) -> dict[str, list[str]]:
    if case.made == "a.db" or case.made == "copy.db":
        return state(place / case.made, exact=case.exact)
    return {"files": sorted(tree(place / case.made))}


def _signature(place: Path) -> tuple[tuple[str, int, int], ...]:
    """What lies in a folder, with sizes and times; the lease's lock is not the command's work."""
    found = []
    for folder, _, names in os.walk(place):
        for name in names:
            try:
                seen = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118  # thousands of times a second
            except FileNotFoundError:
                continue
            if not name.endswith((".lock", "-shm")):
                found.append((name, seen.st_size, seen.st_mtime_ns))
    return tuple(sorted(found))


def _sleep_until(process: subprocess.Popen[str], moment: float) -> None:
    while process.poll() is None and time.monotonic() < moment:
        time.sleep(0.001)


def _orphans(group: int, patience: float = 10.0) -> bool:
    """Whether processes of a group live on after their leader was killed."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if not any(_member(item, group) for item in Path("/proc").iterdir() if item.name.isdecimal()):
            return False
        time.sleep(0.02)
    return True


def _member(process: Path, group: int) -> bool:
    try:
        words = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return words[0] not in "ZX" and int(words[2]) == group


def kill_all(folder: Path, kills: int, seed: int, only: str = "") -> list[Tally]:
    """Share ``kills`` among the commands (``only`` those whose names begin so) by weight, each at least one, and strike."""
    bench = Bench(folder, seed)
    found = []
    with cases(folder) as every:
        chosen = [case for case in every if case.name.startswith(only)]
        total = sum(case.weight for case in chosen)
        for case in chosen:
            share = math.ceil(kills * case.weight / total)
            tally = Tally(case.name)
            found.append(tally)
            whole = bench.unbroken(case)
            while (left := share - tally.kills.total()) > 0:
                bench.trial(case, whole, min(left, case.chain), tally)
            _show(tally)
    return found


def _show(tally: Tally) -> None:
    row = tally.row()
    sys.stderr.write(
        f"{tally.name:<30} {row['kills']:>5} {row['before']:>7} {row['while']:>6} {row['after']:>6} {len(tally.failures):>9}\n"
    )


def facts() -> str:
    """The machine, in one line."""
    return (
        f"{os.cpu_count()} cores {platform.machine()}, {platform.system()} {platform.release()}, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--short", action="store_true", help="one or two kills a command, few sizes of disk")
    options.add_argument("--disk", action="store_true", help="fill the disk instead of killing")
    options.add_argument("--only", default="", metavar="NAME", help="the commands whose names begin so")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    began = time.monotonic()
    if given.disk:
        from benchmarks.faults_disk import alone, fill_all

        alone()
        with tempfile.TemporaryDirectory(prefix="nianlun-faults-") as folder:
            rows = fill_all(Path(folder), short=given.short, only=given.only)
    else:
        with tempfile.TemporaryDirectory(prefix="nianlun-faults-") as folder:
            kills = 20 if given.short else given.kills
            rows = [tally.row() for tally in kill_all(Path(folder), kills, given.seed, given.only)]
    _print(rows, time.monotonic() - began, as_json=given.json)
    if any(row["failures"] for row in rows):
        sys.exit("failures: see above")


def _print(rows: list[dict[str, object]], seconds: float, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"machine": facts(), "seconds": round(seconds), "rows": rows}, ensure_ascii=False, indent=1))
        return
    columns = [name for name in rows[0] if name != "failures"]
    print(f"{'':<30} " + " ".join(f"{name:>9}" for name in [*columns[1:], "failures"]))
    for row in rows:
        print(
            f"{row['command']:<30} "
            + " ".join(f"{row[name]:>9}" for name in columns[1:])
            + f" {len(row['failures']):>9}"
        )
        for failure in row["failures"]:
            print(f"    ! {failure}")
    sums = [sum(row[name] for row in rows) for name in columns[1:]]
    print(
        f"{'all':<30} " + " ".join(f"{total:>9}" for total in sums) + f" {sum(len(row['failures']) for row in rows):>9}"
    )
    print(f"{facts()}; {seconds:.0f} s")


if __name__ == "__main__":
    main()
