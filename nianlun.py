"""The front door: the ``nianlun`` command, and ``import nianlun`` with :func:`nianlun.open`.

The packages behind it have plain names (archive, crawler, pipelines, spiders) that other projects on the
package index have too; a clash, or a missing dependency, is said in one sentence here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.api import Archive

_ROOMS = ("archive", "crawler", "pipelines", "spiders")


def _clash() -> str | None:
    """Which of our rooms another installed project occupies."""
    import importlib.util  # noqa: PLC0415

    home = Path(__file__).resolve().parent
    for name in _ROOMS:
        found = importlib.util.find_spec(name)
        places = [Path(place).resolve().parent for place in (found.submodule_search_locations or [])] if found else []
        if home not in places:
            where = places[0] if places else "nowhere"
            return (
                f"nianlun's package {name!r} is found in {where}, not in {home}: another project of that name is"
                " installed here. Install nianlun in an environment of its own (see README)."
            )
    return None


def open(path: str | Path = "nianlun.db") -> Archive:  # noqa: A001  # nianlun.open is what it is called
    """Open an archive read-only: reports, observations and charts for Python (:mod:`archive.api`).

    Raises :class:`archive.connection.ArchiveError` where there is no archive, ImportError with what to do where
    another project stands in the way.
    """
    try:
        from archive.api import Archive  # noqa: PLC0415  # importing nianlun opens nothing and loads no SQLite
    except ImportError as error:
        raise ImportError(_clash() or f"nianlun is not installed completely: {error}. See README.") from error
    return Archive(path)


def main() -> int:
    """Run the command line; the exit code is the interface's."""
    if sys.version_info < (3, 11):  # noqa: UP036  # the sentence is for those who start it with an older one
        sys.stderr.write("nianlun needs Python 3.11 or newer.\n")
        return 2
    try:
        from crawler.cli import run  # noqa: PLC0415
    except ImportError as error:
        sys.stderr.write(f"{_clash() or f'nianlun is not installed completely: {error}. See README, first command.'}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. · 已中断。\n")
        return 4
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
