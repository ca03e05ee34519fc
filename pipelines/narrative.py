"""Figures in prose → observations with their span and sentence.

Modest on purpose: a pattern stands here only when its wording leaves one reading.  Reports without tables are
read by the codes of the 2014 form; in reports with tables the same figures serve to compare text and table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.model import Observation, Where

if TYPE_CHECKING:
    from collections.abc import Iterable

N = r"(?P<n>\d{1,3}(?:,\d{3}){1,3}|\d{1,9}(?:\.\d{1,4})?)"
GAP = r"[^。；;，,\n\d]{0,24}?"
SHORT = r"[^。；;，,、\n\d]{0,8}?"
OURS = r"(?:政府信息|政务信息|各类信息|各类政府信息|各类政务信息|信息)"
SENTENCE_END = re.compile(r"[。！？\n]")
CAP = 200_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """A wording, the indicator it states, the unit; ``zero`` when the wording itself says none."""

    indicator: str
    unit: str
    pattern: re.Pattern[str]
    zero: bool = False


def _p(indicator: str, unit: str, pattern: str, *, zero: bool = False) -> Pattern:
    return Pattern(indicator, unit, re.compile(pattern), zero)


APPLIED = r"(?:政府信息公开|依申请公开|信息公开|公开政府信息)(?:政府信息)?(?:的)?申请(?:表|事项|件)?"
PATTERNS = (
    _p(
        "applications.received.total",
        "件",
        rf"(?:收到|受理|接收|接到|办理)(?:[^。；\n\d]{{0,16}}?)(?:{APPLIED}|依申请公开){SHORT}{N}\s?(?:件|条|份|宗|例|起|次)",
    ),
    _p(
        "applications.received.total",
        "件",
        rf"(?:收到|受理|接收)(?:到)?(?:[^。；\n\d]{{0,8}}?){N}\s?(?:件|条|份|宗|例)(?:公民|群众)?{APPLIED}",
    ),
    _p(
        "applications.received.total",
        "件",
        rf"(?:未|没有|无)(?:有)?(?:收到|接到|受理)(?:过)?[^。；\n\d复诉讼]{{0,30}}?(?:{APPLIED})",
        zero=True,
    ),
    _p(
        "applications.received.by_mode.letter",
        "件",
        rf"(?:信函|来信|邮寄)(?:方式)?(?:提交|形式)?(?:的)?申请(?:的)?(?:有|为)?\s?{N}\s?(?:件|条|份)",
    ),
    _p(
        "applications.received.by_mode.in_person",
        "件",
        rf"(?:当面|现场)(?:提交|形式|方式)?(?:的)?(?:申请)?(?:的)?(?:有|为)?\s?{N}\s?(?:件|条|份)",
    ),
    _p(
        "applications.received.by_mode.fax",
        "件",
        rf"传真(?:方式)?(?:提交|形式)?(?:的)?(?:申请)(?:的)?(?:有|为)?\s?{N}\s?(?:件|条|份)",
    ),
    _p(
        "applications.received.by_mode.online",
        "件",
        rf"(?:网上|网络|在线)(?:方式)?(?:提交|形式)?(?:的)?(?:申请)?(?:的)?(?:有|为)?\s?{N}\s?(?:件|条|份)(?!留言|信息)",
    ),
    _p(
        "disclosure.items.total",
        "条",
        rf"(?:主动公开|主动发布|共公开|累计公开)(?:了)?(?:各类)?{OURS}(?:共|共计|总计|合计|累计|达)?\s?{N}\s?(?:余)?条",
    ),
    _p(
        "disclosure.items.normative_docs", "件", rf"主动公开(?:了)?(?:行政)?规范性文件(?:共|共计)?\s?{N}\s?(?:件|份|条)"
    ),
    _p("response.press_conferences", "次", rf"(?:举办|召开|参加)(?:了|或举办)?\s?{N}\s?[次场]新闻发布会"),
    _p("response.online_interviews", "次", rf"在线访谈(?:节目)?(?:共)?\s?{N}\s?[次期]"),
    _p("applications.replied.granted", "件", rf"{N}\s?件(?:予以|依法)?同意公开(?!的?部分)"),
    _p("applications.replied.not_exist", "件", rf"{N}\s?件(?:申请)?(?:的)?信息不存在"),
    _p("applications.replied.asked_to_amend", "件", rf"告知(?:申请人)?作出更改补充(?:的)?\s?{N}\s?件"),
    _p("review.total", "件", r"(?:未|没有|无)(?:有)?(?:收到|发生|接到|因)[^。；\n\d]{0,26}?行政复议", zero=True),
    _p("litigation.total", "件", r"(?:未|没有|无)(?:有)?(?:收到|发生|接到|因)[^。；\n\d]{0,36}?行政诉讼", zero=True),
    _p(
        "applications.fees",
        "元",
        r"(?:均)?(?:未|没有)(?:向[^。；，\n]{0,12})?收取(?:过)?(?:任何|信息处理|检索|复制|相关)[^。；，\n\d]{0,12}?费",
        zero=True,
    ),
    _p("applications.fees", "元", rf"(?:收取|收费)(?:信息处理费|检索费|复制费|费用)(?:共|共计|金额)?\s?{N}\s?元"),
)
PARTIAL = re.compile(r"其中|同比|上年|去年|上一年|较|比|占|历年|累计(?!公开)|以来|自\d{4}年|我[省市]|全国")
LATER = re.compile(r"办结|答复|其中$")


def read_narrative(text: str, known: Iterable[str] = (), *, legacy: bool = True) -> tuple[Observation, ...]:
    """Figures the prose states, each indicator once, the first mention.

    ``known`` are indicators a table gives: they are left out here (see :func:`compared`).  ``legacy`` is false
    for reports whose tables follow the 2019 or 2021 form, where most codes of 2014 mean nothing.
    """
    taken = set(known)
    return tuple(o for o in _figures(text, legacy=legacy) if o.indicator not in taken)


def compared(text: str) -> tuple[Observation, ...]:
    """The figures of the prose that tables of every form have too, for :func:`pipelines.validate.against_text`."""
    return tuple(o for o in _figures(text, legacy=True) if o.indicator == "applications.received.total")


MODERN = frozenset({"applications.received.total", "disclosure.items.total"})
"""What the prose of a report with modern tables may give: its definition has not changed since 2014."""


def _figures(text: str, *, legacy: bool) -> list[Observation]:
    found: dict[str, Observation] = {}
    sample = text[:CAP]
    for pattern in PATTERNS:
        if pattern.indicator in found or (not legacy and pattern.indicator not in MODERN):
            continue
        for match in pattern.pattern.finditer(sample):
            observation = _observation(pattern, match, sample)
            if observation:
                found[pattern.indicator] = observation
                break
    return sorted(found.values(), key=lambda o: o.where.start or 0)


def _observation(pattern: Pattern, match: re.Match[str], text: str) -> Observation | None:
    """The observation of one match, unless its sentence speaks of a part, another year or another body."""
    start, end = _sentence(text, match.start(), match.end())
    before = text[max(start, match.start() - 14) : match.start()]
    if PARTIAL.search(before) and not pattern.indicator.startswith(
        ("applications.received.by_mode", "applications.replied")
    ):
        return None
    raw = "0" if pattern.zero else match["n"]
    number = float(raw.replace(",", ""))
    value: float | int = int(number) if number.is_integer() else number
    printed = match.group(0) if pattern.zero else match["n"]
    span = (match.start(), match.end()) if pattern.zero else match.span("n")
    where = Where(start=span[0], end=span[1], sentence=text[start:end].strip()[:400])
    return Observation(pattern.indicator, value, "text", printed, pattern.unit, where)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    before = [m.end() for m in SENTENCE_END.finditer(text, max(0, start - 400), start)]
    after = SENTENCE_END.search(text, end, end + 400)
    return (before[-1] if before else max(0, start - 400)), (after.end() if after else min(len(text), end + 400))
