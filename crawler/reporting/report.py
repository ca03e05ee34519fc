"""One report: what crawls saw happen, and what stood in their way, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import events
from archive.occurrences import EVENTS, Occurrence, Row, named, occurrence
from archive.times import shown_time
from crawler.manners import COOLING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from archive.events import Position

_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Visit:
    """One crawl: how it ended, and what could not be had."""

    crawl: int
    uid: str
    portal: str
    outcome: str
    started: int
    finished: int | None
    summary: Row
    blocked: tuple[Row, ...]
    """``host, kind, until``: hosts that turned us away, and when they may be asked again (ISO 8601)."""
    short: tuple[str, ...]
    """Where a list says it holds more than was found."""
    problems: tuple[str, ...]
    """Whatever else was wrong, in words."""

    @property
    def failed(self) -> int:
        """Requests that brought nothing."""
        return int(self.summary.get("failed") or 0)

    @property
    def is_trouble(self) -> bool:
        """Whether there is anything to say of it beside what happened to reports."""
        return bool(self.outcome != "finished" or self.blocked or self.short or self.problems or self.failed)


@dataclass(frozen=True, slots=True)
class Report:
    """What is told at once."""

    made: int
    """Milliseconds since 1970-01-01 UTC."""
    visits: tuple[Visit, ...]
    occurrences: tuple[Occurrence, ...]

    @property
    def is_news(self) -> bool:
        """Whether anything happened, or went wrong."""
        return bool(self.occurrences) or any(visit.is_trouble for visit in self.visits)

    @property
    def id(self) -> str:
        """A urn of what is told: the same news sent again has the same."""
        told = [
            *(each.id for each in self.occurrences),
            *(f"{visit.uid} {visit.outcome} {visit.finished}" for visit in self.visits),
        ]
        return named(" ".join(told))

    def counts(self) -> dict[str, int]:
        """How many of each event, and of crawls in each kind of trouble."""
        found = {event: sum(each.event == event for each in self.occurrences) for event in EVENTS}
        return {
            **found,
            "blocked": sum(bool(visit.blocked) or visit.outcome == "blocked" for visit in self.visits),
            "short": sum(bool(visit.short) for visit in self.visits),
            "failed": sum(visit.failed > 0 or visit.outcome in ("failed", "unreachable") for visit in self.visits),
        }

    def portals(self) -> list[Row]:
        """One row a portal: each event's list, and what stood in the way."""
        names = dict.fromkeys([*(v.portal for v in self.visits), *(o.portal for o in self.occurrences)])
        return [self._portal(name) for name in sorted(names)]

    def _portal(self, name: str) -> Row:
        visits = [visit for visit in self.visits if visit.portal == name]
        happened = [each for each in self.occurrences if each.portal == name]
        return {
            "portal": name,
            "crawls": [_visit(visit) for visit in visits],
            **{event: [each.as_dict() for each in happened if each.event == event] for event in EVENTS},
            "blocked": [host for visit in visits for host in visit.blocked],
            "short": [words for visit in visits for words in visit.short],
            "failed": sum(visit.failed for visit in visits),
            "problems": [words for visit in visits for words in visit.problems],
        }

    def as_dict(self) -> Row:
        """The report as JSON tells it."""
        return {
            "id": self.id,
            "made": shown_time(self.made),
            "counts": self.counts(),
            "portals": self.portals(),
        }


def _visit(visit: Visit) -> Row:
    return {
        "id": visit.crawl,
        "outcome": visit.outcome,
        "started": shown_time(visit.started),
        "finished": shown_time(visit.finished),
        "found": visit.summary.get("found"),
        "expected": visit.summary.get("expected"),
    }


def after(sql: sqlite3.Connection, told: Position, now: Position, made: int, cooling: float = COOLING) -> Report:
    """What came in between two positions of an archive; ``made`` in milliseconds, ``cooling`` in hours."""
    return Report(
        made,
        tuple(visited(row, cooling) for row in events.crawls_after(sql, told, now)),
        tuple(occurrence(row) for row in events.changes_after(sql, told.change, now.change)),
    )


def of(sql: sqlite3.Connection, crawls: Sequence[int], made: int, cooling: float = COOLING) -> Report:
    """What these crawls saw."""
    return Report(
        made,
        tuple(visited(row, cooling) for row in events.crawls_named(sql, crawls)),
        tuple(occurrence(row) for row in events.changes_in(sql, crawls)),
    )


def visited(row: Row, cooling: float) -> Visit:
    """One crawl as the archive tells it; ``cooling`` in hours."""
    said = row["summary"].get("problems", [])
    return Visit(
        crawl=row["id"],
        uid=row["uid"],
        portal=row["portal"],
        outcome=row["outcome"],
        started=row["started"],
        finished=row["finished"],
        summary=row["summary"],
        blocked=tuple(_blocked(host, cooling) for host in row["blocked"]),
        short=tuple(words for words in said if words.startswith("short by ")),
        problems=tuple(words for words in said if not words.startswith("short by ")),
    )


def _blocked(host: Row, cooling: float) -> Row:
    until = None if host["at"] is None else host["at"] + round(cooling * _HOUR)
    return {"host": host["host"], "kind": host["kind"], "until": shown_time(until)}
