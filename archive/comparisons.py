"""A publisher's reports of successive years side by side: which readings are to be compared, and what was found.

Reports are of one publisher when the same portal prints the same name; agencies that were renamed or merged are
not compared, since nothing says that their figures go on.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archive import evidence, leaves

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from archive.model import Finding


def _pairs(which: str = "") -> str:
    """Each publisher's newest report of a year with that of the year before it, by the readings they stand for.

    ``which`` narrows the reports; without it all are put in order, which one report's page need not wait for.
    """
    current = (
        "SELECT report.id AS report, report.portal, report.publisher, report.year, report.state, report.published,"
        " (SELECT reading FROM revision WHERE revision.report=report.id AND revision.n=report.revisions) AS reading FROM"
        " report WHERE kind='disclosure' AND publisher IS NOT NULL AND year IS NOT NULL AND state<>'moved'" + which
    )
    return (
        f"WITH current AS ({current}), one AS (SELECT *, row_number() OVER (PARTITION BY portal, publisher, year"
        " ORDER BY state='present' DESC, published DESC, report DESC) AS place FROM current)"
        " SELECT now.reading, before.reading AS earlier FROM one now JOIN one before ON before.portal=now.portal"
        " AND before.publisher=now.publisher AND before.year=now.year-1 WHERE now.place=1 AND before.place=1"
    )


_SAME_PUBLISHERS = (
    " AND publisher IN (SELECT said.publisher FROM reading JOIN revision ON revision.id=reading.revision JOIN report said ON"
    " said.id=revision.report WHERE reading.id IN (SELECT value FROM json_each(?1)))"
)


def uncompared(sql: sqlite3.Connection) -> list[tuple[int, int]]:
    """The pairs of readings (a year's, the year before's) that stand side by side and were not compared yet."""
    rows = sql.execute(
        f"SELECT reading, earlier FROM ({_pairs()}) pair WHERE NOT EXISTS (SELECT 1 FROM compared WHERE"
        " compared.reading=pair.reading AND compared.earlier=pair.earlier) ORDER BY reading, earlier"
    )
    return [(row[0], row[1]) for row in rows]


def keep(sql: sqlite3.Connection, log: evidence.Log, reading: int, earlier: int, findings: Sequence[Finding]) -> None:
    """Write what a comparison found; inside the store's transaction."""
    text = json.dumps([asdict(item) for item in findings], ensure_ascii=False)
    cursor = sql.execute("INSERT INTO compared (reading, earlier, findings) VALUES (?,?,?)", (reading, earlier, text))
    number = int(cursor.lastrowid or 0)
    log.append(evidence.COMPARED, number, leaves.compared(sql, number))


def found(sql: sqlite3.Connection, readings: Sequence[int], at: int | None = None) -> dict[int, list[dict[str, Any]]]:
    """The findings across years of these readings against the year before as it is read now, or as it stood at ``at``.

    ``at`` is in milliseconds since 1970 UTC.  Of the comparisons of a reading that one counts then whose other side was
    the newest revision of the year before, whether it found something or not.
    """
    if at is None:
        rows = sql.execute(
            f"SELECT compared.reading, compared.findings FROM compared JOIN ({_pairs(_SAME_PUBLISHERS)}) pair ON"
            " pair.reading=compared.reading AND pair.earlier=compared.earlier WHERE compared.findings<>'[]' AND"
            " compared.reading IN (SELECT value FROM json_each(?1))",
            (json.dumps(list(readings)),),
        )
    else:
        rows = sql.execute(_THEN, (json.dumps(list(readings)), at))
    return {row[0]: json.loads(row[1]) for row in rows}


_THEN = (
    "SELECT reading, findings FROM (SELECT compared.reading, compared.findings, row_number() OVER (PARTITION BY"
    " compared.reading ORDER BY revision.at DESC, compared.id DESC) AS place FROM json_each(?1) meant"
    " CROSS JOIN compared ON compared.reading=meant.value CROSS JOIN reading ON reading.id=compared.earlier"
    " CROSS JOIN revision ON revision.id=reading.revision WHERE revision.at<=?2) WHERE place=1 AND findings<>'[]'"
)
