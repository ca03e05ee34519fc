"""Whole crawls of the simulated portal, each in a process of its own, as a user would start them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.simulator import Simulator
from tests.conftest import ROOT


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


def nianlun(*words: str, timeout: float = 120, **more: Any) -> Ended:
    """Run the command line in a process of its own."""
    command = [sys.executable, str(ROOT / "nianlun.py"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, **more)
    return Ended(done.returncode, done.stdout, done.stderr)


def start(*words: str, **more: Any) -> subprocess.Popen[str]:
    """Start the command line and go on."""
    command = [sys.executable, str(ROOT / "nianlun.py"), *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, **more
    )


def crawl_words(url: str, archive: Path, *more: str) -> list[str]:
    """The words of a crawl of a portal on loopback."""
    return ["crawl", url, "--archive", str(archive), "--allow-private", "--delay", "0", "--quiet", "--json", *more]


class Journey:
    """A simulated portal and an archive it is crawled into."""

    def __init__(self, world: Simulator, archive: Path) -> None:
        self.world = world
        self.archive = archive

    def crawl(self, *more: str, **options: Any) -> Ended:
        """Crawl the portal."""
        return nianlun(*crawl_words(self.world.url, self.archive, *more), **options)

    def ask(self, *words: str) -> Any:
        """A listing of the archive."""
        return nianlun(*words, "--archive", str(self.archive), "--json").rows

    def events(self, crawl: int) -> list[tuple[str, str]]:
        """What a crawl saw happen, without what is cosmetic: (event, address)."""
        rows = self.ask("changes", "--crawl", str(crawl))
        return sorted((row["event"], row["url"]) for row in rows if row["event"] != "cosmetic")


@pytest.fixture
def journey(tmp_path):
    """A portal of its own for one test."""
    with Simulator(seed=12) as world:
        yield Journey(world, tmp_path / "a.db")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A portal crawled once, for tests that only look."""
    with Simulator(seed=5) as world:
        found = Journey(world, tmp_path_factory.mktemp("first") / "a.db")
        found.ended = found.crawl()
        yield found
