"""``python -m crawler.simulator [--port N] [--seed N] [--year N]``: serve a simulated portal until interrupted."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading

from crawler.simulator import Simulator


def main() -> None:
    """Serve, and print the home page's address on the first line of standard output."""
    parser = argparse.ArgumentParser(prog="python -m crawler.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--year", type=int, default=2024)
    options = parser.parse_args()
    with Simulator(seed=options.seed, year=options.year, port=options.port) as world:
        sys.stdout.write(f"{world.url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
