"""Elements of SVG 1.1 as text: escaped, measured, in colours and shapes that tell apart.

Colours keep 4.5 : 1 against white (WCAG 2.2, 1.4.3) and differ in lightness, for those who see fewer hues; a shape and a
dash say the same again.  There is no style sheet, so that a policy against inline styles leaves the drawing whole.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Callable

FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
INK, GREY, FAINT = "#1f2328", "#59636e", "#d8dee4"
PALETTE = ("#0b5fa5", "#b34700", "#00735c", "#8f3a84", "#1f2328", "#7a6200")
SHAPES = ("circle", "square", "up", "diamond", "down", "hexagon")
_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2, Char) does not allow or advises against."""
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the text behind it."""


def clean(text: object) -> str:
    """A text without what XML does not allow, or what turns its direction."""
    return _TURNING.sub("", _ILLEGAL.sub("\ufffd", str(text)))


def words(text: object) -> str:
    """A text as content of an element."""
    return escape(clean(text))


def tag(element: str, *children: str, **attributes: object) -> str:
    """An element; children are SVG already, attributes are not: None leaves one out, ``_`` stands for ``-``."""
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_written(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{element}{told}>{''.join(children)}</{element}>" if children else f"<{element}{told}/>"


def _written(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else clean(value)


def label(x: float, y: float, text: object, **more: object) -> str:
    """A line of text; ``y`` is its base line."""
    return tag("text", words(text), **{"x": float(x), "y": float(y), **more})


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = FAINT, **more: object) -> str:
    """A straight line."""
    return tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), stroke=stroke, **more)


def ems(text: str) -> float:
    """How wide a text is, in its own height: wide characters 1, others a little over a half."""
    return sum(
        1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.0 if unicodedata.combining(char) else 0.58
        for char in text
    )


def clip(text: str, room: float, size: float) -> str:
    """A text cut to ``room``, with an ellipsis when something was lost."""
    text = clean(text)
    if ems(text) * size <= room:
        return text
    while text and (ems(text) + 1) * size > room:
        text = text[:-1]
    return f"{text}…"


def wrap(text: str, room: float, size: float) -> list[str]:
    """A text in lines of ``room`` at most: between Chinese characters, and at spaces."""
    lines, now = [], ""
    for piece in re.findall(r"[ -~]+? |[ -~]+|.", clean(text)):
        if now and (ems(now) + ems(piece.rstrip())) * size > room and piece not in "，。；：、）":
            lines.append(now.rstrip())
            now = ""
        now += piece
    return [*lines, now.rstrip()] if now.strip() else lines


def colour(number: int) -> str:
    """The colour of the n-th series."""
    return PALETTE[number % len(PALETTE)]


def dash(number: int) -> str | None:
    """The dashes of the n-th series' line: none for the first six."""
    return (None, "7 4", "2 3")[number // len(PALETTE) % 3]


def shape(number: int) -> str:
    """The shape of the n-th series' marks: shifted in each round, so that colour and shape pair anew."""
    return SHAPES[(number + 3 * (number // len(PALETTE))) % len(SHAPES)]


_OUTLINES = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "up": ((0, -1.2), (1.1, 0.85), (-1.1, 0.85)),
    "down": ((0, 1.2), (1.1, -0.85), (-1.1, -0.85)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "hexagon": ((-0.55, -1), (0.55, -1), (1.1, 0), (0.55, 1), (-0.55, 1), (-1.1, 0)),
}


def mark(form: str, x: float, y: float, r: float, ink: str, *, hollow: bool = False) -> str:
    """A mark of a shape; a hollow one lets nothing through, so that it reads on a line."""
    paint = {
        "fill": "#ffffff" if hollow else ink,
        "stroke": ink if hollow else "#ffffff",
        "stroke_width": 1.5 if hollow else 0.7,
    }
    if form == "circle":
        return tag("circle", cx=float(x), cy=float(y), r=float(r), **paint)
    points = " ".join(f"{x + r * dx:.2f},{y + r * dy:.2f}" for dx, dy in _OUTLINES[form])
    return tag("polygon", points=points, **paint)


def gap(status: str, x: float, y: float, ink: str, r: float = 3.0) -> str:
    """The mark of a value that is not there: a dash for a blank cell, a cross for a missing row, hollow for doubt."""
    if status == "ambiguous":
        return tag("circle", cx=float(x), cy=float(y), r=float(r), fill="#ffffff", stroke=ink, stroke_width=1.5)
    if status == "blank":
        return line(x - r - 0.5, y, x + r + 0.5, y, ink, stroke_width=2)
    d = f"M{x - r:.2f} {y - r:.2f}L{x + r:.2f} {y + r:.2f}M{x - r:.2f} {y + r:.2f}L{x + r:.2f} {y - r:.2f}"
    return tag("path", d=d, stroke=ink, stroke_width=1.4, fill="none")


@dataclass(frozen=True, slots=True)
class Pen:
    """How a chart is drawn: the language, the width in pixels, and where its marks lead to."""

    lang: str = "zh"
    width: int = 860
    link: Callable[[str], str] | None = None
    """Makes the address of a path such as ``/figure/ID``; None: the marks are no links."""

    @property
    def narrow(self) -> bool:
        """Whether the drawing is for a phone."""
        return self.width < 560

    @property
    def size(self) -> float:
        """The height of text, in pixels."""
        return 12.0

    def linked(self, path: str | None, told: str, *children: str, **more: object) -> str:
        """A mark with what it tells when pointed at, and a link where it stands, if links are wanted."""
        title = tag("title", words(told))
        if self.link is None or path is None:
            return tag("g", title, *children, **more)
        return tag("a", title, *children, **{"href": self.link(path), "aria_label": told, **more})
