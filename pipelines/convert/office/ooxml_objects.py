"""What a DOCX holds besides its text: workbooks and documents embedded in it, and how much of that is not read.

ECMA-376 part 1, 17.17.2.1 (altChunk), 17.3.3.19 (objects); part 2 for relationships.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from pipelines.convert.interface import Context, converter_for
from pipelines.convert.package import Package, PackageError
from pipelines.convert.sniff import sniff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.model import Conversion, Grid

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
V = "{urn:schemas-microsoft-com:vml}"
OLE = "{urn:schemas-microsoft-com:office:office}OLEObject"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
RELATIONSHIPS = "word/_rels/document.xml.rels"
OBJECTS_CAP = 40
LEVELS_CAP = 2
"""Documents in documents beyond this are not read."""
WIDE = 2_880_000
"""Eight centimetres in English metric units: a picture as wide can be one of a table."""
WIDE_POINTS = 226
TABLES, CELLS = 3, 150
"""A document with as many tables or cells has its tables as such: its pictures are no tables."""
WIDTH = re.compile(r"(?:^|;)\s{0,9}width:\s{0,9}(\d{1,5})(?:\.\d{1,9})?pt")


class Objects:
    """The embedded parts of one document, read where they stand, and the number of those that were not."""

    def __init__(self, package: Package, level: int) -> None:
        self._package = package
        self._level = level
        self._seen = 0
        self.unread = 0
        self._targets = _targets(package)

    def chunk(self, element: Any) -> Conversion | None:
        """The document an ``altChunk`` stands for."""
        return self._read(element.get(R + "id") or "")

    def embedded(self, element: Any) -> Iterable[Conversion]:
        """The workbooks and documents that stand in a paragraph as objects; equations are none."""
        for node in element.iter(OLE):
            if (node.get("ProgID") or "").startswith(("Equation", "Forms.", "PBrush")):
                continue
            found = self._read(node.get(R + "id") or "")
            if found is not None:
                yield found

    def _read(self, reference: str) -> Conversion | None:
        from pipelines.convert.office import ooxml  # noqa: PLC0415 - each reads the other's documents

        self._seen += 1
        name = self._targets.get(reference, "")
        try:
            if self._seen <= OBJECTS_CAP and self._level < LEVELS_CAP and name in self._package.names:
                payload = self._package.read(name)
                kind = sniff(payload, None, name)
                converter = None if kind in NOT_INSIDE else converter_for(kind)
                found = (
                    converter.convert(payload, Context(name=name)) if converter and kind not in ooxml.TAKES else None
                )
                found = ooxml.converted(payload, self._level + 1) if kind in ooxml.TAKES else found
                if found is not None and found.state in {"ok", "empty"}:
                    self.unread += sum(int(value) for key, value in found.meta if key == "unread:objects")
                    return found
        except PackageError:
            pass
        self.unread += 1
        return None


NOT_INSIDE = frozenset({"application/pdf", "application/ofd", "image/png", "image/jpeg", "image/tiff", "image/bmp"})
"""What is not read within a document: text recognition and page layout are for whole files."""


def _targets(package: Package) -> dict[str, str]:
    """Relationship → the part's name."""
    if RELATIONSHIPS not in package.names:
        return {}
    return {
        relation.get("Id") or "": posixpath.normpath(posixpath.join("/word", relation.get("Target") or "")).lstrip("/")
        for relation in package.xml(RELATIONSHIPS)
        if isinstance(relation.tag, str) and relation.get("TargetMode") != "External"
    }


def pictures(body: Any, grids: list[Grid]) -> int:
    """How many pictures may be tables: wide ones, in a document with fewer tables than a report has."""
    if len(grids) >= TABLES or sum(len(grid.cells) for grid in grids) >= CELLS:
        return 0
    count = 0
    for blip in body.iter(A + "blip"):
        frame = next(blip.iterancestors(WP + "inline", WP + "anchor"), None)
        extent = frame.find(WP + "extent") if frame is not None else None
        wide = (extent.get("cx") or "") if extent is not None else ""
        count += not wide.isdecimal() or int(wide) >= WIDE
    for image in body.iter(V + "imagedata"):
        shape = image.getparent()
        width = WIDTH.search((shape.get("style") or "") if shape is not None else "")
        inside = any(True for _ in image.iterancestors(MC + "Fallback")) or _is_object(image)
        count += not inside and (width is None or int(width[1]) >= WIDE_POINTS)
    return count


def _is_object(image: Any) -> bool:
    """Whether a picture is only the look of an object, which is read or counted itself."""
    parent = next((e for e in image.iterancestors() if str(e.tag).endswith("}object")), None)
    return parent is not None and next(parent.iter(OLE), None) is not None
