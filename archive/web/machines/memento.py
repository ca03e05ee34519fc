"""Memento (RFC 7089): the past of every archived address, by date and time.

=========================  ==================================================================================
``/timegate/URL``          302 to what the address gave at the time in ``Accept-Datetime`` (section 4.1.1)
``/timemap/link/URL``      all mementos of the address in ``application/link-format`` (section 5)
``/timemap/json/URL``      the same as JSON
``/memento/TIME/URL``      the bytes of one capture; TIME is fourteen digits, UTC
=========================  ==================================================================================

The query of a request belongs to the archived address.  All spellings of an address (:func:`archive.urls.url_key`) are
one resource, named by the spelling of its newest memento.  A memento is a capture that brought the page, or that said it
had not changed; failures, blocks and 404 answers are none.  Its time has whole seconds: of several captures within one
second the last (by time, then by number) is the memento, the others stand at ``/original/ID`` only.

The TimeGate answers as the archive knows it: with the last memento not after the time asked for, or the first where there
is none before.  A TIME of no memento leads to the nearest one, of two as near to the earlier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from archive.exporters.cdxj import stamp
from archive.exporters.warc import iri
from archive.urls import url_key
from archive.web.exchange import Answer, Ask, NotHere, as_json, redirect
from archive.web.sending import sent

if TYPE_CHECKING:
    import sqlite3

    from archive.web.exchange import Routes

_LINKS = "application/link-format"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    rf"(?:{'|'.join(_DAYS)}), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) ([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}}) GMT"
)


@dataclass(frozen=True, slots=True)
class Memento:
    """One capture of an address: ``at`` in milliseconds, ``url`` as it was asked for."""

    capture: int
    at: int
    url: str
    payload: int


@dataclass(frozen=True, slots=True)
class _Resource:
    """An archived address: its mementos, oldest first, at most one a second; and under which root it is told."""

    mementos: tuple[Memento, ...]
    root: str

    @property
    def original(self) -> str:
        """The address by which all its spellings are named."""
        return _written(self.mementos[-1].url)

    def place(self, service: str) -> str:
        """The address of one of the services for it."""
        return f"{self.root}/{service}/{self.original}"

    def memento(self, one: Memento) -> str:
        """The address of a memento."""
        return f"{self.root}/memento/{stamp(one.at)}/{_written(one.url)}"


def mementos(sql: sqlite3.Connection, url: str) -> list[Memento]:
    """The mementos of an address and its spellings, oldest first, at most one of each second."""
    rows = sql.execute(
        "SELECT capture.id, at, url, payload FROM resource CROSS JOIN capture ON capture.resource=resource.id WHERE key=?"
        " AND payload IS NOT NULL AND outcome IN ('fetched','revisit') ORDER BY at, capture.id",
        (url_key(url),),
    )
    seconds = {row["at"] // 1000: Memento(row["id"], row["at"], row["url"], row["payload"]) for row in rows}
    return list(seconds.values())


def http_date(at: int) -> str:
    """Milliseconds since 1970 as RFC 1123 writes a time, in GMT, whole seconds."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at // 1000)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment.hour:02}:{moment.minute:02}:{moment.second:02} GMT"


def parse_http_date(text: str) -> int:
    """Read a time of RFC 1123 in GMT (RFC 7089, section 2.1.1) into milliseconds; raises ValueError."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    day, month, year, hour, minute, second = found.groups()
    number = _MONTHS.index(month) + 1
    return _milliseconds(datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC))


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


# ------------------------------------------------------------ TimeGate


def timegate(ask: Ask) -> Answer:
    """Lead to the memento of the time in ``Accept-Datetime``; without one to the newest."""
    resource = _asked(ask, r"^/timegate/")
    links = {"Vary": "accept-datetime"}
    wanted = ask.headers.get("accept-datetime", "").strip()
    chosen = resource.mementos[-1]
    if wanted:
        try:
            chosen = _as_of(resource.mementos, parse_http_date(wanted))
        except ValueError:
            return Answer(
                "Accept-Datetime must be a time in GMT like Thu, 31 May 2007 20:35:00 GMT (RFC 7089, section 2.1.1)."
                " · Accept-Datetime 应写作如上的 GMT 时间。\n",
                "text/plain; charset=utf-8",
                400,
                {**links, "Link": _header(resource, None)},
            )
    answer = redirect(resource.memento(chosen))
    return Answer(answer.body, answer.media_type, answer.status, {**answer.headers, **links, "Link": _header(resource, chosen, gate=False)})  # fmt: skip


def _as_of(found: tuple[Memento, ...], at: int) -> Memento:
    before = [one for one in found if one.at // 1000 <= at // 1000]
    return before[-1] if before else found[0]


# ------------------------------------------------------------ TimeMap


def timemap(ask: Ask) -> Answer:
    """List all mementos of an address."""
    form = ask.groups.get("form", "link")
    resource = _asked(ask, r"^/timemap/\w+/")
    if form == "json":
        return as_json(_as_json(resource))
    first, last = (http_date(one.at) for one in (resource.mementos[0], resource.mementos[-1]))
    lines = [
        f'<{resource.original}>;rel="original"',
        f'<{resource.place("timemap/link")}>;rel="self";type="{_LINKS}";from="{first}";until="{last}"',
        f'<{resource.place("timegate")}>;rel="timegate"',
        *(_entry(resource, one, _relation(resource, one)) for one in resource.mementos),
    ]
    return Answer(",\n".join(lines) + "\n", _LINKS)


def _as_json(resource: _Resource) -> dict[str, object]:
    listed = [{"datetime": _iso(one.at), "uri": resource.memento(one)} for one in resource.mementos]
    return {
        "original_uri": resource.original,
        "self": resource.place("timemap/json"),
        "timegate_uri": resource.place("timegate"),
        "timemap_uri": {"link_format": resource.place("timemap/link"), "json_format": resource.place("timemap/json")},
        "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
    }


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _relation(resource: _Resource, one: Memento) -> str:
    ends = ["first"] * (one is resource.mementos[0]) + ["last"] * (one is resource.mementos[-1])
    return " ".join([*ends, "memento"])


def _entry(resource: _Resource, one: Memento, relation: str) -> str:
    return f'<{resource.memento(one)}>;rel="{relation}";datetime="{http_date(one.at)}"'


def _header(resource: _Resource, one: Memento | None, *, gate: bool = True) -> str:
    """The Link header: the original, the TimeGate and TimeMap, and the mementos around one."""
    found = resource.mementos
    parts = [f'<{resource.original}>;rel="original"']
    if gate:
        parts.append(f'<{resource.place("timegate")}>;rel="timegate"')
    parts.append(f'<{resource.place("timemap/link")}>;rel="timemap";type="{_LINKS}"')
    relations: dict[Memento, list[str]] = {found[0]: ["first"]}
    if one is not None:
        here = found.index(one)
        if here > 0:
            relations.setdefault(found[here - 1], []).append("prev")
        relations.setdefault(one, [])
        if here + 1 < len(found):
            relations.setdefault(found[here + 1], []).append("next")
    relations.setdefault(found[-1], []).append("last")
    parts += [_entry(resource, each, " ".join([*names, "memento"])) for each, names in relations.items()]
    return ", ".join(parts)


# ------------------------------------------------------------ mementos


def memento(ask: Ask) -> Answer:
    """The bytes of one capture as they were fetched, checked against their digest, under the sandbox."""
    resource = _asked(ask, r"^/memento/[0-9]{14}/")
    wanted = _digits(ask.groups["stamp"])
    one = min(resource.mementos, key=lambda each: abs(each.at // 1000 - wanted // 1000))
    if one.at // 1000 != wanted // 1000:
        return redirect(resource.memento(one))
    headers = {"Memento-Datetime": http_date(one.at), "Link": _header(resource, one)}
    return sent(ask.sql, one.capture, one.url, one.payload, headers)


def headers_of(ask: Ask, url: str, capture: int) -> dict[str, str]:
    """The headers by which a capture's bytes, wherever they are shown, say which memento they are; none if they are none."""
    found = tuple(mementos(ask.sql, url))
    one = next((each for each in found if each.capture == capture), None)
    if one is None:
        return {}
    return {"Memento-Datetime": http_date(one.at), "Link": _header(_Resource(found, ask.root), one)}


def _digits(text: str) -> int:
    try:
        return _milliseconds(datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC))
    except ValueError as error:
        raise NotHere(
            f"{text} is no time; write fourteen digits like 20240131080000 (UTC). · 时间应为十四位数字。"
        ) from error


# ------------------------------------------------------------ addresses


def _asked(ask: Ask, prefix: str) -> _Resource:
    """The resource that a request is about; raises :class:`NotHere` where nothing of it was ever captured."""
    url = re.sub(prefix, "", ask.path, count=1) + (f"?{ask.raw_query}" if ask.raw_query else "")
    found: list[Memento] = []
    for spelling in (url, unquote(url, errors="replace")):  # encoded as a whole, as a form or a careful client sends it
        url = re.sub(r"^(https?):/+", r"\1://", spelling, flags=re.IGNORECASE)  # a proxy made one slash of two
        found = found or mementos(ask.sql, url)
    if not found:
        raise NotHere(f"{url} was never captured; /reports lists what is here. · 没有保存过 {url}；馆藏见 /reports。")
    return _Resource(tuple(found), ask.root)


def _written(url: str) -> str:
    """An address as a header and a link take it: ASCII, no spaces or angle brackets, no fragment."""
    return iri(url.partition("#")[0])


ROUTES: Routes = (
    (r"^/timegate/.+$", timegate),
    (r"^/timemap/(?P<form>link|json)/.+$", timemap),
    (r"^/memento/(?P<stamp>[0-9]{14})/.+$", memento),
)
