"""What no reader of one file can see: whether the register's entries agree with each other, and with the divisions.

Every rule says in one sentence what is wrong and what to write.  :mod:`spiders.registry` has refused what is no
entry at all; here an entry that can be loaded is held against its folder, its division, its host and its neighbours.
"""

from __future__ import annotations

import difflib
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spiders import divisions
from spiders.addresses import belongs, site_of
from spiders.registry import FAMILIES, Listed, RegisterError, files, read_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.model import Alias

LEVELS = (
    "central", "province", "municipality", "provincial-dept", "prefecture-city", "department", "district", "county",
)  # fmt: skip
"""Whose portal it is; a ``department`` is one of a city, a ``provincial-dept`` also one of a municipality."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_INDEX = re.compile(r"/(?:index\.\w+)?$")
_PROVINCIAL = ("province", "municipality", "provincial-dept")
_CITYWIDE = ("prefecture-city", "department")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one file of the register."""

    file: Path
    sentence: str


def faults(extra: Iterable[Path] = ()) -> tuple[int, list[Fault]]:
    """How many files the register and the directories of ``extra`` have, and every fault in them, file by file.

    Raises :class:`spiders.registry.RegisterError` for a directory that is not there.
    """
    found: list[Fault] = []
    entries: list[Listed] = []
    number = 0
    for file, directory in files(extra):
        number += 1
        try:
            entry = read_entry(file, directory)
        except RegisterError as error:
            found.append(Fault(file, error.sentence))
            continue
        entries.append(entry)
        deep = len(file.relative_to(directory).parts) > 2
        found += [Fault(file, sentence) for sentence in (*_placed(entry, deep=deep), *_sentences(entry))]
    return number, sorted([*found, *_twice(entries)], key=lambda fault: (str(fault.file), fault.sentence))


def _sentences(entry: Listed) -> Iterator[str]:
    """The faults one entry has by itself."""
    yield from _level(entry)
    yield from _division(entry)
    yield from _addresses(entry)
    for alias in entry.portal.aliases:
        yield from _alias(alias, entry.portal.home)
    portal = entry.portal
    if portal.publisher is None:
        yield "'publisher' is missing; name the body whose reports these are where a report does not say so"
    if portal.expect and portal.expect[1] == 0:
        yield "'expect' allows no report at all; write the fewest and the most a whole crawl should find"
    if entry.hint is not None and entry.hint not in FAMILIES:
        yield f"unknown hint {entry.hint!r}{_instead(entry.hint, FAMILIES)}"
    if entry.hint is not None and portal.family is not None:
        yield "'hint' says nothing beside 'family'; remove it"


def _placed(entry: Listed, *, deep: bool) -> Iterator[str]:
    """A file's name and folder."""
    portal, known = entry.portal, divisions.folders()
    if deep:
        yield "lies too deep; a portal's file lies in its province's folder"
    if not _NAME.fullmatch(portal.name):
        yield f"the name {portal.name!r} is not made of small letters, digits and single hyphens, like nx-dofcom"
    if portal.province is None:
        return
    if portal.province not in known:
        yield f"unknown province {portal.province!r}{_instead(portal.province, known)}"
        return
    if entry.file.parent.name in known and entry.file.parent.name != portal.province:
        yield f"'province' says {portal.province}, the folder {entry.file.parent.name}; move the file or remove the key"
        return
    province = known[portal.province]
    short = (province.short if province else None) or divisions.CENTRAL_SHORT
    if not portal.name.startswith(f"{short}-"):
        yield f"the names of {portal.province} begin with {short}-; rename this file"


def _level(entry: Listed) -> Iterator[str]:
    """A level that is one, and that of a central body in its folder only."""
    level, central = entry.portal.level, entry.portal.province == divisions.CENTRAL
    if level is None:
        yield f"'level' is missing; write one of {', '.join(LEVELS)}"
    elif level not in LEVELS:
        yield f"unknown level {level!r}; write one of {', '.join(LEVELS)}"
    elif entry.portal.province is not None and central != (level == "central"):
        yield f"level {level!r} does not go with the folder {entry.portal.province!r}"


def _division(entry: Listed) -> Iterator[str]:
    """A division that is listed, in the folder's province and of the level's rank (field guide, 2.2)."""
    portal, code = entry.portal, entry.portal.division
    if portal.level == "central":
        if code is not None:
            yield "a central body has no division; remove 'division'"
        return
    if code is None:
        yield "'division' is missing; write the six digits of GB/T 2260"
        return
    if not divisions.is_known(code):
        yield f"division {code} is not in spiders/divisions.csv; correct it, or add it there"
        return
    province = divisions.province_of(code)
    if province and portal.province is not None and province.folder != portal.province:
        yield f"division {code} lies in {province.name} ({province.folder}), not in {portal.province}"
    if portal.level in _PROVINCIAL and not code.endswith("0000"):
        yield f"division {code} is no province's, as the level {portal.level!r} needs"
    if portal.level in _CITYWIDE and (code.endswith("0000") or not code.endswith("00")):
        yield f"division {code} is no prefecture's, as the level {portal.level!r} needs"
    if portal.level in {"district", "county"} and code.endswith("0000"):
        yield f"division {code} is a whole province, the level says {portal.level!r}"


def _addresses(entry: Listed) -> Iterator[str]:
    """Addresses on the portal's own site, and host globs that let in no more than they name."""
    portal = entry.portal
    for key, urls in (("start", portal.start), ("entry", (entry.entry,) if entry.entry else ())):
        for url in urls:
            if not belongs(url, portal.home, portal.hosts):
                yield f"{key!r} {url} is not on the portal's host; name its host in 'hosts', or correct it"
    if portal.start and entry.entry:
        yield "'entry' is not asked beside 'start'; remove one of them"
    for glob in portal.hosts:
        if fnmatch("any.gov.cn", glob) or fnmatch("any.example.org", glob):
            yield f"'hosts' {glob!r} lets every site in; name a host, or *. and a host"


def _alias(alias: Alias, home: str) -> Iterator[str]:
    """An alias's host and days."""
    if "/" in alias.host or "." not in alias.host.strip("."):
        yield f"alias {alias.host!r} is no host; write it like www.example.gov.cn"
    elif alias.host.removeprefix("www.") == site_of(home):
        yield f"alias {alias.host!r} is the home page's own host; remove it"
    first, last = (_days(text) if text else None for text in (alias.since, alias.until))
    for key, text, days in (("since", alias.since, first), ("until", alias.until, last)):
        if text and not days:
            yield f"alias {alias.host!r}: {key} {text!r} is no date; write 2019, 2019-05 or 2019-05-31"
    if first and last and first[0] > last[1]:
        yield f"alias {alias.host!r} ends ({alias.until}) before it begins ({alias.since})"


def _days(text: str) -> tuple[date, date] | None:
    """The first and the last day that a year, a month or a day means; None for what is none of them."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        first = date(year, month or 1, day or 1)
        return first, date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError:
        return None


def _twice(entries: Sequence[Listed]) -> Iterator[Fault]:
    """Names given twice, home pages given twice, and aliases that are another portal's host.

    Two portals may share a host when their home pages lie in different folders of it: sections of departments.
    """
    names: dict[str, Listed] = {}
    homes: dict[str, Listed] = {}
    hosts = {site_of(entry.portal.home): entry for entry in reversed(entries)}
    for entry in entries:
        for seen, key, what in (
            (names, entry.portal.name, "the name"),
            (homes, _home(entry.portal.home), "the host and home page"),
        ):
            first = seen.setdefault(key, entry)
            if first is not entry:
                yield Fault(entry.file, f"{what} {key} is that of {first.file} already; remove one of them")
        for alias in entry.portal.aliases:
            other = hosts.get(alias.host.removeprefix("www."))
            if other and other is not entry:
                yield Fault(entry.file, f"alias {alias.host} is the host of {other.portal.name}; remove one of them")


def _home(url: str) -> str:
    """A home page's host and folder: ``www.``, the scheme and ``/index.html`` make no difference."""
    return site_of(url) + _INDEX.sub("", urlsplit(url).path)


def _instead(word: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown word."""
    options = sorted(known)
    near = difflib.get_close_matches(word, options, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; write one of {', '.join(options)}"
