"""Everything is told to every channel once: how far each was told lies in a small file beside the archive.

The file (``ARCHIVE.published``) is written after a delivery.  A crash between the two repeats that delivery, with the
same id; a channel that did not take a report gets it with the next one.  A channel begins with what happens after it
was named: an archive's past is in the archive.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import events
from archive.connection import MissingArchive, open_reading
from archive.events import Position
from archive.times import shown_time
from crawler.exceptions import NianlunError, UsageError
from crawler.manners import COOLING
from crawler.reporting import report as reports
from crawler.reporting.atom import feed
from crawler.reporting.mail import send
from crawler.reporting.text import text
from crawler.reporting.webhook import Undelivered, post

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from crawler.reporting.report import Report
    from crawler.schedule_file import Reporting


@dataclass(frozen=True, slots=True)
class Channel:
    """One way a report goes out."""

    name: str
    deliver: Callable[[Report, sqlite3.Connection], None]
    """Given the report and the archive, read-only; raises :class:`crawler.reporting.webhook.Undelivered`."""


class Publisher:
    """Tells every channel what it has not been told."""

    def __init__(
        self,
        archive: Path,
        channels: Sequence[Channel],
        *,
        clock: Callable[[], float] = time.time,
        say: Callable[[str], None] = lambda _: None,
        cooling: float = COOLING,
    ) -> None:
        self._archive = archive
        self._file = Path(f"{archive}.published")
        self._channels = channels
        self._clock = clock
        self._say = say
        self._cooling = cooling
        self._told: dict[str, Position] = {}

    def begin(self) -> None:
        """Read how far each channel was told; raises :class:`UsageError` for a file that cannot be read."""
        self._told = _read(self._file)
        fresh = [channel.name for channel in self._channels if channel.name not in self._told]
        if fresh:
            now = self._now()
            self._told |= dict.fromkeys(fresh, now)
            self._write()

    def _now(self) -> Position:
        try:
            with closing(open_reading(self._archive)) as sql:
                return events.position(sql)
        except MissingArchive:
            return Position()

    def publish(self) -> None:
        """Tell everything that came in since; what a channel does not take is said and kept for the next time."""
        try:
            sql = open_reading(self._archive)
        except MissingArchive:
            return
        with closing(sql):
            now = events.position(sql)
            for channel in self._channels:
                self._tell(channel, sql, now)

    def _tell(self, channel: Channel, sql: sqlite3.Connection, now: Position) -> None:
        told = self._told[channel.name]
        if told == now:
            return
        if told.change > now.change or told.seal > now.seal:
            self._say(f"{self._archive} is not the archive it was; {channel.name} goes on from its present state.")
        else:
            report = reports.after(sql, told, now, round(self._clock() * 1000), self._cooling)
            try:
                if report.is_news:
                    channel.deliver(report, sql)
            except NianlunError as error:
                self._say(str(error))
                return
        self._told[channel.name] = now
        self._write()

    def _write(self) -> None:
        told = {name: asdict(position) for name, position in self._told.items()}
        replace(self._file, (json.dumps(told, indent=1) + "\n").encode())


def _read(file: Path) -> dict[str, Position]:
    try:
        said = json.loads(file.read_bytes())
        return {name: _position(row) for name, row in said.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise UsageError(
            f"{file} cannot be read ({error}): it says what was reported; remove it, and reports begin with what happens next."
        ) from error


def _position(row: dict[str, Any]) -> Position:
    stood = {int(number): str(outcome) for number, outcome in row["open"].items()}
    return Position(int(row["change"]), int(row["seal"]), stood)


def replace(file: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, whole."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def channels(
    reporting: Reporting, *, cooling: float = COOLING, sleep: Callable[[float], None] = time.sleep
) -> list[Channel]:
    """The terminal, and what the schedule file names besides."""
    found = [Channel("terminal", lambda report, _: _print(report))]
    if folder := reporting.file:
        found.append(Channel("file", lambda report, _: _keep(folder, report)))
    if place := reporting.atom:
        found.append(Channel("atom", lambda _, sql: _feed(place, sql, cooling)))
    if url := reporting.webhook:
        found.append(Channel("webhook", lambda report, _: post(url, report, sleep)))
    if mail := reporting.mail:
        found.append(Channel("mail", lambda report, _: send(report, mail)))
    return found


def _print(report: Report) -> None:
    sys.stdout.write(text(report))
    sys.stdout.flush()


def _keep(folder: Path, report: Report) -> None:
    """One file for people and one for programs, named by the time; the same report told again replaces itself."""
    stamp = (shown_time(report.made) or "")[:19].replace(":", "")
    name = f"{stamp}Z-{report.id[-8:]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace(folder / f"{name}.txt", text(report).encode())
        replace(folder / f"{name}.json", json.dumps(report.as_dict(), ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise _unwritten(folder, error) from error


def _feed(place: Path, sql: sqlite3.Connection, cooling: float) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace(place, feed(sql, events.position(sql), cooling))
    except OSError as error:
        raise _unwritten(place, error) from error


def _unwritten(place: Path, error: OSError) -> Undelivered:
    return Undelivered(f"{place} could not be written ({error.strerror}); the report is kept for the next time.")
