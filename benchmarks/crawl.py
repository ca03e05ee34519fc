"""CPU a page of a whole crawl, beside bare Scrapy on the same portals in the same run; and what is kept, beside warc.gz.

    python benchmarks/crawl.py [--portals 20] [--rounds 3] [--json]

The portals are simulated, served by another process whose CPU is not counted; CPU is that of the client's process
tree.  It does not measure: live portals (manners bind there, not CPU), TLS, search, exports.  Bare Scrapy fetches
every page it can reach and keeps nothing; nianlun fetches the reports and what leads to them, reads every report to
the last cell, and keeps all of it with evidence.  The floors are in baseline.json.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from archive.connection import open_reading
from archive.leaves import unpack_headers
from archive.payloads import Payloads


def cpu(words: list[str]) -> tuple[float, str]:
    """Seconds of CPU of a command's process tree, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(words[:3])} ended with {done.returncode}: {done.stderr[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def crawl(targets: Path, archive: Path) -> tuple[float, int]:
    """CPU and captures of a crawl of the portals in ``targets``."""
    words = [
        "crawl",
        "--from",
        str(targets),
        "-a",
        str(archive),
        "--allow-private",
        "--delay",
        "0",
        "--quiet",
        "--json",
    ]
    seconds, out = cpu([sys.executable, str(ROOT / "nianlun.py"), *words])
    return seconds, sum(row["captures"] for row in json.loads(out))


def warc_bytes(archive: Path) -> int:
    """The bytes of a warc.gz with the same captures: response records, and revisit records for payloads seen before."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    sql = open_reading(archive)
    payloads, out, seen = Payloads(sql), io.BytesIO(), set()
    writer = WARCWriter(out, gzip=True)
    rows = sql.execute(
        "SELECT capture.*, url FROM capture JOIN resource ON resource.id=capture.resource ORDER BY capture.id"
    )
    for row in rows.fetchall():
        if row["status"] is None:
            continue
        headers = StatusAndHeaders(
            f"{row['status']} OK", list(map(tuple, unpack_headers(row["response_headers"]))), protocol="HTTP/1.1"
        )
        body = payloads.get(row["payload"]) if row["payload"] else b""
        if row["payload"] in seen:
            record = writer.create_revisit_record(
                row["url"],
                digest="sha1:x",
                refers_to_uri=row["url"],
                refers_to_date="2024-01-01T00:00:00Z",
                http_headers=headers,
            )
        else:
            record = writer.create_warc_record(row["url"], "response", payload=io.BytesIO(body), http_headers=headers)
        seen.add(row["payload"])
        writer.write_record(record)
    sql.close()
    return len(out.getvalue())


def sizes(archive: Path) -> dict[str, int]:
    """Bytes of the file, of its payload frames, and without text and search."""
    sql = sqlite3.connect(archive)
    frames = sql.execute("SELECT sum(length(frame)) FROM payload").fetchone()[0]
    try:
        rows = sql.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
        search = sum(
            size
            for name, size in rows
            if name.startswith(("paragraph", "revision_paragraph", "sqlite_autoindex_paragraph"))
        )
    except sqlite3.OperationalError:
        search = 0
    sql.close()
    return {"file": archive.stat().st_size, "payloads": frames, "search": search}


def measure(portals: int, rounds: int) -> dict[str, float]:
    """Run everything and return the figures."""
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "benchmarks" / "world.py"), "--portals", str(portals)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        urls = json.loads(server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            return _measure(urls, Path(folder), rounds)
    finally:
        server.stdin.close()
        server.wait()


def _measure(urls: list[str], folder: Path, rounds: int) -> dict[str, float]:
    targets = folder / "targets.txt"
    targets.write_text("\n".join(urls))
    bare, first, again = [], [], []
    for number in range(rounds):
        seconds, out = cpu([sys.executable, str(ROOT / "benchmarks" / "bare.py"), *urls])
        bare.append(seconds * 1000 / int(out))
        archive = folder / f"{number}.db"
        seconds, pages = crawl(targets, archive)
        first.append(seconds * 1000 / pages)
        once = (sizes(archive), warc_bytes(archive))
        seconds, pages = crawl(targets, archive)
        again.append(seconds * 1000 / pages)
    for _ in range(8):
        crawl(targets, archive)
    ten = (sizes(archive), warc_bytes(archive))
    return {
        "pages": pages,
        "bare_ms": statistics.median(bare),
        "first_ms": statistics.median(first),
        "again_ms": statistics.median(again),
        "first_to_bare": statistics.median(a / b for a, b in zip(first, bare, strict=True)),
        "again_to_first": statistics.median(a / b for a, b in zip(again, first, strict=True)),
        "payloads_to_warc_first": once[0]["payloads"] / once[1],
        "archive_to_warc_first": once[0]["file"] / once[1],
        "payloads_to_warc_ten": ten[0]["payloads"] / ten[1],
        "archive_to_warc_ten": ten[0]["file"] / ten[1],
        "archive_without_search_to_warc_ten": (ten[0]["file"] - ten[0]["search"]) / ten[1],
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--portals", type=int, default=20)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found = measure(given.portals, given.rounds)
    floors = json.loads((ROOT / "benchmarks" / "baseline.json").read_text())["crawl"]
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            bound = f"   floor {floors[name]}" if name in floors else ""
            print(f"{name:<36} {value:10.3f}{bound}")
    broken = [name for name, bound in floors.items() if found[name] > bound]
    if broken:
        sys.exit(f"above the floor: {', '.join(broken)}")


if __name__ == "__main__":
    main()
