"""Of which time and of whom a figure in a sentence is: what the words before it say.

Words that name a time (2011年, 上半年, 明年, 条例施行以来) hold for the figures after them until others do; words that
name a body (各乡镇, 县教育局收到, 我局) likewise.  A year named only to compare with (比2011年增加) or to name a document
(2011年工作要点) says nothing of the figures.  Sentences are judged one by one: nothing is carried over a full stop.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pipelines.dates import CHINESE_YEAR, DIGITS, WIDE
from pipelines.recognise import organ, publisher_in

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = 400
"""Characters of a text in which a body that is named is the publisher."""
BREAKS = re.compile(r"[，；,;：:（）()]")
QUOTED = re.compile(r"《[^《》\n]{0,60}》|[〔\[][^〔〕\[\]\n]{0,12}[〕\]]")
Y = r"(?<!\d)(?:19|20)\d{2}"
TO = r"[-—－–~～至到]{1,2}"
MONTH = r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})"
TIME = re.compile(
    rf"(?P<since>(?<!今年)(?<!本年)(?<!本年度)(?<!长期)(?<!一直)以来|[自从]{Y}年(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?:起|开始)(?![至到])|近[几两三]?年来?|历年|多年来)"
    rf"|(?P<from>{Y})年?度?(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?起?(?:{TO}|和|与|及|、)(?P<to>(?:19|20)\d{{2}})年度?(?:\d{{1,2}}月(?:\d{{1,2}}日|底|末)?)?"
    rf"|(?P<days>{Y})年\d{{1,2}}月\d{{1,2}}日起?{TO}\d{{1,2}}月\d{{1,2}}日"
    rf"|(?:(?P<myear>{Y})年)?(?P<first>{MONTH})月?份?{TO}(?P<last>{MONTH})月(?!\d{{0,2}}日)"
    rf"|(?:(?P<pyear>{Y})年度?)?(?P<part>前?第?[一二三四1-4]季度|前[一二三三两]个?季度|[上下]半年|前\d{{1,2}}个月)"
    rf"|(?:(?P<dyear>{Y})年|(?<![\d月]))(?P<month>{MONTH}月(?:\d{{1,2}}日|份|[上中下]旬)?)(?![底末\d])"
    rf"|(?P<year>{Y})年度?(?!\d)"
    r"|(?P<other>(?:(?<![以网线])上一?|(?<!过)去|(?<![当目提此以])前一?|(?<![说声表证])明|(?<![以年近])来|(?<!以)下一?|往|翌)年(?![龄报检审会轻级])度?|次年(?!度))"
    r"|(?P<own>(?:今|本)年(?!初)度?)"
    r"|(?P<whole>全年|当年|年内(?![部容])|年度内|一年来)"
)
UNTIL = re.compile(r"(?:截[至止]到?|[至到])$")
BESIDE_BEFORE = re.compile(r"(?:[比较与同和]|对比|相比于?|按照?|根据|依据|完成)$")
BESIDE_AFTER = re.compile(
    r"(?:同期)?相比|[^，；。\d]{0,6}(?:结转|转入|遗留)|初"
    r"|[^，；。\d]{0,16}(?:要点|工作安排|通知|意见|方案|年报|年度报告|工作报告|条例|施行|印发|颁布|修订|成立)"
)
"""What follows a year that is only mentioned: to compare with, or as part of a document's name."""

LEAD = re.compile(
    rf"(?:其中|同时|此外|另外?|且|而|截[至止]到?)?(?:(?:{Y}年度?|全年|[本今当]年度?|第?[一二三四1-4]季度|[上下]半年|(?:\d{{1,2}}{TO})?\d{{1,2}}月份?|(?:\d{{1,2}}月)?\d{{1,2}}日|底|末)(?:以来|中|里|内)?){{0,3}}[\s\u3000]{{0,4}}"
)
OURS = re.compile(
    r"(?:我|本)(?:[局委厅办县市区镇乡院校处站所省州旗会社部]|街道|单位|中心|机关|公司)|(?<!各)(?:局|委|厅)?机关(?:本级|共|收|主)|本级"
)
OTHERS = re.compile(
    r"(?:我[局委厅办县市区镇乡省州旗]|本[局委厅办县市区镇乡省州旗]|全[系县市区镇乡]统?)?"
    r"(?:各(?:个)?(?:乡|镇|街道|县|市|区|村|社区|地|下属|直属|所属|二级|有关|相关|基层|部门|单位)|(?:下属|所属|直属|局属|委属|厅属|下级|基层)[一-鿿]{0,8}(?:单位|机构|部门|企业|学校|院|站|所|局))"
)
ALL_OF = re.compile(r"全[省市县区州镇乡旗]")
VERB = r"(?:收到|受理|接到|接收|主动公开|公开(?!栏|目)|发布|办理|答复|收取|举办|召开|制发|参加|发生|未|没有|尚未|从未|均未)"
NAMED = re.compile(
    rf"(?P<name>[一-鿿]{{1,16}}?(?:局|委员会|委|厅|人民政府|(?<=[县市区镇乡省州旗])政府|政府办(?:公室)?|管委会|办事处|街道|镇|乡|公司|(?<!信息)中心|学校|中学|小学|医院|法院|支队|大队|学院))"
    rf"(?:机关)?(?:{Y}年度?|全年|[本今当]年度?|第?[一二三四1-4]季度|[上下]半年|\d{{1,2}}月份?){{0,2}}"
    rf"(?:总共|累计|依法|分别|总计|合计|直接|[共已均也新]计?){{0,3}}{VERB}"
)
VIA = re.compile(r"^(?:通过|经|向|由|在|为|对|到|据|从|以|依托|利用|被|因|关于|不是|不属|属)")
SAYS = re.compile(
    r"(?:由|是|公布|发布)([一-鿿]{2,24}?(?:局|委员会|厅|政府|管委会|办事处))(?:办公室|根据|按照|依据|编制|组织|\d{4}年)"
)
"""Whom an opening says to have drawn the report up."""
LEVEL = re.compile(r"(?P<level>[省市县区州旗])(?:局|厅|委|办)$")
SHORT = re.compile(r"[省市县区州旗]")

Span = Literal["whole", "part", "month", "since"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for a figure: ``year`` is None where none is named, 0 for another one than the report's."""

    year: int | None = None
    span: Span = "whole"
    ours: bool = True
    said: bool = False
    """Whether words of a whole year (全年, 2012年) stand before it."""


@dataclass(frozen=True, slots=True)
class _Mark:
    at: int
    end: int
    scope: Scope


class Scopes:
    """The scopes within one sentence, by position in it."""

    def __init__(self, sentence: str, owners: tuple[str, ...], *, government: bool = False) -> None:
        """``owners``: names of the publisher; ``government``: it is one, and 全县 is its own."""
        self._plain = plain(sentence)
        self._times = list(_times(self._plain))
        self._bodies = list(_bodies(self._plain, owners, government=government))
        self._starts = [mark.at for mark in self._times]
        self._named = [at for at, _ in self._bodies]

    def at(self, position: int) -> Scope:
        """What holds for a figure that starts at ``position``."""
        time = self._time(position)
        before = bisect_right(self._named, position) - 1
        return replace(time, ours=before < 0 or self._bodies[before][1])

    def _time(self, position: int) -> Scope:
        """A month holds for its own clause, or the one after it where it stands by itself."""
        last = bisect_right(self._starts, position)
        for mark in reversed(self._times[max(0, last - 8) : last]):
            if mark.scope.span != "month":
                return mark.scope
            between = self._plain[mark.end : position]
            breaks = len(BREAKS.findall(between[:200]))
            if breaks == 0 or (breaks == 1 and BREAKS.match(between)):
                return mark.scope
        return Scope()


def plain(text: str) -> str:
    """The text with its years in plain digits and without what stands in 《》, every character in its place."""
    text = text.translate(WIDE)
    text = CHINESE_YEAR.sub(lambda m: re.sub(r".", lambda c: DIGITS.get(c.group(0), c.group(0)), m.group(0)), text)
    return QUOTED.sub(lambda m: "《" * len(m.group(0)), text)


def _times(sentence: str) -> Iterator[_Mark]:
    scope = Scope()
    for match in TIME.finditer(sentence):
        before = sentence[max(0, match.start() - 4) : match.start()]
        after = sentence[match.end() : match.end() + 30]
        if match["year"] or match["other"] or match["month"]:
            until = UNTIL.search(before)
            if (BESIDE_BEFORE.search(before) and not until) or BESIDE_AFTER.match(after):
                continue
            if match["month"] and until:
                if match["dyear"]:
                    scope = Scope(int(match["dyear"]), said=False)
                    yield _Mark(match.start(), match.end(), scope)
                continue
        found = _scope(match, scope)
        if found is not None:
            yield _Mark(match.start(), match.end(), found)
            scope = scope if found.span == "month" else found


def _scope(match: re.Match[str], before: Scope) -> Scope | None:
    if match["since"]:
        return Scope(span="since")
    if match["from"]:
        one = match["from"] == match["to"]
        return Scope(int(match["to"]) if one else 0, said=one)
    if match["days"] or match["year"]:
        return Scope(int(match["days"] or match["year"]), said=True)
    if match["last"]:
        year = int(match["myear"]) if match["myear"] else before.year
        full = _number(match["first"]) == 1 and _number(match["last"]) == 12
        return Scope(year, "whole" if full else "part", said=full)
    if match["part"]:
        return Scope(int(match["pyear"]) if match["pyear"] else before.year, "part")
    if match["month"]:
        return Scope(int(match["dyear"]) if match["dyear"] else before.year, "month")
    if match["other"]:
        return Scope(0)
    return Scope(None if match["own"] else before.year, said=True)


def _number(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    return {"一": 1, "十二": 12}.get(numeral, 0)


# ---------------------------------------------------------------- bodies


def owners_of(text: str, publisher: str | None) -> tuple[str, ...]:
    """The names under which a text's own body may appear: the publisher, and whom its first lines name as a title."""
    lines = [line for line in text[:HEAD].split("\n")[:8] if len(line) < 80 and not re.search("[。；]", line)]
    said = SAYS.findall(text[: 4 * HEAD])
    named = (publisher, *(publisher_in(line) or organ(line) for line in lines), *said)
    return tuple(dict.fromkeys(_short(name) for name in named if name))


def is_own(name: str, owners: tuple[str, ...], *, government: bool = False) -> bool:
    """Whether a body's name in a sentence means the publisher: its full name, the end of it, or it abbreviated."""
    name = _short(name)
    if government and re.search(r"政府(?:办(?:公室)?)?$", name) and not re.search(r"[镇乡]政府", name):
        return True
    level = LEVEL.search(name) if len(name) <= 2 else None
    for owner in owners:
        if owner.endswith(name) or name.endswith(owner) or name.startswith(owner):
            return True
        if level and level["level"] != (SHORT.findall(owner) or [""])[-1]:
            continue
        if (len(name) > 2 or level) and _is_within(name, owner):
            return True
    return False


def _short(name: str) -> str:
    return name.replace("人民政府", "政府").replace("委员会", "委")


def _is_within(name: str, owner: str) -> bool:
    """Whether a name's characters stand in another in the same order: 县卫健委 in 青山县卫生健康委."""
    rest = iter(owner)
    return all(character in rest for character in name)


def _bodies(sentence: str, owners: tuple[str, ...], *, government: bool) -> Iterator[tuple[int, bool]]:
    """Where a body is named, and whether it is the publisher."""
    start = 0
    for end in (*(match.start() for match in BREAKS.finditer(sentence)), len(sentence)):
        clause = sentence[start:end]
        lead = LEAD.match(clause)
        at = lead.end() if lead else 0
        if OTHERS.match(clause, at):
            yield start, government and bool(ALL_OF.search(clause))
        elif OURS.search(clause):
            yield start, True
        elif (named := NAMED.match(clause, at)) and not VIA.match(named["name"]):
            yield start, is_own(named["name"], owners, government=government)
        start = end + 1
