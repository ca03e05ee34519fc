"""``/changes``: what was published, edited in silence, withdrawn, came back; with filters, and as feed and digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from archive.events import wanted_changes
from archive.forms import label
from archive.occurrences import EVENTS
from archive.web.asking import choices, wanted
from archive.web.render import page

if TYPE_CHECKING:
    from archive.web.exchange import Answer, Ask, Routes

PAGE = 50
"""Changes on one page."""


def changes(ask: Ask) -> Answer:
    """A page of changes, what was written last first."""
    rows = wanted_changes(ask.sql, replace(wanted(ask), until=ask.at), PAGE + 1, ask.number("before"))
    kept = {name: ask.get(name) for name in ("event", "portal", "publisher", "year", "since") if ask.get(name)}
    return page(
        ask,
        "changes.html",
        rows=rows[:PAGE],
        next=rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
        events=EVENTS,
        label=label,
        feed=f"/feeds/changes.atom?{urlencode(kept)}" if kept else "/feeds/changes.atom",
        digest=f"/feeds/digest.txt?{urlencode(kept)}" if kept else "/feeds/digest.txt",
        choices=choices(ask.sql),
    )


ROUTES: Routes = ((r"/changes", changes),)
