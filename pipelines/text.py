"""The main text: what counts as its substance, its sections, contacts and document numbers.

What is stored is what is printed (never NFKC, which breaks 〔〕, ① and Ⅳ); only keys for comparing are folded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.model import Block, Contacts, Conversion, Grid, Section
from pipelines.matching import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

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
FIELDS = (
    (
        "address",
        re.compile(
            r"(?:联系|办公|通讯|通信|单位)?(?:地\s{0,4}址)\s{0,3}(?:为|是)?\s{0,3}[:：]?\s{0,3}([^；;，,。）)\n]{4,80})"
        ),
    ),
    ("postcode", re.compile(r"(?:邮政编码|邮\s{0,4}编)\s{0,3}(?:为|是)?\s{0,3}[:：]?\s{0,3}(\d{6})(?!\d)")),
    ("fax", re.compile(rf"传\s{{0,4}}真\s{{0,3}}(?:号码)?(?:为|是)?\s{{0,3}}[:：]?\s{{0,3}}({PHONE})(?!\d)")),
    (
        "phone",
        re.compile(
            rf"(?:联系|咨询|办公)?(?:电\s{{0,4}}话)(?:/传真|及传真|（传真）|\(传真\))?\s{{0,3}}(?:号码)?(?:为|是)?\s{{0,3}}[:：]?\s{{0,3}}({PHONE})(?!\d)"
        ),
    ),
    ("email", re.compile(r"([A-Za-z0-9][A-Za-z0-9._%+-]{0,63}[@＠][A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})")),
)
OFFICE = re.compile(r"(?:联系|地址|邮编|邮政编码|电话|疑问|意见建议|编制)")
NOT_OURS = re.compile(
    r"监督电话|投诉电话|举报电话|服务热线|热线电话|(?<!\d)12345(?!\d)|网站标识码|ICP备|主办单位|版权所有|技术支持"
)


def contacts_of(paragraphs: Sequence[str]) -> Contacts:
    """The publishing office's particulars where the text states them.

    Only paragraphs that speak of an address or a telephone count, the first with two particulars wins; hotlines
    and the portal's footer are not the office's.
    """
    best: dict[str, str] = {}
    for paragraph in paragraphs:
        if len(paragraph) > 20_000 or not OFFICE.search(paragraph):
            continue
        found = _particulars(paragraph)
        if len(found) >= 2 and len(found) > len(best):
            best = found
            if len(best) >= 3:
                break
    if not best:
        best = _scattered(paragraphs)
    return Contacts(**best)


def _particulars(paragraph: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, pattern in FIELDS:
        match = pattern.search(paragraph)
        if match and not NOT_OURS.search(paragraph[max(0, match.start() - 12) : match.end()]):
            found[name] = re.sub(r"\s+", " ", match.group(1)).strip(" 　:：").replace("＠", "@")
    return found


def _scattered(paragraphs: Sequence[str]) -> dict[str, str]:
    """Particulars one a line: ``地址：…`` ``邮编：…`` beneath each other."""
    lines = [
        p
        for p in paragraphs
        if len(p) < 120
        and re.match(
            r"\s{0,9}(?:联系|办公|通讯|通信|单位|电子)?(?:地\s{0,4}址|邮\s{0,4}编|邮政编码|电\s{0,4}话|传\s{0,4}真|邮\s{0,4}箱)",
            p,
        )
    ]
    found = _particulars("\n".join(lines)) if lines else {}
    return found if len(found) >= 2 else {}


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
