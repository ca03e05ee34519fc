"""Every fixture folder, one test per expected field: what a family reads off a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from spiders.families import BY_NAME, FAMILIES, identity, recognise
from spiders.registry import FAMILIES as NAMES
from spiders.text import inner

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(FIXTURES.glob("*/*/expected.json"))
FIELDS = [
    pytest.param(path.parent, name, id=f"{path.parent.parent.name}/{path.parent.name}/{name}")
    for path in CASES
    for name in json.loads(path.read_text(encoding="utf-8"))
]


def read(folder: Path):
    """The response of a fixture, and which page of a listing it is."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    body = (folder / "response.html").read_bytes()
    return HtmlResponse(request["url"], body=body, encoding="utf-8"), request["page"]


def seen(folder: Path, name: str):
    """What the code says for one expected field."""
    response, page = read(folder)
    family = recognise(response)
    rows = family.rows(response)
    expectation = family.expectation(response)
    article = family.article(response)
    return {
        "family": lambda: family.name,
        "rows": lambda: [{"url": row.url, "title": row.title, "date": row.date} for row in rows],
        "identities": lambda: [identity(row.url) for row in rows],
        "identity": lambda: identity(response.url),
        "pages": lambda: [following.url for following in family.pages(response, page)],
        "expectation": lambda: expectation and {"count": expectation.count, "rule": expectation.rule},
        "article": lambda: inner(article).replace(" ", ""),
        "attachments": lambda: [{"url": link.url, "name": link.name} for link in family.attachments(response)],
    }[name]()


@pytest.mark.parametrize(("folder", "name"), FIELDS)
def test_field(folder, name):
    """A field of a captured-like page is read as expected."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]
    assert seen(folder, name) == expected


def test_every_family_has_examples():
    """A family without an example is not merged, and the register names the families there are."""
    assert {path.parent.parent.name for path in CASES} == set(BY_NAME)
    assert set(NAMES) == {family.name for family in FAMILIES}
