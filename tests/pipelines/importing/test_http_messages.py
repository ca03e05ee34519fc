"""HTTP messages inside records: codings are removed under a cap; whatever is cut or wrong is said."""

from __future__ import annotations

import gzip
import hashlib
import sys
import tracemalloc
import zlib

import brotli
import pytest

from pipelines.importing.http import Unreadable, answer, request
from tests.pipelines.importing.making import http, page, sha1

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = page() * 20
CAP = 2**20


def chunked(data: bytes, size: int = 700) -> bytes:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(f"{len(piece):x};ext=1\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"


def coded(body: bytes, coding: str) -> bytes:
    return http(body, headers=(("Content-Encoding", coding), ("Content-Type", "text/html")))


CODINGS = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": brotli.compress(BODY),
    "zstd": zstd.compress(BODY),
    "identity": BODY,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_content_codings_are_removed(coding) -> None:
    assert answer(coded(CODINGS[coding], coding), cap=CAP).body == BODY


def test_the_bare_deflate_some_servers_send() -> None:
    packer = zlib.compressobj(wbits=-15)
    assert answer(coded(packer.compress(BODY) + packer.flush(), "deflate"), cap=CAP).body == BODY


def test_codings_one_upon_the_other_and_in_chunks() -> None:
    twice = gzip.compress(brotli.compress(BODY))
    block = http(chunked(twice), headers=(("Transfer-Encoding", "chunked"), ("Content-Encoding", "br, gzip")))
    found = answer(block, cap=CAP)
    assert (found.body, found.cut) == (BODY, None)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_was_decoded_already_is_left_alone(coding) -> None:
    assert answer(coded(BODY, coding), cap=CAP).body == BODY


def test_a_body_that_lost_its_chunks_already_is_left_alone() -> None:
    assert answer(http(BODY, headers=(("Transfer-Encoding", "chunked"),)), cap=CAP).body == BODY


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_bombs_are_not_opened(coding) -> None:
    large = bytes(300 * 2**20)
    bomb = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": lambda data: brotli.compress(data, quality=3),
        "zstd": zstd.compress,
    }
    block = coded(bomb[coding](large), coding)
    del large
    tracemalloc.start()
    with pytest.raises(Unreadable, match="opens to more"):
        answer(block, cap=CAP)
    assert tracemalloc.get_traced_memory()[1] < 16 * CAP
    tracemalloc.stop()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_coded_body_that_is_cut_is_told(coding) -> None:
    with pytest.raises(Unreadable, match=r"truncated|damaged"):
        answer(coded(CODINGS[coding][:-40], coding), cap=CAP)


def test_a_cut_chunk_and_a_short_body_are_not_whole() -> None:
    half = http(chunked(BODY)[:1500], headers=(("Transfer-Encoding", "chunked"),))
    assert "chunk" in (answer(half, cap=CAP).cut or "")
    short = http(BODY[:99], headers=(("Content-Length", str(len(BODY))),))
    assert "Content-Length" in (answer(short, cap=CAP).cut or "")
    assert answer(http(BODY, headers=(("Content-Length", "5"),)), cap=CAP).cut is None


@pytest.mark.parametrize("of", [lambda raw, plain: raw, lambda raw, plain: plain, lambda raw, plain: BODY])
def test_the_payload_digest_may_be_of_any_of_its_forms(of) -> None:
    plain = gzip.compress(BODY)
    raw = chunked(plain)
    block = http(raw, headers=(("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")))
    assert answer(block, cap=CAP, digest=sha1(of(raw, plain))).body == BODY
    assert answer(block, cap=CAP, digest=f"sha256:{hashlib.sha256(of(raw, plain)).hexdigest()}").body == BODY
    with pytest.raises(Unreadable, match="WARC-Payload-Digest"):
        answer(block, cap=CAP, digest=sha1(b"forged"))


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (b"", "no status line"),
        (b"<html>no head</html>", "no status line"),
        (b"HTTP/1.1 OK\r\n\r\n", "no status line"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2000 + b"\r\n", "more than"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\nZ: 1\r\n\r\n", "longer than"),
        (http(b"x", headers=(("Content-Encoding", "rot13"),)), "coding nobody"),
    ],
)
def test_what_is_no_answer(block, said) -> None:
    with pytest.raises(Unreadable, match=said):
        answer(block, cap=CAP)


def test_headers_keep_their_order_and_absurd_values_are_cut() -> None:
    block = http(b"b", headers=(("B", "2"), ("A", "1"), ("B", "z" * 9000)))
    found = answer(block, cap=CAP).headers
    assert [name for name, _ in found] == ["B", "A", "B"]
    assert found[2][1].endswith("…(9000 bytes)")


def test_a_request_and_what_is_none() -> None:
    asked = request(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (asked.method, asked.headers) == ("GET", (("Host", "a"),))
    with pytest.raises(Unreadable):
        request(b"not a request")
