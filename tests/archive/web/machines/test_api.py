"""The JSON interface: the commands' keys in pages, every answer as its OpenAPI description says, errors as problems."""

from __future__ import annotations

import json
import re
import warnings
from urllib.parse import quote

import pytest

from archive import coverage, grids, history, provenance, query
from archive.query import Filters
from archive.web.machines import api, openapi
from archive.web.machines.api import ENDPOINTS
from archive.web.machines.api_schemas import SCHEMAS
from tests.archive.history_maker import URL, lost, next_crawl, revise
from tests.archive.web.machines.asking import ROOT, ask

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import validate

ROUTES = (*api.ROUTES, *openapi.ROUTES)
HOSTILE = 'a"]]> <script>alert(1)</script> \x00\x1b\r\nX: y \u2028'


def get(store, address: str):
    answer = ask(store.sql, ROUTES, f"/api/{address}")
    assert answer.media_type == (
        "application/problem+json" if answer.status >= 400 else "application/json; charset=utf-8"
    )
    assert all(re.fullmatch(r"[ -~]*", value) for value in answer.headers.values())
    return answer


def read(store, address: str):
    answer = get(store, address)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def all_of(store, address: str, limit: int):
    """Every row, page by page, and the sizes of the pages."""
    found = read(store, f"{address}{'&' if '?' in address else '?'}limit={limit}")
    rows, sizes = found["rows"], [len(found["rows"])]
    while found["next"]:
        assert len(sizes) < 200
        place = found["next"].removeprefix(f"{ROOT}/api/")
        assert get(store, place)
        found = read(store, place)
        rows += found["rows"]
        sizes.append(len(found["rows"]))
    return rows, sizes


@pytest.fixture
def archive(store):
    """Nine reports of three publishers, one edited, one gone, one confirmed, and hostile names in one."""
    for number in range(9):
        revise(
            store,
            number,
            url=f"http://www.test.gov.cn/{number}.html",
            year=2018 + number % 3,
            publisher=f"测试{number // 3}局",
        )
    next_crawl(store)
    revise(
        store,
        50,
        url="http://www.test.gov.cn/0.html",
        year=2018,
        publisher="测试0局",
        text="一、总体情况。\n全年受理申请50件。",
    )
    for _ in range(2):
        lost(store, "http://www.test.gov.cn/4.html")
        next_crawl(store)
    return store


def asked_of(store) -> list[str]:
    """An address of every endpoint, and more of those that take different ways."""
    figure = store.sql.execute("SELECT min(id) FROM observation").fetchone()[0]
    page = quote("http://www.test.gov.cn/0.html", safe="")
    return [
        "reports", "reports?at=2023-11-14&state=present", "report/1", "report/1?revision=1", "observations",
        "observations?revision=all", "findings", "changes", "coverage", "search?q=%E5%85%AC%E5%BC%80&sort=rank",
        "search?q=%E5%85%AC%E5%BC%80", f"history?report={page}", f"trace/{figure}", f"trace/{figure}/prov", "diff/1",
        "crawls", "tables/1",
    ]  # fmt: skip


# ------------------------------------------------------------ the description


def test_the_description_is_openapi_3_1(archive) -> None:
    document = read(archive, "openapi.json")
    validate(document)
    assert (document["openapi"], document["servers"]) == ("3.1.0", [{"url": ROOT}])


def test_the_description_and_the_routes_are_one_table(archive) -> None:
    described = set(read(archive, "openapi.json")["paths"])
    assert described == {endpoint.path for endpoint in ENDPOINTS}
    assert [pattern for pattern, _ in api.ROUTES] == [api.pattern(endpoint.path) for endpoint in ENDPOINTS]
    assert len({operation["get"]["operationId"] for operation in read(archive, "openapi.json")["paths"].values()}) == len(described)  # fmt: skip


def endpoint_of(address: str) -> api.Endpoint:
    (found,) = [each for each in ENDPOINTS if re.fullmatch(api.pattern(each.path), f"/api/{address.partition('?')[0]}")]
    return found


def test_every_answer_is_as_it_is_described(archive) -> None:
    asked = asked_of(archive)
    assert {endpoint_of(address).path for address in asked} == {endpoint.path for endpoint in ENDPOINTS}
    document = read(archive, "openapi.json")
    for address in asked:
        endpoint, found = endpoint_of(address), read(archive, address)
        described = {**openapi.answer_schema(endpoint), "components": document["components"]}
        Draft202012Validator(described).validate(found)
        rows = found["rows"] if endpoint.shape == "pages" else found if endpoint.shape == "list" else [found]
        assert rows or endpoint.schema == "Table", address
        for row in rows:  # a key that is told stands in the description
            assert set(row) <= {
                *SCHEMAS[endpoint.schema]["properties"],
                "wasAssociatedWith",
                "wasInformedBy",
                "problems",
            }


def test_the_description_would_notice(archive) -> None:
    found = read(archive, "reports?limit=1")
    found["rows"][0]["state"] = "lost"
    described = {**openapi.answer_schema(ENDPOINTS[0]), "components": {"schemas": SCHEMAS}}
    assert not Draft202012Validator(described).is_valid(found)


# ------------------------------------------------------------ the same as the commands


def test_rows_are_those_of_the_commands(archive) -> None:
    sql = archive.sql
    assert read(archive, "reports?publisher=1")["rows"] == sorted(query.reports(sql, Filters(publisher="1")), key=lambda row: row["id"])  # fmt: skip
    assert read(archive, "report/1?revision=1") == json.loads(json.dumps(history.show(sql, "1", n=1)))
    assert read(archive, "diff/1") == json.loads(json.dumps(history.diff(sql, "1")))
    assert read(archive, "trace/1") == json.loads(json.dumps(provenance.trace(sql, 1)))
    assert read(archive, "tables/1") == grids.grids(sql, "1")
    assert read(archive, "crawls")["rows"] == query.crawls(sql)
    assert read(archive, "changes")["rows"] == query.changes(sql)
    assert read(archive, "coverage")["rows"] == coverage.coverage(sql)
    assert read(archive, f"history?report={quote('测试0局:2018')}")["rows"] == history.history(sql, "1")
    assert read(archive, "search?q=50&publisher=0")["rows"][0]["report"] == 1


@pytest.mark.parametrize(
    ("address", "key", "expected"),
    [
        ("reports?year=2019", "id", [2, 5, 8]),
        ("reports?publisher=%E6%B5%8B%E8%AF%951", "id", [4, 5, 6]),
        ("reports?state=gone", "id", [5]),
        ("reports?portal=other", "id", []),
        ("reports?kind=website", "id", []),
        ("reports?at=2001", "id", []),
        ("observations?indicator=applications.received&year=2018", "value", [50, 3, 6]),
        ("observations?indicator=applications.received&year=2018&revision=1", "value", [0, 3, 6]),
        ("observations?indicator=applications.received&year=2018&revision=all", "value", [0, 50, 3, 6]),
        ("observations?indicator=nothing", "value", []),
        ("observations?indicator=applications.carried_in&year=2018&publisher=2", "value", [None]),
        ("findings?year=2020", "report", [3, 6, 9]),
        ("changes?crawl=2", "event", ["changed", "missing"]),
        ("changes?since=2100", "event", []),
        ("coverage?publisher=0&year=2019", "report", [2]),
        ("coverage?state=gone", "report", [5]),
    ],
)
def test_filters_are_those_of_the_commands(archive, address, key, expected) -> None:
    assert [row[key] for row in read(archive, address)["rows"]] == expected


def test_a_state_is_that_of_the_day_asked_for(archive) -> None:
    before = archive.sql.execute("SELECT min(seen)-1 FROM change WHERE event='missing'").fetchone()[0]
    day = query.shown_time(before)
    assert read(archive, f"reports?at={day}&state=gone")["rows"] == []
    assert len(read(archive, f"reports?at={day}&state=present")["rows"]) == 9


# ------------------------------------------------------------ pages


@pytest.mark.parametrize("address", ["reports", "observations", "observations?revision=all", "findings", "changes", "crawls", "coverage", f"history?report={URL}"])  # fmt: skip
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
def test_pages_put_together_are_the_whole(archive, address, limit) -> None:
    if "history" in address:
        for _ in range(6):
            revise(archive, 1)
            next_crawl(archive)
    whole = read(archive, f"{address}{'&' if '?' in address else '?'}limit=1000")
    assert whole["next"] is None
    rows, sizes = all_of(archive, address, limit)
    assert rows == whole["rows"]
    assert len(rows) > 2
    assert max(sizes) <= limit


def test_the_next_page_stands_in_a_header_too(archive) -> None:
    answer = get(archive, "reports?limit=2&year=2018")
    assert answer.headers["Link"] == f'<{json.loads(answer.body)["next"]}>; rel="next"'
    assert "Link" not in get(archive, "reports").headers


def test_what_comes_in_between_two_pages_is_not_lost(archive) -> None:
    first = read(archive, "observations?limit=5")
    revise(archive, 1, url="http://www.test.gov.cn/00.html", year=2010, publisher="一号测试局")
    rows = [
        *first["rows"],
        *all_of(archive, first["next"].removeprefix(f"{ROOT}/api/").replace("limit=5&", ""), 1000)[0],
    ]
    assert len({row["id"] for row in rows}) == len(rows) == 20


def test_rare_and_common_indicators_are_found_alike(archive, monkeypatch) -> None:
    rows = read(archive, "observations?indicator=applications.received")["rows"]
    monkeypatch.setattr(api.api_pages, "_RARE", 1)
    assert read(archive, "observations?indicator=applications.received")["rows"] == rows


# ------------------------------------------------------------ problems


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("report/99", 404),
        ("report/1?revision=7", 404),
        ("report/1?at=2001", 404),
        ("report/1?revision=999999999999999", 404),
        ("trace/999999999999999", 404),
        ("trace/9999/prov", 404),
        ("diff/1?before=1&after=9", 404),
        ("diff/99", 404),
        ("tables/99", 404),
        ("history?report=http://nowhere.gov.cn/", 404),
        ("history?report=%00", 404),
        ("nothing", 404),
        ("", 404),
        ("report/one", 404),
        ("report/9999999999999999999999", 404),
        ("reports?limit=0", 400),
        ("reports?limit=1001", 400),
        ("reports?limit=x", 400),
        ("reports?cursor=x", 400),
        ("reports?cursor=1.x", 400),
        ("reports?cursor=99999999999999999999.1", 400),
        ("coverage?cursor=x", 400),
        ("reports?year=x", 400),
        ("reports?year=1&year=2", 400),
        ("reports?at=yesterday", 400),
        ("reports?kind=news", 400),
        ("reports?publishers=x", 400),
        ("reports?_shape=x%00%0d%0a", 400),
        ("observations?revision=first", 400),
        ("changes?since=x", 400),
        ("search", 400),
        ("search?q=%28", 400),
        ("search?q=x&limit=101", 400),
        ("search?q=x&sort=best", 400),
        ("history", 400),
        ("history?report=99999999999999999999999999", 400),
        ("coverage?state=x", 400),
    ],
)
def test_what_cannot_be_answered_is_a_problem(archive, address, status) -> None:
    answer = get(archive, address)
    found = json.loads(answer.body)
    assert (answer.status, found["status"]) == (status, status)
    Draft202012Validator(SCHEMAS["Problem"]).validate(found)
    assert found["detail"]


def test_what_portals_say_stays_text(store) -> None:
    revise(store, 1, publisher=HOSTILE, url="http://a.gov.cn/x\r\n")
    revise(store, 2, publisher=HOSTILE, url="http://a.gov.cn/y", year=2020)
    assert read(store, "reports")["rows"][0]["publisher"] == HOSTILE
    rows, sizes = all_of(store, f"coverage?publisher={quote(HOSTILE)}", 1)
    assert {row["publisher"] for row in rows} == {HOSTILE}
    assert len(sizes) == len(rows)
    assert len(all_of(store, f"reports?publisher={quote(HOSTILE.strip())}", 1)[0]) == 2


def test_an_empty_archive_has_empty_pages(store) -> None:
    store.sql.execute("DELETE FROM crawl")
    for endpoint in ENDPOINTS:
        if endpoint.shape == "pages" and not any(parameter.required for parameter in endpoint.parameters):
            assert read(store, endpoint.path.removeprefix("/api/"))["rows"] in ([], read(store, "coverage")["rows"])
