"""Word's automatic numbers (一、 （一） 1.) as the text a reader sees; formats beyond the usual give no number."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CHINESE = "零一二三四五六七八九"
CHINESE_FORMATS = frozenset(
    {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographTraditional", "taiwaneseCounting"}
)


class Numbering:
    """Counts the numbered paragraphs of one document."""

    def __init__(self, root: Any | None) -> None:
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        if root is not None:
            self._load(root)

    def _load(self, root: Any) -> None:
        abstracts = {a.get(W + "abstractNumId"): a for a in root.iter(W + "abstractNum")}
        for number in root.iter(W + "num"):
            link = number.find(W + "abstractNumId")
            abstract = abstracts.get(link.get(W + "val")) if link is not None else None
            for level in abstract.iter(W + "lvl") if abstract is not None else ():
                key = (number.get(W + "numId") or "", _integer(level.get(W + "ilvl")))
                self._levels[key] = (
                    _value(level, "numFmt"),
                    _value(level, "lvlText"),
                    _integer(_value(level, "start") or "1"),
                )

    def next(self, paragraph: Any) -> str:
        """The number that stands before this paragraph, or the empty string; every call counts on."""
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        if properties is None:
            return ""
        number, level = _value(properties, "numId"), _integer(_value(properties, "ilvl"))
        if (number, level) not in self._levels:
            return ""
        start = self._levels[number, level][2]
        counts = self._counts[number]
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [key for key in counts if key > level]:
            del counts[deeper]
        return self._shown(number, level, counts)

    def _shown(self, number: str, level: int, counts: dict[int, int]) -> str:
        pattern = self._levels[number, level][1]

        def replaced(match: re.Match[str]) -> str:
            which = int(match.group(1)) - 1
            kind = self._levels.get((number, which), ("decimal", "", 1))[0]
            return shown(counts.get(which, 1), kind)

        text = (
            re.sub(r"%([1-9])", replaced, pattern) if self._levels[number, level][0] not in {"bullet", "none"} else ""
        )
        return text if re.search(r"\w", text) else ""


def shown(number: int, kind: str) -> str:
    """A count in a format of Word's; the empty string for formats reports do not use."""
    if kind in CHINESE_FORMATS:
        return chinese(number)
    if kind in {"decimal", "decimalFullWidth", "decimalZero"}:
        return str(number)
    if kind == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    return ""


def chinese(number: int) -> str:
    """1 to 99 in Chinese numerals (十一, 二十)."""
    if not 0 <= number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return CHINESE[ones]
    return ("" if tens == 1 else CHINESE[tens]) + "十" + (CHINESE[ones] if ones else "")


def _value(element: Any, name: str) -> str:
    child = element.find(W + name)
    return (child.get(W + "val") or "") if child is not None else ""


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
