"""A DOCX writer: a report's blocks as WordprocessingML (ECMA-376), tables with gridSpan and vMerge."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from crawler.simulator.sheet import Block, Content, Sheet, Slot, placed, width

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{MEDIA_TYPE}.main+xml"/>'
    '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/>'
    '<Relationship Id="rId2" '
    'Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write(content: Content) -> bytes:
    """The report as a ``.docx``; the same report gives the same bytes."""
    blocks = "".join(_block(block) for block in content.blocks)
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{_WORD}"><w:body>{blocks}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    )
    core = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(content.title)}</dc:title></cp:coreProperties>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
            ("docProps/core.xml", core),
        ):
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _block(block: Block) -> str:
    if block.kind == "table":
        return _table(block.sheet)
    look = "" if block.kind == "paragraph" else "<w:rPr><w:b/></w:rPr>"
    middle = '<w:pPr><w:jc w:val="center"/></w:pPr>' if block.kind == "title" else ""
    return f"<w:p>{middle}{_runs(block.text, look)}</w:p>"


def _runs(text: str, look: str = "") -> str:
    """Text in two runs, as an editor leaves it after a correction."""
    cut = len(text) // 2 if len(text) > 8 else len(text)
    pieces = (piece for piece in (text[:cut], text[cut:]) if piece)
    return "".join(f'<w:r>{look}<w:t xml:space="preserve">{escape(piece)}</w:t></w:r>' for piece in pieces)


def _table(sheet: Sheet) -> str:
    columns = width(sheet)
    grid = "".join('<w:gridCol w:w="900"/>' for _ in range(columns))
    begins = {(row, column): slot for row, column, slot in placed(sheet)}
    covered = {(row + down, column): slot for (row, column), slot in begins.items() for down in range(1, slot.rows)}
    rows = "".join(_row(row, columns, begins, covered) for row in range(len(sheet)))
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'


def _row(row: int, columns: int, begins: dict[tuple[int, int], Slot], covered: dict[tuple[int, int], Slot]) -> str:
    cells = []
    for column in range(columns):
        if slot := begins.get((row, column)):
            merge = '<w:vMerge w:val="restart"/>' if slot.rows > 1 else ""
            cells.append(_cell(slot.columns, merge, _runs(slot.text)))
        elif slot := covered.get((row, column)):
            cells.append(_cell(slot.columns, "<w:vMerge/>", ""))
    return f"<w:tr>{''.join(cells)}</w:tr>"


def _cell(columns: int, merge: str, inner: str) -> str:
    span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    return f"<w:tc><w:tcPr>{span}{merge}</w:tcPr><w:p>{inner}</w:p></w:tc>"
