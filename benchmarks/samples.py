"""The sample files beside the repository with what they truly hold, for benchmarks/reading.py and the tests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.forms import indicators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Truth:
    """What a correct reader gets; what is None or empty is not asked.  A cell of None is blank."""

    title: str | None = None
    publisher: str | None = None
    year: int | None = None
    form: str | None = None
    cells: dict[str, str | None] = field(default_factory=dict)
    text: str = ""
    prose: dict[str, int] = field(default_factory=dict)
    planted: frozenset[str] = frozenset()
    """Rules that are broken on purpose; None of the others may be reported as an error where ``judged``."""
    judged: bool = False
    contacts: dict[str, str] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    doubtful: frozenset[str] = frozenset()


WANTED = {
    "r2017": ("省商务厅2017政府信息公开工作年度报告", "贵州省商务厅", 2017, "free"),
    "r2019a": ("自治区商务厅2019年政府信息公开工作年度报告", "自治区商务厅", 2019, "2019"),
    "r2023": ("石嘴山市商务局2023年政府信息公开工作年度报告", "石嘴山市商务局", 2023, "2021"),
}
KINDS = {
    ".html": "html", ".docx": "docx", ".pdf": "pdf", ".doc": "doc", ".wps": "doc", ".rtf": "rtf", ".odt": "odt",
    ".ofd": "ofd", ".xls": "xls", ".xlsx": "xlsx",
}  # fmt: skip
NAMED = {"fakehtml.doc": "fakedoc", "fakemht.doc": "mht", "scan150.pdf": "scan"}
OLD_COLUMNS = {
    "natural": "natural_person",
    "business": "business",
    "research": "research",
    "welfare": "public_interest",
    "legal": "legal_service",
    "other": "other_org",
    "total": "total",
}
OLD_ROWS = {
    "new": "received",
    "carried_in": "carried_in",
    "granted": "outcome.granted",
    "partial": "outcome.partial",
    "d1_secret": "outcome.refused.state_secret",
    "d2_law": "outcome.refused.law_prohibited",
    "d3_safety": "outcome.refused.security_stability",
    "d4_third_party": "outcome.refused.third_party",
    "d5_internal": "outcome.refused.internal_affairs",
    "d6_process": "outcome.refused.process_info",
    "d7_enforcement": "outcome.refused.enforcement_file",
    "d8_inquiry": "outcome.refused.statutory_inquiry",
    "u1_not_held": "outcome.unavailable.not_held",
    "u2_need_creation": "outcome.unavailable.needs_creation",
    "u3_unclear": "outcome.unavailable.unclear",
    "n1_petition": "outcome.not_processed.petition",
    "n2_repeat": "outcome.not_processed.duplicate",
    "n3_publication": "outcome.not_processed.publication",
    "n4_mass": "outcome.not_processed.excessive",
    "n5_confirm": "outcome.not_processed.reconfirm",
    "other_processing": "outcome.other",
    "o1_no_correction": "outcome.other.overdue_correction",
    "o2_no_fee": "outcome.other.overdue_fee",
    "o3_other": "outcome.other.misc",
    "total": "outcome.total",
    "carried_out": "carried_out",
}
DISPUTES = {"rev": "review", "dir": "litigation.direct", "post": "litigation.after_review"}
RESULTS = {"maintain": "upheld", "correct": "corrected", "other": "other", "pending": "pending", "total": "total"}


def files(samples: Path | None) -> Iterator[tuple[str, str, bytes, Truth]]:
    """The kind, the name, the bytes and the truth of every sample that is a report; none without the folder."""
    if samples is None:
        return
    for folder in WANTED:
        for path in sorted((samples / "made" / folder).iterdir()):
            kind = NAMED.get(path.name) or KINDS.get(path.suffix)
            if kind:
                yield kind, f"{folder}/{path.name}", path.read_bytes(), made_truth(path)
    for entry in json.loads((samples / "real" / "truth.json").read_text("utf-8")):
        path = samples / "real" / entry["file"]
        yield KINDS[path.suffix], path.name, path.read_bytes(), real_truth(entry)


def made_truth(path: Path) -> Truth:
    """The truth of a made file: a workbook holds the tables only."""
    folder = path.parent.name
    title, publisher, year, form = WANTED[folder]
    held = path.parent / "truth.json"
    cells: dict[str, str | None] = {}
    if held.exists():
        codes = indicators("2019" if folder == "r2019a" else "2021")
        values = [None if cell["blank"] else cell["value"] for cell in json.loads(held.read_text("utf-8"))]
        cells = dict(zip(codes, values, strict=True))
    if path.name.startswith("tables."):
        return Truth(form=form, cells=cells)
    text = (path.parent / "body.txt").read_text("utf-8")
    return Truth(title=title, publisher=publisher, year=year, form=form, cells=cells, text=text)


def real_truth(entry: dict) -> Truth:
    """The truth of a real file, as it was typed off the printed tables."""
    form = "mixed" if "single" in str(entry["format"]) or "one row" in str(entry["format"]) else str(entry["format"])
    return Truth(publisher=entry["agency"], year=entry["year"], form=form, cells=real_cells(entry))


def real_cells(entry: dict) -> dict[str, str | None]:
    two = entry["table2"]
    wanted: dict[str, object] = {}
    for row, code in (("规章", "rules"), ("行政规范性文件", "normative_docs"), ("规范性文件", "normative_docs")):
        for column, value in zip(("issued", "repealed", "in_force"), two.get(row, ()), strict=False):
            wanted[f"disclosure.{code}.{column}"] = value
    for row, code in (
        ("行政许可", "licensing.decisions"),
        ("行政处罚", "penalties.decisions"),
        ("行政强制", "coercion.decisions"),
        ("行政事业性收费", "fees.amount"),
    ):
        wanted[f"disclosure.{code}"] = two[row]
    for row, columns in entry["table3"].items():
        for column, value in columns.items():
            wanted[f"applications.{OLD_ROWS[row]}.{OLD_COLUMNS[column]}"] = value
    for name, value in entry["table4"].items():
        row, column = name.split("_")
        wanted[f"{DISPUTES[row]}.{RESULTS[column]}"] = value
    return {code: None if value is None else str(value) for code, value in wanted.items()}
