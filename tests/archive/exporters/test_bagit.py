"""BagIt: accepted by the bagit library; names are data and never paths."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.exporters.names import LONGEST, safe_name
from tests.archive.exporters.making import EVIL_NAMES, made


@pytest.fixture
def bag(archive, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    made(archive, "bagit", folder / "bag")
    assert [item.name for item in folder.iterdir()] == ["bag"]
    return folder / "bag"


def validate(bag):
    return subprocess.run(
        [sys.executable, "-m", "bagit", "--validate", str(bag)], capture_output=True, text=True, timeout=60
    )


def test_the_bagit_library_accepts_it(bag) -> None:
    pytest.importorskip("bagit")
    found = validate(bag)
    assert found.returncode == 0, found.stderr
    assert {line.rpartition(".")[0] for line in (item.name for item in bag.iterdir()) if "manifest" in line} == {
        "manifest-sha256", "manifest-sha512", "tagmanifest-sha256", "tagmanifest-sha512",
    }  # fmt: skip
    page = next(bag.rglob("00-*.html"))
    page.write_bytes(page.read_bytes() + b" ")
    assert validate(bag).returncode == 1


def test_hostile_names_lie_in_their_folder_and_are_told_as_they_were(bag) -> None:
    about = next(path for path in bag.rglob("report.json") if len(json.loads(path.read_text("utf-8"))["files"]) > 2)
    files = json.loads(about.read_text("utf-8"))["files"]
    assert [item["name"] for item in files[1:]] == EVIL_NAMES
    for number, item in enumerate(files[1:]):
        path = bag / item["file"]
        assert path.parent == about.parent
        assert path.read_bytes() == b"%PDF-1.4 " + bytes([65 + number // 2])


def test_every_revision_has_its_file_and_text(bag) -> None:
    texts = sorted(path.read_text("utf-8") for path in bag.rglob("report.txt"))
    assert len(texts) == 4
    assert "一、总体情况。新的一句。\n=二" in texts


def test_the_same_archive_gives_the_same_bag(bag, archive, tmp_path) -> None:
    made(archive, "bagit", tmp_path / "bag2")
    assert tree(tmp_path / "bag2") == tree(bag)


def tree(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("../../etc/passwd", "etc_passwd"), ("年报.pdf", "年报.pdf"), ("CON", "_CON"), ("con.txt", "_con.txt"),
        ("COM¹.pdf", "_COM¹.pdf"), ("console.pdf", "console.pdf"), ("-rf", "rf"), ("...", "file"), (None, "file"),
        ("a\u202egnp.exe", "a_gnp.exe"), ("a .pdf", "a.pdf"), ("x.", "x"), ("%2e%2e%2fa", "2e_2e_2fa"), ("\ud800", "file"),
    ],
)  # fmt: skip
def test_names(name, found) -> None:
    assert safe_name(name) == found


@given(st.text(max_size=400))
def test_no_text_is_a_path_or_an_option(text) -> None:
    name = safe_name(text)
    assert name
    assert len(name.encode()) <= LONGEST + 1
    assert not set(name) & set('/\\:*?"<>|\x00\n\r\u202e')
    assert name[0] not in ".- "
    assert name[-1] not in ". "
    assert safe_name(name) == name
