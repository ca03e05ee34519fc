"""Charts as files: SVG, PNG, CSV, Parquet and Vega-Lite, for the command and for the reading room alike."""

from __future__ import annotations

import base64
import importlib.util
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.charts import ink
from archive.charts.drawing import WIDE, svg
from archive.charts.tabling import as_csv, as_parquet
from archive.charts.vega import vega_lite
from archive.connection import ArchiveError
from archive.exporters.interface import MissingLibrary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.charts.model import Chart

_BLANK = "\U0010fffe"
"""A code point that is no character and has no glyph in any font."""


class MissingFont(ArchiveError):
    """Raised when no font here has Chinese characters: a PNG would show boxes."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: how it ends, its media type, whether a browser shows it or keeps it."""

    suffix: str
    media_type: str
    kept: bool


FORMATS: dict[str, Format] = {
    "svg": Format(".svg", "image/svg+xml", kept=False),
    "png": Format(".png", "image/png", kept=False),
    "csv": Format(".csv", "text/csv; charset=utf-8", kept=True),
    "parquet": Format(".parquet", "application/vnd.apache.parquet", kept=True),
    "vl.json": Format(".vl.json", "application/json; charset=utf-8", kept=True),
}
"""Media types as registered with IANA."""


_NEEDED = {"png": "resvg_py", "parquet": "pyarrow"}
"""The libraries of the extras that some formats need."""


def at_hand() -> list[str]:
    """The formats that can be written with what is installed here."""
    return [name for name in FORMATS if name not in _NEEDED or importlib.util.find_spec(_NEEDED[name]) is not None]


def format_of(name: str) -> str | None:
    """Which format a file's name asks for; None for one that is not known."""
    return next((key for key, one in FORMATS.items() if name.lower().endswith(one.suffix)), None)


def written(
    charts: Sequence[Chart], form: str, *, lang: str = "zh", width: int = WIDE, link: Callable[[str], str] | None = None
) -> bytes:
    """The charts as the bytes of a file; ``form`` is a key of :data:`FORMATS`.

    Raises :class:`MissingLibrary` where a library is not installed, :class:`MissingFont` for a PNG nobody could read.
    """
    if form == "csv":
        return as_csv(charts)
    if form == "parquet":
        return as_parquet(charts)
    if form == "vl.json":
        return (json.dumps(vega_lite(charts, lang=lang), ensure_ascii=False, indent=1) + "\n").encode(
            "utf-8", "replace"
        )
    drawing = svg(charts, lang=lang, width=width, link=link)
    return as_png(drawing) if form == "png" else drawing.encode()


def rasteriser() -> Any:
    """The function of resvg that makes PNG of SVG; raises :class:`MissingLibrary`."""
    try:
        from resvg_py import svg_to_bytes  # noqa: PLC0415  # an extra: most uses need none
    except ImportError as error:
        raise MissingLibrary(
            "PNG needs the library resvg_py; install it with `pip install nianlun[charts]`, or ask for svg."
            " · 生成 PNG 需要 resvg_py。"
        ) from error
    return svg_to_bytes


def as_png(drawing: str, zoom: float = 2.0) -> bytes:
    """A drawing as PNG, ``zoom`` pixels for each of its own.

    Raises :class:`MissingLibrary`, and :class:`MissingFont` rather than write boxes for Chinese characters.
    """
    render = rasteriser()
    if not readable(drawing, render):
        raise MissingFont(
            "No font here has Chinese characters, a PNG would show boxes; install one (Debian: apt install"
            " fonts-noto-cjk), or ask for svg. · 本机没有中文字体，请安装后再生成 PNG，或改用 SVG。"
        )
    return _bytes(render(svg_string=drawing, zoom=zoom, languages=["zh-CN"]))


def readable(drawing: str, render: Any) -> bool:
    """Whether the fonts here have glyphs for the Chinese characters of a drawing: 年 looks unlike a missing one."""
    if not any("\u4e00" <= char <= "\u9fff" for char in drawing):
        return True
    return _bytes(render(svg_string=_probe("年"))) != _bytes(render(svg_string=_probe(_BLANK)))


def _probe(char: str) -> str:
    text = ink.tag("text", char, x=2, y=30, font_size=28, font_family=ink.FONT)
    return ink.tag("svg", text, xmlns="http://www.w3.org/2000/svg", width=40, height=40)


def _bytes(png: Any) -> bytes:
    """The library's answer as bytes; its older versions answered with base64 or a list of numbers."""
    return base64.b64decode(png) if isinstance(png, str) else bytes(png)
