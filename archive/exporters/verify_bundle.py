"""Check a bundle of nianlun with Python's standard library alone (3.9 or newer).

    python3 -I verify_bundle.py [BUNDLE] [--head sha256:…]

BUNDLE is the folder or the zip; by default the folder this program lies in.  --head is a head that you kept elsewhere:
without it the check shows that nothing was changed by accident and that everything belongs to one log; with it, also
that the log is the one you know.  Checked are: every file's digest in SHA256SUMS, every captured file against its
name, every record against its leaf and the leaf's path to the head (RFC 6962; RFC 9162, section 2.1.3.2), the headers
and files of every capture, the figures of every reading, and every row of observations.csv against those figures:
whose, of which year, which cell, in which file, captured when.  The other tables are as SHA256SUMS has them.
Exit code 0: all of it holds; 1: something does not, and is named.
"""

from __future__ import annotations

import argparse
import base64
import csv
import datetime as dt
import hashlib
import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS, PAYLOADS, SUMS = "evidence/records.jsonl", "evidence/payloads/", "SHA256SUMS"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Bundle:
    """The files of a folder or a zip."""

    def __init__(self, place: str) -> None:
        self.place = Path(place)
        self.zip = None if self.place.is_dir() else zipfile.ZipFile(place)

    def names(self) -> set[str]:
        """Every file, with ``/`` between folders."""
        if self.zip:
            return {name for name in self.zip.namelist() if not name.endswith("/")}
        return {path.relative_to(self.place).as_posix() for path in self.place.rglob("*") if path.is_file()}

    def open(self, name: str) -> IO[bytes]:
        """A file, to be read."""
        return self.zip.open(name) if self.zip else (self.place / name).open("rb")

    def text(self, name: str) -> str:
        """A small file's text."""
        with self.open(name) as file:
            return file.read().decode("utf-8")

    def sha256(self, name: str) -> str:
        """A file's digest, hex."""
        digest = hashlib.sha256()
        with self.open(name) as file:
            for data in iter(lambda: file.read(1 << 20), b""):
                digest.update(data)
        return digest.hexdigest()


def bare(text: Any) -> bytes:
    """The bytes of ``sha256:<hex>``."""
    return bytes.fromhex(str(text).strip().lower().replace("sha256:", "", 1))


def sha(data: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(data).hexdigest()


def root_over(leaf: bytes, entry: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that the path leads to from the leaf, or None when the path does not fit."""
    at, last, found = entry, size - 1, leaf
    if not 0 <= entry < size:
        return None
    for step in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def check_sums(bundle: Bundle) -> Iterator[str]:
    """Every file against SHA256SUMS; a captured file against its name."""
    lines = (line.partition("  ") for line in bundle.text(SUMS).splitlines() if line)
    listed = {name: digest for digest, _, name in lines}
    there = bundle.names() - {SUMS}
    yield from (f"{name}: missing" for name in sorted(set(listed) - there))
    yield from (f"{name}: not listed in {SUMS}" for name in sorted(there - set(listed)) if "__pycache__" not in name)
    for name in sorted(there & set(listed)):
        found = bundle.sha256(name)
        if found != listed[name]:
            yield f"{name}: changed, its digest is not the one in {SUMS}"
        if name.startswith(PAYLOADS) and found != name.rpartition("/")[2]:
            yield f"{name}: these are not the bytes that were captured"


def check_record(line: dict[str, Any], size: int, root: bytes, there: set[str]) -> Iterator[str]:
    """One record: its leaf, its path, and what it has digests of."""
    text = str(line["record"]).encode("utf-8", "surrogatepass")
    record = json.loads(line["record"])
    name = f"{line['kind']} {line['number']} ({record.get('url') or record.get('report')})"
    leaf = hashlib.sha256(b"\x00" + text).digest()
    if leaf != bare(line["leaf"]):
        yield f"{name}: the record is not the one its leaf was made of"
    if root_over(leaf, line["entry"], size, [bare(step) for step in line["path"]]) != root:
        yield f"{name}: its path does not lead to the head"
    if record["type"] != line["kind"]:
        yield f"{name}: is a {record['type']}"
    if line["kind"] == "capture":
        yield from (f"{name}: {what}" for what in capture_faults(line, record, there))
    if line["kind"] == "reading" and sha(str(line["figures"]).encode("utf-8", "surrogatepass")) != record["figures"]:
        yield f"{name}: its figures are not those that were logged"


def capture_faults(line: dict[str, Any], record: dict[str, Any], there: set[str]) -> Iterator[str]:
    """What of a capture is not as its record says: headers and the captured file."""
    sent = json.dumps(line["request_headers"], ensure_ascii=False, separators=(",", ":"))
    if record["request"] and sha(sent.encode("utf-8", "surrogatepass")) != record["request"]:
        yield "its request headers are not those that were sent"
    if sha(base64.b64decode(line["response_stored"])) != record["response"]:
        yield "its response headers are not those that were received"
    payload = record["payload"]
    if payload and f"{PAYLOADS}{payload[:2]}/{payload}" not in there:
        yield f"its file {payload} is not in the bundle"


def check_records(bundle: Bundle, root: bytes, size: int, figures: set[int]) -> Iterator[str]:
    """Every record; collects the figures of readings, and which capture brought which file when."""
    there, counted = bundle.names(), 0
    with bundle.open(RECORDS) as file:
        for number, text in enumerate(file, 1):
            try:
                line = json.loads(text)
                yield from check_record(line, size, root, there)
                if line["kind"] == "reading":
                    figures.update(hash(figure) for figure in figures_of(line))
                if line["kind"] == "capture":
                    figures.add(hash(brought(line)))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                yield f"{RECORDS}, line {number}: cannot be read ({error!r})"
            counted += 1
    if not counted:
        yield f"{RECORDS}: holds no record"


def figures_of(line: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """A reading's figures as the CSV has them: reading, whose and of which year, the figure, its place."""
    record = json.loads(line["record"])
    whose = tuple(cell(record[key]) for key in ("publisher", "division", "year"))
    for code, value, status, raw, unit, _, place in json.loads(line["figures"])["observations"]:
        yield (str(line["number"]), *whose, *(cell(item) for item in (code, value, status, raw, unit)), ordered(place))


def brought(line: dict[str, Any]) -> tuple[str, ...]:
    """Which file a capture brought, and when: its number, the file's digest, the time."""
    record = json.loads(line["record"])
    seconds, rest = divmod(record["at"], 1000)
    moment = dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")  # noqa: UP017  # 3.9 has no dt.UTC
    return str(line["number"]), f"sha256:{record['payload']}", f"{moment}.{rest:03d}Z"


def ordered(place: str) -> str:
    """A place's JSON, whatever its spaces."""
    return json.dumps(json.loads(place), sort_keys=True)


def cell(value: Any) -> str:
    """A value as a CSV cell has it; an apostrophe stands before what a spreadsheet would execute."""
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else str(value)
    return f"'{value}" if value.startswith(FORMULA) and not re.fullmatch(r"[-+]?[\d.,]+", value) else str(value)


def check_figures(bundle: Bundle, figures: set[int]) -> Iterator[str]:
    """Every row of the observations against the figures that were logged."""
    name = "data/observations.csv"
    if name not in bundle.names():
        return
    csv.field_size_limit(1 << 30)
    with bundle.open(name) as file, io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="") as text:
        for row in csv.DictReader(text):
            keys = ("reading", "publisher", "division", "year", "indicator", "value", "status", "raw", "unit")
            try:
                said = (*(row.get(key) or "" for key in keys), ordered(row["place"]))
            except (KeyError, ValueError, TypeError):
                said = ()
            if hash(said) not in figures:
                yield f"{name}: observation {row.get('id')} ({row.get('indicator')}) is not what was read and logged"
            if hash(tuple(row.get(key) or "" for key in ("capture", "digest", "file_captured"))) not in figures:
                yield f"{name}: observation {row.get('id')} does not stand in the file its capture brought then"


def faults(bundle: Bundle, head: str | None) -> Iterator[str]:
    """Everything that does not hold, each in a sentence."""
    figures: set[int] = set()
    try:
        yield from check_sums(bundle)
        told = json.loads(bundle.text("head.json"))
        root, size = bare(told["root"]), int(told["size"])
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        yield f"head.json or {SUMS} cannot be read ({error!r})"
        return
    if head and bare(head) != root:
        yield "head.json: this is not the head you kept"
    yield from check_records(bundle, root, size, figures)
    yield from check_figures(bundle, figures)


def main() -> int:
    """Check, and say what does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", default=str(Path(__file__).resolve().parent))
    parser.add_argument("--head")
    arguments = parser.parse_args()
    try:
        found = list(faults(Bundle(arguments.bundle), arguments.head))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        found = [f"{arguments.bundle} cannot be read ({error})"]
    for fault in found:
        sys.stdout.write(f"WRONG {fault}\n")
    sys.stdout.write(f"{len(found)} faults.\n" if found else "Everything holds.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
