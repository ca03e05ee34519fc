"""The main text: what counts as its substance, its sections, contacts and document numbers.

What is stored is what is printed (never NFKC, which breaks 〔〕, ① and Ⅳ); only keys for comparing are folded.
"""

from __future__ import annotations

import re
from itertools import groupby, islice
from typing import TYPE_CHECKING

from archive.model import Block, Contacts, Conversion, Grid, Section
from pipelines.matching import folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOISE = re.compile(
    r"^(?:"
    r"[【\[(（]?(?:浏览|点击|阅读|访问|查看|下载)(?:次数|量|数|人数|率)?[】\])）]?[:：]?\s{0,5}(?:\d[\d,]{0,12}|-|加载中)?\s{0,3}(?:次|人次|人)?"
    r"|(?:您是|你是)?(?:本页|本文|该信息|本站)?(?:第\s{0,3}\d{1,12}\s{0,3}(?:位|个)(?:访客|访问者|访问|浏览)[^。]{0,10}"
    r"|(?:已被|共被)?(?:浏览|阅读|访问|点击)\s{0,3}\d{1,12}\s{0,3}次)"
    r"|(?:今天是|现在是|当前时间|系统时间|北京时间)[:：]?[^。，]{0,60}"
    r"|(?:页面)?(?:生成|更新|刷新|打印)时间[^。，]{0,40}"
    r"|(?:分享|转发)(?:到|至)[^。，]{0,60}|(?:微信)?扫一扫[^。]{0,40}"
    r"|(?:相关(?:链接|信息|文章|阅读|新闻|附件)|延伸阅读|推荐阅读|热点推荐|[上下前后]一[篇条页])\s{0,3}(?:[:：].{0,160})?"
    r"|(?:当前|您的|所在|你现在的)(?:位置|位置是)[:：].{0,120}"
    r"|(?:token|csrf|sessionid|_t|timestamp|nonce)\s{0,3}[=:：]\s{0,3}\S{0,200}"
    r"|(?:责任编辑|编辑|责编|来源|信息来源|文章来源|作者|发布者|发布时间|发布日期|公开日期|发布机构|索引号|文号)\s{0,3}[:：][^。；]{0,80}"
    r"|正文|标题|视力保护色[^。]{0,40}"
    r")$",
    re.IGNORECASE,
)
FURNITURE = re.compile(
    r"(?:[\s\[\]【】()（）:：|/、·]|打印(?:本页|此页|文章)?|关闭(?:本页|窗口|此页)?|字体|字号|[大中小]|返回(?:顶部|上一页|列表|首页)|收藏(?:本页)?|"
    r"我要纠错|纠错|一键分享|分享|微信|微博|新浪|腾讯|QQ空间|QQ|人人网|全真版|文字版|无障碍|适老化){1,60}"
)
INLINE_NOISE = re.compile(
    r"[【\[(（]?(?:浏览|点击|阅读|访问)(?:次数|量|数)[】\])）]?\s{0,3}[:：]\s{0,5}\d{0,12}\s{0,3}次?"
    r"|(?:页面)?(?:生成|刷新)时间\s{0,3}[:：]?\s{0,3}\d{4}[-年/]\d{1,2}[-月/]\d{1,2}日?\s{0,3}(?:\d{1,2}:\d{2}(?::\d{2})?)?"
)
TAIL_NOISE = re.compile(r"^(?:相关(?:链接|信息|文章|阅读|新闻)|延伸阅读|推荐阅读|上一[篇条]|下一[篇条])\s{0,3}[:：]?")
HEADING = (
    (1, re.compile(r"^[一二三四五六七八九十]{1,3}\s{0,3}[、.．，]\s{0,3}\S")),
    (2, re.compile(r"^[（(]\s{0,3}[一二三四五六七八九十]{1,3}\s{0,3}[)）]\s{0,3}\S")),
)
HEADING_CAP = {1: 60, 2: 40}
BEFORE_NUMBER = re.compile(
    r"([一-鿿]{2,16})\s{0,2}[〔\[［【（(﹝〈]\s{0,2}((?:19|20)\d{2})\s{0,2}[〕\]］】）)﹞〉]\s{0,2}(第\s{0,2})?(\d{1,5})\s{0,2}号"
)
NOT_IN_NUMBER = re.compile(
    r".{0,16}(?:根据|按照|依据|印发|转发|下发|关于|通知|意见|文件|方案|办法|以及|落实|执行|的|和|与|及|见|即)"
)


def text_of(conversion: Conversion) -> str:
    """The text in reading order, a block a line, without what stands in tables or is furniture of a web page."""
    page = conversion.media_type == "text/html"
    return "\n".join(b.text for b in conversion.blocks if b.kind != "table" and not (page and is_noise(b.text)))


def paragraphs_of(conversion: Conversion, title: str | None = None) -> tuple[str, ...]:
    """The main text's normalised paragraphs: the substance of a page.

    Counters, stamps, share bars, related links and the repeated title are left out; white space is removed,
    so that a redesign or another template around the same words changes nothing.  Table rows count as
    paragraphs, their cells joined with ``|``.
    """
    heading = folded(title or "")
    kept: list[str] = []
    for block in conversion.blocks:
        if block.kind == "table" and block.grid is not None:
            kept += _rows(conversion.grids[block.grid])
            continue
        if TAIL_NOISE.match(block.text):
            continue
        plain = re.sub(r"\s+", "", INLINE_NOISE.sub("", block.text[:200_000]))
        if plain and not is_noise(block.text) and folded(plain) != heading:
            kept.append(plain)
    return tuple(kept)


def is_noise(paragraph: str) -> bool:
    """Whether a paragraph is furniture of the page (a counter, a stamp, a share bar) and not text."""
    plain = paragraph.strip()
    return len(plain) <= 200 and bool(NOISE.match(plain) or FURNITURE.fullmatch(plain))


def _rows(grid: Grid) -> list[str]:
    rows: dict[int, list[str]] = {}
    for cell in sorted(grid.cells, key=lambda c: (c.row, c.column)):
        rows.setdefault(cell.row, []).append(re.sub(r"\s+", "", cell.text))
    return ["|".join(cells) for cells in rows.values() if any(cells)]


# ---------------------------------------------------------------- sections


def sections_of(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """The sections under 一、 and （一） headings; text before the first one has no section."""
    found: list[tuple[str, int, list[str]]] = []
    for block in blocks:
        if block.kind == "table":
            continue
        heading = heading_of(block)
        if heading:
            found.append((heading[0], heading[1], [heading[2]] if heading[2] else []))
        elif found:
            found[-1][2].append(block.text)
    return tuple(Section(title, level, "\n".join(lines)) for title, level, lines in found)


def heading_of(block: Block) -> tuple[str, int, str] | None:
    """The heading a block is or opens with, its level, and the rest of the block; None when it is neither.

    ``（一）强化组织领导。按照…`` is a heading of level 2 and text after it.
    """
    for level, pattern in HEADING:
        if pattern.match(block.text[:80]):
            return _split(block.text, level)
    if block.kind == "heading" and block.level and len(block.text) <= 80:
        return block.text, block.level, ""
    return None


def _split(text: str, level: int) -> tuple[str, int, str] | None:
    cap = HEADING_CAP[level]
    if len(text) <= cap and not text.endswith(("。", "；", "！")):
        return text, level, ""
    head, mark, rest = text[: cap + 1].partition("。")
    if mark and 4 <= len(head) <= cap:
        return head, level, (rest + text[cap + 1 :]).strip()
    return None


# ---------------------------------------------------------------- contacts

PHONE = r"(?:[（(]?0\d{2,3}[）)]?\s{0,2}[-—－–]?\s{0,2})?\d{7,8}(?:\s{0,2}[-—转]\s{0,2}\d{1,5})?|1\d{10}|(?:400|800)-?\d{3}-?\d{4}"
SAYS = r"\s{0,3}(?:号码)?(?:为|是)?\s{0,3}[:：]?\s{0,3}"
"""What may stand between a label and what it labels."""
FIELDS = (
    (
        "address",
        re.compile(
            r"(?<![站页箱件络])(?:联系|办公|通讯|通信|单位|邮寄)?地\s{0,4}址\s{0,3}(?:位于|为|是)?\s{0,3}[:：]?\s{0,3}"
            r"(?![、和与及等])((?:[^；;，,。（）()\n]|[（(][^；;，,。（）()\n]{1,30}[）)]){4,80})"
        ),
    ),
    ("postcode", re.compile(r"(?:邮政\s{0,2}编码|邮\s{0,4}编码?)\s{0,3}(?:为|是)?\s{0,3}[:：]?\s{0,3}(\d{6})(?!\d)")),
    ("fax", re.compile(rf"传\s{{0,4}}真(?:电话|机|及电话|/电话|[)）])?{SAYS}({PHONE})(?!\d)")),
    (
        "phone",
        re.compile(
            rf"(?<!传真)(?:(?:联系|咨询|办公)?电\s{{0,4}}话(?:/传真|及传真|（传真）|\(传真\))?|联系方式){SAYS}({PHONE})(?!\d)"
        ),
    ),
    ("email", re.compile(r"([A-Za-z0-9][A-Za-z0-9._%+-]{0,63}[@＠][A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})")),
)
LABEL = r"邮政\s{0,2}编码|邮\s{0,4}编|电\s{0,4}话|传\s{0,4}真|电子(?:邮|信)|邮\s{0,4}箱|信\s{0,4}箱|[Ee]-?[Mm]ail|E-?MAIL|网\s{0,4}址|联系人"
NEXT_LABEL = re.compile(rf"\s{{0,3}}(?:联系|咨询|办公)?(?:{LABEL})")
LABELLED = re.compile(
    rf"[\s\-—·●◆*]{{0,6}}(?:\d{{1,2}}[.、．]\s{{0,3}})?(?:联系方式\s{{0,3}}[:：]\s{{0,3}})?[一-鿿]{{0,8}}(?:地\s{{0,4}}址|{LABEL}|联系方式\s{{0,3}}[:：]|单位|部门|科室)"
)
"""How a line opens that gives one particular or more of an office."""
OFFICE = re.compile(r"(?:联系|地址|邮编|邮政编码|电话|疑问|意见建议|编制)")
ASKED = re.compile(
    r"(?:报告|年报)[^。]{0,40}(?:疑问|疑义|咨询|意见|建议|问题)[^。]{0,40}联系|如[^。]{0,6}疑问[^。]{0,20}联系"
)
"""A sentence that names the office to whoever asks about the report: one particular in it is enough."""
NOT_OURS = re.compile(
    r"(?:监督(?!管理|局|所|站|委)|投诉|举报|信访(?!局|办))[^，；。]{0,8}$|热\s{0,2}线|(?<!\d)12345(?!\d)"
)
SITE = re.compile(
    r"网站标识码|ICP备|公(?:网安|安)备|版权所有|技术支持\s{0,3}[:：]|(?:主办|承办|维护)(?:单位|部门)?\s{0,3}[:：]"
)
"""What only the footer of a web site says."""
PART = re.compile(r"[；;，,。、（）()]|(?<=[0-9A-Za-z])\s")
CANDIDATE_CAP = 20
"""Places one paragraph may name a telephone (an address, …) at; a page of a directory has more."""
BODY = 100
"""Characters; a longer paragraph is none of a footer's."""


def contacts_of(paragraphs: Sequence[str]) -> Contacts:
    """The publishing office's particulars where the text states them, in one sentence or one a line.

    Only paragraphs that speak of an address or a telephone count, and lines that each open with a label, together;
    the first with three particulars wins, else the one with most, two at least, or one where the office is named to
    whoever asks about the report.  Hotlines, numbers for complaints and the web site's footer are not the office's.
    """
    best: dict[str, str] = {}
    for paragraph in _offices(_without_footer([line for line in paragraphs if line.strip()])):
        found = _particulars(paragraph)
        if len(found) >= (1 if ASKED.search(paragraph) else 2) and len(found) > len(best):
            best = found
            if len(best) >= 3:
                break
    return Contacts(**best)


def _offices(paragraphs: Sequence[str]) -> Iterator[str]:
    """The paragraphs that may name the office; labelled lines below each other are one."""
    for is_list, group in groupby(paragraphs, key=_is_labelled):
        if is_list:
            yield "\n".join(islice(group, 40))
        else:
            yield from (line for line in group if len(line) <= 20_000 and OFFICE.search(line))


def _is_labelled(paragraph: str) -> bool:
    return len(paragraph) < 120 and bool(LABELLED.match(paragraph))


def _without_footer(paragraphs: Sequence[str]) -> Sequence[str]:
    """The paragraphs without the web site's footer, and without labelled lines right above it that nobody announces."""
    last = max(
        (i for i, line in enumerate(paragraphs) if len(line) > BODY and not SITE.search(line[:1000])), default=-1
    )
    end = next((i for i in range(last + 1, len(paragraphs)) if SITE.search(paragraphs[i][:1000])), None)
    if end is None:
        return paragraphs
    first = end
    while first > 0 and _is_labelled(paragraphs[first - 1]):
        first -= 1
    is_announced = first > 0 and bool(re.search(r"联系(?!我们)|疑问|咨询|意见", paragraphs[first - 1][-200:]))
    return paragraphs[: end if is_announced else first]


def _particulars(paragraph: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, pattern in FIELDS:
        ours = (m for m in islice(pattern.finditer(paragraph), CANDIDATE_CAP) if _is_ours(paragraph, m))
        match = next(ours, None)
        if match is None:
            continue
        said = NEXT_LABEL.split(match.group(1))[0] if name == "address" else match.group(1)
        said = re.sub(r"\s+", " ", said).strip(" 　:：").replace("＠", "@")
        if said and not (name == "address" and re.match(r"https?:|www\.", said)):
            found[name] = said
    return found


def _is_ours(paragraph: str, match: re.Match[str]) -> bool:
    """Whether the words before a particular, back to the one before, do not give it to somebody else."""
    before = paragraph[max(0, match.start() - 60) : match.start()].rpartition("\n")[2]
    label = paragraph[match.start() : match.start(1)]
    return not (SITE.search(before) or NOT_OURS.search(PART.split(before)[-1] + label))


def document_numbers_of(text: str) -> tuple[str, ...]:
    """The document numbers a text cites, in order, each once, brackets as 〔〕 (云商办发〔2019〕19号).

    An order's number (第711号) without a year in brackets is not one.
    """
    found: dict[str, None] = {}
    for match in BEFORE_NUMBER.finditer(text):
        name = match.group(1)
        cut = NOT_IN_NUMBER.match(name)
        name = name[cut.end() :] if cut else name
        if len(name) >= 2:
            found[f"{name}〔{match.group(2)}〕{'第' if match.group(3) else ''}{match.group(4)}号"] = None
    return tuple(found)
