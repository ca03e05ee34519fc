"""A cell's printed text → kind, number, unit.  What is not certainly a number is not one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ValueKind = Literal["blank", "dash", "none", "number", "text"]

WIDE = str.maketrans("０１２３４５６７８９＋－．，％（）−﹣", "0123456789+-.,%()--")
"""Full-width forms that mean the same in a number; NFKC would also turn ① and ² into digits."""
SPACE = re.compile(r"[\s\xa0\u3000]+")
UNSEEN = re.compile("[\u200b-\u200d\ufeff]")
APART = re.compile(r"[0-9０-９][^\S\n]*\n\s*[0-9０-９]")
"""Digits on two lines of one cell are two numbers, or nobody knows."""
DASHES = re.compile(r"[-–—―─－ー~～/／\\*＊]{1,6}")
NONE = frozenset({"无", "无。", "没有", "不涉及", "未发生", "暂无", "N/A", "n/a", "NA"})
UNITS = "万亿元|亿元|万元|千元|元|人民币元|人次|万人次|万条|件次|件|条|次|篇|个|项|人|份|家|期|场|起|宗|例|册|页|%|‰"
NUMBER = re.compile(
    rf"(?P<sign>[+-]|增加?|减少?|新增|上升|下降)?(?:共|为|了)?"
    rf"(?P<number>[0-9]{{1,3}}(?:(?P<comma>[, ])[0-9]{{3}})(?:(?P=comma)[0-9]{{3}}){{0,4}}(?:\.[0-9]{{1,6}})?|[0-9]{{1,15}}(?:\.[0-9]{{1,6}})?)"
    rf" ?(?:\( ?(?P<bracketed>{UNITS}) ?\)|(?P<unit>{UNITS}))?"
)
WORDS = re.compile(r"[一-鿿]{2}|[A-Za-z]{3}|^[0-9]{1,2}[.．、)）][一-鿿]$")
"""Two ideographs, a Latin word, or what a break left of a numbered label (``8.属``)."""
NEGATIVE = frozenset({"-", "减", "减少", "下降"})


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell prints: its kind, the number when it is one, the unit when one is printed, the text itself."""

    kind: ValueKind
    number: float | int | None
    unit: str | None
    raw: str


def parse_value(text: str) -> Value:
    """Read a cell.

    Signs are ``-1 －２ +4 增10 减2``; a lone dash or stroke is a dash.  Thousands separators join only when
    the whole cell is one well-formed number (``3,242.8``, ``3 242.8``; never ``9 5``).  Anything else with
    characters in it is ``text`` and has no number.
    """
    raw = text.strip(" \t\r\n\xa0\u3000\u200b\ufeff")
    plain = SPACE.sub(" ", UNSEEN.sub("", raw).translate(WIDE)).strip()
    if not plain:
        return Value("blank", None, None, raw)
    if DASHES.fullmatch(plain):
        return Value("dash", None, None, raw)
    if plain in NONE:
        return Value("none", None, None, raw)
    match = NUMBER.fullmatch(plain)
    if match is None or APART.search(raw):
        return Value("text", None, None, raw)
    return Value("number", _number(match), match["unit"] or match["bracketed"], raw)


def _number(match: re.Match[str]) -> float | int:
    digits = match["number"].replace(match["comma"] or ",", "").replace(" ", "")
    value: float | int = float(digits) if "." in digits else int(digits)
    return -value if match["sign"] in NEGATIVE and value else value


def looks_like_value(text: str) -> bool:
    """Whether a cell can be a value rather than a label: blank, dash, 无, number, or text without words."""
    value = parse_value(text)
    return value.kind != "text" or not WORDS.search(SPACE.sub("", text))


_NUMERALS = {**{char: i for i, char in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}


def chinese_number(text: str) -> int | None:
    """The value of a Chinese numeral below ten thousand (``二十五``, ``一百零三``, ``两``); None for other text."""
    total, digit = 0, None
    last = 10_000
    for char in text:
        if char in _NUMERALS:
            if digit not in (None, 0):
                return None
            digit = _NUMERALS[char]
        elif char in _POWERS and _POWERS[char] < last:
            last = _POWERS[char]
            total += (1 if digit is None else digit) * last
            digit = None
        else:
            return None
    return total + (digit or 0) if text else None
