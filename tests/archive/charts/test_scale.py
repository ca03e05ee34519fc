"""Ticks and numbers: round, covering, readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.charts.scale import Axis, short_number, shown_number, ticks

_numbers = st.floats(-1e9, 1e9, allow_nan=False)


@given(_numbers, _numbers, st.integers(2, 8))
def test_ticks_cover_the_range_hold_zero_and_are_evenly_apart(one, other, count):
    """Every value lies between the first and the last tick, 0 is a tick, and there are not too many."""
    low, high = min(one, other), max(one, other)
    found = ticks(low, high, count, whole=False)
    near = 1e-9 * (1 + high - low)  # of what floating point keeps
    assert found[0] <= low + near
    assert found[-1] >= high - near
    assert 0.0 in found
    assert 2 <= len(found) <= count + 3
    steps = {round((b - a) / (found[1] - found[0]), 6) for a, b in zip(found, found[1:], strict=False)}
    assert steps == {1.0}


@given(st.integers(0, 10**9), st.integers(2, 8))
def test_counted_things_have_whole_ticks(high, count):
    """There is no half report."""
    assert all(tick == int(tick) for tick in ticks(0, high, count))


@pytest.mark.parametrize(
    ("high", "expected"), [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (97, [0, 20, 40, 60, 80, 100])]
)
def test_known_ticks(high, expected):
    assert ticks(0, high) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (5.0, "5"), (1234567.0, "1,234,567"), (3242.8, "3,242.8"), (-4.0, "-4"), (0.125, "0.125")],
)
def test_numbers_are_shown_whole_where_they_are(value, text):
    assert shown_number(value) == text


@given(st.integers(0, 10**11))
def test_short_numbers_are_short(value):
    assert len(short_number(value)) <= 5


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_greater_value_stands_higher(one, other):
    """The axis keeps the order, upside down as SVG counts."""
    axis = Axis(0, 100, 300, 10)
    assert (one < other) == (axis.at(one) > axis.at(other)) or abs(one - other) < 1e-9
