"""OLE containers (Word and Excel 97–2003, encrypted packages): whole streams, and the summary without names.

[MS-CFB]; [MS-OLEPS] for the summary.  A stream that is shorter than its entry says is never handed out: what is
missing would be a silent gap.
"""

from __future__ import annotations

import io
import struct
from datetime import datetime
from typing import Any

import olefile

from pipelines.convert.office.story import DocumentError


def open_container(payload: bytes) -> Any:
    """An open container.  Raises DocumentError (``unreadable``)."""
    try:
        return olefile.OleFileIO(io.BytesIO(payload))
    except (OSError, ValueError, IndexError, TypeError, struct.error) as error:
        raise DocumentError("unreadable", f"文件不完整或已损坏 · The file is truncated or damaged: {error}") from error


def read_stream(container: Any, name: str) -> bytes:
    """A stream, whole.  Raises DocumentError when it is missing or cut short."""
    try:
        content: bytes = container.openstream(name).read()
        size: int = container.get_size(name)
    except (OSError, ValueError, IndexError, TypeError, struct.error) as error:
        raise DocumentError(
            "unreadable", f"文件不完整或已损坏（{name}） · The file is truncated or damaged ({name}): {error}"
        ) from error
    if len(content) < size:
        raise DocumentError(
            "unreadable", f"文件不完整：{name} 缺失一部分 · The file is truncated: part of {name} is missing"
        )
    return content


def properties(container: Any) -> tuple[tuple[str, str], ...]:
    """Title and times of the summary; the authors' names stay where they are."""
    try:
        if not container.exists("\x05SummaryInformation"):
            return ()
        found = container.getproperties("\x05SummaryInformation", convert_time=True)
    except (OSError, ValueError, IndexError, TypeError, KeyError, AttributeError, struct.error, OverflowError):
        return ()
    meta = []
    for number, name in ((2, "title"), (12, "created"), (13, "modified")):
        value = found.get(number)
        text = _title(value, found.get(1)) if isinstance(value, bytes) else _time(value)
        if text:
            meta.append((f"core:{name}", text))
    return tuple(meta)


def _time(value: object) -> str:
    """A time as ISO text; one before there were such files is a writer's way of saying nothing."""
    return value.isoformat() if isinstance(value, datetime) and value.year >= 1980 else ""


def _title(raw: bytes, codepage: object) -> str:
    """A property's text by the set's code page (1200: UTF-16; the page may be stored as a negative number)."""
    number = codepage % 65536 if isinstance(codepage, int) else 0
    charset = {65001: "utf-8", 1200: "utf-16-le", 936: "gb18030", 54936: "gb18030"}.get(number, "cp1252")
    return raw.decode(charset, "replace").strip("\0 ")
