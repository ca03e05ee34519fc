"""The page of series and the files of charts: question, drawing, table, addresses, mistakes."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from archive.web.exchange import BadQuestion, NotHere
from archive.web.pages.series import ROUTES
from tests.archive.history_maker import next_crawl, revise
from tests.archive.web.machines.asking import ask

RECEIVED = "applications.received.total"
HOSTILE = "<script>alert(1)</script>\"'&甲局"


class Seen(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag, **wanted):
        return [a for t, a in self.found if t == tag and all(a.get(k) == v for k, v in wanted.items())]


@pytest.fixture
def sql(store):
    for year in (2021, 2022, 2023):
        revise(store, year - 2021, url=f"http://www.test.gov.cn/{year}.html", year=year)
    revise(store, 4, url="http://www.test.gov.cn/b.html", year=2023, publisher=HOSTILE)
    next_crawl(store)
    revise(store, 9, url="http://www.test.gov.cn/2023.html", year=2023)
    return store.sql


def shown(sql, address, status=200):
    answer = ask(sql, ROUTES, address)
    assert answer.status == status
    return answer.data.decode()


def test_without_a_question_an_example_is_shown_and_said_to_be_one(sql):
    """The publishers with most years, their applications received; drawn for a page and for a phone."""
    text = shown(sql, "/series?lang=en")
    assert "An example: applications received" in text
    seen = Seen(text)
    assert [one["class"] for one in seen.all("div") if "chart" in (one.get("class") or "")] == [
        "chart on-wide",
        "chart on-narrow",
    ]
    assert len(seen.all("svg")) == 2
    ids = [one["id"] for _, one in seen.found if one.get("id")]
    assert len(ids) == len(set(ids))


def test_the_table_says_what_the_drawing_shows_and_each_value_leads_to_its_figure(sql):
    """A zero is 0; what was edited says so; links keep the language."""
    seen = Seen(shown(sql, f"/series?lang=en&indicator={RECEIVED}&publisher={quote('测试商务厅')}"))
    links = [one["href"] for one in seen.all("a") if (one.get("href") or "").startswith("/figure/")]
    assert len(links) == 3 * 3  # two drawings and the table
    assert len(set(links)) == 3
    assert ">0</a>" in shown(sql, "/series?year=2021")
    assert all(link.endswith("?lang=en") for link in links)
    assert any((one.get("href") or "").endswith("/compare?lang=en") for one in seen.all("a"))


def test_the_table_comes_in_pages(sql, monkeypatch):
    """The second page goes on where the first ended; beyond the last there is nothing, and no error."""
    from archive.web.pages import series

    monkeypatch.setattr(series, "PAGE", 2)
    places = [[one["href"] for one in Seen(shown(sql, f"/series?indicator={RECEIVED}&offset={n}").partition("<table")[2]).all("a")
               if one["href"].startswith("/figure/")] for n in (0, 2, 99)]  # fmt: skip
    assert [len(page) for page in places] == [2, 2, 0]
    assert not set(places[0]) & set(places[1])


def test_a_blank_is_a_word_and_no_number(sql):
    text = shown(sql, "/series?lang=zh&indicator=applications.carried_in.total")
    assert ">空白</a>" in text
    assert 'class="value"' not in text


def test_as_of_a_day_the_older_value_is_shown(sql):
    then = sql.execute("SELECT min(at) FROM revision WHERE n=2").fetchone()[0] - 1
    from archive.times import shown_time

    text = shown(sql, f"/series?lang=en&publisher={quote('测试商务厅')}&at={shown_time(then)}")
    assert "2023: 2 件 · revision 1" in text
    assert "2023: 9 件" not in text
    assert "as of 2023-11-14" in text


def test_foreign_names_are_text_everywhere(sql):
    for kind in ("line", "distribution", "regions"):
        text = shown(sql, f"/series?kind={kind}&indicator={RECEIVED}&publisher={quote(HOSTILE)}")
        seen = Seen(text)
        assert not seen.all("script")
        assert not [name for _, one in seen.found for name in one if name.startswith("on") or name == "style"]
        assert "&lt;script&gt;" in text


def test_the_form_keeps_what_was_asked_and_offers_the_publishers(sql):
    seen = Seen(
        shown(sql, f"/series?indicator={RECEIVED}&publisher={quote('测试')}&division=64&kind=distribution&year=2023")
    )
    assert {one["value"] for one in seen.all("input", name="publisher")} == {"测试", ""}
    assert seen.all("input", name="division")[0]["value"] == "64"
    assert [one["value"] for one in seen.all("option") if "selected" in one] == [RECEIVED, "distribution"]
    assert {"测试商务厅", HOSTILE} <= {one["value"] for one in seen.all("option")}
    labels = [one["label"] for one in seen.all("optgroup")]
    assert labels[0].startswith("2021 年格式")
    codes = [one["value"] for one in seen.all("option") if (one["value"] or "").count(".")]
    assert len(codes) == len(set(codes)) > 250


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/series?lang=en&indicator=applications.recieved.total", "near ones are applications.received.total"),
        ("/series?lang=zh&indicator=applications.recieved.total", "相近的有：applications.received.total"),
        (f"/series?publisher={quote('无此局')}", "没有符合条件的年报"),
        ("/series?lang=en&indicator=review.total", "says anything of review.total"),
        ("/series?lang=zh&indicator=review.total", "均无此指标"),
    ],
)
def test_where_nothing_answers_the_form_stays_and_a_sentence_says_why(sql, address, sentence):
    text = shown(sql, address, status=404)
    (said,) = re.findall(r'<p class="sentence">(.*)</p>', text)
    assert sentence in said
    assert ("indicator" in said or "reports meant" in said) == ("lang=en" in address)
    assert " · " not in said
    assert "<form" in text
    assert "<svg" not in text


def test_an_empty_archive_shows_the_form(store):
    text = shown(store.sql, "/series?lang=en")
    assert "No report matches" in text


@pytest.mark.parametrize(
    "query", ["kind=pie", "year=abc", "division=6x", "at=nonsense", "&".join(f"publisher=p{n}" for n in range(13))]
)
def test_mistakes_are_bad_questions(sql, query):
    with pytest.raises(BadQuestion, match="·"):
        ask(sql, ROUTES, f"/series?{query}")


def test_every_file_the_page_offers_can_be_taken(sql):
    """The links of the page answer, with their media types; tables are kept, not shown."""
    from archive.charts.files import FORMATS
    from archive.exporters.parquet import available

    seen = Seen(shown(sql, f"/series?lang=en&indicator={RECEIVED}&indicator=applications.carried_in.total&year=2023"))
    links = [one["href"] for one in seen.all("a") if (one.get("href") or "").startswith("/chart/")]
    assert len(links) == len(FORMATS)
    for link in links:
        form = link.partition("?")[0].removeprefix(f"/chart/{RECEIVED}.")
        if form == "png" or (form == "parquet" and not available()):
            continue
        answer = ask(sql, ROUTES, link)
        assert answer.media_type == FORMATS[form].media_type
        assert ("Content-Disposition" in answer.headers) == FORMATS[form].kept
        if form == "csv":
            rows = list(csv.DictReader(io.StringIO(answer.data.decode(), newline="")))
            assert {row["indicator"] for row in rows} == {RECEIVED, "applications.carried_in.total"}
            assert {row["year"] for row in rows} == {"2023"}
        if form == "vl.json":
            assert len(json.loads(answer.data)["vconcat"]) == 2
        if form == "svg":
            root = ET.fromstring(answer.data)
            hrefs = [one.get("href") for one in root.iter() if one.get("href")]
            assert hrefs
            assert all(href.startswith("http://127.0.0.1:8001/") for href in hrefs)


def test_files_name_themselves_safely(sql):
    """A code of a local table, whatever it holds, ends in no header of its own."""
    with pytest.raises(NotHere):
        ask(sql, ROUTES, "/chart/nope.svg")
    with pytest.raises(BadQuestion, match="width"):
        ask(sql, ROUTES, f"/chart/{RECEIVED}.svg?width=99999")
    sql.execute("UPDATE indicator SET code=? WHERE code=?", ('local:坏"\r\n名', "applications.carried_in.total"))
    answer = ask(sql, ROUTES, f"/chart/{quote('local:坏' + chr(34) + chr(13) + chr(10) + '名')}.csv")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="local_')


def test_no_file_is_offered_that_cannot_be_written_here(held, monkeypatch) -> None:
    from archive.charts import files

    address = "/series?indicator=applications.received.total&lang=en"
    assert ".png?" in held.room.text(address)
    found = files.importlib.util.find_spec
    monkeypatch.setattr(files.importlib.util, "find_spec", lambda name: None if name == "resvg_py" else found(name))
    text = held.room.text(f"{address}&year=")
    assert ".png?" not in text
    assert ".csv?" in text
