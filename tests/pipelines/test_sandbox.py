"""The cage: whatever a payload does to its reader, the answer is a reading."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from dataclasses import replace

import pytest

from archive.model import Conversion, Reading, Software
from pipelines.convert import sandbox
from pipelines.convert.sandbox import Cage, Limits
from tests.pipelines.building import modern, page, sound_values

PAGE = page(modern("2021", sound_values("2021", 1)))

pytestmark = pytest.mark.journey  # they start, starve and kill worker processes


def _abort(*_):
    os.abort()


def _sleep(*_):
    time.sleep(60)


def _hoard(*_):
    return [bytearray(1 << 24) for _ in range(1000)]


def _call_home(*_):
    socket.create_connection(("127.0.0.1", 9), 1)


def _run(*_):
    subprocess.run(["true"], check=True)


def _raise(*_):
    raise ValueError("broken")


@pytest.fixture(scope="module")
def cage():
    with Cage(1, Limits(seconds=4, memory=700)) as cage:
        yield cage


def read_with(cage, monkeypatch, task):
    monkeypatch.setattr(sandbox, "_task", task)
    return cage.read(b"%PDF-1.4 anything")


def test_a_page_is_read(cage):
    reading = cage.read(PAGE, url="http://a.gov.cn/t.html")
    assert (reading.conversion.state, reading.publisher) == ("ok", "云川县林业局")


@pytest.mark.parametrize(
    ("task", "state", "word"),
    [
        (_abort, "unreadable", "died"),
        (_hoard, "refused", "MiB"),
        (_call_home, "unreadable", "PermissionError"),
        (_run, "unreadable", "PermissionError"),
        (_raise, "unreadable", "broken"),
    ],
)
def test_what_a_worker_does_stays_there(cage, monkeypatch, task, state, word):
    reading = read_with(cage, monkeypatch, task)
    assert reading.conversion.state == state
    assert word in reading.conversion.error
    assert reading.conversion.media_type == "application/pdf"


def test_a_slow_reader_is_stopped(monkeypatch):
    with Cage(1, Limits(seconds=0.5)) as cage:
        start = time.monotonic()
        reading = read_with(cage, monkeypatch, _sleep)
        assert reading.conversion.state == "refused"
        assert "0.5" in reading.conversion.error
        assert time.monotonic() - start < 5


def test_the_cage_reads_on_after_a_crash(cage, monkeypatch):
    read_with(cage, monkeypatch, _abort)
    monkeypatch.undo()
    assert cage.read(PAGE).conversion.state == "ok"


def test_it_serves_an_event_loop(cage):
    async def several():
        return await asyncio.gather(*(asyncio.wrap_future(cage.submit(PAGE)) for _ in range(4)))

    assert {reading.year for reading in asyncio.run(several())} == {2023}


def test_signals_of_the_parent_are_left_alone():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Cage(1) as cage:
        cage.read(b"<p>x")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_cage_that_was_never_used_closes():
    cage = Cage()
    cage.close()
    cage.close()
    assert cage._pool is None


# ---------------------------------------------------------------- recognition


def reading(state, error=None, meta=()):
    return Reading(Conversion(Software("a", "1"), "application/pdf", state, meta=meta, error=error))


def test_a_closed_cage_takes_nothing():
    cage = Cage()
    cage.close()
    with pytest.raises(RuntimeError, match="closed"):
        cage.submit(PAGE)


def test_pages_that_wait_are_counted_in_bundles_too():
    inner = reading("needs", meta=(("ocr:wanted", "2"),))
    bundle = replace(reading("ok", meta=(("ocr:wanted", "1"),)), members=(("a.pdf", inner), ("b.pdf", inner)))
    assert sandbox._wanted(bundle) == 5
    assert sandbox._wanted(reading("ok", meta=(("ocr:wanted", "x"),))) == 0


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("needs", "ok", "ok"),
        ("needs", "refused", "refused"),
        ("ok", "ok", "ok"),
        ("ok", "refused", "ok"),
        ("ok", "unreadable", "ok"),
    ],
)
def test_the_better_of_two_readings(first, second, state):
    found = sandbox._better(reading(first, "first"), reading(second, "second"))
    assert found.conversion.state == state
    if (first, state) == ("ok", "ok") and second != "ok":
        assert found.conversion.error == "first; second"


def test_the_future_is_answered_when_recognition_cannot_begin(cage, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("closed meanwhile")

    monkeypatch.setattr(sandbox, "_wanted", lambda _: 1)
    monkeypatch.setattr(sandbox.recogniser, "available", lambda: True)
    monkeypatch.setattr(Cage, "_recognising", broken)
    assert cage.submit(PAGE).result(20).conversion.state == "ok"
    monkeypatch.setattr(sandbox, "_wanted", broken)
    assert cage.submit(PAGE).result(20).conversion.state == "ok"


def _complain(*_):
    os.write(2, b"a library panicked")
    raise ValueError("broken")


def test_what_a_library_prints_reaches_nobody_s_terminal(capfd, monkeypatch):
    with Cage(1) as cage:
        assert read_with(cage, monkeypatch, _complain).conversion.state == "unreadable"
    assert "panicked" not in capfd.readouterr().err
