"""A reading or conversion as compact JSON and back, as the archive stores it.

Fields at their default are left out; tuples are lists; the round trip gives an equal object.
"""

from __future__ import annotations

import json
import types
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from archive.model import Conversion, Portal, Reading

_ATOMS = frozenset({str, int, float, bool, type(None)})


def to_json(reading: Reading | Conversion) -> str:
    """The object as one line of JSON, Chinese as itself."""
    return json.dumps(_plain(reading), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Reading:
    """The reading :func:`to_json` wrote.  Raises ValueError for text that is none."""
    return _made(Reading, _object(text))  # type: ignore[no-any-return]


def conversion_from_json(text: str) -> Conversion:
    """The conversion :func:`to_json` wrote.  Raises ValueError for text that is none."""
    return _made(Conversion, _object(text))  # type: ignore[no-any-return]


def portal_from_json(text: str) -> Portal:
    """A register entry as the archive keeps it.  Raises ValueError for text that is none."""
    return _made(Portal, _object(text))  # type: ignore[no-any-return]


def _object(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("a reading is a JSON object")  # noqa: TRY004  to the caller it is bad text, not a bad type
    return data


def _plain(value: Any) -> Any:
    # Half of a crawl's own CPU went through here (a reading has some ten thousand values), hence no is_dataclass,
    # no generator and no call for what is plain already.
    kind = value.__class__
    if kind in _ATOMS:
        return value
    if kind is tuple or kind is list:
        return [item if item.__class__ in _ATOMS else _plain(item) for item in value]
    found = {}
    for name, default in _defaults(kind).items():
        item = getattr(value, name)
        if item is default or (item.__class__ is default.__class__ and item == default):
            continue
        found[name] = item if item.__class__ in _ATOMS else _plain(item)
    return found


@cache
def _defaults(kind: type) -> dict[str, Any]:
    return {
        f.name: f.default
        if f.default is not MISSING
        else f.default_factory()
        if f.default_factory is not MISSING
        else MISSING
        for f in fields(kind)
    }


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _made(kind: Any, data: Any) -> Any:
    """The value of a declared type: dataclasses from objects, tuples from lists, the rest as it is."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        unknown = data.keys() - hints.keys()
        if unknown:
            raise ValueError(f"unknown field {min(unknown)!r} for {kind.__name__}: written by a newer version?")
        return kind(**{name: _made(hints[name], item) for name, item in data.items()})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return (
            None
            if data is None
            else _made(next(a for a in arguments if a is not type(None)), data)
            if _nests(arguments)
            else data
        )
    if origin is tuple and data is not None:
        inner = arguments[:1] * len(data) if len(arguments) == 2 and arguments[1] is Ellipsis else arguments
        return tuple(_made(one, item) for one, item in zip(inner, data, strict=True))
    return data


def _nests(arguments: tuple[Any, ...]) -> bool:
    return any(is_dataclass(a) or get_origin(a) is tuple for a in arguments)
