"""Which portal is due when, and why: pure functions of what the archive knows and of the time.

The calendar is that of the Regulation on Open Government Information as the field guide (2.5) turns it into visits:

- 10 January to 10 April: every 7 days; from the 25th of January and of March to the day after the month's end, when
  the reports of departments and of governments are due, every day;
- otherwise every 30 days: reports are corrected in silence until the summer;
- otherwise every 14 days after a crawl that saw something happen;
- otherwise every 60 days after three crawls in a row that found no report.

Days are Beijing's (no summer time since 1991), and a portal becomes due at midnight there: the hours in which a portal has least to do.  What was
interrupted or never crawled is due at once; a host that nobody could reach is tried again after 1, 2, 4 … 24 hours, after
seven times in vain by the calendar; one that blocked us when its cooling time is over, which doubles each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.manners import BEIJING, COOLING
from crawler.rotation import in_season, today

if TYPE_CHECKING:
    from archive.duty import Duty
    from crawler.manners import Window

DAILY, WEEKLY, CHANGED, MONTHLY, SPARSE = 1, 7, 14, 30, 60
"""Days between two crawls."""
LONGEST = 62
"""No portal waits longer, in days, unless its cooling time does."""
_HOUR, _DAY = 3600.0, 86400.0
_PATIENCE = 7
"""So many times in a row a portal is tried again soon."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides when a portal is due.  Times are seconds since 1970-01-01 UTC."""

    portal: str
    ended: float | None = None
    """When the last crawl ended; None: never crawled."""
    outcome: str | None = None
    finished: bool = True
    changes: int = 0
    """What the last crawl saw happen."""
    empty: int = 0
    """Finished crawls in a row that found no report."""
    troubles: int = 0
    """Crawls in a row that were blocked or reached nobody."""
    blocked_until: float | None = None
    """Until when the host is left alone."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a portal is to be crawled, and the rule that says so."""

    portal: str
    at: float
    """Seconds since 1970-01-01 UTC; in the past where ``overdue``."""
    reason: str
    """``never``, ``interrupted``, ``unreachable``, ``cooling``, ``daily``, ``weekly``, ``changed``, ``monthly``, ``sparse``."""
    overdue: bool


def facts(duty: Duty, cooling: float = COOLING) -> Facts:
    """What the archive says, with the hours of ``cooling`` a host that blocked us is owed."""
    until = None
    if duty.blocked is not None:
        until = duty.blocked / 1000 + cooling * _HOUR
    return Facts(
        duty.portal, duty.ended / 1000, duty.outcome, duty.finished, duty.changes, duty.empty, duty.troubles, until
    )


def due(known: Facts, now: float) -> Due:
    """When a portal is due."""
    if known.ended is None:
        return Due(known.portal, now, "never", overdue=True)
    at, reason = _next(known, known.ended)
    if known.blocked_until is not None and known.blocked_until > at:
        at, reason = known.blocked_until, "cooling"
    return Due(known.portal, at, reason, at <= now)


def _next(known: Facts, ended: float) -> tuple[float, str]:
    planned = _planned(known, ended)
    if known.outcome == "unreachable" and known.troubles <= _PATIENCE:
        soon = ended + min(24.0, 2.0 ** max(0, known.troubles - 1)) * _HOUR
        return min((soon, "unreachable"), planned)
    if known.outcome == "blocked" and known.blocked_until is not None:
        wait = max(0.0, known.blocked_until - ended) * 2.0 ** min(_PATIENCE, max(0, known.troubles - 1))
        return min((ended + wait, "cooling"), planned)
    if not known.finished and known.outcome not in ("blocked", "unreachable"):
        return ended, "interrupted"
    return planned


def _planned(known: Facts, ended: float) -> tuple[float, str]:
    """The first midnight at which as many days have gone by as the calendar then wants."""
    last = today(ended)
    for passed in range(1, LONGEST):
        day = last + timedelta(days=passed)
        days, reason = _interval(day, known)
        if passed >= days:
            return _midnight(day), reason
    return _midnight(last + timedelta(days=SPARSE)), "sparse"


def _interval(day: date, known: Facts) -> tuple[int, str]:
    """How many days may lie between the last crawl and one on this day, and the name of the rule."""
    if in_season(day):
        return (DAILY, "daily") if _is_closing(day) else (WEEKLY, "weekly")
    if known.empty >= 3:
        return SPARSE, "sparse"
    return (CHANGED, "changed") if known.changes else (MONTHLY, "monthly")


def _is_closing(day: date) -> bool:
    """Whether reports are due these days: departments' by 31 January, governments' by 31 March."""
    return (day.month in (1, 3) and day.day >= 25) or (day.month in (2, 4) and day.day == 1)


def _midnight(day: date) -> float:
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - BEIJING).timestamp()


def opening(hours: Window | None, now: float) -> float:
    """When one may ask: now, if the window is open or there is none, else when it opens next; seconds since 1970."""
    if hours is None or hours.is_open(now):
        return now
    return now + _DAY - _since_opening(hours, now)


def closing(hours: Window | None, now: float) -> float | None:
    """When the window that is open at a moment closes; None: there is no window."""
    if hours is None:
        return None
    return now + ((hours.closes - hours.opens) % 1440) * 60 - _since_opening(hours, now)


def _since_opening(hours: Window, now: float) -> float:
    """Seconds since the window opened last."""
    return (now + BEIJING.total_seconds() - hours.opens * 60) % _DAY
