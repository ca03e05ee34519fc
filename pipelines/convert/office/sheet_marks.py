"""What python-calamine does not say of a workbook: hidden rows and columns, struck-out and raised text, lost results.

ECMA-376 part 1, 18.3.1.73 (row), 18.3.1.13 (col), 18.3.1.4 (c), 18.4 (rich text), 18.8.22 (font); [MS-XLS] 2.4.221
(Row), 2.4.53 (ColInfo), 2.4.24 (BoolErr), 2.5.133 (a formula's value).  Rich text of XLS is not looked at.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipelines.convert.cells import COLUMN_CAP, LEVEL, LOWERED, RAISED, UNREAD, in_cell

if TYPE_CHECKING:
    from pipelines.convert.package import Package

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = re.compile(r"\{[^{}]{1,200}/relationships\}id$")
OFF = frozenset({"0", "false", "off"})
SHIFTS = {"superscript": RAISED, "subscript": LOWERED}
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})$")
ROW, COLUMNS, FORMULA, BOOL_ERROR, BOUND_SHEET = 0x208, 0x7D, 0x06, 0x205, 0x85
MARKED = re.compile(rb'hidden=|<(?:\w{1,20}:)?f\b|\bt=["\'](?:e|s|inlineStr)["\']|\bs=')
"""Without any of this a sheet says nothing that is looked for."""


@dataclass
class Marks:
    """What a sheet says beside its values: rows and columns (from 0) that are hidden, texts that are other than said."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)


# ---------------------------------------------------------------- OOXML


def marks_of(package: Package) -> dict[str, Marks]:
    """Sheet name → its marks.  Raises PackageError."""
    shared = _shared(package)
    struck = _struck_formats(package)
    targets = {
        relation.get("Id") or "": posixpath.normpath(posixpath.join("/xl", relation.get("Target") or "")).lstrip("/")
        for relation in _elements(package, "xl/_rels/workbook.xml.rels")
    }
    found = {}
    for sheet in _elements(package, "xl/workbook.xml"):
        reference = next((value for name, value in sheet.attrib.items() if RELATION.search(name)), None)
        name = targets.get(reference or "", "")
        if _name(sheet) == "sheet" and name in package.names:
            found[sheet.get("name") or ""] = _read(package.read(name), shared, struck)
    return found


def _elements(package: Package, name: str) -> Any:
    return package.xml(name).iter(etree.Element) if name in package.names else ()


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Any, name: str) -> Any | None:
    return next((child for child in element if _name(child) == name), None)


def _shared(package: Package) -> dict[str, str]:
    """The shared texts (by their number) of which a part is struck out, raised or lowered."""
    name = "xl/sharedStrings.xml"
    if name not in package.names or not re.search(rb"strike|vertAlign", package.read(name)):
        return {}
    items = (element for element in package.xml(name) if _name(element) == "si")
    return {str(number): text for number, item in enumerate(items) if (text := _rich(item)) is not None}


def _rich(item: Any) -> str | None:
    """A text as printed when its runs are struck out, raised or lowered; None when they are not."""
    parts, marked = [], False
    for run in item:
        if _name(run) == "t":
            parts.append(run.text or "")
        elif _name(run) == "r":
            properties, text = _child(run, "rPr"), _child(run, "t")
            strike = _child(properties, "strike") if properties is not None else None
            align = _child(properties, "vertAlign") if properties is not None else None
            shift = SHIFTS.get(align.get("val") or "", "") if align is not None else ""
            gone = strike is not None and strike.get("val", "1") not in OFF
            marked = marked or gone or bool(shift)
            said = (text.text or "") if text is not None and not gone else ""
            parts.append(f"{shift}{said}{LEVEL}" if shift else said)
    return in_cell("".join(parts)) if marked else None


def _struck_formats(package: Package) -> frozenset[str]:
    """The numbers of the cell formats whose font is struck out."""
    name = "xl/styles.xml"
    if name not in package.names or b"strike" not in package.read(name):
        return frozenset()
    root = package.xml(name)
    fonts, formats = _child(root, "fonts"), _child(root, "cellXfs")
    marks = [_child(font, "strike") for font in fonts if _name(font) == "font"] if fonts is not None else []
    struck = {str(i) for i, mark in enumerate(marks) if mark is not None and mark.get("val", "1") not in OFF}
    cells = [xf for xf in formats if _name(xf) == "xf"] if formats is not None else []
    return frozenset(str(number) for number, xf in enumerate(cells) if xf.get("fontId") in struck)


def _read(source: bytes, shared: dict[str, str], struck: frozenset[str]) -> Marks:
    marks = Marks()
    if not MARKED.search(source):
        return marks
    with suppress(etree.XMLSyntaxError):  # what python-calamine makes of the sheet decides
        _gather(source, marks, shared, struck)
    return marks


def _gather(source: bytes, marks: Marks, shared: dict[str, str], struck: frozenset[str]) -> None:
    row = -1
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "recover": True}
    for _, element in etree.iterparse(io.BytesIO(source), events=("end",), tag=("{*}row", "{*}cols"), **options):
        if _name(element) == "cols":
            for column in element:
                if column.get("hidden", "0") not in OFF:
                    first, last = _number(column.get("min")), _number(column.get("max"))
                    marks.columns.update(range(first - 1, min(last, COLUMN_CAP * 10)))
            continue
        row = (_number(element.get("r")) or row + 2) - 1
        if element.get("hidden", "0") not in OFF:
            marks.rows.add(row)
        column = -1
        for cell in element:
            place = REFERENCE.match(cell.get("r") or "")
            column = _column(place[1]) if place else column + 1
            text = _said(cell, shared, struck)
            if text is not None:
                marks.texts[row, column] = text
        element.clear()


def _said(cell: Any, shared: dict[str, str], struck: frozenset[str]) -> str | None:
    """What a cell prints when calamine would say something else."""
    kind = cell.get("t")
    value, formula = _child(cell, "v"), _child(cell, "f")
    raw = (value.text or "") if value is not None else ""
    if cell.get("s") in struck:
        return ""
    if kind == "e":
        return UNREAD
    if formula is not None and not raw and (kind != "str" or value is None):
        return UNREAD
    if kind == "s":
        return shared.get(raw)
    inline = _child(cell, "is") if kind == "inlineStr" else None
    return _rich(inline) if inline is not None else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# ---------------------------------------------------------------- BIFF


class BinaryMarks:
    """Gathers the marks of an XLS while its records are walked: by the offset at which each sheet begins."""

    def __init__(self) -> None:
        self._sheets: dict[int, Marks] = defaultdict(Marks)
        self._offsets: list[int] = []
        self._at = 0

    def begin(self, offset: int) -> None:
        """A sheet (or the workbook itself) begins."""
        self._at = offset

    def record(self, kind: int, body: bytes) -> None:
        """One record of it."""
        if kind == BOUND_SHEET and len(body) >= 4:
            self._offsets.append(struct.unpack_from("<I", body, 0)[0])
        elif kind == ROW and len(body) >= 14 and body[12] & 0x20:
            self._sheets[self._at].rows.add(struct.unpack_from("<H", body, 0)[0])
        elif kind == COLUMNS and len(body) >= 10 and body[8] & 1:
            first, last = struct.unpack_from("<HH", body, 0)
            self._sheets[self._at].columns.update(range(first, min(last, 255) + 1))
        elif (kind == BOOL_ERROR and len(body) >= 8 and body[7]) or (
            kind == FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2
        ):
            self._sheets[self._at].texts[struct.unpack_from("<HH", body, 0)] = UNREAD

    def by_name(self, names: list[str]) -> dict[str, Marks]:
        """The marks by the sheets' names, which stand in the workbook's order."""
        return {name: self._sheets[at] for name, at in zip(names, self._offsets, strict=False) if at in self._sheets}
