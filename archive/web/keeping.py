"""Answers that are asked for again and again, kept while the archive stays as it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Hashable

    from archive.web.exchange import Answer

MOST = 100
"""Answers that are kept."""
LARGEST = 300_000
"""Bytes of an answer that is still kept."""


class Kept:
    """The last answers of one room, by question and state of the archive; safe between threads."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, sql: sqlite3.Connection, question: Hashable, make: Callable[[], Answer]) -> Answer:
        """The kept answer, or the one that ``make`` gives now."""
        key = (question, state(sql))
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
                return found
        found = make()
        if found.status == 200 and len(found.data) <= LARGEST:
            with self._lock:
                self._answers[key] = found
                while len(self._answers) > MOST:
                    self._answers.popitem(last=False)
        return found


def state(sql: sqlite3.Connection) -> tuple[object, ...]:
    """What changes whenever anything that pages tell does: its log, its crawls, what is retold, and the day.

    Captures, revisions, readings, changes and finished crawls are entries of the log.
    """
    row = sql.execute(
        "SELECT (SELECT max(seq) FROM log), (SELECT max(id) FROM crawl), (SELECT max(id) FROM retold),"
        " (SELECT max(id) FROM head)"
    ).fetchone()
    return (*row, datetime.now(UTC).date())
