"""``python -m crawler.simulator [--port N] [--seed N] [--year N] [--hosts NAME,…|all]``: serve until interrupted.

Without ``--hosts`` it is the one portal of :class:`crawler.simulator.Simulator`; with it a country of hosts,
told apart by the ``Host`` header (names of ``.test`` resolve nowhere: map them to 127.0.0.1).
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading

from crawler.simulator import Country, Simulator


def main() -> None:
    """Serve, and print the home pages' addresses on standard output, one a line."""
    parser = argparse.ArgumentParser(prog="python -m crawler.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--year", type=int, default=2024)
    parser.add_argument("--hosts", help="hosts of the country by short name, or all")
    options = parser.parse_args()
    told = {"seed": options.seed, "year": options.year, "port": options.port}
    hosts = None if options.hosts in {None, "all"} else options.hosts.split(",")
    with Country(hosts=hosts, **told) if options.hosts else Simulator(**told) as world:
        homes = [world.url] if isinstance(world, Simulator) else [world.home(name) for name in world.names]
        sys.stdout.write("".join(f"{home}\n" for home in homes))
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
