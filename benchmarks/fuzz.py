"""Damaged and hostile files in the cage: every one must end in a recorded state, within the limits.

    python benchmarks/fuzz.py [--variants 1000] [--seed 1] [--samples DIR]

Files of every format (the small ones of tests/fixtures and the simulator's, with --samples those too) are cut and
have bits flipped, blocks zeroed, doubled or exchanged; each variant is read in a worker with the limits of a crawl.
Prints how many ended in which state and the slowest; exits 1 if one ended in none or took longer than the limit.
It does not look at what was read: benchmarks/reading.py does.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from pipelines.convert.sandbox import Cage, Limits

if TYPE_CHECKING:
    from concurrent.futures import Future

    from archive.model import Reading

STATES = {"ok", "empty", "encrypted", "refused", "unreadable", "needs"}
SUFFIXES = {
    ".doc",
    ".wps",
    ".rtf",
    ".odt",
    ".docx",
    ".pdf",
    ".ofd",
    ".xls",
    ".xlsx",
    ".html",
    ".zip",
    ".rar",
    ".7z",
    ".png",
    ".jpg",
}
AHEAD = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=1000, help="how many damaged files (default 1000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--samples", type=Path, help="a folder of further files; those in hostile/ are read undamaged, too"
    )
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    files = originals(arguments.samples)
    work = [(path.name, path.read_bytes()) for path in files if "hostile" in path.parts]
    whole = [(path.name, path.read_bytes()) for path in files if "hostile" not in path.parts]
    work += [(name, damaged(payload, rng)) for name, payload in (rng.choice(whole) for _ in range(arguments.variants))]
    states, slowest, wrong = run(work)
    print(f"{len(work)} files: " + ", ".join(f"{state} {count}" for state, count in states.most_common()))
    print(f"slowest: {slowest[0]:.2f} s ({slowest[1]})")
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def originals(samples: Path | None) -> list[Path]:
    folders = [ROOT / "tests" / "fixtures", *([samples] if samples else [])]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def damaged(payload: bytes, rng: random.Random) -> bytes:
    """A variant: one to four kinds of damage, where they fall by chance."""
    held = bytearray(payload)
    for _ in range(rng.randint(1, 4)):
        if not held:
            break
        at = rng.randrange(len(held))
        size = rng.choice((1, 2, 16, 256))
        kind = rng.randrange(6)
        if kind <= 1:
            held[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del held[at : at + size if rng.random() < 0.5 else len(held)]
        elif kind == 3:
            held[at : at + size] = bytes(size)
        elif kind == 4:
            held[at:at] = held[at : at + size]
        else:
            held[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f"))
    return bytes(held)


def run(work: list[tuple[str, bytes]]) -> tuple[Counter[str], tuple[float, str], list[str]]:
    """States, the slowest, and what is wrong."""
    states: Counter[str] = Counter()
    slowest, wrong = (0.0, "none"), []
    limit = Limits().seconds + 2
    waiting: list[tuple[str, Future[Reading], float]] = []
    with Cage(ocr=False) as cage:
        for name, payload in [*work, *[("", b"")] * AHEAD]:
            if name:
                waiting.append((name, cage.submit(payload, name=name), time.perf_counter()))
            if len(waiting) < AHEAD and name:
                continue
            if not waiting:
                break
            file, future, started = waiting.pop(0)
            conversion = future.result(timeout=60).conversion
            took = time.perf_counter() - started
            states[conversion.state] += 1
            slowest = max(slowest, (took, f"{file}: {conversion.state}"))
            if conversion.state not in STATES or (conversion.state != "ok" and not conversion.error):
                wrong.append(f"{file}: {conversion}")
            if took > limit * 2:
                wrong.append(f"{file}: {took:.1f} s")
    return states, slowest, wrong


if __name__ == "__main__":
    sys.exit(main())
