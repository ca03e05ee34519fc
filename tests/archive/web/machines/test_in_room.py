"""The machines' answers through the room itself: paths as they come over the wire, and its own rules around them."""

from __future__ import annotations

import json

from archive.web.room import Room
from tests.archive.web.conftest import EDITED, ODD

ROOT = "http://127.0.0.1:8001"


def asked(held, path: str, query: str = "", **headers: str):
    """One request as an ASGI server hands it on: the path as it came, and the same decoded."""
    room: Room = held.room.room
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return room.answer(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"127.0.0.1:8001"), *named],
        }
    )


def test_a_timegate_leads_to_a_memento_that_is_there(held) -> None:
    answer = asked(held, f"/timegate/{EDITED}", accept_datetime="Wed, 01 Jan 2020 00:00:00 GMT")
    assert answer.status == 302
    place = answer.headers["Location"].removeprefix(ROOT)
    found = asked(held, place)
    assert (found.status, found.sandboxed, found.media_type) == (200, True, "text/html")
    assert found.data.startswith(b"<html>5")
    assert asked(held, f"/timegate/{EDITED}").headers["Location"].removeprefix(ROOT) != place


def test_an_archived_addresss_own_query_is_never_the_rooms(held) -> None:
    page, _, query = ODD.partition("?")
    answer = asked(held, f"/timemap/json/{page}", query)
    assert json.loads(answer.body)["original_uri"] == ODD
    assert asked(held, f"/timemap/json/{page}", "a=1").status == 404


def test_what_is_not_here_is_a_page_for_people_and_a_problem_for_programs(held) -> None:
    assert asked(held, "/timegate/http://nowhere.gov.cn/").media_type.startswith("text/html")
    answer = asked(held, "/api/report/99")
    assert (answer.status, answer.media_type) == (404, "application/problem+json")


def test_no_machine_needs_a_path_that_a_page_takes(held) -> None:
    for path in ("/oai", "/oai/nianlun.xsd", "/feeds/changes.atom", "/feeds/digest.txt", "/api/openapi.json", "/api/reports", "/sitemap.xml", "/sitemap-1.xml", "/robots.txt"):  # fmt: skip
        answer = asked(held, path)
        assert (answer.status, answer.media_type.startswith("text/html")) == (200, False), path


def test_every_address_of_the_sitemap_is_there(held) -> None:
    places = asked(held, "/sitemap-1.xml").data.decode().split("<loc>")[1:]
    assert len(places) == 9
    for place in places:
        assert asked(held, place.partition("<")[0].removeprefix(ROOT)).status == 200
