"""How right the readers are on sample files of known truth.

    python benchmarks/reading.py --samples DIR

Per file: cells right (strict: the right value in the right row and column, blank told from 0), character error
rate of the text without white space, whether title, publisher, year and form are right, seconds.  It does not
measure scans, formats without a reader, or pages of families the samples lack.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.forms import indicators
from pipelines.read import read_payload

if TYPE_CHECKING:
    from archive.model import Reading

DONE = (".html", ".docx", ".pdf", "fakehtml.doc")
WANTED = {
    "r2017": ("省商务厅2017政府信息公开工作年度报告", "贵州省商务厅", 2017, "free"),
    "r2019a": ("自治区商务厅2019年政府信息公开工作年度报告", "自治区商务厅", 2019, "2019"),
    "r2023": ("石嘴山市商务局2023年政府信息公开工作年度报告", "石嘴山市商务局", 2023, "2021"),
}
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, required=True, help="a folder with made/ and real/ and their truth")
    samples = parser.parse_args().samples
    if not samples.is_dir():
        print(f"no samples at {samples}: give --samples DIR", file=sys.stderr)
        return 2
    print(f"{'file':34} {'cells':>13} {'CER':>8} title publisher year form {'seconds':>8}")
    for folder in WANTED:
        for path in sorted((samples / "made" / folder).iterdir()):
            if path.name.endswith(DONE) and "scan" not in path.name:
                print(measured(path, folder))
    for entry in json.loads((samples / "real" / "truth.json").read_text("utf-8")):
        print(measured_real(samples / "real" / entry["file"], entry))
    return 0


def measured(path: Path, folder: str) -> str:
    reading, seconds = timed(path)
    truth = path.parent / "truth.json"
    cells = (0, 0)
    if truth.exists():
        codes = list(indicators("2019" if folder == "r2019a" else "2021"))
        wanted = [None if cell["blank"] else cell["value"] for cell in json.loads(truth.read_text("utf-8"))]
        cells = right(reading, dict(zip(codes, wanted, strict=True)))
    error = cer(reading.text or "", (path.parent / "body.txt").read_text("utf-8"))
    title, publisher, year, form = WANTED[folder]
    marks = (reading.title == title, reading.publisher == publisher, reading.year == year, reading.form == form)
    return shown(f"{folder}/{path.name}", cells, error, marks, seconds)


def measured_real(path: Path, entry: dict[str, object]) -> str:
    reading, seconds = timed(path)
    cells = right(reading, real_truth(entry))
    form = "mixed" if "single" in str(entry["format"]) or "one row" in str(entry["format"]) else str(entry["format"])
    marks = (
        reading.title is not None,
        reading.publisher == entry["agency"],
        reading.year == entry["year"],
        reading.form == form,
    )
    return shown(path.name, cells, None, marks, seconds)


def real_truth(entry: dict) -> dict[str, str | None]:
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


def timed(path: Path) -> tuple[Reading, float]:
    payload = path.read_bytes()
    read_payload(payload, name=path.name)
    start = time.perf_counter()
    reading = read_payload(payload, name=path.name)
    return reading, time.perf_counter() - start


def right(reading: Reading, wanted: dict[str, str | None]) -> tuple[int, int]:
    found = {o.indicator: o for o in reading.observations}
    count = 0
    for code, value in wanted.items():
        o = found.get(code)
        if o is None:
            continue
        if value is None:
            count += o.status == "blank"
        elif o.status == "ok":
            count += (o.raw or "").replace(" ", "") == value.replace(" ", "")
    return count, len(wanted)


def cer(found: str, wanted: str) -> float:
    """Edit distance per character of the truth, white space left out."""
    a, b = "".join(found.split()), "".join(wanted.split())
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    return distance(a[start : len(a) - end], b[start : len(b) - end]) / max(len(b), 1)


def distance(a: str, b: str) -> int:
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (x != y)))
        previous = current
    return previous[-1]


def shown(name: str, cells: tuple[int, int], error: float | None, marks: tuple[bool, ...], seconds: float) -> str:
    share = f"{cells[0]}/{cells[1]}" if cells[1] else "-"
    text = "-" if error is None else f"{error:.5f}"
    words = " ".join(f"{'yes' if mark else 'NO':>{width}}" for mark, width in zip(marks, (5, 9, 4, 4), strict=True))
    return f"{name:34} {share:>13} {text:>8} {words} {seconds:8.3f}"


if __name__ == "__main__":
    sys.exit(main())
