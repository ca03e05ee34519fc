"""An HTML document as a tree: its metadata, its index card, its links and the element the report lies in.

lxml works here, on the whole page; :mod:`pipelines.convert.web.html` gives BeautifulSoup only the element found.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from lxml import etree

from archive.model import Link
from pipelines.convert.web.scripted import unfolded

KNOWN_CLASSES = frozenset(
    [
        "TRS_Editor",
        "trs_editor_view",
        "TRS_UEDITOR",
        "trs_web",
        "view",
        "xl-cont",
        "v_news_content",
        "ivs_content",
        "j-fontContent",
        "article-content",
        "article_content",
        "articlecontent",
        "Article_content",
        "content-article",
        "news_content",
        "newscontent",
        "bt_content",
        "con_con",
        "zoom",
        "zoomcon",
        "detail-content",
        "detail_content",
        "pages_content",
        "xxgk_content",
        "gknb_content",
        "arti_content",
        "wp_articlecontent",
        "Custom_UnionStyle",
        "gsj_htmlcon_bot",
        "artcontent",
        "main-txt",
        "conTxt",
    ]
)
KNOWN_IDS = frozenset(
    [
        "zoom",
        "zoomcon",
        "UCAP-CONTENT",
        "UCAPCONTENT",
        "BodyLabel",
        "vsb_content",
        "con_con",
        "content",
        "ivs_content",
        "artibody",
        "article",
        "js_content",
        "dochtmlcon",
        "detailContent",
        "infoContent",
        "print_content",
        "printContent",
        "NewsContent",
        "Zoom",
        "xxgkContent",
    ]
)
KNOWN_TAGS = frozenset({"ucapcontent"})
REPORT_WORDS = (
    "总体情况",
    "政府信息公开条例",
    "勾稽关系",
    "主动公开",
    "依申请公开",
    "收到和处理",
    "统计期限",
    "行政复议",
)
NOISE_NAME = re.compile(
    r"(?:^|[\s_-])(?:share|bdshare\w*|print|related|relate|xgxx|xgwj|xgyd|xglj|xgwz|prenext|prev|next|page|pager|pagination|"
    r"breadcrumb|crumbs?|position|location|weizhi|dqwz|foot|footer|copyright|qrcode|ewm|erweima|fontsize|toolbar|nav|menu|banner|"
    r"header|search|sidebar)(?:$|[\s_-])",
    re.IGNORECASE,
)
STOP_NAME = re.compile(
    r"(?:^|[\s_-])(?:related|relate|xgxx|xgwj|xgyd|xglj|foot|footer|copyright|prenext|sidebar|recommend)(?:$|[\s_-])",
    re.IGNORECASE,
)
ATTACHMENT = re.compile(r"\.(?:pdf|docx?|wps|et|xlsx?|ofd|ceb|rtf|odt|ods|zip|rar|7z|pptx?|txt)$", re.IGNORECASE)
DOWNLOAD = re.compile(
    r"(?:downfile|download|filedown|downloadattach|attachment|/attach)[\w./-]{0,60}(?:\?|$)", re.IGNORECASE
)
CARD_LABELS = [
    "索引号",
    "信息索引号",
    "名称",
    "标题",
    "信息名称",
    "文件名称",
    "发布机构",
    "发文机关",
    "发文机构",
    "制发机关",
    "公开主体",
    "公开机构",
    "发布单位",
    "信息来源",
    "来源",
    "文章来源",
    "成文日期",
    "生成日期",
    "发文日期",
    "发文时间",
    "成文时间",
    "发布日期",
    "发布时间",
    "公开日期",
    "公开时间",
    "发文字号",
    "文号",
    "文件编号",
    "主题分类",
    "组配分类",
    "体裁分类",
    "信息分类",
    "分类",
    "主题词",
    "关键词",
    "有效性",
    "效力状态",
    "时效",
    "公开方式",
    "公开形式",
    "公开时限",
    "公开范围",
    "内容概述",
    "文件下载",
]
_SPACED = {label: r"[\s　]{0,8}".join(label) for label in CARD_LABELS}
CARD = re.compile(
    r"(?<![一-鿿])("
    + "|".join(_SPACED[label] for label in sorted(CARD_LABELS, key=len, reverse=True))
    + r")[\s　]{0,8}[:：]"
)
LABELLED_END = re.compile(r"\s{1,9}(?:[\u4e00-\u9fff]{2,6}[:：]|[|｜])|\u3000| 字体| 浏览| 点击| 打印| 分享")
TAGS_IN_META = re.compile(r"<[^<>]{1,200}>|&nbsp;")
CANONICAL = {
    name.lower(): name
    for name in [
        "SiteName",
        "SiteDomain",
        "SiteIDCode",
        "ColumnName",
        "ColumnDescription",
        "ColumnKeywords",
        "ColumnType",
        "ArticleTitle",
        "PubDate",
        "ContentSource",
        "Keywords",
        "Author",
        "Description",
        "Image",
        "Url",
    ]
}
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
VSB_PDF = re.compile(r"""showVsbpdfIframe\(\s{0,9}["']([^"']{1,500})["']""")
TABLES_CAP = 60
"""Tables in tables beyond this are an attack."""
Element = Any
"""An lxml element; lxml's own stubs know no such public name for HTML trees."""


class TooDeepError(Exception):
    """A page is nested deeper than the parser follows: what lies below would be lost without a word."""


def tree_of(text: str) -> Element | None:
    """The parsed document; a text a script holds is in it, scripts are empty; None when there is no element at all.

    Raises TooDeepError: libxml2 stops at 2048 elements in each other and leaves the rest out.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    source = printable(unfolded(text)).encode("utf-8", "replace")
    try:
        root = etree.fromstring(source, parser) if source.strip() else None
    except (etree.ParserError, etree.XMLSyntaxError):
        root = None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise TooDeepError
    if root is None:
        return None
    for script in root.iter("script", "style"):
        script.set("data-text", printable(script.text or "")[:4000])
        script.text = None
    number = depth = 0
    for event, table in etree.iterwalk(root, events=("start", "end"), tag="table"):
        depth += 1 if event == "start" else -1
        if event == "start":
            number += 1
            table.set("data-table", str(number))
        if depth > TABLES_CAP:
            raise TooDeepError
    return root


def printable(text: str) -> str:
    """The text without control characters, which no page prints and no XML tree takes."""
    return CONTROL.sub("", text)


def text_of(element: Element) -> str:
    """The element's first two thousand characters, inline parts joined with nothing, white space collapsed."""
    parts, size = [], 0
    for part in element.itertext():
        parts.append(part)
        size += len(part)
        if size > 2000:
            break
    return re.sub(r"[\s\xa0　]+", " ", "".join(parts)).strip()


# ---------------------------------------------------------------- metadata


def metadata(root: Element, content: Element | None) -> list[tuple[str, str]]:
    """Everything the page says of itself, as ``(source:name, value)`` in the order found."""
    found = [*_metas(root), *_titles(root)]
    cards = [pair for table in root.iter("table") for pair in card_of(table)]
    found += [(f"card:{label}", value) for label, value in cards]
    return found + _labelled_lines(root, content)


def _metas(root: Element) -> list[tuple[str, str]]:
    found = []
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip()
        value = " ".join(TAGS_IN_META.sub(" ", meta.get("content") or "").split())
        if name and value:
            found.append((f"meta:{CANONICAL.get(name.lower(), name)}", value[:2000]))
    return found


def _titles(root: Element) -> list[tuple[str, str]]:
    found = []
    for element in root.iter("title", "h1", "ucaptitle", "publishtime"):
        text = text_of(element)
        if text and len(text) < 300:
            found.append((str(element.tag), text))
    for element in root.iter("div", "h2", "h3", "p", "td", "span"):
        mark = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if "title" in mark or "biaoti" in mark:
            text = text_of(element)
            if 6 <= len(text) < 120:
                found.append(("class:title", text))
    return found


def card_of(table: Element) -> list[tuple[str, str]]:
    """The pairs of an index card (索引号, 发布机构, 公开日期 …), or nothing when the table is none."""
    cells = [text_of(cell) for cell in islice(table.iter("td", "th"), 60)]
    names = [re.sub(r"[\s　:：]+", "", cell) for cell in cells]
    pairs = []
    for index, name in enumerate(names[:-1]):
        if name in CARD_LABELS and names[index + 1] not in CARD_LABELS and cells[index + 1]:
            pairs.append((name, cells[index + 1][:300]))
    return pairs if sum(name in CARD_LABELS for name in names) >= 3 else []


def _labelled_lines(root: Element, content: Element | None) -> list[tuple[str, str]]:
    """``发布时间：2020-01-22 来源：办公室`` and the like, outside the report's own text."""
    inside = set(content.iter()) if content is not None else set()
    pieces: list[str] = []
    for element in root.iter():
        if element in inside or element.tag in {"script", "style", "title", "option"}:
            continue
        if element.text:
            pieces.append(element.text)
        if element.tail and element.getparent() not in inside:
            pieces.append(element.tail)
    text = re.sub(r"\s+", " ", " ".join(pieces))[:60000]
    return _pairs(text)


def _pairs(text: str) -> list[tuple[str, str]]:
    marks = list(CARD.finditer(text))[:60]
    found = []
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        value = text[mark.end() : min(end, mark.end() + 120)].strip(" \u3000\xa0|｜[【")
        value = LABELLED_END.split(value)[0].strip()
        if value:
            label = re.sub(r"[\s\u3000]+", "", mark.group(1))
            found.append((f"line:{label}", value))
    return found


# ---------------------------------------------------------------- the content element


def content_of(root: Element) -> Element | None:
    """The element the article lies in.

    Elements that CMS families mark are weighed by their text without links, not by their name alone: banners
    carry ``TRS_Editor`` too.  Where none is worth it, the deepest element that still holds four fifths of the
    page's unlinked text wins; text that reads like a report outweighs navigation.
    """
    body = root.find(".//body")
    body = root if body is None else body
    weights = weights_of(body)
    known = [element for element in weights if _is_known(element)]
    best = max(known, key=lambda element: (_worth(element, weights), _depth(element)), default=None)
    if best is not None and 5 * _worth(best, weights) >= 3 * (weights[body][0] - weights[body][1]):
        return best
    prose = _prose(body, weights)
    fallback = _densest(
        body, prose if prose[body] else {element: text - link for element, (text, link) in weights.items()}
    )
    if best is None:
        return fallback
    if prose[fallback] > 1.5 * prose[best] + 100 and _reads_like_report(fallback) >= _reads_like_report(best):
        return fallback
    return best


def weights_of(body: Element) -> dict[Element, tuple[int, int]]:
    """Element → (characters of text, of them within links), scripts and hidden forms not counted."""
    weights: dict[Element, tuple[int, int]] = {}
    for element in reversed(list(body.iter())):
        if element.tag in {"script", "style", "noscript", "option", "textarea"}:
            weights[element] = (0, 0)
            continue
        text, link = len((element.text or "").strip()), 0
        for child in element:
            inner, linked = weights.get(child, (0, 0))
            text += inner + len((child.tail or "").strip())
            link += linked
        weights[element] = (text, text if element.tag == "a" else link)
    return weights


def _is_known(element: Element) -> bool:
    if element.tag in KNOWN_TAGS:
        return True
    identity = element.get("id") or ""
    if identity in KNOWN_IDS or identity.startswith("vsb_content"):
        return True
    return any(name in KNOWN_CLASSES for name in (element.get("class") or "").split())


def _depth(element: Element) -> int:
    return sum(1 for _ in element.iterancestors())


def _worth(element: Element, weights: dict[Element, tuple[int, int]]) -> int:
    text, link = weights[element]
    embeds = 300 if text < 50 and next(element.iter("iframe", "embed", "object"), None) is not None else 0
    return max(text - link, 0) + embeds


def _reads_like_report(element: Element) -> int:
    text = "".join(element.itertext())
    return sum(word in text for word in REPORT_WORDS)


def _prose(body: Element, weights: dict[Element, tuple[int, int]]) -> dict[Element, int]:
    """Element → characters of sentences in it: text with the marks of prose, outside links."""
    prose: dict[Element, int] = {}
    for element in reversed(list(body.iter())):
        if element not in weights or element.tag in {"a", "script", "style", "noscript", "option", "textarea"}:
            prose[element] = 0
            continue
        prose[element] = _sentence(element.text) + sum(prose.get(c, 0) + _sentence(c.tail) for c in element)
    return prose


def _sentence(text: str | None) -> int:
    stripped = (text or "").strip()
    return len(stripped) if len(stripped) > 40 or any(mark in stripped for mark in "。，；、") else 0


def _densest(body: Element, measure: dict[Element, int]) -> Element:
    """The deepest element that holds four fifths of what its parent holds, from the body down."""
    current = body
    while True:
        heavy = [child for child in current if 5 * measure.get(child, 0) >= 4 * max(measure[current], 1)]
        if (
            len(heavy) != 1
            or heavy[0].tag in {"p", "span", "font", "b", "strong", "a", "pre"}
            or _is_data_table(heavy[0])
        ):
            return current
        current = heavy[0]


def _is_data_table(element: Element) -> bool:
    return (
        element.tag in {"table", "tbody", "tr"}
        and len([cell for cell in element.iter("td", "th") if (cell.text or "").strip()]) > 8
    )


def may_be_noise(element: Element) -> bool:
    """Whether the element's name is that of a share bar, a list of related links, a pager or the like."""
    names = element.get("class"), element.get("id")
    return any(names) and bool(NOISE_NAME.search(f"{names[0] or ''} {names[1] or ''}"))


def is_noise(element: Element, text: int, link: int) -> bool:
    """Whether an element inside the content is furniture: named so, and short or made of links."""
    return may_be_noise(element) and (text < 150 or 2 * link > text)


# ---------------------------------------------------------------- links


def links_of(root: Element, content: Element | None, url: str | None) -> tuple[Link, ...]:
    """The attachments: inside the content, embedded there, and in the appendix spans that follow it.

    Addresses are made absolute when ``url`` (the page's own) is known; viewers' ``file=`` is unwrapped.
    """
    base = root.find(".//base")
    origin = urljoin(url or "", base.get("href") or "") if base is not None else (url or "")
    found: dict[str, Link] = {}
    for element in _linkable(root, content):
        for reference, name in _references(element):
            address = urljoin(origin, unwrapped(reference.strip()))
            if address not in found or (name and not found[address].name):
                found[address] = Link(address, name or _name_in(address))
    return tuple(found.values())


def _linkable(root: Element, content: Element | None) -> list[Element]:
    """Elements of the content and after it, up to the first block of related links or the footer."""
    inside = set(content.iter()) if content is not None else set()
    chosen, after = [], content is None
    for element in root.iter():
        if element in inside:
            chosen.append(element)
            after = True
        elif after:
            if STOP_NAME.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
                break
            chosen.append(element)
    return chosen


def _references(element: Element) -> list[tuple[str, str]]:
    tag = element.tag
    if tag == "a":
        href = element.get("href") or ""
        name = text_of(element) or (element.get("title") or "").strip()
        return [(href, name[:300])] if is_attachment(href, name) else []
    if tag in {"iframe", "embed", "object"}:
        reference = element.get("src") or element.get("data") or ""
        return [(reference, "")] if is_attachment(reference, "") else []
    if tag == "script":
        return [(match, "") for match in VSB_PDF.findall(element.get("data-text") or "")]
    value = element.get("data-value") or element.get("data-pdf") or ""
    return [(value, "")] if value and ATTACHMENT.search(value) else []


def is_attachment(reference: str, name: str) -> bool:
    """Whether a link leads to a file rather than a page: by its path, a viewer's parameter, or its name."""
    if not reference or reference.lower().startswith(("javascript:", "mailto:", "#", "data:", "file:")):
        return False
    target = unwrapped(reference)
    try:
        path = unquote(urlsplit(target).path)
    except ValueError:
        return False
    return bool(ATTACHMENT.search(path) or DOWNLOAD.search(target) or ATTACHMENT.search(name.strip()))


def unwrapped(reference: str) -> str:
    """The file behind a viewer's address (``/pdfjs/web/viewer.html?file=%2Fa.pdf`` → ``/a.pdf``)."""
    try:
        query = parse_qs(urlsplit(reference).query)
    except ValueError:
        return reference
    for name in ("file", "src", "pdfurl", "fileUrl"):
        for value in query.get(name, ()):
            if "viewer" in reference.lower() and value:
                return value
    return reference


def _name_in(address: str) -> str:
    return unquote(urlsplit(address).path.rsplit("/", 1)[-1])
