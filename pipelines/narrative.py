"""Figures in prose → observations with their span and sentence.

A number with its counter (67件) is named by the words before it, back to the number before (``其中信函申请12份``), or,
where none stand there, by those after it (``25件同意公开``); lists with 分别 pair names and numbers in order.  Reports
without tables are read by the indicators of 2014; in reports with tables the same figures serve to compare text and
table.  Approximate numbers (2300余条) are kept as printed, without a value.  Figures of another year, of a part of
the year, of other bodies, and what is only meant to be are left out (:mod:`pipelines.narrative_scope`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from archive.model import Observation, Where
from pipelines.narrative_scope import Scope, Scopes, owners_of
from pipelines.narrative_words import DENIALS, INTENDED, MEANT, MODERN, OF_A_KIND, RATE, WORDINGS, Wording
from pipelines.values import chinese_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CAP = 200_000
SENTENCE = re.compile(r"[^。！？\n]+[。！？\n]?")
NUMBER = re.compile(
    r"(?P<n>\d{1,3}(?:[,，]\d{3}){1,3}(?!\d)|\d{1,9}(?:\.\d{1,6})?|[〇零一二两三四五六七八九十百千]{1,9})\s{0,2}(?P<wan>万)?(?P<about>余|多)?\s{0,2}"
    r"(?P<counter>人次|万元|件|份|宗|例|起|条|次|项|封|篇|场|期|个|家|处|元|人|名)(?!子|别|人大|体|性)"
)
ELSEWHERE = re.compile(
    r"去年|上年|上一年|同期|历年|自\d{4}年(?!\d)|(?<!今年)(?<!本年)(?<!本年度)以来|全国|各[地市县州]"
)
WHOLE = re.compile(r"全[省市县区州]|我[省市县区州](?!商务)")
"""The figures of a whole province or city are its government's own, and nobody else's."""
SINCE = re.compile(r"截至|截止|以来|历年")
OWN_YEAR = r"(?:(?<![至到])(?:本|当|全|今)年(?!度?(?:底|末|初|终|前))|年内(?!部|容)|(?<![至到\-—－~～])(?:19|20)\d{2}年度?(?=累计))"
THIS_YEAR = re.compile(OWN_YEAR)
"""Words beside 累计 that bound it to the report's year, whatever day the sentence opens with."""
UNTIL = re.compile(rf"截[至止]到?[^，；。]{{0,24}}?(?:底|末|日|月份?|目前)(?=[^，；。]{{0,20}}{OWN_YEAR})")
"""The day up to which is counted, in the number's own clause, before words of this year."""
HEADING = 40
"""Characters; a shorter line before a paragraph is its heading."""
COMPARED = re.compile(r"(?:同比|比上年|比去年|较上年|较去年|增长|增加|减少|下降|上升)[^，；。]{0,6}$")
RESPECTIVELY = re.compile(r"分别(?:为|是|有|发布|公开|收到|受理|达到?)?(?:了)?$")
SUM = re.compile(r"共|总计|合计|总数|总量")
ABOUT = re.compile(r"(?:近|约|大约|超过|逾|超)$")
BREAK = re.compile(r"[，；,;：:（）()]")
FUNCTION = re.compile(r"^(?:其中|有|共|共有|分别|办理情况为|其中有|包括|均|已|为|另|另有|即|具体为|答复情况为)*$")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its counter, where it stands, and the words on both sides up to the next number."""

    start: int
    end: int
    raw: str
    value: float | int | None
    counter: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class _Found:
    """An observation with what decides between it and others of its indicator."""

    observation: Observation
    paragraph: int
    scope: Scope
    denied: bool = False
    sum: bool = False
    """Whether its own clause says that it is the whole: 共, 总计."""


def read_narrative(
    text: str,
    known: Iterable[str] = (),
    *,
    legacy: bool = True,
    government: bool = False,
    year: int | None = None,
    publisher: str | None = None,
) -> tuple[Observation, ...]:
    """Figures the prose states, each indicator once: the first mention, unless a later one says it is the whole year's.

    ``known`` are indicators a table gives: they are left out here (see :func:`compared`).  ``legacy`` is false
    for reports whose tables follow the 2019 or 2021 form, where most codes of 2014 mean nothing.  ``government``:
    the publisher is a government, whose figures are those of its whole province, city or county.  ``year`` is the
    report's: figures of others are not taken; where it is unknown, the latest year named beside an indicator is it.
    ``publisher``: a body that figures may be said to be of, beside those named in the text's first lines.
    """
    taken = set(known)
    found = _figures(text, government=government, year=year, publisher=publisher)
    return tuple(o for o in found if o.indicator not in taken and (legacy or o.indicator in MODERN))


def compared(text: str, *, year: int | None = None, publisher: str | None = None) -> tuple[Observation, ...]:
    """The figures of the prose that tables of every form have too, for :func:`pipelines.validate.against_text`."""
    found = _figures(text, year=year, publisher=publisher)
    return tuple(o for o in found if o.indicator == "applications.received.total")


def fee(text: str, *, year: int | None = None, publisher: str | None = None) -> Observation | None:
    """The fee a report says it collected for information, if it names one above nothing."""
    figures = _figures(text, year=year, publisher=publisher)
    found = (o for o in figures if o.indicator == "applications.fees" and o.value)
    return next(found, None)


@lru_cache(maxsize=8)
def _figures(
    text: str, *, government: bool = False, year: int | None = None, publisher: str | None = None
) -> tuple[Observation, ...]:
    """Remembered for a few texts: a reading's figures, its comparison with the tables and its fee are one pass."""
    sample = text[:CAP]
    owners = owners_of(sample, publisher)
    found: dict[str, list[_Found]] = {}
    heading, paragraph, number = "", "", 0
    for match in SENTENCE.finditer(sample):
        sentence = match.group(0)
        context = heading + paragraph[-400:]
        scopes = Scopes(sentence, owners, government=government)
        stated = _counted(sample, match, context, scopes, government=government)
        for each in (*_denied(sample, match, scopes), *stated):
            found.setdefault(each.observation.indicator, []).append(replace(each, paragraph=number))
        paragraph += sentence
        if sentence.endswith("\n"):
            heading = paragraph if len(paragraph.strip()) < HEADING else ""
            paragraph, number = "", number + 1
    chosen = (_chosen(each, year) for each in found.values())
    return tuple(sorted((o for o in chosen if o), key=lambda o: o.where.start or 0))


def _chosen(found: list[_Found], year: int | None) -> Observation | None:
    """The one figure of an indicator: of the report's year, stated rather than denied, the whole rather than a part."""
    own = year or max((each.scope.year for each in found if each.scope.year), default=None)
    left = [each for each in found if each.scope.year in {None, own}]
    stated = {each.paragraph for each in left if not each.denied}
    left = [each for each in left if not (each.denied and each.paragraph in stated)]
    if not left:
        return None
    first = left[0]
    if first.denied or first.scope.said or first.sum:
        return first.observation
    more = (each for each in left[1:] if each.scope.said and each.sum and _is_more(each, first))
    return next(more, first).observation


def _is_more(later: _Found, first: _Found) -> bool:
    one, other = later.observation.value, first.observation.value
    return isinstance(one, int | float) and isinstance(other, int | float) and one > other


def _denied(text: str, sentence: re.Match[str], scopes: Scopes) -> Iterator[_Found]:
    """What a sentence says there was none of: of the whole year, of the body itself, of every kind."""
    for denial in DENIALS:
        for match in denial.pattern.finditer(text, sentence.start(), sentence.end()):
            said = match.group(0)
            if denial.total and OF_A_KIND.search(said):
                continue
            scope = scopes.at(match.start() - sentence.start())
            if not scope.ours or scope.span in {"part", "month"} or scope.year == 0:
                continue
            where = Where(start=match.start(), end=match.end(), sentence=_shown(sentence))
            yield _Found(Observation(denial.indicator, 0, "text", said, denial.unit, where), 0, scope, denied=True)
            break


def _counted(text: str, sentence: re.Match[str], context: str, scopes: Scopes, *, government: bool) -> Iterator[_Found]:
    figures = _numbers(text, sentence)
    whole = sentence.group(0)
    listed = _respectively(figures, whole, context)
    meant = bool(MEANT.match(whole))
    for index, figure in enumerate(figures):
        clause = BREAK.split(figure.left)[-1]
        if (not government and WHOLE.search(clause)) or meant or INTENDED.search(clause):
            continue
        scope = scopes.at(figure.start - sentence.start())
        if not scope.ours or scope.span != "whole" or scope.year == 0:
            continue
        wording = listed.get(index) or _wording(figure, whole, context)
        if wording is None or (wording.unit == "元" and _is_rate(clause, figure)):
            continue
        unit = figure.counter if figure.counter in {"元", "万元"} else wording.unit
        where = Where(start=figure.start, end=figure.end, sentence=_shown(sentence))
        observation = Observation(wording.indicator, figure.value, "text", figure.raw, unit, where)
        yield _Found(observation, 0, scope, sum=bool(SUM.search(clause)))


def _is_rate(clause: str, figure: Figure) -> bool:
    """Whether money is a price (每页2元, 2元/页), not a sum."""
    return bool(RATE.search(clause)) or figure.right.lstrip().startswith(("/", "／", "每"))


def _shown(sentence: re.Match[str]) -> str:
    return sentence.group(0).strip()[:400]


def _numbers(text: str, sentence: re.Match[str]) -> list[Figure]:
    matches = [match for match in NUMBER.finditer(text, sentence.start(), sentence.end()) if _is_figure(text, match)]
    figures = []
    for i, match in enumerate(matches):
        left = text[matches[i - 1].end() if i else sentence.start() : match.start()]
        right = text[match.end() : matches[i + 1].start() if i + 1 < len(matches) else sentence.end()]
        about = match["about"] or ABOUT.search(left)
        value = None if about else _value(match["n"], wan=bool(match["wan"]))
        end = match.end("about") if match["about"] else match.end("wan") if match["wan"] else match.end("n")
        raw = text[match.start("n") : end]
        figures.append(Figure(match.start("n"), end, raw, value, match["counter"], left, right))
    return figures


def _is_figure(text: str, match: re.Match[str]) -> bool:
    """Not the tail of another number, not a rank (第三次), not a word that only looks like one (一些, 一条龙)."""
    before = text[max(0, match.start() - 1) : match.start()]
    return not re.match(r"[\d.第〔\[%一二三四五六七八九十百千]", before) and _value(match["n"], wan=False) is not None


def _value(digits: str, *, wan: bool) -> float | int | None:
    if digits[0].isdigit():
        number = float(re.sub(r"[,，]", "", digits))
    else:
        spoken = chinese_number(digits)
        if spoken is None:
            return None
        number = float(spoken)
    number = round(number * 10_000, 6) if wan else number
    return int(number) if number.is_integer() else number


def _wording(figure: Figure, sentence: str, context: str) -> Wording | None:
    """The one wording that names a figure: by the words before it in its clause, else by those after it."""
    clauses = BREAK.split(figure.left)
    left = "" if re.search(r"[、和与及]\s*$", figure.left) else clauses[-1].strip(" 、和与及")
    left = UNTIL.sub("", left)
    if COMPARED.search(left) or ELSEWHERE.search(left) or _is_since_long(left, sentence):
        return None
    if not FUNCTION.match(left):
        found = _named(left, figure, sentence, context)
        part = (
            len(clauses) > 1 and clauses[-2].strip().endswith("其中") and found and found.indicator.endswith(".total")
        )
        if found or len(clauses) < 2 or not clauses[-2].strip().endswith("其中"):
            return None if part else found
    right = re.split(r"[，；,;。、（(]", figure.right)[0].strip()
    return _named(right, figure, sentence, context, after=True) if right else None


def _is_since_long(left: str, sentence: str) -> bool:
    """Whether a number counts up all years: 累计 in a sentence that opens with a day, without a word of this year."""
    return "累计" in left and bool(SINCE.search(sentence)) and not THIS_YEAR.search(left)


def _named(label: str, figure: Figure, sentence: str, context: str, *, after: bool = False) -> Wording | None:
    for wording in WORDINGS:
        if figure.counter not in wording.counters:
            continue
        match = wording.words.search(label)
        if match is None or (after and match.start() > 0) or (wording.without and wording.without.search(label)):
            continue
        if wording.topic is None or wording.topic.search(sentence) or wording.topic.search(context):
            return wording
    return None


def _respectively(figures: list[Figure], sentence: str, context: str) -> dict[int, Wording]:
    """Names and numbers of ``通过网络、信函、当面提交的申请分别为5件、3件、2件``, paired when they are equally many."""
    found: dict[int, Wording] = {}
    for start, figure in enumerate(figures):
        clause = figure.left.strip()
        if not RESPECTIVELY.search(clause):
            continue
        run = [start]
        while run[-1] + 1 < len(figures) and re.fullmatch(r"[、，和与及]", figures[run[-1] + 1].left.strip()):
            run.append(run[-1] + 1)
        names = re.split(r"[、和与及]", re.split(r"[，；：:]", RESPECTIVELY.sub("", clause))[-1])
        if len(names) != len(run):
            continue
        tail = re.sub(r"^.*?(?:提交|提出|公开|发布|申请)", "", names[-1])
        for index, name in zip(run, names, strict=True):
            label = re.sub(r"(?:的|等)?(?:方式|形式)?(?:提交|提出)?(?:的)?(?:申请)?$", "", name)
            label = re.sub(r"^.{0,6}(?:通过|以|采取|按照)", "", label) + ("" if name == names[-1] else tail)
            wording = _named(label, figures[index], sentence, context)
            if wording:
                found[index] = wording
    return found
