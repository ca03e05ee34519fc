"""Readings survive JSON exactly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Block, Cell, Conversion, Grid, Link, Observation, Place, Reading, Software, Where
from pipelines.serial import from_json, to_json

TEXT = st.text(max_size=8)
NUMBER = st.integers(-9, 10**6) | st.floats(allow_nan=False, allow_infinity=False)
PLACES = st.none() | st.builds(
    Place, st.none() | st.integers(1, 9), st.none() | st.tuples(*[st.floats(0, 900)] * 4), st.none() | TEXT
)
WHERE = st.builds(Where, st.none() | st.integers(0, 9), place=PLACES, sentence=st.none() | TEXT)
OBSERVATIONS = st.builds(
    Observation,
    TEXT,
    st.none() | NUMBER,
    st.sampled_from(["ok", "blank", "text"]),
    st.none() | TEXT,
    st.none() | TEXT,
    WHERE,
    TEXT,
)
GRIDS = st.builds(
    Grid,
    st.integers(1, 3),
    st.integers(1, 3),
    st.lists(st.builds(Cell, st.integers(0, 3), st.integers(0, 3), TEXT, place=PLACES), max_size=3).map(tuple),
)
CONVERSIONS = st.builds(
    Conversion,
    st.builds(Software, TEXT, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)),
    TEXT,
    st.sampled_from(["ok", "empty", "needs"]),
    st.lists(st.builds(Block, TEXT, st.sampled_from(["paragraph", "table"]), place=PLACES), max_size=3).map(tuple),
    st.lists(GRIDS, max_size=2).map(tuple),
    st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    st.lists(st.builds(Link, TEXT, TEXT), max_size=2).map(tuple),
    st.none() | TEXT,
)
NESTED = st.builds(
    lambda outer, inner, name: Reading(outer, members=((name, Reading(inner, year=2023)),)),
    CONVERSIONS,
    CONVERSIONS,
    TEXT,
)


@settings(max_examples=60, deadline=None)
@given(CONVERSIONS, st.lists(OBSERVATIONS, max_size=4), st.none() | TEXT, st.lists(TEXT, max_size=3))
def test_readings(conversion, observations, text, paragraphs):
    reading = Reading(
        conversion, text=text, observations=tuple(observations), paragraphs=tuple(paragraphs), rules=(("a", "b"),)
    )
    back = from_json(to_json(reading))
    assert back == reading
    assert [type(o.value) for o in back.observations] == [type(o.value) for o in observations]


@settings(max_examples=40, deadline=None)
@given(NESTED)
def test_bundles(reading):
    assert from_json(to_json(reading)) == reading


@pytest.mark.parametrize("text", ["[]", "{", '{"unknown": 1}', "null"])
def test_other_text_is_refused(text):
    with pytest.raises((ValueError, TypeError)):
        from_json(text)
