"""The command export and the Parquet and wide forms of observations: outcomes, sentences, exit codes."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest

from crawler.cli import run
from tests.archive.exporters.making import filled


@pytest.fixture
def archive(store):
    return str(filled(store))


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", ["warc", "wacz", "bagit", "prov", "parquet", "csv", "bundle"])
def test_the_outcome_as_json(kind, archive, out, capsys) -> None:
    assert run(["export", kind, str(out / "x"), "-a", archive, "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (found["file"], found["kind"], found["problems"]) == (str(out / "x"), kind, [])
    assert found["bytes"] > 0
    assert sum(found["counts"].values()) > 5
    assert said.err == ""


def test_a_dry_run_writes_nothing(archive, out, capsys) -> None:
    assert run(["export", "csv", str(out / "x"), "-a", archive, "--year", "2023", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(out / "x"), "kind": "csv", "reports": 1, "revisions": 1}
    assert run(["export", "warc", str(out / "x"), "-a", archive, "--dry-run"]) == 0
    assert "would hold" in capsys.readouterr().out
    assert list(out.iterdir()) == []


def test_filters_narrow_the_tables(archive, out) -> None:
    assert run(["export", "csv", str(out / "x"), "-a", archive, "--publisher", "乙局", "--year", "2023"]) == 0
    rows = list(csv.DictReader(io.StringIO((out / "x/reports.csv").read_bytes().decode())))
    assert [row["publisher"] for row in rows] == ["乙局"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["warc", "x", "--year", "2020"], "warc does not take --year"),
        (["wacz", "x", "--publisher", "a"], "wacz does not take --publisher"),
        (["warc", "x", "--kind", "accounts"], "does not take --kind"),
        (["csv", "x", "--crawl", "1"], "csv does not take --crawl"),
        (["prov", "x", "--bom"], "prov does not take --bom"),
        (["csv", "x", "--observations"], "csv does not take --observations"),
        (["warc", "x", "--crawl", "99"], "There is no crawl 99"),
        (["csv", "x", "--portal", "none"], "There is no portal 'none'"),
        (["csv", "x", "--at", "soon"], "2024-01-31"),
        (["csv", "none/x"], "does not exist"),
        (["csv", "."], "not overwritten"),
    ],
)
def test_wrong_usage_is_a_sentence(words, said, archive, out, capsys, monkeypatch) -> None:
    monkeypatch.chdir(out)
    (out / "there").write_text("x")
    assert run(["export", *words, "-a", archive]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert [item.name for item in out.iterdir()] == ["there"]


def test_a_missing_archive_creates_nothing(out, capsys) -> None:
    assert run(["export", "csv", str(out / "x"), "-a", str(out / "none.db")]) == 2
    assert "There is no archive" in capsys.readouterr().err
    assert list(out.iterdir()) == []


def test_damage_is_told_with_exit_code_1_and_the_rest_is_there(archive, store, out, capsys) -> None:
    store.writing()
    store.sql.execute("UPDATE payload SET frame=x'00' WHERE id=(SELECT payload FROM capture WHERE status=404)")
    store.commit()
    assert run(["export", "warc", str(out / "x"), "-a", archive]) == 1
    said = capsys.readouterr()
    assert "nianlun verify" in said.err
    assert "holds" in said.out
    assert (out / "x").stat().st_size > 1000


def test_a_damaged_reading_does_not_stop_a_bag(archive, store, out, capsys) -> None:
    store.writing()
    store.sql.execute("UPDATE reading SET data=x'00' WHERE id=1")
    store.commit()
    assert run(["export", "bagit", str(out / "x"), "-a", archive]) == 1
    assert "reading 1" in capsys.readouterr().err
    assert len(list((out / "x").rglob("report.txt"))) == 4


def test_observations_as_parquet(archive, out, capsys) -> None:
    duckdb = pytest.importorskip("duckdb")
    file = out / "o.parquet"
    assert run(["observations", "--publisher", "甲局", "--parquet", str(file), "-a", archive]) == 0
    assert "2 rows" in capsys.readouterr().err
    found = duckdb.sql(f"SELECT year, revision, value, status FROM '{file}' ORDER BY status DESC").fetchall()
    assert found == [(2022, 2, 6.0, "ok"), (2022, 2, None, "blank")]
    assert run(["observations", "--parquet", str(file), "-a", archive]) == 2
    assert "not overwritten" in capsys.readouterr().err


def test_observations_wide(archive, out, capsys) -> None:
    words = ["observations", "--wide", "--publisher", "甲局", "--revision", "all", "-a", archive]
    assert run([*words, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["revision"], row["applications.received.total"]) for row in rows] == [("1", "5"), ("2", "6")]
    assert rows[0]["applications.carried_in.total"] == ""
    assert rows[0]["blank"] == '["applications.carried_in.total"]'
    assert run([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["applications.carried_in.total"] is None
    duckdb = pytest.importorskip("duckdb")
    assert run([*words, "--parquet", str(out / "w.parquet")]) == 0
    assert duckdb.sql(f"SELECT \"applications.received.total\" FROM '{out}/w.parquet'").fetchall() == [(5.0,), (6.0,)]


def test_parquet_without_its_library_says_what_to_install(archive, out, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert run(["observations", "--parquet", str(out / "o"), "-a", archive]) == 2
    assert "nianlun[tables]" in capsys.readouterr().err
    assert run(["export", "bundle", str(out / "b"), "-a", archive]) == 0  # CSV is enough for a bundle
    assert not list((out / "b/data").glob("*.parquet"))
    assert [item.name for item in out.iterdir()] == ["b"]
