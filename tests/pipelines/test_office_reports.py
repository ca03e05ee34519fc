"""Whole reports as office programs write them: every cell, every paragraph, whose report; one suite for all formats."""

import pytest

from pipelines.convert.interface import Context, converter_for
from pipelines.convert.office import ooxml
from pipelines.convert.sniff import sniff
from tests.pipelines import office

FORMATS = ("doc", "rtf", "odt")
REPORTS = [name for name in office.files(*FORMATS) if "rules" not in name]


@pytest.mark.parametrize("name", REPORTS)
def test_every_cell_is_right(name):
    assert office.wrong_cells(name) == {}


@pytest.mark.parametrize("name", REPORTS)
def test_every_paragraph_is_there(name):
    assert office.lost_paragraphs(name) == []


@pytest.mark.parametrize("name", REPORTS)
def test_title(name):
    assert "".join(office.reading(name).title.split()) == "".join(office.truth(name)["title"].split())


@pytest.mark.parametrize("field", ["publisher", "year", "form"])
@pytest.mark.parametrize("name", REPORTS)
def test_whose_report_it_is(name, field):
    assert getattr(office.reading(name), field) == office.truth(name)[field]


@pytest.mark.parametrize("form", FORMATS)
def test_the_rules_document_reads_as_its_docx_does(form):
    folder = office.FIXTURES / "rules"
    wanted = ooxml.convert((folder / "rules.docx").read_bytes(), Context())
    payload = (folder / f"rules.{form}").read_bytes()
    found = converter_for(sniff(payload)).convert(payload, Context())
    assert [(b.text, b.level, b.grid) for b in found.blocks] == [(b.text, b.level, b.grid) for b in wanted.blocks]
    assert [office.shape(g) for g in found.grids] == [office.shape(g) for g in wanted.grids]
