"""CSV and Parquet: the rows of the interface, whole, typed, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys

import pytest

from archive import query
from archive.connection import open_reading
from archive.exporters import dictionary, parquet
from archive.exporters.cells import FORMULA, safe_cell
from archive.exporters.tables import OBSERVATIONS, TABLES
from archive.exporters.wide import wide
from archive.model import Portal, Software
from archive.times import shown_time
from tests.archive.exporters.making import FORMULAS, made
from tests.archive.history_maker import revise


def rows_of(file) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


@pytest.fixture
def tables(archive, tmp_path):
    made(archive, "csv", tmp_path / "csv", revision="latest")
    return tmp_path / "csv"


def test_csv_holds_what_the_commands_list(tables, archive) -> None:
    sql = open_reading(archive)
    wanted = {
        "reports": query.reports(sql, query.Filters()),
        "observations": query.observations(sql, query.Filters()),
        "changes": query.changes(sql),
        "findings": query.findings(sql, query.Filters()),
    }
    for name, rows in wanted.items():
        found = rows_of(tables / f"{name}.csv")
        columns = [column.name for column in TABLES[name][0]]
        assert list(found[0]) == columns
        shared = [column for column in columns if column in rows[0]]
        assert len(shared) >= 8
        told = [tuple("" if row[c] is None else str(safe_cell(row[c])) for c in shared) for row in rows]
        assert sorted(told) == sorted(tuple(row[c] for c in shared) for row in found)


def test_an_observation_says_where_it_stands_in_which_file_captured_when(tables, store) -> None:
    row = next(row for row in rows_of(tables / "observations.csv") if row["publisher"] == "乙局")
    digest, at = store.sql.execute(
        "SELECT hex(digest), at FROM capture JOIN payload ON payload.id=payload WHERE capture.id=?", (row["capture"],)
    ).fetchone()
    assert row["digest"] == f"sha256:{digest.lower()}"
    assert row["file_captured"] == shown_time(at)
    assert (row["value"], row["raw"]) == ("-3", "-3")
    assert "table[1]/tr[2]/td[3]" in row["place"]
    assert row["software"].startswith("nianlun")


def test_blank_is_an_empty_cell_and_not_zero(tables) -> None:
    blank = [row for row in rows_of(tables / "observations.csv") if row["status"] == "blank"]
    assert blank
    assert {row["value"] for row in blank} == {""}


def test_all_revisions_come_when_asked(archive, tmp_path) -> None:
    made(archive, "csv", tmp_path / "all", revision="all")
    found = [row["revision"] for row in rows_of(tmp_path / "all" / "observations.csv") if row["publisher"] == "甲局"]
    assert found == ["1", "1", "2", "2"]


def test_filters_hold_for_every_table(archive, tmp_path) -> None:
    made(archive, "csv", tmp_path / "one", publisher="乙局")
    urls = {row["url"] for name in TABLES for row in rows_of(tmp_path / "one" / f"{name}.csv")}
    assert urls == {"http://www.test.gov.cn/b.html"}


def test_as_the_archive_knew_it_then(archive, tmp_path, store) -> None:
    first = store.sql.execute("SELECT finished FROM crawl WHERE id=1").fetchone()[0]
    made(archive, "csv", tmp_path / "then", at=first)
    assert "changed" not in {row["event"] for row in rows_of(tmp_path / "then" / "changes.csv")}
    assert {row["revisions"] for row in rows_of(tmp_path / "then" / "reports.csv")} == {"1"}


def test_reports_of_several_portals_come_once_each(archive, store, tmp_path) -> None:
    store.portal = store.portal_id(Portal(name="a-portal", title="a", home="http://a.gov.cn/"))
    store.crawl = store.begin_crawl(store.portal, "uid-a", Software("nianlun", "test"), {}, None)
    revise(store, 1, publisher="戊局", url="http://a.gov.cn/1.html", key="1")
    store.commit()
    made(archive, "csv", tmp_path / "two")
    rows = rows_of(tmp_path / "two" / "reports.csv")
    assert [row["portal"] for row in rows] == ["a-portal", *["test-portal"] * 3]
    assert len({row["id"] for row in rows}) == 4
    made(archive, "csv", tmp_path / "one", portal="a-portal")
    assert {row["publisher"] for row in rows_of(tmp_path / "one" / "observations.csv")} == {"戊局"}


def test_a_byte_order_mark_only_when_asked(archive, tables, tmp_path) -> None:
    made(archive, "csv", tmp_path / "bom", bom=True)
    assert (tmp_path / "bom" / "reports.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (tables / "reports.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_no_cell_begins_like_a_formula(tables) -> None:
    for name in TABLES:
        for row in rows_of(tables / f"{name}.csv"):
            for value in row.values():
                assert not value.startswith(FORMULA) or value == "-3" or float(value) < 0
    raws = {row["raw"] for row in rows_of(tables / "observations.csv")}
    assert {f"'{text}" for text in FORMULAS} <= raws


def test_no_formula_runs_in_libreoffice(tables, tmp_path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed; the rule is tested by cells above")
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    # field separator comma, quote ", UTF-8, from line 1, and formulas evaluated (token 15), the worst case
    options = "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true,false,true"
    words = [office, home, "--headless", options, "--convert-to", "fods", "--outdir", str(tmp_path)]
    subprocess.run([*words, str(tables / "observations.csv")], check=True, capture_output=True, timeout=180)
    found = next(tmp_path.glob("observations*.fods")).read_text("utf-8")
    assert "table:formula" not in found
    assert 'office:value="-3"' in found  # a number all the same


def test_duckdb_reads_the_parquet_and_the_years_from_the_folders(archive, tables, tmp_path) -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    made(archive, "parquet", tmp_path / "p", revision="latest")
    base = str(tmp_path / "p")
    wanted = rows_of(tables / "observations.csv")
    found = duckdb.sql(
        f"SELECT year, count(*), sum(value) FROM '{base}/observations/*/*.parquet' GROUP BY 1"
    ).fetchall()
    for year, rows, total in found:
        here = [row for row in wanted if row["year"] == ("" if year is None else str(year))]
        assert rows == len(here)
        assert total == sum(float(row["value"]) for row in here if row["value"])
    assert {str(row[0]) for row in found} == {"None", "2022", "2023"}
    where = duckdb.sql(
        f"SELECT raw, year(captured) FROM '{base}/observations/*/*.parquet' WHERE raw LIKE '=%'"
    ).fetchall()
    assert where == [("=1+1", 2023)]  # exact: only CSV needs the apostrophe
    changes = duckdb.sql(f"SELECT event, json_array_length(observations) FROM '{base}/changes.parquet'").fetchall()
    assert ("changed", 1) in changes
    assert duckdb.sql(f"SELECT count(*) FROM '{base}/reports.parquet'").fetchall() == [(3,)]


def test_parquet_without_its_library_is_a_sentence_and_leaves_nothing(archive, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(parquet.MissingLibrary, match=r"nianlun\[tables\]") as said:
        made(archive, "parquet", folder / "p")
    assert said.value.exit_code == 2
    assert list(folder.iterdir()) == []


def test_every_column_says_what_it_holds_in_both_languages() -> None:
    for columns, _ in TABLES.values():
        assert all(column.en and any("\u4e00" <= char <= "\u9fff" for char in column.zh) for column in columns)
    assert len({column.name for column in OBSERVATIONS}) == len(OBSERVATIONS)


def test_the_dictionary_knows_the_forms_codes() -> None:
    from archive.forms import indicators  # the reader's own list

    rows = list(csv.DictReader(io.StringIO(dictionary.indicators(), newline="")))
    for form in ("2014", "2019", "2021"):
        wanted = {(item.code, item.zh, item.en, item.unit) for item in indicators(form).values()}
        assert {(r["code"], r["zh"], r["en"], r["unit"]) for r in rows if r["form"] == form} == wanted


def observed(indicator, value, status="ok", report=1, revision=1, source="page"):
    about = {"report": report, "url": "u", "publisher": "p", "division": None, "year": 2020, "revision": revision}
    return {**about, "indicator": indicator, "value": value, "status": status, "source": source}


def test_wide_keeps_blank_apart_from_zero_and_says_what_is_ambiguous() -> None:
    columns, rows = wide(
        [
            observed("a", 0), observed("b", None, "blank"), observed("c", 1), observed("c", 2, source="x"),
            observed("d", 5, "text"), observed("local:x", 9), observed("e", None, "missing"), observed("f", 7),
            observed("f", 8, "text"), observed("a", 4, revision=2), observed("c", 3, revision=2), observed("c", 3, revision=2),
        ]
    )  # fmt: skip
    assert columns[6:] == ["a", "b", "c", "d", "e", "f", "blank", "missing", "ambiguous"]
    first, second = rows
    assert [first[code] for code in "abcdef"] == [0, None, None, 5, None, 7]
    assert (first["blank"], first["missing"], first["ambiguous"]) == (["b"], ["e"], ["c"])
    assert (second["a"], second["c"], second["b"], second["blank"]) == (4, 3, None, [])


def test_wide_takes_rows_of_other_tables_only_when_asked() -> None:
    assert wide([observed("local:x", 9)], local=True)[1][0]["local:x"] == 9
