"""What pages and answers for programs are asked for: which reports, which changes, and where a page of them begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from archive.events import Wanted
from archive.model import Kind
from archive.occurrences import EVENTS
from archive.query import STATES, Filters
from archive.times import parse_time
from archive.web.exchange import BadQuestion

if TYPE_CHECKING:
    import sqlite3

    from archive.web.exchange import Ask

KINDS: tuple[str, ...] = get_args(Kind)
_MOST = 1 << 40
_DAY = 86_400_000


def filters(ask: Ask) -> Filters:
    """The reports a page is asked for; raises :class:`archive.web.exchange.BadQuestion`."""
    return Filters(
        publisher=ask.get("publisher") or None,
        year=ask.number("year"),
        portal=ask.get("portal") or None,
        kind=one_of(ask, "kind", KINDS),
        state=one_of(ask, "state", STATES),
        at=ask.at,
    )


def wanted(ask: Ask) -> Wanted:
    """The changes that are asked for, whenever they were seen until now; raises :class:`BadQuestion`."""
    return Wanted(
        event=one_of(ask, "event", EVENTS),
        portal=ask.get("portal") or None,
        publisher=ask.get("publisher") or None,
        year=ask.number("year"),
        since=since(ask),
    )


def one_of(ask: Ask, name: str, allowed: tuple[str, ...]) -> str | None:
    """A parameter that is one of some words, or None."""
    found = ask.get(name)
    if found and found not in allowed:
        raise BadQuestion(
            f"{name}={found!r} is none of {', '.join(allowed)}. · {name} 的取值应为：{'、'.join(allowed)}。"
        )
    return found or None


def since(ask: Ask) -> int | None:
    """The moment from which on changes are asked for (``?since=``), milliseconds: of a bare day its beginning."""
    text = ask.get("since")
    if not text:
        return None
    try:
        return parse_time(text) - (_DAY - 1 if len(text) == len("2024-03-01") else 0)
    except (ValueError, OverflowError) as error:
        raise BadQuestion(
            f"since={text!r} is not a date; write 2024-03-01. · 日期应写作 2024-03-01 的形式。"
        ) from error


def offset(ask: Ask) -> int:
    """Where the page begins, from 0."""
    return min(ask.number("offset") or 0, _MOST)


def choices(sql: sqlite3.Connection) -> dict[str, list[Any]]:
    """What there is to choose from: ``years`` newest first, ``portals`` by name."""
    years = [
        row[0] for row in sql.execute("SELECT DISTINCT year FROM report WHERE year IS NOT NULL ORDER BY year DESC")
    ]
    portals = [
        row[0] for row in sql.execute("SELECT name FROM portal WHERE id IN (SELECT portal FROM report) ORDER BY name")
    ]
    return {"years": years, "portals": portals}
