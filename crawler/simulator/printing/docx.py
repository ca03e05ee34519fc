"""DOCX with the habits of people: text in many runs, tracked changes, content controls, automatic numbers.

ECMA-376 part 1: w:ins/w:del (17.13.5), w:sdt (17.5.2), w:smartTag (17.5.1), w:numPr (17.9), w:vMerge and
w:gridSpan (17.4), w:hyperlink (17.16.22).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from crawler.simulator.printing.layout import grid, laid_out
from crawler.simulator.printing.package import package
from crawler.simulator.sheet import width

if TYPE_CHECKING:
    from crawler.simulator.sheet import Block, Content, Sheet, Slot

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}"'
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "styles": "styles",
    "numbering": "numbering",
    "settings": "settings",
    "footer1": "footer",
    "header1": "header",
}
_WHO = 'w:author="张" w:date="2024-01-15T09:00:00Z"'
_HEADING = re.compile(r"([一二三四五六七八九十])、(.*)", re.DOTALL)
_NUMERALS = "一二三四五六七八九十"


def written(content: Content, habit: str, seed: int) -> bytes:
    """The report as a ``.docx``; ``habit`` is ``plain`` or ``tracked`` (unaccepted changes and controls)."""
    rng = random.Random(f"docx:{habit}:{seed}")
    writer = Writer(rng, tracked=habit == "tracked", styled=rng.random() < 0.5, numbered=rng.random() < 0.35)
    blocks = laid_out(content, rng).blocks
    writer.numbered = writer.numbered and _in_order(blocks)
    body = "".join(writer.block(block) for block in blocks)
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId6"/><w:footerReference w:type="default" r:id="rId5"/>'
        '<w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    )
    document = f"{_XML}<w:document {_NAMESPACES}><w:body>{body}{section}</w:body></w:document>"
    return package(_members(content, document))


def _in_order(blocks: tuple[Block, ...]) -> bool:
    """Whether automatic numbers would print what the headings say."""
    found = [_HEADING.fullmatch(block.text) for block in blocks if block.kind == "heading"]
    numerals = [match[1] for match in found if match]
    return numerals == list(_NUMERALS[: len(numerals)])


@dataclass(slots=True)
class Writer:
    """Prints blocks as WordprocessingML; what it does by chance it draws from ``rng``."""

    rng: random.Random
    tracked: bool
    styled: bool
    numbered: bool
    revision: int = 100

    def block(self, block: Block) -> str:
        """One block; now and then within a content control."""
        if block.kind == "table":
            return self.table(block.sheet)
        text, properties = block.text, ""
        if block.kind == "heading":
            match = _HEADING.fullmatch(text)
            if self.styled:
                properties += '<w:pStyle w:val="1"/>'
            if match and self.numbered:
                text = match[2]
                properties += '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'
        elif block.kind == "title":
            properties += '<w:pStyle w:val="a3"/>' if self.styled else '<w:jc w:val="center"/>'
        else:
            properties += '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
        bold = block.kind != "paragraph" and not self.styled
        tab = "<w:r><w:tab/></w:r>" if block.kind == "paragraph" and self.rng.random() < 0.1 else ""
        paragraph = f"<w:p><w:pPr>{properties}</w:pPr>{tab}{self.runs(text, bold=bold)}</w:p>"
        if self.tracked and self.rng.random() < 0.15:
            return f'<w:sdt><w:sdtPr><w:alias w:val="正文"/></w:sdtPr><w:sdtContent>{paragraph}</w:sdtContent></w:sdt>'
        return paragraph

    def runs(self, text: str, *, bold: bool = False) -> str:
        """Text in runs cut anywhere; tracked documents hold deleted and inserted runs, smart tags, links."""
        look = (
            "<w:rPr><w:b/></w:rPr>"
            if bold
            else '<w:rPr><w:rFonts w:ascii="仿宋" w:eastAsia="仿宋" w:hint="eastAsia"/></w:rPr>'
        )
        out, rest = [], text
        while rest:
            size = self.rng.randint(1, 14)
            out.append(self._dressed(look, rest[:size]))
            rest = rest[size:]
        return "".join(out)

    def _dressed(self, look: str, piece: str) -> str:
        run = _run(look, piece)
        chance = self.rng.random()
        if not self.tracked or chance > 0.2:
            return run
        self.revision += 1
        if chance < 0.05:
            deleted = f'<w:del w:id="{self.revision}" {_WHO}><w:r>{look}<w:delText xml:space="preserve">{self.rng.randint(2, 99)}</w:delText></w:r></w:del>'
            return f'{deleted}<w:ins w:id="{self.revision + 1000}" {_WHO}>{run}</w:ins>'
        if chance < 0.1:
            return (
                f'<w:smartTag w:uri="urn:schemas-microsoft-com:office:smarttags" w:element="chsdate">{run}</w:smartTag>'
            )
        if chance < 0.15:
            return f'<w:bookmarkStart w:id="{self.revision}" w:name="b{self.revision}"/>{run}<w:bookmarkEnd w:id="{self.revision}"/><w:proofErr w:type="gramEnd"/>'
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{run}</w:sdtContent></w:sdt>"

    def table(self, sheet: Sheet) -> str:
        """A table with spans; rows may be wider than the grid says."""
        columns = "".join(f'<w:gridCol w:w="{self.rng.randint(500, 1500)}"/>' for _ in range(width(sheet)))
        rows = "".join(self._row(cells) for cells in grid(sheet))
        look = '<w:tblPr><w:tblStyle w:val="a4"/><w:tblW w:w="0" w:type="auto"/><w:tblBorders><w:top w:val="single" w:sz="4"/></w:tblBorders></w:tblPr>'
        after = "<w:p/>" if self.rng.random() < 0.5 else ""
        return f"<w:tbl>{look}<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>{after or '<w:p><w:pPr/></w:p>'}"

    def _row(self, cells: list[tuple[int, Slot, bool]]) -> str:
        head = '<w:trPr><w:cantSplit/><w:jc w:val="center"/></w:trPr>' if self.rng.random() < 0.4 else ""
        inner = "".join(self._cell(slot, begins=begins) for _, slot, begins in cells)
        if self.tracked and self.rng.random() < 0.05:
            return f"<w:sdt><w:sdtPr/><w:sdtContent><w:tr>{head}{inner}</w:tr></w:sdtContent></w:sdt>"
        return f"<w:tr>{head}{inner}</w:tr>"

    def _cell(self, slot: Slot, *, begins: bool) -> str:
        span = f'<w:gridSpan w:val="{slot.columns}"/>' if slot.columns > 1 else ""
        merge = "" if slot.rows == 1 else '<w:vMerge w:val="restart"/>' if begins else "<w:vMerge/>"
        look = f'<w:tcPr><w:tcW w:w="800" w:type="dxa"/>{span}{merge}<w:vAlign w:val="center"/></w:tcPr>'
        text = slot.text if begins else ""
        if "\n" in text and self.rng.random() < 0.5:
            inner = "".join(f"<w:p>{self.runs(line)}</w:p>" for line in text.split("\n"))
        else:
            inner = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{self.runs(text)}</w:p>'
        return f"<w:tc>{look}{inner}</w:tc>"


def _run(look: str, piece: str) -> str:
    texts = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' if line else "" for line in piece.split("\n"))
    return f"<w:r>{look}{'<w:br/>'.join(texts)}</w:r>"


def _members(content: Content, document: str) -> dict[str, str]:
    """The package's parts; header and footer are not the report's text."""
    types = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_MAIN}.{kind}+xml"/>' for part, kind in _PARTS.items()
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{kind}" Target="{part}.xml"/>'
        for i, (part, kind) in enumerate(_PARTS.items(), 2)
    )
    package_links = "http://schemas.openxmlformats.org/package/2006/relationships"
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{_MAIN}.document.main+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{types}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{package_links}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="{package_links}/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
        "word/document.xml": document,
        "word/_rels/document.xml.rels": f'{_XML}<Relationships xmlns="{package_links}">{links}</Relationships>',
        "word/styles.xml": f'{_XML}<w:styles {_NAMESPACES}><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Title"/><w:basedOn w:val="a"/></w:style><w:style w:type="table" w:styleId="a4"><w:name w:val="Table Grid"/></w:style></w:styles>',
        "word/numbering.xml": f'{_XML}<w:numbering {_NAMESPACES}><w:abstractNum w:abstractNumId="7"><w:multiLevelType w:val="hybridMultilevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="nothing"/><w:lvlText w:val="%1、"/><w:lvlJc w:val="left"/></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>',
        "word/settings.xml": f"{_XML}<w:settings {_NAMESPACES}><w:trackRevisions/></w:settings>",
        "word/footer1.xml": f'{_XML}<w:ftr {_NAMESPACES}><w:p><w:r><w:t>— </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple><w:r><w:t> —</w:t></w:r></w:p></w:ftr>',
        "word/header1.xml": f"{_XML}<w:hdr {_NAMESPACES}><w:p/></w:hdr>",
        "docProps/core.xml": f'{_XML}<cp:coreProperties xmlns:cp="{core}" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(content.title)}</dc:title><dc:creator>{escape(quoteattr(content.publisher)[1:-1])}</dc:creator></cp:coreProperties>',
    }
