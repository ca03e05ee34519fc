"""Labels as clerks retype them: other numerals, inner spaces, half-width brackets, instructions left inside.

Seen in published reports: ``1.`` ``1、`` ``1．``; ``（一）`` ``(一)``; ``不予公 开``; ``规范性文件`` for ``行政规范性文件``.
A label keeps every character that tells it from its neighbours, so a reader has no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from crawler.simulator.sheet import Sheet, Slot

Change = Callable[[str], str]

_INSTRUCTIONS = {
    "一、本年新收政府信息公开申请数量": "（单位：件）",
    "四、结转下年度继续办理": "（截至12月31日尚未办结的）",
    "本年增/减": "（+/-）",
    "采购总金额": "（单位：元或万元）",
}


def relabelled(rng: random.Random, sheet: Sheet) -> Sheet:
    """The same table with its labels typed in another way."""
    change = _change(rng)
    spaced = rng.random() < 0.35

    def label(slot: Slot) -> Slot:
        if slot.code or not slot.text:
            return slot
        text = change(slot.text)
        return replace(slot, text=_spaced(rng, text) if spaced and rng.random() < 0.15 else text)

    return tuple(tuple(label(slot) for slot in row) for row in sheet)


def _change(rng: random.Random) -> Change:
    dot = rng.choice((".", ".", "、", "．", ". "))
    brackets = rng.choice(("（）", "（）", "()"))
    instructed = rng.random() < 0.25
    short = rng.random() < 0.2
    corner = rng.choice(("", "", "short", "none"))

    def change(text: str) -> str:
        if "勾稽关系" in text and corner:
            return (
                "指标" if corner == "none" else "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和。）"
            )
        if instructed:
            text += _INSTRUCTIONS.get(text, "")
        if short and text == "行政规范性文件":
            text = "规范性文件"
        text = re.sub(r"^(\d)\.", rf"\g<1>{dot}", text)
        return text.replace("（", brackets[0]).replace("）", brackets[1])

    return change


def _spaced(rng: random.Random, text: str) -> str:
    """A space within the label, as justified cells and retyping leave it."""
    if len(text) < 3 or text[1] in "（）()":
        return text
    at = rng.randint(2, len(text) - 1)
    if text[at - 1].isascii() or text[at].isascii():
        return text
    return text[:at] + rng.choice((" ", "　", "\u00a0")) + text[at:]
