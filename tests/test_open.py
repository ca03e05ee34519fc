"""`nianlun.open`: the examples in the docstrings hold, types keep blanks apart from zeros, importing stays light."""

from __future__ import annotations

import doctest
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import nianlun
from archive import api
from archive.connection import ArchiveError, MissingArchive
from archive.exporters.interface import DestinationTaken, MissingLibrary
from tests.archive.history_maker import next_crawl, revise

ROOT = Path(__file__).resolve().parent.parent
RECEIVED = "applications.received.total"


@pytest.fixture
def file(store, tmp_path, monkeypatch):
    """An archive of three reports, the last of them edited, as ./nianlun.db."""
    for year, value in ((2021, 3), (2022, 0), (2023, 5)):
        revise(store, value, url=f"http://www.test.gov.cn/{year}.html", year=year)
    next_crawl(store)
    revise(store, 7, url="http://www.test.gov.cn/2023.html", year=2023)
    next_crawl(store)
    (tmp_path / "nianlun.db").symlink_to(tmp_path / "a.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "nianlun.db"


@pytest.fixture
def archive(file):
    with nianlun.open(file) as found:
        yield found


def test_every_public_method_has_an_example_and_it_holds(file):
    """The docstrings' examples run on a small archive, and every method of Archive has one."""
    pytest.importorskip("pandas")
    finder, runner = doctest.DocTestFinder(exclude_empty=False), doctest.DocTestRunner()
    with nianlun.open(file) as opened:
        for test in finder.find(api, "api", globs={"nianlun": nianlun, "archive": opened, "moment": api.moment}):
            name = test.name.removeprefix("api.Archive.")
            if test.name.startswith("api.Archive.") and not name.startswith("_") and name != "close":
                assert test.examples, f"{name} has no example"
            runner.run(test)
    assert runner.tries >= 20
    assert runner.failures == 0


def test_importing_nianlun_loads_no_database(tmp_path):
    """Who only imports it pays for nothing."""
    said = subprocess.run(
        [sys.executable, "-c", "import sys, nianlun; print([m for m in ('sqlite3', 'archive', 'pandas') if m in sys.modules])"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "[]\n"


def test_a_blank_is_na_and_a_zero_is_zero(archive):
    """Types are nullable: integers stay integers beside a blank."""
    pd = pytest.importorskip("pandas")
    found = archive.observations("applications")
    assert {name: str(found.dtypes[name]) for name in ("id", "year", "value", "publisher", "revision")} == {
        "id": "Int64", "year": "Int64", "value": "Float64", "publisher": "string", "revision": "Int64",
    }  # fmt: skip
    assert str(found.captured.dt.tz) == "UTC"
    values = found.set_index(["indicator", "year"]).value
    assert values["applications.carried_in.total", 2022] is pd.NA
    assert values[RECEIVED, 2022] == 0.0
    assert found[found.indicator == RECEIVED].value.sum() == 10


def test_an_empty_answer_keeps_its_columns_and_types(archive):
    pytest.importorskip("pandas")
    found = archive.observations(year=1999)
    assert len(found) == 0
    assert str(found.dtypes["value"]) == "Float64"
    assert archive.reports(publisher="无此机关").columns[0] == "id"


def test_revisions_can_be_asked_for(archive):
    """All, or one by its number."""
    assert [row["value"] for row in archive.rows.observations(RECEIVED, revision="all", year=2023)] == [5, 7]
    assert [row["value"] for row in archive.rows.observations(RECEIVED, revision=1, year=2023)] == [5]
    assert archive.rows.observations(wide=True, year=2023)[0][RECEIVED] == 7


def test_without_pandas_rows_still_answer(archive, monkeypatch):
    """A frame says what to install; the plain lists need nothing."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingLibrary, match=r"nianlun\[frames\]"):
        archive.reports()
    assert len(archive.rows.reports()) == 3
    assert [row["event"] for row in archive.rows.changes()] == ["new", "new", "new", "changed"]
    assert archive.chart(RECEIVED).rows[0]["value"] == 3
    assert [row["rule"] for row in archive.rows.findings(year=2021)] == ["T3-COL"]


def test_times_may_be_text_or_dates_or_moments():
    """All three mean the same; one without a zone is refused."""
    end = api.moment("2024-01-31")
    assert api.moment(date(2024, 1, 31)) == end
    assert api.moment(datetime(2024, 1, 31, tzinfo=UTC)) == end - 86_400_000 + 1
    assert api.moment(None) is None
    with pytest.raises(ValueError, match="no time zone"):
        api.moment(datetime(2024, 1, 31))


def test_mistakes_are_told(archive, tmp_path):
    with pytest.raises(TypeError, match="no filter 'jahr'"):
        archive.rows.reports(jahr=2023)
    with pytest.raises(LookupError, match="No report '某局:2023'"):
        archive.report("某局:2023")
    with pytest.raises(LookupError, match="no observation 999"):
        archive.trace(999)
    with pytest.raises(LookupError, match="near ones"):
        archive.chart("review.totl")
    with pytest.raises(MissingArchive, match="There is no archive"):
        nianlun.open(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(LookupError, match="nothing is known of it before"):
        archive.at("测试商务厅:2023", "2001")


def test_an_archived_address_that_is_no_report_is_shown_as_a_capture(archive, store):
    """`at` takes any address; before the first capture it is an error."""
    from tests.archive.history_maker import fetch

    fetch(store, b"<html>list</html>", "http://www.test.gov.cn/list.html")
    store.sql.commit() if store.sql.in_transaction else None
    assert archive.at("http://www.test.gov.cn/list.html", "2030")["outcome"] == "fetched"
    with pytest.raises(LookupError):
        archive.at("http://www.test.gov.cn/list.html", "2001")


def test_reading_cannot_write(archive):
    import sqlite3

    with pytest.raises(sqlite3.OperationalError, match=r"readonly|read-only"):
        archive._sql.execute("DELETE FROM report")


def test_a_chart_is_a_drawing_a_table_and_a_file(archive, tmp_path):
    """A notebook shows it; a file is never overwritten."""
    picture = archive.chart(RECEIVED, publisher=["测试商务厅"], since=2022, lang="en")
    assert picture._repr_svg_() == picture.svg
    assert [row["value"] for row in picture.rows] == [0, 7]
    assert picture.vega_lite["data"]["values"][1]["revised"] == 1
    picture.save(tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_text("utf-8").count("\n") == 3
    with pytest.raises(DestinationTaken):
        picture.save(tmp_path / "c.csv")
    with pytest.raises(ValueError, match="ends in none of"):
        picture.save(tmp_path / "c.pdf")


def test_an_error_of_the_archive_is_one_family():
    assert issubclass(MissingLibrary, ArchiveError)
    assert repr(nianlun.open).startswith("<function open")
