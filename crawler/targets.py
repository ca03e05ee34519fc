"""From what a user names to portals: register names, home-page addresses, files of either."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.model import Portal
from archive.urls import host_of, url_key
from crawler.exceptions import UsageError
from spiders.registry import RegisterError, listed, load, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def register(directories: Iterable[Path]) -> dict[str, Portal]:
    """The register with the user's own portal files; raises :class:`UsageError` for a file that cannot be used."""
    try:
        return load(directories)
    except RegisterError as error:
        raise UsageError(str(error)) from error


def entries(directories: Iterable[Path]) -> dict[str, str]:
    """Where discovery begins instead of the home page, by the portal's name."""
    return {name: found.entry for name, found in listed(directories).items() if found.entry}


def read_list(path: Path) -> list[str]:
    """The targets in a file, one a line; blank lines and ``#`` comments are skipped."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}; give a text file with one target a line.") from error
    return [word for line in lines if (word := line.partition("#")[0].strip())]


def resolve(names: Sequence[str], directories: Iterable[Path]) -> list[Portal]:
    """The portals that ``names`` mean, each once; raises :class:`UsageError` with the nearest names for a mistype."""
    known = register(directories)
    found: dict[str, Portal] = {}
    for name in names:
        portal = known.get(name) or _from_address(name, known)
        if portal is None:
            near = nearest(name, known)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(
                f"No portal {name!r} in the register.{hint} `nianlun portals` lists them; an address starts with http://."
            )
        found[portal.name] = portal
    return list(found.values())


def _from_address(text: str, known: dict[str, Portal]) -> Portal | None:
    """A portal for a home-page address: the register's if it has one, else one to be recognised."""
    if "://" not in text:
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?(/\S*)?", text, re.ASCII) or "." not in text:
            return None
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{text} is no address ({error}); write it like https://www.example.gov.cn/.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{text} is no address nianlun can crawl; write it like https://www.example.gov.cn/.")
    home = text if parts.path else f"{text}/"
    for portal in known.values():
        if url_key(portal.home) == url_key(home):
            return portal
    label = parts.hostname + (f":{port}" if port else "")
    path = parts.path.strip("/")
    name = f"{label}/{path}" if path and not re.fullmatch(r"index\.\w+", path) else label
    return Portal(name=name, title=host_of(home), home=home)
