"""The samples beside the repository: every cell, the text, whose report it is."""

import importlib.util
import json
from pathlib import Path

import pytest

from pipelines.convert.sandbox import Cage
from pipelines.read import read_payload

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "reading.py"
NAMES = [
    f"{folder}/{name}"
    for folder in ("r2017", "r2019a", "r2023")
    for name in (
        "page_trs.html",
        "page_gbk.html",
        "page_hanweb.html",
        "page_nested.html",
        "fakehtml.doc",
        "report.docx",
        "alt.docx",
        "report.pdf",
        "alt.pdf",
        "cid.pdf",
    )
    if (folder, name) != ("r2017", "page_nested.html")
]
pytestmark = pytest.mark.samples


@pytest.fixture(scope="module")
def benchmark():
    if not SAMPLES.is_dir():
        pytest.skip("the folder of samples is not beside this checkout")
    spec = importlib.util.spec_from_file_location("reading_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_made_reports(benchmark, name):
    path = SAMPLES / "made" / name
    line = benchmark.measured(path, path.parent.name).split()
    cells, error, marks = line[1], float(line[2]), line[3:7]
    assert error <= 0.0005
    assert marks == ["yes"] * 4
    assert cells == "-" or len(set(cells.split("/"))) == 1


@pytest.mark.parametrize("position", [0, 1])
def test_real_reports(benchmark, position):
    entry = json.loads((SAMPLES / "real" / "truth.json").read_text("utf-8"))[position]
    line = benchmark.measured_real(SAMPLES / "real" / entry["file"], entry).split()
    assert len(set(line[1].split("/"))) == 1
    assert line[3:7] == ["yes"] * 4


def test_hostile_files_end_in_a_recorded_state():
    if not SAMPLES.is_dir():
        pytest.skip("the folder of samples is not beside this checkout")
    with Cage(1) as cage:
        states = {
            path.name: cage.read(path.read_bytes(), name=path.name).conversion.state
            for path in sorted((SAMPLES / "made" / "hostile").iterdir())
        }
    assert states["enc_user.pdf"] == "encrypted"
    assert states["laughs.docx"] == states["xxe.docx"] == states["loop.pdf"] == "refused"
    assert states["trunc_report.docx"] == states["trunc_report.pdf"] == "unreadable"


def test_accounts_are_no_report():
    if not SAMPLES.is_dir():
        pytest.skip("the folder of samples is not beside this checkout")
    reading = read_payload(next((SAMPLES / "real").glob("非年报*")).read_bytes())
    assert reading.kind != "disclosure"
