"""The evaluation gate: how right the readers are, by format, against known truth; below a floor it fails.

    python benchmarks/reading.py [--seeds 2000:2012] [--samples DIR] [--files] [--json]

Random reports (values, layouts, damage, planted breaches of the forms' rules) are made by crawler/simulator/printing
and printed in every format; the readers were developed on seeds below 2000 only.  With --samples, files of three real
reports and real files are measured too.  Cells are strict: the right value in the right row and column, blank told
from 0.  CER is the character error rate of the text without tables and white space.  Seconds are medians of single
reads after a warm-up, on whatever else the machine is doing.  The floors are those of the field guide on reading,
pinned in baseline.json, and so is a digest of all figures read from the seeds of the checks: a reader that reads
another figure anywhere has to say so.  It does not measure: the crawl, recognition of handwriting, layouts nobody has printed yet.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import sys
import time
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks import samples as known
from crawler.simulator import printing
from pipelines.convert.scans import recogniser
from pipelines.read import read_payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.model import Reading

CONTACTS = ("address", "postcode", "phone", "fax", "email")
MEASURES = ("cells", "labels", "lines", "meta", "contacts", "numbers", "planted", "prose")


@dataclass
class Score:
    """What one format reached: right and wanted by measure, errors nobody planted, CER and seconds of each file."""

    ocr: bool = False
    files: int = 0
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0))
    wanted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0))
    silent: int = 0
    """Figures that are told and are not there, printed figures told as blank: the worst there is."""
    false_errors: int = 0
    cer: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def count(self, measure: str, right: int, wanted: int) -> None:
        """Add to a measure."""
        self.right[measure] += right
        self.wanted[measure] += wanted

    def share(self, measure: str) -> float | None:
        """The share that is right; None where nothing was asked."""
        return self.right[measure] / self.wanted[measure] if self.wanted[measure] else None

    def row(self) -> dict[str, Any]:
        """The format's line."""
        return {
            "files": self.files,
            **{name: self.share(name) for name in MEASURES},
            "silent": self.silent,
            "false_errors": self.false_errors,
            "cer": max(self.cer) if self.cer else None,
            "seconds": statistics.median(self.seconds),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--seeds", default="2000:2012", metavar="FROM:TO", help="the random reports (default 2000:2012)"
    )
    parser.add_argument("--samples", type=Path, metavar="DIR", help="a folder with made/ and real/ and their truth")
    parser.add_argument("--files", action="store_true", help="print every file that is not read wholly right")
    parser.add_argument(
        "--idle", action="store_true", help="nothing else runs here: hold the seconds to their floors, too"
    )
    parser.add_argument("--pin", action="store_true", help="write these seeds' figures down as those a release has")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    arguments = parser.parse_args()
    if arguments.samples and not arguments.samples.is_dir():
        print(f"no samples at {arguments.samples}: give --samples DIR", file=sys.stderr)
        return 2
    scores: dict[str, Score] = {}
    told = hashlib.sha256()
    first, last = map(int, arguments.seeds.split(":"))
    for kind, name, payload, truth in (*generated(range(first, last)), *known.files(arguments.samples)):
        if kind == "scan" and not recogniser.available():
            print("scans are not measured: the extra ocr is not installed", file=sys.stderr)
            continue
        wrong, reading = measure(scores.setdefault(kind, Score(ocr=kind == "scan")), payload, truth)
        if " seed " in name:
            told.update(figures(name, reading))
        if wrong and arguments.files:
            print(f"{name}: {'; '.join(wrong)}", file=sys.stderr)
    below = report(scores, as_json=arguments.json, timed=arguments.idle)
    changed = pinned(arguments.seeds, told.hexdigest(), pin=arguments.pin)
    return 1 if below or changed else 0


def pinned(seeds: str, digest: str, *, pin: bool) -> bool:
    """Whether these seeds' figures differ from those that were pinned; ``pin`` writes them down instead."""
    place = ROOT / "benchmarks" / "baseline.json"
    baseline = json.loads(place.read_text("utf-8"))
    if pin:
        baseline["figures"] = {"seeds": seeds, "digest": digest}
        place.write_text(json.dumps(baseline, indent=1, ensure_ascii=False) + "\n", "utf-8")
        return False
    held = baseline.get("figures", {})
    if held.get("seeds") != seeds or held.get("digest") == digest:
        return False
    print(
        "figures changed: say in CHANGELOG.md which and why, give the reader a new version, then run this with --pin",
        file=sys.stderr,
    )
    return True


def figures(name: str, reading: Reading) -> bytes:
    """What a reading says in figures, as one line: any change of it shows."""
    rows = sorted((o.indicator, o.status, o.raw or "", repr(o.value)) for o in reading.observations)
    return json.dumps([name, rows], ensure_ascii=False).encode()


def generated(seeds: range) -> Iterator[tuple[str, str, bytes, known.Truth]]:
    """Random reports in every format: the kind, a name, the bytes, the truth."""
    for seed in seeds:
        report = printing.random_report(seed)
        truth = truth_of(report)
        for form in printing.FORMATS:
            if form != "zip":
                yield form.partition("-")[0], f"{form} seed {seed}", printing.printed(report, form, seed), truth


def truth_of(report: Any) -> known.Truth:
    """The generator's truth in the words of this gate."""
    told = printing.truth_of(report)
    cells: dict[str, str | None] = {code: cell.raw for code, cell in told.cells.items()}
    contacts = {name: getattr(told.contacts, name) for name in CONTACTS if getattr(told.contacts, name)}
    return known.Truth(
        told.title, told.publisher, told.year, told.form, cells | dict.fromkeys(told.blank), told.text,
        {code: value for code, value in told.prose.items() if code not in told.cells and code not in told.blank},
        frozenset(planted.rule for planted in told.planted), True, contacts, told.document_numbers, told.labels,
        told.doubtful,
    )  # fmt: skip


def measure(score: Score, payload: bytes, truth: known.Truth) -> tuple[list[str], Reading]:
    """Read a file and add to the score; what was wrong in words, and the reading."""
    start = time.perf_counter()
    reading = read_payload(payload, ocr=score.ocr)
    score.seconds.append(time.perf_counter() - start)
    score.files += 1
    wrong = [*cells(score, reading, truth), *meta(score, reading, truth), *rules(score, reading, truth)]
    if truth.text:
        # the article's title may stand above the text or be its first line: both are how portals print it
        body = "\n".join(line for line in truth.text.splitlines() if compact(line) != compact(truth.title or ""))
        errors = min(cer(reading.text or "", text) for text in (truth.text, body))
        score.cer.append(errors)
        wrong += [f"CER {errors:.5f}"] if errors else []
        held = compact(reading.text or "")
        lines = [compact(line) for line in body.splitlines() if compact(line)]
        score.count("lines", sum(line in held for line in lines), len(lines))
        wrong += [f"line {line[:40]}" for line in lines if line not in held]
    printed = {compact(cell.text) for grid in reading.conversion.grids for cell in grid.cells}
    labels = [compact(label) for label in truth.labels if compact(label)]
    score.count("labels", sum(label in printed for label in labels), len(labels))
    return wrong, reading


def compact(text: str) -> str:
    return "".join(text.split())


def cells(score: Score, reading: Reading, truth: known.Truth) -> list[str]:
    found: dict[str, list[Any]] = {}
    for observation in reading.observations:
        found.setdefault(observation.indicator, []).append(observation)
    wrong = []
    for code, raw in truth.cells.items():
        if code in truth.doubtful:
            continue
        held = found.get(code, ())
        good = any(is_right(observation, raw) for observation in held)
        score.count("cells", good, 1)
        if not good:
            score.silent += any(o.status == "ok" or (o.status == "blank" and raw is not None) for o in held)
            wrong.append(f"{code} {raw!r} read {[(o.status, o.raw) for o in held]}")
    for code, value in truth.prose.items():
        good = any(o.status == "text" and o.value == value for o in found.get(code, ()))
        score.count("prose", good, 1)
        wrong += [] if good else [f"prose {code} {value} read {[o.value for o in found.get(code, ())]}"]
    return wrong


def is_right(observation: Any, raw: str | None) -> bool:
    if raw is None:
        return bool(observation.status == "blank")
    return observation.status == "ok" and compact(observation.raw or "") == compact(raw)


def meta(score: Score, reading: Reading, truth: known.Truth) -> list[str]:
    wrong = []
    for name in ("title", "publisher", "year", "form"):
        wanted, found = getattr(truth, name), getattr(reading, name)
        if wanted is not None:
            good = compact(str(found)) == compact(str(wanted))
            score.count("meta", good, 1)
            wrong += [] if good else [f"{name} {wanted!r} read {found!r}"]
    for name, wanted in truth.contacts.items():
        found = getattr(reading.contacts, name)
        good = plain(found or "", name) == plain(wanted, name)
        score.count("contacts", good, 1)
        wrong += [] if good else [f"{name} {wanted!r} read {found!r}"]
    held = {re.sub(r"[^\w]", "", number) for number in reading.document_numbers}
    for number in truth.numbers:
        good = re.sub(r"[^\w]", "", number) in held
        score.count("numbers", good, 1)
        wrong += [] if good else [f"number {number} read {reading.document_numbers}"]
    return wrong


def plain(text: str, name: str) -> str:
    """Contacts as they are compared: numbers by their digits, the rest without white space and width."""
    folded = compact(unicodedata.normalize("NFKC", text))
    return re.sub(r"\D", "", folded) if name in {"phone", "fax", "postcode"} else folded


def rules(score: Score, reading: Reading, truth: known.Truth) -> list[str]:
    """Planted breaches found; errors that nobody planted."""
    if not truth.judged:
        return []
    told = {finding.rule for finding in reading.findings}
    score.count("planted", len(truth.planted & told), len(truth.planted))
    wrong = [f"planted {rule} not found" for rule in sorted(truth.planted - told)]
    for finding in reading.findings:
        if (
            finding.level == "error"
            and finding.rule not in truth.planted
            and not truth.doubtful & {*finding.indicators}
        ):
            score.false_errors += 1
            wrong.append(f"false error {finding.rule} {finding.message}")
    return wrong


def cer(found: str, wanted: str) -> float:
    """Edit distance per character of the truth, white space left out."""
    a, b = compact(found), compact(wanted)
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


def report(scores: dict[str, Score], *, as_json: bool, timed: bool) -> list[str]:
    """Print every format's line with its floor; the formats that are below."""
    floors = json.loads((ROOT / "benchmarks" / "baseline.json").read_text("utf-8"))["reading"]
    below: list[str] = []
    rows = {kind: score.row() for kind, score in sorted(scores.items())}
    if as_json:
        print(json.dumps(rows, indent=1))
    else:
        names = ("files", *MEASURES, "silent", "false_errors", "cer", "seconds")
        print(f"{'format':9}" + "".join(f"{name:>10.10}" for name in names))
    for kind, row in rows.items():
        floor = {**floors["every"], **floors.get(kind, {})}
        floor.pop("seconds" if not timed else "", None)
        missed = [
            name for name, value in floor.items() if row.get(name) is not None and is_below(name, row[name], value)
        ]
        below += [f"{kind} {name} {row[name]:.5g}, floor {floor[name]}" for name in missed]
        if not as_json:
            print(f"{kind:9}" + "".join(f"{told(row[name]):>10}" for name in names))
    for line in below:
        print(f"below its floor: {line}", file=sys.stderr)
    if not below and not as_json:
        print("every floor of baseline.json is reached")
    return below


def is_below(name: str, value: float, floor: float) -> bool:
    return value > floor if name in {"cer", "silent", "false_errors", "seconds"} else value < floor


def told(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
