"""A crawl that is killed and resumed, again and again, ends like one that was never killed."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time

import pytest

from crawler.simulator import Simulator
from tests.journeys.conftest import Journey, crawl_words, start

pytestmark = pytest.mark.journey


class Still(Simulator):
    """A portal without noise, so that two crawls of it can be compared byte for byte."""

    _serial = property(lambda self: 0, lambda self, value: None)


def outcome(journey: Journey) -> dict:
    """What must not depend on how often a crawl was killed."""
    sql = sqlite3.connect(journey.archive)
    payloads = {
        row[0].hex()
        for row in sql.execute("SELECT DISTINCT digest FROM payload JOIN capture ON payload.id=capture.payload")
    }
    sql.close()
    keys = ("url", "title", "publisher", "year", "kind", "form", "published", "state", "revisions", "findings")
    reports = sorted([str([row[key] for key in keys]) for row in journey.ask("reports")])
    figures = sorted(
        str([row[key] for key in ("url", "indicator", "value", "status", "raw", "unit", "source", "revision")])
        for row in journey.ask("observations")
    )
    requests = sorted((row["url"], row["outcome"], row["reason"] or "") for row in journey.ask("requests", "1"))
    return {"payloads": payloads, "reports": reports, "figures": figures, "requests": requests}


def killed_crawl(journey: Journey, kills: int, rng: random.Random) -> int:
    """Crawl until it finishes, killing it ``kills`` times at random moments; return how many kills struck."""
    struck = 0
    for _ in range(kills):
        served = len(journey.world.log)
        process = start(*crawl_words(journey.world.url, journey.archive), start_new_session=True)
        wanted = served + rng.randint(1, 5)
        deadline = time.monotonic() + 30
        while len(journey.world.log) < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(rng.random() * 0.03)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            struck += 1
        process.communicate()
        if process.returncode == 0:
            break
    ended = journey.crawl()
    assert ended.code == 0, ended.err
    return struck


def test_twenty_kills_change_nothing(tmp_path) -> None:
    with Still(seed=3) as world:
        unbroken = Journey(world, tmp_path / "unbroken.db")
        assert unbroken.crawl().code == 0
        wanted = outcome(unbroken)
        broken = Journey(world, tmp_path / "broken.db")
        struck = killed_crawl(broken, 20, random.Random(20))
        found = outcome(broken)
        assert broken.ask("verify")["sound"]
        assert len(broken.ask("crawls")) == 1
    assert struck >= 8
    for name, value in wanted.items():
        assert found[name] == value, name
