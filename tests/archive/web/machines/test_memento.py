"""Memento (RFC 7089): an archived address by date and time, and nothing a portal said runs or breaks a header."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from archive.payloads import DamagedPayload
from archive.web.exchange import NotHere
from archive.web.machines.memento import ROUTES, http_date, parse_http_date
from tests.archive.history_maker import URL, fetch, lost
from tests.archive.web.machines.asking import ROOT, ask
from tests.conftest import exchange

START = 1_700_000_000_000
DAY = 86_400_000


def get(store, address, **headers):
    return ask(store.sql, ROUTES, address, **headers)


def keep(store, url, body, at, content_type=None, outcome="fetched", status=200):
    """A capture with a content type, without a request beside it."""
    heads = (("Content-Type", content_type),) if content_type is not None else ()
    answer = replace(exchange(url, body, at, status), response_headers=heads)
    return store.capture(store.crawl, store.portal, answer, outcome, None, "page")


def links(text: str) -> dict[str, str]:
    """Each relation of a Link header or a TimeMap, with its target."""
    found = {}
    for target, relations in re.findall(r'<([^>]*)>;rel="([^"]*)"', text):
        for relation in relations.split():
            found.setdefault(relation, target)
    return found


@pytest.fixture
def thrice(store):
    """Three mementos a day apart, the second a spelling of its own, and a failure after them."""
    keep(store, URL, b"<p>one</p>", START, "text/html; charset=GB2312")
    keep(store, "https://test.gov.cn/2023.html", b"<p>two</p>", START + DAY, "text/html")
    keep(store, URL, b"<p>three</p>", START + 2 * DAY, "text/html")
    store.clock.now = START + 3 * DAY
    lost(store)
    return store


def test_times_are_those_of_rfc_1123() -> None:
    assert http_date(START + 999) == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert parse_http_date("Tue, 14 Nov 2023 22:13:20 GMT") == START
    for text in ("2023-11-14", "Tue, 14 Nov 2023 22:13:20", "Tue, 31 Feb 2023 22:13:20 GMT", "Tue, 14 Nov 2023 25:13:20 GMT"):  # fmt: skip
        with pytest.raises(ValueError):
            parse_http_date(text)


@pytest.mark.parametrize(
    ("wanted", "stamp"),
    [
        (None, "20231116221320"),
        (START - 900 * DAY, "20231114221320"),
        (START, "20231114221320"),
        (START + DAY - 1000, "20231114221320"),
        (START + DAY, "20231115221320"),
        (START + 900 * DAY, "20231116221320"),
    ],
)
def test_the_timegate_leads_to_what_was_known_at_the_time(thrice, wanted, stamp) -> None:
    headers = {} if wanted is None else {"Accept_Datetime": http_date(wanted)}
    answer = get(thrice, f"/timegate/{URL}", **headers)
    assert (answer.status, answer.headers["Vary"]) == (302, "accept-datetime")
    assert answer.headers["Location"].startswith(f"{ROOT}/memento/{stamp}/")
    told = links(answer.headers["Link"])
    assert told["original"] == URL
    assert told["timemap"] == f"{ROOT}/timemap/link/{URL}"
    assert (told["first"][-len(URL) - 15 :][:14], told["last"][-len(URL) - 15 :][:14]) == ("20231114221320", "20231116221320")  # fmt: skip


@pytest.mark.parametrize("text", ["yesterday", "2023-11-14T00:00:00Z", "Tue, 14 Nov 2023 22:13:20 +0800"])
def test_a_time_that_cannot_be_read_is_a_bad_request(thrice, text) -> None:
    answer = get(thrice, f"/timegate/{URL}", Accept_Datetime=text)
    assert (answer.status, answer.headers["Vary"]) == (400, "accept-datetime")
    assert text not in answer.body
    assert links(answer.headers["Link"])["timemap"]


@pytest.mark.parametrize(
    "url",
    [
        URL, "https://test.gov.cn/2023.html", "http:/www.test.gov.cn/2023.html", "http://www.test.gov.cn:80/2023.html",
        "http%3A%2F%2Fwww.test.gov.cn%2F2023.html",
    ],
)  # fmt: skip
def test_all_spellings_are_one_resource(thrice, url) -> None:
    assert get(thrice, f"/timemap/link/{url}").body == get(thrice, f"/timemap/link/{URL}").body


def test_the_timemap_lists_every_memento_and_no_failure(thrice) -> None:
    answer = get(thrice, f"/timemap/link/{URL}")
    assert answer.media_type == "application/link-format"
    assert answer.body.count('memento";datetime="') == 3
    assert (
        f'<{ROOT}/timemap/link/{URL}>;rel="self";type="application/link-format";'
        'from="Tue, 14 Nov 2023 22:13:20 GMT";until="Thu, 16 Nov 2023 22:13:20 GMT"' in answer.body
    )
    assert f'<{ROOT}/timegate/{URL}>;rel="timegate"' in answer.body
    assert f'<{ROOT}/memento/20231114221320/{URL}>;rel="first memento";datetime="Tue, 14 Nov 2023 22:13:20 GMT"' in answer.body  # fmt: skip
    found = json.loads(get(thrice, f"/timemap/json/{URL}").body)
    assert [one["datetime"] for one in found["mementos"]["list"]] == [
        "2023-11-14T22:13:20Z", "2023-11-15T22:13:20Z", "2023-11-16T22:13:20Z",
    ]  # fmt: skip
    assert found["mementos"]["last"]["uri"] == links(answer.body)["last"]


def test_every_memento_of_the_timemap_is_there(thrice) -> None:
    found = json.loads(get(thrice, f"/timemap/json/{URL}").body)["mementos"]["list"]
    bodies = [get(thrice, one["uri"].removeprefix(ROOT)).data for one in found]
    assert bodies == [b"<p>one</p>", b"<p>two</p>", b"<p>three</p>"]


def test_a_memento_says_when_it_was_and_what_is_beside_it(thrice) -> None:
    answer = get(thrice, "/memento/20231115221320/https://test.gov.cn/2023.html")
    assert (answer.status, answer.sandboxed, answer.media_type) == (200, True, "text/html")
    assert answer.headers["Memento-Datetime"] == "Wed, 15 Nov 2023 22:13:20 GMT"
    told = links(answer.headers["Link"])
    assert (told["prev"], told["next"]) == (told["first"], told["last"])
    assert told["timegate"] == f"{ROOT}/timegate/{URL}"
    assert "Content-Disposition" not in answer.headers
    assert get(thrice, f"/memento/20231114221320/{URL}").media_type == "text/html; charset=GB2312"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("20000101000000", "20231114221320"),
        ("20231115000000", "20231114221320"),
        ("20231115101320", "20231114221320"),
        ("20231115101321", "20231115221320"),
        ("20300101000000", "20231116221320"),
    ],
)
def test_a_time_of_no_capture_leads_to_the_nearest(thrice, asked, found) -> None:
    answer = get(thrice, f"/memento/{asked}/{URL}")
    assert (answer.status, answer.headers["Location"].split("/")[4]) == (302, found)


def test_what_is_no_time_or_was_never_captured_is_not_here(thrice) -> None:
    for address in (f"/memento/20231399000000/{URL}", "/timegate/http://other.gov.cn/", "/timemap/link/x"):
        with pytest.raises(NotHere):
            get(thrice, address)


def test_only_failures_are_no_resource(store) -> None:
    lost(store)
    with pytest.raises(NotHere):
        get(store, f"/timegate/{URL}")


def test_the_query_belongs_to_the_archived_address(store) -> None:
    keep(store, "http://a.gov.cn/v?id=1&lang=zh", b"one", START, "text/plain")
    keep(store, "http://a.gov.cn/v?id=2", b"two", START, "text/plain")
    place = get(store, "/timegate/http://a.gov.cn/v?lang=zh&id=1").headers["Location"]
    assert place == f"{ROOT}/memento/20231114221320/http://a.gov.cn/v?id=1&lang=zh"
    assert get(store, place.removeprefix(ROOT)).data == b"one"


def test_of_one_second_the_last_capture_is_the_memento(store) -> None:
    keep(store, URL, b"first", START + 10, "text/plain")
    keep(store, URL, b"second", START + 700, "text/plain")
    assert get(store, f"/memento/20231114221320/{URL}").data == b"second"
    assert get(store, f"/timemap/link/{URL}").body.count("datetime=") == 1


def test_an_unchanged_answer_has_the_type_of_the_one_it_leans_on(store) -> None:
    keep(store, URL, b"%PDF-1.4 text", START, "application/pdf")
    keep(store, URL, b"%PDF-1.4 text", START + DAY, None, "revisit")
    answer = get(store, f"/memento/20231115221320/{URL}")
    assert (answer.data, answer.media_type) == (b"%PDF-1.4 text", "application/pdf")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="2023.html"')


@pytest.mark.parametrize(
    ("said", "kind", "shown"),
    [
        ("text/html; charset=utf-8", "text/html; charset=utf-8", True),
        ('TEXT/HTML;x=y; charset="GB18030"', "text/html; charset=GB18030", True),
        ("text/plain", "text/plain", True),
        ("image/png", "image/png", True),
        ("image/svg+xml", "application/octet-stream", False),
        ("text/javascript", "application/octet-stream", False),
        ("application/javascript; charset=utf-8", "application/octet-stream", False),
        ("application/xhtml+xml", "application/octet-stream", False),
        ("text/xml", "application/octet-stream", False),
        ("multipart/x-mixed-replace;boundary=text/html", "application/octet-stream", False),
        ("application/pdf", "application/pdf", False),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", False),
        ("text/html\r\nSet-Cookie: a=b", "text/html", True),
        ("text/html; charset=utf-8\r\nSet-Cookie: a=b", "text/html; charset=utf-8", True),
        ("", "application/octet-stream", False),
        (None, "application/octet-stream", False),
    ],
)  # fmt: skip
def test_no_type_that_could_run_goes_out(store, said, kind, shown) -> None:
    keep(store, URL, b"alert(1)", START, said)
    answer = get(store, f"/memento/20231114221320/{URL}")
    assert (answer.media_type, "Content-Disposition" not in answer.headers) == (kind, shown)
    assert answer.sandboxed


def test_a_page_without_a_type_is_html(store) -> None:
    keep(store, URL, b"<html><p>x", START)
    assert get(store, f"/memento/20231114221320/{URL}").media_type == "text/html"


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/%0d%0aSet-Cookie:a", "http://a.gov.cn/a b\r\nX: y", 'http://a.gov.cn/">;rel="x", <http://evil>',
        "http://a.gov.cn/年报\ud800.pdf", "http://a.gov.cn/%00", "http://a.gov.cn/a#b\r\n", "http://a.gov.cn/x\x00\x7f\u2028",
    ],
)  # fmt: skip
def test_no_address_breaks_out_of_a_header(store, url) -> None:
    keep(store, url.replace("\ud800", "?"), b"%PDF", START, "application/pdf")
    asked = url.replace("\ud800", "?").partition("#")[0]
    asked = re.sub(r"[^!-~]|\"|<|>", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), asked)
    for address in (f"/timegate/{asked}", f"/memento/20231114221320/{asked}", f"/timemap/link/{asked}"):
        answer = get(store, address)
        for value in answer.headers.values():
            assert re.fullmatch(r"[ -~]*", value), value
    told = get(store, f"/timemap/link/{asked}").body
    assert len(re.findall(r'<[^<>"\s]*>;rel="', told)) == 4
    assert told.count("<") == 4
    location = get(store, f"/timegate/{asked}").headers["Location"]
    assert get(store, location.removeprefix(ROOT)).data == b"%PDF"


def test_damaged_bytes_are_never_served(thrice) -> None:
    thrice.sql.execute("UPDATE payload SET frame=(SELECT frame FROM payload WHERE id=3), base=NULL WHERE id=1")
    with pytest.raises(DamagedPayload):
        get(thrice, f"/memento/20231114221320/{URL}")


def test_ten_thousand_captures_are_one_query(store) -> None:
    one = fetch(store, b"<html>x</html>")
    store.sql.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<9999) INSERT INTO capture (crawl, resource,"
        " at, method, status, outcome, payload) SELECT ?, ?, 1710000000000+i*60000, 'GET', 200, 'revisit', ? FROM n",
        (store.crawl, one.resource, one.payload),
    )
    asked = []
    store.sql.set_trace_callback(asked.append)
    answer = get(store, f"/timemap/link/{URL}")
    store.sql.set_trace_callback(None)
    assert (answer.body.count("datetime="), len(asked)) == (10_000, 1)
