"""What a whole payload says of itself: title, publisher, year, kind, dates, and which rule gave each.

Rows of listings are judged in :mod:`pipelines.recognise`; here the metadata and the text decide.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.dates import BEIJING, beijing_day, date_in_url, last_date, read_date
from pipelines.matching import folded
from pipelines.recognise import (
    CONTAINER,
    LETTER,
    NEWS,
    NEWS_CAP,
    REPORT,
    TOPIC,
    classify,
    organ,
    period_in,
    publisher_in,
    reads_like_report,
    tidy_title,
    year_in,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.model import Conversion, Kind

PROVINCES = [
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "内蒙古自治区",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "广西壮族自治区",
    "海南省",
    "重庆市",
    "四川省",
    "贵州省",
    "云南省",
    "西藏自治区",
    "陕西省",
    "甘肃省",
    "青海省",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
    "新疆生产建设兵团",
]
BARE_LEVEL = re.compile(r"^(?:省|市|县|区|州|盟|自治区|自治州|我[省市县区])")
SAYS_WHO = (
    re.compile(
        r"由([一-鿿]{3,30}?)(?:办公室|办公厅|根据|按照|依据|负责|汇总|统一|组织|编制|编写)(?=[^。]{0,80}(?:编制|编写)|[，。])"
    ),
    re.compile(
        r"(?:公布|发布|公开|编制|形成|制定)(?:了|本|《)?\s?([一-鿿]{3,30}?)\s?(?:19|20)\d{2}\s?年?度?\s?(?:政府)?信息公开"
    ),
    re.compile(r"《([一-鿿]{3,30}?)\s?(?:19|20)\d{2}\s?年"),
    re.compile(
        r"(?:19|20)\d{2}\s?年?，([一-鿿]{3,20}?(?:局|委员会|厅|政府|办公室|街道办事处|管委会))(?:坚持|以|认真|严格|深入|积极|全面|按照|紧紧|高度|在)"
    ),
)
EARLIEST = 2003
"""The year before which no report of disclosure was published."""
ATTACHED = re.compile(r"附件|\.(?:pdf|docx?|wps|ofd|xlsx?|rar|zip)", re.IGNORECASE)
TITLE_END = re.compile(r"(?:报告|年报|总结|决算|预算|公报|通知|方案|要点|指南)(?:公开)?(?:[(（].{0,20}[)）])?$")
TITLES = (
    "meta:ArticleTitle",
    "ucaptitle",
    "card:名称",
    "card:信息名称",
    "card:标题",
    "card:文件名称",
    "h1",
    "class:title",
    "title",
)
PUBLISHED = (
    "meta:PubDate",
    "meta:publishdate",
    "meta:PublishDate",
    "meta:firstpublishedtime",
    "line:发布时间",
    "line:发布日期",
    "card:发布日期",
    "card:发布时间",
    "card:公开日期",
    "card:公开时间",
    "publishtime",
    "line:公开日期",
    "line:公开时间",
)
WRITTEN = (
    "card:成文日期",
    "card:生成日期",
    "card:成文时间",
    "card:发文日期",
    "card:发文时间",
    "line:成文日期",
    "line:生成日期",
    "line:发文日期",
)
SOURCES = (
    "card:发布机构",
    "card:发文机关",
    "card:发文机构",
    "card:制发机关",
    "card:公开主体",
    "card:公开机构",
    "card:发布单位",
    "line:发布机构",
    "line:发文机关",
    "meta:ContentSource",
    "line:来源",
    "line:信息来源",
    "meta:Author",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a whole payload says of itself; ``rules`` names which rule gave each value."""

    title: str | None = None
    publisher: str | None = None
    year: int | None = None
    kind: Kind | None = None
    rejected: str | None = None
    published: str | None = None
    written: str | None = None
    rules: tuple[tuple[str, str], ...] = field(default=())


def judge_reading(
    conversion: Conversion, *, url: str | None = None, name: str | None = None, tables: bool = False
) -> Judgement:
    """Judge a payload by its metadata and content.

    ``name`` is the file's or link's name; ``tables`` says that tables of a form were found.  The publisher is
    whom the report names, never the portal, unless nothing else does.
    """
    lines = [block.text for block in conversion.blocks if block.kind != "table"]
    text = "\n".join(lines)[:100_000]
    title, title_rule = _title(conversion, lines, name)
    published, published_rule = _published(conversion, url)
    year, year_rule = _year(title, _printed_title(lines), text, published)
    publisher, publisher_rule = _publisher(conversion, title, lines)
    kind, rejected = _kind(title, text, year, tables=tables)
    if kind == "disclosure" and not tables and _is_news(text, conversion):
        kind, rejected = None, "notice"
    if kind == "disclosure" and not tables and CONTAINER.search(folded(title or "")) and reads_like_report(text) < 2:
        kind, rejected = None, "container"
    written, written_rule = _written(conversion, lines)
    rules = {
        "title": title_rule,
        "publisher": publisher_rule,
        "year": year_rule,
        "published": published_rule,
        "written": written_rule,
    }
    found = tuple((key, rule) for key, rule in rules.items() if rule)
    return Judgement(title, publisher, year, kind, rejected, published, written, found)


def _meta(conversion: Conversion, name: str) -> str | None:
    """The last non-empty value: templates come first, the article's own tag after."""
    values = [
        value for key, value in conversion.meta if key.lower() == name.lower() and value.strip() and "{{" not in value
    ]
    return values[-1].strip() if values else None


def _title(conversion: Conversion, lines: Sequence[str], name: str | None) -> tuple[str | None, str | None]:
    printed = _printed_title(lines)
    found = [(_meta(conversion, source), source) for source in TITLES]
    candidates = [(tidy_title(_without_site(value)), source) for value, source in found if value]
    candidates += [(printed, "text:first lines")] if printed else []
    candidates += (
        [(tidy_title(lines[0]), "text:first line")]
        if lines and 4 <= len(lines[0]) <= 60 and lines[0][-1] not in "。：；"
        else []
    )
    candidates += [(tidy_title(re.sub(r"\.\w{2,5}$", "", name)), "name")] if name else []
    candidates += [
        (tidy_title(value), "pdf:Title")
        for key, value in conversion.meta
        if key in {"pdf:Title", "core:title"} and len(value) > 5
    ]
    for value, source in candidates:
        if REPORT.search(folded(value)) and (publisher_in(value) or year_in(value)):
            return value, source
    return candidates[0] if candidates else (None, None)


def _without_site(value: str) -> str:
    """``标题_栏目_站名`` and ``标题 - 站名`` without what follows the title."""
    parts = re.split(r"\s?[_|｜]\s?|\s[-–—]\s|(?<=报告)-|(?<=年报)-", value)
    return next((part for part in parts if REPORT.search(folded(part))), parts[0])


def _printed_title(lines: Sequence[str]) -> str | None:
    """The title as the report itself prints it, over one to three lines.

    A line that the next one repeats with more (a running head above the title) is no part of it, and a report's name
    without body or year is the title only where no line below names them.
    """
    gathered, bare = "", None
    for line in [line for line in lines[:8] if line.strip()][:6]:
        if len(line) > 60 or line.endswith(("。", "：", ":")):
            break
        again = bool(gathered) and tidy_title(line).startswith(tidy_title(gathered))
        gathered = (line if again else gathered + line) if not LETTER.fullmatch(line.strip()) else ""
        if TITLE_END.search(gathered.strip()) and len(gathered) <= 100:
            title = tidy_title(gathered)
            if publisher_in(title) or year_in(title) or not REPORT.search(folded(title)):
                return title
            gathered, bare = "", bare or title
    return bare


def _published(conversion: Conversion, url: str | None) -> tuple[str | None, str | None]:
    for source in PUBLISHED:
        found = read_date(_meta(conversion, source))
        if found and _is_possible(beijing_day(found)):
            return beijing_day(found), source
    in_url = date_in_url(url)
    return (in_url, "url") if in_url and _is_possible(in_url) else (None, None)


def _is_possible(day: str) -> bool:
    """Whether a report can have been published on a day: an empty field of a portal's database is 1970-01-01."""
    return EARLIEST <= int(day[:4]) <= datetime.now(BEIJING).year + 1


def _written(conversion: Conversion, lines: Sequence[str]) -> tuple[str | None, str | None]:
    for source in WRITTEN:
        found = read_date(_meta(conversion, source))
        if found:
            return beijing_day(found), source
    signed = last_date(tuple(lines))
    return (signed, "text:signature") if signed else (None, None)


def _year(title: str | None, printed: str | None, text: str, published: str | None) -> tuple[int | None, str | None]:
    """The title's year, unless the report itself, in its own title and its period, says another."""
    in_title = year_in(title or "")
    covered = period_in(text)
    if in_title and (covered in {None, in_title} or year_in(printed or "") != covered):
        return in_title, "title"
    if covered:
        return covered, "text:period"
    first = year_in(text[:300])
    if first and REPORT.search(folded(text[:300])):
        return first, "text:first lines"
    return (int(published[:4]) - 1, "published-1") if published else (None, None)


def _publisher(conversion: Conversion, title: str | None, lines: Sequence[str]) -> tuple[str | None, str | None]:
    text = "\n".join(lines)[:60_000]
    named = publisher_in(title or "")
    if named:
        return _in_full(named, text, conversion), "title"
    head = "\n".join(line for line in lines if line)[:3000]
    printed = publisher_in(_printed_title(lines) or "")
    if printed:
        return _in_full(printed, text, conversion), "text:title"
    for source in SOURCES:
        value = organ(tidy_title(_meta(conversion, source) or ""))
        if value and len(value) >= 3:
            return value, source
    for pattern in SAYS_WHO:
        match = pattern.search(head)
        value = organ(match.group(1)) if match else None
        if value and not value.startswith(("国务院", "本", "我", "中华人民共和国")):
            return _in_full(value, text, conversion), "text:says"
    signed = _signed(lines)
    if signed:
        return signed, "text:signature"
    site = organ(_meta(conversion, "meta:SiteName") or "")
    return (site, "meta:SiteName") if site else (None, None)


def _in_full(name: str, text: str, conversion: Conversion) -> str:
    """省商务厅 as 贵州省商务厅 where the report's own text prints the full name."""
    if not BARE_LEVEL.match(name) or len(name) > 14:
        return name
    level = "省" if name.startswith(("省", "我省")) else "市" if name.startswith("市") else ""
    tail = name.removeprefix("我")
    counts = Counter(p for p in PROVINCES if level and p.endswith(level) and p[: -len(level)] + tail in text)
    if counts:
        return counts.most_common(1)[0][0][: -len(level)] + tail
    longer = [
        organ(value)
        for key, value in conversion.meta
        if key in {"meta:ContentSource", "card:发布机构", "line:发布机构"}
    ]
    return next((value for value in longer if value and value.endswith(tail) and value in text), name)


def _signed(lines: Sequence[str]) -> str | None:
    for index in range(len(lines) - 1, max(len(lines) - 8, 0), -1):
        if read_date(lines[index]) and len(lines[index]) < 40:
            value = organ(re.sub(r"\s+", "", lines[index - 1]))
            return value if value and len(value) <= 25 else None
    return None


def _kind(title: str | None, text: str, year: int | None, *, tables: bool) -> tuple[Kind | None, str | None]:
    kind, reason = classify(title or "", year=year)
    if reason is None or reason not in {"off-topic", "summary", "appendix"}:
        return kind or None, None if kind else reason
    if reason == "appendix" and len(text) < 3000:
        return None, reason
    marks = reads_like_report(text) + 2 * tables
    if marks >= 2 and re.search(TOPIC, text) and (tables or len(text) > 400):
        return "disclosure", None
    return None, reason


def _is_news(text: str, conversion: Conversion) -> bool:
    """Whether a text only tells that a report was published: short, nothing of a report in it, no file with it."""
    if len(text) >= NEWS_CAP or not NEWS.search(text) or reads_like_report(text):
        return False
    return not (ATTACHED.search(text) or any(ATTACHED.search(link.url) for link in conversion.links))
