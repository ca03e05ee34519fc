"""The room's own files: its style sheet and its sign."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from archive.web.exchange import Answer, NotHere

if TYPE_CHECKING:
    from archive.web.exchange import Ask, Routes

TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


@cache
def _files() -> dict[str, bytes]:
    folder = files("archive") / "web" / "static"
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.name.partition(".")[2] in TYPES}


def file(ask: Ask) -> Answer:
    """One of the files by its name."""
    name = ask.groups.get("name", "rings.svg")
    if name not in _files():
        raise NotHere(f"There is no file {name!r}. · 无此文件。")
    return Answer(_files()[name], TYPES[name.partition(".")[2]], headers={"Cache-Control": "max-age=3600"})


ROUTES: Routes = ((r"/static/(?P<name>[a-z]+\.[a-z]+)", file), (r"/favicon\.ico", file))
