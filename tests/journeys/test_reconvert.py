"""A file that needs a missing extra: a stated reason, not an error; read once the extra is there."""

from __future__ import annotations

import os

import pytest

from pipelines.convert import bundle
from tests.journeys.conftest import crawl_words, nianlun
from tests.journeys.test_parts_and_redirects import Site, page
from tests.pipelines.building import docx, docx_table, modern, paragraph, sound_values
from tests.pipelines.test_reports import report

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not bundle.available(), reason="libarchive is not installed"),
]
VALUES = sound_values("2021", 3)
FILE = docx(paragraph("附表：罕见词霁月。") + "".join(docx_table(t) for t in modern("2021", VALUES)))


def seven(files: dict[str, bytes]) -> bytes:
    import libarchive

    held = bytearray()
    with libarchive.custom_writer(lambda block: held.extend(block) or len(block), "7zip") as writer:
        for name, payload in files.items():
            writer.add_file_from_memory(name, len(payload), payload)
    return bytes(held)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Crawled where libarchive was missing; then a dry run, a new reading, a crawl, another reading with it."""
    folder = tmp_path_factory.mktemp("reconvert")
    (folder / "libarchive.py").write_text("raise ImportError('not here')")
    site = Site(range(2022, 2024), folder)
    site.table["/nb/2023.html"] = page(2023, "<p><a href='/f/a.7z'>附件.7z</a></p>")
    site.table["/f/a.7z"] = (200, {}, seven({"附表.docx": FILE}))
    site.table["/nb/2022.html"] = page(
        2022, f"<p>{'一年来，本机关的信息公开工作有序推进。' * 20}</p><p><a href='/f/b.7z'>各单位.7z</a></p>"
    )
    bureaus = {f"{who}.docx": report(f"云川县{who}", 2022, seed) for seed, who in enumerate(("水利局", "教育局"), 1)}
    site.table["/f/b.7z"] = (200, {}, seven(bureaus))
    with site.standing():
        poor = {**os.environ, "PYTHONPATH": str(folder)}
        site.crawled = nianlun(*crawl_words(site.url + "/", site.archive), env=poor)
        site.before = site.ask("observations", "--year", "2023")
        site.doubts = site.ask("findings", "--year", "2023")
        site.dry = nianlun("reconvert", "-a", str(site.archive), "--dry-run", "--json")
        site.untouched = site.ask("observations", "--year", "2023")
        site.read = nianlun("reconvert", "-a", str(site.archive), "--json")
        site.recrawled = site.crawl()
        site.again = nianlun("reconvert", "-a", str(site.archive), "--json")
    return site


def test_the_crawl_is_sound_and_says_what_it_needs(story) -> None:
    assert story.crawled.code == 0
    assert [row for row in story.before if row["status"] == "ok"] == []
    (doubt,) = [row for row in story.doubts if row["rule"] == "UNREAD"]
    assert "nianlun[archives]" in doubt["message"]


def test_a_dry_run_tells_and_writes_nothing(story) -> None:
    assert story.dry.code == 1
    ours = {row["indicator"]: row["after_raw"] for row in story.dry.rows if row["after_raw"] and row["year"] == 2023}
    assert {code: raw for code, raw in ours.items() if not code.startswith("report.")} == VALUES
    assert story.untouched == story.before


def test_the_new_reading_has_every_figure(story) -> None:
    assert story.read.code == 1
    assert story.read.rows == story.dry.rows
    rows = story.ask("observations", "--year", "2023")
    assert {row["indicator"]: row["raw"] for row in rows if row["status"] == "ok"} == VALUES
    (report,) = story.ask("reports", "--year", "2023")
    assert (report["form"], report["revisions"]) == ("2021", 1)


def test_a_figure_names_the_reader_that_read_it(story) -> None:
    row = story.ask("observations", "--year", "2023", "--indicator", "review.total")[0]
    chain = story.ask("trace", str(row["id"]))
    assert chain["conversion"]["tool"] == "nianlun.ooxml"
    assert chain["cell"]["member"] == "附表.docx"


def test_its_text_is_found(story) -> None:
    assert [row["year"] for row in story.ask("search", "霁月")] == [2023]


def test_a_later_crawl_finds_nothing_changed(story) -> None:
    (summary,) = story.recrawled.rows
    assert (summary["new"], summary["changed"], summary["unchanged"]) == (0, 0, 4)


def test_reports_nobody_could_read_appear(story) -> None:
    found = {row["publisher"] for row in story.ask("reports", "--year", "2022")}
    assert found == {"某市商务局", "云川县水利局", "云川县教育局"}
    for seed, who in enumerate(("水利局", "教育局"), 1):
        rows = story.ask("observations", "--publisher", f"云川县{who}")
        assert {row["indicator"]: row["raw"] for row in rows if row["status"] == "ok"} == sound_values("2021", seed)


def test_a_second_reading_has_nothing_to_do(story) -> None:
    assert (story.again.code, story.again.rows) == (0, [])
    assert "0 revisions" in story.again.err


def test_both_readings_are_kept_and_the_archive_is_sound(story) -> None:
    import sqlite3

    with sqlite3.connect(story.archive) as sql:
        assert (
            sql.execute(
                "SELECT count(*) FROM reading WHERE revision IN (SELECT revision FROM reading GROUP BY revision HAVING count(*)=2)"
            ).fetchone()[0]
            == 4
        )
    assert story.ask("verify")["sound"]


def test_it_makes_no_archive(tmp_path) -> None:
    ended = nianlun("reconvert", "-a", str(tmp_path / "none.db"))
    assert ended.code == 2
    assert not (tmp_path / "none.db").exists()
