"""XLSX as spreadsheets hold reports: text and tables on one sheet, or a sheet a table; shared or inline strings.

ECMA-376 part 1: shared strings (18.4), inline strings (18.18.11), merged cells (18.3.1.55).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from crawler.simulator.printing.layout import laid_out
from crawler.simulator.printing.package import package
from crawler.simulator.sheet import placed, width

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Content, Sheet

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def written(content: Content, layout: str, seed: int) -> bytes:
    """The report as an ``.xlsx``; ``layout`` is ``sheet`` (all on one) or ``sheets`` (a table on each)."""
    rng = random.Random(f"xlsx:{layout}:{seed}")
    book = Book(rng, shared=rng.random() < 0.6, numeric=rng.random() < 0.6)
    blocks = laid_out(content, rng, flowing=False).blocks
    if layout == "sheet":
        book.add("Sheet1", list(blocks))
    else:
        book.add("说明", [block for block in blocks if block.kind != "table"])
        for number, block in enumerate((block for block in blocks if block.kind == "table"), 1):
            book.add(f"表{'一二三四五六七八九十'[number - 1]}", [block])
    return package(book.members(content))


@dataclass(slots=True)
class Book:
    """Sheets as they are filled; strings are counted once where they are shared."""

    rng: random.Random
    shared: bool
    numeric: bool
    sheets: list[tuple[str, str]] = field(default_factory=list)
    strings: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, blocks: list[Block]) -> None:
        """A sheet with these blocks under each other."""
        rows: dict[int, list[tuple[int, str]]] = {}
        merged: list[str] = []
        columns = max((width(block.sheet) for block in blocks if block.kind == "table"), default=8)
        at = 1 + (self.rng.random() < 0.2)
        for block in blocks:
            if block.kind == "table":
                self._table(block.sheet, at, rows, merged)
                at += len(block.sheet) + self.rng.randint(0, 2)
            else:
                rows.setdefault(at, []).append((0, self._cell(at, 0, block.text)))
                if self.rng.random() < 0.7:
                    merged.append(f"A{at}:{_letters(columns - 1)}{at}")
                at += 1
        lines = "".join(
            f'<row r="{row}">{"".join(cell for _, cell in sorted(cells))}</row>' for row, cells in sorted(rows.items())
        )
        spans = (
            f'<mergeCells count="{len(merged)}">{"".join(f"""<mergeCell ref="{ref}"/>""" for ref in merged)}</mergeCells>'
            if merged
            else ""
        )
        self.sheets.append(
            (
                name,
                f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1:{_letters(columns + 2)}{at}"/><sheetData>{lines}</sheetData>{spans}</worksheet>',
            )
        )

    def _table(self, sheet: Sheet, top: int, rows: dict[int, list[tuple[int, str]]], merged: list[str]) -> None:
        for row, column, slot in placed(sheet):
            at = top + row
            rows.setdefault(at, []).append((column, self._cell(at, column, slot.text)))
            if slot.rows > 1 or slot.columns > 1:
                merged.append(f"{_letters(column)}{at}:{_letters(column + slot.columns - 1)}{at + slot.rows - 1}")

    def _cell(self, row: int, column: int, text: str) -> str:
        ref = f"{_letters(column)}{row}"
        if not text:
            return f'<c r="{ref}" s="1"/>'
        if self.numeric and text.isascii() and text.isdigit() and str(int(text)) == text:
            return f'<c r="{ref}" s="1"><v>{text}</v></c>'
        if self.shared:
            index = self.strings.setdefault(text, len(self.strings))
            return f'<c r="{ref}" s="1" t="s"><v>{index}</v></c>'
        return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'

    def members(self, content: Content) -> dict[str, str]:
        """The package's parts."""
        numbers = range(1, len(self.sheets) + 1)
        types = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
        )
        listed = "".join(
            f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, (name, _) in enumerate(self.sheets, 1)
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        strings = "".join(self._string(text) for text in self.strings)
        last = len(self.sheets)
        parts = {
            "[Content_Types].xml": f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{types}<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/><Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
            "_rels/.rels": f'{_XML}<Relationships xmlns="{_LINKS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" Type="{_LINKS}/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
            "docProps/core.xml": f'{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(content.title)}</dc:title></cp:coreProperties>',
            "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_LINKS}">{links}<Relationship Id="rId{last + 1}" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId{last + 2}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
            "xl/sharedStrings.xml": f'{_XML}<sst xmlns="{_MAIN}" count="{len(self.strings)}" uniqueCount="{len(self.strings)}">{strings}</sst>',
            "xl/styles.xml": f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf applyAlignment="1"><alignment wrapText="1"/></xf></cellXfs></styleSheet>',
        }
        return parts | {f"xl/worksheets/sheet{n}.xml": text for n, (_, text) in enumerate(self.sheets, 1)}

    def _string(self, text: str) -> str:
        """A shared string, in two runs now and then, with the reading aid that East Asian editions write."""
        if len(text) > 3 and self.rng.random() < 0.2:
            at = self.rng.randint(1, len(text) - 1)
            runs = "".join(
                f'<r><rPr><sz val="11"/></rPr><t xml:space="preserve">{escape(part)}</t></r>'
                for part in (text[:at], text[at:])
            )
            return f'<si>{runs}<phoneticPr fontId="1" type="noConversion"/></si>'
        return f'<si><t xml:space="preserve">{escape(text)}</t></si>'


def _letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    return ("" if column < 26 else chr(64 + column // 26)) + chr(65 + column % 26)
