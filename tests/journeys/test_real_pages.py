"""Real captured pages and files, served under their own names as a portal, and crawled.

The four reports among ten rows of a real TRS column whose paging exists only in a script; a real PDF of the mixed
form; a real UCAP article with blanks; and a real budget PDF that must not be taken for a report.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from tests.journeys.conftest import crawl_words, nianlun
from tests.journeys.local_server import serving

pytestmark = [pytest.mark.journey, pytest.mark.samples]

COLUMN = "/egb/zwgk/zfxxgk/zfxxgknb/"
REPORTS = {
    "202009/t20200903_2748784.html": ("鄂尔多斯市", 2019),
    "202003/t20200311_2593126.html": ("鄂尔多斯市人民政府办公室", 2019),
    "201905/t20190530_2380968.html": ("鄂尔多斯市", 2018),
    "201905/t20190530_2380967.html": ("内蒙古自治区", 2018),
}
ARTICLE = "/sy/xxgk/202401/0123456789abcdef0123456789abcdef.shtml"
HOME = f"""<html><head><meta charset="utf-8"><title>首页</title></head><body>
<ul><li><a href="{COLUMN}">政府信息公开年报</a></li><li><a href="/sy/xxgk/nb/">部门信息公开年报</a></li>
<li><a href="/login">登录</a></li></ul></body></html>"""
OTHER = f"""<html><head><meta charset="utf-8"><title>部门信息公开年报</title></head><body><ul>
<li><a href="{ARTICLE}" title="沭阳县发展和改革局2023年政府信息公开工作年度报告">沭阳县发展和改革局2023年政府信息公开工作…</a><span>2024-01-18</span></li>
<li><a href="/sy/files/{quote("洪泽区-2024.pdf")}">洪泽区2024年政府信息公开工作年度报告</a><span>2025-01-20</span></li>
<li><a href="/sy/files/{quote("非年报-普陀区财政局2024决算.pdf")}">普陀区财政局2024年度信息公开报告</a><span>2025-08-20</span></li>
</ul></body></html>"""


def article(publisher: str, year: int) -> bytes:
    """A short free report under a title of the real column; the real ones were not captured."""
    title = f"{publisher}{year}年政府信息公开工作年度报告"
    text = f"<p>根据《中华人民共和国政府信息公开条例》，现公布{publisher}{year}年政府信息公开工作年度报告。</p>" * 3
    body = f"<div class=TRS_Editor><h2>{title}</h2>{text}<p>一、总体情况</p><p>二、主动公开政府信息情况</p></div>"
    return f'<html><head><meta charset="utf-8"><meta name="ArticleTitle" content="{title}"></head><body>{body}</body></html>'.encode()


def pages(samples: Path) -> dict[str, tuple[str, bytes]]:
    """Every path of the portal with its media type and bytes."""
    real = samples / "real"
    column = (real / "恩格贝-年报栏目-trs.html").read_bytes()
    found = {
        "/": ("text/html", HOME.encode()),
        COLUMN: ("text/html", column),
        "/sy/xxgk/nb/": ("text/html", OTHER.encode()),
        ARTICLE: ("text/html", (real / "沭阳县发改局-2023-ucap.html").read_bytes()),
    }
    for name in ("洪泽区-2024.pdf", "非年报-普陀区财政局2024决算.pdf"):
        found[f"/sy/files/{name}"] = ("application/pdf", (real / name).read_bytes())
    for path, who in REPORTS.items():
        found[COLUMN + path] = ("text/html", article(*who))
    return found


@pytest.fixture(scope="module")
def crawled(samples, tmp_path_factory):
    archive = tmp_path_factory.mktemp("real") / "a.db"
    table, asked = pages(samples), []

    def answer(handler):
        path = unquote(handler.path)
        asked.append(path)
        kind, body = table.get(path, ("text/html", b"<html><body>404</body></html>"))
        return (200 if path in table else 404), {"Content-Type": kind}, body

    with serving(answer) as home:
        ended = nianlun(*crawl_words(home + "/", archive))
        assert ended.code in (0, 1), ended.err

        def ask(*words: str):
            return nianlun(*words, "-a", str(archive), "--json").rows

        yield home, asked, ask


def test_the_four_reports_among_ten_rows(crawled) -> None:
    home, _, ask = crawled
    found = {row["url"]: (row["publisher"], row["year"]) for row in ask("reports") if COLUMN in row["url"]}
    assert found == {home + COLUMN + path: who for path, who in REPORTS.items()}


def test_the_other_six_rows_are_recorded_with_a_reason(crawled) -> None:
    home, _, ask = crawled
    refused = [
        row
        for row in ask("requests", "1")
        if row["url"].startswith(home + COLUMN + "20") and row["outcome"] == "refused"
    ]
    assert len(refused) == 6
    assert all(row["reason"].startswith("look-alike:") for row in refused)


def test_paging_that_exists_only_in_a_script_is_followed(crawled) -> None:
    _, asked, _ = crawled
    assert COLUMN + "index_1.html" in asked
    again = asked.index(COLUMN + "index_2.html") if COLUMN + "index_2.html" in asked else len(asked)
    assert asked.index(COLUMN + "index_1.html") < again, (
        "the other reading of the script only where the likelier failed"
    )


def test_a_real_pdf_of_the_mixed_form(crawled) -> None:
    _, _, ask = crawled
    report = next(row for row in ask("reports") if "2024.pdf" in unquote(row["url"]))
    assert (report["publisher"], report["year"], report["form"]) == ("淮安市洪泽区人民政府", 2024, "mixed")
    values = {row["indicator"]: row["value"] for row in ask("observations") if row["report"] == report["id"]}
    assert values["applications.received.natural_person"] == 95
    assert values["applications.outcome.unavailable.not_held.total"] == 31
    assert values["disclosure.licensing.decisions"] == 9487
    assert values["litigation.after_review.total"] == 3


def test_a_real_article_keeps_its_blanks(crawled) -> None:
    home, _, ask = crawled
    report = next(row for row in ask("reports") if row["url"] == home + ARTICLE)
    assert (report["publisher"], report["year"], report["form"]) == ("沭阳县发展和改革局", 2023, "2021")
    values = {
        row["indicator"]: (row["value"], row["status"]) for row in ask("observations") if row["report"] == report["id"]
    }
    assert values["applications.received.natural_person"] == (26, "ok")
    assert values["applications.received.business"] == (None, "blank")
    assert values["review.pending"] == (1, "ok")


def test_a_budget_file_is_no_report(crawled) -> None:
    _, _, ask = crawled
    assert not [row for row in ask("reports") if "决算" in unquote(row["url"])]
    row = next(row for row in ask("requests", "1") if "决算" in unquote(row["url"]))
    assert "not-a-report" in (row["reason"] or "") or row["outcome"] == "refused"


def test_the_evidence_is_sound(crawled) -> None:
    _, _, ask = crawled
    assert ask("verify")["sound"]
