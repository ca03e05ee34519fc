"""Parameters a page's script names: ``channelId='12'``, ``{perPage: 15}``, ``<input name="area" value="…">``, ``&unitid=8``.

List interfaces take what stands in the page; where it stands differs by template, so every usual spelling is read.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

_LONGEST = 4000
"""Characters of one value: encrypted unit ids of the third generation of jpage are some hundreds long."""


@lru_cache(maxsize=256)
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    word = re.escape(name)  # a script's own value goes before one in a link, which may be another list's
    return (
        re.compile(
            rf"""(?<![\w?&-])(?<!&amp;)['"]?{word}['"]?\s{{0,4}}[:=]\s{{0,4}}"""
            r"""(?:'([^'<>\r\n]*)'|"([^"<>\r\n]*)"|(\d+|true|false)\b)"""
        ),
        re.compile(rf"""<input[^<>]*?\bname=['"]{word}['"][^<>]*?\bvalue=['"]([^'"<>]*)['"]()()""", re.IGNORECASE),
        re.compile(
            rf"""<input[^<>]*?\bvalue=['"]([^'"<>]*)['"][^<>]*?\b(?:name|id)=['"]{word}['"]()()""", re.IGNORECASE
        ),
        re.compile(rf"""[?&;]{word}=([^&'"<>\s#]*)()()"""),
    )


def value(text: str, name: str) -> str | None:
    """The first value a page gives a parameter; None where it gives none, ``""`` where it gives an empty one."""
    for pattern in _patterns(name):
        if found := pattern.search(text):
            return next((group for group in found.groups() if group), "")[:_LONGEST]
    return None


def values(text: str, names: tuple[str, ...]) -> dict[str, str]:
    """The parameters of a list of names that a page gives a value, empty ones included."""
    found = {name: value(text, name) for name in names}
    return {name: given for name, given in found.items() if given is not None}


def number(text: str, name: str) -> int | None:
    """A parameter that is a whole number, with or without quotes."""
    given = value(text, name)
    return int(given) if given is not None and given.isascii() and given.isdigit() and len(given) < 10 else None


def balanced(text: str, start: int) -> str:
    """The bracketed part of a script that begins at ``start``, to its matching end; quoted brackets do not count.

    ``""`` where it is never closed.
    """
    depth, quote, at = 0, "", start
    while at < len(text):
        sign = text[at]
        if quote:
            at += sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "[{(":
            depth += 1
        elif sign in "]})":
            depth -= 1
            if depth == 0:
                return text[start : at + 1]
        at += 1
    return ""


def loaded(text: str) -> Any | None:
    """A JSON answer: with a byte order mark, wrapped in a callback (JSONP), or none at all."""
    plain = text.lstrip("\ufeff \t\r\n").rstrip(" \t\r\n;")
    wrapped = re.match(r"[\w$.]{1,80}\s{0,4}\(", plain)
    if wrapped and plain.endswith(")"):
        plain = plain[wrapped.end() : -1]
    try:
        return json.loads(plain, strict=False)
    except (ValueError, RecursionError):  # the second for thousands of brackets
        return None


_BARE = re.compile(r"""([{,]\s{0,99})([A-Za-z_$][\w$]{0,60})\s{0,9}:""")
_SINGLE = re.compile(r"'((?:[^'\\]|\\.){0,4000})'")


def scripted(text: str) -> Any | None:
    """A literal of a script as data: JSON, or with bare keys, single quotes and a comma too many."""
    found = loaded(text)
    if found is not None or not text:
        return found
    quoted = _SINGLE.sub(lambda held: json.dumps(held[1].replace("\\'", "'"), ensure_ascii=False), text)
    return loaded(re.sub(r",(\s{0,99}[}\]])", r"\1", _BARE.sub(r'\1"\2":', quoted)))
