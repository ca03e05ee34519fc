"""Set everything up in ./.venv from the hash-pinned locks, then run: needs Python 3.11+ and nothing else.

    python3 bootstrap.py demo --keep demo      set up, then `nianlun demo --keep demo`
    python3 bootstrap.py test                  set up with the tools of development, then all checks and tests
    python3 bootstrap.py                       set up only

A second run finds the environment as it is and starts at once.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE / ".venv"
BIN = HOME / ("Scripts" if os.name == "nt" else "bin")
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
    ("python", "benchmarks/reading.py", "--seeds", "2000:2004"),
    ("python", "benchmarks/fuzz.py", "--variants", "200"),
    ("python", "benchmarks/search.py", "--paragraphs", "20000", "--peers", "2000", "--check"),
    ("python", "benchmarks/scale.py", "--captures", "2000", "--check"),
    ("python", "benchmarks/web.py", "--captures", "3000", "--count", "20", "--check"),
    ("python", "benchmarks/faults.py", "--short"),
    ("mkdocs", "build", "--strict", "--quiet", "--site-dir", "build/site"),
    ("python", "-m", "pytest", "-n", "2", "-m", "not journey"),
    (
        "python",
        "-m",
        "pytest",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "-m",
        "journey",
    ),  # a crawled world serves its whole file
)


def main(words: list[str]) -> int:
    """Set up what the words need, then do it; the exit code is that of what was run."""
    if sys.version_info < (3, 11):  # noqa: UP036  # the sentence is for those who start it with an older one
        sys.stderr.write(f"nianlun needs Python 3.11 or newer; this is {sys.version.split()[0]}.\n")
        return 2
    testing = words[:1] == ["test"]
    try:
        set_up("requirements-dev.lock" if testing else "requirements.lock")
        if testing:
            peers()
    except subprocess.CalledProcessError as error:
        sys.stderr.write(
            f"Setting up failed at: {' '.join(map(str, error.cmd[:4]))} … (exit {error.returncode}).\n"
            "Is there a network to the package index? Remove .venv and try again.\n"
        )
        return 3
    if testing:
        return check(words[1:])
    return subprocess.call([BIN / "nianlun", *words]) if words else 0


def set_up(lock: str) -> None:
    """Make the environment, unless it already holds what the lock pins."""
    wanted = hashlib.sha256((HERE / lock).read_bytes() + (HERE / "pyproject.toml").read_bytes()).hexdigest()
    stamp = HOME / "nianlun.stamp"
    held = stamp.read_text().split() if stamp.exists() else []
    if wanted in held:
        return
    sys.stderr.write(f"Setting up .venv from {lock} (half a minute) · 正在准备环境\n")
    if not (BIN / "python").exists():
        venv.create(HOME, with_pip=True, symlinks=os.name != "nt")
    pip = [BIN / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.check_call([*pip, "--require-hashes", "-r", HERE / lock])
    subprocess.check_call([*pip, "--no-deps", "-e", HERE])
    stamp.write_text("\n".join([*held, wanted]))


def peers() -> None:
    """Make the environment of the programs that check our exports, beside ours: they need other versions than we do."""
    home, lock = HOME / "peers", HERE / "requirements-peers.lock"
    stamp = home / "peers.stamp"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    sys.stderr.write("Setting up .venv/peers: pywb and wacz, which check our exports · 正在准备校验工具\n")
    venv.create(home, with_pip=True, clear=True, symlinks=os.name != "nt")
    python = home / BIN.name / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.check_call([*pip, "--require-hashes", "-r", lock])
    stamp.write_text(wanted)


def check(extra: list[str]) -> int:
    """Run every check in order and stop at the first that fails; further words go to pytest."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # the theme's word on a mkdocs to come
    for command in CHECKS:
        tool, *words = command
        if words[:2] == ["-m", "pytest"]:
            words += extra
        sys.stderr.write(f"\n— {' '.join(command)}\n")
        sys.stderr.flush()
        code = subprocess.call([BIN / tool, *words], cwd=HERE)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
