"""The recipes of docs/how-to do what they say."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys

import pytest

from archive.connection import open_reading
from crawler.cli import run
from tests.archive.history_maker import next_crawl, revise
from tests.conftest import ROOT

RECIPES = [ROOT / "docs" / "how-to" / f"verify-one-figure{language}.md" for language in ("", ".zh-CN")]


@pytest.fixture
def bundle(store, tmp_path):
    """A bundle of an archive with two revisions, and its head."""
    revise(store, 5)
    next_crawl(store)
    revise(store, 6)
    next_crawl(store)
    store.commit()
    store.sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert run(["export", "bundle", str(tmp_path / "bundle"), "-a", str(tmp_path / "a.db")]) == 0
    return tmp_path / "bundle"


def recipe(page) -> str:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)[0]


def applied(bundle, code: str, number: str, head: str, *more: str) -> subprocess.CompletedProcess[str]:
    (bundle.parent / "one.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-I", str(bundle.parent / "one.py"), str(bundle), number, head, *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_recipe_is_twenty_lines_and_the_same_in_both_languages() -> None:
    first, second = map(recipe, RECIPES)
    assert first == second
    assert len(first.splitlines()) <= 20


def test_every_figure_of_a_bundle_is_verified_by_the_recipe(bundle) -> None:
    head = json.loads((bundle / "head.json").read_text())["root"]
    with (bundle / "data" / "observations.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:3]:
        done = applied(bundle, recipe(RECIPES[0]), row["id"], head)
        assert done.returncode == 0, done.stderr
        assert row["indicator"] in done.stdout
        assert row["url"] in done.stdout


def test_an_older_head_is_reached_by_the_proof_that_leads_to_it(bundle, capsys) -> None:
    """The archive grew after the head was kept: the bundle's own path ends elsewhere, the older one does not."""
    sql = open_reading(bundle.parent / "a.db")
    older = "sha256:" + sql.execute("SELECT root FROM head ORDER BY id").fetchone()[0].hex()
    sql.close()
    with (bundle / "data" / "observations.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["revision"] == "1")
    assert "the head you kept" in applied(bundle, recipe(RECIPES[0]), row["id"], older).stderr
    capsys.readouterr()
    assert run(["log", "proof", row["capture"], "--head", older, "-a", str(bundle.parent / "a.db")]) == 0
    proof = bundle.parent / "proof.json"
    proof.write_text(capsys.readouterr().out, encoding="utf-8")
    done = applied(bundle, recipe(RECIPES[0]), row["id"], older, str(proof))
    assert done.returncode == 0, done.stderr
    assert row["indicator"] in done.stdout


def test_a_changed_file_a_changed_record_and_another_head_are_noticed(bundle) -> None:
    head = json.loads((bundle / "head.json").read_text())["root"]
    code = recipe(RECIPES[0])
    with (bundle / "data" / "observations.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert "the head you kept" in applied(bundle, code, row["id"], "00" * 32).stderr
    records = bundle / "evidence" / "records.jsonl"
    kept = records.read_text(encoding="utf-8")
    records.write_text(kept.replace('\\"status\\":200', '\\"status\\":201'), encoding="utf-8")
    assert "the head you kept" in applied(bundle, code, row["id"], head).stderr
    records.write_text(kept, encoding="utf-8")
    name = row["digest"].removeprefix("sha256:")
    payload = bundle / "evidence" / "payloads" / name[:2] / name
    payload.chmod(0o644)
    payload.write_bytes(payload.read_bytes() + b" ")
    assert "not the one that was captured" in applied(bundle, code, row["id"], head).stderr
