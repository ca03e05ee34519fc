"""The Merkle log: RFC 6962's shapes, proofs that verify and forgeries that do not."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.connection import open_writing
from archive.evidence import EMPTY, Log, check_proof, leaf_hash, node_hash


def slow_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it, recursively."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(slow_root(leaves[:k]), slow_root(leaves[k:]))


@pytest.fixture(scope="module")
def sql(tmp_path_factory) -> sqlite3.Connection:
    connection = open_writing(tmp_path_factory.mktemp("log") / "a.db")
    log = Log(connection)
    connection.execute("BEGIN")
    for i in range(700):
        log.append(1, i, {"n": i})
    connection.execute("COMMIT")
    yield connection
    connection.close()


def test_root_of_an_empty_log_is_the_hash_of_nothing(tmp_path) -> None:
    connection = open_writing(tmp_path / "a.db")
    assert Log(connection).root() == EMPTY
    connection.close()


@given(size=st.integers(0, 700))
@settings(max_examples=60, deadline=None)
def test_the_root_at_any_size_is_the_one_the_standard_defines(sql, size: int) -> None:
    assert Log(sql).root(size) == slow_root([leaf_hash({"n": i}) for i in range(size)])


@given(size=st.integers(1, 700), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_proof_verifies_its_leaf_and_no_other(sql, size: int, data) -> None:
    number = data.draw(st.integers(0, size - 1))
    log = Log(sql)
    path, root = log.proof(number, size), log.root(size)
    assert check_proof(leaf_hash({"n": number}), number, size, path, root)
    assert not check_proof(leaf_hash({"n": number + 1}), number, size, path, root)
    if number + 1 < size:
        assert not check_proof(leaf_hash({"n": number}), number + 1, size, path, root)


def test_a_log_opened_again_goes_on_where_it_was(tmp_path) -> None:
    connection = open_writing(tmp_path / "a.db")
    for i in range(300):
        Log(connection).append(1, i, {"n": i})
    assert Log(connection).root() == slow_root([leaf_hash({"n": i}) for i in range(300)])
    connection.close()


def test_a_proof_of_an_entry_that_does_not_exist_is_refused(sql) -> None:
    with pytest.raises(ValueError, match="not among"):
        Log(sql).proof(700)
