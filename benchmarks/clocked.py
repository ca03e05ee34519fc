"""``nianlun crawl`` under a clock that is not the machine's: what :mod:`benchmarks.year` crawls its rounds with.

It reads one JSON object a line from standard input: ``words`` (those of the command), ``begun, at, speed`` (the clock
says ``begun``, in seconds since 1970, when the machine's monotonic clock says ``at``, and goes ``speed`` times as fast) and
``dies`` (after so many seconds of the machine's the crawl kills itself, as a machine may that loses its power; 0: it does
not).  Each crawl is a process of its own, forked from this one, which holds nothing but imported modules: starting Python
anew would cost more than a small crawl does.  It prints ``ready``, then for each crawl the process id, and when that has ended the exit code.

Pauses between tries are not virtual: they are kept short.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from archive.connection import lease, open_writing
from crawler import output, settings
from crawler.commands import crawl
from crawler.run import Plan, reading_software, run
from crawler.targets import entries, register
from spiders.families import recognise  # noqa: F401 - every family is loaded with it
from spiders.loader import spider_class  # noqa: F401

PAUSE = 0.05
"""Seconds before the first retry."""


def begin(words: list[str], begun: float, at: float, speed: float, dies: float) -> int:
    """Crawl as the command does; its exit code."""
    options = argparse.ArgumentParser()
    crawl.configure(options)
    arguments = options.parse_args(words)
    portals, policy = crawl._plan(arguments)  # noqa: SLF001 - the command's own reading of its words
    if dies:
        threading.Timer(dies, os.kill, (os.getpid(), signal.SIGKILL)).start()
    plan = Plan(
        portals,
        replace(policy, retry_wait=PAUSE),
        quiet=True,
        ocr=False,
        rotate=arguments.rotate,
        clock=lambda: begun + (time.monotonic() - at) * speed,
        entries=entries(arguments.portals),
    )
    path = output.archive_path(arguments)
    with lease(path):
        done = run(open_writing(path), plan)
    code = max((crawl.exit_code(ended) for ended in done), default=0)
    return max(code, 4) if plan.stopped or plan.closed else code


def warm() -> None:
    """Import what a crawl imports, but for the reactor, which is each crawl's own; read the register."""
    register([])
    reading_software(ocr=False)
    for name in (*settings.SPIDER_MIDDLEWARES, *settings.DOWNLOADER_MIDDLEWARES, *settings.EXTENSIONS):
        importlib.import_module(str(name).rpartition(".")[0])
    for name in ("scrapy.crawler", "scrapy.core.engine", "pipelines.read", "pipelines.convert.sandbox", "tldextract"):
        importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules


def forked(order: dict) -> int:
    """The process id of a crawl that goes on by itself."""
    number = os.fork()
    if number:
        return number
    code = 70
    try:
        code = begin(**order)
    except Exception:  # noqa: BLE001 - said as loudly as the command does, and the code of a fault
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Crawl what is ordered until standard input is closed."""
    warm()
    print("ready", flush=True)
    for line in sys.stdin:
        number = forked(json.loads(line))
        print(number, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
