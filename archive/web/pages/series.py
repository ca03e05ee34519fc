"""``/series``: indicators over years as charts with their table; ``/chart/NAME.FORMAT``: the same as files."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from archive.charts import DEFAULT, KINDS, NARROW, WIDE, Chart, NothingToDraw, Question, charts, svg
from archive.charts.files import FORMATS, at_hand, written
from archive.charts.tabling import some_rows
from archive.forms import FORMS, form, indicators
from archive.web.asking import offset, one_of
from archive.web.exchange import Answer, BadQuestion, NotHere
from archive.web.render import half, page, word

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from archive.web.exchange import Ask, Routes

PAGE = 200
"""Rows of the table on one page."""
OFFERED = 500
"""Publishers whose names are offered: those with the most reports."""
FIRST = 6
"""Publishers that are shown when nothing is asked for: those with the most years."""
_ASKED = ("indicator", "publisher", "division", "kind", "year", "from", "to")
_MANY = 6
"""Indicators at once, and publishers named at once."""


def series(ask: Ask) -> Answer:
    """The form, the chart and its table; without a question, an example."""
    example = not any(ask.get(name) for name in _ASKED)
    question = _example(ask) if example else _question(ask, ask.query.get("indicator", ()))
    sentence: str | None = None
    found: tuple[Chart, ...] = ()
    try:
        found = charts(ask.sql, question)
    except NothingToDraw as error:
        sentence = half(str(error.args[0]), "en" if ask.language == "zh" else "zh")  # English stands first in it
    first = offset(ask)
    return page(
        ask,
        "series.html",
        status=404 if sentence and not example else 200,
        question=question,
        example=example,
        named=() if example else question.publishers,
        sentence=sentence,
        drawings=_drawings(ask, found),
        rows=some_rows(found, first, PAGE),
        total=sum(len(one.points) for drawn in found for one in drawn.series),
        offset=first,
        limit=PAGE,
        kinds=KINDS,
        groups=_groups(ask.language),
        publishers=_publishers(ask.sql),
        files=_files(ask, question) if found else {},
    )


def chart(ask: Ask) -> Answer:
    """A chart, or its table, as a file."""
    form_, name = ask.groups["form"], ask.groups["name"]
    others = [code for code in ask.query.get("indicator", ()) if code.strip() != name]
    question = _question(ask, [name, *others])
    width = ask.number("width") or WIDE
    if not 320 <= width <= 2000:
        raise BadQuestion(f"width={width} is not between 320 and 2000. · width 应在 320 至 2000 之间。")
    try:
        found = charts(ask.sql, question)
    except NothingToDraw as error:
        raise NotHere(str(error.args[0])) from error
    data = written(found, form_, lang=ask.language, width=width, link=_linker(ask, ask.root))
    kind = FORMATS[form_]
    headers = {"Vary": "Accept-Language"}
    if kind.kept:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:80]
        headers["Content-Disposition"] = (
            f"attachment; filename=\"{plain}{kind.suffix}\"; filename*=UTF-8''{quote(name[:80], safe='')}{kind.suffix}"
        )
    return Answer(data, kind.media_type, headers=headers)


def _question(ask: Ask, codes: Sequence[str]) -> Question:
    """What is asked; raises :class:`BadQuestion`."""
    wanted = tuple(dict.fromkeys(code.strip() for code in codes if code.strip())) or (DEFAULT,)
    names = tuple(dict.fromkeys(name.strip() for name in ask.query.get("publisher", ()) if name.strip()))
    if len(wanted) > _MANY or len(names) > 2 * _MANY:
        raise BadQuestion(
            f"At most {_MANY} indicators and {2 * _MANY} publishers are shown at once. · 一次最多 {_MANY} 个指标、{2 * _MANY} 个发布机关。"
        )
    division = ask.get("division") or None
    if division and not re.fullmatch(r"[0-9]{1,6}", division):
        raise BadQuestion(
            f"division={division!r}: write the first digits of a GB/T 2260 code. · 请填行政区划代码的前几位数字。"
        )
    one_of(ask, "kind", KINDS)
    kind = next((one for one in KINDS if one == ask.get("kind")), KINDS[0])
    return Question(wanted, kind, names, division, ask.number("year"), ask.number("from"), ask.number("to"), ask.at)


def _example(ask: Ask) -> Question:
    """What is shown when nothing is asked for: applications received by the publishers of which most years are kept."""
    found = ask.sql.execute(
        "SELECT publisher FROM report WHERE kind='disclosure' AND publisher IS NOT NULL GROUP BY publisher"
        " ORDER BY count(DISTINCT year) DESC, publisher LIMIT ?",
        (FIRST,),
    )
    return Question(publishers=tuple(row[0] for row in found), at=ask.at)


def _linker(ask: Ask, root: str = "") -> Callable[[str], str]:
    """Makes addresses of the room that keep the language and the day."""

    def link(path: str) -> str:
        place, _, query = path.partition("?")
        return root + ask.link(place, **dict(parse_qsl(query)))

    return link


def _drawings(ask: Ask, found: Sequence[Chart]) -> list[tuple[str, str]]:
    """The drawing for a wide screen and for a phone, each with the class that shows it there."""
    if not found:
        return []
    return [
        (name, svg(found, lang=ask.language, width=width, link=_linker(ask), name=name))
        for name, width in (("on-wide", WIDE), ("on-narrow", NARROW))
    ]


def _files(ask: Ask, question: Question) -> dict[str, str]:
    """Where the same chart is as a file, by format."""
    first, *others = question.indicators
    asked: list[tuple[str, Any]] = [("indicator", code) for code in others]
    asked += [("publisher", name) for name in question.publishers]
    parts = {"kind": question.kind, "division": question.division, "year": question.year}
    parts |= {"from": question.since, "to": question.until, "at": ask.get("at"), "lang": ask.get("lang")}
    asked += [(name, value) for name, value in parts.items() if value]
    return {key: f"/chart/{quote(first, safe='')}.{key}?{urlencode(asked)}" for key in at_hand()}


@cache
def _groups(lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The indicators by form and table, newest form first; one that several forms share stands with the newest."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    seen: set[str] = set()
    for name in reversed(FORMS):
        for table in form(name).tables:
            of_table = [
                one for one in indicators(name).values() if one.section == table.section and one.code not in seen
            ]
            seen |= {one.code for one in of_table}
            said = word(lang, f"form.{name}")
            labels = [(one.code, f"{one.zh if lang == 'zh' else one.en}  {one.code}") for one in of_table]
            if labels:
                found.append((f"{said} · {table.zh if lang == 'zh' else table.en}", labels))
    return found


def _publishers(sql: sqlite3.Connection) -> list[str]:
    """Names to choose from."""
    found = sql.execute(
        "SELECT publisher FROM report WHERE publisher IS NOT NULL GROUP BY publisher ORDER BY count(*) DESC, publisher LIMIT ?",
        (OFFERED,),
    )
    return sorted(row[0] for row in found)


ROUTES: Routes = (
    (r"/series", series),
    (r"/chart/(?P<name>[^/]+)\.(?P<form>svg|png|csv|parquet|vl\.json)", chart),
)
