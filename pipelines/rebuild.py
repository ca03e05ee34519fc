"""What follows from payloads, written again where it is damaged: texts, figures, search, listings.

A text that is damaged is read again from its payloads; it is taken only if it is, to the last character, the one the
log witnesses, which the same software gives.  Figures and search follow from the texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive import restoring
from archive.chronicle import page_key
from archive.history import reading_data
from archive.texts import text_of
from pipelines.judging import as_kept, judge
from pipelines.reconvert import Desk
from pipelines.serial import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.model import Portal, Reading
    from archive.store import Store
    from pipelines.convert.sandbox import Cage

_BESIDE = ("attachments", "first")
"""What a kept text holds beside the reading itself: what became of the other files."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many texts and readings were restored, and which could not be: (reading, why)."""

    texts: int
    readings: int
    lost: tuple[tuple[int, str], ...]


def rebuild(
    store: Store, cage: Cage, software: int, portals: dict[int, Portal], say: Callable[[str], None] | None = None
) -> Rebuilt:
    """Restore what follows from payloads; whatever cannot be restored to what the log witnesses is left as it is."""
    tell = say or (lambda _: None)
    lost: list[tuple[int, str]] = []
    tell("texts")
    texts = 0
    for number in restoring.damaged_texts(store):
        why = _text(store, cage, software, portals, number)
        texts += why is None
        lost += [] if why is None else [(number, why)]
    store.commit()
    tell("figures")
    readings = 0
    unreadable = {number for number, _ in lost}
    for number in restoring.changed_readings(store, unreadable):
        if restoring.restore_reading(
            store, number, reading_of_text(text_of(store.sql, number).decode("utf-8", "surrogatepass"))
        ):
            readings += 1
        else:
            lost.append((number, "its text does not give what the log witnesses"))
    tell("addresses")
    restoring.restore_addresses(store)
    tell("reports")
    restoring.restore_listings(store)
    tell("search")
    restoring.restore_search(store, _paragraphs(store, unreadable))
    return Rebuilt(texts, readings, tuple(lost))


def reading_of_text(text: str) -> Reading:
    """The reading a kept text holds."""
    found: dict[str, Any] = json.loads(text)
    return from_json(json.dumps({name: item for name, item in found.items() if name not in _BESIDE}))


def _text(store: Store, cage: Cage, software: int, portals: dict[int, Portal], number: int) -> str | None:
    """Read a reading's payloads again and restore its text; why it could not be, or None."""
    row = restoring.revision_read(store, number)
    if row["software"] != software:
        return "it was read by another version of the readers, which alone gives the same text; `nianlun reconvert` reads it anew"
    desk = Desk(store, portals[row["portal"]], row["portal"], software)
    held = [part for part in store.chronicle.revision_parts(row["revision"]) if part.payload is not None]
    parts = [as_kept(part) for part in held]
    futures = [cage.submit(store.payloads.get(part.payload), url=part.url, name=part.name) for part in parts]
    key = page_key(row["key"])
    judged = judge(desk, key, parts, [future.result() for future in futures], apart=key != row["key"])
    found = next((one for one in judged if one.key == row["key"]), None)
    if found is None or not restoring.restore_text(store, number, found.data()):
        return "its payloads do not give the text the log witnesses; `nianlun reconvert` reads it anew"
    return None


def _paragraphs(store: Store, unreadable: set[int]) -> Iterator[tuple[int, list[str], int | None]]:
    """For each revision its paragraphs to search and its year."""
    for revision, reading in restoring.spoken_for(store):
        if reading in unreadable:
            continue
        data = reading_data(store.sql, reading)
        yield revision, [data.get("title") or "", *data.get("paragraphs", ())], data.get("year")
