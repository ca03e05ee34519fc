"""Which portals the schedule is about, and what the archive knows of each."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.connection import MissingArchive, open_reading
from archive.duty import duties
from crawler.manners import COOLING
from crawler.schedule import Facts, due, facts
from crawler.targets import read_list, register, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.duty import Duty
    from crawler.schedule import Due
    from crawler.schedule_file import Schedule


@dataclass(frozen=True, slots=True)
class Turn:
    """One portal: when it is due, and its last crawl, None: there was none."""

    due: Due
    last: Duty | None


class Roster:
    """The portals that were named; where none was, every portal that the archive has crawled."""

    def __init__(
        self, archive: Path, names: Sequence[str], directories: Sequence[Path], *, cooling: float | None = None
    ) -> None:
        self._archive = archive
        self._cooling = COOLING if cooling is None else cooling
        self._register = register(directories)
        self._named = {portal.name: portal.home for portal in resolve(names, directories)} if names else {}
        self._homes: dict[str, str] = dict(self._named)
        self._directories = directories
        self._found: dict[str, bool] = {}

    def turns(self, now: float) -> list[Turn]:
        """Each portal's turn as of a moment (seconds since 1970), the first one due first.

        Raises what :func:`archive.connection.open_reading` raises.
        """
        with closing(open_reading(self._archive)) as sql:
            return self._turns(duties(sql), now)

    def dues(self, now: float) -> list[Due]:
        """The same where there may be no archive yet: then nothing that was named was ever crawled."""
        try:
            return [turn.due for turn in self.turns(now)]
        except MissingArchive:
            return [turn.due for turn in self._turns([], now)]

    def _turns(self, known: list[Duty], now: float) -> list[Turn]:
        crawled = {duty.portal: duty for duty in known}
        self._homes = {duty.portal: duty.home for duty in known} | self._named
        found = []
        for name in self._named or crawled:
            duty = crawled.get(name)
            found.append(Turn(due(facts(duty, self._cooling) if duty else Facts(name), now), duty))
        return sorted(found, key=lambda turn: (turn.due.at, turn.due.portal))

    def finds(self, portal: str) -> bool:
        """Whether a crawl of :meth:`target` is one of this portal.

        It is not where the archive has a portal of a file that was not given this time: its home page alone would be
        crawled under another name.
        """
        if portal not in self._found:
            (meant,) = resolve([self.target(portal)], self._directories)
            self._found[portal] = meant.name == portal
        return self._found[portal]

    def target(self, portal: str) -> str:
        """What to call a portal before ``nianlun crawl``: its name in the register, else its home page."""
        return portal if portal in self._register else self._homes[portal]


def names(schedule: Schedule, targets: Sequence[str], source: Path | None) -> list[str]:
    """The targets of a command, a list and a schedule file together; raises ``UsageError`` for a list that cannot be read."""
    found = [*targets, *schedule.targets]
    for path in (source, schedule.source):
        found += read_list(path) if path else []
    return list(dict.fromkeys(found))
