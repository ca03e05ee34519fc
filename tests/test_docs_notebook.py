"""The tutorials run: the notebook's sums, blanks and chart, the first archive's commands, the examples in Python."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.journey
TUTORIAL = ROOT / "docs" / "tutorial"
NOTEBOOK = TUTORIAL / "panel.ipynb"
RECEIVED = "applications.received.total"
RUN = """
import sys, nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(book, timeout=120, kernel_name="python3").execute()
nbformat.write(book, sys.argv[2])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which `nianlun demo --keep demo` was run."""
    found = tmp_path_factory.mktemp("tutorial")
    assert _nianlun(found, "demo", "--keep", "demo").returncode == 0
    return found


def _environment(**more: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: value for name, value in os.environ.items() if name != "NIANLUN_ARCHIVE"}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8", **more}


def _nianlun(folder, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nianlun", *words]
    environment = _environment(NIANLUN_ARCHIVE="demo/nianlun.db")
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def book(folder, tmp_path_factory):
    """The notebook's cells after they ran beside `demo`, by their first line."""
    for name in ("nbclient", "ipykernel", "pandas", "duckdb", "pyarrow"):
        pytest.importorskip(name)
    ran = tmp_path_factory.mktemp("book") / "ran.ipynb"
    environment = _environment(IPYTHONDIR=str(ran.parent), JUPYTER_RUNTIME_DIR=str(ran.parent))
    command = [sys.executable, "-c", RUN, str(NOTEBOOK), str(ran)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(ran.read_text(encoding="utf-8"))["cells"]


def _outputs(book, words: str) -> list[dict]:
    (cell,) = [cell for cell in book if cell["cell_type"] == "code" and words in "".join(cell["source"])]
    return cell["outputs"]


def _printed(book, words: str) -> str:
    return "".join("".join(one["text"]) for one in _outputs(book, words) if one["output_type"] == "stream")


@pytest.fixture(scope="module")
def numbers(folder):
    """What the archive itself says: how many figures, blanks and zeros, and the sum of one indicator."""
    rows = list(csv.DictReader(_nianlun(folder, "observations", "--csv").stdout.splitlines()))
    values = [row["value"] for row in rows]
    return {
        "figures": len(rows),
        "blank": sum(row["status"] == "blank" for row in rows),
        "zero": sum(value not in ("", None) and float(value) == 0 for value in values),
        "sum": sum(float(row["value"]) for row in rows if row["indicator"] == RECEIVED and row["value"]),
    }


def test_pandas_and_duckdb_come_to_the_sum_the_command_prints(book, numbers) -> None:
    sums = ast.literal_eval(_printed(book, "sums =").strip())
    assert sums == {"pandas": numbers["sum"], "duckdb": numbers["sum"]}
    assert numbers["sum"] > 0


def test_blanks_stay_blank(book, numbers) -> None:
    """There are blanks, they are as many as the command prints, and none of them became a zero."""
    said = _printed(book, "blanks =")
    assert said == f"{numbers['figures']} observations: {numbers['blank']} blank, {numbers['zero']} zero\n"
    assert numbers["blank"] > 0
    shown = "".join(_outputs(book, "blanks =")[-1]["data"]["text/plain"])
    assert shown.count("<NA>") == min(5, numbers["blank"])


def test_the_chart_shows_itself(book) -> None:
    (shown,) = _outputs(book, "archive.chart(")
    picture = "".join(shown["data"]["image/svg+xml"])
    assert picture.startswith("<svg")
    assert "requests received this year, total" in picture
    assert "<script" not in picture


def test_a_figure_is_walked_back_to_its_cell(book) -> None:
    assert re.search(r"table\[\d+\]/tr\[\d+\]/td\[\d+\] · sha256:[0-9a-f]{64}\n$", _printed(book, "archive.trace("))


def test_the_notebook_is_kept_without_outputs() -> None:
    """What it prints is seen when it runs; stored outputs would grow old."""
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def _steps(page) -> list[tuple[list[str], list[str]]]:
    """The tutorial's commands, each with the lines it is said to print."""
    found = []
    for code, rest in re.findall(
        r"```sh\n(nianlun [^\n]*)\n```\n(.*?)(?=\n```sh|\Z)", page.read_text("utf-8"), re.DOTALL
    ):
        shown = re.search(r"```text\n(.*?)```", rest, re.DOTALL)
        found.append((code.split()[1:], shown[1].splitlines() if shown else []))
    return found


def _loose(line: str) -> str:
    """A line without what differs from run to run: numbers of rows, digests, widths of columns."""
    line = re.sub(r"^(new|changed|missing) +\d+", r"\1", line.strip())
    line = re.sub(r"^\d+ {2,}|sha256:[0-9a-f]+|\d+ entries", "", line)
    return " ".join(re.sub(r"-{2,}", "", line).split())


def test_the_first_archive_prints_what_the_tutorial_shows(folder) -> None:
    """Every command of the tutorial is run in its order and prints the lines that are shown (in Chinese, the same)."""
    number = None
    compared = 0
    for words, shown in _steps(TUTORIAL / "first-archive.md"):
        if words[0] in ("demo", "serve", "crawl"):
            continue  # run by the fixture; held by tests of its own; a portal of the world
        done = _nianlun(folder, *(str(number) if word == "3380" else word for word in words))
        assert done.returncode == 0, done.stderr
        printed = {_loose(line) for line in (done.stdout + done.stderr).splitlines()}
        assert {_loose(line) for line in shown} - printed == set(), words
        compared += len(shown)
        if words[0] == "observations":
            number = int(done.stdout.splitlines()[-1].split()[0])
    assert compared > 20
    assert (folder / "received.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_examples_in_python_run(folder, tmp_path) -> None:
    """They are the same in Chinese but for their comments."""
    pytest.importorskip("duckdb")
    (tmp_path / "demo").symlink_to(folder / "demo")
    page = (ROOT / "docs" / "how-to" / "python.md").read_text(encoding="utf-8")
    assert _nianlun(tmp_path, "export", "parquet", "tables").returncode == 0
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", page, re.DOTALL)):
        command = [sys.executable, "-W", "error::FutureWarning", "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=_environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (number, done.stderr)
    assert (tmp_path / "received.svg").exists()
