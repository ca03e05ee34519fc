"""Pixels of a page → a level, clean page: its grey, its ink, its ruled lines, its lines of text.

Needs numpy, OpenCV and Pillow (the extra ``ocr``); only :mod:`pipelines.convert.scans.scan` imports it, when a page must
be recognised.  Arrays are rows by columns of bytes, 0 black, 255 white; masks are 255 where something is.  Lengths
are points times ``scale`` (pixels a point).  Pages that are bent or photographed askew are not straightened.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from pipelines.convert.ruled.lattice import Stroke

Pixels = Any
"""An array of numpy; its type says nothing more than Any would."""

SKEW = 5.0
"""Degrees a page may be off level and is turned back."""
LONG = 34.0
"""Points: a level line at least this long may be a rule; the longest stroke of a title's character is shorter."""
TALL = 11.0
"""Points: an upright line at least this high may be a rule, when it reaches from one level rule to another."""
SPECK = 1.1
"""Points: what is smaller in both directions is dirt; a full stop is larger, and a cell's lone dash is wider."""
SEAL = (60.0, 190.0)
"""Points: a red figure about as wide as high whose sides lie between these is a seal; a red title is wider."""
WORKING = (2.0, 2.9)
"""Pixels a point: pages with fewer are enlarged, pages with more reduced (144 and 209 dpi)."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, the last two exclusive."""
Run = tuple[float, int, int, float]
"""A line: where it lies, from where to where, its thickness, in pixels."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A page ready to be read: its grey on even white, the ink of its text, its rules, pixels a point."""

    grey: Pixels
    ink: Pixels
    rules: tuple[Stroke, ...]
    scale: float
    angle: float


def clean(pixels: Pixels, scale: float) -> Clean:
    """Make a page level and its background white, find its rules and take them out of its ink."""
    grey = even(grey_of(pixels, scale))
    if not WORKING[0] <= scale <= WORKING[1]:
        factor = min(max(scale, WORKING[0] * 1.35), WORKING[1]) / scale
        grey = cv2.resize(
            grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        )
        scale *= factor
    angle = skew_of(ink_of(grey))
    if abs(angle) > 0.02:
        grey = turned(grey, angle)
    ink = ink_of(grey)
    rules, mask = rules_of(grey, scale)
    ink[mask > 0] = 0
    return Clean(grey, without_specks(ink, scale), rules, scale, angle)


# ---------------------------------------------------------------- grey


def grey_of(pixels: Pixels, scale: float) -> Pixels:
    """A page's grey; where a red seal lies its red part, in which the seal is as light as the paper."""
    if pixels.ndim == 2:
        return pixels.copy()
    grey = cv2.cvtColor(pixels[:, :, :3], cv2.COLOR_RGB2GRAY)
    red, green, blue = (pixels[:, :, i].astype(np.int16) for i in range(3))
    reddish = ((red - np.maximum(green, blue)) > 35).astype(np.uint8) * 255
    if not reddish.any():
        return grey
    reach = max(3, int(5 * scale) | 1)
    small = cv2.resize(reddish, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    joined = cv2.morphologyEx((small > 0).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    for left, top, width, height, _ in stats[1:] * 4:
        if SEAL[0] * scale < min(width, height) and max(width, height) < min(SEAL[1] * scale, 1.8 * min(width, height)):
            window = np.s_[max(0, top - 8) : top + height + 8, max(0, left - 8) : left + width + 8]
            part = grey[window]
            grey[window] = np.where(reddish[window] > 0, np.maximum(part, pixels[:, :, 0][window]), part)
    return grey


def even(grey: Pixels) -> Pixels:
    """The page on even white: every pixel against the paper around it."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 8)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, np.maximum(paper, 40), scale=255)


def ink_of(grey: Pixels) -> Pixels:
    """Where ink is, by the threshold that parts ink from paper best, kept within reason."""
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return (grey < min(max(threshold, 110), 190)).astype(np.uint8) * 255


def without_specks(ink: Pixels, scale: float) -> Pixels:
    """The ink without dirt."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count < 2:
        return ink
    small = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) < SPECK * scale
    small[0] = True
    return np.where(small[labels], 0, 255).astype(np.uint8)


# ---------------------------------------------------------------- level


def skew_of(ink: Pixels) -> float:
    """How many degrees the page is turned (counter-clockwise positive), by the sharpness of its rows."""
    ys, xs = np.nonzero(ink)
    if len(xs) < 200:
        return 0.0
    step = max(1, len(xs) // 60_000)
    xs, ys = xs[::step].astype(np.float64), ys[::step].astype(np.float64)
    best = 0.0
    for reach, width in ((SKEW, 0.5), (0.5, 0.1), (0.1, 0.02)):
        angles = np.arange(best - reach, best + reach + width / 2, width)
        best = float(max(angles, key=lambda angle: _sharpness(xs, ys, angle)))
    return best if abs(best) <= SKEW else 0.0


def _sharpness(xs: Pixels, ys: Pixels, angle: float) -> float:
    """How unevenly ink is shared among rows when the page is turned back by ``angle``: most when lines are level."""
    at = ys + xs * np.tan(np.radians(angle))
    rows = np.bincount((at - at.min()).astype(np.int64)).astype(np.float64)
    return float((rows**2).sum())


def turned(grey: Pixels, angle: float) -> Pixels:
    """The page turned level about its middle; what comes in from outside is white."""
    height, width = grey.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    return cv2.warpAffine(
        grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    )


# ---------------------------------------------------------------- rules


def rules_of(grey: Pixels, scale: float) -> tuple[tuple[Stroke, ...], Pixels]:
    """The page's ruled lines in points, and the mask of their pixels.

    Rules are fainter than text, so the threshold is higher.  A rule that is broken is joined over small gaps where
    an unbroken part of it stands in the same line; rules that are dotted throughout are not found.
    """
    dark = (grey < 205).astype(np.uint8) * 255
    levels, level_mask = _lines(dark, scale, LONG)
    uprights, upright_mask = _lines(dark.T, scale, TALL)
    upright_mask = upright_mask.T
    uprights = [part for line in uprights for part in _standing(grey, line, levels, scale)]
    kept = np.zeros_like(upright_mask)
    for at, start, end, thick in uprights:
        half = int(thick / 2 + 2)
        window = np.s_[start:end, max(0, int(at) - half) : int(at) + half + 1]
        kept[window] = upright_mask[window]
    strokes = [Stroke(start / scale, at / scale, end / scale, at / scale) for at, start, end, _ in levels]
    strokes += [Stroke(at / scale, start / scale, at / scale, end / scale) for at, start, end, _ in uprights]
    return tuple(strokes), cv2.bitwise_or(level_mask, kept)


def _lines(dark: Pixels, scale: float, length: float) -> tuple[list[Run], Pixels]:
    """Level lines as (at, start, end, thickness) in pixels, and the mask of their pixels."""
    size = _odd(length * scale)
    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, size), np.uint8))
    runs = _extended(runs, thick, scale)
    runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, _odd(6 * scale)), np.uint8))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found, keep = [], np.zeros(count, bool)
    for i in range(1, count):
        left, _, width, _, area = stats[i]
        thickness = area / max(width, 1)
        if width >= size and thickness <= 2 + max(6.0, 4.0 * scale):
            found.append((float(centres[i][1]), int(left), int(left + width), float(thickness)))
            keep[i] = True
    mask = np.where(keep[labels], 255, 0).astype(np.uint8)
    near = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    return found, cv2.bitwise_and(near, cv2.dilate(dark, np.ones((3, 3), np.uint8)))


def _odd(length: float) -> int:
    """A kernel's length in pixels: odd, or it would shift what it passes over."""
    return max(3, int(length) | 1)


def _extended(runs: Pixels, thick: Pixels, scale: float) -> Pixels:
    """The unbroken runs with the broken pieces that lie in one line with them, over gaps of a point or two."""
    size = _odd(4 * scale)
    joined = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, _odd(1.6 * scale)), np.uint8))
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, size), np.uint8))
    reach = max(3, int(40 * scale))
    beside = cv2.dilate(runs, np.ones((1, 2 * reach + 1), np.uint8))
    return cv2.bitwise_or(runs, cv2.bitwise_and(joined, beside))


def _standing(grey: Pixels, line: Run, levels: list[Run], scale: float) -> list[Run]:
    """The parts of an upright line between level rules that were drawn; parts that meet are one.

    An upright rule begins and ends at a level one; strokes of characters do not.
    """
    at, start, end, thick = line
    reach = 2.5 * scale
    crossed = sorted(
        y for y, left, right, _ in levels if left - reach <= at <= right + reach and start - reach <= y <= end + reach
    )
    parts: list[Run] = []
    for top, bottom in itertools.pairwise(crossed):
        if bottom - top < 2 * scale or not _is_drawn(grey, at, thick, (round(top), round(bottom)), scale):
            continue
        if parts and parts[-1][2] >= round(top) - 1:
            parts[-1] = (at, parts[-1][1], round(bottom) + 1, thick)
        else:
            parts.append((at, round(top), round(bottom) + 1, thick))
    return parts


def _is_drawn(grey: Pixels, at: float, thick: float, span: tuple[int, int], scale: float) -> bool:
    """Whether a line runs from one level rule to the next without a gap, and with paper beside it.

    Strokes of characters that touch the rules look like a line, but they are lighter where they touch, and other
    strokes stand beside them on both sides.
    """
    rim = max(2, round(0.8 * scale))
    top, bottom = span[0] + rim, span[1] - rim + 1
    if bottom <= top:
        return True
    middle = round(at)
    along = grey[top:bottom, max(0, middle - 1) : middle + 2].min(axis=1).astype(np.int16)
    gaps = int((along > min(float(np.median(along)) + 50, 210)).sum())
    if gaps > max(1, 0.06 * len(along)):
        return False
    near, far = round(thick / 2 + 0.8 * scale), round(thick / 2 + 2.0 * scale) + 1
    beside = (
        grey[top:bottom, max(0, middle - far) : max(1, middle - near)],
        grey[top:bottom, middle + near : middle + far],
    )
    inked = [float((band.min(axis=1) < 170).mean()) if band.size else 0.0 for band in beside]
    return min(inked) <= 0.4 and sum(inked) <= 1.2


# ---------------------------------------------------------------- lines of text


def parts_of(ink: Pixels) -> Pixels:
    """The connected pieces of ink as rows of left, top, width, height, area."""
    return cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:]


def without_edges(ink: Pixels, scale: float, rim: float = 1.6) -> Pixels:
    """A cell's ink without what is left of its rules: pieces that lie wholly along an edge."""
    count, labels = cv2.connectedComponents(ink, connectivity=8)
    if count < 2:
        return ink
    edge = max(1, round(rim * scale))
    inside = np.zeros(count, bool)
    inside[np.unique(labels[edge:-edge, edge:-edge])] = True
    inside[0] = False
    return np.where(inside[labels], 255, 0).astype(np.uint8)


def em_of(ink: Pixels, fallback: float, most: float = 3.0) -> float:
    """The usual height of a block's characters in pixels, ``fallback`` where it has no tall pieces.

    Pieces higher than ``most`` times the fallback are taken for characters of two lines that touch.
    """
    heights = parts_of(ink)[:, 3]
    heights = heights[(heights > 0.55 * fallback) & (heights < most * fallback)]
    return float(np.percentile(heights, 80)) if len(heights) else fallback


def segments_of(ink: Pixels, em: float, depth: int = 0, most: float = 3.0) -> list[Box]:
    """The pieces of lines of a block, from top to bottom, each line's from left to right.

    Rows of ink are lines; a gap of one and a half characters parts a line; where lines of columns that stand beside
    each other overlap, each column is cut by itself; lines that touch are cut where the least ink is.
    """
    em = em_of(ink, em, most)
    found: list[Box] = []
    for top, bottom in _rows(ink, em):
        row = ink[top:bottom]
        own = em_of(row, em, most)
        pieces = _pieces(row, 1.5 * own)
        crowded = bottom - top > 1.75 * own
        for left, right in pieces:
            inner = row[:, left:right]
            if crowded and depth < 3 and (len(pieces) > 1 or own < 0.8 * em):
                boxes = segments_of(inner, own, depth + 1, most)
            else:
                boxes = [_tight(inner, a, b) for a, b in _split((inner > 0).sum(axis=1), (0, bottom - top), own)]
            found += [(left + a, top + b, left + c, top + d) for a, b, c, d in boxes if c > a and d > b]
    return found


def _rows(ink: Pixels, em: float) -> list[tuple[int, int]]:
    """Runs of inked rows as (top, bottom), the parts of one character together."""
    rows: list[tuple[int, int]] = []
    for top, bottom in runs_of((ink > 0).any(axis=1)):
        if rows and bottom - rows[-1][0] <= 1.35 * em:
            rows[-1] = (rows[-1][0], bottom)
        else:
            rows.append((top, bottom))
    return rows


def _pieces(row: Pixels, gap: float) -> list[tuple[int, int]]:
    """Runs of inked columns as (left, right), gaps below ``gap`` closed."""
    pieces: list[tuple[int, int]] = []
    for left, right in runs_of((row > 0).any(axis=0)):
        if pieces and left - pieces[-1][1] < gap:
            pieces[-1] = (pieces[-1][0], right)
        else:
            pieces.append((left, right))
    return pieces


def _tight(block: Pixels, top: int, bottom: int) -> Box:
    """The box of the ink between two rows of a block; empty when there is none."""
    rows, columns = (
        np.flatnonzero((block[top:bottom] > 0).any(axis=1)),
        np.flatnonzero((block[top:bottom] > 0).any(axis=0)),
    )
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), top + int(rows[0]), int(columns[-1]) + 1, top + int(rows[-1]) + 1


def runs_of(flags: Pixels) -> list[tuple[int, int]]:
    """The runs of true in a row of flags as (first, one after the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _split(profile: Pixels, run: tuple[int, int], em: float) -> list[tuple[int, int]]:
    """A run as high as two lines or more, which touch, cut where the least ink is."""
    top, bottom = run
    low, high = top + int(0.7 * em), min(top + int(1.6 * em), bottom - int(0.4 * em))
    if bottom - top < 1.75 * em or high <= low:
        return [run]
    cut = low + int(np.argmin(profile[low:high]))
    return [(top, cut), *_split(profile, (cut, bottom), em)]
