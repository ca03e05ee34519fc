"""How an archive grows: taking in, asking and merging from a thousand to a million captures, on one core.

    python benchmarks/scale.py [--captures 1000 10000 100000] [--json] [--check]
    python benchmarks/scale.py --captures 1000000         the whole: half an hour and some 5 GB under the temporary folder

Captures of made-up pages (benchmarks/corpus.py) go in through the store as a crawl's do, with everything on: frontier,
headers, payload deltas, log, revisions, readings of sixty figures, search.  Making the pages is not counted.  Beside
it, in the same run and on the same bytes, up to 100,000 captures: a warc.gz with revisit records as warcio writes it,
and `git gc --aggressive` up to 10,000.  It does not measure: fetching, reading documents (benchmarks/reading.py), a cold
disk.  The floors are in baseline.json; times are of the processor, which on an idle machine is the time on the wall.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from archive import evidence, history, model, proofs, provenance
from archive.chronicle import Judged, RevisionPart
from archive.connection import open_reading, open_writing
from archive.evidence import Log
from archive.merging import merge
from archive.model import Conversion, Errand, Exchange, Observation, Part, Place, Reading, Software, Where
from archive.payloads import Payloads
from archive.revisions import substance
from archive.store import Store
from archive.urls import url_key
from benchmarks.corpus import Page, Portal
from benchmarks.crawl import warc_bytes
from pipelines.serial import to_json

GOALS = {
    "captures_a_second": ("at least", 1000), "memory_mb": ("at most", 400), "as_of_p95_ms": ("at most", 1),
    "trace_p95_ms": ("at most", 1), "read_p95_ms": ("at most", 2), "proof_bytes": ("at most", 1024),
    "log_append_us": ("at most", 15), "payloads_to_warc": ("at most", 0.13),
    "archive_without_text_to_warc": ("at most", 0.20), "archive_to_warc": ("at most", 0.35),
    "payloads_to_git": ("at most", 1.0), "merge_captures_a_second": ("at least", 50_000),
}  # fmt: skip
"""What was to be reached with 20,000 captures and more: a page is crawled fifty times then, and five times below."""
MANY = 20_000
DAY = 86_400_000
FIRST = 1_600_000_000_000
PORTALS = 20
READER = Software("nianlun", "bench")
HTML = Conversion(Software("html", "bench"), "text/html", "ok")


class Filler:
    """Takes pages in as a crawl does, and counts the processor's seconds it needed."""

    def __init__(self, path: Path, judge=None) -> None:
        self.judge = judge or judged
        self.now = FIRST
        self.store = Store(open_writing(path), lambda: self.now)
        self.seconds = 0.0
        self.captures = 0

    def crawl(self, portal: Portal, number: int) -> None:
        """One crawl of one portal."""
        self.now = FIRST + number * DAY
        store = self.store
        entry = model.Portal(name=portal.name, title=portal.name, home=portal.home)
        start = time.process_time()
        row = store.portal_id(entry)
        crawl = store.begin_crawl(row, f"{portal.name}-{number}", READER, {}, None)
        self.seconds += time.process_time() - start
        for page in portal.crawl():
            start = time.process_time()
            self.now += 1000
            self._take(row, crawl, portal, page)
            store.breathe()
            self.seconds += time.process_time() - start
            self.captures += 1
        start = time.process_time()
        store.end_crawl(crawl, "finished", finished=True, problems=[])
        self.seconds += time.process_time() - start

    def _take(self, row: int, crawl: int, portal: Portal, page: Page) -> None:
        store = self.store
        host = portal.home[7:-1]
        role = "page" if page.values else "attachment"
        number = store.ask(
            crawl, Errand(page.url, url_key(page.url), role, host, referrer=portal.home, report=page.url)
        )
        exchange = Exchange(
            url=page.url, at=self.now, request_headers=(("User-Agent", "nianlun/bench"), ("Accept", "*/*")), status=200,
            response_headers=(
                ("Server", "nginx"), ("Content-Type", page.media_type), ("Content-Length", str(len(page.body))),
                ("ETag", f'"{len(page.body):x}-{self.now}"'), ("Date", f"{self.now}"),
            ),
            body=page.body, peer="203.0.113.7", protocol="HTTP/1.1", elapsed=80, referrer=portal.home,
        )  # fmt: skip
        got = store.capture(crawl, row, exchange, "fetched", None, role)
        if page.values:
            part = Part(page.url, "page", page.url, page.url)
            store.parts.keep(crawl, part, got.capture, got.payload, None)
            self._settle(row, crawl, page)
        store.end(number, got.outcome, None, 200, got.capture)

    def _settle(self, row: int, crawl: int, page: Page) -> None:
        store = self.store
        kept = store.parts.of(crawl, page.url)[0]
        report = store.chronicle.report(row, page.url)
        mark = hashlib.sha256(repr(page.values).encode()).digest()
        if report is not None and report["parts"] == mark:
            store.chronicle.seen(report, crawl, kept, mark)
        else:
            store.chronicle.revise(crawl, row, kept, self.judge(store, kept, page, mark))
        store.parts.settled(crawl, page.url)

    def close(self) -> None:
        """End the writing."""
        start = time.process_time()
        self.store.close()
        self.seconds += time.process_time() - start


def judged(store: Store, kept, page: Page, mark: bytes) -> Judged:
    """A page as it would come out of the pipelines."""
    observations = tuple(
        Observation(
            f"indicator.{i}", value, "ok", str(value), "件", Where(0, i, 1, place=Place(path=f"table[1]/tr[{i}]"))
        )
        for i, value in enumerate(page.values)
    )
    year = 2014 + int(hashlib.sha256(page.url.encode()).hexdigest()[:4], 16) % 10
    reading = Reading(
        HTML, title=f"{page.url}年报", publisher=page.url[11:15], year=year, kind="disclosure", text="\n".join(page.paragraphs),
        observations=observations, paragraphs=page.paragraphs,
    )  # fmt: skip
    converter = store.software_id(HTML.converter)
    part = RevisionPart("page", kept.resource, kept.url, None, "text/html", kept.capture, kept.payload, converter, "ok")
    return Judged(
        page.url, reading, lambda: to_json(reading), substance(reading, reading, []), (part,), mark,
        store.software_id(READER), None,
    )  # fmt: skip


def fill(path: Path, captures: int, portals: range, memory: list[int] | None = None, judge=None) -> Filler:
    """An archive of about ``captures`` captures of ``portals``."""
    crawls = 50 if captures >= MANY else 5
    resources = max(1, captures * 10 // (11 * crawls * len(portals)))
    filler = Filler(path, judge)
    made = [Portal(number, resources) for number in portals]
    for crawl in range(crawls):
        for portal in made:
            filler.crawl(portal, crawl)
        if memory is not None:
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    filler.close()
    return filler


def percentiles(times: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.95)] * 1000


def timed(questions) -> tuple[float, float]:
    """Ask each question once for warmth, then once with a clock."""
    found = []
    for ask in questions:
        ask()
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return percentiles(found)


def ask(path: Path, count: int = 300) -> dict[str, float]:
    """p95 of the questions an archivist asks, in milliseconds; and the proofs' size."""
    sql = open_reading(path)
    chance = random.Random(7)
    urls = [
        row[0]
        for row in sql.execute(
            "SELECT url FROM resource WHERE last_capture IS NOT NULL ORDER BY random() LIMIT ?", (count,)
        )
    ]
    times = sql.execute("SELECT min(at), max(at) FROM capture").fetchone()
    last = sql.execute("SELECT max(id) FROM observation").fetchone()[0]
    captures = sql.execute("SELECT max(id) FROM capture").fetchone()[0]
    payloads = [row[0] for row in sql.execute("SELECT payload FROM revision_part ORDER BY random() LIMIT ?", (count,))]
    found = {
        "as_of_p95_ms": timed([lambda u=u: history.as_of(sql, u, chance.randint(*times)) for u in urls])[1],
        "trace_p95_ms": timed(
            [lambda i=i: provenance.trace(sql, i) for i in (chance.randint(1, last) for _ in range(count))]
        )[1],
        "timeline_p95_ms": timed([lambda u=u: history.history(sql, u) for u in urls])[1],
        "read_p95_ms": timed([lambda p=p: Payloads(sql).get(p) for p in payloads])[1],
    }
    log = Log(sql)
    proof = proofs.proof(sql, chance.randint(1, captures))
    found["proof_bytes"] = sum(len(bytes.fromhex(step.removeprefix("sha256:"))) for step in proof["path"])
    found["log_entries"] = log.size
    sql.close()
    return found


def appending(folder: Path, entries: int = 20_000) -> float:
    """Microseconds an entry of the log costs, its record's hash included."""
    sql = open_writing(folder / "log.db")
    log = Log(sql)
    record = {
        "type": "capture",
        "url": "http://www.p000.gov.cn/nb/1.html",
        "at": 1,
        "payload": b"\0" * 32,
        "status": 200,
    }
    sql.execute("BEGIN")
    start = time.process_time()
    for i in range(entries):
        log.append(evidence.CAPTURE, i, record)
    seconds = time.process_time() - start
    sql.execute("ROLLBACK")
    sql.close()
    return seconds / entries * 1e6


def sizes(path: Path) -> dict[str, float]:
    """Bytes of the file, of the payloads, and of text and search."""
    sql = open_reading(path)
    frames, distinct = sql.execute("SELECT sum(length(frame)), count(*) FROM payload").fetchone()
    names = ("paragraph", "revision_paragraph", "indexed", "reading", "observation", "place")
    rows = sql.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
    text = sum(size for name, size in rows if name.removeprefix("sqlite_autoindex_").startswith(names))
    sql.close()
    return {"file": path.stat().st_size, "payloads": frames, "distinct": distinct, "text": text}


def git_bytes(path: Path, folder: Path) -> int:
    """The bytes of a git repository with the same payloads, a file an address and a commit a crawl, after gc --aggressive."""
    where = folder / "git"
    where.mkdir()

    def git(*words: str, given: bytes | None = None) -> None:
        subprocess.run(["git", *words], cwd=where, check=True, capture_output=True, input=given)

    git("init", "-q")
    stream = io.BytesIO()
    sql = open_reading(path)
    payloads = Payloads(sql)
    for (crawl,) in sql.execute("SELECT id FROM crawl ORDER BY id").fetchall():
        rows = sql.execute(
            "SELECT resource, payload FROM capture WHERE crawl=? AND payload IS NOT NULL", (crawl,)
        ).fetchall()
        stream.write(b"commit refs/heads/main\ncommitter b <b@b> 1700000000 +0000\ndata 1\nx\n")
        for row in rows:
            data = payloads.get(row[1])
            stream.write(f"M 644 inline {row[0]}\ndata {len(data)}\n".encode() + data + b"\n")
    sql.close()
    git("fast-import", "--quiet", given=stream.getvalue())
    git("gc", "--aggressive", "--quiet")
    return sum(file.stat().st_size for file in (where / ".git" / "objects").rglob("*") if file.is_file())


def merging(folder: Path, captures: int) -> dict[str, float]:
    """Captures a second that come in from two shards of other portals; then again, when nothing is new."""
    half = PORTALS // 2
    shards = [folder / "north.db", folder / "south.db"]
    fill(shards[0], captures // 2, range(half))
    fill(shards[1], captures // 2, range(half, PORTALS))
    found = {}
    for name, trust in (("merge", True), ("checked_merge", False)):
        store = Store(open_writing(folder / f"{name}.db"))
        start = time.process_time()
        added = sum(merge(store, shard, trust=trust).added["captures"] for shard in shards)
        found[f"{name}_captures_a_second"] = added / (time.process_time() - start)
        store.close()
    store = Store(open_writing(folder / "merge.db"))
    start = time.process_time()
    again = sum(merge(store, shard, trust=True).added["captures"] for shard in shards)
    found["merge_again_captures_a_second"] = captures / (time.process_time() - start)
    assert again == 0, "a second merge must add nothing"
    store.close()
    return found


def measure(captures: int) -> dict[str, float]:
    """Everything for one size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "archive.db"
        memory: list[int] = []
        filler = fill(path, captures, range(PORTALS), memory)
        size = sizes(path)
        found = {
            "captures": filler.captures,
            "captures_a_second": filler.captures / filler.seconds,
            "memory_mb": max(memory),
            "memory_grown_mb": memory[-1] - memory[len(memory) // 2],
            "file_bytes_a_capture": size["file"] / filler.captures,
            "payload_bytes_a_distinct": size["payloads"] / size["distinct"],
            **ask(path),
            "log_append_us": appending(folder),
        }
        if captures <= 100_000:
            warc = warc_bytes(path)
            found |= {
                "payloads_to_warc": size["payloads"] / warc,
                "archive_without_text_to_warc": (size["file"] - size["text"]) / warc,
                "archive_to_warc": size["file"] / warc,
                **merging(folder, captures),
            }
        if captures <= 10_000 and shutil.which("git"):
            found["payloads_to_git"] = size["payloads"] / git_bytes(path, folder)
        return found


def _alone(captures: int) -> dict[str, float]:
    """One size in a process of its own, whose memory is its own too."""
    words = [sys.executable, __file__, "--captures", str(captures), "--json"]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(done.stdout)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--captures", type=int, nargs="+", default=[1000, 10_000, 100_000])
    options.add_argument("--json", action="store_true", help="one JSON object a size")
    options.add_argument("--check", action="store_true", help="exit 1 where a floor is missed")
    given = options.parse_args()
    floors = json.loads((ROOT / "benchmarks" / "baseline.json").read_text()).get("scale", {})
    missed = []
    for captures in given.captures:
        found = measure(captures) if len(given.captures) == 1 else _alone(captures)
        print(json.dumps(found) if given.json else f"\n{captures} captures", flush=True)
        for name, value in found.items():
            goal, floor = GOALS.get(name) if captures >= MANY else None, floors.get(name)
            if floor and captures < floor[2]:
                floor = None
            if not given.json:
                beside = f"   goal {' '.join(map(str, goal))}" if goal else ""
                print(f"  {name:<32} {value:12.3f}{beside}", flush=True)
            if floor and not (value <= floor[1] if floor[0] == "at most" else value >= floor[1]):
                missed.append(f"{name} at {captures}: {value:.3f}, floor {floor[0]} {floor[1]}")
    print("\n".join(missed) or "every floor of baseline.json is reached", file=sys.stderr)
    if missed and given.check:
        sys.exit(1)


if __name__ == "__main__":
    main()
