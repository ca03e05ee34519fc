"""WARC records are read, checked, and what is damaged is told and stepped over."""

from __future__ import annotations

import gzip
import io
import tracemalloc

import pytest

from pipelines.importing.warc import Problem, Record, digest_of, holds, moment, records
from tests.pipelines.importing.making import HOST, info, other, packed, page, record, response, sha1, when

GOOD = [response(f"{HOST}/{i}.html", page(2010 + i)) for i in range(3)]


def read(data: bytes, **more) -> tuple[list[Record], list[Problem]]:
    found = list(records(io.BytesIO(data), **more))
    return [item for item in found if isinstance(item, Record)], [item for item in found if isinstance(item, Problem)]


@pytest.mark.parametrize(
    "make", [packed, lambda *items: b"".join(items), lambda *items: gzip.compress(b"".join(items))]
)
def test_members_a_plain_file_and_one_stream_give_the_same_records(make) -> None:
    sound, wrong = read(make(info(), *GOOD))
    assert wrong == []
    assert [item.type for item in sound] == ["warcinfo", "response", "response", "response"]
    assert [item.uri for item in sound[1:]] == [f"{HOST}/{i}.html" for i in range(3)]
    assert [item.number for item in sound] == [0, 1, 2, 3]


def test_offsets_are_those_of_the_gzip_members() -> None:
    parts = [packed(item) for item in GOOD]
    sound, _ = read(b"".join(parts))
    assert [item.offset for item in sound] == [0, len(parts[0]), len(parts[0]) + len(parts[1])]


def test_a_truncated_gzip_is_told() -> None:
    data = packed(*GOOD)
    sound, wrong = read(data[:-9])
    assert len(sound) == 2
    assert wrong[0].offset == len(packed(*GOOD[:2]))
    assert "truncated" in wrong[0].reason


def test_only_the_end_mark_of_gzip_missing_is_told_too() -> None:
    sound, wrong = read(packed(*GOOD)[:-4])
    assert len(sound) == 2
    assert "truncated" in wrong[-1].reason


def test_a_wrong_checksum_of_gzip_is_told_even_without_digests() -> None:
    plain = record("response", b"HTTP/1.1 200 OK\r\n\r\nbody", url=f"{HOST}/plain")
    data = bytearray(packed(plain))
    data[-8] ^= 1
    sound, wrong = read(bytes(data) + packed(GOOD[0]))
    assert [item.uri for item in sound] == [f"{HOST}/0.html"]
    assert "damaged" in wrong[0].reason


def test_a_truncated_record_in_a_plain_file_is_told() -> None:
    data = b"".join(GOOD)
    sound, wrong = read(data[:-200])
    assert len(sound) == 2
    assert "truncated" in wrong[0].reason
    assert wrong[0].uri == f"{HOST}/2.html"


def test_a_flipped_byte_loses_one_record() -> None:
    parts = [bytearray(packed(item)) for item in GOOD]
    parts[1][200] ^= 0xFF
    sound, wrong = read(b"".join(map(bytes, parts)))
    assert [item.uri for item in sound] == [f"{HOST}/0.html", f"{HOST}/2.html"]
    assert len(wrong) == 1
    assert wrong[0].offset == len(parts[0])


@pytest.mark.parametrize("make", [packed, lambda *items: b"".join(items)])
def test_garbage_between_records_is_told_and_stepped_over(make) -> None:
    sound, wrong = read(make(GOOD[0]) + b"garbage \x1f\x8b\x08 more garbage\r\n" * 3 + make(GOOD[1]))
    assert [item.uri for item in sound] == [f"{HOST}/0.html", f"{HOST}/1.html"]
    assert len(wrong) == 1
    assert "garbage" in wrong[0].reason


@pytest.mark.parametrize("length", [10, 10**6, 10**9])
@pytest.mark.parametrize("make", [packed, lambda *items: b"".join(items)])
def test_a_wrong_length_loses_one_record(make, length) -> None:
    lying = record("response", b"HTTP/1.1 200 OK\r\n\r\n" + other(), url=f"{HOST}/lie", length=length)
    sound, wrong = read(make(GOOD[0], lying, GOOD[1]))
    assert [item.uri for item in sound] == [f"{HOST}/0.html", f"{HOST}/1.html"]
    assert [item.uri for item in wrong] == [f"{HOST}/lie"]
    assert "Content-Length" in wrong[0].reason


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (record("response", b"x", length="-1"), "no Content-Length"),
        (record("response", b"x", length="9" * 30), "no Content-Length"),
        (record("response", b"x", length="٣"), "no Content-Length"),
        (record("response", b"x", fields=(("X", "y" * 300_000),)), "longer than"),
        (record("response", b"x", fields=tuple(("X", str(i)) for i in range(900))), "longer than"),
        (record("response", b"x", fields=(("WARC-Block-Digest", sha1(b"y")),)), "WARC-Block-Digest"),
        (record("response", b"x", version="WARC/9.9"), "garbage"),
        (record("", b"x"), "no WARC-Type"),
        (record("response", b"x", id=" "), "no WARC-Record-ID"),
        (b"WARC/1.0\r\nno colon here\r\n\r\n", "no colon"),
    ],
)
@pytest.mark.parametrize("make", [packed, lambda *items: b"".join(items)])
def test_a_wrong_header_loses_one_record(make, bad, said) -> None:
    sound, wrong = read(make(GOOD[0], bad, GOOD[1]))
    assert [item.uri for item in sound] == [f"{HOST}/0.html", f"{HOST}/1.html"]
    assert len(wrong) == 1
    assert said in wrong[0].reason


def test_a_gzip_bomb_is_not_opened() -> None:
    size = 1 << 30
    head = record("response", b"", url=f"{HOST}/bomb", length=size)[:-4]
    packer = __import__("zlib").compressobj(9, wbits=31)
    bomb = packer.compress(head) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    sound, wrong = read(packed(GOOD[0]) + bomb + packed(GOOD[1]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [item.uri for item in sound] == [f"{HOST}/0.html", f"{HOST}/1.html"]
    assert "bomb" in wrong[0].reason
    assert peak < 8 * 2**20


def test_a_record_over_the_cap_is_told_and_the_next_is_read() -> None:
    large = response(f"{HOST}/large", b"x" * 5000)
    sound, wrong = read(packed(large, GOOD[0]), cap=4000)
    assert len(sound) == 1
    assert "larger than 4000" in wrong[0].reason


def test_zstandard_is_refused_with_what_to_do() -> None:
    sound, wrong = read(b"\x28\xb5\x2f\xfd" + b"x" * 100)
    assert sound == []
    assert "zstd -d" in wrong[0].reason


def test_an_empty_file_holds_nothing() -> None:
    assert read(b"") == ([], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no WARC-Date"),
        ("yesterday", "no date"),
        ("2019-13-01T00:00:00Z", "no date"),
        ("2099-01-01T00:00:00Z", "future"),
        ("1970-01-01T00:00:00Z", "older than the web"),
    ],
)
def test_dates_that_cannot_be(text, said) -> None:
    assert said in moment(text, 1_700_000_000_000)


def test_dates_to_the_millisecond() -> None:
    assert moment("2019-03-01T08:00:00.123456Z", 1_700_000_000_000) == moment(when(), 1_700_000_000_000) + 123
    assert moment("2019-03-01", 1_700_000_000_000) % 86_400_000 == 0


def test_digests_in_every_spelling() -> None:
    import base64
    import hashlib

    for algorithm in ("sha1", "sha256", "md5", "sha512"):
        value = hashlib.new(algorithm, b"data").digest()
        for text in (
            value.hex(),
            value.hex().upper(),
            base64.b32encode(value).decode(),
            base64.b32encode(value).decode().rstrip("="),
        ):
            assert digest_of(f"{algorithm}:{text}") == (algorithm, value), (algorithm, text)
            assert holds(f"{algorithm}:{text}", b"data")
            assert not holds(f"{algorithm}:{text}", b"other")
    assert not holds("sha1:!!!", b"data")
    assert holds("blake3:abc", b"data")
