"""The forms printed: figures and labels become tables (:mod:`crawler.simulator.sheet`)."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.simulator.labels import (
    COLUMNS,
    CORNER,
    PROCEEDINGS,
    ROWS_2014,
    ROWS_2019,
    ROWS_2021,
    VERDICTS,
    Labelled,
    Part,
)
from crawler.simulator.sheet import Sheet, Slot

Printed = Mapping[str, str]
"""The text of every figure by its indicator."""


def disclosure(parts: tuple[Part, ...], printed: Printed) -> Sheet:
    """Section two: the paragraphs of article 20 under each other, four columns wide."""
    rows: list[tuple[Slot, ...]] = []
    for caption, heads, lines in parts:
        last = 5 - len(heads)
        rows.append((Slot(caption, columns=4),))
        rows.append((*(Slot(head) for head in heads[:-1]), Slot(heads[-1], columns=last)))
        for stem, label, columns in lines:
            cells = [_figure(f"disclosure.{stem}.{name}", printed, unit) for name, unit in columns]
            wide = cells[-1]
            cells[-1] = Slot(wide.text, wide.code, 1, last, wide.unit)
            rows.append((Slot(label), *cells))
    return tuple(rows)


def _figure(code: str, printed: Printed, unit: str | None) -> Slot:
    return Slot(printed[code], code, unit=unit)


def applications(form: str, printed: Printed) -> Sheet:
    """Section three: three label columns and seven value columns under a head of three rows."""
    rows = ROWS_2021 if form == "2021" else ROWS_2019
    names = [label for _, label in COLUMNS]
    head = (
        (Slot(CORNER, rows=3, columns=3), Slot("申请人情况", columns=7)),
        (Slot(names[0], rows=2), Slot("法人或其他组织", columns=5), Slot(names[6], rows=2)),
        tuple(Slot(name) for name in names[1:6]),
    )
    body = tuple(
        (*_labels(rows, index), *(_figure(f"{code}.{name}", printed, "件") for name, _ in COLUMNS))
        for index, (code, _) in enumerate(rows)
    )
    return (*head, *body)


def _labels(rows: tuple[Labelled, ...], index: int) -> tuple[Slot, ...]:
    """The label cells that begin in a row: a group's label begins where the group begins."""
    path = rows[index][1]
    cells = []
    for depth, label in enumerate(path):
        if index and rows[index - 1][1][: depth + 1] == path[: depth + 1]:
            continue
        length = sum(other[1][: depth + 1] == path[: depth + 1] for other in rows)
        last = depth == len(path) - 1
        cells.append(Slot(label, rows=1 if last else length, columns=3 - depth if last else 1))
    return tuple(cells)


def proceedings(printed: Printed) -> Sheet:
    """Section four: one row of fifteen figures under a head of three rows."""
    names = [label for _, label in VERDICTS]
    return (
        (Slot("行政复议", columns=5), Slot("行政诉讼", columns=10)),
        (
            *(Slot(name, rows=2) for name in names),
            Slot("未经复议直接起诉", columns=5),
            Slot("复议后起诉", columns=5),
        ),
        tuple(Slot(name) for name in (*names, *names)),
        tuple(_figure(f"{stem}.{name}", printed, "件") for stem, _, _ in PROCEEDINGS for name, _ in VERDICTS),
    )


def statistics_2014(printed: Printed) -> Sheet:
    """政府信息公开情况统计表: 统计指标 | 单位 | 统计数."""
    head = (Slot("统计指标"), Slot("单位"), Slot("统计数"))
    lines = [
        (Slot(label), Slot(unit or ""), _figure(code, printed, unit) if code else Slot(""))
        for code, label, unit in ROWS_2014
    ]
    return (head, *lines)


def local_table(year: int, printed: Printed) -> Sheet:
    """A table of the publisher's own: 指标名称 | 计量单位 | this year | all years together.

    A figure of no official form is named ``local:`` with its row's and its column's label, as the shared list
    labels cells.  The column of all years is not this year's figure, so it carries no indicator.
    """
    head = (Slot("指标名称"), Slot("计量单位"), Slot(f"{year}年度"), Slot("历年累计"))
    lines = (
        ("主动公开文件数", "条", f"local:主动公开文件数 / {year}年度"),
        ("收到申请总数", "件", "applications.received.total"),
    )
    rows = (
        (Slot(label), Slot(unit), _figure(code, printed, unit), Slot(f"{printed[code]}9"))
        for label, unit, code in lines
    )
    return (head, *rows)
