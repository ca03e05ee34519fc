"""Round ticks, and values as places on an axis that always holds 0."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_LEAST = 1e-9
"""What is nearer to 0 than that is drawn on 0."""


def ticks(low: float, high: float, count: int = 5, *, whole: bool = True) -> list[float]:
    """Round numbers from at most ``low`` to at least ``high``, 0 among them; about ``count`` steps.

    ``whole``: none between whole numbers, for things that are counted.
    """
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < _LEAST:
        high = low + 1.0
    step = _step((high - low) / count, whole=whole)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def _step(rough: float, *, whole: bool) -> float:
    """The least round number that is not below ``rough``."""
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((part * power for part in _ROUND if part * power >= rough), 10 * power)
    if whole and step != int(step):
        return float(math.ceil(step))
    return step


def shown_number(value: float) -> str:
    """A number as a reader knows it: thousands apart, no needless zeros behind the point."""
    if abs(value) >= 1e15:
        return f"{value:.4g}"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.2f}"


def short_number(value: float) -> str:
    """A number in at most about four signs: ``950``, ``1.2k``, ``35k``, ``1.2M``."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.{1 if abs(value) < 10 * size else 0}f}".removesuffix(".0") + sign
    return f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis: the values at its two ends and their places in the drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)
