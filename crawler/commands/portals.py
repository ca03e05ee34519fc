"""List the register of portals, the names `nianlun crawl` knows, or check its files.

PATTERN is a part of a name, title or address, or a shell pattern of one (`nx-*`).
The states verified and unverified are the register's own. The others are those of each portal's last crawl in the
archive: found (it found reports), blocked, unreachable, never (there is none), crawled (there is one, however it went).

examples:
  nianlun portals
  nianlun portals --province ningxia --level county
  nianlun portals 商务 --json
  nianlun portals --state never --csv
  nianlun portals --archive nianlun.db           with each portal's last crawl
  nianlun portals --portals my-portals/
  nianlun portals check my-portals/              what is wrong with the files of the register and of one's own
  nianlun portals add https://www.example.gov.cn/   look at a portal, write its entry and a page of it to review
"""

from __future__ import annotations

import difflib
import sys
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import output
from crawler.exceptions import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from spiders.registry import Listed

COLUMNS = ("name", "title", "level", "division", "family", "hint", "verified", "home")
_CRAWLED: tuple[str, ...] = ("state", "started", "found")
_LAST: dict[str, Any] = {"state": None, "crawl": None, "started": None, "outcome": None, "found": None}
"""What a row says of the last crawl where no archive is asked."""
_OWN_STATES = {"verified": True, "unverified": False}


def configure(options: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    options.add_argument(
        "words",
        nargs="*",
        metavar="PATTERN | check [DIR...] | add URL",
        help="which portals; or check the files; or add one",
    )
    adding = options.add_argument_group("add")
    adding.add_argument("--into", type=Path, default=Path("portals"), metavar="DIR", help="where to write (./portals)")
    adding.add_argument("--name", metavar="N", help="the new portal's name, like nx-dofcom")
    adding.add_argument("--dry-run", action="store_true", help="print the entry, write nothing")
    adding.add_argument("--delay", type=float, metavar="SECONDS", help="between two requests (default 3)")
    adding.add_argument("--allow-host", action="append", default=[], metavar="GLOB", help="also ask hosts like this")
    adding.add_argument("--allow-private", action="store_true", help="connect to loopback and private addresses")
    adding.add_argument("--resolve", action="append", default=[], metavar="GLOB=ADDRESS", help="instead of DNS")
    options.add_argument("--portals", type=Path, action="append", default=[], metavar="DIR", help="more portal files")
    options.add_argument("--province", metavar="P", help="ningxia or 宁夏; central for central bodies")
    options.add_argument("--level", metavar="L", help="province, provincial-dept, prefecture-city, county …")
    options.add_argument("--family", metavar="F", help="the CMS family an entry states, or else supposes (hint)")
    options.add_argument(
        "--state", metavar="S", help="verified, unverified, found, crawled, blocked, unreachable, never"
    )
    output.archive_option(options)
    output.format_options(options)


def run(arguments: argparse.Namespace) -> int:
    """Print the register, or what is wrong with it, or look at a portal that is not in it."""
    if arguments.words[:1] == ["add"]:
        return _add(arguments, arguments.words[1:])
    if arguments.words[:1] == ["check"]:
        return _check(arguments, [Path(word) for word in arguments.words[1:]])
    rows = _list(arguments)
    crawled = _CRAWLED if any(row["state"] for row in rows) else ()
    columns = (*COLUMNS[:-1], *crawled, COLUMNS[-1])
    output.emit(rows, arguments, columns, empty="No portal of the register is such a one. · 名录中没有符合条件的门户。")
    return 0


def _check(arguments: argparse.Namespace, directories: Sequence[Path]) -> int:
    """Print every fault of the register's files; 1 when there is one."""
    from spiders.register_lint import faults  # noqa: PLC0415
    from spiders.registry import RegisterError  # noqa: PLC0415

    try:
        number, found = faults([*arguments.portals, *directories])
    except RegisterError as error:
        raise UsageError(str(error)) from error
    rows = [{"file": str(fault.file), "sentence": fault.sentence} for fault in found]
    if arguments.json or arguments.nl or arguments.csv:
        output.emit(rows, arguments, ("file", "sentence"), empty="")
    else:
        for row in rows:
            sys.stdout.write(f"{output.clean(row['file'])}: {output.clean(row['sentence'])}\n")
    faulty = f"{len(found)} fault{'' if len(found) == 1 else 's'}"
    output.note(f"{number} portals, {faulty}. · {number} 个门户，{len(found)} 处错误。")
    return 1 if found else 0


def _add(arguments: argparse.Namespace, words: Sequence[str]) -> int:
    """Look at each portal and write what was seen."""
    from crawler.adding import look, write  # noqa: PLC0415
    from crawler.context import policy_for  # noqa: PLC0415
    from crawler.resolver import read_given  # noqa: PLC0415
    from crawler.settings import DOWNLOAD_DELAY  # noqa: PLC0415
    from crawler.targets import register, resolve  # noqa: PLC0415

    if len(words) != 1:
        raise UsageError("Name one home page: nianlun portals add https://www.example.gov.cn/")
    known = register(arguments.portals)
    portal = resolve(words, arguments.portals)[0]
    if portal.name in known:
        raise UsageError(f"{words[0]} is in the register already, as {portal.name}.")
    delay = arguments.delay if arguments.delay is not None else DOWNLOAD_DELAY
    policy = policy_for(
        [portal], arguments.allow_host, allow_private=arguments.allow_private, delay=delay,
        retry_wait=max(1.0, min(10.0, delay * 3)), resolve=tuple(read_given(text) for text in arguments.resolve),
    )  # fmt: skip
    sketch = look(portal, policy, arguments.name)
    output.note(f"{sketch.reports} reports seen, family {sketch.family}. · 见到 {sketch.reports} 份年报。")
    if arguments.dry_run:
        sys.stdout.write(sketch.toml)
        return 0
    for file in write(sketch, arguments.into):
        sys.stdout.write(f"{file}\n")
    output.note("Review them; then crawl with --portals. · 请核对后用 --portals 采集。")
    return 0


def _list(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The rows that were asked for, by name."""
    province, state = _province(arguments.province), _state(arguments.state)
    entries = _matching(arguments, province)
    crawls: dict[str, dict[str, Any]] | None = None
    if arguments.archive or (state and state not in _OWN_STATES):
        from archive.portals import last_crawls  # noqa: PLC0415

        crawls = last_crawls(output.reading(arguments))
    rows = [_row(entry, crawls) for entry in entries]
    return [row for row in rows if state is None or _is(row, state)]


def _matching(arguments: argparse.Namespace, province: str | None) -> list[Listed]:
    """The entries the filters on the register itself let through."""
    from spiders.register_lint import LEVELS  # noqa: PLC0415
    from spiders.registry import FAMILIES, RegisterError, listed  # noqa: PLC0415

    level = _known("--level", arguments.level, LEVELS)
    family = _known("--family", arguments.family, FAMILIES)
    try:
        entries = sorted(listed(arguments.portals).items())
    except RegisterError as error:
        raise UsageError(str(error)) from error
    return [
        entry
        for _, entry in entries
        if (province is None or entry.portal.province == province)
        and (level is None or entry.portal.level == level)
        and (family is None or (entry.portal.family or entry.hint) == family)
        and (not arguments.words or any(_matches(entry, word) for word in arguments.words))
    ]


def _matches(entry: Listed, pattern: str) -> bool:
    """Whether a portal's name, title or home page is, or holds, a pattern; case makes no difference."""
    portal, word = entry.portal, pattern.lower()
    texts = [text.lower() for text in (portal.name, portal.title, portal.home)]
    if any(char in word for char in "*?["):
        return any(fnmatchcase(text, word) for text in texts)
    return any(word in text for text in texts)


def _row(entry: Listed, crawls: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    """A portal, the advice beside it, and its last crawl where an archive was asked."""
    from archive.portals import NEVER  # noqa: PLC0415

    never = _LAST if crawls is None else {**_LAST, "state": NEVER}
    last = (crawls or {}).get(entry.portal.name, never)
    return {**asdict(entry.portal), "entry": entry.entry, "hint": entry.hint, **last}


def _is(row: dict[str, Any], state: str) -> bool:
    """Whether a row has a state; one that was crawled in any way is ``crawled``."""
    from archive.portals import NEVER  # noqa: PLC0415

    if state in _OWN_STATES:
        return bool(row["verified"] is _OWN_STATES[state])
    return bool(row["state"] == state or (state == "crawled" and row["state"] != NEVER))


def _state(word: str | None) -> str | None:
    """The state a user named."""
    from archive.portals import STATES  # noqa: PLC0415

    return _known("--state", word, (*_OWN_STATES, *STATES))


def _province(word: str | None) -> str | None:
    """The folder a user means: by its own name, or by the province's, whole or shortened."""
    if word is None:
        return None
    from spiders.divisions import folders  # noqa: PLC0415

    known = folders()
    meant = [folder for folder, division in known.items() if division and division.name.startswith(word)]
    return meant[0] if len(meant) == 1 else _known("--province", word.lower(), known)


def _known(option: str, word: str | None, words: Iterable[str]) -> str | None:
    """A word that is one of ``words``; raises :class:`UsageError` that names the nearest."""
    options = sorted(words)
    if word is None or word in options:
        return word
    near = difflib.get_close_matches(word, options, n=1)
    hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(options)}."
    raise UsageError(f"{option} {word!r} is unknown; {hint}")
