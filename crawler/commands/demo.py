"""Show the main job on a simulated portal, on loopback, with no network: crawl, a year passes, crawl again.

In that year a new report is published, one figure is edited in silence and one report disappears; the second
crawl finds all three.

examples:
  nianlun demo
  nianlun demo --keep demo        leaves demo/nianlun.db to look further
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import NianlunError, UsageError

if TYPE_CHECKING:
    import argparse

    from crawler.simulator import Edit, Simulator

_SEED = 12


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep the archive as DIR/nianlun.db")
    options.add_argument("--seed", type=int, default=_SEED, help="another invented portal")


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration."""
    if arguments.keep is None:
        with tempfile.TemporaryDirectory(prefix="nianlun-demo-") as folder:
            return _play(Path(folder) / "nianlun.db", arguments.seed, kept=False)
    path = arguments.keep / "nianlun.db"
    if path.exists():
        raise UsageError(f"{path} exists already; remove it or give --keep another folder.")
    try:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{arguments.keep} cannot be made: {error.strerror}; give --keep another folder.") from error
    return _play(path, arguments.seed, kept=True)


def _play(path: Path, seed: int, *, kept: bool) -> int:
    from crawler.simulator import Simulator  # noqa: PLC0415

    with Simulator(seed=seed) as world:
        _say(f"① A simulated portal stands at {world.url} · 模拟门户已启动")
        _crawl(world, path)
        _reports(path)
        edit, withdrawn = _year(world)
        _say("③ The second crawl · 第二次采集")
        _crawl(world, path)
        _catches(path, world, edit, withdrawn, kept=kept)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


def _crawl(world: Simulator, path: Path) -> None:
    command = [
        sys.executable,
        str(Path(__file__).parents[2] / "nianlun.py"),
        "crawl",
        world.url,
        "--archive",
        str(path),
    ]
    done = subprocess.run([*command, "--allow-private", "--delay", "0"], check=False)  # noqa: S603  # ourselves
    if done.returncode not in (0, 1):
        raise NianlunError(f"The demonstration's crawl ended with exit code {done.returncode}; see its message above.")


def _rows(path: Path) -> list[dict[str, Any]]:
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.query import Filters, reports  # noqa: PLC0415

    return reports(open_reading(path), Filters())


def _reports(path: Path) -> None:
    rows = _rows(path)
    sys.stdout.write(output.table(rows, ("id", "publisher", "year", "form", "state", "revisions", "findings")))


def _year(world: Simulator) -> tuple[Edit, str]:
    """Let a year pass: one figure edited, one report withdrawn, one published."""
    truth = world.truth()
    edit = world.edit()
    there = [url for url, report in truth.reports.items() if url != edit.url and report.kind == "disclosure"]
    withdrawn = min(there, key=lambda url: (truth.reports[url].year, url))
    world.withdraw(withdrawn)
    world.advance(days=365)
    world.publish()
    _say("② A year passes: a report is published, one figure is edited in silence, one report disappears · 一年过去")
    return edit, withdrawn


def _catches(path: Path, world: Simulator, edit: Edit, withdrawn: str, *, kept: bool) -> None:
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.query import changes  # noqa: PLC0415

    rows = [row for row in changes(open_reading(path), crawl=2) if row["event"] != "cosmetic"]
    sys.stdout.write(output.table(rows, ("event", "report", "revision", "summary", "url")))
    changed = [row for row in rows if row["event"] == "changed"]
    caught = any(row["url"] == edit.url for row in changed)
    missed = any(row["event"] == "missing" and row["url"] == withdrawn for row in rows)
    _say(
        f"④ The silent edit {'was caught' if caught else 'WAS NOT CAUGHT'}; the disappearance {'was caught' if missed else 'WAS NOT CAUGHT'}."
    )
    if not (caught and missed):
        raise NianlunError(f"The demonstration missed an event at {world.url}; this is a fault in nianlun.")
    if kept:
        _further(path, changed[0])
    else:
        sys.stdout.write(
            "Run it with --keep DIR to keep the archive and look further. · 加 --keep DIR 可保留档案库。\n"
        )


def _further(path: Path, row: dict[str, Any]) -> None:
    from archive.connection import open_reading  # noqa: PLC0415
    from archive.query import Filters, observations  # noqa: PLC0415

    wanted = row["observations"][0]["indicator"] if row["observations"] else None
    found = observations(open_reading(path), Filters(report=row["report"]), indicator=wanted)
    _say("To look further · 进一步查看:")
    name = _command()
    lines = [
        f"nianlun diff {row['report']} --archive {path}",
        f"nianlun trace {found[0]['id']} --archive {path}" if found else "",
        f"nianlun history {row['report']} --archive {path}",
        f"nianlun observations --indicator applications.received.total --archive {path}",
        f"nianlun search 依申请公开 --archive {path}",
        f"nianlun verify --archive {path}",
        f"nianlun serve --archive {path}",
    ]
    sys.stdout.write("".join(f"  {line.replace('nianlun', name, 1)}\n" for line in lines if line))


def _command() -> str:
    """How the user can call nianlun from where he stands: by name, or by the path of this environment."""
    own = Path(sys.prefix) / "bin" / "nianlun"
    found = shutil.which("nianlun")
    if (found and Path(found).resolve() == own.resolve()) or not own.exists():
        return "nianlun"
    return os.path.relpath(own)
