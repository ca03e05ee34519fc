"""Judge whether something is an annual report of disclosure, whose, of which year, and if not, what it is.

Rows are judged for recall: a plausible title in a report column is fetched and judged again by its content.
Every rejection has a reason's id, so that a wrong one can be found: ``notice infographic rule-of-law
statistics website-report budget other-annual plan summary guide appendix off-topic``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.dates import CHINESE_YEAR, DIGITS
from pipelines.matching import folded

if TYPE_CHECKING:
    from archive.model import Kind

TOPIC = r"(?:政府信息|政务信息|信息|政务|政府)公开"
REPORT = re.compile(
    rf"{TOPIC}.{{0,30}}?(?:年度?报告?|年报|年度.{{0,6}}报告|工作.{{0,8}}报告|情况.{{0,6}}报告|报告$|年度工作|年度…)|(?:年度|年)\S{{0,20}}?{TOPIC}\S{{0,10}}报告"
)
TRUNCATED = re.compile(rf"{TOPIC}.{{0,12}}(?:…|\.\.\.)$")
CUT = re.compile(r"(?:…|\.\.\.)$")
"""A listing cut the title short before its words tell: in a report column its year is enough to look at the page."""
IN_COLUMN = re.compile(r"年报|年度报告|年度.{0,4}报告|工作报告|情况报告|报告(?:\(|$)")
BARE_YEAR = re.compile(r"^[\[(【<]?(?:19|20)\d{2}(?:年度?)?[\])】>]?(?:年报|报告)?$")
CONTENT = (
    re.compile(r"政府信息公开条例"),
    re.compile(
        r"统计(?:期限|时限|时段|数据).{0,20}1\s{0,3}月\s{0,3}1\s{0,3}日|1\s{0,3}月\s{0,3}1\s{0,3}日.{0,20}12\s{0,3}月\s{0,3}31\s{0,3}日"
    ),
    re.compile(r"收到和处理政府信息公开申请情况|依申请公开(?:政府)?(?:信息)?(?:工作)?情况|政府信息依申请公开"),
    re.compile(r"主动公开政府信息(?:的)?情况|政府信息主动公开情况|主动公开(?:工作)?情况"),
    re.compile(r"勾稽关系|政府信息公开情况统计表"),
    re.compile(r"行政复议.{0,12}行政诉讼"),
)
LOOKALIKES: tuple[tuple[str, Kind | None, re.Pattern[str]], ...] = (
    (
        "infographic",
        None,
        re.compile(r"图解|一图(?:读懂|看懂|了解)|图说|长图|漫画|动漫|动画|H5|短视频|(?:政策|文字|专家)?解读(?!回应)"),
    ),
    (
        "website-report",
        "website",
        re.compile(
            r"(?:网站|新媒体|网站群)(?!公开).{0,12}(?:年度)?(?:工作)?(?:报表|年报|年度报告|监管年度)|网站工作年度"
        ),
    ),
    ("rule-of-law", "rule-of-law", re.compile(r"法治(?:政府)?建设|依法行政|法治工作|法治政府|普法")),
    ("statistics", None, re.compile(r"统计公报|统计年鉴|国民经济和社会发展|经济运行情况|普查公报")),
    ("budget", "accounts", re.compile(r"决算|预算|三公|绩效(?:自评|评价|报告|目标)|财政拨款|收支")),
    (
        "other-annual",
        "other-annual",
        re.compile(
            r"法人.{0,6}年度报告|企业年(?:报|度报告)|企业信息.{0,6}年|公积金|白皮书|环境(?:状况|质量)|质量(?:公报|年报|年度)|知识产权|社会责任|学年|"
            r"审计(?:结果|工作)?报告|人权|慈善|基金会|社会组织年度|建议提案|未成年|就业质量|教学质量|述职|述法|政府工作报告|党建|党务公开|厂务公开|村务公开|校务公开"
        ),
    ),
    (
        "notice",
        None,
        re.compile(
            r"(?:编制|报送|做好|格式|模板|培训|印发|抽查|检查|评估|测评|考核|整改|督查|督办|征集|征求|部署|推进会|工作会议|落实).{0,60}?(?:通知|通报|函|方案|结果|公示|意见|会|班)(?:》|\(|$)"
            r"|^关于.{0,80}(?:的函|情况的函|的请示|的批复)$|(?:报告|年报)(?:的)?[(\[【]?(?:参考|空白)?(?:格式|模[板版]|样[式本表]|范[本文])|评估结果|(?:编制|报送).{0,12}(?:要求|说明|指引)$"
        ),
    ),
    ("plan", None, re.compile(r"工作要点|工作计划|实施方案|工作方案|工作安排|任务分工|任务清单|行动计划")),
    (
        "guide",
        None,
        re.compile(
            rf"{TOPIC}(?:指南|制度|规定|办法|目录|条例|申请表|流程)|(?:指南|目录|规程|制度|办法|规定)(?:\(.{{0,20}}\))?$"
        ),
    ),
    ("appendix", None, re.compile(r"^(?:附[件表]?\s?\d?[:：.、]?)?.{0,40}(?:情况)?统计表$|^附[件表]\s?\d{0,2}$")),
)
CONTAINER = re.compile(
    r"(?:各|所属|下属|直属)(?:部门|单位|地区|镇|乡|街道|县|区|市|科室|处室|局|委|办).{0,24}(?:年报|报告)(?:专栏)?$"
    r"|(?:年报|年度报告)(?:汇总|合集|一览表?|目录|汇编)$"
)
"""A page that gathers several bodies' reports and is none itself, where it has no report's text (field guide, 3.3)."""
SUMMARY = re.compile(r"工作(?:的)?总结|年度?总结|小结|工作情况汇报")
STRONG = re.compile(
    rf"{TOPIC}(?:工作|情况|年度|的|\d{{4}}年?){{0,5}}(?:年度)?(?:工作)?(?:年度报告|年报|年度工作报告|报告)"
)
CARRIES = re.compile(rf"(?:发布|公布|公开|印发).{{0,60}}{TOPIC}.{{0,20}}(?:年度报告|年报).{{0,4}}(?:公告|通告|通知)?$")
NEWS = re.compile(
    r"近日|日前|今日|昨日|(?:发布|公布)了|月\d{1,2}日[，,][^。]{0,40}(?:发布|公布|公开)|(?:正式|集中|统一|按时)(?:对外)?(?:发布|公布)"
)
"""Words of a news item that tells of a report and is none."""
NEWS_CAP = 400
"""Characters; a longer text is judged by its title."""
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
PERIOD = (
    re.compile(
        r"(?:自|从|为|是|限)?((?:19|20)\d{2})年0?1月0?1日(?:起|零时|开始)?(?:至|到|-|—|－|~|～|、)?(?:(?:19|20)\d{2}年|当年|同年)?12月31日"
    ),
    re.compile(r"(?:截止|截至|至|到|—|-)((?:19|20)\d{2})年?(?:12月31日|1231日?|底)"),
)
TITLE_YEAR = re.compile(
    rf"(?<!\d)((?:19|20)\d{{2}})(?:年度?)?(?:的|工作|全年|全市|全县|全区|全省)?(?={TOPIC}|年度?(?:工作)?报告|年报|法治)"
)
"""The year right before what the report is about: of several in a title it is the report's."""
UNDATED_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d|年\d{1,2}月(?!(?:\d{1,2}日)?起?[-—–~～至到]))")
"""A year that is not a date's."""
SPAN_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}年?(?:-|—|–|~|～|至|到)((?:19|20)\d{2})(?=年(?!\d))")
DATED = re.compile(
    r"^[\[(（【]?(?:(?:19|20)\d{2}(?:年\d{1,2}月(?:\d{1,2}日)?|[-./]\d{1,2}[-./]\d{1,2})|(?:19|20)\d{2}[01]\d[0-3]\d(?!\d)|\d{1,2}月\d{1,2}日)(?!起?[-—–~～至到]\s?\d)[\])）】]?[-_—\s]*"
)
"""A date before a title, as file names have."""
BETWEEN = re.compile(
    r"^(?:\d{1,2}月(?:\d{1,2}日|份)?|\d{1,2}(?=[-—–~～至到]\d{1,2}月)|[-—–~～至到]|年度?|规划|期间|时期|以来|[”\"’）)，,、])+"
)
LETTER = re.compile(
    r"^\s*[一-鿿]{1,12}\s*[〔\[【(（]\d{4}[〕\]】)）]\d{1,5}号(?:\s*签发人\s*[:：]?(?:\s*[一-鿿]{2,4}(?=\s))?)?"
)
PREFIX = re.compile(r"^(?:关于|公开|发布|公布|印发|转发|现将|《|\"|“|【|\[|\(|（|附件\d{0,2}[:：]?|·|•|\d{1,2}[.、])+")
AFTER_NAME = re.compile(
    rf"(?:关于)?(?:\d{{4}}年?度?|年度)?(?:的)?(?:{TOPIC}|年度?报|年度(?:工作)?报告|工作报告|报告|工作总结|法治政府|依法行政)"
)
NAME_YEAR = re.compile(r"(?:19|20)\d{2}(?:年度?)?|[一二三四五六七八九零〇○◯ＯO０0]{4}年度?|[２][０-９]{3}年?度?")
ORGAN = re.compile(
    r"(?:局|委员会|委|办公室|办公厅|厅|政府|部|院|中心|办事处|街道|镇|乡|管委会|署|站|所|处|公司|大学|学院|学校|中学|小学|医院|总队|支队|大队|队|"
    r"集团|协会|联合会|联社|工会|妇联|残联|红十字会|法院|银行|分局|区|县|市|省|州|盟|旗|苏木|农场|林场|社|馆|党工委|政府办|办|台|段|口岸|海关|总会|商会|库|团)$"
)
GENERIC = re.compile(
    r"^(?:办公室|办公厅|综合科|综合处|本站|本网|网站|管理员|政务公开办(?:公室)?|信息中心|原创|互联网|其他|局办公室|局机关|厅办公室|宣传科|秘书科|.{0,4}(?:日报|晚报|新闻网|电视台|融媒体中心))$"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a row is worth fetching as a report, and what its title says.

    ``kind`` is set for annual reports of another kind too (they are kept where a portal asks for them);
    ``reason`` is a rejection's id, None when kept.
    """

    keep: bool
    kind: Kind | None
    reason: str | None
    year: int | None
    publisher: str | None


def judge_row(title: str, *, url: str | None = None, in_report_column: bool = False) -> Verdict:
    """Judge a listing's row by its title.

    ``in_report_column``: the listing is one of annual reports, where an agency's name with 年报, a title cut
    short or a bare year is plausible.  ``url`` gives the year where a query carries it (``fbtime=2015``).
    """
    plain = tidy_title(title)
    year = year_in(plain) or _year_in_query(url)
    publisher = publisher_in(title)
    kind, reason = classify(plain, year=year, in_report_column=in_report_column)
    return Verdict(reason is None, kind, reason, year, publisher)


def classify(plain: str, *, year: int | None, in_report_column: bool = False) -> tuple[Kind | None, str | None]:
    """A tidied title's kind, and the reason it is not a disclosure report; ``(kind, None)`` is one."""
    compact = folded(plain)
    named = STRONG.search(compact) is not None
    for reason, kind, pattern in LOOKALIKES:
        if pattern.search(compact) and not _report_after_all(reason, compact, named=named):
            return kind, reason
    if SUMMARY.search(compact):
        old = year is not None and year <= 2018 and re.search(TOPIC, compact)
        return ("disclosure", None) if old else (None, "summary")
    if REPORT.search(compact) or TRUNCATED.search(compact):
        return "disclosure", None
    if in_report_column and _plausible(compact):
        return "disclosure", None
    return None, "off-topic"


def _report_after_all(reason: str, compact: str, *, named: bool) -> bool:
    """Whether a title names the report itself although it holds a look-alike's words.

    Bodies are called 知识产权局, 审计局, 住房公积金管理中心; a report may say that it includes its accounts.
    """
    if reason == "notice":
        return bool(CARRIES.search(compact)) and not re.search(r"编制|报送|做好|格式|培训", compact)
    if reason == "appendix":
        return bool(re.search(r"(?:年度报告|年报)(?:及|\(|附)", compact))
    if reason == "infographic" or "学年" in compact:
        return False
    return named and not re.search(r"指南$|要点|方案", compact)


def _plausible(compact: str) -> bool:
    cut = CUT.search(compact) and (YEAR.search(compact) or re.search(r"信息公?开?\W*$", compact))
    named = re.search(TOPIC, compact) and YEAR.search(compact)
    return bool(BARE_YEAR.match(compact) or IN_COLUMN.search(compact) or named or cut)


def reads_like_report(text: str) -> int:
    """How many of six marks of a disclosure report the text bears; two make one."""
    sample = text[:60_000]
    return sum(bool(pattern.search(sample)) for pattern in CONTENT)


# ---------------------------------------------------------------- titles


def tidy_title(title: str) -> str:
    """A title on one line, white space between Chinese characters and digits removed, site name cut off."""
    plain = re.sub(r"<[^<>]{0,200}>", "", title[:1000])
    plain = re.sub(r"[\s\xa0\u3000\u200b\ufeff]+", " ", plain).strip(" ·•|")
    return re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", plain)


def year_in(title: str) -> int | None:
    """The report's year in a title: digits (``2017政府…`` too), full-width or Chinese numerals."""
    plain = LETTER.sub("", folded(title))
    plain = CHINESE_YEAR.sub(lambda m: "".join(DIGITS.get(c, c) for c in m.group(1)) + "年", plain)
    plain = DATED.sub("", plain) if YEAR.search(DATED.sub("", plain)) else plain
    for pattern in (TITLE_YEAR, SPAN_YEAR, UNDATED_YEAR):
        years = [int(match) for match in pattern.findall(plain)]
        found = next((year for year in years if 2003 <= year <= 2099), None)
        if found:
            return found
    return None


def _year_in_query(url: str | None) -> int | None:
    match = re.search(r"[?&](?:fbtime|year|nd|nf)=((?:19|20)\d{2})(?!\d)", url or "")
    return int(match.group(1)) if match else None


def period_in(text: str) -> int | None:
    """The year whose first to last day the text says its figures cover."""
    plain = folded(text[:20_000])
    plain = CHINESE_YEAR.sub(lambda m: "".join(DIGITS.get(c, c) for c in m.group(1)) + "年", plain)
    for pattern in PERIOD:
        match = pattern.search(plain)
        if match and 2003 <= int(match.group(1)) <= 2099:
            return int(match.group(1))
    return None


# ---------------------------------------------------------------- publishers


def publisher_in(title: str) -> str | None:
    """The body a title names: before the year, or between the year and the topic; None when it names none."""
    plain = PREFIX.sub("", re.sub(r"[\s_]+", "", tidy_title(LETTER.sub("", title[:1000]))))
    plain = DATED.sub("", plain) or plain
    years = list(NAME_YEAR.finditer(plain))[:4]
    begins = [0, *(year.end() for year in years)]
    for begin, year in zip(begins, years, strict=False):
        name = BETWEEN.sub("", plain[begin : year.start()]) if begin else plain[: year.start()]
        cut = AFTER_NAME.search(name)
        found = organ(name[: cut.start()] if cut else name)
        if found:
            return found
    rest = BETWEEN.sub("", plain[begins[-1] :]) if years else plain
    cut = AFTER_NAME.search(rest)
    return organ(rest[: cut.start()]) if cut and (not years or years[0].start() == 0) else None


def organ(name: str) -> str | None:
    """A trimmed name when it can be a public body's own, else None (办公室, a newspaper, a whole sentence)."""
    trimmed = re.sub(r"(?:关于|的|在|于|做好)$", "", PREFIX.sub("", name.strip(" _-—:：,，、.。》《\u3000")))
    trimmed = trimmed.strip(" _-—:：,，、》《")
    if not 2 <= len(trimmed) <= 40 or GENERIC.match(trimmed) or re.search(r"[。，；？！]|https?:", trimmed):
        return None
    return trimmed if ORGAN.search(re.sub(r"[(（][^()（）]{1,30}[)）]$", "", trimmed)) else None
