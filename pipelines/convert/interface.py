"""What a converter is, and which one takes which kind of payload.

A converter is one module with three names: ``SOFTWARE`` (its name, version and parameters), ``TAKES``
(the media types it reads, as :mod:`pipelines.convert.sniff` names them) and ``convert(payload, context)``.
The registry names modules, not functions, so that a converter's libraries load only when a payload needs
them.  A converter never raises for what a payload holds: it answers with a state and a sentence.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Protocol, cast

from archive.model import Conversion, ConversionState, Software

CONVERTERS: dict[str, str] = {
    "text/html": "pipelines.convert.web.html",
    "application/pdf": "pipelines.convert.paged.pdf",
    "application/ofd": "pipelines.convert.paged.ofd",
    **dict.fromkeys(
        ("image/png", "image/jpeg", "image/tiff", "image/bmp", "image/gif"), "pipelines.convert.scans.scan"
    ),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "pipelines.convert.office.ooxml",
    "application/msword": "pipelines.convert.office.word",
    "application/rtf": "pipelines.convert.office.rtf",
    "application/vnd.oasis.opendocument.text": "pipelines.convert.office.odt",
    "application/vnd.oasis.opendocument.spreadsheet": "pipelines.convert.office.sheets",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "pipelines.convert.office.sheets",
    "application/vnd.ms-excel": "pipelines.convert.office.sheets",
    "multipart/related": "pipelines.convert.web.mhtml",
}
"""Media type → module.  A new format is one line here and one module."""

NOBODY = Software("nianlun.sniff", "1")
"""Who signs a conversion that no converter was asked for."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a payload besides its bytes; hints, never truths."""

    url: str | None = None
    media_type: str | None = None
    """What the server or the user called it."""
    name: str | None = None
    ocr: bool = False
    """Whether pictures of text are recognised; else they are said to need it."""


class Converter(Protocol):
    """The three names a converter module has."""

    SOFTWARE: Software
    TAKES: tuple[str, ...]

    def convert(self, payload: bytes, context: Context) -> Conversion:
        """Read the bytes; every failure is a state of the conversion, none an exception."""
        ...


def converter_for(media_type: str) -> Converter | None:
    """The converter that reads ``media_type``, its module imported now; None when no one does."""
    module = CONVERTERS.get(media_type)
    return cast("Converter", importlib.import_module(module)) if module else None


def converters() -> tuple[Converter, ...]:
    """Every converter of the registry, each once, in the registry's order."""
    return tuple(cast("Converter", importlib.import_module(name)) for name in dict.fromkeys(CONVERTERS.values()))


def failed(state: ConversionState, media_type: str, error: str, software: Software = NOBODY) -> Conversion:
    """A conversion that yielded nothing, and why; ``error`` is a sentence for people."""
    return Conversion(software, media_type, state, error=error)
