"""Crawl by itself: wait until portals are due, crawl them, tell what happened.

ACTION is
  run       the service, in the foreground; SIGTERM or Ctrl-C ends it, and what was begun is resumed by the next one
  check     print what the schedule file says, and what follows from it
  install   write a systemd unit and timer (--systemd), or print a line for cron (--cron)

What is due when says `nianlun due`; what the schedule file `nianlun.toml` may hold says docs/how-to.

examples:
  nianlun schedule run --archive nianlun.db
  nianlun schedule run --once                one round, for cron and timers of your own
  nianlun schedule check
  nianlun schedule install --systemd --user --dry-run

exit codes of run: 0 it was told to stop, or --once found nothing due; with --once else those of `nianlun crawl`.
"""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from crawler.roster import Roster
    from crawler.schedule import Due
    from crawler.schedule_file import Schedule

ACTIONS = ("run", "check", "install")


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("action", choices=ACTIONS, metavar="ACTION", help="run, check or install")
    output.archive_option(options)
    options.add_argument("--config", type=Path, metavar="FILE", help="the schedule file (default: nianlun.toml)")
    options.add_argument("--once", action="store_true", help="run: crawl what is due now, report, and end")
    crawls = options.add_argument_group("for each crawl")
    crawls.add_argument("--from", dest="source", type=Path, metavar="FILE", help="targets, one a line")
    crawls.add_argument("--portals", type=Path, action="append", default=[], metavar="DIR", help="more portal files")
    crawls.add_argument("--allow-host", action="append", default=[], metavar="GLOB", help="also ask hosts like this")
    crawls.add_argument("--allow-private", action="store_true", help="connect to loopback and private addresses")
    crawls.add_argument("--resolve", action="append", default=[], metavar="GLOB=ADDRESS", help="instead of DNS")
    crawls.add_argument("--delay", type=float, metavar="SECONDS", help="between two requests to a host")
    crawls.add_argument("--max-requests", type=int, metavar="N", help="stop after N requests a portal, resumable")
    crawls.add_argument("--rotate", type=int, metavar="N", help="of older reports ask for an N-th (default 8)")
    output.recognition_option(options)
    install = options.add_argument_group("install")
    install.add_argument("--systemd", action="store_true", help="a unit and a timer")
    install.add_argument("--cron", action="store_true", help="a line for a crontab; it is printed")
    install.add_argument("--user", action="store_true", help="systemd: for this user alone")
    install.add_argument("--dry-run", action="store_true", help="print, write nothing")
    options.add_argument("--json", action="store_true", help="check: one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Do what the action says."""
    from crawler import schedule_file  # noqa: PLC0415

    archive = output.archive_path(arguments)
    if not archive.absolute().parent.is_dir():
        raise UsageError(
            f"The folder {archive.absolute().parent} does not exist; make it, or choose another --archive."
        )
    file = schedule_file.find(arguments.config, archive)
    schedule = schedule_file.read(file) if file else schedule_file.Schedule()
    roster = _roster(arguments, schedule, archive)
    if arguments.action == "check":
        return _check(arguments, schedule, roster, archive)
    if arguments.action == "install":
        return _install(arguments, schedule, archive)
    return _run(arguments, schedule, roster, archive)


def _roster(arguments: argparse.Namespace, schedule: Schedule, archive: Path) -> Roster:
    from crawler.roster import Roster, names  # noqa: PLC0415

    named = names(schedule, [], arguments.source)
    if not named and not archive.exists():
        raise UsageError(
            f"Nothing to crawl: there is no archive at {archive} and no target is named; name some in nianlun.toml"
            " ([schedule] targets) or with --from."
        )
    return Roster(archive, named, arguments.portals, cooling=schedule.cooling)


def _run(arguments: argparse.Namespace, schedule: Schedule, roster: Roster, archive: Path) -> int:
    from archive.connection import ArchiveBusy, lease  # noqa: PLC0415

    try:
        with lease(f"{archive}.published"):
            return _serve(arguments, schedule, roster, archive)
    except ArchiveBusy as error:
        sentence = f"Another schedule is at work on {archive}; one is enough. · 该档案库已有定时服务在运行。"
        if not arguments.once:
            raise UsageError(sentence) from error
        output.note(sentence)
        return 0


def _serve(arguments: argparse.Namespace, schedule: Schedule, roster: Roster, archive: Path) -> int:
    from crawler import child  # noqa: PLC0415
    from crawler.manners import COOLING  # noqa: PLC0415
    from crawler.reporting.publishing import Publisher, channels  # noqa: PLC0415
    from crawler.service import Service  # noqa: PLC0415

    with _stoppable() as stopping:
        nap = _napping(stopping)
        cooling = COOLING if schedule.cooling is None else schedule.cooling
        ways = channels(schedule.reporting, cooling=cooling, sleep=nap)
        publisher = Publisher(archive, ways, say=output.note, cooling=cooling)
        publisher.begin()
        words = crawl_words(arguments, schedule)

        def crawl(portals: Sequence[str], until: float | None) -> int:
            targets = [roster.target(portal) for portal in portals]
            return child.crawl(archive, [*targets, *words], until, stopping=stopping)

        service = Service(
            dues=_crawlable(roster), crawl=crawl, publish=publisher.publish, clock=time.time, sleep=nap, say=output.note,
            window=schedule.window, stopping=stopping,
        )  # fmt: skip
        return service.run(once=arguments.once)


def _crawlable(roster: Roster) -> Callable[[float], list[Due]]:
    """When portals are due, without those that could not be crawled under their names; they are said once."""
    said: set[str] = set()

    def dues(now: float) -> list[Due]:
        found = roster.dues(now)
        unknown = {due.portal for due in found if not roster.finds(due.portal)}
        for portal in sorted(unknown - said):
            output.note(f"{portal} is in no register given and is left out; give its file with --portals.")
        said.update(unknown)
        return [due for due in found if due.portal not in unknown]

    return dues


def crawl_words(arguments: argparse.Namespace, schedule: Schedule) -> list[str]:
    """The options of each crawl: those of the schedule file, then those of the command, which win."""
    rotate = schedule.rotate if arguments.rotate is None else arguments.rotate
    words = ["--quiet", *schedule.options, "--rotate", str(rotate)]
    for option, value in (("--window", schedule.window), ("--cooling", schedule.cooling)):
        words += [option, str(value)] if value is not None else []
    for option, value in (("--delay", arguments.delay), ("--max-requests", arguments.max_requests)):
        words += [option, str(value)] if value is not None else []
    for folder in arguments.portals:
        words += ["--portals", str(folder)]
    for glob in arguments.allow_host:
        words += ["--allow-host", glob]
    for pair in arguments.resolve:
        words += ["--resolve", pair]
    words += ["--allow-private"] if arguments.allow_private else []
    return words + (["--no-ocr"] if arguments.no_ocr else [])


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Let SIGTERM and Ctrl-C end the service between two steps; yield whether one came."""
    told: list[int] = []
    before = {number: signal.signal(number, lambda n, _: told.append(n)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _napping(stopping: Callable[[], bool]) -> Callable[[float], None]:
    def nap(seconds: float) -> None:
        end = time.monotonic() + seconds
        while not stopping() and (left := end - time.monotonic()) > 0:
            time.sleep(min(0.5, left))

    return nap


def _check(arguments: argparse.Namespace, schedule: Schedule, roster: Roster, archive: Path) -> int:
    now = time.time()
    dues = roster.dues(now)
    told = schedule.reporting
    rows: dict[str, Any] = {
        "file": str(schedule.file) if schedule.file else None,
        "archive": str(archive.absolute()),
        "portals": [due.portal for due in dues],
        "overdue": [due.portal for due in dues if due.overdue],
        "rotate": schedule.rotate if arguments.rotate is None else arguments.rotate,
        "window": str(schedule.window) if schedule.window else None,
        "cooling": schedule.cooling,
        "crawl": crawl_words(arguments, schedule),
        "report_file": str(told.file) if told.file else None,
        "atom": str(told.atom) if told.atom else None,
        "webhook": told.webhook,
        "mail": [*told.mail.to, f"{told.mail.smtp}:{told.mail.port}"] if told.mail else None,
    }
    if arguments.json:
        output.emit_one(rows)
    else:
        listed = [{"setting": key, "value": value} for key, value in rows.items()]
        sys.stdout.write(output.table(listed, ("setting", "value")))
    return 0


def _install(arguments: argparse.Namespace, schedule: Schedule, archive: Path) -> int:
    from crawler import installing  # noqa: PLC0415
    from crawler.child import PROGRAM  # noqa: PLC0415

    if arguments.systemd == arguments.cron:
        raise UsageError("Say what to install for: --systemd or --cron.")
    archive = archive.absolute()
    command = [*PROGRAM, "schedule", "run", "--archive", str(archive), *_own_words(arguments, schedule)]
    if arguments.cron:
        line = installing.cron_line([*command, "--once"], archive)
        sys.stdout.write(f"{line}\n")
        output.note("Add this line to your crontab:\n  crontab -l\n  crontab -e")
        return 0
    folder = Path.home() / ".config/systemd/user" if arguments.user else Path("/etc/systemd/system")
    name = installing.unit_name(archive)
    told = schedule.reporting
    writes = [place for place in (told.file, told.atom.parent if told.atom else None) if place]
    units = {
        folder / f"{name}.service": installing.service(command, archive, writes, user=arguments.user),
        folder / f"{name}.timer": installing.timer(name),
    }
    for file, text in units.items():
        _write(file, text, dry=arguments.dry_run)
    control = "systemctl --user" if arguments.user else "systemctl"
    output.note(f"Then run:\n  {control} daemon-reload\n  {control} enable --now {name}.timer")
    return 0


def _own_words(arguments: argparse.Namespace, schedule: Schedule) -> list[str]:
    """The words of this command that its service needs too, with paths that hold anywhere."""
    words = ["--config", str(schedule.file.absolute())] if schedule.file else []
    words += ["--from", str(arguments.source.absolute())] if arguments.source else []
    for folder in arguments.portals:
        words += ["--portals", str(folder.absolute())]
    for option in ("allow_host", "resolve"):
        for value in getattr(arguments, option):
            words += [f"--{option.replace('_', '-')}", value]
    for option in ("delay", "max_requests", "rotate"):
        value = getattr(arguments, option)
        words += [f"--{option.replace('_', '-')}", str(value)] if value is not None else []
    words += ["--allow-private"] if arguments.allow_private else []
    return words + (["--no-ocr"] if arguments.no_ocr else [])


def _write(file: Path, text: str, *, dry: bool) -> None:
    if dry:
        sys.stdout.write(f"# {file}\n{text}\n")
        return
    from crawler.reporting.publishing import replace  # noqa: PLC0415

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace(file, text.encode())
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written ({error.strerror}); run it as root, or with --user, or see it with --dry-run."
        ) from error
    output.note(f"Wrote {file}.")
