"""File names out of data: what a server or a bundle called a file is text, never a path."""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN = re.compile(r'[/\\:*?"<>|%~$`\'&;{}\[\]#!\s]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)")
"""Device names of Windows, with any extension: Naming Files, Paths, and Namespaces (Microsoft)."""
LONGEST = 120
"""Bytes of a name in UTF-8; file systems take 255, and a number before it and the folders above need room."""


def safe_name(name: str | None, otherwise: str = "file") -> str:
    """A file name that lies in its folder on every system, reads the same way in every direction and is no option.

    No separators, no control, format (bidirectional) or unassigned characters, no leading dot or dash, no trailing
    dot, no device name, at most :data:`LONGEST` bytes; NFC.  The extension is kept when it is a plain one.
    """
    text = unicodedata.normalize("NFC", name or "")
    text = "".join("_" if unicodedata.category(char)[0] == "C" else char for char in text)
    text = _FORBIDDEN.sub("_", text).strip("._-")
    stem, dot, extension = text.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,8}", extension):
        stem, extension = text, ""
    ending = f".{extension}" if extension else ""
    stem = _cut(stem, LONGEST - len(ending)).rstrip("._- ")
    found = f"{stem}{ending}" if stem else f"{otherwise}{ending}"
    return f"_{found}" if _RESERVED.match(found) else found


def _cut(text: str, room: int) -> str:
    """As many whole characters as fit in ``room`` bytes."""
    return text.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
