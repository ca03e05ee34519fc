"""One writer, readers who disturb nobody, and archives that are newer, older, locked, half begun or read-only."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from archive import connection, migrations
from archive.connection import (
    ArchiveBusy,
    DiskTrouble,
    ForeignFile,
    MissingArchive,
    NewerArchive,
    OlderArchive,
    as_trouble,
    lease,
    open_reading,
    open_writing,
)
from archive.store import Store
from archive.verify import verify
from benchmarks.faults_state import make_older
from tests.archive.history_maker import fetch, next_crawl, revise
from tests.conftest import PORTAL, ROOT, Clock, Software

HOLD = "from archive.connection import lease\nwith lease({path!r}):\n    print('held', flush=True); input()"


@pytest.fixture
def path(tmp_path):
    """An archive with a report of two revisions, closed."""
    store = Store(open_writing(tmp_path / "a.db"), Clock())
    store.portal = store.portal_id(PORTAL)
    store.crawl = store.begin_crawl(store.portal, "uid-1", Software("nianlun", "test"), {}, "tester")
    revise(store, 5)
    next_crawl(store)
    revise(store, 6)
    next_crawl(store)
    store.close()
    return tmp_path / "a.db"


@pytest.fixture
def older(path, tmp_path):
    """The same archive as a program of the first two migrations left it."""
    (tmp_path / "old").mkdir()
    make_older(path, tmp_path / "old" / "a.db")
    return tmp_path / "old" / "a.db"


@pytest.fixture
def holder(path):
    """Another process that holds the lease."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + HOLD.format(path=str(path))
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def nianlun(*words, **more) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "nianlun.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


# ------------------------------------------------------------ the lease


def test_a_second_writer_is_told_who_writes(path, holder) -> None:
    with pytest.raises(ArchiveBusy, match=f"process {holder.pid}"), lease(path):
        pass
    for words in (["reconvert"], ["merge", path], ["verify", "--rebuild"]):
        target = path if words[0] != "merge" else path.with_name("b.db")
        ended = nianlun(*words, "-a", target)
        assert ended.returncode == (2 if target == path else 0)
        assert target != path or f"process {holder.pid}" in ended.stderr


def test_a_lease_is_free_again_when_its_holder_was_killed(path, holder) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert Path(f"{path}.lock").exists()
    with lease(path):
        assert Path(f"{path}.lock").read_text() == str(os.getpid())
    assert not Path(f"{path}.lock").exists()


def test_a_lock_that_nobody_holds_is_harmless(path) -> None:
    Path(f"{path}.lock").write_text("1")
    with lease(path):
        pass
    assert not Path(f"{path}.lock").exists()


def test_a_lease_ends_with_an_error_too(path) -> None:
    with pytest.raises(ZeroDivisionError), lease(path):
        raise ZeroDivisionError
    assert not Path(f"{path}.lock").exists()


def test_all_names_of_an_archive_share_one_lease(path, holder, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = tmp_path / "elsewhere" / "link.db"
    other.symlink_to(path)
    for name in (other, tmp_path / "elsewhere" / ".." / "a.db"):
        with pytest.raises(ArchiveBusy, match=str(holder.pid)), lease(name):
            pass


def test_a_lock_that_its_holder_took_away_meanwhile_is_no_lease(path, monkeypatch) -> None:
    """Between opening the file and locking it the holder may end and unlink it: what was opened then locks nothing."""
    real, beside = fcntl.flock, Path(f"{path}.lock")
    calls = []

    def flock(descriptor, how):
        if not calls:
            beside.unlink()
        calls.append(how)
        real(descriptor, how)

    monkeypatch.setattr(connection.fcntl, "flock", flock)
    with lease(path):
        assert len(calls) == 2
        with beside.open() as named, pytest.raises(BlockingIOError):
            real(named, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_that_is_missing_is_said(tmp_path) -> None:
    with pytest.raises(MissingArchive, match="does not exist"), lease(tmp_path / "no" / "a.db"):
        pass
    assert not (tmp_path / "no").exists()


# ------------------------------------------------------------ readers and the writer


def reader_of(path) -> sqlite3.Connection:
    sql = open_reading(path)
    sql.execute("BEGIN")
    sql.execute("SELECT count(*) FROM capture").fetchone()
    return sql


def test_a_writer_waits_for_a_reader_and_then_says_what_keeps_him(path) -> None:
    """An archive at rest has no write-ahead log: whoever reads then, an export say, keeps the first writer out."""
    reader = reader_of(path)
    with pytest.raises(ArchiveBusy, match="an export, a backup, another program") as told:
        open_writing(path, patience=0.1)
    assert "make room" not in str(told.value)
    reader.close()
    open_writing(path, patience=0.1).close()


def test_a_writer_goes_on_when_the_reader_has_ended(path) -> None:
    reader = reader_of(path)
    timer = threading.Timer(0.3, reader.close)
    timer.start()
    open_writing(path, patience=30).close()
    timer.join()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):  # it was the reader's end that let the writer in
        reader.execute("SELECT 1")


def test_a_reader_disturbs_no_writer_who_was_there_before(path) -> None:
    store = Store(open_writing(path, patience=0.1), Clock())
    reader = reader_of(path)
    before = reader.execute("SELECT count(*) FROM capture").fetchone()[0]
    store.portal, store.crawl = 1, 1
    fetch(store, b"more", "http://www.test.gov.cn/more.html")
    store.commit()
    assert reader.execute("SELECT count(*) FROM capture").fetchone()[0] == before
    reader.close()
    store.close()
    assert [item.name for item in path.parent.iterdir()] == ["a.db"]


@contextmanager
def created(folder):
    """The names that are made in a folder meanwhile (inotify(7))."""
    libc, found = ctypes.CDLL(None), []
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(descriptor, os.fsencode(folder), 0x100)
    yield found
    with contextlib.suppress(BlockingIOError):
        events = os.read(descriptor, 1 << 20)
        while events:
            length = int.from_bytes(events[12:16], sys.byteorder)
            found.append(os.fsdecode(events[16 : 16 + length].rstrip(b"\0")))
            events = events[16 + length :]
    os.close(descriptor)


def test_a_writer_never_makes_a_journal_that_only_a_writer_could_take_back(tmp_path) -> None:
    """A writer killed while such a journal lay there left an archive that no reader could open."""
    with created(tmp_path) as names:
        for _ in range(2):
            Store(open_writing(tmp_path / "a.db"), Clock()).close()
    assert set(names) == {"a.db", "a.db-wal", "a.db-shm"}


def test_migrate_takes_back_what_a_dead_writer_left(path, tmp_path) -> None:
    sql = sqlite3.connect(path, isolation_level=None)
    sql.execute("PRAGMA cache_size=1")
    sql.execute("BEGIN")
    sql.execute(
        "CREATE TABLE t AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 50) SELECT randomblob(4000) FROM n"
    )
    (tmp_path / "left").mkdir()
    left = tmp_path / "left" / "a.db"
    for suffix in ("", "-journal"):
        shutil.copyfile(f"{path}{suffix}", f"{left}{suffix}")
    sql.close()
    with pytest.raises(DiskTrouble, match="nianlun migrate"):
        open_reading(left)
    ended = nianlun("migrate", "-a", left)
    assert ended.returncode == 0, ended.stderr
    assert [item.name for item in left.parent.iterdir()] == ["a.db"]
    with closing(open_reading(left)) as reader:
        assert verify(reader) == []


def test_migrate_takes_in_the_log_of_a_writer_who_died_at_his_end(path, tmp_path) -> None:
    writer = open_writing(path)
    writer.execute("PRAGMA user_version=1")
    (tmp_path / "left").mkdir()
    left = tmp_path / "left" / "a.db"
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{path}{suffix}", f"{left}{suffix}")
    writer.close()
    assert Path(f"{left}-wal").stat().st_size
    for _ in range(2):
        assert nianlun("migrate", "-a", left).returncode == 0
        assert nianlun("verify", "-a", left).returncode == 0
        assert [item.name for item in left.parent.iterdir()] == ["a.db"]


def test_what_was_committed_is_there_though_a_reader_kept_the_log_from_being_taken_in(path) -> None:
    store = Store(open_writing(path), Clock())
    reader = reader_of(path)
    store.sql.execute("PRAGMA busy_timeout=50")
    store.portal, store.crawl = 1, 1
    fetch(store, b"more", "http://www.test.gov.cn/more.html")
    store.close()
    reader.close()
    with closing(open_reading(path)) as sql:
        assert sql.execute("SELECT count(*) FROM resource WHERE url LIKE '%/more.html'").fetchone()[0] == 1
    Store(open_writing(path), Clock()).close()
    assert [item.name for item in path.parent.iterdir()] == ["a.db"]


def test_a_file_that_another_program_is_changing_is_not_read(path) -> None:
    """Read past its lock it would show half of a change."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("PRAGMA cache_spill=1")
    short = connection._connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "_connect", lambda uri, _patience=0: short(uri, 0.05))
        with pytest.raises(ArchiveBusy):
            open_reading(path)
    other.close()


# ------------------------------------------------------------ newer and older


def test_a_newer_archive_is_refused_by_readers_and_writers_and_left_as_it_is(path) -> None:
    sql = sqlite3.connect(path)
    sql.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('nianlun', 'm900_later', '')")
    sql.commit()
    sql.close()
    before = path.read_bytes()
    for opening in (open_reading, open_writing):
        with pytest.raises(NewerArchive, match=r"m900_later.*upgrade"):
            opening(path)
    for words in (["reports"], ["migrate"], ["reconvert"], ["backup", path.with_name("b.db")], ["merge", path]):
        ended = nianlun(*words, "-a", path)
        assert (ended.returncode, len(ended.stderr.strip().splitlines())) == (2, 1), words
    assert path.read_bytes() == before


def test_an_older_archive_is_migrated_after_a_checked_copy_and_then_as_sound_as_ever(older) -> None:
    with pytest.raises(OlderArchive, match="nianlun migrate"):
        open_reading(older)
    ended = nianlun("migrate", "-a", older)
    assert ended.returncode == 0, ended.stderr
    with closing(open_reading(older)) as sql:
        assert verify(sql) == []
    assert sorted(item.name for item in older.parent.iterdir()) == ["a.db", "a.db.before-m003_witnesses"]
    copy = sqlite3.connect(older.with_name("a.db.before-m003_witnesses"))
    assert migrations.applied(copy) == ["m001_tables", "m002_years_compared"]
    assert copy.execute("SELECT count(*) FROM revision").fetchone()[0] == 2
    copy.close()


def test_a_copy_of_the_same_state_is_kept_and_one_of_another_state_stays_beside_the_new(older) -> None:
    kept = older.with_name("kept.db")
    shutil.copyfile(older, kept)
    open_writing(older).close()
    first = older.with_name("a.db.before-m003_witnesses")
    before = first.stat().st_mtime_ns
    shutil.copyfile(kept, older)
    open_writing(older).close()
    assert first.stat().st_mtime_ns == before
    assert not Path(f"{first}-2").exists()
    sql = sqlite3.connect(kept)
    sql.execute("DELETE FROM request WHERE id=(SELECT max(id) FROM request)")
    sql.commit()
    sql.close()
    shutil.copyfile(kept, older)
    open_writing(older).close()
    assert first.stat().st_mtime_ns == before
    assert Path(f"{first}-2").exists()


def test_a_copy_that_is_not_whole_stops_the_migration(older, monkeypatch) -> None:
    from archive import backup

    before = older.read_bytes()

    def vacuum(_connection, beside) -> None:
        data = bytearray(before)
        data[3 * 4096 : 9 * 4096] = bytes(6 * 4096)
        beside.write_bytes(data)

    monkeypatch.setattr(backup, "_vacuum", vacuum)
    with pytest.raises((DiskTrouble, ForeignFile, sqlite3.DatabaseError)):
        open_writing(older)
    assert [item.name for item in older.parent.iterdir()] == ["a.db"]
    with pytest.raises(OlderArchive):
        open_reading(older)


def test_a_migration_that_fails_in_the_middle_leaves_the_state_before_it(older, monkeypatch) -> None:
    real = migrations._witness

    def witness(sql) -> None:
        real(sql)
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "_witness", witness)
    with pytest.raises(ZeroDivisionError):
        open_writing(older)
    sql = sqlite3.connect(older)
    assert migrations.applied(sql) == ["m001_tables", "m002_years_compared"]
    assert sql.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('seal', 'told', 'shard')").fetchone()[0] == 0
    sql.close()
    monkeypatch.setattr(migrations, "_witness", real)
    open_writing(older).close()
    with closing(open_reading(older)) as sql:
        assert verify(sql) == []


def test_without_room_for_the_copy_nothing_is_migrated(older) -> None:
    room = older.stat().st_size // 2

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    ended = nianlun("migrate", "-a", older, preexec_fn=small)
    assert ended.returncode == 4
    assert "Traceback" not in ended.stderr
    assert "make room" in ended.stderr
    assert [item.name for item in older.parent.iterdir()] == ["a.db"]
    with pytest.raises(OlderArchive):
        open_reading(older)
    assert nianlun("migrate", "-a", older).returncode == 0


# ------------------------------------------------------------ half begun, full, read-only


def test_a_file_whose_writer_died_at_its_first_page_is_begun_anew(tmp_path) -> None:
    """The journal of such a writer takes everything back: what is left is an empty file of one page's length."""
    one = sqlite3.connect(tmp_path / "one.db", isolation_level=None)
    one.execute("PRAGMA cache_size=1")
    one.execute("BEGIN")
    one.execute("CREATE TABLE t (x)")
    one.executemany("INSERT INTO t VALUES (?)", [(os.urandom(4000),) for _ in range(20)])
    for suffix in ("", "-journal"):
        shutil.copyfile(tmp_path / f"one.db{suffix}", tmp_path / f"two.db{suffix}")
    one.close()
    assert (tmp_path / "two.db").stat().st_size > 4096
    open_writing(tmp_path / "two.db").close()
    with closing(open_reading(tmp_path / "two.db")) as sql:
        assert verify(sql) == []


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_what_cannot_be_repaired_where_it_lies_is_not_read(path, suffix, tmp_path) -> None:
    Path(f"{path}{suffix}").write_bytes(b"x" * 512)
    link = tmp_path / "link.db"
    link.symlink_to(path)
    for name in (path, link):
        with pytest.raises(DiskTrouble, match=f"a.db{suffix}"):
            connection._read_still(name)


def test_a_power_cut_costs_only_what_was_not_acknowledged(path, tmp_path) -> None:
    """The write-ahead log cut at any length, its end overwritten: what the commits before it brought is there."""
    store = Store(open_writing(path), Clock())
    assert store.sql.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL: every commit is synced
    assert store.sql.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    store.portal, store.crawl = 1, 1
    ahead = Path(f"{path}-wal")
    acknowledged = [(0, store.log.size)]
    for number in range(6):
        fetch(store, os.urandom(3000 * number), f"http://www.test.gov.cn/{number}.html")
        store.commit()
        acknowledged.append((ahead.stat().st_size, store.log.size))
    rng = random.Random(9)
    for cut in [size for size, _ in acknowledged] + [rng.randrange(ahead.stat().st_size) for _ in range(20)]:
        shutil.copyfile(path, tmp_path / "cut.db")
        (tmp_path / "cut.db-wal").write_bytes(ahead.read_bytes()[:cut] + rng.randbytes(rng.randrange(5000)))
        expected = max(size for length, size in acknowledged if length <= cut)
        with closing(open_writing(tmp_path / "cut.db")) as sql:
            assert sql.execute("SELECT count(*) FROM log").fetchone()[0] == expected
            assert sql.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.close()


def test_a_full_disk_is_told_from_a_fault_of_ours(path) -> None:
    sql = open_writing(path)
    sql.execute(f"PRAGMA max_page_count={sql.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(sqlite3.OperationalError) as full:
        sql.execute("CREATE TABLE more AS SELECT randomblob(100000) AS x")
    told = as_trouble(full.value)
    assert isinstance(told, DiskTrouble)
    assert (told.exit_code, "make room" in str(told)) == (4, True)
    with pytest.raises(sqlite3.OperationalError) as ours:
        sql.execute("SELECT nothing FROM nowhere")
    assert as_trouble(ours.value) is None
    sql.close()
    reader = open_reading(path)
    with pytest.raises(sqlite3.OperationalError) as only:
        reader.execute("DELETE FROM capture")
    told = as_trouble(only.value, path)
    assert "leave to write" in str(told)
    reader.close()


ANOTHER_USER = """
import contextlib, io, os, sys
sys.path.insert(0, {root!r})
from crawler.cli import run
words = {words!r}
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    run([*words, "-a", "trial.db"])  # all that is imported is imported while that is allowed
os.chdir({folder!r})
os.setuid(65534)
sys.exit(run([*words, "-a", "a.db"]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed to see that rights hold")
@pytest.mark.parametrize("rights", [0o555, 0o777])
@pytest.mark.parametrize(
    ("words", "code"), [(["verify"], 0), (["reports"], 0), (["migrate"], 0), (["reconvert", "--quiet"], 4)]
)
def test_an_archive_that_may_only_be_read_is_read_and_its_writer_told(path, rights, words, code) -> None:
    """In a folder that may be written, too: what lies beside the archive is then made and taken away again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(path, folder / "a.db")
        (folder / "a.db").chmod(0o444)
        folder.chmod(rights)
        shutil.copyfile(path, path.with_name("trial.db"))
        told = ANOTHER_USER.format(root=str(ROOT), words=words, folder=name)
        ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, cwd=path.parent)
        assert ended.returncode == code, ended.stderr
        assert len(ended.stderr.strip().splitlines()) == (0 if code == 0 else 1)
        assert "Traceback" not in ended.stderr
        assert [item.name for item in folder.iterdir()] == ["a.db"]
