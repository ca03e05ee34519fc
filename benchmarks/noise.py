"""A hundred crawls of a simulated portal: no noise taken for news, no planted event missed.

    python benchmarks/noise.py [--crawls 100] [--seed 12] [--json]

Every page changes at every load (counter, dates, stamp, token, rotating links); in the middle every article is put
into another layout.  Now and then one figure or one sentence of a report is edited in silence, a report is withdrawn
(404, 410 or a page of status 200 that says so), comes back, is published again under another address, or a new one
appears; now and then the whole host fails or blocks for a crawl.  After every crawl what was told is compared with what
was planted, and at the end the archive is verified.  It does not measure: time, other families of portals.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from crawler.simulator import Simulator

Event = tuple[str, str]


def nianlun(archive: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "nianlun.py"), *words, "-a", str(archive), "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def article(url: str) -> str:
    """An article stands in several columns under one file name."""
    return url.rpartition("/")[2]


@dataclass
class Story:
    """What was done to a portal, and what a crawl therefore has to tell."""

    world: Simulator
    chance: random.Random
    away: dict[str, int] = field(default_factory=dict)
    """Withdrawn reports, and how many crawls have seen that."""

    def live(self) -> list[str]:
        """The reports that stand on their pages and can be edited."""
        return [
            url
            for url, report in self.world.truth().reports.items()
            if report.source == "page" and report.state == "live" and url not in self.away
        ]

    def plant(self, number: int, crawls: int) -> list[Event]:
        """Do something to the portal, or nothing; return what has to be told."""
        told: list[Event] = []
        for url, seen in list(self.away.items()):
            if seen == 1:
                told.append(("gone", url))
            self.away[url] += 1
        if number == crawls // 2:
            self.world.redesign()
        what = self.chance.choices(
            ["nothing", "figure", "sentence", "withdraw", "restore", "republish", "publish", "fail"],
            [36, 16, 16, 8, 8, 4, 4, 8],
        )[0]
        return getattr(self, f"_{what}")(told)

    def _nothing(self, told: list[Event]) -> list[Event]:
        return told

    def _figure(self, told: list[Event]) -> list[Event]:
        return self._edited(told)

    def _sentence(self, told: list[Event]) -> list[Event]:
        return self._edited(told, sentence=True)

    def _edited(self, told: list[Event], **how: bool) -> list[Event]:
        """Edit one of the reports that have something to edit: a free-form one may print no figure."""
        for url in self.chance.sample(self.live(), len(self.live())):
            with contextlib.suppress(StopIteration):
                return [*told, ("changed", self.world.edit(url, **how).url)]
        raise AssertionError("no report can be edited")

    def _withdraw(self, told: list[Event]) -> list[Event]:
        url = self.chance.choice(self.live())
        self.world.withdraw(url, self.chance.choice(["404", "410", "soft"]))
        self.away[url] = 1
        return [*told, ("missing", url)]

    def _restore(self, told: list[Event]) -> list[Event]:
        if not self.away:
            return told
        url = self.chance.choice(list(self.away))
        self.world.restore(url)
        del self.away[url]
        return [*(event for event in told if event[1] != url), ("back", url)]

    def _republish(self, told: list[Event]) -> list[Event]:
        url = self.chance.choice(self.live())
        return [*told, ("moved", url), ("new", self.world.republish(url))]

    def _publish(self, told: list[Event]) -> list[Event]:
        return [*told, ("new", self.world.publish())]

    def _fail(self, told: list[Event]) -> list[Event]:
        """The host answers nothing of use: nothing may be told, and what was due is told by the next crawl."""
        self.world.break_("*", self.chance.choice(["503", "412", "reset"]))
        for _, url in told:
            self.away[url] = 1
        return []


def tell(crawls: int, seed: int, folder: Path) -> dict[str, object]:
    """Crawl, plant, crawl, compare; return the counts and what differed."""
    archive, wrong, events = folder / "a.db", [], Counter()
    with Simulator(seed=seed) as world:
        story = Story(world, random.Random(seed))
        for number in range(1, crawls + 1):
            expected = story.plant(number, crawls) if number > 1 else None
            words = ("crawl", world.url, "--allow-private", "--delay", "0", "--quiet")
            done = nianlun(archive, *words)
            world.mend()
            world.advance(days=7)
            rows = json.loads(nianlun(archive, "changes", "--crawl", str(number)).stdout)
            found = sorted((row["event"], article(row["url"])) for row in rows if row["event"] != "cosmetic")
            events.update(row["event"] for row in rows)
            planted = sorted((event, article(url)) for event, url in expected or ())
            if expected is not None and found != planted:
                wrong.append({"crawl": number, "planted": planted, "told": found, "said": done.stderr[-300:]})
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{number}/{crawls} {len(wrong)} wrong ")
    sound = json.loads(nianlun(archive, "verify").stdout)["sound"]
    return {"crawls": crawls, "told": dict(events), "wrong": wrong, "sound": sound}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--crawls", type=int, default=100)
    options.add_argument("--seed", type=int, default=12)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = tell(given.crawls, given.seed, Path(folder))
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for item in found["wrong"]:
            print(json.dumps(item, ensure_ascii=False))
        told = ", ".join(f"{name} {count}" for name, count in sorted(found["told"].items()))
        print(
            f"{found['crawls']} crawls; told: {told}; {len(found['wrong'])} crawls told otherwise than planted;",
            end=" ",
        )
        print("the archive is sound" if found["sound"] else "THE ARCHIVE IS NOT SOUND")
    if found["wrong"] or not found["sound"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
