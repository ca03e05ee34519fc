"""The register of portals: one TOML file each, strict, loaded without Scrapy.

The file's stem is the portal's and the spider's name, its folder the province.  A key nobody knows, a wrong
type, an address that is none, a family nobody wrote and a name given twice are errors: a mistyped entry must
not become a portal that is silently never crawled.

An entry says two things more than a portal is: ``entry``, where discovery begins instead of the home page, and
``hint``, what CMS the list it was taken from supposes.  Both are advice to a crawl and no part of what the archive
keeps of a portal, so they stand beside it in :class:`Listed`.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from archive.model import Alias, Kind, Portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FAMILIES = (
    "gkmlpt", "jpaas", "hanweb", "hanweb-xxgk", "truecms", "lonsun", "epoint", "ucap", "vsb", "trs", "was", "nfcms",
    "aspnet", "govcn", "uuid", "generic",
)  # fmt: skip
"""The families an entry may name; :mod:`spiders.families` has the code (a test holds the two together)."""

PORTALS = Path(__file__).parent / "portals"


class RegisterError(ValueError):
    """An entry of the register is wrong; the message names the file and says what to correct."""

    def __init__(self, file: Path, sentence: str) -> None:
        super().__init__(f"{file}: {sentence}")
        self.file = file
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the register: the portal, its file, and the advice a crawl may use."""

    portal: Portal
    file: Path
    entry: str | None = None
    """The address where discovery begins instead of the home page, often the disclosure section's."""
    hint: str | None = None
    """The CMS somebody's list supposes; a family is only what fingerprints confirm."""


def load(extra: Iterable[Path] = ()) -> dict[str, Portal]:
    """Every portal by name: the packaged register, then the directories of ``extra``.

    Raises :class:`RegisterError` at the first entry that is wrong.
    """
    return {name: entry.portal for name, entry in listed(extra).items()}


def listed(extra: Iterable[Path] = ()) -> dict[str, Listed]:
    """Every entry by its portal's name, with its advice; raises as :func:`load` does."""
    found: dict[str, Listed] = {}
    for file, directory in files(extra):
        entry = read_entry(file, directory)
        if entry.portal.name in found:
            raise RegisterError(file, f"the name {entry.portal.name!r} is taken already; rename this file")
        found[entry.portal.name] = entry
    return found


def files(extra: Iterable[Path] = ()) -> Iterator[tuple[Path, Path]]:
    """Every file of the register with the directory it was found below: the packaged ones, then those of ``extra``.

    Raises :class:`RegisterError` for a directory that is not there.
    """
    for directory in (PORTALS, *extra):
        if not directory.is_dir():
            raise RegisterError(directory, "no such directory of portals")
        for file in sorted(directory.rglob("*.toml")):
            yield file, directory


def read(file: Path, directory: Path | None = None) -> Portal:
    """One portal; its province is the name of the folder below ``directory``, unless it says its own."""
    return read_entry(file, directory).portal


def read_entry(file: Path, directory: Path | None = None) -> Listed:
    """One entry, with its advice; raises :class:`RegisterError` that says what to correct."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RegisterError(file, f"cannot be read as TOML: {error}") from error
    inside = file.parent != directory if directory else False
    folder = {"province": file.parent.name} if inside else {}
    values = folder | {key: _value(file, key, value) for key, value in table.items()}
    for key in ("title", "home"):
        if key not in values:
            raise RegisterError(file, f"{key!r} is missing; every portal has a title and a home page")
    advice = {key: values.pop(key) for key in ("entry", "hint") if key in values}
    return Listed(Portal(name=file.stem, **values), file, **advice)


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """At most three names: those a part of a name stands in, else those most like a mistyped one, the likeliest first."""
    known = sorted(names)
    holding = [known_name for known_name in known if name and name in known_name]
    return holding[:3] or difflib.get_close_matches(name, known, n=3, cutoff=0.6)


def _value(file: Path, key: str, value: Any) -> Any:
    if key not in _READERS:
        near = difflib.get_close_matches(key, _READERS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RegisterError(file, f"unknown key {key!r}{hint}")
    try:
        return _READERS[key](value)
    except ValueError as error:
        raise RegisterError(file, f"{key!r} {error}") from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value


def _address(value: Any) -> str:
    parts = urlsplit(_text(value))
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in value:
        raise ValueError(f"must be an address that begins with http:// or https://, not {value!r}")
    return _text(value)


def _several(read_one: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("must be a list")  # noqa: TRY004 - one error for every wrong value
        return tuple(read_one(each) for each in value)

    return read_all


def _family(value: Any) -> str:
    if value not in FAMILIES:
        raise ValueError(f"must be one of {', '.join(FAMILIES)}, not {value!r}")
    return str(value)


def _division(value: Any) -> str:
    text = _text(value)
    if len(text) != 6 or not text.isdigit() or not text.isascii():
        raise ValueError(f"must be six digits of GB/T 2260 in quotes, not {value!r}")
    return text


def _year(value: Any) -> int:
    if type(value) is not int or not 1990 <= value <= 2100:
        raise ValueError(f"must be a year, not {value!r}")
    return value


def _kind(value: Any) -> str:
    if value not in get_args(Kind):
        raise ValueError(f"must hold {', '.join(get_args(Kind))}, not {value!r}")
    return str(value)


def _alias(value: Any) -> Alias:
    if not isinstance(value, dict) or not {"host"} <= set(value) <= {"host", "since", "until"}:
        raise ValueError("must be tables of host, since and until")
    return Alias(**{key: _text(each) for key, each in value.items()})


def _expect(value: Any) -> tuple[int, int]:
    if not isinstance(value, dict) or set(value) != {"min", "max"}:
        raise ValueError("must be a table of min and max")
    low, high = value["min"], value["max"]
    if type(low) is not int or type(high) is not int or not 0 <= low <= high:
        raise ValueError("must have whole numbers with 0 <= min <= max")
    return low, high


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one error for every wrong value
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "title": _text,
    "home": _address,
    "family": _family,
    "start": _several(_address),
    "entry": _address,
    "hint": _text,
    "publisher": _text,
    "division": _division,
    "level": _text,
    "province": _text,
    "hosts": _several(_text),
    "aliases": _several(_alias),
    "since": _year,
    "kinds": _several(_kind),
    "expect": _expect,
    "verified": _flag,
    "note": _text,
}
