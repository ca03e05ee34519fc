"""One payload, and a report joined from its parts."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from archive.model import Conversion, Observation, Reading, Where
from pipelines.convert.interface import CONVERTERS, converters
from pipelines.read import conversion_from_json, from_json, read_payload, software, to_json
from pipelines.reports import Piece, join
from tests.pipelines.building import docx, docx_table, html_table, modern, page, paragraph, sound_values, statistics

VALUES = sound_values("2021", 1)
PAGE = read_payload(page(modern("2021", VALUES)), url="http://a.gov.cn/x/t20240120_1.html")


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "refused"),
        (b"%PDF-1.4", "unreadable"),
        (b"PK\x03\x04", "unreadable"),
        ("纯文字".encode(), "refused"),
        (b"<p>x", "ok"),
    ],
)
def test_every_payload_has_a_state_and_a_reason(payload, state):
    reading = read_payload(payload)
    assert reading.conversion.state == state
    assert (reading.conversion.error is None) == (state == "ok")
    assert state == "ok" or " · " in reading.conversion.error


def test_every_reader_is_named_with_its_version():
    names = [s.name for s in software()]
    assert len(set(names)) == len(names)
    assert {"nianlun.html", "nianlun.pdf", "nianlun.ooxml", "nianlun.bundle", "nianlun.reader"} <= set(names)
    assert all(s.version for s in software())
    for converter in converters():
        assert all(CONVERTERS[kind] == converter.__name__ for kind in converter.TAKES)


def test_reading_loads_no_reader_before_it_is_needed():
    code = "import sys, pipelines.read; print([m for m in ('bs4', 'pypdfium2', 'pebble', 'lxml', 'scrapy', 'charset_normalizer') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.strip() == "[]"


def test_a_reading_survives_json():
    assert from_json(to_json(PAGE)) == PAGE
    assert "\\u" not in to_json(PAGE)
    assert conversion_from_json(to_json(PAGE.conversion)) == PAGE.conversion
    assert json.loads(to_json(PAGE))["publisher"] == "云川县林业局"


def test_flattened_tables_are_refused_and_said():
    flat = "".join(c.text for row in modern("2021", VALUES)[0] for c in row)
    reading = read_payload(f"<div id=zoom><p>{flat}</p></div>".encode())
    assert reading.observations == ()
    assert "TEXT-FLAT" in {f.rule for f in reading.findings}


def test_a_free_report_is_free():
    reading = read_payload(page([], year=2010))
    assert (reading.kind, reading.form) == ("disclosure", "free")


def test_text_that_contradicts_its_table_is_kept_beside_it():
    values = sound_values("2014") | {"applications.received.total": "4"}
    markup = page([statistics(values)], year=2016, close="<p>全年共受理政府信息公开申请5件。</p></div>")
    reading = read_payload(markup)
    assert reading.form == "2014"
    both = [(o.status, o.value) for o in reading.observations if o.indicator == "applications.received.total"]
    assert both == [("ok", 4), ("text", 5)]
    assert "TEXT-TABLE" in {f.rule for f in reading.findings}


# ---------------------------------------------------------------- join

BARE = read_payload(page([], close="<p>附件：报告全文</p></div>"))
ADDRESS = "http://a.gov.cn/x/report.docx"


def attachment(values, name="2021"):
    return read_payload(
        docx(
            paragraph("云川县林业局2023年政府信息公开工作年度报告")
            + "".join(docx_table(t) for t in modern(name, values))
        )
    )


def test_an_attachment_fills_what_the_page_lacks():
    whole = join(BARE, [Piece(ADDRESS, attachment(VALUES))])
    assert whole.form == "2021"
    assert {o.source for o in whole.observations} == {ADDRESS}
    assert {o.indicator: str(o.value) for o in whole.observations} == VALUES
    assert (whole.title, whole.published) == (BARE.title, BARE.published)


def test_an_attachment_that_agrees_adds_nothing():
    whole = join(PAGE, [Piece(ADDRESS, attachment(VALUES))])
    assert whole.observations == PAGE.observations
    assert whole.findings == ()


def test_an_attachment_that_differs_stands_beside_the_page():
    whole = join(PAGE, [Piece(ADDRESS, attachment(VALUES | {"disclosure.licensing.decisions": "26"}))])
    both = [(o.value, o.source) for o in whole.observations if o.indicator == "disclosure.licensing.decisions"]
    assert both == [(25, "page"), (26, ADDRESS)]
    assert [(f.rule, f.indicators) for f in whole.findings] == [
        ("PAGE-ATTACHMENT", ("disclosure.licensing.decisions",))
    ]


def test_metadata_of_an_attachment_only_where_the_page_has_none():
    bare = replace(BARE, title=None, publisher=None, year=None, kind=None, rejected="off-topic")
    whole = join(bare, [Piece(ADDRESS, attachment(VALUES))])
    assert (whole.title, whole.publisher, whole.year, whole.kind, whole.rejected) == (
        "云川县林业局2023年政府信息公开工作年度报告",
        "云川县林业局",
        2023,
        "disclosure",
        None,
    )


def test_tables_of_two_forms_make_a_mixed_report():
    page_of_2021 = read_payload(page(modern("2021", VALUES)[:1]))
    old = docx("".join(docx_table(t) for t in modern("2019", sound_values("2019", 1))[1:]))
    assert join(page_of_2021, [Piece(ADDRESS, read_payload(old))]).form == "mixed"


def test_an_unread_attachment_changes_nothing_and_is_said():
    failed = Reading(Conversion(PAGE.conversion.converter, "application/pdf", "encrypted", error="x"))
    whole = join(PAGE, [Piece(ADDRESS, failed)])
    assert replace(whole, findings=()) == replace(PAGE, findings=())
    assert [(f.rule, f.level) for f in whole.findings if f not in PAGE.findings] == [("UNREAD", "warning")]


def test_a_table_in_a_file_goes_before_what_the_page_s_text_says():
    said = replace(BARE, observations=(Observation("review.total", 3, "text", "3", "件", Where()),))
    same = join(said, [Piece(ADDRESS, attachment(VALUES | {"review.total": "3"}))])
    other = join(said, [Piece(ADDRESS, attachment(VALUES | {"review.total": "4"}))])
    pairs = [
        [(o.status, o.value) for o in whole.observations if o.indicator == "review.total"] for whole in (same, other)
    ]
    assert pairs == [[("ok", 3)], [("ok", 4), ("text", 3)]]
    assert "PAGE-ATTACHMENT" not in {f.rule for whole in (same, other) for f in whole.findings}


def test_something_else_that_hangs_beside_is_no_part():
    budget = read_payload(
        docx(paragraph("云川县林业局2023年部门决算") + docx_table(modern("2021", VALUES | {"review.total": "9"})[2]))
    )
    assert join(PAGE, [Piece(ADDRESS, budget)]).observations == PAGE.observations


def test_joining_nothing_is_the_page():
    assert join(PAGE, []) == PAGE


def test_text_of_page_and_attachment_follow_each_other():
    whole = join(BARE, [Piece(ADDRESS, read_payload(docx(paragraph("附件正文，根据政府信息公开条例。"))))])
    assert whole.text == f"{BARE.text}\n附件正文，根据政府信息公开条例。"


def test_local_tables_of_rejected_payloads_are_left_alone():
    table = html_table([list(row) for row in statistics(sound_values("2014"))[:3]])
    reading = read_payload(
        f'<html><head><meta name="ArticleTitle" content="2023年部门决算"></head><body><div id=zoom><p>决算，说明。</p>{table}</div>'.encode()
    )
    assert reading.kind == "accounts"


# ---------------------------------------------------------------- text recognition


def test_a_figure_recognition_is_unsure_of_is_ambiguous(monkeypatch):
    from pipelines import read as module
    from pipelines.convert.interface import Context

    conversion = PAGE.conversion
    sure = PAGE.observations[5].where
    doubt = ("ocr:doubt", f"{sure.table},{sure.row},{sure.column},0.41")
    reading = module.understand(replace(conversion, meta=(*conversion.meta, doubt)), Context())
    before, after = PAGE.observations[5], reading.observations[5]
    assert (before.status, after.status, after.value, after.raw) == ("ok", "ambiguous", None, before.raw)
    assert [o.status for o in reading.observations].count("ambiguous") == 1
    assert [f.indicators for f in reading.findings if f.rule == "OCR-DOUBT"] == [(before.indicator,)]


def test_reading_without_recognition_is_another_reader():
    assert software(ocr=False) != software()
