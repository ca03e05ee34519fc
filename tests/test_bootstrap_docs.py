"""The house as a newcomer meets it: READMEs that agree, every command documented, words that stay in the project."""

from __future__ import annotations

import re

import pytest

from crawler.cli import COMMANDS
from tests.conftest import ROOT

READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("name", READMES)
def test_a_readme_begins_with_the_commands_that_work(name) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    assert [block.strip() for block in blocks[:3]] == [
        "python3 bootstrap.py demo --keep demo",
        ".venv/bin/nianlun crawl nx-dofcom",
        "python3 bootstrap.py test",
    ]


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_only_commands_that_exist(name) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    used = set(re.findall(r"(?m)^(?:\.venv/bin/)?nianlun ([a-z]+)", text)) | set(re.findall(r"`nianlun ([a-z]+)", text))
    assert used
    assert used <= COMMANDS.keys()


def test_both_readmes_show_the_same_commands() -> None:
    shown = []
    for name in READMES:
        blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        shown.append([re.split(r"\s{2,}#", line)[0] for block in blocks for line in block.splitlines()])
    assert shown[0] == shown[1]


def test_the_front_door_says_one_sentence_when_a_room_is_taken(tmp_path) -> None:
    import subprocess
    import sys

    (tmp_path / "crawler").mkdir()
    (tmp_path / "crawler" / "__init__.py").write_text("")
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import nianlun; sys.argv = ['nianlun', 'reports']; sys.exit(nianlun.main())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert "another project of that name" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_every_table_of_the_archive_is_described(tmp_path) -> None:
    import archive
    from archive.connection import open_writing

    sql = open_writing(tmp_path / "a.db")
    names = {
        row[0] for row in sql.execute("SELECT name FROM sqlite_master WHERE type='table' AND sql NOT LIKE '%fts%'")
    }
    sql.close()
    ours = {name for name in names if not name.startswith(("sqlite_", "_sqlite", "paragraph_index"))}
    assert {name for name in ours if f"``{name}``" not in (archive.__doc__ or "")} == set()
