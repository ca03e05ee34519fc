"""Observations as rows: the place as compact JSON, and back."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from archive.model import Observation, Place, Where

if TYPE_CHECKING:
    import sqlite3


_NOWHERE = Where()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps makes one for each call


def place_dict(where: Where) -> dict[str, Any]:
    """A place without what it lacks: table, row, column, labels; page and box, or DOM path; span and sentence."""
    found = {item.name: getattr(where, item.name) for item in fields(where) if item.name != "place"}
    if where.place is not None:
        found.update({item.name: getattr(where.place, item.name) for item in fields(where.place)})
    return {name: value for name, value in found.items() if value is not None}


def place_json(where: Where) -> str:
    """A place as its row keeps it."""
    return _encode(place_dict(where))


def place_of(text: str) -> Where:
    """Undo :func:`place_json`."""
    found: dict[str, Any] = json.loads(text)
    box = found.pop("box", None)
    page, path, member = (found.pop(name, None) for name in ("page", "path", "member"))
    place = Place(page=page, box=tuple(box) if box else None, path=path, member=member)
    return Where(**found, place=place if place != Place() else None)


def stored_observations(sql: sqlite3.Connection, reading: int, *, places: bool = True) -> list[Observation]:
    """The observations of a reading as they were kept; without ``places`` where nobody asks where they stand.

    Places cost three quarters of the time: comparing two readings was a tenth of taking captures in with them.
    """
    rows = sql.execute(
        "SELECT code, value, status, raw, unit, place.text AS place, part, url FROM observation"
        " JOIN indicator ON indicator.id=observation.indicator JOIN place ON place.id=observation.place JOIN reading ON reading.id=observation.reading"
        " LEFT JOIN revision_part ON revision_part.revision=reading.revision AND position=part"
        " LEFT JOIN resource ON resource.id=revision_part.resource WHERE reading=? ORDER BY observation.id",
        (reading,),
    )
    return [
        Observation(
            indicator=row["code"],
            value=row["value"],
            status=row["status"],
            raw=row["raw"],
            unit=row["unit"],
            where=place_of(row["place"]) if places else _NOWHERE,
            source=row["url"] if row["part"] else "page",
        )
        for row in rows
    ]
