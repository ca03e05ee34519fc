"""Templates and words: how a page is put together, in Chinese or English, everything escaped."""

from __future__ import annotations

import re
import tomllib
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from archive.times import shown_time
from archive.web.exchange import Answer

if TYPE_CHECKING:
    from jinja2 import Environment

    from archive.web.exchange import Ask

_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udfff]"
)
"""What no page shows as it is: control characters, and those that turn the direction of what follows."""


@cache
def words() -> dict[str, dict[str, str]]:
    """Every phrase of the pages by ``file.key``, each with ``zh`` and ``en``; from ``words/*.toml``."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((files("archive") / "web" / "words").iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml"):
            said = tomllib.loads(file.read_text("utf-8"))
            found |= {f"{file.name.removesuffix('.toml')}.{key}": value for key, value in said.items()}
    return found


def word(language: str, key: str, **values: Any) -> str:
    """A phrase in a language, its ``{places}`` filled; raises KeyError for one that nobody wrote."""
    text = words()[key][language]
    return text.format(**values) if values else text


def shown(value: Any) -> str:
    """A foreign text as a page may show it; None is nothing."""
    return "" if value is None else _CONTROLS.sub("\ufffd", str(value))


def number(value: Any) -> str:
    """A figure as a person reads it: thousands apart, no needless point; None is nothing."""
    if value is None:
        return ""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,}"
    return f"{int(value):,}"


def day(text: str | None) -> str:
    """The day of a time as it is stored, UTC."""
    return (text or "")[:10]


def half(text: str, language: str) -> str:
    """Of a sentence in both languages (``中文 · English``) the one asked for; any other sentence as it is."""
    zh, parted, en = text.rpartition(" · ")
    return (zh if language == "zh" else en) if parted else text


def moment(at: int | str | None) -> str:
    """A time to the minute, UTC, from milliseconds or from ISO 8601."""
    return second(at)[:-3]


def second(at: int | str | None) -> str:
    """A time to the second, UTC, from milliseconds or from ISO 8601."""
    text = shown_time(at) if isinstance(at, int) else at
    return f"{text[:10]} {text[11:19]}" if text else ""


def pair(value: Any) -> tuple[Any, Any]:
    """A choice that is called what it is."""
    return value, value


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # only who serves pages pays

    found = Environment(
        loader=PackageLoader("archive.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shown(value) if isinstance(value, str) and not hasattr(value, "__html__") else value,
    )
    found.filters |= {
        "number": number,
        "day": day,
        "moment": moment,
        "pair": pair,
        "half": half,
        "second": second,
    }
    return found


def page(ask: Ask, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Answer:
    """A page of ours: the template with the values, ``t`` for phrases, ``link`` for addresses of the room."""
    language = ask.language
    text = (
        _environment()
        .get_template(template)
        .render(
            ask=ask,
            lang=language,
            t=partial(word, language),
            link=ask.link,
            here=lambda **changed: turned(ask, **changed),
            before=_began(ask) if ask.get("at") and status == 200 else None,
            **values,
        )
    )
    return Answer(text, status=status, headers={"Vary": "Accept-Language", **(headers or {})})


def _began(ask: Ask) -> str | None:
    """When the archive began, if it is asked as of a time before that."""
    began = ask.sql.execute("SELECT min(started) FROM crawl").fetchone()[0]
    return shown_time(began) if began is not None and ask.at is not None and ask.at < began else None


def turned(ask: Ask, **changed: Any) -> str:
    """This page's own address with some parameters otherwise; None takes one out."""
    from urllib.parse import urlencode  # noqa: PLC0415

    kept = [(name, value) for name, values in ask.query.items() if name not in changed for value in values if value]
    kept += [(name, str(value)) for name, value in changed.items() if value not in (None, "")]
    return f"{ask.path}?{urlencode(kept)}" if kept else ask.path
