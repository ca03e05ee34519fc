"""``/report/ID/compare``: two revisions beside each other; ``/compare``: any two reports, of two years or two publishers."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from archive import history
from archive.diff import word_diff
from archive.forms import label
from archive.query import differences
from archive.web.exchange import Answer, BadQuestion, NotHere
from archive.web.render import page

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from archive.web.exchange import Ask, Routes

Row = dict[str, Any]
LONGEST = 1500
"""Paragraphs of a text up to which two of them are compared word by word."""


def revisions(ask: Ask) -> Answer:
    """Two revisions of one report; without numbers the last two."""
    report = history.find(ask.sql, ask.groups["id"])
    last = history.known(ask.sql, report, ask.at)
    after = ask.number("b") or last
    before = ask.number("a") or max(1, after - 1)
    if max(before, after) > last and ask.at is not None:
        raise NotHere(
            f"Revision {max(before, after)} was not known yet on that day. · 该日尚无修订版 {max(before, after)}。"
        )
    found = history.diff(ask.sql, str(report["id"]), before, after)
    rows = ask.sql.execute(
        "SELECT n, at FROM revision WHERE report=? AND n<=? ORDER BY n", (report["id"], last)
    ).fetchall()
    changed = differences(ask.sql, report["id"], before, after)
    return page(
        ask,
        "compare_revisions.html",
        report=report,
        a=before,
        b=after,
        revisions=[dict(row) for row in rows],
        paragraphs=_sides(found["text"]),
        figures=[{**row, "label": label(row["indicator"], ask.language)} for row in changed],
    )


def _sides(paragraphs: Sequence[Row]) -> list[Row]:
    """Each paragraph that differs as its two sides, runs of ``=`` on both."""
    return [
        {
            "paragraph": item["paragraph"],
            "left": [run for run in item["runs"] if run[0] != "+"],
            "right": [run for run in item["runs"] if run[0] != "-"],
        }
        for item in paragraphs
    ]


def reports(ask: Ask) -> Answer:
    """Two reports: every figure of both side by side, and their texts."""
    names = [ask.get("a"), ask.get("b")]
    if not any(names):
        return page(ask, "compare.html", pair=None, figures=[], paragraphs=[], near=_near(ask.sql), too_long=False)
    if not all(names):
        raise BadQuestion(
            "Name two reports: an id, an address or publisher:year. · 请给出两份年报：编号、网址或“机构:年度”。"
        )
    left, right = (history.show(ask.sql, name, at=ask.at) for name in names)
    texts = [[line for line in (one["text"] or "").splitlines() if line.strip()] for one in (left, right)]
    too_long = max(map(len, texts)) > LONGEST
    return page(
        ask,
        "compare.html",
        pair=(left, right),
        figures=_figures(left, right, ask.language),
        paragraphs=[] if too_long else _sides(word_diff(*texts)),
        near=[],
        too_long=too_long,
    )


def _figures(left: Row, right: Row, language: str) -> list[Row]:
    """Every indicator of either report, in the order of the first: both observations, and whether the values differ."""
    sides = [{row["indicator"]: row for row in reversed(one["observations"])} for one in (left, right)]
    found = []
    for code in dict.fromkeys([row["indicator"] for one in (left, right) for row in one["observations"]]):
        a, b = (side.get(code) for side in sides)
        left_value, right_value = (row["value"] if row else None for row in (a, b))
        found.append(
            {
                "indicator": code,
                "label": label(code, language),
                "a": a,
                "b": b,
                "same": bool(a and b and left_value == right_value and a["status"] == b["status"]),
                "change": _change(left_value, right_value),
            }
        )
    return found


def _change(before: float | None, after: float | None) -> float | None:
    """How far two printed numbers lie apart, exactly: 34.27 less 21.27 is 13."""
    if before is None or after is None:
        return None
    return float(Decimal(str(after)) - Decimal(str(before)))


def _near(sql: sqlite3.Connection) -> list[Row]:
    """A few pairs to begin with: the newest reports of publishers with two successive years."""
    rows = sql.execute(
        "SELECT id, publisher, year FROM report WHERE kind='disclosure' AND state='present' AND publisher IN (SELECT"
        " publisher FROM report WHERE kind='disclosure' GROUP BY publisher HAVING count(*)>1 ORDER BY max(last_seen) DESC"
        " LIMIT 5) ORDER BY publisher, year DESC, id"
    ).fetchall()
    return [
        {"publisher": new["publisher"], "years": (old["year"], new["year"]), "ids": (old["id"], new["id"])}
        for new, old in pairwise(rows)
        if new["publisher"] == old["publisher"] and new["year"] and old["year"] and new["year"] - 1 == old["year"]
    ][:8]


ROUTES: Routes = ((r"/report/(?P<id>\d{1,15})/compare", revisions), (r"/compare", reports))
