"""Makes reports with revisions in a store, without a crawler."""

from __future__ import annotations

import hashlib

from archive.chronicle import Judged, RevisionPart
from archive.leaves import portal_entry, sha
from archive.model import Conversion, Errand, Finding, Observation, Place, Reading, Software, Where, shown
from archive.parts import KeptPart
from archive.revisions import substance
from archive.urls import host_of, url_key
from pipelines.serial import to_json
from tests.conftest import PORTAL, exchange

ENTRY = {"entry": shown(sha(portal_entry(PORTAL).encode()))}
URL = "http://www.test.gov.cn/2023.html"


def reading(
    value=5, text="一、总体情况。信息公开工作有序推进。", *, publisher="测试商务厅", year=2023, raw=None
) -> Reading:
    """A reading with one observation and one finding."""
    where = Where(table=0, row=1, column=2, place=Place(path="table[1]/tr[2]/td[3]"))
    return Reading(
        conversion=Conversion(Software("html", "1"), "text/html", "ok"),
        title=f"{publisher}{year}年政府信息公开工作年度报告",
        publisher=publisher,
        year=year,
        kind="disclosure",
        form="2021",
        published=f"{year + 1}-01-20",
        text=text,
        paragraphs=tuple(text.split("\n")),
        observations=(
            Observation("applications.received.total", value, "ok", raw or str(value), "件", where),
            Observation("applications.carried_in.total", None, "blank", "", "件", where),
        ),
        findings=(Finding("T3-COL", "error", "总计不等 · total differs", ("applications.received.total",)),),
    )


def judge(store, page: KeptPart, read: Reading, key: str) -> Judged:
    """A judgement of one page without attachments."""
    part = RevisionPart(
        "page", page.resource, page.url, None, "text/html", page.capture, page.payload,
        store.software_id(Software("html", "1")), "ok",
    )  # fmt: skip
    return Judged(
        key=key, reading=read, data=lambda: to_json(read), substance=substance(read, read, []), parts=(part,),
        fingerprint=hashlib.sha256(store.digest(page.payload)).digest(), software=store.software_id(Software("nianlun", "t")),
        division="640000",
    )  # fmt: skip


def fetch(store, body: bytes, url: str = URL, at: int | None = None) -> KeptPart:
    """A fetched page, with its request ended."""
    store.ask(store.crawl, Errand(url=url, key=url_key(url), role="page", host=host_of(url)))
    captured = store.capture(
        store.crawl, store.portal, exchange(url, body, at or store.clock()), "fetched", None, "page"
    )
    store.sql.execute(
        "UPDATE request SET outcome='fetched', detail=NULL, capture=? WHERE crawl=? AND resource=?",
        (captured.capture, store.crawl, store.resource(url)),
    )
    return KeptPart("page", url, store.resource(url), None, captured.capture, captured.payload)


def lost(store, url: str = URL, outcome: str = "gone", status: int = 404) -> None:
    """A request for a page that did not bring it."""
    number = store.ask(store.crawl, Errand(url=url, key=url_key(url), role="page", host=host_of(url)))
    captured = store.capture(
        store.crawl,
        store.portal,
        exchange(url, b"<html>no</html>", store.clock(), status),
        outcome,
        str(status),
        "page",
    )
    store.end(number, outcome, str(status), status, captured.capture)


def revise(store, value=5, *, url: str = URL, key: str | None = None, **more) -> int:
    """Fetch and keep a revision; return its number."""
    read = reading(value, **more)
    page = fetch(store, f"<html>{value}{more}{store.clock()}</html>".encode(), url)
    return store.chronicle.revise(store.crawl, store.portal, page, judge(store, page, read, key or url))


def next_crawl(store) -> None:
    """End the crawl as the crawler would and begin another."""
    store.chronicle.teller.absences(store.crawl, store.portal)
    store.end_crawl(store.crawl, "finished", finished=True, problems=[])
    store.crawl = store.begin_crawl(
        store.portal, f"uid-{store.crawl + 1}", Software("nianlun", "test"), ENTRY, "tester"
    )
