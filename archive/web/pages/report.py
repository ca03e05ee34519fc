"""``/report/ID`` as it is or was, ``/report/ID/revision/N`` for good, and every capture of its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive import citing, history
from archive.events import Wanted, wanted_changes
from archive.grids import grids, lines
from archive.times import EVER, shown_time
from archive.web.asking import offset
from archive.web.exchange import Answer, NotHere, redirect
from archive.web.official import laid_out
from archive.web.render import page

if TYPE_CHECKING:
    import sqlite3

    from archive.web.exchange import Ask, Routes

_TOLD = 60
"""Events that the timeline shows beside the revisions."""
CAPTURES = 200
"""Captures on one page."""


def report(ask: Ask) -> Answer:
    """A report as it is, or as of ``?at=``."""
    return _shown(ask, None)


def revision(ask: Ask) -> Answer:
    """One revision for good: whatever comes later, this address says the same."""
    return _shown(ask, int(ask.groups["n"]))


def _shown(ask: Ask, n: int | None) -> Answer:
    name = ask.groups["id"]
    found = history.show(ask.sql, name, n=n, at=ask.at if n is None else None)
    tables, others = laid_out(found["observations"], found["findings"], found["form"])
    address = f"{ask.root}/report/{found['id']}/revision/{found['revision']}"
    digest = next((part["digest"] for part in found["parts"] if part["role"] == "page"), None)
    return page(
        ask,
        "report.html",
        headers={"Link": f'<{address}>; rel="canonical"'},
        report=found,
        fixed=n is not None,
        tables=tables,
        others=others,
        lines=_lines(found["text"], found["sections"]),
        timeline=_timeline(ask.sql, found["id"], ask.at if n is None else None),
        address=address,
        gbt=citing.gbt7714(found, address),
        bibtex=citing.bibtex(found, address, digest),
        place=_place(ask.sql, found, ask.at),
    )


def _lines(text: str | None, sections: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """The text line by line, each with its level: 0 for a paragraph, else the heading's (1 to 3)."""
    heads = {section["heading"]: min(section["level"] or 1, 3) for section in sections if section["heading"]}
    return [(heads.get(line.strip(), 0), line) for line in (text or "").splitlines() if line.strip()]


def _timeline(sql: sqlite3.Connection, report: int, at: int | None) -> list[dict[str, Any]]:
    """Revisions and what else happened, newest first."""
    until = EVER if at is None else at
    rows = sql.execute(
        "SELECT n, at, summary, capture FROM revision WHERE report=? AND n IS NOT NULL AND at<=? ORDER BY n",
        (report, until),
    )
    found = [
        {"n": row["n"], "at": row["at"], "summary": row["summary"], "capture": row["capture"], "event": None}
        for row in rows
    ]
    told = wanted_changes(sql, Wanted(report=report, until=until), _TOLD)
    found += [
        {"n": None, "at": row["seen"], "summary": row["summary"], "capture": None, "event": row["event"],
         "other": row["other"], "last_seen": row["last_seen"], "first_gone": row["first_gone"]}
        for row in told
        if row["event"] in ("missing", "gone", "back", "moved")
    ]  # fmt: skip
    return sorted(found, key=lambda item: (item["at"], item["n"] or 0), reverse=True)


def _place(sql: sqlite3.Connection, report: dict[str, Any], at: int | None) -> dict[str, int | None]:
    """The same publisher's reports of the years before and after."""
    found: dict[str, int | None] = {"before": None, "after": None}
    if report["publisher"] is None or report["year"] is None:
        return found
    for name, year in (("before", report["year"] - 1), ("after", report["year"] + 1)):
        row = sql.execute(
            "SELECT id FROM report WHERE publisher=? AND year=? AND kind=? AND first_seen<=?"
            " ORDER BY state='present' DESC, id DESC LIMIT 1",
            (report["publisher"], year, report["kind"], EVER if at is None else at),
        ).fetchone()
        found[name] = row[0] if row else None
    return found


def captures(ask: Ask) -> Answer:
    """Every capture of a report's addresses, the newest first."""
    found, at = history.find(ask.sql, ask.groups["id"]), shown_time(ask.at)
    history.known(ask.sql, found, ask.at)
    rows = [row for row in history.history(ask.sql, str(found["id"]))[::-1] if at is None or row["at"] <= at]
    first = offset(ask)
    return page(
        ask,
        "captures.html",
        report=found,
        rows=rows[first : first + CAPTURES],
        total=len(rows),
        offset=first,
        limit=CAPTURES,
    )


def printed(ask: Ask) -> Answer:
    """The tables of a report as they were printed, known form or not."""
    found = history.find(ask.sql, ask.groups["id"])
    known = history.known(ask.sql, found, ask.at)
    n = ask.number("revision") or known
    if n > known and ask.at is not None:
        raise NotHere(f"Revision {n} was not known yet on that day. · 该日尚无修订版 {n}。")
    tables = [{**table, "lines": lines(table)} for table in grids(ask.sql, str(found["id"]), n)]
    return page(ask, "tables.html", report=found, tables=tables, n=n)


def named(ask: Ask) -> Answer:
    """``/report?name=``: a report by what a user would type on the command line."""
    return redirect(ask.link(f"/report/{history.find(ask.sql, ask.get('name'))['id']}"))


_ID = r"/report/(?P<id>\d{1,15})"
ROUTES: Routes = (
    (r"/report", named),
    (_ID, report),
    (_ID + r"/revision/(?P<n>\d{1,9})", revision),
    (_ID + r"/captures", captures),
    (_ID + r"/tables", printed),
)
