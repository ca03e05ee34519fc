"""Reports after crawls: what they hold, how they read, and that everything is told to every channel once."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from contextlib import closing

import pytest

from archive.connection import open_reading
from archive.events import position
from archive.model import Errand, Software
from archive.urls import host_of, url_key
from crawler.cli import run
from crawler.exceptions import UsageError
from crawler.reporting import report as reports
from crawler.reporting.atom import ENTRIES, feed
from crawler.reporting.publishing import Channel, Publisher, channels
from crawler.reporting.text import page, text
from crawler.reporting.webhook import Undelivered
from crawler.schedule_file import Reporting
from tests.archive.history_maker import URL, lost, next_crawl, revise
from tests.conftest import exchange

ATOM = "{http://www.w3.org/2005/Atom}"
HOUR = 3_600_000


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "a.db"


def turned_away(store, reason: str = "ruishu") -> int:
    """A request that the host blocked; return when."""
    url = "http://www.test.gov.cn/zwgk/"
    number = store.ask(store.crawl, Errand(url=url, key=url_key(url), role="listing", host=host_of(url)))
    at = store.clock()
    captured = store.capture(store.crawl, store.portal, exchange(url, b"no", at, 412), "blocked", reason, "page")
    store.end(number, "blocked", reason, 412, captured.capture)
    return at


def end(store, outcome: str = "finished", *, finished: bool = True, problems=()) -> None:
    store.chronicle.teller.absences(store.crawl, store.portal)
    store.end_crawl(store.crawl, outcome, finished=finished, problems=list(problems))


def of(store, number: int | None = None):
    return reports.of(store.sql, [number or store.crawl], 0)


def test_each_event_is_in_its_list_with_what_changed(store) -> None:
    revise(store, 5)
    next_crawl(store)
    revise(store, 6)
    end(store)
    (portal,) = of(store).portals()
    (changed,) = portal["changed"]
    assert (portal["portal"], portal["new"], portal["failed"]) == ("test-portal", [], 0)
    assert changed["url"] == URL
    assert changed["observations"][0]["before"] == 5
    assert [row["new"][0]["year"] for row in of(store, 1).portals()] == [2023]
    told = text(of(store))
    assert "changed · 有修改: 测试商务厅 2023" in told
    assert "applications.received.total: 5 → 6" in told


def test_what_is_gone_says_since_when(store) -> None:
    revise(store)
    next_crawl(store)
    lost(store)
    end(store)
    told = of(store)
    assert told.counts()["missing"] == 1
    assert "last seen 2023-11-14T" in text(told)


def test_blocked_short_and_failed_are_said(store) -> None:
    at = turned_away(store)
    lost(store, outcome="failed", status=500)
    end(store, "blocked", problems=["short by 3: http://www.test.gov.cn/a/ says it has 5 entries, 2 were found", "odd"])
    found = of(store)
    (portal,) = found.portals()
    assert portal["blocked"] == [
        {"host": "www.test.gov.cn", "kind": "ruishu", "until": reports.shown_time(at + 24 * HOUR)}
    ]
    assert (len(portal["short"]), portal["problems"], portal["failed"]) == (1, ["odd"], 1)
    assert {name for name, number in found.counts().items() if number} == {"blocked", "short", "failed"}
    told = text(found)
    assert "short · 数量不足: short by 3" in told
    assert "www.test.gov.cn (ruishu), left alone until 2023-11-15T" in told
    assert "requests that brought nothing: 1" in told


def test_what_portals_say_is_escaped_and_no_link_of_theirs_is_a_script(store) -> None:
    revise(store, publisher='<b onload="x">\x1b[31m', url="javascript:alert(1)")
    end(store)
    told = page(of(store))
    assert "<b onload" not in told
    assert "href" not in told
    assert "\x1b" not in text(of(store))
    assert b"<b onload" not in feed(store.sql, position(store.sql))
    assert b"javascript" not in feed(store.sql, position(store.sql))


def entries(document: bytes) -> list[ET.Element]:
    return ET.fromstring(document).findall(f"{ATOM}entry")


def test_the_feed_is_valid_and_its_ids_stay(store) -> None:
    revise(store, 5)
    next_crawl(store)
    revise(store, 6)
    turned_away(store)
    end(store, "blocked")
    before = feed(store.sql, position(store.sql))
    root = ET.fromstring(before)
    for parent in (root, *entries(before)):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1
            assert parent.find(f"{ATOM}{name}").text
        assert parent.find(f"{ATOM}id").text.startswith("urn:uuid:")
    assert root.find(f"{ATOM}author/{ATOM}name").text
    told = [entry.find(f"{ATOM}category").get("term") for entry in entries(before)]
    assert told == ["trouble", "changed", "new"]
    assert root.find(f"{ATOM}updated").text == entries(before)[0].find(f"{ATOM}updated").text
    assert entries(before)[1].find(f"{ATOM}link").get("href") == URL
    ids = [entry.find(f"{ATOM}id").text for entry in entries(before)]
    assert len(set(ids)) == 3
    store.crawl = store.begin_crawl(store.portal, "uid-3", Software("nianlun", "test"), {}, None)
    revise(store, 7)
    assert [entry.find(f"{ATOM}id").text for entry in entries(feed(store.sql, position(store.sql)))][1:] == ids


def test_the_feed_holds_so_many_entries_and_the_newest(store) -> None:
    for number in range(ENTRIES + 5):
        revise(store, url=f"http://www.test.gov.cn/{number}.html", year=2000 + number % 20)
    found = entries(feed(store.sql, position(store.sql)))
    assert len(found) == ENTRIES
    assert found[0].find(f"{ATOM}link").get("href") == f"http://www.test.gov.cn/{ENTRIES + 4}.html"


def test_an_empty_archive_has_a_feed_too(store) -> None:
    document = feed(store.sql, position(store.sql))
    assert entries(document) == []
    assert ET.fromstring(document).find(f"{ATOM}updated").text == "1970-01-01T00:00:00.000Z"


# ------------------------------------------------------------ everything once


class Taken:
    """A channel that remembers, and refuses when told to."""

    def __init__(self, name: str = "taken") -> None:
        self.reports = []
        self.refuses = False
        self.channel = Channel(name, self._deliver)

    def _deliver(self, report, _sql) -> None:
        if self.refuses:
            raise Undelivered("no")
        self.reports.append(report)

    @property
    def events(self) -> list[tuple[str, str]]:
        return [(each.event, each.url) for report in self.reports for each in report.occurrences]


def publisher(archive, *taken: Taken, **more) -> Publisher:
    found = Publisher(archive, [one.channel for one in taken], clock=lambda: 5.0, **more)
    found.begin()
    return found


def test_what_happens_after_the_beginning_is_told_once_also_after_a_restart(store, archive) -> None:
    revise(store, 5)
    next_crawl(store)
    taken = Taken()
    first = publisher(archive, taken)
    first.publish()
    assert taken.reports == []
    revise(store, 6)
    end(store)
    first.publish()
    first.publish()
    publisher(archive, taken).publish()
    assert taken.events == [("changed", URL)]
    assert [visit.crawl for visit in taken.reports[0].visits] == [2]


def test_a_channel_that_refuses_gets_it_later_and_keeps_nobody_waiting(store, archive) -> None:
    down, good, said = Taken("down"), Taken("good"), []
    both = publisher(archive, down, good, say=said.append)
    down.refuses = True
    revise(store, 5)
    end(store)
    both.publish()
    assert (down.events, good.events, said) == ([], [("new", URL)], ["no"])
    down.refuses = False
    publisher(archive, down, good).publish()
    assert (down.events, good.events) == ([("new", URL)], [("new", URL)])


def test_a_crash_between_delivery_and_writing_repeats_the_same_report(store, archive) -> None:
    taken = Taken()
    one = publisher(archive, taken)
    revise(store)
    end(store)
    kept = (archive.parent / "a.db.published").read_bytes()
    one.publish()
    (archive.parent / "a.db.published").write_bytes(kept)
    publisher(archive, taken).publish()
    assert [report.id for report in taken.reports] == [taken.reports[0].id] * 2


def test_a_crawl_that_stopped_is_told_of_when_it_stops_and_when_it_ends(store, archive) -> None:
    taken = Taken()
    one = publisher(archive, taken)
    turned_away(store)
    end(store, "blocked", finished=False)
    one.publish()
    one.publish()
    assert [[visit.outcome for visit in report.visits] for report in taken.reports] == [["blocked"]]
    end(store, "blocked")
    one.publish()
    assert len(taken.reports) == 2
    assert taken.reports[0].id != taken.reports[1].id


def test_no_news_is_no_report(store, archive) -> None:
    revise(store)
    next_crawl(store)
    taken = Taken()
    one = publisher(archive, taken)
    end(store)
    one.publish()
    assert taken.reports == []
    assert json.loads((archive.parent / "a.db.published").read_text())["taken"]["seal"] == 2


def test_what_was_imported_is_no_news(store, archive) -> None:
    taken = Taken()
    one = publisher(archive, taken)
    store.sql.execute("UPDATE crawl SET settings='{\"import\": {}}'")
    revise(store)
    end(store)
    one.publish()
    assert taken.reports == []


def test_before_there_is_an_archive_nothing_is_told_and_then_all_of_it(tmp_path, store, archive) -> None:
    taken = Taken()
    early = publisher(tmp_path / "later.db", taken)
    early.publish()
    revise(store)
    end(store)
    store.commit()
    store.sql.execute("VACUUM INTO ?", (str(tmp_path / "later.db"),))
    early.publish()
    assert taken.events == [("new", URL)]


def test_an_archive_that_was_put_back_is_noticed(store, archive) -> None:
    revise(store)
    end(store)
    (archive.parent / "a.db.published").write_text('{"taken": {"change": 99, "seal": 9, "open": {}}}')
    taken, said = Taken(), []
    publisher(archive, taken, say=said.append).publish()
    assert taken.reports == []
    assert "is not the archive it was" in said[0]


def test_a_state_file_that_cannot_be_read_is_one_sentence(store, archive) -> None:
    (archive.parent / "a.db.published").write_text("[3]")
    with pytest.raises(UsageError, match="remove it"):
        publisher(archive, Taken())


def test_the_files_and_the_feed_are_whole_and_in_place(store, archive, tmp_path, capsys) -> None:
    reporting = Reporting(file=tmp_path / "out" / "reports", atom=tmp_path / "web" / "feed.xml")
    one = Publisher(archive, channels(reporting), clock=lambda: 1_700_000_000.0)
    one.begin()
    revise(store)
    end(store)
    one.publish()
    kept = sorted((tmp_path / "out/reports").iterdir())
    assert [file.suffix for file in kept] == [".json", ".txt"]
    assert kept[0].name.startswith("2023-11-14T221320Z-")
    assert json.loads(kept[0].read_text())["counts"]["new"] == 1
    assert kept[1].read_text() == capsys.readouterr().out
    assert len(entries((tmp_path / "web/feed.xml").read_bytes())) == 1
    assert [file.name for file in (tmp_path / "web").iterdir()] == ["feed.xml"]


def test_a_place_that_cannot_be_written_is_said(store, archive, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    said = []
    ways = channels(Reporting(file=tmp_path / "file", atom=tmp_path / "file" / "feed.xml"))
    one = Publisher(archive, ways, clock=lambda: 0.0, say=said.append)
    one.begin()
    revise(store)
    end(store)
    one.publish()
    assert [sentence.partition(" could")[0] for sentence in said] == [
        str(tmp_path / "file"),
        str(tmp_path / "file/feed.xml"),
    ]


# ------------------------------------------------------------ the command


def test_the_command(store, archive, capsys) -> None:
    revise(store)
    next_crawl(store)
    turned_away(store)
    end(store, "blocked")
    store.commit()
    words = ["report", "-a", str(archive)]
    assert run([*words, "--crawl", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"id", "made", "counts", "portals"}
    assert told["counts"]["new"] == 1
    assert run([*words, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [crawl["id"] for crawl in told["portals"][0]["crawls"]] == [1, 2]
    assert run([*words, "--since", "2030-01-01"]) == 0
    assert "nothing new" in capsys.readouterr().out
    assert run([*words, "--html"]) == 1
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")
    assert run([*words, "--crawl", "9"]) == 2
    assert "There is no crawl 9" in capsys.readouterr().err


def test_reading_changes_nothing(store, archive) -> None:
    revise(store)
    store.commit()
    with closing(open_reading(archive)) as sql:
        assert len(entries(feed(sql, position(sql)))) == 1
    assert not (archive.parent / "a.db.published").exists()
