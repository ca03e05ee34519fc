"""Files that others archived come in with their own times, are read like a crawl's, and say what of them could not be had."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import socket
import sqlite3
import time

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.connection import open_reading
from archive.query import Filters, changes, observations, reports
from archive.verify import verify
from crawler.cli import run
from crawler.simulator import Simulator
from tests.journeys.conftest import Journey, nianlun, start
from tests.journeys.test_parts_and_redirects import Site
from tests.journeys.test_parts_and_redirects import page as live_page
from tests.pipelines.importing.making import HOST, info, other, packed, page, record, request, response, when
from tests.pipelines.importing.test_http_messages import chunked
from tests.pipelines.test_reports import report as docx_report

pytestmark = pytest.mark.journey
URL = f"{HOST}/nb/2018.html"
_NUMBERS = ("id", "report", "crawl", "capture", "moved_to", "observations", "software", "other")


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Nothing is ever asked for."""

    def refused(*_):
        raise AssertionError("an import connected to somebody")

    monkeypatch.setattr(socket.socket, "connect", refused)


class Into:
    """An archive that files are imported into."""

    def __init__(self, folder, capsys, name="a.db") -> None:
        self.folder = folder
        self.archive = folder / name
        self.capsys = capsys

    def file(self, name: str, data: bytes):
        (self.folder / name).write_bytes(data)
        return self.folder / name

    def take(self, *words, code=0):
        """Import, check how it ended and that the archive is sound, and return the rows."""
        self.capsys.readouterr()
        ended = run(["import", *map(str, words), "-a", str(self.archive), "--json", "--quiet", "--no-ocr"])
        said = self.capsys.readouterr()
        assert ended == code, (said.out, said.err)
        if self.archive.exists():
            assert self.troubles() == []
        return json.loads(said.out) if said.out else said.err

    def troubles(self) -> list[str]:
        return [f"{trouble.what} {trouble.row}: {trouble.message}" for trouble in verify(open_reading(self.archive))]

    def view(self):
        return view(self.archive)

    def reports(self):
        return reports(open_reading(self.archive), Filters())

    def events(self):
        return [
            (row["event"], row["seen"][:10], row["revision"])
            for row in sorted(changes(open_reading(self.archive)), key=lambda row: row["seen"])
        ]


def view(archive) -> dict[str, list[str]]:
    """What an archive says, without its own numbers."""
    sql = open_reading(archive)

    def plain(rows):
        return sorted(str({name: value for name, value in row.items() if name not in _NUMBERS}) for row in rows)

    captures = sql.execute(
        "SELECT url, at, status, outcome, method, peer, hex(digest), elapsed FROM capture JOIN resource ON"
        " resource.id=capture.resource LEFT JOIN payload ON payload.id=capture.payload"
    )
    return {
        "reports": plain(reports(sql, Filters())),
        "figures": plain(observations(sql, Filters())),
        "changes": plain(changes(sql)),
        "captures": sorted(str(tuple(row)) for row in captures),
    }


@pytest.fixture
def into(tmp_path, capsys):
    return Into(tmp_path, capsys)


# ---------------------------------------------------------------- round trips and peers


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A portal crawled twice, with an edit and a withdrawal between."""
    folder = tmp_path_factory.mktemp("crawled")
    with Simulator(seed=5) as world:
        journey = Journey(world, folder / "live.db")
        assert journey.crawl().code == 0
        world.edit()
        world.withdraw(min(world.truth().reports))
        world.advance(days=365)
        world.publish()
        journey.crawl()
    for kind in ("warc", "wacz"):
        assert nianlun("export", kind, folder / f"all.{kind}", "-a", folder / "live.db").code == 0
    for crawl in ("1", "2"):
        nianlun("export", "warc", folder / f"{crawl}.warc.gz", "-a", folder / "live.db", "--crawl", crawl)
    return folder


@pytest.mark.parametrize("files", [["all.warc"], ["all.wacz"], ["2.warc.gz", "1.warc.gz"]])
def test_what_was_exported_comes_in_as_it_was(crawled, into, files) -> None:
    rows = into.take(*(crawled / name for name in files))
    assert [row["problems"] for row in rows] == [[]] * len(files)
    wanted = view(crawled / "live.db")
    assert len(wanted["reports"]) > 10
    for name, value in into.view().items():
        assert value == wanted[name], name


def test_an_import_before_a_crawl_s_own_history_is_told_by_time(crawled, into) -> None:
    """The second crawl is known first; what it leans on is said to be missing, and the first finds its place before it."""
    problems = into.take(crawled / "2.warc.gz", code=1)[0]["problems"]
    assert problems
    assert all("import that file first" in problem["reason"] for problem in problems)
    into.take(crawled / "1.warc.gz")
    live, found = view(crawled / "live.db"), into.view()
    assert [row["url"] for row in into.reports()] == [
        row["url"] for row in reports(open_reading(crawled / "live.db"), Filters())
    ]
    whole = [row for row in live["changes"] if "'changed'" in row or "'missing'" in row]
    assert len(whole) >= 2
    assert set(whole) <= set(found["changes"])


def written_by_warcio(revisit_digest=None) -> bytes:
    held = io.BytesIO()
    writer = WARCWriter(held, gzip=True)
    writer.write_record(writer.create_warcinfo_record("a.warc.gz", {"software": "warcio", "isPartOf": "the old crawl"}))
    body = chunked(gzip.compress(page(2018)))
    for day, url in ((0, URL), (400, f"{HOST}/nb/2017.html")):
        payload = body if day == 0 else page(2017)
        headers = [("Content-Type", "text/html"), ("Server", "old")]
        headers += [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")] if day == 0 else []
        answer = writer.create_warc_record(
            url, "response", payload=io.BytesIO(payload), http_headers=StatusAndHeaders("200 OK", headers, "HTTP/1.1"),
            warc_headers_dict={"WARC-Date": when(day), "WARC-IP-Address": "203.0.113.9"},
        )  # fmt: skip
        asked = writer.create_warc_record(
            url, "request", http_headers=StatusAndHeaders(f"GET {url} HTTP/1.0", [("User-Agent", "warcio")], is_http_request=True),
            warc_headers_dict={"WARC-Date": when(day)},
        )  # fmt: skip
        writer.write_request_response_pair(asked, answer)
        asked.raw_stream.close()
        answer.raw_stream.close()
        if day == 0:
            digest = answer.rec_headers.get_header("WARC-Payload-Digest")
    again = writer.create_revisit_record(
        URL, revisit_digest or digest, URL, when(0), http_headers=StatusAndHeaders("200 OK", [("Server", "new")], "HTTP/1.1"),
        warc_headers_dict={"WARC-Date": when(500)},
    )  # fmt: skip
    writer.write_record(again)
    again.raw_stream.close()
    return held.getvalue()


def test_a_file_of_warcio_comes_in_whole(into) -> None:
    rows = into.take(into.file("w.warc.gz", written_by_warcio()))
    assert (rows[0]["records"], rows[0]["captures"], rows[0]["revisits"], rows[0]["problems"]) == (6, 3, 1, [])
    assert [(row["year"], row["first_seen"], row["last_seen"]) for row in into.reports()] == [
        (2017, "2020-04-04T08:00:00.000Z", "2020-04-04T08:00:00.000Z"),
        (2018, "2019-03-01T08:00:00.000Z", "2020-07-13T08:00:00.000Z"),
    ]
    sql = open_reading(into.archive)
    peers = sql.execute("SELECT DISTINCT peer FROM capture WHERE outcome='fetched'").fetchall()
    assert [row[0] for row in peers] == ["203.0.113.9"]
    assert sql.execute("SELECT count(*) FROM capture WHERE request_headers IS NOT NULL").fetchone()[0] == 2
    settings = json.loads(sql.execute("SELECT settings FROM crawl ORDER BY id LIMIT 1").fetchone()[0])["import"]
    assert (settings["file"], settings["day"], settings["warcinfo"]["ispartof"]) == (
        "w.warc.gz",
        "2019-03-01",
        "the old crawl",
    )
    assert settings["digest"] == rows[0]["digest"]


def test_a_revisit_of_nothing_that_is_known_is_told(into) -> None:
    forged = "sha1:" + "A" * 32
    rows = into.take(into.file("w.warc.gz", written_by_warcio(forged)), code=1)
    assert [problem["uri"] for problem in rows[0]["problems"]] == [URL]
    assert rows[0]["captures"] == 2


def test_a_revisit_leans_on_what_an_earlier_file_brought(into) -> None:
    first = response(URL, page())
    digest = next(line for line in first.decode().split("\r\n") if line.startswith("WARC-Payload-Digest")).partition(
        ": "
    )[2]
    fields = (("WARC-Payload-Digest", digest), ("WARC-Refers-To-Target-URI", URL), ("WARC-Refers-To-Date", when()))
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    again = record("revisit", block, url=URL, date=when(9), fields=fields)
    into.take(into.file("1.warc.gz", packed(first)))
    assert into.take(into.file("2.warc.gz", packed(again)))[0]["revisits"] == 1
    assert into.reports()[0]["last_seen"] == "2019-03-10T08:00:00.000Z"


# ---------------------------------------------------------------- histories


def days(*answers, start_day=0) -> bytes:
    """One page over days: a body, or a status."""
    made = []
    for day, what in enumerate(answers, start_day):
        if isinstance(what, int):
            made.append(response(URL, b"<html>no</html>", date=when(day), status=what))
        else:
            made.append(response(URL, what, date=when(day)))
    return packed(*made)


def test_gone_and_back_are_told_by_the_days_of_the_file(into) -> None:
    into.take(into.file("a.warc.gz", days(page(), 404, 404, page(), page(seed=2), 503)))
    assert into.events() == [
        ("new", "2019-03-01", 1), ("missing", "2019-03-02", 1), ("gone", "2019-03-03", 1), ("back", "2019-03-04", 1),
        ("changed", "2019-03-05", 2),
    ]  # fmt: skip
    assert into.reports()[0]["state"] == "unreachable"


def test_files_give_the_same_whatever_their_order(into, tmp_path, capsys) -> None:
    """Also one by one: what lies between is told anew."""
    parts = [
        into.file("1.warc.gz", days(page(), 404)),
        into.file("2.warc.gz", days(page(), page(seed=2), 500, start_day=2)),
        into.file("3.warc.gz", days(page(), 410, 404, start_day=5)),
    ]
    into.take(*parts)
    for n, order in enumerate(((2, 1, 0), (1, 0, 2), (2, 0, 1))):
        again = Into(tmp_path, capsys, f"{n}.db")
        for i in order:
            again.take(parts[i])
        assert again.events() == into.events(), order
        assert again.view()["reports"] == into.view()["reports"]
        assert sorted(again.view()["figures"]) == sorted(into.view()["figures"])


def test_a_history_older_than_the_first_crawl(tmp_path, capsys, monkeypatch) -> None:
    """The report is the one the crawl knows; its older content becomes the first revision; the next crawl goes on."""
    monkeypatch.undo()  # the crawls are processes of their own
    into = Into(tmp_path, capsys)
    with Site(range(2018, 2020), tmp_path).standing() as site:
        assert site.crawl().code == 0
        host = site.url
        old = [
            response(f"{host}/nb/2018.html", page(2018, seed=7), date=when(0)),
            response(f"{host}/nb/2018.html", live_page(2018)[2], date=when(30)),
            response(f"{host}/nb/2015.html", page(2015), date=when(0)),
            response(f"{host}/nb/2015.html", b"<html>no</html>", date=when(30), status=404),
            response(f"{host}/nb/2019.html", b"busy", date=when(30), status=503),
        ]
        row = into.take(into.file("old.warc.gz", packed(*old)))[0]
        assert (row["captures"], row["reports"], row["problems"]) == (5, 1, [])
        found = {item["year"]: item for item in into.reports()}
        assert {year: (item["revisions"], item["state"], item["portal"]) for year, item in found.items()} == {
            2015: (1, "missing", site.ask("crawls")[0]["portal"]),
            2018: (2, "present", site.ask("crawls")[0]["portal"]),
            2019: (1, "present", site.ask("crawls")[0]["portal"]),
        }
        assert found[2018]["first_seen"] == "2019-03-01T08:00:00.000Z"
        assert [event for event, *_ in into.events()].count("changed") == 1
        last = "SELECT at FROM resource JOIN capture ON capture.id=last_capture WHERE url=?"
        held = open_reading(into.archive).execute(last, (f"{host}/nb/2018.html",)).fetchone()
        assert held[0] > 1_700_000_000_000  # what a next crawl asks with is still the newest answer
        history = observations(open_reading(into.archive), Filters(year=2018, at=1_551_500_000_000))
        assert {item["captured"][:10] for item in history} == {"2019-03-01"}
        assert site.crawl().code == 0
        assert into.troubles() == []
        after = {item["year"]: item for item in into.reports()}
        assert (after[2018]["revisions"], after[2018]["state"]) == (2, "present")


def test_the_same_file_adds_nothing(into) -> None:
    file = into.file("a.warc.gz", days(page(), page(seed=2)))
    into.take(file)
    before = into.view(), log_size(into)
    assert into.take(file)[0]["known"] is True
    renamed = into.file("b.warc.gz", file.read_bytes())
    assert into.take(renamed)[0]["known"] is True
    assert (into.view(), log_size(into)) == before


def log_size(into) -> int:
    return open_reading(into.archive).execute("SELECT count(*) FROM log").fetchone()[0]


def test_attachments_belong_to_their_page_and_files_alone_are_reports(into) -> None:
    link = "<p>附件：<a href='/f/a.docx'>2018年报.docx</a></p>"
    made = [
        response(f"{HOST}/f/a.docx", docx_report("某市商务局", 2018), date=when(0.01), headers=()),
        response(f"{HOST}/f/a.docx", docx_report("某市商务局", 2018, 5), date=when(0.02), headers=()),
        response(URL, page(2018, extra=link), date=when(0)),
        response(f"{HOST}/f/b.docx", docx_report("乙市财政局", 2017), date=when(0), headers=()),
        response(f"{HOST}/weather.html", other(), date=when(0)),
    ]
    into.take(into.file("a.warc.gz", packed(*made)))
    found = {row["url"]: row for row in into.reports()}
    assert found.keys() == {URL, f"{HOST}/f/b.docx"}
    assert [item["url"] for item in found[URL]["attachments"]] == [f"{HOST}/f/a.docx"]
    assert (found[f"{HOST}/f/b.docx"]["publisher"], found[f"{HOST}/f/b.docx"]["year"]) == ("乙市财政局", 2017)


# ---------------------------------------------------------------- folders, portals


def test_a_folder_of_files(into, tmp_path) -> None:
    folder = tmp_path / "files"
    (folder / "www.old.gov.cn/nb").mkdir(parents=True)
    (folder / "www.old.gov.cn/nb/2018.html").write_bytes(page(2018))
    (folder / "丙局.docx").write_bytes(docx_report("丙市财政局", 2016))
    (folder / "index.csv").write_text("file,url,date\n丙局.docx,,2017-02-01T00:00Z\n", encoding="utf-8")
    os.utime(folder / "www.old.gov.cn/nb/2018.html", (1_552_000_000, 1_552_000_000))
    row = into.take(folder)[0]
    assert (row["records"], row["reports"], row["problems"]) == (2, 2, [])
    found = {item["year"]: item for item in into.reports()}
    assert found[2018]["url"] == URL
    assert found[2018]["first_seen"] == "2019-03-07T23:06:40.000Z"
    assert found[2016]["url"].startswith("urn:nianlun:file:")
    assert found[2016]["first_seen"] == "2017-02-01T00:00:00.000Z"
    reasons = [item[0] for item in open_reading(into.archive).execute("SELECT reason FROM capture ORDER BY at")]
    assert ["index.csv" in reasons[0], "last written" in reasons[1]] == [True, True]


def test_the_portal_is_the_one_of_the_host_or_the_one_named(into) -> None:
    into.take(into.file("a.warc.gz", days(page())))
    assert into.reports()[0]["portal"] == "www.old.gov.cn"
    file = into.file("b.warc.gz", packed(response("http://elsewhere.gov.cn/1.html", page(2016))))
    into.take(file, "--portal", "www.old.gov.cn")
    assert {row["portal"] for row in into.reports()} == {"www.old.gov.cn"}
    assert "No portal 'nonsense'" in into.take(file, "--portal", "nonsense", code=2)


def test_an_unfinished_import_is_no_crawl_to_resume(store) -> None:
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    from archive.model import Software

    store.begin_crawl(store.portal, "i", Software("nianlun", "t"), {"import": {"file": "a"}}, None)
    assert store.interrupted(store.portal) is None
    crawl = store.begin_crawl(store.portal, "c", Software("nianlun", "t"), {"delay": 0}, None)
    assert store.interrupted(store.portal) == crawl


# ---------------------------------------------------------------- what cannot be taken in


def test_damage_is_reported_and_the_rest_comes_in(into) -> None:
    whole = packed(info(), response(URL, page()))
    rows = into.take(into.file("cut.warc.gz", whole + packed(response(f"{HOST}/2.html", page(2017)))[:-30]), code=1)
    assert rows[0]["captures"] == 1
    assert [problem["offset"] for problem in rows[0]["problems"]] == [len(whole)]
    summary = json.loads(open_reading(into.archive).execute("SELECT summary FROM crawl").fetchone()[0])
    assert "truncated" in summary["problems"][0]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (response("file:///etc/passwd", page()), "scheme"),
        (response("javascript:alert(1)", page()), "scheme"),
        (response("ftp://www.old.gov.cn/a.html", page()), "scheme"),
        (response("http://", page()), "no host"),
        (response("http://[::1/x", page()), "cannot be read"),
        (response(f"{HOST}/a b\x1b[31m", page()), "control"),
        (response(f"{HOST}/{'x' * 9000}", page()), "longer"),
        (record("response", b"HTTP/1.1 200 OK\r\n\r\nx", url=None), "no WARC-Target-URI"),
        (response(URL, page(), date="2099-01-01T00:00:00Z"), "future"),
        (response(URL, page(), date="never"), "no date"),
        (response(URL, page(), headers=(("Content-Encoding", "gzip"),)).replace(b"gzip", b"rot1"), "Digest"),
        (record("response", b"no http", url=URL), "no status line"),
        (record("continuation", b"x", url=URL), "continuation"),
    ],
)
def test_records_that_cannot_be_are_left_out(into, bad, said) -> None:
    rows = into.take(into.file("a.warc.gz", packed(bad, response(f"{HOST}/good.html", page(2017)))), code=1)
    assert rows[0]["captures"] == 1
    assert len(rows[0]["problems"]) == 1
    assert said in rows[0]["problems"][0]["reason"]
    assert [row["year"] for row in into.reports()] == [2017]


def test_a_truncated_answer_is_kept_and_makes_no_revision(into) -> None:
    cut = response(URL, page(), fields=(("WARC-Truncated", "length"),), date=when(1))
    into.take(into.file("a.warc.gz", packed(response(URL, page()), cut)))
    sql = open_reading(into.archive)
    assert [tuple(row) for row in sql.execute("SELECT outcome, truncated, reason FROM capture ORDER BY at")] == [
        ("fetched", 0, None), ("failed", 1, "truncated: length"),
    ]  # fmt: skip
    assert into.reports()[0]["revisions"] == 1


def test_names_that_lead_out_stay_data(into) -> None:
    file = into.file("a.warc.gz", packed(response(f"{HOST}/../../../etc/%2e%2e/passwd.html", page(2018))))
    before = set(into.folder.iterdir())
    into.take(file)
    assert set(into.folder.iterdir()) - before <= {into.archive}
    assert into.reports()[0]["url"].endswith("/../../../etc/%2e%2e/passwd.html")


def test_an_answer_is_not_taken_for_another_s_request(into) -> None:
    asked = request(URL, date=when(3))
    into.take(into.file("a.warc.gz", packed(response(URL, page()), asked)))
    sql = open_reading(into.archive)
    assert [tuple(row) for row in sql.execute("SELECT outcome, error FROM capture ORDER BY at")] == [
        ("fetched", None), ("failed", "the file holds no answer to this request"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [("none.warc", None, "does not exist"), ("a.txt", b"text", "neither WARC nor WACZ")],
)
def test_wrong_usage_is_one_sentence_and_makes_nothing(into, name, data, said) -> None:
    if data is not None:
        into.file(name, data)
    assert said in into.take(into.folder / name, code=2)
    assert not into.archive.exists()


def test_a_dry_run_writes_nothing(into) -> None:
    file = into.file("a.warc.gz", packed(response(URL, page()), response(f"{HOST}/x", page()))[:-20])
    rows = into.take(file, "--dry-run", code=1)
    assert (rows[0]["captures"], len(rows[0]["problems"])) == (1, 1)
    assert sorted(item.name for item in into.folder.iterdir()) == ["a.warc.gz"]
    into.take(into.file("b.warc.gz", days(page())))
    before = into.archive.read_bytes()
    into.take(file, "--dry-run", code=1)
    assert into.archive.read_bytes() == before


# ---------------------------------------------------------------- kills


def test_a_killed_import_goes_on_where_it_was(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.undo()
    made = []
    for n in range(60):
        for day in (0, 1, 2):
            what = page(2000 + n % 20, seed=1 + n + (day == 2)) if (n + day) % 7 else None
            url = f"{HOST}/nb/{n}.html"
            made.append(response(url, what or b"<html>no</html>", date=when(day), status=200 if what else 404))
    file = tmp_path / "a.warc.gz"
    file.write_bytes(packed(*made))
    whole, broken = Into(tmp_path, capsys, "whole.db"), Into(tmp_path, capsys, "broken.db")
    whole.take(file)
    rng, struck = random.Random(4), 0
    for _ in range(12):
        process = start("import", str(file), "-a", str(broken.archive), "--quiet", "--no-ocr", start_new_session=True)
        wanted = log_entries(broken.archive) + rng.randint(1, 60)
        deadline = time.monotonic() + 30
        while log_entries(broken.archive) < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            struck += 1
        process.communicate()
        if log_entries(broken.archive):
            assert broken.troubles() == []
    broken.take(file)
    assert struck >= 3
    assert broken.view() == whole.view()
    assert log_size(broken) == log_size(whole)


def log_entries(archive) -> int:
    try:
        sql = sqlite3.connect(f"file:{archive}?mode=ro", uri=True)
        try:
            return sql.execute("SELECT count(*) FROM log").fetchone()[0]
        finally:
            sql.close()
    except sqlite3.OperationalError:
        return 0


def test_a_folder_s_files_come_back_from_an_exported_warc(tmp_path) -> None:
    """What nobody fetched is a resource record, and keeps how its time was found."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, year in (("a.docx", 2018), ("b.docx", 2019)):
        (folder / name).write_bytes(docx_report("某市商务局", year))
    first, second, out = tmp_path / "a.db", tmp_path / "b.db", tmp_path / "a.warc.gz"
    assert nianlun("import", folder, "-a", first, "--quiet").code == 0
    assert nianlun("export", "warc", out, "-a", first).code == 0
    assert nianlun("import", out, "-a", second, "--quiet").code == 0
    told = []
    for archive in (first, second):
        rows = nianlun("observations", "-a", archive, "--json").rows
        told.append(sorted((row["url"], row["indicator"], row["raw"], row["captured"]) for row in rows))
        assert nianlun("verify", "-a", archive).code == 0
    assert told[0] == told[1]
    assert len(told[0]) > 100


def test_an_article_that_names_itself_is_no_listing_for_the_links_in_its_menu(tmp_path) -> None:
    """A page whose menu is full of annual reports, at an address that says nothing, is an article by its own tag."""
    menu = "".join(
        f"<li><a href='/nb/{y}.html'>某市商务局{y}年政府信息公开工作年度报告</a></li>" for y in range(2012, 2018)
    )
    body = live_page(2018)[2].replace(b"<body>", f"<body><ul>{menu}</ul>".encode())
    tag = "<meta name='ArticleTitle' content='某市商务局2018年政府信息公开工作年度报告'>".encode()
    folder = tmp_path / "www.test.gov.cn"
    folder.mkdir()
    (folder / "page_old.html").write_bytes(body.replace(b"<head>", b"<head>" + tag))
    assert nianlun("import", tmp_path, "-a", tmp_path / "a.db", "--quiet").code == 0
    assert [row["year"] for row in nianlun("reports", "-a", tmp_path / "a.db", "--json").rows] == [2018]


def test_two_who_imported_the_same_file_can_be_merged(tmp_path) -> None:
    """Their crawls are the same crawl, whenever each of them imported it."""
    file = tmp_path / "a.warc.gz"
    file.write_bytes(packed(response(f"{HOST}/nb/1.html", page(2018), date=when(0))))
    archives = [tmp_path / "a.db", tmp_path / "b.db"]
    for archive in archives:
        assert nianlun("import", file, "-a", archive, "--quiet").code == 0
    ended = nianlun("merge", *archives, "-a", tmp_path / "all.db", "--quiet")
    assert ended.code == 0, ended.err
    assert len(nianlun("reports", "-a", tmp_path / "all.db", "--json").rows) == 1
    assert nianlun("verify", "-a", tmp_path / "all.db").code == 0
