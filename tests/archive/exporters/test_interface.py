"""Exports appear whole or not at all, hold one moment of the archive, and never overwrite."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from archive.connection import open_reading
from archive.exporters import warc
from archive.exporters.interface import KINDS, DestinationTaken, Scope, export, planned
from tests.archive.exporters.making import made
from tests.archive.history_maker import revise
from tests.conftest import ROOT

ALL = sorted(KINDS)


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", ALL)
def test_nothing_is_overwritten(kind, archive, out) -> None:
    (out / "file").write_text("mine")
    (out / "folder").mkdir()
    (out / "folder" / "x").write_text("mine")
    (out / "link").symlink_to(out / "nowhere")
    for name in ("file", "folder", "link"):
        with pytest.raises(DestinationTaken, match="not overwritten"):
            made(archive, kind, out / name)
    assert (out / "file").read_text() == "mine"
    assert sorted(item.name for item in out.iterdir()) == ["file", "folder", "link"]


@pytest.mark.parametrize("kind", ALL)
def test_an_empty_folder_may_be_filled_and_nothing_else_is_left(kind, archive, out) -> None:
    (out / "here").mkdir()
    told = made(archive, kind, out / "here")
    assert [item.name for item in out.iterdir()] == ["here"]
    assert (out / "here").is_file() == KINDS[kind].file
    assert told["kind"] == kind
    assert told["bytes"] > 1000
    assert told["problems"] == []


PROGRAM = """
import os, resource, signal, sys
from pathlib import Path
from archive.connection import open_reading
from archive.exporters import interface, sinks, spool, warc
how, archive, kind, destination = sys.argv[1:]
if how == "kill":
    interface._to_disk = lambda path: os.kill(os.getpid(), signal.SIGKILL)
else:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(how), int(how)))
try:
    interface.export(kind, open_reading(Path(archive)), Path(destination), interface.Scope())
except interface.DiskTrouble as error:
    print(error.exit_code, error)
"""


def run(how, archive, kind, destination):
    words = [sys.executable, "-c", PROGRAM, how, str(archive), kind, str(destination)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("kind", ALL)
def test_a_killed_export_leaves_nothing_under_the_name_and_the_next_tidies_up(kind, archive, out) -> None:
    assert run("kill", archive, kind, out / "x").returncode == -signal.SIGKILL
    assert not (out / "x").exists()
    assert len(list(out.iterdir())) == 1  # what lay beside it
    made(archive, kind, out / "x")
    assert [item.name for item in out.iterdir()] == ["x"]


def test_what_another_export_is_writing_is_left_alone(archive, out) -> None:
    (out / ".x.partial-1").write_text("process 1 is alive")
    made(archive, "csv", out / "x")
    assert {item.name for item in out.iterdir()} == {"x", ".x.partial-1"}


@pytest.mark.parametrize("kind", ALL)
def test_a_full_disk_is_a_sentence_and_leaves_nothing(kind, archive, out) -> None:
    ran = run("1500", archive, kind, out / "x")
    assert ran.stdout.startswith("4 The export could not be written ("), ran.stderr
    assert ran.stdout.count("\n") == 1
    assert list(out.iterdir()) == []


def test_a_folder_that_is_missing_is_said(archive, out) -> None:
    with pytest.raises(DestinationTaken, match="does not exist"):
        made(archive, "csv", out / "none" / "x")


def test_an_export_holds_one_moment_while_a_crawl_writes(archive, store, out, monkeypatch) -> None:
    before = made(archive, "warc", out / "before.warc.gz")["counts"]
    real, wrote = warc.of_capture, []

    def writing(*words):
        if not wrote:
            store.crawl = 2  # while the first crawl is being written out, the second goes on
            wrote.append(revise(store, 9, publisher="丁局", year=2024, url="http://www.test.gov.cn/d.html", key="d"))
            store.commit()
        return real(*words)

    monkeypatch.setattr(warc, "of_capture", writing)
    assert made(archive, "warc", out / "during.warc.gz")["counts"] == before
    assert made(archive, "warc", out / "after.warc.gz")["counts"] != before
    assert wrote


@pytest.mark.parametrize("kind", ALL)
def test_reading_leaves_the_archive_as_it_was(kind, archive, store, out) -> None:
    before = (archive.stat().st_size, store.sql.execute("PRAGMA data_version").fetchone()[0])
    made(archive, kind, out / "x")
    assert (archive.stat().st_size, store.sql.execute("PRAGMA data_version").fetchone()[0]) == before


def test_what_is_planned_is_what_is_exported(archive, out) -> None:
    sql = open_reading(archive)
    for kind in ALL:
        scope = Scope(revision=KINDS[kind].revision)
        plan = planned(kind, sql, scope)
        told = export(kind, sql, out / kind, scope)["counts"]
        assert all(told[name] == number for name, number in plan.items() if name in told)
    assert plan["captures"] > 10
