"""The commands that the fault runs strike, each with the archives it begins from; made once, with the simulator."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.faults_state import make_older
from crawler.cli import COMMANDS
from crawler.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
EXPORTS = {"warc": None, "wacz": None, "bagit": None, "prov": None, "parquet": "pyarrow", "csv": None, "bundle": "pyarrow"}  # fmt: skip
"""The forms of export with the library that some of them need."""


class Still(Simulator):
    """A portal without noise, so that two crawls of it can be compared."""

    _serial = property(lambda _self: 0, lambda _self, _value: None)


@dataclass
class Case:
    """A command to strike: its words in a folder, and what lies in that folder before."""

    name: str
    words: Callable[[Path], list[str]]
    base: dict[str, Path] = field(default_factory=dict)
    made: str = "a.db"
    """What the command writes: the archive, or the copy or export it makes."""
    exact: bool = False
    """Whether the outcome depends on no clock: then the log has the same leaves."""
    damaged: bool = False
    """Whether the archive is damaged before, on purpose."""
    weight: int = 1
    chain: int = 1
    """How often it is killed before it may run to its end."""

    @property
    def is_export(self) -> bool:
        return self.made != "a.db"

    def is_done(self, found: dict[str, list[str]], whole: dict[str, list[str]]) -> bool:
        """Whether a crawl that was killed had ended: the same words would begin the next one."""
        return self.name.startswith("crawl") and found["crawls"] == whole["crawls"]

    def prepare(self, folder: Path) -> None:
        """Lay the base into an empty folder."""
        for name, source in self.base.items():
            shutil.copyfile(source, folder / name)


def run(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    options = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "timeout": 300, **more}
    return subprocess.run([sys.executable, str(ROOT / "nianlun.py"), *words], check=False, **options)


def start(*words: str, **more: object) -> subprocess.Popen[str]:
    """Start a command in a process group of its own."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "stdin": subprocess.DEVNULL, **more}
    return subprocess.Popen([sys.executable, str(ROOT / "nianlun.py"), *words], start_new_session=True, **options)


def _crawl(world: Simulator, *more: str) -> Callable[[Path], list[str]]:
    return lambda folder: [
        "crawl", world.url, "-a", str(folder / "a.db"), "--allow-private", "--delay", "0", "--quiet", "--no-ocr", *more,
    ]  # fmt: skip


def _make(folder: Path, name: str, words: Callable[[Path], list[str]], codes: tuple[int, ...] = (0,)) -> Path:
    """Run a command in ``folder`` and give its archive a name of its own."""
    done = run(*words(folder))
    if done.returncode not in codes:
        sys.exit(f"{name} could not be made: {done.returncode} {done.stderr}")
    return (folder / "a.db").replace(folder / name)


@contextlib.contextmanager
def cases(folder: Path) -> Iterator[list[Case]]:
    """Two portals, the archives made of them, and every command that writes."""
    with Still(seed=3) as one, Still(seed=5) as two:
        first = _make(folder, "first.db", _crawl(one))
        second = _make(folder, "second.db", _crawl(two))
        begun = _make(folder, "begun.db", _crawl(one, "--max-requests", "12"), (4,))
        older, broken = folder / "older.db", folder / "broken.db"
        make_older(second, older)
        shutil.copyfile(second, broken)
        _break(broken)
        edit = two.edit()
        two.withdraw(
            next(url for url, report in two.truth().reports.items() if url != edit.url and report.state == "live")
        )
        two.advance(days=365)
        two.publish()
        found = [
            Case("crawl", _crawl(one), weight=6, chain=3),
            Case("crawl, a year later", _crawl(two), {"a.db": second}, weight=4, chain=2),
            Case("crawl, resumed", _crawl(one), {"a.db": begun}, weight=3, chain=2),
            Case("crawl into an older archive", _crawl(two), {"a.db": older}, weight=3, chain=2),
            Case("reconvert", _on("reconvert"), {"a.db": first}, weight=5, chain=2),
            Case("merge", _on("merge", "b.db", "c.db"), {"b.db": first, "c.db": second}, weight=3, exact=True),
            Case("merge into an archive", _on("merge", "b.db"), {"a.db": first, "b.db": second}, weight=2, exact=True),
            Case("migrate", _on("migrate"), {"a.db": older}, weight=5, exact=True),
            Case(
                "verify --rebuild",
                _on("verify", "--rebuild", "--no-ocr"),
                {"a.db": broken},
                weight=3,
                exact=True,
                damaged=True,
            ),
            Case("backup", _on("backup", "copy.db"), {"a.db": second}, "copy.db", weight=3, exact=True),
        ]
        found += [
            Case(f"export {kind}", _on("export", kind, "out"), {"a.db": second}, "out")
            for kind, library in EXPORTS.items()
            if library is None or importlib.util.find_spec(library)
        ]
        if "import" in COMMANDS:
            warc = folder / "one.warc.gz"
            run("export", "warc", str(warc), "-a", str(first))
            found.append(
                Case(
                    "import",
                    _on("import", "one.warc.gz", "--no-ocr", "--quiet"),
                    {"one.warc.gz": warc},
                    weight=4,
                    chain=2,
                )
            )
        yield found


def _on(command: str, *more: str) -> Callable[[Path], list[str]]:
    """A command on the folder's archive; further words that name a file lie in the folder too."""

    def words(folder: Path) -> list[str]:
        placed = [str(folder / word) if "." in word or word == "out" else word for word in more]
        return [command, *placed, "-a", str(folder / "a.db")]

    return words


def _break(path: Path) -> None:
    """Damage what can be worked out again, so that a rebuilding has something to do."""
    sql = sqlite3.connect(path)
    sql.execute("DELETE FROM observation WHERE id % 3 = 0")
    sql.execute("DELETE FROM revision_paragraph WHERE position > 2")
    sql.execute("UPDATE reading SET data=x'00' WHERE id IN (SELECT id FROM reading LIMIT 3)")
    sql.execute("UPDATE report SET title='?', revisions=9")
    sql.commit()
    sql.close()


def environment(folder: Path) -> dict[str, str]:
    """An environment whose temporary files lie in ``folder`` too."""
    return {**os.environ, "TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)}
