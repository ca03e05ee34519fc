"""XLS, XLSX and ODS → conversion: every visible sheet's tables as grids, the text above and below them as blocks.

python-calamine reads Excel's files, after the cells' real extent is known: it lays a sheet out as one rectangle,
and one cell at the end of an empty sheet would end the process.  Numbers are printed with 15 significant digits
and without ``.0``, dates as ISO dates; a number format (%, thousands) is not applied.  ODS holds what is printed
itself.  Hidden sheets are read only when no other is there, hidden rows and columns not at all; a formula without its
result leaves a sign.  XLSB is refused.
"""

from __future__ import annotations

import io
import re
import struct
from datetime import date, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import python_calamine

from archive.model import Conversion, ConversionState, Software
from pipelines.convert.cells import CELL_CAP, UNREAD, moved
from pipelines.convert.interface import Context, failed
from pipelines.convert.office.odt import DRAW, OFFICE, SPACES_CAP, STYLE, integer, open_package, properties
from pipelines.convert.office.odt_tables import TABLE, TEXT, Spot, hidden_of, spots
from pipelines.convert.office.ole import open_container, read_stream
from pipelines.convert.office.ole import properties as summary
from pipelines.convert.office.sheet_layout import Sheet, SheetCell, arranged
from pipelines.convert.office.sheet_marks import BinaryMarks, Marks, marks_of
from pipelines.convert.office.story import DAMAGE, TOO_LARGE, DocumentError
from pipelines.convert.package import Package, PackageError
from pipelines.convert.sniff import XLSX

if TYPE_CHECKING:
    from collections.abc import Callable, Container

XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
SOFTWARE = Software("nianlun.sheets", "1", (("cells", str(CELL_CAP)), ("python-calamine", version("python-calamine"))))
TAKES = (XLSX, XLS, ODS)
AREA_CAP = 1_000_000
"""Cells of the rectangle around a sheet's printed cells; a report's has about 1000."""
SHEETS_CAP = 200
VALUE = re.compile(
    rb"<(?:\w{1,20}:)?c\b(?=[^<>]{0,300}?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'])[^<>]{0,300}(?<!/)>\s{0,20}<(?:\w{1,20}:)?(?:v|is|f)\b"
)
CELLS = frozenset({0x06, 0x203, 0x204, 0x205, 0x27E, 0xBD, 0xFD, 0xD6, 0x206, 0x03, 0x04, 0x05})
"""BIFF records that print something in a cell: formulas, numbers, texts, errors."""
MULTIPLE = 0xBD
BOF, FILE_PASS = 0x809, 0x2F
Cells = list[SheetCell]
Sheets = list[tuple[Sheet, Cells]]


def convert(payload: bytes, _: Context) -> Conversion:
    """Read a workbook; ``encrypted``, ``refused`` (too large, XLSB) and ``unreadable`` say why."""
    kind = XLS if payload.startswith(b"\xd0\xcf\x11\xe0") else XLSX
    try:
        if payload.startswith(b"PK") and b"opendocument.spreadsheet" in payload[:200]:
            kind = ODS
            sheets, meta = _opendocument(payload)
        elif kind == XLS:
            binary = BinaryMarks()
            meta = _check_binary(payload, binary)
            sheets = _calamine(payload, binary.by_name)
        else:
            package = Package(payload)
            meta = _check_package(package)
            marks = marks_of(package)
            sheets = _calamine(payload, lambda _: marks)
        return arranged(sheets, SOFTWARE, kind, meta)
    except PackageError as error:
        return failed(cast("ConversionState", error.state), kind, str(error), SOFTWARE)
    except DocumentError as error:
        return failed(error.state, kind, str(error), SOFTWARE)
    except DAMAGE as error:
        name = type(error).__name__
        return failed(
            "unreadable", kind, f"文件已损坏（{name}） · The file is damaged ({name}: {error})"[:300], SOFTWARE
        )


# ---------------------------------------------------------------- what may be opened


def _check_package(package: Package) -> tuple[tuple[str, str], ...]:
    """Every part within the caps, every sheet's printed cells within :data:`AREA_CAP`."""
    if "xl/workbook.bin" in package.names:
        raise DocumentError("refused", "XLSB 不读取，请另存为 XLSX · XLSB is not read; save the file as XLSX")
    if "xl/workbook.xml" not in package.names:
        raise DocumentError("unreadable", "文件不完整：没有工作簿 · The file is truncated: it holds no workbook")
    for name in sorted(package.names):
        if not name.startswith(("xl/media/", "docProps/thumbnail")):  # a sheet may lie under any other name
            _check_area((int(match[2]), _column(match[1])) for match in VALUE.finditer(package.read(name)))
    return _core(package)


def _core(package: Package) -> tuple[tuple[str, str], ...]:
    if "docProps/core.xml" not in package.names:
        return ()
    wanted = ("title", "created", "modified")
    found = (
        (str(element.tag).rpartition("}")[2], (element.text or "").strip())
        for element in package.xml("docProps/core.xml")
    )
    return tuple((f"core:{name}", text) for name, text in found if name in wanted and text)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_area(places: Any) -> None:
    top = left = 1 << 30
    bottom = right = 0
    for row, column in places:
        top, bottom = min(top, row), max(bottom, row)
        left, right = min(left, column), max(right, column)
    if bottom and (bottom - top + 1) * (right - left + 1) > AREA_CAP:
        raise DocumentError("refused", TOO_LARGE)


def _check_binary(payload: bytes, marks: BinaryMarks) -> tuple[tuple[str, str], ...]:
    """The BIFF records walked once: encryption, and the extent of each sheet ([MS-XLS] 2.1.4)."""
    container = open_container(payload)
    name = next((name for name in ("Workbook", "Book") if container.exists(name)), None)
    if name is None:
        raise DocumentError("unreadable", "文件不完整：没有工作簿 · The file is truncated: it holds no workbook")
    stream = read_stream(container, name)
    places: list[tuple[int, int]] = []
    at = 0
    while at + 4 <= len(stream):
        record, size = struct.unpack_from("<HH", stream, at)
        if at + 4 + size > len(stream):
            break
        if record == FILE_PASS:
            raise DocumentError("encrypted", "工作簿已加密，需要密码 · The workbook is encrypted and needs a password")
        if record == BOF:
            _check_area(places)
            places = []
            marks.begin(at)
        elif record in CELLS and size >= 6:
            row, column = struct.unpack_from("<HH", stream, at + 4)
            places.append((row + 1, column + 1))
            if record == MULTIPLE:
                places.append((row + 1, struct.unpack_from("<H", stream, at + 2 + size)[0] + 1))
        marks.record(record, stream[at + 4 : at + 4 + min(size, 16)])
        at += 4 + size
    _check_area(places)
    return summary(container)


# ---------------------------------------------------------------- Excel


def _calamine(payload: bytes, marks_by: Callable[[list[str]], dict[str, Marks]]) -> Sheets:
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(payload))
        listed = workbook.sheets_metadata[:SHEETS_CAP]
        sheets = [sheet for sheet in listed if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
        shown = [sheet for sheet in sheets if sheet.visible == python_calamine.SheetVisibleEnum.Visible] or sheets
        marks = marks_by([sheet.name for sheet in workbook.sheets_metadata])
        return [_sheet(sheet.name, workbook.get_sheet_by_name(sheet.name), marks.get(sheet.name)) for sheet in shown]
    except python_calamine.PasswordError as error:
        raise DocumentError(
            "encrypted", "工作簿已加密，需要密码 · The workbook is encrypted and needs a password"
        ) from error
    except python_calamine.CalamineError as error:
        raise DocumentError("unreadable", f"工作簿已损坏 · The workbook is damaged: {error}"[:300]) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # calamine's own crash derives from BaseException
            raise
        raise DocumentError("unreadable", "工作簿已损坏 · The workbook is damaged") from error


def _sheet(name: str, sheet: Any, marks: Marks | None) -> tuple[Sheet, Cells]:
    """A sheet without its hidden rows and columns."""
    marks = marks or Marks()
    return without_hidden(name, _cells(sheet, marks), marks.rows, marks.columns)


def without_hidden(name: str, cells: Cells, rows: Container[int], columns: Container[int]) -> tuple[Sheet, Cells]:
    """The cells moved together where rows or columns between them are hidden."""
    down = moved(max((cell.row + cell.rowspan for cell in cells), default=0), rows)
    across = moved(max((cell.column + cell.colspan for cell in cells), default=0), columns)
    kept = []
    for cell in cells:
        row, column = down[cell.row], across[cell.column]
        height, width = down[cell.row + cell.rowspan] - row, across[cell.column + cell.colspan] - column
        if height and width:
            kept.append(SheetCell(row, column, cell.text, height, width))
    return Sheet(name, *(tuple(i for i in range(len(b) - 1) if b[i + 1] > b[i]) for b in (down, across))), kept


def _cells(sheet: Any, marks: Marks) -> Cells:
    """A sheet's cells that are printed or merged, with their spans."""
    if not marks.texts and not (sheet.height and sheet.width):
        return []
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    bottom, right = sheet.end or (0, 0)
    bottom, right = max([bottom, *(r for r, _ in marks.texts)]), max([right, *(c for _, c in marks.texts)])
    for (top, left), (last_row, last_column) in sheet.merged_cell_ranges or ():
        rows, columns = min(last_row, bottom) - top + 1, min(last_column, max(right, left)) - left + 1
        if rows > 0 and columns > 0 and len(covered) < AREA_CAP:
            spans[top, left] = rows, columns
            covered |= {(top + i, left + j) for i in range(rows) for j in range(columns)} - {(top, left)}
    found: Cells = []
    values = {
        (r, c): shown(value)
        for r, row in enumerate(sheet.to_python(skip_empty_area=False) if sheet.height and sheet.width else ())
        for c, value in enumerate(row)
        if value != ""
    }
    values = {place: text for place, text in (values | marks.texts).items() if text}
    for place in sorted({*values, *spans} - covered):
        found.append(SheetCell(*place, values.get(place, ""), *spans.get(place, (1, 1))))
    return found


def shown(value: object) -> str:
    """A value as a cell without a number format prints it; a day without a time as the day alone."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, datetime):
        whole = value.hour == value.minute == value.second == 0
        return value.date().isoformat() if whole else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


# ---------------------------------------------------------------- OpenDocument


def _opendocument(payload: bytes) -> tuple[Sheets, tuple[tuple[str, str], ...]]:
    package = open_package(payload)
    content = package.xml("content.xml")
    hidden = {
        style.get(STYLE + "name")
        for style in content.iter(STYLE + "style")
        if any(look.get(TABLE + "display") == "false" for look in style)
    }
    tables = content.findall(f"{OFFICE}body/{OFFICE}spreadsheet/{TABLE}table")[:SHEETS_CAP]
    shown_ = [table for table in tables if table.get(TABLE + "style-name") not in hidden] or tables
    sheets = []
    for table in shown_:
        cells = [SheetCell(s.row, s.column, _printed(s), s.rowspan, s.colspan) for s in spots(table)]
        kept = [cell for cell in cells if cell.text or cell.rowspan > 1 or cell.colspan > 1]
        _check_area((cell.row + 1, cell.column + 1) for cell in kept)
        sheets.append(without_hidden(table.get(TABLE + "name") or "", kept, *hidden_of(table)))
    return sheets, properties(package)


def _printed(spot: Spot) -> str:
    """The lines a cell prints: its own paragraphs, not its comment's."""
    lines = []
    for paragraph in spot.element.findall(TEXT + "p"):
        spaced = [
            (" " * min(integer(node, TEXT + "c", 1), SPACES_CAP) if node.tag == TEXT + "s" else node.text or "")
            + ((node.tail or "") if node is not paragraph else "")
            for node in paragraph.iter()
            if isinstance(node.tag, str)
        ]
        lines.append("".join(spaced))
    text = "\n".join(lines)
    if text.strip() or spot.element.find(TEXT + "p") is not None:
        return text
    value = spot.element.get(OFFICE + "value") or spot.element.get(OFFICE + "string-value") or ""
    return value or (UNREAD if _shows(spot.element) else "")


def _shows(cell: Any) -> bool:
    """Whether a cell without text shows something all the same: a formula's result, a picture."""
    return bool(cell.get(TABLE + "formula")) or next(cell.iter(DRAW + "image", DRAW + "object"), None) is not None
