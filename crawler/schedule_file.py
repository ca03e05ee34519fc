"""The schedule file, ``nianlun.toml``: what is crawled by itself, when, how, and who is told; strict, like the register.

::

    [schedule]
    targets = ["nx-dofcom", "https://www.example.gov.cn/"]   # portals of the register or home pages
    from = "portals.txt"           # more of them, one a line
    window = "00:00-06:30"         # Beijing; only then anything is asked
    rotate = 8                     # of older reports an eighth a crawl (the default)
    delay = 3.0                    # seconds between two requests to a host
    max_requests = 2000            # a portal and a crawl
    max_total = 20000              # a crawl of all portals that are due
    per_day = 2000                 # a host and day
    bytes_per_day = 1000000000
    cooling = 24                   # hours a host that blocked us is left alone

    [report]
    file = "reports/"              # a text and a JSON file for each report
    atom = "feed.xml"
    webhook = "http://127.0.0.1:9000/nianlun"

    [report.mail]
    to = ["archive@example.org"]
    from = "nianlun@example.org"
    smtp = "mail.example.org"
    port = 587
    starttls = true
    user = "nianlun"
    password_env = "NIANLUN_SMTP_PASSWORD"   # the variable that holds the password

Paths are relative to the file.  Without targets every portal that the archive has crawled is meant.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.exceptions import UsageError
from crawler.manners import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NAME = "nianlun.toml"
ROTATE = 8
PASSWORD = "NIANLUN_SMTP_PASSWORD"  # noqa: S105  # the name of a variable


@dataclass(frozen=True, slots=True)
class Mail:
    """Who gets reports by mail, and from whom."""

    to: tuple[str, ...]
    sender: str
    smtp: str
    port: int = 25
    starttls: bool = False
    user: str | None = None
    password_env: str = PASSWORD


@dataclass(frozen=True, slots=True)
class Reporting:
    """Where reports go beside the terminal."""

    file: Path | None = None
    atom: Path | None = None
    webhook: str | None = None
    mail: Mail | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the file says; without a file, the defaults."""

    targets: tuple[str, ...] = ()
    source: Path | None = None
    rotate: int = ROTATE
    window: Window | None = None
    cooling: float | None = None
    """Hours."""
    options: tuple[str, ...] = ()
    """Words for ``nianlun crawl``."""
    reporting: Reporting = field(default_factory=Reporting)
    file: Path | None = None
    """Where it was read."""


def find(given: Path | None, archive: Path) -> Path | None:
    """The file that is meant: the one given, else ``nianlun.toml`` beside the archive if there is one."""
    beside = archive.absolute().parent / NAME
    return given or (beside if beside.is_file() else None)


def read(path: Path) -> Schedule:
    """Read the file; raises :class:`UsageError` with one sentence that says what to correct."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    top = _table(path, "", table, {"schedule": _anything, "report": _anything})
    said = _table(path, "schedule", top.get("schedule", {}), _SCHEDULE)
    told = _table(path, "report", top.get("report", {}), _REPORT)
    if "mail" in told:
        told["mail"] = _mail(path, told["mail"])
    here = path.absolute().parent
    source = said.pop("from", None)
    known = {key: said.pop(key) for key in ("targets", "rotate", "window", "cooling") if key in said}
    # a word of every key that is left is an option of `nianlun crawl`
    words = tuple(word for key, value in said.items() for word in (f"--{key.replace('_', '-')}", str(value)))
    places = {key: here / told.pop(key) for key in ("file", "atom") if key in told}
    return Schedule(
        **known,
        source=here / source if source else None,
        options=words,
        reporting=Reporting(**places, **told),
        file=path,
    )


def _mail(path: Path, table: Any) -> Mail:
    said = _table(path, "report.mail", table, _MAIL)
    for key in ("to", "from", "smtp"):
        if key not in said:
            raise UsageError(f"{path}: [report.mail] lacks {key!r}; mail needs to, from and smtp.")
    return Mail(sender=said.pop("from"), **said)


def _table(path: Path, name: str, table: Any, readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    where = f"[{name}]" if name else "the file"
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {where} must be a table.")
    found = {}
    for key, value in table.items():
        if key not in readers:
            near = difflib.get_close_matches(key, readers, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it may hold {', '.join(readers)}."
            raise UsageError(f"{path}: {where} has an unknown key {key!r}{hint}")
        try:
            found[key] = readers[key](value)
        except ValueError as error:
            raise UsageError(f"{path}: {key!r} of {where} {error}.") from error
    return found


def _anything(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of texts")  # noqa: TRY004 - one error for every wrong value
    return tuple(_text(each) for each in value)


def _number(low: float, high: float, *, whole: bool) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        allowed = int if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed) or not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            raise ValueError(f"must be {kind} from {low:g} to {high:g}, not {value!r}")
        return value

    return check


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one error for every wrong value
    return value


def _hours(value: Any) -> Window:
    try:
        return Window.read(_text(value))
    except ValueError as error:
        raise ValueError(f"must be hours in Beijing like 00:00-06:30, not {value!r}") from error


def _address(value: Any) -> str:
    parts = urlsplit(_text(value))
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", value):
        raise ValueError(f"must be an address that begins with http:// or https://, not {value!r}")
    return _text(value)


def _mailbox(value: Any) -> str:
    if not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+", _text(value)):
        raise ValueError(f"must be a mail address, not {value!r}")
    return _text(value)


def _mailboxes(value: Any) -> tuple[str, ...]:
    found = tuple(_mailbox(each) for each in _texts([value] if isinstance(value, str) else value))
    if not found:
        raise ValueError("must hold a mail address")
    return found


_SCHEDULE: dict[str, Callable[[Any], Any]] = {
    "targets": _texts,
    "from": _text,
    "rotate": _number(1, 1000, whole=True),
    "window": _hours,
    "cooling": _number(0, 10_000, whole=False),
    "delay": _number(0, 86_399, whole=False),
    "concurrent": _number(1, 10_000, whole=True),
    "max_requests": _number(1, 10**9, whole=True),
    "max_total": _number(1, 10**9, whole=True),
    "per_day": _number(1, 10**9, whole=True),
    "bytes_per_day": _number(1, 10**15, whole=True),
}
"""What [schedule] may hold; every key that :func:`read` does not take itself is an option of ``nianlun crawl``."""
_REPORT: dict[str, Callable[[Any], Any]] = {"file": _text, "atom": _text, "webhook": _address, "mail": _anything}
_MAIL: dict[str, Callable[[Any], Any]] = {
    "to": _mailboxes,
    "from": _mailbox,
    "smtp": _text,
    "port": _number(1, 65535, whole=True),
    "starttls": _flag,
    "user": _text,
    "password_env": _text,
}
