"""CSV that a spreadsheet opens: cells are data, however the answer was cut into pieces."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.exporters.cells import safe_cell
from archive.web.sheets import safe_sheets

ROWS = st.lists(
    st.lists(st.text(alphabet='=+-@\t\r\n",a1中'), min_size=1, max_size=3).filter(any), min_size=1, max_size=5
)


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def through(pieces: list[bytes], path: str = "/archive.csv") -> tuple[dict[str, Any], bytes]:
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for at, piece in enumerate(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": at + 1 < len(pieces)})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(safe_sheets(app)({"type": "http", "path": path}, None, send))
    return sent[0], b"".join(message["body"] for message in sent[1:])


@given(ROWS, st.lists(st.integers(0, 200), max_size=6))
@example([["\t"]], [])
def test_cells_are_safe_however_the_answer_is_cut(rows, cuts) -> None:
    data = written(rows)
    ends = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    pieces = [data[a:b] for a, b in zip(ends, ends[1:], strict=False)] or [data]
    start, body = through(pieces)
    assert start["status"] == 200
    found = list(csv.reader(io.StringIO(body.decode(), newline="")))
    assert found == [[str(safe_cell(cell)) for cell in row] for row in rows]


def test_a_formula_does_not_begin_a_cell() -> None:
    _, body = through([b'title\r\n"=HYPERLINK(""http://x"",1)"\r\n-5\r\n'])
    title, link, number = body.decode().splitlines()
    assert title == "title"
    assert not link.lstrip('"').startswith("=")
    assert number == "-5"


@pytest.mark.parametrize("pieces", [[b"\r\n"], [b"\r\n", b""], [b""]])
def test_a_query_that_failed_is_no_empty_table(pieces) -> None:
    start, body = through(pieces)
    assert start["status"] == 400
    assert b"failed" in body


def test_other_answers_pass_untouched() -> None:
    _, body = through([b"=1\r\n"], "/archive.json")
    assert body == b"=1\r\n"
