"""The service: wait until portals are due, crawl them, tell what happened; over and over.

All it knows of the past is in the archive (and in what :mod:`crawler.reporting.publishing` keeps beside it), so it
may be killed at any moment.  It waits by the wall clock in short steps: a machine that slept finds on waking that
portals are overdue.  A portal that is still due after it was crawled (it was stopped early, nobody could be reached,
the crawl broke) is held for an hour, then two, up to a day, whatever the reason, so that nothing can go round in a
circle; one that came further is held for an hour each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.connection import ArchiveBusy
from crawler.schedule import closing, opening

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crawler.manners import Window
    from crawler.schedule import Due

STEP = 15.0
"""Seconds between two looks at the clock, and at whether to stop."""
LOOK = 3600.0
"""Seconds between two looks at the archive: somebody may have crawled by hand."""
_HOUR, _LONGEST = 3600.0, 24
_BUSY = 15.0
"""Seconds between two tries for an archive that somebody else writes."""


@dataclass(slots=True)
class Service:
    """The loop; whatever it touches is given to it."""

    dues: Callable[[float], Sequence[Due]]
    """When each portal is due, asked at a moment (seconds since 1970).  Raises ArchiveBusy."""
    crawl: Callable[[Sequence[str], float | None], int]
    """Crawl these portals until they are done, or until a moment; the exit code.  Raises ArchiveBusy."""
    publish: Callable[[], None]
    """Tell what the archive has that was not told.  Raises ArchiveBusy."""
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    say: Callable[[str], None]
    window: Window | None = None
    stopping: Callable[[], bool] = lambda: False
    _held: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Until when a portal is held, and how many times in a row it was."""
    _busy: bool = False

    def run(self, *, once: bool = False) -> int:
        """Go on until told to stop, then 0; ``once``: crawl what is due now and end with the crawl's exit code."""
        while not self.stopping():
            try:
                code = self._turn(once=once)
            except ArchiveBusy as error:
                self._let(error)
                continue
            self._busy = False
            if once:
                return 4 if self.stopping() else code
        return 4 if once else 0

    def _turn(self, *, once: bool) -> int:
        """Tell what was left untold; crawl what is due, or wait; the exit code of the crawl.  Raises ArchiveBusy."""
        self.publish()  # what a crawl by hand, or one that outlived its service, found
        now = self.clock()
        dues = {item.portal: item for item in self.dues(now) if item.overdue and not self._is_held(item.portal, now)}
        if dues and opening(self.window, now) <= now:
            return self._round(dues)
        if not once:
            self._wait(self._next(now))
            return 0
        self.say(f"Outside the hours {self.window} in Beijing nothing is asked." if dues else "Nothing is due.")
        return 0

    def _let(self, error: ArchiveBusy) -> None:
        """Wait for whoever has the archive, and say so once."""
        if not self._busy:
            self.say(f"{error} The schedule waits for it. · 档案库正被写入，等待中。")
        self._busy = True
        self._wait(self.clock() + _BUSY)

    def _round(self, dues: Mapping[str, Due]) -> int:
        code = self.crawl(list(dues), closing(self.window, self.clock()))
        self._hold(dues)
        self.publish()
        return code

    def _hold(self, before: Mapping[str, Due]) -> None:
        """Hold what is due still: for an hour where the crawl came further, else ever longer."""
        now = self.clock()
        after = {item.portal: item for item in self.dues(now) if item.overdue}
        for portal, was in before.items():
            item = after.get(portal)
            if item is None:
                self._held.pop(portal, None)
                continue
            further = item.reason != "never" and item.at > was.at
            times = 1 if further else self._held.get(portal, (0.0, 0))[1] + 1
            self._held[portal] = (now + min(_LONGEST, 2 ** (times - 1)) * _HOUR, times)

    def _is_held(self, portal: str, now: float) -> bool:
        return self._held.get(portal, (0.0, 0))[0] > now

    def _next(self, now: float) -> float:
        """When to look again: when the next portal is due and may be asked, within an hour."""
        moments = [max(item.at, self._held.get(item.portal, (0.0, 0))[0]) for item in self.dues(now)]
        if not moments:
            return now + LOOK
        return max(now + STEP, min(opening(self.window, max(now, min(moments))), now + LOOK))

    def _wait(self, until: float) -> None:
        while not self.stopping() and (left := until - self.clock()) > 0:
            self.sleep(min(STEP, left))
