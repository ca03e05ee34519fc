"""Times as they are shown and as users type them: ISO 8601, UTC, ``Z``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EVER = 1 << 62
"""Milliseconds that no moment reaches: as of now, and whatever comes."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # in UTC, as the Z says


def shown_time(at: int | None) -> str | None:
    """Milliseconds since 1970 as ``2024-01-31T08:00:00.123Z``; None stays None."""
    if at is None:
        return None
    moment = _EPOCH + timedelta(milliseconds=at)  # strftime took a third of a timeline's time
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def parse_time(text: str) -> int:
    """Read a date or a time as a user types it: a bare year, month or day means its end (UTC); raises ValueError.

    ``2024``, ``2024-01``, ``2024-01-31``, ``2024-01-31T08:00Z``, ``2024-01-31 16:00+08:00``.
    """
    from dateutil import parser, relativedelta  # noqa: PLC0415  # costs 30 ms that most commands need not pay

    moment: datetime = parser.isoparse(text.strip().replace(" ", "T"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = {4: {"years": 1}, 7: {"months": 1}, 8: {"days": 1}, 10: {"days": 1}}.get(len(text.strip()))
    if whole:
        moment = moment + relativedelta.relativedelta(**whole) - timedelta(milliseconds=1)
    return round(moment.timestamp() * 1000)
