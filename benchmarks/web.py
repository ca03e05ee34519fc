"""How fast the reading room answers: p50 and p95 of every kind of page on an archive of 100,000 captures.

    python benchmarks/web.py                       some five minutes, most of them to make the archive
    python benchmarks/web.py --captures 5000 --check
    python benchmarks/web.py --archive FILE        an archive of your own

Two hundred portals, each with a publisher of its own and reports of several years in the form of 2021, crawled fifty
times with edits and noise (benchmarks/scale.py fills the archive as crawls do).  Each page is asked for many different
reports, figures, words and days, through everything but the socket: the guard, the routing, the page.  Times are on the
wall, after one answer for warmth; the floor is in baseline.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from archive.chronicle import Judged, RevisionPart
from archive.connection import open_reading
from archive.forms import indicators
from archive.model import Cell, Conversion, Grid, Observation, Place, Reading, Software, Where
from archive.revisions import substance
from archive.times import shown_time
from archive.web import app
from archive.web.guard import Hosts
from benchmarks.scale import READER, fill, percentiles
from pipelines.serial import to_json

PORTALS = 200
CODES = tuple(indicators("2021"))
WORDS = ("政府信息", "复议", "诉讼 AND 复议", "公开工作", "许可 NOT 处罚", "问题改进")


def judged(store, kept, page, mark: bytes) -> Judged:
    """A page as a report of the form of 2021: sixty of its cells, in one table."""
    cells = tuple(
        Cell(row, 0, code, place=Place(path=f"table[1]/tr[{row + 1}]/td[1]"))
        for row, code in enumerate(CODES[: len(page.values)])
    )
    values = tuple(
        Cell(row, 1, str(value), place=Place(path=f"table[1]/tr[{row + 1}]/td[2]"))
        for row, value in enumerate(page.values)
    )
    html = Conversion(Software("html", "bench"), "text/html", "ok", grids=(Grid(len(cells), 2, cells + values),))
    observations = tuple(
        Observation(
            code, value, "ok", str(value), "件", Where(0, row, 1, place=Place(path=f"table[1]/tr[{row + 1}]/td[2]"))
        )
        for row, (code, value) in enumerate(zip(CODES, page.values, strict=False))
    )
    number = int("".join(filter(str.isdigit, page.url.rpartition("/")[2])) or 0)
    portal = page.url[11:15]
    year = 2014 + number % 10
    reading = Reading(
        html, title=f"测试{portal}厅{year}年政府信息公开工作年度报告", publisher=f"测试{portal}厅", year=year, kind="disclosure",
        form="2021", published=f"{year + 1}-01-20", text="\n".join(page.paragraphs), paragraphs=page.paragraphs, observations=observations,
    )  # fmt: skip
    part = RevisionPart(
        "page",
        kept.resource,
        kept.url,
        None,
        "text/html",
        kept.capture,
        kept.payload,
        store.software_id(html.converter),
        "ok",
    )
    return Judged(
        page.url, reading, lambda: to_json(reading), substance(reading, reading, []), (part,), mark,
        store.software_id(READER), "640000",
    )  # fmt: skip


class Visitor:
    """Asks the whole application in this process."""

    def __init__(self, path: Path) -> None:
        self.application = app.application(path, Hosts("127.0.0.1"))
        self.loop = asyncio.new_event_loop()

    def get(self, address: str) -> tuple[int, int]:
        """The status and the bytes of an answer."""
        path, _, query = address.partition("?")
        sent = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "headers": [(b"host", b"127.0.0.1:8001")],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8001),
        }  # fmt: skip
        self.loop.run_until_complete(self.application(scope, receive, send))
        return sent[0]["status"], sum(len(message.get("body", b"")) for message in sent[1:])


def questions(path: Path, count: int) -> dict[str, list[str]]:
    """Addresses of every kind of page."""
    sql = open_reading(path)
    chance = random.Random(7)

    def some(query: str) -> list:
        rows = sql.execute(query).fetchall()
        return [chance.choice(rows) for _ in range(count)]

    reports = [row[0] for row in some("SELECT id FROM report")]
    edited = [row[0] for row in some("SELECT id FROM report WHERE revisions>1")]
    names = [quote(row[0]) for row in some("SELECT DISTINCT publisher FROM report WHERE publisher IS NOT NULL")]
    urls = [row[0] for row in some("SELECT url FROM resource WHERE last_capture IS NOT NULL")]
    captures = [row[0] for row in some("SELECT id FROM capture ORDER BY random() LIMIT 500")]
    figures = [row[0] for row in some("SELECT id FROM observation ORDER BY random() LIMIT 500")]
    crawls = [row[0] for row in some("SELECT id FROM crawl")]
    first, last = sql.execute("SELECT min(at), max(at) FROM capture").fetchone()
    days = [quote(shown_time(chance.randint((first + last) // 2, last)) or "") for _ in range(count)]
    sql.close()
    words = [quote(WORDS[i % len(WORDS)]) for i in range(count)]
    return {
        "home": ["/"] * count,
        "home as of": [f"/?at={day}" for day in days],
        "coverage": [f"/coverage?offset={60 * (i % 3)}" for i in range(count)],
        "coverage, a year": [f"/coverage?year={2015 + i % 8}&state=missing" for i in range(count)],
        "reports": [f"/reports?offset={50 * (i % 30)}" for i in range(count)],
        "reports as of": [f"/reports?publisher={n}&at={d}" for n, d in zip(names, days, strict=True)],
        "report": [f"/report/{i}" for i in reports],
        "captures": [f"/report/{i}/captures" for i in reports],
        "two revisions": [f"/report/{i}/compare" for i in edited],
        "two reports": [f"/compare?a={a}&b={b}" for a, b in zip(reports, edited, strict=True)],
        "figure": [f"/figure/{i}" for i in figures],
        "series": [f"/series?indicator={CODES[i % 40]}&publisher={n}" for i, n in enumerate(names)],
        "series, many": [f"/series?indicator={CODES[i % 40]}&kind=distribution" for i in range(count)],
        "search": [f"/search?q={w}" for w in words],
        "search, filtered": [f"/search?q={w}&publisher={n}" for w, n in zip(words, names, strict=True)],
        "changes": ["/changes"] * count,
        "changes, filtered": [f"/changes?publisher={n}&event=changed" for n in names],
        "capture": [f"/capture/{i}" for i in captures],
        "original": [f"/original/{i}" for i in captures],
        "crawl": [f"/crawl/{i}" for i in crawls],
        "timegate": [f"/timegate/{u}" for u in urls],
        "timemap": [f"/timemap/link/{u}" for u in urls],
        "oai": [f"/oai?verb=ListRecords&metadataPrefix=oai_dc&until=20{20 + i % 6}-01-01" for i in range(count)],
        "api": [f"/api/observations?publisher={n}&indicator=applications" for n in names],
        "feed": ["/feeds/changes.atom"] * count,
        "tables": [f"/archive/report?publisher={n}" for n in names],
    }


def measure(path: Path, count: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 of each kind of page in milliseconds."""
    visitor = Visitor(path)
    found = {}
    for name, addresses in questions(path, count).items():
        visitor.get(addresses[0])
        times = []
        for address in addresses:
            start = time.perf_counter()
            status, _ = visitor.get(address)
            times.append(time.perf_counter() - start)
            if status >= 500:
                raise SystemExit(f"{address} was answered with {status}")
        found[name] = percentiles(times)
    return found


def main() -> int:
    """Make the archive, ask, print, compare with the floor."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--captures", type=int, default=100_000)
    options.add_argument("--archive", type=Path, help="an archive to ask instead of a made-up one")
    options.add_argument("--count", type=int, default=40, help="addresses of each kind")
    options.add_argument("--check", action="store_true", help="end with 1 when a page is slower than the floor")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = chosen.archive or Path(name) / "archive.db"
        if chosen.archive is None:
            fill(path, chosen.captures, range(PORTALS if chosen.captures >= 50_000 else 20), judge=judged)
        sql = open_reading(path)
        sums = {
            table: sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("capture", "report", "revision", "observation")
        }
        sql.close()
        print(", ".join(f"{count:,} {table}s" for table, count in sums.items()))
        found = measure(path, chosen.count)
    floor = json.loads((ROOT / "benchmarks" / "baseline.json").read_text())["web"]["p95_ms"]
    for page, (middle, high) in sorted(found.items(), key=lambda item: -item[1][1]):
        print(
            f"{page:<20} p50 {middle:7.1f} ms   p95 {high:7.1f} ms{'   slower than the floor' if high > floor else ''}"
        )
    slow = [page for page, (_, high) in found.items() if high > floor]
    print(
        f"slowest p95 {max(high for _, high in found.values()):.1f} ms; floor {floor} ms: {'reached' if not slow else 'missed by ' + ', '.join(slow)}"
    )
    return 1 if slow and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
