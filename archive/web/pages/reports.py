"""``/reports``: every report, filtered, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from archive.query import STATES, count_reports, reports
from archive.web.asking import KINDS, choices, filters, offset
from archive.web.render import page

if TYPE_CHECKING:
    from archive.web.exchange import Answer, Ask, Routes

_ASKED = ("publisher", "year", "portal", "kind", "at")
PAGE = 50
"""Reports on one page."""


def listed(ask: Ask) -> Answer:
    """Reports by publisher and year."""
    wanted, first = filters(ask), offset(ask)
    return page(
        ask,
        "reports.html",
        rows=reports(ask.sql, wanted, limit=PAGE, offset=first),
        total=count_reports(ask.sql, wanted),
        offset=first,
        limit=PAGE,
        kinds=KINDS,
        states=STATES,
        choices=choices(ask.sql),
        data=f"/api/reports?{urlencode({name: ask.get(name) for name in _ASKED if ask.get(name)})}",
    )


ROUTES: Routes = ((r"/reports", listed),)
