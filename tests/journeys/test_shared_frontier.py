"""Two machines with one frontier in a real Redis: one of them killed, their archives merged, equal to one crawl's."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing

import pytest

from crawler.simulator import Country
from spiders.families import identity
from tests.journeys.conftest import nianlun, start
from tests.journeys.country import GUEST
from tests.redis_server import redis_server

pytestmark = pytest.mark.journey

HOSTS = ("trs", "jpaas", "vsb")
LEASE = "4"
SOUND = (0, 1)
"""A list of the country says it holds more than it shows: that is a problem, and said."""


class Watched(Country):
    """A country that sees how many requests each host has in hand at once, and answers at a human pace."""

    def __init__(self, **more) -> None:
        self.most: Counter[str] = Counter()
        self._now_asked: Counter[str] = Counter()
        self._count = threading.Lock()
        super().__init__(**more)

    def _answer(self, request):
        with self._count:
            self._now_asked[request.host] += 1
            self.most[request.host] = max(self.most[request.host], self._now_asked[request.host])
        time.sleep(0.12)
        try:
            return super()._answer(request)
        finally:
            with self._count:
                self._now_asked[request.host] -= 1


class Machines:
    """Workers with an archive each, on one country and one Redis."""

    def __init__(self, country: Country, address: str, folder) -> None:
        self.country, self.address, self.folder = country, address, folder
        self.targets = folder / "portals.txt"
        self.targets.write_text("".join(f"{country.home(name)}\n" for name in country.names), encoding="utf-8")

    def words(self, name: str, *more: str) -> list[str]:
        archive = str(self.folder / f"{name}.db")
        return ["crawl", "--from", str(self.targets), "--archive", archive, "--json", *GUEST, *more]

    def shared(self, name: str, crawl: str) -> list[str]:
        return self.words(name, "--frontier", self.address, "--crawl-name", crawl, "--lease", LEASE)

    def merged(self, into: str, *names: str):
        archive = self.folder / f"{into}.db"
        shards = [str(self.folder / f"{name}.db") for name in names]
        done = nianlun("merge", *shards, "--archive", str(archive), "--json")
        assert done.code == 0, done.err
        return archive


def kept(archive) -> dict:
    """What must not depend on how many machines crawled; of one article's two addresses either may be the first."""

    def ask(*words: str):
        return nianlun(*words, "--archive", str(archive), "--json").rows

    keys = ("title", "publisher", "year", "kind", "form", "published", "state", "revisions", "findings")
    figures = ("indicator", "value", "status", "raw", "unit", "revision")
    return {
        "reports": sorted(str([identity(row["url"]), *(row[key] for key in keys)]) for row in ask("reports")),
        "attachments": sorted(
            str(sorted((a["url"], a["digest"]) for a in row["attachments"])) for row in ask("reports")
        ),
        "figures": sorted(str([identity(row["url"]), *(row[key] for key in figures)]) for row in ask("observations")),
        "sound": ask("verify")["sound"],
    }


def same(found: dict, wanted: dict) -> None:
    """Fail with what one has and the other has not."""
    for name, value in wanted.items():
        if isinstance(value, list):
            more, less = Counter(found[name]) - Counter(value), Counter(value) - Counter(found[name])
            assert (list(more), list(less)) == ([], []), name
        else:
            assert found[name] == value, name


def reached(country: Country, wanted: int, worker) -> bool:
    """Whether the country is asked so often before the worker ends."""
    deadline = time.monotonic() + 60
    while len(country.log) < wanted and worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    return len(country.log) >= wanted and worker.poll() is None


def said(rows) -> set[tuple[str, str]]:
    """The problems of each portal, in words."""
    return {(row["portal"], problem) for row in rows for problem in row["problems"]}


def requests(archive) -> tuple[Counter, int]:
    """How often each request (address, role) has an outcome in an archive, robots.txt apart; and how many are open."""
    query = (
        "SELECT url, role, outcome FROM request JOIN resource ON resource.id=request.resource"
        " WHERE role NOT IN ('robots','probe')"
    )
    with closing(sqlite3.connect(archive)) as sql:
        rows = sql.execute(query).fetchall()
    ended = Counter((identity(url), role) for url, role, outcome in rows if outcome is not None)
    return ended, sum(outcome is None for _, _, outcome in rows)


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    with redis_server(folder) as address, Watched(seed=5, hosts=HOSTS) as country:
        found = Machines(country, address, folder)
        alone = nianlun(*found.words("alone"), timeout=300)
        assert alone.code in SOUND, alone.out + alone.err
        found.problems = said(alone.rows)
        assert set(country.most.values()) == {1}
        found.alone = kept(folder / "alone.db")
        found.asked = requests(folder / "alone.db")[0]
        country.most.clear()
        yield found


def test_two_machines_share_the_work_and_ask_nothing_twice(machines) -> None:
    workers = [start(*machines.shared(name, "both")) for name in ("one", "two")]
    problems = set()
    for worker in workers:
        out, err = worker.communicate(timeout=300)
        assert worker.returncode in SOUND, out + err
        problems |= said(json.loads(out))
    assert problems == machines.problems
    merged = machines.merged("both", "one", "two")
    same(kept(merged), machines.alone)
    ended, still_open = requests(merged)
    assert ended == machines.asked
    assert still_open == 0
    shares = [sum(requests(machines.folder / f"{name}.db")[0].values()) for name in ("one", "two")]
    assert min(shares) > 0
    assert set(machines.country.most.values()) == {1}
    before = len(machines.country.log)
    late = nianlun(*machines.shared("late", "both"))
    assert (late.code, late.rows, len(machines.country.log)) == (0, [], before)  # the crawl of that name has ended


def test_what_a_killed_machine_took_goes_to_the_other(machines) -> None:
    machines.country.most.clear()
    before = len(machines.country.log)
    victim = start(*machines.shared("victim", "killed"), start_new_session=True)
    assert reached(machines.country, before + 40, victim)
    heir = start(*machines.shared("heir", "killed"))
    assert reached(machines.country, before + 75, victim)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.communicate()
    out, err = heir.communicate(timeout=300)
    assert heir.returncode in SOUND, out + err
    merged = machines.merged("killed", "victim", "heir")
    same(kept(merged), machines.alone)
    ended, _ = requests(merged)
    assert set(ended) == set(machines.asked)
    assert sum(ended.values()) <= sum(machines.asked.values()) + 40
    assert set(machines.country.most.values()) == {1}


def test_a_killed_machine_that_comes_back_leaves_nothing_open(machines) -> None:
    """Run again within its lease, it goes on with what it took; the merged archive has every request once."""
    before = len(machines.country.log)
    first = start(*machines.shared("again", "again"), start_new_session=True)
    assert reached(machines.country, before + 60, first)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    ended = nianlun(*machines.shared("again", "again"), timeout=300)
    assert ended.code in SOUND, ended.out + ended.err
    archive = machines.folder / "again.db"
    same(kept(archive), machines.alone)
    assert requests(archive)[1] == 0
    assert set(requests(archive)[0]) == set(machines.asked)


def test_a_redis_that_is_killed_stops_the_machines_and_loses_nothing(machines, tmp_path) -> None:
    country, before = machines.country, len(machines.country.log)
    with redis_server(tmp_path, durable=True) as address:
        shared = Machines(country, address, tmp_path)
        worker = start(*shared.shared("only", "outage"))
        assert reached(country, before + 50, worker)
    err = worker.communicate(timeout=120)[1]
    assert worker.returncode == 3
    assert "start Redis and run the same command" in err
    port = int(address.rpartition(":")[2].partition("/")[0])
    with redis_server(tmp_path, port, durable=True):
        ended = nianlun(*shared.shared("only", "outage"), timeout=300)
    assert ended.code in SOUND, ended.out + ended.err
    same(kept(tmp_path / "only.db"), machines.alone)
    found, still_open = requests(tmp_path / "only.db")
    assert set(found) == set(machines.asked)
    assert still_open == 0
