"""The crawl as a process of its own: it ends when its time is over, when the service ends, and however it breaks."""

from __future__ import annotations

import sys

import pytest

from archive.connection import ArchiveBusy, lease
from crawler import child

POLITE = "import signal,sys,time; signal.signal(15, lambda *_: sys.exit(4)); print('up', flush=True); time.sleep(60)"
DEAF = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"


def crawl(monkeypatch, tmp_path, script: str, *, stops=lambda: False, until: float | None = None, clock=lambda: 0.0):
    monkeypatch.setattr(child, "PROGRAM", (sys.executable, "-c", script))
    return child.crawl(tmp_path / "a.db", ["x"], until, stopping=stops, clock=clock)


def ticking():
    """A clock that goes on by a second at every look."""
    moments = iter(range(1000))
    return lambda: float(next(moments))


@pytest.mark.parametrize("code", [0, 1, 3, 4])
def test_its_exit_code_comes_back(monkeypatch, tmp_path, code) -> None:
    assert crawl(monkeypatch, tmp_path, f"raise SystemExit({code})") == code


def test_it_gets_its_words_and_the_archive(monkeypatch, tmp_path) -> None:
    kept = tmp_path / "words"
    crawl(monkeypatch, tmp_path, f"import sys; open({str(kept)!r}, 'w').write(' '.join(sys.argv[1:]))")
    assert kept.read_text() == f"crawl x --archive {tmp_path / 'a.db'}"


def test_a_crash_is_a_code_and_no_error(monkeypatch, tmp_path) -> None:
    assert crawl(monkeypatch, tmp_path, "import os; os.kill(os.getpid(), 9)") == -9


def test_it_is_told_to_stop_when_the_window_closes_and_when_the_service_ends(monkeypatch, tmp_path) -> None:
    assert crawl(monkeypatch, tmp_path, POLITE, until=8.0, clock=ticking()) in (4, -15)
    looks = iter([False] * 8)
    assert crawl(monkeypatch, tmp_path, POLITE, stops=lambda: next(looks, True)) in (4, -15)


def test_one_that_does_not_listen_is_killed(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(child, "GRACE", 0.3)
    assert crawl(monkeypatch, tmp_path, DEAF, until=8.0, clock=ticking()) == -9


def test_none_is_begun_while_somebody_writes(monkeypatch, tmp_path) -> None:
    with lease(tmp_path / "a.db"), pytest.raises(ArchiveBusy):
        crawl(monkeypatch, tmp_path, "raise SystemExit(0)")
