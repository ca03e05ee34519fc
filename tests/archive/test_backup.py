"""A backup is whole or it is not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from archive.backup import backup
from archive.connection import DiskTrouble, open_reading
from archive.evidence import Log
from archive.model import shown
from archive.verify import verify
from tests.archive.history_maker import fetch
from tests.conftest import ROOT


@pytest.fixture
def filled(store, tmp_path):
    """An archive of forty captures, its writer still open."""
    for i in range(40):
        fetch(store, os.urandom(3000), f"http://www.test.gov.cn/{i}.html")
    store.commit()
    return tmp_path / "a.db"


def test_a_copy_is_made_while_the_writer_writes(store, filled, tmp_path):
    fetch(store, b"uncommitted", "http://www.test.gov.cn/later.html")
    found = backup(filled, tmp_path / "copy.db")
    with open_reading(tmp_path / "copy.db") as copy:
        assert verify(copy) == []
        assert copy.execute("SELECT count(*) FROM capture").fetchone()[0] == 40
        assert found["head"] == shown(Log(copy).root())
    store.commit()
    assert store.sql.execute("SELECT count(*) FROM capture").fetchone()[0] == 41


def test_nothing_is_left_of_a_copy_that_cannot_be_written(filled, tmp_path):
    target = tmp_path / "full"
    target.mkdir()
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"sys.path.insert(0, {str(ROOT)!r}); import nianlun;"
        f"sys.argv = ['nianlun', 'backup', {str(target / 'copy.db')!r}, '-a', {str(filled)!r}]; sys.exit(nianlun.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == DiskTrouble.exit_code
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(target.iterdir()) == []


@pytest.mark.journey
def test_a_killed_backup_leaves_no_file_of_its_name(filled, tmp_path):
    for delay in (0.15, 0.25, 0.4):
        words = [sys.executable, str(ROOT / "nianlun.py"), "backup", str(tmp_path / "copy.db"), "-a", str(filled)]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (tmp_path / "copy.db").exists():
            with open_reading(tmp_path / "copy.db") as copy:
                assert verify(copy) == []
            (tmp_path / "copy.db").unlink()
    with open_reading(filled) as sql:
        assert verify(sql) == []
