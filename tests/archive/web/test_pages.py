"""Each page says what it is for, in both languages, and nothing foreign gets through as markup."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

import pytest
from lxml import html

from archive.backup import backup
from archive.model import Observation, Where
from archive.times import shown_time
from archive.web.pages.compare import _change
from tests.archive.history_maker import fetch, judge, reading
from tests.archive.web.conftest import EDITED, GONE, ODD
from tests.archive.web.rooms import HOSTILE, visitor

PAGES = (
    "/", "/coverage", "/reports", "/search?q=申请", "/changes", "/compare", "/machines", "/series",
    "/coverage/cell?publisher=测试商务厅&year=2022", "/report/{edited}", "/report/{odd}", "/report/{edited}/revision/1",
    "/report/{edited}/compare", "/report/{edited}/captures", "/report/{edited}/tables", "/compare?a={edited}&b={odd}",
    "/figure/1", "/figure/2", "/capture/1", "/crawl/1", "/reports?year=2022", "/reports?publisher=%22%3E%3Cscript",
    "/search?q=%3Cscript%3Ealert", "/changes?event=changed",
)  # fmt: skip


def places(held) -> dict[str, int]:
    return {"edited": held.ids[EDITED], "gone": held.ids[GONE], "odd": held.ids[ODD]}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_whole_in_both_languages(held, page, lang) -> None:
    address = page.format(**places(held))
    text = held.room.text(f"{address}{'&' if '?' in address else '?'}lang={lang}")
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in text
    assert text.rstrip().endswith("</html>")
    for element in html.document_fromstring(text).iter():
        assert element.tag not in ("script", "style", "object", "embed", "base"), "the room's policy would stop it"
        assert not [name for name in element.attrib if name.lower().startswith("on") or name.lower() == "style"]
        for name in ("href", "src", "action"):
            assert element.get(name, "/").startswith(("/", "#", "?", "http://127.0.0.1:8001/")), element.get(name)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_can_be_asked_as_of_a_day(held, page) -> None:
    address = page.format(**places(held))
    day = shown_time(held.times[0])
    answer = held.room.get(f"{address}{'&' if '?' in address else '?'}at={day}")
    assert answer.status in (200, 404), answer.data.decode()


def test_the_newest_and_the_first_revision(held) -> None:
    number = held.ids[EDITED]
    assert "共收到申请6件" in held.room.text(f"/report/{number}")
    assert "共收到申请5件" in held.room.text(f"/report/{number}/revision/1")


def test_a_report_as_of_a_day_before_it_was_edited(held) -> None:
    at = shown_time((held.times[0] + held.times[1]) // 2)
    text = held.room.text(f"/report/{held.ids[EDITED]}?at={at}")
    assert "共收到申请5件" in text
    assert "共收到申请6件" not in text


def test_a_permanent_address_does_not_change_with_the_day(held) -> None:
    number = held.ids[EDITED]
    assert "共收到申请6件" in held.room.text(f"/report/{number}/revision/2?at=2001")


def test_before_the_first_capture_it_says_so(held) -> None:
    assert "nothing is known of it before" in held.room.text(f"/report/{held.ids[EDITED]}?at=2001", 404)


def test_home_counts_what_is_there(held) -> None:
    text = held.room.text("/?lang=en")
    assert re.search(r"<b>4</b><a[^>]*>reports", text)
    assert re.search(r"<b>5</b>revisions", text)
    assert re.search(r"<b>3</b>crawls", text)


def test_home_as_of_the_first_crawl_knows_no_edit(held) -> None:
    text = held.room.text(f"/?lang=en&at={shown_time(held.times[1] - 500)}")
    assert re.search(r"<b>4</b>revisions", text)
    assert "e-changed" not in text


def test_blank_is_not_zero(held) -> None:
    text = held.room.text(f"/report/{held.ids[GONE]}?lang=en")
    assert re.search(r'<td class="n wrong"[^>]*><a[^>]*>0</a>', text), "the zero is printed, and an error names it"
    assert re.search(r'<td class="n blank"><a[^>]*aria-label="blank"></a>', text)
    assert re.search(r'<td class="n none"></td>', text)


def test_the_coverage_map_leads_to_its_evidence(held) -> None:
    text = held.room.text("/coverage?lang=en")
    assert 'class="h-gone"' in text
    cell = held.room.text("/coverage/cell?publisher=测试商务厅&year=2022&lang=en")
    assert f'href="/report/{held.ids[GONE]}?lang=en"' in cell
    assert 'href="/crawl/' in cell


def test_who_has_not_published(held) -> None:
    text = held.room.text("/coverage?year=2024&state=missing&lang=en")
    assert re.search(r'class="h-missing" href="[^"]*" title="测试商务厅 2024: missing"', text)
    assert 'title="测试商务厅 2023: on time"' in held.room.text("/coverage?year=2023&lang=en")
    assert "What is missing" in held.room.text("/?lang=en")


def test_changes_are_told_with_their_figures(held) -> None:
    text = held.room.text("/changes?event=changed&lang=en")
    assert "<del>5</del>" in text
    assert "<ins>6</ins>" in text
    assert "e-new" not in text


def test_two_revisions_side_by_side(held) -> None:
    text = held.room.text(f"/report/{held.ids[EDITED]}/compare?a=1&b=2&lang=en")
    assert "<del>5</del>" in text
    assert "共收到申请<ins>6</ins>件" in text


def test_two_years_side_by_side(held) -> None:
    text = held.room.text("/compare?a=测试商务厅:2021&b=测试商务厅:2023&lang=en")
    assert re.search(r">7</a></td>.*?>6</a></td>.*?-1</td>", text, re.DOTALL)


def test_a_figure_walks_back_to_its_bytes(held) -> None:
    (row,) = held.store.sql.execute(
        "SELECT observation.id FROM observation JOIN revision ON revision.reading=observation.reading WHERE revision.report=?"
        " AND revision.n=2 AND value=6",
        (held.ids[EDITED],),
    )
    text = held.room.text(f"/figure/{row[0]}?lang=en")
    assert '<p class="value">6 <small>件</small></p>' in text
    assert "sha256:" in text
    assert "table[1]/tr[2]/td[3]" in text
    assert ">5</a>" in text, "what the revision before said"
    chain = json.loads(held.room.text(f"/figure/{row[0]}/trace.json"))
    assert chain["observation"]["value"] == 6
    assert "entity" in json.loads(held.room.text(f"/figure/{row[0]}/prov.json"))
    proof = json.loads(held.room.text(f"/capture/{chain['capture']['id']}/proof.json"))
    assert proof["root"] in text


def test_search_cites_revision_and_time(held) -> None:
    text = held.room.text("/search?q=申请&lang=en")
    assert "<mark>申请</mark>" in text
    assert f"/report/{held.ids[EDITED]}/revision/2" in text
    assert "captured 2025-02-19" in text


def test_hostile_texts_are_shown_as_they_are(held) -> None:
    text = held.room.text(f"/report/{held.ids[ODD]}?lang=en")
    assert "&lt;script&gt;alert(&#39;t&#39;)&lt;/script&gt;" in text
    assert HOSTILE not in text


def test_an_original_is_marked_for_the_sandbox(held) -> None:
    answer = held.room.get("/original/1")
    assert answer.sandboxed
    assert answer.data.startswith(b"<html>5")
    assert answer.media_type.startswith("text/html")


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/report/999", 404, "No report"),
        ("/figure/999999", 404, "no observation"),
        ("/capture/999999", 404, "no capture"),
        ("/original/999999", 404, "no capture"),
        ("/crawl/999999", 404, "no crawl"),
        ("/nothing", 404, "nothing at this address"),
        ("/report/1/revision/77", 404, "revisions 1 to"),
        ("/report/1/compare?a=1&b=9", 404, "revisions 1 to"),
        ("/coverage/cell?publisher=x&year=1", 404, "Nothing is expected"),
        ("/compare?a=1", 400, "Name two reports"),
        ("/reports?year=last", 400, "whole number"),
        ("/reports?kind=x", 400, "none of"),
        ("/reports?at=yesterday", 400, "not a date"),
        ("/changes?since=soon", 400, "not a date"),
        ("/search?q=%22", 400, "quot"),
        ("/search?q=AND", 400, ""),
        ("/reports?at=99999999999999999", 400, "not a date"),
    ],
)
def test_bad_questions_get_a_sentence(held, address, status, said) -> None:
    text = held.room.text(f"{address}{'&' if '?' in address else '?'}lang=en", status)
    assert 'class="sentence"' in text
    assert said in text
    assert "Traceback" not in text


def test_a_file_that_is_replaced_is_opened_anew(held, tmp_path) -> None:
    path = tmp_path / "b.db"
    backup(held.path, path)
    other = visitor(path)
    assert "共收到申请6件" in other.text(f"/report/{held.ids[EDITED]}")
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    wrong.replace(path)
    assert "not an archive" in other.text("/", 503)
    path.unlink()
    assert "There is no archive" in other.text("/", 503)
    other.room.close()


def test_language_follows_the_browser_unless_asked(held) -> None:
    assert 'lang="en"' in held.room.text("/", accept_language="en-GB,en;q=0.9,zh;q=0.1")
    assert 'lang="zh-CN"' in held.room.text("/", accept_language="fr")
    assert 'lang="zh-CN"' in held.room.text("/?lang=zh", accept_language="en")


def test_too_many_parameters_are_refused(held) -> None:
    answer = held.room.get("/reports?" + "&".join(f"a{number}=1" for number in range(300)))
    assert answer.status == 400


def test_a_finding_speaks_the_page_s_language(held) -> None:
    number = held.ids[EDITED]
    assert "总计不等" in held.room.text(f"/report/{number}?lang=zh")
    assert "total differs" not in held.room.text(f"/report/{number}?lang=zh")
    assert "total differs" in held.room.text(f"/report/{number}?lang=en")


@pytest.mark.parametrize("page", ["/", "/reports", "/coverage", "/changes", "/search?q=申请", "/series"])
def test_a_day_before_the_first_capture_is_said(held, page) -> None:
    address = f"{page}{'&' if '?' in page else '?'}lang=en&at="
    assert "The archive begins on 2025-02-19" in held.room.text(f"{address}2001")
    assert "The archive begins" not in held.room.text(f"{address}{shown_time(held.times[1])}")


def test_an_original_says_which_memento_it_is(held) -> None:
    answer = held.room.get("/original/1")
    assert answer.headers["Memento-Datetime"].endswith(" GMT")
    assert f'<{EDITED}>;rel="original"' in answer.headers["Link"]
    (gone,) = held.store.sql.execute("SELECT id FROM capture WHERE outcome='gone' LIMIT 1").fetchone()
    assert "Memento-Datetime" not in held.room.get(f"/original/{gone}").headers


def test_nothing_that_was_learned_later_stands_on_a_page_of_a_day(held) -> None:
    """Between the first crawl and the edit: no second revision, none of its figures, none of its captures."""
    number, between = held.ids[EDITED], shown_time(held.times[1] - 500)
    (later,) = held.store.sql.execute(
        "SELECT min(observation.id) FROM observation JOIN revision ON revision.reading=observation.reading WHERE report=? AND n=2",
        (number,),
    ).fetchone()
    (first,) = held.store.sql.execute(
        "SELECT min(observation.id) FROM observation JOIN revision ON revision.reading=observation.reading WHERE report=? AND n=1",
        (number,),
    ).fetchone()
    (seen,) = held.store.sql.execute("SELECT capture FROM revision WHERE report=? AND n=2", (number,)).fetchone()
    for address in (
        f"/figure/{later}", f"/report/{number}/compare?a=1&b=2", f"/report/{number}/tables?revision=2", f"/capture/{seen}", "/crawl/3",
    ):  # fmt: skip
        mark = "&" if "?" in address else "?"
        held.room.text(address)
        held.room.text(f"{address}{mark}at={between}", 404)
    for address in (f"/report/{number}/captures", f"/report/{number}/compare", f"/figure/{first}"):
        assert f"/capture/{seen}" not in held.room.text(f"{address}?at={between}")
        assert "共收到申请6件" not in held.room.text(f"{address}?at={between}")
    assert ">6</a>" in held.room.text(f"/figure/{first}")
    assert ">6</a>" not in held.room.text(f"/figure/{first}?at={between}")


@pytest.mark.parametrize("page", ["", "/captures", "/tables", "/compare"])
def test_a_report_that_was_not_known_yet(held, page) -> None:
    text = held.room.text(f"/report/{held.ids[EDITED]}{page}?at=2024", 404)
    assert "nothing is known of it before" in text


def test_a_difference_is_exact() -> None:
    assert _change(21.27, 34.27) == 13.0
    assert _change(None, 3) is None
    assert _change(0, None) is None


def test_a_figure_of_the_text_stands_beside_that_of_the_table(store, tmp_path) -> None:
    read = reading(28)
    said = Observation(
        "applications.received.total", 31, "text", "31", "件", Where(start=3, end=5, sentence="收到31件。")
    )
    page = fetch(store, b"<html>both</html>", EDITED)
    both = replace(read, observations=(*read.observations, said))
    store.chronicle.revise(store.crawl, store.portal, page, judge(store, page, both, EDITED))
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    room = visitor(tmp_path / "a.db")
    text = room.text("/report/1?lang=en")
    room.room.close()
    assert re.search(r">28</a><br><a[^>]*>from the text 31</a>", text)


def test_the_record_is_what_the_leaf_is_the_hash_of(held) -> None:
    record = held.room.get("/capture/1/record.json").data
    proof = json.loads(held.room.text("/capture/1/proof.json"))
    assert proof["leaf"] == f"sha256:{hashlib.sha256(bytes(1) + record).hexdigest()}"
    assert json.loads(record)["url"] == EDITED
