"""XML as machines read it: built as a tree, and without the characters that XML has no way to write."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no way to write."""


def legal(text: Any) -> str:
    """Text with a space for each character that no XML document may hold."""
    return _ILLEGAL.sub(" ", str(text))


def add(parent: ET.Element, name: str, text: Any = None, attributes: dict[str, str] | None = None) -> ET.Element:
    """Append an element with text, and return it; None is no text."""
    child = ET.SubElement(parent, name, {key: legal(value) for key, value in (attributes or {}).items()})
    child.text = None if text is None else legal(text)
    return child


def document(root: ET.Element) -> bytes:
    """The tree as a document in UTF-8 with its declaration."""
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
