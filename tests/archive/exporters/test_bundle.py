"""The bundle: checked by its own verifier with a bare Python; every flipped byte and every forgery is named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile

import pytest

from archive.exporters import cells, verify_bundle
from archive.exporters.cells import safe_cell
from tests.archive.exporters.making import FORMULAS, jsonl, made


@pytest.fixture
def bundle(archive, tmp_path):
    made(archive, "bundle", tmp_path / "bundle")
    return tmp_path / "bundle"


def check(bundle, *words):
    """Run the verifier that lies in the bundle, isolated from everything installed here."""
    program = [sys.executable, "-I", "-S", str(bundle / "verify_bundle.py"), *words]
    ran = subprocess.run(program, capture_output=True, text=True, cwd="/", timeout=120)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def flip(file, at=0.5) -> None:
    data = bytearray(file.read_bytes())
    data[int(len(data) * at)] ^= 1
    file.write_bytes(data)


def test_a_bundle_holds(bundle, store) -> None:
    assert check(bundle) == (0, "Everything holds.\n")
    found = [line["kind"] for line in jsonl((bundle / "evidence/records.jsonl").read_text("utf-8"))]
    for table in ("capture", "revision", "reading"):
        assert found.count(table) == store.sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    payloads = store.sql.execute("SELECT count(*) FROM payload").fetchone()[0]
    assert len([path for path in (bundle / "evidence/payloads").rglob("*") if path.is_file()]) == payloads


def test_the_head_that_was_kept(bundle) -> None:
    head = json.loads((bundle / "head.json").read_text("utf-8"))["root"]
    assert check(bundle, "--head", head)[0] == 0
    code, said = check(bundle, "--head", "sha256:" + "0" * 64)
    assert code == 1
    assert "not the head you kept" in said


def test_a_flipped_byte_in_a_payload_is_named(bundle) -> None:
    payload = next(path for path in (bundle / "evidence/payloads").rglob("*") if path.is_file())
    flip(payload)
    code, said = check(bundle)
    assert code == 1
    assert f"{payload.name}: these are not the bytes that were captured" in said


def test_a_flipped_byte_in_a_record_is_named(bundle) -> None:
    file = bundle / "evidence/records.jsonl"
    text = file.read_text("utf-8")
    file.write_text(text.replace("203.0.113.7", "203.0.113.6", 1), "utf-8")
    code, said = check(bundle)
    assert code == 1
    assert "evidence/records.jsonl: changed" in said
    assert "capture 1 (http://www.test.gov.cn/gzipped.html): the record is not the one its leaf was made of" in said


@pytest.mark.parametrize("name", ["head.json", "data/observations.csv", "evidence/records.jsonl", "SHA256SUMS"])
def test_a_flipped_byte_anywhere_is_named(bundle, name) -> None:
    flip(bundle / name, 0.45)
    code, said = check(bundle)
    assert code == 1
    assert name in said or name == "SHA256SUMS"
    assert said.startswith("WRONG ")


def test_a_missing_and_an_added_file_are_named(bundle) -> None:
    next(path for path in (bundle / "evidence/payloads").rglob("*") if path.is_file()).unlink()
    (bundle / "data" / "more.csv").write_text("x")
    said = check(bundle)[1]
    assert ": missing" in said
    assert "is not in the bundle" in said
    assert "data/more.csv: not listed" in said


def sums_made_anew(bundle) -> None:
    """What a forger does who knows of SHA256SUMS."""
    files = sorted(path for path in bundle.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(bundle).as_posix()}\n" for path in files
    ]
    (bundle / "SHA256SUMS").write_text("".join(lines), "utf-8")


def test_a_forged_figure_is_named_though_the_sums_were_made_anew(bundle) -> None:
    file = bundle / "data/observations.csv"
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode(), newline="")))
    value = rows[0].index("value")
    row = next(row for row in rows[1:] if row[value] == "-3")
    row[value] = "3"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    file.write_bytes(text.getvalue().encode())
    sums_made_anew(bundle)
    code, said = check(bundle)
    assert code == 1
    assert said.count("WRONG") == 1
    assert f"observation {row[0]} (applications.received.total) is not what was read and logged" in said


def test_forged_figures_in_the_evidence_are_named(bundle) -> None:
    file = bundle / "evidence/records.jsonl"
    lines = jsonl(file.read_text("utf-8"))
    line = next(line for line in lines if line["kind"] == "reading")
    line["figures"] = line["figures"].replace('"ok"', '"text"', 1)
    capture = next(line for line in lines if line["kind"] == "capture")
    capture["request_headers"] = [["User-Agent", "other"]]
    capture["response_stored"] = "AAAA"
    lines[-1]["entry"] = 0
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    sums_made_anew(bundle)
    said = check(bundle)[1]
    assert "its figures are not those that were logged" in said
    assert "its request headers are not those that were sent" in said
    assert "its response headers are not those that were received" in said
    assert "its path does not lead to the head" in said


def test_a_zip_holds_the_same(archive, bundle, tmp_path) -> None:
    made(archive, "bundle", tmp_path / "b.zip")
    assert check(bundle, str(tmp_path / "b.zip")) == (0, "Everything holds.\n")
    made(archive, "bundle", tmp_path / "c.zip")
    assert (tmp_path / "b.zip").read_bytes() == (tmp_path / "c.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "b.zip") as found:
        assert found.testzip() is None
        names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
        assert set(found.namelist()) == names


def test_a_part_of_the_archive_is_checked_against_the_whole_log(archive, bundle, tmp_path) -> None:
    made(archive, "bundle", tmp_path / "one", publisher="乙局")
    assert check(tmp_path / "one") == (0, "Everything holds.\n")
    assert (tmp_path / "one/head.json").read_text() == (bundle / "head.json").read_text()
    records = jsonl((tmp_path / "one/evidence/records.jsonl").read_text("utf-8"))
    assert {json.loads(line["record"])["url"] for line in records if line["kind"] == "capture"} == {
        "http://www.test.gov.cn/b.html"
    }


def test_the_dictionary_explains_every_column(bundle) -> None:
    known = {
        (row[0], row[1]) for row in csv.reader((bundle / "dictionary/columns.csv").read_text("utf-8").splitlines())
    }
    for file in (bundle / "data").glob("*.csv"):
        head = file.read_text("utf-8").splitlines()[0].split(",")
        assert {(file.stem, column) for column in head} <= known


def test_a_reading_that_is_not_what_was_logged_is_a_problem(archive, store, tmp_path) -> None:
    store.writing()
    store.sql.execute("UPDATE observation SET value=99 WHERE value=-3")
    store.commit()
    told = made(archive, "bundle", tmp_path / "b")
    assert len(told["problems"]) == 1
    assert "is not what was logged" in told["problems"][0]
    assert check(tmp_path / "b")[0] == 1


def test_the_verifier_knows_the_same_rule_of_cells() -> None:
    assert verify_bundle.FORMULA == cells.FORMULA
    for value in [*FORMULAS, "-3", "-3,2", "x", "", None, 0, -1.5, 2.0, "－"]:
        assert verify_bundle.cell(value) == ("" if value is None else str(safe_cell(value)))


def test_the_verifier_needs_nothing_but_python(bundle) -> None:
    text = (bundle / "verify_bundle.py").read_text("utf-8")
    modules = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert modules <= sys.stdlib_module_names
    assert (
        shutil.which("sha256sum") is None
        or subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=bundle).returncode == 0
    )
