"""Text of links: what a reader sees, the dates in it, and a first guess whether it names an annual report.

The guess is a hint for discovery and paging only; what is a report is decided by the pipelines.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})日?(?!\d)")
_EDGES = " \u3000\xa0·•▪■◆>»[]【】()（）:：-|"
_MARKS = " \u3000\xa0·•▪■◆>»"
_LAST = re.compile(rf"[\[(（【]?\s*{_DATE.pattern}\s*[\])）】]?\s*$")
_FIRST = re.compile(rf"^[\[(（【]?\s*{_DATE.pattern}\s*[\])）】]?")
_LENGTH = etree.XPath("string-length(normalize-space())")
_REPORT = re.compile(r"年度报告|年报|年度工作报告")
_PUBLIC = re.compile(r"信息公开|政务公开|公开")
_YEAR = re.compile(r"(?:19|20)\d{2}|二[〇○零]")
_NOT = re.compile(r"通知|指南|图解|一图|读懂|网站|决算|预算|法治|统计公报|要点|招聘")


def squeezed(text: str) -> str:
    """Text with all whitespace removed and full-width forms narrowed: what is compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def spaced(text: str) -> str:
    """Text with every run of whitespace made one space."""
    return " ".join(text.split())


def inner(element: Any, most: int = 2000) -> str:
    """The text an element shows, inline elements joined with nothing; the words of images where it shows none.

    Only about the first ``most`` characters are looked at: a link that holds half a page costs no more than one line.
    """
    if not len(element):
        return spaced(element.text or "")
    pieces: list[str] = []
    size = 0
    for piece in _shown(element):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            break
    text = spaced("".join(pieces))
    if text:
        return text
    images = islice(element.iter("img"), 3)
    return spaced(" ".join(image.get("alt") or image.get("title") or "" for image in images))


def _shown(root: Any) -> Iterator[str]:
    """The pieces of text below an element, in order, scripts and styles left out."""
    for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
        if event == "start" and element.text and element.tag not in {"script", "style"}:
            yield element.text
        elif event != "start" and element is not root and element.tail:
            yield element.tail


def weight(element: Any) -> int:
    """How much text an element holds, in characters; scripts count, for this only compares areas of a page."""
    return int(_LENGTH(element))


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
    text = spaced(text).lstrip(_MARKS)
    if _DATE.search(text):
        for pattern in (_LAST, _FIRST):
            shorter = pattern.sub("", text)
            text = shorter if shorter.strip(_EDGES) else text
    return text.strip(_MARKS + "|")


def title_of(element: Any, shown: str | None = None) -> str:
    """The full title of a row's link: the ``title`` attribute where the text is cut short, without dates.

    Attributes hold more than titles on some portals (标题, then 发布时间 on a line of its own): only the first line is taken.
    """
    shown = undated(inner(element) if shown is None else shown)
    attribute = str(element.get("title") or "").strip()
    if not attribute or attribute == shown:
        return shown
    attribute = undated(re.sub(r"^(?:文章)?标题[:：]", "", re.split(r"[\r\n]", attribute)[0]))
    cut = shown.endswith(("…", "...", "。。。"))
    stem = squeezed(shown).rstrip("….。")
    if attribute and (not shown or cut or squeezed(attribute).startswith(stem)):
        return attribute
    return shown or attribute


def names_report(title: str) -> bool:
    """Whether a title is that of one year's annual report, and not a column's name."""
    return looks_like_report(title) and bool(_YEAR.search(squeezed(title)))


def looks_like_report(title: str) -> bool:
    """Whether a title may be an annual report's: 年度报告 or 年报, with 公开 or a year (field guide, 3.2)."""
    text = squeezed(title)
    if len(text) < 8 and not _YEAR.search(text):
        return False
    return bool(_REPORT.search(text) and (_PUBLIC.search(text) or _YEAR.search(text)) and not _NOT.search(text))
