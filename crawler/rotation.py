"""Which known addresses a rotated crawl asks for again: this year's reports, and an N-th of the others.

The rule, by the calendar of the regulation (field guide, 2.5: reports come out between 10 January and 10 April and
are corrected in silence until the summer):

- what was never answered is asked for;
- parts of reports of the newest year are asked for in every crawl of the season, else once in 28 days;
- what changed within half a year is asked for twice as often as the rest;
- every other address is asked for in the crawl whose number fits the address's own, so **every address is read
  again within N finished crawls**, whatever happens;
- every N-th crawl looks for the columns anew, from the home page.

Every sixteenth asking of an address is unconditional: a server that answers 304 to everything is found out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from archive.urls import key_number, url_key

if TYPE_CHECKING:
    from archive.rounds import Rounds

AUDIT = 16
"""Every how many crawls an address is asked for without conditions."""
_DAY = 86_400_000
_MONTH = 28 * _DAY
_HALF_YEAR = 182 * _DAY


def today(clock: float) -> date:
    """The day in Beijing at a moment, in seconds since 1970."""
    return (datetime.fromtimestamp(clock, UTC) + timedelta(hours=8)).date()


def in_season(day: date) -> bool:
    """Whether reports are being published: 10 January to 10 April."""
    return (1, 10) <= (day.month, day.day) <= (4, 10)


def audited(url: str, turn: int) -> bool:
    """Whether a crawl asks for an address without conditions, however well it is known; never the first two."""
    return turn > 1 and (key_number(url_key(url)) + turn) % AUDIT == 0


@dataclass(frozen=True, slots=True)
class Rotation:
    """The rule for one crawl."""

    every: int
    """N: an N-th of the older addresses is asked for."""
    rounds: Rounds
    now: float
    """Seconds since 1970."""

    @property
    def anew(self) -> bool:
        """Whether this crawl looks for the columns from the home page."""
        return self.rounds.turn % self.every == 0 or not self.rounds.columns

    def known(self, url: str) -> bool:
        """Whether an address was asked for before, or found not worth asking for."""
        return url_key(url) in self.rounds.asked

    def due(self, url: str) -> bool:
        """Whether to ask for an address."""
        key = url_key(url)
        at = self.rounds.asked.get(key)
        if at is None:
            return True
        year, changed = self.rounds.parts.get(key, (None, 0))
        day, now = today(self.now), int(self.now * 1000)
        if year is not None and year >= day.year - 1 and (in_season(day) or now - at >= _MONTH):
            return True
        every = max(1, self.every // 2) if now - changed < _HALF_YEAR else self.every
        return key_number(key) % every == self.rounds.turn % every
