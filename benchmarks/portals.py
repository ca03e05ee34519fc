"""Many portals at once: how much of the rate that the delay allows one process reaches, and what hanging hosts cost.

    python benchmarks/portals.py [--portals 200] [--delay 1] [--check]

Each simulated portal has a home page and twenty reports (:mod:`benchmarks.portals_world`).  They are crawled once
without a delay; then, unchanged, with the delay, and again with a tenth of the hosts hanging.  A host's rate is its
requests over the time from its first to its last; the share is the mean over the healthy hosts of that rate times the
delay (1: the delay alone decides).  It does not measure: live portals' latency, TLS, first crawls (there the reading of
reports decides, see crawl.py).  ``--check`` compares with baseline.json and ends with 1 below a floor.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Served:
    """The portals, in a process of their own."""

    def __init__(self, port: int, hanging: int) -> None:
        command = [sys.executable, str(ROOT / "benchmarks/portals_world.py"), str(port), str(hanging)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line().split()[1])

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def rates(self) -> dict[str, tuple[int, float]]:
        """What was asked of each host since this was last asked."""
        assert self.process.stdin is not None
        self.process.stdin.write("rates\n")
        self.process.stdin.flush()
        return {host: (number, seconds) for host, (number, seconds) in json.loads(self._line()).items()}

    def close(self) -> None:
        """Stop it."""
        self.process.kill()
        self.process.wait()


def crawl(targets: Path, archive: Path, delay: float) -> tuple[float, float, int]:
    """Seconds, seconds of CPU, and the largest memory in MB of a crawl."""
    words = ["crawl", "--from", str(targets), "-a", str(archive), "--delay", str(delay), "--quiet", "--json"]
    words += ["--allow-private", "--resolve", "*.gov.test=127.0.0.1", "--allow-host", "*.gov.test"]
    more = {"NIANLUN_DOWNLOAD_TIMEOUT": "10"}  # a hanging host is given up after ten seconds, not sixty
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, str(ROOT / "nianlun.py"), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **more},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"the crawl ended with {done.returncode}: {done.stderr[-800:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begun, cpu, after.ru_maxrss // 1024


def share(rates: dict[str, tuple[int, float]], delay: float, hanging: int) -> float:
    """The mean share of the allowed rate over the hosts that answer."""
    healthy = [
        (number - 1) * delay / seconds
        for host, (number, seconds) in rates.items()
        if int(host[1:].partition(".")[0]) >= hanging and number > 1 and seconds > 0
    ]
    return statistics.mean(healthy) if healthy else 0.0


def measure(portals: int, delay: float) -> dict[str, float]:
    """Everything, as numbers."""
    hanging = portals // 10
    with tempfile.TemporaryDirectory() as folder:
        archive, targets = Path(folder) / "a.db", Path(folder) / "portals.txt"
        served = Served(0, 0)
        targets.write_text("".join(f"http://p{number}.gov.test:{served.port}/\n" for number in range(portals)))
        first, first_cpu, _ = crawl(targets, archive, 0)
        asked = sum(number for number, _ in served.rates().values())
        slow, slow_cpu, memory = crawl(targets, archive, delay)
        healthy = share(served.rates(), delay, 0)
        port = served.port
        served.close()
        served = Served(port, hanging)
        ill, _, _ = crawl(targets, archive, delay)
        with_hanging = share(served.rates(), delay, hanging)
        served.close()
    return {
        "portals": portals, "first_seconds": first, "first_requests": asked, "first_cpu": first_cpu,
        "again_seconds": slow, "again_cpu": slow_cpu, "memory": memory, "share": healthy,
        "hanging_seconds": ill, "share_with_hanging": with_hanging, "loss": max(0.0, 1 - with_hanging / healthy),
    }  # fmt: skip


def main() -> int:
    """Print, and compare."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--portals", type=int, default=200)
    options.add_argument("--delay", type=float, default=1.0)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    found = measure(chosen.portals, chosen.delay)
    for name, value in found.items():
        print(f"{name:20} {value:.3f}" if isinstance(value, float) else f"{name:20} {value}")
    floors = json.loads((ROOT / "benchmarks/baseline.json").read_text())["portals"]
    below = found["share"] < floors["share"] or found["loss"] > floors["loss"]
    if chosen.check and below:
        print(f"below a floor of baseline.json: {floors}")
    return int(chosen.check and below)


if __name__ == "__main__":
    sys.exit(main())
