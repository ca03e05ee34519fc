"""The graphic units of an OFD page → characters, lines and pictures in points.

GB/T 33190-2016: a unit stands in its ``Boundary`` (section 8.5), its own space is turned by ``CTM`` first; texts
place every character by ``X``, ``Y``, ``DeltaX`` and ``DeltaY`` (11.3), paths are abbreviated strings (9.1).
Millimetres become points.  Characters set obliquely are a watermark and left out, as is what cannot be seen.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.convert.ruled.lattice import Glyph, Stroke
from pipelines.convert.ruled.pages import OBLIQUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

POINT = 72 / 25.4
"""Points a millimetre."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
DEPTH_CAP = 12
UNIT_CAP = 60_000
GLYPH_CAP = 60_000
"""Characters a page; a dense page of a report has 1,200."""
NUMBERS_CAP = 20_000
THIN = 0.92
"""Millimetres: a filled rectangle thinner than this is a line."""
CURVES = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
"""Path operators and how many numbers each takes; the last two are the point it ends at."""
WORD = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
WIDE = frozenset("mwMW@%")
"""Latin characters as wide as high in many fonts; small letters are about half as wide."""
FAR = 1e6


@dataclass(frozen=True, slots=True)
class Picture:
    """An image on a page: the identifier of its resource, its box in points."""

    resource: str
    box: tuple[float, float, float, float]


@dataclass
class Canvas:
    """What has been drawn on one page so far; ``origin`` is the top left of its area in millimetres."""

    origin: Point = (0.0, 0.0)
    composites: Mapping[str, Any] = field(default_factory=dict)
    """The content of composite graphic units, by identifier."""
    glyphs: list[Glyph] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    budget: int = UNIT_CAP

    def at(self, matrix: Matrix, x: float, y: float) -> Point:
        """A point of a unit's space as points from the page's top left."""
        a, b, c, d, e, f = matrix
        return (a * x + c * y + e - self.origin[0]) * POINT, (b * x + d * y + f - self.origin[1]) * POINT


def local(element: Any) -> str:
    """An element's name without its namespace: makers differ in it."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Any, name: str) -> Any | None:
    """The first child of that name, whatever its namespace."""
    return next((node for node in element if local(node) == name), None)


def numbers(text: str | None) -> list[float]:
    """The numbers of an attribute; what is no finite number ends the list."""
    found: list[float] = []
    if not text:
        return found
    for word in text.replace(",", " ").split()[:NUMBERS_CAP]:
        try:
            value = float(word)
        except ValueError:
            break
        if not abs(value) < FAR:
            break
        found.append(value)
    return found


def deltas(text: str | None) -> list[float]:
    """Offsets between characters; ``g n v`` stands for n times v (GB/T 33190-2016, 11.3)."""
    found: list[float] = []
    if not text:
        return found
    words = text.replace(",", " ").split()[:NUMBERS_CAP]
    i = 0
    while i < len(words) and len(found) < NUMBERS_CAP:
        run = words[i] == "g" and i + 2 < len(words)
        value = numbers(words[i + 2] if run else words[i])
        count = numbers(words[i + 1]) if run else [1.0]
        if not value or not count:
            break
        found += value * max(0, min(int(count[0]), NUMBERS_CAP - len(found)))
        i += 3 if run else 1
    return found


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """``inner`` first, then ``outer``."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def draw(parent: Any, canvas: Canvas, matrix: Matrix = IDENTITY, depth: int = 0) -> None:
    """Everything that stands in ``parent`` (a layer, a block, a composite's content) onto the canvas."""
    for element in parent:
        canvas.budget -= 1
        if canvas.budget < 0 or depth > DEPTH_CAP:
            return
        name = local(element)
        if name in {"PageBlock", "Layer", "Content"}:
            draw(element, canvas, matrix, depth + 1)
        elif name in UNITS and not _is_hidden(element):
            UNITS[name](element, canvas, _placed(element, matrix), depth)


def _is_hidden(element: Any) -> bool:
    return element.get("Visible", "true").strip().lower() in {"false", "0"} or numbers(element.get("Alpha"))[:1] == [0]


def _placed(element: Any, outer: Matrix) -> Matrix:
    """From the unit's own space to the page: CTM, then the corner of Boundary, then what it stands in."""
    matrix = numbers(element.get("CTM"))
    corner = numbers(element.get("Boundary"))
    own = tuple(matrix) if len(matrix) == 6 else IDENTITY
    left, top = (corner[0], corner[1]) if len(corner) >= 2 else (0.0, 0.0)
    return times(times(own, (1.0, 0.0, 0.0, 1.0, left, top)), outer)  # type: ignore[arg-type]


def _composite(element: Any, canvas: Canvas, matrix: Matrix, depth: int) -> None:
    content = canvas.composites.get(element.get("ResourceID", ""))
    if content is not None:
        draw(content, canvas, matrix, depth + 2)


def _picture(element: Any, canvas: Canvas, matrix: Matrix, _: int) -> None:
    """An image fills the unit square of its space (section 10)."""
    if not numbers(element.get("CTM")):
        size = numbers(element.get("Boundary"))[2:4] or [0.0, 0.0]
        matrix = times((size[0], 0.0, 0.0, size[-1], 0.0, 0.0), matrix)
    corners = [canvas.at(matrix, x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)]
    canvas.pictures.append(Picture(element.get("ResourceID", ""), _box(corners)))


def _box(points: list[Point]) -> tuple[float, float, float, float]:
    return min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points), max(y for _, y in points)


# ---------------------------------------------------------------- text


def _text(element: Any, canvas: Canvas, matrix: Matrix, _: int) -> None:
    size = (numbers(element.get("Size")) or [0.0])[0]
    if size <= 0 or _is_oblique(matrix):
        return
    scale = (numbers(element.get("HScale")) or [1.0])[0]
    merged = _merged_codes(element)
    x = y = 0.0
    start = 0
    for code in element:
        if local(code) != "TextCode":
            continue
        x, y = (numbers(code.get("X")) or [x])[0], (numbers(code.get("Y")) or [y])[0]
        text = (code.text or "").strip("\r\n")
        places = _places(code, text, size * scale, merged, start)
        start += len(text)
        for character, (dx, dy, width) in zip(text, places, strict=True):
            if len(canvas.glyphs) < GLYPH_CAP:
                canvas.glyphs.append(_glyph(character, x + dx, y + dy, width, size, matrix, canvas))


def _is_oblique(matrix: Matrix) -> bool:
    angle = math.degrees(math.atan2(matrix[1], matrix[0])) % 90
    return OBLIQUE < angle < 90 - OBLIQUE


def _glyph(character: str, x: float, y: float, width: float, size: float, matrix: Matrix, canvas: Canvas) -> Glyph:
    ax, ay = canvas.at(matrix, x, y - 0.88 * size)
    bx, by = canvas.at(matrix, x + width, y + 0.12 * size)
    return Glyph(character, min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), *canvas.at(matrix, x, y))


def _merged_codes(element: Any) -> dict[int, tuple[int, int]]:
    """Where several codes are drawn as other than as many glyphs: first code → (codes, glyphs) (section 11.4)."""
    found = {}
    for node in element:
        if local(node) == "CGTransform":
            at, codes, glyphs = (
                int((numbers(node.get(name)) or [default])[0])
                for name, default in (("CodePosition", 0), ("CodeCount", 1), ("GlyphCount", 1))
            )
            if codes != glyphs and 0 < codes <= 1000 and 0 < glyphs <= 1000:
                found[at] = (codes, glyphs)
    return found


def _places(
    code: Any, text: str, em: float, merged: dict[int, tuple[int, int]], start: int
) -> list[tuple[float, float, float]]:
    """Every character's offset from the first and its width.

    Offsets count glyphs.  Without any, characters follow each other by their width: no maker means them to lie on
    each other.  Where fewer are given than needed the rest do the same.
    """
    across, down = deltas(code.get("DeltaX")), deltas(code.get("DeltaY"))
    places: list[tuple[float, float, float]] = []
    x = y = 0.0
    used = 0
    steps = _steps(len(text), merged, start)
    for character, step in zip(text, steps, strict=True):
        own = em if ord(character) > 0x2E7F else em / 2
        given = across[used : used + step]
        width = min(_widest(character, em), sum(given)) if step and given and sum(given) > 0.1 * em else own
        places.append((x, y, width))
        fallen = down[used : used + step]
        x += sum(given) if given or fallen or not step else own
        y += sum(fallen)
        used += step
    return places


def _widest(character: str, em: float) -> float:
    """How wide a character can be: offsets beyond that are space between characters."""
    if ord(character) > 0x2E7F or character in WIDE:
        return em
    return 0.8 * em if character.isupper() else 0.6 * em


def _steps(count: int, merged: dict[int, tuple[int, int]], start: int) -> list[int]:
    """How many glyph offsets each character takes: one, but for codes that are merged or decomposed."""
    steps = [1] * count
    for at, (codes, glyphs) in merged.items():
        first = at - start
        if 0 <= first < count:
            last = min(first + codes, count) - 1
            for i in range(first, last + 1):
                steps[i] = 0 if i - first < codes - glyphs else 1
            steps[last] += max(0, glyphs - codes)
    return steps


# ---------------------------------------------------------------- paths


def _path(element: Any, canvas: Canvas, matrix: Matrix, _: int) -> None:
    data = child(element, "AbbreviatedData")
    stroked = element.get("Stroke", "true").strip().lower() not in {"false", "0"}
    filled = element.get("Fill", "false").strip().lower() in {"true", "1"}
    if data is None or not (stroked or filled):
        return
    for points in subpaths(data.text or ""):
        placed = [canvas.at(matrix, x, y) for x, y in points]
        if stroked and not _is_white(child(element, "StrokeColor")):
            canvas.strokes += [Stroke(*a, *b) for a, b in itertools.pairwise(placed)]
        elif filled and not _is_white(child(element, "FillColor")):
            canvas.strokes += _thin(placed)


def _is_white(colour: Any | None) -> bool:
    """Whether a colour is printed in cannot be seen on paper."""
    if colour is None:
        return False
    parts = numbers(colour.get("Value"))
    return (len(parts) == 3 and min(parts) > 250) or numbers(colour.get("Alpha"))[:1] == [0]


def subpaths(text: str) -> list[list[Point]]:
    """The straight parts of an abbreviated path as lists of points; a curve counts as its two ends, apart.

    ``S`` and ``M`` begin a part, ``L`` goes on, ``Q``, ``B`` and ``A`` are curves, ``C`` closes (section 9.1).
    """
    parts: list[list[Point]] = []
    words = WORD.findall(text[: NUMBERS_CAP * 10])
    first: Point | None = None
    i = 0
    while i < len(words):
        operator = words[i]
        values = numbers(" ".join(words[i + 1 : i + 1 + CURVES.get(operator, 0)]))
        if operator not in CURVES or len(values) < CURVES[operator]:
            i += 1
            continue
        i += 1 + len(values)
        if operator == "C":
            if parts and first is not None and parts[-1][-1] != first:
                parts[-1].append(first)
            continue
        point = (values[-2], values[-1])
        if operator == "L" and parts:
            parts[-1].append(point)
        else:
            first = point if operator in "MS" or first is None else first
            parts.append([point])
    return parts


def _thin(points: list[Point]) -> Iterator[Stroke]:
    """A thin filled rectangle as the line it looks like; a wide one is a background."""
    if len(points) < 4:
        return
    left, top, right, bottom = _box(points)
    limit = THIN * POINT
    if bottom - top <= limit < right - left:
        yield Stroke(left, (top + bottom) / 2, right, (top + bottom) / 2)
    elif right - left <= limit < bottom - top:
        yield Stroke((left + right) / 2, top, (left + right) / 2, bottom)


UNITS = {"TextObject": _text, "PathObject": _path, "ImageObject": _picture, "CompositeObject": _composite}
