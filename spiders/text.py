"""Text of links: what a reader sees, the dates in it, and a first guess whether it names an annual report.

The guess is a hint for discovery and paging only; what is a report is decided by the pipelines.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsel import Selector

_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})日?(?!\d)")
_EDGES = " \u3000\xa0·•▪■◆>»[]【】()（）:：-|"
_REPORT = re.compile(r"年度报告|年报|年度工作报告")
_PUBLIC = re.compile(r"信息公开|政务公开|公开")
_YEAR = re.compile(r"(?:19|20)\d{2}|二[〇○零]")
_NOT = re.compile(r"通知|指南|图解|一图|读懂|网站|决算|预算|法治|统计公报|要点|招聘")


def squeezed(text: str) -> str:
    """Text with all whitespace removed and full-width forms narrowed: what is compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def spaced(text: str) -> str:
    """Text with every run of whitespace made one space."""
    return re.sub(r"[\s\u3000\xa0]+", " ", text).strip()


def inner(node: Selector, most: int = 2000) -> str:
    """The text a node shows, inline elements joined with nothing; the words of images where it shows none.

    Only about the first ``most`` characters are looked at: a link that holds half a page costs no more than one line.
    """
    pieces: list[str] = []
    size = 0
    for piece in _shown(node.root):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            break
    text = spaced("".join(pieces))
    return text or spaced(" ".join(node.xpath("(.//img/@alt | .//img/@title)[position() < 4]").getall()))


def _shown(root: Any) -> Iterator[str]:
    """The pieces of text below an element, in order, scripts and styles left out."""
    for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
        if event == "start" and element.text and element.tag not in {"script", "style"}:
            yield element.text
        elif event != "start" and element is not root and element.tail:
            yield element.tail


def dates(text: str) -> list[str]:
    """Every date in a text, as ISO days; one broken over lines and ``2020年3月1日`` too."""
    found = []
    for year, month, day in _DATE.findall(unicodedata.normalize("NFKC", text)):
        try:
            found.append(date(int(year), int(month), int(day)).isoformat())
        except ValueError:
            continue
    return found


def undated(text: str) -> str:
    """A title without a date at its beginning or end, and without the marks of a list."""
    text = spaced(text).lstrip(_EDGES[:10])
    for pattern in (rf"[\[(（【]?\s*{_DATE.pattern}\s*[\])）】]?\s*$", rf"^[\[(（【]?\s*{_DATE.pattern}\s*[\])）】]?"):
        shorter = re.sub(pattern, "", text)
        text = shorter if shorter.strip(_EDGES) else text
    return text.strip(" \u3000\xa0·•▪■◆>»|")


def title_of(anchor: Selector) -> str:
    """The full title of a row's link: the ``title`` attribute where the text is cut short, without dates.

    Attributes hold more than titles on some portals (标题, then 发布时间 on a line of its own): only the first line is taken.
    """
    shown = undated(inner(anchor))
    attribute = (anchor.attrib.get("title") or "").strip()
    attribute = undated(re.sub(r"^(?:文章)?标题[:：]", "", re.split(r"[\r\n]", attribute)[0]))
    cut = shown.endswith(("…", "...", "。。。"))
    stem = squeezed(shown).rstrip("….。")
    if attribute and (not shown or cut or squeezed(attribute).startswith(stem)):
        return attribute
    return shown or attribute


def looks_like_report(title: str) -> bool:
    """Whether a title may be an annual report's: 年度报告 or 年报, with 公开 or a year (field guide, 3.2)."""
    text = squeezed(title)
    if len(text) < 8 and not _YEAR.search(text):
        return False
    return bool(_REPORT.search(text) and (_PUBLIC.search(text) or _YEAR.search(text)) and not _NOT.search(text))
