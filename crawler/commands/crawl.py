"""Crawl portals: find their annual reports, keep every answer as evidence, read the reports, note what changed.

TARGET is a portal of the register (`nianlun portals`) or the address of a home page.

examples:
  nianlun crawl nx-dofcom
  nianlun crawl https://www.example.gov.cn/ --archive example.db
  nianlun crawl --from portals.txt --max-requests 500
  nianlun crawl --from portals.txt --rotate 8 --window 00:00-06:30
  nianlun crawl nx-dofcom --dry-run         what would be asked, and how

exit codes: 0 sound, 1 problems were found, 2 wrong usage, 3 unreachable or blocked altogether, 4 stopped early (resumable).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError
from crawler.manners import PER_DAY, Bounds, Window

if TYPE_CHECKING:
    from archive.model import Portal
    from archive.portals import Asked
    from crawler.context import Policy
    from crawler.run import Ended
    from crawler.sharing.workers import Workers


MAX_REQUESTS = 2000
"""Requests a portal and a run: the field guide's daily bound for a host; the same command goes on where it stopped."""


CONCURRENT = 200
"""Portals crawled side by side; each is asked slowly, so that most of the time nothing is to be done for it."""


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("targets", nargs="*", metavar="TARGET", help="a portal's name, or a home page's address")
    output.archive_option(options)
    options.add_argument("--from", dest="source", type=Path, metavar="FILE", help="more targets, one a line")
    options.add_argument("--portals", type=Path, action="append", default=[], metavar="DIR", help="more portal files")
    options.add_argument(
        "--allow-host", action="append", default=[], metavar="GLOB", help="also ask hosts like this (default *.gov.cn)"
    )
    options.add_argument("--allow-private", action="store_true", help="connect to loopback and private addresses")
    options.add_argument(
        "--resolve",
        action="append",
        default=[],
        metavar="GLOB=ADDRESS",
        help="the IP address of hosts like this, instead of DNS",
    )
    options.add_argument("--delay", type=float, metavar="SECONDS", help="between two requests to a host (default 3)")
    options.add_argument(
        "--max-requests",
        type=int,
        default=MAX_REQUESTS,
        metavar="N",
        help=f"stop after N requests a portal, resumable (default {MAX_REQUESTS})",
    )
    _manners(options)
    options.add_argument(
        "--rotate",
        type=int,
        metavar="N",
        help="of older reports ask only for an N-th again (default: every known report is asked for)",
    )
    options.add_argument(
        "--frontier", metavar="URL", help="share the requests with other machines: redis://HOST:PORT/NUMBER"
    )
    options.add_argument("--crawl-name", metavar="NAME", help="the name under which they share them")
    options.add_argument(
        "--lease", type=_whole, default=60, metavar="SECONDS", help="what a silent machine took goes to others (60)"
    )
    output.recognition_option(options)
    options.add_argument("--resume", action="store_true", help="only finish interrupted crawls, begin none")
    options.add_argument("--dry-run", action="store_true", help="say what would be crawled and how, ask nothing")
    options.add_argument("--quiet", action="store_true", help="no progress on standard error")
    options.add_argument("--json", action="store_true", help="the summary as a JSON array")


def _manners(options: argparse.ArgumentParser) -> None:
    """The bounds of what is asked, and when."""
    options.add_argument(
        "--window",
        type=_window,
        metavar="HH:MM-HH:MM",
        help="ask only at these hours in Beijing; stops outside, resumable",
    )
    options.add_argument(
        "--concurrent",
        type=_whole,
        default=CONCURRENT,
        metavar="N",
        help=f"portals side by side (default {CONCURRENT})",
    )
    options.add_argument("--max-total", type=_whole, metavar="N", help="stop after N requests, all portals together")
    options.add_argument("--per-day", type=_whole, metavar="N", help=f"requests a host and day (default {PER_DAY})")
    options.add_argument("--bytes-per-day", type=_whole, metavar="N", help="bytes a host and day (default 1 GiB)")
    options.add_argument(
        "--cooling", type=_hours, metavar="HOURS",
        help="leave a host alone that blocked (default 24; earlier crawls of hosts on private addresses do not count)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Crawl, then say how it ended."""
    portals, policy = _plan(arguments)
    if arguments.dry_run:
        return _dry_run(portals, policy, arguments)
    from archive.connection import lease, open_writing  # noqa: PLC0415
    from crawler.run import Plan, run  # noqa: PLC0415
    from crawler.targets import entries  # noqa: PLC0415

    path = output.archive_path(arguments)
    _check_place(path)
    plan = Plan(
        portals,
        policy,
        quiet=arguments.quiet,
        debug=arguments.debug,
        ocr=not arguments.no_ocr,
        rotate=arguments.rotate,
        concurrent=arguments.concurrent,
        entries=entries(arguments.portals),
        announce=None if arguments.quiet else output.note,
        workers=_workers(arguments),
    )
    with lease(path):
        connection = open_writing(path)
        if arguments.resume:
            plan.portals = _interrupted(connection, portals)
            if not plan.portals:
                output.note("No interrupted crawl to resume. · 没有中断的采集。")
                return _report([], arguments)
        done = run(connection, plan)
    code = _report(done, arguments)
    if plan.closed:
        left = len(plan.portals) - len(done)
        output.note(f"{left} portals were not begun: {plan.closed}. The same command goes on. · {left} 个门户未开始。")
    return max(code, 4) if plan.stopped or plan.closed else code


def _workers(arguments: argparse.Namespace) -> Workers | None:
    if (arguments.frontier is None) != (arguments.crawl_name is None):
        raise UsageError("--frontier and --crawl-name go together: all machines of one crawl name both alike.")
    if arguments.frontier is None:
        return None
    from crawler.sharing.workers import Workers  # noqa: PLC0415

    return Workers(arguments.frontier, arguments.crawl_name, arguments.lease)


def _check_place(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no regular file; name a file for the archive with --archive.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"The folder {path.absolute().parent} does not exist; make it, or choose another --archive.")


def _plan(arguments: argparse.Namespace) -> tuple[list[Portal], Policy]:
    from crawler.targets import read_list, register, resolve  # noqa: PLC0415

    names = list(arguments.targets)
    if arguments.source:
        names += read_list(arguments.source)
    if not names:
        raise UsageError("Name a portal or a home page to crawl; `nianlun portals` lists the register.")
    if arguments.delay is not None and not 0 <= arguments.delay < 86400:
        raise UsageError("--delay is a number of seconds, not negative and less than a day.")
    if arguments.max_requests < 1:
        raise UsageError("--max-requests must be at least 1.")
    if arguments.rotate is not None and arguments.rotate < 1:
        raise UsageError("--rotate must be at least 1: 8 asks for an eighth of the older reports.")
    portals = resolve(names, arguments.portals)
    from crawler.context import policy_for  # noqa: PLC0415
    from crawler.resolver import read_given  # noqa: PLC0415
    from crawler.settings import DOWNLOAD_DELAY, overrides  # noqa: PLC0415

    delay = arguments.delay if arguments.delay is not None else overrides().get("DOWNLOAD_DELAY", DOWNLOAD_DELAY)
    if not isinstance(delay, int | float):
        raise UsageError(f"NIANLUN_DOWNLOAD_DELAY={delay} is no number of seconds.")
    policy = policy_for(
        [*portals, *register(arguments.portals).values()],
        arguments.allow_host,
        allow_private=arguments.allow_private,
        delay=delay,
        max_requests=arguments.max_requests,
        retry_wait=max(1.0, min(10.0, delay * 3)),
        bounds=Bounds(
            arguments.per_day, arguments.bytes_per_day, arguments.cooling, arguments.window, arguments.max_total
        ),
        resolve=tuple(read_given(text) for text in arguments.resolve),
    )
    return portals, policy


def _window(text: str) -> Window:
    try:
        return Window.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} are no hours; write them like 22:00-06:30") from error


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = -1
    if not 0 <= hours <= 24 * 366:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours")
    return hours


def _interrupted(connection: object, portals: list[Portal]) -> list[Portal]:
    from archive.store import Store  # noqa: PLC0415

    store = Store(connection)  # type: ignore[arg-type]
    open_ones = [portal for portal in portals if store.interrupted(store.portal_id(portal)) is not None]
    store.commit()
    return open_ones


def _dry_run(portals: list[Portal], policy: Policy, arguments: argparse.Namespace) -> int:
    from crawler.settings import USER_AGENT  # noqa: PLC0415

    rows = [
        {
            "portal": portal.name,
            "home": portal.home,
            "family": portal.family,
            "start": list(portal.start) or [portal.home],
            "delay": policy.delay,
            "hosts": list(policy.hosts),
            "bounds": policy.bounds.described() | {"rotate": arguments.rotate},
            "user_agent": USER_AGENT,
            "archive": str(output.archive_path(arguments)),
        }
        for portal in portals
    ]
    if arguments.json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(output.table(rows, ("portal", "family", "start", "delay", "hosts", "archive")))
    return 0


def _report(done: list[Ended], arguments: argparse.Namespace) -> int:
    if arguments.json:
        rows = [
            {
                **ended.summary.as_dict(),
                "problems": list(ended.problems),
                "hosts": [_host(host) for host in ended.hosts],
            }
            for ended in done
        ]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        for ended in done:
            _say(ended)
    return max((exit_code(ended) for ended in done), default=0)


def exit_code(ended: Ended) -> int:
    """0 sound; 1 problems; 3 nothing could be had; 4 stopped early."""
    summary = ended.summary
    if summary.outcome == "interrupted":
        return 4
    if summary.outcome == "unreachable" or (summary.outcome == "blocked" and summary.found == 0):
        return 3
    if summary.outcome != "finished" or ended.problems or summary.failed or summary.blocked:
        return 1
    return 0


def _host(asked: Asked) -> dict[str, Any]:
    """What was asked of a host, ``apart`` the mean seconds between two requests."""
    pauses = asked.requests - 1
    return {
        "host": asked.host,
        "requests": asked.requests,
        "bytes": asked.bytes,
        "apart": round((asked.at - asked.first) / 1000 / pauses, 3) if pauses > 0 else None,
        "blocked": asked.blocked,
    }


def _say(ended: Ended) -> None:
    row = ended.summary
    sys.stdout.write(
        f"{row.portal}: crawl {row.id} {row.outcome}. {row.found} reports"
        f" ({row.new} new, {row.changed} changed, {row.unchanged} unchanged, {row.gone} missing or gone, {row.back} back);"
        f" {row.requests} requests, {row.captures} captures, {row.bytes:,} new bytes;"
        f" {row.refused} not asked, {row.failed} failed, {row.blocked} blocked.\n"
    )
    for host in map(_host, ended.hosts):
        apart = f", {host['apart']:.1f} s apart" if host["apart"] is not None else ""
        blocked = f"; blocked: {host['blocked']}" if host["blocked"] else ""
        sys.stdout.write(f"  {host['host']}: {host['requests']} asked, {host['bytes']:,} bytes{apart}{blocked}\n")
    for problem in ended.problems:
        sys.stdout.write(f"  ! {output.clean(problem)}\n")
    if row.outcome == "interrupted":
        sys.stdout.write("  Stopped early; the same command resumes it. · 再次运行同一命令即可继续。\n")
