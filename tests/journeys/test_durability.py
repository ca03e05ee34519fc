"""Killed, terminated, out of room, beside others: what a command has acknowledged stands, and half of nothing is left.

The long form, two hundred kills and every size of disk, is benchmarks/faults.py.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from contextlib import closing

import pytest

from archive import migrations
from archive.connection import open_reading
from archive.verify import verify
from benchmarks.faults import Bench, Tally, _signature
from benchmarks.faults_cases import cases
from benchmarks.faults_disk import quota
from benchmarks.faults_state import listing, log_of, settle, state, troubles
from crawler.simulator import Simulator
from tests.journeys.conftest import Journey, crawl_words, nianlun, start

pytestmark = pytest.mark.journey

KILLED = (
    "reconvert",
    "merge",
    "migrate",
    "backup",
    "export csv",
)
WRITERS = ("reconvert", "merge", "migrate", "verify --rebuild", "import", "backup", "export bagit", "export warc")


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """The commands that write, by name, with the archives they begin from."""
    with cases(tmp_path_factory.mktemp("base")) as found:
        yield {case.name: case for case in found}


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """Runs and kills commands, and remembers what each does when nobody kills it."""
    found = Bench(tmp_path_factory.mktemp("bench"), seed=7)
    found.known = {}
    return found


def unbroken(bench, case):
    if case.name not in bench.known:
        bench.known[case.name] = bench.unbroken(case)
    return bench.known[case.name]


@pytest.mark.parametrize("name", KILLED)
def test_a_killed_command_run_again_ends_like_one_that_was_never_killed(bench, every, name) -> None:
    tally = Tally(name)
    bench.trial(every[name], unbroken(bench, every[name]), 2, tally)
    assert tally.kills.total() >= 1
    assert tally.failures == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["terminated", "interrupted"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_command_that_is_told_to_stop_says_so_and_leaves_nothing_half(bench, every, name, number) -> None:
    case = every[name]
    whole = unbroken(bench, case)
    place = bench.fresh(case)
    quiet = _signature(place)
    process = start(*case.words(place), start_new_session=True)
    while _signature(place) == quiet and process.poll() is None:
        time.sleep(0.0005)
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=60)
    lines = [line for line in said.strip().splitlines() if not line.startswith("Copying ")]
    assert process.returncode == 4, said
    assert len(lines) == 1
    assert "Interrupted" in lines[0]
    assert troubles(place / "a.db", bench.desk, damaged=case.damaged) == []
    assert listing(place) <= {*case.base, "a.db"}
    again = nianlun(*case.words(place))
    assert again.code == whole.code, again.err
    assert listing(place) == whole.names


@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.parametrize("name", WRITERS)
def test_a_command_that_runs_out_of_room_says_so_and_goes_on_when_there_is_some(bench, every, name, share) -> None:
    """A bound on the bytes of a file stands for a full disk where no small disk can be mounted."""
    case = every[name]
    whole = unbroken(bench, case)
    full = max((bench.folder / "place" / item).stat().st_size for item in listing(bench.fresh(case)))
    place = bench.fresh(case)
    ended = nianlun(*case.words(place), preexec_fn=quota(int(full * share)))
    assert ended.code in (whole.code, 4), ended.err
    assert "Traceback" not in ended.err
    if ended.code == 4:
        lines = [line for line in ended.err.strip().splitlines() if not line.startswith("Copying ")]
        assert len(lines) == 1
        assert troubles(place / "a.db", bench.desk, damaged=case.damaged) == []
        again = nianlun(*case.words(place))
        assert again.code == whole.code, again.err
    else:
        settle(place / "a.db")
    assert listing(place) == whole.names


def test_a_crawl_into_an_older_archive_migrates_it_and_keeps_a_copy(every, bench) -> None:
    case = every["crawl into an older archive"]
    place = bench.fresh(case)
    before = log_of(place / "a.db", bench.desk)
    assert nianlun(*case.words(place)).code == 0
    assert (place / "a.db.before-m003_witnesses").exists()
    with closing(open_reading(place / "a.db")) as sql:
        assert migrations.pending(sql) == []
        assert verify(sql) == []
    assert log_of(place / "a.db", bench.desk)[: len(before)] == before


def test_backups_while_a_crawl_writes_are_whole_and_the_crawl_leaves_one_file(tmp_path) -> None:
    with Simulator(seed=4) as world:
        world.break_("*", "slow", seconds=0.03)
        journey = Journey(world, tmp_path / "a.db")
        process = start(*crawl_words(world.url, journey.archive))
        deadline = time.monotonic() + 60
        while len(world.log) < 4 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        sizes = []
        while process.poll() is None and len(sizes) < 3:
            copy = tmp_path / f"copy{len(sizes)}.db"
            ended = nianlun("backup", str(copy), "-a", str(journey.archive), "--json")
            assert ended.code == 0, ended.err
            with closing(open_reading(copy)) as sql:
                assert verify(sql) == []
            sizes.append(ended.rows["entries"])
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert sizes == sorted(sizes)
    assert sizes
    assert listing(tmp_path) == {"a.db", *(f"copy{number}.db" for number in range(len(sizes)))}


def test_what_killed_copies_and_exports_left_is_removed_by_the_next(every, bench) -> None:
    for name in ("backup", "export csv"):
        case = every[name]
        place = bench.fresh(case)
        left = place / f".{case.made}.partial-4194000"
        left.mkdir()
        (left / "part").write_text("half")
        (place / f"{left.name}-journal").write_text("half")
        assert nianlun(*case.words(place)).code == 0
        assert listing(place) == {"a.db", case.made}


def test_a_merge_that_was_killed_between_two_shards_keeps_the_first_and_takes_the_second_in(every, bench) -> None:
    """The log grows by whole shards: whatever the moment, it holds none, the first, or both."""
    case = every["merge"]
    whole = unbroken(bench, case)
    sizes = set()
    for delay in random.Random(3).sample(range(20, 100), 4):
        place = bench.fresh(case)
        process = start(*case.words(place))
        time.sleep(whole.seconds * delay / 100)
        process.kill()
        process.communicate()
        sizes.add(len(log_of(place / "a.db", bench.desk)))
    assert nianlun(*case.words(place)).code == whole.code
    assert state(place / "a.db", exact=True) == whole.state
    total = len(log_of(place / "a.db", bench.desk))
    one = bench.fresh(case)
    (one / "c.db").unlink()
    shutil.copyfile(one / "b.db", one / "c.db")
    assert nianlun(*case.words(one)).code == 0
    first = len(log_of(one / "a.db", bench.desk))
    assert first < total
    assert all(size in (0, total) or size >= first for size in sizes)
