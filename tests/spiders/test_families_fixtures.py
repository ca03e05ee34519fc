"""Every fixture folder, one test per expected field: what a family reads off a page.

``request.json`` holds the address, which page of a listing it is, and for an interface's answer what its request
carried (``carry``) and whose rules read it (``family``).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from spiders.families import BY_NAME, FAMILIES, identity, lists, recognise
from spiders.registry import FAMILIES as NAMES
from spiders.text import inner

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path for name in BY_NAME for path in (FIXTURES / name).glob("*/expected.json"))
FIELDS = [
    pytest.param(path.parent, name, id=f"{path.parent.parent.name}/{path.parent.name}/{name}")
    for path in CASES
    for name in json.loads(path.read_text(encoding="utf-8"))
]


def decoded(body: bytes) -> str:
    """Bytes as the crawler decodes them: strictly as UTF-8, else as gb18030 (field guide, 1.15)."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def read(folder: Path):
    """The response of a fixture, as the crawler hands it over, and what is known of its request."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    body = decoded((folder / "response.html").read_bytes()).encode("utf-8")
    return HtmlResponse(request["url"], body=body, encoding="utf-8"), request


def asked(ask):
    """A request as a fixture writes it: its address, and whatever is not a plain GET's."""
    if ask.method == "GET" and not ask.family:
        return ask.url
    said = {"method": ask.method, "url": ask.url, "body": ask.body, "family": ask.family}
    return {name: held for name, held in said.items() if held}


def reading(ask):
    """One reading of a list's interface, with the rule it stands for."""
    return {"method": ask.method, "url": ask.url, "body": ask.body, "rule": ask.rule}


def seen(folder: Path, name: str):
    """What the code says for one expected field."""
    response, request = read(folder)
    page, carry = request.get("page", 1), request.get("carry")
    family = recognise(response, request.get("family"))
    rows = family.rows(response, carry)
    expectation = family.expectation(response, carry)
    return {
        "family": lambda: recognise(response).name,
        "rows": lambda: [{"url": row.url, "title": row.title, "date": row.date} for row in rows],
        "publishers": lambda: [row.publisher for row in rows],
        "identities": lambda: [identity(row.url) for row in rows],
        "identity": lambda: identity(response.url),
        "pages": lambda: [asked(following) for following in family.pages(response, page, carry)],
        "columns": lambda: [{"url": column.url, "text": column.text} for column in family.columns(response)],
        "lists": lambda: [[reading(ask) for ask in one] for one in lists(response, family, rows, carry)],
        "expectation": lambda: expectation and {"count": expectation.count, "rule": expectation.rule},
        "article": lambda: inner(family.article(response)).replace(" ", ""),
        "attachments": lambda: [{"url": link.url, "name": link.name} for link in family.attachments(response)],
    }[name]()


@pytest.mark.parametrize(("folder", "name"), FIELDS)
def test_field(folder, name):
    """A field of a captured-like page is read as expected."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]
    assert seen(folder, name) == expected


def test_every_family_has_examples():
    """A family without three examples is not merged, and the register names the families there are."""
    count = Counter(path.parent.parent.name for path in CASES)
    assert {name for name in BY_NAME if count[name] < 3} == set()
    assert set(NAMES) == {family.name for family in FAMILIES}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_family_is_shown_from_all_sides(name):
    """Each family has a list's page, an answer or a second page, and an article with its identity or its files."""
    fields = [set(json.loads(path.read_text(encoding="utf-8"))) for path in CASES if path.parent.parent.name == name]
    assert any({"rows", "lists", "columns"} & each for each in fields)
    assert any({"identity", "attachments"} & each for each in fields)
    requests = [json.loads(path.read_text("utf-8")) for path in (FIXTURES / name).glob("*/request.json")]
    assert any(request.get("carry") or request.get("page", 1) > 1 for request in requests)
