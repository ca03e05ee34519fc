"""The simulated country crawled from its home pages alone, and what is compared with its truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crawler.simulator import Country
from tests.journeys.conftest import Ended, nianlun

GUEST = (
    "--allow-private",
    "--delay",
    "0",
    "--quiet",
    "--resolve",
    "*.gov.test=127.0.0.1",
    "--allow-host",
    "*.gov.test",
)
"""How a country on loopback is crawled: its names stand for ``*.gov.cn``."""


class Tour:
    """A country and the archive its portals are crawled into, all of them by one process."""

    def __init__(self, country: Country, folder: Path) -> None:
        self.country = country
        self.archive = folder / "a.db"
        self.targets = folder / "portals.txt"
        self.targets.write_text("".join(f"{country.home(name)}\n" for name in country.names), encoding="utf-8")
        self.first: dict[str, dict[str, Any]] = {}

    def crawl(self, *more: str) -> Ended:
        """Crawl every portal of the country."""
        words = ("crawl", "--from", str(self.targets), "--archive", str(self.archive), "--json", *GUEST, *more)
        return nianlun(*words, timeout=570)

    def ask(self, *words: str) -> Any:
        """A listing of the archive."""
        return nianlun(*words, "--archive", str(self.archive), "--json").rows

    def portal(self, name: str) -> str:
        """A portal's name in the archive: its host, as no register knows it."""
        return self.country.home(name).split("/")[2]


def wanted(country: Country, name: str) -> dict[str, Any]:
    """Every address of a live report that the portal's lists give, with what is true of it."""
    truth = country.truth(name)
    found: dict[str, Any] = {}
    for url, report in truth.reports.items():
        if report.state == "live" and url not in truth.unlisted:
            for address in report.urls:
                found[address] = report
    return found
