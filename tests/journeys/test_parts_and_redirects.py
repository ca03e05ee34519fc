"""Attachments and redirects: shared, late, moved, walled; each report gets all its parts, each chain its end."""

from __future__ import annotations

import contextlib

import pytest

from tests.journeys.conftest import crawl_words, nianlun
from tests.journeys.local_server import serving

pytestmark = pytest.mark.journey

TEXT = (
    "<p>根据《中华人民共和国政府信息公开条例》，现公布本机关政府信息公开工作年度报告，统计期限自1月1日至12月31日。</p>"
    * 4
)


def title(year: int) -> str:
    return f"某市商务局{year}年政府信息公开工作年度报告"


def page(year: int, more: str = "") -> tuple[int, dict, bytes]:
    body = (
        f"<html><head><meta charset='utf-8'><title>{title(year)}</title></head><body><div class='TRS_Editor'>"
        f"<h1>{title(year)}</h1>{TEXT}{more}</div></body></html>"
    )
    return 200, {}, body.encode()


def to(location: str, **headers: str) -> tuple[int, dict, bytes]:
    return 302, {"Location": location, **headers}, b""


def said(text: str, status: int = 200) -> tuple[int, dict, bytes]:
    return status, {}, f"<html><head><meta charset='utf-8'></head><body>{text}</body></html>".encode()


class Site:
    """A portal whose every answer the test sets; ``asked`` is what was asked for."""

    def __init__(self, years: range, tmp_path) -> None:
        self.years = years
        self.archive = tmp_path / "a.db"
        self.asked: list[str] = []
        rows = "".join(f"<li><a href='/nb/{y}.html'>{title(y)}</a><span>{y + 1}-01-20</span></li>" for y in years)
        self.table = {"/": said("<a href='/nb/'>政府信息公开年报</a>"), "/nb/": said(f"<ul>{rows}</ul>")}
        self.table |= {f"/nb/{year}.html": page(year) for year in years}

    @contextlib.contextmanager
    def standing(self):
        with serving(self.answer) as self.url:
            yield self

    def answer(self, handler):
        self.asked.append(handler.path)
        found = self.table.get(handler.path, said("no", 404))
        return found(handler) if callable(found) else found

    def crawl(self, *more: str):
        return nianlun(*crawl_words(self.url + "/", self.archive, *more))

    def ask(self, *words: str):
        return nianlun(*words, "-a", str(self.archive), "--json").rows


@pytest.fixture
def site(tmp_path):
    with Site(range(2020, 2023), tmp_path).standing() as found:
        yield found


LINK = "<p>附件：<a href='/f/a.doc'>附件.doc</a></p>"


def test_an_attachment_that_several_reports_name_belongs_to_each(site) -> None:
    for year in site.years:
        site.table[f"/nb/{year}.html"] = page(year, LINK)
    site.table["/f/a.doc"] = said("附件内容")
    assert site.crawl().code == 0
    assert [len(row["attachments"]) for row in site.ask("reports")] == [1, 1, 1]
    assert site.asked.count("/f/a.doc") == 1
    assert site.crawl().rows[0]["unchanged"] == 3


def test_an_attachment_that_comes_late_is_a_revision(site) -> None:
    site.table["/nb/2021.html"] = page(2021, LINK)
    site.crawl()
    assert {row["revisions"] for row in site.ask("reports")} == {1}
    site.table["/f/a.doc"] = said("附件内容")
    assert site.crawl().rows[0]["changed"] == 1
    row = next(row for row in site.ask("reports") if row["year"] == 2021)
    assert (row["revisions"], [item["name"] for item in row["attachments"]]) == (2, ["附件.doc"])


def test_an_attachment_that_cannot_be_had_this_time_is_not_taken_away(site) -> None:
    site.table["/nb/2021.html"] = page(2021, LINK)
    site.table["/f/a.doc"] = said("附件内容")
    site.crawl()
    site.table["/f/a.doc"] = said("gone", 404)
    assert site.crawl().rows[0]["changed"] == 0
    row = next(row for row in site.ask("reports") if row["year"] == 2021)
    assert (row["revisions"], len(row["attachments"])) == (1, 1)


def test_an_attachment_behind_a_redirect_is_known_by_its_link(site) -> None:
    site.table["/nb/2021.html"] = page(2021, LINK)
    site.table["/f/a.doc"] = to("/store/0001")
    site.table["/store/0001"] = said("附件内容")
    assert site.crawl().code == 0
    row = next(row for row in site.ask("reports") if row["year"] == 2021)
    assert [item["url"] for item in row["attachments"]] == [site.url + "/f/a.doc"]


def test_a_file_behind_a_redirect_is_a_report_at_the_address_that_is_listed(site) -> None:
    """A gateway hands files out: the listing's address is the report's, wherever the file lies today."""
    rows = "".join(f"<li><a href='/down.jsp?f={y}.doc'>{title(y)}</a></li>" for y in site.years)
    site.table["/nb/"] = said(f"<ul>{rows}</ul>")
    for year in site.years:
        site.table[f"/down.jsp?f={year}.doc"] = to(f"/store/1/{year}.doc")
        site.table[f"/store/1/{year}.doc"] = page(year)
    site.crawl()
    listed = {f"{site.url}/down.jsp?f={year}.doc" for year in site.years}
    assert {row["url"] for row in site.ask("reports")} == listed
    site.table["/down.jsp?f=2021.doc"] = to("/store/2/2021.doc")
    site.table["/store/2/2021.doc"] = page(2021)
    site.table["/down.jsp?f=2022.doc"] = said("no", 404)
    site.crawl()
    told = [(row["event"], row["url"]) for row in site.ask("changes", "--crawl", "2") if row["event"] != "cosmetic"]
    assert told == [("missing", f"{site.url}/down.jsp?f=2022.doc")], "the file's other place is no news"
    site.table["/down.jsp?f=2022.doc"] = to("/store/1/2022.doc")
    assert site.crawl().rows[0]["back"] == 1
    assert site.ask("verify")["troubles"] == []


def test_a_report_that_redirects_to_an_error_page_is_missing_then_gone(site) -> None:
    site.crawl()
    site.table["/nb/2021.html"] = to("/error.html")
    site.table["/nb/2022.html"] = to("/nothing.html")
    site.table["/error.html"] = said("抱歉，您访问的页面不存在或已删除")
    assert site.crawl().rows[0]["gone"] == 2
    site.crawl()
    assert sorted(row["state"] for row in site.ask("reports")) == ["gone", "gone", "present"]


def test_a_cookie_wall_over_a_second_address_is_passed(site) -> None:
    def walled(handler):
        return page(2021) if "wall=1" in (handler.headers.get("Cookie") or "") else to("/set")

    site.table["/nb/2021.html"] = walled
    site.table["/set"] = to("/nb/2021.html", **{"Set-Cookie": "wall=1; Path=/"})
    assert site.crawl().rows[0]["found"] == 3


def test_two_addresses_that_send_to_each_other_are_a_failure(site) -> None:
    site.table["/nb/2021.html"] = to("/b")
    site.table["/b"] = to("/nb/2021.html")
    ended = site.crawl()
    assert ended.code == 1
    assert [row["reason"] for row in site.ask("requests", "1") if row["outcome"] == "failed"] == ["redirect-loop"]


def test_an_answer_that_cannot_be_unpacked_has_an_outcome_and_stops_nothing(site) -> None:
    for year in (2020, 2021):
        site.table[f"/nb/{year}.html"] = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8bbroken")
    ended = site.crawl()
    assert ended.rows[0]["outcome"] == "finished"
    assert ended.rows[0]["found"] == 1
    assert all(row["outcome"] for row in site.ask("requests", "1"))


def test_a_304_nobody_asked_for_is_a_failure(site) -> None:
    site.table["/nb/2021.html"] = (304, {}, b"")
    site.crawl()
    row = next(row for row in site.ask("requests", "1") if row["url"].endswith("2021.html"))
    assert row["outcome"] == "failed"


def test_folders_that_link_each_other_end(site) -> None:
    for month in range(1, 40):
        site.table[f"/nb/{month:03}/"] = said(f"<a href='/nb/{month + 1:03}/'>下月 政府信息公开年报</a>")
    site.table["/nb/"] = said(
        site.table["/nb/"][2].decode().partition("<body>")[2] + "<a href='/nb/001/'>2023年年报</a>"
    )
    ended = site.crawl()
    assert ended.rows[0]["outcome"] == "finished"
    assert ended.rows[0]["found"] == 3
    assert len(site.asked) < 20


@pytest.mark.parametrize(
    "robots",
    [
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /",
        b"User-agent: nianlun\nDisallow: /",
        b"User-agent: *\r\nDisallow: /\r\n",
    ],
)
def test_robots_is_understood_in_all_its_forms(site, robots) -> None:
    site.table["/robots.txt"] = (200, {"Content-Type": "text/plain"}, robots)
    site.crawl()
    assert set(site.asked) == {"/robots.txt"}


def test_robots_behind_a_redirect_is_obeyed(site) -> None:
    site.table["/robots.txt"] = to("/rules.txt")
    site.table["/rules.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /nb/")
    site.crawl()
    assert not [path for path in site.asked if path.startswith("/nb/")]


def test_an_empty_robots_allows_and_is_no_failure(site) -> None:
    site.table["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"")
    assert site.crawl().code == 0


def test_a_limit_of_one_request_is_an_interruption(site) -> None:
    ended = site.crawl("--max-requests", "1")
    assert (ended.code, ended.rows[0]["outcome"]) == (4, "interrupted")
    assert site.crawl().rows[0]["outcome"] == "finished"


def test_the_headers_kept_are_those_received(site) -> None:
    import gzip

    status, _, body = page(2021)
    site.table["/nb/2021.html"] = (status, {"Content-Encoding": "gzip"}, gzip.compress(body))
    site.crawl()
    from archive.connection import open_reading
    from archive.leaves import unpack_headers

    sql = open_reading(site.archive)
    packed = sql.execute(
        "SELECT response_headers FROM capture JOIN resource ON resource.id=resource WHERE url LIKE '%2021.html'"
    ).fetchone()[0]
    sql.close()
    assert ["Content-Encoding", "gzip"] in unpack_headers(packed)


def test_reading_leaves_no_file_beside_the_archive(site) -> None:
    site.crawl()
    site.ask("reports")
    assert [path.name for path in site.archive.parent.iterdir()] == ["a.db"]


def test_a_busy_host_is_left_in_peace_and_then_asked_again(site) -> None:
    import time

    asked: list[tuple[float, int]] = []

    def answering(year: int):
        def answer(_handler):
            first = not any(status == 429 for _, status in asked)
            asked.append((time.monotonic(), 429 if first else 200))
            return (429, {"Retry-After": "2"}, b"") if first else page(year)

        return answer

    site.table |= {f"/nb/{year}.html": answering(year) for year in site.years}
    assert site.crawl().rows[0]["found"] == 3
    assert [status for _, status in asked] == [429, 200, 200, 200]
    assert asked[1][0] - asked[0][0] >= 1.9
