"""Serve many simulated portals at once, for measurements: prints their addresses as JSON, then waits.

python benchmarks/world.py --portals 20
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from crawler.simulator import Simulator


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--portals", type=int, default=20)
    wanted = options.parse_args().portals
    with contextlib.ExitStack() as stack:
        worlds = [stack.enter_context(Simulator(seed=100 + i)) for i in range(wanted)]
        print(json.dumps([world.url for world in worlds]), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
