"""Dates as portals write them → ISO.

China has one time zone and no summer time: a time of day is Beijing time and becomes UTC with ``Z``; a date
alone stays a date.  Chinese numerals, full-width digits, lost units (``2018年1231日``) and odd separators
(``2026-09-28-21:50:00``) occur on published pages.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from dateutil import parser as dateutil_parser

BEIJING = timezone(timedelta(hours=8))
DIGITS = {**{c: str(i) for i, c in enumerate("零一二三四五六七八九")}, **dict.fromkeys("〇○◯ＯOo0０", "0"), "两": "2"}
WIDE = str.maketrans("０１２３４５６７８９：－／．", "0123456789:-/.")
CHINESE_YEAR = re.compile(r"([一二三四五六七八九零〇○◯ＯOo０0]{4})\s{0,3}年")
FIRST_MONTH = re.compile(r"(?<=年)(\s{0,3})元(?=\s{0,3}月)")
CHINESE_PART = re.compile(r"([一二三四五六七八九十]{1,3})\s{0,3}([月日号])")
YMD = re.compile(r"((?:19|20)\d{2})\s{0,3}年\s{0,3}(\d{1,2})\s{0,3}月\s{0,3}(?:(\d{1,2})\s{0,3}[日号]?)?")
RUN = re.compile(r"((?:19|20)\d{2})\s{0,3}年?\s{0,3}(\d{2})(\d{2})\s{0,3}[日号]?(?!\d)")
NUMERIC = re.compile(r"((?:19|20)\d{2})\s{0,2}[-/.]\s{0,2}(\d{1,2})\s{0,2}[-/.]\s{0,2}(\d{1,2})(?!\d)")
CLOCK = re.compile(r"^[-T\s日号]{0,4}(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,6})?\s{0,3}(Z|[+-]\d{2}:?\d{2})?")
IN_URL = re.compile(
    r"/(?:t|[PW]0)?((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:[_/]|\d{6,})|/((?:19|20)\d{2})-?/?(0?[1-9]|1[0-2])[-/](0?[1-9]|[12]\d|3[01])[/_]"
)
EARLIEST, LATEST = 1995, 2100


def arabic(text: str) -> str:
    """Full-width and Chinese numerals of dates as digits; everything else untouched."""
    text = text.translate(WIDE)
    text = CHINESE_YEAR.sub(lambda m: "".join(DIGITS[c] for c in m.group(1)) + "年", text)
    text = FIRST_MONTH.sub(r"\g<1>1", text)
    return CHINESE_PART.sub(lambda m: f"{_small(m.group(1))}{m.group(2)}", text)


def _small(numeral: str) -> int:
    """一 … 三十一 as a number."""
    tens, mark, ones = numeral.partition("十")
    if not mark:
        return int("".join(DIGITS[c] for c in numeral))
    return (int(DIGITS[tens]) if tens else 1) * 10 + (int(DIGITS[ones]) if len(ones) == 1 else 0)


def read_date(text: str | None) -> str | None:
    """The first date in ``text`` as ``YYYY-MM-DD``, or ``YYYY-MM-DDTHH:MM:SSZ`` (UTC) when it has a time of day.

    A month without a day gives None: half a date is not a date.
    """
    plain = arabic((text or "")[:400])
    for pattern in (YMD, NUMERIC, RUN):
        match = pattern.search(plain)
        if match and match.group(3) and (day := _day(match.group(1), match.group(2), match.group(3))):
            return _with_clock(day, plain[match.end() :])
    return _by_dateutil(plain)


def beijing_day(moment: str) -> str:
    """The calendar day in Beijing of what :func:`read_date` gave: the day the page prints, ``YYYY-MM-DD``.

    A page dated 2024-01-01 00:30 was published on 1 January, though it was still December in UTC.
    """
    if len(moment) <= 10:
        return moment
    return datetime.fromisoformat(moment).astimezone(BEIJING).date().isoformat()


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _with_clock(day: date, rest: str) -> str:
    match = CLOCK.match(rest)
    if match is None or int(match.group(1)) > 23 or int(match.group(2)) > 59 or int(match.group(3) or 0) > 59:
        return day.isoformat()
    zone = _zone(match.group(4))
    moment = datetime(
        day.year, day.month, day.day, int(match.group(1)), int(match.group(2)), int(match.group(3) or 0), tzinfo=zone
    )
    return utc(moment)


def _zone(mark: str | None) -> timezone:
    if mark is None:
        return BEIJING
    if mark == "Z":
        return UTC
    digits = mark[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if mark[0] == "-" else offset) if offset < timedelta(hours=24) else BEIJING


def utc(moment: datetime) -> str:
    """A moment with a zone as ISO 8601 in UTC with ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _by_dateutil(plain: str) -> str | None:
    """Western forms (``Mon, 22 Jan 2020 08:20:00 GMT``, ``22 January 2020``) that the patterns above do not know."""
    if not re.search(r"[A-Za-z]{3}", plain) or not re.search(r"(?:19|20)\d{2}", plain) or len(plain) > 60:
        return None
    try:
        moment = dateutil_parser.parse(plain, default=datetime(1, 1, 1))  # noqa: DTZ001  completed below
    except (ValueError, OverflowError, TypeError):
        return None
    if not EARLIEST <= moment.year <= LATEST:
        return None
    if ":" not in plain:
        return str(moment.date())
    zoned: datetime = moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
    return utc(zoned)


def date_in_url(url: str | None) -> str | None:
    """The date an address carries (``t20200122_1.html``, ``/2020/01/22/``): migrated pages lie, so it comes last."""
    match = IN_URL.search(url or "")
    if match is None:
        return None
    day = _day(*(match.group(1, 2, 3) if match.group(1) else match.group(4, 5, 6)))
    return day.isoformat() if day else None


def last_date(paragraphs: tuple[str, ...]) -> str | None:
    """The date a report is signed with: a paragraph near the end that is nothing but a date.

    Signed with a month alone (二〇一九年一月), it is that month, ``2019-01``: ISO 8601 of reduced precision.
    """
    return _signed_day(paragraphs) or _signed_month(paragraphs)


def _signed_month(paragraphs: tuple[str, ...]) -> str | None:
    for paragraph in reversed(paragraphs[-4:]):
        match = re.fullmatch(r"((?:19|20)\d{2})年(\d{1,2})月(?:份)?", re.sub(r"\s+", "", arabic(paragraph)))
        if match and (day := _day(match.group(1), match.group(2), "1")):
            return f"{day:%Y-%m}"
    return None


def _signed_day(paragraphs: tuple[str, ...]) -> str | None:
    for paragraph in reversed(paragraphs[-8:]):
        plain = re.sub(r"\s+", "", arabic(paragraph))
        match = re.search(r"(?:19|20)\d{2}(?:年\d{1,2}月\d{1,2}日|年\d{4}日|[-./]\d{1,2}[-./]\d{1,2})$", plain)
        if match and len(plain) <= 40 and (day := read_date(match.group(0))):
            return day
    return None
