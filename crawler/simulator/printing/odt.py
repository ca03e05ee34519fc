"""ODT as LibreOffice saves it: covered cells, repeated columns and rows, spans, spaces, tracked changes.

OpenDocument 1.2 part 1: table:covered-table-cell (9.1.5), table:number-columns-repeated (19.675),
text:s (6.1.3), text:line-break (6.1.5), text:tracked-changes (5.5.1).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from crawler.simulator.printing.layout import laid_out
from crawler.simulator.printing.package import package
from crawler.simulator.sheet import placed, width

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Content, Sheet, Slot

_TYPE = "application/vnd.oasis.opendocument.text"
_BASE = "urn:oasis:names:tc:opendocument:xmlns"
_NAMESPACES = " ".join(
    f'xmlns:{name}="{_BASE}:{path}"'
    for name, path in (
        ("office", "office:1.0"),
        ("style", "style:1.0"),
        ("text", "text:1.0"),
        ("table", "table:1.0"),
        ("meta", "meta:1.0"),
    )
)
_DELETED = '<text:tracked-changes><text:changed-region xml:id="ct1" text:id="ct1"><text:deletion><office:change-info/><text:p>此段 37 件已删去</text:p></text:deletion></text:changed-region></text:tracked-changes>'


def written(content: Content, seed: int) -> bytes:
    """The report as an ``.odt``."""
    rng = random.Random(f"odt:{seed}")
    writer = Writer(rng)
    inner = "".join(writer.block(block) for block in laid_out(content, rng, ragged=False).blocks)
    body = f"<office:body><office:text>{_DELETED if rng.random() < 0.3 else ''}<text:sequence-decls/>{inner}</office:text></office:body>"
    xml = '<?xml version="1.0" encoding="UTF-8"?>\n'
    styles = '<office:automatic-styles><style:style style:name="T1" style:family="text"/><style:style style:name="P1" style:family="paragraph"/></office:automatic-styles>'
    entry = "manifest:file-entry"
    return package(
        {
            "mimetype": _TYPE,
            "content.xml": f'{xml}<office:document-content {_NAMESPACES} office:version="1.2">{styles}{body}</office:document-content>',
            "meta.xml": f'{xml}<office:document-meta {_NAMESPACES} xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2"><office:meta><dc:title>{escape(content.title)}</dc:title></office:meta></office:document-meta>',
            "styles.xml": f'{xml}<office:document-styles {_NAMESPACES} office:version="1.2"><office:styles/></office:document-styles>',
            "META-INF/manifest.xml": f'{xml}<manifest:manifest xmlns:manifest="{_BASE}:manifest:1.0" manifest:version="1.2"><{entry} manifest:full-path="/" manifest:media-type="{_TYPE}"/><{entry} manifest:full-path="content.xml" manifest:media-type="text/xml"/><{entry} manifest:full-path="styles.xml" manifest:media-type="text/xml"/><{entry} manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>',
        },
        stored=["mimetype"],
    )


@dataclass(slots=True)
class Writer:
    """Prints blocks as OpenDocument text; what it does by chance it draws from ``rng``."""

    rng: random.Random
    tables: int = 0

    def block(self, block: Block) -> str:
        """One block."""
        if block.kind == "table":
            return self.table(block.sheet)
        if block.kind == "heading" and self.rng.random() < 0.6:
            return f'<text:h text:style-name="Heading_20_1" text:outline-level="1">{self.runs(block.text)}</text:h>'
        indent = '<text:s text:c="4"/>' if block.kind == "paragraph" and self.rng.random() < 0.4 else ""
        return f'<text:p text:style-name="P1">{indent}{self.runs(block.text)}</text:p>'

    def runs(self, text: str) -> str:
        """Text cut into spans anywhere; line breaks and doubled spaces as elements."""
        out, rest = [], text
        while rest:
            size = self.rng.randint(1, 20)
            safe = escape(rest[:size]).replace("\n", "<text:line-break/>").replace(" ", "<text:s/>")
            mark = "<text:soft-page-break/>" if self.rng.random() < 0.02 else ""
            out.append(
                mark + (f'<text:span text:style-name="T1">{safe}</text:span>' if self.rng.random() < 0.5 else safe)
            )
            rest = rest[size:]
        return "".join(out)

    def table(self, sheet: Sheet) -> str:
        """A table on a full grid: what a merged cell hides is a covered cell."""
        self.tables += 1
        columns = width(sheet)
        begins = {(row, column): slot for row, column, slot in placed(sheet)}
        hidden = {
            (row + down, column + right)
            for row, column, slot in placed(sheet)
            for down in range(slot.rows)
            for right in range(slot.columns)
        }
        rows = "".join(
            f"<table:table-row>{self._row(row, columns, begins, hidden)}</table:table-row>" for row in range(len(sheet))
        )
        name = f"表格{self.tables}"
        return f'<table:table table:name="{name}" table:style-name="{name}"><table:table-column table:number-columns-repeated="{columns}"/>{rows}</table:table>'

    def _row(self, row: int, columns: int, begins: dict[tuple[int, int], Slot], hidden: set[tuple[int, int]]) -> str:
        cells, column = [], 0
        while column < columns:
            if slot := begins.get((row, column)):
                cells.append(self._cell(slot))
            elif (row, column) in hidden:
                cells.append("<table:covered-table-cell/>")
            else:
                cells.append("<table:table-cell/>")
            column += 1
        return "".join(cells)

    def _cell(self, slot: Slot) -> str:
        spans = f' table:number-columns-spanned="{slot.columns}"' if slot.columns > 1 else ""
        spans += f' table:number-rows-spanned="{slot.rows}"' if slot.rows > 1 else ""
        typed = ""
        if slot.code and slot.text.isascii() and slot.text.isdigit() and self.rng.random() < 0.3:
            typed = f' office:value-type="float" office:value="{slot.text}"'
        lines = slot.text.split("\n") if self.rng.random() < 0.5 else [slot.text]
        inner = "".join(f'<text:p text:style-name="P1">{self.runs(line)}</text:p>' for line in lines)
        return f"<table:table-cell{spans}{typed}>{inner}</table:table-cell>"
