"""The command chart: what it writes, and its sentences."""

from __future__ import annotations

import pytest

from crawler.cli import run
from tests.archive.history_maker import next_crawl, revise

RECEIVED = "applications.received.total"


@pytest.fixture
def archive(store, tmp_path):
    for year in (2021, 2022, 2023):
        revise(store, year - 2020, url=f"http://www.test.gov.cn/{year}.html", year=year)
    next_crawl(store)
    return str(tmp_path / "a.db")


def test_svg_goes_to_standard_output(archive, capsys):
    """Without links: a file does not know where the reading room is."""
    assert run(["chart", RECEIVED, "-a", archive]) == 0
    out = capsys.readouterr().out
    assert out.startswith("<svg")
    assert out.count('class="value"') == 3
    assert "<a " not in out


def test_links_and_language(archive, capsys):
    words = ["chart", RECEIVED, "-a", archive, "--lang", "en", "--links", "http://127.0.0.1:8001/", "--year", "2022"]
    assert run(words) == 0
    out = capsys.readouterr().out
    assert 'href="http://127.0.0.1:8001/figure/' in out
    assert "requests received this year" in out
    assert out.count('class="value"') == 1


@pytest.mark.parametrize("name", ["c.svg", "c.csv", "c.vl.json"])
def test_the_files_ending_says_what_is_written(archive, tmp_path, capsys, name):
    file = tmp_path / name
    assert run(["chart", RECEIVED, "-a", archive, "-o", str(file)]) == 0
    assert file.stat().st_size > 200
    assert "3 values and gaps" in capsys.readouterr().err
    assert run(["chart", RECEIVED, "-a", archive, "-o", str(file)]) == 2  # it exists


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["applications.recieved.total"], "near ones are applications.received.total"),
        ([RECEIVED, "--publisher", "某局"], "No report of 某局 matches"),
        ([RECEIVED, "--year", "1999"], "No report matches"),
        (["review.total"], "says anything of review.total"),
        ([RECEIVED, "-o", "c.pdf"], ".svg, .png, .csv, .parquet, .vl.json"),
        ([RECEIVED, "--division", "6x"], "--division '6x'"),
        ([RECEIVED, "--division", "６４"], "--division"),
        ([RECEIVED, "--width", "10"], "320 to 4000"),
        ([RECEIVED, "--links", "javascript:alert(1)"], "no web address"),
        ([RECEIVED, "--at", "yesterday"], "no date or time"),
        ([RECEIVED, "--at", "2001"], "No report matches"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(archive, capsys, words, sentence):
    assert run(["chart", *words, "-a", archive]) == 2
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1


def test_a_missing_archive_is_not_created(tmp_path, capsys):
    assert run(["chart", RECEIVED, "-a", str(tmp_path / "no.db")]) == 2
    assert "There is no archive" in capsys.readouterr().err
    assert not (tmp_path / "no.db").exists()
