"""The command line: help without imports, one sentence for an error, the interface's exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli import COMMANDS, run
from tests.conftest import ROOT


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        run([name, "--help"])
    assert ended.value.code == 0
    assert name in capsys.readouterr().out


def test_help_lists_every_command(capsys) -> None:
    assert run(["--help"]) == 0
    found = capsys.readouterr().out
    assert all(name in found for name in COMMANDS)


def test_a_mistyped_command_gets_the_nearest(capsys) -> None:
    assert run(["reprots"]) == 2
    assert "reports" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["reports", "observations", "changes", "crawls", "findings", "coverage", "verify"])
def test_a_missing_archive_is_one_sentence_and_no_file(name, tmp_path, capsys) -> None:
    assert run([name, "--archive", str(tmp_path / "none.db")]) == 2
    found = capsys.readouterr().err
    assert "none.db" in found
    assert "Traceback" not in found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["crawl", "nx-dofcmo"], "nx-dofcom"),
        (["crawl"], "nianlun portals"),
        (["crawl", "ftp://x.gov.cn/"], "https://"),
        (["crawl", "http://[::1"], "address"),
        (["crawl", "nx-dofcom", "--delay", "-1"], "negative"),
        (["crawl", "--from", "/none/such"], "/none/such"),
        (["read", "/none/such.pdf"], "no file"),
        (["reports", "--at", "yesterday"], "2024-01-31"),
    ],
)
def test_wrong_usage_is_said_in_a_sentence(words, said, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(words) == 2
    found = capsys.readouterr().err
    assert said in found
    assert len(found.splitlines()) == 1


def test_a_dry_run_says_what_would_be_asked_and_makes_no_file(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["crawl", "nx-dofcom", "--dry-run", "--json"]) == 0
    found = capsys.readouterr().out
    assert "dofcom.nx.gov.cn" in found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "never"),
    [
        (["--help"], ("scrapy", "sqlite_utils", "lxml", "bs4", "twisted")),
        (["search", "x", "-a", "none.db"], ("scrapy", "sqlite_utils", "lxml", "bs4", "twisted")),
        (["reports", "-a", "none.db"], ("scrapy", "sqlite_utils", "lxml", "bs4", "twisted")),
        (["portals"], ("scrapy", "twisted")),
    ],
)
def test_a_command_imports_only_what_it_needs(words, never, tmp_path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from crawler.cli import run; run({words!r});"
        f" print([n for n in {never!r} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_empty_folder_is_said_to_be_empty(tmp_path, capsys) -> None:
    assert run(["read", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "holds no file" in said
    assert "There is no file" not in said


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_standard_input_is_read(name) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from crawler.cli import run; run(['read', {name!r}, '--json'])"
    )
    page = "<html><body><p>云川县水利局2023年政府信息公开工作年度报告</p></body></html>".encode()
    done = subprocess.run([sys.executable, "-c", code], input=page, capture_output=True, check=True)
    (row,) = json.loads(done.stdout)
    assert (row["file"], row["state"], row["media_type"]) == (name, "ok", "text/html")


def test_what_a_folder_holds_besides_files_is_named(tmp_path, capsys) -> None:
    (tmp_path / "a.html").write_text("<p>甲</p>", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert run(["read", str(tmp_path), "--json"]) == 0
    said = capsys.readouterr()
    assert [Path(row["file"]).name for row in json.loads(said.out)] == ["a.html"]
    assert "dangling is a link that leads nowhere" in said.err
    assert "pipe is not a regular file" in said.err


def test_a_missing_file_has_the_keys_of_the_others_and_names_can_be_printed(tmp_path, capsys) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.html"))
    odd.write_text("<p>甲</p>", encoding="utf-8")
    assert run(["read", str(tmp_path / "none.html"), str(odd), "--json"]) == 1
    missing, found = json.loads(capsys.readouterr().out)
    assert set(missing) == set(found)
    assert set(missing["contacts"]) == set(found["contacts"])
    assert missing["state"] is None
    assert found["file"].endswith("\\xff.html")
    found["file"].encode("utf-8")


def test_a_library_that_does_not_load_is_missing(monkeypatch) -> None:
    from crawler.commands import doctor

    def broken(name):
        raise OSError("libGL.so.1: cannot open shared object file")

    assert doctor._module("scans", "json", "x", "ocr")["state"] == "ok"
    monkeypatch.setattr(doctor.importlib, "import_module", broken)
    row = doctor._module("scans", "json", "x", "ocr")
    assert row["state"] == "missing"
    assert "libGL.so.1" in row["advice"]
