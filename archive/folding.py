"""Text as search compares it: one spelling for every way a character is printed.  The stored text stays as printed.

Every character is folded alone, so a word stands in a text exactly where its folded form stands in the folded text,
and every place in the folded text has its place in the printed one.  Alike are

* full width and half width, ligatures, circled and superscript figures (Unicode's NFKC), upper and lower case;
* Traditional and Simplified characters (simplified.txt), and the radicals some PDF files print for characters;
* ``〇 ○ ◯`` (but not ``零`` and not ``0``: those are other words), all dashes, all middle dots, all tildes;
* the brackets ``( [ 〔 【 〖 ﹝ ⟦ {`` and their partners: a document number is typed with any of them.

Nothing at all are white space, control and format characters, marks on letters, and quotation marks, which delimit
a phrase in a query and so could never be asked for.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("simplified.txt")
_GONE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"})
_QUOTES = "\"'`“”‘’‚‛„‟«»‹›「」『』〝〞〟´′″"
_ALIKE = (
    "([{〔【〖〘〚⟦⦅",
    ")]}〕】〗〙〛⟧⦆",
    "〇○◯",
    "·‧•・∙⋅⸱⸳",
    "~〜∼˜",
    "-−─━",
)
"""The first of each line stands for the others; dashes are also whatever Unicode calls one (Pd), except ``〜``."""
_RADICALS = (
    "见⻅角⻆贝⻉车⻋长⻓门⻔韦⻙页⻚风⻛飞⻜食⻝马⻢骨⻣鬼⻤鱼⻥鸟⻦卤⻧麦⻨黄⻩齐⻬齿⻮龙⻰龟⻳民⻠西⻄青⻘虎⻁"
)
"""Pairs of a character and the radical supplement's glyph for it (Unicode's EquivalentUnifiedIdeograph)."""


class _Table(dict[int, str]):
    """For :meth:`str.translate`: what a code point folds to, worked out the first time it is met."""

    def __missing__(self, point: int) -> str:
        found = chr(point)
        while (once := "".join(map(_step, found))) != found:
            found = once
        self[point] = found
        return found


_TABLE = _Table()


@cache
def _variants() -> dict[str, str]:
    """Every character that another one stands for, with that one."""
    lines = [line for line in _DATA.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    pairs = [_RADICALS[i : i + 2] for i in range(0, len(_RADICALS), 2)]
    return {char: line[0] for line in [*lines, *pairs, *_ALIKE] for char in line[1:]}


def _step(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    if char in _QUOTES:
        return ""
    bare = "".join(piece for piece in unicodedata.normalize("NFKD", char) if unicodedata.category(piece) not in _GONE)
    whole = unicodedata.normalize("NFC", bare).casefold()
    return "".join(_variants().get(piece) or ("-" if unicodedata.category(piece) == "Pd" else piece) for piece in whole)


def fold(text: str) -> str:
    """Text as compared; folding what is folded changes nothing, and parts fold to the parts of the folded whole."""
    return text.translate(_TABLE)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Text as compared, and for each of its characters the position in ``text`` it comes from."""
    pieces = [_TABLE[ord(char)] for char in text]
    places = [position for position, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), places
