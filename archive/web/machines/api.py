"""The JSON interface at ``/api/``: the questions of the commands, with their keys, for programs.

Every endpoint stands once, in :data:`ENDPOINTS`: the routes and the OpenAPI document are both made from it.  Long answers
come in pages, ``{"rows": [...], "next": address or null}``; a page may hold fewer rows than asked for, so follow ``next`` until
it is null (it stands in a ``Link`` header too, RFC 8288).  What cannot be answered is a problem document (RFC 9457).
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from archive import coverage, grids, history, hits, provenance, query
from archive.connection import ArchiveError
from archive.query import STATES
from archive.search_query import QueryError
from archive.times import parse_time
from archive.web.asking import KINDS, filters
from archive.web.exchange import Answer, Ask, BadQuestion, NotHere
from archive.web.machines import api_pages
from archive.web.machines.api_pages import Cursor, gather, of_report, read_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.query import Row
    from archive.web.exchange import Handler, Routes

LIMIT, MOST = 100, 1000
"""Rows of a page when nothing is said, and at most."""
HITS, MOST_HITS = 20, 100
"""The same of a search, which looks into every text."""
_PUBLISHERS = 25
"""Publishers whose coverage is worked out for one page."""
_DONE = "99999"
"""The year in a cursor that stands behind a publisher's last."""
Sort = Literal["text", "whole", "time", "revision"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the query."""

    name: str
    says: str
    """What it means, in both languages."""
    sort: Sort = "text"
    words: tuple[str, ...] = ()
    """The only values it may have; empty: any."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One question: its path (``{id}`` is a number), its parameters, and what answers it."""

    path: str
    says: str
    answer: Callable[[Ask], Any]
    schema: str
    """The schema of the answer, or of one of its rows."""
    parameters: tuple[Parameter, ...] = ()
    shape: Literal["one", "list", "pages"] = "pages"


# ------------------------------------------------------------ what is asked


def _limit(ask: Ask, usual: int = LIMIT, most: int = MOST) -> int:
    number = ask.number("limit")
    if number is not None and not 1 <= number <= most:
        raise BadQuestion(f"limit is a number from 1 to {most}. · limit 应在 1 至 {most} 之间。")
    return usual if number is None else number


def _time(ask: Ask, name: str) -> int | None:
    text = ask.get(name)
    try:
        return parse_time(text) if text else None
    except (ValueError, OverflowError) as error:
        raise BadQuestion(f"{name}={text!r} is no date; write 2024-03-01. · 日期应写作 2024-03-01 的形式。") from error


def _revision(ask: Ask) -> str:
    text = ask.get("revision", "latest")
    if text not in ("latest", "all") and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadQuestion(f"revision={text!r}: write latest, all, or a number. · revision 应为 latest、all 或数字。")
    return text


def _next(ask: Ask, cursor: str | None) -> str | None:
    """The address of the next page."""
    if cursor is None:
        return None
    kept = [(name, values[0]) for name, values in ask.query.items() if name != "cursor"]
    return f"{ask.root}{ask.path}?{urlencode([*kept, ('cursor', cursor)], errors='replace')}"


def _paged(ask: Ask, rows: list[Row], cursor: object | None) -> Row:
    return {"rows": rows, "next": _next(ask, None if cursor is None else str(cursor))}


def _gathered(ask: Ask, numbers: Iterator[int], rows_of: Callable[[int], list[Row]]) -> Row:
    return _paged(ask, *gather(numbers, rows_of, _cursor(ask), _limit(ask)))


def _cursor(ask: Ask) -> Cursor:
    return read_cursor(ask.get("cursor"))


# ------------------------------------------------------------ answers


def reports(ask: Ask) -> Row:
    """Reports, by number."""
    meant = filters(ask)
    numbers = api_pages.reports(ask.sql, meant, _cursor(ask).number)
    return _gathered(ask, numbers, lambda number: query.reports(ask.sql, of_report(meant, number)))


def report(ask: Ask) -> Row:
    """One report as one of its revisions states it."""
    return history.show(ask.sql, ask.groups["id"], n=ask.number("revision"), at=ask.at)


def observations(ask: Ask) -> Row:
    """Observations, by report, revision and number."""
    meant, revision, indicator = filters(ask), _revision(ask), ask.get("indicator") or None
    also = api_pages.with_indicator(ask.sql, indicator)
    if also is None:
        return _paged(ask, [], None)
    numbers = api_pages.reports(ask.sql, meant, _cursor(ask).number, *also)

    def of(number: int) -> list[Row]:
        return query.observations(ask.sql, of_report(meant, number), indicator=indicator, revision=revision)

    return _gathered(ask, numbers, of)


def findings(ask: Ask) -> Row:
    """Findings, by report."""
    meant = filters(ask)
    doubted = (
        "(EXISTS (SELECT 1 FROM finding WHERE finding.reading=reading.id) OR EXISTS (SELECT 1 FROM compared WHERE"
        " compared.reading=reading.id AND findings<>'[]'))"
    )
    numbers = api_pages.reports(ask.sql, meant, _cursor(ask).number, doubted)
    return _gathered(ask, numbers, lambda number: query.findings(ask.sql, of_report(meant, number)))


def changes(ask: Ask) -> Row:
    """What happened, crawl by crawl."""
    since = _time(ask, "since")
    numbers = api_pages.crawls_telling(ask.sql, _cursor(ask).number, seen=since, crawl=ask.number("crawl"))
    return _gathered(ask, numbers, lambda number: query.changes(ask.sql, since=since, crawl=number))


def crawls(ask: Ask) -> Row:
    """Crawls, oldest first."""
    cursor, limit = _cursor(ask), _limit(ask)
    rows = [row for row in query.crawls(ask.sql) if row["id"] > cursor.number]
    return _paged(ask, rows[:limit], Cursor(rows[limit - 1]["id"]) if len(rows) > limit else None)


def covered(ask: Ask) -> Row:
    """Publisher × year, by name and year."""
    given = ask.query.get("cursor", ("",))[0]  # untrimmed: a name may begin with a space
    after, _, year = given.rpartition("~")
    if given and not (year.isascii() and year.isdecimal() and len(year) < 6):
        raise BadQuestion("cursor is none that was given; follow `next`, or leave it out. · cursor 无效。")
    limit, wanted = _limit(ask), ask.get("publisher")
    begins = after if year != _DONE else f"{after}\0"  # the least name beyond one that was told to the end
    names = [name for name in coverage.publishers(ask.sql, ask.at) if name >= begins and wanted in name]
    chosen = names[: max(1, min(_PUBLISHERS, limit))]
    rows = coverage.coverage(
        ask.sql, year=ask.number("year"), portal=ask.get("portal") or None, state=ask.get("state") or None, only=chosen,
        at=ask.at,
    )  # fmt: skip
    rows = [row for row in rows if (row["publisher"], row["year"]) > (after, int(year or 0))]
    cursor = None
    if len(rows) > limit:
        cursor = f"{rows[limit - 1]['publisher']}~{rows[limit - 1]['year']}"
    elif len(names) > len(chosen):
        cursor = f"{chosen[-1]}~{_DONE}"
    return _paged(ask, rows[:limit], cursor)


def search(ask: Ask) -> Row:
    """Reports whose text matches; there is one page, the newest or the best first."""
    if not ask.get("q"):
        raise BadQuestion("Give the words to look for as q. · 请以 q 给出检索词。")
    rank = ask.get("sort") == "rank"
    found = hits.found(ask.sql, ask.get("q"), filters(ask), _limit(ask, HITS, MOST_HITS), rank=rank)
    return _paged(ask, found.rows, None)


def captured(ask: Ask) -> Row:
    """Every capture of a report's addresses, or of any archived address, oldest first."""
    name = ask.get("report")
    if not name or (name.isdecimal() and len(name) > 15):
        raise BadQuestion(
            "Give a report's number, an address, or publisher:year as report. · 请以 report 给出编号、网址或“机关:年度”。"
        )
    cursor, limit = _cursor(ask), _limit(ask)
    rows = history.history(ask.sql, name)[cursor.told :]
    return _paged(ask, rows[:limit], Cursor(0, cursor.told + limit) if len(rows) > limit else None)


def trace(ask: Ask) -> Row:
    """A figure's chain of provenance."""
    return provenance.trace(ask.sql, int(ask.groups["id"]))


def prov(ask: Ask) -> Row:
    """The same in the words of W3C PROV."""
    return provenance.prov(trace(ask))


def diff(ask: Ask) -> Row:
    """Two revisions of a report."""
    return history.diff(ask.sql, ask.groups["id"], ask.number("before"), ask.number("after"))


def tables(ask: Ask) -> list[Row]:
    """The tables of a report's revision as printed."""
    return grids.grids(ask.sql, ask.groups["id"], ask.number("revision"))


# ------------------------------------------------------------ the endpoints

_AT = Parameter("at", "as the archive knew it then; a day means its end, UTC · 截至该时刻", "time")
_PUBLISHER = Parameter("publisher", "the publisher's name, or a part of it · 发布机关（可为部分名称）")
_YEAR = Parameter("year", "the year reported on · 年度", "whole")
_PORTAL = Parameter("portal", "the portal's name in the register · 门户名称")
_PAGING = (
    Parameter("limit", f"rows of a page, {LIMIT} if nothing is said · 每页行数", "whole"),
    Parameter("cursor", "where the next page begins; taken from next · 下一页的位置"),
)
_OF_REPORTS = (_PUBLISHER, _YEAR, _PORTAL, Parameter("kind", "the kind of report · 年报种类", words=KINDS), _AT)
_STATE = Parameter("state", "the report's state · 年报状态", words=STATES)
_N = Parameter("revision", "this revision; the newest if nothing is said · 修订版", "whole")

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("/api/reports", "Reports · 年报", reports, "Report", (*_OF_REPORTS, _STATE, *_PAGING)),
    Endpoint("/api/report/{id}", "One report with its text and figures · 一份年报的正文与数值", report, "Revision", (_N, _AT), "one"),
    Endpoint(
        "/api/observations", "Figures, each with its place and status · 数值", observations, "Observation",
        (
            *_OF_REPORTS, Parameter("indicator", "an indicator's code, or the beginning of codes · 指标代码（可为前缀）"),
            Parameter("revision", "latest, all, or a number · latest、all 或数字", "revision"), *_PAGING,
        ),
    ),
    Endpoint("/api/findings", "Doubts about what is printed · 疑点", findings, "Finding", (*_OF_REPORTS, *_PAGING)),
    Endpoint(
        "/api/changes", "What happened to reports, crawl by crawl · 变动", changes, "Change",
        (
            Parameter("since", "only what was seen since then · 起始时间", "time"),
            Parameter("crawl", "only what this crawl saw · 采集编号", "whole"), *_PAGING,
        ),
    ),
    Endpoint(
        "/api/coverage", "Publisher × year: what is there, late or missing · 各机关各年度的公布情况", covered, "Cell",
        (_PUBLISHER, _YEAR, _PORTAL, Parameter("state", "a cell's state · 状态", words=coverage.STATES), _AT, *_PAGING),
    ),
    Endpoint(
        "/api/search", "Reports whose text matches · 全文检索", search, "Hit",
        (
            Parameter("q", 'words, "phrases", AND, OR, NOT, brackets · 检索式', required=True), *_OF_REPORTS, _STATE,
            Parameter("sort", "newest first, or the best match first · 排序", words=("newest", "rank")),
            Parameter("limit", f"at most so many, {HITS} if nothing is said · 最多条数", "whole"),
        ),
    ),
    Endpoint(
        "/api/history", "Every capture of a report's addresses, or of any archived one · 捕获记录", captured, "Capture",
        (Parameter("report", "a number, an address, or publisher:year · 编号、网址或“机关:年度”", required=True), *_PAGING),
    ),
    Endpoint("/api/trace/{id}", "From a figure back to the bytes it stands in · 数值溯源", trace, "Trace", (), "one"),
    Endpoint("/api/trace/{id}/prov", "The same as W3C PROV-JSON · 溯源（PROV-JSON）", prov, "Prov", (), "one"),
    Endpoint(
        "/api/diff/{id}", "Two revisions of a report, the last two if nothing is said · 两个修订版的差异", diff, "Diff",
        (Parameter("before", "the earlier revision · 较早版本", "whole"), Parameter("after", "the later one · 较晚版本", "whole")),
        "one",
    ),
    Endpoint("/api/crawls", "Crawls with their sums · 采集", crawls, "Crawl", _PAGING),
    Endpoint("/api/tables/{id}", "The tables of a report as printed · 原样表格", tables, "Table", (_N,), "list"),
)  # fmt: skip


# ------------------------------------------------------------ questions and problems

_TITLES = {400: "Bad Request", 404: "Not Found", 503: "Service Unavailable"}
_MISSING = (NotHere, history.NoSuchReport, provenance.NoSuchObservation)


def problem(status: int, detail: str) -> Answer:
    """What is the matter, as a problem document (RFC 9457; ``about:blank``: no more than the status says)."""
    found = {"type": "about:blank", "title": _TITLES[status], "status": status, "detail": detail}
    return Answer(json.dumps(found, ensure_ascii=False), "application/problem+json", status)


def handler(endpoint: Endpoint) -> Handler:
    """The endpoint's answers as JSON, and its errors as problems."""

    def handle(ask: Ask) -> Answer:
        try:
            _check(endpoint, ask)
            return _written(endpoint.answer(ask))
        except _MISSING as error:
            return problem(404, str(error))
        except (BadQuestion, QueryError) as error:
            return problem(400, str(error))
        except ArchiveError as error:
            return problem(503, str(error))
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            return problem(503, "The question took too long; narrow it down. · 查询过久，请缩小范围。")

    return handle


def _check(endpoint: Endpoint, ask: Ask) -> None:
    known = {parameter.name: parameter for parameter in endpoint.parameters}
    for name, values in ask.query.items():
        if name not in known:
            listed = ", ".join(known) or "none"
            raise BadQuestion(f"There is no parameter {name!r} here; there are: {listed}. · 没有参数 {name!r}。")
        if len(values) != 1:
            raise BadQuestion(f"Give {name} once. · 参数 {name} 只能给出一次。")
        words = known[name].words
        if words and ask.get(name) and ask.get(name) not in words:
            raise BadQuestion(f"{name}={ask.get(name)!r}: there are {', '.join(words)}. · {name} 的取值有误。")


def _written(value: Any) -> Answer:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    following = value.get("next") if isinstance(value, dict) and "rows" in value else None
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Answer(text, "application/json; charset=utf-8", 200, headers)


def pattern(path: str) -> str:
    """The regular expression of an endpoint's path."""
    return "^" + re.escape(path).replace(r"\{id\}", "(?P<id>[0-9]{1,15})") + "$"


ROUTES: Routes = tuple((pattern(endpoint.path), handler(endpoint)) for endpoint in ENDPOINTS)
