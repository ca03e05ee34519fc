"""Payloads: every byte comes back, whatever was stored before; damage never goes unnoticed."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.payloads import DEPTH, DamagedPayload, Payloads

PAGE = b"<html><body>" + os.urandom(3000).hex().encode() + b"</body></html>"


@given(bodies=st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_payloads_reads_back_byte_for_byte(store, bodies) -> None:
    store.writing()
    previous, ids = None, []
    for body in bodies:
        previous, _ = store.payloads.put(body, portal=store.portal, previous=previous, sort="page")
        ids.append(previous)
    fresh = Payloads(store.sql)
    assert [fresh.get(number) for number in ids] == bodies


def test_the_same_bytes_are_stored_once(store) -> None:
    store.writing()
    first, new = store.payloads.put(PAGE, portal=store.portal)
    again, newer = store.payloads.put(PAGE, portal=store.portal)
    assert (first, new, newer) == (again, True, False)


def test_a_changed_page_costs_a_hundredth_of_it(store) -> None:
    store.writing()
    first, _ = store.payloads.put(PAGE, portal=store.portal, sort="page")
    second, _ = store.payloads.put(
        PAGE.replace(b"<body>", b"<body>x"), portal=store.portal, previous=first, sort="page"
    )
    size = store.sql.execute("SELECT length(frame) FROM payload WHERE id=?", (second,)).fetchone()[0]
    assert size < len(PAGE) / 100


def test_a_resource_s_first_payload_leans_on_the_portal_s_exemplar(store) -> None:
    store.writing()
    first, _ = store.payloads.put(PAGE, portal=store.portal, sort="page")
    other, _ = store.payloads.put(PAGE.replace(b"</body>", b"other</body>"), portal=store.portal, sort="page")
    assert store.sql.execute("SELECT base FROM payload WHERE id=?", (other,)).fetchone()[0] == first


def test_chains_never_grow_beyond_their_bound(store) -> None:
    store.writing()
    previous = None
    for i in range(DEPTH * 2 + 5):
        body = PAGE[: i * 20] + str(i).encode() + PAGE[i * 20 :]
        previous, _ = store.payloads.put(body, portal=store.portal, previous=previous, sort="page")
    assert store.sql.execute("SELECT max(depth) FROM payload").fetchone()[0] <= DEPTH


def test_a_flipped_byte_is_found_when_read(store) -> None:
    store.writing()
    number, _ = store.payloads.put(PAGE, portal=store.portal)
    frame = bytearray(store.sql.execute("SELECT frame FROM payload WHERE id=?", (number,)).fetchone()[0])
    frame[len(frame) // 2] ^= 1
    store.sql.execute("UPDATE payload SET frame=? WHERE id=?", (bytes(frame), number))
    with pytest.raises(DamagedPayload):
        Payloads(store.sql).get(number)
